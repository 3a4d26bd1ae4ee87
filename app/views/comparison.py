"""Print therapists side by side for one client: what the client wants in rows, the therapists in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_text
from attune_fit.app.views.ranking import ANSWERS, VERBS

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.matching.explaining.side_by_side import ComparedTherapist, Comparison, ComparisonCell, ComparisonRow
    from attune_fit.matching.ranking.compared_fields import FieldValue

ROW_NAMES = {  # by the name of a row; any other name is printed without underscores
    "availability": "weekly times",
    "formats": "session formats",
    "updated_on": "roster row checked",
    "openings": "openings now",
}
STYLES = frozenset({"directiveness", "emotional_intensity", "past_focus", "warm_support"})  # scales with a sign
NOTHING = "–"  # where the client wants nothing about a row, or two cells have no code in common


def show_comparison(comparison: Comparison) -> None:
    """Print what differs in sentences, then the table: wishes, facts to check, estimates, and rules.

    Parameters
    ----------
    comparison : Comparison
    """
    print_text(f"\n[bold]Client {escape(comparison.client_id)}[/bold] · {len(comparison.therapists)} therapists")
    for sentence in comparison.findings:
        print_text(Text(sentence))
    print_text(_build_table(comparison))
    percent = f"{100 * comparison.interval:g}%"
    print_text(
        f"[dim]Wishes and rules: ✓ met, ✗ not met, ? unknown. Weekly times, session formats and the like show what "
        f"both have in common. Estimates: expected early alliance, {escape(comparison.instrument)} "
        f"{comparison.low:g}-{comparison.high:g}, with a {percent} interval for one rating. "
        f"Tables as of {comparison.as_of}.[/dim]"
    )


def _build_table(comparison: Comparison) -> Table:
    from attune_fit.matching.explaining.comparison_findings import list_short_texts

    grid = build_table("", "", "the client wants", *(escape(one.therapist_id) for one in comparison.therapists))
    section = comparison.rows[0].section
    for row in comparison.rows:
        if row.section != section:
            grid.add_section()
            section = row.section
        grid.add_row(_format_name(row), _format_wanted(row), *(_format_cell(row, cell) for cell in row.cells))
    grid.add_section()
    therapists = comparison.therapists
    grid.add_row("place", "", *(_format_place(one, comparison.candidates) for one in therapists))
    grid.add_row("estimate", "", *(Text(f"{one.score:.2f}", style="bold") for one in therapists))
    grid.add_row("interval", "", *(f"{one.low:.1f} to {one.high:.1f}" for one in therapists))
    if any(one.rules for one in therapists):
        grid.add_row("ruled out by", "", *(", ".join(list_short_texts(one)) for one in therapists))
    return grid


def _format_name(row: ComparisonRow) -> Text:
    return Text(ROW_NAMES.get(row.name, row.name.replace("_", " ")))


def _format_wanted(row: ComparisonRow) -> Text:
    """Return what the client wants; for a wish with its strength."""
    if row.wants is None:
        return Text(NOTHING, style="dim")
    wanted = _format_value(row, row.wants)
    return Text(f"{VERBS[row.strength]} {wanted}" if row.strength else wanted)


def _format_cell(row: ComparisonRow, cell: ComparisonCell) -> Text:
    """Return a therapist's cell, with a mark where it answers a wish or a rule."""
    value = Text("unknown" if cell.value is None else _format_value(row, cell.value))
    if not cell.answer:
        return value
    mark, style = ANSWERS[cell.answer]
    return Text.assemble((f"{mark} ", style), value)


def _format_value(row: ComparisonRow, value: FieldValue) -> str:
    """Return a value as text; points of a scale of style with their sign."""
    if isinstance(value, tuple):
        return ", ".join(value) or NOTHING
    if isinstance(value, float):
        return f"{value:+g}" if value and row.name in STYLES else f"{value:g}"
    return str(value)


def _format_place(one: ComparedTherapist, candidates: int) -> Text:
    """Return the place and the band on the client's list, or that a rule excludes the therapist."""
    if not one.position:
        return Text("ruled out", style="red")
    met = ", already met" if one.has_met else ""
    return Text(f"{one.position} of {candidates}, band {one.band}{met}")
