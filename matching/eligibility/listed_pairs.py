"""Pairs that a source names: conflicts, records, declined offers and open offers."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Bools, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import PairSource, Sides


def is_listed(pairs: Pairs, source: PairSource) -> Bools:
    """Return whether the source names each pair; shape of the pairs."""
    numbers = sort_pair_numbers(pairs.sides, source)
    n_therapists = pairs.sides.count_rows("therapist")
    if not len(numbers):
        return np.zeros(pairs.shape, dtype=bool)
    if not pairs.is_cross or not np.array_equal(pairs.therapist_rows[0], np.arange(n_therapists)):
        return np.isin(pairs.client_rows * n_therapists + pairs.therapist_rows, numbers)
    is_named = np.zeros(pairs.shape, dtype=bool)  # a whole roster: only the named pairs are touched
    first_numbers = pairs.client_rows[:, 0] * n_therapists
    starts, ends = np.searchsorted(numbers, first_numbers), np.searchsorted(numbers, first_numbers + n_therapists)
    for client in np.flatnonzero(ends > starts).tolist():
        is_named[client, numbers[starts[client] : ends[client]] - first_numbers[client]] = True
    return is_named


def list_named_clients(sides: Sides, source: PairSource) -> Indices:
    """List the rows of the clients whom the source names in some pair, ascending."""
    return np.unique(sort_pair_numbers(sides, source) // max(1, sides.count_rows("therapist")))


def sort_pair_numbers(sides: Sides, source: PairSource) -> Indices:
    """Return the numbers of :meth:`Sides.list_pair_numbers`, ascending."""
    return sides.compute_once(("sorted pairs", source), lambda: np.sort(sides.list_pair_numbers(source)))
