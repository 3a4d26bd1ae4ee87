"""Splits that hold records out in the way a model is used: for new clients, for new therapists, at a later time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Indices
from attune_fit.training.crossfit.dataset import TrainingDataset

TIME_SPLIT_TRAIN_SHARE = 0.7  # share of the dated records that the time split learns from
REPEAT_SEED_STEP = 2**33  # between the seeds of repeats; the folds of the Optuna search use seed + 2**32
REPEATS = ((2_000, 5), (20_000, 3))  # up to so many records, so many splits; MIN_REPEATS above
MIN_REPEATS = 2


@dataclass(frozen=True)
class Fold:
    """Row numbers of the records to learn from (``train``) and of the held-out records to predict (``test``)."""

    train: Indices
    test: Indices


@dataclass(frozen=True)
class Split:
    """One row of :data:`SPLITS`: a way to hold records out.

    Attributes
    ----------
    name : str
    claim : str
        The records a metric of this split makes a claim about, as a card prints them.
    function : callable
        Takes the records, a number of folds and a seed. Returns folds; no fold where the records do not allow it.
    """

    name: str
    claim: str
    function: Callable[[TrainingDataset, int, int], list[Fold]]


def split_by_client(records: TrainingDataset, folds: int, seed: int) -> list[Fold]:
    """Split whole clients into folds: no client is both in ``train`` and in ``test``. At most one fold for a client."""
    return split_by_group(records.client, folds, seed)


def split_by_therapist(records: TrainingDataset, folds: int, seed: int) -> list[Fold]:
    """Split whole therapists into folds: no therapist is both in ``train`` and in ``test``."""
    return split_by_group(records.therapist, folds, seed)


def split_by_time(records: TrainingDataset, folds: int, seed: int) -> list[Fold]:  # noqa: ARG001 - one cut, no draw
    """Learn from the earlier records, predict the later ones of other clients; undated records take no part."""
    return split_by_date(records.client, records.measured_on)


def split_by_date(client: Indices, measured_on: npt.NDArray[np.datetime64]) -> list[Fold]:
    """Return the fold of :func:`split_by_time`, or none.

    Parameters
    ----------
    client : array of int, shape (n,)
        The client of each record.
    measured_on : array of datetime64, shape (n,)
        NaT where unknown.
    """
    dated = np.flatnonzero(~np.isnat(measured_on))
    if not len(dated):
        return []
    when = measured_on[dated]
    cut = np.sort(when)[int(TIME_SPLIT_TRAIN_SHARE * (len(when) - 1))]
    test = dated[when > cut]
    train = dated[(when <= cut) & ~np.isin(client[dated], client[test])]
    return [Fold(train, test)] if len(train) and len(test) else []


SPLITS: tuple[Split, ...] = (
    Split("client", "new clients", split_by_client),
    Split("therapist", "new therapists", split_by_therapist),
    Split("time", "later records", split_by_time),
)


def split_records(name: str, records: TrainingDataset, folds: int = 5, seed: int = 0) -> list[Fold]:
    """Hold records out in the way called ``name`` in :data:`SPLITS`; return its folds.

    Raises
    ------
    ValueError
        If there is no such split. A split at random by row is refused with a reason: other records of the same client
        or therapist would reveal the answer (leakage).
    """
    known = {row.name: row for row in SPLITS}
    if name in known:
        return known[name].function(records, folds, seed)
    if name in ("random", "row", "rows"):
        raise ValueError(
            "a split at random by row is refused: the model would learn from the clients that it predicts; "
            f"use {_format_names(known)}"
        )
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise ValueError(f"no split `{name}`; there are {_format_names(known)}{hint}")


def draw_splits(
    name: str, records: TrainingDataset, folds: int = 5, seed: int = 0, repeats: int = 1
) -> list[list[Fold]]:
    """Draw several splits in the same way (repeated cross-validation); they differ in who is in which fold.

    Parameters
    ----------
    name : str
        Of :data:`SPLITS`.
    records : TrainingDataset
    folds : int
    seed : int
        The first split is that of :func:`split_records` with this seed. The same seed gives the same splits.
    repeats : int
        How many to draw, >= 1; :func:`count_repeats` gives the usual number.

    Returns
    -------
    list of list of Fold
        At least one split, at most ``repeats``. A split that was drawn before is left out, so there is exactly one
        where only one is possible: by time, or where each client or therapist is a fold. The split has no fold where
        the records do not allow it.
    """
    distinct: dict[frozenset[bytes], list[Fold]] = {}
    for repeat in range(repeats):
        split = split_records(name, records, folds, seed + repeat * REPEAT_SEED_STEP)
        distinct.setdefault(frozenset(fold.test.tobytes() for fold in split), split)
    return list(distinct.values())


def count_repeats(n: int) -> int:
    """Return how many splits to draw for ``n`` records: 5 up to 2,000 records, 3 up to 20,000, 2 above.

    With more records a repeat takes longer, and the metrics of two splits differ less.

    >>> [count_repeats(n) for n in (1, 2_000, 20_000, 100_000)]
    [5, 5, 3, 2]
    """
    return next((repeats for most, repeats in REPEATS if n <= most), MIN_REPEATS)


def assign_folds(group: Indices, folds: int, seed: int) -> Indices:
    """Return the fold of each record, drawn at random for each group as a whole; shape of ``group``.

    The draw depends on the canonical order of the groups, so ids do not matter.
    """
    members = np.unique(group)
    fold_of_member = np.random.default_rng(seed).permutation(len(members)) % folds
    return np.asarray(fold_of_member[np.searchsorted(members, group)], dtype=np.intp)


def split_by_group(group: Indices, folds: int, seed: int) -> list[Fold]:
    """Return as many folds as there are groups, at most ``folds``; none if there is only one group."""
    folds = min(folds, len(np.unique(group)))
    if folds < 2:
        return []
    fold_of = assign_folds(group, folds, seed)
    return [Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]


def _format_names(names: Sequence[str] | dict[str, Split]) -> str:
    return ", ".join(f"`{name}`" for name in names)
