"""Clients placed within capacity, exactly: aims in order of rank become one whole number for each pair."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from attune_fit.data.arrays import Bools, Counts, Floats, Indices

MAX_EXACT_INTEGER = 2**53  # below it every whole number is a float64 of its own, so sums of them have no rounding
MIN_SCORE_STEP = 1e-6  # POMP; finer differences are rounding of sums, not opinions
MAX_SCORE_STEP = 0.5  # POMP; .02 of a point on a form from 1 to 5: above that the list is too long for one run


class AssignmentTooLarge(ValueError):
    """The list is too long to weigh its aims exactly in one run."""


def solve_assignment(
    eligible: Bools, ranked: Sequence[Counts], last: Floats, capacity: Counts, seed: int
) -> tuple[Indices, float]:
    """Place clients so that the first aim is reached as far as can be, then the second, and so on, then ``last``.

    Parameters
    ----------
    eligible : array of bool, shape (clients, therapists)
        Which pairs may be made.
    ranked : sequence of arrays that broadcast to that shape
        Whole numbers >= 0, the most important aim first; the first is at least 1 for every pair that may be made. As
        sets of clients who can be placed together form a matroid [1]_, whatever the first aim prefers between clients,
        as many are placed as can be.
    last : array that broadcasts to that shape
        POMP, higher is better; told apart down to the step that is returned.
    capacity : array of int, shape (therapists,)
        How many clients each takes, >= 0.
    seed : int
        Decides between placements that are equally good: rows and columns are shuffled before they are solved.

    Returns
    -------
    array of int, shape (clients,)
        Column of the therapist, -1 where there is none.
    float
        The step, POMP.

    Raises
    ------
    TooMany
        If the aims leave less room than :data:`MAX_SCORE_STEP` for ``last``.

    Notes
    -----
    A therapist with room for k is k columns of a linear assignment problem, solved by shortest augmenting paths [2]_
    (:func:`scipy.optimize.linear_sum_assignment`); a pair that may not be made weighs 0, which is the weight of nobody.
    Few columns are laid out at first, and more only where all of a therapist's are taken: room that is left over binds
    nothing, so the solution is that of the whole.

    References
    ----------
    .. [1] Edmonds & Fulkerson (1965), J Res NBS 69B:147: transversal matroids.
    .. [2] Crouse (2016), IEEE Trans Aerosp Electron Syst 52:1679, doi 10.1109/TAES.2016.140952.

    Examples
    --------
    >>> may = np.array([[True, True], [True, False]])
    >>> solve_assignment(may, [np.array([[1]])], np.array([[9.0, 0.0], [0.0, 0.0]]), np.array([1, 1]), seed=0)[0]
    array([1, 0])
    """
    placed = np.full(eligible.shape[0], -1, dtype=np.intp)
    capacity = np.minimum(capacity, eligible.sum(axis=0)).astype(np.int64)
    rows = np.flatnonzero(eligible[:, capacity > 0].any(axis=1))
    if not len(rows):
        return placed, MIN_SCORE_STEP
    weights, step = _combine_aims(eligible, ranked, last, min(len(rows), int(capacity.sum())))
    shuffle = np.random.default_rng(seed)
    rows, columns = shuffle.permutation(rows), shuffle.permutation(len(capacity))
    laid = np.minimum(capacity, -(-len(rows) // max(1, int((capacity > 0).sum()))) + 1)
    while True:
        placed[rows] = _solve_linear_assignment(weights[rows], np.repeat(columns, laid[columns]))
        full = (np.bincount(placed[placed >= 0], minlength=len(capacity)) == laid) & (laid < capacity)
        if not full.any():
            return placed, step
        laid = np.where(full, np.minimum(capacity, 2 * laid), laid)


def _solve_linear_assignment(weights: Floats, columns: Indices) -> Indices:
    """Therapist of each row; -1 where the pair weighs nothing."""
    from scipy.optimize import linear_sum_assignment

    found = np.full(len(weights), -1, dtype=np.intp)
    row, place = linear_sum_assignment(weights[:, columns], maximize=True)
    made = weights[row, columns[place]] > 0
    found[row[made]] = columns[place[made]]
    return found


def _combine_aims(eligible: Bools, ranked: Sequence[Counts], last: Floats, most: int) -> tuple[Floats, float]:
    """One number for each pair, in which a unit of an aim outweighs all that the aims below it can add up to."""
    aims = [np.where(eligible, aim, 0) for aim in ranked]
    sums = [int(aim.max(axis=1).sum()) for aim in aims]  # more than that no placement reaches
    room = MAX_EXACT_INTEGER // math.prod(one + 1 for one in sums)
    last = np.broadcast_to(last, eligible.shape)
    low, high = float(last[eligible].min()), float(last[eligible].max())
    steps = (room - 1) // most
    if steps < 1 or (high - low) / steps > MAX_SCORE_STEP:
        raise AssignmentTooLarge
    step = max(MIN_SCORE_STEP, (high - low) / steps)
    weights = np.where(eligible, np.floor((last - low) / step), 0.0)
    unit = int(weights.max()) * most + 1
    for aim, total in zip(reversed(aims), reversed(sums), strict=True):
        weights += aim * float(unit)
        unit *= total + 1
    return weights, step
