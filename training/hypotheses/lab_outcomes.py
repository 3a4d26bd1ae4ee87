"""The outcome of a hypothesis for each episode: early alliance, dropout, or change from session 1 to session 3."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, add_row_labels, compute_early_alliance
from attune_fit.data.outcomes.known_dropout import compute_known_dropout
from attune_fit.training.crossfit.training_outcomes import compute_training_outcomes

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import OutcomeName

LAST_SESSION = 3  # of the exclusion "sessions after 3", and the later session of a change
OUTCOME_COLUMNS = (*EPISODE_KEYS, "y", "instrument", "measured_on", "turn")


def compute_lab_outcomes(
    clinic: Clinic, tables: Tables, outcome: OutcomeName, *, drops_late_sessions: bool = False
) -> pd.DataFrame:
    """Compute the outcome of each episode.

    Parameters
    ----------
    clinic, tables
    outcome : str
        ``total``: early alliance on the common scale of the clinic's instruments, POMP. ``goal``, ``task``, ``bond``:
        the scale in the POMP of its own instrument. ``dropout``: 1 if any row of the pair has a yes, 0 if it has only
        known noes. ``change``: the client's rating of session 3 minus that of session 1 on the same instrument, POMP.
    drops_late_sessions : bool
        Whether ratings after session 3 do not count.

    Returns
    -------
    DataFrame
        One row for each pair in `outcomes`, by client row, then therapist row: ``client_row``, ``therapist_row``;
        ``y``, NaN where unknown; ``instrument``, missing for ``dropout``; ``measured_on``, the first date of the
        ratings that count; ``turn``, the client's therapists counted from 0 by the first date of any row.
    """
    rows = add_row_labels(tables, tables.outcomes)
    if rows.empty:
        types = {"measured_on": "datetime64[ns]", "instrument": "str"}
        return pd.DataFrame({name: pd.Series(dtype=types.get(name, "float64")) for name in OUTCOME_COLUMNS})
    episodes = _number_episodes(rows)
    if drops_late_sessions and outcome != "dropout":
        is_early = tables.outcomes["session"].isna() | (tables.outcomes["session"] <= LAST_SESSION)
        tables = replace(tables, outcomes=tables.outcomes[is_early])
    known = _compute_known(clinic, tables, rows, outcome)
    return episodes.merge(known, on=EPISODE_KEYS, how="left", sort=True)[list(OUTCOME_COLUMNS)]


def _number_episodes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each pair, with ``turn``; pairs without a date come last."""
    began = rows.groupby(EPISODE_KEYS, sort=True)["measured_on"].min().reset_index()
    ordered = began.sort_values(["client_row", "measured_on"], kind="stable")
    turn = ordered.groupby("client_row").cumcount()
    return began[EPISODE_KEYS].assign(turn=turn)


def _compute_known(clinic: Clinic, tables: Tables, rows: pd.DataFrame, outcome: OutcomeName) -> pd.DataFrame:
    """Return the episodes with a known outcome."""
    if outcome == "dropout":
        return _compute_dropout(rows)
    if outcome == "change":
        return _compute_change(clinic, tables)
    if outcome == "total":
        early = compute_training_outcomes(clinic, tables).rename(columns={"pomp": "y"})
    else:
        early = compute_early_alliance(tables, clinic.instruments).rename(columns={outcome: "y"})
    return early.loc[early["y"].notna(), [*EPISODE_KEYS, "y", "instrument", "measured_on"]]


def _compute_dropout(rows: pd.DataFrame) -> pd.DataFrame:
    """Return dropout of each pair, which has no instrument."""
    pairs = compute_known_dropout(rows)
    return pairs.assign(instrument=pd.array([pd.NA] * len(pairs), dtype="str"))


def _compute_change(clinic: Clinic, tables: Tables) -> pd.DataFrame:
    """Return the client's rating of session 3 minus session 1; with two instruments, on the first by name."""
    ratings = _convert_ratings(clinic, tables)
    keys = [*EPISODE_KEYS, "instrument"]
    means = {
        session: ratings[ratings["session"] == session].groupby(keys, sort=True)["pomp"].mean()
        for session in (1, LAST_SESSION)
    }
    change = (means[LAST_SESSION] - means[1]).dropna().rename("y")  # by label: both sessions are there
    first = ratings.groupby(keys, sort=True)["measured_on"].min()
    both = pd.concat([change, first], axis=1, join="inner").reset_index()
    return both.drop_duplicates(EPISODE_KEYS)


def _convert_ratings(clinic: Clinic, tables: Tables) -> pd.DataFrame:
    """Return the client's ratings on a known instrument at sessions 1 and 3, with ``pomp``."""
    rows = tables.outcomes
    is_usable = rows["score"].notna() & (rows["rater"].isna() | (rows["rater"] == "client"))
    is_usable &= rows["session"].isin([1, LAST_SESSION]) & rows["instrument"].isin(list(clinic.instruments))
    rows = add_row_labels(tables, rows[is_usable])
    pomp = pd.Series(np.nan, index=rows.index)
    for name, part in rows.groupby("instrument", sort=True):
        pomp[part.index] = clinic.instruments[str(name)].pomp(part["score"])
    return rows.assign(pomp=pomp)
