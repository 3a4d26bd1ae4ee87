"""Pairs of clients and therapists, and the frame of their features: arrays all the way, never a loop over pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.features import cell_values
from attune_fit.features.wish_table import Answer, WishTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.feature import Feature

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Side = Literal["client", "therapist"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Sides:
    """Both tables made ready for array work, each column once, shared by all pairs of them."""

    tables: Tables
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def numbers(self, side: Side, column: str) -> Floats:
        """A column as numbers, shape (rows,); all NaN where the clinic has no such column."""
        return self._once(("numbers", side, column), lambda: cell_values.convert_to_numbers(self._cells(side, column)))

    def known(self, side: Side, column: str) -> Bools:
        """Whether each row's cell is known, shape (rows,)."""
        return self._once(("known", side, column), lambda: self._cells(side, column).notna().to_numpy(bool))

    def listed(self, side: Side, column: str) -> pd.Series:
        """The codes of a code or set column, labelled by row; see :func:`explode_codes`."""
        return self._once(("listed", side, column), lambda: cell_values.explode_codes(self._cells(side, column)))

    def codes(self, side: Side, column: str) -> pd.DataFrame:
        """Indicators of a code or set column, (rows, codes that occur); a row is all False where unknown."""
        return self._once(("codes", side, column), lambda: self._codes(side, column))

    def sizes(self, side: Side, column: str) -> Floats:
        """How many codes each row holds, shape (rows,); NaN where unknown."""
        return self._once(("sizes", side, column), lambda: self._sizes(side, column))

    def overlap(self, client: str, therapist: str, main: bool = False) -> tuple[Floats, Floats]:
        """Indicators of the codes that occur on both sides: (clients, codes) and (therapists, codes).

        ``main`` keeps only the first code of each client's cell.
        """
        return self._once(("overlap", client, therapist, main), lambda: self._overlap(client, therapist, main))

    def wishlist(self) -> WishTable:
        """What clients wish, against every therapist."""
        return self._once("wishes", lambda: WishTable.of(self.tables))

    def _cells(self, side: Side, column: str) -> pd.Series:
        frame = self.tables.clients if side == "client" else self.tables.therapists
        return frame[column] if column in frame else pd.Series(index=frame.index, dtype="str")

    def _codes(self, side: Side, column: str) -> pd.DataFrame:
        codes = self.listed(side, column)
        columns = pd.Index(sorted(codes.unique()), dtype="str")
        held = cell_values.build_indicator_matrix(codes, columns, len(self._cells(side, column)))
        return pd.DataFrame(held.astype(bool), columns=columns)

    def _sizes(self, side: Side, column: str) -> Floats:
        known = self.known(side, column)
        held = np.bincount(self.listed(side, column).index, minlength=len(known))
        return np.where(known, held, np.nan)

    def _overlap(self, client: str, therapist: str, main: bool) -> tuple[Floats, Floats]:
        ours, theirs = self.listed("client", client), self.listed("therapist", therapist)
        if main:
            ours = ours[~ours.index.duplicated()]
        both = pd.Index(np.intersect1d(ours.to_numpy(str), theirs.to_numpy(str)))
        clients, therapists = len(self.tables.clients), len(self.tables.therapists)
        return cell_values.build_indicator_matrix(ours, both, clients), cell_values.build_indicator_matrix(
            theirs, both, therapists
        )

    def _once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        if key not in self._kept:
            self._kept[key] = make()
        made: Value = self._kept[key]
        return made


