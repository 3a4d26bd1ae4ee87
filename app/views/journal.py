"""Print the events of the journal, what a new one changed, and what was done with the journal as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, measure_width, print_text
from attune_fit.app.views.log import show_changes
from attune_fit.data.clinic.offer_texts import describe_offer
from attune_fit.data.command_words import format_option, format_word

if TYPE_CHECKING:
    from rich.table import Table

    from attune_fit.data.chain_check import ChainCheck
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.journal_records import EventList, ListedEvent, SettledList
    from attune_fit.recorded_event import RecordedEvent
    from attune_fit.workspace import Workspace

N_EVENTS = 20  # events shown where the user names no number
N_OFFERS = 20  # offers named under the list
MAX_LABEL = 24  # characters of a therapist's id and label that are kept on one line
WIDE = 100  # characters of a terminal in which no column has to give way to a label
FORGOTTEN = "(forgotten)"
NEXT_EVENTS = {"offered": "accepted", "accepted": "started"}  # what usually comes next for a pair
OPENING_EVENTS = frozenset({"offered", "accepted", "declined", "started", "opening_set", "roster_checked", "undone"})
WAITING_EVENTS = frozenset({"client_added", "offered", "accepted", "declined", "started", "ended", "undone"})
TAKEN_TEXTS = {"export": "the export", "journal": "the event", "neither": "neither"}
CELL_NAMES = {"roster": "openings"}  # of a therapist's row, which are one cell with the day of their check


def show_events(listed: EventList, folder: Path, last: int | None) -> None:
    """Print the last events, the latest last, then the open offers and what to do with the list."""
    place = escape(format_word(folder))
    if not listed.n_events:
        return print_text(f"The journal is empty: no event was recorded yet. Next: attune record {place}")
    if not listed.n_found:
        return print_text(f"No event fits; the journal has {format_count(listed.n_events, 'event')}.")
    rows = listed.rows[-(last or N_EVENTS) :]
    title = f"Journal: {format_count(listed.n_found, 'event')}"
    title += f" of {listed.n_events:,}" if listed.n_found < listed.n_events else ""
    title += f", the last {len(rows)} shown (--last N shows more)" if len(rows) < listed.n_found else ""
    print_event_rows(title, rows)
    _show_offers(listed)
    if listed.n_settled:
        events = format_count(listed.n_settled, "event")
        differ = "differs" if listed.n_settled == 1 else "differ"
        print_text(f"[yellow]{events} {differ} from the last export.[/yellow] See: attune journal {place} --settled")
    number = next((row.event.number for row in reversed(rows) if _can_be_undone(row)), None)
    undo = "" if number is None else f"To take an event back: attune record {place} undone {number} --because CODE"
    return print_text(f"[dim]{undo}[/dim]") if undo else None


def show_recorded_event(recorded: RecordedEvent, folder: Path) -> None:
    """Print the event that was recorded, what is true of its people now, and the commands that come next."""
    event, place = recorded.row.event, escape(format_word(folder))
    parts = (event.type, event.client_id, event.therapist_id, f"on {event.on}", recorded.row.details)
    what = ", ".join(part for part in parts if part)
    print_text(Text.assemble(("Recorded", "green"), f" as event {event.number}: {what}."))
    if sentences := list_state_sentences(recorded):
        print_text(Text(" ".join(sentences)))
    is_over = event.type == "offered" and all(one.therapist_id != event.therapist_id for one in recorded.offers)
    if is_over:
        print_text("This offer is over already: its last day is before today.")
    if event.type in NEXT_EVENTS and not is_over:
        people = f"{format_option('--client', event.client_id)} {format_option('--therapist', event.therapist_id)}"
        print_text(f"[dim]Next: attune record {place} {NEXT_EVENTS[event.type]} {escape(people)}[/dim]")
    if event.type != "undone":
        print_text(f"[dim]To take it back: attune record {place} undone {event.number} --because wrong-entry[/dim]")


def list_state_sentences(recorded: RecordedEvent) -> list[str]:
    """Return what an event of this type can have changed: the openings left, and whether the client waits."""
    event, sentences = recorded.row.event, []
    if event.type in OPENING_EVENTS and event.therapist_id is not None:
        label = f" ({recorded.row.label})" if recorded.row.label else ""
        number = "an unknown number of openings" if recorded.openings is None else _format_openings(recorded.openings)
        sentences.append(f"{event.therapist_id}{label} has {number} left.")
    if event.type in WAITING_EVENTS and recorded.offers:
        first, *others = recorded.offers
        also = "".join(f", and {describe_offer(offer).removeprefix(f'{offer.client_id} ')}" for offer in others)
        sentences.append(f"{describe_offer(first)}{also}, and does not wait.")
    elif event.type in WAITING_EVENTS and recorded.waits is not None:
        ends = "no longer waits" if event.type == "declined" else "does not wait"
        sentences.append(f"{event.client_id} {'waits' if recorded.waits else ends}.")
    return sentences


def show_settled_events(settled: SettledList, folder: Path) -> None:
    """Print the events that differ from a later export: the cell, which of the two Attune takes, and why."""
    from attune_fit.data.journal.applying.cell_settlement import SETTLEMENT_REASONS

    if not settled.rows:
        return print_text("No event differs from the last export.")
    numbers = format_count(len({row.event.number for row in settled.rows}), "event")
    title = f"The last export differs from {numbers}"
    grid = build_table(title, ">event", "on", "what", "client", "therapist", "cell", "Attune takes")
    for row in settled.rows:
        event, one = row.event, row.settled
        client, therapist, _ = _list_people(event)
        cell = CELL_NAMES.get(one.cell, one.cell)
        cells = (str(event.number), str(event.on), event.type, client, therapist, cell, TAKEN_TEXTS[one.taken])
        grid.add_row(*map(Text, cells))
    print_text(grid)
    for code in dict.fromkeys(row.settled.why for row in settled.rows):
        which = ", ".join(dict.fromkeys(str(row.event.number) for row in settled.rows if row.settled.why == code))
        print_text(Text(f"{which}: {SETTLEMENT_REASONS[code]}"))
    if all(row.settled.why.startswith("person-") for row in settled.rows):
        return None
    return print_text(
        f"[dim]If the event is right and the export is not, record it again: attune record "
        f"{escape(format_word(folder))}[/dim]"
    )


def show_journal_check(checks: Mapping[str, ChainCheck]) -> None:
    """Print in one line that no event was changed, or that this is not known; else a line for each change."""
    found = [one for check in checks.values() for one in check.breaks]
    breaks = [one.message for one in found]
    n_events = sum(check.n_lines for check in checks.values())
    if any(one.what == "not readable" for one in found):
        return print_text(f"[red]The journal cannot be checked.[/red] {escape(breaks[0])}.")
    if breaks:
        return show_changes("The journal was changed.", breaks, "attune journal CLINIC --verify --json")
    if not n_events:
        return print_text("The journal is empty: no event was recorded yet.")
    are = "the 1 event is as it was" if n_events == 1 else f"all {n_events:,} events are as they were"
    return print_text(f"[green]No event was changed:[/green] {are} recorded.")


def show_backup(report: Mapping[str, Any], folder: Path) -> None:
    """Print where the backup is and how to take it back."""
    print_text(f"{format_count(report['events'], 'event')} written to [bold]{escape(report['out'])}[/bold].")
    restore = f"attune journal {format_word(folder)} {format_option('--restore', report['out'])}"
    print_text(f"[dim]To take it as the journal: {escape(restore)}[/dim]")


def show_restored(report: Mapping[str, Any], folder: Path) -> None:
    """Print how many events the journal has now."""
    events = format_count(report["events"], "event")
    print_text(f"The journal is now the backup {escape(report['from'])}: {events}; there were {report['before']:,}.")
    print_text(f"[dim]Next: attune journal {escape(format_word(folder))} --verify[/dim]")


def show_forgotten(report: Mapping[str, Any]) -> None:
    """Print whose id was deleted, and where it still is."""
    who, events = f"{report['side']} {report['id']}", format_count(report["events"], "event")
    print_text(Text(f"The journal no longer holds the id of {who}: {events} kept, without the id."))
    print_text("The id can still be in the export, in the log of rankings and in backups of the journal.")


def show_past_state(workspace: Workspace) -> None:
    """Print of which event a list shows the clinic, and that the model is the one of today."""
    event, n_events = workspace.journal_events[-1], workspace.count_events()
    state = f"State after event {event.number:,} of {n_events:,}, of {workspace.tables.as_of}"
    print_text(f"{state}, with the model that is live now.")


def show_new_journal(folder: Path) -> None:
    """Print that an empty journal begins, and that the logs still name the earlier one."""
    place = escape(format_word(folder))
    print_text("An empty journal begins. The events of the earlier one are lost; the logs still name them.")
    print_text(f"[dim]Next: record what still holds, such as conflicts and starts: attune record {place}[/dim]")


def show_upgraded(report: Mapping[str, Any]) -> None:
    """Print that the journal fits this version."""
    print_text(f"The journal fits this version of Attune: {format_count(report['events'], 'event')}, none changed.")


def show_written_events(n_rows: int, target: Path) -> None:
    """Print how many rows were written."""
    print_text(f"{format_count(n_rows, 'row')} in [bold]{escape(str(target))}[/bold].")


def print_event_rows(title: str, rows: Sequence[ListedEvent]) -> None:
    """Print one line for each event; one that was taken back is struck through and names the event that did it."""
    grid = build_table(escape(title), ">event", "on", "what", "client", "therapist", "details", "by")
    for column in grid.columns[:4]:
        column.no_wrap = True
    therapists = [len(f"{row.event.therapist_id} {row.label}") for row in rows if row.label]
    if measure_width() >= WIDE:
        grid.columns[4].min_width = min(max(therapists, default=0), MAX_LABEL)  # names break last
    for row in rows:
        _add_row(grid, row)
    print_text(grid)


def _add_row(grid: Table, row: ListedEvent) -> None:
    event = row.event
    label = f" {row.label}" if row.label else ""
    client, therapist, actor = _list_people(event)
    cells = (str(event.number), event.on.isoformat(), event.type, client, therapist + label, row.details)
    if row.undone_by is None:
        grid.add_row(*map(Text, (*cells, actor)))
    else:
        undone = Text(f"taken back by {row.undone_by}", style="dim")
        details = Text.assemble((row.details, "dim strike"), ". " if row.details else "", undone)
        grid.add_row(*(Text(cell, style="dim strike") for cell in cells[:-1]), details, Text(actor, style="dim"))


def _list_people(event: JournalEvent) -> tuple[str, str, str]:
    """Return the client, the therapist and the actor of an event; those who were forgotten are named so."""
    from attune_fit.data.journal.events.event_types import TYPES

    people = TYPES[event.type].people if event.type in TYPES else ()
    client = event.client_id or (FORGOTTEN if "client" in people else "")
    therapist = event.therapist_id or (FORGOTTEN if "therapist" in people else "")
    return client, therapist, event.actor or FORGOTTEN


def _show_offers(listed: EventList) -> None:
    """Print the offers that are open, and those that expired without an answer."""
    if listed.as_of is None:
        return
    if listed.offers:
        print_text(Text(f"Open on {listed.as_of}: {_name_offers(listed.offers)}."))
    if listed.expired:
        print_text(Text(f"Expired without an answer, so these clients wait again: {_name_pairs(listed.expired)}."))


def _name_offers(offers: Sequence[Offer]) -> str:
    more = f"; and {len(offers) - N_OFFERS:,} more" if len(offers) > N_OFFERS else ""
    return "; ".join(describe_offer(offer) for offer in offers[:N_OFFERS]) + more


def _name_pairs(offers: Sequence[Offer]) -> str:
    more = f" and {len(offers) - N_OFFERS:,} more" if len(offers) > N_OFFERS else ""
    pairs = (f"{offer.client_id} (offer from {offer.therapist_id} until {offer.until})" for offer in offers[:N_OFFERS])
    return ", ".join(pairs) + more


def _can_be_undone(row: ListedEvent) -> bool:
    return row.event.type != "undone" and row.undone_by is None


def _format_openings(number: int) -> str:
    return "no opening" if number == 0 else format_count(number, "opening")
