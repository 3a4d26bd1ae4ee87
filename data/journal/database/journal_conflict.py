"""A conflict of two people who record: an event that the caller has not seen is about the same client or therapist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.database.journal_faults import FILE_PLACE, JournalPlace
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent


class PeopleIds(NamedTuple):
    """Ids of clients and therapists."""

    clients: frozenset[str]
    therapists: frozenset[str]

    @classmethod
    def of_events(cls, events: Iterable[EventDraft | JournalEvent]) -> PeopleIds:
        """Return the people of events or drafts."""
        listed = list(events)
        clients = frozenset(event.client_id for event in listed if event.client_id is not None)
        return cls(clients, frozenset(event.therapist_id for event in listed if event.therapist_id is not None))

    def overlap(self, other: PeopleIds) -> bool:
        """Return whether the two have a person in common."""
        return not (self.clients.isdisjoint(other.clients) and self.therapists.isdisjoint(other.therapists))

    def join(self, other: PeopleIds) -> PeopleIds:
        """Return the people of both."""
        return PeopleIds(self.clients | other.clients, self.therapists | other.therapists)

    def is_in(self, event: JournalEvent) -> bool:
        """Return whether an event is about one of them."""
        return event.client_id in self.clients or event.therapist_id in self.therapists


class JournalConflict(DataFault):
    """Nothing was recorded: later events are about the same people than the last one that the caller has seen.

    Attributes
    ----------
    later : tuple of JournalEvent
        Those events, in the order of their numbers. A page shows from them what another person recorded.

    Parameters
    ----------
    later : sequence of JournalEvent
        At least one.
    faults : collection of Fault
        Why the event could not be recorded now in any case, such as a therapist without an opening.
    place : JournalPlace
        Where the journal is.
    """

    def __init__(
        self, later: Sequence[JournalEvent], faults: Collection[Fault] = (), place: JournalPlace = FILE_PLACE
    ) -> None:
        self.later = tuple(later)
        self._given = later, faults, place
        last = self.later[-1]
        when = f"{last.at:%Y-%m-%d %H:%M}"
        message = f"event {last.number} (`{last.type}`, {when} UTC) came after what you saw"
        fix = "Nothing was recorded. Look at that event with `attune journal CLINIC`, then record again."
        super().__init__([Fault.error("changed-by-someone-else", place.file, place.key, message, fix=fix), *faults])

    def __reduce__(self) -> tuple[type[JournalConflict], tuple[object, ...]]:  # type: ignore[override]
        """Return how another process makes the same exception."""
        return type(self), self._given


def list_later_events(events: Sequence[JournalEvent], people: PeopleIds, expected: int | None) -> list[JournalEvent]:
    """Return the events about any of these people after the last one that was seen; none where that is not given.

    Parameters
    ----------
    events : sequence of JournalEvent
        All events of the journal by number, from 1.
    people : PeopleIds
    expected : int or None
        Number of the last event that was seen, 0 for none.
    """
    return [] if expected is None else [event for event in events[expected:] if people.is_in(event)]
