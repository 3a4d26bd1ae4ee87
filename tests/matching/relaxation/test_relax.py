"""What would help a client: told in the right order, worth what a ranking after the change says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.relaxation.change import list_changes
from attune_fit.matching.relaxation.relax import RelaxationOption, RelaxationResult, relax
from attune_fit.matching.relaxation.relaxations import RELAXATIONS, Relaxation, select_relaxations
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic

SLOTS = clinic(
    {"availability": ["mon-am"], "payer": ["aetna"]},
    {
        "availability": ["mon-am", "tue-pm", "tue-pm", "fri-eve", "mon-am"],
        "payers": ["aetna", "aetna", "aetna", "aetna", "self pay"],
        "open_slots": [1, 1, 1, 1, 0],
        "gender": ["f", "f", "m", "f", "f"],
    },
    [(0, "gender", "f", "must")],
)


def helped(tables: Tables, toml: str = "", client_id: str = "c0", most: int = 50) -> RelaxationResult:
    return relax(published(), opened(toml), tables, client_id, most)


def said(way: RelaxationOption) -> list[str]:
    return [step.says for step in way.steps]


def test_ways_are_told_smallest_first_then_least_asked_of_the_client() -> None:
    found = helped(SLOTS)
    assert (found.candidates, found.roster) == (1, 5)
    order = [(len(way.steps), sum(step.relaxation == "must" for step in way.steps)) for way in found.ways]
    assert order == sorted(order)
    firsts = [(said(way), way.therapists) for way in found.ways[:3]]
    assert firsts == [
        (["the therapist working mon-am"], ("t1", "t3")),
        (["the client coming fri-eve too"], ("t3",)),
        (["the client coming tue-pm too"], ("t1",)),
    ]
    assert found.ways[0].each
    assert not found.ways[1].each


def test_a_wish_is_made_weaker_and_what_that_costs_is_told() -> None:
    way = next(way for way in helped(SLOTS).ways if said(way)[-1] == "the wish for gender: f made a preference")
    assert way.only_together == ("t2",)
    assert [(wish.strength, wish.attribute, wish.answer) for wish in way.gain.costs] == [("must", "gender", "unmet")]
    assert way.gain.against == "t0"


def test_who_is_beyond_any_change_is_counted_by_rule() -> None:
    found = helped(SLOTS, "[relax]\ntogether = 1")
    assert (found.unreached, found.beyond) == (2, {"slot": 1, "payer": 1, "open_slots": 1, "must": 1})


def test_codes_that_do_the_same_are_told_as_one() -> None:
    tables = clinic({"availability": ["mon-am"]}, {"availability": ["tue-pm|fri-eve", "tue-pm|fri-eve"]})
    ways = [(said(way), way.therapists) for way in helped(tables).ways]
    assert (["the client coming fri-eve or tue-pm too"], ("t0", "t1")) in ways


def test_codes_that_do_not_all_go_with_each_other_are_told_one_by_one() -> None:
    client = {"availability": ["mon-am"], "languages": ["english"]}
    roster = {"availability": ["tue-am|wed-am", "tue-am"], "languages": ["french|spanish", "spanish"]}
    ways = [way for way in helped(clinic(client, roster)).ways if [step.side for step in way.steps] == ["client"] * 2]
    ((one,), (first,)) = ([way for way in ways if len(way.therapists) == number] for number in (2, 1))
    assert said(one) == ["the client coming tue-am too", "therapy in spanish too, if the client can"]
    codes = {tuple(step.codes for step in steps) for steps in (first.steps, *first.instead)}
    assert codes == {(("tue-am",), ("french",)), (("wed-am",), ("french",)), (("wed-am",), ("spanish",))}


def test_of_ways_that_differ_in_a_code_the_three_that_bring_most_are_told() -> None:
    slots = ["tue-am", "wed-am", "thu-am", "fri-am"]
    roster = [slot for number, slot in enumerate(slots) for _ in range(number + 1)]
    found = helped(clinic({"availability": ["mon-am"]}, {"availability": roster}))
    counts = [len(way.therapists) for way in found.ways if way.steps[0].relaxation == "slot"]
    assert (counts, found.found) == ([4, 3, 2], 5)


def test_a_change_that_breaks_another_wish_is_no_help() -> None:
    cells = ({"formats": ["video|group"]}, {"formats": ["in person"]})
    ways = [said(way) for way in helped(clinic(*cells, [(0, "formats", "group", "never")])).ways]
    assert ways == [
        ["the therapist offering video"],
        ["the client taking in person too"],
        ["the therapist offering group", "formats: group to avoid, no more ruled out"],
    ]


def test_a_payer_who_pays_instead_may_cost_candidates() -> None:
    tables = clinic({"payer": ["aetna"]}, {"payers": ["aetna", "self pay", "aetna|self pay"]})
    way = next(way for way in helped(tables).ways if way.steps[0].relaxation == "payer")
    assert (way.therapists, way.leave) == (("t1",), ("t0",))


def test_where_nobody_can_be_offered_there_is_nobody_to_compare_with() -> None:
    tables = clinic({"age": [30]}, {"open_slots": [0]}, [(0, "gender", "f", "prefer")])
    (way,) = helped(tables).ways
    assert (way.gain.against, way.gain.points, way.gain.better) == ("", None, None)
    assert [wish.answer for wish in way.gain.costs] == ["unknown"]


def test_a_conflict_is_never_lifted() -> None:
    barred = {"client_id": ["c0"], "therapist_id": ["t0"]}
    found = helped(clinic({"age": [30]}, {"open_slots": [0, 1]}, conflicts=barred))
    assert (found.ways, found.beyond) == ((), {"open_slots": 1, "conflict": 1})


def listed(tables: Tables, client_row: int) -> pd.DataFrame:
    """The client's candidates with score and band, by id."""
    frame = next(rank_to_frames(experienced(), opened(), tables, np.array([client_row])))
    return frame[frame["status"] == "ranked"].set_index("therapist_id")


