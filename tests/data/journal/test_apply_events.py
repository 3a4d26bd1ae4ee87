"""Events applied to an export: the same as one after the other, and an undone event was never recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.pair_states import PairStates
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.applying.event_edits import EVENT_EDITS
from attune_fit.data.journal.events.event_types import BOTH, CLIENT, EVENT_TYPES, THERAPIST, UNDONE
from tests.data.journal.event_recorder import EventRecorder, Step
from tests.data.journal.plain_journal import PlainClinic, apply_plainly
from tests.fault_descriptions import raises_faults
from tests.strategies import AS_OF, clinic, clinics

CLINIC = Clinic(Path("clinic"), Config(), list_instruments({}))
COLUMNS = ("age", "gender", "languages", "phq9", "referred_on", "open_slots", "updated_on")
CELLS: dict[str, tuple[str, ...]] = {  # what a person types
    "age": ("30", "41", ""), "gender": ("f", "x", ""), "languages": ("english|spanish", "english", ""),
}  # fmt: skip
VALUES: dict[str, dict[str, tuple[Any, ...]]] = {  # fields of each type, from which one value each is drawn
    "client_added": {"cells": ({}, {"age": "30", "gender": "f"})},
    "client_changed": {"cells": tuple({name: cell} for name, cells in CELLS.items() for cell in cells)},
    "wish_set": {"attribute": ("gender",), "value": ("f", "m"), "strength": ("must", "avoid")},
    "wish_withdrawn": {"attribute": ("gender",), "value": ("f", "m", None)},
    "offered": {"until": (None, "2026-06-15", "2026-06-14")},
    "accepted": {},
    "declined": {"by": ("client",), "reason": ("does-not-align-preferences", "no-longer-seeks-therapy")},
    "started": {},
    "ended": {"reason": ("dropped-out", "completed")},
    "opening_set": {"openings": (0, 1, 3)},
    "roster_checked": {"openings": (None, 2), "cells": (None, {"age": "50"}, {"languages": "english"})},
    "conflict_set": {"reason": ("related",)},
    "score_recorded": {"session": (1, 2), "instrument": ("WAI-SR",), "score": (4.5, 3)},
}
OFTEN = ("offered", "accepted", "started", "ended", "opening_set")  # the steps of a pair, more often than the others


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Draw an event that a person tries to record about one of three clients and two therapists."""
    type = draw(st.sampled_from([*VALUES, *OFTEN, *OFTEN]))
    values = {name: value for name, all in VALUES[type].items() if (value := draw(st.sampled_from(all))) is not None}
    people = next(row.people for row in EVENT_TYPES if row.name == type)
    on = AS_OF - dt.timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 3])))
    client = draw(st.sampled_from(["c0", "c1", "new"])) if people in (CLIENT, BOTH) else None
    therapist = draw(st.sampled_from(["t0", "t1"])) if people in (THERAPIST, BOTH) else None
    return Step(type, client, therapist, on.isoformat(), True, values)


def record_possible(tables: Tables, attempts: list[Step]) -> EventRecorder:
    """Record every event that is not refused."""
    recorder = EventRecorder(CLINIC, sort_canonically(tables))
    for attempt in attempts:
        try:
            recorder.record(attempt)
        except DataFault:
            continue
    return recorder


EXPORTS = clinics(columns=COLUMNS, most=2, wishes=3, outcomes=3, conflicts=1)
JOURNALS = st.builds(record_possible, EXPORTS, st.lists(steps(), min_size=3, max_size=9))


def undo_possible(recorder: EventRecorder, numbers: set[int]) -> set[int]:
    """Take events back, without those that a later event needs; return the numbers of those taken back."""
    undone = set()
    for number in sorted(numbers & set(range(1, len(recorder.events) + 1)), reverse=True):
        try:
            recorder.record(Step(UNDONE, None, None, None, False, {"event": number, "because": "wrong-entry"}))
        except DataFault:
            continue
        undone.add(number)
    return undone


def check_all_at_once(recorder: EventRecorder, numbers: set[int]) -> None:
    undone = undo_possible(recorder, numbers)
    applied = apply_events(CLINIC, recorder.export, recorder.events)
    plain = apply_plainly(recorder.export, recorder.events)
    assert PlainClinic.from_tables(applied.tables).describe() == plain.describe()
    assert applied.tables.last_event == len(recorder.events)
    assert applied.undone == undone
    assert {one.why for one in applied.settled} <= {"export-has-score", "export-has-start"}
    shuffled = apply_events(CLINIC, shuffle(recorder.export), recorder.events[::-1])
    assert sort_canonically(shuffled.tables).digest() == applied.tables.digest()  # without events they are as given
    assert shuffled.tables.last_event == applied.tables.last_event
    assert shuffled.settled == applied.settled


