"""LightGBM with small, regularised trees, tuned by cross-validation over clients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.splitters import ClientFold
from benchmarks.learning import raw_columns
from benchmarks.learning.method_inputs import MethodInputs

N_FOLDS, PATIENCE, MAX_TREES = 5, 50, 800
LEAVES = (4, 12)  # both are tried; the default of 31 overfits a few hundred noisy records
SETTINGS: dict[str, Any] = {  # the best of twelve settings, tried on clinics that are not reported
    "learning_rate": 0.03,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "cat_smooth": 20.0,
    "min_data_per_group": 20,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 0,
    "verbosity": -1,
}


def score_raw_columns(inputs: MethodInputs) -> Floats:
    """Train on the raw columns and wishes of both sides; codes and the therapist's id are categories."""
    return _score_by_regression(inputs, *raw_columns.build_frames(inputs))


def score_pair_features(inputs: MethodInputs) -> Floats:
    """Train on the catalogue's features and the therapist's id as a category; LightGBM handles missing values."""
    return _score_by_regression(inputs, *add_therapist_column(inputs))


def score_lambdarank(inputs: MethodInputs) -> Floats:
    """Train ``lambdarank`` on clients who rated several therapists; grades are ranks within a client."""
    met, cross = add_therapist_column(inputs)
    has_several = pd.Series(inputs.client).map(pd.Series(inputs.client).value_counts()).to_numpy() > 1
    order = np.flatnonzero(has_several)[np.argsort(inputs.client[has_several], kind="stable")]
    rank = pd.Series(inputs.y[order]).groupby(inputs.client[order]).rank(method="min")
    grade = np.asarray(rank - 1, dtype=np.float64)
    return inputs.reshape_scores(_fit_tuned(met.iloc[order], grade, inputs.client[order], "lambdarank").predict(cross))


def add_therapist_column(inputs: MethodInputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add a therapist column to the pair features, of the records and of each client with each therapist."""
    met, cross = (pd.DataFrame(values).add_prefix("x") for values in inputs.features)
    ids = list(range(inputs.n_therapists))
    therapist_of_pair = np.tile(ids, len(inputs.client_rows))
    return (met.assign(therapist=pd.Categorical(inputs.therapist, ids)),
            cross.assign(therapist=pd.Categorical(therapist_of_pair, ids)))  # fmt: skip


def _score_by_regression(inputs: MethodInputs, met: pd.DataFrame, cross: pd.DataFrame) -> Floats:
    return inputs.reshape_scores(_fit_tuned(met, inputs.y, inputs.client, "regression").predict(cross))


def _fit_tuned(x: pd.DataFrame, y: Floats, client: Indices, objective: str) -> Any:
    """Choose the number of trees and leaves by cross-validation over clients, then fit to all records."""
    import lightgbm

    best: tuple[float, int, dict[str, Any]] | None = None
    for leaves in LEAVES:
        settings = SETTINGS | {
            "objective": objective,
            "num_leaves": leaves,
            "min_data_in_leaf": _compute_min_leaf_records(len(y)),
        }
        if objective == "lambdarank":
            settings |= {"eval_at": [3], "label_gain": list(range(int(y.max()) + 1))}
        result = lightgbm.cv(settings, _build_dataset(x, y, client, objective), MAX_TREES,
                            folds=ClientFold(N_FOLDS).split(x, groups=client),
                            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])  # fmt: skip
        curve = next(values for name, values in result.items() if name.endswith("mean"))
        loss = -curve[-1] if objective == "lambdarank" else curve[-1]
        if best is None or loss < best[0]:
            best = loss, len(curve), settings
    assert best is not None
    return lightgbm.train(best[2], _build_dataset(x, y, client, objective), best[1])


def _build_dataset(x: pd.DataFrame, y: Floats, client: Indices, objective: str) -> Any:
    """Build a data set; for a ranking it is grouped by client, and rows of a client are adjacent."""
    import lightgbm

    group = np.unique(client, return_counts=True)[1] if objective == "lambdarank" else None
    return lightgbm.Dataset(x, y, group=group, params={"verbosity": -1}, free_raw_data=False)


def _compute_min_leaf_records(records: int) -> int:
    """Return the minimum records per leaf: LightGBM's default of 20, fewer if there are few records."""
    return int(np.clip(records // 20, 5, 20))
