"""One event as a caller wants to record it: the keywords of ``Workspace.record``, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

    from attune_fit.data.journal.database.journal_conflict import PeopleIds
    from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
    from attune_fit.data.journal.journal_state import JournalState


@dataclass(frozen=True)
class EventRequest:
    """An event before it is checked; :meth:`Workspace.record` has the meaning of each attribute."""

    event: str
    client: str | None = None
    therapist: str | None = None
    on: dt.date | str | None = None
    number: int | None = None
    new_codes: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, draft: Mapping[str, Any]) -> EventRequest:
        """Return the event of keywords; those that are no parameter of ``record`` are fields of the event.

        Raises
        ------
        TypeError
            If it is no mapping of text to values.

        >>> EventRequest.from_mapping({"event": "ended", "client": 7, "therapist": "t1", "reason": "completed"}).values
        {'reason': 'completed'}
        """
        if not isinstance(draft, Mapping):
            raise TypeError("a draft is a mapping, such as {'event': 'accepted', 'client': 'c1', 'therapist': 't1'}.")
        own = {"event": "", **{name: draft[name] for name in PARAMETERS if name in draft}}
        return cls(**own, values={name: value for name, value in draft.items() if name not in PARAMETERS})

    def list_people(self, events: Sequence[JournalEvent]) -> PeopleIds:
        """Return the people whom the event is about; those of ``undone`` are the people of the event it takes back."""
        from attune_fit.data.journal.database.journal_conflict import PeopleIds
        from attune_fit.data.journal.events.event_types import UNDONE

        ids = PeopleIds(frozenset(_list_ids(self.client)), frozenset(_list_ids(self.therapist)))
        if self.event != UNDONE:
            return ids
        number = self.number if self.number is not None else self.values.get("event")
        return PeopleIds.of_events(event for event in events if str(event.number) == str(number))

    def draft(self, state: JournalState) -> EventDraft:
        """Return the checked draft of the event; raises as :func:`draft_event`."""
        from attune_fit.data.journal.checks.draft_event import draft_event

        values = self.values if self.number is None else {**self.values, "event": self.number}
        return draft_event(
            state,
            self.event,
            client_id=convert_id(self.client),
            therapist_id=convert_id(self.therapist),
            on=self.on,
            values=values,
            new_codes=self.new_codes,
        )


PARAMETERS = ("event", "client", "therapist", "on", "number", "new_codes")


def convert_id(id_: object) -> str | None:
    """Return an id as text; a notebook reads the ids 1, 2, 3 as numbers."""
    return None if id_ is None else str(id_)


def _list_ids(id_: object) -> list[str]:
    return [] if id_ is None else [str(id_).strip()]
