"""Copies of some clients and therapists in which some inputs are unknown, taken from arrays that exist already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.shared_codes import SharedCodes
from attune_fit.features.sides import Side, Sides
from attune_fit.features.wish_table import WishTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


def take_rows(
    sides: Sides,
    client_rows: Indices,
    therapist_rows: Indices,
    hidden_columns: Sequence[Sequence[str]],
    has_wishes: Bools,
) -> AblatedSides:
    """Take copies of some rows, in which some inputs are unknown.

    Every array has the values that it would have for tables with these rows, in which the cells are empty. No table is
    built: the arrays of ``sides`` are gathered and masked.

    Parameters
    ----------
    sides : Sides
    client_rows : array of int, shape (n,)
        The row of ``sides`` that each client copies; a client can have several copies.
    therapist_rows : array of int, shape (m,)
        The same for therapists.
    hidden_columns : sequence of length m
        The columns of ``therapists`` that are unknown in each copy; names without a column are ignored.
    has_wishes : array of bool, shape (n,)
        Whether each copy of a client keeps the wishes.

    Raises
    ------
    ValueError
        If a length differs from its rows.
    """
    if len(hidden_columns) != len(therapist_rows) or len(has_wishes) != len(client_rows):
        raise ValueError(
            f"{len(therapist_rows)} therapists have {len(hidden_columns)} sets of hidden columns, and "
            f"{len(client_rows)} clients {len(has_wishes)} marks of wishes; give one for each row."
        )
    return AblatedSides(sides, client_rows, therapist_rows, hidden_columns, has_wishes)


class AblatedSides(Sides):
    """Copies of the rows of other sides in which some inputs are unknown; :func:`take_rows` takes them."""

    def __init__(
        self,
        whole: Sides,
        client_rows: Indices,
        therapist_rows: Indices,
        hidden_columns: Sequence[Sequence[str]],
        has_wishes: Bools,
    ) -> None:
        self._cache = {}
        self._whole = whole
        self._rows: dict[Side, Indices] = {"client": np.asarray(client_rows), "therapist": np.asarray(therapist_rows)}
        self._has_wishes = np.asarray(has_wishes, dtype=bool)
        rows_of_column: dict[str, list[int]] = defaultdict(list)
        for row, columns in enumerate(hidden_columns):
            for column in columns:
                rows_of_column[column].append(row)
        self._hidden_rows = {column: np.array(rows) for column, rows in rows_of_column.items()}

    @property
    def tables(self) -> Tables:
        """Tables with these rows, built when they are first asked for: slow, and features do not need them.

        Copies of one person have the same id. ``preferences`` has the wishes of each client with a copy that keeps
        them.
        """
        return self._built_tables

    @cached_property
    def _built_tables(self) -> Tables:
        whole, people = self._whole.tables, {}
        for side in ("client", "therapist"):
            frame: pd.DataFrame = getattr(whole, f"{side}s")
            people[side] = pd.DataFrame({str(column): self.take_cells(side, str(column)) for column in frame})
        keeps_wishes = people["client"]["client_id"][self._has_wishes]
        wishes = whole.preferences[whole.preferences["client_id"].isin(keeps_wishes)].reset_index(drop=True)
        return replace(whole, clients=people["client"], therapists=people["therapist"], preferences=wishes)

    def count_rows(self, side: Side) -> int:
        """Count the copies of clients or of therapists."""
        return len(self._rows[side])

    def take_cells(self, side: Side, column: str) -> pd.Series:
        """Return a column of the copies; all unknown where the clinic has no such column."""
        cells = self._whole.take_cells(side, column).iloc[self._rows[side]].reset_index(drop=True)
        if not len(self._find_hidden_rows(side, column)):
            return cells
        is_kept = np.ones(len(cells), dtype=bool)
        is_kept[self._find_hidden_rows(side, column)] = False
        return cells.where(is_kept)

    def _find_hidden_rows(self, side: Side, column: str) -> Indices:
        return self._hidden_rows.get(column, NO_ROWS) if side == "therapist" else NO_ROWS

    def _take(self, side: Side, column: str, values: Any, unknown: Any) -> Any:
        """Return the values of the copies, with ``unknown`` in the rows in which the column is hidden."""
        taken, hidden_rows = values[..., self._rows[side]], self._find_hidden_rows(side, column)
        if len(hidden_rows):
            taken[..., hidden_rows] = unknown
        return taken

    def _compute_numbers(self, side: Side, column: str) -> Floats:
        numbers: Floats = self._take(side, column, self._whole.convert_to_numbers(side, column), np.nan)
        return numbers

    def _compute_is_known(self, side: Side, column: str) -> Bools:
        is_known: Bools = self._take(side, column, self._whole.is_known(side, column), False)
        return is_known

    def _compute_code_counts(self, side: Side, column: str) -> Floats:
        counts: Floats = self._take(side, column, self._whole.count_codes(side, column), np.nan)
        return counts

    def _compute_indicators(self, side: Side, column: str) -> pd.DataFrame:
        whole = self._whole.build_indicators(side, column)
        indicators = self._take(side, column, whole.to_numpy(bool).T, False)
        occurs = indicators.any(axis=1)
        return pd.DataFrame(indicators[occurs].T, columns=whole.columns[occurs])

    def _compute_shared_codes(self, client: str, therapist: str, main: bool) -> SharedCodes:
        whole = self._whole.encode_shared_codes(client, therapist, main)
        return SharedCodes(
            self._take("client", client, whole.of_clients, 0),
            self._take("therapist", therapist, whole.of_therapists, 0),
        )

    def _compute_wish_table(self) -> WishTable:
        return self._whole.build_wish_table().take_rows(
            self._rows["client"], self._rows["therapist"], self._hidden_rows, self._has_wishes
        )


NO_ROWS: Indices = np.empty(0, dtype=np.intp)
