"""A journal that holds events: its lists, what an export settled, backups, upgrades, and people who are forgotten."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.command_words import format_word
from attune_fit.journal_differences import list_differences
from tests.attune_fit.journal_day import CLIENT, OTHER, THERAPIST, ids, record_day
from tests.conftest import SAMPLE


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample clinic with the four events; no test changes it."""
    folder = tmp_path_factory.mktemp("journal") / "clinic"
    shutil.copytree(SAMPLE, folder)
    record_day(af.open_clinic(folder))
    return folder


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(recorded, tmp_path / "copied"))


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"client": CLIENT}, [1, 2, 3]),
        ({"therapist": "t07"}, [4]),
        ({"client": OTHER}, []),
        ({"since": "2026-01-05"}, [1, 2, 3]),
        ({"until": dt.date(2026, 1, 4)}, [4]),
        ({"last": 2}, [3, 4]),
        ({"client": CLIENT, "last": 1}, [3]),
    ],
)
def test_a_list_is_limited_to_days_people_and_a_number(
    recorded: Path, wanted: dict[str, Any], numbers: list[int]
) -> None:
    result = af.Workspace(recorded).journal(**wanted)
    assert result.to_frame()["number"].tolist() == numbers
    assert [row["number"] for row in result.to_dict()["events"]] == numbers
    assert (result.result.n_events, result.result.n_found >= len(numbers)) == (4, True)


def test_days_that_cannot_be_read_are_named_together(recorded: Path) -> None:
    with pytest.raises(af.DataFault) as error:
        af.Workspace(recorded).journal(since="yesterday", until="2026-02-30")
    assert [(fault.id, fault.column) for fault in error.value.faults] == [
        ("journal-day-unreadable", "from"), ("journal-day-unreadable", "to")
    ]  # fmt: skip


def test_with_errors_in_the_tables_the_events_are_listed_without_offers(copied: Path) -> None:
    (copied / "clients.csv").unlink()
    listed = af.Workspace(copied).journal()
    assert listed.result.n_events == 4
    assert (listed.result.offers, listed.result.as_of) == ((), None)
    assert listed.notes == (
        f"Open offers are not shown: the tables have errors. See: attune check {format_word(copied)}",
    )
    assert af.Workspace(copied).verify_journal().result["journal"].is_whole


def test_a_journal_that_cannot_be_read_is_one_error(copied: Path) -> None:
    (copied / "artifacts" / "journal.db").write_bytes(b"SQLite format 3\x00" + bytes(4096))
    found = af.Workspace(copied).check().result
    assert [fault.stops for fault in found if "journal" in fault.table] == [True]
    assert not [fault for fault in found if fault.id == "artifact-changed"]
    assert af.Workspace(copied).check().to_dict()["absent"] == []
    assert not af.Workspace(copied).verify_journal().result["journal"].is_whole
    with pytest.raises(af.DataFault):
        af.Workspace(copied).rank(CLIENT)


def test_a_changed_event_is_found_and_a_backup_brings_it_back(copied: Path, tmp_path: Path) -> None:
    import sqlite3

    backup = tmp_path / "backup.db"
    assert af.Workspace(copied).back_up_journal(backup).to_dict() == {"out": str(backup), "events": 4}
    assert af.Workspace(copied).verify_journal().summary == "the journal is whole"
    with sqlite3.connect(copied / "artifacts" / "journal.db") as database:
        database.execute("UPDATE attune_events SET on_day = '2026-01-01' WHERE number = 2")
    database.close()
    changed = af.Workspace(copied).verify_journal()
    assert changed.summary == "the journal is changed"
    assert [found.line for found in changed.result["journal"].breaks if found.what == "changed"] == [2]
    (copied / "artifacts" / "journal.db").unlink()
    restored = af.Workspace(copied).restore_journal(backup)
    assert restored.to_dict() == {"from": str(backup), "before": 0, "events": 4}
    assert af.Workspace(copied).verify_journal().summary == "the journal is whole"


def test_a_backup_lacks_no_event_and_does_not_go_into_artifacts(copied: Path, tmp_path: Path) -> None:
    workspace = af.open_clinic(copied)
    workspace.back_up_journal(tmp_path / "backup.db")
    workspace.record("accepted", client=CLIENT, therapist=THERAPIST)
    with pytest.raises(af.DataFault):
        workspace.restore_journal(tmp_path / "backup.db")
    assert workspace.tables.last_event == 5
    with pytest.raises(af.DataFault):
        workspace.back_up_journal(copied / "artifacts" / "backup.db")
    assert not (copied / "artifacts" / "backup.db").exists()


def drop_from_export(folder: Path, client_id: str) -> None:
    """Delete a client from the tables, as the clinic's software would."""
    for name in ("clients", "preferences", "outcomes", "conflicts"):
        rows = pd.read_csv(folder / f"{name}.csv", dtype=str)
        rows[rows["client_id"] != client_id].to_csv(folder / f"{name}.csv", index=False)


