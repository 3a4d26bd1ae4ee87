"""Splitters for scikit-learn that hold out whole clients, whole therapists or later records."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_random_state

from attune_fit.data.arrays import Indices
from attune_fit.training.crossfit.splits import Fold, split_by_date, split_by_group

CLIENT_COLUMN, THERAPIST_COLUMN, DATE_COLUMN = "client_id", "therapist_id", "measured_on"
ID_COLUMNS = [CLIENT_COLUMN, THERAPIST_COLUMN]
SEED_LIMIT = 2**31 - 1


class _RecordSplitter(BaseCrossValidator):  # type: ignore[misc] # scikit-learn has no types
    """What the splitters share: they yield the folds of Attune's own training, and read ids from X or groups."""

    __metadata_request__split: ClassVar = {"groups": True}  # scikit-learn routes `groups` to the splitter

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Indices, Indices]]:  # noqa: ARG002
        """Yield the row numbers of the records to learn from, and of the held-out records.

        Parameters
        ----------
        X : DataFrame or array of shape (n, p)
        y : ignored
        groups : DataFrame of n rows, or array of shape (n,), optional
            Holds the ids (and for :class:`TimeFold` the dates). If None, X holds them as columns.

        Yields
        ------
        train, test : arrays of int

        Raises
        ------
        ValueError
            If ids or dates are missing, or the records allow no split.
        """
        for fold in self._list_folds(X, groups):
            yield fold.train, fold.test

    def _list_folds(self, X: Any, groups: Any) -> list[Fold]:
        raise NotImplementedError


class _GroupFold(_RecordSplitter):
    """What :class:`ClientFold` and :class:`TherapistFold` share."""

    _column: ClassVar[str]

    def __init__(self, n_splits: int = 5, *, random_state: Any = 0) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return the number of folds: ``n_splits``, or the number of groups in the data if that is smaller.

        Without data: ``n_splits``.
        """
        if X is None and groups is None:
            return self.n_splits
        return len(self._list_folds(X, groups))

    def _list_folds(self, X: Any, groups: Any) -> list[Fold]:
        if self.n_splits < 2:
            raise ValueError(f"n_splits is {self.n_splits}; it must be 2 or more.")
        codes = encode_groups(_read_ids(self, self._column, X, groups))
        folds = split_by_group(codes, self.n_splits, choose_seed(self.random_state))
        if not folds:
            raise ValueError(f"All records have the same {self._column}, so no group can be held out.")
        return folds


class ClientFold(_GroupFold):
    """Split the records so that no client is both learned from and predicted (grouped cross-validation).

    Appropriate when the claim is about new clients: the usual case. A split at random by row would let other records of
    the same client reveal the answer (leakage).

    Parameters
    ----------
    n_splits : int, default 5
        Number of folds, >= 2; fewer if there are fewer clients.
    random_state : int, RandomState or None, default 0
        Decides which client is in which fold. The same number gives the same folds as :func:`split_records`, if the ids
        are categories in the order of the tables, as :func:`build_training_data` makes them. Plain ids are sorted.

    Examples
    --------
    >>> X = pd.DataFrame({"client_id": ["c1", "c1", "c2", "c3"]})
    >>> for train, test in ClientFold(3).split(X):
    ...     print(train, test)
    [0 1 3] [2]
    [0 1 2] [3]
    [2 3] [0 1]
    """

    _column = CLIENT_COLUMN


class TherapistFold(_GroupFold):
    """Split the records so that no therapist is both learned from and predicted (grouped cross-validation).

    Appropriate when the claim is about new therapists: a model cannot use the therapist's own effect on such records.

    Parameters
    ----------
    n_splits : int, default 5
        Number of folds, >= 2; fewer if there are fewer therapists.
    random_state : int, RandomState or None, default 0
        Decides which therapist is in which fold, as in :class:`ClientFold`.

    Examples
    --------
    >>> X = pd.DataFrame({"therapist_id": ["t1", "t2", "t1", "t2"]})
    >>> [test.tolist() for _, test in TherapistFold(2).split(X)]
    [[0, 2], [1, 3]]
    """

    _column = THERAPIST_COLUMN


class TimeFold(_RecordSplitter):
    """Learn from the earlier 70% of the dated records, and predict the later ones of other clients: one fold.

    Appropriate when the claim is about the future. A record without a date takes no part. Reads the columns
    ``client_id`` and ``measured_on`` of ``groups``, or of X.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"])
    >>> groups = pd.DataFrame({"client_id": ["c1", "c2", "c3", "c4"], "measured_on": days})
    >>> next(TimeFold().split(groups, groups=groups))
    (array([0, 1, 2]), array([3]))
    """

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return 1."""
        return 1

    def _list_folds(self, X: Any, groups: Any) -> list[Fold]:
        if groups is not None and not isinstance(groups, pd.DataFrame):
            raise ValueError(f"TimeFold reads two columns: groups must be a DataFrame with {CLIENT_COLUMN} and "
                             f"{DATE_COLUMN}, not an array.")  # fmt: skip
        client = encode_groups(_read_ids(self, CLIENT_COLUMN, X, groups))
        dates = pd.to_datetime(_read_column(self, DATE_COLUMN, X, groups)).to_numpy("datetime64[D]")
        folds = split_by_date(client, dates)
        if not folds:
            raise ValueError(f"The dates in {DATE_COLUMN} allow no split: no later record of another client is left.")
        return folds


