"""Early alliance: what the outcomes of each episode say, on one common scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

EPISODE_KEYS = ["client_row", "therapist_row"]
ALLIANCE_COLUMNS = (*EPISODE_KEYS, "pomp", *ALLIANCE_SCALES, "sessions", "instrument", "measured_on")


def compute_early_alliance(tables: Tables, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """Mean early alliance of each episode, as its client rated it.

    Parameters
    ----------
    tables : Tables
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.

    Returns
    -------
    DataFrame
        One row for each client and therapist with at least one usable rating, ordered by client row, then therapist
        row. ``client_row``, ``therapist_row`` are row labels of the tables; ``pomp``, ``goal``, ``task``, ``bond`` are
        percent of maximum possible, 0-100, mean over ratings (NaN where a scale was never scored); ``sessions`` counts
        the ratings; ``instrument`` is the one most of them use, the first by name among equals; ``measured_on`` is the
        first date.

    Notes
    -----
    A rating counts when it has a score, its instrument is known, the client is the rater (or nobody is named as rater)
    and the session is within the instrument's early ones (or unknown).
    """
    return _average_by_episode(_select_ratings(tables, instruments))


def compute_later_alliance(tables: Tables, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """:func:`compute_early_alliance` of the ratings after the early sessions; a rating of an unknown session is none."""
    return _average_by_episode(_select_ratings(tables, instruments, later=True))


def _average_by_episode(ratings: pd.DataFrame) -> pd.DataFrame:
    """The ratings of each episode as one row."""
    if ratings.empty:
        kinds = {"client_row": "int64", "therapist_row": "int64", "sessions": "int64", "instrument": "str",
                 "measured_on": "datetime64[s]"}  # fmt: skip
        return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "float64")) for name in ALLIANCE_COLUMNS})
    episodes = ratings.groupby(EPISODE_KEYS, sort=True)
    found = episodes[["pomp", *ALLIANCE_SCALES]].mean()
    found["sessions"] = episodes.size()
    found["instrument"] = _find_main_instruments(ratings)
    found["measured_on"] = episodes["measured_on"].min()
    return found.reset_index()[list(ALLIANCE_COLUMNS)]


def add_row_labels(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``outcomes`` with ``client_row`` and ``therapist_row``, without those whose ids lead nowhere."""
    found = rows.assign(
        client_row=_find_row_labels(tables.clients, "client_id", rows),
        therapist_row=_find_row_labels(tables.therapists, "therapist_id", rows),
    )
    return found[(found["client_row"] >= 0) & (found["therapist_row"] >= 0)]


def _select_ratings(tables: Tables, instruments: Mapping[str, Instrument], *, later: bool = False) -> pd.DataFrame:
    """The early ratings that count, or those after them, with their row labels and percents."""
    rows = tables.outcomes
    counts = rows["score"].notna() & (rows["rater"].isna() | (rows["rater"] == "client"))
    counts &= rows["instrument"].isin(list(instruments))
    rows = add_row_labels(tables, rows[counts])
    parts = [
        _convert_to_pomp(part, instruments[str(name)], later) for name, part in rows.groupby("instrument", sort=True)
    ]
    return pd.concat(parts) if parts else rows


def _find_main_instruments(ratings: pd.DataFrame) -> pd.Series:
    """The instrument of most ratings of each episode, labelled by episode; the first by name among equals."""
    used = ratings.groupby([*EPISODE_KEYS, "instrument"], sort=True).size().reset_index(name="ratings")
    used = used.sort_values("ratings", ascending=False, kind="stable").drop_duplicates(EPISODE_KEYS)
    return used.set_index(EPISODE_KEYS)["instrument"]


def _find_row_labels(owners: pd.DataFrame, key: str, rows: pd.DataFrame) -> pd.Series:
    """Row label of each row's owner, -1 where it has none."""
    return pd.Series(pd.Index(owners[key]).get_indexer(pd.Index(rows[key])).astype(np.int64), index=rows.index)


def _convert_to_pomp(rows: pd.DataFrame, instrument: Instrument, later: bool) -> pd.DataFrame:
    """Early or later ratings of one instrument, as percent of maximum possible."""
    first, last = instrument.early
    early = rows["session"].isna() | rows["session"].between(first, last)
    rows = rows[rows["session"] > last] if later else rows[early]
    scales = {scale: instrument.pomp(rows[scale], scale) for scale in ALLIANCE_SCALES}
    return rows.assign(pomp=instrument.pomp(rows["score"]), **scales)
