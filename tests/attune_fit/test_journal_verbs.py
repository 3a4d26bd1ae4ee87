"""The verbs of the journal: what is recorded is seen at once, in every open clinic after it, and only there."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.command_words import format_word
from attune_fit.data.journal.applying import apply_events as applying
from attune_fit.data.reading import read_clinic
from attune_fit.journal_differences import list_differences
from tests.conftest import SAMPLE

CLIENT, OTHER, THERAPIST = "c0062", "c0065", "t13"  # t13 has one opening, and is on the list of both clients


def ids(error: pytest.ExceptionInfo[af.DataFault]) -> list[str]:
    """Ids of the faults of an error."""
    return [fault.id for fault in error.value.faults]


def record_day(clinic: af.Workspace) -> None:
    """Record four events: an offer, its decline by a typing error, which is undone, and an opening."""
    clinic.record("offered", client=CLIENT, therapist=THERAPIST, until=dt.date(2026, 1, 9), actor="ana")
    clinic.record("declined", client=CLIENT, therapist=THERAPIST, by="client", reason="no-answer", actor="ana")
    clinic.record("undone", number=2, because="wrong-entry", actor="ben")
    clinic.record("opening_set", therapist="t07", openings=2, on="2026-01-04", actor="ben")


def test_an_event_is_seen_at_once_and_by_the_next_who_opens_the_clinic(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    before = workspace.list_client_ids(waiting_only=True)
    one = workspace.record("offered", client=CLIENT, therapist=THERAPIST).result
    assert (one.openings, one.waits, [offer.therapist_id for offer in one.offers]) == (0, False, [THERAPIST])
    assert set(before) - set(workspace.list_client_ids(waiting_only=True)) == {CLIENT}
    again = af.open_clinic(clinic)
    assert again.tables.digest() == workspace.tables.digest()
    assert again.tables.last_event == workspace.tables.last_event == 1
    assert workspace.rank(OTHER).to_dict() == again.rank(OTHER).to_dict()


def test_the_export_is_read_once_however_many_events_are_recorded(
    clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    read, apply = read_clinic.read_tables, applying.apply_events

    def count_read(*args: Any) -> Any:
        calls.append("read")
        return read(*args)

    def count_apply(*args: Any) -> Any:
        calls.append("apply")
        return apply(*args)

    monkeypatch.setattr(read_clinic, "read_tables", count_read)
    monkeypatch.setattr(applying, "apply_events", count_apply)
    workspace = af.open_clinic(clinic)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST)
    calls.remove("read")
    assert "read" not in calls
    calls.clear()
    workspace.record("accepted", client=CLIENT, therapist=THERAPIST)
    assert calls == ["apply"]  # the state with the new event; the one before was known


def test_a_refused_event_leaves_no_database_and_the_tables_as_they_were(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    before = workspace.tables.digest()
    with pytest.raises(af.DataFault) as error:
        workspace.record("offered", client="c 99", therapist="t99", until="soon", score=3)
    assert len(ids(error)) == 4
    assert all(fault.table == "journal" for fault in error.value.faults)
    assert not (clinic / "artifacts").exists()
    assert workspace.tables.digest() == before
    assert workspace.journal().result.n_events == 0


def test_an_event_that_cannot_be_applied_is_never_written(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = af.open_clinic(clinic)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST)
    digest, apply = workspace.tables.digest(), applying.apply_events

    def fail_with_the_new_one(clinic: Any, tables: Any, events: Any) -> Any:
        if any(not event.seal for event in events):
            raise KeyError("until")
        return apply(clinic, tables, events)

    monkeypatch.setattr(applying, "apply_events", fail_with_the_new_one)
    with pytest.raises(KeyError):
        workspace.record("accepted", client=CLIENT, therapist=THERAPIST)
    assert [row.event.type for row in af.open_clinic(clinic).journal().result.rows] == ["offered"]
    assert workspace.tables.digest() == digest
    assert [event.type for event in workspace.journal_events] == ["offered"]


def test_another_session_s_event_is_seen_when_one_is_recorded(clinic: Path) -> None:
    first, second = af.open_clinic(clinic), af.open_clinic(clinic)
    first.record("offered", client=CLIENT, therapist=THERAPIST)
    assert second.tables.last_event == 0  # an open clinic does not change by itself
    with pytest.raises(af.DataFault, match="opening"):
        second.record("offered", client=OTHER, therapist=THERAPIST)
    assert second.tables.last_event == 1
    with pytest.raises(af.DataFault) as error:
        second.record("declined", client=CLIENT, therapist=THERAPIST, by="client", reason="no-answer", expected=0)
    assert ids(error) == ["changed-by-someone-else"]
    assert second.record("accepted", client=CLIENT, therapist=THERAPIST, expected=1).result.row.event.number == 2


def test_the_clinic_after_an_event_is_what_it_was_then_and_cannot_be_changed(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    digests = [workspace.tables.digest()]
    for event in ("offered", "accepted", "started"):
        workspace.record(event, client=CLIENT, therapist=THERAPIST)
        digests.append(workspace.tables.digest())
    assert len(set(digests)) == 4
    for number in (1, 2, 3):
        then = af.open_clinic(clinic, number)
        assert then.tables.digest() == digests[number]
        assert (CLIENT in then.list_client_ids(waiting_only=True), then.tables.last_event) == (False, number)
        changes: tuple[tuple[str, dict[str, str]], ...] = (
            ("record", {"event": "offered", "client": OTHER, "therapist": "t05"}),
            ("restore_journal", {"path": "backup.db"}),
            ("forget", {"side": "client", "id": CLIENT}),
        )
        for verb, values in changes:
            with pytest.raises(af.DataFault) as error:
                getattr(then, verb)(**values)
            assert ids(error) == ["journal-of-the-past"]
    with pytest.raises(af.DataFault) as error:
        af.open_clinic(clinic, 4)
    assert ids(error) == ["no-such-event"]
    with pytest.raises(ValueError, match="event is 0; it must be an integer >= 1"):
        af.Workspace(clinic, event=0)


def test_the_day_of_an_event_is_the_day_of_its_recording_where_no_day_is_set(clinic: Path) -> None:
    (clinic / "clinic.toml").write_text('[clinic]\ntime_zone = "Pacific/Kiritimati"\n')
    workspace = af.open_clinic(clinic)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST, on=workspace.tables.as_of - dt.timedelta(days=3))
    [event] = workspace.journal_events
    assert af.open_clinic(clinic, 1).tables.as_of == (event.at + dt.timedelta(hours=14)).date()
    (clinic / "clinic.toml").write_text('[clinic]\ntime_zone = "Etc/GMT+12"\n')
    assert af.open_clinic(clinic, 1).tables.as_of == (event.at - dt.timedelta(hours=12)).date()
    (clinic / "clinic.toml").write_text("[clinic]\nas_of = 2026-01-05\n")
    assert af.open_clinic(clinic, 1).tables.as_of == dt.date(2026, 1, 5)


def test_a_clinic_open_over_midnight_records_on_the_new_day(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clinic / "clinic.toml").unlink()
    workspace = af.open_clinic(clinic)
    today = workspace.tables.as_of
    tomorrow = today + dt.timedelta(days=1)
    workspace.record("offered", client=CLIENT, therapist=THERAPIST, until=today)
    monkeypatch.setattr("attune_fit.data.clinic.clinic_day.find_today", lambda *_: tomorrow)
    one = workspace.record("opening_set", therapist="t07", openings=2)
    assert one.result.row.event.on == tomorrow
    assert workspace.tables.as_of == tomorrow
    assert [offer.client_id for offer in workspace.journal().result.expired] == [CLIENT]


def test_the_list_of_events_names_what_was_taken_back_and_by_whom(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    record_day(workspace)
    listed = workspace.journal()
    frame = listed.to_frame()
    assert frame["number"].tolist() == [1, 2, 3, 4]
    assert frame["type"].tolist() == ["offered", "declined", "undone", "opening_set"]
    assert frame["undone_by"].tolist() == [pd.NA, 3, pd.NA, pd.NA]
    assert frame["actor"].tolist() == ["ana", "ana", "ben", "ben"]
    assert frame["details"].tolist() == [
        "until 2026-01-09", "by client, no-answer", "event 2, wrong-entry", "openings 2"
    ]  # fmt: skip
    assert listed.to_dict()["n_events"] == 4
    assert listed.to_dict()["offers"] == [
        {"client_id": CLIENT, "therapist_id": THERAPIST, "state": "offered", "until": "2026-01-09"}
    ]
    assert "replaced" not in listed.to_dict()["events"][0]
    assert repr(listed) == "4 events in the journal; 1 open offers"


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


def test_ids_that_are_numbers_are_read_as_text(clinic: Path) -> None:
    workspace = af.open_clinic(clinic)
    recorded = workspace.record("client_added", client=7000, cells={"age": 34}).result.row.event  # type: ignore[arg-type]
    assert (recorded.client_id, dict(recorded.fields)) == ("7000", {"cells": {"age": 34}})
    assert workspace.rank("7000").result.client_id == "7000"


def test_who_records_is_the_user_of_the_machine_unless_named(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "carla")
    workspace = af.open_clinic(clinic)
    assert workspace.record("client_added", client="new-1").result.row.event.actor == "carla"
    assert workspace.record("client_added", client="new-2", actor="dora").result.row.event.actor == "dora"
    monkeypatch.setattr("getpass.getuser", _raise_no_user)
    assert workspace.record("client_added", client="new-3").result.row.event.actor == "unknown"
    monkeypatch.setattr("getpass.getuser", lambda: "eva\x1b[2J of the front desk")
    assert workspace.record("client_added", client="new-4").result.row.event.actor == "eva [2J of"


def _raise_no_user() -> str:
    raise OSError("no such user")


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_ranking_without_a_journal_and_the_help_import_no_database(clinic: Path) -> None:
    heavy = "heavy = {'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules); assert not heavy, heavy"
    run(f"import sys, attune_fit as af\naf.open_clinic({str(clinic)!r}).rank({CLIENT!r}, log=True)\n{heavy}")
    run(f"import sys\nimport attune_fit.app.cli\n{heavy}\nassert 'pandas' not in sys.modules")
