"""What stands between one client and each therapist, obstacle by obstacle, and which change takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.tables import Tables
from features.pairs import Pairs, Sides
from matching.proposals import Change
from matching.rules import Rule
from matching.wished import WANTED

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Obstacle:
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
    def reads(self) -> tuple[str, ...]:
        """``table.column`` of what decides it."""
        return (f"therapists.{self.attribute}",) if self.attribute else self.rule.reads

    def verdict(self, pairs: Pairs) -> Floats:
        """1 it holds, 0 it does not, NaN the tables cannot say, for the one client of the pairs; (therapists,)."""
        if not self.attribute:
            return np.asarray(self.rule.function(pairs)[0])
        wanted = (self.rule.name, self.attribute, self.value)
        wishes = pairs.sides.wishlist().of_client(0)
        answers = next(answers for *wish, answers in wishes if tuple(wish) == wanted)
        return np.where(np.isnan(answers), np.nan, answers == WANTED[self.rule.name])

    def stands(self, verdict: Floats) -> Bools:
        """Whether it is in the way: it does not hold, or the tables cannot say and its policy excludes."""
        return np.asarray((verdict == 0) | (np.isnan(verdict) & (self.rule.unknown == "exclude")))


@dataclass(frozen=True)
class Obstacles:
    """Obstacles of one client.

    Attributes
    ----------
    tables : Tables
        With the row and the wishes of this client alone.
    rows : tuple of Obstacle
    blocked : array of bool, shape (obstacles, therapists)
        It leaves the therapist out: it does not hold, or the tables cannot say and its policy excludes.
    unknown : array of bool, same shape
        It leaves the therapist out because the tables cannot say.
    """

    tables: Tables
    rows: tuple[Obstacle, ...]
    blocked: Bools
    unknown: Bools

    @classmethod
    def of(cls, tables: Tables, rules: Sequence[Rule], client_row: int) -> Obstacles:
        """Hold every rule against the whole roster; a therapist with no obstacle is a candidate."""
        kept = [rule if rule.stated or not rule.unkept(tables) else replace(rule, unknown="allow") for rule in rules]
        mine = alone(tables, client_row)
        wishes = Sides(mine).wishlist().of_client(0)
        rows: list[Obstacle] = []
        for rule in kept:
            asked = [Obstacle(rule, *wish) for strength, *wish, _ in wishes if strength == rule.name]
            rows += asked if rule.name in WANTED else [Obstacle(rule)]
        return cls(mine, tuple(rows), *_held(mine, rows))

    @property
    def eligible(self) -> Bools:
        """Whether nothing stands in the way, shape (therapists,)."""
        return np.asarray(~self.blocked.any(axis=0))

    def of_therapist(self, column: int) -> Obstacles:
        """Those of one therapist."""
        tables = replace(self.tables, therapists=self.tables.therapists.iloc[[column]].reset_index(drop=True))
        return replace(self, tables=tables, blocked=self.blocked[:, [column]], unknown=self.unknown[:, [column]])

    def after(self, changes: Sequence[Change]) -> tuple[Bools, Bools]:
        """What each change takes away, and what it puts in the way; both of shape (changes, obstacles, therapists).

        A wish that is made weaker leaves nobody out, whatever else changes. A question is taken to be answered in the
        therapist's favour. Everything else is judged on the tables as they would be, every therapist's row changed.
        """
        left = np.repeat(self.blocked[None], len(changes), axis=0)
        wishes = [number for number, change in enumerate(changes) if change.attribute]
        for number, change in enumerate(changes):
            if not change.certain:
                left[number, self._aimed(change)] &= ~self.unknown[self._aimed(change)]
            elif change.relaxation.changes.startswith("therapists."):
                touched = self._reading(change)
                tables = change.apply(self.tables, self._client(), self.tables.therapists["therapist_id"].to_list())
                left[number, touched] = _held(tables, [self.rows[one] for one in touched])[0]
        for place in dict.fromkeys(change.relaxation.changes for change in changes):
            if place.startswith("clients."):
                some = [number for number, change in enumerate(changes) if change.relaxation.changes == place]
                left[some] = self._with_client([changes[number] for number in some])
        takes, puts = self.blocked & ~left, left & ~self.blocked
        for number in wishes:
            takes[number, self._aimed(changes[number])] = True
        return takes, puts

    def _with_client(self, changes: Sequence[Change]) -> Bools:
        """What stands in the way after changes of one cell of the client's, (changes, obstacles, therapists).

        The client is put below itself once for each change: quicker than one pass over the roster for each.
        """
        clients = [change.apply(self.tables, self._client(), ()).clients for change in changes]
        tables = replace(self.tables, clients=pd.concat(clients, ignore_index=True))
        pairs = Pairs.cross(Sides(tables))
        left = np.repeat(self.blocked[None], len(changes), axis=0)
        for one in self._reading(changes[0]):
            left[:, one] = self.rows[one].stands(self.rows[one].rule.function(pairs))
        return left

    def _aimed(self, change: Change) -> list[int]:
        """Obstacles the change is aimed at."""
        wish = (change.attribute, change.code) if change.attribute else None
        return [
            number
            for number, row in enumerate(self.rows)
            if row.rule.name == change.rule and wish in (None, (row.attribute, row.value))
        ]

    def _reading(self, change: Change) -> list[int]:
        """Obstacles that the cell it changes decides."""
        return [number for number, row in enumerate(self.rows) if change.relaxation.changes in row.reads]

    def _client(self) -> str:
        return str(self.tables.clients["client_id"][0])


def alone(tables: Tables, client_row: int) -> Tables:
    """The tables with one client alone: what follows costs no more than that one does."""
    clients = tables.clients.iloc[[client_row]].reset_index(drop=True)
    theirs = tables.preferences["client_id"] == clients["client_id"][0]
    return replace(tables, clients=clients, preferences=tables.preferences[theirs].reset_index(drop=True))


def _held(tables: Tables, rows: Sequence[Obstacle]) -> tuple[Bools, Bools]:
    """Where each obstacle stands in the way, and where only because the tables cannot say; (obstacles, therapists)."""
    pairs = Pairs.cross(Sides(tables))
    verdicts = [row.verdict(pairs) for row in rows]
    shape = (len(rows), len(tables.therapists))
    blocked = np.array([row.stands(verdict) for row, verdict in zip(rows, verdicts, strict=True)], dtype=bool)
    return blocked.reshape(shape), blocked.reshape(shape) & np.isnan(np.array(verdicts)).reshape(shape)
