"""Print the terms of one pair's score, which add up to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.dropout import list_dropout_lines
from attune_fit.app.views.scale_scores import list_scale_lines

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.matching.explaining.score_breakdown import ScoreBreakdown, ScoreTerm
    from attune_fit.models.alliance_model import AllianceModel
    from attune_fit.models.dropout_model import DropoutModel

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
N_TERMS = 8  # terms printed without --why


def show_score_breakdown(
    breakdown: ScoreBreakdown,
    verdict: str = "",
    *,
    dropout: DropoutModel | None = None,
    model: AllianceModel | None = None,
    interval: float = 0.9,
    why: bool = False,
) -> None:
    """Print the rules that exclude the therapist, and the terms that add up to the score.

    Parameters
    ----------
    breakdown : ScoreBreakdown
    verdict : str
        The verdict without figures. With ``why``, or where it is empty, the breakdown's own is printed.
    dropout : DropoutModel, optional
        The clinic's model of dropout, for its number of records.
    model : AllianceModel, optional
        For the number of records with goal, task and bond.
    interval : float
        Probability of the intervals, 0 to 1.
    why : bool
        Print the parts of the score and every term by family, in place of the largest terms.
    """
    print_text(f"\n[bold]Client {escape(breakdown.client_id)} with therapist {escape(breakdown.therapist_id)}[/bold]")
    for broken in breakdown.rules:
        reason = f"{broken.rule}: {broken.says}. To change this: {broken.lifts}."
        print_text(Text.assemble(("Ruled out, ", "red"), reason))
    print_text(Text(breakdown.verdict if why or not verdict else verdict, style="italic"))
    if why:
        print_text(_build_part_table(breakdown))
        print_text(_build_family_table(breakdown))
    else:
        print_text(_build_summary_table(breakdown))
    more = "" if why else " All terms: --why."
    print_text(
        "[dim]Terms are differences from a typical pair. Reasons in a ranking are differences from the average of the "
        f"available therapists. Every column adds up as printed.{more}[/dim]"
    )
    for line in list_scale_lines(breakdown.scales, model, why=why):
        print_text(line)
    for line in list_dropout_lines(breakdown.dropout, dropout, interval, breakdown.order_weights, why=why):
        print_text(line)


def _build_summary_table(breakdown: ScoreBreakdown) -> Table:
    """Return a table of the level, the largest terms in words, and the sum of the others."""
    level, *terms = breakdown.addends
    shown = [term for term in terms[:N_TERMS] if abs(term.points) >= MIN_POINTS_SHOWN]
    n_others = len(terms) - len(shown)
    rest = breakdown.score - level.points - sum(term.points for term in shown)
    level_points, *points, rest_points = round_additively([level.points, *(term.points for term in shown), rest])
    grid = build_table("", f">{breakdown.instrument} points", "what it is")
    grid.add_row(f"{level_points:+.3f}", FAMILIES["level"])
    for term, size in zip(shown, points, strict=True):
        grid.add_row(f"{size:+.3f}", _describe_term(term))
    if n_others:
        grid.add_row(f"{rest_points:+.3f}", f"{format_count(n_others, 'other term')} together", style="dim")
    grid.add_section()
    interval = f"one early rating: {breakdown.low:.2f} to {breakdown.high:.2f}"
    grid.add_row(Text(f"{breakdown.score:.3f}", style="bold"), f"expected alliance; {interval}")
    return grid


def _describe_term(term: ScoreTerm) -> str:
    """Return a term in words, with its subject: a text without one is about the client or about the therapist."""
    name = term.name.replace("_", " ")
    if not term.known:
        return f"{name}: unknown, treated as typical"
    if not term.says:
        return f"{name}: typical"
    return f"the client {term.says}" if term.family == "intake" else term.says


def _build_part_table(breakdown: ScoreBreakdown) -> Table:
    """Return a table of the parts of the score."""
    parts = build_table("", "part", f">{breakdown.instrument} points", "what it is")
    for name, points in zip(breakdown.parts, round_additively(breakdown.parts.values()), strict=True):
        parts.add_row(name, f"{points:+.3f}", PARTS[name])
    parts.add_section()
    parts.add_row(
        "expected alliance", f"{breakdown.score:.3f}", f"one early rating: {breakdown.low:.2f} to {breakdown.high:.2f}"
    )
    return parts


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
    points = round_additively(size for _, size, _ in rows)
    grid = build_table("By family", "family", ">points", "this pair")
    for family, total in _sum_by_family([row[0] for row in rows], points).items():
        grid.add_row(Text(family, style="bold"), Text(f"{total:+.3f}", style="bold"), Text(FAMILIES[family], "bold"))
        for (own, _, text), size in zip(rows, points, strict=True):
            if own == family and text:
                grid.add_row("", f"{size:+.3f}", text)
    grid.add_section()
    grid.add_row("expected alliance", f"{breakdown.score:.3f}", "")
    return grid


def _list_rows(family: str, terms: Sequence[ScoreTerm]) -> list[tuple[str, float, str]]:
    """Return family, points and text of each row; small terms share one row.

    A family of one term gets no row under itself.
    """
    if family in ("level", "limit"):
        return [(family, term.points, "") for term in terms]
    large = [term for term in terms if abs(term.points) >= MIN_POINTS_SHOWN]
    small = [term for term in terms if abs(term.points) < MIN_POINTS_SHOWN]
    rows = [(family, term.points, _describe_term(term)) for term in large]
    if small:
        text = f"{format_count(len(small), 'other')}, under {MIN_POINTS_SHOWN:g} points each"
        rows.append((family, sum(term.points for term in small), text))
    return rows


def _sum_by_family(families: Sequence[str], points: Sequence[float]) -> dict[str, float]:
    """Return the subtotal of the printed numbers of each family, in the order given."""
    totals = dict.fromkeys(families, 0.0)
    for family, size in zip(families, points, strict=True):
        totals[family] = round(totals[family] + size, 3)
    return totals
