"""Random effects of one way of grouping records: intercepts, slopes, and groups inside groups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attune_fit.data.arrays import Floats, Indices


@dataclass(frozen=True)
class RandomTerm:
    """Random effects of one way of grouping.

    Attributes
    ----------
    label : array of int, shape (n,)
        The group of each record; any integers.
    design : array of shape (n, c)
        What the effects multiply: ones for an intercept, a variable for a slope. The effects of one term correlate
        freely; give two terms for effects that do not.
    shared : tuple of int, length c, optional
        For independent effects: which theta each of them has, counted from 0. Default: they correlate freely.
    """

    label: Indices
    design: Floats
    shared: tuple[int, ...] | None = None

    @classmethod
    def intercept(cls, label: Indices) -> RandomTerm:
        """Return a random intercept, ``(1 | label)`` in lme4."""
        return cls(label, np.ones((len(label), 1)))

    @classmethod
    def slope(cls, label: Indices, variable: Floats) -> RandomTerm:
        """Return a random intercept and a correlated random slope, ``(1 + variable | label)`` in lme4."""
        return cls(label, np.column_stack([np.ones(len(label)), variable]))

    @classmethod
    def nested(cls, outer: Indices, inner: Indices) -> RandomTerm:
        """Return intercepts of groups and of the groups inside them, ``(1 | outer / inner)`` in lme4.

        The theta of the outer groups is first. It is one term, so that each outer group is eliminated at once with the
        groups inside it; no outer group should contain many.
        """
        place = _number_within(outer, inner)
        inside = (place[:, None] == np.arange(place.max() + 1)).astype(float)
        return cls(outer, np.column_stack([np.ones(len(outer)), inside]), (0, *(1,) * inside.shape[1]))

    @property
    def width(self) -> int:
        """How many random effects a group has."""
        return int(self.design.shape[1])

    @cached_property
    def n_theta(self) -> int:
        """How many parameters the relative Cholesky factor has."""
        return int(self.entries[2].max()) + 1

    @cached_property
    def entries(self) -> tuple[Indices, Indices, Indices]:
        """Rows and columns of the relative Cholesky factor that are not 0, and the theta of each."""
        if self.shared is not None:
            diagonal = np.arange(self.width)
            return diagonal, diagonal, np.array(self.shared)
        columns, rows = np.triu_indices(self.width)
        return rows, columns, np.arange(len(rows))


def _number_within(outer: Indices, inner: Indices) -> Indices:
    """Return the number of the inner group within its outer group, counted from 0, shape (n,)."""
    pairs, code = np.unique(np.stack([outer, inner]), axis=1, return_inverse=True)
    _, starts, sizes = np.unique(pairs[0], return_index=True, return_counts=True)
    return np.asarray((np.arange(pairs.shape[1]) - np.repeat(starts, sizes))[code.reshape(-1)])


def join_labels(*labels: Indices) -> Indices:
    """Return one group number for each combination of labels, arrays of shape (n,).

    >>> join_labels(np.array([1, 1, 2]), np.array([5, 6, 5]))
    array([0, 1, 2])
    """
    return np.asarray(np.unique(np.stack(labels), axis=1, return_inverse=True)[1]).reshape(-1)
