"""A ranking always covers the whole roster."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.ranking import rank as rank_module
from attune_fit.matching.ranking.rank import rank, rank_each, rank_to_frames
from attune_fit.matching.ranking.ranking_result import Ranking
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import Cells, clinic, clinics

COLUMNS = ["client_id", "therapist_id", "status", "rule", "rank", "band", "score", "low", "high"]
ANY_CLIENT: Cells = {"age": [30]}


def rank_many(tables: Tables, rows: list[int] | None = None, toml: str = "") -> pd.DataFrame:
    client_rows = np.arange(len(tables.clients)) if rows is None else np.array(rows)
    return pd.concat(
        rank_to_frames(RosterScorer.from_clinic(published(), opened(toml), tables), client_rows), ignore_index=True
    )


@settings(max_examples=15, deadline=None)
@given(clinics(conflicts=3, states=3))
def test_candidates_and_excluded_are_the_whole_roster(tables: Tables) -> None:
    roster = sorted(tables.therapists["therapist_id"])
    for ranking in rank_each(
        RosterScorer.from_clinic(published(), opened(), tables), list(tables.clients["client_id"])
    ):
        named = [one.therapist_id for one in ranking.candidates] + [one.therapist_id for one in ranking.excluded]
        assert sorted(named) == roster
        assert all(one.rules for one in ranking.excluded)
        assert [one.position for one in ranking.candidates] == list(range(1, len(ranking.candidates) + 1))
        assert bool(ranking.explain_empty_list()) is not bool(ranking.candidates)
        json.dumps(ranking.to_dict(), allow_nan=False)


@settings(max_examples=15, deadline=None)
@given(clinics(conflicts=3, states=3))
def test_ranking_many_agrees_with_ranking_one(tables: Tables) -> None:
    frame = rank_many(tables)
    assert list(frame.columns) == COLUMNS
    rankings = rank_each(RosterScorer.from_clinic(published(), opened(), tables), list(tables.clients["client_id"]))
    by_client = {ranking.client_id: ranking for ranking in rankings}
    for client_id, rows in frame.groupby("client_id"):
        ranking = by_client[str(client_id)]
        ranked, excluded = rows[rows["status"] == "ranked"], rows[rows["status"] == "excluded"]
        expected = [(c.therapist_id, c.position, c.band, c.score, c.low, c.high) for c in ranking.candidates]
        columns = ["therapist_id", "rank", "band", "score", "low", "high"]
        assert list(ranked[columns].itertuples(index=False, name=None)) == expected
        assert excluded[["rank", "band", "score", "low", "high"]].isna().all(axis=None)
        rules = [(e.therapist_id, "|".join(reason.rule for reason in e.rules)) for e in ranking.excluded]
        assert list(excluded[["therapist_id", "rule"]].itertuples(index=False, name=None)) == rules


def test_rows_are_sorted_by_client_then_rank_for_any_order_and_size_of_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = rank_many(busy())
    assert whole["client_id"].is_monotonic_increasing
    order = np.random.default_rng(0).permutation(len(busy().clients))
    monkeypatch.setattr(rank_module, "MAX_PAIRS_PER_BLOCK", 100)
    pd.testing.assert_frame_equal(rank_many(busy(), order.tolist()), whole)


def test_no_client_gives_the_columns_and_no_row() -> None:
    frame = rank_many(busy(), [])
    assert list(frame.columns) == COLUMNS
    assert frame.empty


def test_order_of_rows_and_names_of_ids_change_nothing_but_the_ids() -> None:
    tables = sort_canonically(busy())
    names = {one: f"x{number * 7919 % 1000:03d}" for number, one in enumerate(tables.therapists["therapist_id"])}

    def disguise(table: pd.DataFrame) -> pd.DataFrame:
        shuffled = table.sample(frac=1, random_state=3).reset_index(drop=True)
        named = {"therapist_id": shuffled["therapist_id"].map(names)} if "therapist_id" in table else {}
        return shuffled.assign(**named)

    other = replace(
        tables,
        clients=disguise(tables.clients),
        therapists=disguise(tables.therapists),
        preferences=disguise(tables.preferences),
        outcomes=disguise(tables.outcomes),
    )
    other = sort_canonically(other)
    for client_id in tables.clients["client_id"][:5]:
        ours, theirs = (
            rank(RosterScorer.from_clinic(published(), opened(), one), client_id) for one in (tables, other)
        )
        assert [names[one.therapist_id] for one in ours.candidates] == [one.therapist_id for one in theirs.candidates]
        for mine, yours in zip(ours.candidates, theirs.candidates, strict=True):
            assert replace(mine, therapist_id="") == replace(yours, therapist_id="")


def test_the_same_data_and_seed_give_the_same_bytes() -> None:
    client_id = busy().clients["client_id"][0]
    first, second = (
        rank(RosterScorer.from_clinic(experienced(), opened(), busy(), 3), client_id).to_json() for _ in range(2)
    )
    assert first == second


def test_a_ranking_is_plain_and_frozen() -> None:
    ranking = rank(RosterScorer.from_clinic(experienced(), opened(), busy()), busy().clients["client_id"][0])
    logged, plain = json.loads(ranking.to_json()), ranking.to_dict()
    assert plain.keys() == logged.keys()
    assert plain["excluded"] == logged["excluded"]
    with pytest.raises(AttributeError):
        ranking.seed = 1  # type: ignore[misc]


def test_a_ranking_holds_no_cell_but_wishes() -> None:
    hidden = "zebrafish"
    clients = {name: [hidden] for name, one in list_columns("clients").items() if one.kind in ("code", "set")}
    therapists = {name: [hidden] for name, one in list_columns("therapists").items() if one.kind in ("code", "set")}
    del therapists["age_groups"]
    tables = clinic(
        {**clients, "age": [41.5]}, {**therapists, "problems_not_taken": [None]}, [(0, "gender", "owl", "prefer")]
    )
    text = rank(RosterScorer.from_clinic(published(), opened(), tables), "c0").to_json()
    assert hidden not in text
    assert "41.5" not in text
    assert "owl" in text


def test_one_therapist_is_ranked() -> None:
    ranking = rank(
        RosterScorer.from_clinic(published(), opened(), clinic(ANY_CLIENT, {"gender": ["f"], "open_slots": [1]})), "c0"
    )
    assert [one.therapist_id for one in ranking.candidates] == ["t0"]


def test_without_any_optional_column_it_still_ranks_and_lists_unchecked_rules() -> None:
    ranking = rank(
        RosterScorer.from_clinic(published(), opened(), clinic({"client_id": ["c0"]}, {"therapist_id": ["t0", "t1"]})),
        "c0",
    )
    assert len(ranking.candidates) == 2
    assert all(one.caution is None for one in ranking.candidates)
    assert ranking.unchecked == ("region", "payer", "language", "format", "slot", "open_slots", "roster_age")
    assert ranking.format_unchecked_rules() == (
        "Rules not checked, because one of their columns is empty: "
        "region, payer, language, format, slot, open_slots, roster_age."
    )


def test_an_empty_list_says_why_grouped_by_rule() -> None:
    tables = clinic({"payer": ["aetna"]}, {"payers": ["self pay"] * 3, "open_slots": [0, 1, 1]})
    ranking = rank(RosterScorer.from_clinic(published(), opened(), tables), "c0")
    assert ranking.explain_empty_list() == (
        "0 available, 3 ruled out: 3 by `payer` (the client's payer is not accepted); "
        "1 by `open_slots` (no opening now)."
    )
    assert [(group.rule, group.therapists) for group in ranking.group_exclusions()] == [
        ("payer", ("t0", "t1", "t2")),
        ("open_slots", ("t0",)),
    ]


def test_an_empty_roster_says_so() -> None:
    tables = clinic(ANY_CLIENT, {"therapist_id": []})
    ranking = rank(RosterScorer.from_clinic(published(), opened(), tables), "c0")
    assert ranking.explain_empty_list() == "No therapist is available: the roster is empty."


def test_wishes_are_answered_from_the_clients_side() -> None:
    wishes = [
        (0, "gender", "f", "must"),
        (0, "religion", "jewish", "prefer"),
        (0, "orientations", "cbt", "avoid"),
        (0, "race_ethnicity", "white", "prefer"),
        (0, "languages", "english", "never"),
    ]
    row = {"gender": ["f"], "religion": ["none"], "orientations": ["cbt"], "languages": ["spanish"]}
    ranking = rank(RosterScorer.from_clinic(published(), opened(), clinic(ANY_CLIENT, row, wishes)), "c0")
    answers = {(wish.strength, wish.attribute): wish.answer for wish in ranking.candidates[0].wishes}
    assert answers == {
        ("must", "gender"): "met",
        ("prefer", "religion"): "unmet",
        ("prefer", "race_ethnicity"): "unknown",
        ("avoid", "orientations"): "unmet",
        ("never", "languages"): "met",
    }


def test_an_exclusion_for_a_wish_names_the_wish() -> None:
    wishes = [(0, "gender", "f", "must"), (0, "religion", "jewish", "must")]
    tables = clinic(ANY_CLIENT, {"gender": ["m", "f"], "religion": ["jewish", None]}, wishes)
    reasons = {
        one.therapist_id: one.rules[0]
        for one in rank(RosterScorer.from_clinic(published(), opened(), tables), "c0").excluded
    }
    assert reasons["t0"].says == "a `must` wish is not met (gender f)"
    assert (reasons["t0"].unknown, reasons["t0"].lifts) == (False, "the wish changed from `must` to `prefer`")
    assert reasons["t1"].says == "not known whether every `must` wish is met (religion jewish)"
    assert (reasons["t1"].unknown, reasons["t1"].lifts) == (True, "`therapists.religion` filled in")


def test_an_exclusion_for_an_empty_cell_names_the_column() -> None:
    tables = clinic({"region": ["ca"]}, {"licensed_regions": ["ca", None]})
    (reason,) = rank(RosterScorer.from_clinic(published(), opened(), tables), "c0").excluded[0].rules
    assert reason.says == "not known whether licensed in the client's region"
    assert reason.lifts == "`clients.region` or `therapists.licensed_regions` filled in"


def test_an_unknown_client_is_a_fault_that_names_close_ids() -> None:
    tables = clinic({"client_id": ["RV-000900", "RV-000901", "other"]}, {"age": [40]})
    with raises_faults("clients, client_id: id-not-found (rv-000900, `RV-000900`, `RV-000901`)"):
        rank(RosterScorer.from_clinic(published(), opened(), tables), "rv-000900")


def test_an_unknown_rule_in_clinic_toml_stops_the_ranking() -> None:
    with raises_faults(
        "clinic.toml, rules.regions: unknown-rule (Did you mean `region`? Known: `region`, `payer`, `language`, "
        "and more.)",
    ):
        rank(
            RosterScorer.from_clinic(published(), opened("[rules.regions]\non = false"), busy()),
            busy().clients["client_id"][0],
        )


def test_an_unknown_instrument_to_show_in_is_a_fault() -> None:
    with raises_faults(
        "clinic.toml, clinic.show_in: unknown-instrument (Did you mean `WAI-S`? Known: `WAI-SR`, `WAI-S`, `SRS`, "
        "and more.)",
    ):
        rank(
            RosterScorer.from_clinic(published(), opened('[clinic]\nshow_in = "WAI-RS"'), busy()),
            busy().clients["client_id"][0],
        )


def summarize(ranking: Ranking) -> dict[str, Any]:
    by_id = sorted(ranking.candidates, key=lambda one: one.therapist_id)
    return {
        "order": [one.therapist_id for one in ranking.candidates],
        "bands": [one.band for one in by_id],
        "widths": [round(one.high - one.low, 6) for one in by_id],
        "scores": [one.score for one in by_id],
        "shortlist": ranking.shortlist,
    }


@pytest.mark.parametrize(
    ("toml", "changes"),
    [
        ("[settings]\nseed = 9", {"order"}),
        ("[settings]\nband = 0.9", {"order", "bands"}),
        ("[settings]\ninterval = 0.5", {"widths"}),
        ("[settings]\nshortlist = 2", {"shortlist"}),
        ('[clinic]\nshow_in = "SRS"', {"scores", "widths"}),
    ],
)
def test_every_setting_changes_what_it_is_meant_to(toml: str, changes: set[str]) -> None:
    ids = list(busy().clients["client_id"][:8])
    before, after = (
        [summarize(one) for one in rank_each(RosterScorer.from_clinic(published(), opened(text), busy()), ids)]
        for text in ("", toml)
    )
    differing = {
        name for ours, theirs in zip(before, after, strict=True) for name in ours if ours[name] != theirs[name]
    }
    assert differing == changes


def test_a_given_seed_replaces_the_clinics_seed() -> None:
    client_id = busy().clients["client_id"][0]
    assert rank(RosterScorer.from_clinic(published(), opened("[settings]\nseed = 4"), busy()), client_id).seed == 4
    assert rank(RosterScorer.from_clinic(published(), opened("[settings]\nseed = 4"), busy(), 2), client_id).seed == 2


@pytest.mark.parametrize(
    "toml", ["[rules.payer]\non = false", "[rules.slot]\nunknown = 'exclude'", "[settings]\nroster_stale_days = 30"]
)
def test_the_policy_digest_changes_with_rules_and_settings(toml: str) -> None:
    client_id = busy().clients["client_id"][0]
    default, changed = (
        rank(RosterScorer.from_clinic(published(), opened(text), busy()), client_id) for text in ("", toml)
    )
    assert default.policy != changed.policy
    assert (default.data, default.bundle) == (changed.data, changed.bundle)
