"""Shortages: count the waiting clients for whom one missing code or opening is the only obstacle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import BINDING_STRENGTHS
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import RULES
from attune_fit.matching.relaxation.relaxations import Relaxation


@dataclass(frozen=True)
class Reach:
    """Number of waiting clients who would gain a candidate.

    Attributes
    ----------
    first : int
        Clients who have no candidate now.
    few : int
        Clients who have fewer candidates than a shortlist, including those in ``first``.
    every : int
        All clients who would gain a candidate.
    """

    first: int
    few: int
    every: int

    @classmethod
    def from_counts(cls, counts: Floats) -> Reach:
        """Build from the three counts in the order of the attributes."""
        return cls(*(int(count) for count in counts))


@dataclass(frozen=True)
class Shortage:
    """One missing code or opening, and the clients it blocks.

    Attributes
    ----------
    relaxation, side, rule : str
        Name and side of the row of :data:`RELAXATIONS`, and the rule it lifts.
    what : str
        The missing code, or the id of the therapist who can make the change; empty for the relaxation as a whole.
    reach : Reach
        Clients for whom it is the only obstacle to at least one therapist.
    therapists : int
        Number of therapists who would join at least one client's list.
    """

    relaxation: str
    side: str
    rule: str
    what: str
    reach: Reach
    therapists: int


class ShortageCounter:
    """Count the clients one relaxation would help, block by block."""

    def __init__(self, row: Relaxation, rule: str, sides: Sides) -> None:
        self.row, self.rule = row, rule
        self.has_binding_wish = _has_binding_wish(sides, row.changed_column.partition(".")[2])
        self.names, self.has_code = _build_keys(row, rule, sides)
        self.counts = np.zeros((len(self.names), 3))
        self.total_counts = np.zeros(3)
        self.adds_therapist = np.zeros((len(self.names), len(sides.tables.therapists)), dtype=bool)

    def add(self, client_rows: Indices, eligibility: EligibilityResult, groups: Floats) -> None:
        """Count a block of clients.

        Parameters
        ----------
        client_rows : array of int, shape (clients,)
        eligibility : EligibilityResult
            Of these clients with the whole roster.
        groups : array, shape (clients, 3)
            1 where the client belongs to a count of :class:`Reach`, else 0.
        """
        number = [rule.name for rule in eligibility.rules].index(self.rule)
        bit = np.uint32(1 << number)
        is_only_obstacle = eligibility.excluded_bits == bit
        is_unknown = eligibility.unknown_bits & bit != 0
        is_lifted = (
            is_only_obstacle
            & (~is_unknown if self.row.changed_column else is_unknown)
            & ~self.has_binding_wish[client_rows, None]
        )
        gains_candidate = is_lifted.any(axis=1)
        self.total_counts += gains_candidate @ groups
        if self.has_code is None:
            self.counts += is_lifted.T @ groups
            self.adds_therapist |= np.diag(is_lifted.any(axis=0))
            return
        gains_by_code = self.has_code[client_rows] & gains_candidate[:, None]
        self.counts += gains_by_code.T @ groups
        self.adds_therapist |= (gains_by_code.T.astype(float) @ is_lifted.astype(float)) > 0

    def list_shortages(self) -> Iterator[Shortage]:
        """Yield one shortage for each code or therapist that would help at least one client."""
        for name, counts, adds_therapist in zip(self.names, self.counts, self.adds_therapist, strict=True):
            if counts.any():
                reach, n_therapists = Reach.from_counts(counts), int(adds_therapist.sum())
                yield Shortage(self.row.name, self.row.side, self.rule, name, reach, n_therapists)

    def compute_total(self) -> Shortage:
        """Return the shortage of the relaxation as a whole; each client counts once over all codes and therapists."""
        reach, n_therapists = Reach.from_counts(self.total_counts), int(self.adds_therapist.any(axis=0).sum())
        return Shortage(self.row.name, self.row.side, self.rule, "", reach, n_therapists)


def _build_keys(row: Relaxation, rule: str, sides: Sides) -> tuple[list[str], Bools | None]:
    """Return the codes or therapists a relaxation is counted by, and which client has which code (None: therapists)."""
    if row.counted_by == "therapist":
        return [str(therapist_id) for therapist_id in sides.tables.therapists["therapist_id"]], None
    codes = sides.build_indicators("client", find_client_column(rule))
    return [str(code) for code in codes.columns], codes.to_numpy(bool)


def find_client_column(rule: str) -> str:
    """Return the name of the column of `clients` that a rule reads."""
    input_columns = next(row.input_columns for row in RULES if row.name == rule)
    return next(place for place in input_columns if place.startswith("clients.")).partition(".")[2]


def _has_binding_wish(sides: Sides, column: str) -> Bools:
    """Return whether each client has a `must` or `never` about a column of `therapists`, shape (clients,)."""
    every_client = np.arange(sides.count_rows("client"))
    return sides.build_wish_table().has_wish_about(column, every_client, BINDING_STRENGTHS)
