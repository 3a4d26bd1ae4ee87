"""Who waits: clients who never met anyone, and for whom the clinic's own condition holds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.cell_parsing import normalize_code, normalize_codes
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import ColumnCondition, Scalar
    from attune_fit.data.clinic.tables import Tables


def find_waiting_clients(clinic: Clinic, tables: Tables) -> Indices:
    """Indices of the clients who wait, in the order of the table.

    A client waits who never appears in the outcomes as handed in, and for whom ``waiting.where`` holds where the
    clinic states it. A client whose cell is unknown does not fulfil it.

    Raises
    ------
    DataFault
        If ``waiting.where`` names a column that `clients` does not have, or a value of another type than its cells.
    """
    waits = ~tables.clients["client_id"].isin(list(tables.met_client_ids))
    where = clinic.config.waiting.where
    if where is not None:
        waits &= is_condition_met(where, tables.clients)
    return np.flatnonzero(waits.to_numpy()).astype(np.intp)


def is_condition_met(where: ColumnCondition, clients: pd.DataFrame) -> pd.Series:
    """Whether the condition holds for each client; numbers, dates and words are compared as such."""
    if where.column not in clients:
        raise _fault("column", f"clients has no column `{where.column}`", suggest_name(where.column, clients.columns))
    cells = clients[where.column]
    is_number = pd.api.types.is_numeric_dtype(cells)
    is_date = pd.api.types.is_datetime64_any_dtype(cells)
    if not (is_number or is_date):
        cells = normalize_codes(cells)

    def like(key: str, value: Scalar) -> float | pd.Timestamp | str:
        if is_number and isinstance(value, int | float):
            return float(value)
        if is_date and isinstance(value, dt.date):
            return pd.Timestamp(value)
        if is_number or is_date:
            kind = "numbers" if is_number else "dates"
            raise _fault(key, f"`{where.column}` holds {kind}", "Write one, without quotation marks.")
        return normalize_code(str(value))

    told = cells.notna()
    if where.from_ is not None:
        told &= cells >= like("from", where.from_)
    if where.to is not None:
        told &= cells <= like("to", where.to)
    if where.is_ is not None:
        told &= cells == like("is", where.is_)
    if where.not_ is not None:
        told &= cells != like("not", where.not_)
    return told.astype(bool)


def _fault(key: str, says: str, fix: str) -> DataFault:
    return DataFault.error("clinic.toml", f"waiting.where.{key}", says, fix=fix)
