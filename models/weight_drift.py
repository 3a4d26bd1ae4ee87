"""Drift of the pair weights: what suited whom a year ago, where the clinic's records show that it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats

# Prior SD of the change in a year, relative to the size of the weight itself; assumed. On synthetic clinics .7 and 1
# are chosen less often where weights do drift, and cost more where they do not.
DRIFT_PRIOR_SCALE = 0.5
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class WeightDrift:
    """A linear change of weights with the age of a record (a varying-coefficient model [1]_).

    A score uses the weights of the reference day. Older outcomes were made by other weights, and this term keeps them
    from being taken for today's. Levels and therapist effects do not drift with the weights.

    Attributes
    ----------
    names : tuple of str, length k
        The features whose weights change; empty where the clinic is stable.
    change : array of shape (k,)
        Weight of a year before the reference minus that of the reference, POMP for one ``scale``.
    reference : str
        Day of the latest record in training, ISO; empty without dates.

    References
    ----------
    .. [1] Hastie & Tibshirani (1993), Journal of the Royal Statistical Society B 55:757.
    """

    names: tuple[str, ...] = ()
    change: Floats = field(default_factory=lambda: np.empty(0))
    reference: str = ""

    def select_features(self, names: Sequence[str]) -> WeightDrift:
        """Return the drift of those features that are in ``names``."""
        kept = [position for position, name in enumerate(self.names) if name in names]
        return replace(self, names=tuple(self.names[position] for position in kept), change=self.change[kept])

    def compute_age(self, measured_on: npt.NDArray[np.datetime64]) -> Floats:
        """Compute the age of records at the reference day, years, >= 0; the mean of the others where undated."""
        known = ~np.isnat(measured_on)
        if not self.reference or not known.any():
            return np.zeros(len(measured_on))
        days = (np.datetime64(self.reference, "D") - measured_on) / np.timedelta64(1, "D")
        age = np.maximum(days, 0) / DAYS_PER_YEAR
        return np.where(known, age, age[known].mean())


def add_drift(mean: Floats, cov: Floats, weight: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Extend a prior by the changes of some weights, as the last entries.

    A change is normal about 0. It is independent for each weight, or common to all: effects of a clinic can fade
    together. Its size follows from the published weight.

    Parameters
    ----------
    mean, cov : arrays of shape (q,), (q, q)
    weight, variance : arrays of shape (k,)
        Mean and variance of the prior of the weights that change, POMP and POMP².
    """
    q, k = len(mean), len(weight)
    extended = np.zeros((q + k, q + k))
    extended[:q, :q] = cov
    extended[q:, q:] = DRIFT_PRIOR_SCALE**2 * (np.diag(weight**2 + variance) + np.outer(weight, weight))
    return np.concatenate([mean, np.zeros(k)]), extended
