"""The terms of a score add up to it, for any pair."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.ranking.rank import rank, rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.level_terms import LevelTerms, hash_sites
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic, clinics

IDS = list(busy().clients["client_id"][:3])


@pytest.mark.parametrize("client_id", IDS)
@pytest.mark.parametrize("toml", ["", '[clinic]\nshow_in = "SRS"'])
def test_parts_addends_and_families_each_add_up_to_the_score(client_id: str, toml: str) -> None:
    for therapist_id in busy().therapists["therapist_id"][:5]:
        breakdown = explain_score(
            RosterScorer.from_clinic(experienced(), opened(toml), busy()), client_id, therapist_id
        )
        assert sum(breakdown.parts.values()) == pytest.approx(breakdown.score, abs=1e-9, rel=0)
        assert sum(one.points for one in breakdown.addends) == pytest.approx(breakdown.score, abs=1e-9, rel=0)
        assert sum(breakdown.families.values()) == pytest.approx(breakdown.score, abs=1e-9, rel=0)
        assert breakdown.low <= breakdown.score <= breakdown.high


def test_the_level_of_the_clients_site_is_part_of_the_starting_point() -> None:
    """A new site counts as the reference; either way the parts and the terms add up."""
    tables = busy()
    tables = replace(tables, clients=tables.clients.assign(site=["north"] + ["south"] * (len(tables.clients) - 1)))
    levels = LevelTerms((f"site {hash_sites(tables.clients['site'])[0]}",), np.array([8.0]), "site")
    model = experienced()
    located = replace(model, evidence=replace(model.evidence, levels=levels))
    for row, difference in ((0, 8.0), (1, 0.0)):
        client_id, therapist_id = str(tables.clients["client_id"][row]), str(tables.therapists["therapist_id"][0])
        with_site, without = (
            explain_score(RosterScorer.from_clinic(one, opened(), tables), client_id, therapist_id)
            for one in (located, model)
        )
        assert sum(one.points for one in with_site.addends) == pytest.approx(with_site.score, abs=1e-9)
        assert sum(with_site.parts.values()) == pytest.approx(with_site.score, abs=1e-9)
        assert with_site.score - without.score == pytest.approx(difference * 4 / 100, abs=1e-9)  # points of WAI-SR


@settings(max_examples=10, deadline=None)
@given(clinics(conflicts=2))
def test_any_clinic_can_be_explained(tables: Tables) -> None:
    breakdown = explain_score(RosterScorer.from_clinic(published(), opened(), tables), "c0", "t0")
    assert sum(one.points for one in breakdown.addends) == pytest.approx(breakdown.score, abs=1e-9, rel=0)
    assert json.loads(json.dumps(breakdown.to_dict(), allow_nan=False)) == breakdown.to_dict()


def test_it_is_the_score_of_the_ranking() -> None:
    for ranking in rank_each(RosterScorer.from_clinic(experienced(), opened(), busy()), IDS):
        for one in ranking.candidates:
            breakdown = explain_score(
                RosterScorer.from_clinic(experienced(), opened(), busy()), ranking.client_id, one.therapist_id
            )
            assert (round(breakdown.score, 6), breakdown.rules) == (one.score, ())


def test_an_excluded_therapist_has_a_score_and_the_rules_that_exclude() -> None:
    tables = clinic({"payer": ["aetna"]}, {"payers": ["self pay", "aetna"], "open_slots": [0, 1]})
    breakdown = explain_score(RosterScorer.from_clinic(published(), opened(), tables), "c0", "t0")
    assert [reason.rule for reason in breakdown.rules] == ["payer", "open_slots"]
    assert breakdown.rules == rank(RosterScorer.from_clinic(published(), opened(), tables), "c0").excluded[0].rules
    assert 1 <= breakdown.score <= 5


def test_an_unknown_feature_is_marked_and_adds_nothing_by_evidence() -> None:
    breakdown = explain_score(
        RosterScorer.from_clinic(published(), opened(), clinic({"formats": ["video"]}, {"formats": ["video"]})),
        "c0",
        "t0",
    )
    unknown = [one for one in breakdown.addends if not one.known]
    assert {"slots_shared", "problems_covered"} <= {one.name for one in unknown}
    assert all(one.points == 0 and one.says == "" for one in unknown)


def test_a_term_that_adds_nothing_has_no_text() -> None:
    tables = clinic({"age": [30]}, {"years_experience": [40.0], "interpersonal_skill": [4.5]})
    terms = {
        one.name: one
        for one in explain_score(RosterScorer.from_clinic(published(), opened(), tables), "c0", "t0").addends
    }
    assert (
        terms["interpersonal_skill"].says
        == "is rated by observers as more skilled with people than a typical therapist"
    )
    assert (terms["years_experience"].points, terms["years_experience"].known) == (0, True)
    assert terms["years_experience"].says == ""


def test_without_its_input_the_score_loses_exactly_the_term() -> None:
    """For every term with a text, one at a time: with the feature unknown, the score loses exactly its points."""
    client_id, therapist_id = IDS[0], busy().therapists["therapist_id"][0]
    whole = explain_score(RosterScorer.from_clinic(published(), opened(), busy()), client_id, therapist_id)
    pair, n_checked = Pairs.from_rows(Sides(busy()), [0], [0]), 0
    for number, feature in enumerate(FEATURES):
        term = next(one for one in whole.addends if one.name == feature.name)
        if term.says:
            unknown = replace(feature, function=lambda pairs: pairs.broadcast(np.nan))
            model = published((*FEATURES[:number], unknown, *FEATURES[number + 1 :]))
            score_without = 1 + 4 / 100 * float(model.compute_parts(pair).score[0])  # WAI-SR points
            assert score_without == pytest.approx(whole.score - term.points, abs=1e-9, rel=0)
            n_checked += 1
    assert n_checked > 10


def test_families_come_level_first_then_intake_then_the_largest() -> None:
    breakdown = explain_score(
        RosterScorer.from_clinic(experienced(), opened(), busy()), IDS[0], busy().therapists["therapist_id"][0]
    )
    assert list(breakdown.families)[:2] == ["level", "intake"]
    sizes = [abs(points) for points in list(breakdown.families.values())[2:]]
    assert sizes == sorted(sizes, reverse=True)
    for family, points in breakdown.families.items():
        assert points == pytest.approx(sum(one.points for one in breakdown.addends if one.family == family), abs=1e-12)


def test_the_level_comes_first_then_the_largest() -> None:
    breakdown = explain_score(
        RosterScorer.from_clinic(experienced(), opened(), busy()), IDS[0], busy().therapists["therapist_id"][0]
    )
    assert breakdown.addends[0].name == "typical_pair"
    sizes = [abs(one.points) for one in breakdown.addends[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert {one.name for one in breakdown.addends} == {"typical_pair", "therapist_effect", *experienced().feature_names}


def test_an_unknown_therapist_is_a_fault_that_names_close_ids() -> None:
    with raises_faults("therapists, therapist_id: id-not-found (t00, `t0`)"):
        explain_score(
            RosterScorer.from_clinic(published(), opened(), clinic({"age": [30]}, {"age": [40]})), "c0", "t00"
        )
    with raises_faults("clients, client_id: id-not-found (unknown)"):
        explain_score(
            RosterScorer.from_clinic(published(), opened(), clinic({"age": [30]}, {"age": [40]})), "unknown", "t0"
        )


def test_a_score_outside_the_range_is_clipped_and_still_adds_up() -> None:
    model = published()
    mean = model.evidence.mean.copy()
    mean[0] = 130.0  # POMP: the level of a typical pair, far above the highest answer
    model = replace(model, evidence=replace(model.evidence, mean=mean))
    tables = clinic({"age": [30]}, {"age": [40, 50]})
    breakdown = explain_score(RosterScorer.from_clinic(model, opened(), tables), "c0", "t0")
    assert (breakdown.score, breakdown.high) == (5.0, 5.0)
    assert breakdown.parts["limit"] < 0
    assert sum(breakdown.parts.values()) == pytest.approx(breakdown.score, abs=1e-9)
    assert sum(one.points for one in breakdown.addends) == pytest.approx(breakdown.score, abs=1e-9)
    for one in rank(RosterScorer.from_clinic(model, opened(), tables), "c0").candidates:
        assert one.low <= one.score <= one.high <= 5.0
