"""The answers to the wishes of some pairs, counted for each pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices

Answer = Literal["met", "unmet", "unknown"]
ANSWERS: tuple[Answer, ...] = ("met", "unmet", "unknown")
ANSWER_VALUES: Floats = np.array([1.0, 0.0, np.nan])  # of each answer as a number
AnswerCodes = npt.NDArray[np.int8]  # positions in ANSWERS
AnswerCounts = npt.NDArray[np.int16]  # of the wishes of one client: small, so that many fit in the processor's cache
WishGroup = tuple[str, str | None]  # strength, and column of the therapists or None for any


@dataclass(frozen=True)
class WishAnswers:
    """An entry for each wish: of each client in a cross, of each pair in a list.

    Attributes
    ----------
    groups : mapping of WishGroup to slice
        The entries of each group that has any.
    owners : array of int, shape (entries,)
        Position of the client among those of the cross, or of the pair in the list.
    codes : array of int8, shape (entries, therapists) for a cross, else (entries,)
        Positions in :data:`ANSWERS`.
    n_owners : int
        Clients of the cross, or pairs of the list.
    """

    groups: Mapping[WishGroup, slice]
    owners: Indices
    codes: AnswerCodes
    n_owners: int

    def count(self, strength: str, attribute: str | None = None) -> AnswerCounts:
        """Count the wishes of one strength, by answer in the order of :data:`ANSWERS`.

        Parameters
        ----------
        strength : {"must", "prefer", "avoid", "never"}
        attribute : str, optional
            Only wishes about this column of the therapists; all wishes when None.

        Returns
        -------
        array of shape (answers, clients, therapists) or (answers, pairs)
            1 instead of each number of people where there is no entry.
        """
        entries = self.groups.get((strength, attribute))
        if entries is None:
            return np.zeros((len(ANSWERS), *(1,) * self.codes.ndim), dtype=np.int16)
        owners, codes = self.owners[entries], self.codes[entries]
        if codes.ndim == 1:
            places = codes * np.intp(self.n_owners) + owners
            counts = np.bincount(places, minlength=len(ANSWERS) * self.n_owners).astype(np.int16)
            return counts.reshape(len(ANSWERS), self.n_owners)
        order = np.argsort(owners, kind="stable")
        owners, codes = owners[order], codes[order]
        first, _ = find_runs(owners)
        by_answer = np.zeros((len(ANSWERS), self.n_owners, codes.shape[1]), dtype=np.int16)
        for number, counts in enumerate(by_answer):
            counts[owners[first]] = np.add.reduceat(codes == number, first, axis=0, dtype=np.int16)
        return by_answer


def find_runs(rows: Indices) -> tuple[Indices, Indices]:
    """Return where each run of equal rows starts, and its length.

    >>> find_runs(np.array([4, 4, 4, 7, 4]))
    (array([0, 3, 4]), array([3, 1, 1]))
    """
    is_first = np.ones(len(rows), dtype=bool)
    np.not_equal(rows[1:], rows[:-1], out=is_first[1:])
    first = np.flatnonzero(is_first)
    return first, np.diff(first, append=len(rows))
