"""Compare any model with Attune's on the same held-out folds: estimators of scikit-learn, or tables of predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from attune_fit.estimators import AllianceRegressor
from attune_fit.held_out_records import HeldOutRecords
from attune_fit.pair_features import PairFeatures
from attune_fit.simulation import SimulatedWorld
from attune_fit.splitters import ID_COLUMNS, list_folds
from attune_fit.training.evaluation.metrics import compute_correlation

ATTUNE = "attune"


def cross_validate(
    estimator: Any, X: pd.DataFrame, y: Any, groups: pd.DataFrame | None = None, *, cv: Any = None
) -> pd.DataFrame:
    """Fit and test any scikit-learn estimator on folds that hold out whole clients.

    Parameters
    ----------
    estimator : scikit-learn estimator
        Cloned for each fold.
    X, y, groups
        As from :meth:`Workspace.training_data`.
    cv : splitter, int or iterable of (train, test), optional
        Default: ``ClientFold(5)``; a number k is ``ClientFold(k)``.

    Returns
    -------
    DataFrame
        One row for each fold: ``fold``, ``n_train``, ``n_test``, ``rmse`` in the unit of y, and the correlation ``r``.

    Examples
    --------
    >>> from attune_fit.simulation import simulate
    >>> X, y, groups = simulate(clients=60, therapists=8, seed=1).training_data()
    >>> cross_validate(AllianceRegressor(), X, y, groups, cv=3).columns.to_list()
    ['fold', 'n_train', 'n_test', 'rmse', 'r']
    """
    rows = []
    y = _label_outcomes(X, y)
    for number, (train, test) in enumerate(list_folds(cv, X, y, groups), start=1):
        predicted = clone(estimator).fit(X.iloc[train], y.iloc[train]).predict(X.iloc[test])
        observed = y.iloc[test].to_numpy(float)
        rmse = float(np.sqrt(np.mean((observed - predicted) ** 2)))
        rows.append((number, len(train), len(test), rmse, compute_correlation(np.asarray(predicted), observed)))
    return pd.DataFrame(rows, columns=["fold", "n_train", "n_test", "rmse", "r"])


def compare_models(
    models: Mapping[str, Any],
    X: pd.DataFrame,
    y: Any,
    groups: pd.DataFrame | None = None,
    *,
    cv: Any = None,
    pair_features: PairFeatures | None = None,
    world: SimulatedWorld | None = None,
) -> pd.DataFrame:
    r"""Compare models with Attune's on the same held-out records, also on the choice between therapists.

    Parameters
    ----------
    models : dict of name to estimator or DataFrame
        A scikit-learn estimator is cloned and fitted for each fold. A DataFrame holds ``client_id``, ``therapist_id``
        and one column of predictions in POMP. They must be made without the outcome of that client. Attune's own model
        is added as ``attune``, unless a model of that name is given. With ``pair_features`` it has the priors that the
        clinic declared for its own features.
    X, y, groups
        As from :meth:`Workspace.training_data`: X has the columns ``client_id`` and ``therapist_id``.
    cv : splitter, int or iterable of (train, test), optional
        Default: ``ClientFold(5)``; a number k is ``ClientFold(k)``. A record that is in no test fold takes no part.
    pair_features : PairFeatures, optional
        Computes the features of each client with therapists whom the client has not met:
        ``PairFeatures(clinic.tables, config=clinic.clinic.config)``. Estimators need it for the pair part.
    world : SimulatedWorld, optional
        The world of the records, to measure each choice against the truth. It gives ``pair_features`` too.

    Returns
    -------
    DataFrame
        One row for each model, by name.

        ``n``, ``rmse``, ``r``
            Held-out records; the root mean squared error in POMP; the correlation of prediction and rating within
            folds. Over folds a constant model would have r < 0: its mean is high where the held-out mean is low.
        ``n_pair``, ``pair_added_r``, ``low``, ``high``
            Correlation of the pair part with what levels of client and therapist leave. It is taken within therapists,
            from ``n_pair`` records. The 95% interval is robust to clusters of clients and therapists. A client without
            a prediction for each therapist of the records is left out.
        ``n_truth``
            Records behind the next three. A client without a prediction for each eligible therapist is left out. With
            less than half of the records the three are NaN.
        ``regret``
            Expected alliance given up by taking the first of the eligible therapists, in points of the WAI-SR (1-5).
            NaN without ``world``.
        ``oracle_share``, ``pair_oracle_share``
            Share of the gain of an oracle, as :meth:`SimulatedWorld.oracle_gain` has it, for the held-out clients; of
            the whole expected alliance, and of the pair part alone. NaN where there is nothing to gain.

    Raises
    ------
    ValueError
        If a table has no prediction for a record, or the records are not those of ``world``. Or if ``pair_features``
        lacks a column of X or computes it otherwise. An error inside one model names the model.

    Notes
    -----
    The pair part of a model starts from its prediction for each client with every therapist of the records. The mean of
    each client is subtracted, then that of each therapist in the fold. This definition needs nothing but predictions,
    so it is the same for each model. ``attune train`` takes the parts from its model instead, and its value can differ
    a little.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> from attune_fit.simulation import simulate
    >>> world = simulate(clients=60, therapists=8, seed=1)
    >>> table = compare_models({"mean": DummyRegressor()}, *world.training_data(), cv=3, world=world)
    >>> table.columns.to_list()[:8]
    ['n', 'rmse', 'r', 'n_pair', 'pair_added_r', 'low', 'high', 'n_truth']
    >>> table.columns.to_list()[8:]
    ['regret', 'oracle_share', 'pair_oracle_share']
    >>> table.index.to_list()
    ['attune', 'mean']
    """
    missing = [column for column in ID_COLUMNS if column not in X]
    if missing:
        raise ValueError(f"compare_models needs the columns {' and '.join(ID_COLUMNS)} in X; it has no {missing[0]}.")
    y = _label_outcomes(X, y)
    if world is not None and pair_features is None:
        pair_features = PairFeatures(world.tables)
    records = HeldOutRecords.build(X, y, list_folds(cv, X, y, groups), pair_features, world)
    rows = {}
    for name, model in {ATTUNE: AllianceRegressor(features=records.features), **models}.items():
        try:
            rows[name] = records.measure(model)
        except Exception as error:
            error.add_note(f"This happened in the model `{name}` of compare_models.")
            raise
    return pd.DataFrame.from_dict(rows, orient="index")


def _label_outcomes(X: pd.DataFrame, y: Any) -> pd.Series:
    """Return y as a Series with the index of X; an array or a list has the order of X."""
    if len(y) != len(X):
        raise ValueError(f"y has {len(y)} rows, X has {len(X)}.")
    if isinstance(y, pd.Series):
        if not y.index.equals(X.index):
            raise ValueError("y has another index than X: give both in the same order.")
        return y
    return pd.Series(np.asarray(y, dtype=float), index=X.index, name="early_alliance")