def test_a_forgotten_person_is_in_no_list_and_the_chain_is_whole(copied: Path) -> None:
    drop_from_export(copied, CLIENT)
    workspace = af.open_clinic(copied)
    assert workspace.forget("client", CLIENT).to_dict() == {"side": "client", "id": CLIENT, "events": 3}
    assert workspace.journal().to_frame()["client_id"].isna().all()
    assert workspace.tables.pair_states.offers == ()
    checked = workspace.verify_journal()
    assert checked.summary == "the journal is whole"
    assert [note.startswith("Note: 2 events are about a person without an id") for note in checked.notes] == [True]
    assert CLIENT not in str(workspace.journal().to_dict())
    with pytest.raises(af.DataFault):
        workspace.forget("client", CLIENT)


def test_no_person_is_forgotten_whom_the_export_still_has(copied: Path) -> None:
    workspace = af.open_clinic(copied)
    workspace.record("conflict_set", client=CLIENT, therapist="t07", reason="complaint", actor="ben")
    digest = workspace.tables.digest()
    with pytest.raises(af.DataFault, match=f"still has client {CLIENT}, and the journal has 1 conflict of this person"):
        workspace.forget("client", CLIENT)
    with pytest.raises(af.DataFault) as error:
        workspace.forget("therapist", "t07")
    assert ids(error) == ["person-still-in-tables"]
    assert workspace.forget("actor", "ben").result["events"] == 3
    assert workspace.tables.digest() == digest


def test_a_lost_journal_is_an_error_until_it_is_restored_or_given_up(copied: Path, tmp_path: Path) -> None:
    af.open_clinic(copied).rank(OTHER, log=True)
    af.Workspace(copied).back_up_journal(tmp_path / "backup.db")
    with pytest.raises(af.DataFault) as error:
        af.open_clinic(copied).start_journal_anew()
    assert ids(error) == ["journal-exists"]
    workspace, journal = af.open_clinic(copied), copied / "artifacts" / "journal.db"
    journal.unlink()
    actions: tuple[Callable[[], object], ...] = (
        lambda: af.open_clinic(copied),
        lambda: af.Workspace(copied).journal(),
        lambda: workspace.record("client_added", client="new"),
    )
    for action in actions:
        with pytest.raises(af.DataFault) as error:
            action()
        assert ids(error) == ["journal-gone"]
        assert "names 4 events of it" in str(error.value)
    assert [fault.id for fault in af.Workspace(copied).check().result if fault.stops] == ["journal-gone"]
    assert not journal.exists()
    af.Workspace(copied).restore_journal(tmp_path / "backup.db")
    assert af.open_clinic(copied).tables.last_event == 4
    journal.unlink()
    assert af.Workspace(copied).start_journal_anew().result == {"events": 0}
    assert af.open_clinic(copied).tables.last_event == 0
    assert not af.Workspace(copied).verify_journal().result["journal"].is_whole  # the log still names the earlier one


def test_what_to_know_about_an_event_is_a_note(copied: Path) -> None:
    workspace = af.open_clinic(copied)
    check, held = workspace.record("opening_set", therapist=THERAPIST, openings=0).notes
    assert check == "Note: this counts as a check of the whole roster row, on this day."
    assert held.startswith(f"Note: offers hold more openings than that ({CLIENT}).")
    assert workspace.record("wish_set", client="c0067", attribute="gender", value="woman", strength="must").notes == ()
    [wish] = workspace.record("wish_set", client="c0067", attribute="gender", value="man", strength="never").notes
    assert wish.startswith("Note: c0067 has another wish about gender: all have to be met. To drop one: attune record")
    first, second = (one.therapist_id for one in workspace.rank("c0073").result.candidates[:2])
    assert workspace.record("started", client="c0073", therapist=first).notes == ()
    [note] = workspace.record("started", client="c0073", therapist=second).notes
    assert f"c0073 has met {first} too, and no end is known." in note


@pytest.mark.parametrize("actor", ["", " ", "a b c d", "x" * 65, "ana\u202e", "ana\x1b[2J"])
def test_who_records_has_a_short_name(copied: Path, actor: str) -> None:
    with pytest.raises(af.DataFault) as error:
        af.open_clinic(copied).record("client_added", client="new", actor=actor)
    assert ids(error) == ["actor-unsuitable"]


