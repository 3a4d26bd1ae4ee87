"""Print why a therapist is not on a client's list, or not higher on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.journal_hints import format_decline_search, format_roster_check
from attune_fit.app.views.ranking import format_wish
from attune_fit.app.views.score_breakdown import FAMILIES, round_additively

if TYPE_CHECKING:
    from attune_fit.matching.explaining.therapist_comparison import TermDifference, TherapistComparison
    from attune_fit.matching.explaining.why_not import ExclusionDetail, WhyNotResult

N_TERMS = 6  # terms printed under the families; --json has all of them
MIN_SAME_POINTS = 0.03  # points; a smaller difference between two equal texts is printed in the sum of the others
NO_TEXT = "unknown or typical"  # where a term has no text for one of the two
DECIDED_BY = {
    "rules": "One of the two is ruled out: the rules decide, not the score.",
    "bands": "They are in different bands, and the higher band comes first.",
    "wishes": "They share a band: inside it, more honoured wishes come first.",
    "turn": "They share a band and honour the same number of wishes: the tie is broken at random.",
}


def show_why_not(result: WhyNotResult, folder: object = "CLINIC") -> None:
    """Print the rules that exclude the therapist, or the position on the list; then the comparison.

    ``folder`` is that of the clinic, for the commands of the journal that help.
    """
    print_text(f"\n[bold]Client {escape(result.client_id)}, why not therapist {escape(result.therapist_id)}?[/bold]")
    if result.position:
        print_text(f"Available: number {result.position} of {result.candidates}, band {result.band}.")
    for ground in result.grounds:
        print_text(_format_ground(ground))
    if result.grounds:
        every = "All of these must change. " if len(result.grounds) > 1 else ""
        print_text(f"[dim]{every}{_format_roster_age(result)}[/dim]")
        rules = {ground.broken.rule for ground in result.grounds}
        if "declined" in rules:
            print_text(format_decline_search(folder, result.client_id, result.therapist_id))
        if "roster_age" in rules:
            print_text(format_roster_check(folder, result.therapist_id))
    if result.versus:
        _show_comparison(result, result.versus)
    elif result.position == 1:
        print_text("First on the list. Name another therapist with --against to compare.")


def _format_ground(ground: ExclusionDetail) -> Table:
    """Return one exclusion: the rule, what the tables hold, and what would lift it."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim", width=11)
    lines.add_column()
    broken = ground.broken
    lines.add_row(Text(broken.rule, style="red"), Text(broken.says, style="bold"))
    facts = " · ".join(f"{fact.place}: {fact.says or 'unknown'}" for fact in ground.facts)
    if facts or ground.limit:
        lines.add_row("data", " · ".join(filter(None, (facts, ground.limit))))
    lines.add_row("must change", "; or ".join(ground.lifted_by) or f"Attune proposes nothing here ({broken.lifts})")
    return lines


def _format_roster_age(result: WhyNotResult) -> str:
    """Return when the therapist's row of the roster was last checked."""
    if result.checked_days is None:
        return f"The date of the last check of this roster row is unknown. Tables as of {result.as_of}."
    days = f"{result.checked_days} day{'' if result.checked_days == 1 else 's'} before {result.as_of}"
    return f"This roster row, with its openings and hours, was last checked on {result.checked_on}, {days}."


def _show_comparison(result: WhyNotResult, comparison: TherapistComparison) -> None:
    """Print the difference of the two scores by family and by term, and what decides the order."""
    this, other = result.therapist_id, comparison.therapist_id
    place = f"number {comparison.position}, band {comparison.band}" if comparison.position else "ruled out"
    print_text(
        f"\n[bold]Compared with {escape(other)}[/bold] ({place}): expected {result.instrument} of {escape(other)} "
        f"{comparison.other_score:.2f}, of {escape(this)} {comparison.score:.2f}; difference {comparison.points:+.2f}. "
        f"{escape(other)} is higher with probability {comparison.better:.2f}."
    )
    print_text(Text(result.verdict, style="italic"))
    grid = build_table(f"{other} minus {this}", "family", ">points", "what it is")
    rounded = round_additively(comparison.families.values())
    for family, points in zip(comparison.families, rounded, strict=True):
        grid.add_row(Text(family, style="bold"), f"{points:+.3f}", FAMILIES[family])
    grid.add_section()
    grid.add_row("difference", f"{round(comparison.points, 3):+.3f}", "")
    print_text(grid)
    print_text(_build_term_table(comparison, this))
    for name, wishes in ((this, comparison.wishes), (other, comparison.other_wishes)):
        if wishes:
            print_text(Text.assemble((f"{name}  ", "bold"), Text(" · ").join(format_wish(wish) for wish in wishes)))
    print_text(DECIDED_BY[comparison.decided_by])


def _build_term_table(comparison: TherapistComparison, this: str) -> Table:
    """Return the largest terms of the difference in words, and the sum of the others; together the difference."""
    other = comparison.therapist_id
    shown = [term for term in comparison.terms if _has_text_to_compare(term)][:N_TERMS]
    n_others = len(comparison.terms) - len(shown)
    sizes = [term.points for term in shown]
    *points, rest = round_additively([*sizes, comparison.points - sum(sizes)])
    grid = build_table(f"Largest terms of the difference: + favours {other}", ">points", this, other)
    for term, size in zip(shown, points, strict=True):
        grid.add_row(f"{size:+.3f}", *_describe_term(term))
    if n_others:
        grid.add_row(f"{rest:+.3f}", f"{format_count(n_others, 'other term')} together (--json)")
    grid.add_section()
    grid.add_row(f"{round(comparison.points, 3):+.3f}", "difference")
    return grid


def _has_text_to_compare(term: TermDifference) -> bool:
    """Return whether a term has something to read: different texts, or the same text and a clear difference."""
    if term.here == term.there:
        return bool(term.here) and abs(term.points) >= MIN_SAME_POINTS
    return True


def _describe_term(term: TermDifference) -> tuple[str, str]:
    """Return the texts for this therapist and for the other; of two equal texts, the better side keeps it."""
    if term.here == term.there:
        less = "the same, but a little less favourable"
        return (less, term.there) if term.points > 0 else (term.here, less)
    name = term.name.replace("_", " ")
    return term.here or f"{name}: {NO_TEXT}", term.there or f"{name}: {NO_TEXT}"
