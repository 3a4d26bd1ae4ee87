"""Ridge regression on all features and the therapist, as a pipeline of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.splits import split_by_group
from attune_fit.training.methods.recipe_rows import PairScorer

N_ALPHA_FOLDS = 5
ALPHAS = np.logspace(0, 5, 16)  # of standardised columns, in records


def fit_ridge(records: TrainingDataset, rows: Indices, seed: int) -> PairScorer:
    """Return the scorer of ridge regression on all features and therapists, POMP.

    Alpha is chosen on held-out clients: by leave-one-out where each client has one record, which costs one
    decomposition, else by five folds.
    """
    client = records.client[rows]
    is_nested = len(np.unique(client)) == len(client)
    folds = [] if is_nested else [(fold.train, fold.test) for fold in split_by_group(client, N_ALPHA_FOLDS, seed)]
    ridge = build_ridge_pipeline(len(records.features), len(records.therapist_ids), folds)
    ridge.fit(np.column_stack([records.standardised_features[rows], records.therapist[rows]]), records.y[rows])

    def score(pairs: Pairs, standard: Floats) -> Floats:
        therapist = np.broadcast_to(pairs.therapist_rows, standard.shape[:-1])
        cells = np.concatenate([standard, therapist[..., None]], axis=-1).reshape(-1, standard.shape[-1] + 1)
        return np.asarray(ridge.predict(cells), dtype=float).reshape(standard.shape[:-1])

    return score


def build_ridge_pipeline(n_features: int, n_therapists: int, folds: list[tuple[Indices, Indices]]) -> Any:
    """Build the pipeline: mean imputation with missing-value indicators, standard scale, and ridge.

    Parameters
    ----------
    n_features : int
        The first columns; NaN where unknown. The last column is the therapist's row, which becomes indicators.
    n_therapists : int
    folds : list of (train, test)
        Row numbers, by client: alpha has the lowest mean squared error over them. Without folds alpha is chosen by
        leave-one-out.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    features = SimpleImputer(add_indicator=True, keep_empty_features=True)
    therapist = OneHotEncoder(categories=[np.arange(float(n_therapists))], sparse_output=False)
    columns = ColumnTransformer([("features", features, np.arange(n_features)), ("therapist", therapist, [n_features])])
    ridge = RidgeCV(ALPHAS, cv=folds, scoring="neg_mean_squared_error") if folds else RidgeCV(ALPHAS, gcv_mode="svd")
    return make_pipeline(columns, StandardScaler(), ridge)
