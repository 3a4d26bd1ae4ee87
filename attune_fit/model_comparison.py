"""Compare any model with Attune's on the same held-out folds: estimators of scikit-learn, or tables of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.estimators import AllianceRegressor
from attune_fit.oracle_gain import compute_gains_over_random, compute_share, remove_levels
from attune_fit.pair_features import PairFeatures
from attune_fit.prediction_matrix import build_score_matrix, cross_ids, predict_matrix
from attune_fit.simulation import SimulatedWorld
from attune_fit.splitters import CLIENT_COLUMN, ID_COLUMNS, THERAPIST_COLUMN, ClientFold, encode_groups
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.evaluation.metrics import METRICS, compute_correlation
from attune_fit.training.evaluation.re_pairing import double_center

ATTUNE = "attune"
COMPARED_METRICS = {"rmse": "rmse", "r": "out_of_fold_r", "pair_added_r": "pair_added_r"}  # column: row of METRICS
POINTS_PER_POMP = float(WAI_SR.to_points(1.0) - WAI_SR.to_points(0.0))
Folds = Sequence[tuple[Indices, Indices]]


def cross_validate(
    estimator: Any, X: pd.DataFrame, y: pd.Series, groups: pd.DataFrame | None = None, *, cv: Any = None
) -> pd.DataFrame:
    """Fit and test any scikit-learn estimator on folds that hold out whole clients.

    Parameters
    ----------
    estimator : scikit-learn estimator
        Cloned for each fold.
    X, y, groups
        As from :meth:`Workspace.training_data`.
    cv : splitter, optional
        Default: ``ClientFold(5)``.

    Returns
    -------
    DataFrame
        One row for each fold: ``fold``, ``n_train``, ``n_test``, ``rmse`` in the unit of y, and the correlation ``r``.

    Examples
    --------
    >>> from attune_fit.simulation import simulate
    >>> X, y, groups = simulate(clients=60, therapists=8, seed=1).training_data()
    >>> cross_validate(AllianceRegressor(), X, y, groups, cv=ClientFold(3)).columns.to_list()
    ['fold', 'n_train', 'n_test', 'rmse', 'r']
    """
    rows = []
    for number, (train, test) in enumerate((cv or ClientFold()).split(X, y, groups), start=1):
        predicted = clone(estimator).fit(X.iloc[train], y.iloc[train]).predict(X.iloc[test])
        observed = y.iloc[test].to_numpy(float)
        rmse = float(np.sqrt(np.mean((observed - predicted) ** 2)))
        rows.append((number, len(train), len(test), rmse, compute_correlation(np.asarray(predicted), observed)))
    return pd.DataFrame(rows, columns=["fold", "n_train", "n_test", "rmse", "r"])


def compare_models(
    models: Mapping[str, Any],
    X: pd.DataFrame,
    y: pd.Series,
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
        is added as ``attune``, unless a model of that name is given.
    X, y, groups
        As from :meth:`Workspace.training_data`: X has the columns ``client_id`` and ``therapist_id``.
    cv : splitter, optional
        Default: ``ClientFold(5)``. A record that is in no test fold takes no part.
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
            Held-out records; the root mean squared error in POMP; the correlation of prediction and rating.
        ``pair_added_r``
            Correlation of the pair part with what levels of client and therapist leave, within therapists. NaN where
            the predictions for therapists whom a client has not met are unknown.
        ``regret``
            Expected alliance given up by taking the first of the eligible therapists, in points of the WAI-SR (1-5).
            NaN without ``world``.
        ``oracle_share``, ``pair_oracle_share``
            Share of the gain of an oracle, as :meth:`SimulatedWorld.oracle_gain` has it, for the held-out clients; of
            the whole expected alliance, and of the pair part alone. NaN where there is nothing to gain.

    Raises
    ------
    ValueError
        If a table has no prediction for a record, or ``pair_features`` lacks a column of X.

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
    >>> table = compare_models({"mean": DummyRegressor()}, *world.training_data(), cv=ClientFold(3), world=world)
    >>> table.columns.to_list()
    ['n', 'rmse', 'r', 'pair_added_r', 'regret', 'oracle_share', 'pair_oracle_share']
    >>> table.index.to_list()
    ['attune', 'mean']
    """
    missing = [column for column in ID_COLUMNS if column not in X]
    if missing:
        raise ValueError(f"compare_models needs the columns {' and '.join(ID_COLUMNS)} in X; it has no {missing[0]}.")
    folds = list((cv or ClientFold()).split(X, y, groups))
    if world is not None and pair_features is None:
        pair_features = PairFeatures(world.tables)
    records = _HeldOutRecords.build(X, y, folds, pair_features, world)
    rows = {name: records.measure(model) for name, model in {ATTUNE: AllianceRegressor(), **models}.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


@dataclass(frozen=True)
class _HeldOutRecords:
    """The records of all test folds, and each client's pairs with the whole roster where their features are known."""

    X: pd.DataFrame
    y: pd.Series
    folds: Folds
    therapists: pd.Series  # the roster: the columns of every matrix
    crossed: pd.DataFrame | None  # features of each record's client with the roster, in the order of X
    world: SimulatedWorld | None

    @classmethod
    def build(
        cls, X: pd.DataFrame, y: pd.Series, folds: Folds, pair_features: PairFeatures | None,
        world: SimulatedWorld | None,
    ) -> _HeldOutRecords:  # fmt: skip
        if pair_features is None:
            met = pd.Series(pd.unique(X[THERAPIST_COLUMN].astype(object)))
            return cls(X, y, folds, met, None, world)
        therapists = pair_features.tables.therapists[THERAPIST_COLUMN]
        pairs = clone(pair_features, safe=False).set_params(keep_ids=True)
        crossed = pairs.fit_transform(cross_ids(X[CLIENT_COLUMN], therapists))
        unknown = [str(column) for column in X if column not in crossed]
        if unknown:
            raise ValueError(f"pair_features does not compute these columns of X: {', '.join(unknown)}. Leave "
                             "pair_features and world out, or give X without these columns.")  # fmt: skip
        return cls(X, y, folds, therapists, crossed[X.columns], world)

    def measure(self, model: Any) -> dict[str, float]:
        """Return the figures of one model."""
        score = np.full(len(self.X), np.nan)
        matrix = np.full((len(self.X), len(self.therapists)), np.nan)
        for train, test in self.folds:
            score[test], matrix[test] = self._predict_fold(model, train, test)
        rows = np.sort(np.concatenate([test for _, test in self.folds]))
        predictions = self._build_predictions(rows, score, matrix)
        by_name = {row.name: row for row in METRICS}
        figures = {column: by_name[name].function(predictions) for column, name in COMPARED_METRICS.items()}
        return {"n": len(rows), **figures, **self._compare_with_truth(rows, matrix)}

    def _predict_fold(self, model: Any, train: Indices, test: Indices) -> tuple[Floats, Floats]:
        """Return the predictions for the records of a test fold, and for their clients with the whole roster."""
        held_out = self.X.iloc[test]
        column = pd.Index(self.therapists).get_indexer(pd.Index(held_out[THERAPIST_COLUMN].astype(object)))
        place = np.arange(len(test)), column
        n = len(self.therapists)
        if isinstance(model, pd.DataFrame):
            required = np.zeros((len(test), n), dtype=bool)
            required[place] = True
            matrix = build_score_matrix(model, held_out[CLIENT_COLUMN], self.therapists, required)
            return matrix[place], matrix
        fitted = clone(model).fit(self.X.iloc[train], self.y.iloc[train])
        if self.crossed is None:
            return np.asarray(fitted.predict(held_out), dtype=float), np.full((len(test), n), np.nan)
        rows = (test[:, None] * n + np.arange(n)).ravel()
        matrix = predict_matrix(fitted, self.crossed.iloc[rows], n)
        return matrix[place], matrix

    def _build_predictions(self, rows: Indices, score: Floats, matrix: Floats) -> OutOfFoldPredictions:
        """Return the predictions of some records, with the pair part of each as the metrics of training take it."""
        therapist = encode_groups(self.X[THERAPIST_COLUMN])
        met = pd.Index(self.therapists).isin(pd.unique(self.X[THERAPIST_COLUMN].astype(object)))
        column = pd.Index(self.therapists[met]).get_indexer(pd.Index(self.X[THERAPIST_COLUMN].astype(object)))
        pair_part = np.full(len(score), np.nan)
        for _, test in self.folds:
            pair_part[test] = double_center(matrix[test][:, met])[np.arange(len(test)), column[test]]
        return OutOfFoldPredictions(
            y=self.y.to_numpy(float)[rows],
            score=score[rows],
            sd=np.full(len(rows), np.nan),
            score_without_pair_part=(score - pair_part)[rows],
            therapist_effect=np.full(len(rows), np.nan),
            centered_pair_part=pair_part[rows],
            therapist=therapist[rows],
            net_honoured_wishes=np.full(len(rows), np.nan),
        )

    def _compare_with_truth(self, rows: Indices, matrix: Floats) -> dict[str, float]:
        """Return the regret in points and the shares of the oracle's gain; NaN where they cannot be known."""
        unknown = dict.fromkeys(("regret", "oracle_share", "pair_oracle_share"), float("nan"))
        if self.world is None:
            return unknown
        ids = pd.Index(self.world.tables.clients[CLIENT_COLUMN])
        clients = ids.get_indexer(pd.Index(self.X[CLIENT_COLUMN].iloc[rows].astype(object)))
        columns = pd.Index(self.world.tables.therapists[THERAPIST_COLUMN]).get_indexer(pd.Index(self.therapists))
        truth, eligible = self.world.reachable[clients][:, columns], self.world.eligible[clients][:, columns]
        if np.isnan(matrix[rows][eligible]).any():
            return unknown
        gain, possible = compute_gains_over_random(truth, eligible, matrix[rows])
        by_fold = np.empty_like(matrix)
        for _, test in self.folds:  # each fold has a model, and so levels, of its own
            by_fold[test] = remove_levels(matrix[test])
        pair_part = self.world.pair_part[clients][:, columns]
        return {
            "regret": float((possible - gain).mean()) * POINTS_PER_POMP,
            "oracle_share": compute_share(gain, possible),
            "pair_oracle_share": compute_share(*compute_gains_over_random(pair_part, eligible, by_fold[rows])),
        }
