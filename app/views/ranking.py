"""A ranking and an explanation, as a coordinator reads them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from attune_fit.app.terminal.console import out, said, table

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.matching.ranking.ranking_result import Candidate, Ranking, WishResult

NAMED = 30  # therapists named for one rule; --json has all of them
BAR = 24  # characters of the interval's picture
VERBS = {"must": "requires", "prefer": "prefers", "avoid": "avoids", "never": "rules out"}
ANSWERS = {"met": ("✓", "green"), "unmet": ("✗", "red"), "unknown": ("?", "yellow")}


def show_ranking(ranking: Ranking, instrument: Instrument, most: int | None = None) -> None:
    """Print the shortlist, then why the others are not on it; ``most`` None takes the clinic's setting."""
    shown = ranking.candidates[: most or ranking.shortlist]
    roster = len(ranking.candidates) + len(ranking.excluded)
    said(
        f"\n[bold]Client {escape(ranking.client_id)}[/bold] · {roster} therapists on the roster: "
        f"{len(ranking.candidates)} can be offered, {len(ranking.excluded)} cannot"
    )
    out().print(Text(ranking.verdict, style="italic"))
    if not shown:
        out().print(Text(ranking.explain_empty_list()))
        return
    _show_candidates(shown, ranking, instrument)
    if len(ranking.candidates) > len(shown):
        said(f"[dim]{len(ranking.candidates) - len(shown)} more can be offered (--shortlist).[/dim]")
    _show_excluded(ranking)
    if ranking.unchecked:
        out().print(Text(ranking.format_unchecked_rules(), style="yellow"))
    whom = "the average of those who can be offered" if len(ranking.candidates) > 1 else "a typical pair"
    said(
        f"[dim]Wishes: ✓ honoured, ✗ not, ? unknown. Numbers behind a reason: points more than {whom}. Within a band "
        f"the estimates cannot be told apart: honoured wishes come first, then turns are taken (seed {ranking.seed}). "
        f"Tables as of {ranking.as_of}.[/dim]"
    )


def _show_candidates(shown: tuple[Candidate, ...], ranking: Ranking, instrument: Instrument) -> None:
    low, high = instrument.low, instrument.high
    percent = f"{100 * ranking.interval:g}% interval"
    head = f"expected early alliance, {ranking.instrument} {low:g}-{high:g}"
    grid = table("", ">#", ">band", "therapist", head, percent)
    for one in shown:
        grid.add_row(
            str(one.position),
            str(one.band),
            Text(one.therapist_id, style="bold"),
            Text.assemble((f"{one.score:.2f}  ", "bold"), _picture(one, low, high)),
            f"{one.low:.1f} to {one.high:.1f}",
        )
    out().print(grid)
    for one in shown:
        out().print(_why(one))


def _why(one: Candidate) -> Padding:
    """Wishes, reasons and one caution of a candidate, with their labels in a column of their own."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(justify="right", style="dim")
    lines.add_column()
    lines.add_row(str(one.position), Text(one.therapist_id, style="bold"))
    if one.wishes:
        lines.add_row("wishes", Text(" · ").join(wish_text(wish) for wish in one.wishes))
    for number, reason in enumerate(one.reasons):
        points = (f" (+{reason.points:.2f})", "dim")
        lines.add_row("" if number else "because", Text.assemble(reason.says, points))
    if not one.reasons:
        lines.add_row("because", "nothing known sets this therapist apart")
    if one.caution:
        points = ("" if one.caution.points is None else f" ({one.caution.points:.2f})", "dim")
        lines.add_row(Text("but", style="yellow"), Text.assemble(one.caution.says, points))
    return Padding(lines, (0, 0, 1, 0))


def wish_text(wish: WishResult) -> Text:
    """A wish with its answer, as it is shown beside a therapist."""
    mark, style = ANSWERS[wish.answer]
    return Text(f"{mark} {VERBS[wish.strength]} {wish.attribute.replace('_', ' ')}: {wish.value}", style=style)


def _show_excluded(ranking: Ranking) -> None:
    """Group the therapists who are left out by rule."""
    if not ranking.excluded:
        return
    title = f"Not on the list: {len(ranking.excluded)} (one therapist may stand under several rules)"
    grid = table(title, ">", "rule", "why", "therapists")
    for group in ranking.group_exclusions():
        more = len(group.therapists) - NAMED
        names = ", ".join(group.therapists[:NAMED]) + (f" and {more:,} more (--json)" if more > 0 else "")
        grid.add_row(str(len(group.therapists)), group.rule, Text(group.says), Text(names))
    out().print(grid)


def _picture(one: Candidate, low: float, high: float) -> Text:
    """The interval as a line on the instrument's range, the estimate as a dot."""
    place = [round((value - low) / (high - low) * (BAR - 1)) for value in (one.low, one.score, one.high)]
    start, dot, end = (min(max(number, 0), BAR - 1) for number in place)
    line = ["·"] * BAR
    line[start : end + 1] = ["─"] * (end + 1 - start)
    line[dot] = "●"
    return Text("".join(line), style="cyan")
