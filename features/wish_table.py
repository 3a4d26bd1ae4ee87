"""Clients' wishes, and every therapist's answer to each: met, unmet or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.data.number_ranges import parse_range
from attune_fit.features import cell_values
from attune_fit.features.wish_answers import ANSWER_VALUES, ANSWERS, Answer, AnswerCodes, WishAnswers

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class StatedWishes:
    """Which clients state which wishes with one strength: the wishes of row i are ``wishes[starts[i]:starts[i + 1]]``.

    Attributes
    ----------
    starts : array of shape (clients + 1,)
    wishes : array of int, shape (stated,)
        Numbers of distinct wishes; those of one client are ascending.
    """

    starts: Indices
    wishes: Indices

    @classmethod
    def from_rows(cls, client_rows: Indices, wishes: Indices, n_clients: int) -> StatedWishes:
        """Sort stated wishes by client, then wish."""
        order = np.lexsort((wishes, client_rows))
        starts = np.concatenate([[0], np.cumsum(np.bincount(client_rows, minlength=n_clients))])
        return cls(starts.astype(np.intp), wishes[order])

    def count(self, client_rows: Indices) -> Indices:
        """Count the wishes of each client, shape of ``client_rows``."""
        return self.starts[client_rows + 1] - self.starts[client_rows]

    def list_entries(self, client_rows: Indices) -> tuple[Indices, Indices]:
        """Return an entry for each wish of each of the rows, shape (k,): the position in ``client_rows``, the wish."""
        counts = self.count(client_rows)
        ends = np.cumsum(counts)
        owner = np.repeat(np.arange(len(client_rows)), counts)
        first_entry = ends - counts
        return owner, self.wishes[np.arange(len(owner)) + (self.starts[client_rows] - first_entry)[owner]]


@dataclass(frozen=True)
class WishTable:
    """Distinct wishes, which clients have them, and which therapists meet them.

    Attributes
    ----------
    attributes : tuple of str
        The columns of the therapists that wishes are about.
    attribute_numbers : array of int, shape (distinct,)
        Position in ``attributes`` of each distinct wish, a pair of column and value.
    values : tuple of str, length distinct
    answer_codes : array of int8, shape (distinct, therapists)
        Position in :data:`ANSWERS`.
    stated : dict of str to StatedWishes
        By strength.
    """

    attributes: tuple[str, ...]
    attribute_numbers: Indices
    values: tuple[str, ...]
    answer_codes: AnswerCodes
    stated: dict[str, StatedWishes]

    @classmethod
    def from_tables(cls, tables: Tables) -> WishTable:
        """Build the table from ``preferences``; wishes of a client without a row in ``clients`` are ignored."""
        rows = pd.Index(tables.clients["client_id"]).get_indexer(pd.Index(tables.preferences["client_id"]))
        wishes = tables.preferences[["attribute", "value", "strength"]].assign(row=rows)[rows >= 0]
        wishes = wishes.assign(wish=wishes.groupby(["attribute", "value"], sort=False, dropna=False).ngroup())
        distinct = wishes.drop_duplicates("wish").reset_index(drop=True)
        codes = np.empty((len(distinct), len(tables.therapists)), dtype=np.int8)
        for attribute, some in distinct.groupby("attribute"):
            codes[some.index] = _match_wishes(tables.therapists[str(attribute)], some["value"])
        numbers, attributes = pd.factorize(distinct["attribute"])
        stated = {}
        for strength in STRENGTHS:
            given = wishes.loc[wishes["strength"] == strength, ["row", "wish"]].drop_duplicates()
            stated[strength] = StatedWishes.from_rows(
                given["row"].to_numpy(np.intp), given["wish"].to_numpy(np.intp), len(tables.clients)
            )
        return cls(
            tuple(map(str, attributes)),
            numbers.astype(np.intp),
            tuple(map(str, distinct["value"])),
            codes,
            stated,
        )

    def take_rows(
        self, client_rows: Indices, therapist_rows: Indices, hidden_rows: Mapping[str, Indices], has_wishes: Bools
    ) -> WishTable:
        """Take copies of some rows, in which some inputs are unknown.

        Parameters
        ----------
        client_rows, therapist_rows : arrays of int, shapes (n,) and (m,)
            The row that each copy copies.
        hidden_rows : mapping of str to array of int
            The copies of therapists in which a column is unknown, by column.
        has_wishes : array of bool, shape (n,)
            Whether each copy of a client keeps the wishes.
        """
        entries = {strength: stated.list_entries(client_rows[has_wishes]) for strength, stated in self.stated.items()}
        kept = np.unique(np.concatenate([wishes for _, wishes in entries.values()]))
        codes = self.answer_codes[kept[:, None], therapist_rows]
        attribute_numbers = self.attribute_numbers[kept]
        for number, attribute in enumerate(self.attributes):
            if attribute in hidden_rows:
                codes[np.ix_(attribute_numbers == number, hidden_rows[attribute])] = ANSWERS.index("unknown")
        copies = np.flatnonzero(has_wishes)
        return WishTable(
            self.attributes,
            attribute_numbers,
            tuple(self.values[wish] for wish in kept.tolist()),
            codes,
            {
                strength: StatedWishes.from_rows(copies[owner], np.searchsorted(kept, wishes), len(client_rows))
                for strength, (owner, wishes) in entries.items()
            },
        )

    def find_answers(self, client_rows: Indices, therapist_rows: Indices, strength: str) -> WishAnswers:
        """Find the answers to the clients' wishes of one strength.

        Parameters
        ----------
        client_rows, therapist_rows : arrays of int
            Rows of the two tables: shapes (n, 1) and (1, m) for every client with every therapist, else both (k,).
        strength : {"must", "prefer", "avoid", "never"}
        """
        if client_rows.ndim == 2:
            owner, wishes = self.stated[strength].list_entries(client_rows[:, 0])
            codes = self.answer_codes[wishes[:, None], therapist_rows]
        else:
            owner, wishes = self.stated[strength].list_entries(client_rows)
            codes = self.answer_codes[wishes, therapist_rows[owner]]
        return WishAnswers(self.attributes, owner, self.attribute_numbers[wishes], codes, len(client_rows))

    def count_wishes(
        self,
        client_rows: Indices,
        therapist_rows: Indices,
        strength: str,
        answer: Answer,
        attribute: str | None = None,
    ) -> Floats:
        """Count the wishes of one strength that have one answer.

        Parameters
        ----------
        client_rows, therapist_rows, strength
            As in :meth:`find_answers`.
        answer : {"met", "unmet", "unknown"}
        attribute : str, optional
            Only wishes about this column of the therapists; all wishes when None.

        Returns
        -------
        array of shape (n, m) or (k,)
            Whole numbers >= 0; never NaN.
        """
        return self.find_answers(client_rows, therapist_rows, strength).count(answer, attribute)

    def count_stated(self, strength: str, client_rows: Indices) -> Floats:
        """Count the wishes of one strength that each client states, shape of ``client_rows``."""
        return self.stated[strength].count(client_rows).astype(np.float64)

    def has_wish_about(self, attribute: str, client_rows: Indices, strengths: Sequence[str] = STRENGTHS) -> Bools:
        """Return whether each client has a wish about a column of the therapists, shape (k,) as ``client_rows``."""
        has = np.zeros(len(client_rows), dtype=bool)
        if attribute in self.attributes:
            number = self.attributes.index(attribute)
            for strength in strengths:
                owner, wishes = self.stated[strength].list_entries(client_rows)
                has[owner[self.attribute_numbers[wishes] == number]] = True
        return has

    def list_client_wishes(self, client_row: int) -> list[tuple[str, str, str, Floats]]:
        """List one client's wishes as (strength, attribute, value, answers of every therapist).

        An answer is 1 where the therapist meets the wish, 0 where not, NaN where the therapist's cell is unknown.
        """
        return [
            (
                strength,
                self.attributes[self.attribute_numbers[wish]],
                self.values[wish],
                ANSWER_VALUES[self.answer_codes[wish]],
            )
            for strength, stated in self.stated.items()
            for wish in stated.wishes[stated.starts[client_row] : stated.starts[client_row + 1]].tolist()
        ]


def _match_wishes(cells: pd.Series, values: pd.Series) -> AnswerCodes:
    """Compare each wished value with each therapist's cell, positions in :data:`ANSWERS`, (values, therapists)."""
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        low, high = np.array([parse_range(value) for value in values]).T[..., None]
        numbers = cell_values.convert_to_numbers(cells)
        is_met, is_unknown = (numbers >= low) & (numbers <= high), np.isnan(numbers)
    else:
        codes = cell_values.explode_codes(cells)
        is_met = cell_values.build_indicator_matrix(codes, pd.Index(values), len(cells)).T > 0
        is_unknown = cells.isna().to_numpy(bool)
    met, unmet, unknown = (np.int8(ANSWERS.index(answer)) for answer in ANSWERS)
    return np.where(is_unknown, unknown, np.where(is_met, met, unmet))
