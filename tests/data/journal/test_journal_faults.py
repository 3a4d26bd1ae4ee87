"""Each reason why a journal cannot be used has its own plain error, and nothing is recorded."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import find_journal
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from tests.data.journal.conftest import KILLED, NOW, JournalFolder, fails, find, make_journal_folder
from tests.data.postgresql_server import PostgresqlServer

DAY = dt.date(2026, 6, 15)


def test_a_file_that_is_no_journal_is_refused(file_clinic: JournalFolder) -> None:
    path = file_clinic.folder / "artifacts" / "journal.db"
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    for use in (find_journal, lambda clinic: file_clinic.record()):
        with pytest.raises(DataFault) as error:
            use(file_clinic.open())
        assert fails(error) == "journal-damaged"
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(DataFault) as error:
        find_journal(file_clinic.open())
    assert fails(error) == "journal-file-foreign"
    path.unlink()
    path.mkdir()
    with pytest.raises(DataFault) as error:
        find_journal(file_clinic.open())
    assert fails(error) == "journal-file-error"
    path.rmdir()
    path.symlink_to(file_clinic.folder / "elsewhere.db")
    for use in (find_journal, lambda clinic: file_clinic.record()):
        with pytest.raises(DataFault) as error:
            use(file_clinic.open())
        assert fails(error) == "journal-file-error"
    assert not (file_clinic.folder / "elsewhere.db").exists()
    path.unlink()
    path.touch()  # what a killed first command leaves
    assert find_journal(file_clinic.open()) is None
    assert file_clinic.record().number == 1


def test_a_journal_of_another_name_is_not_lost_in_silence(file_clinic: JournalFolder) -> None:
    file_clinic.record()
    file_clinic.add('\n[journal]\nname = "north"\n')
    for use in (find_journal, lambda clinic: file_clinic.record()):
        with pytest.raises(DataFault) as error:
            use(file_clinic.open())
        assert fails(error) == "journal-under-another-name"


def test_a_locked_journal_is_reported(journal_clinic: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    journal_clinic.record()
    monkeypatch.setattr("attune_fit.data.journal.database.journal_database.LOCK_SECONDS", 0.1)

    def record_within(events: tuple[JournalEvent, ...]) -> EventDraft:
        with pytest.raises(DataFault) as error:
            journal_clinic.record(client_id="ben")
        assert fails(error) == "journal-locked"
        return EventDraft("offered", DAY, "cat", "tom")

    journal_clinic.open_store().record(record_within, actor="kim", now=NOW)
    assert [event.client_id for event in find(journal_clinic).read_events()] == ["ann", "cat"]


@pytest.mark.parametrize(
    ("address", "message_id"),
    [
        ("postgresql://ann:s3cret@127.0.0.1:1/clinic", "journal-address-has-password"),
        ("postgresql://ann@127.0.0.1:1/clinic?password=s3cret", "journal-address-has-password"),
        ("postgresql://ann@127.0.0.1:1/clinic?sslpassword=s3cret", "journal-address-has-password"),
        ("mysql://ann:s3cret@127.0.0.1/clinic", "journal-address-has-password"),
        ("mysql://ann@127.0.0.1/clinic", "journal-address-of-another-kind"),
        ("sqlite:///journal.db", "journal-address-of-another-kind"),
        ("s3cret", "journal-address-not-valid"),
        ("postgresql://ann@127.0.0.1:port/clinic", "journal-address-not-valid"),
        ("postgresql://ann@127.0.0.1:1/clinic", "journal-server-not-reached"),
        ("postgresql://ann@127.28.57.28:1/clinic", "journal-server-not-reached"),  # no number of it is a code
        ("postgres://ann@127.0.0.1:1/clinic", "journal-server-not-reached"),
        ("postgresql+psycopg://ann@127.0.0.1:1/clinic", "journal-server-not-reached"),
        ("postgresql://ann@/clinic?host=/no/such/folder", "journal-server-not-reached"),
    ],
)
def test_an_address_that_does_not_work_is_one_clear_error(
    file_clinic: JournalFolder, address: str, message_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    file_clinic.add(f'\n[journal]\ndatabase = "{address}"\n')
    for use in (find_journal, lambda clinic: file_clinic.record()):
        with pytest.raises(DataFault) as error:
            use(file_clinic.open())
        assert fails(error) == message_id
        assert "s3cret" not in str(error.value)
        assert str(error.value).startswith("clinic.toml, journal.database: ")


def test_a_server_that_stops_meanwhile_records_nothing(
    postgresql_server: PostgresqlServer, postgresql_address: str, tmp_path: Path
) -> None:
    clinic = make_journal_folder(tmp_path / "clinic", postgresql_address)
    clinic.record()

    def build(events: tuple[JournalEvent, ...]) -> EventDraft:
        of_attune = "application_name = 'attune'"
        postgresql_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {of_attune}")  # noqa: S608
        return EventDraft("offered", DAY, "ben", "tom")

    with pytest.raises(DataFault) as error:
        clinic.open_store().record(build, actor="kim", now=NOW)
    assert fails(error) == "journal-server-not-reached"
    assert len(find(clinic).read_events()) == 1


def test_a_full_disk_records_nothing(file_clinic: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    from attune_fit.data.journal.database import journal_database

    file_clinic.record()
    connect = journal_database._connect_for_writing

    def connect_to_full_disk(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    monkeypatch.setattr(journal_database, "_connect_for_writing", connect_to_full_disk)
    journal_database._build_file_engine.cache_clear()
    with pytest.raises(DataFault) as error:
        file_clinic.record(cells={"text": "x" * 100_000})
    assert fails(error) == "no-space-for-journal"
    assert len(find(file_clinic).read_events()) == 1


@pytest.mark.parametrize(
    ("old", "new", "message_id"),
    [
        ("/postgres?", "/missing?", "journal-database-missing"),
        ("postgres@", "missing@", "journal-login-refused"),
    ],
)
def test_a_part_of_the_address_that_the_server_does_not_know(
    postgresql_server: PostgresqlServer, tmp_path: Path, old: str, new: str, message_id: str
) -> None:
    address = postgresql_server.format_address()
    assert old in address
    clinic = make_journal_folder(tmp_path / "clinic", address.replace(old, new))
    with pytest.raises(DataFault) as error:
        find_journal(clinic.open())
    assert fails(error) == message_id


def test_a_missing_driver_is_reported(file_clinic: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    file_clinic.add('\n[journal]\ndatabase = "postgresql://ann@127.0.0.1:1/without-driver"\n')
    with pytest.raises(DataFault) as error:
        find_journal(file_clinic.open())
    assert fails(error) == "no-postgresql-driver"
    assert "pip install 'attune-fit[postgresql]'" in str(error.value)


def test_a_user_without_the_right_to_write_is_told_so(postgresql_address: str, tmp_path: Path) -> None:
    import psycopg

    folder = make_journal_folder(tmp_path / "clinic", postgresql_address)
    folder.record()
    with psycopg.connect(postgresql_address, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        (schema,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
        connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO reader".encode())
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader".encode())
    try:
        folder.change("clinic.toml", "postgres@", "reader@")
        assert len(find(folder).read_events()) == 1
        with pytest.raises(DataFault) as error:
            folder.record()
        assert fails(error) == "journal-read-only"
    finally:
        with psycopg.connect(postgresql_address, autocommit=True) as connection:
            connection.execute("DROP OWNED BY reader")
            connection.execute("DROP ROLE reader")


OTHER_USER = """
import os, datetime as dt
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import find_journal, open_journal
from attune_fit.data.journal.journal_backup import back_up
from attune_fit.data.journal.journal_event import EventDraft
import sqlalchemy.dialects.sqlite
clinic = Clinic.open({folder!r})
if os.geteuid() == 0:
    os.setuid(65534)
