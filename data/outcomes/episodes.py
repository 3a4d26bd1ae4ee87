"""Episodes (pairs that met): first date, last session, dropout and early alliance of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, add_row_labels, compute_early_alliance

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

EPISODE_COLUMNS = (*EPISODE_KEYS, "began", "session", "dropped_out", "turn", "last", "pomp", "instrument")


def build_episodes(tables: Tables, instruments: Mapping[str, Instrument], main: str = "") -> pd.DataFrame:
    """Return one row for each pair in `outcomes`, with a score or without.

    Parameters
    ----------
    tables : Tables
        Clients, therapists and outcomes.
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.
    main : str, optional
        As in :func:`compute_early_alliance`.

    Returns
    -------
    DataFrame
        Ordered by client row, then by the first date. Pairs without a date come last, by therapist row.
        Columns: ``client_row`` and ``therapist_row``, row labels of the tables; ``began``, the first date of any row,
        NaT where missing; ``session``, the highest session number, NaN where missing; ``dropped_out``, true if any row
        has a yes; ``turn``, the client's therapists counted from 0; ``last``, true for the latest therapist; ``pomp``,
        early alliance as the client rated it, in percent of maximum possible, NaN without a score; ``instrument``, its
        instrument (see :func:`compute_early_alliance`).
    """
    rows = add_row_labels(tables, tables.outcomes)
    if rows.empty:
        dtypes = {"began": "datetime64[s]", "session": "float64", "dropped_out": "bool", "last": "bool",
                  "pomp": "float64", "instrument": "str"}  # fmt: skip
        return pd.DataFrame({name: pd.Series(dtype=dtypes.get(name, "int64")) for name in EPISODE_COLUMNS})
    pairs = rows.assign(has_left=rows["dropped_out"] == "yes").groupby(EPISODE_KEYS, sort=True)
    episodes = pairs.agg(began=("measured_on", "min"), session=("session", "max"), dropped_out=("has_left", "any"))
    early = compute_early_alliance(tables, instruments, main).set_index(EPISODE_KEYS)[["pomp", "instrument"]]
    episodes = episodes.join(early).reset_index().sort_values(["client_row", "began"], kind="stable", ignore_index=True)
    turn = episodes.groupby("client_row").cumcount()
    last = ~episodes["client_row"].duplicated(keep="last")
    return episodes.assign(turn=turn.astype(np.int64), last=last)[list(EPISODE_COLUMNS)]
