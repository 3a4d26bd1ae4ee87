"""Predictions of any method as a matrix: one row for each client, one column for each therapist."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Floats
from attune_fit.splitters import CLIENT_COLUMN, ID_COLUMNS, THERAPIST_COLUMN, write_ids_as_text


def cross_ids(clients: pd.Series, therapists: pd.Series) -> pd.DataFrame:
    """Return the ids of every client with every therapist: all pairs of the first client, then of the second.

    >>> cross_ids(pd.Series(["c1", "c2"]), pd.Series(["t1", "t2"])).to_numpy().tolist()
    [['c1', 't1'], ['c1', 't2'], ['c2', 't1'], ['c2', 't2']]
    """
    return pd.DataFrame({
        CLIENT_COLUMN: np.repeat(np.asarray(clients, dtype=object), len(therapists)),
        THERAPIST_COLUMN: np.tile(np.asarray(therapists, dtype=object), len(clients)),
    })  # fmt: skip


def predict_matrix(estimator: Any, crossed: pd.DataFrame, n_therapists: int) -> Floats:
    """Return the predictions for the rows of crossed pairs, shape (clients, therapists)."""
    return np.asarray(estimator.predict(crossed), dtype=float).reshape(-1, n_therapists)


def find_prediction_column(predictions: pd.DataFrame) -> str:
    """Return the column of a table of predictions that is no id.

    Raises
    ------
    ValueError
        If a column of ids is missing, or there is not exactly one other column.
    """
    missing = [column for column in ID_COLUMNS if column not in predictions]
    others = [str(column) for column in predictions if column not in ID_COLUMNS]
    if missing or len(others) != 1:
        raise ValueError(f"A table of predictions has the columns {CLIENT_COLUMN}, {THERAPIST_COLUMN} and one for the "
                         f"predictions; this one has {', '.join(map(str, predictions.columns))}.")  # fmt: skip
    return others[0]


def build_score_matrix(
    predictions: pd.DataFrame, clients: pd.Series, therapists: pd.Series, required: Bools | None = None
) -> Floats:
    """Build the matrix of a table of predictions.

    Parameters
    ----------
    predictions : DataFrame
        ``client_id``, ``therapist_id`` and one column of predictions; pairs in any order, each at most once.
    clients, therapists : Series of ids
        The rows and the columns of the matrix.
    required : array of bool, shape (clients, therapists), optional
        Pairs that need a prediction.

    Returns
    -------
    array of shape (clients, therapists)
        NaN where there is no prediction.

    Raises
    ------
    ValueError
        If a required prediction is missing or infinite, or a pair is in the table twice.

    Examples
    --------
    >>> table = pd.DataFrame({"client_id": ["c1", "c1"], "therapist_id": ["t2", "t1"], "mine": [3.0, 4.0]})
    >>> build_score_matrix(table, pd.Series(["c1"]), pd.Series(["t1", "t2", "t3"]))
    array([[ 4.,  3., nan]])
    """
    column = find_prediction_column(predictions)
    ids = [write_ids_as_text(predictions[name]) for name in ID_COLUMNS]
    indexed = pd.Series(predictions[column].to_numpy(), pd.MultiIndex.from_arrays(ids, names=ID_COLUMNS))
    n_repeated = int(indexed.index.duplicated().sum())
    if n_repeated:
        raise ValueError(f"{n_repeated} pairs are in the table of predictions more than once.")
    crossed = pd.MultiIndex.from_frame(cross_ids(write_ids_as_text(clients), write_ids_as_text(therapists)))
    matrix = indexed.reindex(crossed).to_numpy(float).reshape(len(clients), len(therapists))
    if np.isinf(matrix).any():
        raise ValueError(f"{int(np.isinf(matrix).sum())} predictions in the table are infinite.")
    if required is not None and np.isnan(matrix[required]).any():
        n_missing = int(np.isnan(matrix[required]).sum())
        raise ValueError(f"{n_missing} of {int(required.sum())} pairs have no prediction in the table.")
    return matrix
