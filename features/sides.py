"""The columns of clients and of therapists as arrays, each computed once for all pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.outcomes.openings import count_openings
from attune_fit.features import cell_values
from attune_fit.features.shared_codes import SharedCodes
from attune_fit.features.wish_table import WishTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Side = Literal["client", "therapist"]
PairSource = Literal["conflicts", "outcomes", "declined", "offers"]  # two tables, then two sets of `Tables.pair_states`
Value = TypeVar("Value")


class Sides:
    """The columns of both tables as arrays, each computed once and shared by all pairs (memoization).

    No caller writes into the arrays.

    Parameters
    ----------
    tables : Tables
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._cache: dict[Hashable, Any] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.count_rows('client')} clients, {self.count_rows('therapist')} therapists)"

    @property
    def tables(self) -> Tables:
        """The clinic's tables."""
        return self._tables

    def compute_once(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what ``compute`` returned for the first call with this key (memoization)."""
        if key not in self._cache:
            self._cache[key] = compute()
        value: Value = self._cache[key]
        return value

    def iterate_arrays(self) -> Iterator[tuple[Hashable, Any]]:
        """Yield what was computed so far, each with its key."""
        yield from tuple(self._cache.items())  # another thread can add to it meanwhile

    def count_rows(self, side: Side) -> int:
        """Count the clients or the therapists."""
        return len(self.tables.clients) if side == "client" else len(self.tables.therapists)

    def list_ids(self, side: Side) -> tuple[str, ...]:
        """Return the ids of the clients or the therapists, in the order of their rows."""
        return self.compute_once(("ids", side), lambda: tuple(map(str, self.take_cells(side, f"{side}_id"))))

    def take_cells(self, side: Side, column: str) -> pd.Series:
        """Return a column as it is in the table; all unknown where the clinic has no such column."""
        frame = self.tables.clients if side == "client" else self.tables.therapists
        return frame[column] if column in frame else pd.Series(index=frame.index, dtype="str")

    def convert_to_numbers(self, side: Side, column: str) -> Floats:
        """Return a column as numbers, shape (rows,); all NaN where the clinic has no such column."""
        return self.compute_once(("numbers", side, column), lambda: self._compute_numbers(side, column))

    def is_known(self, side: Side, column: str) -> Bools:
        """Return whether each row's cell is known, shape (rows,)."""
        return self.compute_once(("known", side, column), lambda: self._compute_is_known(side, column))

    def count_openings(self) -> Floats:
        """Count the openings of each therapist, shape (therapists,); see :func:`count_openings`."""
        return self.compute_once("openings", lambda: count_openings(self.tables))

    def is_unreadable(self, side: Side, column: str) -> Bools:
        """Return whether each row has a cell in this column that is there and cannot be read, shape (rows,)."""
        return self.compute_once(
            ("unreadable", side, column),
            lambda: self._is_one_of(side, self.tables.list_unreadable_ids(f"{side}s", column)),
        )

    def is_set_aside(self, side: Side) -> Bools:
        """Return whether each client or therapist is set aside: a cell that restricts them cannot be read."""
        return self.compute_once(
            ("aside", side),
            lambda: self._is_one_of(side, self.tables.list_set_aside(f"{side}s")),
        )

    def explode_codes(self, side: Side, column: str) -> pd.Series:
        """Return the codes of a code or set column, indexed by row number; see :func:`explode_codes`."""
        return self.compute_once(
            ("listed", side, column), lambda: cell_values.explode_codes(self.take_cells(side, column))
        )

    def build_indicators(self, side: Side, column: str) -> pd.DataFrame:
        """Return the indicators of a code or set column, (rows, codes that occur); all False in an unknown row."""
        return self.compute_once(("codes", side, column), lambda: self._compute_indicators(side, column))

    def count_codes(self, side: Side, column: str) -> Floats:
        """Count the codes of each row, shape (rows,); NaN where unknown."""
        return self.compute_once(("sizes", side, column), lambda: self._compute_code_counts(side, column))

    def encode_shared_codes(self, client: str, therapist: str, main: bool = False) -> SharedCodes:
        """Return the codes of a client's and a therapist's column as bits; only codes that occur on both sides.

        ``main`` keeps only the first code of each client's cell.
        """
        return self.compute_once(
            ("overlap", client, therapist, main), lambda: self._compute_shared_codes(client, therapist, main)
        )

    def build_wish_table(self) -> WishTable:
        """Return the clients' wishes with every therapist's answer to them."""
        return self.compute_once("wishes", self._compute_wish_table)

    def list_pair_numbers(self, source: PairSource) -> Indices:
        """Return client row * number of therapists + therapist row for each known pair that the source names."""
        return self.compute_once(("pairs", source), lambda: self._compute_pair_numbers(source))

    def _compute_numbers(self, side: Side, column: str) -> Floats:
        return cell_values.convert_to_numbers(self.take_cells(side, column))

    def _compute_is_known(self, side: Side, column: str) -> Bools:
        return self.take_cells(side, column).notna().to_numpy(bool)

    def _compute_indicators(self, side: Side, column: str) -> pd.DataFrame:
        codes = self.explode_codes(side, column)
        columns = pd.Index(sorted(codes.unique()), dtype="str")
        indicators = cell_values.build_indicator_matrix(codes, columns, self.count_rows(side))
        return pd.DataFrame(indicators.astype(bool), columns=columns)

    def _compute_code_counts(self, side: Side, column: str) -> Floats:
        known = self.is_known(side, column)
        counts = np.bincount(self.explode_codes(side, column).index, minlength=len(known))
        return np.where(known, counts, np.nan)

    def _compute_shared_codes(self, client: str, therapist: str, main: bool) -> SharedCodes:
        client_codes = self.explode_codes("client", client)
        if main:
            client_codes = client_codes[~client_codes.index.duplicated()]
        therapist_codes = self.explode_codes("therapist", therapist)
        return SharedCodes.from_codes(
            client_codes, therapist_codes, self.count_rows("client"), self.count_rows("therapist")
        )

    def _compute_wish_table(self) -> WishTable:
        return WishTable.from_tables(self.tables)

    def _compute_pair_numbers(self, source: PairSource) -> Indices:
        if source == "declined" or source == "offers":
            ids = [pair[:2] for pair in getattr(self.tables.pair_states, source)]
            links = pd.DataFrame(ids, columns=["client_id", "therapist_id"], dtype="str")
        else:
            links = getattr(self.tables, source)
        clients = pd.Index(self.tables.clients["client_id"]).get_indexer(pd.Index(links["client_id"]))
        therapists = pd.Index(self.tables.therapists["therapist_id"]).get_indexer(pd.Index(links["therapist_id"]))
        is_known = (clients >= 0) & (therapists >= 0)
        numbers = clients[is_known] * len(self.tables.therapists) + therapists[is_known]
        return np.asarray(numbers, dtype=np.intp)

    def _is_one_of(self, side: Side, ids: frozenset[str]) -> Bools:
        return self.take_cells(side, f"{side}_id").isin(ids).to_numpy(bool)
