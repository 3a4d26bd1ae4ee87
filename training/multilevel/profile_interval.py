"""Profile intervals of a share of variance, right at its boundary: a share cannot be below 0."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

LEVEL = 0.95
MAX_SHARE = 1 - 1e-6  # of a component: the others and the residual have the rest
SHARE_TOLERANCE = 1e-6  # of an end of an interval
NO_RISE = 1e-7  # of the deviance: a smaller one is rounding

RiseOfDeviance = Callable[[float], float]


@lru_cache(maxsize=4096)
def compute_deviance_cutoff(distance: float, level: float = LEVEL) -> float:
    r"""Return the rise of the deviance up to which a value belongs to the interval.

    Parameters
    ----------
    distance : float
        Of the value from 0, in standard errors, >= 0.
    level : float, default 0.95

    Returns
    -------
    float
        Quantile of the deviance's rise where the true value is this value. At 0 the rise is 0 for half of all samples,
        and else chi-squared with 1 degree of freedom (chi-bar-squared [1]_): 2.71 for 95%. Far from 0 it is 3.84.

    Notes
    -----
    Let :math:`x` be the unrestricted estimate in standard errors, normal around :math:`d`. For :math:`x \ge 0` the
    rise is :math:`(x - d)^2`. For :math:`x < 0` it is :math:`d^2 - 2xd`. The cutoff :math:`c` solves
    :math:`\Phi(\sqrt c) - \Phi(-(c - d^2) / 2d - d) = level`.

    References
    ----------
    .. [1] Self & Liang (1987), J. Am. Stat. Assoc. 82, 605-610, doi:10.1080/01621459.1987.10478472.

    Examples
    --------
    >>> [round(compute_deviance_cutoff(distance), 2) for distance in (0.0, 1.0, 3.0)]
    [2.71, 3.31, 3.84]
    """
    usual = float(ndtri((1 + level) / 2)) ** 2
    if distance**2 >= usual:
        return usual
    lowest = float(ndtri(level)) ** 2
    if distance <= 0:
        return lowest
    from scipy.optimize import brentq

    def miss(cutoff: float) -> float:
        end = -max(cutoff - distance**2, 0.0) / (2 * distance) - distance
        return float(ndtr(np.sqrt(cutoff)) - ndtr(end)) - level

    return float(brentq(miss, lowest - 1e-9, usual + 1e-9))


def compute_zero_probability(rise_at_zero: float) -> float:
    """Return the p value of a share of 0: half of chi-squared's with 1 degree of freedom.

    >>> round(compute_zero_probability(2.7055), 3), compute_zero_probability(0.0)
    (0.05, 1.0)
    """
    return 1.0 if rise_at_zero < NO_RISE else float(ndtr(-np.sqrt(rise_at_zero)))


def is_in_interval(rise: float, rise_at_zero: float, share: float, estimate: float, level: float = LEVEL) -> bool:
    """Return whether the interval contains a share, from the rise of the deviance there and at 0."""
    return rise <= _compute_cutoff_at(rise, rise_at_zero, is_above=share > estimate, level=level)


def compute_profile_interval(
    rise: RiseOfDeviance, estimate: float, level: float = LEVEL, *, can_be_zero: bool = True
) -> tuple[float, float]:
    """Return the interval of a share from its profile.

    Parameters
    ----------
    rise : callable
        Takes a share in [0, 1). Returns by how much the deviance rises from its minimum when the share is fixed there.
        All other parameters are estimated again.
    estimate : float in [0, 1)
        Where the rise is 0.
    level : float, default 0.95
    can_be_zero : bool
        False for the residual's share, whose deviance at 0 is infinite.

    Returns
    -------
    low, high : float in [0, 1]
        ``low`` is exactly 0 where the test of Self and Liang does not reject a share of 0.
    """
    rise_at_zero = rise(0.0) if can_be_zero else np.inf

    def excess(share: float) -> float:
        one = rise(share)
        return one - _compute_cutoff_at(one, rise_at_zero, is_above=share > estimate, level=level)

    start = 0.0 if can_be_zero else SHARE_TOLERANCE
    low = 0.0 if can_be_zero and excess(0.0) <= 0 else _find_end(excess, start, estimate)
    high = _find_end(excess, MAX_SHARE, max(estimate, SHARE_TOLERANCE))
    return low, high


def _compute_cutoff_at(rise: float, rise_at_zero: float, *, is_above: bool, level: float) -> float:
    """Return the cutoff at one share, whose distance from 0 follows from the rise there and at 0."""
    at, zero = np.sqrt(max(rise, 0.0)), np.sqrt(max(rise_at_zero, 0.0))
    distance = zero + at if is_above else max(zero - at, 0.0)
    return compute_deviance_cutoff(float(min(distance, 99.0)), level)


def _find_end(excess: Callable[[float], float], outside: float, inside: float) -> float:
    """Return the share between two at which the excess changes its sign; the outer one if it never does."""
    if excess(outside) <= 0:
        return outside
    from scipy.optimize import brentq

    return float(brentq(excess, min(outside, inside), max(outside, inside), xtol=SHARE_TOLERANCE))
