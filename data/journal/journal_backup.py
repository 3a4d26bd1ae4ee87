"""Backups of a journal: one SQLite file with its events, whatever database it is in, and the way back."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

from attune_fit.data.chain_check import ChainCheck
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_chain import check_journal_rows
from attune_fit.data.journal.database.journal_database import JournalDatabase
from attune_fit.data.journal.database.journal_faults import FILE_PLACE, JournalPlace
from attune_fit.data.journal.database.journal_queries import (
    add_events,
    add_people,
    list_journal_names,
    lock_end,
    read_content,
    remove_rows,
    set_end,
)
from attune_fit.data.journal.database.journal_rows import JournalContent
from attune_fit.data.journal.database.journal_store import NO_EVENTS, JournalStore
from attune_fit.data.journal.journal_access import open_journal
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.storage.regular_file import describe_irregular_file

UNCHANGED = "The clinic's journal is unchanged."


class RestoredJournal(NamedTuple):
    """What restoring a backup did.

    Attributes
    ----------
    n_before, n_events : int
        Events in the journal before and afterwards.
    end : ChainHead
        Number and seal of the last event.
    """

    n_before: int
    n_events: int
    end: ChainHead


def back_up(store: JournalStore, path: Path) -> ChainHead:
    """Write all events of a journal, and its people, to a SQLite file, and return the end of the journal.

    Parameters
    ----------
    store : JournalStore
    path : Path
        The file; complete or absent, and an existing one is replaced only by a complete one. It holds ids: only its
        owner can read it.

    Raises
    ------
    DataFault
        If there is no journal, events were changed or are missing, or ``path`` is the journal itself.
    OSError
        If the file cannot be written.
    """
    place = store.database.place
    if store.database.file is not None and os.path.realpath(path) == os.path.realpath(store.database.file):
        message, fix = "the backup would replace the journal itself", "Name another file."
        raise DataFault.error("backup-is-the-journal", place.file, place.key, message, fix=fix)
    content = store.read_content() if store.exists() else JournalContent(None, [], [])
    if content.end is None or not content.end.number:
        message, fix = "this clinic has no journal yet", "Record an event first: `attune record CLINIC` lists them."
        raise DataFault.error("no-journal", place.file, place.key, message, fix=fix)
    if breaks := _check_content(content).breaks:
        message = f"the journal is not as Attune wrote it: {breaks[0].message}"
        fix = "`attune journal CLINIC --verify` lists what was changed. No backup was written."
        raise DataFault.error("journal-not-backed-up", place.file, place.key, message, fix=fix)
    write_atomically(path, partial(_write_backup, content, store.name))
    return content.end


def restore(clinic: Clinic, path: Path) -> RestoredJournal:
    """Replace the journal of a clinic by a backup that holds all its events, in one transaction.

    People whom the present journal has forgotten stay forgotten. Where there is no journal, such as after the loss of a
    disk, those who were forgotten after the backup have their ids again.

    Parameters
    ----------
    clinic : Clinic
    path : Path
        A file that :func:`back_up` wrote, also with an earlier version of Attune; it is not changed.

    Raises
    ------
    DataFault
        If the file is no whole backup, or the present journal has events that the backup lacks.
    """
    content, store = read_backup(path, clinic.config.journal.name), open_journal(clinic)
    place = JournalPlace(path.name)
    if content.end is None or not content.end.number:
        raise DataFault.error(
            "backup-empty", place.file, place.key, "the backup holds no events", fix=f"Name another file. {UNCHANGED}"
        )
    if breaks := _check_content(content).breaks:
        message = f"the backup is not as Attune wrote it: {breaks[0].message}"
        fix = f"Use another backup. {UNCHANGED}"
        raise DataFault.error("backup-not-whole", place.file, place.key, message, fix=fix)
    seals = {0: "", **{row.number: row.seal for row in content.rows}}
    with store.database.write() as connection:
        before = store.lock_end(connection)
        if seals.get(before.number) != before.seal:
            message = f"the journal has {before.number:,} events, and not all of them are in the backup"
            fix = f"Use a later backup of this journal. {UNCHANGED}"
            raise DataFault.error("journal-not-in-backup", place.file, place.key, message, fix=fix)
        forgotten = read_content(connection, store.name).list_forgotten_keys()
        remove_rows(connection, store.name)
        add_events(connection, store.name, content.rows)
        add_people(connection, store.name, (person for person in content.people if person.key not in forgotten))
        set_end(connection, store.name, before, content.end)
    return RestoredJournal(before.number, content.end.number, content.end)


def read_backup(path: Path, name: str) -> JournalContent:
    """Return all rows of a backup; a copy of it is brought to the newest version first.

    Parameters
    ----------
    path : Path
    name : str
        Name of the journal to read, where the file holds several. A single one is read whatever its name: a clinic can
        move its journal to a shared database, under a name of its own.

    Raises
    ------
    DataFault
        If there is no such file, or it is no backup.
    """
    place = JournalPlace(path.name)
    if (kind := describe_irregular_file(path)) or not path.exists():
        message = f"the backup {f'is {kind}, not a file' if kind else 'does not exist'}"
        raise DataFault.error("backup-not-found", place.file, place.key, message, fix="Check the path of the file.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        try:
            shutil.copyfile(path, copy)
            return _read_copy(JournalDatabase(file=copy, place=place), name)
        except OSError as error:
            reason = error.strerror or "the system reported an error"
        except DataFault as error:
            if error.faults[0].id == "journal-of-newer-version":
                raise
            reason = "it is damaged, or no backup of this journal"
    message = f"Attune cannot read the backup ({reason})"
    fix = f"Name a file that `attune journal CLINIC --backup FILE` wrote. {UNCHANGED}"
    raise DataFault.error("backup-not-readable", place.file, place.key, message, fix=fix)


def _read_copy(database: JournalDatabase, name: str) -> JournalContent:
    store = JournalStore(database, name)
    with database.write() as connection:  # brings the copy to the newest version
        names = list_journal_names(connection)
    if len(names) == 1:
        store = JournalStore(database, names[0])
    elif names and name not in names:
        message, fix = "it holds several journals, none with the name of this clinic's", "Name another file."
        raise DataFault.error("backup-of-other-journals", database.place.file, database.place.key, message, fix=fix)
    return store.read_content()


def _write_backup(content: JournalContent, name: str, temporary: Path) -> None:
    """Write rows into an empty file."""
    assert content.end is not None  # noqa: S101 - the caller has checked it
    with JournalDatabase(file=temporary, place=FILE_PLACE).write() as connection:
        lock_end(connection, name)
        add_events(connection, name, content.rows)
        add_people(connection, name, content.people)
        set_end(connection, name, NO_EVENTS, content.end)


def _check_content(content: JournalContent) -> ChainCheck:
    return check_journal_rows(content.rows, content.end, content.people)
