"""Pairs of clients and therapists as arrays of row numbers: no loop over pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.features.sides import Side, Sides
from attune_fit.features.wish_answers import ANSWERS, Answer, AnswerCounts, WishAnswers

Value = TypeVar("Value")


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
    _memo: dict[Hashable, Any] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def cross(cls, sides: Sides, client_rows: Sequence[int] | Indices | None = None) -> Pairs:
        """Pair each of the clients (all when None) with every therapist: shape (clients, therapists)."""
        rows = np.arange(sides.count_rows("client")) if client_rows is None else np.asarray(client_rows, dtype=np.intp)
        return cls(sides, rows[:, None], np.arange(sides.count_rows("therapist"))[None, :])

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

    def iterate_blocks(self, n_pairs: int) -> Iterator[tuple[slice, Pairs]]:
        """Iterate over the pairs in blocks of about ``n_pairs``: rows of clients of a cross, or parts of a list.

        Yields
        ------
        slice
            The place of the block along the first axis of :attr:`shape`.
        Pairs
            They keep what several features ask for (:meth:`compute_once`), so drop them after use.
        """
        length = self.shape[0]
        step = max(1, n_pairs // max(1, self.therapist_rows.size)) if self.is_cross else n_pairs
        for start in range(0, length, step):
            place = slice(start, start + step)
            therapist_rows = self.therapist_rows if self.is_cross else self.therapist_rows[place]
            block = Pairs(self.sides, self.client_rows[place], therapist_rows)
            object.__setattr__(block, "_memo", {})
            yield place, block

    def compute_once(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what ``compute`` returned for the first call with this key, in a block; no caller writes into it.

        Other pairs keep nothing, because arrays of many pairs take much memory: each call computes.
        """
        if self._memo is None:
            return compute()
        if key not in self._memo:
            self._memo[key] = compute()
        value: Value = self._memo[key]
        return value

    def take_client_numbers(self, column: str) -> Floats:
        """Return the client's number, shape (n, 1) or (k,); NaN where unknown."""
        return self.compute_once(
            ("client number", column), lambda: self.sides.convert_to_numbers("client", column)[self.client_rows]
        )

    def take_therapist_numbers(self, column: str) -> Floats:
        """Return the therapist's number, shape (1, m) or (k,); NaN where unknown."""
        return self.compute_once(
            ("therapist number", column),
            lambda: self.sides.convert_to_numbers("therapist", column)[self.therapist_rows],
        )

    def is_known(self, side: Side, column: str) -> Bools:
        """Return whether the cell of that side is known."""
        return self.compute_once(("known", side, column), lambda: self.sides.is_known(side, column)[self._rows(side)])

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
        return self.compute_once(
            ("shared codes", client, therapist, main), lambda: self._count_shared_codes(client, therapist, main)
        )

    def has_shared_code(self, client: str, therapist: str) -> Floats:
        """Return 1 where the two cells have a code in common, 0 where not, NaN where either is unknown."""
        has_any = self.sides.encode_shared_codes(client, therapist).has_any(self.client_rows, self.therapist_rows)
        return np.where(self.is_known("client", client) & self.is_known("therapist", therapist), has_any, np.nan)

    def count_wishes(self, strength: str, answer: Answer, attribute: str | None = None) -> Floats:
        """Count the client's wishes of one strength that have one answer: met, unmet, or unknown; shape of the pairs.

        For ``avoid`` and ``never``, *met* means that the therapist has what the client does not want. ``attribute``
        counts only wishes about one column of the therapists.
        """
        return self.broadcast(self.count_answers(strength, attribute)[ANSWERS.index(answer)])

    def count_answers(self, strength: str, attribute: str | None = None) -> AnswerCounts:
        """Count the wishes of one strength that are met, unmet and unknown, as three arrays along the first axis.

        Each is a single 0 where no client has such a wish. ``attribute`` counts only wishes about one column of the
        therapists.
        """

        def count() -> AnswerCounts:
            # a block finds the answers to wishes of all strengths together, because it keeps them
            strengths = (strength,) if self._memo is None else STRENGTHS
            return self.compute_once(("answers",), lambda: self._find_answers(strengths)).count(strength, attribute)

        return self.compute_once(("wishes", strength, attribute), count)

    def count_stated_wishes(self, strength: str) -> Floats:
        """Count the wishes of one strength that the client states; 0 for none, never NaN."""
        return self.sides.build_wish_table().count_stated(strength, self.client_rows)

    def broadcast(self, values: Floats | Bools | float) -> Floats:
        """Return a copy of the values broadcast to :attr:`shape`."""
        return np.array(np.broadcast_to(np.asarray(values, dtype=float), self.shape))

    def _rows(self, side: Side) -> Indices:
        return self.client_rows if side == "client" else self.therapist_rows

    def _count_shared_codes(self, client: str, therapist: str, main: bool) -> Floats:
        counts = self.sides.encode_shared_codes(client, therapist, main).count(self.client_rows, self.therapist_rows)
        return np.where(self.is_known("client", client) & self.is_known("therapist", therapist), counts, np.nan)

    def _find_answers(self, strengths: Sequence[str]) -> WishAnswers:
        return self.sides.build_wish_table().find_answers(self.client_rows, self.therapist_rows, strengths)
