"""Print an assignment of the waiting list, or a comparison of several policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, join_within, print_text
from attune_fit.app.views.ranking import explain_empty_waiting_list, explain_waits
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.matching.assignment.assignment_result import Assignment, AssignmentTotals, UnassignedClient
    from attune_fit.workspace import Workspace

N_CLIENTS = 60  # clients printed; --out and --json have all of them
N_NAMED = 40  # ids named for one reason
N_TAKEN = 5  # clients for whom the takers of the openings are printed; --out and --json have all
N_THERAPISTS = 3  # therapists named for one of them


def show_assignments(results: Assignment | Sequence[Assignment], workspace: Workspace) -> None:
    """Print one placement, or the totals of several; where no client waits, why."""
    several = results if isinstance(results, Sequence) else [results]
    verdict, first = workspace.model.verdict.plain_sentence, several[0]
    if not first.totals.waiting:
        return print_text(explain_empty_waiting_list(workspace.clinic, workspace.tables))
    if len(several) > 1:
        return show_policies(several, verdict)
    instrument, waits = workspace.clinic.instruments[first.instrument], explain_waits(workspace)
    return show_assignment(first, instrument, verdict, str(workspace.folder), waits)


def show_assignment(result: Assignment, instrument: Instrument, verdict: str, folder: str, waits: str = "") -> None:
    """Print the placed pairs, the clients who still wait and why, the totals and the notes.

    ``waits`` is the sentence about the date to which waits are counted, :func:`explain_waits`.
    """
    totals = result.totals
    clients, openings = format_count(totals.waiting, "client"), format_count(totals.openings, "opening")
    print_text(
        f"\n[bold]{clients} waiting, {openings}[/bold] · "
        f"policy {result.policy}: {totals.placed} placed, {len(result.unplaced)} still waiting"
    )
    print_text(Text(verdict, style="italic"))
    _show_placed(result, instrument)
    _show_unplaced(result.unplaced)
    _show_taken_openings(result.unplaced)
    _show_constraints(result)
    if lost := [client.client_id for client in result.unplaced if client.lost]:
        names = escape(", ".join(lost))
        print_text(f"[yellow]Had a therapist in the earlier placement (--keep), and now wait again: {names}[/yellow]")
    _show_totals([result])
    for note in result.notes:
        print_text(Text(note, style="yellow"))
    print_text(
        f"[dim]Expected early alliance in points of {result.instrument}, with the {100 * result.interval:g}% interval "
        "for one rating. Place: on the client's own list, as `attune rank` shows it before any client is placed. "
        f"Ties are broken at random (seed {result.seed}). "
        f"{escape(waits or f'Tables as of {result.as_of}.')}[/dim]"
    )
    print_text(f"Compare all policies: [bold]attune assign {escape(format_word(folder))} --policy all[/bold]")


def show_policies(results: Sequence[Assignment], verdict: str) -> None:
    """Print the totals of several policies, a column each, and what each policy does."""
    from attune_fit.matching.assignment.policies import POLICIES

    first = results[0]
    clients, openings = format_count(first.totals.waiting, "client"), format_count(first.totals.openings, "opening")
    print_text(f"\n[bold]{clients} waiting, {openings}[/bold]")
    print_text(Text(verdict, style="italic"))
    _show_totals(results)
    for row in POLICIES:
        if row.name in {result.policy for result in results}:
            print_text(Text.assemble((row.name, "bold"), f": {row.description}"))
    for note in first.notes:
        print_text(Text(note, style="yellow"))


def _show_placed(result: Assignment, instrument: Instrument) -> None:
    if not result.placed:
        return
    head = f"expected, {instrument.low:g}-{instrument.high:g}"
    grid = build_table("Placed", "client", "therapist", f">{head}", "interval", ">place", ">wishes",
                       ">weeks")  # fmt: skip
    grid.columns[3].no_wrap = True
    for pair in result.placed[:N_CLIENTS]:
        status = "pinned" if pair.pinned else "moved" if pair.moved else "kept" if pair.kept else ""
        grid.add_row(
            Text(pair.client_id, style="bold"),
            Text.assemble((pair.therapist_id, "bold"), f" {status}" if status else ""),
            f"{pair.score:.2f}",
            f"{pair.low:.1f} to {pair.high:.1f}",
            f"{pair.place} of {pair.available}",
            f"{pair.honoured}/{pair.stated}" if pair.stated else "none",
            "?" if pair.weeks is None else str(int(pair.weeks)),  # whole weeks, as in the worklist
        )
    print_text(grid)
    if len(result.placed) > N_CLIENTS:
        print_text(f"[dim]{len(result.placed) - N_CLIENTS:,} more are placed (--out FILE has all of them).[/dim]")


def _show_unplaced(clients: Sequence[UnassignedClient]) -> None:
    """Print the clients who still wait, grouped by the reason and by the change that would place them."""
    if not clients:
        return

    def get_reason(client: UnassignedClient) -> tuple[str, str]:
        return client.why, "; or ".join(sorted(change.says for change in client.changes))

    groups = [(reason, list(group)) for reason, group in groupby(sorted(clients, key=get_reason), key=get_reason)]
    grid = build_table(f"Still waiting: {len(clients):,}", ">", "why", "what would place one of them", "clients")
    for (why, change), group in sorted(groups, key=lambda item: -len(item[1])):
        more = len(group) - N_NAMED
        names = ", ".join(client.client_id for client in group[:N_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        grid.add_row(str(len(group)), Text(why), Text(change), Text(names))
    print_text(grid)


def _show_taken_openings(clients: Sequence[UnassignedClient]) -> None:
    """Print who got the openings of the clients with the fewest available therapists, and the pin that changes it."""
    losers = sorted(
        (client for client in clients if client.taken),
        key=lambda client: (client.available, -(client.weeks or 0), client.client_id),
    )
    if not losers:
        return
    print_text("[bold]Who got the openings[/bold] (clients with the fewest available therapists first)")
    for client in losers[:N_TAKEN]:
        weeks = "" if client.weeks is None else f", waits {format_count(int(client.weeks), 'week')}"
        takers = [f"{one.therapist_id} went to {join_within(one.client_ids, 40)}" for one in client.taken]
        n_more = len(takers) - N_THERAPISTS
        more = f"; and {n_more} more" if n_more > 0 else ""
        pin = format_option("--pin", f"{client.client_id}={client.taken[0].therapist_id}")
        print_text(
            f"{escape(client.client_id)} ({client.available} available{weeks}): "
            f"{escape('; '.join(takers[:N_THERAPISTS]))}{more}. To change it: [bold]{escape(pin)}[/bold]"
        )
    if len(losers) > N_TAKEN:
        print_text(f"[dim]{len(losers) - N_TAKEN} more (column `taken` of --out FILE).[/dim]")
    print_text("")


def _show_constraints(result: Assignment) -> None:
    """Print the pins, the refusals, and how many earlier pairs were kept; and the options that repeat them."""
    totals, pins = result.totals, [(pair.client_id, pair.therapist_id) for pair in result.placed if pair.pinned]
    if totals.kept or totals.moved or totals.lost:
        print_text(
            f"Earlier placement (--keep): {format_count(totals.kept, 'pair')} kept, {totals.moved} moved to another "
            f"therapist, {totals.lost} without a therapist now."
        )
    for name, option, pairs in (("Pinned", "--pin", pins), ("Refused", "--refuse", result.refused)):
        if pairs:
            options = " ".join(format_option(option, f"{client}={therapist}") for client, therapist in pairs)
            print_text(f"{name}, not saved for the next run. To repeat: [bold]{escape(options)}[/bold]")


def _build_formatter(digits: int) -> Callable[[float | None], str]:
    return lambda value: "-" if value is None else f"{value:.{digits}f}"


_format_points, _format_weeks = _build_formatter(2), _build_formatter(1)
TOTALS: tuple[tuple[str, Callable[[AssignmentTotals], str]], ...] = (
    ("clients placed", lambda t: f"{t.placed} of {t.waiting}"),
    ("with the first therapist on their own list", lambda t: str(t.first)),
    ("expected early alliance, mean (points)", lambda t: _format_points(t.expected)),
    ("total", lambda t: _format_points(t.total)),
    ("lowest", lambda t: _format_points(t.worst)),
    ("difference from the mean of their own lists", lambda t: _format_points(t.gain)),
    ("wishes honoured, of all stated", lambda t: f"{t.honoured} of {t.stated}"),
    ("weeks waited by those placed, mean", lambda t: _format_weeks(t.weeks)),
    ("longest wait of those who still wait", lambda t: _format_weeks(t.longest)),
    ("therapists who get a client", lambda t: str(t.therapists)),
    ("most clients for one therapist", lambda t: str(t.load)),
    ("kept the earlier therapist", lambda t: str(t.kept)),
    ("moved to another therapist", lambda t: str(t.moved)),
    ("had a therapist, wait again", lambda t: str(t.lost)),
)


def _show_totals(results: Sequence[Assignment]) -> None:
    """Print the totals, a column for each policy."""
    grid = build_table(
        "" if len(results) == 1 else "Policies compared", "", *(f">{result.policy}" for result in results)
    )
    for name, function in TOTALS:
        cells = [function(result.totals) for result in results]
        if set(cells) != {"0"}:  # without --keep no client is moved or loses a therapist
            grid.add_row(name, *cells)
    print_text(grid)
