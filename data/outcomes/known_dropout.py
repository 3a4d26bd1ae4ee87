"""Dropout of each pair, as far as the outcomes state it."""

from __future__ import annotations

import pandas as pd

from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS


def compute_known_dropout(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute whether the client of each pair dropped out; a pair without a known cell is left out.

    Parameters
    ----------
    rows : DataFrame
        Rows of `outcomes` with row labels, from :func:`add_row_labels`; with a rating or without.

    Returns
    -------
    DataFrame
        One row for each pair, by client row, then therapist row: ``client_row``, ``therapist_row``; ``y``, 1 if any row
        has a yes, 0 if it has known noes only; ``measured_on``, the first date of the rows with a known cell.
    """
    marks = rows.assign(y=(rows["dropped_out"] == "yes").astype(float))[rows["dropped_out"].notna()]
    pairs = marks.groupby(EPISODE_KEYS, sort=True).agg(y=("y", "max"), measured_on=("measured_on", "min"))
    return pairs.reset_index()
