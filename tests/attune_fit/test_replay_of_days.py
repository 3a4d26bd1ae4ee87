"""A logged line is recomputed on its own day and after its own event, whatever day it is and what came since."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from attune_fit.data.clinic import clinic_day
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_schema import EVENTS, JOURNALS
from attune_fit.data.sealed_log import build_end_mark_path
from attune_fit.matching.log_replay import find_log_row, recompute_line
from attune_fit.workspace import Workspace, open_clinic
from tests.conftest import Attune

CLIENT, OTHER = "c0061", "c0055"
DAYS = [dt.date(2026, 1, 5), dt.date(2026, 1, 9), dt.date(2026, 2, 1)]
SetDay = Callable[[dt.date], None]


@pytest.fixture
def set_day(monkeypatch: pytest.MonkeyPatch) -> SetDay:
    """Makes a day today, in a clinic whose settings name none."""
    return lambda day: monkeypatch.setattr(clinic_day, "find_current_day", lambda config, now=None: day)


@pytest.fixture
def unfrozen(clinic: Path) -> Path:
    """The sample clinic, whose day is today."""
    toml = clinic / "clinic.toml"
    toml.write_text(toml.read_text().replace("as_of = 2026-01-05\n", ""))
    return clinic


def open_at(folder: Path, set_day: SetDay, day: dt.date) -> Workspace:
    set_day(day)
    return open_clinic(folder)


def edit(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_csv(path, dtype=str)).to_csv(path, index=False)


def test_each_line_is_recomputed_on_a_later_day_and_after_later_events(unfrozen: Path, set_day: SetDay) -> None:
    """A ranking, a placement and a file on the first day; a ranking after an event; then other events and days."""
    first = open_at(unfrozen, set_day, DAYS[0])
    first.rank(CLIENT, log=True)
    first.assign(log=True)
    first.write_rankings(unfrozen.parent / "list.csv")
    second = open_at(unfrozen, set_day, DAYS[1])
    second.rank(CLIENT, log=True)
    taken = second.rank(CLIENT).result.candidates[0].therapist_id
    second.record("offered", client=CLIENT, therapist=taken)
    second.rank(OTHER, log=True)
    second.record("opening_set", therapist=taken, openings=0)
    third = open_at(unfrozen, set_day, DAYS[2])
    for line in ("1", "a1", "2", "3", "4"):
        assert third.replay(line).result.row.line == line
    states = {row.line: (row.fields["as_of"], row.fields["events"]) for row in third.log().result}
    assert [states[line] for line in ("1", "a1", "2", "3", "4")] == [
        *[(str(DAYS[0]), 0)] * 3, (str(DAYS[1]), 0), (str(DAYS[1]), 1)
    ]  # fmt: skip
    ranked = {str(row["as_of"]) for row in [third.rank(CLIENT).to_dict()]}
    assert ranked == {str(DAYS[2])}  # and no line is recomputed on the day on which it is checked


def test_an_event_is_what_makes_the_difference(unfrozen: Path, set_day: SetDay) -> None:
    """Seen to fail: the line of the state after the event does not come out of the state before it."""
    workspace = open_at(unfrozen, set_day, DAYS[0])
    taken = workspace.rank(CLIENT).result.candidates[0].therapist_id
    workspace.record("opening_set", therapist=taken, openings=0)
    workspace.rank(CLIENT, log=True)
    row = find_log_row(workspace.clinic)
    recompute_line(row, workspace.clinic, workspace.read_tables_at)
    for day, n_events in ((DAYS[0], 0), (DAYS[1], 1)):
        with pytest.raises(DataFault, match="changed since then: the tables"):
            recompute_line(row, workspace.clinic, lambda *_, state=(day, n_events): workspace.read_tables_at(*state))


def test_a_line_of_an_earlier_version_has_the_latest_date_and_no_event(unfrozen: Path, set_day: SetDay) -> None:
    set_day(DAYS[0])
    clinic = Clinic.open(unfrozen)
    latest = open_clinic(unfrozen).read_tables_at("latest", 0).as_of
    assert latest != DAYS[0]
    workspace = open_at(unfrozen, set_day, latest)
    workspace.rank(CLIENT, log=True)
    path = clinic.artifacts / "rankings.jsonl"
    fields = {key: value for key, value in json.loads(path.read_text()).items() if key not in ("as_of", "events")}
    path.write_text(json.dumps(fields) + "\n")
    build_end_mark_path(path).unlink()
    workspace = open_at(unfrozen, set_day, DAYS[1])
    workspace.record("offered", client=OTHER, therapist=workspace.rank(OTHER).result.candidates[0].therapist_id)
    assert workspace.replay().result.row.fields["seed"] == 0


def test_an_export_that_was_checked_since_is_a_change_of_the_tables(unfrozen: Path, set_day: SetDay) -> None:
    """Not an error of `as_of`: the clinic did not set it, and the tables of today are right."""
    open_at(unfrozen, set_day, DAYS[0]).rank(CLIENT, log=True)
    edit(unfrozen / "therapists.csv", lambda frame: frame.assign(updated_on="2026-01-31"))
    workspace = open_at(unfrozen, set_day, DAYS[2])
    assert workspace.tables.as_of == DAYS[2]
    with pytest.raises(DataFault) as raised:
        workspace.replay()
    assert [fault.id for fault in raised.value.faults] == ["inputs-changed"]


def test_events_that_are_gone_are_a_change_of_the_journal(unfrozen: Path, set_day: SetDay) -> None:
    workspace = open_at(unfrozen, set_day, DAYS[0])
    for openings in (3, 2):
        workspace.record("opening_set", therapist="t05", openings=openings)
    workspace.rank(CLIENT, log=True)
    first = sa.select(EVENTS.c.seal).where(EVENTS.c.number == 1).scalar_subquery()
    engine = sa.create_engine(f"sqlite:///{unfrozen / 'artifacts' / 'journal.db'}")
    with engine.begin() as connection:
        connection.execute(sa.update(JOURNALS).values(number=1, seal=first))
        connection.execute(sa.delete(EVENTS).where(EVENTS.c.number == 2))
    engine.dispose()
    with pytest.raises(DataFault, match="changed since then: the journal") as raised:
        open_clinic(unfrozen).replay()
    assert [fault.id for fault in raised.value.faults] == ["inputs-changed"]
    assert "The log was changed too" in str(raised.value)


def test_a_replay_shows_the_day_and_the_event(attune: Attune, unfrozen: Path, set_day: SetDay) -> None:
    workspace = open_at(unfrozen, set_day, DAYS[0])
    workspace.rank(CLIENT, log=True)
    taken = workspace.rank(CLIENT).result.candidates[0].therapist_id
    workspace.record("opening_set", therapist=taken, openings=0)
    workspace.rank(CLIENT, log=True)
    assert " · tables of 2026-01-05 · " in attune("replay", unfrozen, "1").output
    assert " · tables of 2026-01-05 after event 1 · " in attune("replay", unfrozen, "2").output
