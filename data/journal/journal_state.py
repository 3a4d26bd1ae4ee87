"""The state of a clinic to which a new event is added: its tables now, and the events in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attune_fit.data.journal.events.event_types import UNDONE

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import JournalEvent


@dataclass(frozen=True)
class JournalState:
    """What a new event is checked against.

    Attributes
    ----------
    clinic : Clinic
        Its settings and instruments.
    tables : Tables
        The clinic's tables with the events applied; ``tables.as_of`` is today.
    events : tuple of JournalEvent
        All events, in the order of their numbers.
    undone : frozenset of int
        Numbers of the events that were taken back.
    """

    clinic: Clinic
    tables: Tables
    events: tuple[JournalEvent, ...] = ()
    undone: frozenset[int] = frozenset()

    def iterate_events(self, *types: str) -> Iterator[JournalEvent]:
        """Yield the events of these types that were not taken back, the newest first; of any type by default."""
        for event in reversed(self.events):
            if event.number not in self.undone and event.type != UNDONE and (not types or event.type in types):
                yield event

    def find_last(self, client_id: str | None, therapist_id: str | None, *types: str) -> JournalEvent | None:
        """Return the newest event of these types about exactly these people; None for none."""
        pair = client_id, therapist_id
        found = (event for event in self.iterate_events(*types) if (event.client_id, event.therapist_id) == pair)
        return next(found, None)
