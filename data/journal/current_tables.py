"""The current tables of a clinic: its last export with the journal applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.apply_events import AppliedJournal, apply_events
from attune_fit.data.journal.garbage_collection import pause_garbage_collection
from attune_fit.data.journal.journal_access import find_journal
from attune_fit.data.reading.read_clinic import read_tables

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.clinic_day import TableDay
    from attune_fit.data.journal.journal_event import JournalEvent


def read_current_tables(clinic: Clinic, until: int | None = None, as_of: TableDay = None) -> AppliedJournal:
    """Return the tables of a clinic with the events of its journal.

    Parameters
    ----------
    clinic : Clinic
    until : int, optional
        Number of the last event to apply; 0 for the export alone. All events by default.
    as_of : date or "latest", optional
        Day of the tables, as in :func:`read_tables`. Default: today in the clinic's time zone.

    Raises
    ------
    DataFault
        With all errors of the tables, or of a journal that cannot be read.
    """
    return apply_events(clinic, read_tables(clinic, as_of), read_journal_events(clinic, until))


def read_journal_events(clinic: Clinic, until: int | None = None) -> tuple[JournalEvent, ...]:
    """Return the events of the journal in the order of their numbers, up to one number; none without a journal.

    Raises
    ------
    DataFault
        If the journal cannot be read, or has no event of that number.
    """
    if until == 0:
        return ()
    store = find_journal(clinic)
    with pause_garbage_collection():
        events = store.read_events(until) if store else ()
    n_events = events[-1].number if events else 0
    if until is not None and n_events != until:
        message = f"the journal has no event {until:,}; its last one is {n_events:,}"
        fix = "Name another event. `attune journal CLINIC` lists them."
        raise DataFault.error("no-such-event", "journal", "", message, fix=fix)
    return events
