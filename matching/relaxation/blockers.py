"""Blockers between one client and each therapist, and the changes that remove them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.ranking.wish_results import REQUIRED_ANSWERS
from attune_fit.matching.relaxation.proposed_change import TableChange

States = npt.NDArray[np.int8]

STATE_PASSED, STATE_UNKNOWN, STATE_FAILED = 0, 1, 2  # the last two exclude the therapist


@dataclass(frozen=True)
class Blocker:
    """A rule that has to hold; each `must` or `never` wish is a blocker of its own.

    Attributes
    ----------
    rule : Rule
    attribute, value : str
        Column and value of the wish; empty for every other rule.
    """

    rule: Rule
    attribute: str = ""
    value: str = ""

    @property
    def input_columns(self) -> tuple[str, ...]:
        """Return ``table.column`` of each input of the rule."""
        return (f"therapists.{self.attribute}",) if self.attribute else self.rule.input_columns

    def evaluate(self, pairs: Pairs) -> Floats:
        """Evaluate the rule for the one client of the pairs.

        Returns
        -------
        array, shape (therapists,)
            1 where the rule holds, 0 where it fails, NaN where a cell is unknown.
        """
        if not self.attribute:
            return np.asarray(self.rule.function(pairs)[0])
        wanted = (self.rule.name, self.attribute, self.value)
        wishes = pairs.sides.build_wish_table().list_client_wishes(0)
        answers = next(answers for *wish, answers in wishes if tuple(wish) == wanted)
        return np.where(np.isnan(answers), np.nan, answers == REQUIRED_ANSWERS[self.rule.name])

    def classify(self, results: Floats) -> States:
        """Return the state for each result of :meth:`evaluate`: passed, excluded as unknown, or failed."""
        unknown = STATE_UNKNOWN if self.rule.unknown_policy == "exclude" else STATE_PASSED
        return np.where(results == 0, STATE_FAILED, np.where(np.isnan(results), unknown, STATE_PASSED)).astype(np.int8)


@dataclass(frozen=True)
class ClientBlockers:
    """Blockers of one client with the whole roster.

    Attributes
    ----------
    tables : Tables
        The tables with the row and the wishes of this client only.
    blockers : tuple of Blocker
    state : array of int8, shape (blockers, therapists)
        :data:`STATE_PASSED`; :data:`STATE_UNKNOWN` where a cell is unknown and the rule's policy excludes the
        therapist; :data:`STATE_FAILED` where the rule fails.
    """

    tables: Tables
    blockers: tuple[Blocker, ...]
    state: States

    @classmethod
    def from_rules(cls, tables: Tables, rules: Sequence[Rule], client_row: int) -> ClientBlockers:
        """Check every rule for one client and the whole roster; a therapist without a blocker is a candidate."""
        client_tables = select_client(tables, client_row)
        wishes = Sides(client_tables).build_wish_table().list_client_wishes(0)
        blockers: list[Blocker] = []
        for rule in allow_unknown_in_empty_columns(rules, tables):
            wish_blockers = [Blocker(rule, *wish) for strength, *wish, _ in wishes if strength == rule.name]
            blockers += wish_blockers if rule.name in REQUIRED_ANSWERS else [Blocker(rule)]
        return cls(client_tables, tuple(blockers), _compute_states(client_tables, blockers))

    @property
    def is_blocked(self) -> Bools:
        """Return whether each blocker excludes the therapist, shape (blockers, therapists)."""
        return np.asarray(self.state != STATE_PASSED)

    @property
    def is_eligible(self) -> Bools:
        """Return whether no blocker excludes the therapist, shape (therapists,)."""
        return np.asarray((self.state == STATE_PASSED).all(axis=0))

    def select_therapist(self, column: int) -> ClientBlockers:
        """Return the blockers of one therapist."""
        tables = replace(self.tables, therapists=self.tables.therapists.iloc[[column]].reset_index(drop=True))
        return replace(self, tables=tables, state=self.state[:, [column]])

    def apply_each(self, changes: Sequence[TableChange]) -> States:
        """Return the states after each change alone, shape (changes, blockers, therapists).

        A therapist's change is applied to every therapist at once. This is exact, because the state of a therapist
        depends only on the therapist's own row.
        """
        states = np.repeat(self.state[None], len(changes), axis=0)
        for number, change in enumerate(changes):
            if change.relaxation.changed_column.startswith("therapists."):
                states[number, self.find_affected(change)] = self.apply_together([change])
        for column in dict.fromkeys(change.relaxation.changed_column for change in changes):
            if column.startswith("clients."):
                same = [number for number, change in enumerate(changes) if change.relaxation.changed_column == column]
                states[same] = self._apply_client_changes([changes[number] for number in same])
        for state, change in zip(states, changes, strict=True):
            self.apply_wish_or_question(state, change)
        return states

    def apply_together(self, changes: Sequence[TableChange]) -> States:
        """Return the states of :meth:`find_affected` after several changes of one column of `therapists` together."""
        tables, roster = self.tables, self.tables.therapists["therapist_id"].to_list()
        for change in changes:
            tables = change.apply(tables, self._client_id(), roster)
        return _compute_states(tables, [self.blockers[number] for number in self.find_affected(changes[0])])

    def apply_wish_or_question(self, state: States, change: TableChange) -> None:
        """Update the states in place for a weaker wish or a question, after all cells are changed.

        A weaker wish excludes no therapist. A question counts as answered in the therapist's favour. It applies only
        where the result is still unknown. A question to the client counts so for all therapists, those included whose
        own cell is unknown too: so it adds at most these therapists.
        """
        if change.attribute:
            state[self._find_targets(change)] = STATE_PASSED
        elif not change.is_certain:
            targets = self._find_targets(change)
            state[targets] = np.where(state[targets] == STATE_UNKNOWN, STATE_PASSED, state[targets])

    def find_affected(self, change: TableChange) -> list[int]:
        """Return the numbers of the blockers that read the column the change edits."""
        column = change.relaxation.changed_column
        return [number for number, blocker in enumerate(self.blockers) if column in blocker.input_columns]

    def _apply_client_changes(self, changes: Sequence[TableChange]) -> States:
        """Apply each of several changes of one column of `clients`, as in :meth:`apply_each`.

        The table holds one copy of the client for each change: faster than one pass over the roster for each change.
        """
        clients = [change.apply(self.tables, self._client_id(), ()).clients for change in changes]
        pairs = Pairs.cross(Sides(replace(self.tables, clients=pd.concat(clients, ignore_index=True))))
        states = np.repeat(self.state[None], len(changes), axis=0)
        for number in self.find_affected(changes[0]):
            blocker = self.blockers[number]
            states[:, number] = blocker.classify(blocker.rule.function(pairs))
        return states

    def _find_targets(self, change: TableChange) -> list[int]:
        """Return the numbers of the blockers the change is meant to remove."""
        wish = (change.attribute, change.code) if change.attribute else None
        return [
            number
            for number, blocker in enumerate(self.blockers)
            if blocker.rule.name == change.rule and wish in (None, (blocker.attribute, blocker.value))
        ]

    def _client_id(self) -> str:
        return str(self.tables.clients["client_id"][0])


def allow_unknown_in_empty_columns(rules: Sequence[Rule], tables: Tables) -> list[Rule]:
    """Return the rules; one that reads an empty column allows unknown cells, unless ``clinic.toml`` sets its policy.

    :class:`EligibilityResult` treats such a rule the same way. Apply this before a change adds the first known cell.
    """
    return [
        rule
        if rule.is_unknown_policy_stated or not rule.list_empty_columns(tables)
        else replace(rule, unknown_policy="allow")
        for rule in rules
    ]


def select_client(tables: Tables, client_row: int) -> Tables:
    """Return the tables with one client and this client's wishes only, so that later steps are fast."""
    clients = tables.clients.iloc[[client_row]].reset_index(drop=True)
    is_own_wish = tables.preferences["client_id"] == clients["client_id"][0]
    return replace(tables, clients=clients, preferences=tables.preferences[is_own_wish].reset_index(drop=True))


def _compute_states(tables: Tables, blockers: Sequence[Blocker]) -> States:
    """Return the state of each blocker, shape (blockers, therapists)."""
    pairs = Pairs.cross(Sides(tables))
    states = [blocker.classify(blocker.evaluate(pairs)) for blocker in blockers]
    return np.array(states, dtype=np.int8).reshape(len(blockers), len(tables.therapists))
