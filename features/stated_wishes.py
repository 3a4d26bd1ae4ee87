"""Which clients state which wishes: a sparse matrix by rows, without zeros."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS

StrengthNumbers = npt.NDArray[np.int8]  # positions in STRENGTHS


@dataclass(frozen=True)
class StatedWishes:
    """The wishes of client row i are the entries from ``starts[i]`` to ``starts[i + 1]``, by strength, then wish.

    Attributes
    ----------
    starts : array of int, shape (clients + 1,)
    wishes : array of int, shape (entries,)
        Numbers of distinct wishes, such as rows of :attr:`WishTable.answer_codes`.
    strengths : array of int8, shape (entries,)
        Positions in :data:`STRENGTHS`.
    """

    starts: Indices
    wishes: Indices
    strengths: StrengthNumbers

    @classmethod
    def from_entries(
        cls, client_rows: Indices, wishes: Indices, strengths: StrengthNumbers, n_clients: int
    ) -> StatedWishes:
        """Sort the entries, one for each wish of each client."""
        order = np.lexsort((wishes, strengths, client_rows))
        starts = np.concatenate([[0], np.cumsum(np.bincount(client_rows, minlength=n_clients))])
        return cls(starts.astype(np.intp), wishes[order], strengths[order])

    def list_entries(self, client_rows: Indices) -> tuple[Indices, Indices]:
        """Return the position in ``client_rows`` and the number of each entry of these rows, shape (entries,)."""
        starts = self.starts[client_rows]
        counts = self.starts[client_rows + 1] - starts
        owners = np.repeat(np.arange(len(client_rows)), counts)
        first_of_owner = starts - np.cumsum(counts) + counts
        return owners, np.arange(len(owners)) + first_of_owner[owners]

    def select(self, strength: str) -> StatedWishes:
        """Select the wishes of one strength."""
        is_selected = self.strengths == STRENGTHS.index(strength)
        starts = np.concatenate([[0], np.cumsum(is_selected)])[self.starts]
        return StatedWishes(starts, self.wishes[is_selected], self.strengths[is_selected])

    @cached_property
    def counts(self) -> Floats:
        """Number of wishes by strength, in the order of :data:`STRENGTHS`, and client; shape (strengths, clients)."""
        n_clients = len(self.starts) - 1
        owners, _ = self.list_entries(np.arange(n_clients))
        places = self.strengths.astype(np.intp) * n_clients + owners
        counts = np.bincount(places, minlength=len(STRENGTHS) * n_clients)
        return counts.reshape(len(STRENGTHS), n_clients).astype(np.float64)
