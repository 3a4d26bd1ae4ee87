"""Print one client: the state first, then wishes, cells and events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.app.views.journal import print_event_rows
from attune_fit.data.clinic.offer_texts import describe_offer
from attune_fit.data.command_words import format_option, format_word
from attune_fit.person_cells import Cell

if TYPE_CHECKING:
    from attune_fit.client_record import ClientRecord

ON_THE_LIST = ("waiting", "declined", "offer expired")  # states in which a first or another offer comes next
UNREADABLE = "(cannot be read)"


def show_client(record: ClientRecord, folder: Path) -> None:
    """Print the state of a client, the offers, wishes, cells and events, and the command that comes next."""
    print_text(Text.assemble((record.client_id, "bold"), f": {_describe_state(record)}."))
    for offer in record.offers:
        print_text(Text(f"{describe_offer(offer)}."))
    for offer in record.expired:
        print_text(Text(f"The offer of {offer.therapist_id} expired after {offer.until}."))
    if record.met:
        print_text(Text(f"Therapists met: {', '.join(record.met)}."))
    _show_wishes(record)
    _show_cells(record)
    if record.events:
        print_event_rows(f"Events: {len(record.events)}", record.events)
    else:
        print_text("No event is about this client yet.")
    if record.state in ON_THE_LIST:
        command = f"attune rank {format_word(folder)} {format_option('--client', record.client_id)}"
        print_text(f"[dim]Next: {escape(command)}[/dim]")


def _describe_state(record: ClientRecord) -> str:
    """Return state, priority and wait as one sentence without its end."""
    since = f" since {record.state_since}" if record.state_since else ""
    parts = [f"{record.state}{since}"]
    if record.days_waited is not None:
        parts.append(f"{format_count(record.days_waited, 'day')} of waiting")
    if record.priority is not None:
        parts.append(f"priority {record.priority}")
    return ", ".join(parts)


def _show_wishes(record: ClientRecord) -> None:
    if not record.wishes:
        return print_text("The client has no wish about the therapist.")
    grid = build_table(f"Wishes: {len(record.wishes)}", "strength", "about", "value")
    for wish in record.wishes:
        grid.add_row(*map(Text, (wish.strength, wish.attribute, wish.value)))
    return print_text(grid)


def _show_cells(record: ClientRecord) -> None:
    """Print the cells that are known, or that cannot be read; the empty ones in one line."""
    grid = build_table("Cells", "column", "value")
    empty = []
    for name, cell in record.cells.items():
        if cell is not None:
            grid.add_row(Text(name), Text(_format_cell(cell)))
        elif name in record.unreadable:
            grid.add_row(Text(name), Text(UNREADABLE, style="yellow"))
        else:
            empty.append(name)
    print_text(grid)
    if empty:
        print_text(Text(f"Unknown: {', '.join(empty)}.", style="dim"))


def _format_cell(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return ", ".join(cell)
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
