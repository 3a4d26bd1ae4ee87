"""What was written after contact is no predictor: a client's answers held against the day of the first rating."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

INTAKE_DATE_COLUMNS = ("intake_on", "referred_on")  # columns of `clients`: the first that is known dates the answers


def find_intake_dates(clients: Mapping[str, pd.Series] | pd.DataFrame, index: pd.Index) -> pd.Series:
    """The day each client's answers were written down; unknown where no column says.

    Parameters
    ----------
    clients : frame or mapping of columns
        Where :data:`INTAKE_DATE_COLUMNS` may be missing.
    index : Index
        The rows' labels.
    """
    days = pd.Series(pd.NaT, index=index, dtype="datetime64[s]")
    for name in INTAKE_DATE_COLUMNS:
        if name in clients:
            days = days.fillna(clients[name])
    return days


def is_intake_after_rating(clients: pd.DataFrame, early: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Episodes whose first rating is older than the client's answers, shape (episodes,).

    Such answers may tell of what happened: the episode must not be learned from. The same day is early enough, and an
    unknown day says nothing. A client who meets a second therapist after answering is late for the first alone.

    Parameters
    ----------
    clients : DataFrame
        The table.
    early : DataFrame
        From :func:`compute_early_alliance`.
    """
    answered = find_intake_dates(clients, clients.index).to_numpy()[early["client_row"].to_numpy(np.intp)]
    return np.asarray(answered > early["measured_on"].to_numpy(), dtype=bool)
