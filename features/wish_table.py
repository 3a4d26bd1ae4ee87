"""Clients' wishes held against every therapist's row."""

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
    from attune_fit.features.pairs import Pairs

Answer = Literal["met", "unmet", "unknown"]
ANSWERS: tuple[Answer, ...] = ("met", "unmet", "unknown")


@dataclass(frozen=True)
class WishTable:
    """Distinct wishes, who has them, and which therapist meets them.

    Attributes
    ----------
    distinct_wishes : DataFrame
        One row for each distinct (attribute, value).
    answers : array of shape (distinct, therapists)
        1 met, 0 not met, NaN the therapist's cell is unknown.
    wish_indicators : dict of sparse array (clients, distinct)
        For each strength, 1 where the client has the wish.
    wish_counts : dict of array of shape (clients,)
        For each strength, how many wishes the client has.
    """

    distinct_wishes: pd.DataFrame
    answers: Floats
    wish_indicators: dict[str, sparse.csr_array]
    wish_counts: dict[str, Floats]

    @classmethod
    def from_tables(cls, tables: Tables) -> WishTable:
        """Read the wishes of ``preferences``; a wish of a client without a row is left out."""
        wishes = tables.preferences
        row_of = pd.Series(tables.clients.index, index=tables.clients["client_id"])
        wishes = wishes[wishes["client_id"].isin(row_of.index)]
        distinct = wishes[["attribute", "value"]].drop_duplicates().reset_index(drop=True)
        answers = np.full((len(distinct), len(tables.therapists)), np.nan)
        for attribute, some in distinct.groupby("attribute"):
            answers[some.index] = _match_wishes(tables.therapists[str(attribute)], some["value"])
        number_of = pd.Series(distinct.index, index=pd.MultiIndex.from_frame(distinct))
        held: dict[str, sparse.csr_array] = {}
        for strength in STRENGTHS:
            given = wishes[wishes["strength"] == strength].drop_duplicates(["client_id", "attribute", "value"])
            rows = row_of.reindex(given["client_id"]).to_numpy(np.intp)
            columns = number_of.reindex(pd.MultiIndex.from_frame(given[["attribute", "value"]])).to_numpy(np.intp)
            shape = (len(tables.clients), len(distinct))
            held[strength] = sparse.csr_array((np.ones(len(given)), (rows, columns)), shape=shape)
        stated = {strength: np.asarray(wish.sum(axis=1), dtype=np.float64) for strength, wish in held.items()}
        return cls(distinct, answers, held, stated)

    def count_wishes(self, pairs: Pairs, strength: str, answer: Answer, attribute: str | None = None) -> Floats:
        """How many wishes of ``strength`` have ``answer``, of the shape of the pairs."""
        wanted = {"met": self.answers == 1, "unmet": self.answers == 0, "unknown": np.isnan(self.answers)}[answer]
        if attribute is not None:
            wanted = wanted & (self.distinct_wishes["attribute"] == attribute).to_numpy()[:, None]
        if pairs.is_cross:
            counted = self.wish_indicators[strength][pairs.client_rows[:, 0]] @ wanted[
                :, pairs.therapist_rows[0]
            ].astype(float)
            return np.asarray(counted)
        owners = self.wish_indicators[strength][pairs.client_rows].tocoo()
        said = wanted[owners.col, pairs.therapist_rows[owners.row]].astype(float)
        return np.bincount(owners.row, weights=said, minlength=len(pairs.client_rows)).astype(np.float64)

    def has_wish_about(self, attribute: str, client_rows: Indices) -> Bools:
        """Whether each client has any wish about a column of the therapists, shape of ``client_rows``."""
        asked = (self.distinct_wishes["attribute"] == attribute).to_numpy(np.float64)
        wishes = sum((held[client_rows] @ asked for held in self.wish_indicators.values()), np.zeros(len(client_rows)))
        return np.asarray(wishes > 0)

    def list_client_wishes(self, client_row: int) -> list[tuple[str, str, str, Floats]]:
        """The client's wishes as (strength, attribute, value, answers of every therapist)."""
        listed = []
        for strength in STRENGTHS:
            for number in self.wish_indicators[strength][[client_row]].indices:
                attribute, value = self.distinct_wishes.loc[number, ["attribute", "value"]]
                listed.append((strength, str(attribute), str(value), self.answers[number]))
        return listed


def _match_wishes(told: pd.Series, values: pd.Series) -> Floats:
    """1 / 0 / NaN of each wished value against each therapist's cell, shape (values, therapists)."""
    if pd.api.types.is_numeric_dtype(told) and not pd.api.types.is_bool_dtype(told):
        spans = np.array([parse_range(value) for value in values])
        number = cell_values.convert_to_numbers(told)[None, :]
        return np.where(np.isnan(number), np.nan, (number >= spans[:, :1]) & (number <= spans[:, 1:]))
    held = cell_values.build_indicator_matrix(cell_values.explode_codes(told), pd.Index(values), len(told)).T
    return np.where(told.isna().to_numpy(bool)[None, :], np.nan, held)
