"""Do these outcomes agree with anything the intake says? Shuffled ones do not, and no model is promoted on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import compute_pair_part
from attune_fit.training.crossfit.pipeline import FoldModel

N_SHUFFLES = 1999
SHUFFLE_BATCH_SIZE = 200  # shuffles in memory at once
THERAPIST_SHRINKAGE_RECORDS = (
    10.0  # a therapist with as many records keeps half of the mean of what is said of them; with more, less
)
SPREAD_TOLERANCE = 1e-9  # a spread below this is none


def compute_shuffle_p_value(
    records: TrainingDataset, begun: AllianceModel, made: Sequence[FoldModel], seed: int = 0
) -> float | None:
    """Probability that shuffled outcomes agree with what was said of them as well as these do.

    Parameters
    ----------
    records : Records
    begun : AllianceModel
        The model a clinic starts from, which has seen no outcome.
    made : sequence of Made
        Models of the folds; what they say of records held back counts, and no record is held back twice.
    seed : int

    Returns
    -------
    float in (0, 1] or None
        :math:`(hits + 1) / (n + 1)`, one-sided. None where nothing was held back, or nothing that is said varies.

    Notes
    -----
    Asked is what is said of client and pair, less the mean of each therapist as far as records can tell it: therapists
    who differ would agree even when every outcome stood beside the wrong client. Only where the tables say nothing of
    clients does the whole score count. Two voices are heard, what was published and what was learnt here, and the
    better agreement of the two is held against the better one of each shuffle [1]_: with few records the first is the
    surer, and features of a clinic's own are known to the second alone. Outcomes are shuffled over all records, whoever
    the therapist.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-Based Multiple Testing: the largest of several statistics.
    """
    if not made:
        return None
    rows = np.concatenate([one.test for one in made])
    first = [FoldModel(begun, rows)]
    voices = [_predict_from_intake(records, one) for one in (first, made)]
    if not any(_varies(voice) for voice in voices):
        voices = [_predict_scores(records, one) for one in (first, made)]
    return compute_permutation_p_value(records.y[rows], [voice for voice in voices if _varies(voice)], seed)


def compute_permutation_p_value(y: Floats, voices: Sequence[Floats], seed: int = 0) -> float | None:
    """Share of shuffles of ``y`` whose largest correlation with a voice is no smaller than the one seen.

    >>> compute_permutation_p_value(np.arange(50.0), [np.arange(50.0), -np.arange(50.0)])
    0.0005
    """
    if not len(voices) or not _varies(y):
        return None
    standard = np.stack([(voice - voice.mean()) / voice.std() for voice in voices])
    seen = float((standard @ y).max())
    rng = np.random.default_rng(seed)
    hits = 0
    for size in _batches(N_SHUFFLES, SHUFFLE_BATCH_SIZE):
        shuffled = rng.permuted(np.broadcast_to(y, (size, len(y))), axis=1)
        hits += int(((standard @ shuffled.T).max(axis=0) >= seen - SPREAD_TOLERANCE).sum())
    return (hits + 1) / (N_SHUFFLES + 1)


def _predict_from_intake(records: TrainingDataset, made: Sequence[FoldModel]) -> Floats:
    """What is said of client and pair in each model's held-back rows, one after the other, less therapists' means."""
    said = _predict_each_fold(records, made, lambda parts, pair: parts.baseline + pair)
    _, of = np.unique(records.therapist[np.concatenate([one.test for one in made])], return_inverse=True)
    count = np.bincount(of)
    return said - (np.bincount(of, weights=said) / (count + THERAPIST_SHRINKAGE_RECORDS))[of]


def _predict_scores(records: TrainingDataset, made: Sequence[FoldModel]) -> Floats:
    """The whole score in each model's held-back rows, one after the other."""
    return _predict_each_fold(records, made, lambda parts, _: parts.score)


def _predict_each_fold(
    records: TrainingDataset, made: Sequence[FoldModel], of: Callable[[ScoreParts, Floats], Floats]
) -> Floats:
    """Something every model says of its own rows, less its mean there: levels differ between folds by chance."""
    said = []
    for one in made:
        standard = records.standardised_features[one.test]
        parts = one.model.compute_parts_from_features(standard, records.therapist_ids, records.therapist[one.test])
        values = of(parts, compute_pair_part(one.model, standard))
        said.append(values - values.mean())
    return np.concatenate(said)


def _varies(values: Floats) -> bool:
    return len(values) > 1 and float(values.std()) > SPREAD_TOLERANCE


def _batches(total: int, size: int) -> Iterable[int]:
    return [size] * (total // size) + ([total % size] if total % size else [])
