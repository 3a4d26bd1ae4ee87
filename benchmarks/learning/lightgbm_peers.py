"""LightGBM as a careful user would set it up: small trees, regularised, tuned by cross-validation over clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.crossfit.splits import assign_folds
from benchmarks.learning import raw
from benchmarks.learning.seen import Seen

FOLDS, PATIENCE, MOST = 5, 50, 800
LEAVES = (4, 12)  # both are tried; the default of 31 overfits a few hundred noisy records
SETTINGS: dict[str, Any] = {  # the best of a dozen, tried on clinics that are not reported
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


def on_raw_columns(seen: Seen) -> Floats:
    """Both sides' columns and wishes as they stand; codes and the therapist's id as categories."""
    return _regressed(seen, *raw.frames(seen))


def on_pair_features(seen: Seen) -> Floats:
    """The catalogue's features, holes left to LightGBM, and the therapist's id as a category."""
    return _regressed(seen, *with_therapist(seen))


def ranked(seen: Seen) -> Floats:
    """The same features for ``lambdarank`` over the clients who rated several; grades are ranks within a client."""
    met, cross = with_therapist(seen)
    several = pd.Series(seen.client).map(pd.Series(seen.client).value_counts()).to_numpy() > 1
    order = np.flatnonzero(several)[np.argsort(seen.client[several], kind="stable")]
    place = pd.Series(seen.y[order]).groupby(seen.client[order]).rank(method="min")
    grade = np.asarray(place - 1, dtype=np.float64)
    return seen.everyone(_tuned(met.iloc[order], grade, seen.client[order], "lambdarank").predict(cross))


def with_therapist(seen: Seen) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pair features with a column for the therapist, of the records and of each client with each therapist."""
    met, cross = (pd.DataFrame(each).add_prefix("x") for each in seen.features)
    ids = list(range(seen.therapists))
    everyone = np.tile(ids, len(seen.rows))
    return (met.assign(therapist=pd.Categorical(seen.therapist, ids)),
            cross.assign(therapist=pd.Categorical(everyone, ids)))  # fmt: skip


def _regressed(seen: Seen, met: pd.DataFrame, cross: pd.DataFrame) -> Floats:
    return seen.everyone(_tuned(met, seen.y, seen.client, "regression").predict(cross))


def _tuned(x: pd.DataFrame, y: Floats, client: Indices, objective: str) -> Any:
    """Number of trees and of leaves by cross-validation over clients, then one fit to all."""
    import lightgbm

    best: tuple[float, int, dict[str, Any]] | None = None
    for leaves in LEAVES:
        settings = SETTINGS | {"objective": objective, "num_leaves": leaves, "min_data_in_leaf": _least(len(y))}
        if objective == "lambdarank":
            settings |= {"eval_at": [3], "label_gain": list(range(int(y.max()) + 1))}
        found = lightgbm.cv(settings, _rows(x, y, client, objective), MOST, folds=_folds(client),
                            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])  # fmt: skip
        curve = next(values for name, values in found.items() if name.endswith("mean"))
        loss = -curve[-1] if objective == "lambdarank" else curve[-1]
        if best is None or loss < best[0]:
            best = loss, len(curve), settings
    assert best is not None
    return lightgbm.train(best[2], _rows(x, y, client, objective), best[1])


def _rows(x: pd.DataFrame, y: Floats, client: Indices, objective: str) -> Any:
    """A data set, in groups by client for a ranking; rows of a client stand together there."""
    import lightgbm

    group = np.unique(client, return_counts=True)[1] if objective == "lambdarank" else None
    return lightgbm.Dataset(x, y, group=group, params={"verbosity": -1}, free_raw_data=False)


def _folds(client: Indices) -> Iterator[tuple[Indices, Indices]]:
    fold_of = assign_folds(client, FOLDS, seed=0)
    for fold in range(FOLDS):
        if (fold_of == fold).any():
            yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)


def _least(records: int) -> int:
    """Records a leaf needs: LightGBM's default of 20, fewer where there are few."""
    return int(np.clip(records // 20, 5, 20))
