"""Early alliance: what the outcomes of each episode say, on one common scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import SCALES

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

EPISODE = ["client_row", "therapist_row"]
COLUMNS = (*EPISODE, "pomp", *SCALES, "sessions", "instrument", "measured_on")


def early_alliance(tables: Tables, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """Mean early alliance of each episode, as its client rated it.

    Parameters
    ----------
    tables : Tables
    instruments : mapping of str to Instrument
        As in :attr:`attune_fit.data.clinic.clinic.Clinic.instruments`.

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
    return _means(_usable(tables, instruments))


def later_alliance(tables: Tables, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    """:func:`early_alliance` of the ratings after the early sessions; a rating of an unknown session is none."""
    return _means(_usable(tables, instruments, later=True))


def _means(ratings: pd.DataFrame) -> pd.DataFrame:
    """The ratings of each episode as one row."""
    if ratings.empty:
        kinds = {"client_row": "int64", "therapist_row": "int64", "sessions": "int64", "instrument": "str",
                 "measured_on": "datetime64[s]"}  # fmt: skip
        return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "float64")) for name in COLUMNS})
    episodes = ratings.groupby(EPISODE, sort=True)
    found = episodes[["pomp", *SCALES]].mean()
    found["sessions"] = episodes.size()
    found["instrument"] = _most_used(ratings)
    found["measured_on"] = episodes["measured_on"].min()
    return found.reset_index()[list(COLUMNS)]


def labelled(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``outcomes`` with ``client_row`` and ``therapist_row``, without those whose ids lead nowhere."""
    found = rows.assign(
        client_row=_labels(tables.clients, "client_id", rows),
        therapist_row=_labels(tables.therapists, "therapist_id", rows),
    )
    return found[(found["client_row"] >= 0) & (found["therapist_row"] >= 0)]


def _usable(tables: Tables, instruments: Mapping[str, Instrument], *, later: bool = False) -> pd.DataFrame:
    """The early ratings that count, or those after them, with their row labels and percents."""
    rows = tables.outcomes
    counts = rows["score"].notna() & (rows["rater"].isna() | (rows["rater"] == "client"))
    counts &= rows["instrument"].isin(list(instruments))
    rows = labelled(tables, rows[counts])
    parts = [_on_one_scale(part, instruments[str(name)], later) for name, part in rows.groupby("instrument", sort=True)]
    return pd.concat(parts) if parts else rows


def _most_used(ratings: pd.DataFrame) -> pd.Series:
    """The instrument of most ratings of each episode, labelled by episode; the first by name among equals."""
    used = ratings.groupby([*EPISODE, "instrument"], sort=True).size().reset_index(name="ratings")
    used = used.sort_values("ratings", ascending=False, kind="stable").drop_duplicates(EPISODE)
    return used.set_index(EPISODE)["instrument"]


def _labels(owners: pd.DataFrame, key: str, rows: pd.DataFrame) -> pd.Series:
    """Row label of each row's owner, -1 where it has none."""
    return pd.Series(pd.Index(owners[key]).get_indexer(pd.Index(rows[key])).astype(np.int64), index=rows.index)


def _on_one_scale(rows: pd.DataFrame, instrument: Instrument, later: bool) -> pd.DataFrame:
    """Early or later ratings of one instrument, as percent of maximum possible."""
    first, last = instrument.early
    early = rows["session"].isna() | rows["session"].between(first, last)
    rows = rows[rows["session"] > last] if later else rows[early]
    scales = {scale: instrument.pomp(rows[scale], scale) for scale in SCALES}
    return rows.assign(pomp=instrument.pomp(rows["score"]), **scales)
