"""The latest events about each client, therapist and pair, found in one pass over the journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attune_fit.data.clinic.pair_states import Pair

if TYPE_CHECKING:
    from attune_fit.data.journal.journal_event import JournalEvent
    from attune_fit.data.journal.journal_state import JournalState

PAIR_EVENTS = ("offered", "accepted", "declined", "started", "ended")  # of which the latest of a pair is kept
NEXT_REASONS = frozenset({"client-request", "therapist-request", "therapist-left"})  # ends: the client needs another


@dataclass(frozen=True)
class LatestEvents:
    """The latest events that were not taken back.

    Attributes
    ----------
    of_pairs : dict of (str, Pair) to JournalEvent
        By type and pair, for the types of :data:`PAIR_EVENTS`.
    days_of_clients : dict of str to date
        The latest day of an event about each client.
    numbers_of_therapists : dict of str to int
        Number of the latest event about each therapist, one that was taken back and its ``undone`` included.
    """

    of_pairs: dict[tuple[str, Pair], JournalEvent] = field(default_factory=dict)
    days_of_clients: dict[str, dt.date] = field(default_factory=dict)
    numbers_of_therapists: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_journal(cls, state: JournalState) -> LatestEvents:
        """Read all events once, from the first to the last."""
        numbers = {event.therapist_id: event.number for event in state.events if event.therapist_id is not None}
        latest = cls(numbers_of_therapists=numbers)
        for event in reversed(list(state.iterate_events())):
            latest._add_event(event)
        return latest

    def _add_event(self, event: JournalEvent) -> None:
        if event.client_id is None:
            return
        day = self.days_of_clients.get(event.client_id, event.on)
        self.days_of_clients[event.client_id] = max(day, event.on)
        if event.type in PAIR_EVENTS and event.therapist_id is not None:
            self.of_pairs[event.type, Pair(event.client_id, event.therapist_id)] = event

    def find_day(self, event_type: str, client_id: str, therapist_id: str) -> dt.date | None:
        """Return the day of the latest event of a type about a pair; None without one."""
        event = self.of_pairs.get((event_type, Pair(client_id, therapist_id)))
        return None if event is None else event.on

    def find_ends_before_offers(self) -> dict[str, dt.date]:
        """Return the day on which therapy ended, by client: of clients with an offer or a decline since that end.

        A client who started again since is left out.
        """
        ends = self._list_last_ends(is_followed=True)
        return {str(event.client_id): event.on for event in ends}

    def list_ends_without_offer(self) -> list[JournalEvent]:
        """List the end of therapy of each client who needs another therapist, and has no offer or start since."""
        return [
            event for event in self._list_last_ends(is_followed=False) if event.fields.get("reason") in NEXT_REASONS
        ]

    def _list_last_ends(self, *, is_followed: bool) -> list[JournalEvent]:
        """List the last end of each client without a later start, with an offer since then or without."""
        last: dict[str, dict[str, JournalEvent]] = {}  # by client, then by the kind of event
        for (event_type, pair), event in self.of_pairs.items():
            kind = event_type if event_type in ("started", "ended") else "offer"
            own = last.setdefault(pair.client_id, {})
            own[kind] = max(own.get(kind, event), event, key=lambda one: one.number)
        ends = [(own["ended"], own) for own in last.values() if "ended" in own]
        return [
            end for end, own in ends
            if ("started" not in own or own["started"].number < end.number)
            and ("offer" in own and own["offer"].number > end.number) is is_followed
        ]  # fmt: skip
