"""The journal of a clinic: find it where there is one, or open it to record in it.

The library of databases is imported only where there is a journal: a clinic without one does not wait for it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.clinic.clinic import Clinic

if TYPE_CHECKING:
    from attune_fit.data.journal.database.journal_store import JournalStore

JOURNAL_FILE = "journal.db"
JOURNAL_NAME = "journal"  # of its end in a line of a log
# SQLite writes next to the file first: what a killed command left, and in another mode of SQLite all that is new.
FILE_ENDINGS = ("", "-journal", "-wal")


def find_journal(clinic: Clinic) -> JournalStore | None:
    """Return the journal of a clinic for reading; None where no event was ever recorded.

    Raises
    ------
    DataFault
        If the database cannot be read, or holds no journal of this clinic although it should.
    """
    if not clinic.config.journal.database:
        try:
            is_absent = not (clinic.artifacts / JOURNAL_FILE).lstat().st_size
        except (FileNotFoundError, NotADirectoryError):
            is_absent = True
        except OSError:  # without permission: the store has the words for it
            is_absent = False
        if is_absent:
            return None
    store = open_journal(clinic)
    return store if store.exists() else None


def list_journal_files(clinic: Clinic) -> tuple[str, ...]:
    """Return the paths of the journal's own file and of the files next to it; none for a journal on a server.

    No other code may open them while a journal is in use: where they are closed, the locks of SQLite in this process
    end.
    """
    return () if clinic.config.journal.database else list_database_files(clinic.artifacts)


@lru_cache(maxsize=16)
def list_database_files(artifacts: Path) -> tuple[str, ...]:
    """Return the paths of a journal's own file in a folder, and of the files next to it."""
    return tuple(f"{artifacts / JOURNAL_FILE}{ending}" for ending in FILE_ENDINGS)


def open_journal(clinic: Clinic) -> JournalStore:
    """Return the journal of a clinic for recording; its database is made with the first event, not here.

    Raises
    ------
    DataFault
        If ``[journal] database`` is no address that Attune can use.
    """
    from attune_fit.data.journal.database.journal_database import JournalDatabase, parse_journal_address
    from attune_fit.data.journal.database.journal_faults import ADDRESS_PLACE
    from attune_fit.data.journal.database.journal_store import JournalStore

    settings = clinic.config.journal
    if settings.database:
        address = parse_journal_address(settings.database)
        return JournalStore(JournalDatabase(address=address, place=ADDRESS_PLACE), settings.name)
    return JournalStore(JournalDatabase(file=clinic.artifacts / JOURNAL_FILE), settings.name)
