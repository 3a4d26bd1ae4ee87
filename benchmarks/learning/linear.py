"""Linear peers on pair features: ridge, and a mixed model with a few of them."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.training.crossfit.splits import assign_folds
from benchmarks.learning.seen import Seen

FOLDS = 5
ALPHAS = np.logspace(0, 5, 16)  # of standardised columns, in records


def ridge(seen: Seen) -> Floats:
    """Ridge regression on all features, holes filled with the mean and marked, and a column for each therapist.

    Columns are standardised; alpha is chosen among 16 by five-fold cross-validation over clients.
    """
    met, cross = filled(*seen.features)
    them = np.eye(seen.therapists)
    met = np.hstack([met, them[seen.therapist]])
    cross = np.hstack([cross, np.tile(them, (len(seen.rows), 1))])
    kept = met.std(axis=0) > 1e-9
    center, scale = met[:, kept].mean(axis=0), met[:, kept].std(axis=0)
    met, cross = (met[:, kept] - center) / scale, (cross[:, kept] - center) / scale
    missed = np.zeros(len(ALPHAS))
    fold_of = assign_folds(seen.client, FOLDS, seed=0)
    for fold in range(FOLDS):
        here = fold_of == fold
        if here.any() and not here.all():
            said = met[here] @ weights(met[~here], seen.y[~here]) + seen.y[~here].mean()
            missed += ((seen.y[here][:, None] - said) ** 2).sum(axis=0)
    return seen.everyone(cross @ weights(met, seen.y)[:, int(missed.argmin())])


def weights(x: Floats, y: Floats) -> Floats:
    """Weights for every alpha, shape (columns, alphas), by one decomposition; the intercept is the mean of y."""
    values, basis = np.linalg.eigh(x.T @ x)
    along = basis.T @ (x.T @ (y - y.mean()))
    return np.asarray(basis @ (along[:, None] / (np.maximum(values, 0.0)[:, None] + ALPHAS)))


def filled(met: Floats, cross: Floats) -> tuple[Floats, Floats]:
    """Holes become the mean of the records, and a column more says where holes were, for columns that have any."""
    known = ~np.isnan(met)
    mean = np.where(known.any(axis=0), np.where(known, met, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    some = ~known.all(axis=0)
    return tuple(  # type: ignore[return-value]
        np.hstack([np.where(np.isnan(each), mean, each), np.isnan(each[:, some]).astype(float)])
        for each in (met, cross)
    )
