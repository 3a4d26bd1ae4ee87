"""What simpler ways know of the choice between therapists, on the records that the verdict looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.models.pair_effect_verdict import CorrelationInterval, MethodComparison
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import count_net_honoured_wishes
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.cluster_robust import compute_clustered_correlation, compute_correlation_difference
from attune_fit.training.evaluation.re_pairing import RePairingSample, double_center, iterate_feature_blocks

SPREAD_TOLERANCE = 1e-9  # a spread that is none
MODEL_LABEL = "the model"


@dataclass(frozen=True)
class BaselineMethod:
    """One row of :data:`BASELINES`.

    Attributes
    ----------
    name : str
        As a sentence names it.
    function : callable
        Takes records, the fold, its records that are looked at, the roster (rows of the tables) and a seed; returns
        what is said of these records' clients with the whole roster, (records, therapists), in any unit.
    """

    name: str
    function: Callable[[TrainingDataset, Fold, Indices, Indices, int], Floats]


def score_by_honoured_wishes(records: TrainingDataset, fold: Fold, rows: Indices, roster: Indices, seed: int) -> Floats:
    """Wishes honoured less wishes not honoured."""
    return count_net_honoured_wishes(Pairs(records.sides, records.client[rows][:, None], roster[None, :]))


def score_by_therapist_mean(records: TrainingDataset, fold: Fold, rows: Indices, roster: Indices, seed: int) -> Floats:
    """Mean rating by other clients; the mean of all where nobody rated."""
    therapist, y = records.therapist[fold.train], records.y[fold.train]
    count = np.bincount(therapist, minlength=roster.max() + 1)
    mean = np.where(count, np.bincount(therapist, y, minlength=len(count)) / np.maximum(count, 1), y.mean())
    return np.tile(mean[roster], (len(rows), 1))


def score_by_lightgbm(records: TrainingDataset, fold: Fold, rows: Indices, roster: Indices, seed: int) -> Floats:
    """Trees on all the features, without published evidence and without therapists' own effects."""
    names = tuple(feature.name for feature in records.features)
    directions = [feature.direction for feature in records.features]
    y = records.y[fold.train]
    trees = BoostedTrees(
        names,
        fit_trees(records.standardised_features[fold.train], y - y.mean(), directions, TreeHyperparameters(), seed),
        1.0,
    )
    said = np.empty((len(rows), len(roster)))
    for here, standard in iterate_feature_blocks(records, rows, roster):
        said[here] = trees.predict(names, standard)
    return said


BASELINES: tuple[BaselineMethod, ...] = (
    BaselineMethod("the count of honoured wishes", score_by_honoured_wishes),
    BaselineMethod("the therapist's mean rating", score_by_therapist_mean),
    BaselineMethod("LightGBM", score_by_lightgbm),
)


def compare_with_baselines(
    records: TrainingDataset, folds: Sequence[Fold], met: RePairingSample, seed: int = 0
) -> tuple[MethodComparison, ...]:
    """Compare the model with every simpler way, on the same folds and the same records.

    Parameters
    ----------
    records : Records
    folds : sequence of Fold
        Those that the model was held back by.
    met : Exchange
    seed : int
        Of the columns that LightGBM may read.

    Returns
    -------
    tuple of Comparison
        The model first, then :data:`BASELINES` in their order.
    """
    every = np.sort(np.concatenate([fold.test for fold in folds]))
    rows, own = every[met.rows], (np.arange(len(met.rows)), met.therapist)
    roster = np.unique(records.therapist[rows])
    compared = [
        MethodComparison(
            MODEL_LABEL,
            _correlate_within_therapists(met.observed_pair_part, met),
            _correlate_over_therapists(met.observed_pair_part + met.therapist_effect, met),
        )
    ]
    for rival in BASELINES:
        pair, whole = np.empty((2, len(rows), len(roster)))
        for fold in folds:
            here = np.flatnonzero(np.isin(rows, fold.test))
            if len(here):
                said = rival.function(records, fold, rows[here], roster, seed)
                pair[here], whole[here] = double_center(said), said - said.mean(axis=1, keepdims=True)
        within = _correlate_within_therapists(pair[own], met)
        more = within is not None and within[1] > 0 and _is_ahead_of_model(pair[own], met)
        compared.append(MethodComparison(rival.name, within, _correlate_over_therapists(whole[own], met), more))
    return tuple(compared)


def _correlate_within_therapists(said: Floats, met: RePairingSample) -> CorrelationInterval | None:
    """Among the clients of one therapist."""
    return _correlate_with_interval(met.center(said), met.residual, met)


def _correlate_over_therapists(said: Floats, met: RePairingSample) -> CorrelationInterval | None:
    """Over therapists too."""
    return _correlate_with_interval(
        met.center(said, by_therapist=False), met.center(met.outcome_minus_baseline, by_therapist=False), met
    )


def _correlate_with_interval(said: Floats, left: Floats, met: RePairingSample) -> CorrelationInterval | None:
    """An r with its interval; None where either side never varies."""
    if said.std() < SPREAD_TOLERANCE or left.std() < SPREAD_TOLERANCE:
        return None
    found = compute_clustered_correlation(said, left[:, None], met.clusters)
    return float(found.value[0]), float(found.low[0]), float(found.high[0])


def _is_ahead_of_model(said: Floats, met: RePairingSample) -> bool:
    """Whether it knows more than the model, beyond noise."""
    return bool(
        compute_correlation_difference(
            met.center(said), met.center(met.observed_pair_part), met.residual, met.clusters
        ).low[0]
        > 0
    )
