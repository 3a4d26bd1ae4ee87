"""Do these outcomes agree with anything the intake says? Shuffled ones do not, and no model is promoted on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from models.alliance import AllianceModel
from training.predicted import pair_part
from training.recipe import Made
from training.records import Records

Floats = npt.NDArray[np.float64]

SHUFFLES = 1999
BATCH = 200  # shuffles in memory at once
TINY = 1e-9  # a spread below this is none


def agreement(records: Records, begun: AllianceModel, made: Sequence[Made], seed: int = 0) -> float | None:
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
    Asked is what is said of client and pair: an effect of the therapist would agree even when every outcome stood
    beside the wrong client. Only where the tables say nothing of clients does the whole score count. Two voices are
    heard, what was published and what was learnt here, and the better agreement of the two is held against the better
    one of each shuffle [1]_: with few records the first is the surer, and features of a clinic's own are known to the
    second alone. Outcomes are shuffled over all records, whoever the therapist.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-Based Multiple Testing: the largest of several statistics.
    """
    if not made:
        return None
    rows = np.concatenate([one.test for one in made])
    first = [Made(begun, rows)]
    y = records.y[rows]
    voices = [_said(records, first, whole=False), _said(records, made, whole=False)]
    if not any(_varies(voice) for voice in voices):
        voices = [_said(records, first, whole=True), _said(records, made, whole=True)]
    return permuted(y, [voice for voice in voices if _varies(voice)], seed)


def permuted(y: Floats, voices: Sequence[Floats], seed: int = 0) -> float | None:
    """Share of shuffles of ``y`` whose largest correlation with a voice is no smaller than the one seen.

    >>> permuted(np.arange(50.0), [np.arange(50.0), -np.arange(50.0)])
    0.0005
    """
    if not len(voices) or not _varies(y):
        return None
    standard = np.stack([(voice - voice.mean()) / voice.std() for voice in voices])
    seen = float((standard @ y).max())
    rng = np.random.default_rng(seed)
    hits = 0
    for size in _batches(SHUFFLES, BATCH):
        shuffled = rng.permuted(np.broadcast_to(y, (size, len(y))), axis=1)
        hits += int(((standard @ shuffled.T).max(axis=0) >= seen - TINY).sum())
    return (hits + 1) / (SHUFFLES + 1)


def _said(records: Records, made: Sequence[Made], *, whole: bool) -> Floats:
    """What each model says of its own held-back rows, one after the other: of client and pair, or the whole score."""
    said = []
    for one in made:
        standard = records.standard[one.test]
        parts = one.model.parts_of(standard, records.roster, records.therapist[one.test])
        said.append(parts.score if whole else parts.baseline + pair_part(one.model, standard))
    return np.concatenate(said)


def _varies(values: Floats) -> bool:
    return len(values) > 1 and float(values.std()) > TINY


def _batches(total: int, size: int) -> Iterable[int]:
    return [size] * (total // size) + ([total % size] if total % size else [])
