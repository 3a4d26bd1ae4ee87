"""Outcome copies: columns that hold outcomes under another name are found by their correlation, and refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.features.cell_values import convert_to_numbers, convert_to_texts
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


# The largest |r| that answers given before first contact can plausibly reach. The largest published correlation with
# early alliance is about .2.
MAX_PLAUSIBLE_R = 0.5
INTERVAL_Z = 3.29  # standard errors: 99.9% two-sided
MIN_PEOPLE_PER_CODE = 5  # a code of fewer people has no usable mean
OUTCOME_COPY_FIX = (
    "If the column was made from outcomes or written after first contact, no feature can read it: remove it from "
    "`[[features]]`, or from its place under `[tables]`. If it was not, look for ids joined wrongly."
)


@dataclass(frozen=True)
class Association:
    """Correlation of a column with an outcome that it might be a copy of.

    Attributes
    ----------
    r : float in [0, 1]
        Size of the correlation; for codes, of the means of the codes, corrected for their number.
    n : int
        People with both values.
    adjusted_n : int
        ``n`` minus the number of codes beyond two; it sets the width of the interval of ``r``.
    """

    r: float
    n: int
    adjusted_n: int

    @property
    def low(self) -> float:
        """Lower end of the 99.9% interval of r, by Fisher's z; 0 below :data:`MIN_GROUP_SIZE` people."""
        if self.adjusted_n < MIN_GROUP_SIZE:
            return 0.0
        return float(np.tanh(np.arctanh(min(self.r, 1 - 1e-12)) - INTERVAL_Z / np.sqrt(self.adjusted_n - 3)))


def check_outcome_copies(tables: Tables, early: pd.DataFrame, features: Sequence[Feature]) -> None:
    """Raise a fault for every column that a feature reads and that holds outcomes.

    Clients' columns are compared with their early alliance and with dropout. Therapists' columns are compared with the
    mean early alliance of their clients.

    Parameters
    ----------
    tables : Tables
    early : DataFrame
        From :func:`compute_early_alliance`.
    features : sequence of Feature
        The features in use.

    Raises
    ------
    DataFault
        With every such column.
    """
    faults = [
        Fault.error(
            "outcome-copy",
            table,
            column,
            f"r = {association.r:.2f} with {outcome} over {association.n} {table}, higher than answers given before "
            "first contact can reach",
            fix=OUTCOME_COPY_FIX,
        )
        for table, columns in _list_read_columns(tables, features).items()
        for outcome, truth in _build_outcome_values(tables, early, table).items()
        for column in columns
        if (association := compute_association(getattr(tables, table)[column], truth)).low > MAX_PLAUSIBLE_R
    ]
    if faults:
        raise DataFault(faults)


def compute_association(cells: pd.Series, truth: Floats) -> Association:
    """Return the correlation of cells with numbers, for the same people.

    People with either value unknown are excluded, and so are codes of fewer than :data:`MIN_PEOPLE_PER_CODE` people.

    >>> compute_association(pd.Series(["a", "b"] * 10), np.array([1.0, 2.0] * 10)).r
    1.0
    """
    known = cells.notna().to_numpy(bool) & ~np.isnan(truth)
    cells, truth = cells[known], truth[known]
    n = len(truth)
    if n < 3 or np.ptp(truth) == 0:
        return Association(0.0, n, 0)
    if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        values = convert_to_numbers(cells)
        r = abs(float(np.corrcoef(values, truth)[0, 1])) if np.ptp(values) > 0 else 0.0
        return Association(min(r, 1.0), n, n)
    texts = convert_to_texts(cells)
    is_frequent = texts.map(texts.value_counts()).to_numpy() >= MIN_PEOPLE_PER_CODE
    code, truth = pd.factorize(texts[is_frequent])[0], truth[is_frequent]
    n, codes = len(code), len(np.unique(code))
    if codes < 2 or n - codes < MIN_GROUP_SIZE or np.ptp(truth) == 0:
        return Association(0.0, n, 0)
    means = np.bincount(code, weights=truth) / np.bincount(code)
    unexplained = float(((truth - means[code]) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())
    return Association(float(np.sqrt(max(0.0, 1 - unexplained * (n - 1) / (n - codes)))), n, n - codes + 2)


def _list_read_columns(tables: Tables, features: Sequence[Feature]) -> dict[str, list[str]]:
    """Return, by table, every column that a feature reads, including the columns that wishes name."""
    wish_columns = (
        set(tables.preferences["attribute"]) if any(ANY_COLUMN in feature.therapist for feature in features) else set()
    )
    read = {
        "clients": {column for feature in features for column in feature.client} - {PREFERENCES_TABLE},
        "therapists": {column for feature in features for column in feature.therapist} - {ANY_COLUMN} | wish_columns,
    }
    return {table: sorted(columns & set(getattr(tables, table).columns)) for table, columns in read.items()}


def _build_outcome_values(tables: Tables, early: pd.DataFrame, table: str) -> dict[str, Floats]:
    """Return the outcomes that a column might be a copy of, for each row of its table: means over the pairs met."""
    side, frame = table.removesuffix("s"), getattr(tables, table)
    alliance = early.groupby(f"{side}_row")["pomp"].mean().reindex(frame.index)
    if table == "therapists":
        return {"early alliance": alliance.to_numpy(float)}
    outcomes = tables.outcomes
    dropped_out = outcomes["dropped_out"].map({"yes": 1.0, "no": 0.0}).groupby(outcomes["client_id"]).max()
    return {
        "early alliance": alliance.to_numpy(float),
        "dropout": frame["client_id"].map(dropped_out).to_numpy(float),
    }
