"""The benchmark of the journal writes events as ``record`` would, and says whether the bound holds."""

import doctest

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.checks.draft_event import draft_event
from attune_fit.data.journal.events.event_types import TYPES
from attune_fit.data.journal.journal_access import find_journal
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from attune_fit.data.journal.journal_state import JournalState
from attune_fit.data.reading.read_clinic import read_tables
from benchmarks import journal, journal_year

CLIENTS, THERAPISTS = 20, 6


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """A small clinic with a journal of a year."""
    folder = tmp_path_factory.mktemp("journal") / "clinic"
    journal_year.write_clinic(folder, CLIENTS, THERAPISTS)
    journal_year.write_journal(folder)
    return Clinic.open(folder)


@pytest.fixture(scope="module")
def events(clinic: Clinic) -> tuple[JournalEvent, ...]:
    store = find_journal(clinic)
    assert store is not None
    return store.read_events()


def test_the_journal_is_whole_and_every_event_applies(clinic: Clinic, events: tuple[JournalEvent, ...]) -> None:
    store = find_journal(clinic)
    assert store is not None
    assert store.verify().is_whole
    assert len(events) == journal_year.count_events(CLIENTS, THERAPISTS)
    applied = apply_events(clinic, read_tables(clinic), events)
    assert not applied.settled
    assert applied.undone
    unused = {"client_added", "opening_set", "conflict_set"}
    assert {event.type for event in events} == set(TYPES) - unused


def test_each_event_is_as_the_clinic_would_record_it_then(clinic: Clinic, events: tuple[JournalEvent, ...]) -> None:
    last = {event.type: number for number, event in enumerate(events)}  # of each type
    for number in last.values():
        event = events[number]
        applied = apply_events(clinic, read_tables(clinic, event.on), events[:number])
        state = JournalState(clinic, applied.tables, events[:number], applied.undone)
        client_id, therapist_id = (None, None) if event.type == "undone" else (event.client_id, event.therapist_id)
        draft = draft_event(
            state, event.type, client_id=client_id, therapist_id=therapist_id, on=event.on, values=event.fields
        )
        assert draft == EventDraft(
            event.type, event.on, event.client_id, event.therapist_id, event.fields, event.replaced
        )  # fmt: skip


@pytest.mark.parametrize("step", journal.STEPS)
def test_every_step_takes_time(clinic: Clinic, step: str, capsys: pytest.CaptureFixture[str]) -> None:
    journal.print_seconds(step, clinic.folder)
    assert float(capsys.readouterr().out) > 0


def test_the_printed_ratios() -> None:
    for module in (journal, journal_year):
        found = doctest.testmod(module)
        assert (found.attempted, found.failed) == (1, 0)
    costs = {"open the clinic": {"plain": 1.0, "year": 2.6}, "record one event": {"plain": 0.01, "year": 0.5}}
    assert journal.format_costs(1, costs).endswith("OVER")
