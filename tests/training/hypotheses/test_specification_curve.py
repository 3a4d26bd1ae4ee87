"""Specification curve: all declared combinations, sorted by effect, with one joint test."""

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.training.hypotheses.hypothesis import Alternatives, Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.null_statistics import NullDraws
from attune_fit.training.hypotheses.specification_curve import (
    MAIN_LABEL,
    SpecificationCurve,
    build_specification_curve,
    describe_analysis,
    list_analyses,
)
from tests.training.hypotheses.lab_designs import draw_records

CLAIM = Hypothesis(
    name="claim",
    claim="A claim.",
    covariates=["clients.phq9"],
    feature=HypothesisFeature(therapist="years_experience", compare="number"),
    alternatives=Alternatives(
        covariates=[[], ["clients.phq9"]], outcomes=["bond"], exclusions=["caseload under 5", "sessions after 3"]
    ),
)


def build_curve(seed: int, effect: float, kind: str = "interaction") -> SpecificationCurve:
    """Build the curve of three analyses of the same clinic; the outcome of the second has more noise."""
    records = draw_records(kind, seed=seed, effect=effect)
    rng = np.random.default_rng(seed)
    noisy = type(records)(**{**vars(records), "y": records.y + 10 * rng.normal(size=len(records))})
    kept = records.therapist != 3
    arrays = {name: getattr(records, name) for name in ("y", "client", "therapist", "term", "covariates",
                                                        "client_variable", "therapist_trait")}  # fmt: skip
    smaller = type(records)(**{**vars(records), **{name: None if one is None else one[kept]
                                                   for name, one in arrays.items()}})  # fmt: skip
    analyses = list_analyses(CLAIM)
    listed = [(analyses[0], records), (analyses[1], noisy), (analyses[2], smaller)]
    return build_specification_curve(listed, ["outcome bond"], NullDraws.from_seed([records, smaller], 199, seed))[0]


def test_the_analyses_are_all_combinations_and_the_main_one_is_first() -> None:
    analyses = list_analyses(CLAIM)
    assert len(analyses) == 2 * 2 * 4  # outcomes, distinct covariates, exclusions made or not
    assert analyses[0].model_dump() == {**CLAIM.model_dump()}
    labels = [describe_analysis(one, CLAIM) for one in analyses]
    assert labels[0] == MAIN_LABEL
    assert len(set(labels)) == len(labels)
    assert "outcome bond; covariates none; without caseload under 5, sessions after 3" in labels


def test_one_declared_analysis_is_the_main_one() -> None:
    alone = CLAIM.model_copy(update={"alternatives": Alternatives()})
    assert list_analyses(alone) == [alone]


def test_the_curve_is_sorted_and_names_what_failed() -> None:
    curve = build_curve(1, 0.2)
    estimates = [one.estimate for one in curve.specifications]
    assert estimates == sorted(estimates)
    assert curve.median == np.median(estimates)
    assert sum(one.is_main for one in curve.specifications) == 1
    assert curve.failed == ("outcome bond",)


def test_a_planted_effect_is_found_jointly_and_none_is_not() -> None:
    planted, none = build_curve(1, 0.3), build_curve(2, 0.0)
    assert planted.joint.p_median <= 0.02
    assert planted.joint.p_share <= 0.05
    assert planted.share_significant == 1.0
    assert none.joint.p_median > 0.1
    assert none.joint.draws == 199


@pytest.mark.parametrize("kind", ["trait", "interaction", "pair"])
def test_analyses_that_agree_have_the_joint_p_of_their_permutation_test(kind: str) -> None:
    drawn = draw_records(kind, therapists=8, seed=3)
    kept = np.concatenate([np.flatnonzero(drawn.therapist == one)[: 2 + 13 * (one % 2)] for one in range(8)])
    columns = {name: value[kept] for name, value in vars(drawn).items() if isinstance(value, np.ndarray)}
    records = replace(drawn, **columns)  # uneven: an estimate has another precision in each draw
    null = NullDraws.from_seed([records], 199, 1)
    curve, statistics = build_specification_curve([(one, records) for one in list_analyses(CLAIM)[:2]], [], null)
    assert statistics is not None
    assert curve.joint.p_median == statistics.p


def test_no_analysis_gives_no_joint_test() -> None:
    records = draw_records("trait", therapists=2)
    null = NullDraws.from_seed([records], 9, 1)
    curve, statistics = build_specification_curve([(list_analyses(CLAIM)[0], records)], [], null)
    assert statistics is None
    assert curve.specifications == ()
    assert np.isnan(curve.joint.p_median)
    assert curve.failed == (MAIN_LABEL,)
