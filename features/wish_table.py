"""Clients' wishes, and every therapist's answer to each: met, unmet or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.data.number_ranges import parse_range
from attune_fit.features import cell_values
from attune_fit.features.stated_wishes import StatedWishes
from attune_fit.features.wish_answers import ANSWER_VALUES, ANSWERS, AnswerCodes, WishAnswers, WishGroup, find_runs

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


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
    stated_wishes : StatedWishes
        Of all strengths.
    """

    attributes: tuple[str, ...]
    attribute_numbers: Indices
    values: tuple[str, ...]
    answer_codes: AnswerCodes
    stated_wishes: StatedWishes

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
        given = wishes[["row", "wish"]].assign(strength=pd.Index(STRENGTHS).get_indexer(pd.Index(wishes["strength"])))
        given = given[given["strength"] >= 0].drop_duplicates()
        stated = StatedWishes.from_entries(
            given["row"].to_numpy(np.intp),
            given["wish"].to_numpy(np.intp),
            given["strength"].to_numpy(np.int8),
            len(tables.clients),
        )
        return cls(
            tuple(map(str, attributes)), numbers.astype(np.intp), tuple(map(str, distinct["value"])), codes, stated
        )

    @cached_property
    def stated(self) -> dict[str, StatedWishes]:
        """The wishes of each strength alone."""
        return {strength: self.stated_wishes.select(strength) for strength in STRENGTHS}

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
        copies = np.flatnonzero(has_wishes)
        owners, entries = self.stated_wishes.list_entries(client_rows[copies])
        kept, wishes = np.unique(self.stated_wishes.wishes[entries], return_inverse=True)
        codes = self.answer_codes[kept[:, None], therapist_rows]
        attribute_numbers = self.attribute_numbers[kept]
        for number, attribute in enumerate(self.attributes):
            if attribute in hidden_rows:
                codes[np.ix_(attribute_numbers == number, hidden_rows[attribute])] = ANSWERS.index("unknown")
        strengths = self.stated_wishes.strengths[entries]
        stated = StatedWishes.from_entries(copies[owners], wishes, strengths, len(client_rows))
        values = tuple(self.values[wish] for wish in kept.tolist())
        return WishTable(self.attributes, attribute_numbers, values, codes, stated)

    def find_answers(
        self, client_rows: Indices, therapist_rows: Indices, strengths: Sequence[str] = STRENGTHS
    ) -> WishAnswers:
        """Find the answers to the clients' wishes.

        Parameters
        ----------
        client_rows, therapist_rows : arrays of int
            Rows of the two tables: shapes (n, 1) and (1, m) for every client with every therapist, else both (k,).
            A list is faster where pairs of one client follow one another.
        strengths : sequence of str
            Only wishes of these strengths.
        """
        is_cross = client_rows.ndim == 2
        first, lengths = (np.arange(0), np.arange(0)) if is_cross else find_runs(client_rows)
        owners, entries = self._list_entries(client_rows[:, 0] if is_cross else client_rows[first], strengths)
        wishes = self.stated_wishes.wishes[entries]
        numbers = self.stated_wishes.strengths[entries] * np.intp(len(self.attributes)) + self.attribute_numbers[wishes]
        order = np.argsort(numbers, kind="stable")
        owners, wishes, numbers = owners[order], wishes[order], numbers[order]
        if is_cross:
            groups = self._find_groups(numbers, np.arange(len(numbers) + 1))
            return WishAnswers(groups, owners, self.answer_codes[wishes[:, None], therapist_rows], len(client_rows))
        counts = lengths[owners]  # from an entry of each run to an entry of each pair
        ends = np.concatenate([[0], np.cumsum(counts)])
        pairs = np.repeat(first[owners] - ends[:-1], counts)
        pairs += np.arange(len(pairs))
        places = np.repeat(wishes * self.answer_codes.shape[1], counts)
        places += therapist_rows[pairs]
        codes = self.answer_codes.ravel()[places]  # faster than two indices
        return WishAnswers(self._find_groups(numbers, ends), pairs, codes, len(client_rows))

    def _find_groups(self, numbers: Indices, ends: Indices) -> dict[WishGroup, slice]:
        """Find the entries of each group, where entries ``ends[i]`` to ``ends[i + 1]`` are of the group ``numbers[i]``.

        The numbers are ascending, so the groups of one strength follow one another.
        """
        groups: dict[WishGroup, slice] = {}
        first, lengths = find_runs(numbers)
        for number, start, end in zip(
            numbers[first].tolist(), ends[first].tolist(), ends[first + lengths].tolist(), strict=True
        ):
            strength, attribute = divmod(number, len(self.attributes))
            groups[STRENGTHS[strength], self.attributes[attribute]] = slice(start, end)
            any_column = STRENGTHS[strength], None
            groups[any_column] = slice(groups[any_column].start if any_column in groups else start, end)
        return groups

    def count_stated(self, strength: str, client_rows: Indices) -> Floats:
        """Count the wishes of one strength that each client states, shape of ``client_rows``."""
        counts: Floats = self.stated_wishes.counts[STRENGTHS.index(strength)][client_rows]
        return counts

    def has_wish_about(self, attribute: str, client_rows: Indices, strengths: Sequence[str] = STRENGTHS) -> Bools:
        """Return whether each client has a wish about a column of the therapists, shape (k,) as ``client_rows``."""
        has = np.zeros(len(client_rows), dtype=bool)
        if attribute in self.attributes:
            owners, entries = self._list_entries(client_rows, strengths)
            is_about = self.attribute_numbers[self.stated_wishes.wishes[entries]] == self.attributes.index(attribute)
            has[owners[is_about]] = True
        return has

    def _list_entries(self, client_rows: Indices, strengths: Sequence[str]) -> tuple[Indices, Indices]:
        """Return the position in ``client_rows`` and the number of each entry of some strengths."""
        owners, entries = self.stated_wishes.list_entries(client_rows)
        if tuple(strengths) == STRENGTHS:
            return owners, entries
        numbers = [STRENGTHS.index(strength) for strength in strengths]
        is_selected = np.isin(self.stated_wishes.strengths[entries], numbers)
        return owners[is_selected], entries[is_selected]

    def list_client_wishes(self, client_row: int) -> list[tuple[str, str, str, Floats]]:
        """List one client's wishes as (strength, attribute, value, answers of every therapist).

        An answer is 1 where the therapist meets the wish, 0 where not, NaN where the therapist's cell is unknown.
        """
        stated = self.stated_wishes
        entries = slice(stated.starts[client_row], stated.starts[client_row + 1])
        return [
            (
                STRENGTHS[strength],
                self.attributes[self.attribute_numbers[wish]],
                self.values[wish],
                ANSWER_VALUES[self.answer_codes[wish]],
            )
            for strength, wish in zip(stated.strengths[entries].tolist(), stated.wishes[entries].tolist(), strict=True)
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
