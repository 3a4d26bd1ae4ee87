"""Measure the ceiling of the features: the gain of a linear sum that is fitted to the truth itself."""

from __future__ import annotations

import numpy as np

from benchmarks.learning.benchmark_clinic import BenchmarkClinic, Share
from benchmarks.learning.gain import center_over_eligible
from benchmarks.learning.method_inputs import MethodInputs

CEILING_NAME = "(reach of the features)"
N_FOLDS, RIDGE_PENALTY = 5, 3.0  # in pairs; small, because the truth has no noise


def measure_feature_ceiling(clinic: BenchmarkClinic, inputs: MethodInputs) -> Share:
    """Return the share of the gain of ridge regression on the truth, with all features and therapists (five folds).

    No number of outcomes takes a linear sum of the features much further. The distance to 1 is not in the tables, or it
    is not linear. Four fifths of the new clients, with all of their candidates, represent unlimited data.
    """
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import PredefinedSplit

    known = SimpleImputer(add_indicator=True, keep_empty_features=True).fit_transform(inputs.features[1])
    therapists = np.tile(np.eye(inputs.n_therapists), (len(inputs.client_rows), 1))
    x = np.hstack([known, therapists]).reshape(*inputs.shape, -1)
    eligible = clinic.eligible[..., None]
    x = x - np.where(eligible, x, 0.0).sum(axis=1, keepdims=True) / eligible.sum(axis=1, keepdims=True)
    gain, scores = center_over_eligible(clinic.truth, clinic.eligible), np.zeros(inputs.shape)
    for train, test in PredefinedSplit(np.arange(len(gain)) % N_FOLDS).split():
        is_pair = clinic.eligible[train]
        ridge = Ridge(RIDGE_PENALTY, fit_intercept=False).fit(x[train][is_pair], gain[train][is_pair])
        scores[test] = x[test] @ ridge.coef_
    return clinic.measure_share(scores)
