"""The smallest sets of changes that bring more therapists on a client's list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.matching.relaxation.blockers import STATE_PASSED, ClientBlockers, States
from attune_fit.matching.relaxation.change import TableChange


@dataclass(frozen=True)
class MinimalChangeSet:
    """A set of changes of which each is needed by someone.

    Attributes
    ----------
    changes : tuple of Change
    is_added : array of bool, shape (therapists,)
        Who comes on the list. Where a change is the therapist's own, each of them has to make it.
    is_added_only_by_all : array of bool, shape (therapists,)
        Those of ``is_added`` whom no smaller set of these changes brings.
    is_removed : array of bool, shape (therapists,)
        Candidates who would no longer be, as when another payer pays.
    """

    changes: tuple[TableChange, ...]
    is_added: Bools
    is_added_only_by_all: Bools
    is_removed: Bools


def find_minimal_sets(
    obstacles: ClientBlockers, changes: Sequence[TableChange], together: int
) -> tuple[MinimalChangeSet, ...]:
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
    states = obstacles.apply_each(changes)
    useful = [number for number, change in enumerate(changes) if _can_help(obstacles, change, states[number], states)]
    return tuple(_SetSearch(obstacles, [changes[number] for number in useful], states[useful]).find_sets(together))


def _can_help(obstacles: ClientBlockers, change: TableChange, state: States, states: States) -> bool:
    """Whether a change takes something away; a weaker wish or a question may do so only after another change."""
    if change.is_certain and not change.attribute:
        return bool((state < obstacles.state).any())
    for before in (obstacles.state, *states):
        settled = before.copy()
        obstacles.apply_wish_or_question(settled, change)
        if (settled < before).any():
            return True
    return False


class _SetSearch:
    """Sets of changes, each judged for the whole roster at once."""

    def __init__(self, obstacles: ClientBlockers, changes: Sequence[TableChange], states: States) -> None:
        self.obstacles, self.changes, self.states = obstacles, changes, states
        self.wish_columns = {f"therapists.{row.attribute}" for row in obstacles.blockers if row.attribute}

    def find_sets(self, together: int) -> Iterator[MinimalChangeSet]:
        """Every minimal set."""
        now = self.obstacles.is_eligible
        reached: dict[tuple[int, ...], Bools] = {(): np.zeros_like(now)}
        for size in range(1, together + 1):
            for chosen in combinations(range(len(self.changes)), size):
                if not self._can_be_minimal(chosen):
                    continue
                adds = self._is_unblocked_after(chosen) & ~now
                smaller = [reached[less] for less in combinations(chosen, size - 1) if less in reached]
                before = np.any(smaller, axis=0)
                reached[chosen] = adds | before
                if (needed := adds & ~before).any():
                    mine = tuple(number for number in chosen if self.changes[number].is_by_client)
                    leaves = now & ~self._is_unblocked_after(mine)
                    yield MinimalChangeSet(tuple(self.changes[number] for number in chosen), adds, needed, leaves)

    def _is_unblocked_after(self, chosen: Sequence[int]) -> Bools:
        """For whom nothing is left in the way after some changes, shape (therapists,).

        Changes of different cells decide different obstacles, so that each can be taken as judged by itself; several of
        one cell are judged together. Weaker wishes and questions come last.
        """
        state = self.obstacles.state.copy()
        for numbers in self._group_by_cell(chosen).values():
            rows = self.obstacles.find_affected(self.changes[numbers[0]])
            one = self.states[numbers[0]][rows] if len(numbers) == 1 else None
            state[rows] = self.obstacles.apply_together([self.changes[n] for n in numbers]) if one is None else one
        for number in chosen:
            self.obstacles.apply_wish_or_question(state, self.changes[number])
        return np.asarray((state == STATE_PASSED).all(axis=0))

    def _can_be_minimal(self, chosen: Sequence[int]) -> bool:
        """Whether a set may be minimal: two changes aimed at one rule are not both needed, one is enough.

        Except that a therapist may need two codes more in a cell that the client has wishes about.
        """
        cells = self._group_by_cell(chosen)
        rules = [self.changes[numbers[0]].rule for numbers in cells.values()]
        doubled = {place for place, numbers in cells.items() if len(numbers) > 1}
        return len(set(rules)) == len(rules) and doubled <= self.wish_columns

    def _group_by_cell(self, chosen: Sequence[int]) -> dict[str, list[int]]:
        """Those of some changes that change a cell of the client's or of the therapists', by cell."""
        found: dict[str, list[int]] = {}
        for number in chosen:
            change = self.changes[number]
            if change.is_certain and not change.attribute:
                found.setdefault(change.relaxation.changed_column, []).append(number)
        return found
