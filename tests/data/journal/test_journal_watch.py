"""A watch over the journal finds each event and each person who was forgotten, by whatever program, in both stores."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from attune_fit.data.journal.database import journal_database
from attune_fit.data.journal.database.journal_queries import read_revision
from attune_fit.data.journal.database.journal_store import JournalStore
from attune_fit.data.journal.journal_backup import back_up, restore
from attune_fit.data.journal.journal_watch import JournalWatch
from attune_fit.data.storage import file_watch
from tests.data.journal.conftest import JournalFolder, find, make_journal_folder
from tests.data.postgresql_server import PostgresqlServer

CHANGES: dict[str, Callable[[JournalFolder], object]] = {
    "an event": lambda clinic: clinic.record(client_id="cat"),
    "two events": lambda clinic: (clinic.record(client_id="cat"), clinic.record("accepted", client_id="cat")),
    "a person who was forgotten": lambda clinic: find(clinic).forget("client", "ann"),
}


@pytest.fixture
def polled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each question to a journal."""
    asked: list[str] = []
    poll = JournalStore.poll

    def count(store: JournalStore) -> Any:
        asked.append(store.name)
        return poll(store)

    monkeypatch.setattr(JournalStore, "poll", count)
    return asked


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_is_found_once(change: Callable[[JournalFolder], object], journal_clinic: JournalFolder) -> None:
    journal_clinic.record()
    watch = JournalWatch(journal_clinic.open())
    watch.has_changed()  # the first question has nothing to compare with
    assert not watch.has_changed()
    change(journal_clinic)
    assert watch.has_changed()
    assert not watch.has_changed()


def test_the_first_event_is_found(journal_clinic: JournalFolder) -> None:
    watch = JournalWatch(journal_clinic.open())
    watch.has_changed()
    journal_clinic.record()
    assert watch.has_changed()
    assert not watch.has_changed()


def test_a_file_that_is_old_enough_is_not_asked(
    file_clinic: JournalFolder, polled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_watch, "STEP_SECONDS", -1e9)
    file_clinic.record()
    watch = JournalWatch(file_clinic.open())
    assert [watch.has_changed() for _ in range(3)] == [False] * 3
    assert polled == []
    file_clinic.record(client_id="cat")
    assert [watch.has_changed() for _ in range(3)] == [True, False, False]
    assert len(polled) == 1


def test_a_file_that_was_just_written_is_asked_each_time(file_clinic: JournalFolder, polled: list[str]) -> None:
    file_clinic.record()
    watch = JournalWatch(file_clinic.open())
    assert [watch.has_changed() for _ in range(3)] == [True, False, False]
    assert len(polled) == 3


def test_a_journal_that_is_lost_or_damaged_has_changed(file_clinic: JournalFolder) -> None:
    file_clinic.record()
    watch, file = JournalWatch(file_clinic.open()), file_clinic.folder / "artifacts/journal.db"
    watch.has_changed()
    content = file.read_bytes()
    file.write_bytes(b"no database" * 100)
    assert watch.has_changed()
    file.unlink()
    assert watch.has_changed()
    file.write_bytes(content)
    assert watch.has_changed()
    assert not watch.has_changed()


def test_a_backup_that_was_restored_has_changed_the_journal(file_clinic: JournalFolder, tmp_path: Path) -> None:
    file_clinic.record()
    watch = JournalWatch(file_clinic.open())
    watch.has_changed()
    file_clinic.record(client_id="cat")
    back_up(find(file_clinic), tmp_path / "backup.db")
    watch.has_changed()
    file_clinic.folder.joinpath("artifacts/journal.db").unlink()
    restore(file_clinic.open(), tmp_path / "backup.db")
    assert not watch.has_changed()  # the same end: nothing was lost
    assert not watch.has_changed()


def test_a_server_is_asked_one_query_over_a_connection_that_is_kept(
    postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    clinic = make_journal_folder(tmp_path / "clinic", postgresql_server.make_schema())
    clinic.record()
    watch = JournalWatch(clinic.open())
    watch.has_changed()
    with count_statements(clinic) as statements, count_connections(clinic) as connections:
        assert [watch.has_changed() for _ in range(3)] == [False] * 3
    assert (len(statements), connections) == (3, [])


def test_a_connection_that_was_cut_is_made_anew(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    clinic = make_journal_folder(tmp_path / "clinic", postgresql_server.make_schema())
    clinic.record()
    watch = JournalWatch(clinic.open())
    watch.has_changed()
    postgresql_server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
    )
    assert not watch.has_changed()
    clinic.record(client_id="cat")
    assert watch.has_changed()


def test_a_server_that_is_gone_may_have_changed(tmp_path: Path) -> None:
    clinic = make_journal_folder(tmp_path / "clinic", "postgresql://attune@/missing?host=/missing")
    watch = JournalWatch(clinic.open())
    assert [watch.has_changed() for _ in range(2)] == [True, True]


def test_the_revision_of_another_journal_of_the_database_is_another(journal_clinic: JournalFolder) -> None:
    journal_clinic.record()
    with journal_clinic.open_store().database.read() as connection:
        assert read_revision(connection, "another") is None
        found = read_revision(connection, "clinic")
    assert found is not None
    assert (found.number, found.n_people) == (1, 3)
    assert found == journal_clinic.open_store().poll()


def find_engine(clinic: JournalFolder) -> sa.Engine:
    address = clinic.open_store().database.address
    assert address is not None
    return journal_database._build_polling_engine(address)


def count_statements(clinic: JournalFolder) -> AbstractContextManager[list[str]]:
    statements: list[str] = []
    sa.event.listen(find_engine(clinic), "before_cursor_execute", lambda *args: statements.append(args[2]))
    return nullcontext(statements)


def count_connections(clinic: JournalFolder) -> AbstractContextManager[list[object]]:
    connections: list[object] = []
    sa.event.listen(find_engine(clinic), "connect", lambda *args: connections.append(args[0]))
    return nullcontext(connections)
