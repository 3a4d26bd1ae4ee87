"""Waiting clients: those who never met a therapist and who fulfil the clinic's own condition."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.cell_parsing import normalize_code, normalize_codes
from attune_fit.data.fault_collector import build_unknown_column_fault
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import ColumnCondition, Scalar
    from attune_fit.data.clinic.tables import Tables


def find_waiting_clients(clinic: Clinic, tables: Tables) -> Indices:
    """Return the row numbers of the waiting clients, in the order of the table.

    A client waits who appears in no row of the outcomes file, and who fulfils ``waiting.where`` if the clinic sets it.
    A client with a missing cell does not fulfil it.

    Raises
    ------
    DataFault
        If ``waiting.where`` names a column that `clients` does not have, or a value of another type than its cells.
    """
    is_waiting = ~tables.clients["client_id"].isin(list(tables.met_client_ids))
    where = clinic.config.waiting.where
    if where is not None:
        is_waiting &= is_condition_met(where, tables.clients)
    return np.flatnonzero(is_waiting.to_numpy()).astype(np.intp)


def is_condition_met(where: ColumnCondition, clients: pd.DataFrame) -> pd.Series:
    """Return whether each client fulfils the condition. Numbers, dates and codes are compared as such.

    Raises
    ------
    DataFault
        If `clients` has no such column, or a value of ``where`` has another type than the cells.
    """
    if where.column not in clients:
        raise DataFault([build_unknown_column_fault("waiting.where.column", "clients", where.column, clients.columns)])
    cells = clients[where.column]
    is_number = pd.api.types.is_numeric_dtype(cells)
    is_date = pd.api.types.is_datetime64_any_dtype(cells)
    if not (is_number or is_date):
        cells = normalize_codes(cells)

    def convert(key: str, value: Scalar) -> float | pd.Timestamp | str:
        if is_number and isinstance(value, int | float):
            return float(value)
        if is_date and isinstance(value, dt.date):
            return pd.Timestamp(value)
        if is_number or is_date:
            kind = "number" if is_number else "date"
            message, fix = f"`{where.column}` contains {kind}s", f"Write a {kind}, without quotation marks."
            raise DataFault.error("condition-type-mismatch", "clinic.toml", f"waiting.where.{key}", message, fix=fix)
        return normalize_code(str(value))

    is_met = cells.notna()
    if where.from_ is not None:
        is_met &= cells >= convert("from", where.from_)
    if where.to is not None:
        is_met &= cells <= convert("to", where.to)
    if where.is_ is not None:
        is_met &= cells == convert("is", where.is_)
    if where.not_ is not None:
        is_met &= cells != convert("not", where.not_)
    return is_met.astype(bool)
