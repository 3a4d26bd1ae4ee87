"""Ridge regression on pair features and therapists."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.crossfit.splits import assign_folds
from benchmarks.learning.method_inputs import MethodInputs

N_FOLDS = 5
ALPHAS = np.logspace(0, 5, 16)  # of standardised columns, in records


def score_ridge(inputs: MethodInputs) -> Floats:
    """Score by ridge regression on all features (mean imputation with missing-value indicators) and therapists.

    Columns are standardised. Alpha is chosen among 16 by five-fold cross-validation over clients.
    """
    met, cross = fill_missing(*inputs.features)
    indicators = np.eye(inputs.n_therapists)
    met = np.hstack([met, indicators[inputs.therapist]])
    cross = np.hstack([cross, np.tile(indicators, (len(inputs.client_rows), 1))])
    varies = met.std(axis=0) > 1e-9
    center, scale = met[:, varies].mean(axis=0), met[:, varies].std(axis=0)
    met, cross = (met[:, varies] - center) / scale, (cross[:, varies] - center) / scale
    squared_error = np.zeros(len(ALPHAS))
    fold_of = assign_folds(inputs.client, N_FOLDS, seed=0)
    for fold in range(N_FOLDS):
        is_held_out = fold_of == fold
        if is_held_out.any() and not is_held_out.all():
            predicted = (
                met[is_held_out] @ compute_ridge_weights(met[~is_held_out], inputs.y[~is_held_out])
                + inputs.y[~is_held_out].mean()
            )
            squared_error += ((inputs.y[is_held_out][:, None] - predicted) ** 2).sum(axis=0)
    return inputs.reshape_scores(cross @ compute_ridge_weights(met, inputs.y)[:, int(squared_error.argmin())])


def compute_ridge_weights(x: Floats, y: Floats) -> Floats:
    """Return the weights for every alpha, shape (columns, alphas), by one decomposition; the intercept is mean y."""
    values, basis = np.linalg.eigh(x.T @ x)
    projected = basis.T @ (x.T @ (y - y.mean()))
    return np.asarray(basis @ (projected[:, None] / (np.maximum(values, 0.0)[:, None] + ALPHAS)))


def fill_missing(met: Floats, cross: Floats) -> tuple[Floats, Floats]:
    """Replace missing values by the mean of the records, and add an indicator for each column with any."""
    known = ~np.isnan(met)
    mean = np.where(known.any(axis=0), np.where(known, met, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    has_missing = ~known.all(axis=0)
    return tuple(  # type: ignore[return-value]
        np.hstack([np.where(np.isnan(columns), mean, columns), np.isnan(columns[:, has_missing]).astype(float)])
        for columns in (met, cross)
    )
