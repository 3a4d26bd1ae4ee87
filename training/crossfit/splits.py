"""Ways of holding records back that match what is claimed: new clients, new therapists, later time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Indices
from attune_fit.training.crossfit.dataset import TrainingDataset

TIME_SPLIT_TRAIN_SHARE = 0.7  # share of the dated records that the time split learns from


@dataclass(frozen=True)
class Fold:
    """Rows of the records to learn from, and rows to predict."""

    train: Indices
    test: Indices


@dataclass(frozen=True)
class Split:
    """One row of :data:`SPLITS`.

    Attributes
    ----------
    name : str
    claim : str
        The claim it tests.
    function : callable
        Takes records, a number of folds and a seed; returns folds, none where the records do not allow it.
    """

    name: str
    claim: str
    function: Callable[[TrainingDataset, int, int], list[Fold]]


def split_by_client(records: TrainingDataset, folds: int, seed: int) -> list[Fold]:
    """No client is both learnt from and predicted; fewer folds where there are fewer clients."""
    return split_by_group(records.client, folds, seed)


def split_by_therapist(records: TrainingDataset, folds: int, seed: int) -> list[Fold]:
    """No therapist is both learnt from and predicted."""
    return split_by_group(records.therapist, folds, seed)


def split_by_time(records: TrainingDataset, folds: int, seed: int) -> list[Fold]:  # noqa: ARG001 - one cut, and nothing is drawn
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
    Split("client", "clients nobody has seen", split_by_client),
    Split("therapist", "therapists nobody has met", split_by_therapist),
    Split("time", "later records", split_by_time),
)


def split_records(name: str, records: TrainingDataset, folds: int = 5, seed: int = 0) -> list[Fold]:
    """Hold records back in the way of that name.

    Raises
    ------
    ValueError
        If there is no such split, and for a split at random by row, which would let a client's or therapist's other
        records give the answer away.
    """
    known = {row.name: row for row in SPLITS}
    if name in known:
        return known[name].function(records, folds, seed)
    if name in ("random", "row", "rows"):
        raise ValueError(
            "a split at random by row is refused: the same client would be learnt from and predicted; "
            f"use {_format_names(known)}"
        )
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise ValueError(f"no split `{name}`; there are {_format_names(known)}{hint}")


def assign_folds(group: Indices, folds: int, seed: int) -> Indices:
    """Deal whole groups out to folds at random, shape of ``group``.

    Drawn from the groups' place in canonical order, so that ids do not matter.
    """
    members = np.unique(group)
    dealt = np.random.default_rng(seed).permutation(len(members)) % folds
    return np.asarray(dealt[np.searchsorted(members, group)], dtype=np.intp)


def split_by_group(group: Indices, folds: int, seed: int) -> list[Fold]:
    """As many folds as there are groups, at most ``folds``; none when there is only one group."""
    folds = min(folds, len(np.unique(group)))
    if folds < 2:
        return []
    fold_of = assign_folds(group, folds, seed)
    return [Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]


def _format_names(names: Sequence[str] | dict[str, Split]) -> str:
    return ", ".join(f"`{name}`" for name in names)
