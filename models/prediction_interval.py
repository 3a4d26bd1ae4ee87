"""Prediction intervals of one early rating, calibrated on the clinic's own out-of-fold misses (conformal)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from attune_fit.data.arrays import Floats

INTERVAL_LEVELS = np.arange(0.50, 1.0, 0.01)  # grid of levels; a clinic's `interval` is interpolated
TYPICAL_PRIOR_RECORDS = 30.0  # the typical half-widths count as this many records

# From synthetic clinics of 3,000 records: `python -m benchmarks.coverage` prints them. Ratings bunch near the top of
# the form (ceiling effect). So misses reach further down than up. Above a high estimate there is little room: the reach
# upwards shrinks when the estimate rises. The reach downwards does not change.
TYPICAL_LEVELS = (0.50, 0.70, 0.80, 0.90, 0.95)
TYPICAL_BELOW_FACTORS = (0.94, 1.02, 1.06, 1.10, 1.12)  # times the half-width of a normal variable
TYPICAL_ABOVE_FACTORS = (1.13, 1.01, 0.95, 0.86, 0.79)
NARROWING_ABOVE_PRIOR = (-0.030, 0.010)  # mean and SD of the change of the log reach for one more POMP; SD assumed
NARROWING_BELOW_PRIOR = (0.0, 0.006)  # SD assumed
MAX_DISTANCE_FROM_MIDDLE = 20.0  # POMP; few records lie further away, so the reach is constant there


@dataclass(frozen=True)
class PredictionInterval:
    """Half-widths of the interval, in standard deviations, and their change along the scale.

    Ratings have a ceiling: there is less room above an estimate than below it, and the room above shrinks when the
    estimate rises.

    Attributes
    ----------
    level : float in (0, 1)
        Nominal coverage; half of the misses are expected on either side.
    below, above : tuple of float
        Half-widths in standard deviations at each of :data:`INTERVAL_LEVELS`, from the clinic's own records; empty
        without records.
    middle : float
        Expected alliance at which the half-widths hold, POMP.
    narrowing, narrowing_below : float
        Change of the log half-width above and below for one more POMP of expected alliance; 0 without records.
        Constant further than :data:`MAX_DISTANCE_FROM_MIDDLE` from the middle.
    """

    level: float = 0.90
    below: tuple[float, ...] = ()
    above: tuple[float, ...] = ()
    middle: float = 0.0
    narrowing: float = 0.0
    narrowing_below: float = 0.0

    @classmethod
    def from_out_of_fold(cls, level: float, score: Floats, standardised: Floats) -> PredictionInterval:
        """Calibrate the interval on out-of-fold predictions.

        Parameters
        ----------
        level : float in (0, 1)
        score : array of shape (n,)
            Expected alliance, POMP.
        standardised : array of shape (n,)
            Residual of each rating, positive upwards, in units of the predicted standard deviation.

        Notes
        -----
        Each side takes the conformal quantile of its misses (Romano, Patterson & Candès 2019, NeurIPS 32, section 5),
        averaged with the typical half-width, which counts as :data:`TYPICAL_PRIOR_RECORDS` records. So a few records
        alone do not decide (shrinkage). Each side has its own change along the scale, from the misses of that side.
        """
        if not len(standardised):
            return cls(level)
        middle = float(score.mean())
        distance = _limit_distance(score - middle)
        is_above = standardised > 0
        narrowing = _estimate_narrowing(distance[is_above], standardised[is_above], *NARROWING_ABOVE_PRIOR)
        narrowing_below = _estimate_narrowing(distance[~is_above], standardised[~is_above], *NARROWING_BELOW_PRIOR)
        residuals = standardised / np.exp(np.where(is_above, narrowing, narrowing_below) * distance)
        return cls(
            level,
            _compute_conformal_quantiles(-residuals, TYPICAL_BELOW_FACTORS),
            _compute_conformal_quantiles(residuals, TYPICAL_ABOVE_FACTORS),
            middle,
            narrowing,
            narrowing_below,
        )

    def compute_half_widths(self) -> tuple[float, float]:
        """Return the half-widths below and above an estimate at :attr:`middle`, in standard deviations.

        >>> [round(side, 2) for side in PredictionInterval(0.90).compute_half_widths()]
        [1.81, 1.41]
        """
        below = self._interpolate_half_width(self.below, TYPICAL_BELOW_FACTORS)
        return below, self._interpolate_half_width(self.above, TYPICAL_ABOVE_FACTORS)

    def compute_bounds(self, score: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """Return the low and high end of the interval, POMP; never outside 0-100.

        Parameters
        ----------
        score, sd : arrays of one shape
            Expected alliance and the standard deviation of one rating about it.
        """
        below, above = self.compute_half_widths()
        distance = _limit_distance(score - self.middle)
        low = score - below * sd * np.exp(self.narrowing_below * distance)
        return np.clip(low, 0, 100), np.clip(score + above * sd * np.exp(self.narrowing * distance), 0, 100)

    def _interpolate_half_width(self, side: tuple[float, ...], typical: tuple[float, ...]) -> float:
        level = np.array(self.level)
        ratio = 1.0  # of the clinic's half-width to the typical one; constant beyond the ends of the grid
        if side:
            on_grid = np.clip(level, INTERVAL_LEVELS[0], INTERVAL_LEVELS[-1])
            half_width = np.interp(on_grid, INTERVAL_LEVELS, side)
            ratio = float(half_width / _compute_typical_half_widths(on_grid, typical))
        return ratio * float(_compute_typical_half_widths(level, typical))


def _compute_conformal_quantiles(residuals: Floats, typical: tuple[float, ...]) -> tuple[float, ...]:
    """Return the half-width of one side at each level, >= 0 and never smaller at a higher level."""
    own_share = len(residuals) / (len(residuals) + TYPICAL_PRIOR_RECORDS)
    # "weibull" interpolates at the conformal position p (n + 1).
    quantiles = np.quantile(residuals, (1 + INTERVAL_LEVELS) / 2, method="weibull")
    typical_widths = _compute_typical_half_widths(INTERVAL_LEVELS, typical)
    half_widths = own_share * np.maximum(quantiles, 0) + (1 - own_share) * typical_widths
    return tuple(float(width) for width in np.maximum.accumulate(half_widths))


def _limit_distance(distance: Floats) -> Floats:
    """Return distances from the middle, at most :data:`MAX_DISTANCE_FROM_MIDDLE` to either side; POMP."""
    return np.clip(distance, -MAX_DISTANCE_FROM_MIDDLE, MAX_DISTANCE_FROM_MIDDLE)


def _estimate_narrowing(distance: Floats, residuals: Floats, prior_mean: float, prior_sd: float) -> float:
    """Estimate the change of the log spread per POMP on one side: posterior mode with half-normal residuals."""
    squared = residuals**2 / max(float(np.mean(residuals**2)), 1e-12) if len(residuals) else residuals

    def compute_loss(slope: float) -> float:
        """Minus the log posterior of the slope."""
        data_loss = slope * distance.sum() + 0.5 * float(squared @ np.exp(-2 * slope * distance))
        return float(data_loss + (slope - prior_mean) ** 2 / (2 * prior_sd**2))

    from scipy.optimize import minimize_scalar  # heavy, and no ranking needs it

    return float(minimize_scalar(compute_loss, bounds=(-0.1, 0.1), method="bounded").x)


def _compute_typical_half_widths(level: Floats, factors: tuple[float, ...]) -> Floats:
    """Return the typical half-width of one side, in SD: that of a normal variable times a factor of the level."""
    return np.asarray(ndtri((1 + level) / 2) * np.interp(level, TYPICAL_LEVELS, factors), dtype=float)