for use in (
    lambda: len(find_journal(clinic).read_events()),
    lambda: open_journal(clinic).record(
        lambda events: EventDraft("offered", dt.date(2026, 6, 1), "a", "b"), actor="k", now=dt.datetime.now(dt.UTC)
    ).number,
):
    try:
        print(use())
    except DataFault as error:
        print(error.faults[0].id)
"""


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "is_interrupted", "expected"),
    [
        (0o444, 0o555, False, ["1", "journal-read-only"]),
        (0o666, 0o555, False, ["1", "journal-read-only"]),  # SQLite has to make a second file in the folder
        (0o000, 0o555, False, ["journal-not-opened", "journal-not-opened"]),
        (0o444, 0o555, True, ["journal-interrupted", "journal-interrupted"]),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_a_user_without_permission(file_mode: int, folder_mode: int, is_interrupted: bool, expected: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # the folder of the tests is closed to other users
        Path(name).chmod(0o755)
        clinic = make_journal_folder(Path(name) / "clinic", "")
        clinic.record()
        artifacts = clinic.folder / "artifacts"
        if is_interrupted:
            subprocess.run([sys.executable, "-c", KILLED.format(folder=str(clinic.folder))], check=False)
            (artifacts / "journal.db-journal").chmod(file_mode)
        (artifacts / "journal.db").chmod(file_mode)
        artifacts.chmod(folder_mode)
        code = OTHER_USER.format(folder=str(clinic.folder))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        artifacts.chmod(0o755)
        assert done.stdout.split() == expected
