"""Print a second recommendation: the ranking of the other therapists, and what a change is expected to bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.ranking import show_rankings

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.matching.follow_up.rematch import RematchResult
    from attune_fit.matching.follow_up.rematch_outcomes import MeanChange, RematchOutcomes
    from attune_fit.workspace import Workspace


def show_rematch(
    result: RematchResult, outcomes: RematchOutcomes, workspace: Workspace, shortlist: int | None, *, why: bool
) -> None:
    """Print the ranking as :func:`show_ranking` does, then the expected and the observed effects of a change."""
    instrument = workspace.clinic.instruments[result.ranking.instrument]
    show_rankings(result.ranking, workspace, shortlist, why=why)
    _show_expected_change(result, instrument, shortlist)
    _show_observed_changes(outcomes)


def _show_expected_change(result: RematchResult, instrument: Instrument, shortlist: int | None) -> None:
    """Print the ratings of the therapists met, and each candidate's expected alliance less that of going on."""
    ranking = result.ranking
    for met in result.met:
        rated = "no early score" if met.rated is None else f"rated {met.rated:.2f}"
        name = escape(met.therapist_id)
        print_text(f"[bold]{name}[/bold]: {rated}; without a change, {met.expected:.2f} is expected.")
    print_text(
        f"This client's own level: {result.level:+.2f} points from the estimate at intake "
        f"({result.level_low:+.2f} to {result.level_high:+.2f}). It changes every score equally, never the order."
    )
    title = f"Expected difference from staying with {result.met[-1].therapist_id}, {instrument.name} points"
    interval = f"{100 * ranking.interval:g}% interval, if much"
    grid = build_table(title, "therapist", ">if pairs differ little", ">if they differ much", interval)
    for change in result.changes[: shortlist or ranking.shortlist]:
        much, little = f"{change.points:+.2f}", f"{change.if_pairs_differ_little:+.2f}"
        grid.add_row(Text(change.therapist_id, style="bold"), little, much, f"{change.low:+.2f} to {change.high:+.2f}")
    print_text(grid)
    print_text(
        "[dim]Part of a weak score is chance and improves without a change (regression to the mean). So the expected "
        "score without a change is higher than the rating. How much higher depends on how far pairs differ for good. "
        "No published data show this: little and much are the ends of the plausible range. The expected scores above "
        "assume much. On synthetic clinics whose pairs do not differ, a change brings nothing. Talk to both people "
        "first. We know of no trial that changed therapists because of a score.[/dim]"
    )


def _show_observed_changes(outcomes: RematchOutcomes) -> None:
    """Print the mean change of alliance with a second therapist, and with the same one, in the clinic's records."""
    if not outcomes.moved.clients + outcomes.stayed.clients:
        return
    print_text(
        "In your records, change of alliance after a weak first score: "
        f"{_format_mean(outcomes.moved)} with a second therapist; "
        f"{_format_mean(outcomes.stayed)} later with the same one."
    )
    if outcomes.moved.mean is not None:
        print_text(
            "[dim]Weak scores rise by chance alone, and no client changed at random. Compare the two numbers.[/dim]"
        )


def _format_mean(change: MeanChange) -> str:
    clients = format_count(change.clients, "client")
    if change.mean is None:
        return f"{clients} (too few for a mean)"
    return f"{clients}, {change.mean:+.2f} points [{change.low:+.2f}, {change.high:+.2f}]"
