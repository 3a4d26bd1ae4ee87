"""Tables of an older version keep all events when they are upgraded; a step that fails changes nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_rows import PersonRow
from attune_fit.data.journal.database.journal_schema import METADATA, PEOPLE, VERSION_TABLE, VERSIONS
from attune_fit.data.journal.database.journal_upgrade import find_version, upgrade_tables
from attune_fit.data.journal.journal_access import find_journal
from tests.data.journal.conftest import JournalFolder

EXPECTED_VERSIONS = {"ann": 3, "ben": 2, "tom": 3, "una": 2, "kim": 0}


def make_old(clinic: JournalFolder) -> None:
    """Record three events and bring the tables to version 0001, as an earlier version of Attune left them."""
    clinic.record("offered", "ann", "tom")
    clinic.record("offered", "ben", "una")
    clinic.record("started", "ann", "tom")
    store = clinic.open_store()
    content = store.read_content()
    with store.database.write() as connection:
        for table in (*METADATA.tables, VERSION_TABLE):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        upgrade_tables(connection, store.database.place, "0001")
        people = sa.table(PEOPLE.name, *(sa.column(name) for name in ("journal", "key", "side", "id", "salt")))
        for person in content.people:
            cells = person._asdict()
            del cells["version"]
            connection.execute(sa.insert(people).values(journal="clinic", **cells))
        events = METADATA.tables["attune_events"]
        connection.execute(sa.insert(events), [{"journal": "clinic", **row._asdict()} for row in content.rows])
        end = content.end
        assert end is not None
        journals = METADATA.tables["attune_journals"]
        connection.execute(sa.insert(journals).values(name="clinic", number=end.number, seal=end.seal))


def read_version(clinic: JournalFolder) -> str | None:
    with clinic.open_store().database.read() as connection:
        return find_version(connection)


def test_an_older_journal_is_upgraded_by_the_next_recording(journal_clinic: JournalFolder) -> None:
    make_old(journal_clinic)
    assert read_version(journal_clinic) == "0001"
    store = find_journal(journal_clinic.open())
    assert store is not None
    for read in (store.read_events, store.verify, store.end, store.read_content):
        with pytest.raises(DataFault, match="attune journal CLINIC --upgrade") as error:
            read()
        assert error.value.faults[0].id == "journal-of-older-version"
    journal_clinic.record(client_id="cat", therapist_id="tom", expected=3)
    assert read_version(journal_clinic) == VERSIONS[-1]
    assert [event.client_id for event in store.read_events()] == ["ann", "ben", "ann", "cat"]
    assert store.verify().is_whole


def test_an_upgrade_fills_what_is_new_from_the_events(journal_clinic: JournalFolder) -> None:
    make_old(journal_clinic)
    store = journal_clinic.open_store()
    assert store.upgrade()
    assert not store.upgrade()
    assert store.verify().is_whole
    assert {person.id: person.version for person in store.read_content().people} == EXPECTED_VERSIONS
    with pytest.raises(DataFault) as error:
        journal_clinic.record(client_id="ben", therapist_id="una", expected=1)
    assert error.value.faults[0].id == "changed-by-someone-else"


def test_upgraded_tables_are_those_that_the_code_describes(journal_clinic: JournalFolder) -> None:
    journal_clinic.record()
    with journal_clinic.open_store().database.read() as connection:
        found = sa.inspect(connection)
        for table in METADATA.tables.values():
            columns = {column["name"]: column for column in found.get_columns(table.name)}
            assert list(columns) == [column.name for column in table.columns]
            assert {name: column["nullable"] for name, column in columns.items()} == {
                column.name: bool(column.nullable) for column in table.columns
            }
            assert [str(column["type"]) for column in columns.values()] == [
                str(column.type) for column in table.columns
            ]
            keys = found.get_pk_constraint(table.name)["constrained_columns"]
            assert keys == [column.name for column in table.primary_key]
            indices = {index["name"] for index in found.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= indices
        assert set(found.get_table_names()) == {*METADATA.tables, VERSION_TABLE}


def test_a_step_that_fails_changes_nothing(journal_clinic: JournalFolder) -> None:
    make_old(journal_clinic)
    database = journal_clinic.open_store().database

    def upgrade_and_fail() -> None:
        with database.write() as connection:
            assert find_version(connection) == VERSIONS[-1]
            connection.execute(sa.text("INSERT INTO no_such_table VALUES (1)"))

    with pytest.raises(DataFault):
        upgrade_and_fail()
    assert read_version(journal_clinic) == "0001"
    with database.read() as connection:
        columns = [column["name"] for column in sa.inspect(connection).get_columns(PEOPLE.name)]
    assert "version" not in columns
    assert set(columns) == {"journal", *PersonRow._fields} - {"version"}


def test_a_journal_without_tables_has_nothing_to_upgrade(journal_clinic: JournalFolder) -> None:
    assert not journal_clinic.open_store().upgrade()
    assert not (journal_clinic.folder / "artifacts").exists()


def test_a_newer_journal_is_left_as_it_is(journal_clinic: JournalFolder) -> None:
    journal_clinic.record()
    journal_clinic.execute("UPDATE attune_version SET version_num = '0099'")
    for use in (
        lambda: find_journal(journal_clinic.open()),
        journal_clinic.record,
        journal_clinic.open_store().upgrade,
        journal_clinic.open_store().read_events,
    ):
        with pytest.raises(DataFault) as error:
            use()
        assert error.value.faults[0].id == "journal-of-newer-version"


def test_each_version_has_one_file() -> None:
    folder = (
        Path(sys.modules["attune_fit.data.journal.database.journal_upgrade"].__file__ or "").parent
        / "migrations"
        / "versions"
    )
    text = "".join(path.read_text() for path in sorted(folder.glob("version_*.py")))
    assert re.findall(r'^revision = "(\d+)"$', text, re.MULTILINE) == list(VERSIONS)


def test_reading_and_recording_need_no_alembic(file_clinic: JournalFolder) -> None:
    file_clinic.record()
    code = (
        "import sys, datetime as dt; from attune_fit.data.clinic.clinic import Clinic;"
        "from attune_fit.data.journal.journal_access import find_journal;"
        "from attune_fit.data.journal.journal_event import EventDraft;"
        f"store = find_journal(Clinic.open({str(file_clinic.folder)!r}));"
        "store.record(lambda events: EventDraft('offered', dt.date(2026, 6, 1), 'a', 'b'), actor='k',"
        " now=dt.datetime.now(dt.UTC));"
        "print(len(store.read_events()), 'alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "False"]
