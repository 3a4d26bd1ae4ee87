"""What stands between one client and each therapist, obstacle by obstacle, and which change takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.eligibility.rules import Rule
from attune_fit.matching.ranking.wish_results import REQUIRED_ANSWERS
from attune_fit.matching.relaxation.change import TableChange

States = npt.NDArray[np.int8]

STATE_PASSED, STATE_UNKNOWN, STATE_FAILED = 0, 1, 2


@dataclass(frozen=True)
class Blocker:
    """A rule that has to hold; a `must` or `never` is one obstacle for each wish.

    Attributes
    ----------
    rule : Rule
    attribute, value : str
        The wish; empty for every other rule.
    """

    rule: Rule
    attribute: str = ""
    value: str = ""

    @property
    def input_columns(self) -> tuple[str, ...]:
        """``table.column`` of what decides it."""
        return (f"therapists.{self.attribute}",) if self.attribute else self.rule.input_columns

    def evaluate(self, pairs: Pairs) -> Floats:
        """1 it holds, 0 it does not, NaN the tables cannot say, for the one client of the pairs; (therapists,)."""
        if not self.attribute:
            return np.asarray(self.rule.function(pairs)[0])
        wanted = (self.rule.name, self.attribute, self.value)
        wishes = pairs.sides.build_wish_table().list_client_wishes(0)
        answers = next(answers for *wish, answers in wishes if tuple(wish) == wanted)
        return np.where(np.isnan(answers), np.nan, answers == REQUIRED_ANSWERS[self.rule.name])

    def classify(self, verdict: Floats) -> States:
        """Whether it holds, or leaves the therapist out: for want of a cell, or because it does not hold."""
        unknown = STATE_UNKNOWN if self.rule.unknown_policy == "exclude" else STATE_PASSED
        return np.where(verdict == 0, STATE_FAILED, np.where(np.isnan(verdict), unknown, STATE_PASSED)).astype(np.int8)


@dataclass(frozen=True)
class ClientBlockers:
    """Obstacles of one client.

    Attributes
    ----------
    tables : Tables
        With the row and the wishes of this client alone.
    blockers : tuple of Obstacle
    state : array of int8, shape (obstacles, therapists)
        :data:`STATE_PASSED`; or it leaves the therapist out: :data:`STATE_UNKNOWN`, the tables cannot say and its policy excludes,
        or :data:`STATE_FAILED`.
    """

    tables: Tables
    blockers: tuple[Blocker, ...]
    state: States

    @classmethod
    def from_rules(cls, tables: Tables, rules: Sequence[Rule], client_row: int) -> ClientBlockers:
        """Hold every rule against the whole roster; a therapist with no obstacle is a candidate."""
        kept = [
            rule
            if rule.is_unknown_policy_stated or not rule.list_empty_columns(tables)
            else replace(rule, unknown_policy="allow")
            for rule in rules
        ]
        mine = select_client(tables, client_row)
        wishes = Sides(mine).build_wish_table().list_client_wishes(0)
        rows: list[Blocker] = []
        for rule in kept:
            asked = [Blocker(rule, *wish) for strength, *wish, _ in wishes if strength == rule.name]
            rows += asked if rule.name in REQUIRED_ANSWERS else [Blocker(rule)]
        return cls(mine, tuple(rows), _compute_states(mine, rows))

    @property
    def is_blocked(self) -> Bools:
        """Whether each leaves the therapist out, shape (obstacles, therapists)."""
        return np.asarray(self.state != STATE_PASSED)

    @property
    def is_eligible(self) -> Bools:
        """Whether nothing stands in the way, shape (therapists,)."""
        return np.asarray((self.state == STATE_PASSED).all(axis=0))

    def select_therapist(self, column: int) -> ClientBlockers:
        """Those of one therapist."""
        tables = replace(self.tables, therapists=self.tables.therapists.iloc[[column]].reset_index(drop=True))
        return replace(self, tables=tables, state=self.state[:, [column]])

    def apply_each(self, changes: Sequence[TableChange]) -> States:
        """The states after each of the changes by itself, shape (changes, obstacles, therapists).

        A therapist's change is judged as if every therapist made it: none of them is judged by another's row.
        """
        states = np.repeat(self.state[None], len(changes), axis=0)
        for number, change in enumerate(changes):
            if change.relaxation.changed_column.startswith("therapists."):
                states[number, self.find_affected(change)] = self.apply_together([change])
        for place in dict.fromkeys(change.relaxation.changed_column for change in changes):
            if place.startswith("clients."):
                some = [number for number, change in enumerate(changes) if change.relaxation.changed_column == place]
                states[some] = self._apply_client_changes([changes[number] for number in some])
        for state, change in zip(states, changes, strict=True):
            self.apply_wish_or_question(state, change)
        return states

    def apply_together(self, changes: Sequence[TableChange]) -> States:
        """The states of :meth:`find_affected` when all these changes of one cell of the therapists' are made together."""
        tables, roster = self.tables, self.tables.therapists["therapist_id"].to_list()
        for change in changes:
            tables = change.apply(tables, self._client_id(), roster)
        return _compute_states(tables, [self.blockers[number] for number in self.find_affected(changes[0])])

    def apply_wish_or_question(self, state: States, change: TableChange) -> None:
        """Write into states what a weaker wish or a question does to them, after all cells are changed.

        A weaker wish leaves nobody out. A question is taken to be answered in the therapist's favour; it can be asked
        only where the cell is still unknown.
        """
        if change.attribute:
            state[self._find_targets(change)] = STATE_PASSED
        elif not change.is_certain:
            aimed = self._find_targets(change)
            state[aimed] = np.where(state[aimed] == STATE_UNKNOWN, STATE_PASSED, state[aimed])

    def find_affected(self, change: TableChange) -> list[int]:
        """Obstacles that the cell it changes decides."""
        return [
            number for number, row in enumerate(self.blockers) if change.relaxation.changed_column in row.input_columns
        ]

    def _apply_client_changes(self, changes: Sequence[TableChange]) -> States:
        """:meth:`map_distinct` for changes of one cell of the client's.

        The client is put below itself once for each change: quicker than one pass over the roster for each.
        """
        clients = [change.apply(self.tables, self._client_id(), ()).clients for change in changes]
        pairs = Pairs.cross(Sides(replace(self.tables, clients=pd.concat(clients, ignore_index=True))))
        states = np.repeat(self.state[None], len(changes), axis=0)
        for number in self.find_affected(changes[0]):
            states[:, number] = self.blockers[number].classify(self.blockers[number].rule.function(pairs))
        return states

    def _find_targets(self, change: TableChange) -> list[int]:
        """Obstacles the change is aimed at."""
        wish = (change.attribute, change.code) if change.attribute else None
        return [
            number
            for number, row in enumerate(self.blockers)
            if row.rule.name == change.rule and wish in (None, (row.attribute, row.value))
        ]

    def _client_id(self) -> str:
        return str(self.tables.clients["client_id"][0])


def select_client(tables: Tables, client_row: int) -> Tables:
    """The tables with one client alone: what follows costs no more than that one does."""
    clients = tables.clients.iloc[[client_row]].reset_index(drop=True)
    theirs = tables.preferences["client_id"] == clients["client_id"][0]
    return replace(tables, clients=clients, preferences=tables.preferences[theirs].reset_index(drop=True))


def _compute_states(tables: Tables, rows: Sequence[Blocker]) -> States:
    """The state of each obstacle, shape (obstacles, therapists)."""
    pairs = Pairs.cross(Sides(tables))
    states = [row.classify(row.evaluate(pairs)) for row in rows]
    return np.array(states, dtype=np.int8).reshape(len(rows), len(tables.therapists))
