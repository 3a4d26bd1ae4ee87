"""How wide an interval must be to hold the early alliance of a pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtri

from attune_fit.data.arrays import Floats

INTERVAL_LEVELS = np.arange(0.50, 1.0, 0.01)  # a clinic's `interval` is looked up between these
TYPICAL_PRIOR_RECORDS = 30.0  # what is typical counts as this many records beside the clinic's own

# What synthetic clinics of 3,000 records have: `python -m benchmarks.coverage` prints it. Ratings bunch near the end of
# the form, so misses reach further down than up, and the spread shrinks where much is expected.
TYPICAL_LEVELS = (0.50, 0.70, 0.80, 0.90, 0.95)
TYPICAL_BELOW_FACTORS = (0.94, 1.02, 1.06, 1.10, 1.12)  # times the normal reach
TYPICAL_ABOVE_FACTORS = (1.13, 1.01, 0.95, 0.86, 0.79)
NARROWING_PRIOR_MEAN = -0.013  # by which part the spread changes for one POMP expected more
NARROWING_PRIOR_SD = 0.006  # how sure that is: assumed


@dataclass(frozen=True)
class PredictionInterval:
    """How many standard deviations an interval reaches to either side, and how these change along the form.

    Ratings bunch near the upper end: above an estimate there is less room than below it, and less spread about high
    estimates than about low ones.

    Attributes
    ----------
    level : float in (0, 1)
        Probability that it is meant to hold, half of the rest lying on either side.
    below, above : tuple of float
        Standard deviations at each of :data:`INTERVAL_LEVELS`, seen in the clinic's own records; empty without any.
    middle : float
        Expected alliance at which the spread is as predicted, POMP.
    narrowing : float
        Change of the logarithm of the spread for one POMP expected more; 0 without records.
    """

    level: float = 0.90
    below: tuple[float, ...] = ()
    above: tuple[float, ...] = ()
    middle: float = 0.0
    narrowing: float = 0.0

    @classmethod
    def from_out_of_fold(cls, level: float, score: Floats, standardised: Floats) -> PredictionInterval:
        """From predictions out of fold.

        Parameters
        ----------
        level : float in (0, 1)
        score : array of shape (n,)
            Expected alliance, POMP.
        standardised : array of shape (n,)
            How far each rating fell from it, upwards positive, in units of the predicted standard deviation.

        Notes
        -----
        Each side takes the conformal quantile of its misses (Romano, Patterson & Candès 2019, NeurIPS 32, section 5),
        averaged with the typical one as if that had been seen in :data:`TYPICAL_PRIOR_RECORDS` records, so that a handful
        of records does not decide.
        """
        n = len(standardised)
        if not n:
            return cls(level)
        middle = float(score.mean())
        narrowing = _estimate_narrowing(score - middle, standardised)
        missed = standardised / np.exp(narrowing * (score - middle))
        return cls(
            level,
            _compute_conformal_quantiles(-missed, TYPICAL_BELOW_FACTORS),
            _compute_conformal_quantiles(missed, TYPICAL_ABOVE_FACTORS),
            middle,
            narrowing,
        )

    def compute_half_widths(self) -> tuple[float, float]:
        """Standard deviations below and above at :attr:`level`.

        >>> [round(side, 2) for side in PredictionInterval(0.90).compute_half_widths()]
        [1.81, 1.41]
        """
        return self._interpolate_half_width(self.below, TYPICAL_BELOW_FACTORS), self._interpolate_half_width(
            self.above, TYPICAL_ABOVE_FACTORS
        )

    def compute_bounds(self, score: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """Low and high end, POMP; never outside 0-100.

        Parameters
        ----------
        score, sd : arrays of one shape
            Expected alliance and the standard deviation of one rating about it.
        """
        below, above = self.compute_half_widths()
        here = sd * np.exp(self.narrowing * (score - self.middle))
        return np.clip(score - below * here, 0, 100), np.clip(score + above * here, 0, 100)

    def _interpolate_half_width(self, side: tuple[float, ...], typical: tuple[float, ...]) -> float:
        level = np.array(self.level)
        near = np.clip(
            level, INTERVAL_LEVELS[0], INTERVAL_LEVELS[-1]
        )  # beyond the last of them it grows as the typical one does
        seen = (
            float(np.interp(near, INTERVAL_LEVELS, side) / _compute_typical_half_widths(near, typical)) if side else 1.0
        )
        return seen * float(_compute_typical_half_widths(level, typical))


def _compute_conformal_quantiles(missed: Floats, typical: tuple[float, ...]) -> tuple[float, ...]:
    """Quantiles of the misses of one side, at each level; never below 0, and wider at a higher level."""
    own = len(missed) / (len(missed) + TYPICAL_PRIOR_RECORDS)
    seen = np.quantile(
        missed, (1 + INTERVAL_LEVELS) / 2, method="weibull"
    )  # the conformal place p (n + 1), between two records
    reach = own * np.maximum(seen, 0) + (1 - own) * _compute_typical_half_widths(INTERVAL_LEVELS, typical)
    return tuple(float(one) for one in np.maximum.accumulate(reach))


def _estimate_narrowing(beyond: Floats, standardised: Floats) -> float:
    """Most probable change of the log spread along the estimates: normal misses, normal prior."""
    squared = standardised**2 / max(float(np.mean(standardised**2)), 1e-12)

    def surprise(slope: float) -> float:
        seen = slope * beyond.sum() + 0.5 * float(squared @ np.exp(-2 * slope * beyond))
        return float(seen + (slope - NARROWING_PRIOR_MEAN) ** 2 / (2 * NARROWING_PRIOR_SD**2))

    return float(minimize_scalar(surprise, bounds=(-0.05, 0.05), method="bounded").x)


def _compute_typical_half_widths(level: Floats, of_normal: tuple[float, ...]) -> Floats:
    """Standard deviations to one side that are typical: those of a normal variable, times a factor of the level."""
    return np.asarray(ndtri((1 + level) / 2) * np.interp(level, TYPICAL_LEVELS, of_normal), dtype=float)
