"""Types of events in the words of the pages."""

from __future__ import annotations

from collections.abc import Mapping

from attune_fit.data.journal.events.reason_codes import UNDO_REASONS

EVENT_NAMES: Mapping[str, str] = {
    "client_added": "client added",
    "client_changed": "client changed",
    "wish_set": "wish set",
    "wish_withdrawn": "wish withdrawn",
    "offered": "offered",
    "accepted": "offer accepted",
    "declined": "declined",
    "started": "started",
    "ended": "ended",
    "opening_set": "openings set",
    "roster_checked": "roster row checked",
    "conflict_set": "conflict set",
    "score_recorded": "score recorded",
    "undone": "undone",
}


def format_event_name(event_type: str) -> str:
    """Return a type of event as the pages name it; an unknown one with spaces.

    >>> format_event_name("opening_set"), format_event_name("something_new")
    ('openings set', 'something new')
    """
    return EVENT_NAMES.get(event_type, event_type.replace("_", " "))


def list_undo_reasons() -> list[tuple[str, str]]:
    """Return code and meaning of each reason to take an event back; the usual one first.

    >>> list_undo_reasons()[0]
    ('decision-changed', 'The clinic took its decision back.')
    """
    return [(reason.code, reason.meaning) for reason in reversed(UNDO_REASONS)]
