"""Values of an event's fields: what a person typed, or a notebook gave, becomes a coded value in the types of JSON."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attune_fit.data.cell_parsing import normalize_code, normalize_text, parse_number
from attune_fit.data.clinic.settings import FIRST_DAY, LAST_DAY
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import Fault
from attune_fit.data.journal.events.event_fields import FIELDS, REASONS, EventField, FieldKind
from attune_fit.data.journal.events.event_types import EventType

JOURNAL = "journal"  # the table that faults of events name
DAY_FIX = "Write year, month and day, such as 2026-01-31."


def read_fields(event_type: EventType, given: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Return the fields of an event in the types of JSON, in the order of its type; add every fault to ``faults``.

    Parameters
    ----------
    event_type : EventType
        Which fields are required and allowed.
    given : mapping of str to value
        By name of the field: text as typed, or a Python value. None means not given.
    faults : list of Fault
        Gets an error for each field that is unknown, not allowed here, absent, or of another kind.

    Returns
    -------
    dict of str to value
        Whole numbers as int, other numbers as float, days as ISO text, codes as :func:`normalize_code` gives them;
        ``cells`` as given. Fields with a fault are left out.
    """
    known = {name: value for name, value in given.items() if value is not None}
    faults.extend(_list_unknown_fields(event_type, known))
    fields: dict[str, Any] = {}
    for name in event_type.all_fields:
        field = FIELDS[name]
        if name not in known:
            if name in event_type.fields:
                faults.append(_build_absent_fault(event_type, field))
            continue
        value = READERS[field.kind](field, known[name])
        if isinstance(value, Fault):
            faults.append(value)
        else:
            fields[name] = value
    return fields


def _list_unknown_fields(event_type: EventType, given: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield an error for each given field that the event does not have."""
    for name in given:
        if name not in event_type.all_fields:
            message = f"an event `{event_type.name}` has no field `{name}`"
            fix = f"Leave it out. {suggest_name(name, event_type.all_fields)}"
            yield Fault.error("event-field-unknown", JOURNAL, name, message, fix=fix)


def _build_absent_fault(event_type: EventType, field: EventField) -> Fault:
    message = f"an event `{event_type.name}` needs `{field.name}`"
    codes = field.codes or tuple(reason.code for reason in REASONS.get(event_type.name, ()) if field.name == "reason")
    listed = f" Known: {', '.join(f'`{code}`' for code in codes)}." if codes else ""
    fix = f"Add {format_option(field)}. {field.description}{listed}"
    return Fault.error("event-field-absent", JOURNAL, field.name, message, fix=fix)


def format_option(field: EventField) -> str:
    """Return how a field is typed on the command line.

    >>> format_option(FIELDS["openings"]), format_option(FIELDS["event"])
    ('`--openings NUMBER`', 'the NUMBER')
    """
    return f"`{field.option} {field.metavar}`" if field.option else f"the {field.metavar}"


def _read_cells(field: EventField, given: Any) -> Mapping[str, Any] | Fault:
    if isinstance(given, Mapping) and all(isinstance(name, str) for name in given):
        return given
    message, fix = "the cells are no mapping of column to value", "Write them as a dict, such as `cells=dict(age=41)`."
    return Fault.error("event-cells-not-a-mapping", JOURNAL, field.name, message, fix=fix)


def _read_text(field: EventField, given: Any) -> str | Fault:
    text = normalize_code(str(given)) if isinstance(given, str | int | float) else ""
    message, fix = f"`{field.name}` is empty, or no text", f"Add {format_option(field)}."
    return text or Fault.error("event-not-a-text", JOURNAL, field.name, message, fix=fix)


def _read_code(field: EventField, given: Any) -> str | Fault:
    code = normalize_code(given) if isinstance(given, str) else ""
    if not field.codes and code:  # another list for each event, or the clinic's own
        return normalize_text(given) if field.name == "instrument" else code
    if code in field.codes:
        return code
    fix = suggest_name(code, field.codes)
    return Fault.error("event-code-unknown", JOURNAL, field.name, f"`{field.name}` is not one of its codes", fix=fix)


def _read_number(field: EventField, given: Any) -> float | Fault:
    number = parse_typed_number(given)
    if math.isfinite(number):
        return number
    message, fix = f"`{field.name}` is not a number", "Write digits, with a point as decimal mark."
    return Fault.error("event-not-a-number", JOURNAL, field.name, message, fix=fix)


def parse_typed_number(given: Any) -> float:
    """Return the number that a person typed or a notebook gave; NaN for none, a truth value among it.

    >>> parse_typed_number(" 4.50 "), parse_typed_number(3), parse_typed_number(True), parse_typed_number("4,5")
    (4.5, 3.0, nan, nan)
    """
    if isinstance(given, str):
        return parse_number(given)
    if isinstance(given, bool) or not isinstance(given, int | float):
        return math.nan
    try:
        return float(given) + 0.0  # adding 0 makes 0.0 of -0.0
    except OverflowError:  # of a whole number with over 308 digits
        return math.nan


def _read_whole(field: EventField, given: Any) -> int | Fault:
    number = _read_number(field, given)
    if isinstance(number, Fault):
        return number
    low, high = field.low if field.low is not None else -math.inf, field.high if field.high is not None else math.inf
    if number.is_integer() and low <= number <= high:
        return int(number)
    limits = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of at least {low:g}"
    message, fix = f"`{field.name}` is not a whole number {limits}", f"Correct {format_option(field)}."
    return Fault.error("event-not-a-whole-number", JOURNAL, field.name, message, fix=fix)


def _read_day(field: EventField, given: Any) -> str | Fault:
    day = parse_day(given)
    if day is not None and FIRST_DAY <= day <= LAST_DAY:
        return day.isoformat()
    return build_day_fault(field.name)


def build_day_fault(name: str) -> Fault:
    """Return the error about a field that is not a day."""
    return Fault.error("event-not-a-day", JOURNAL, name, f"`{name}` is not a day", fix=DAY_FIX)


def parse_day(given: Any) -> dt.date | None:
    """Return a day from ISO text or a date; None for anything else, a time of day among it.

    >>> parse_day("2026-11-29"), parse_day("29.11.2026")
    (datetime.date(2026, 11, 29), None)
    """
    if isinstance(given, dt.date) and not isinstance(given, dt.datetime):
        return given
    try:
        return dt.date.fromisoformat(str(given).strip()) if isinstance(given, str) else None
    except ValueError:
        return None


READERS: dict[FieldKind, Callable[[EventField, Any], Any]] = {
    "cells": _read_cells,
    "name": _read_text,
    "text": _read_text,
    "code": _read_code,
    "whole": _read_whole,
    "number": _read_number,
    "day": _read_day,
}
