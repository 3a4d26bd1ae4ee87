"""The fields of an event in the words of the pages: reasons by their meaning, days and columns as people write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attune_fit.app.desk.wording.code_words import format_code, list_codes
from attune_fit.data.journal.events.event_fields import FIELDS
from attune_fit.data.journal.events.reason_codes import (
    CONFLICT_REASONS,
    DECLINE_REASONS,
    END_REASONS,
    OVERRIDE_REASONS,
    UNDO_REASONS,
)

if TYPE_CHECKING:
    from attune_fit.journal_records import ListedEvent

MEANINGS: Mapping[tuple[str, str], Mapping[str, str]] = {
    (type_, field): {reason.code: reason.meaning for reason in reasons}
    for type_, field, reasons in (
        ("offered", "override", OVERRIDE_REASONS), ("declined", "reason", DECLINE_REASONS),
        ("ended", "reason", END_REASONS), ("conflict_set", "reason", CONFLICT_REASONS),
        ("undone", "because", UNDO_REASONS),
    )
}  # fmt: skip
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
NOT_SHOWN = ("line",)  # where the list is in the log: a number that helps no reader of a page
BARE = ("strength", "instrument")  # clear without the name of the field


def format_event_details(event: ListedEvent | Mapping[str, Any]) -> str:
    """Return the fields of an event as text; ``event`` is one of a list, or such a one as ``to_dict`` gives it.

    >>> format_event_details({"type": "ended", "fields": {"reason": "client-request"}})
    'The client asked for another therapist.'
    >>> format_event_details({"type": "offered", "fields": {"until": "2026-12-06", "rank": 2, "line": 7}})
    'until 6 December 2026, place 2 of the list'
    """
    type_, fields = (event["type"], event["fields"]) if isinstance(event, Mapping) else (
        event.event.type, event.event.fields)  # fmt: skip
    names = [name for name in FIELDS if name in fields and name not in NOT_SHOWN]
    texts = [text for name in names if (text := _format_field(type_, name, fields[name], fields))]
    return ", ".join([*(text.rstrip(".") for text in texts[:-1]), *texts[-1:]])


def _format_field(type_: str, name: str, value: Any, fields: Mapping[str, Any]) -> str:
    if (type_, name) in MEANINGS:
        return MEANINGS[type_, name].get(str(value), str(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{format_code(column)}: {_format_cell(cell)}" for column, cell in value.items())
    if name == "attribute":
        return f"{format_code(str(value))}: {format_code(str(fields.get('value', '')))}".removesuffix(": ")
    if name == "value" and "attribute" in fields:
        return ""  # with its column
    if name == "rank":
        return f"place {value} of the list"
    if name == "by":
        return f"by the {value}"
    text = f"{value:g}" if isinstance(value, float) else _format_cell(value)
    return text if name in BARE else f"{name.replace('_', ' ')} {text}"


def _format_cell(cell: Any) -> str:
    """Return a cell; a day as people write it, a set of codes with commas, unknown as such."""
    if isinstance(cell, str) and DAY.fullmatch(cell):
        day = dt.date.fromisoformat(cell)
        return f"{day.day} {day:%B} {day.year}"
    return ", ".join(map(format_code, list_codes(cell))) or "not known"
