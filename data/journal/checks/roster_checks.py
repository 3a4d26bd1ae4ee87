"""Checks of events about a therapist's row: the number of openings, and the day on which the row was checked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from attune_fit.data.faults import Fault
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.event_values import CellReader
from attune_fit.data.journal.checks.field_values import JOURNAL
from attune_fit.data.journal.events.event_columns import ROSTER_COLUMNS


def count_openings_left(case: EventCase) -> int | None:
    """Return the number of openings left today, those of offers included: what a check without a number confirms.

    None where the number is not known, and for a check on an earlier day: the starts since then are not in it.
    """
    if case.on != case.tables.as_of or not case.is_known("therapist"):
        return None
    left = case.openings_before_offers
    return None if math.isnan(left) else int(left)


def check_roster_day(case: EventCase) -> Iterator[Fault]:
    """Check that the therapist's row was not checked on a later day, whose number holds."""
    if case.checked_on is not None and case.on < case.checked_on:
        message = f"the row of {case.therapist_id} was checked on a later day than {case.on}"
        fix = "Record the number of today, without `--on`."
        yield Fault.error("roster-checked-later", JOURNAL, "on", message, fix=fix)


def check_roster_cells(case: EventCase) -> Iterator[Fault]:
    """Check that no cell which the event would replace is unreadable: the export has to be corrected then."""
    unread = [name for name in sorted(ROSTER_COLUMNS) if case.is_unreadable("therapists", name)]
    if unread:
        message = f"{' and '.join(unread)} of {case.therapist_id} cannot be read in the export"
        fix = "Correct it there: the journal does not replace what cannot be read."
        yield Fault.error("roster-cell-unreadable", JOURNAL, "therapist", message, fix=fix)


def check_openings_given(case: EventCase) -> Iterator[Fault]:
    """Check that a roster check on an earlier day names the openings, where the row has a number."""
    is_known = not math.isnan(case.openings_before_offers)
    if "openings" not in case.given and is_known and case.on != case.tables.as_of:
        message = "a check on an earlier day needs the number of openings of that day"
        yield Fault.error("openings-of-earlier-day", JOURNAL, "openings", message, fix="Add `--openings NUMBER`.")


def check_cells_readable(case: EventCase) -> Iterator[Fault]:
    """Check that no cell which the event sets is unreadable in the export: the journal does not replace such a cell."""
    table, person = ("therapists", "therapist") if case.type.name == "roster_checked" else ("clients", "client")
    for name in case.fields.get("cells", {}):
        if case.is_unreadable(table, name):
            message = f"the cell of {case.get_id(person)} cannot be read in the export"
            fix = "Correct it there: the journal does not replace what cannot be read."
            yield Fault.error("event-cell-unreadable", JOURNAL, name, message, fix=fix)


def check_cells_change(case: EventCase) -> Iterator[Fault]:
    """Check that a change of a client names a cell, and changes one."""
    cells = case.fields.get("cells")
    if cells is None:
        return
    if not cells:
        message, fix = "no column is named", "Add `--set COLUMN=VALUE`."
        yield Fault.error("event-without-cells", JOURNAL, "cells", message, fix=fix)
    elif all(_is_same(case.get_row("client").get(name), new) for name, new in cells.items()):
        message, fix = "the client has these cells already", "Leave it, or correct what you typed."
        yield Fault.error("event-changes-nothing", JOURNAL, "cells", message, fix=fix)


def _is_same(now: Any, new: Any) -> bool:
    """Return whether a cell of the tables holds what an event sets."""
    if now is None or now != now or str(now) in ("<NA>", "NaT"):
        return new is None
    if hasattr(now, "date"):
        return bool(now.date().isoformat() == new)
    return bool(now == new)


def read_cells(case: EventCase, faults: list[Fault]) -> dict[str, Any]:
    """Return the field ``cells`` as the tables hold it; add every fault to ``faults``.

    See :meth:`CellReader.read_cells`.
    """
    table = "therapists" if case.type.name == "roster_checked" else "clients"
    return CellReader(case.state, table, case.new_codes).read_cells(case.fields["cells"], faults)
