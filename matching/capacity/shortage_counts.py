"""Shortages: count the waiting clients for whom one missing code or opening is the only obstacle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.columns import BINDING_STRENGTHS
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult, list_pairs
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rule_bits import RuleBits
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


@dataclass(frozen=True)
class SoleObstacles:
    """The pairs of a block of clients that exactly one rule excludes, as a list of k pairs.

    Attributes
    ----------
    clients, therapists : arrays of int, shape (k,)
        Position of the client in the block, and row of the therapist.
    bits : array of uint32, shape (k,)
        The bit of the rule.
    is_unknown : array of bool, shape (k,)
        Whether the rule excludes the pair because a cell is missing.
    rules : tuple of Rule
        Bit ``r`` belongs to ``rules[r]``.
    """

    clients: Indices
    therapists: Indices
    bits: RuleBits
    is_unknown: Bools
    rules: tuple[Rule, ...]

    @classmethod
    def from_eligibility(cls, eligibility: EligibilityResult) -> SoleObstacles:
        """List the pairs of a cross with the whole roster."""
        clients, therapists = list_pairs(np.bitwise_count(eligibility.excluded_bits) == 1)
        bits = eligibility.excluded_bits[clients, therapists]
        is_unknown = eligibility.unknown_bits[clients, therapists] & bits != 0
        return cls(clients, therapists, bits, is_unknown, eligibility.rules)

    def select(self, rule_name: str, *, is_unknown: bool) -> tuple[Indices, Indices]:
        """Return the clients and therapists of the pairs that this rule excludes, broken or unknown as asked."""
        number = [rule.name for rule in self.rules].index(rule_name)
        is_selected = (self.bits == np.uint32(1 << number)) & (self.is_unknown == is_unknown)
        return self.clients[is_selected], self.therapists[is_selected]


class ShortageCounter:
    """Count the clients one relaxation would help, block by block."""

    def __init__(self, row: Relaxation, rule: str, sides: Sides) -> None:
        self.row, self.rule = row, rule
        self.has_binding_wish = _has_binding_wish(sides, row.changed_column.partition(".")[2])
        self.is_client_unknown = _has_unknown_cell(sides, rule)
        self.names, self.has_code = _build_keys(row, rule, sides)
        self.counts = np.zeros((len(self.names), 3))
        self.total_counts = np.zeros(3)
        n_rows = 1 if self.has_code is None else len(self.names)  # a therapist's own change adds this therapist alone
        self.adds_therapist = np.zeros((n_rows, len(sides.tables.therapists)), dtype=bool)

    def add(self, client_rows: Indices, obstacles: SoleObstacles, groups: Floats) -> None:
        """Count a block of clients.

        Parameters
        ----------
        client_rows : array of int, shape (clients,)
        obstacles : SoleObstacles
            Of these clients.
        groups : array, shape (clients, 3)
            1 where the client belongs to a count of :class:`Reach`, else 0.
        """
        clients, therapists = obstacles.select(self.rule, is_unknown=not self.row.changed_column)
        is_lifted = ~self.has_binding_wish[client_rows[clients]]
        if not self.row.changed_column:  # no therapist can answer for the client
            is_lifted &= ~self.is_client_unknown[client_rows[clients]]
        clients, therapists = clients[is_lifted], therapists[is_lifted]
        gains_candidate = np.zeros(len(client_rows), dtype=bool)
        gains_candidate[clients] = True
        self.total_counts += gains_candidate @ groups
        if self.has_code is None:
            self.adds_therapist[0, therapists] = True
            for column, group in enumerate(groups.T):
                self.counts[:, column] += np.bincount(therapists, weights=group[clients], minlength=len(self.names))
            return
        has_code = self.has_code[client_rows]
        self.counts += (has_code & gains_candidate[:, None]).T @ groups
        for code, has in enumerate(has_code.T):
            self.adds_therapist[code, therapists[has[clients]]] = True

    def list_shortages(self) -> Iterator[Shortage]:
        """Yield one shortage for each code or therapist that would help at least one client."""
        n_therapists = np.broadcast_to(
            1 if self.has_code is None else self.adds_therapist.sum(axis=1), len(self.names)
        ).tolist()
        for name, counts, n_added in zip(self.names, self.counts, n_therapists, strict=True):
            if counts.any():
                yield Shortage(self.row.name, self.row.side, self.rule, name, Reach.from_counts(counts), n_added)

    def compute_total(self) -> Shortage:
        """Return the shortage of the relaxation as a whole; each client counts once over all codes and therapists."""
        reach, n_therapists = Reach.from_counts(self.total_counts), int(self.adds_therapist.any(axis=0).sum())
        return Shortage(self.row.name, self.row.side, self.rule, "", reach, n_therapists)


def _has_unknown_cell(sides: Sides, rule: str) -> Bools:
    """Return whether a cell of each client that the rule reads is unknown, shape (clients,)."""
    places = next(row.input_columns for row in RULES if row.name == rule)
    columns = [place.removeprefix("clients.") for place in places if place.startswith("clients.")]
    is_unknown = np.zeros(sides.count_rows("client"), dtype=bool)
    for column in columns:
        is_unknown |= ~sides.is_known("client", column)
    return is_unknown


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
