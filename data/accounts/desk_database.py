"""The database of accounts: ``desk.db`` next to the journal's file, or the PostgreSQL database of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from attune_fit.data.accounts.account_faults import FILE_PLACE, report_account_errors
from attune_fit.data.accounts.account_upgrade import find_account_version, upgrade_account_tables
from attune_fit.data.journal.database.journal_database import JournalDatabase, parse_journal_address
from attune_fit.data.journal.database.journal_faults import ADDRESS_PLACE

if TYPE_CHECKING:
    import sqlalchemy as sa

    from attune_fit.data.clinic.clinic import Clinic

Answer = TypeVar("Answer")
DESK_FILE = "desk.db"


@dataclass(frozen=True)
class DeskDatabase:
    """Where the accounts of one clinic are kept.

    Attributes
    ----------
    database : JournalDatabase
        With the same locks and settings as the journal's: two workers at once never decide on the same state.
    clinic : str
        Name of the journal: a PostgreSQL database can hold the accounts of several clinics.
    """

    database: JournalDatabase
    clinic: str

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that no other one that writes can overtake; it makes the tables where they are missing.

        Raises
        ------
        DataFault
            ``accounts-not-available`` if the database cannot be written.
        """
        with report_account_errors(self.database.place), self.database.write() as connection:
            yield connection

    def read(self, query: Callable[[sa.Connection], Answer], empty: Answer) -> Answer:
        """Return the answer to a query that reads; ``empty`` where the clinic never had accounts.

        Raises
        ------
        DataFault
            ``accounts-not-available`` if the database cannot be read.
        """
        with report_account_errors(self.database.place):
            if not self.database.has_file():
                return empty
            with self.database.read() as connection:
                return empty if find_account_version(connection) is None else query(connection)

    def poll(self, query: Callable[[sa.Connection], Answer]) -> Answer:
        """Return the answer to one quick query in tables that are there. Raises as :meth:`read`."""
        with report_account_errors(self.database.place):
            return self.database.poll(query)


def open_desk_database(clinic: Clinic) -> DeskDatabase:
    """Return the database of a clinic's accounts; it is made when something is first written, not here.

    Raises
    ------
    DataFault
        If ``[journal] database`` is no address that Attune can use.
    """
    settings = clinic.config.journal
    if settings.database:
        address = parse_journal_address(settings.database)
        server = JournalDatabase(address=address, place=ADDRESS_PLACE, upgrade=upgrade_account_tables)
        return DeskDatabase(server, settings.name)
    file = JournalDatabase(file=clinic.artifacts / DESK_FILE, place=FILE_PLACE, upgrade=upgrade_account_tables)
    return DeskDatabase(file, settings.name)
