"""Print the terms of one pair's score, which add up to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.matching.explaining.score_breakdown import ScoreBreakdown, ScoreTerm

PARTS = {
    "baseline": "from the client's intake, the same for every therapist; it never changes a ranking",
    "evidence": "published effects for this pair, updated by this clinic's records",
    "learned": "correction by LightGBM (trees)",
    "limit": "keeps the estimate within the range of the form",
    "therapist": "the therapist's own effect, with shrinkage; 0 without records",
}
FAMILIES = {
    "level": "where the sum starts: a typical pair",
    "intake": "from the client's answers, the same for every therapist",
    "style": "how the therapist works, and how the client wants to work",
    "wishes": "what the client asked for",
    "problems": "the client's problems, and the therapist's focus",
    "attachment": "attachment styles that might complement each other: hypotheses",
    "practical": "practical matters: hours, languages and formats in common",
    "therapist": "the same for every client of this therapist",
    "declared": "the clinic's own features",
    "limit": "keeps the estimate within the range of the form",
}
MIN_POINTS_SHOWN = 0.005  # points; a smaller term does not show in the second decimal


def show_score_breakdown(breakdown: ScoreBreakdown) -> None:
    """Print the rules that exclude the therapist, the parts of the score, and the terms by family."""
    print_text(f"\n[bold]Client {escape(breakdown.client_id)} with therapist {escape(breakdown.therapist_id)}[/bold]")
    for broken in breakdown.rules:
        why = f"{broken.rule}: {broken.says}. To change this: {broken.lifts}."
        print_text(Text.assemble(("Ruled out, ", "red"), why))
    print_text(Text(breakdown.verdict, style="italic"))
    parts = build_table("", "part", f">{breakdown.instrument} points", "what it is")
    for name, points in zip(breakdown.parts, round_additively(breakdown.parts.values()), strict=True):
        parts.add_row(name, f"{points:+.3f}", PARTS[name])
    parts.add_section()
    parts.add_row(
        "expected alliance", f"{breakdown.score:.3f}", f"one early rating: {breakdown.low:.2f} to {breakdown.high:.2f}"
    )
    print_text(parts)
    print_text(_build_family_table(breakdown))
    print_text(
        "[dim]Terms are differences from a typical pair. Reasons in a ranking are differences from the average of the "
        "available therapists. Every column adds up as printed.[/dim]"
    )


def round_additively(points: Iterable[float], decimals: int = 3) -> list[float]:
    """Return numbers rounded so that they add up, as printed, to their rounded sum.

    Each running total is rounded, and each number is the difference of two of them (cumulative rounding). A number can
    differ from its own rounding by one in the last decimal.

    >>> round_additively([0.0004, 0.0004, 0.0004])
    [0.0, 0.001, 0.0]
    """
    sums = [round(total, decimals) for total in accumulate(points, initial=0.0)]
    return [round(after - before, decimals) for before, after in pairwise(sums)]


def _build_family_table(breakdown: ScoreBreakdown) -> Table:
    """Return a table of the families with their subtotals, and under each family its terms."""
    rows = [
        row
        for family in breakdown.families
        for row in _list_rows(family, [a for a in breakdown.addends if a.family == family])
    ]
    points = round_additively(size for _, _, size, _ in rows)
    grid = build_table("By family", "family", "term", ">points", "this pair")
    for family, total in _sum_by_family([row[0] for row in rows], points).items():
        grid.add_row(Text(family, style="bold"), "", Text(f"{total:+.3f}", style="bold"), FAMILIES[family])
        for (own, name, _, says), size in zip(rows, points, strict=True):
            if own == family and name:
                grid.add_row("", name, f"{size:+.3f}", says)
    grid.add_section()
    grid.add_row("expected alliance", "", f"{breakdown.score:.3f}", "")
    return grid


def _list_rows(family: str, terms: Sequence[ScoreTerm]) -> list[tuple[str, str, float, str]]:
    """Return family, term, points and sentence of each row; small terms share one row.

    A family of one term gets no row under itself.
    """
    if family in ("level", "limit"):
        return [(family, "", term.points, "") for term in terms]
    large = [term for term in terms if abs(term.points) >= MIN_POINTS_SHOWN]
    small = [term for term in terms if abs(term.points) < MIN_POINTS_SHOWN]
    rows = [
        (family, term.name, term.points, term.says if term.known else "unknown: treated as typical") for term in large
    ]
    if small:
        name = format_count(len(small), "other")
        rows.append((family, name, sum(term.points for term in small), f"under {MIN_POINTS_SHOWN:g} points each"))
    return rows


def _sum_by_family(families: Sequence[str], points: Sequence[float]) -> dict[str, float]:
    """Return the subtotal of the printed numbers of each family, in the order given."""
    totals = dict.fromkeys(families, 0.0)
    for family, size in zip(families, points, strict=True):
        totals[family] = round(totals[family] + size, 3)
    return totals
