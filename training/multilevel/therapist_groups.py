"""Records grouped by therapist: sums, means, and how much of a column lies within therapists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices

CONSTANT_TOLERANCE = 1e-9  # a column is constant within therapists if its spread there is a smaller share of its range


@dataclass(frozen=True)
class TherapistGroups:
    """Records by therapist.

    Attributes
    ----------
    code : int array of shape (n,)
        Therapist of each record, 0 to ``count`` - 1, in the order of the labels.
    sizes : array of shape (count,)
        Records of each therapist, >= 1.
    """

    code: Indices
    sizes: Floats

    @classmethod
    def from_labels(cls, label: Indices) -> TherapistGroups:
        """Return the groups of records by label (n,)."""
        _, code, sizes = np.unique(label, return_inverse=True, return_counts=True)
        return cls(code.astype(np.intp), sizes.astype(float))

    @property
    def count(self) -> int:
        """Number of therapists."""
        return len(self.sizes)

    def sum_values(self, values: Floats) -> Floats:
        """Return the sums by therapist of values (n,) or (n, k)."""
        if values.ndim == 1:
            return np.asarray(np.bincount(self.code, values, self.count))
        sums = np.empty((self.count, values.shape[1]))
        for column, column_values in enumerate(values.T):
            sums[:, column] = np.bincount(self.code, column_values, self.count)
        return sums

    def compute_means(self, values: Floats) -> Floats:
        """Return the means by therapist of values (n,) or (n, k)."""
        return np.asarray((self.sum_values(values).T / self.sizes).T)

    def center(self, values: Floats) -> Floats:
        """Return values (n,) or (n, k) minus the mean of their therapist."""
        return np.asarray(values - self.compute_means(values)[self.code])

    def has_spread_within(self, values: Floats) -> bool:
        """Return whether values (n,) differ within any therapist by more than rounding."""
        spread = np.abs(self.center(values)).max(initial=0.0)
        return bool(spread > CONSTANT_TOLERANCE * np.abs(values).max(initial=0.0))

    def split_covariates(self, covariates: Floats | None) -> tuple[Floats, Floats]:
        """Return the covariates that are constant within every therapist (n, k1), and the others (n, k2)."""
        if covariates is None:
            covariates = np.empty((len(self.code), 0))
        spread = np.abs(self.center(covariates)).max(axis=0, initial=0.0)
        is_within = spread > CONSTANT_TOLERANCE * np.ptp(covariates, axis=0)
        return covariates[:, ~is_within], covariates[:, is_within]
