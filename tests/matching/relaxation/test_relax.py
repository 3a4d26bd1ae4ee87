"""Relax: options come in the right order, and each gain equals that of a ranking after the change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.ranking.rank import rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.relaxation.proposed_change import list_changes
from attune_fit.matching.relaxation.relax import RelaxationOption, RelaxationResult, relax
from attune_fit.matching.relaxation.relaxations import (
    CALL_EFFORT,
    CHECK_EFFORT,
    CLIENT_EFFORT,
    RELAXATIONS,
    ROSTER_EFFORT,
    WISH_EFFORT,
    Relaxation,
    select_relaxations,
)
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import Cells, clinic

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


def find_options(tables: Tables, toml: str = "", client_id: str = "c0", most: int = 50) -> RelaxationResult:
    return relax(RosterScorer.from_clinic(published(), opened(toml), tables), client_id, most)


def list_clauses(option: RelaxationOption) -> list[str]:
    return [step.says for step in option.steps]


def sum_effort(option: RelaxationOption) -> int:
    efforts = {row.name: row.effort for row in RELAXATIONS}
    return sum(efforts[step.relaxation] for step in option.steps)


def test_options_come_least_effort_first_then_fewest_changes_by_the_client_then_most_added() -> None:
    found = find_options(SLOTS)
    assert (found.candidates, found.roster) == (1, 5)
    order = [(sum_effort(option), len(option.steps)) for option in found.ways]
    assert order == sorted(order)
    firsts = [(list_clauses(option), option.therapists) for option in found.ways[:3]]
    assert firsts == [
        (["the therapist works mon-am"], ("t1", "t3")),
        (["the client also comes fri-eve"], ("t3",)),
        (["the client also comes tue-pm"], ("t1",)),
    ]
    assert found.ways[0].each
    assert not found.ways[1].each


def test_a_question_comes_before_a_call_the_client_after_the_therapist_and_a_wish_last() -> None:
    client = {"availability": ["mon-am"], "languages": ["english"]}
    roster: Cells = {
        "availability": ["mon-am", "tue-pm", "mon-am", "mon-am"],
        "languages": ["english"] * 4,
        "gender": ["f", "f", "m", None],
        "open_slots": [0, 1, 1, 1],
    }
    found = find_options(clinic(client, roster, [(0, "gender", "f", "must")]))
    singles = [list_clauses(option)[0] for option in found.ways if len(option.steps) == 1]
    assert singles == [
        "the therapist is asked about gender: f, which the client requires",
        "the therapist has one more opening",
        "the therapist works mon-am",
        "the client also comes tue-pm",
        "the client changes gender: f from must to prefer",
    ]


def test_the_effort_of_a_change_follows_who_has_to_agree_to_it() -> None:
    efforts = {row.name: row.effort for row in RELAXATIONS}
    is_wish = {row.name for row in RELAXATIONS if row.changed_column == "preferences.strength"}
    for row in RELAXATIONS:
        if not row.is_immediate:
            assert row.effort == ROSTER_EFFORT
        elif row.name in is_wish:
            assert row.effort == WISH_EFFORT
        elif row.changed_column:
            assert (row.effort == CLIENT_EFFORT) is (row.side == "client")
        else:
            assert row.effort == CHECK_EFFORT  # a question
    assert efforts["asked"] == efforts["checked"] == CHECK_EFFORT < CALL_EFFORT < CLIENT_EFFORT < WISH_EFFORT
    assert CHECK_EFFORT + CALL_EFFORT < WISH_EFFORT  # a question and a call come before a wish that is given up


def test_a_weaker_wish_is_among_the_costs() -> None:
    option = next(
        option
        for option in find_options(SLOTS).ways
        if list_clauses(option)[-1] == "the client changes gender: f from must to prefer"
    )
    assert option.only_together == ("t2",)
    assert [(wish.strength, wish.attribute, wish.answer) for wish in option.gain.costs] == [("must", "gender", "unmet")]
    assert option.gain.against == "t0"


def test_therapists_beyond_any_change_are_counted_by_rule() -> None:
    found = find_options(SLOTS, "[relax]\ntogether = 1")
    assert (found.unreached, found.beyond) == (2, {"slot": 1, "payer": 1, "open_slots": 1, "must": 1})


def test_codes_with_the_same_effect_are_joined() -> None:
    tables = clinic({"availability": ["mon-am"]}, {"availability": ["tue-pm|fri-eve", "tue-pm|fri-eve"]})
    options = [(list_clauses(option), option.therapists) for option in find_options(tables).ways]
    assert (["the client also comes fri-eve or tue-pm"], ("t0", "t1")) in options


def test_codes_that_do_not_all_combine_are_listed_one_by_one() -> None:
    client = {"availability": ["mon-am"], "languages": ["english"]}
    roster = {"availability": ["tue-am|wed-am", "tue-am"], "languages": ["french|spanish", "spanish"]}
    options = [
        option
        for option in find_options(clinic(client, roster)).ways
        if [step.side for step in option.steps] == ["client"] * 2
    ]
    ((one,), (first,)) = ([option for option in options if len(option.therapists) == number] for number in (2, 1))
    assert list_clauses(one) == [
        "the client also comes tue-am",
        "therapy can also be in spanish, if the client speaks it",
    ]
    codes = {tuple(step.codes for step in steps) for steps in (first.steps, *first.instead)}
    assert codes == {(("tue-am",), ("french",)), (("wed-am",), ("french",)), (("wed-am",), ("spanish",))}


def test_of_options_that_differ_in_a_code_the_three_that_add_most_are_kept() -> None:
    slots = ["tue-am", "wed-am", "thu-am", "fri-am"]
    roster = [slot for number, slot in enumerate(slots) for _ in range(number + 1)]
    found = find_options(clinic({"availability": ["mon-am"]}, {"availability": roster}))
    counts = [len(option.therapists) for option in found.ways if option.steps[0].relaxation == "slot"]
    assert (counts, found.found) == ([4, 3, 2], 5)


def test_a_change_that_breaks_another_wish_is_no_help() -> None:
    cells = ({"formats": ["video|group"]}, {"formats": ["in person"]})
    options = [list_clauses(option) for option in find_options(clinic(*cells, [(0, "formats", "group", "never")])).ways]
    assert options == [
        ["the therapist offers video"],
        ["the client also accepts in person"],
        ["the therapist offers group", "the client changes formats: group from never to avoid"],
    ]


def test_another_payer_can_cost_candidates() -> None:
    tables = clinic({"payer": ["aetna"]}, {"payers": ["aetna", "self pay", "aetna|self pay"]})
    option = next(option for option in find_options(tables).ways if option.steps[0].relaxation == "payer")
    assert (option.therapists, option.leave) == (("t1",), ("t0",))


def test_without_a_candidate_there_is_no_comparison() -> None:
    tables = clinic({"age": [30]}, {"open_slots": [0]}, [(0, "gender", "f", "prefer")])
    (option,) = find_options(tables).ways
    assert (option.gain.against, option.gain.points, option.gain.better) == ("", None, None)
    assert [wish.answer for wish in option.gain.costs] == ["unknown"]


def test_a_conflict_is_never_lifted() -> None:
    barred = {"client_id": ["c0"], "therapist_id": ["t0"]}
    found = find_options(clinic({"age": [30]}, {"open_slots": [0, 1]}, conflicts=barred))
    assert (found.ways, found.beyond) == ((), {"open_slots": 1, "conflict": 1})


def rank_by_id(tables: Tables, client_row: int) -> pd.DataFrame:
    """Return the client's candidates with score and band, by id."""
    frame = next(rank_to_frames(RosterScorer.from_clinic(experienced(), opened(), tables), np.array([client_row])))
    return frame[frame["status"] == "ranked"].set_index("therapist_id")


