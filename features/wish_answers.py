"""The answers to the wishes of some pairs, counted for each pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices

Answer = Literal["met", "unmet", "unknown"]
ANSWERS: tuple[Answer, ...] = ("met", "unmet", "unknown")
ANSWER_VALUES: Floats = np.array([1.0, 0.0, np.nan])  # of each answer as a number
AnswerCodes = npt.NDArray[np.int8]  # positions in ANSWERS
WishGroup = tuple[str, str]  # strength, and column of the therapists


@dataclass(frozen=True)
class WishAnswers:
    """An entry for each wish: of each client in a cross, of each pair in a list.

    Attributes
    ----------
    groups : tuple of WishGroup
        The groups of the wishes; no group is empty.
    entry_groups : array of int, shape (entries,)
        Position in ``groups``.
    owners : array of int, shape (entries,)
        Position of the client among those of the cross, or of the pair in the list.
    codes : array of int8, shape (entries, therapists) for a cross, else (entries,)
        Positions in :data:`ANSWERS`.
    n_owners : int
        Clients of the cross, or pairs of the list.
    """

    groups: tuple[WishGroup, ...]
    entry_groups: Indices
    owners: Indices
    codes: AnswerCodes
    n_owners: int

    def count_by_group(self, answer: Answer) -> dict[WishGroup, Floats]:
        """Count the wishes of each group that have one answer.

        Whole numbers >= 0, shape (clients, therapists) or (pairs,).
        """
        has_answer = self.codes == ANSWERS.index(answer)
        shape = len(self.groups), self.n_owners
        places = self.entry_groups * self.n_owners + self.owners
        if self.codes.ndim == 1:
            counts = np.bincount(places[has_answer], minlength=shape[0] * shape[1]).astype(np.float64)
            return dict(zip(self.groups, counts.reshape(shape), strict=True))
        order = np.argsort(places, kind="stable")
        first = np.flatnonzero(np.diff(places[order], prepend=-1))
        counts = np.zeros((shape[0] * shape[1], self.codes.shape[1]))
        if len(order):
            counts[places[order[first]]] = np.add.reduceat(has_answer[order], first, axis=0, dtype=np.float64)
        return dict(zip(self.groups, counts.reshape(*shape, self.codes.shape[1]), strict=True))
