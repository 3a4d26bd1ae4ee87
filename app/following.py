"""The commands for pairs that met: follow-up and rematch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.ranking import opened
from attune_fit.app.terminal.console import aside, counted, out, print_json, said, table, working

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.matching.follow_up.follow_up import FollowUpReport
    from attune_fit.matching.follow_up.rematch import RematchResult
    from attune_fit.matching.follow_up.rematch_outcomes import MeanChange, RematchOutcomes

FEWEST = 10  # checks before their share is told


def followed(folder: Path, *, as_json: bool) -> None:
    """Print the pairs with something to look at, what counts as weak, and how many checks were done."""
    from attune_fit.matching.follow_up.follow_up import follow_up
    from attune_fit.workspace import read_clinic

    with working("reading the tables"):
        clinic, tables = read_clinic(folder)
        found = follow_up(clinic, tables)
    if as_json:
        return print_json(found.to_dict())
    return _show_follow_up(found, folder)


def rematched(folder: Path, client: str, shortlist: int | None, seed: int | None, *, as_json: bool) -> None:
    """Print what is known of the pairs met, the ranking of the others, and what a change may bring."""
    from attune_fit.app.views.ranking import show_ranking
    from attune_fit.matching.follow_up.rematch import rematch
    from attune_fit.matching.follow_up.rematch_outcomes import compute_rematch_outcomes
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.ranking_log import log_rankings

    with working("reading the tables"):
        clinic, tables, model = opened(folder)
        found = rematch(model, clinic, tables, client, seed)
        seen = compute_rematch_outcomes(clinic, tables, RosterScorer.from_clinic(model, clinic, tables).points_per_pomp)
    if as_json:
        print_json({**found.to_dict(), "observed_changes": seen.to_dict()})
    else:
        instrument = clinic.instruments[found.ranking.instrument]
        show_ranking(found.ranking, instrument, shortlist)
        _show_change(found, instrument, shortlist)
        _show_observed(seen)
    note = log_rankings(clinic, [found.ranking], shortlist, kind="rematch")
    if note:
        aside(note)


def _show_follow_up(found: FollowUpReport, folder: Path) -> None:
    from attune_fit.matching.follow_up.flags import FLAGS

    here = [flag for flag in FLAGS if any(flag.name in one.flags for one in found.pairs)]
    if not found.due and not found.pairs:
        said("Nobody can be followed up: no row of `outcomes` says who of the roster met whom.")
        return
    grid = table(f"Pairs to look at, as of {found.as_of}: {len(found.pairs)}", "flag", "client", "therapist",
                 ">session", ">days since it began", "early alliance")  # fmt: skip
    for one in found.pairs:
        score = "no score" if one.score is None else f"{one.score:.2f} {one.instrument}"
        numbers = ("?" if number is None else str(number) for number in (one.session, one.days))
        grid.add_row(", ".join(one.flags), Text(one.client_id, style="bold"), Text(one.therapist_id), *numbers, score)
    out().print(grid)
    for flag in here:
        out().print(Text.assemble((flag.name, "bold"), f": {flag.description}. To do: {flag.action}."))
        out().print(Text(flag.evidence, style="dim"))
    for rule in found.rules:
        limit = "not told apart" if rule.points is None else f"{rule.points:.2f} or lower"
        out().print(Text(f"Weak in {rule.instrument}: {limit} ({rule.because})."))
    share = f" ({found.done / found.due:.0%})" if found.due >= FEWEST else ""
    said(f"Of {counted(found.due, 'check')} that have been due, {found.done:,} have an early score{share}.")
    if found.missing_by_therapist:
        named = ", ".join(f"{escape(name)} {number}" for name, number in found.missing_by_therapist.items())
        said(f"Checks missing, by whom to remind: {named}.")
    if found.elsewhere:
        says = "do not wait, and no row of `outcomes` says whom of the roster they met: nobody can follow them up"
        said(f"{counted(found.elsewhere, 'client')} {says}.")
    weak = [one for one in found.pairs if "weak" in one.flags]
    if weak:
        said(f"[dim]Next: attune rematch {escape(str(folder))} --client {escape(weak[0].client_id)}[/dim]")


def _show_change(found: RematchResult, instrument: Instrument, shortlist: int | None) -> None:
    """What was said of those met, and what each candidate may bring beside going on."""
    ranking = found.ranking
    for one in found.met:
        rated = "no early score" if one.rated is None else f"rated {one.rated:.2f}"
        said(f"[bold]{escape(one.therapist_id)}[/bold]: {rated}; if they go on, {one.expected:.2f} is to be expected.")
    said(
        f"This client rates any therapist {found.level:+.2f} points from what intake says "
        f"({found.level_low:+.2f} to {found.level_high:+.2f}): that moves every score, never the order."
    )
    now = found.met[-1].therapist_id
    title = f"Change to expect in place of going on with {now}, {instrument.name} points"
    sure = f"{100 * ranking.interval:g}% interval, if much"
    grid = table(title, "therapist", ">if pairs differ little", ">if they differ much", sure)
    for change in found.changes[: shortlist or ranking.shortlist]:
        much, little = f"{change.points:+.2f}", f"{change.if_pairs_differ_little:+.2f}"
        grid.add_row(Text(change.therapist_id, style="bold"), little, much, f"{change.low:+.2f} to {change.high:+.2f}")
    out().print(grid)
    said(
        "[dim]Part of a weak score is chance and comes back by itself, so that going on is expected at more than was "
        "rated. How much depends on how far pairs differ for good, which no published data can tell: little and much "
        "are the ends of what is thought possible. What is expected above, of going on and of each therapist, takes "
        "them to differ much; on synthetic clinics whose pairs do not differ, nothing of such a change comes. Talk to "
        "both first; we know of no trial that changed therapists "
        "on a score.[/dim]"
    )


def _show_observed(seen: RematchOutcomes) -> None:
    if not seen.moved.clients + seen.stayed.clients:
        return
    said(
        "In your records, clients whose first early alliance was weak: "
        f"{_mean(seen.moved)} with a second therapist; {_mean(seen.stayed)} later on with the same."
    )
    if seen.moved.mean is not None:
        said("[dim]Weak scores rise by chance alone; who changed was not drawn by lot. Compare the two.[/dim]")


def _mean(one: MeanChange) -> str:
    if one.mean is None:
        return f"{counted(one.clients, 'client')} (too few for a mean)"
    return f"{counted(one.clients, 'client')}, {one.mean:+.2f} points [{one.low:+.2f}, {one.high:+.2f}]"
