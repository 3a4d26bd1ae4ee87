"""People as arrays, complete and true; and as the text a clinic's table holds."""

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
    """Clients or therapists, one array a column, people along the first axis.

    Attributes
    ----------
    columns : dict of array
        Canonical columns: numbers ``(people,)``, codes and sets as indicators ``(people, codes)`` in the order of
        :func:`list_codes`. Other names hold what no table shows, such as a therapist's true style.
    """

    columns: dict[str, npt.NDArray[Any]]

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        return self.columns[column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: Indices | Bools) -> People:
        """Some of them, in the order of ``rows``."""
        return People({name: values[rows] for name, values in self.columns.items()})

    def assign(self, **columns: npt.NDArray[Any]) -> People:
        """The same people with these columns besides, or in place of their own."""
        return People({**self.columns, **columns})

    @classmethod
    def concatenate(cls, groups: Sequence[People]) -> People:
        """All of them, one group after the other."""
        return cls({name: np.concatenate([group[name] for group in groups]) for name in groups[0].columns})

    def standardize(self, column: str) -> Floats:
        """A client's number in standard deviations from the typical one, shape (people,)."""
        row = find_numeric_column(column)
        return np.asarray((self[column] - row.center) / row.scale)

    def to_frame(self, table: str) -> pd.DataFrame:
        """The canonical columns as a table holds them; an empty set is NA."""
        held = {name: self[name] for name in list_columns(table) if name in self.columns}
        told = {
            name: values if values.ndim == 1 else format_code_sets(values, list_codes(name))
            for name, values in held.items()
        }
        if "main" in self.columns:  # the main problem is told first
            others = self["presenting_problems"] & ~np.eye(len(list_codes("problem")), dtype=bool)[self["main"]]
            rest = format_code_sets(others, list_codes("problem"))
            first = np.array(list_codes("problem"), dtype=object)[self["main"]]
            told["presenting_problems"] = np.where(
                pd.isna(rest), first, first + "|" + np.where(pd.isna(rest), "", rest)
            )
        return pd.DataFrame(told)


def format_code_sets(held: Bools, codes: Sequence[str]) -> npt.NDArray[np.object_]:
    """Indicators ``(people, codes)`` as ``a|b``; NA where none is held. Loops over distinct sets, not over people."""
    patterns = held @ (1 << np.arange(len(codes)))
    distinct, which = np.unique(patterns, return_inverse=True)
    told = ["|".join(code for bit, code in enumerate(codes) if pattern >> bit & 1) or pd.NA for pattern in distinct]
    return np.array(told, dtype=object)[which]


def draw_single_codes(rng: np.random.Generator, shares: Floats, people: int) -> Bools:
    """One code for each of ``people``; shares are of shape (codes,) or (people, codes). Shape (people, codes)."""
    edges = np.cumsum(np.broadcast_to(shares, (people, shares.shape[-1])), axis=1)
    which = (rng.random((people, 1)) * edges[:, -1:] >= edges).sum(axis=1)
    return np.asarray(np.eye(shares.shape[-1], dtype=bool)[which])


def draw_code_sets(rng: np.random.Generator, shares: Floats, people: int) -> Bools:
    """Each code on its own with its share, and at least one: the likeliest by luck. Shape (people, codes)."""
    luck = np.broadcast_to(shares, (people, shares.shape[-1])) - rng.random((people, shares.shape[-1]))
    luckiest = np.eye(shares.shape[-1], dtype=bool)[luck.argmax(axis=1)]
    return np.asarray((luck > 0) | luckiest)


def round_to_grid(row: NumericColumn, standard: Floats) -> Floats:
    """Standard scores as answers on the column's own grid, held to its ends."""
    steps = np.round((row.center + row.scale * standard) / row.step)
    return np.clip(np.round(steps * row.step, 2), row.low, row.high) + 0.0  # + 0.0: no answer reads -0.0


def compute_overlap(ours: npt.NDArray[Any], theirs: npt.NDArray[Any], client: Indices, therapist: Indices) -> Floats:
    """Sum of products over codes, for everyone with everyone ``(n, 1), (1, m)`` or one by one ``(k,), (k,)``."""
    if client.ndim == 2:
        return np.asarray(ours[client[:, 0]].astype(float) @ theirs[therapist[0]].astype(float).T)
    return np.asarray(np.einsum("ij,ij->i", ours[client].astype(float), theirs[therapist].astype(float)))


def build_cross_rows(clients: People | int, therapists: People | int) -> tuple[Indices, Indices]:
    """Indices of each client with each therapist, shapes ``(n, 1)`` and ``(1, m)``."""
    n, m = (side if isinstance(side, int) else len(side) for side in (clients, therapists))
    return np.arange(n)[:, None], np.arange(m)[None, :]
