"""How wide an interval must be to hold the early alliance of a pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]

LEVELS = np.arange(0.50, 1.0, 0.01)  # a clinic's `interval` is looked up between these
NORMAL_RECORDS = 30.0  # the normal distribution counts as this many records beside the clinic's own


@dataclass(frozen=True)
class Interval:
    """How many standard deviations an interval reaches to each side.

    Attributes
    ----------
    level : float in (0, 1)
        Probability that it is meant to hold.
    reach : tuple of float
        Standard deviations at each of :data:`LEVELS`, seen in the clinic's own records; empty without any.
    """

    level: float = 0.90
    reach: tuple[float, ...] = ()

    @classmethod
    def calibrated(cls, level: float, standardised: Floats) -> Interval:
        """From out-of-fold misses in units of their predicted standard deviation, shape (n,).

        The conformal quantile of their size, averaged with the normal one as if that had been seen in
        :data:`NORMAL_RECORDS` records, so that a handful of records does not decide.
        """
        n = len(standardised)
        if not n:
            return cls(level)
        sizes = np.sort(np.abs(standardised))
        place = np.minimum(np.ceil((n + 1) * LEVELS), n).astype(int) - 1
        own = n / (n + NORMAL_RECORDS)
        reach = np.maximum.accumulate(own * sizes[place] + (1 - own) * _normal(LEVELS))
        return cls(level, tuple(float(one) for one in reach))

    @property
    def q(self) -> float:
        """Standard deviations to each side at :attr:`level`.

        >>> round(Interval(0.90).q, 3)
        1.645
        """
        level = np.array(self.level)
        if not self.reach:
            return float(_normal(level))
        near = np.clip(level, LEVELS[0], LEVELS[-1])  # beyond the last of them it grows as the normal one does
        return float(np.interp(near, LEVELS, self.reach) * _normal(level) / _normal(near))

    def around(self, score: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """Low and high end, POMP; never outside 0-100.

        Parameters
        ----------
        score, sd : arrays of one shape
            Expected alliance and the standard deviation of one rating about it.
        """
        return np.clip(score - self.q * sd, 0, 100), np.clip(score + self.q * sd, 0, 100)


def _normal(level: Floats) -> Floats:
    """Standard deviations within which a normal variable stays with probability ``level``."""
    return np.asarray(ndtri((1 + level) / 2), dtype=float)
