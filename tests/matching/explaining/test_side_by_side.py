"""Side by side: the estimates are those of the ranking, and each cell is the cell of that therapist."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.matching.explaining.side_by_side import Comparison, compare_side_by_side
from attune_fit.matching.explaining.therapist_comparison import compare_therapists
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic

SCORER = RosterScorer.from_clinic(experienced(), opened(), busy())
TABLES = clinic(
    {
        "availability": ["mon-am|tue-pm"],
        "payer": ["aetna"],
        "presenting_problems": ["grief|stress"],
        "directiveness_preference": [7.0],
    },
    {
        "availability": ["mon-am", "fri-eve", None],
        "payers": ["aetna", "aetna", None],
        "specialties": ["grief", None, "stress|grief"],
        "directiveness_style": [6.0, -4.0, None],
        "gender": ["f", "m", None],
        "religion": ["none", "none", "jewish"],
        "years_experience": [4.0, None, 15.0],
        "open_slots": [2.0, 1.0, None],
    },
    [(0, "gender", "f", "prefer"), (0, "religion", "none", "avoid")],
)


def compare(tables: Any = TABLES, ids: tuple[str, ...] = ("t0", "t1", "t2"), toml: str = "") -> Comparison:
    return compare_side_by_side(RosterScorer.from_clinic(published(), opened(toml), tables), "c0", ids)


def list_cells(comparison: Comparison) -> dict[str, list[tuple[Any, str]]]:
    return {row.name: [(cell.value, cell.answer) for cell in row.cells] for row in comparison.rows}


def find_client(n_candidates: int) -> str:
    ids = busy().clients["client_id"].to_list()
    return next(str(one) for one in ids if len(rank(SCORER, one).candidates) >= n_candidates)


def test_places_estimates_and_reasons_are_those_of_the_ranking() -> None:
    client_id = find_client(3)
    ranking = rank(SCORER, client_id)
    chosen = [ranking.candidates[place] for place in (2, 0)]
    compared = compare_side_by_side(SCORER, client_id, [one.therapist_id for one in chosen])
    for one, candidate in zip(compared.therapists, chosen, strict=True):
        assert (one.therapist_id, one.position, one.band) == (
            candidate.therapist_id,
            candidate.position,
            candidate.band,
        )
        assert (one.score, one.low, one.high) == pytest.approx((candidate.score, candidate.low, candidate.high))
        assert (one.reasons, one.caution, one.facts) == (candidate.reasons, candidate.caution, candidate.facts)
        assert one.rules == ()
        assert one.wishes_met == sum(wish.answer == "met" for wish in candidate.wishes)
        assert one.wishes_stated == len(candidate.wishes)
    assert compared.candidates == len(ranking.candidates)


def test_the_probability_is_that_of_the_comparison_of_two() -> None:
    client_id = find_client(2)
    first, second = (one.therapist_id for one in rank(SCORER, client_id).candidates[:2])
    compared = compare_side_by_side(SCORER, client_id, [first, second])
    lower = next(one for one in compared.therapists if one.therapist_id != compared.highest)
    higher = next(one for one in compared.therapists if one.therapist_id == compared.highest)
    assert higher.better is None
    row, other = (busy().therapists["therapist_id"].tolist().index(one.therapist_id) for one in (lower, higher))
    roster = SCORER.score_clients(np.array([busy().clients["client_id"].tolist().index(client_id)]))
    assert lower.better == pytest.approx(compare_therapists(SCORER, roster, row, other).better)
    assert lower.better is not None
    assert lower.better >= 0.5


def test_rows_are_what_the_client_wants_wishes_first_and_cells_those_of_each_therapist() -> None:
    compared = compare()
    assert [(row.section, row.name, row.strength, row.wants) for row in compared.rows] == [
        ("wishes", "gender", "prefer", "f"),
        ("wishes", "religion", "avoid", "none"),
        ("facts", "availability", "", ("mon-am", "tue-pm")),
        ("facts", "payer", "", "aetna"),
        ("facts", "presenting_problems", "", ("grief", "stress")),
        ("facts", "directiveness", "", 7.0),
        ("facts", "years_experience", "", None),
        ("facts", "openings", "", None),
        ("facts", "updated_on", "", None),
    ]
    assert list_cells(compared) == {
        "gender": [("f", "met"), ("m", "unmet"), (None, "unknown")],
        "religion": [("none", "unmet"), ("none", "unmet"), ("jewish", "met")],
        "availability": [(("mon-am",), "met"), ((), "unmet"), (None, "unknown")],
        "payer": [(("aetna",), "met"), (("aetna",), "met"), (None, "unknown")],
        "presenting_problems": [(("grief",), ""), (None, ""), (("grief", "stress"), "")],
        "directiveness": [(6.0, ""), (-4.0, ""), (None, "")],
        "years_experience": [(4.0, ""), (None, ""), (15.0, "")],
        "openings": [(2, ""), (1, ""), (None, "")],
        "updated_on": [(None, "")] * 3,
    }


def test_a_changed_cell_changes_its_column_of_the_comparison_only() -> None:
    changed = replace(TABLES, therapists=TABLES.therapists.assign(gender=pd.Series(["f", "f", None], dtype="str")))
    before, after = list_cells(compare()), list_cells(compare(changed))
    assert after["gender"] == [("f", "met"), ("f", "met"), (None, "unknown")]
    assert {name: cells for name, cells in after.items() if name != "gender"} == {
        name: cells for name, cells in before.items() if name != "gender"
    }


def test_an_excluded_therapist_is_compared_and_the_rule_is_named() -> None:
    compared = compare()
    excluded = compared.therapists[1]
    assert (excluded.position, excluded.band, excluded.reasons, excluded.caution) == (0, 0, (), None)
    assert [rule.rule for rule in excluded.rules] == ["slot"]
    assert excluded.facts.slots_in_common == ()
    assert compared.candidates == 2
    assert compared.findings[-1] == "t1 is ruled out: no shared slot."


def test_the_findings_say_who_meets_most_wishes_and_whose_estimate_is_highest() -> None:
    compared = compare(ids=("t0", "t1"))
    highest, other = compared.therapists
    assert compared.highest == highest.therapist_id == "t0"
    assert compared.findings == (
        "t0 meets 1 of the client's 2 wishes, more than the other.",
        f"t0 has the highest estimate ({highest.score:.2f}): better than t1 with probability {other.better:.2f}.",
        "t1 is ruled out: no shared slot.",
    )
    assert compare(ids=("t0", "t2")).findings[0] == "Each of them meets 1 of the client's 2 wishes."
    one_wish = replace(TABLES, preferences=TABLES.preferences.iloc[:1])
    assert compare(one_wish).findings[0] == "t0 meets the client's wish, and the others do not."
    assert compare(one_wish, ("t1", "t2")).findings[0] == "None of them is known to meet the wish of the client."
    no_wish = replace(TABLES, preferences=TABLES.preferences.iloc[:0])
    assert compare(no_wish).findings[0].startswith("t0 has the highest estimate")


def test_the_comparison_is_plain_in_json() -> None:
    plain = json.loads(json.dumps(compare().to_dict(), allow_nan=False))
    assert plain["therapists"][0]["facts"]["slots_in_common"] == ["mon-am"]
    assert all("fields" in reason for one in plain["therapists"] for reason in one["reasons"])
    assert plain["rows"][0]["cells"][0] == {"value": "f", "answer": "met"}
    assert (plain["low"], plain["high"]) == (1, 5)


@pytest.mark.parametrize("ids", [("t0",), ("t0", "t0"), ("t0", "t1", "t2", "t3"), ()])
def test_two_or_three_different_therapists_are_compared(ids: tuple[str, ...]) -> None:
    tables = clinic({}, {"gender": ["f"] * 4})
    with raises_faults(f"therapists, therapist_id: comparison-size ({len(set(ids))})"):
        compare(tables, ids)


def test_every_unknown_id_is_named_at_once() -> None:
    with raises_faults("therapists, therapist_id: id-not-found (t7)", "therapists, therapist_id: id-not-found (t9)"):
        compare(ids=("t0", "t7", "t9"))
