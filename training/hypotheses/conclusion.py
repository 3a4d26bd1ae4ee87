"""The conclusion of a hypothesis test, in words that match its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import stdtrit

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.equivalence_region import EquivalenceRegion
    from attune_fit.training.hypotheses.hypothesis import Hypothesis
    from attune_fit.training.hypotheses.hypothesis_result import FamilyMember, ReportedEffect
    from attune_fit.training.hypotheses.specification_curve import SpecificationCurve

SUPPORTED = "supported"
NOT_SUPPORTED = "not supported"
CANNOT_TELL = "these data cannot tell"
VERDICTS = (SUPPORTED, NOT_SUPPORTED, CANNOT_TELL)
DETECTION_POWER = 0.80
SMALLEST_SHOWN_P = 0.001


@dataclass(frozen=True)
class Conclusion:
    """A verdict with its reasons.

    Attributes
    ----------
    verdict : str
        One of :data:`VERDICTS`.
    sentence : str
        The answer in one or two sentences, with the interval.
    reasons : tuple of str
        Each condition, whether it holds, and its numbers.
    """

    verdict: str
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """One condition of ``supported``.

    Attributes
    ----------
    name : str
        ``p``, ``interval``, ``joint`` or ``surface``.
    holds : bool
    text : str
        The condition with its numbers.
    """

    name: str
    holds: bool
    text: str


@dataclass(frozen=True)
class ConclusionFigures:
    """The figures of one test that decide its conclusion.

    Attributes
    ----------
    effect : ReportedEffect
    equivalence : EquivalenceRegion
        Of the same effect.
    curve : SpecificationCurve
    family : FamilyMember or None
    surface : mapping or None
        Of a surface: its record, with the ``verdict`` and ``sentence`` of the checklist of a match.
    """

    effect: ReportedEffect
    equivalence: EquivalenceRegion
    curve: SpecificationCurve
    family: FamilyMember | None = None
    surface: Mapping[str, object] | None = None


def draft_conclusion(figures: ConclusionFigures, hypothesis: Hypothesis) -> Conclusion:
    """Draft the conclusion of one test.

    - ``not supported``: the interval excludes every effect in the claimed direction that is as large as the smallest
      effect of interest. That is so for a significant effect too, if all of its interval is too small to matter. Or the
      checklist of a response surface contradicts a match.
    - ``supported``: p is below alpha (corrected in a family), the interval is on the claimed side of zero, and the
      joint test of all declared analyses is below alpha. A surface needs its checklist too.
    - ``these data cannot tell``: all else. The records are too few, or the analyses disagree.

    Parameters
    ----------
    figures : ConclusionFigures
        An effect that is NaN gives ``these data cannot tell``.
    hypothesis : Hypothesis
        Its direction and alpha.
    """
    conditions = tuple(_list_conditions(figures, hypothesis))
    reasons = tuple(_list_reasons(figures, hypothesis, conditions))
    if not math.isfinite(figures.effect.estimate):
        return Conclusion(CANNOT_TELL, "These data cannot tell: the test could not be computed.", reasons)
    holds = all(one.holds for one in conditions)
    if is_claim_excluded(figures.equivalence, hypothesis.direction):
        return Conclusion(NOT_SUPPORTED, f"Not supported: {_describe_exclusion(figures, hypothesis)}", reasons)
    if figures.surface is not None and figures.surface.get("verdict") == NOT_SUPPORTED:
        return Conclusion(NOT_SUPPORTED, f"Not supported: {_start_small(figures.surface['sentence'])}", reasons)
    if holds:
        return Conclusion(SUPPORTED, f"Supported: {_describe_effect(figures.effect, hypothesis)}", reasons)
    return Conclusion(
        CANNOT_TELL, f"These data cannot tell: {_describe_doubt(figures, hypothesis, conditions)}", reasons
    )


def is_claim_excluded(equivalence: EquivalenceRegion, direction: str) -> bool:
    """Return whether the interval contains no effect in the claimed direction that is large enough to matter.

    For ``both`` that is the equivalence test; for a direction, one of its two tests. False for a NaN.
    """
    is_below, is_above = equivalence.high < equivalence.smallest_effect, equivalence.low > -equivalence.smallest_effect
    return {"+": is_below, "-": is_above}.get(direction, is_below and is_above)


def compute_detectable_effect(se: float, df: float, alpha: float = 0.05) -> float:
    """Return the smallest effect that a test with this standard error finds in 80% of studies.

    It uses the precision alone and not the estimate, so it is no observed power.

    >>> round(compute_detectable_effect(0.1, 1e6), 2)
    0.28
    """
    return float((stdtrit(df, 1 - alpha / 2) + stdtrit(df, DETECTION_POWER)) * se)


def format_effect(number: float) -> str:
    """Return an effect or an end of an interval with its sign; more digits where it is small.

    >>> format_effect(-0.124), format_effect(0.004), format_effect(1.5)
    ('-0.12', '+0.004', '+1.50')
    """
    return f"{number:+.3f}" if abs(number) < 0.01 else f"{number:+.2f}"


def format_p(p: float) -> str:
    """Return a p value with its sign of comparison.

    >>> format_p(0.0312), format_p(0.00002), format_p(0.0004)
    ('= .031', '< .001', '< .001')
    """
    if not math.isfinite(p):
        return "not known"
    return "< .001" if p < SMALLEST_SHOWN_P else f"= {p:.3f}".replace("0.", ".")


def format_limits(region: EquivalenceRegion) -> str:
    """Return the ends of the interval of an equivalence test, with a digit more: the limit can be close."""
    return f"{region.low:+.3f} to {region.high:+.3f}"


def format_range(low: float, high: float) -> str:
    """Return the ends of an interval.

    >>> format_range(-0.1, 0.02)
    '-0.10 to +0.02'
    """
    return f"{format_effect(low)} to {format_effect(high)}"


def _list_conditions(figures: ConclusionFigures, hypothesis: Hypothesis) -> Iterator[Condition]:
    """Yield the conditions of ``supported``."""
    effect, alpha, direction = figures.effect, hypothesis.alpha, hypothesis.direction
    text = f"p is below {alpha:g} (p {format_p(effect.p)})"
    p = effect.p
    if figures.family is not None:
        p = figures.family.adjusted_p
        text = f"p is below {alpha:g} (p {format_p(p)}, corrected for {figures.family.n} hypotheses)"
    yield Condition("p", p < alpha, text)
    side = {"+": "above zero", "-": "below zero"}.get(direction, "on one side of zero")
    is_there = {"+": effect.low > 0, "-": effect.high < 0}.get(direction, effect.low > 0 or effect.high < 0)
    interval = f"the {_percent(1 - alpha)} interval is {side} ({format_range(effect.low, effect.high)})"
    yield Condition("interval", is_there, interval)
    curve = figures.curve
    p = curve.joint.p_median
    text = f"the joint test of {_name_analyses(curve)}, by permutation, is below {alpha:g} (p {format_p(p)})"
    is_opposite = curve.median * effect.estimate < 0
    if is_opposite:
        text += f", and its median effect has the sign of the main one ({format_effect(curve.median)})"
    yield Condition("joint", p < alpha and not is_opposite, text)
    if figures.surface is not None:
        yield Condition(
            "surface", figures.surface.get("verdict") == SUPPORTED, "the surface meets the checklist of a match"
        )


def _name_analyses(curve: SpecificationCurve) -> str:
    """Return how many declared analyses were computed, and of how many."""
    n, n_failed = len(curve.specifications), len(curve.failed)
    if n_failed:
        return f"{n} of {n + n_failed} declared analyses (the others could not be computed)"
    return "the one declared analysis" if n == 1 else f"all {n} declared analyses"


def _list_reasons(
    figures: ConclusionFigures, hypothesis: Hypothesis, conditions: tuple[Condition, ...]
) -> Iterator[str]:
    region, effect = figures.equivalence, figures.effect
    side = _describe_side(hypothesis.direction)
    text = (
        f"effects of {region.smallest_effect:g} SD or more{side} are excluded "
        f"({_percent(1 - 2 * hypothesis.alpha)} interval {format_limits(region)})"
    )
    excluded = Condition("excluded", is_claim_excluded(region, hypothesis.direction), text)
    for one in (*conditions, excluded):
        yield f"{'Yes' if one.holds else 'No'}: {one.text}."
    if math.isfinite(effect.se):
        smallest = compute_detectable_effect(effect.se, effect.df, hypothesis.alpha)
        yield f"Smallest effect that this precision finds in 80% of studies: {smallest:.2f} SD."


def _describe_exclusion(figures: ConclusionFigures, hypothesis: Hypothesis) -> str:
    effect, region = figures.effect, figures.equivalence
    is_opposite = {"+": effect.high < 0, "-": effect.low > 0}.get(hypothesis.direction, False)
    if is_opposite:
        return f"the effect has the opposite direction ({_describe_interval(effect, hypothesis)})."
    shown = f"{_percent(1 - 2 * hypothesis.alpha)} interval {format_limits(region)} SD"
    smallest = f"smaller than {region.smallest_effect:g} SD, the smallest of interest ({shown})."
    if effect.p < hypothesis.alpha:
        return f"there is an effect, but it is {smallest}"
    return f"any effect{_describe_side(hypothesis.direction)} is {smallest}"


def _describe_effect(effect: ReportedEffect, hypothesis: Hypothesis) -> str:
    """Return the direction and size of an effect, in SD and points."""
    shown = _describe_interval(effect, hypothesis)
    if hypothesis.kind == "surface":
        return (
            f"a mismatch {'lowers' if effect.estimate > 0 else 'raises'} the outcome ({shown}, p {format_p(effect.p)})."
        )
    side = "rises" if effect.estimate > 0 else "falls"
    size = f"by {abs(effect.estimate):.2f} SD for each SD of the term"
    return f"the outcome {side} {size} ({shown}, p {format_p(effect.p)})."


def _describe_doubt(figures: ConclusionFigures, hypothesis: Hypothesis, conditions: tuple[Condition, ...]) -> str:
    """Return why there is no answer: the first condition that fails decides."""
    effect = figures.effect
    failed = {one.name for one in conditions if not one.holds}
    shown = _describe_interval(effect, hypothesis)
    if "interval" in failed:
        large = f"{figures.equivalence.smallest_effect:g} SD or more{_describe_side(hypothesis.direction)}"
        return f"the {shown} contains zero, and also effects of {large}."
    if "p" in failed:
        number = 1 if figures.family is None else figures.family.n
        return f"the effect ({shown}) is not significant after the correction for {number} hypotheses."
    if "joint" in failed:
        return f"the main analysis finds an effect ({shown}), but the joint test of the declared analyses does not."
    return str((figures.surface or {}).get("sentence", ""))


def _describe_interval(effect: ReportedEffect, hypothesis: Hypothesis) -> str:
    return f"{_percent(1 - hypothesis.alpha)} interval {format_range(effect.low, effect.high)} SD"


def _describe_side(direction: str) -> str:
    return {"+": " in the claimed direction", "-": " in the claimed direction"}.get(direction, "")


def _percent(level: float) -> str:
    return f"{100 * level:g}%"


def _start_small(sentence: object) -> str:
    text = str(sentence)
    return text[:1].lower() + text[1:]
