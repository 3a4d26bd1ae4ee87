"""Pairs of clients and therapists, and the frame of their features: arrays all the way, never a loop over pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features import cell_values
from attune_fit.features.wish_table import Answer, WishTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.feature import Feature

Side = Literal["client", "therapist"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Sides:
    """Both tables made ready for array work, each column once, shared by all pairs of them."""

    tables: Tables
    _cache: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def convert_to_numbers(self, side: Side, column: str) -> Floats:
        """A column as numbers, shape (rows,); all NaN where the clinic has no such column."""
        return self._compute_once(
            ("numbers", side, column), lambda: cell_values.convert_to_numbers(self._cells(side, column))
        )

    def is_known(self, side: Side, column: str) -> Bools:
        """Whether each row's cell is known, shape (rows,)."""
        return self._compute_once(("known", side, column), lambda: self._cells(side, column).notna().to_numpy(bool))

    def explode_codes(self, side: Side, column: str) -> pd.Series:
        """The codes of a code or set column, labelled by row; see :func:`explode_codes`."""
        return self._compute_once(
            ("listed", side, column), lambda: cell_values.explode_codes(self._cells(side, column))
        )

    def build_indicators(self, side: Side, column: str) -> pd.DataFrame:
        """Indicators of a code or set column, (rows, codes that occur); a row is all False where unknown."""
        return self._compute_once(("codes", side, column), lambda: self._compute_indicators(side, column))

    def count_codes(self, side: Side, column: str) -> Floats:
        """How many codes each row holds, shape (rows,); NaN where unknown."""
        return self._compute_once(("sizes", side, column), lambda: self._compute_code_counts(side, column))

    def build_shared_indicators(self, client: str, therapist: str, main: bool = False) -> tuple[Floats, Floats]:
        """Indicators of the codes that occur on both sides: (clients, codes) and (therapists, codes).

        ``main`` keeps only the first code of each client's cell.
        """
        return self._compute_once(
            ("overlap", client, therapist, main), lambda: self._compute_shared_indicators(client, therapist, main)
        )

    def build_wish_table(self) -> WishTable:
        """What clients wish, against every therapist."""
        return self._compute_once("wishes", lambda: WishTable.from_tables(self.tables))

    def _cells(self, side: Side, column: str) -> pd.Series:
        frame = self.tables.clients if side == "client" else self.tables.therapists
        return frame[column] if column in frame else pd.Series(index=frame.index, dtype="str")

    def _compute_indicators(self, side: Side, column: str) -> pd.DataFrame:
        codes = self.explode_codes(side, column)
        columns = pd.Index(sorted(codes.unique()), dtype="str")
        held = cell_values.build_indicator_matrix(codes, columns, len(self._cells(side, column)))
        return pd.DataFrame(held.astype(bool), columns=columns)

    def _compute_code_counts(self, side: Side, column: str) -> Floats:
        known = self.is_known(side, column)
        held = np.bincount(self.explode_codes(side, column).index, minlength=len(known))
        return np.where(known, held, np.nan)

    def _compute_shared_indicators(self, client: str, therapist: str, main: bool) -> tuple[Floats, Floats]:
        ours, theirs = self.explode_codes("client", client), self.explode_codes("therapist", therapist)
        if main:
            ours = ours[~ours.index.duplicated()]
        both = pd.Index(np.intersect1d(ours.to_numpy(str), theirs.to_numpy(str)))
        clients, therapists = len(self.tables.clients), len(self.tables.therapists)
        return cell_values.build_indicator_matrix(ours, both, clients), cell_values.build_indicator_matrix(
            theirs, both, therapists
        )

    def _compute_once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        if key not in self._cache:
            self._cache[key] = make()
        made: Value = self._cache[key]
        return made


