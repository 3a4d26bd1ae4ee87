"""Capacity report: which missing capacity of the roster blocks the most waiting clients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.features.sides import Sides
from attune_fit.matching.capacity.hiring_profile import HiringResult, find_hiring_profile
from attune_fit.matching.capacity.shortage_counts import Shortage, ShortageCounter, SoleObstacles
from attune_fit.matching.eligibility.client_profiles import check_by_profile
from attune_fit.matching.eligibility.rules import select_rules
from attune_fit.matching.relaxation.relaxations import select_relaxations

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


MAX_PAIRS_PER_BLOCK = 250_000  # pairs checked in one block of clients
MAX_PROFILE_CODES = 10  # codes in the profile of a new therapist


@dataclass(frozen=True)
class CapacityReport:
    """The capacity that the waiting clients lack.

    Attributes
    ----------
    waiting, roster, shortlist : int
        Waiting clients, therapists, and candidates on a shortlist.
    without_candidate : tuple of str
        Ids of the clients without a candidate.
    few : int
        Clients with fewer candidates than a shortlist, including those in ``without_candidate``.
    together : tuple of Shortage
        One for each relaxation and rule, over all codes and therapists.
    lacks : tuple of Shortage
        One for each code or therapist. The one that gives most clients a first candidate comes first.
    hire : HiringResult
        Profile of a new therapist for the clients in ``without_candidate``; if there are none, for those with few
        candidates.
    """

    waiting: int
    roster: int
    shortlist: int
    without_candidate: tuple[str, ...]
    few: int
    together: tuple[Shortage, ...]
    lacks: tuple[Shortage, ...]
    hire: HiringResult

    def to_dict(self) -> dict[str, Any]:
        """Return the report in the plain types of JSON."""
        return asdict(self)


def build_capacity_report(
    clinic: Clinic,
    tables: Tables,
    client_rows: Indices,
    codes: int = MAX_PROFILE_CODES,
    report_progress: Callable[[str], None] | None = None,
) -> CapacityReport:
    """Count the waiting clients who would gain a candidate, for each change a therapist or the clinic can make.

    A change counts for a client if the rule it lifts is the only rule that excludes some therapist. If an unknown cell
    of the therapist prevents the check of that rule, only the relaxation `asked` counts. If the cell is the client's,
    no change counts. Nor does one for a client who has a `must` or `never` about the changed column. So a count is
    never too high.

    Parameters
    ----------
    clinic : Clinic
        Supplies the rules, the section ``relax``, and the length of the shortlist.
    tables : Tables
    client_rows : array of int, shape (clients,)
        Rows of the waiting clients in the table `clients`.
    codes : int
        Maximum number of codes in the profile of a new therapist; see :func:`find_hiring_profile`.
    report_progress : callable, optional
        Takes a progress message.

    Returns
    -------
    CapacityReport

    Raises
    ------
    DataFault
        If ``clinic.toml`` names an unknown rule or relaxation.
    """
    sides, rules, shortlist = Sides(tables), select_rules(clinic.config), clinic.config.settings.shortlist
    counted_relaxations = [row for row in select_relaxations(clinic.config) if row.counted_by]
    rule_names = {rule.name for rule in rules}
    counters = [
        ShortageCounter(row, rule, sides) for row in counted_relaxations for rule in row.rules if rule in rule_names
    ]
    n_candidates = np.zeros(len(client_rows), dtype=np.intp)
    step = max(1, MAX_PAIRS_PER_BLOCK // max(1, len(tables.therapists)))
    for start in range(0, len(client_rows), step):
        block = slice(start, start + step)
        eligibility = check_by_profile(sides, rules, client_rows[block])
        count = n_candidates[block] = eligibility.is_eligible.sum(axis=1)
        groups = np.stack([count == 0, count < shortlist, count >= 0], axis=1).astype(float)
        obstacles = SoleObstacles.from_eligibility(eligibility)
        for counter in counters:
            counter.add(client_rows[block], obstacles, groups)
        if report_progress:
            report_progress(f"{min(start + step, len(client_rows)):,} of {len(client_rows):,} clients checked")
    without_candidate, with_few = client_rows[n_candidates == 0], client_rows[n_candidates < shortlist]
    return CapacityReport(
        waiting=len(client_rows),
        roster=len(tables.therapists),
        shortlist=shortlist,
        without_candidate=tuple(
            sorted(str(client_id) for client_id in tables.clients["client_id"].iloc[without_candidate])
        ),
        few=len(with_few),
        together=_sort_by_reach(counter.compute_total() for counter in counters),
        lacks=_sort_by_reach(shortage for counter in counters for shortage in counter.list_shortages()),
        hire=find_hiring_profile(sides, rules, without_candidate if len(without_candidate) else with_few, codes),
    )


def _sort_by_reach(shortages: Iterable[Shortage]) -> tuple[Shortage, ...]:
    """Return the shortages of at least one client, the most first candidates first."""
    useful = [shortage for shortage in shortages if shortage.reach.every]
    return tuple(sorted(useful, key=lambda row: (-row.reach.first, -row.reach.few, -row.reach.every)))
