"""Print why a therapist is not on a client's list, or not higher on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_text
from attune_fit.app.views.ranking import format_wish
from attune_fit.app.views.score_breakdown import FAMILIES, round_additively

if TYPE_CHECKING:
    from attune_fit.matching.explaining.therapist_comparison import TherapistComparison
    from attune_fit.matching.explaining.why_not import ExclusionDetail, WhyNotResult

N_TERMS = 6  # terms printed under the families; --json has all of them
DECIDED_BY = {
    "rules": "One of the two cannot be offered: the rules decide, not the score.",
    "bands": "They stand in different bands: the estimates can be told apart, and the higher band comes first.",
    "wishes": "They share a band: the estimates cannot be told apart, and honoured wishes come first.",
    "turn": "They share a band and honour as many wishes: it is a matter of turn.",
}


def show_why_not(result: WhyNotResult) -> None:
    """Print the rules that exclude the therapist, or the position on the list; then the comparison."""
    print_text(f"\n[bold]Client {escape(result.client_id)}, why not therapist {escape(result.therapist_id)}?[/bold]")
    if result.position:
        print_text(f"Can be offered: number {result.position} of {result.candidates}, band {result.band}.")
    for ground in result.grounds:
        print_text(_format_ground(ground))
    if result.grounds:
        every = "Every one of these has to be lifted. " if len(result.grounds) > 1 else ""
        print_text(f"[dim]{every}{_format_roster_age(result)}[/dim]")
    if result.versus:
        _show_comparison(result, result.versus)
    elif result.position == 1:
        print_text("First on the list: nobody stands above. Name another with --against.")


def _format_ground(ground: ExclusionDetail) -> Table:
    """Return one exclusion: the rule, what the tables hold, and what would lift it."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim", width=11)
    lines.add_column()
    broken = ground.broken
    lines.add_row(Text(broken.rule, style="red"), Text(broken.says, style="bold"))
    facts = " · ".join(f"{fact.place}: {fact.says or 'unknown'}" for fact in ground.facts)
    if facts or ground.limit:
        lines.add_row("tables say", " · ".join(filter(None, (facts, ground.limit))))
    lines.add_row("lifted by", "; or ".join(ground.lifted_by) or f"nothing Attune would propose ({broken.lifts})")
    return lines


def _format_roster_age(result: WhyNotResult) -> str:
    """Return when the therapist's row of the roster was last checked."""
    if result.checked_days is None:
        return f"When the roster row was last checked is not known; the tables speak of {result.as_of}."
    days = f"{result.checked_days} day{'' if result.checked_days == 1 else 's'} before {result.as_of}"
    return f"The roster row, its openings and hours with it, was checked on {result.checked_on}, {days}."


def _show_comparison(result: WhyNotResult, comparison: TherapistComparison) -> None:
    """Print the difference of the two scores by family and by term, and what decides the order."""
    this, other = result.therapist_id, comparison.therapist_id
    place = f"number {comparison.position}, band {comparison.band}" if comparison.position else "cannot be offered"
    print_text(
        f"\n[bold]Against {escape(other)}[/bold] ({place}): expected {result.instrument} "
        f"{comparison.other_score:.2f} against {comparison.score:.2f}, {comparison.points:+.2f}. "
        f"{escape(other)} is better with probability {comparison.better:.2f}."
    )
    print_text(Text(result.verdict, style="italic"))
    grid = build_table(f"{other} less {this}", "family", ">points", "what it is")
    rounded = round_additively(comparison.families.values())
    for family, points in zip(comparison.families, rounded, strict=True):
        grid.add_row(Text(family, style="bold"), f"{points:+.3f}", FAMILIES[family])
    grid.add_section()
    grid.add_row("difference", f"{round(comparison.points, 3):+.3f}", "")
    print_text(grid)
    terms = build_table("The largest terms of it", "term", ">points", this, other)
    for term in comparison.terms[:N_TERMS]:
        terms.add_row(term.name, f"{term.points:+.3f}", term.here, term.there)
    print_text(terms)
    for name, wishes in ((this, comparison.wishes), (other, comparison.other_wishes)):
        if wishes:
            print_text(Text.assemble((f"{name}  ", "bold"), Text(" · ").join(format_wish(wish) for wish in wishes)))
    print_text(DECIDED_BY[comparison.decided_by])
