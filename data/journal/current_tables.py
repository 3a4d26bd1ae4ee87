"""The current tables of a clinic: its last export with the journal applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.chain_scan import scan_log
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.applying.apply_events import apply_events
from attune_fit.data.journal.garbage_collection import pause_garbage_collection
from attune_fit.data.journal.journal_access import JOURNAL_FILE, JOURNAL_NAME, find_journal
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.sealed_files import SEALED_FILES

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.clinic_day import TableDay
    from attune_fit.data.journal.applying.applied_journal import AppliedJournal
    from attune_fit.data.journal.journal_event import JournalEvent

TAIL_LINES = 20  # of each log, which can end in lines that an interruption cut off


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
    if store is None:
        check_no_journal_lost(clinic)
    with pause_garbage_collection():
        events = store.read_events(until) if store else ()
    n_events = events[-1].number if events else 0
    if until is not None and n_events != until:
        message = f"the journal has no event {until:,}; its last one is {n_events:,}"
        fix = "Name another event. `attune journal CLINIC` lists them."
        raise DataFault.error("no-such-event", "journal", "", message, fix=fix)
    return events


def check_no_journal_lost(clinic: Clinic) -> None:
    """Check that a clinic without a journal never had one.

    Lines of the logs and of the ledger name the end of the journal. Without the check, a lost journal would read as an
    empty one: its conflicts and starts would restrict nothing.

    Raises
    ------
    DataFault
        If the last lines of one of these files name an event.
    """
    named = [
        (end.number, f"{row.file} line {line:,}")
        for row in SEALED_FILES.values()
        for end, line in scan_log(clinic.artifacts / row.file, (), TAIL_LINES).heads.get(JOURNAL_NAME, {}).items()
    ]
    if not named:
        return
    n_events, place = max(named)
    events = "1 event" if n_events == 1 else f"{n_events:,} events"
    folder = format_word(clinic.folder)
    message = f"the journal is not there, but {place} names {events} of it"
    fix = (
        f"Restore a backup: attune journal {folder} --restore FILE. If the journal is lost for good, attune journal "
        f"{folder} --start-anew begins an empty one, without these events."
    )
    raise DataFault.error("journal-gone", f"{clinic.artifacts.name}/{JOURNAL_FILE}", "", message, fix=fix)
