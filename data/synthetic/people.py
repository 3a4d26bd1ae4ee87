"""People as arrays of true values, and as the text of a clinic's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.synthetic.code_frequencies import NumericColumn, find_numeric_column, list_codes


@dataclass(frozen=True)
class People:
    """Clients or therapists: one array for each column, with people along the first axis.

    Attributes
    ----------
    columns : dict of array
        Canonical columns: numbers ``(people,)``, codes and sets as indicators ``(people, codes)`` in the order of
        :func:`list_codes`. Other columns are latent: no table contains them, such as a therapist's true style.
    """

    columns: dict[str, npt.NDArray[Any]]

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        return self.columns[column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: Indices | Bools) -> People:
        """Return a subset of the people, in the order of ``rows``."""
        return People({name: values[rows] for name, values in self.columns.items()})

    def assign(self, **columns: npt.NDArray[Any]) -> People:
        """Return the same people with these columns added or replaced."""
        return People({**self.columns, **columns})

    @classmethod
    def concatenate(cls, groups: Sequence[People]) -> People:
        """Return the people of all groups, one group after the other."""
        return cls({name: np.concatenate([group[name] for group in groups]) for name in groups[0].columns})

    def standardize(self, column: str) -> Floats:
        """Return a client column in standard scores (SD from the typical answer), shape (people,)."""
        row = find_numeric_column(column)
        return np.asarray((self[column] - row.center) / row.scale)

    def to_frame(self, table: str) -> pd.DataFrame:
        """Return the canonical columns as table cells; an empty set is NA, and the main problem is first."""
        arrays = {name: self[name] for name in list_columns(table) if name in self.columns}
        cells = {
            name: values if values.ndim == 1 else format_code_sets(values, list_codes(name))
            for name, values in arrays.items()
        }
        if "main" in self.columns:
            others = self["presenting_problems"] & ~np.eye(len(list_codes("problem")), dtype=bool)[self["main"]]
            rest = format_code_sets(others, list_codes("problem"))
            first = np.array(list_codes("problem"), dtype=object)[self["main"]]
            cells["presenting_problems"] = np.where(
                pd.isna(rest), first, first + "|" + np.where(pd.isna(rest), "", rest)
            )
        return pd.DataFrame(cells)


def format_code_sets(indicators: Bools, codes: Sequence[str]) -> npt.NDArray[np.object_]:
    """Format indicators ``(people, codes)`` as ``a|b``; an empty set is NA. Loops over distinct sets only."""
    patterns = indicators @ (1 << np.arange(len(codes)))
    distinct, index = np.unique(patterns, return_inverse=True)
    texts = ["|".join(code for bit, code in enumerate(codes) if pattern >> bit & 1) or pd.NA for pattern in distinct]
    return np.array(texts, dtype=object)[index]


def draw_single_codes(rng: np.random.Generator, shares: Floats, people: int) -> Bools:
    """Draw one code for each person, shape (people, codes), by shares of shape (codes,) or (people, codes)."""
    edges = np.cumsum(np.broadcast_to(shares, (people, shares.shape[-1])), axis=1)
    index = (rng.random((people, 1)) * edges[:, -1:] >= edges).sum(axis=1)
    return np.asarray(np.eye(shares.shape[-1], dtype=bool)[index])


def draw_code_sets(rng: np.random.Generator, shares: Floats, people: int) -> Bools:
    """Draw a set of codes for each person, shape (people, codes): independent by share, and at least one code."""
    margin = np.broadcast_to(shares, (people, shares.shape[-1])) - rng.random((people, shares.shape[-1]))
    fallback = np.eye(shares.shape[-1], dtype=bool)[margin.argmax(axis=1)]
    return np.asarray((margin > 0) | fallback)


def round_to_grid(row: NumericColumn, standard: Floats) -> Floats:
    """Convert standard scores to answers on the column's grid, clipped to its ends."""
    steps = np.round((row.center + row.scale * standard) / row.step)
    return np.clip(np.round(steps * row.step, 2), row.low, row.high) + 0.0  # + 0.0 makes -0.0 a plain 0.0


def compute_overlap(ours: npt.NDArray[Any], theirs: npt.NDArray[Any], client: Indices, therapist: Indices) -> Floats:
    """Sum the products over codes, for all pairs ``(n, 1), (1, m)`` or for listed pairs ``(k,), (k,)``."""
    if client.ndim == 2:
        return np.asarray(ours[client[:, 0]].astype(float) @ theirs[therapist[0]].astype(float).T)
    return np.asarray(np.einsum("ij,ij->i", ours[client].astype(float), theirs[therapist].astype(float)))


def build_cross_rows(clients: People | int, therapists: People | int) -> tuple[Indices, Indices]:
    """Return the row indices of all pairs, shapes ``(n, 1)`` and ``(1, m)``."""
    n, m = (side if isinstance(side, int) else len(side) for side in (clients, therapists))
    return np.arange(n)[:, None], np.arange(m)[None, :]
