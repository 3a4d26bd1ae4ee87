"""How far the features go: what a linear sum of them gains when it is fitted to the truth itself."""

from __future__ import annotations

import numpy as np

from benchmarks.learning.clinic import Clinic, Share
from benchmarks.learning.gain import beyond_chance
from benchmarks.learning.linear import filled
from benchmarks.learning.seen import Seen

NAME = "(reach of the features)"
FOLDS, RIDGE = 5, 3.0  # pairs; there is no noise to shrink for


def reach(clinic: Clinic, seen: Seen) -> Share:
    """Least squares on all features and therapists, for the new clients by the truth of the others of them.

    No number of outcomes takes a linear sum of the catalogue much further: what is missing to 1 is left out of the
    tables, or has another shape. Four fifths of the new clients with everybody they may see stand for unlimited data.
    """
    _, cross = filled(seen.features[1], seen.features[1])
    shape = (*seen.shape, -1)
    x = np.concatenate(
        [cross.reshape(shape), np.broadcast_to(np.eye(seen.therapists), (len(seen.rows),) + (seen.therapists,) * 2)],
        axis=2,
    )
    x = x - np.where(clinic.may[..., None], x, 0.0).sum(axis=1, keepdims=True) / clinic.may.sum(axis=1)[:, None, None]
    gain, said = beyond_chance(clinic.truth, clinic.may), np.zeros(seen.shape)
    fold_of = np.arange(len(gain)) % FOLDS
    for fold in range(FOLDS):
        some = clinic.may & (fold_of != fold)[:, None]
        normal = x[some].T @ x[some] + RIDGE * np.eye(x.shape[2])
        said[fold_of == fold] = x[fold_of == fold] @ np.linalg.solve(normal, x[some].T @ gain[some])
    return clinic.share(said)
