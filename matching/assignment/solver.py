"""Solve the assignment problem exactly within capacity: ranked aims become one whole number for each pair."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from attune_fit.data.arrays import Bools, Counts, Floats, Indices

MAX_EXACT_INTEGER = 2**53  # below it every whole number is a float64 of its own, so sums of them have no rounding
MIN_SCORE_STEP = 1e-6  # POMP; finer differences are rounding errors of sums
MAX_SCORE_STEP = 0.5  # POMP, .02 of a point on a form from 1 to 5; with a coarser step the list is too long for one run


class AssignmentTooLarge(ValueError):
    """The waiting list is too long to weigh its aims exactly in one run."""


def solve_assignment(
    eligible: Bools, ranked: Sequence[Counts], last: Floats, capacity: Counts, seed: int
) -> tuple[Indices, float]:
    """Assign clients so that the first aim is maximal, then the second, and so on, then ``last``.

    Parameters
    ----------
    eligible : array of bool, shape (clients, therapists)
        Whether the pair is allowed.
    ranked : sequence of arrays that broadcast to that shape
        Lexicographic aims, the most important first. Whole numbers >= 0; the first aim is at least 1 for every allowed
        pair. The sets of clients who can be assigned together form a matroid [1]_. So the solution assigns as many
        clients as possible, whichever clients the first aim prefers.
    last : array that broadcasts to that shape
        POMP, higher is better. Differences smaller than the returned step are ignored.
    capacity : array of int, shape (therapists,)
        Number of clients each therapist can take, >= 0.
    seed : int
        Seed of the random tie-break between equally good assignments: rows and columns are shuffled before solving.

    Returns
    -------
    array of int, shape (clients,)
        Column of the therapist, -1 for an unassigned client.
    float
        The step, POMP.

    Raises
    ------
    AssignmentTooLarge
        If the aims above ``last`` need so many integers that its step exceeds :data:`MAX_SCORE_STEP`.

    Notes
    -----
    A therapist with k open slots is k columns of a linear assignment problem, solved by shortest augmenting paths [2]_
    (:func:`scipy.optimize.linear_sum_assignment`). An excluded pair weighs 0, the same as no therapist. The first
    pass uses few columns for each therapist. A therapist whose columns are all taken gets more in the next pass. Unused
    columns do not constrain the solution, so the result equals the solution with all columns.

    References
    ----------
    .. [1] Edmonds & Fulkerson (1965), J Res NBS 69B:147: transversal matroids.
    .. [2] Crouse (2016), IEEE Trans Aerosp Electron Syst 52:1679, doi 10.1109/TAES.2016.140952.

    Examples
    --------
    >>> eligible = np.array([[True, True], [True, False]])
    >>> solve_assignment(eligible, [np.array([[1]])], np.array([[9.0, 0.0], [0.0, 0.0]]), np.array([1, 1]), seed=0)[0]
    array([1, 0])
    """
    assigned = np.full(eligible.shape[0], -1, dtype=np.intp)
    capacity = np.minimum(capacity, eligible.sum(axis=0)).astype(np.int64)
    rows = np.flatnonzero(eligible[:, capacity > 0].any(axis=1))
    if not len(rows):
        return assigned, MIN_SCORE_STEP
    weights, step = _combine_aims(eligible, ranked, last, min(len(rows), int(capacity.sum())))
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(rows), rng.permutation(len(capacity))
    n_columns = np.minimum(capacity, -(-len(rows) // max(1, int((capacity > 0).sum()))) + 1)
    while True:
        assigned[rows] = _solve_linear_assignment(weights, rows, np.repeat(columns, n_columns[columns]))
        load = np.bincount(assigned[assigned >= 0], minlength=len(capacity))
        is_full = (load == n_columns) & (n_columns < capacity)
        if not is_full.any():
            return assigned, step
        n_columns = np.where(is_full, np.minimum(capacity, 2 * n_columns), n_columns)


def _solve_linear_assignment(weights: Floats, rows: Indices, columns: Indices) -> Indices:
    """Return the therapist of each of the rows, within these columns; -1 where the pair weighs 0."""
    from scipy.optimize import linear_sum_assignment

    assigned = np.full(len(rows), -1, dtype=np.intp)
    if len(columns) < len(rows):
        place, row = linear_sum_assignment(_take_negative(weights.T, columns, rows))
    else:
        row, place = linear_sum_assignment(_take_negative(weights, rows, columns))
    is_allowed = weights[rows[row], columns[place]] > 0
    assigned[row[is_allowed]] = columns[place[is_allowed]]
    return assigned


def _take_negative(values: Floats, rows: Indices, columns: Indices) -> Floats:
    """Return these rows and columns of the values, with the opposite sign.

    SciPy copies a matrix that it has to maximise or that has more rows than columns, and solves the copy. The matrix
    of this function needs no copy, and gives the same solution.
    """
    taken = np.empty((len(rows), len(columns)))
    for place, row in enumerate(rows.tolist()):
        np.take(values[row], columns, out=taken[place], mode="clip")
    return np.negative(taken, out=taken)


def _combine_aims(eligible: Bools, ranked: Sequence[Counts], last: Floats, max_pairs: int) -> tuple[Floats, float]:
    """Combine the aims into one number for each pair; one unit of an aim outweighs every sum of the aims below it."""
    max_sums = [_sum_largest(eligible, aim) for aim in ranked]  # no assignment reaches more
    n_levels = MAX_EXACT_INTEGER // math.prod(max_sum + 1 for max_sum in max_sums)  # integers left for ``last``
    last = np.broadcast_to(last, eligible.shape)
    low = float(last.min(where=eligible, initial=np.inf))
    high = float(last.max(where=eligible, initial=-np.inf))
    n_steps = (n_levels - 1) // max_pairs
    if n_steps < 1 or (high - low) / n_steps > MAX_SCORE_STEP:
        raise AssignmentTooLarge
    step = max(MIN_SCORE_STEP, (high - low) / n_steps)
    weights = last - low
    weights /= step
    np.floor(weights, out=weights)
    weights[~eligible] = 0.0
    unit = int(weights.max()) * max_pairs + 1
    for aim, max_sum in zip(reversed(ranked), reversed(max_sums), strict=True):
        np.add(weights, aim * float(unit), out=weights, where=eligible)
        unit *= max_sum + 1
    return weights, step


def _sum_largest(eligible: Bools, aim: Counts) -> int:
    """Sum the largest value of an aim over the eligible pairs of each client; 0 for a client without one."""
    return int(np.broadcast_to(aim, eligible.shape).max(axis=1, where=eligible, initial=0).sum())
