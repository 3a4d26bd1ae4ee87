"""Compute the gain of scores: early alliance above that of an eligible therapist at random."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from attune_fit.data.arrays import Bools, Floats, Indices

N_RANDOM_ASSIGNMENTS = 10  # random assignments whose mean is chance
N_TIE_ORDERS = 3  # random orders of tied pairs, averaged
INELIGIBLE_SCORE = -1e9


def compute_free_choice_gain(truth: Floats, eligible: Bools, scores: Floats) -> float:
    """Return the mean gain of the first of each client's list; tied first places are averaged.

    Parameters
    ----------
    truth : array of shape (clients, therapists)
        Expected early alliance, POMP.
    eligible : array of bool of the same shape
        Whether the therapist is a candidate; at least one for each client.
    scores : array of the same shape
        Any unit, higher is better.

    Returns
    -------
    float
        POMP per client; 0 is an eligible therapist at random.
    """
    score = np.where(eligible, scores, -np.inf)
    best = score >= score.max(axis=1, keepdims=True)
    return float(((center_over_eligible(truth, eligible) * best).sum(axis=1) / best.sum(axis=1)).mean())


def compute_capacity_gain(truth: Floats, eligible: Bools, scores: Floats, seed: int = 0) -> float:
    """Return the mean gain if all clients are assigned at once, with equal caseloads (linear assignment).

    Parameters are those of :func:`compute_free_choice_gain`. The number of placed clients is the largest possible,
    whatever the scores. A client without an eligible therapist left gains 0.
    """
    gain, score = center_over_eligible(truth, eligible), center_over_eligible(scores, eligible)
    has_many_ties = len(np.unique(score[eligible])) < eligible.sum() / 2
    random_scores = (
        np.random.default_rng(seed).standard_normal((N_TIE_ORDERS, *score.shape))
        if has_many_ties
        else np.zeros((1, *score.shape))
    )
    jitter = 1e-6 * (float(score.std()) or 1.0)
    rows = np.arange(len(gain))
    return float(
        np.mean([gain[rows, assign_clients(score + jitter * noise, eligible)].mean() for noise in random_scores])
    )


def compute_random_assignment_gain(truth: Floats, eligible: Bools, seed: int = 0) -> float:
    """Return the mean gain of random assignments; below 0 if few therapists are eligible for a client."""
    random_scores = np.random.default_rng(seed).standard_normal((N_RANDOM_ASSIGNMENTS, *truth.shape))
    return float(np.mean([compute_capacity_gain(truth, eligible, noise) for noise in random_scores]))


def assign_clients(score: Floats, eligible: Bools) -> Indices:
    """Return the therapist column of each client in the assignment with the highest total score."""
    clients, therapists = score.shape
    slots = -(-clients // therapists)
    slot_scores = np.repeat(np.where(eligible, score, INELIGIBLE_SCORE), slots, axis=1)
    _, columns = linear_sum_assignment(slot_scores, maximize=True)
    return np.asarray(columns // slots, dtype=np.intp)


def center_over_eligible(values: Floats, eligible: Bools) -> Floats:
    """Subtract each client's mean over eligible therapists; ineligible pairs are 0."""
    mean = np.where(eligible, values, 0.0).sum(axis=1, keepdims=True) / eligible.sum(axis=1, keepdims=True)
    return np.where(eligible, values - mean, 0.0)
