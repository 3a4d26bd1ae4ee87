"""Verbs that record in the journal: one event, or several of which all are recorded or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attune_fit.clinic_session import ClinicSession, check_at_least
from attune_fit.event_request import EventRequest
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
    from attune_fit.recorded_event import RecordedEvent

Day = dt.date | str


class RecordVerbs(ClinicSession):
    """Record what happened in the clinic's day. No event is changed or deleted later; ``undone`` takes one back."""

    def record(
        self,
        event: str,
        *,
        client: str | None = None,
        therapist: str | None = None,
        on: Day | None = None,
        number: int | None = None,
        new_codes: bool = False,
        expected: int | None = None,
        actor: str | None = None,
        **values: Any,
    ) -> Result:
        """Record one event; from then on every verb of this clinic sees it. The export is not read again.

        Parameters
        ----------
        event : str
            Name of a row of :data:`EVENT_TYPES`, such as ``"offered"``.
        client, therapist : str, optional
            Ids of the people whom the event is about.
        on : date or str, optional
            The day on which it happened, ISO. Default: today.
        number : int, optional
            For ``undone``: the event to take back.
        new_codes : bool, default False
            Whether a code that no table of the clinic has yet is accepted.
        expected : int, optional
            The last event about these people that the caller has seen. If a later one is there, nothing is recorded. A
            number that the journal does not have yet is of another journal, and counts as 0.
        actor : str, optional
            Who records it. Default: the user name on this machine.
        **values
            Fields of the event, by the names of :data:`EVENT_FIELDS`; ``cells`` is a dict of column to value.

        Returns
        -------
        Result
            Of a :class:`RecordedEvent`. The frame has the row of the event that ``journal`` shows.

        Raises
        ------
        JournalConflict
            If someone else recorded an event about these people; ``later`` has those events. Nothing is written then.
        DataFault
            With every reason why the event cannot be recorded. Nothing is written then.
        """
        from attune_fit.journal_frames import build_events_frame

        check_at_least(0, expected=expected)
        request = EventRequest(event, client, therapist, on, number, new_codes, values)
        (one,), notes = self._record([request], expected, actor)
        return Result(one, one.summary, lambda: build_events_frame([one.row]), one.to_dict, notes)

    def record_all(
        self, drafts: Sequence[Mapping[str, Any]], *, expected: int | None = None, actor: str | None = None
    ) -> Result:
        """Record several events, all or none: each is checked against the state after the ones before it.

        Parameters
        ----------
        drafts : sequence of mapping
            The keywords of ``record`` for each event, such as ``{"event": "offered", "client": "c1", "therapist":
            "t1"}``. To take events back, name them in the reverse order of their numbers. Without a draft nothing is
            written.
        expected : int, optional
            The last event about any of these people that the caller has seen. If a later one is about one of them,
            nothing is recorded.
        actor : str, optional
            Who records them. Default: the user name on this machine.

        Returns
        -------
        Result
            Of a tuple of :class:`RecordedEvent`, in the order of the drafts, with the state after the last one. The
            frame has one row for each.

        Raises
        ------
        JournalConflict
            As ``record``.
        DataFault
            With every reason why a draft cannot be recorded. ``rows`` of each reason has the place of its draft, from
            1. A draft about a person of an earlier draft that cannot be recorded is not checked.
        """
        from attune_fit.journal_frames import build_events_frame

        check_at_least(0, expected=expected)
        requests = [EventRequest.from_mapping(draft) for draft in drafts]
        recorded, notes = self._record(requests, expected, actor) if requests else ((), ())
        rows = [one.row for one in recorded]
        numbers = f": {rows[0].event.number} to {rows[-1].event.number}" if len(rows) > 1 else ""
        summary = recorded[0].summary if len(recorded) == 1 else f"{len(recorded)} events recorded{numbers}"
        return Result(recorded, summary, lambda: build_events_frame(rows), lambda: [one.to_dict() for one in recorded],
                      notes)  # fmt: skip

    def _record(
        self, requests: Sequence[EventRequest], expected: int | None, actor: str | None
    ) -> tuple[tuple[RecordedEvent, ...], tuple[str, ...]]:
        """Record events, all or none; return them with the state after the last one, and the notes about each."""
        from attune_fit.data.journal.current_tables import check_no_journal_lost
        from attune_fit.data.journal.journal_access import find_journal, open_journal
        from attune_fit.recorded_event import describe_recorded_events
        from attune_fit.recording_person import check_actor, find_user_name

        self._check_current("record")
        if expected is not None and expected > self.count_events():  # of a journal that was put back from a backup
            expected = 0
        notes: list[str] = []
        drafts: list[EventDraft] = []

        def build(events: tuple[JournalEvent, ...]) -> list[EventDraft]:
            if events or not drafts:  # where there is no database yet, it is called twice without an event
                notes.clear()
                drafts[:] = self._draft_all(requests, events, expected, notes)
            return drafts

        who = find_user_name() if actor is None else check_actor(actor)
        before = self.snapshot
        _ = self.exported_tables  # read before the journal is locked
        if find_journal(self.clinic) is None:
            check_no_journal_lost(self.clinic)
        store = open_journal(self.clinic)
        recorded = store.record_all(build, actor=who, now=dt.datetime.now(dt.UTC), expected=expected)
        self.snapshot.replace_last_events(recorded)
        self._publish_events(before)
        return describe_recorded_events(self, recorded), tuple(dict.fromkeys(notes))

    def _draft_all(
        self, requests: Sequence[EventRequest], events: tuple[JournalEvent, ...], expected: int | None, notes: list[str]
    ) -> list[EventDraft]:
        """Return the drafts of events, each checked after the ones before, and show this verb the state after them.

        Raises
        ------
        JournalConflict
            If a draft cannot be recorded, and later events than ``expected`` are about its people.
        DataFault
            If a draft cannot be recorded otherwise.
        """
        from attune_fit.data.faults import DataFault
        from attune_fit.data.journal.database.journal_conflict import JournalConflict, list_later_events

        drafts: list[EventDraft] = []
        faults: list[Fault] = []
        refused = EventRequest("").list_people(events)  # the people of drafts that cannot be recorded
        later: dict[int, JournalEvent] = {}
        shown = events
        for place, request in enumerate(requests, 1):
            people = request.list_people(events)
            later |= {event.number: event for event in list_later_events(events, people, expected)}
            if people.overlap(refused):
                refused = refused.join(people)  # what follows from the refusal is no news
                continue
            try:
                drafts.append(self._draft_one(request, shown, notes))
            except DataFault as error:
                faults += _place_faults(error.faults, place if len(requests) > 1 else 0)
                refused = refused.join(people)
            else:
                shown = self.snapshot.journal_events
        if faults and later:
            raise JournalConflict(sorted(later.values(), key=lambda event: event.number), faults)
        if faults:
            raise DataFault(dict.fromkeys(faults))
        return drafts

    def _draft_one(self, request: EventRequest, events: tuple[JournalEvent, ...], notes: list[str]) -> EventDraft:
        """Return the draft of an event after earlier ones, and show this verb the state with it."""
        from attune_fit.data.journal.journal_state import JournalState
        from attune_fit.recorded_event import list_event_notes

        self._show_events(events)
        draft = request.draft(JournalState(self.clinic, self.tables, events, self.applied_journal.undone))
        notes += list_event_notes(self, draft)
        self._show_events((*events, _preview_event(draft, len(events) + 1)))
        _ = self.tables  # an event that could not be applied is never written
        return draft


def _preview_event(draft: EventDraft, number: int) -> JournalEvent:
    """Return a draft as the event that it becomes, before its seal and its time are known."""
    from attune_fit.data.journal.journal_event import JournalEvent

    return JournalEvent(
        number, dt.datetime.now(dt.UTC), draft.on, None, draft.type, draft.client_id, draft.therapist_id, draft.fields,
        draft.replaced, "",
    )  # fmt: skip


def _place_faults(faults: Sequence[Fault], place: int) -> list[Fault]:
    """Return the faults of one of several drafts, with its place among them as row; those of a table keep theirs."""
    return [replace(fault, rows=(place,)) if place and fault.table == "journal" else fault for fault in faults]
