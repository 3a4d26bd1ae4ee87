"""A clinic with a journal, once in its own file and once in PostgreSQL; the server runs for the whole session."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_queries import read_content
from attune_fit.data.journal.database.journal_rows import JournalContent
from attune_fit.data.journal.database.journal_store import JournalStore
from attune_fit.data.journal.journal_access import find_journal, open_journal
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from tests.data.conftest import ClinicFolder
from tests.data.postgresql_server import PostgresqlServer

NOW = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)

# writes much into the journal of a folder and is killed before the end
KILLED = """
import os, datetime as dt
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import find_journal, open_journal
import sqlalchemy as sa
store = open_journal(Clinic.open({folder!r}))
with store.database.write() as connection:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=1")  # so that pages reach the file before the end
    for number in range(2, 2000):
        row = "('clinic', 'k%d', 'client', 'i%d', 's', 0)" % (number, number)
        connection.execute(sa.text("INSERT INTO attune_people VALUES " + row))
    os._exit(9)
"""


class RolledBack(Exception):
    """Ends a transaction without a change."""


class JournalFolder(ClinicFolder):
    """A clinic folder with a journal, empty at first."""

    def open(self) -> Clinic:
        """Open the clinic."""
        return Clinic.open(self.folder)

    def open_store(self) -> JournalStore:
        """Open the journal."""
        return open_journal(self.open())

    def record(
        self,
        event_type: str = "offered",
        client_id: str | None = "ann",
        therapist_id: str | None = "tom",
        *,
        on: dt.date = dt.date(2026, 6, 15),
        actor: str = "kim",
        now: dt.datetime = NOW,
        expected: int | None = None,
        replaced: dict[str, str] | None = None,
        **fields: Any,
    ) -> JournalEvent:
        """Record an event as it is, without the checks of its type."""
        draft = EventDraft(event_type, on, client_id, therapist_id, fields, replaced or {})
        return self.open_store().record(lambda _: draft, actor=actor, now=now, expected=expected)

    def execute(self, *statements: str) -> None:
        """Run statements of SQL in the journal's database, as a person with a database program would."""
        import sqlalchemy as sa

        with self.open_store().database.write() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def read_changed(self, *statements: str, after: int = 0) -> JournalContent:
        """Return the rows of the journal as they are after statements of SQL, which are rolled back."""
        import sqlalchemy as sa

        with suppress(RolledBack), self.open_store().database.write() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
            content = read_content(connection, "clinic", after=after)
            raise RolledBack
        return content


def find(clinic: JournalFolder) -> JournalStore:
    """Return the journal, which must exist."""
    store = find_journal(clinic.open())
    assert store is not None
    return store


def fails(error: pytest.ExceptionInfo[DataFault]) -> str:
    """Return the id of the only fault."""
    (fault,) = error.value.faults
    return fault.id


def make_journal_folder(folder: Path, address: str) -> JournalFolder:
    """Make a small clinic whose journal is at an address; with an empty one it is in its own file."""
    folder.mkdir()
    clinic = JournalFolder(folder)
    if address:
        clinic.add(f'\n[journal]\ndatabase = "{address}"\n')
    return clinic


def find_address(request: pytest.FixtureRequest) -> str:
    """Return the address for the parameter ``sqlite`` or ``postgresql`` of a fixture."""
    if request.param == "sqlite":
        return ""
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return server.make_schema()


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_clinic(request: pytest.FixtureRequest, tmp_path: Path) -> JournalFolder:
    """A small clinic whose journal is in its own file, and then one whose journal is in PostgreSQL."""
    return make_journal_folder(tmp_path / "clinic", find_address(request))


@pytest.fixture
def file_clinic(tmp_path: Path) -> JournalFolder:
    """A small clinic whose journal is in its own file."""
    return make_journal_folder(tmp_path / "clinic", "")