@pytest.mark.parametrize("row", [0, 3, 7])
def test_the_gain_equals_that_of_a_ranking_after_the_change(row: int) -> None:
    tables, compared = busy(), 0
    client_id = str(tables.clients["client_id"][row])
    changes = {(one.relaxation.name, one.code): one for one in list_changes(RELAXATIONS, tables, row)}
    for option in relax(RosterScorer.from_clinic(experienced(), opened(), tables), client_id).ways:
        if not option.certain:
            continue
        after = tables
        for step in option.steps:
            code = step.codes[0] if step.codes else ""
            after = changes[step.relaxation, code].apply(after, client_id, option.therapists)
        now, then = rank_by_id(tables, row), rank_by_id(after, row)
        best = then[then.index.isin(option.only_together)].sort_values("score", ascending=False).iloc[0]
        assert (option.gain.score, option.gain.band) == (best["score"], best["band"])
        if option.gain.against:
            before = then.loc[then.index.isin(now.index), "score"]
            assert option.gain.against == before.idxmax()
            assert option.gain.points == pytest.approx(best["score"] - before.max(), abs=2e-6)
            assert option.gain.better is not None
            assert (option.gain.better > 0.5) == (best["score"] > before.max())
        compared += 1
    assert compared > 2


@pytest.mark.parametrize(
    ("toml", "gone"),
    [
        ('[relax]\noff = ["slot"]', "the client also comes tue-pm"),
        ('[relax]\npayers = ["medicaid"]', "the payer is self pay"),
    ],
)
def test_a_clinic_can_switch_relaxations_off(toml: str, gone: str) -> None:
    clauses = [
        [clause for option in find_options(SLOTS, text).ways for clause in list_clauses(option)] for text in ("", toml)
    ]
    assert gone in clauses[0]
    assert gone not in clauses[1]


def test_together_limits_the_number_of_changes() -> None:
    assert [
        max(len(option.steps) for option in find_options(SLOTS, f"[relax]\ntogether = {n}").ways) for n in (1, 2)
    ] == [1, 2]


def test_an_unknown_relaxation_is_reported_with_the_closest_name() -> None:
    with raises_faults(
        "clinic.toml, relax.off: unknown-relaxation (slots, Did you mean `slot`? Known: `opening`, `checked`, "
        "`asked`, and more.)",
    ):
        select_relaxations(opened('[relax]\noff = ["slots"]').config)


def test_every_rule_but_a_conflict_and_a_decline_can_be_lifted() -> None:
    lifted = {rule for row in RELAXATIONS for rule in row.rules}
    assert lifted == {rule.name for rule in RULES} - {"conflict", "declined"}


@pytest.mark.parametrize("row", RELAXATIONS, ids=[row.name for row in RELAXATIONS])
def test_a_relaxation_is_a_readable_clause_about_columns_its_rules_read(row: Relaxation) -> None:
    assert [one.name for one in RELAXATIONS].count(row.name) == 1
    assert not row.template.endswith(".")
    if row.changed_column:
        assert row.changed_column.split(".")[0] == (
            "therapists" if row.side != "client" else row.changed_column.split(".")[0]
        )
        assert all(row.changed_column in rule.input_columns for rule in RULES if rule.name in row.rules)
    assert bool(row.counted_by) == (row.side != "client")
