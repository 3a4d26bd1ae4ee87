"""Early alliance of each episode, in percent of maximum possible (POMP), so that instruments are comparable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.outcomes.equating import convert_to_common_scale

if TYPE_CHECKING:
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables

EPISODE_KEYS = ["client_row", "therapist_row"]
ALLIANCE_COLUMNS = (*EPISODE_KEYS, "pomp", *ALLIANCE_SCALES, "sessions", "instrument", "measured_on")


def compute_early_alliance(tables: Tables, instruments: Mapping[str, Instrument], main: str = "") -> pd.DataFrame:
    """Return the mean early alliance of each episode, as its client rated it, in POMP.

    Parameters
    ----------
    tables : Tables
        Clients, therapists and outcomes.
    instruments : mapping of str to Instrument
        As in :attr:`Clinic.instruments`.
    main : str, optional
        Name of the main instrument, see :func:`find_main_instrument`. With it, ``pomp`` is on the common scale of
        :func:`convert_to_common_scale`, so that episodes of different instruments can be compared. Default: ``pomp`` is
        that of the episode's ``instrument``, and ratings on another one do not count in it.

    Returns
    -------
    DataFrame
        One row for each client and therapist with at least one usable rating, ordered by client row, then therapist
        row. Columns: ``client_row`` and ``therapist_row``, row labels of the tables; ``pomp``, ``goal``, ``task`` and
        ``bond``, mean over ratings in percent of maximum possible, 0 to 100, NaN where a scale has no score;
        ``sessions``, the number of ratings; ``instrument``, the one of most ratings, the first by name in a tie;
        ``measured_on``, the first date.

    Notes
    -----
    A rating counts if it has a score and a known instrument. The rater must be the client, or missing. The session
    must be an early one of the instrument, or missing. The scales ``goal``, ``task`` and ``bond`` stay in the POMP of
    their own instrument.
    """
    ratings = _select_ratings(tables, instruments)
    early = _average_by_episode(ratings)
    if len(set(ratings["instrument"])) < 2:
        return early
    if main:
        return early.assign(pomp=_average_on_common_scale(ratings, instruments, main))
    return early.assign(pomp=_average_by_episode(_keep_instrument(ratings, early))["pomp"])


def compute_later_alliance(tables: Tables, instruments: Mapping[str, Instrument], main: str = "") -> pd.DataFrame:
    """Return the mean alliance of each episode after the early sessions, in POMP.

    Parameters are those of :func:`compute_early_alliance`, and so are the columns. A rating without a session number
    does not count. Without ``main``, only ratings on the instrument of the episode's early alliance count, so that the
    two can be compared; an episode without early alliance keeps all. With it, all are on the common scale of the early
    ratings.
    """
    ratings = _select_ratings(tables, instruments, later=True)
    early = _select_ratings(tables, instruments)
    if main:
        later = _average_by_episode(ratings)
        if len({*ratings["instrument"], *early["instrument"]}) > 1:
            later["pomp"] = _average_on_common_scale(ratings, instruments, main, early)
        return later
    return _average_by_episode(_keep_instrument(ratings, _average_by_episode(early)))


def _keep_instrument(ratings: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """Return the ratings on the instrument of their episode; all ratings of an episode that is not there."""
    pairs = pd.MultiIndex.from_frame(ratings[EPISODE_KEYS])
    expected = episodes.set_index(EPISODE_KEYS)["instrument"].reindex(pairs).to_numpy(object)
    kept: pd.DataFrame = ratings[pd.isna(expected) | (ratings["instrument"].to_numpy(object) == expected)]
    return kept


def _average_by_episode(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each episode, with the mean of its ratings."""
    if ratings.empty:
        dtypes = {"client_row": "int64", "therapist_row": "int64", "sessions": "int64", "instrument": "str",
                  "measured_on": "datetime64[s]"}  # fmt: skip
        return pd.DataFrame({name: pd.Series(dtype=dtypes.get(name, "float64")) for name in ALLIANCE_COLUMNS})
    episodes = ratings.groupby(EPISODE_KEYS, sort=True)
    means = episodes[["pomp", *ALLIANCE_SCALES]].mean()
    means["sessions"] = episodes.size()
    means["instrument"] = _find_main_instruments(ratings)
    means["measured_on"] = episodes["measured_on"].min()
    return means.reset_index()[list(ALLIANCE_COLUMNS)]