def test_without_a_journal_there_is_nothing_to_back_up_upgrade_or_forget(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    actions: tuple[tuple[str, dict[str, Any]], ...] = (
        ("back_up_journal", {"path": clinic.parent / "backup.db"}),
        ("upgrade_journal", {}),
        ("forget", {"side": "therapist", "id": THERAPIST}),
    )
    for verb, values in actions:
        with pytest.raises(af.DataFault) as error:
            getattr(workspace, verb)(**values)
        assert ids(error) == ["journal-absent"]
    assert workspace.verify_journal().summary == "the journal is whole"
    assert workspace.journal().result.n_events == 0
    assert not (clinic / "artifacts").exists()


def test_a_journal_of_this_version_needs_no_upgrade(copied: Path) -> None:
    assert af.Workspace(copied).upgrade_journal().to_dict() == {"events": 4}


def test_a_pair_that_the_rules_exclude_is_recorded_with_a_note(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    conflict = pd.read_csv(clinic / "conflicts.csv", dtype=str).iloc[0]
    excluded = [one.therapist_id for one in workspace.rank(CLIENT).result.excluded if one.therapist_id == "t05"]
    assert (excluded, len(conflict)) == (["t05"], 3)
    [note] = workspace.record("offered", client=CLIENT, therapist="t05").notes
    assert note.startswith(f"Note: the rules exclude t05 for {CLIENT}: ")
    assert note.endswith(f"Details: attune why-not {format_word(clinic)} --client {CLIENT} --therapist t05")
    candidate = workspace.rank(OTHER).result.candidates[0].therapist_id
    assert workspace.record("offered", client=OTHER, therapist=candidate).notes == ()
    assert workspace.record("accepted", client=OTHER, therapist=candidate).notes == ()
    assert workspace.record("started", client=OTHER, therapist=candidate).notes == ()


def test_a_later_export_that_differs_is_listed_by_the_journal_and_by_the_check(copied: Path) -> None:
    roster = pd.read_csv(copied / "therapists.csv", dtype=str)
    roster.loc[roster["therapist_id"] == "t07", ["open_slots", "updated_on"]] = ["5", "2026-01-05"]
    roster.to_csv(copied / "therapists.csv", index=False)
    workspace = af.open_clinic(copied)
    assert workspace.journal(settled=True).to_frame().to_dict("records") == [
        {"number": 4, "on": "2026-01-04", "type": "opening_set", "client_id": None, "therapist_id": "t07",
         "cell": "roster", "taken": "export", "why": "export-checked-later"}
    ]  # fmt: skip
    assert workspace.journal(settled=True, client=CLIENT).result.rows == ()
    assert workspace.journal().result.n_settled == 1
    [warning] = [fault for fault in workspace.check().result if fault.id == "journal-settled"]
    assert warning.says == "1 event differs from the last export"
    assert warning.fix.endswith(f"attune journal {format_word(copied)} --settled")


def test_an_export_written_after_an_event_that_it_does_not_show_is_listed(copied: Path) -> None:
    workspace = af.open_clinic(copied)
    assert [one.number for one in workspace.applied_journal.pending] == [4]
    files = {name: copied / name for name in ("clients.csv", "therapists.csv")}
    recorded_at = workspace.journal_events[3].at.timestamp()
    for path in files.values():
        os.utime(path, (recorded_at - 60, recorded_at - 60))
    assert list_differences(workspace) == ()
    os.utime(files["clients.csv"], (recorded_at + 60, recorded_at + 60))
    assert list_differences(workspace) == ()  # the event is about the roster
    os.utime(files["therapists.csv"], (recorded_at + 60, recorded_at + 60))
    assert [(one.number, one.taken, one.why) for one in list_differences(workspace)] == [
        (4, "journal", "export-not-updated")
    ]


def test_people_who_are_gone_are_counted_apart(copied: Path) -> None:
    drop_from_export(copied, CLIENT)
    for path in copied.glob("*.csv"):
        os.utime(path, (0, 0))
    [warning] = [fault for fault in af.Workspace(copied).check().result if fault.id == "journal-settled"]
    assert warning.says == "1 event differs from the last export, 1 of them about people who are no longer there"


def test_converted_tables_are_those_with_the_events(copied: Path, tmp_path: Path) -> None:
    workspace = af.open_clinic(copied)
    workspace.record("accepted", client=CLIENT, therapist=THERAPIST)
    workspace.record("started", client=CLIENT, therapist=THERAPIST)
    result = workspace.convert(tmp_path / "converted")
    assert af.open_clinic(tmp_path / "converted").tables.digest() == result.result["digest"]
    outcomes = pd.read_csv(tmp_path / "converted" / "outcomes.csv", dtype=str)
    assert ((outcomes["client_id"] == CLIENT) & (outcomes["therapist_id"] == THERAPIST)).sum() == 1
    assert len(result.result["rows"]) == 5


def test_the_list_can_be_written_as_a_table_that_no_spreadsheet_runs(copied: Path, tmp_path: Path) -> None:
    workspace = af.open_clinic(copied)
    workspace.record("client_added", client="new", actor="@ana")
    workspace.journal(out=tmp_path / "events.csv")
    workspace.journal(out=tmp_path / "raw.csv", raw=True, last=1)
    rows = pd.read_csv(tmp_path / "events.csv", dtype=str)
    assert rows["actor"].iloc[-1] == "'@ana"
    raw = pd.read_csv(tmp_path / "raw.csv", dtype=str)
    assert (raw["actor"].tolist(), raw["number"].tolist()) == (["@ana"], ["5"])
    with pytest.raises(af.DataFault):
        workspace.journal(out=copied / "clients.csv")