def list_folds(cv: Any, X: pd.DataFrame, y: pd.Series, groups: pd.DataFrame | None) -> list[tuple[Indices, Indices]]:
    """List the folds of any way to split: a splitter, a number of folds, or the folds themselves.

    Parameters
    ----------
    cv : splitter, int, iterable of (train, test) or None
        None is ``ClientFold(5)``, and a number k is ``ClientFold(k)``. A splitter of scikit-learn takes one group for
        each record: the client.
    X, y, groups
        As from :meth:`Workspace.training_data`; without groups, X holds the ids.

    Returns
    -------
    list of (train, test)
        Row numbers.

    Raises
    ------
    ValueError
        If cv is no way to split, holds out no record, or holds out a record twice.
    """
    if cv is None or isinstance(cv, (int, np.integer)):
        cv = ClientFold() if cv is None else ClientFold(int(cv))
    if isinstance(cv, _RecordSplitter):
        folds = cv.split(X, y, groups)
    elif hasattr(cv, "get_n_splits"):
        source = X if groups is None else groups
        clients = source[CLIENT_COLUMN].astype(object) if isinstance(source, pd.DataFrame) else source
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The groups parameter is ignored")
            folds = iter(list(cv.split(X, y, clients)))
    elif isinstance(cv, Iterable) and not isinstance(cv, str):
        folds = iter(cv)
    else:
        raise ValueError(f"cv is {cv!r}; it must be a splitter, a number of folds, or a list of (train, test).")
    listed = [(_number_rows(train, len(X)), _number_rows(test, len(X))) for train, test in folds]
    held_out = np.concatenate([test for _, test in listed]) if listed else np.empty(0, dtype=np.intp)
    if not len(held_out):
        raise ValueError("cv holds out no record.")
    if len(np.unique(held_out)) < len(held_out):
        raise ValueError("cv holds out some records more than once: each record can be in one test fold at most.")
    return listed


def _number_rows(rows: Any, n: int) -> Indices:
    """Return row numbers, also from a mask of the n records."""
    array = np.asarray(rows)
    if array.dtype == bool:
        if len(array) != n:
            raise ValueError(f"a mask of cv has {len(array)} entries, X has {n} rows.")
        return np.flatnonzero(array)
    numbers = array.astype(np.intp)
    if len(numbers) and (numbers.min() < 0 or numbers.max() >= n):
        raise ValueError(f"cv has row numbers outside 0 to {n - 1}.")
    return numbers


def write_ids_as_text(ids: pd.Series) -> pd.Series:
    """Return ids as text, as the tables hold them; a missing id stays missing.

    A spreadsheet or a notebook often reads the ids 1, 2, 3 as numbers.

    >>> write_ids_as_text(pd.Series([7, 12.0, "c3"], dtype=object)).to_list()
    ['7', '12', 'c3']
    """
    return ids.astype(object).map(_write_id, na_action="ignore")


def _write_id(one: Any) -> Any:
    is_whole = isinstance(one, (int, np.integer)) or (isinstance(one, float) and one.is_integer())
    return str(int(one)) if is_whole else one


def encode_groups(ids: pd.Series) -> Indices:
    """Return a number for each id, shape (n,): the place of its category, or of its value when sorted; -1 if missing.

    >>> encode_groups(pd.Series(["b", "a", "b", None]))
    array([ 1,  0,  1, -1])
    """
    codes = ids.cat.codes if isinstance(ids.dtype, pd.CategoricalDtype) else pd.factorize(ids, sort=True)[0]
    return np.asarray(codes, dtype=np.intp)


def choose_seed(random_state: Any) -> int:
    """Return the seed of Attune's engine for scikit-learn's ``random_state``: an integer is the seed itself.

    None and a RandomState draw one.

    >>> choose_seed(3)
    3
    """
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(SEED_LIMIT))


def _read_ids(splitter: _RecordSplitter, column: str, X: Any, groups: Any) -> pd.Series:
    """Return a column of ids without a missing one."""
    ids = _read_column(splitter, column, X, groups)
    missing = int(ids.isna().sum())
    if missing:
        raise ValueError(f"{missing} of {len(ids)} records have no {column}. Remove them, or give each an id.")
    return ids


def _read_column(splitter: _RecordSplitter, column: str, X: Any, groups: Any) -> pd.Series:
    """Return one column of groups, or of X if there are no groups, with one entry for each record."""
    name = type(splitter).__name__
    if groups is None or isinstance(groups, pd.DataFrame):
        source, frame = ("X", X) if groups is None else ("groups", groups)
        if not isinstance(frame, pd.DataFrame) or column not in frame:
            raise ValueError(f"{name} needs the column {column}, and {source} has none. Give a DataFrame that has it.")
        cells: pd.Series = frame[column].reset_index(drop=True)
    else:
        values: npt.NDArray[Any] | pd.Series = groups if isinstance(groups, pd.Series) else np.asarray(groups)
        if values.ndim != 1:
            raise ValueError(f"{name}: groups must be a DataFrame with {column}, or one array of ids.")
        other = getattr(groups, "name", None)
        if other in ID_COLUMNS and other != column:
            raise ValueError(f"{name} needs the column {column}, and groups is the column {other}.")
        cells = pd.Series(values).reset_index(drop=True)
    if X is not None and len(cells) != len(X):
        raise ValueError(f"{name}: groups has {len(cells)} rows, X has {len(X)}.")
    return cells
