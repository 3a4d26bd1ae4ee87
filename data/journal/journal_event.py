"""One event of the journal, and the draft of one that is not recorded yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class EventDraft:
    """An event before it is recorded.

    Attributes
    ----------
    type : str
        Name of a row of :data:`EVENT_TYPES`, such as ``started``.
    on : date
        The day on which it happened, in the clinic's time zone.
    client_id, therapist_id : str or None
        None where events of this type are about no client, or about no therapist.
    fields : mapping
        Coded fields in the types of JSON, by the names of :data:`EVENT_FIELDS`; fields without a value are left out.
    replaced : mapping of str to str
        Digest of each cell that the event replaces, as it was when the event was recorded, by the name of the cell;
        see :mod:`cell_settlement`. It shows later whether a new export has changed the same cell.
    """

    type: str
    on: dt.date
    client_id: str | None = None
    therapist_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JournalEvent:
    """A recorded event, with ids in place of the random keys that the database holds.

    Attributes
    ----------
    number : int
        1 is the first event; no number is missing.
    at : datetime
        When it was recorded, UTC.
    on : date
        The day on which it happened, in the clinic's time zone.
    actor : str or None
        Who recorded it; None if this person was forgotten.
    type : str
    client_id, therapist_id : str or None
        None where events of this type are about no such person, or where the person was forgotten.
    fields, replaced : mapping
        As in :class:`EventDraft`.
    seal : str
        SHA-256 of the stored event, which holds the seal of the event before.
    """

    number: int
    at: dt.datetime
    on: dt.date
    actor: str | None
    type: str
    client_id: str | None
    therapist_id: str | None
    fields: Mapping[str, Any]
    replaced: Mapping[str, str]
    seal: str
