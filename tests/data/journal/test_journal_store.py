"""Events are recorded once and read back as they were; a person can be forgotten; faults have plain words."""

from __future__ import annotations

import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.journal_access import find_journal
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from tests.data.journal.conftest import KILLED, NOW, JournalFolder, fails, find

DAY = dt.date(2026, 6, 15)


def test_a_clinic_without_events_has_no_journal_and_needs_no_library(file_clinic: JournalFolder) -> None:
    code = (
        "import sys; from attune_fit.data.clinic.clinic import Clinic;"
        "from attune_fit.data.journal.journal_access import find_journal;"
        f"assert find_journal(Clinic.open({str(file_clinic.folder)!r})) is None;"
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_event_is_read_back_as_it_was_recorded(journal_clinic: JournalFolder) -> None:
    assert find_journal(journal_clinic.open()) is None
    now = dt.datetime(2026, 6, 15, 12, 0, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    fields: dict[str, Any] = {"until": "2026-06-22", "score": 4.25, "cells": {"gender": None, "näme": "ü"}, "yes": True}
    recorded = journal_clinic.record(now=now, replaced={"roster": "abc"}, **fields)
    store = find(journal_clinic)
    assert store.read_events() == (recorded,)
    assert recorded == JournalEvent(
        1, now.astimezone(dt.UTC), DAY, "kim", "offered", "ann", "tom", fields, {"roster": "abc"}, recorded.seal
    )
    assert recorded.at.utcoffset() == dt.timedelta(0)
    assert store.end() == ChainHead(1, recorded.seal)


def test_events_are_numbered_and_read_up_to_one(journal_clinic: JournalFolder) -> None:
    recorded = [journal_clinic.record(client_id=name) for name in ("ann", "ben", "cat")]
    store = find(journal_clinic)
    assert [event.number for event in store.read_events()] == [1, 2, 3]
    assert store.read_events(2) == tuple(recorded[:2])
    assert store.read_events(0) == store.read_events(-1) == ()
    assert store.read_events(9) == tuple(recorded)
    assert store.read_seals([3, 1, 9]) == {1: recorded[0].seal, 3: recorded[2].seal}
    assert store.read_seals([]) == {}
    assert len({event.seal for event in recorded}) == 3


def test_an_event_can_be_about_one_person_or_none(journal_clinic: JournalFolder) -> None:
    journal_clinic.record("wish_set", "ann", None)
    journal_clinic.record("opening_set", None, "tom", openings=2)
    people = [(event.client_id, event.therapist_id) for event in find(journal_clinic).read_events()]
    assert people == [("ann", None), (None, "tom")]


def test_one_id_can_be_a_client_and_a_therapist(journal_clinic: JournalFolder) -> None:
    journal_clinic.record(client_id="1", therapist_id="1", actor="1")
    (event,) = find(journal_clinic).read_events()
    assert (event.client_id, event.therapist_id, event.actor) == ("1", "1", "1")


@pytest.mark.parametrize("n_before", [0, 2])
def test_a_refused_event_leaves_nothing(journal_clinic: JournalFolder, n_before: int) -> None:
    for _ in range(n_before):
        journal_clinic.record()
    before = sorted(path.name for path in journal_clinic.folder.rglob("*"))

    def refuse(events: tuple[JournalEvent, ...]) -> EventDraft:
        assert len(events) == n_before
        raise DataFault.error("refused", "clients", "", "no", fix="")

    with pytest.raises(DataFault) as error:
        journal_clinic.open_store().record(refuse, actor="kim", now=NOW)
    assert fails(error) == "refused"
    assert sorted(path.name for path in journal_clinic.folder.rglob("*")) == before
    found = find_journal(journal_clinic.open())
    assert (found.read_events() if found else ()) == journal_clinic.open_store().read_events()
    assert len(journal_clinic.open_store().read_events()) == n_before


def test_a_later_event_about_the_same_people_is_reported(journal_clinic: JournalFolder) -> None:
    journal_clinic.record(client_id="ann", therapist_id="tom")  # 1
    journal_clinic.record(client_id="ben", therapist_id="una")  # 2
    journal_clinic.record("started", client_id="ann", therapist_id="tom", expected=1)  # 3; event 2 is about others
    with pytest.raises(DataFault) as error:
        journal_clinic.record(client_id="cat", therapist_id="tom", expected=2)
    assert fails(error) == "changed-by-someone-else"
    assert "event 3 (`started`, 2026-06-15 09:30 UTC)" in str(error.value)
    assert "ann" not in str(error.value)
    journal_clinic.record(client_id="cat", therapist_id="tom", expected=3)
    journal_clinic.record(client_id="dan", therapist_id=None, expected=0)
    assert len(find(journal_clinic).read_events()) == 5


def test_two_journals_in_one_database_know_nothing_of_each_other(postgresql_address: str, tmp_path: Path) -> None:
    clinics = []
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        clinics.append(JournalFolder(tmp_path / name))
        clinics[-1].add(f'\n[journal]\ndatabase = "{postgresql_address}"\nname = "{name}"\n')
    north, south = clinics
    north.record()
    assert find_journal(south.open()) is None
    south.record(client_id="ben")
    north.record(client_id="cat")
    assert [event.client_id for event in find(north).read_events()] == ["ann", "cat"]
    assert [event.client_id for event in find(south).read_events()] == ["ben"]
    assert find(north).verify().is_whole
    assert find(south).verify().is_whole
    find(north).forget("actor", "kim")
    assert find(south).read_events()[0].actor == "kim"


@pytest.mark.parametrize(("side", "person"), [("client", "ann"), ("therapist", "tom"), ("actor", "kim")])
def test_a_forgotten_person_has_no_id_and_the_chain_is_whole(
    journal_clinic: JournalFolder, side: str, person: str
) -> None:
    journal_clinic.record()
    journal_clinic.record(client_id="ben", therapist_id="una", actor="lee")
    store = find(journal_clinic)
    assert store.forget(side, person) == 1  # type: ignore[arg-type]
    first, second = store.read_events()
    name = "actor" if side == "actor" else f"{side}_id"
    assert getattr(first, name) is None
    assert {first.actor, first.client_id, first.therapist_id} == {"kim", "ann", "tom"} - {person} | {None}
    assert (second.actor, second.client_id, second.therapist_id) == ("lee", "ben", "una")
    assert store.verify().is_whole
    with pytest.raises(DataFault) as error:
        store.forget(side, person)  # type: ignore[arg-type]
    assert fails(error) == "person-not-in-journal"
    again = journal_clinic.record()
    assert (again.client_id, again.therapist_id, again.actor) == ("ann", "tom", "kim")
    assert getattr(store.read_events()[0], name) is None  # the new key is another one
    assert store.verify().is_whole


def test_a_forgotten_id_leaves_no_trace_in_the_file(file_clinic: JournalFolder) -> None:
    for name in ("zz-forgotten-zz", "zz-kept-zz"):
        file_clinic.record(client_id=name)
    path = file_clinic.folder / "artifacts" / "journal.db"
    assert b"zz-forgotten-zz" in path.read_bytes()
    find(file_clinic).forget("client", "zz-forgotten-zz")
    assert b"zz-forgotten-zz" not in path.read_bytes()
    assert b"zz-kept-zz" in path.read_bytes()


def test_no_person_can_be_forgotten_without_a_journal(journal_clinic: JournalFolder) -> None:
    with pytest.raises(DataFault) as error:
        journal_clinic.open_store().forget("client", "ann")
    assert fails(error) == "person-not-in-journal"
    assert not (journal_clinic.folder / "artifacts").exists()


@pytest.mark.parametrize(("field", "name"), [("client_id", "a\0b"), ("therapist_id", "a\ud800b"), ("actor", "\udcff")])
def test_an_id_that_no_database_can_store_is_refused(journal_clinic: JournalFolder, field: str, name: str) -> None:
    journal_clinic.record()
    with pytest.raises(DataFault) as error:
        journal_clinic.record(**{field: name})  # type: ignore[arg-type]
    assert fails(error) == "id-not-storable"
    with pytest.raises(DataFault) as error:
        find(journal_clinic).forget("client", name)
    assert fails(error) == "id-not-storable"
    assert len(find(journal_clinic).read_events()) == 1


def test_ids_and_fields_can_have_any_other_sign(journal_clinic: JournalFolder) -> None:
    ids: dict[str, Any] = {"client_id": "Zoë 😀'\"%;--", "therapist_id": "ﬁ\u202e", "actor": "\\:name {x}"}
    fields: dict[str, Any] = {"cells": {"a\0": "\ud800", "😀": "%(x)s"}}
    recorded = journal_clinic.record(**ids, **fields)
    (event,) = find(journal_clinic).read_events()
    assert event == recorded
    assert {name: getattr(event, name) for name in ids} == ids
    assert event.fields == fields
    assert find(journal_clinic).verify().is_whole


def test_only_its_owner_can_read_the_file(file_clinic: JournalFolder) -> None:
    file_clinic.record()
    path = file_clinic.folder / "artifacts" / "journal.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["journal.db"]


def test_a_folder_name_can_have_any_sign(tmp_path: Path) -> None:
    folder = tmp_path / "a clinic %20 ? # {x} ü"
    folder.mkdir()
    clinic = JournalFolder(folder)
    clinic.record()
    assert len(find(clinic).read_events()) == 1
    assert (folder / "artifacts" / "journal.db").exists()


def test_reading_writes_nothing(file_clinic: JournalFolder) -> None:
    file_clinic.record()
    path = file_clinic.folder / "artifacts" / "journal.db"
    before = path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns, path.read_bytes()
    store = find(file_clinic)
    assert len(store.read_events()) == 1
    assert store.verify().is_whole
    assert store.end() is not None
    assert (path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_reader_sees_the_state_before_an_open_transaction(journal_clinic: JournalFolder) -> None:
    journal_clinic.record()

    def build(events: tuple[JournalEvent, ...]) -> EventDraft:
        assert len(find(journal_clinic).read_events()) == 1
        return EventDraft("offered", DAY, "ben", "tom")

    journal_clinic.open_store().record(build, actor="kim", now=NOW)
    assert len(find(journal_clinic).read_events()) == 2


def test_a_killed_command_leaves_the_journal_as_it_was(journal_clinic: JournalFolder) -> None:
    journal_clinic.record()
    code = KILLED.format(folder=str(journal_clinic.folder))
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    if (journal_clinic.folder / "artifacts").exists():
        assert "journal.db-journal" in os.listdir(journal_clinic.folder / "artifacts")
    store = find(journal_clinic)
    assert len(store.read_events()) == 1  # the first reading undoes what the killed command began
    assert store.verify().is_whole
    journal_clinic.record(client_id="i2")
    assert len(store.read_events()) == 2


@pytest.mark.parametrize(
    ("statement", "message_id"),
    [
        ("DELETE FROM attune_events WHERE number = 2", "journal-not-whole"),
        ("DELETE FROM attune_events WHERE number = 3", "journal-not-whole"),
        ("UPDATE attune_events SET fields = '[1]' WHERE number = 1", "journal-not-whole"),
        ("UPDATE attune_events SET fields = 'x' WHERE number = 1", "journal-not-whole"),
        ("UPDATE attune_events SET at = 'x' WHERE number = 1", "journal-not-whole"),
        ("UPDATE attune_events SET on_day = 'x' WHERE number = 1", "journal-not-whole"),
        ("UPDATE attune_events SET seal = 'x' WHERE number = 3", "journal-not-whole"),
        ("UPDATE attune_journals SET number = 2", "journal-not-whole"),
        ("DELETE FROM attune_journals", "journal-not-whole"),
        ("UPDATE attune_version SET version_num = '9999'", "journal-of-newer-version"),
        ("UPDATE attune_version SET version_num = '0001'", "journal-of-older-version"),
    ],
)
def test_a_journal_that_lacks_events_is_not_read(
    journal_clinic: JournalFolder, statement: str, message_id: str
) -> None:
    for name in ("ann", "ben", "cat"):
        journal_clinic.record(client_id=name)
    journal_clinic.execute(statement)
    with pytest.raises(DataFault) as error:
        (find_journal(journal_clinic.open()) or journal_clinic.open_store()).read_events()
    assert fails(error) == message_id
    if message_id == "journal-not-whole":
        with pytest.raises(DataFault) as error:
            journal_clinic.record()
        assert fails(error) == message_id


def test_the_clinic_can_be_moved(file_clinic: JournalFolder, tmp_path: Path) -> None:
    file_clinic.record()
    file_clinic.folder.rename(tmp_path / "moved")
    store = find_journal(Clinic.open(tmp_path / "moved"))
    assert store is not None
    assert len(store.read_events()) == 1
