"""Waiting clients: those who never met a therapist and who fulfil the clinic's own condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.row_condition import is_condition_met
from attune_fit.data.fault_collector import build_unknown_column_fault
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables


def find_waiting_clients(clinic: Clinic, tables: Tables) -> Indices:
    """Return the row numbers of the waiting clients, in the order of the table.

    A client waits who appears in no row of the outcomes file, and who fulfils ``waiting.where`` if the clinic sets it.
    A client with a missing cell fulfils it only where the condition is about empty cells.

    Raises
    ------
    DataFault
        If ``waiting.where`` names a column that `clients` does not have, or a value of another type than its cells.
    """
    has_met = tables.clients["client_id"].isin(list(tables.met_client_ids))
    is_waiting = ~has_met & is_waiting_condition_met(clinic.config, tables.clients)
    return np.flatnonzero(is_waiting.to_numpy()).astype(np.intp)


def is_waiting_condition_met(config: Config, clients: pd.DataFrame) -> pd.Series:
    """Return whether each client fulfils ``waiting.where``; all do where the clinic sets none.

    Raises
    ------
    DataFault
        As :func:`find_waiting_clients`.
    """
    where = config.waiting.where
    if where is None:
        return pd.Series(True, index=clients.index)
    if where.column not in clients:
        raise DataFault([build_unknown_column_fault("waiting.where.column", "clients", where.column, clients.columns)])
    return is_condition_met(where, clients[where.column], "waiting.where", config.tables.clients)
