"""Records events of a small clinic in memory: each is drafted against the state that the events before it gave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.checks.draft_event import draft_event
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from attune_fit.data.journal.journal_state import JournalState
from tests.data.conftest import ClinicFolder

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


class Step(NamedTuple):
    """An event as a person wants to record it."""

    type: str
    client: str | None
    therapist: str | None
    on: str | None
    new_codes: bool
    values: dict[str, Any]


def step(
    type: str,
    client: str | None = None,
    therapist: str | None = None,
    *,
    on: str | None = None,
    new_codes: bool = False,
    **values: Any,
) -> Step:
    """Return an event as a person wants to record it."""
    return Step(type, client, therapist, on, new_codes, values)


@dataclass
class EventRecorder:
    """A clinic, its export and the events so far."""

    clinic: Clinic
    export: Tables
    events: list[JournalEvent] = field(default_factory=list)

    @classmethod
    def open(cls, folder: ClinicFolder) -> EventRecorder:
        """Open a clinic folder without a journal."""
        return cls(Clinic.open(folder.folder), folder.read())

    @property
    def state(self) -> JournalState:
        """The state that the next event is checked against."""
        applied = apply_events(self.clinic, self.export, self.events)
        return JournalState(self.clinic, applied.tables, tuple(self.events), applied.undone)

    def draft(self, one: Step) -> EventDraft:
        """Return the draft of an event; raise DataFault with every reason why it cannot be recorded."""
        return draft_event(
            self.state, one.type, client_id=one.client, therapist_id=one.therapist, on=one.on, values=one.values,
            new_codes=one.new_codes,
        )  # fmt: skip

    def record(self, *steps: Step) -> JournalEvent:
        """Record events, and return the last one."""
        for one in steps:
            draft = self.draft(one)
            number = len(self.events) + 1
            self.events.append(JournalEvent(
                number, NOON + dt.timedelta(minutes=number), draft.on, "kim", draft.type, draft.client_id,
                draft.therapist_id, draft.fields, draft.replaced, f"seal {number}",
            ))  # fmt: skip
        return self.events[-1]