@dataclass(frozen=True)
class Pairs:
    """Some clients and some therapists, either everyone with everyone or one by one.

    Every method returns an array that broadcasts to :attr:`shape`: ``(n, m)`` for :meth:`cross`, ``(k,)`` for
    :meth:`check_already_met`. A feature is written once and serves both. Unknown is NaN.
    """

    sides: Sides
    client_rows: Rows
    therapist_rows: Rows

    @classmethod
    def cross(cls, sides: Sides, client_rows: Sequence[int] | Rows | None = None) -> Pairs:
        """Each of the clients (all when None) with every therapist of the roster: shape (clients, therapists)."""
        rows = np.arange(len(sides.tables.clients)) if client_rows is None else np.asarray(client_rows, dtype=np.intp)
        return cls(sides, rows[:, None], np.arange(len(sides.tables.therapists))[None, :])

    @classmethod
    def met(cls, sides: Sides, client_rows: Sequence[int] | Rows, therapist_rows: Sequence[int] | Rows) -> Pairs:
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

    def client(self, column: str) -> Floats:
        """The client's number, (n, 1) or (k,)."""
        return self.sides.numbers("client", column)[self.client_rows]

    def therapist(self, column: str) -> Floats:
        """The therapist's number, (1, m) or (k,)."""
        return self.sides.numbers("therapist", column)[self.therapist_rows]

    def known(self, side: Side, column: str) -> Bools:
        """Whether the cell of that side is known."""
        return self.sides.known(side, column)[self._rows(side)]

    def has(self, side: Side, column: str, code: str) -> Floats:
        """1 where the code or set holds ``code``, 0 where it does not, NaN where unknown."""
        codes = self.sides.codes(side, column)
        held = codes[code].to_numpy(np.float64) if code in codes else np.zeros(len(codes))
        return np.where(self.sides.known(side, column), held, np.nan)[self._rows(side)]

    def count(self, side: Side, column: str) -> Floats:
        """How many codes the set holds; NaN where unknown."""
        return self.sides.sizes(side, column)[self._rows(side)]

    def shared(self, client: str, therapist: str, main: bool = False) -> Floats:
        """How many codes the client's and the therapist's cell have in common; NaN where either is unknown.

        ``main`` looks only at the first code of the client's cell.
        """
        ours, theirs = self.sides.overlap(client, therapist, main)
        if self.is_cross:
            counts = ours[self.client_rows[:, 0]] @ theirs[self.therapist_rows[0]].T
        else:
            counts = np.einsum("ij,ij->i", ours[self.client_rows], theirs[self.therapist_rows])
        return np.where(self.known("client", client) & self.known("therapist", therapist), counts, np.nan)

    def same(self, client: str, therapist: str) -> Floats:
        """1 where the two cells have a code in common, 0 where not, NaN where either is unknown."""
        shared = self.shared(client, therapist)
        return np.where(np.isnan(shared), np.nan, (shared > 0).astype(float))

    def wishes(self, strength: str, answer: Answer, attribute: str | None = None) -> Floats:
        """How many of the client's wishes of that strength the therapist meets, does not meet, or may meet.

        For ``avoid`` and ``never``, *met* means that the therapist has what the client does not want.
        """
        return self.sides.wishlist().counts(self, strength, answer, attribute)

    def stated(self, strength: str) -> Floats:
        """How many wishes of that strength the client states; 0 for none, always known."""
        return self.sides.wishlist().stated[strength][self.client_rows]

    def full(self, values: Floats | Bools | float) -> Floats:
        """Values spread over :attr:`shape`."""
        return np.array(np.broadcast_to(np.asarray(values, dtype=float), self.shape))

    def _rows(self, side: Side) -> Rows:
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
    def of(cls, pairs: Pairs, features: Sequence[Feature]) -> PairFrame:
        """Build the columns of ``features`` for ``pairs``; time and memory grow with their number."""
        values = np.empty((*pairs.shape, len(features)))
        for position, feature in enumerate(features):
            values[..., position] = feature.function(pairs)
        return cls(tuple(features), values)

    def standard(self) -> Floats:
        """``(value - center) / scale`` of each feature; NaN where unknown."""
        center = np.array([feature.center for feature in self.features])
        scale = np.array([feature.scale for feature in self.features])
        standard: Floats = self.values - center
        standard /= scale  # in place: of many pairs, a copy less counts
        return standard
