"""Goal, task and bond are shown for a pair, and weigh in the order only where ``clinic.toml`` says so."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from pydantic import ValidationError

from attune_fit.app.views.scale_scores import list_scale_lines
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.ranking.order_adjustment import describe_order_weights
from attune_fit.matching.ranking.rank import rank
from attune_fit.matching.ranking.ranking_result import Ranking
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.scale_models import ScaleModels
from tests.matching.builders import busy, experienced, opened

BOND_ONLY = "[settings]\nscale_weights = { goal = 0, task = 0 }"


@cache
def with_scales(effect: float = 60.0) -> AllianceModel:
    """The model of these tests with scales: therapists differ in bond by ``effect`` times their place in its list."""
    model = experienced()
    ids = model.therapists.ids
    bond = replace(
        model,
        learned=None,
        evidence=replace(model.evidence, mean=np.zeros(len(model.evidence.mean))),
        therapists=replace(model.therapists, effect=np.linspace(-effect / 2, effect / 2, len(ids))),
    )
    task = replace(bond, therapists=replace(bond.therapists, effect=np.zeros(len(ids))))
    width = PredictionInterval()
    return replace(model, scales=ScaleModels((bond, task), 0.0, (width, width, width), 50))


def list_of(model: AllianceModel, toml: str = "") -> Ranking:
    return rank(RosterScorer.from_clinic(model, opened(toml), busy()), str(busy().clients["client_id"][0]))


def test_every_candidate_has_three_scales_in_points() -> None:
    for one in list_of(with_scales()).candidates:
        assert [scale.scale for scale in one.scales] == ["goal", "task", "bond"]
        assert all(1 <= scale.low <= scale.score <= scale.high <= 5 for scale in one.scales)
    unclipped = list_of(with_scales(effect=0.0)).candidates[0]
    assert np.mean([scale.score for scale in unclipped.scales]) == pytest.approx(unclipped.score, abs=1e-5)


def test_a_list_and_an_explanation_agree() -> None:
    ranking = list_of(with_scales())
    scorer = RosterScorer.from_clinic(with_scales(), opened(), busy())
    for one in ranking.candidates[:3]:
        breakdown = explain_score(scorer, ranking.client_id, one.therapist_id)
        assert [vars(scale) for scale in breakdown.scales] == [pytest.approx(vars(scale)) for scale in one.scales]


def test_a_model_without_scales_leaves_no_trace() -> None:
    plain, shown = list_of(experienced()), list_of(with_scales())
    assert "scales" not in plain.to_json()
    scorer = RosterScorer.from_clinic(experienced(), opened(), busy())
    breakdown = explain_score(scorer, plain.client_id, plain.candidates[0].therapist_id)
    assert "scales" not in breakdown.to_dict()
    assert [one.therapist_id for one in shown.candidates] == [one.therapist_id for one in plain.candidates]
    assert [one.score for one in shown.candidates] == [one.score for one in plain.candidates]
    assert len(json.loads(shown.to_json())["candidates"][0]["scales"]) == 3


def test_an_instrument_without_scales_shows_none() -> None:
    assert all(not one.scales for one in list_of(with_scales(), '[clinic]\nshow_in = "ARM-5"').candidates)


def test_weights_change_the_order_and_no_estimate() -> None:
    by_total, by_bond = list_of(with_scales()), list_of(with_scales(), BOND_ONLY)
    order = [one.therapist_id for one in by_bond.candidates]
    assert order != [one.therapist_id for one in by_total.candidates]
    assert {one.therapist_id: one.score for one in by_bond.candidates} == {
        one.therapist_id: one.score for one in by_total.candidates
    }
    bonds = [one.scales[2].score for one in by_bond.candidates]
    assert bonds[0] == max(bonds)


@pytest.mark.parametrize("weights", ["{}", "{ goal = 1, task = 1, bond = 1 }", "{ goal = 2, task = 2, bond = 2 }"])
def test_equal_weights_give_the_order_of_the_total(weights: str) -> None:
    weighed = list_of(with_scales(), f"[settings]\nscale_weights = {weights}")
    assert [one.therapist_id for one in weighed.candidates] == [
        one.therapist_id for one in list_of(with_scales()).candidates
    ]
    assert not weighed.order_weights


def test_the_list_states_the_weights_and_whether_they_have_an_effect() -> None:
    settings = opened(BOND_ONLY).config.settings
    assert list_of(with_scales(), BOND_ONLY).order_weights == describe_order_weights(settings, with_scales())
    assert "bond 100%" in describe_order_weights(settings, with_scales())
    assert "no effect" not in describe_order_weights(settings, with_scales())
    assert "no effect" in describe_order_weights(settings, experienced())
    plain, weighed = list_of(experienced()), list_of(experienced(), BOND_ONLY)
    assert [one.therapist_id for one in weighed.candidates] == [one.therapist_id for one in plain.candidates]


def test_the_policy_of_a_weighed_order_is_another_one() -> None:
    digests = {list_of(with_scales(), toml).policy for toml in ("", BOND_ONLY, "[settings]\nscale_weights = {}")}
    assert len(digests) == 2


@pytest.mark.parametrize(
    "weights", ["{ goal = 0, task = 0, bond = 0 }", "{ bond = -1 }", "{ trust = 1 }", "3", '{ bond = "much" }']
)
def test_weights_that_mean_nothing_are_refused(weights: str) -> None:
    with pytest.raises(ValidationError, match="scale_weights"):
        opened(f"[settings]\nscale_weights = {weights}")


def test_the_view_has_a_line_for_each_scale_and_why_there_is_none() -> None:
    scales = list_of(with_scales()).candidates[0].scales
    lines = [line.plain for line in list_scale_lines(scales, with_scales(), why=False)]
    assert [line.split(":")[0] for line in lines[:3]] == ["Goal", "Task", "Bond"]
    assert "50 records" in lines[3]
    assert not list(list_scale_lines((), experienced(), why=False))
    assert "30 records" in next(iter(list_scale_lines((), experienced(), why=True))).plain
