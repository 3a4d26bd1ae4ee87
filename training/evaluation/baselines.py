"""What simpler ways know of the choice between therapists, on the records that the verdict looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attune_fit.features.pairs import Pairs
from attune_fit.models.pair_effect_verdict import Comparison, Span
from attune_fit.models.trees import Growth, Learned, grow
from attune_fit.training.crossfit.dataset import Records
from attune_fit.training.crossfit.out_of_fold import honoured
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.cluster_robust import ahead, correlated
from attune_fit.training.evaluation.re_pairing import Exchange, frames, of_choice

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

NONE = 1e-9  # a spread that is none
MODEL = "the model"


@dataclass(frozen=True)
class Rival:
    """One row of :data:`RIVALS`.

    Attributes
    ----------
    name : str
        As a sentence names it.
    function : callable
        Takes records, the fold, its records that are looked at, the roster (rows of the tables) and a seed; returns
        what is said of these records' clients with the whole roster, (records, therapists), in any unit.
    """

    name: str
    function: Callable[[Records, Fold, Ints, Ints, int], Floats]


def preference_count(records: Records, fold: Fold, rows: Ints, roster: Ints, seed: int) -> Floats:  # noqa: ARG001
    """Wishes honoured less wishes not honoured."""
    return honoured(Pairs(records.sides, records.client[rows][:, None], roster[None, :]))


def therapist_mean(records: Records, fold: Fold, rows: Ints, roster: Ints, seed: int) -> Floats:  # noqa: ARG001
    """Mean rating by other clients; the mean of all where nobody rated."""
    therapist, y = records.therapist[fold.train], records.y[fold.train]
    count = np.bincount(therapist, minlength=roster.max() + 1)
    mean = np.where(count, np.bincount(therapist, y, minlength=len(count)) / np.maximum(count, 1), y.mean())
    return np.tile(mean[roster], (len(rows), 1))


def lightgbm_alone(records: Records, fold: Fold, rows: Ints, roster: Ints, seed: int) -> Floats:
    """Trees on all the features, without published evidence and without therapists' own effects."""
    names = tuple(feature.name for feature in records.features)
    directions = [feature.direction for feature in records.features]
    y = records.y[fold.train]
    trees = Learned(names, grow(records.standard[fold.train], y - y.mean(), directions, Growth(), seed), 1.0)
    said = np.empty((len(rows), len(roster)))
    for here, standard in frames(records, rows, roster):
        said[here] = trees.predict(names, standard)
    return said


RIVALS: tuple[Rival, ...] = (
    Rival("the count of honoured wishes", preference_count),
    Rival("the therapist's mean rating", therapist_mean),
    Rival("LightGBM", lightgbm_alone),
)


def rivals(records: Records, folds: Sequence[Fold], met: Exchange, seed: int = 0) -> tuple[Comparison, ...]:
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
        The model first, then :data:`RIVALS` in their order.
    """
    every = np.sort(np.concatenate([fold.test for fold in folds]))
    rows, own = every[met.rows], (np.arange(len(met.rows)), met.therapist)
    roster = np.unique(records.therapist[rows])
    compared = [Comparison(MODEL, _within(met.own, met), _over(met.own + met.effect, met))]
    for rival in RIVALS:
        pair, whole = np.empty((2, len(rows), len(roster)))
        for fold in folds:
            here = np.flatnonzero(np.isin(rows, fold.test))
            if len(here):
                said = rival.function(records, fold, rows[here], roster, seed)
                pair[here], whole[here] = of_choice(said), said - said.mean(axis=1, keepdims=True)
        within = _within(pair[own], met)
        more = within is not None and within[1] > 0 and _ahead(pair[own], met)
        compared.append(Comparison(rival.name, within, _over(whole[own], met), more))
    return tuple(compared)


def _within(said: Floats, met: Exchange) -> Span | None:
    """Among the clients of one therapist."""
    return _span(met.centred(said), met.left, met)


def _over(said: Floats, met: Exchange) -> Span | None:
    """Over therapists too."""
    return _span(met.centred(said, by_therapist=False), met.centred(met.rated, by_therapist=False), met)


def _span(said: Floats, left: Floats, met: Exchange) -> Span | None:
    """An r with its interval; None where either side never varies."""
    if said.std() < NONE or left.std() < NONE:
        return None
    found = correlated(said, left[:, None], met.clusters)
    return float(found.value[0]), float(found.low[0]), float(found.high[0])


def _ahead(said: Floats, met: Exchange) -> bool:
    """Whether it knows more than the model, beyond noise."""
    return bool(ahead(met.centred(said), met.centred(met.own), met.left, met.clusters).low[0] > 0)
