"""Pairs that met: when they began, how far they came, whether the client left, and their early alliance."""

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


def build_episodes(tables: Tables, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """Every pair that `outcomes` names, scored or not.

    Parameters
    ----------
    tables : Tables
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.

    Returns
    -------
    DataFrame
        Ordered by client row, then by the day they began; pairs of an unknown day come last, by therapist row.
        ``client_row``, ``therapist_row`` are row labels of the tables; ``began`` is the first date of any row (NaT
        where unknown); ``session`` the highest number (NaN where unknown); ``dropped_out`` is true where some row says
        so; ``turn`` counts the client's therapists from 0, and ``last`` is true for the latest of them; ``pomp`` is
        early alliance as the client rated it, percent of maximum possible, NaN without a score, and ``instrument`` the
        one it was rated with: see :func:`compute_early_alliance`.
    """
    rows = add_row_labels(tables, tables.outcomes)
    if rows.empty:
        kinds = {"began": "datetime64[s]", "session": "float64", "dropped_out": "bool", "last": "bool",
                 "pomp": "float64", "instrument": "str"}  # fmt: skip
        return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "int64")) for name in EPISODE_COLUMNS})
    pairs = rows.assign(left=rows["dropped_out"] == "yes").groupby(EPISODE_KEYS, sort=True)
    found = pairs.agg(began=("measured_on", "min"), session=("session", "max"), dropped_out=("left", "any"))
    early = compute_early_alliance(tables, instruments).set_index(EPISODE_KEYS)[["pomp", "instrument"]]
    found = found.join(early).reset_index().sort_values(["client_row", "began"], kind="stable", ignore_index=True)
    turn = found.groupby("client_row").cumcount()
    last = ~found["client_row"].duplicated(keep="last")
    return found.assign(turn=turn.astype(np.int64), last=last)[list(EPISODE_COLUMNS)]
