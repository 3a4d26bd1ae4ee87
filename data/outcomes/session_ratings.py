"""Ratings of single sessions, in percent of maximum possible (POMP): what varies between and within pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, add_row_labels
from attune_fit.data.outcomes.equating import convert_to_common_scale

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

RATED_SCALES = ("total", *ALLIANCE_SCALES)
RATING_COLUMNS = (*EPISODE_KEYS, "pomp", "session", "instrument")


def list_session_ratings(
    tables: Tables,
    instruments: Mapping[str, Instrument],
    main: str,
    *,
    sessions: tuple[int, int] | None = None,
    is_early: bool = True,
    scale: str = "total",
) -> pd.DataFrame:
    """Return one row for each rating that a client made, in POMP.

    Parameters
    ----------
    tables : Tables
        Clients, therapists and outcomes.
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.
    main : str
        Name of the main instrument, see :func:`find_main_instrument`: totals are on its common scale.
    sessions : (int, int), optional
        First and last session; a rating without a session number does not count then.
    is_early : bool, default True
        Without ``sessions``: only the early sessions of each instrument, and ratings without a session number, as in
        :func:`compute_early_alliance`. False: all.
    scale : str, default "total"
        One of :data:`RATED_SCALES`. Goal, task and bond stay in the POMP of their own instrument.

    Returns
    -------
    DataFrame
        Ordered by client row, therapist row and session. Columns: ``client_row`` and ``therapist_row``, row labels of
        the tables; ``pomp``, 0 to 100 (a converted one can be a little outside), never missing; ``session``, NaN where
        unknown; ``instrument``.
    """
    rows = tables.outcomes
    is_usable = rows["score" if scale == "total" else scale].notna() & rows["instrument"].isin(list(instruments))
    is_usable &= rows["rater"].isna() | (rows["rater"] == "client")
    rows = add_row_labels(tables, rows[is_usable])
    parts = [
        _convert_to_pomp(part, instruments[str(name)], sessions, is_early, scale)
        for name, part in rows.groupby("instrument", sort=True)
    ]
    ratings = pd.concat(parts) if parts else rows.assign(pomp=pd.Series(dtype=float))
    if scale == "total" and len(ratings):
        ratings = ratings.assign(pomp=convert_to_common_scale(ratings, instruments, main))
    return ratings.sort_values([*EPISODE_KEYS, "session"], kind="stable", ignore_index=True)[list(RATING_COLUMNS)]


def _convert_to_pomp(
    rows: pd.DataFrame, instrument: Instrument, sessions: tuple[int, int] | None, is_early: bool, scale: str
) -> pd.DataFrame:
    """Return the ratings of one instrument from the wanted sessions, with ``pomp``."""
    if sessions is not None:
        rows = rows[rows["session"].between(*sessions)]
    elif is_early:
        rows = rows[rows["session"].isna() | rows["session"].between(*instrument.early)]
    pomp = instrument.pomp(rows["score"]) if scale == "total" else instrument.pomp(rows[scale], scale)
    return rows.assign(pomp=pomp).dropna(subset=["pomp"])
