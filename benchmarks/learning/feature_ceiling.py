"""Measure the ceiling of the features: the gain of a linear sum that is fitted to the truth itself."""

from __future__ import annotations

import numpy as np

from benchmarks.learning.benchmark_clinic import BenchmarkClinic, Share
from benchmarks.learning.gain import center_over_eligible
from benchmarks.learning.linear import fill_missing
from benchmarks.learning.method_inputs import MethodInputs

CEILING_NAME = "(reach of the features)"
N_FOLDS, RIDGE_PENALTY = 5, 3.0  # in pairs; small, because the truth has no noise


def measure_feature_ceiling(clinic: BenchmarkClinic, inputs: MethodInputs) -> Share:
    """Return the share of the gain of ridge regression on the truth, with all features and therapists (five folds).

    No number of outcomes takes a linear sum of the features much further. The distance to 1 is not in the tables, or it
    is not linear. Four fifths of the new clients, with all of their candidates, represent unlimited data.
    """
    _, cross = fill_missing(inputs.features[1], inputs.features[1])
    shape = (*inputs.shape, -1)
    x = np.concatenate(
        [
            cross.reshape(shape),
            np.broadcast_to(np.eye(inputs.n_therapists), (len(inputs.client_rows),) + (inputs.n_therapists,) * 2),
        ],
        axis=2,
    )
    x = (
        x
        - np.where(clinic.eligible[..., None], x, 0.0).sum(axis=1, keepdims=True)
        / clinic.eligible.sum(axis=1)[:, None, None]
    )
    gain, scores = center_over_eligible(clinic.truth, clinic.eligible), np.zeros(inputs.shape)
    fold_of = np.arange(len(gain)) % N_FOLDS
    for fold in range(N_FOLDS):
        is_training_pair = clinic.eligible & (fold_of != fold)[:, None]
        normal = x[is_training_pair].T @ x[is_training_pair] + RIDGE_PENALTY * np.eye(x.shape[2])
        scores[fold_of == fold] = x[fold_of == fold] @ np.linalg.solve(
            normal, x[is_training_pair].T @ gain[is_training_pair]
        )
    return clinic.measure_share(scores)