@dataclass(frozen=True)
class Pairs:
    """Some clients and some therapists, either everyone with everyone or one by one.

    Every method returns an array that broadcasts to :attr:`shape`: ``(n, m)`` for :meth:`cross`, ``(k,)`` for
    :meth:`check_already_met`. A feature is written once and serves both. Unknown is NaN.
    """

    sides: Sides
    client_rows: Indices
    therapist_rows: Indices

    @classmethod
    def cross(cls, sides: Sides, client_rows: Sequence[int] | Indices | None = None) -> Pairs:
        """Each of the clients (all when None) with every therapist of the roster: shape (clients, therapists)."""
        rows = np.arange(len(sides.tables.clients)) if client_rows is None else np.asarray(client_rows, dtype=np.intp)
        return cls(sides, rows[:, None], np.arange(len(sides.tables.therapists))[None, :])

    @classmethod
    def from_rows(
        cls, sides: Sides, client_rows: Sequence[int] | Indices, therapist_rows: Sequence[int] | Indices
    ) -> Pairs:
        """Client ``i`` with therapist ``i``: shape (pairs,)."""
        return cls(sides, np.asarray(client_rows, dtype=np.intp), np.asarray(therapist_rows, dtype=np.intp))

    @property
    def shape(self) -> tuple[int, ...]:
        """``(clients, therapists)`` or ``(pairs,)``."""
        return np.broadcast_shapes(self.client_rows.shape, self.therapist_rows.shape)

    @property
    def is_cross(self) -> bool:
        """Everyone with everyone, or one by one."""
        return self.client_rows.ndim == 2

    def take_client_numbers(self, column: str) -> Floats:
        """The client's number, (n, 1) or (k,)."""
        return self.sides.convert_to_numbers("client", column)[self.client_rows]

    def take_therapist_numbers(self, column: str) -> Floats:
        """The therapist's number, (1, m) or (k,)."""
        return self.sides.convert_to_numbers("therapist", column)[self.therapist_rows]

    def is_known(self, side: Side, column: str) -> Bools:
        """Whether the cell of that side is known."""
        return self.sides.is_known(side, column)[self._rows(side)]

    def has_code(self, side: Side, column: str, code: str) -> Floats:
        """1 where the code or set holds ``code``, 0 where it does not, NaN where unknown."""
        codes = self.sides.build_indicators(side, column)
        held = codes[code].to_numpy(np.float64) if code in codes else np.zeros(len(codes))
        return np.where(self.sides.is_known(side, column), held, np.nan)[self._rows(side)]

    def count_codes(self, side: Side, column: str) -> Floats:
        """How many codes the set holds; NaN where unknown."""
        return self.sides.count_codes(side, column)[self._rows(side)]

    def count_shared_codes(self, client: str, therapist: str, main: bool = False) -> Floats:
        """How many codes the client's and the therapist's cell have in common; NaN where either is unknown.

        ``main`` looks only at the first code of the client's cell.
        """
        ours, theirs = self.sides.build_shared_indicators(client, therapist, main)
        if self.is_cross:
            counts = ours[self.client_rows[:, 0]] @ theirs[self.therapist_rows[0]].T
        else:
            counts = np.einsum("ij,ij->i", ours[self.client_rows], theirs[self.therapist_rows])
        return np.where(self.is_known("client", client) & self.is_known("therapist", therapist), counts, np.nan)

    def has_shared_code(self, client: str, therapist: str) -> Floats:
        """1 where the two cells have a code in common, 0 where not, NaN where either is unknown."""
        shared = self.count_shared_codes(client, therapist)
        return np.where(np.isnan(shared), np.nan, (shared > 0).astype(float))

    def count_wishes(self, strength: str, answer: Answer, attribute: str | None = None) -> Floats:
        """How many of the client's wishes of that strength the therapist meets, does not meet, or may meet.

        For ``avoid`` and ``never``, *met* means that the therapist has what the client does not want.
        """
        return self.sides.build_wish_table().count_wishes(self, strength, answer, attribute)

    def count_stated_wishes(self, strength: str) -> Floats:
        """How many wishes of that strength the client states; 0 for none, always known."""
        return self.sides.build_wish_table().wish_counts[strength][self.client_rows]

    def broadcast(self, values: Floats | Bools | float) -> Floats:
        """Values spread over :attr:`shape`."""
        return np.array(np.broadcast_to(np.asarray(values, dtype=float), self.shape))

    def _rows(self, side: Side) -> Indices:
        return self.client_rows if side == "client" else self.therapist_rows


@dataclass(frozen=True)
class PairFrame:
    """The features of some pairs.

    Attributes
    ----------
    features : tuple of Feature
        One for each entry of the last axis.
    values : array of shape (*pairs.shape, n_features)
        Each in its own unit; NaN where unknown.
    """

    features: tuple[Feature, ...]
    values: Floats

    @classmethod
    def from_pairs(cls, pairs: Pairs, features: Sequence[Feature]) -> PairFrame:
        """Build the columns of ``features`` for ``pairs``; time and memory grow with their number."""
        values = np.empty((*pairs.shape, len(features)))
        for position, feature in enumerate(features):
            values[..., position] = feature.function(pairs)
        return cls(tuple(features), values)

    def standardize(self) -> Floats:
        """``(value - center) / scale`` of each feature; NaN where unknown."""
        center = np.array([feature.center for feature in self.features])
        scale = np.array([feature.scale for feature in self.features])
        standard: Floats = self.values - center
        standard /= scale  # in place: of many pairs, a copy less counts
        return standard
