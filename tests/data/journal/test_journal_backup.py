"""A backup holds the journal whatever its database; it comes back whole, and never over events that it lacks."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import find_journal
from attune_fit.data.journal.journal_backup import back_up, read_backup, restore
from attune_fit.data.journal.journal_event import JournalEvent
from tests.data.journal.conftest import JournalFolder
from tests.data.journal.test_journal_upgrade import make_old


def fill(clinic: JournalFolder, *names: str) -> None:
    for name in names:
        clinic.record(client_id=name, until="2026-06-22")


def read(clinic: JournalFolder) -> tuple[JournalEvent, ...]:
    return clinic.open_store().read_events()


def lose(clinic: JournalFolder) -> None:
    """Lose the whole journal."""
    if (clinic.folder / "artifacts").exists():
        shutil.rmtree(clinic.folder / "artifacts")
    else:
        clinic.execute(*(f"DELETE FROM attune_{name}" for name in ("journals", "events", "people")))  # noqa: S608


def fails(error: pytest.ExceptionInfo[DataFault]) -> str:
    (fault,) = error.value.faults
    return fault.id


def test_a_lost_journal_comes_back(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann", "ben", "cat")
    events, path = read(journal_clinic), tmp_path / "backup.db"
    assert back_up(journal_clinic.open_store(), path).number == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lose(journal_clinic)
    assert find_journal(journal_clinic.open()) is None
    done = restore(journal_clinic.open(), path)
    assert (done.n_before, done.n_events, done.end.seal) == (0, 3, events[-1].seal)
    assert read(journal_clinic) == events
    assert journal_clinic.open_store().verify().is_whole
    journal_clinic.record(client_id="ann", expected=3)
    assert len(read(journal_clinic)) == 4


def test_a_restored_journal_still_knows_who_was_edited_last(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann", "ben")
    back_up(journal_clinic.open_store(), tmp_path / "backup.db")
    lose(journal_clinic)
    restore(journal_clinic.open(), tmp_path / "backup.db")
    with pytest.raises(DataFault) as error:
        journal_clinic.record(client_id="ben", expected=1)
    assert fails(error) == "changed-by-someone-else"


def test_a_journal_moves_to_a_server_under_a_name_of_its_own(
    file_clinic: JournalFolder, postgresql_address: str, tmp_path: Path
) -> None:
    fill(file_clinic, "ann", "ben")
    events = read(file_clinic)
    back_up(file_clinic.open_store(), tmp_path / "backup.db")
    file_clinic.add(f'\n[journal]\ndatabase = "{postgresql_address}"\nname = "north"\n')
    restore(file_clinic.open(), tmp_path / "backup.db")
    assert read(file_clinic) == events
    assert file_clinic.open_store().verify().is_whole
    file_clinic.change("clinic.toml", '"north"', '"south"')  # keys are those of one journal only
    restore(file_clinic.open(), tmp_path / "backup.db")
    assert read(file_clinic) == events


def test_a_later_backup_replaces_an_older_journal(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann")
    back_up(journal_clinic.open_store(), tmp_path / "early.db")
    fill(journal_clinic, "ben", "cat")
    events = read(journal_clinic)
    back_up(journal_clinic.open_store(), tmp_path / "late.db")
    lose(journal_clinic)
    restore(journal_clinic.open(), tmp_path / "early.db")
    done = restore(journal_clinic.open(), tmp_path / "late.db")
    assert (done.n_before, done.n_events) == (1, 3)
    assert read(journal_clinic) == events
    assert restore(journal_clinic.open(), tmp_path / "late.db").n_before == 3  # again: the same
    assert read(journal_clinic) == events


def test_events_that_the_backup_lacks_are_never_lost(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann")
    back_up(journal_clinic.open_store(), tmp_path / "early.db")
    fill(journal_clinic, "ben")
    events = read(journal_clinic)
    with pytest.raises(DataFault) as error:
        restore(journal_clinic.open(), tmp_path / "early.db")
    assert fails(error) == "journal-not-in-backup"
    assert read(journal_clinic) == events


def test_a_journal_with_another_history_is_not_replaced(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    other = _make_other(tmp_path)
    fill(other, "ann", "ben", "cat")
    back_up(other.open_store(), tmp_path / "other.db")
    fill(journal_clinic, "ann")
    with pytest.raises(DataFault) as error:
        restore(journal_clinic.open(), tmp_path / "other.db")
    assert fails(error) == "journal-not-in-backup"
    assert [event.client_id for event in read(journal_clinic)] == ["ann"]


def _make_other(tmp_path: Path) -> JournalFolder:
    (tmp_path / "other").mkdir()
    return JournalFolder(tmp_path / "other")


def test_a_damaged_journal_is_repaired_by_a_backup_of_the_same_events(
    journal_clinic: JournalFolder, tmp_path: Path
) -> None:
    fill(journal_clinic, "ann", "ben", "cat")
    events = read(journal_clinic)
    back_up(journal_clinic.open_store(), tmp_path / "backup.db")
    journal_clinic.execute("DELETE FROM attune_events WHERE number = 2", "UPDATE attune_events SET type = 'x'")
    assert not journal_clinic.open_store().verify().is_whole
    restore(journal_clinic.open(), tmp_path / "backup.db")
    assert journal_clinic.open_store().verify().is_whole
    assert read(journal_clinic) == events


def test_who_was_forgotten_stays_forgotten(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann", "ben", "cat")
    journal_clinic.open_store().forget("client", "cat")
    back_up(journal_clinic.open_store(), tmp_path / "backup.db")
    journal_clinic.open_store().forget("client", "ben")
    restore(journal_clinic.open(), tmp_path / "backup.db")
    assert [event.client_id for event in read(journal_clinic)] == ["ann", None, None]
    assert journal_clinic.open_store().verify().is_whole
    assert b"cat" not in (tmp_path / "backup.db").read_bytes()


def test_a_backup_of_an_older_version_is_read(file_clinic: JournalFolder, tmp_path: Path) -> None:
    make_old(file_clinic)
    path = tmp_path / "backup.db"
    shutil.copy(file_clinic.folder / "artifacts" / "journal.db", path)
    before = path.read_bytes()
    with pytest.raises(DataFault) as error:
        back_up(file_clinic.open_store(), tmp_path / "another.db")
    assert fails(error) == "journal-of-older-version"
    lose(file_clinic)
    restore(file_clinic.open(), path)
    assert [event.client_id for event in read(file_clinic)] == ["ann", "ben", "ann"]
    assert file_clinic.open_store().verify().is_whole
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "message_id"),
    [
        ("UPDATE attune_events SET type = 'started' WHERE number = 1", "backup-not-whole"),
        ("DELETE FROM attune_events WHERE number = 2", "backup-not-whole"),
        ("UPDATE attune_people SET id = 'dan' WHERE id = 'ann'", "backup-not-whole"),
        ("UPDATE attune_version SET version_num = '0099'", "journal-of-newer-version"),
        ("DELETE FROM attune_journals", "backup-empty"),
        ("DROP TABLE attune_events", "backup-not-readable"),
        ("INSERT INTO attune_journals VALUES ('b', 0, '')", ""),
        (
            "UPDATE attune_journals SET name = 'x'; INSERT INTO attune_journals VALUES ('b', 0, '')",
            "backup-not-readable",
        ),
    ],
)
def test_a_changed_backup_changes_nothing(
    file_clinic: JournalFolder, tmp_path: Path, statement: str, message_id: str
) -> None:
    fill(file_clinic, "ann", "ben")
    path = tmp_path / "backup.db"
    back_up(file_clinic.open_store(), path)
    connection = sqlite3.connect(path)
    connection.executescript(statement)
    connection.close()
    before = read(file_clinic)
    if message_id:
        with pytest.raises(DataFault) as error:
            restore(file_clinic.open(), path)
        assert fails(error) == message_id
        assert " ann" not in str(error.value)
    else:
        restore(file_clinic.open(), path)
    assert read(file_clinic) == before


def test_what_is_no_backup_is_refused(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann")
    before = read(journal_clinic)
    (tmp_path / "text.db").write_text("not a database" * 100)
    (tmp_path / "empty.db").touch()
    (tmp_path / "folder.db").mkdir()
    sqlite3.connect(tmp_path / "tables.db").execute("CREATE TABLE other (x)").connection.close()
    expected = {
        "missing.db": "backup-not-found",
        "folder.db": "backup-not-found",
        "text.db": "backup-not-readable",
        "empty.db": "backup-empty",
        "tables.db": "backup-empty",
    }
    for name, message_id in expected.items():
        with pytest.raises(DataFault) as error:
            restore(journal_clinic.open(), tmp_path / name)
        assert fails(error) == message_id
        assert str(error.value).startswith(f"{name}: ")
    assert read(journal_clinic) == before


def test_a_journal_that_was_changed_is_not_backed_up(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(journal_clinic, "ann", "ben")
    path = tmp_path / "backup.db"
    back_up(journal_clinic.open_store(), path)
    before = path.read_bytes()
    journal_clinic.execute("UPDATE attune_events SET on_day = '2020-01-01' WHERE number = 2")
    with pytest.raises(DataFault) as error:
        back_up(journal_clinic.open_store(), path)
    assert fails(error) == "journal-not-backed-up"
    assert path.read_bytes() == before


def test_there_is_nothing_to_back_up_without_a_journal(journal_clinic: JournalFolder, tmp_path: Path) -> None:
    with pytest.raises(DataFault) as error:
        back_up(journal_clinic.open_store(), tmp_path / "backup.db")
    assert fails(error) == "no-journal"
    assert not (tmp_path / "backup.db").exists()


def test_a_backup_never_replaces_the_journal_itself(file_clinic: JournalFolder, tmp_path: Path) -> None:
    fill(file_clinic, "ann")
    (tmp_path / "link.db").symlink_to(file_clinic.folder / "artifacts" / "journal.db")
    for path in (file_clinic.folder / "artifacts" / "journal.db", tmp_path / "link.db"):
        with pytest.raises(DataFault) as error:
            back_up(file_clinic.open_store(), path)
        assert fails(error) == "backup-is-the-journal"


def test_a_backup_that_cannot_be_written_leaves_no_file(
    journal_clinic: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(journal_clinic, "ann")
    (tmp_path / "there").mkdir()
    path = tmp_path / "there" / "backup.db"

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("attune_fit.data.journal.journal_backup.add_people", fail)
    with pytest.raises(OSError, match="No space left"):
        back_up(journal_clinic.open_store(), path)
    assert os.listdir(path.parent) == []


def test_restoring_is_one_transaction(
    journal_clinic: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(journal_clinic, "ann", "ben")
    back_up(journal_clinic.open_store(), tmp_path / "backup.db")
    before = read(journal_clinic)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("attune_fit.data.journal.journal_backup.add_people", fail)
    with pytest.raises(KeyboardInterrupt):
        restore(journal_clinic.open(), tmp_path / "backup.db")
    assert read(journal_clinic) == before


def test_a_backup_is_a_journal_file(file_clinic: JournalFolder, tmp_path: Path) -> None:
    """It can be put in the place of a lost file, too."""
    file_clinic.record(on=dt.date(2026, 6, 14))
    events, path = read(file_clinic), tmp_path / "backup.db"
    back_up(file_clinic.open_store(), path)
    assert len(read_backup(path, "clinic").rows) == 1
    lose(file_clinic)
    (file_clinic.folder / "artifacts").mkdir()
    shutil.move(path, file_clinic.folder / "artifacts" / "journal.db")
    assert read(file_clinic) == events
