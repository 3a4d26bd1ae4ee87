"""Waiting clients: those who never met a therapist, have no offer, and fulfil the clinic's own condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.cell_parsing import is_one_of
from attune_fit.data.clinic.row_condition import is_condition_met
from attune_fit.data.fault_collector import build_unknown_column_fault
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.pair_states import Offer
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables


def find_waiting_clients(clinic: Clinic, tables: Tables) -> Indices:
    """Return the row numbers of the waiting clients, in the order of the table.

    A client waits who appears in no row of the outcomes file, has no open or accepted offer, still seeks therapy, and
    fulfils ``waiting.where`` if the clinic sets it. A client with a missing cell fulfils it only where the condition is
    about empty cells. After a decline for another reason, or after the last day of an offer, the client waits again.

    Raises
    ------
    DataFault
        If ``waiting.where`` names a column that `clients` does not have, or a value of another type than its cells.
    """
    has_offer = is_one_of(tables.clients["client_id"], [offer.client_id for offer in tables.pair_states.offers])
    return np.flatnonzero(_needs_therapist(clinic, tables) & ~has_offer.to_numpy(bool)).astype(np.intp)


def list_offers_instead_of_waiting(clinic: Clinic, tables: Tables) -> tuple[Offer, ...]:
    """Return the offers without which their clients would wait, in the order of the ids.

    The offer of a client who has met a therapist is not among them: that client would not wait either.

    Raises
    ------
    DataFault
        As :func:`find_waiting_clients`.
    """
    if not tables.pair_states.offers:
        return ()
    ids = set(tables.clients["client_id"][_needs_therapist(clinic, tables)])
    return tuple(offer for offer in tables.pair_states.offers if offer.client_id in ids)


def _needs_therapist(clinic: Clinic, tables: Tables) -> Bools:
    """Return whether each client met no therapist, still seeks one and fulfils the clinic's condition, (clients,)."""
    not_seeking = [*tables.met_client_ids, *tables.pair_states.withdrawn]
    is_seeking = ~is_one_of(tables.clients["client_id"], not_seeking)
    return (is_seeking & is_waiting_condition_met(clinic.config, tables.clients)).to_numpy(bool)


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
