"""The sum behind one pair's score, as it reads in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import counted, out, said, table

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.matching.explaining.score_breakdown import ScoreBreakdown, ScoreTerm

PARTS = {
    "baseline": "what the client's intake says about any therapist; it never moves a ranking",
    "evidence": "published effects on this pair, moved by this clinic's records",
    "learned": "what LightGBM adds to them",
    "limit": "no rating lies beyond the ends of the form",
    "therapist": "the therapist's own effect, shrunken; 0 for one not seen yet",
}
FAMILIES = {
    "level": "where the sum begins: everything typical",
    "intake": "what the client's answers say about any therapist",
    "style": "how the therapist works, and how the client wants to work",
    "wishes": "what the client asked for",
    "problems": "what the client comes with, and what the therapist has as a focus",
    "attachment": "a different response that may repair: hypotheses",
    "practical": "room to arrange the work",
    "therapist": "what the therapist brings to every client",
    "declared": "the clinic's own features",
    "limit": "no rating lies beyond the ends of the form",
}
SMALL = 0.005  # points: below, a term is not seen in the second decimal


def show_explanation(told: ScoreBreakdown) -> None:
    """Print the four parts, the sum by family, and the rules that leave the therapist out."""
    said(f"\n[bold]Client {escape(told.client_id)} with therapist {escape(told.therapist_id)}[/bold]")
    for broken in told.rules:
        why = f"{broken.rule}: {broken.says}. What would lift it: {broken.lifts}."
        out().print(Text.assemble(("Not to be offered, ", "red"), why))
    out().print(Text(told.verdict, style="italic"))
    parts = table("", "part", f">{told.instrument} points", "what it is")
    for name, points in zip(told.parts, adding_up(told.parts.values()), strict=True):
        parts.add_row(name, f"{points:+.3f}", PARTS[name])
    parts.add_section()
    parts.add_row("expected alliance", f"{told.score:.3f}", f"one early rating: {told.low:.2f} to {told.high:.2f}")
    out().print(parts)
    out().print(_by_family(told))
    said(
        "[dim]Terms are measured from a typical pair; reasons in a ranking from the average of those offered. "
        "Every column adds up as printed.[/dim]"
    )


def adding_up(points: Iterable[float], decimals: int = 3) -> list[float]:
    """Numbers rounded so that they add up, as printed, to their rounded sum.

    >>> adding_up([0.0004, 0.0004, 0.0004])
    [0.0, 0.001, 0.0]
    """
    sums = [round(total, decimals) for total in accumulate(points, initial=0.0)]
    return [round(after - before, decimals) for before, after in pairwise(sums)]


def _by_family(told: ScoreBreakdown) -> Table:
    """Each family with what its terms add up to, and the terms that can be seen under it."""
    rows = [row for family in told.families for row in _rows(family, [a for a in told.addends if a.family == family])]
    points = adding_up(size for _, _, size, _ in rows)
    shown = table("By family", "family", "term", ">points", "what is true of the pair")
    for family, total in _totals([row[0] for row in rows], points).items():
        shown.add_row(Text(family, style="bold"), "", Text(f"{total:+.3f}", style="bold"), FAMILIES[family])
        for (own, name, _, says), size in zip(rows, points, strict=True):
            if own == family and name:
                shown.add_row("", name, f"{size:+.3f}", says)
    shown.add_section()
    shown.add_row("expected alliance", "", f"{told.score:.3f}", "")
    return shown


def _rows(family: str, terms: Sequence[ScoreTerm]) -> list[tuple[str, str, float, str]]:
    """Family, term, points and sentence; small terms together. A family that is one term is not listed under itself."""
    seen = [one for one in terms if abs(one.points) >= SMALL]
    rest = [one for one in terms if abs(one.points) < SMALL]
    if family in ("level", "limit"):
        return [(family, "", one.points, "") for one in terms]
    rows = [(family, one.name, one.points, one.says if one.known else "unknown: taken as typical") for one in seen]
    if rest:
        name = counted(len(rest), "other")
        rows.append((family, name, sum(one.points for one in rest), f"under {SMALL:g} points each"))
    return rows


def _totals(families: Sequence[str], points: Sequence[float]) -> dict[str, float]:
    """Subtotals of printed numbers, by family in the order given."""
    totals = dict.fromkeys(families, 0.0)
    for family, size in zip(families, points, strict=True):
        totals[family] = round(totals[family] + size, 3)
    return totals
