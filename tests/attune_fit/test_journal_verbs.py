"""The verbs of the journal: what is recorded is seen at once, in every open clinic after it, and only there."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.journal.applying import apply_events as applying
from attune_fit.data.reading import read_clinic
from tests.attune_fit.journal_day import CLIENT, OTHER, THERAPIST, ids, record_day


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

    def fail_with_the_new_one(clinic: Any, tables: Any, events: Any, *known: Any) -> Any:
        if any(not event.seal for event in events):
            raise KeyError("until")
        return apply(clinic, tables, events, *known)

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
