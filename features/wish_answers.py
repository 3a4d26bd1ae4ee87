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


@dataclass(frozen=True)
class WishAnswers:
    """An entry for each wish of one strength: of each client in a cross, of each pair in a list.

    Attributes
    ----------
    attributes : tuple of str
        The columns of the therapists that wishes are about.
    owners : array of int, shape (entries,)
        Position of the client among those of the cross, or of the pair in the list; ascending.
    attribute_numbers : array of int, shape (entries,)
        Position in ``attributes``.
    codes : array of int8, shape (entries, therapists) for a cross, else (entries,)
        Positions in :data:`ANSWERS`.
    n_owners : int
        Clients of the cross, or pairs of the list.
    """

    attributes: tuple[str, ...]
    owners: Indices
    attribute_numbers: Indices
    codes: AnswerCodes
    n_owners: int

    def select(self, attribute: str) -> WishAnswers:
        """Select the wishes about one column of the therapists."""
        number = self.attributes.index(attribute) if attribute in self.attributes else -1
        is_about = self.attribute_numbers == number
        return WishAnswers(
            self.attributes,
            self.owners[is_about],
            self.attribute_numbers[is_about],
            self.codes[is_about],
            self.n_owners,
        )

    def count(self, answer: Answer, attribute: str | None = None) -> Floats:
        """Count the wishes with one answer, whole numbers >= 0: shape (clients, therapists) or (pairs,).

        ``attribute`` counts only those about one column of the therapists.
        """
        if attribute is not None:
            return self.select(attribute).count(answer)
        has_answer = self.codes == ANSWERS.index(answer)
        if self.codes.ndim == 1:
            return np.bincount(self.owners[has_answer], minlength=self.n_owners).astype(np.float64)
        counts = np.zeros((self.n_owners, self.codes.shape[1]))
        if len(self.owners):
            first = np.flatnonzero(np.diff(self.owners, prepend=-1))  # entries of one client follow one another
            counts[self.owners[first]] = np.add.reduceat(has_answer, first, axis=0, dtype=np.float64)
        return counts
