"""The smallest sets of changes that bring more therapists on a client's list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from matching.obstacles import Obstacles
from matching.proposals import Change

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """A set of changes of which each is needed by someone.

    Attributes
    ----------
    changes : tuple of Change
    adds : array of bool, shape (therapists,)
        Who comes on the list. Where a change is the therapist's own, each of them has to make it.
    needs_all : array of bool, shape (therapists,)
        Those of ``adds`` whom no smaller set of these changes brings.
    leaves : array of bool, shape (therapists,)
        Candidates who would no longer be, as when another payer pays.
    """

    changes: tuple[Change, ...]
    adds: Bools
    needs_all: Bools
    leaves: Bools


def smallest(obstacles: Obstacles, changes: Sequence[Change], together: int) -> tuple[Found, ...]:
    """Every minimal set of up to ``together`` changes that brings somebody.

    A therapist comes on the list once every obstacle is taken away: the sets are the minimal hitting sets [1]_ of the
    therapists' obstacles. All sets are tried, each for the whole roster at once: fewest first, so that what a smaller
    set reaches is known when a larger one is judged.

    Parameters
    ----------
    obstacles : Obstacles
    changes : sequence of Change
    together : int
        The largest set tried, >= 1; the work grows with its power of the number of changes.

    Returns
    -------
    tuple of Found
        Those with fewer changes first, else in the order of ``changes``.

    References
    ----------
    .. [1] Reiter (1987), Artificial Intelligence 32, 57-95, doi:10.1016/0004-3702(87)90062-2.
    """
    takes, puts = obstacles.after(changes)
    in_the_way = obstacles.blocked | puts.any(axis=0)
    effects = zip(changes, takes, puts, strict=True)
    useful = [one for one in effects if (one[1] & in_the_way).any()]
    return tuple(_tried(obstacles, useful, together))


def _tried(obstacles: Obstacles, effects: Sequence[tuple[Change, Bools, Bools]], together: int) -> Iterator[Found]:
    now = obstacles.eligible
    reached: dict[tuple[int, ...], Bools] = {(): np.zeros_like(now)}
    for size in range(1, together + 1):
        for chosen in combinations(range(len(effects)), size):
            some = [effects[number] for number in chosen]
            if not _go_together([change for change, *_ in some]):
                continue
            adds = _open(obstacles, some) & ~now
            smaller = [reached[less] for less in combinations(chosen, size - 1) if less in reached]
            before = np.any(smaller, axis=0)
            reached[chosen] = adds | before
            if (needed := adds & ~before).any():
                mine = [one for one in some if one[0].of_client]
                leaves = now & ~_open(obstacles, mine) if mine else np.zeros_like(now)
                yield Found(tuple(change for change, *_ in some), adds, needed, leaves)


def _open(obstacles: Obstacles, effects: Sequence[tuple[Change, Bools, Bools]]) -> Bools:
    """For whom nothing is left in the way, shape (therapists,)."""
    left = obstacles.blocked.copy()
    for _, _, puts in effects:
        left |= puts
    for _, takes, _ in effects:
        left &= ~takes
    return np.asarray(~left.any(axis=0))


def _go_together(changes: Sequence[Change]) -> bool:
    """Two changes of one cell of the client's do not: no therapist needs both. Each wish is a cell of its own."""
    cells = [change.relaxation.changes for change in changes if change.of_client and not change.attribute]
    return len(set(cells)) == len(cells)