@pytest.mark.parametrize("row", [0, 3, 7])
def test_what_is_gained_is_what_a_ranking_after_the_change_says(row: int) -> None:
    tables, compared = busy(), 0
    client_id = str(tables.clients["client_id"][row])
    changes = {(one.relaxation.name, one.code): one for one in list_changes(RELAXATIONS, tables, row)}
    for way in relax(experienced(), opened(), tables, client_id).ways:
        if not way.certain:
            continue
        after = tables
        for step in way.steps:
            code = step.codes[0] if step.codes else ""
            after = changes[step.relaxation, code].apply(after, client_id, way.therapists)
        now, then = listed(tables, row), listed(after, row)
        best = then[then.index.isin(way.only_together)].sort_values("score", ascending=False).iloc[0]
        assert (way.gain.score, way.gain.band) == (best["score"], best["band"])
        if way.gain.against:
            before = then.loc[then.index.isin(now.index), "score"]
            assert way.gain.against == before.idxmax()
            assert way.gain.points == pytest.approx(best["score"] - before.max(), abs=2e-6)
            assert way.gain.better is not None
            assert (way.gain.better > 0.5) == (best["score"] > before.max())
        compared += 1
    assert compared > 2


@pytest.mark.parametrize(
    ("toml", "gone"),
    [
        ('[relax]\noff = ["slot"]', "the client coming tue-pm too"),
        ('[relax]\npayers = ["medicaid"]', "self pay as the payer"),
    ],
)
def test_a_clinic_says_what_is_not_proposed(toml: str, gone: str) -> None:
    clauses = [[clause for way in helped(SLOTS, text).ways for clause in said(way)] for text in ("", toml)]
    assert gone in clauses[0]
    assert gone not in clauses[1]


def test_together_says_how_many_changes_are_tried() -> None:
    assert [max(len(way.steps) for way in helped(SLOTS, f"[relax]\ntogether = {n}").ways) for n in (1, 2)] == [1, 2]


def test_names_no_relaxation_has_are_told_with_the_known_ones() -> None:
    with pytest.raises(DataFault, match=r"no relaxation is called `slots`.*Did you mean `slot`\?"):
        select_relaxations(opened('[relax]\noff = ["slots"]').config)


def test_every_rule_but_a_conflict_can_be_lifted_and_that_one_by_nothing() -> None:
    assert {rule for row in RELAXATIONS for rule in row.rules} == {rule.name for rule in RULES} - {"conflict"}


@pytest.mark.parametrize("row", RELAXATIONS, ids=[row.name for row in RELAXATIONS])
def test_a_relaxation_is_fit_to_be_read(row: Relaxation) -> None:
    assert [one.name for one in RELAXATIONS].count(row.name) == 1
    assert not row.template.endswith(".")
    if row.changed_column:
        assert row.changed_column.split(".")[0] == (
            "therapists" if row.side != "client" else row.changed_column.split(".")[0]
        )
        assert all(row.changed_column in rule.input_columns for rule in RULES if rule.name in row.rules)
    assert bool(row.counted_by) == (row.side != "client")