def shuffle(tables: Tables) -> Tables:
    """Return the tables with their rows in another order."""
    frames: dict[str, Any] = {name: getattr(tables, name).iloc[::-1].reset_index(drop=True) for name in TABLES}
    return replace(tables, **frames)


@settings(max_examples=8, deadline=None)
@given(recorder=JOURNALS, numbers=st.sets(st.integers(1, 9), max_size=3))
def test_events_at_once_are_the_events_one_after_the_other(recorder: EventRecorder, numbers: set[int]) -> None:
    """An undone event counts as never recorded, and neither the order of events nor that of rows matters."""
    check_all_at_once(recorder, numbers)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(recorder=JOURNALS, numbers=st.sets(st.integers(1, 9), max_size=3))
def test_many_events_at_once_are_the_events_one_after_the_other(recorder: EventRecorder, numbers: set[int]) -> None:
    check_all_at_once(recorder, numbers)


@settings(max_examples=6, deadline=None)
@given(tables=EXPORTS, attempts=st.lists(steps(), min_size=3, max_size=9))
def test_an_export_that_adopted_all_events_changes_nothing(tables: Tables, attempts: list[Step]) -> None:
    """The clinic typed everything into its own software: the journal agrees with it, and lists nothing."""
    today = [attempt._replace(on=AS_OF.isoformat()) for attempt in attempts]
    recorder = record_possible(tables, today)
    applied = apply_events(CLINIC, recorder.export, recorder.events)
    adopted = replace(applied.tables, pair_states=PairStates(), last_event=0)
    again = apply_events(CLINIC, adopted, recorder.events)
    assert again.tables.digest() == applied.tables.digest()
    assert (again.settled, again.pending) == ((), ())


@settings(max_examples=6, deadline=None)
@given(recorder=JOURNALS, attempt=steps())
def test_the_last_event_undone_leaves_the_digest_of_before(recorder: EventRecorder, attempt: Step) -> None:
    tables = apply_events(CLINIC, recorder.export, recorder.events).tables
    n_events = len(recorder.events)
    try:
        recorder.record(attempt)
    except DataFault:
        return
    assert undo_possible(recorder, {n_events + 1})
    undone = apply_events(CLINIC, recorder.export, recorder.events).tables
    assert undone.digest() == tables.digest()
    assert undone.last_event == n_events + 2


def test_without_events_the_tables_are_the_very_same() -> None:
    tables = clinic({"age": [30]}, {"age": [40]})
    assert apply_events(CLINIC, tables, ()).tables is tables


def test_the_export_is_not_written_into() -> None:
    recorder = record_one_of_each()
    digest = recorder.export.digest()
    applied = apply_events(CLINIC, recorder.export, recorder.events)
    assert recorder.export.digest() == digest != applied.tables.digest()


def record_one_of_each() -> EventRecorder:
    """Record one event of each type in a clinic of two clients and two therapists."""
    tables = clinic({"age": [31, 40]}, {"age": [40, 50], "open_slots": [3, 3]})
    recorder = EventRecorder(CLINIC, sort_canonically(tables))
    for type, values in VALUES.items():
        people = next(row.people for row in EVENT_TYPES if row.name == type)
        client = {"conflict_set": "c1", "client_added": "new"}.get(type, "c0") if people in (CLIENT, BOTH) else None
        therapist = {"declined": "t1"}.get(type, "t0") if people in (THERAPIST, BOTH) else None
        last = {name: some[0] for name, some in values.items() if name != "until"}
        recorder.record(Step(type, client, therapist, None, True, last))
    return recorder


def test_every_type_of_event_has_its_edit() -> None:
    assert [*EVENT_EDITS, UNDONE] == [row.name for row in EVENT_TYPES]
    for row in EVENT_TYPES[:-1]:
        edit = EVENT_EDITS[row.name]
        assert (edit.has_client, edit.has_therapist) == ("client" in row.people, "therapist" in row.people)
        assert edit.set_cells or edit.set_states


def test_an_event_of_a_later_version_is_an_error() -> None:
    recorder = record_one_of_each()
    later = replace(recorder.events[0], number=99, type="moved")
    with raises_faults("journal: unknown-event-type (99, moved)"):
        apply_events(CLINIC, recorder.export, [*recorder.events, later])
