"""The held-out records of a comparison of models, and the figures of one model on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.features.feature import Feature
from attune_fit.oracle_gain import compute_gains_over_random, compute_share, remove_levels
from attune_fit.pair_features import PairFeatures
from attune_fit.prediction_matrix import build_score_matrix, cross_ids, predict_matrix
from attune_fit.simulation import SimulatedWorld
from attune_fit.splitters import CLIENT_COLUMN, ID_COLUMNS, THERAPIST_COLUMN, encode_groups, write_ids_as_text
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.evaluation.cluster_robust import compute_clustered_correlation
from attune_fit.training.evaluation.metrics import center_within_groups, compute_correlation

MIN_SCORED_SHARE = 0.5  # of the records; with fewer the figures about the truth are not given
MIN_CLUSTERS = 2  # clients, and therapists, that an interval needs
CELL_TOLERANCE = 1e-6  # relative difference of two values of one feature that is rounding
POINTS_PER_POMP = float(WAI_SR.to_points(1.0) - WAI_SR.to_points(0.0))


@dataclass(frozen=True)
class HeldOutRecords:
    """The records of all test folds, and each client's pairs with the whole roster where their features are known.

    Attributes
    ----------
    X, y
        As from :meth:`Workspace.training_data`.
    folds : sequence of (train, test)
    therapists : Series of ids
        The roster: the columns of every matrix.
    crossed : DataFrame or None
        Features of each record's client with the roster, in the order of X; None where they cannot be computed.
    features : tuple of Feature
        The features of the columns of X, custom ones included; empty where they are not known.
    world : SimulatedWorld or None
    """

    X: pd.DataFrame
    y: pd.Series
    folds: Sequence[tuple[Indices, Indices]]
    therapists: pd.Series
    crossed: pd.DataFrame | None = None
    features: tuple[Feature, ...] = ()
    world: SimulatedWorld | None = None

    @classmethod
    def build(
        cls, X: pd.DataFrame, y: pd.Series, folds: Sequence[tuple[Indices, Indices]],
        pair_features: PairFeatures | None, world: SimulatedWorld | None,
    ) -> HeldOutRecords:  # fmt: skip
        """Build the records, and compute the features of all pairs that may be needed; raises :class:`ValueError`."""
        if world is not None:
            _check_world(X, world)
        if pair_features is None:
            return cls(X, y, folds, pd.Series(pd.unique(write_ids_as_text(X[THERAPIST_COLUMN]))))
        therapists = pair_features.tables.therapists[THERAPIST_COLUMN]
        pairs = clone(pair_features, safe=False).set_params(keep_ids=True)
        crossed = pairs.fit_transform(cross_ids(X[CLIENT_COLUMN], therapists))
        unknown = [str(column) for column in X if column not in crossed]
        if unknown:
            raise ValueError(f"pair_features does not compute these columns of X: {', '.join(unknown)}. Leave "
                             "pair_features and world out, or give X without these columns.")  # fmt: skip
        _check_features(X, crossed, therapists)
        return cls(X, y, folds, therapists, crossed[X.columns], tuple(pairs.features_), world)

    def measure(self, model: Any) -> dict[str, float]:
        """Return the figures of one model."""
        score = np.full(len(self.X), np.nan)
        matrix = np.full((len(self.X), len(self.therapists)), np.nan)
        for train, test in self.folds:
            score[test], matrix[test] = self._predict_fold(model, train, test)
        rows = np.sort(np.concatenate([test for _, test in self.folds]))
        observed, fold = self.y.to_numpy(float), self._number_folds()
        if not np.isfinite(score[rows]).all():
            raise ValueError(f"{int((~np.isfinite(score[rows])).sum())} predictions are missing or infinite.")
        r = compute_correlation(center_within_groups(score[rows], fold[rows]),
                                center_within_groups(observed[rows], fold[rows]))  # fmt: skip
        rmse = float(np.sqrt(np.mean((observed - score)[rows] ** 2)))
        pair_part = self._compute_pair_parts(matrix)
        paired = rows[~np.isnan(pair_part[rows])]
        figures = {"n": len(rows), "rmse": rmse, "r": r, "n_pair": len(paired)}
        added_r = self._measure_pair_part(paired, (observed - score + pair_part)[paired], pair_part[paired])
        return {**figures, **added_r, **self._compare_with_truth(rows, matrix)}

    def _measure_pair_part(self, rows: Indices, residual: Floats, pair_part: Floats) -> dict[str, float]:
        """Return the correlation of pair part and residual within therapists, with its interval; NaN if unknown."""
        client, therapist = (encode_groups(self.X[column])[rows] for column in ID_COLUMNS)
        predicted, observed = (center_within_groups(values, therapist) for values in (pair_part, residual))
        r = compute_correlation(predicted, observed)
        low, high = float("nan"), float("nan")
        clusters = (therapist, client) if len(np.unique(client)) < len(client) else (therapist,)
        if not np.isnan(r) and min(len(np.unique(cluster)) for cluster in clusters) >= MIN_CLUSTERS:
            estimate = compute_clustered_correlation(predicted, observed[:, None], clusters)
            low, high = float(estimate.low[0]), float(estimate.high[0])
        return {"pair_added_r": r, "low": low, "high": high}

    def _number_folds(self) -> Indices:
        """Return the number of the test fold of each record, shape (n,); -1 in no fold."""
        number = np.full(len(self.X), -1, dtype=np.intp)
        for fold, (_, test) in enumerate(self.folds):
            number[test] = fold
        return number

    def _predict_fold(self, model: Any, train: Indices, test: Indices) -> tuple[Floats, Floats]:
        """Return the predictions for the records of a test fold, and for their clients with the whole roster."""
        held_out = self.X.iloc[test]
        column = pd.Index(self.therapists).get_indexer(pd.Index(write_ids_as_text(held_out[THERAPIST_COLUMN])))
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

    def _compute_pair_parts(self, matrix: Floats) -> Floats:
        """Return the pair part of each record, shape (n,); NaN where a prediction of the client is missing."""
        therapist = pd.Index(write_ids_as_text(self.X[THERAPIST_COLUMN]))
        met = pd.Index(self.therapists).isin(therapist.unique())
        column = pd.Index(self.therapists[met]).get_indexer(therapist)
        pair_part = np.full(len(self.X), np.nan)
        for _, test in self.folds:  # each fold has a model of its own
            whole = test[~np.isnan(matrix[test][:, met]).any(axis=1)]
            if len(whole):
                pair_part[whole] = double_center(matrix[whole][:, met])[np.arange(len(whole)), column[whole]]
        return pair_part

    def _compare_with_truth(self, rows: Indices, matrix: Floats) -> dict[str, float]:
        """Return the regret in points and the shares of the oracle's gain, and of how many records; NaN if unknown.

        A client without a prediction for each eligible therapist is left out. Where most are, the rest are those with
        few eligible therapists, who would flatter the model: then the figures are NaN.
        """
        unknown = {"n_truth": 0, **dict.fromkeys(("regret", "oracle_share", "pair_oracle_share"), float("nan"))}
        if self.world is None:
            return unknown
        ids = pd.Index(self.world.tables.clients[CLIENT_COLUMN])
        clients = ids.get_indexer(pd.Index(write_ids_as_text(self.X[CLIENT_COLUMN].iloc[rows])))
        columns = pd.Index(self.world.tables.therapists[THERAPIST_COLUMN]).get_indexer(pd.Index(self.therapists))
        truth, eligible = self.world.reachable[clients][:, columns], self.world.eligible[clients][:, columns]
        scored = ~(np.isnan(matrix[rows]) & eligible).any(axis=1)
        if scored.mean() < MIN_SCORED_SHARE:
            return {**unknown, "n_truth": int(scored.sum())}
        rows, clients, truth, eligible = rows[scored], clients[scored], truth[scored], eligible[scored]
        gain, possible = compute_gains_over_random(truth, eligible, matrix[rows])
        by_fold = np.empty_like(matrix)
        for _, test in self.folds:  # each fold has a model, and so levels, of its own
            by_fold[test] = remove_levels(matrix[test])
        pair_part = self.world.pair_part[clients][:, columns]
        return {
            "n_truth": len(rows),
            "regret": float((possible - gain).mean()) * POINTS_PER_POMP,
            "oracle_share": compute_share(gain, possible),
            "pair_oracle_share": compute_share(*compute_gains_over_random(pair_part, eligible, by_fold[rows])),
        }


def _check_world(X: pd.DataFrame, world: SimulatedWorld) -> None:
    """Check that the pairs of X met in this world: two worlds can have the same ids."""
    outcomes = world.tables.outcomes[ID_COLUMNS].astype(object)
    met = pd.MultiIndex.from_frame(outcomes.drop_duplicates())
    pairs = pd.MultiIndex.from_arrays([write_ids_as_text(X[column]) for column in ID_COLUMNS])
    n_other = int((~pairs.isin(met)).sum())
    if n_other:
        raise ValueError(f"{n_other} of {len(X)} records are of pairs that never met in this world: give the world "
                         "that the records come from.")  # fmt: skip


def _check_features(X: pd.DataFrame, crossed: pd.DataFrame, therapists: pd.Series) -> None:
    """Check that X holds what ``pair_features`` computes for its pairs: a scaled X would be compared with raw cells."""
    column = pd.Index(therapists).get_indexer(pd.Index(write_ids_as_text(X[THERAPIST_COLUMN])))
    cells = crossed.iloc[np.arange(len(X)) * len(therapists) + column]
    names = [name for name in X.select_dtypes("number") if name not in ID_COLUMNS]
    same = np.isclose(X[names].to_numpy(float), cells[names].to_numpy(float), rtol=CELL_TOLERANCE, equal_nan=True)
    other = [str(name) for name, is_same in zip(names, same.all(axis=0), strict=True) if not is_same]
    if other:
        raise ValueError(f"these columns of X differ from what pair_features computes: {', '.join(other)}. Give the "
                         "tables that the records come from, and scale inside a pipeline.")  # fmt: skip
