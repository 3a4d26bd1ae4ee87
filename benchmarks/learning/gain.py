"""What scores are worth to clients: early alliance gained over an eligible therapist at random."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from attune_fit.data.arrays import Bools, Floats, Indices

LOTS = 10  # assignments by lot that the mean of chance is taken over
TIES = 3  # orders of tied pairs that an assignment is averaged over
NEVER = -1e9


def first(truth: Floats, may: Bools, scores: Floats) -> float:
    """Mean gain of the first of each client's list; where several share the highest score, their mean.

    Parameters
    ----------
    truth : array of shape (clients, therapists)
        Early alliance to expect, POMP.
    may : array of bool of the same shape
        Who may be offered; at least one for each client.
    scores : array of the same shape
        Any unit, higher is better.

    Returns
    -------
    float
        POMP a client; 0 is an eligible therapist at random.
    """
    score = np.where(may, scores, -np.inf)
    best = score >= score.max(axis=1, keepdims=True)
    return float(((beyond_chance(truth, may) * best).sum(axis=1) / best.sum(axis=1)).mean())


def placed(truth: Floats, may: Bools, scores: Floats, seed: int = 0) -> float:
    """Mean gain when all are placed at once and every therapist takes as many; parameters as in :func:`first`.

    As many are placed as can be, whatever the scores; a client for whom nobody eligible is left over gains nothing.
    """
    gain, score = beyond_chance(truth, may), beyond_chance(scores, may)
    tied = len(np.unique(score[may])) < may.sum() / 2
    drawn = np.random.default_rng(seed).standard_normal((TIES, *score.shape)) if tied else np.zeros((1, *score.shape))
    jitter = 1e-6 * (float(score.std()) or 1.0)
    rows = np.arange(len(gain))
    return float(np.mean([gain[rows, assigned(score + jitter * luck, may)].mean() for luck in drawn]))


def by_lot(truth: Floats, may: Bools, seed: int = 0) -> float:
    """Mean gain of placements that know nothing: where few may see a client, placing everybody costs something."""
    drawn = np.random.default_rng(seed).standard_normal((LOTS, *truth.shape))
    return float(np.mean([placed(truth, may, luck) for luck in drawn]))


def assigned(score: Floats, may: Bools) -> Indices:
    """Column of each client in the assignment of the highest total, every therapist taking as many clients."""
    clients, therapists = score.shape
    slots = -(-clients // therapists)
    wide = np.repeat(np.where(may, score, NEVER), slots, axis=1)
    _, columns = linear_sum_assignment(wide, maximize=True)
    return np.asarray(columns // slots, dtype=np.intp)


def beyond_chance(values: Floats, may: Bools) -> Floats:
    """Values less their client's mean over the eligible; 0 for the others."""
    mean = np.where(may, values, 0.0).sum(axis=1, keepdims=True) / may.sum(axis=1, keepdims=True)
    return np.where(may, values - mean, 0.0)
