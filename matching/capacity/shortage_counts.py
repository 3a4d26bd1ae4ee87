"""Clients who wait, counted by the one thing that stands between them and a therapist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.features.pairs import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.relaxation.relaxations import Relaxation

BINDING_STRENGTHS = ("must", "never")


@dataclass(frozen=True)
class Reach:
    """How many clients who wait would gain a candidate.

    Attributes
    ----------
    first : int
        Clients nobody can be offered now, who would have somebody.
    few : int
        Clients with fewer candidates than a shortlist, those of ``first`` among them, who would have more.
    every : int
        All who would have more.
    """

    first: int
    few: int
    every: int

    @classmethod
    def from_counts(cls, counts: Floats) -> Reach:
        """From three sums."""
        return cls(*(int(count) for count in counts))


@dataclass(frozen=True)
class Shortage:
    """One thing that is missing, and whom it would help to have it.

    Attributes
    ----------
    relaxation, side, rule : str
        The row of :data:`RELAXATIONS`, and the rule that is lifted.
    what : str
        The code that is missing, or the therapist whose move it is; empty for the whole of the relaxation.
    reach : Reach
        Clients for whom it is all that stands between them and some therapist.
    therapists : int
        How many therapists would come on somebody's list.
    """

    relaxation: str
    side: str
    rule: str
    what: str
    reach: Reach
    therapists: int


class ShortageCounter:
    """What one relaxation would do for the clients of one block after another."""

    def __init__(self, row: Relaxation, rule: str, sides: Sides) -> None:
        self.row, self.rule = row, rule
        self.has_binding_wish = _has_binding_wish(sides, row.changed_column.partition(".")[2])
        self.names, self.has_code = _build_keys(row, rule, sides)
        self.counts = np.zeros((len(self.names), 3))
        self.total_counts = np.zeros(3)
        self.adds_therapist = np.zeros((len(self.names), len(sides.tables.therapists)), dtype=bool)

    def add(self, client_rows: Indices, judged: EligibilityResult, groups: Floats) -> None:
        """Count a block; ``groups`` tells to which counts of :class:`Reach` each client belongs, (clients, 3)."""
        number = [rule.name for rule in judged.rules].index(self.rule)
        only = judged.is_excluded[number] & (judged.is_excluded.sum(axis=0) == 1)
        unknown = judged.is_unknown[number]
        alone = only & (~unknown if self.row.changed_column else unknown) & ~self.has_binding_wish[client_rows, None]
        gains = alone.any(axis=1)
        self.total_counts += gains @ groups
        if self.has_code is None:
            self.counts += alone.T @ groups
            self.adds_therapist |= np.diag(alone.any(axis=0))
            return
        has = self.has_code[client_rows] & gains[:, None]
        self.counts += has.T @ groups
        self.adds_therapist |= (has.T.astype(float) @ alone.astype(float)) > 0

    def list_shortages(self) -> Iterator[Shortage]:
        """One for each code or therapist that would help anybody."""
        for name, counts, behind in zip(self.names, self.counts, self.adds_therapist, strict=True):
            if counts.any():
                yield Shortage(
                    self.row.name, self.row.side, self.rule, name, Reach.from_counts(counts), int(behind.sum())
                )

    def compute_total(self) -> Shortage:
        """The relaxation as a whole: a client counts once, whatever the code or the therapist."""
        return Shortage(
            self.row.name,
            self.row.side,
            self.rule,
            "",
            Reach.from_counts(self.total_counts),
            int(self.adds_therapist.any(axis=0).sum()),
        )


def _build_keys(row: Relaxation, rule: str, sides: Sides) -> tuple[list[str], Bools | None]:
    """What a relaxation is counted by, and which client each counts for; None where that is for the pair to say."""
    if row.counted_by == "therapist":
        return [str(one) for one in sides.tables.therapists["therapist_id"]], None
    codes = sides.build_indicators("client", find_client_column(rule))
    return [str(code) for code in codes.columns], codes.to_numpy(bool)


def find_client_column(rule: str) -> str:
    """The client's column a rule reads."""
    reads = next(row.input_columns for row in RULES if row.name == rule)
    return next(place for place in reads if place.startswith("clients.")).partition(".")[2]


def _has_binding_wish(sides: Sides, column: str) -> Bools:
    """Whether each client has a `must` or `never` about a column of the therapists, shape (clients,)."""
    wishes = sides.build_wish_table()
    about = (wishes.distinct_wishes["attribute"] == column).to_numpy(float)
    return np.asarray(sum(wishes.wish_indicators[strength] @ about for strength in BINDING_STRENGTHS) > 0)
