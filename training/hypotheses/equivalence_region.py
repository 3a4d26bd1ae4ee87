"""Equivalence region: whether the interval of an effect lies inside the range of effects too small to matter."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import stdtr, stdtrit


@dataclass(frozen=True)
class EquivalenceRegion:
    """Result of the two one-sided tests of an effect against the smallest effect of interest.

    Attributes
    ----------
    smallest_effect : float
        Half the width of the region, > 0, in SD of the outcome per SD of the term. The region is symmetric around 0.
    low, high : float
        The interval of the effect at level 1 - 2 alpha (90% for alpha = .05), in the same unit.
    p : float in [0, 1]
        The larger of the two one-sided p values; below alpha exactly where the interval is inside the region.
    is_inside : bool
        Whether the whole interval is inside the region.
    """

    smallest_effect: float
    low: float
    high: float
    p: float
    is_inside: bool


def compute_equivalence_region(
    estimate: float, se: float, df: float, smallest_effect: float, alpha: float = 0.05
) -> EquivalenceRegion:
    """Return whether an effect is smaller than the smallest effect of interest, by two one-sided t tests [1]_.

    Parameters
    ----------
    estimate, se : float
        SD of the outcome per SD of the term; ``se`` > 0.
    df : float
        Degrees of freedom of Student's t, > 0.
    smallest_effect : float
        > 0, in the same unit.
    alpha : float in (0, .5), default 0.05
        Level of each of the two tests.

    References
    ----------
    .. [1] Lakens (2017), Soc. Psychol. Personal. Sci. 8, 355-362, doi:10.1177/1948550617697177.

    Examples
    --------
    >>> compute_equivalence_region(0.01, 0.02, 38, smallest_effect=0.10).is_inside
    True
    >>> compute_equivalence_region(0.01, 0.08, 18, smallest_effect=0.10).is_inside
    False
    """
    half_width = float(stdtrit(df, 1 - alpha)) * se
    p_below = float(stdtr(df, -(estimate + smallest_effect) / se))
    p_above = float(stdtr(df, (estimate - smallest_effect) / se))
    low, high = estimate - half_width, estimate + half_width
    is_inside = -smallest_effect < low and high < smallest_effect
    return EquivalenceRegion(smallest_effect, low, high, max(p_below, p_above), is_inside)
