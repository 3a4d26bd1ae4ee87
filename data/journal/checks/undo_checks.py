"""Checks of events that take an earlier event back: it is there, and nothing later needs it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.faults import Fault
from attune_fit.data.journal.applying.settled_tables import list_offers
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.field_values import JOURNAL
from attune_fit.data.journal.checks.pair_checks import OPEN_SLOTS_RULE
from attune_fit.data.journal.events.event_types import TYPES, UNDONE
from attune_fit.data.outcomes.openings import count_openings

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.data.journal.journal_state import JournalState


def find_undone_event(case: EventCase) -> JournalEvent | None:
    """Return the event that the field ``event`` names; None where there is none."""
    return next((event for event in case.state.events if event.number == case.fields.get("event")), None)


def check_event_can_be_undone(case: EventCase) -> Iterator[Fault]:
    """Check that the event exists, is not taken back yet, and takes none back itself."""
    number, event, last = case.fields.get("event"), find_undone_event(case), len(case.state.events)
    if number is None:
        return
    if event is None:
        message = f"there is no event {number}; the last one is {last}" if last else "the journal has no event yet"
        yield Fault.error("no-event-to-undo", JOURNAL, "event", message, fix="`attune journal` lists the events.")
    elif event.type == UNDONE:
        message = f"event {number} took back another event, and cannot be undone"
        yield Fault.error("undo-of-undo", JOURNAL, "event", message, fix="Record the other event again.")
    elif number in case.state.undone:
        message = f"event {number} was taken back already"
        yield Fault.error("event-undone-already", JOURNAL, "event", message, fix="Leave it.")


def check_no_event_needs_it(case: EventCase) -> Iterator[Fault]:
    """Check that no later event was possible only because of this one."""
    event = find_undone_event(case)
    dependents = [] if event is None else list_dependents(case.state, event)
    if dependents:
        named = ", ".join(f"{one.number} (`{one.type}`)" for one in dependents)
        message = f"later events need event {case.fields['event']}: {named}"
        yield Fault.error("event-needed-later", JOURNAL, "event", message, fix="Undo those first, the last one first.")


def list_dependents(state: JournalState, event: JournalEvent) -> list[JournalEvent]:
    """Return the later events that need an event, in the order of their numbers; those taken back need nothing.

    An event needs the last earlier event of each type in :attr:`EventType.needs` about the same people.
    """
    if event.client_id is None:  # of a therapist alone, or of a client who was forgotten
        return []
    if event.type == "declined" and not _has_ended_an_offer(state, event):
        return []
    pair = event.client_id, None if event.type == "client_added" else event.therapist_id
    found: list[JournalEvent] = []
    for later in reversed([*state.iterate_events()]):
        same = later.client_id, None if event.type == "client_added" else later.therapist_id
        if later.number <= event.number or same != pair:
            continue
        if event.type in TYPES[later.type].needs:
            found.append(later)
        if later.type == event.type:  # events after this one need it, and no longer the earlier one
            break
    return found


def _has_ended_an_offer(state: JournalState, decline: JournalEvent) -> bool:
    """Return whether a decline answered an offer. Only then is a later offer of the pair another one."""
    for event in state.iterate_events("offered", "accepted", "declined", "ended", "started"):
        is_pair = (event.client_id, event.therapist_id) == (decline.client_id, decline.therapist_id)
        if event.number < decline.number and is_pair:
            return event.type in ("offered", "accepted")
    return False


def _uses_opening(tables: Tables, event: JournalEvent) -> bool:
    """Return whether an event is a start after the last check of the therapist's row: undone, it frees an opening."""
    if event.type != "started":
        return False
    roster = tables.therapists
    checked_on = roster["updated_on"][roster["therapist_id"] == event.therapist_id]
    is_later = bool((checked_on < pd.Timestamp(event.on)).any())  # False where the day of the check is missing
    return is_later or (event.client_id, event.therapist_id) in tables.pair_states.starts_since_check


def check_revived_offers(case: EventCase) -> Iterator[Fault]:
    """Check that each offer that is open again has an opening: without this event, an answer or a start is gone."""
    event, undone, tables = find_undone_event(case), case.state.undone, case.tables
    rule = case.state.clinic.config.rules.get(OPEN_SLOTS_RULE)
    if event is None or event.client_id is None or event.number in undone or event.type == UNDONE:
        return
    if rule is not None and rule.on is False:
        return
    own = [one for one in case.state.events if one.client_id == event.client_id]  # no other client's offer changes
    now, then = (list_offers(own, one, tables.as_of) for one in (undone, undone | {event.number}))
    more = Counter(offer.therapist_id for offer in then) - Counter(offer.therapist_id for offer in now)
    left = dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True))
    for therapist_id, number in sorted(more.items()):
        freed = event.therapist_id == therapist_id and _uses_opening(tables, event)
        if left.get(therapist_id, math.nan) + freed < number:
            message = f"an offer from {therapist_id} would be open again, and the therapist has no opening left"
            fix = "If there is one, record `opening_set` first, with the number of openings."
            yield Fault.error("undo-without-opening", JOURNAL, "event", message, fix=fix)
