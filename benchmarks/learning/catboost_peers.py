"""CatBoost as its documentation advises: native categories, early stopping on held-out records.

Attune does not depend on CatBoost. ``pip install attune-fit[bench]`` installs it; without it these rows are omitted.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.splitters import ClientFold
from benchmarks.learning import lightgbm_peers, raw_columns
from benchmarks.learning.method_inputs import MethodInputs

MAX_TREES, PATIENCE = 800, 50
N_FOLDS, ONE_FOLD_RECORDS = 5, 1_000  # from so many records on, one held-out fold is enough
SETTINGS: dict[str, Any] = {  # the best of six settings, tried on clinics that are not reported
    "loss_function": "RMSE",
    "depth": 4,
    "learning_rate": 0.03,
    "l2_leaf_reg": 5.0,
    "rsm": 0.4,
    "random_seed": 0,
    "thread_count": 1,
    "allow_writing_files": False,
    "logging_level": "Silent",
}


def score_raw_columns(inputs: MethodInputs) -> Floats:
    """Train on the raw columns and wishes of both sides; codes and the therapist's id are native categories."""
    return _fit_and_predict(inputs, *raw_columns.build_frames(inputs))


def score_pair_features(inputs: MethodInputs) -> Floats:
    """Train on the catalogue's features and the therapist's id as a category; CatBoost handles missing values."""
    return _fit_and_predict(inputs, *lightgbm_peers.add_therapist_column(inputs))


def _fit_and_predict(inputs: MethodInputs, met: pd.DataFrame, cross: pd.DataFrame) -> Floats:
    """Choose the number of trees by held-out clients, fit to all records, and score all pairs."""
    from catboost import CatBoostRegressor

    names = [str(name) for name in met if isinstance(met[name].dtype, pd.CategoricalDtype)]
    met, cross = (frame.assign(**{name: _convert_to_text(frame[name]) for name in names}) for frame in (met, cross))
    n_folds = N_FOLDS if len(inputs.y) < ONE_FOLD_RECORDS else 1
    tree_counts = []
    for train, held_out in islice(ClientFold(N_FOLDS).split(met, groups=inputs.client), n_folds):
        fold_model = CatBoostRegressor(**SETTINGS, iterations=MAX_TREES, cat_features=names)
        fold_model.fit(
            met.iloc[train],
            inputs.y[train],
            eval_set=(met.iloc[held_out], inputs.y[held_out]),
            early_stopping_rounds=PATIENCE,
        )
        tree_counts.append(fold_model.get_best_iteration() + 1)
    n_trees = max(1, round(float(np.mean(tree_counts)))) if tree_counts else 1
    model = CatBoostRegressor(**SETTINGS, iterations=n_trees, cat_features=names)
    return inputs.reshape_scores(model.fit(met, inputs.y).predict(cross))


def _convert_to_text(codes: pd.Series) -> pd.Series:
    """Return codes as text; a missing value is a category too."""
    return codes.astype("str").fillna("unknown")
