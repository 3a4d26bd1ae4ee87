"""Pairs of clients and therapists as arrays of row numbers: no loop over pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.outcomes.openings import count_openings
from attune_fit.features import cell_values
from attune_fit.features.wish_table import Answer, WishTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Side = Literal["client", "therapist"]
PairSource = Literal["conflicts", "outcomes", "declined", "offers"]  # two tables, then two sets of `Tables.pair_states`
Value = TypeVar("Value")


@dataclass(frozen=True)
class Sides:
    """The columns of both tables as arrays, each computed once and shared by all pairs (memoization)."""

    tables: Tables
    _cache: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def convert_to_numbers(self, side: Side, column: str) -> Floats:
        """Return a column as numbers, shape (rows,); all NaN where the clinic has no such column."""
        return self.compute_once(
            ("numbers", side, column), lambda: cell_values.convert_to_numbers(self._cells(side, column))
        )

    def is_known(self, side: Side, column: str) -> Bools:
        """Return whether each row's cell is known, shape (rows,)."""
        return self.compute_once(("known", side, column), lambda: self._cells(side, column).notna().to_numpy(bool))

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
            ("listed", side, column), lambda: cell_values.explode_codes(self._cells(side, column))
        )

    def build_indicators(self, side: Side, column: str) -> pd.DataFrame:
        """Return the indicators of a code or set column, (rows, codes that occur); all False in an unknown row."""
        return self.compute_once(("codes", side, column), lambda: self._compute_indicators(side, column))

    def count_codes(self, side: Side, column: str) -> Floats:
        """Count the codes of each row, shape (rows,); NaN where unknown."""
        return self.compute_once(("sizes", side, column), lambda: self._compute_code_counts(side, column))

    def build_shared_indicators(self, client: str, therapist: str, main: bool = False) -> tuple[Floats, Floats]:
        """Return indicators of the codes that occur on both sides: (clients, codes) and (therapists, codes).

        ``main`` keeps only the first code of each client's cell.
        """
        return self.compute_once(
            ("overlap", client, therapist, main), lambda: self._compute_shared_indicators(client, therapist, main)
        )

    def build_wish_table(self) -> WishTable:
        """Return the clients' wishes with every therapist's answer to them."""
        return self.compute_once("wishes", lambda: WishTable.from_tables(self.tables))

    def list_pair_numbers(self, source: PairSource) -> Indices:
        """Return client row * number of therapists + therapist row for each known pair that the source names."""
        return self.compute_once(("pairs", source), lambda: self._compute_pair_numbers(source))

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

    def _cells(self, side: Side, column: str) -> pd.Series:
        frame = self.tables.clients if side == "client" else self.tables.therapists
        return frame[column] if column in frame else pd.Series(index=frame.index, dtype="str")

    def _is_one_of(self, side: Side, ids: frozenset[str]) -> Bools:
        return self._cells(side, f"{side}_id").isin(ids).to_numpy(bool)

    def _compute_indicators(self, side: Side, column: str) -> pd.DataFrame:
        codes = self.explode_codes(side, column)
        columns = pd.Index(sorted(codes.unique()), dtype="str")
        indicators = cell_values.build_indicator_matrix(codes, columns, len(self._cells(side, column)))
        return pd.DataFrame(indicators.astype(bool), columns=columns)

    def _compute_code_counts(self, side: Side, column: str) -> Floats:
        known = self.is_known(side, column)
        counts = np.bincount(self.explode_codes(side, column).index, minlength=len(known))
        return np.where(known, counts, np.nan)

    def _compute_shared_indicators(self, client: str, therapist: str, main: bool) -> tuple[Floats, Floats]:
        client_codes = self.explode_codes("client", client)
        therapist_codes = self.explode_codes("therapist", therapist)
        if main:
            client_codes = client_codes[~client_codes.index.duplicated()]
        shared = pd.Index(np.intersect1d(client_codes.to_numpy(str), therapist_codes.to_numpy(str)))
        return (
            cell_values.build_indicator_matrix(client_codes, shared, len(self.tables.clients)),
            cell_values.build_indicator_matrix(therapist_codes, shared, len(self.tables.therapists)),
        )

    def compute_once(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what ``compute`` returned for the first call with this key (memoization)."""
        if key not in self._cache:
            self._cache[key] = compute()
        value: Value = self._cache[key]
        return value


@dataclass(frozen=True)
class Pairs:
    """Some clients and some therapists: either every client with every therapist (a cross), or a list of pairs.

    Every method returns an array that broadcasts to :attr:`shape`: ``(n, m)`` for :meth:`cross`, ``(k,)`` for
    :meth:`from_rows`. A feature is written once and works for both. Unknown is NaN.

    Attributes
    ----------
    sides : Sides
        Both tables.
    client_rows, therapist_rows : arrays of int
        Row numbers in the two tables; shapes (n, 1) and (1, m), or both (k,).
    """

    sides: Sides
    client_rows: Indices
    therapist_rows: Indices

    @classmethod
    def cross(cls, sides: Sides, client_rows: Sequence[int] | Indices | None = None) -> Pairs:
        """Pair each of the clients (all when None) with every therapist: shape (clients, therapists)."""
        rows = np.arange(len(sides.tables.clients)) if client_rows is None else np.asarray(client_rows, dtype=np.intp)
        return cls(sides, rows[:, None], np.arange(len(sides.tables.therapists))[None, :])

    @classmethod
    def from_rows(
        cls, sides: Sides, client_rows: Sequence[int] | Indices, therapist_rows: Sequence[int] | Indices
    ) -> Pairs:
        """Pair client ``i`` with therapist ``i``: shape (pairs,)."""
        return cls(sides, np.asarray(client_rows, dtype=np.intp), np.asarray(therapist_rows, dtype=np.intp))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the pairs: ``(clients, therapists)`` or ``(pairs,)``."""
        return np.broadcast_shapes(self.client_rows.shape, self.therapist_rows.shape)

    @property
    def is_cross(self) -> bool:
        """Whether every client is paired with every therapist; else the pairs are a list."""
        return self.client_rows.ndim == 2

    def take_client_numbers(self, column: str) -> Floats:
        """Return the client's number, shape (n, 1) or (k,); NaN where unknown."""
        return self.sides.convert_to_numbers("client", column)[self.client_rows]

    def take_therapist_numbers(self, column: str) -> Floats:
        """Return the therapist's number, shape (1, m) or (k,); NaN where unknown."""
        return self.sides.convert_to_numbers("therapist", column)[self.therapist_rows]

    def is_known(self, side: Side, column: str) -> Bools:
        """Return whether the cell of that side is known."""
        return self.sides.is_known(side, column)[self._rows(side)]

    def is_unreadable(self, side: Side, column: str) -> Bools:
        """Return whether the cell of that side is there and cannot be read."""
        return self.sides.is_unreadable(side, column)[self._rows(side)]

    def is_set_aside(self, side: Side) -> Bools:
        """Return whether the client or therapist is set aside."""
        return self.sides.is_set_aside(side)[self._rows(side)]

    def has_code(self, side: Side, column: str, code: str) -> Floats:
        """Return 1 where the cell holds ``code``, 0 where it does not, NaN where it is unknown."""
        codes = self.sides.build_indicators(side, column)
        has = codes[code].to_numpy(np.float64) if code in codes else np.zeros(len(codes))
        return np.where(self.sides.is_known(side, column), has, np.nan)[self._rows(side)]

    def count_codes(self, side: Side, column: str) -> Floats:
        """Count the codes of the cell; NaN where unknown."""
        return self.sides.count_codes(side, column)[self._rows(side)]

    def count_shared_codes(self, client: str, therapist: str, main: bool = False) -> Floats:
        """Count the codes that the client's and the therapist's cell have in common; NaN where either is unknown.

        ``main`` uses only the first code of the client's cell.
        """
        of_clients, of_therapists = self.sides.build_shared_indicators(client, therapist, main)
        if self.is_cross:
            counts = of_clients[self.client_rows[:, 0]] @ of_therapists[self.therapist_rows[0]].T
        else:
            counts = np.einsum("ij,ij->i", of_clients[self.client_rows], of_therapists[self.therapist_rows])
        return np.where(self.is_known("client", client) & self.is_known("therapist", therapist), counts, np.nan)

    def has_shared_code(self, client: str, therapist: str) -> Floats:
        """Return 1 where the two cells have a code in common, 0 where not, NaN where either is unknown."""
        shared = self.count_shared_codes(client, therapist)
        return np.where(np.isnan(shared), np.nan, (shared > 0).astype(float))

    def count_wishes(self, strength: str, answer: Answer, attribute: str | None = None) -> Floats:
        """Count the client's wishes of one strength that have one answer: met, unmet, or unknown.

        For ``avoid`` and ``never``, *met* means that the therapist has what the client does not want.
        """
        wish_table = self.sides.build_wish_table()
        return wish_table.count_wishes(self.client_rows, self.therapist_rows, strength, answer, attribute)

    def count_stated_wishes(self, strength: str) -> Floats:
        """Count the wishes of one strength that the client states; 0 for none, never NaN."""
        return self.sides.build_wish_table().wish_counts[strength][self.client_rows]

    def broadcast(self, values: Floats | Bools | float) -> Floats:
        """Return a copy of the values broadcast to :attr:`shape`."""
        return np.array(np.broadcast_to(np.asarray(values, dtype=float), self.shape))

    def _rows(self, side: Side) -> Indices:
        return self.client_rows if side == "client" else self.therapist_rows
