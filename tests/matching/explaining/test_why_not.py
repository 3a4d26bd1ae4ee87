"""Why not: every rule with its inputs and the changes that help, and a difference that adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attune_fit.matching.explaining.why_not import WhyNotResult, explain_why_not
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import AS_OF, clinic

DAY = pd.Timestamp(AS_OF) - pd.Timedelta(days=200)
EXCLUDED = clinic(
    {"availability": ["mon-am"], "region": ["ca"], "age": [30.5]},
    {
        "availability": ["tue-pm|fri-eve", "mon-am"],
        "licensed_regions": [None, "ca"],
        "open_slots": [0, 1],
        "updated_on": [DAY, None],
        "gender": ["m", "f"],
        "age_groups": ["65-", None],
    },
    [(0, "gender", "f", "must"), (0, "religion", "none", "prefer")],
    conflicts={"client_id": ["c0"], "therapist_id": ["t0"], "reason": ["related"]},
)


def explain_excluded() -> WhyNotResult:
    return explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t0")


def test_every_rule_is_listed_with_the_cells_it_reads() -> None:
    result = explain_excluded()
    inputs = {one.broken.rule: " · ".join(f"{fact.place} {fact.says}" for fact in one.facts) for one in result.grounds}
    assert inputs == {
        "region": "clients.region ca · therapists.licensed_regions ",
        "slot": "clients.availability mon-am · therapists.availability tue-pm, fri-eve",
        "open_slots": "therapists.open_slots 0",
        "must": "therapists.gender m",
        "conflict": "",
        "age_group": "clients.age 30.5 · therapists.age_groups 65-",
        "roster_age": f"therapists.updated_on {DAY.date()}",
    }
    assert (result.checked_on, result.checked_days, result.as_of) == (str(DAY.date()), 200, str(AS_OF))
    assert {one.limit for one in result.grounds} == {"", "roster_stale_days = 180"}
    assert "related" not in str(result.to_dict())


def test_every_rule_is_listed_with_changes_that_help_and_a_conflict_with_none() -> None:
    assert {one.broken.rule: one.lifted_by for one in explain_excluded().grounds} == {
        "region": (
            "the therapist is asked whether licensed in the client's region",
            "the therapist gets a licence for ca",
        ),
        "slot": ("the therapist works mon-am", "the client also comes fri-eve or tue-pm"),
        "open_slots": ("the therapist has one more opening",),
        "must": ("the client changes gender: f from must to prefer",),
        "conflict": (),
        "age_group": ("the therapist agrees to take a client of this age",),
        "roster_age": ("the therapist confirms openings and hours",),
    }


def test_an_excluded_therapist_is_compared_only_with_a_named_therapist() -> None:
    assert explain_excluded().versus is None
    named = explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t0", "t1").versus
    assert named is not None
    assert (named.therapist_id, named.position, named.decided_by) == ("t1", 1, "rules")
    first = explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t1")
    assert (first.position, first.versus, first.checked_on, first.checked_days) == (1, None, "", None)


@pytest.mark.parametrize("row", range(4))
def test_the_difference_adds_up_by_term_and_by_family_and_is_that_of_the_ranking(row: int) -> None:
    client_id = str(busy().clients["client_id"][row])
    ranking = rank(RosterScorer.from_clinic(experienced(), opened(), busy()), client_id)
    for above, one in zip(ranking.candidates, ranking.candidates[1:3], strict=False):
        versus = explain_why_not(
            RosterScorer.from_clinic(experienced(), opened(), busy()), client_id, one.therapist_id
        ).versus
        assert versus is not None
        assert versus.therapist_id == above.therapist_id
        assert versus.points == pytest.approx(above.score - one.score, abs=2e-6)
        assert sum(term.points for term in versus.terms) == pytest.approx(versus.points, abs=1e-9)
        assert sum(versus.families.values()) == pytest.approx(versus.points, abs=1e-9)
        assert versus.same_band == (above.band == one.band)
        assert (versus.better > 0.5) == (versus.points > 0)
        assert (versus.wishes, versus.other_wishes) == (one.wishes, above.wishes)


def test_what_decides_between_two_is_what_orders_the_list() -> None:
    criteria = set()
    for client_id in busy().clients["client_id"][:12]:
        ranking = rank(RosterScorer.from_clinic(published(), opened(), busy()), client_id)
        for above, one in zip(ranking.candidates, ranking.candidates[1:], strict=False):
            versus = explain_why_not(
                RosterScorer.from_clinic(published(), opened(), busy()), client_id, one.therapist_id
            ).versus
            assert versus is not None
            n_met = [sum(wish.answer == "met" for wish in wishes) for wishes in (versus.other_wishes, versus.wishes)]
            if versus.decided_by == "bands":
                assert above.band < one.band
            else:
                assert above.band == one.band
                assert (n_met[0] > n_met[1]) == (versus.decided_by == "wishes")
            criteria.add(versus.decided_by)
            break
    assert criteria == {"bands", "wishes", "turn"}


def test_unknown_ids_are_faults() -> None:
    for wrong, place in (
        (("x", "t0", None), "clients, client_id"),
        (("c0", "x", None), "therapists, therapist_id"),
        (("c0", "t0", "x"), "therapists, therapist_id"),
    ):
        with raises_faults(f"{place}: id-not-found (x)"):
            explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), *wrong)


def test_a_therapist_is_not_compared_with_themselves() -> None:
    assert explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t1", "t1").versus is None
    assert np.isfinite(explain_why_not(RosterScorer.from_clinic(published(), opened(), EXCLUDED), "c0", "t1").position)
