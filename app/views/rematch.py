"""Print a second recommendation: the ranking of the other therapists, and what a change is expected to bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.ranking import show_rankings

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.matching.follow_up.rematch import MetTherapist, RematchResult
    from attune_fit.matching.follow_up.rematch_outcomes import MeanChange, RematchOutcomes
    from attune_fit.workspace import Workspace


def show_rematch(
    result: RematchResult, outcomes: RematchOutcomes, workspace: Workspace, shortlist: int | None, *, why: bool
) -> None:
    """Print the ranking as :func:`show_ranking` does, then the expected and the observed effects of a change."""
    instrument = workspace.clinic.instruments[result.ranking.instrument]
    show_rankings(result.ranking, workspace, shortlist, why=why)
    _show_expected_change(result, instrument, shortlist, why=why)
    _show_observed_changes(outcomes)


def _show_expected_change(result: RematchResult, instrument: Instrument, shortlist: int | None, *, why: bool) -> None:
    """Print the ratings of the therapists met, and each candidate's expected alliance less that of going on."""
    for met in result.met:
        print_text(_format_met(met))
    is_rated = any(met.rated is not None for met in result.met)
    if is_rated:
        print_text(
            f"This client's own level: {result.level:+.2f} points from the estimate at intake "
            f"({result.level_low:+.2f} to {result.level_high:+.2f}). It changes every score equally, never the order."
        )
    print_text(_build_change_table(result, instrument, shortlist, is_rated=is_rated))
    if is_rated:
        print_text(
            "Use the cautious estimate: it relies less on one rating, which is partly chance. The expected scores "
            "above assume that pairs differ a lot."
        )
    if is_rated and why:
        print_text(
            "[dim]Part of a weak score is chance and improves without a change (regression to the mean). So the "
            "expected score without a change is higher than the rating. How much higher depends on how far pairs "
            "differ for good. No published data show this: the two columns are the ends of the plausible range. On "
            "synthetic clinics whose pairs do not differ, a change brings nothing.[/dim]"
        )
    print_text("[dim]Talk to both people first. We know of no trial that changed therapists because of a score.[/dim]")


def _format_met(met: MetTherapist) -> str:
    """Describe one therapist met: the rating and the expected score, or that there is no rating."""
    name = f"[bold]{escape(met.therapist_id)}[/bold]"
    if met.rated is None:
        return (
            f"{name}: no early score exists, so how this pair went is unknown. "
            f"The estimate for going on is {met.expected:.2f}; if the client has left, this is no option."
        )
    return f"{name}: rated {met.rated:.2f}; without a change, {met.expected:.2f} is expected."


def _build_change_table(
    result: RematchResult, instrument: Instrument, shortlist: int | None, *, is_rated: bool
) -> Table:
    """Return the expected differences; without a rating both assumptions give the same one, so one column is enough."""
    last, ranking = result.met[-1], result.ranking
    whom = f"the estimate for {last.therapist_id}" if last.rated is None else f"staying with {last.therapist_id}"
    title = f"Expected difference from {whom}, {instrument.name} points"
    percent = f"{100 * ranking.interval:g}% interval"
    if is_rated:
        grid = build_table(title, "therapist", ">cautious estimate", ">if pairs differ a lot", f"{percent}, if a lot")
    else:
        grid = build_table(title, "therapist", ">difference", percent)
    for change in result.changes[: shortlist or ranking.shortlist]:
        cautious = [f"{change.if_pairs_differ_little:+.2f}"] if is_rated else []
        name, interval = Text(change.therapist_id, style="bold"), f"{change.low:+.2f} to {change.high:+.2f}"
        grid.add_row(name, *cautious, f"{change.points:+.2f}", interval)
    return grid


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
