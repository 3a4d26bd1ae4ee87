"""Find the smallest sets of changes that add therapists to a client's list (minimal hitting sets)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.matching.relaxation.blockers import STATE_PASSED, ClientBlockers, States
from attune_fit.matching.relaxation.proposed_change import TableChange


@dataclass(frozen=True)
class MinimalChangeSet:
    """A set of changes; at least one therapist needs all of them.

    Attributes
    ----------
    changes : tuple of TableChange
    is_added : array of bool, shape (therapists,)
        Therapists who join the list. Each of them has to make a change whose side is the therapist or the clinic.
    is_added_only_by_all : array of bool, shape (therapists,)
        Those of ``is_added`` whom no smaller set of these changes adds.
    is_removed : array of bool, shape (therapists,)
        Candidates who leave the list, for example when the payer changes.
    """

    changes: tuple[TableChange, ...]
    is_added: Bools
    is_added_only_by_all: Bools
    is_removed: Bools


def find_minimal_sets(
    blockers: ClientBlockers, changes: Sequence[TableChange], max_changes: int
) -> tuple[MinimalChangeSet, ...]:
    """Find every minimal set of up to ``max_changes`` changes that adds at least one therapist.

    A therapist joins the list when the changes remove every blocker. So the sets are the minimal hitting sets [1]_ of
    the therapists' blockers. The search is exhaustive. It evaluates each set for the whole roster at once, smaller sets
    first, so that a larger set is compared with all its subsets.

    Parameters
    ----------
    blockers : ClientBlockers
    changes : sequence of TableChange
    max_changes : int
        Size of the largest set, >= 1. Time grows as the number of changes to this power.

    Returns
    -------
    tuple of MinimalChangeSet
        Smaller sets first, then in the order of ``changes``.

    References
    ----------
    .. [1] Reiter (1987), Artificial Intelligence 32, 57-95, doi:10.1016/0004-3702(87)90062-2.
    """
    states = blockers.apply_each(changes)
    useful = [number for number, change in enumerate(changes) if _can_help(blockers, change, states[number], states)]
    search = _ChangeSetSearch(blockers, [changes[number] for number in useful], states[useful])
    return tuple(search.find_sets(max_changes))


def _can_help(blockers: ClientBlockers, change: TableChange, state: States, states: States) -> bool:
    """Return whether a change removes a blocker; a weaker wish or a question can do so after another change only."""
    if change.is_certain and not change.attribute:
        return bool((state < blockers.state).any())
    for before in (blockers.state, *states):
        after = before.copy()
        blockers.apply_wish_or_question(after, change)
        if (after < before).any():
            return True
    return False


class _ChangeSetSearch:
    """Search sets of changes; each set is evaluated for the whole roster at once."""

    def __init__(self, blockers: ClientBlockers, changes: Sequence[TableChange], states: States) -> None:
        self.blockers, self.changes, self.states = blockers, changes, states
        self.wish_columns = {f"therapists.{row.attribute}" for row in blockers.blockers if row.attribute}

    def find_sets(self, max_changes: int) -> Iterator[MinimalChangeSet]:
        """Yield every minimal set, smaller sets first."""
        is_candidate = self.blockers.is_eligible
        added_by: dict[tuple[int, ...], Bools] = {(): np.zeros_like(is_candidate)}
        for size in range(1, max_changes + 1):
            for chosen in combinations(range(len(self.changes)), size):
                if not self._can_be_minimal(chosen):
                    continue
                is_added = self._is_unblocked_after(chosen) & ~is_candidate
                subsets = [added_by[subset] for subset in combinations(chosen, size - 1) if subset in added_by]
                is_added_by_subset = np.any(subsets, axis=0)
                added_by[chosen] = is_added | is_added_by_subset
                if (needs_all := is_added & ~is_added_by_subset).any():
                    by_client = tuple(number for number in chosen if self.changes[number].is_by_client)
                    is_removed = is_candidate & ~self._is_unblocked_after(by_client)
                    changes = tuple(self.changes[number] for number in chosen)
                    yield MinimalChangeSet(changes, is_added, needs_all, is_removed)

    def _is_unblocked_after(self, chosen: Sequence[int]) -> Bools:
        """Return whether no blocker is left after some changes, shape (therapists,).

        Changes of different columns affect different blockers, so the state after each single change can be used.
        Several changes of one column are applied together. Weaker wishes and questions come last.
        """
        state = self.blockers.state.copy()
        for numbers in self._group_by_column(chosen).values():
            affected = self.blockers.find_affected(self.changes[numbers[0]])
            if len(numbers) == 1:
                state[affected] = self.states[numbers[0]][affected]
            else:
                state[affected] = self.blockers.apply_together([self.changes[number] for number in numbers])
        for number in chosen:
            self.blockers.apply_wish_or_question(state, self.changes[number])
        return np.asarray((state == STATE_PASSED).all(axis=0))

    def _can_be_minimal(self, chosen: Sequence[int]) -> bool:
        """Return whether a set can be minimal: of two changes meant for one rule, one is enough.

        The exception: a therapist might need two more codes in a column that the client has wishes about.
        """
        by_column = self._group_by_column(chosen)
        rules = [self.changes[numbers[0]].rule for numbers in by_column.values()]
        repeated = {column for column, numbers in by_column.items() if len(numbers) > 1}
        return len(set(rules)) == len(rules) and repeated <= self.wish_columns

    def _group_by_column(self, chosen: Sequence[int]) -> dict[str, list[int]]:
        """Group the changes of a cell of `clients` or `therapists` by column; wishes and questions are left out."""
        groups: dict[str, list[int]] = {}
        for number in chosen:
            change = self.changes[number]
            if change.is_certain and not change.attribute:
                groups.setdefault(change.relaxation.changed_column, []).append(number)
        return groups
