"""The conclusion matches its numbers: three verdicts, each condition, directions, families and surfaces."""

import math
import re

import numpy as np
import pytest

from attune_fit.training.hypotheses.conclusion import (
    CANNOT_TELL,
    NOT_SUPPORTED,
    SUPPORTED,
    VERDICTS,
    Conclusion,
    ConclusionFigures,
    compute_detectable_effect,
    draft_conclusion,
)
from attune_fit.training.hypotheses.equivalence_region import compute_equivalence_region
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature
from attune_fit.training.hypotheses.hypothesis_result import FamilyMember, ReportedEffect
from attune_fit.training.hypotheses.specification_curve import JointTest, SpecificationCurve
from attune_fit.training.multilevel.effect_test import EffectTest

FEATURE = HypothesisFeature(therapist="years_experience", compare="number")


def conclude(
    estimate: float,
    se: float = 0.04,
    *,
    direction: str = "both",
    joint_p: float = 0.01,
    family: FamilyMember | None = None,
    surface: dict[str, object] | None = None,
    median: float | None = None,
    failed: tuple[str, ...] = (),
) -> Conclusion:
    claim = Hypothesis(name="claim", claim="A claim.", direction=direction, feature=FEATURE)  # type: ignore[arg-type]
    test = EffectTest.from_estimate("therapist means", estimate, se, 38.0, n=600, n_clusters=40)
    effect = ReportedEffect("therapist means", test.estimate, test.low, test.high, test.se, test.df, test.t, test.p,
                            *(15 * test.estimate, 15 * test.low, 15 * test.high), 600, 40)  # fmt: skip
    median = effect.estimate if median is None else median
    curve = SpecificationCurve((), median, 1.0, JointTest(999, "therapists", joint_p, joint_p), failed)
    region = compute_equivalence_region(effect.estimate, effect.se, effect.df, claim.smallest_effect)
    return draft_conclusion(ConclusionFigures(effect, region, curve, family, surface), claim)


@pytest.mark.parametrize(
    ("estimate", "direction", "verdict"),
    [
        (0.20, "both", SUPPORTED),
        (0.20, "+", SUPPORTED),
        (-0.20, "-", SUPPORTED),
        (0.00, "both", NOT_SUPPORTED),
        (0.20, "-", NOT_SUPPORTED),  # the effect has the opposite direction
        (-0.05, "+", NOT_SUPPORTED),  # no effect in the claimed direction is large enough
        (-0.05, "both", CANNOT_TELL),
        (0.07, "both", CANNOT_TELL),
        (0.07, "+", CANNOT_TELL),
    ],
)
def test_the_verdict_follows_from_the_interval(estimate: float, direction: str, verdict: str) -> None:
    found = conclude(estimate, direction=direction)
    assert found.verdict == verdict
    assert found.sentence.lower().startswith(verdict)


def test_an_effect_that_is_too_small_to_matter_is_not_supported() -> None:
    found = conclude(0.04, 0.01)
    assert found.verdict == NOT_SUPPORTED
    assert "there is an effect, but it is smaller than 0.1 SD" in found.sentence


def test_the_opposite_direction_is_named() -> None:
    assert "opposite direction" in conclude(0.20, direction="-").sentence
    assert "opposite direction" not in conclude(0.0, direction="-").sentence


def test_supported_needs_the_joint_test() -> None:
    found = conclude(0.20, joint_p=0.20)
    assert found.verdict == CANNOT_TELL
    assert "the joint test of the declared analyses does not" in found.sentence


def test_a_joint_effect_of_the_other_sign_does_not_agree() -> None:
    found = conclude(0.20, direction="+", median=-0.15)
    assert found.verdict == CANNOT_TELL
    assert any("its median effect has the sign of the main one (-0.15)" in one for one in found.reasons)


def test_declared_analyses_that_failed_are_counted() -> None:
    assert any("0 of 2 declared analyses" in one for one in conclude(0.20, failed=("a", "b")).reasons)


def test_supported_needs_the_corrected_p_value_of_a_family() -> None:
    found = conclude(0.12, family=FamilyMember("holm", 5, 0.06))
    assert found.verdict == CANNOT_TELL
    assert "after the correction for 5 hypotheses" in found.sentence
    assert conclude(0.12, family=FamilyMember("holm", 5, 0.04)).verdict == SUPPORTED


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_surface_is_supported_only_with_its_checklist(verdict: str) -> None:
    found = conclude(0.20, direction="+", surface={"verdict": verdict, "sentence": "The ridge is moved."})
    assert found.verdict == verdict
    if verdict != SUPPORTED:
        assert "he ridge is moved." in found.sentence


def test_the_words_hold_in_a_thousand_tests() -> None:
    rng = np.random.default_rng(1)
    for _ in range(1_000):
        estimate, se, joint_p = rng.normal(0, 0.15), rng.uniform(0.005, 0.15), rng.choice([0.01, 0.5])
        direction = str(rng.choice(["+", "-", "both"]))
        found = conclude(estimate, se, direction=direction, joint_p=joint_p)
        low, high = estimate - 2.0244 * se, estimate + 2.0244 * se
        contains_zero = low <= 0 <= high
        if found.verdict == SUPPORTED:
            assert not contains_zero
            assert joint_p < 0.05
            assert direction == "both" or (estimate > 0) == (direction == "+")
            assert max(abs(low), abs(high)) >= 0.1
        if "contains zero" in found.sentence:
            assert contains_zero
            assert max(high if direction != "-" else 0, -low if direction != "+" else 0) >= 0.1 - 1e-3
        if found.verdict == NOT_SUPPORTED:
            narrow_low, narrow_high = estimate - 1.686 * se, estimate + 1.686 * se
            assert direction == "-" or narrow_high < 0.1 + 1e-3
            assert direction == "+" or narrow_low > -0.1 - 1e-3


def test_the_reasons_are_marked_as_they_hold() -> None:
    marks = [reason.split(":")[0] for reason in conclude(0.20, joint_p=0.2).reasons]
    assert marks[:4] == ["Yes", "Yes", "No", "No"]
    assert re.fullmatch(r"Smallest effect .* 80% of studies: 0\.12 SD\.", conclude(0.2).reasons[-1])


def test_the_detectable_effect_depends_on_precision_alone() -> None:
    assert compute_detectable_effect(0.04, 38) == pytest.approx(0.04 * (2.0244 + 0.8512), rel=1e-3)
    assert conclude(0.0).reasons[-1] == conclude(0.5).reasons[-1]


def test_a_test_without_a_result_cannot_tell() -> None:
    found = conclude(math.nan)
    assert found.verdict == CANNOT_TELL
    assert "could not be computed" in found.sentence
