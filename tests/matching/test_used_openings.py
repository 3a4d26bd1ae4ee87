"""A start uses up an opening everywhere: rule, placement, relaxation, why not, shortlist and worklist."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.app.views.ranking import show_ranking
from attune_fit.app.views.worklist import show_worklist
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.openings import count_openings
from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.assignment_result import Assignment
from attune_fit.matching.explaining.why_not import explain_why_not
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking.worklist import build_worklist
from attune_fit.matching.relaxation.proposed_change import TableChange
from attune_fit.matching.relaxation.relax import relax
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from attune_fit.workspace import Workspace
from tests.matching.builders import opened, published
from tests.strategies import clinic, clinics

STARTED: dict[str, list[Any]] = {  # c2 started with t0 and c3 with t1 after the roster was checked
    "client_id": ["c2", "c3"],
    "therapist_id": ["t0", "t1"],
    "measured_on": [pd.Timestamp("2026-06-01")] * 2,
}
CHECKED = [pd.Timestamp("2026-05-20")] * 3
TABLES = clinic({"age": [30] * 4}, {"open_slots": [1, 3, None], "updated_on": CHECKED}, outcomes=STARTED)
USES = {"t0": "1 of 1 opening used since 2026-05-20", "t1": "1 of 3 openings used since 2026-05-20"}


def scorer(tables: Tables = TABLES, toml: str = "") -> RosterScorer:
    return RosterScorer.from_clinic(published(), opened(toml), tables, 0)


def placed(tables: Tables = TABLES, toml: str = "") -> Assignment:
    return assign(scorer(tables, toml))[0]


def test_a_ranking_shows_the_openings_used() -> None:
    ranking = rank(scorer(), "c0")
    assert {one.therapist_id: str(one.openings or "") for one in ranking.candidates} == {"t1": USES["t1"], "t2": ""}
    assert [(one.therapist_id, str(one.openings)) for one in ranking.excluded] == [("t0", USES["t0"])]
    candidates = {one["therapist_id"]: one["openings"] for one in json.loads(ranking.to_json())["candidates"]}
    assert candidates == {"t1": {"used": 1, "open_slots": 3, "since": "2026-05-20"}, "t2": None}


def test_why_not_shows_why_an_opening_of_the_roster_is_none() -> None:
    (detail,) = explain_why_not(scorer(), "c0", "t0").grounds
    assert [(one.place, one.says) for one in detail.facts] == [("therapists.open_slots", f"1 ({USES['t0']})")]


def test_a_placement_counts_the_openings_left() -> None:
    result = placed(toml="[assign]\nunknown_slots = 0")
    assert result.totals.openings == 2
    assert {pair.therapist_id for pair in result.placed} == {"t1"}
    assert (
        "2 openings of the roster are used by clients who started since the roster was checked "
        f"(t0: {USES['t0']}; t1: {USES['t1']})." in result.notes
    )
    unused = replace(TABLES, therapists=TABLES.therapists.assign(updated_on=pd.Timestamp("2026-06-10")))
    assert placed(unused, "[assign]\nunknown_slots = 0").totals.openings == 4
    assert not [note for note in placed(unused).notes if "started since" in note]


def test_one_more_opening_is_one_more_than_the_starts_used() -> None:
    (option,) = relax(scorer(), "c0").ways
    assert (option.therapists, [step.relaxation for step in option.steps]) == (("t0",), ["opening"])
    opening = next(row for row in RELAXATIONS if row.name == "opening")
    changed = TableChange(opening, "open_slots", "", "").apply(TABLES, "c0", ["t0"])
    np.testing.assert_array_equal(count_openings(changed), [1, 2, np.nan])


@settings(deadline=None, max_examples=40)
@given(tables=clinics(columns=("open_slots", "updated_on"), outcomes=6, states=3))
def test_a_confirmed_roster_row_keeps_its_openings_and_one_more_opening_adds_one_to_none(tables: Tables) -> None:
    before, ids = count_openings(tables), tables.therapists["therapist_id"].to_list()
    rows = {row.name: row for row in RELAXATIONS}
    checked = TableChange(rows["checked"], "roster_age", tables.as_of.isoformat(), "").apply(tables, "c0", ids)
    np.testing.assert_array_equal(count_openings(checked), before)
    one_more = TableChange(rows["opening"], "open_slots", "", "").apply(tables, "c0", ids)
    np.testing.assert_array_equal(count_openings(one_more), np.maximum(before, 1))
    assert {name: cells.equals(tables.therapists[name]) for name, cells in one_more.therapists.items()} == {
        name: name != "open_slots" or not (before < 1).any() for name in tables.therapists
    }


def test_a_client_who_has_met_a_therapist_is_shown_as_such(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    instrument = next(row for row in INSTRUMENTS if row.name == "WAI-SR")
    assert rank(scorer(), "c0").met_therapists == ()
    ranking = rank(scorer(), "c3")
    assert ranking.met_therapists == ("t1",)
    show_ranking(ranking, instrument, "verdict", band=0.55, why=True)
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line for line in lines if "already met" in line)
    assert "t1 already met" in row
    assert any(line.split() == ["slots", *USES["t1"].split()] for line in lines)
    assert f"Clients started since the roster was checked: t0: {USES['t0']}." in lines
    show_ranking(rank(scorer(), "c0"), instrument, "verdict", band=0.55)
    assert "already met" not in capsys.readouterr().out


def test_a_worklist_of_all_shows_whom_a_client_has_met(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clinic: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(clinic.parent)
    entries = build_worklist([rank(scorer(), client_id) for client_id in ("c0", "c3")], scorer())
    assert {one.client_id: one.met_therapists for one in entries} == {"c0": (), "c3": ("t1",)}
    show_worklist(entries, Workspace(clinic.name), only_waiting=False)
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line for line in lines if line.split()[:1] == ["c3"])
    assert row.split()[-3:] == ["has", "met:", "t1"]
    assert any("attune rematch clinic --client c3" in line for line in lines)
    without = [replace(one, first="", n_candidates=0) for one in entries if one.met_therapists]
    show_worklist(without, Workspace(clinic.name), only_waiting=False)
    assert "has met: t1, none available" in capsys.readouterr().out