def _average_on_common_scale(
    ratings: pd.DataFrame, instruments: Mapping[str, Instrument], main: str, early: pd.DataFrame | None = None
) -> pd.Series:
    """Return the mean rating of each episode on the common scale, ordered as the episodes.

    An episode can have ratings on two instruments: the mean on each is converted, and counts by its ratings. The early
    ratings give means and SDs; they are ``ratings`` when None.
    """
    forms = _average_by_form(ratings)
    measured = None if early is None else _average_by_form(early)
    pomp = convert_to_common_scale(forms, instruments, main, measured)
    sums = forms.assign(total=pomp * forms["size"]).groupby(EPISODE_KEYS, sort=True)[["total", "size"]].sum()
    return (sums["total"] / sums["size"]).reset_index(drop=True)


def _average_by_form(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the mean and the number of the ratings of each episode on each instrument."""
    forms = ratings.groupby([*EPISODE_KEYS, "instrument"], sort=True)["pomp"].agg(["mean", "size"])
    return forms.rename(columns={"mean": "pomp"}).reset_index()


def add_row_labels(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``outcomes`` with ``client_row`` and ``therapist_row``; rows with unknown ids are dropped."""
    labelled = rows.assign(
        client_row=_find_row_labels(tables.clients, "client_id", rows),
        therapist_row=_find_row_labels(tables.therapists, "therapist_id", rows),
    )
    return labelled[(labelled["client_row"] >= 0) & (labelled["therapist_row"] >= 0)]


def _select_ratings(tables: Tables, instruments: Mapping[str, Instrument], *, later: bool = False) -> pd.DataFrame:
    """Return the early ratings that count, or the later ones, with their row labels, in POMP."""
    rows = tables.outcomes
    is_usable = rows["score"].notna() & (rows["rater"].isna() | (rows["rater"] == "client"))
    is_usable &= rows["instrument"].isin(list(instruments))
    rows = add_row_labels(tables, rows[is_usable])
    parts = [
        _convert_to_pomp(part, instruments[str(name)], later) for name, part in rows.groupby("instrument", sort=True)
    ]
    return pd.concat(parts) if parts else rows


def _find_main_instruments(ratings: pd.DataFrame) -> pd.Series:
    """Return the instrument of most ratings of each episode, labelled by episode; the first by name in a tie."""
    counts = ratings.groupby([*EPISODE_KEYS, "instrument"], sort=True).size().reset_index(name="ratings")
    counts = counts.sort_values("ratings", ascending=False, kind="stable").drop_duplicates(EPISODE_KEYS)
    return counts.set_index(EPISODE_KEYS)["instrument"]


def _find_row_labels(owners: pd.DataFrame, key: str, rows: pd.DataFrame) -> pd.Series:
    """Return the row label of each row's client or therapist, -1 where there is none."""
    return pd.Series(pd.Index(owners[key]).get_indexer(pd.Index(rows[key])).astype(np.int64), index=rows.index)


def _convert_to_pomp(rows: pd.DataFrame, instrument: Instrument, later: bool) -> pd.DataFrame:
    """Return the early or later ratings of one instrument, in percent of maximum possible (POMP)."""
    first, last = instrument.early
    is_early = rows["session"].isna() | rows["session"].between(first, last)
    rows = rows[rows["session"] > last] if later else rows[is_early]
    scales = {scale: instrument.pomp(rows[scale], scale) for scale in ALLIANCE_SCALES}
    return rows.assign(pomp=instrument.pomp(rows["score"]), **scales)
