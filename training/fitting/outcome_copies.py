"""Columns that hold outcomes under an innocent name: found by their numbers, and refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.cell_values import convert_to_numbers, convert_to_texts
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


MAX_PLAUSIBLE_R = (
    0.5  # |r| that nothing asked before contact comes near: the largest published with early alliance is about .2
)
INTERVAL_Z = 3.29  # standard errors: 99.9% two-sided
MIN_PEOPLE = 10  # people below which any two columns may look alike
MIN_PEOPLE_PER_CODE = 5  # people who must share a code before its mean says anything
OUTCOME_COPY_FIX = (
    "If it was made from outcomes or written after contact, have no feature read it: take it out of `[[features]]`, or "
    "off its place under `[tables]`. If it was not, look for ids joined wrongly."
)


@dataclass(frozen=True)
class Association:
    """How closely a column goes with what it might have been made from.

    Attributes
    ----------
    r : float in [0, 1]
        Size of the correlation; for codes, of the means of the codes, corrected for their number.
    n : int
        People of whom both are known.
    adjusted_n : int
        People less the codes beyond two: what is left to say how sure ``r`` is.
    """

    r: float
    n: int
    adjusted_n: int

    @property
    def low(self) -> float:
        """The lower end of a 99.9% interval of r, by Fisher's z."""
        if self.adjusted_n < MIN_PEOPLE:
            return 0.0
        return float(np.tanh(np.arctanh(min(self.r, 1 - 1e-12)) - INTERVAL_Z / np.sqrt(self.adjusted_n - 3)))


def check_outcome_copies(tables: Tables, early: pd.DataFrame, features: Sequence[Feature]) -> None:
    """Stop where a column that features read holds the outcomes.

    Clients' columns are held against their early alliance and against dropping out, therapists' against the mean early
    alliance of their clients.

    Parameters
    ----------
    tables : Tables
    early : DataFrame
        From :func:`compute_early_alliance`.
    features : sequence of Feature
        Those in use.

    Raises
    ------
    DataFault
        With every such column.
    """
    faults = [
        Fault.error(table, column, f"it goes with {what} closer than anything asked before contact can: "
              f"r = {like.r:.2f} over {like.n} {table}", fix=OUTCOME_COPY_FIX)
        for table, columns in _list_read_columns(tables, features).items()
        for what, truth in _build_outcome_values(tables, early, table).items()
        for column in columns
        if (like := compute_association(getattr(tables, table)[column], truth)).low > MAX_PLAUSIBLE_R
    ]  # fmt: skip
    if faults:
        raise DataFault(faults)


def compute_association(cells: pd.Series, truth: Floats) -> Association:
    """How closely cells go with numbers, both for the same people.

    Unknown on either side counts for nothing, and so does a code that fewer than :data:`MIN_PEOPLE_PER_CODE` people have.

    >>> compute_association(pd.Series(["a", "b"] * 10), np.array([1.0, 2.0] * 10)).r
    1.0
    """
    both = cells.notna().to_numpy(bool) & ~np.isnan(truth)
    cells, truth = cells[both], truth[both]
    n = len(truth)
    if n < 3 or np.ptp(truth) == 0:
        return Association(0.0, n, 0)
    if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        values = convert_to_numbers(cells)
        r = abs(float(np.corrcoef(values, truth)[0, 1])) if np.ptp(values) > 0 else 0.0
        return Association(min(r, 1.0), n, n)
    words = convert_to_texts(cells)
    often = words.map(words.value_counts()).to_numpy() >= MIN_PEOPLE_PER_CODE
    code, truth = pd.factorize(words[often])[0], truth[often]
    n, codes = len(code), len(np.unique(code))
    if codes < 2 or n - codes < MIN_PEOPLE or np.ptp(truth) == 0:
        return Association(0.0, n, 0)
    means = np.bincount(code, weights=truth) / np.bincount(code)
    left = float(((truth - means[code]) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())
    return Association(float(np.sqrt(max(0.0, 1 - left * (n - 1) / (n - codes)))), n, n - codes + 2)


def _list_read_columns(tables: Tables, features: Sequence[Feature]) -> dict[str, list[str]]:
    """By table, every column that a feature reads, those of wishes among them."""
    wished = (
        set(tables.preferences["attribute"]) if any(ANY_COLUMN in feature.therapist for feature in features) else set()
    )
    read = {
        "clients": {column for feature in features for column in feature.client} - {PREFERENCES_TABLE},
        "therapists": {column for feature in features for column in feature.therapist} - {ANY_COLUMN} | wished,
    }
    return {table: sorted(columns & set(getattr(tables, table).columns)) for table, columns in read.items()}


def _build_outcome_values(tables: Tables, early: pd.DataFrame, table: str) -> dict[str, Floats]:
    """What a column of a table may have been made from, for each of its rows: means over whom one met."""
    one, frame = table.removesuffix("s"), getattr(tables, table)
    alliance = early.groupby(f"{one}_row")["pomp"].mean().reindex(frame.index)
    if table == "therapists":
        return {"early alliance": alliance.to_numpy(float)}
    outcomes = tables.outcomes
    left = outcomes["dropped_out"].map({"yes": 1.0, "no": 0.0}).groupby(outcomes["client_id"]).max()
    return {
        "early alliance": alliance.to_numpy(float),
        "dropping out": frame["client_id"].map(left).to_numpy(float),
    }
