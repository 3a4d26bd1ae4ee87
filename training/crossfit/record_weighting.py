"""Weighting of the records: how fast they lose weight with age, and how much of a rating is the client's own level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats


@dataclass(frozen=True)
class RecordWeighting:
    """How the records of one clinic count.

    Attributes
    ----------
    half_life : float or None
        Days after which a record counts half; None where old records count as new ones.
    client_share : float in [0, 1)
        Share of the residual variance that is the client's own level, with any therapist. It matters only for clients
        who rated several therapists.
    """

    half_life: float | None = None
    client_share: float = 0.0

    def compute_recency(self, measured_on: npt.NDArray[np.datetime64]) -> Floats:
        """Return how much each record counts, in (0, 1]: 1 for the latest day; the mean of the others if undated."""
        known = ~np.isnat(measured_on)
        if self.half_life is None or not known.any():
            return np.ones(len(measured_on))
        age = (measured_on[known].max() - measured_on[known]) / np.timedelta64(1, "D")
        recency = np.empty(len(measured_on))
        recency[known] = 0.5 ** (age / self.half_life)
        recency[~known] = recency[known].mean()
        return recency


EQUAL_WEIGHTS = RecordWeighting()
