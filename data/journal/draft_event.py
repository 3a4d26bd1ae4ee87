"""Drafts of events: what a person wants to record, checked against the present state, with every fault at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.event_types import TYPES
from attune_fit.data.journal.field_values import JOURNAL, parse_day, read_fields
from attune_fit.data.journal.journal_event import EventDraft
from attune_fit.data.journal.journal_state import JournalState


def draft_event(
    state: JournalState,
    type: str,
    *,
    client_id: str | None = None,
    therapist_id: str | None = None,
    on: dt.date | str | None = None,
    values: Mapping[str, Any] | None = None,
    new_codes: bool = False,
) -> EventDraft:
    """Return a checked draft of an event that can be recorded next.

    Parameters
    ----------
    state : JournalState
        The clinic's tables with all events so far.
    type : str
        Name of a row of :data:`EVENT_TYPES`.
    client_id, therapist_id : str or None
        The people, as the type asks for them.
    on : date, str or None
        The day on which it happened, a date or ISO text; None for today, which is ``state.tables.as_of``.
    values : mapping of str to value
        The fields by the names of :data:`EVENT_FIELDS`: text as typed, or Python values. None means not given.
    new_codes : bool
        Whether cells and wishes can have codes that no one has yet.

    Raises
    ------
    DataFault
        With every reason why the event cannot be recorded, each with what to do. It holds ids and codes, never a cell.
    """
    if type not in TYPES:
        fix = suggest_name(type, TYPES)
        raise DataFault.error("event-type-unknown", JOURNAL, "", f"there is no event `{type}`", fix=fix)
    faults: list[Fault] = []
    fields = read_fields(TYPES[type], values or {}, faults)
    day = state.tables.as_of if on is None else parse_day(on)
    del new_codes  # read by the checks of cells and wishes
    if faults or day is None:
        raise DataFault(faults)
    return EventDraft(type, day, client_id, therapist_id, fields)
