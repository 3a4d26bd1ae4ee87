"""Print the events that can be recorded, with the options that each takes and the codes of their reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_json, print_text
from attune_fit.data.command_words import format_word
from attune_fit.data.journal.events.event_fields import FIELDS, REASONS
from attune_fit.data.journal.events.event_types import EVENT_TYPES, EventType
from attune_fit.data.journal.events.reason_codes import OVERRIDE_REASONS, UNDO_REASONS, ReasonCode

REASON_LISTS = {
    "offered --override": OVERRIDE_REASONS,
    **{f"{name} --reason": reasons for name, reasons in REASONS.items()},
    "undone --because": UNDO_REASONS,
}


def show_event_types(folder: Path, *, as_json: bool = False) -> None:
    """Print one line for each event, then the reasons that an event can have; or both as JSON."""
    if as_json:
        return print_json({
            "events": [vars(row) for row in EVENT_TYPES],
            "reasons": {name: [reason._asdict() for reason in rows] for name, rows in REASON_LISTS.items()},
        })  # fmt: skip
    grid = build_table("Events", "event", "options, (optional)", "what it means")
    for row in EVENT_TYPES:
        grid.add_row(Text(row.name, style="bold"), Text(_format_options(row)), Text(row.description))
    print_text(grid)
    for name, reasons in REASON_LISTS.items():
        _show_reasons(name, reasons)
    place = escape(format_word(folder))
    return print_text(
        f"[dim]Next: attune record {place} offered --client ID --therapist ID, or attune record --help[/dim]"
    )


def _show_reasons(title: str, reasons: tuple[ReasonCode, ...]) -> None:
    grid = build_table(title, "code", "what it means")
    for reason in reasons:
        only = f" Only for --by {reason.sides[0]}." if len(reason.sides) == 1 else ""
        grid.add_row(Text(reason.code), Text(f"{reason.meaning}{only}"))
    print_text(grid)


def _format_options(row: EventType) -> str:
    """Return the options of an event as they are typed, the optional ones in brackets."""
    needed = [*(f"--{person}" for person in row.people), *(_name_field(name) for name in row.fields)]
    return " ".join([*needed, *(f"({_name_field(name)})" for name in row.optional)])


def _name_field(name: str) -> Any:
    return FIELDS[name].option or FIELDS[name].metavar
