"""Facts of a candidate follow the cells of the two rows, and no ranking or log changes because of them."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attune_fit.data.clinic.pair_states import Offer, PairStates
from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.ranking import ranking_builder
from attune_fit.matching.ranking.candidate_facts import CandidateFacts, read_facts
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.ranking_result import Candidate, Ranking
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking_log import compute_ranking_digest, log_rankings
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic

CLIENT: dict[str, Any] = {
    "availability": ["mon-am|tue-pm"],
    "formats": ["video|in person"],
    "languages": ["english"],
    "presenting_problems": ["grief|stress"],
    "directiveness_preference": [7.0],
    "warm_support_preference": [-4.0],
}
THERAPIST: dict[str, Any] = {
    "availability": ["tue-pm|fri-eve"],
    "formats": ["video"],
    "languages": ["english|spanish"],
    "specialties": ["stress|trauma"],
    "directiveness_style": [6.0],
    "open_slots": [3.0],
    "updated_on": [pd.Timestamp("2026-06-01")],
}
# A cell that changes, and what a fact is then.
CHANGES: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("therapists", "availability", "mon-am|tue-pm", {"slots_in_common": ("mon-am", "tue-pm")}),
    ("clients", "availability", "fri-eve", {"slots_in_common": ("fri-eve",)}),
    ("therapists", "availability", "fri-eve", {"slots_in_common": ()}),
    ("therapists", "availability", None, {"slots_in_common": None}),
    ("therapists", "formats", "in person", {"formats_in_common": ("in person",)}),
    ("clients", "languages", "spanish", {"languages_in_common": ("spanish",)}),
    ("therapists", "specialties", "grief|stress", {"problems_in_common": ("grief", "stress")}),
    ("clients", "presenting_problems", None, {"problems_in_common": None}),
    ("therapists", "open_slots", 1.0, {"openings": 1, "open_slots": 1}),
    ("therapists", "open_slots", 0.0, {"openings": 0, "open_slots": 0}),
    ("therapists", "open_slots", None, {"openings": None, "open_slots": None}),
    ("therapists", "updated_on", "2026-05-31", {"checked_on": "2026-05-31", "age_days": 15, "is_stale": False}),
    ("therapists", "updated_on", "2025-06-15", {"checked_on": "2025-06-15", "age_days": 365, "is_stale": True}),
    ("therapists", "updated_on", None, {"checked_on": None, "age_days": None, "is_stale": None}),
]


def read_pair(tables: Tables) -> CandidateFacts:
    return read_facts(RosterScorer.from_clinic(published(), opened(), tables).sides, 0, 0, 180)


def change_cell(tables: Tables, table: str, column: str, value: Any) -> Tables:
    frame: pd.DataFrame = getattr(tables, table)
    cells = pd.Series([value], index=frame.index).astype(frame[column].dtype)
    changed: dict[str, Any] = {table: frame.assign(**{column: cells})}
    return replace(tables, **changed)


def rank_first(tables: Tables | None = None) -> Ranking:
    tables = busy() if tables is None else tables
    return rank(RosterScorer.from_clinic(experienced(), opened(), tables), tables.clients["client_id"][0])


def find_candidate(tables: Tables, toml: str = "") -> Candidate:
    return rank(RosterScorer.from_clinic(published(), opened(toml), tables), "c0").candidates[0]


def test_facts_are_the_codes_in_common_and_the_cells_side_by_side() -> None:
    facts = read_pair(clinic(CLIENT, THERAPIST))
    assert facts.slots_in_common == ("tue-pm",)
    assert facts.formats_in_common == ("video",)
    assert facts.languages_in_common == ("english",)
    assert facts.problems_in_common == ("stress",)
    assert (facts.checked_on, facts.age_days, facts.is_stale) == ("2026-06-01", 14, False)
    assert (facts.openings, facts.open_slots, facts.stale_after_days) == (3, 3, 180)
    styles = {style.name: (style.client, style.therapist, style.low, style.high) for style in facts.styles}
    assert styles == {
        "directiveness": (7.0, 6.0, -15, 15),
        "emotional_intensity": (None, None, -15, 15),
        "past_focus": (None, None, -9, 9),
        "warm_support": (-4.0, None, -15, 15),
    }
    assert json.loads(json.dumps(facts.to_dict()))["styles"][0]["therapist_field"] == "directiveness_style"


@pytest.mark.parametrize(("table", "column", "value", "expected"), CHANGES)
def test_a_changed_cell_changes_its_fact_and_no_other(
    table: str, column: str, value: Any, expected: dict[str, Any]
) -> None:
    before = clinic(CLIENT, THERAPIST)
    facts, changed = asdict(read_pair(before)), asdict(read_pair(change_cell(before, table, column, value)))
    assert {name: changed[name] for name in expected} == expected
    assert {name for name in facts if facts[name] != changed[name]} <= set(expected)
    assert any(facts[name] != changed[name] for name in expected)


@pytest.mark.parametrize(
    ("table", "column", "name", "side"),
    [
        ("clients", "directiveness_preference", "directiveness", "client"),
        ("therapists", "directiveness_style", "directiveness", "therapist"),
    ],
)
def test_a_changed_answer_changes_the_style_of_its_side(table: str, column: str, name: str, side: str) -> None:
    changed = read_pair(change_cell(clinic(CLIENT, THERAPIST), table, column, -2.0))
    assert next(asdict(style)[side] for style in changed.styles if style.name == name) == -2.0


def test_an_offer_takes_an_opening_and_leaves_the_number_in_the_roster() -> None:
    tables = clinic({**CLIENT}, THERAPIST)
    held = replace(tables, pair_states=PairStates(offers=(Offer("c0", "t0", "accepted", None),)))
    facts = read_pair(held)
    assert (facts.openings, facts.open_slots) == (2, 3)


def test_a_rule_that_could_not_be_checked_is_a_fact() -> None:
    client = {"payer": ["aetna"], "formats": ["video"]}
    roster: dict[str, Any] = {"payers": [None, "aetna"], "formats": ["video", None]}
    candidates = rank(RosterScorer.from_clinic(published(), opened(), clinic(client, roster)), "c0").candidates
    by_id = {one.therapist_id: one.facts.unchecked_rules for one in candidates}
    unknown = {
        one: [(rule.rule, rule.text) for rule in rules if not rule.is_column_empty] for one, rules in by_id.items()
    }
    assert unknown == {
        "t0": [("payer", "not known whether the client's payer is accepted")],
        "t1": [("format", "not known whether there is a session format in common")],
    }
    empty = {rule.rule for rule in by_id["t0"] if rule.is_column_empty}
    assert {"region", "slot", "open_slots", "roster_age"} <= empty
    assert not {"payer", "format"} & empty


def test_facts_are_read_only_when_they_are_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> CandidateFacts:
        raise AssertionError("read")

    monkeypatch.setattr(ranking_builder, "read_facts", refuse)
    ranking = rank_first()
    assert log_rankings(opened(folder=tmp_path), [ranking]) is None
    assert ranking.candidates[0].reasons
    assert ranking.to_json()
    with pytest.raises(AssertionError, match="read"):
        _ = ranking.candidates[0].facts


def test_looking_at_facts_changes_no_digest_and_no_logged_text() -> None:
    fresh, read = rank_first(), rank_first()
    plain = read.to_dict()  # reads all facts and fields
    assert plain["candidates"][0]["facts"]["styles"]
    assert compute_ranking_digest(read, 3) == compute_ranking_digest(fresh, 3)
    assert read.to_json() == fresh.to_json()
    assert "facts" not in json.loads(read.to_json())["candidates"][0]
    assert read == fresh


def test_a_pickle_and_a_copy_keep_the_facts() -> None:
    candidate = rank_first().candidates[0]
    again = pickle.loads(pickle.dumps(candidate))  # noqa: S301 # our own bytes
    assert copy.deepcopy(candidate).facts == candidate.facts
    assert again == candidate
    assert again.facts == candidate.facts
    assert [reason.fields for reason in again.reasons] == [reason.fields for reason in candidate.reasons]


def test_a_candidate_built_by_hand_has_no_facts() -> None:
    candidate = Candidate(1, "t0", 1, 4.0, 3.0, 5.0, (), (), None)
    with pytest.raises(LookupError, match="t0 was built without tables"):
        _ = candidate.facts
    assert copy.deepcopy(candidate) == candidate


def test_every_candidate_of_a_ranking_in_json_has_facts_and_every_reason_its_fields() -> None:
    plain = rank_first().to_dict()
    assert plain["candidates"]
    keys = {"client_field", "client_value", "therapist_field", "therapist_value", "fields"}
    for row in plain["candidates"]:
        assert row["facts"].keys() == CandidateFacts.__annotations__.keys()
        assert all(keys <= part.keys() for part in (*row["reasons"], *filter(None, [row["caution"]])))
