"""Dates of intake answers: answers from after the first rating leak the outcome and are not predictors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

INTAKE_DATE_COLUMNS = ("intake_on", "referred_on")  # columns of `clients`; the first known date is that of the answers


def find_intake_dates(clients: Mapping[str, pd.Series] | pd.DataFrame, index: pd.Index) -> pd.Series:
    """Return the date of each client's intake answers; missing where no column has one.

    Parameters
    ----------
    clients : frame or mapping of columns
        Any of :data:`INTAKE_DATE_COLUMNS` can be absent.
    index : Index
        Row labels of the clients.

    Returns
    -------
    Series of datetime64[s]
    """
    days = pd.Series(pd.NaT, index=index, dtype="datetime64[s]")
    for name in INTAKE_DATE_COLUMNS:
        if name in clients:
            days = days.fillna(clients[name])
    return days


def is_intake_after_rating(clients: pd.DataFrame, early: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return whether the intake answers of each episode are later than its first rating, shape (episodes,).

    Such answers can describe what happened (leakage), so Attune must not learn from the episode. The same day is
    early enough, and an episode with a missing date counts as early enough. For a client who answers between two
    therapists, only the first episode is late.

    Parameters
    ----------
    clients : DataFrame
        The table `clients`.
    early : DataFrame
        Episodes from :func:`compute_early_alliance`.
    """
    answered = find_intake_dates(clients, clients.index).to_numpy()[early["client_row"].to_numpy(np.intp)]
    return np.asarray(answered > early["measured_on"].to_numpy(), dtype=bool)
