"""A placed waiting list, and policies side by side, as a coordinator reads them in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import counted, out, said, table

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.matching.assignment.assignment_result import Assignment, AssignmentTotals, UnassignedClient

LISTED = 60  # clients printed; --out and --json have all of them
NAMED = 40  # ids named beside one reason


def show_assignment(made: Assignment, instrument: Instrument, folder: str) -> None:
    """Print who is placed with whom, who is not and why, and what it adds up to."""
    totals = made.totals
    said(
        f"\n[bold]{counted(totals.waiting, 'client')} wait, there is room for {totals.openings}[/bold] · "
        f"policy {made.policy}: {totals.placed} placed, {len(made.unplaced)} still wait"
    )
    out().print(Text(made.verdict, style="italic"))
    _show_placed(made, instrument)
    _show_unplaced(made.unplaced)
    if lost := [one.client_id for one in made.unplaced if one.lost]:
        said(f"[yellow]Had a therapist in the placement to keep to, and wait again: {escape(', '.join(lost))}[/yellow]")
    _show_totals([made])
    for note in made.notes:
        out().print(Text(note, style="yellow"))
    said(
        f"[dim]Expected early alliance in points of {made.instrument}, with the {100 * made.interval:g}% interval for "
        f"one rating. # is the place on the client's own list. Equals by lot (seed {made.seed}). "
        f"Tables as of {made.as_of}.[/dim]"
    )
    said(f"Other policies on the same list: [bold]attune assign {escape(folder)} --policy all[/bold]")


def show_policies(made: Sequence[Assignment]) -> None:
    """Print several policies side by side."""
    from attune_fit.matching.assignment.policies import POLICIES

    first = made[0]
    said(f"\n[bold]{counted(first.totals.waiting, 'client')} wait, there is room for {first.totals.openings}[/bold]")
    out().print(Text(first.verdict, style="italic"))
    _show_totals(made)
    for row in POLICIES:
        if row.name in {one.policy for one in made}:
            out().print(Text.assemble((row.name, "bold"), f": {row.description}"))
    for note in first.notes:
        out().print(Text(note, style="yellow"))


def _show_placed(made: Assignment, instrument: Instrument) -> None:
    if not made.placed:
        return
    head = f"expected, {instrument.low:g}-{instrument.high:g}"
    grid = table("Placed", "client", "therapist", f">{head}", "interval", ">#", ">of", ">wishes", ">weeks", "")
    for one in made.placed[:LISTED]:
        grid.add_row(
            Text(one.client_id, style="bold"),
            Text(one.therapist_id, style="bold"),
            f"{one.score:.2f}",
            f"{one.low:.1f} to {one.high:.1f}",
            str(one.place),
            str(one.candidates),
            f"{one.honoured}/{one.stated}" if one.stated else "none",
            "?" if one.weeks is None else f"{one.weeks:.0f}",
            "pinned" if one.pinned else "moved" if one.moved else "",
        )
    out().print(grid)
    if len(made.placed) > LISTED:
        said(f"[dim]{len(made.placed) - LISTED:,} more are placed (--out FILE has all of them).[/dim]")


def _show_unplaced(waits: Sequence[UnassignedClient]) -> None:
    """Group those who still wait by why, and by what would help."""
    if not waits:
        return

    def alike(one: UnassignedClient) -> tuple[str, str]:
        return one.why, "; or ".join(sorted(change.says for change in one.changes))

    groups = [(key, list(some)) for key, some in groupby(sorted(waits, key=alike), key=alike)]
    grid = table(f"Still waiting: {len(waits):,}", ">", "why", "what would place any one of them", "clients")
    for (why, change), some in sorted(groups, key=lambda group: -len(group[1])):
        more = len(some) - NAMED
        names = ", ".join(one.client_id for one in some[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
        grid.add_row(str(len(some)), Text(why), Text(change), Text(names))
    out().print(grid)


def _number(digits: int) -> Callable[[float | None], str]:
    return lambda value: "-" if value is None else f"{value:.{digits}f}"


POINTS, WEEKS = _number(2), _number(1)
SHOWN: tuple[tuple[str, Callable[[AssignmentTotals], str]], ...] = (
    ("clients placed", lambda t: f"{t.placed} of {t.waiting}"),
    ("with the first of their own list", lambda t: str(t.first)),
    ("expected early alliance, mean (points)", lambda t: POINTS(t.expected)),
    ("total", lambda t: POINTS(t.total)),
    ("lowest", lambda t: POINTS(t.worst)),
    ("gain over the mean of their own lists", lambda t: POINTS(t.gain)),
    ("wishes honoured, of those they state", lambda t: f"{t.honoured} of {t.stated}"),
    ("weeks waited by those placed, mean", lambda t: WEEKS(t.weeks)),
    ("longest wait of those who still wait", lambda t: WEEKS(t.longest)),
    ("therapists who get somebody", lambda t: str(t.therapists)),
    ("most clients for one therapist", lambda t: str(t.load)),
    ("moved to another therapist", lambda t: str(t.moved)),
    ("had a therapist, and wait again", lambda t: str(t.lost)),
)


def _show_totals(made: Sequence[Assignment]) -> None:
    grid = table("" if len(made) == 1 else "Side by side", "", *(f">{one.policy}" for one in made))
    for name, function in SHOWN:
        cells = [function(one.totals) for one in made]
        if set(cells) != {"0"}:  # nobody was to be kept, so that nobody was moved
            grid.add_row(name, *cells)
    out().print(grid)
