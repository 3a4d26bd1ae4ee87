"""The sum behind a score adds up, whoever is asked about."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.ranking.rank import rank, rank_each
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic, clinics

IDS = list(busy().clients["client_id"][:3])


@pytest.mark.parametrize("client_id", IDS)
@pytest.mark.parametrize("toml", ["", '[clinic]\nshow_in = "SRS"'])
def test_parts_addends_and_families_each_add_up_to_the_score(client_id: str, toml: str) -> None:
    for therapist_id in busy().therapists["therapist_id"][:5]:
        told = explain_score(experienced(), opened(toml), busy(), client_id, therapist_id)
        assert sum(told.parts.values()) == pytest.approx(told.score, abs=1e-9, rel=0)
        assert sum(one.points for one in told.addends) == pytest.approx(told.score, abs=1e-9, rel=0)
        assert sum(told.families.values()) == pytest.approx(told.score, abs=1e-9, rel=0)
        assert told.low <= told.score <= told.high


@settings(max_examples=10, deadline=None)
@given(clinics(conflicts=2))
def test_any_clinic_can_be_explained(tables: Tables) -> None:
    told = explain_score(published(), opened(), tables, "c0", "t0")
    assert sum(one.points for one in told.addends) == pytest.approx(told.score, abs=1e-9, rel=0)
    assert json.loads(json.dumps(told.to_dict(), allow_nan=False)) == told.to_dict()


def test_it_is_the_score_of_the_ranking() -> None:
    for ranking in rank_each(experienced(), opened(), busy(), IDS):
        for one in ranking.candidates:
            told = explain_score(experienced(), opened(), busy(), ranking.client_id, one.therapist_id)
            assert (round(told.score, 6), told.rules) == (one.score, ())


def test_who_is_left_out_has_a_score_and_the_rules_that_leave_them_out() -> None:
    tables = clinic({"payer": ["aetna"]}, {"payers": ["self pay", "aetna"], "open_slots": [0, 1]})
    told = explain_score(published(), opened(), tables, "c0", "t0")
    assert [broken.rule for broken in told.rules] == ["payer", "open_slots"]
    assert told.rules == rank(published(), opened(), tables, "c0").excluded[0].rules
    assert 1 <= told.score <= 5


def test_what_is_unknown_says_so_and_adds_nothing_by_evidence() -> None:
    told = explain_score(published(), opened(), clinic({"formats": ["video"]}, {"formats": ["video"]}), "c0", "t0")
    unknown = [one for one in told.addends if not one.known]
    assert {"slots_shared", "problems_covered"} <= {one.name for one in unknown}
    assert all(one.points == 0 and one.says == "" for one in unknown)


def test_what_adds_nothing_says_nothing() -> None:
    tables = clinic({"age": [30]}, {"years_experience": [40.0], "interpersonal_skill": [4.5]})
    said = {one.name: one for one in explain_score(published(), opened(), tables, "c0", "t0").addends}
    assert said["interpersonal_skill"].says == "has a higher observer rating of interpersonal skill than is typical"
    assert (said["years_experience"].points, said["years_experience"].known) == (0, True)
    assert said["years_experience"].says == ""


def test_without_its_input_a_term_is_what_the_score_loses() -> None:
    """Every term that has a sentence, one at a time: the feature made unknown takes exactly its points away."""
    client_id, therapist_id = IDS[0], busy().therapists["therapist_id"][0]
    whole = explain_score(published(), opened(), busy(), client_id, therapist_id)
    pair, tried = Pairs.from_rows(Sides(busy()), [0], [0]), 0
    for number, feature in enumerate(FEATURES):
        term = next(one for one in whole.addends if one.name == feature.name)
        if term.says:
            dark = replace(feature, function=lambda pairs: pairs.broadcast(np.nan))
            model = published((*FEATURES[:number], dark, *FEATURES[number + 1 :]))
            left = 1 + 4 / 100 * float(model.compute_parts(pair).score[0])  # WAI-SR points
            assert left == pytest.approx(whole.score - term.points, abs=1e-9, rel=0)
            tried += 1
    assert tried > 10


def test_families_come_level_first_then_intake_then_the_largest() -> None:
    told = explain_score(experienced(), opened(), busy(), IDS[0], busy().therapists["therapist_id"][0])
    assert list(told.families)[:2] == ["level", "intake"]
    sizes = [abs(points) for points in list(told.families.values())[2:]]
    assert sizes == sorted(sizes, reverse=True)
    for family, points in told.families.items():
        assert points == pytest.approx(sum(one.points for one in told.addends if one.family == family), abs=1e-12)


def test_the_level_comes_first_then_the_largest() -> None:
    told = explain_score(experienced(), opened(), busy(), IDS[0], busy().therapists["therapist_id"][0])
    assert told.addends[0].name == "typical_pair"
    sizes = [abs(one.points) for one in told.addends[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert {one.name for one in told.addends} == {"typical_pair", "therapist_effect", *experienced().feature_names}


def test_an_unknown_therapist_is_a_fault_that_names_close_ids() -> None:
    with pytest.raises(DataFault, match=r"therapist_id: no row has the id `t00`\. Closest: `t0`\."):
        explain_score(published(), opened(), clinic({"age": [30]}, {"age": [40]}), "c0", "t00")
    with pytest.raises(DataFault, match=r"client_id: no row has the id `nobody`\. Look it up in that table\."):
        explain_score(published(), opened(), clinic({"age": [30]}, {"age": [40]}), "nobody", "t0")


def test_a_sum_beyond_the_form_is_shown_at_its_end_and_still_adds_up() -> None:
    model = published()
    beyond = model.evidence.mean.copy()
    beyond[0] = 130.0  # POMP: the level of a typical pair, far above the highest answer
    model = replace(model, evidence=replace(model.evidence, mean=beyond))
    tables = clinic({"age": [30]}, {"age": [40, 50]})
    told = explain_score(model, opened(), tables, "c0", "t0")
    assert (told.score, told.high) == (5.0, 5.0)
    assert told.parts["limit"] < 0
    assert sum(told.parts.values()) == pytest.approx(told.score, abs=1e-9)
    assert sum(one.points for one in told.addends) == pytest.approx(told.score, abs=1e-9)
    for one in rank(model, opened(), tables, "c0").candidates:
        assert one.low <= one.score <= one.high <= 5.0
