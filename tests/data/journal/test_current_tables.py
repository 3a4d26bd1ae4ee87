"""The current tables: the export with the journal that is stored for the clinic, up to any event."""

from __future__ import annotations

import datetime as dt

from attune_fit.data.journal.applying.replaced_cells import compute_replaced
from attune_fit.data.journal.current_tables import read_current_tables, read_journal_events
from attune_fit.data.journal.journal_event import EventDraft
from attune_fit.data.reading.read_clinic import read_tables
from tests.data.conftest import ClinicFolder
from tests.data.journal.conftest import JournalFolder
from tests.fault_descriptions import raises_faults


def record_ages(folder: JournalFolder, *ages: int) -> None:
    """Record a new age of ann for each number."""
    for age in ages:
        draft = EventDraft("client_changed", dt.date(2026, 6, 15), "ann", None, {"cells": {"age": age}})
        folder.record(
            draft.type, "ann", None, replaced=compute_replaced(read_current_tables(folder.open()).tables, draft),
            **draft.fields,
        )  # fmt: skip


def read_age(folder: JournalFolder, until: int | None = None) -> float:
    clients = read_current_tables(folder.open(), until).tables.clients
    return float(clients.loc[clients["client_id"] == "ann", "age"].iloc[0])


def test_a_clinic_without_a_journal_has_the_tables_of_its_export(clinic_folder: ClinicFolder) -> None:
    clinic = JournalFolder(clinic_folder.folder).open()
    applied = read_current_tables(clinic)
    assert (applied.tables.digest(), applied.tables.last_event) == (read_tables(clinic).digest(), 0)
    assert not clinic.artifacts.exists()


def test_the_tables_are_those_after_any_event(journal_clinic: JournalFolder) -> None:
    record_ages(journal_clinic, 41, 42, 43)
    assert [read_age(journal_clinic, until) for until in (0, 1, 2, 3, None)] == [34, 41, 42, 43, 43]
    assert [read_current_tables(journal_clinic.open(), until).tables.last_event for until in (0, 2, None)] == [0, 2, 3]


def test_an_event_that_is_not_recorded_yet_is_an_error(file_clinic: JournalFolder) -> None:
    record_ages(file_clinic, 41)
    with raises_faults("journal: no-such-event (2, 1)"):
        read_journal_events(file_clinic.open(), 2)


def test_the_day_of_the_tables_can_be_another(file_clinic: JournalFolder) -> None:
    record_ages(file_clinic, 41)
    assert read_current_tables(file_clinic.open(), as_of=dt.date(2026, 6, 20)).tables.as_of == dt.date(2026, 6, 20)
