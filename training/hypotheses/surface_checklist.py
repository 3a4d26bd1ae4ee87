"""Checklist of a match: when a response surface supports the claim that equal numbers are best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.response_surface import ResponseSurface, SurfaceEstimate

MET, NOT_MET, OPEN = "met", "not met", "open"
MIN_SIDE_SHARE, MIN_SIDE_RECORDS = 0.10, 10  # of records with a mismatch in each direction


@dataclass(frozen=True)
class SurfaceCheck:
    """One condition.

    Attributes
    ----------
    id : str
        ``range``, ``curved``, ``depends``, ``not shifted``, ``not rotated``, ``flat level`` or ``flat curve``.
    text : str
        The condition in words, with its parameter.
    state : {"met", "not met", "open"}
    value, low, high : float
        The parameter with its interval; NaN for ``range``.
    is_strict : bool
        Whether only strict congruence needs it.
    """

    id: str
    text: str
    state: str
    value: float
    low: float
    high: float
    is_strict: bool = False


def check_surface(
    surface: ResponseSurface, effect: EffectTest, side_counts: Sequence[int], direction: str, smallest_effect: float
) -> tuple[SurfaceCheck, ...]:
    """Check each condition of a match.

    Parameters
    ----------
    surface : ResponseSurface
    effect : EffectTest
        Minus a4.
    side_counts : sequence of int
        Records with a higher client's number, with a higher therapist's number, and others.
    direction : {"+", "-", "both"}
        "+": a match is better; "-": a difference is better.
    smallest_effect : float
        Of minus a4. An effect that is smaller for sure is not met.

    Notes
    -----
    Conditions of [1]_, where no single parameter shows congruence. A wide interval meets an equality easily: with few
    therapists, "not shifted" and "not rotated" are weak conditions. Then a curve of the client's number alone, which is
    no fit, would pass as a match. So the product b4, which follows from the other conditions, is a condition too.

    References
    ----------
    .. [1] Humberg, Nestler & Back (2019), Soc. Psychol. Pers. Sci. 10, 409-419, doi:10.1177/1948550618757600.
    """
    a1, a2, a3, _, a5 = surface.parameters
    return (
        _check_range(side_counts),
        _check_curvature(effect, direction, smallest_effect),
        _check_product(surface.coefficients[3], effect.estimate if direction == "both" else float(f"{direction}1")),
        _check_zero("not shifted", "The best place is not shifted towards one side: a3 is 0.", a3),
        _check_zero("not rotated", "The ridge has the direction of equal numbers: a5 is 0.", a5),
        _check_zero("flat level", "Equal high numbers are as good as equal low ones: a1 is 0.", a1, is_strict=True),
        _check_zero("flat curve", "All equal numbers are equally good: a2 is 0.", a2, is_strict=True),
    )


def decide_match(checks: Sequence[SurfaceCheck], effect: EffectTest) -> tuple[str, str]:
    """Return the verdict by the checklist, and why, in words."""
    state = {one.id: one.state for one in checks}
    better = "Equal numbers are better" if effect.estimate > 0 else "Different numbers are better"
    moved = [one for one in ("not shifted", "not rotated") if state[one] == NOT_MET]
    if state["range"] != MET:
        return "these data cannot tell", "Too few records have a mismatch in each direction."
    if state["curved"] == NOT_MET:
        return "not supported", "The outcome does not depend on the match as the claim states."
    if state["curved"] == OPEN:
        return "these data cannot tell", "The interval of a4 contains both no effect and effects of interest."
    if moved:
        where = " and ".join(one.removeprefix("not ") for one in moved)
        return (
            "not supported",
            f"The surface is curved, but its ridge is {where}: the best place is not where both are equal.",
        )
    if state["depends"] != MET:
        return "these data cannot tell", "The curve can come from the client's number alone: the interval of b4 has 0."
    is_strict = all(one.state == MET for one in checks if one.is_strict)
    kind = "strict congruence: only the match counts" if is_strict else "broad congruence: the level counts too"
    return "supported", f"{better} ({kind})."


def _check_range(side_counts: Sequence[int]) -> SurfaceCheck:
    least = min(side_counts[:2])
    is_enough = least >= max(MIN_SIDE_RECORDS, MIN_SIDE_SHARE * sum(side_counts))
    text = (
        f"In each direction, {MIN_SIDE_SHARE:.0%} of the records and {MIN_SIDE_RECORDS} or more have a mismatch of "
        "half a unit."
    )
    return SurfaceCheck("range", text, MET if is_enough else NOT_MET, math.nan, math.nan, math.nan)


def _check_curvature(effect: EffectTest, direction: str, smallest_effect: float) -> SurfaceCheck:
    """A match (or a difference) is better: minus a4 is positive (or negative), and not too small for sure."""
    sign = -1.0 if direction == "-" else 1.0
    low, high = sorted((sign * effect.low, sign * effect.high))
    is_met = effect.is_significant(direction)
    is_refuted = high < smallest_effect and (direction != "both" or low > -smallest_effect)
    text = {
        "+": "A mismatch is worse: a4 is below 0.",
        "-": "A mismatch is better: a4 is above 0.",
        "both": "A mismatch matters: a4 is not 0.",
    }[direction]
    state = MET if is_met else NOT_MET if is_refuted else OPEN
    return SurfaceCheck("curved", text, state, -effect.estimate, -effect.high, -effect.low)


def _check_product(b4: SurfaceEstimate, side: float) -> SurfaceCheck:
    """The best therapist depends on the client: the product is above zero for a match, below it for a difference."""
    is_met = b4.low > 0 if side > 0 else b4.high < 0
    text = f"The best therapist depends on the client: b4 is {'above' if side > 0 else 'below'} 0."
    return SurfaceCheck("depends", text, MET if is_met else OPEN, b4.value, b4.low, b4.high)


def _check_zero(name: str, text: str, one: SurfaceEstimate, *, is_strict: bool = False) -> SurfaceCheck:
    state = MET if one.low <= 0 <= one.high else NOT_MET
    return SurfaceCheck(name, text, state, one.value, one.low, one.high, is_strict)
