"""Drafts of events: what a person wants to record, checked against the present state, with every fault at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from attune_fit.data.cell_parsing import normalize_text
from attune_fit.data.clinic.columns import DEPARTED_THERAPIST_ID
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.applying.replaced_cells import compute_replaced
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.event_checks import list_event_faults
from attune_fit.data.journal.checks.field_values import JOURNAL, build_day_fault, parse_day, read_fields
from attune_fit.data.journal.checks.roster_checks import count_openings_left, read_cells
from attune_fit.data.journal.checks.score_checks import find_instrument
from attune_fit.data.journal.checks.undo_checks import find_undone_event
from attune_fit.data.journal.checks.wish_checks import THERAPIST_ID, read_wish
from attune_fit.data.journal.events.event_types import TYPES
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

    Returns
    -------
    EventDraft
        Its fields hold no id of a person: a wish about a therapist has the therapist as its ``therapist_id``.

    Raises
    ------
    DataFault
        With every reason why the event cannot be recorded, each with what to do. It holds ids and codes, never a cell.
    """
    if type not in TYPES:
        fix = suggest_name(type, TYPES)
        raise DataFault.error("event-type-unknown", JOURNAL, "", "there is no event of this name", fix=fix)
    faults: list[Fault] = []
    fields = read_fields(TYPES[type], values or {}, faults)
    day = state.tables.as_of if on is None else parse_day(on)
    if day is None:
        faults.append(build_day_fault("on"))
    client, therapist = _read_ids(client_id, therapist_id)
    given = frozenset(name for name, value in (values or {}).items() if value is not None)
    case = EventCase(state, TYPES[type], client, therapist, day or state.tables.as_of, fields, new_codes, given)
    case = replace(case, fields=_complete_fields(case, faults))
    faults += list_event_faults(case)
    if faults:
        raise DataFault(dict.fromkeys(faults))
    draft = _build_draft(case)
    return replace(draft, replaced=compute_replaced(state.tables, draft))


def _read_ids(client_id: Any, therapist_id: Any) -> tuple[str | None, str | None]:
    """Return both ids without outer spaces; None for no id. One that no text can hold is an error of its own."""
    ids: list[str | None] = []
    for person, given in (("client", client_id), ("therapist", therapist_id)):
        text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if text.encode(errors="replace").decode() != text:
            message, fix = f"the id of the {person} has a sign that is no text", "Type the id, or copy it from a list."
            raise DataFault.error("event-id-not-a-text", JOURNAL, person, message, fix=fix)
        ids.append(normalize_text(text) or None)
    return ids[0], ids[1]


def _complete_fields(case: EventCase, faults: list[Fault]) -> dict[str, Any]:
    """Return the fields in the codes of the clinic, with the defaults of those that were not given."""
    name, fields = case.type.name, dict(case.fields)
    if "cells" in fields:
        typed, fields["cells"] = fields["cells"], read_cells(case, faults)
        is_faulty = bool(typed) and not fields["cells"]  # each of them has a fault
        if is_faulty or (not typed and "cells" in case.type.optional):
            del fields["cells"]
    if name in ("wish_set", "wish_withdrawn"):
        fields = read_wish(case, faults)
    defaults = {field: find(case) for field, find in DEFAULTS.get(name, {}).items() if field not in case.given}
    return {**fields, **{field: value for field, value in defaults.items() if value is not None}}


def _find_last_day(case: EventCase) -> str | None:
    if case.on > case.tables.as_of:  # a fault of its own
        return None
    return (case.on + dt.timedelta(days=case.state.clinic.config.journal.offer_days)).isoformat()


DEFAULTS: Mapping[str, Mapping[str, Callable[[EventCase], Any]]] = {  # of fields that were not given; None for none
    "offered": {"until": _find_last_day},
    "roster_checked": {"openings": count_openings_left},
    "score_recorded": {"rater": lambda _: "client", "instrument": find_instrument},
}


def _build_draft(case: EventCase) -> EventDraft:
    """Return the draft of an event without faults."""
    client_id, therapist_id, fields = case.client_id, case.therapist_id, dict(case.fields)
    if case.type.name == "score_recorded":
        fields["instrument"] = find_instrument(case)
    event = find_undone_event(case)
    if event is not None:
        client_id, therapist_id = event.client_id, event.therapist_id
    if fields.get("attribute") == THERAPIST_ID and fields.get("value") != DEPARTED_THERAPIST_ID:
        therapist_id = fields.pop("value")  # an id in a field could never be forgotten
    return EventDraft(case.type.name, case.on, client_id, therapist_id, fields)
