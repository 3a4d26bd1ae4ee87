"""The roster list: openings, offers, caseload, age and state of each row, compared with plain counts."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.faults import DataFault
from attune_fit.matching.day_lists.roster_list import ROSTER_STATES, RosterList, RosterRow
from attune_fit.workspace import Workspace
from tests.matching.day_lists.day_clinic import DAY, copy_clinic


def list_roster(clinic: Workspace, state: str | None = None) -> RosterList:
    roster: RosterList = clinic.roster(state=state).result
    return roster


def count_openings(clinic: Workspace, row: pd.Series) -> float:
    """Count from the journal: the number of the roster, less starts after the check and offers."""
    therapist, checked = row["therapist_id"], row["updated_on"]
    starts = [one for one in clinic.journal_events if one.type == "started" and one.therapist_id == therapist
              and pd.Timestamp(one.on) > checked]  # fmt: skip
    held = [offer for offer in clinic.tables.pair_states.offers if offer.therapist_id == therapist]
    return float(max(0.0, row["open_slots"] - len(starts) - len(held)))


def test_each_row_has_the_openings_and_the_age_that_a_person_would_count(busy_clinic: Workspace) -> None:
    rows = {row.therapist_id: row for row in list_roster(busy_clinic).therapists}
    exported = busy_clinic.tables.therapists
    assert sorted(exported["therapist_id"]) == list(rows)
    for _, cells in exported.iterrows():
        row = rows[cells["therapist_id"]]
        if row.therapist_id not in ("t12", "t02"):  # of which the sample has starts since the check
            assert row.openings == count_openings(busy_clinic, cells)
        assert row.open_slots == cells["open_slots"]
        age = (dt.date.fromisoformat(DAY) - cells["updated_on"].date()).days
        assert (row.age_days, row.is_stale) == (age, age > 180)


def test_each_therapist_is_in_one_state_and_counts_equal_rows(busy_clinic: Workspace) -> None:
    roster = list_roster(busy_clinic)
    assert sum(roster.states.values()) == roster.total == len(roster.therapists)
    for state in ROSTER_STATES:
        some = list_roster(busy_clinic, state)
        assert len(some.therapists) == roster.states[state]
        assert {row.state for row in some.therapists} <= {state}
        assert (some.total, some.openings) == (roster.total, roster.openings)
    assert roster.openings == sum(row.openings or 0 for row in roster.therapists if row.state == "open")


def test_offers_and_versions_are_those_of_the_journal(busy_clinic: Workspace) -> None:
    for row in list_roster(busy_clinic).therapists:
        offers = [offer for offer in busy_clinic.tables.pair_states.offers if offer.therapist_id == row.therapist_id]
        assert [(one.client_id, one.state, one.until) for one in row.offers] == [
            (offer.client_id, offer.state, offer.until) for offer in offers
        ]
        numbers = [event.number for event in busy_clinic.journal_events if event.therapist_id == row.therapist_id]
        assert row.version == max(numbers, default=0)


def find_row(clinic: Workspace, therapist_id: str) -> RosterRow:
    return next(row for row in list_roster(clinic).therapists if row.therapist_id == therapist_id)


def test_the_caseload_counts_starts_that_have_not_ended(own_clinic: Workspace) -> None:
    before = find_row(own_clinic, "t16").caseload
    assert before == 2  # c0070 and c0078; older records of the export do not show therapy now
    own_clinic.record("ended", client="c0078", therapist="t16", reason="completed")
    assert find_row(own_clinic, "t16").caseload == 1


def test_where_no_record_is_there_the_caseload_is_not_known(clinic: Path) -> None:
    (clinic / "outcomes.csv").unlink()
    assert {row.caseload for row in list_roster(Workspace(clinic)).therapists} == {None}


def test_unknown_openings_and_days_are_not_zero(clinic: Path) -> None:
    therapists = pd.read_csv(clinic / "therapists.csv", dtype=str, keep_default_na=False)
    therapists.loc[therapists["therapist_id"] == "t05", ["open_slots", "updated_on"]] = ""
    therapists.to_csv(clinic / "therapists.csv", index=False)
    workspace = Workspace(clinic)
    row = find_row(workspace, "t05")
    assert (row.state, row.openings, row.open_slots, row.checked_on, row.age_days, row.is_stale) == (
        "unknown", None, None, None, None, None
    )  # fmt: skip
    assert math.isnan(workspace.roster().to_frame().set_index("therapist_id")["openings"].astype(float)["t05"])


def test_a_therapist_whose_cell_cannot_be_read_is_set_aside(clinic: Path) -> None:
    therapists = pd.read_csv(clinic / "therapists.csv", dtype=str, keep_default_na=False)
    therapists.loc[therapists["therapist_id"] == "t02", "open_slots"] = "two"
    therapists.to_csv(clinic / "therapists.csv", index=False)
    workspace = Workspace(clinic)
    assert find_row(workspace, "t02").state == "set aside"  # although the row is old too
    assert list_roster(workspace).openings == sum(
        row.openings or 0 for row in list_roster(workspace, "open").therapists
    )


def test_limits_are_the_codes_of_the_row(busy_clinic: Workspace) -> None:
    row = find_row(busy_clinic, "t13")
    assert row.limits.age_groups == ("18-25", "65-")
    assert find_row(busy_clinic, "t12").limits.problems_not_taken == ("trauma", "ocd")
    assert find_row(busy_clinic, "t05").limits.problems_not_taken == ()


def test_the_list_has_no_score_of_a_therapist(busy_clinic: Workspace) -> None:
    words = {"score", "band", "rank", "effect", "alliance"}
    assert not words & set(busy_clinic.roster().to_frame().columns)


def test_an_unknown_state_is_an_error_with_the_known_states(busy_clinic: Workspace) -> None:
    with pytest.raises(DataFault, match="`set aside`"):
        busy_clinic.roster(state="free")


def test_a_check_makes_a_row_fresh(busy_clinic: Workspace, tmp_path: Path) -> None:
    own = copy_clinic(busy_clinic, tmp_path / "fresh")
    own.record("roster_checked", therapist="t12", openings=1)
    assert (find_row(own, "t12").state, find_row(own, "t12").age_days) == ("open", 0)
