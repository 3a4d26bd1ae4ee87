"""Clients' wishes, and every therapist's answer to each: met, unmet or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import STRENGTHS
from attune_fit.data.number_ranges import parse_range
from attune_fit.features import cell_values

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Answer = Literal["met", "unmet", "unknown"]
ANSWERS: tuple[Answer, ...] = ("met", "unmet", "unknown")


@dataclass(frozen=True)
class WishTable:
    """Distinct wishes, which clients have them, and which therapists meet them.

    Attributes
    ----------
    distinct_wishes : DataFrame
        One row for each distinct (attribute, value).
    answers : array of shape (distinct, therapists)
        1 where the therapist meets the wish, 0 where not, NaN where the therapist's cell is unknown.
    wish_indicators : dict of str to sparse array of shape (clients, distinct)
        By strength: 1 where the client has the wish.
    wish_counts : dict of str to array of shape (clients,)
        By strength: number of wishes the client has.
    """

    distinct_wishes: pd.DataFrame
    answers: Floats
    wish_indicators: dict[str, sparse.csr_array]
    wish_counts: dict[str, Floats]

    @classmethod
    def from_tables(cls, tables: Tables) -> WishTable:
        """Build the table from ``preferences``; wishes of a client without a row in ``clients`` are ignored."""
        wishes = tables.preferences
        row_of = pd.Series(tables.clients.index, index=tables.clients["client_id"])
        wishes = wishes[wishes["client_id"].isin(row_of.index)]
        distinct = wishes[["attribute", "value"]].drop_duplicates().reset_index(drop=True)
        answers = np.full((len(distinct), len(tables.therapists)), np.nan)
        for attribute, some in distinct.groupby("attribute"):
            answers[some.index] = _match_wishes(tables.therapists[str(attribute)], some["value"])
        number_of = pd.Series(distinct.index, index=pd.MultiIndex.from_frame(distinct))
        indicators: dict[str, sparse.csr_array] = {}
        for strength in STRENGTHS:
            given = wishes[wishes["strength"] == strength].drop_duplicates(["client_id", "attribute", "value"])
            rows = row_of.reindex(given["client_id"]).to_numpy(np.intp)
            columns = number_of.reindex(pd.MultiIndex.from_frame(given[["attribute", "value"]])).to_numpy(np.intp)
            shape = (len(tables.clients), len(distinct))
            indicators[strength] = sparse.csr_array((np.ones(len(given)), (rows, columns)), shape=shape)
        counts = {strength: np.asarray(has.sum(axis=1), dtype=np.float64) for strength, has in indicators.items()}
        return cls(distinct, answers, indicators, counts)

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
        client_rows, therapist_rows : arrays of int
            Rows of the two tables: shapes (n, 1) and (1, m) for every client with every therapist, else both (k,).
        strength : {"must", "prefer", "avoid", "never"}
        answer : {"met", "unmet", "unknown"}
        attribute : str, optional
            Only wishes about this column of the therapists; all wishes when None.

        Returns
        -------
        array of shape (n, m) or (k,)
            Whole numbers >= 0; never NaN.
        """
        is_counted = {"met": self.answers == 1, "unmet": self.answers == 0, "unknown": np.isnan(self.answers)}[answer]
        if attribute is not None:
            is_counted = is_counted & (self.distinct_wishes["attribute"] == attribute).to_numpy()[:, None]
        if client_rows.ndim == 2:
            counts = self.wish_indicators[strength][client_rows[:, 0]] @ is_counted[:, therapist_rows[0]].astype(float)
            return np.asarray(counts)
        wishes = self.wish_indicators[strength][client_rows].tocoo()  # one entry for each wish of each pair
        weights = is_counted[wishes.col, therapist_rows[wishes.row]].astype(float)
        return np.bincount(wishes.row, weights=weights, minlength=len(client_rows)).astype(np.float64)

    def has_wish_about(self, attribute: str, client_rows: Indices) -> Bools:
        """Return whether each client has a wish about a column of the therapists, shape of ``client_rows``."""
        about = (self.distinct_wishes["attribute"] == attribute).to_numpy(np.float64)
        counts = sum((has[client_rows] @ about for has in self.wish_indicators.values()), np.zeros(len(client_rows)))
        return np.asarray(counts > 0)

    def list_client_wishes(self, client_row: int) -> list[tuple[str, str, str, Floats]]:
        """List one client's wishes as (strength, attribute, value, answers of every therapist)."""
        wishes = []
        for strength in STRENGTHS:
            for number in self.wish_indicators[strength][[client_row]].indices:
                attribute, value = self.distinct_wishes.loc[number, ["attribute", "value"]]
                wishes.append((strength, str(attribute), str(value), self.answers[number]))
        return wishes


def _match_wishes(cells: pd.Series, values: pd.Series) -> Floats:
    """Compare each wished value with each therapist's cell: 1, 0 or NaN, shape (values, therapists)."""
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        ranges = np.array([parse_range(value) for value in values])
        number = cell_values.convert_to_numbers(cells)[None, :]
        return np.where(np.isnan(number), np.nan, (number >= ranges[:, :1]) & (number <= ranges[:, 1:]))
    has = cell_values.build_indicator_matrix(cell_values.explode_codes(cells), pd.Index(values), len(cells)).T
    return np.where(cells.isna().to_numpy(bool)[None, :], np.nan, has)
