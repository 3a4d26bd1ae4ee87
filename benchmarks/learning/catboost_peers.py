"""CatBoost as its documentation advises: categories given as they are, trees counted by held-out records.

Attune does not depend on CatBoost: ``pip install attune-fit[bench]`` brings it, else these rows are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.training.crossfit.splits import assign_folds
from benchmarks.learning import lightgbm_peers, raw
from benchmarks.learning.seen import Seen

MOST, PATIENCE = 800, 50
FOLDS, ENOUGH = 5, 1_000  # from so many records on, one fifth held back tells as much as five
SETTINGS: dict[str, Any] = {  # the best of half a dozen, tried on clinics that are not reported
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


def on_raw_columns(seen: Seen) -> Floats:
    """Both sides' columns and wishes; codes and the therapist's id as categories of CatBoost's own."""
    return _tuned(seen, *raw.frames(seen))


def on_pair_features(seen: Seen) -> Floats:
    """The catalogue's features, holes left to CatBoost, and the therapist's id as a category."""
    return _tuned(seen, *lightgbm_peers.with_therapist(seen))


def _tuned(seen: Seen, met: pd.DataFrame, cross: pd.DataFrame) -> Floats:
    """As many trees as predict held-out clients best, then one fit to all."""
    from catboost import CatBoostRegressor

    names = [str(name) for name in met if isinstance(met[name].dtype, pd.CategoricalDtype)]
    met, cross = (each.assign(**{name: _text(each[name]) for name in names}) for each in (met, cross))
    fold_of = assign_folds(seen.client, FOLDS, seed=0)
    counts = []
    for fold in range(FOLDS if len(seen.y) < ENOUGH else 1):
        here = fold_of == fold
        if here.any() and not here.all():
            trial = CatBoostRegressor(**SETTINGS, iterations=MOST, cat_features=names)
            trial.fit(met[~here], seen.y[~here], eval_set=(met[here], seen.y[here]), early_stopping_rounds=PATIENCE)
            counts.append(trial.get_best_iteration() + 1)
    trees = max(1, round(float(np.mean(counts)))) if counts else 1
    model = CatBoostRegressor(**SETTINGS, iterations=trees, cat_features=names)
    return seen.everyone(model.fit(met, seen.y).predict(cross))


def _text(codes: pd.Series) -> pd.Series:
    """Codes as words; a hole is a category too."""
    return codes.astype("str").fillna("unknown")
