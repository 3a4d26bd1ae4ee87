"""Which missing capacity blocks the most clients who wait: the rules looked at from the clinic's side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.capacity.hiring_profile import HiringResult, find_hiring_profile
from attune_fit.matching.capacity.shortage_counts import Shortage, ShortageCounter
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import select_rules
from attune_fit.matching.relaxation.relaxations import select_relaxations

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


MAX_PAIRS_PER_BLOCK = 250_000  # judged at once
MAX_PROFILE_CODES = 10  # of a new therapist's profile


@dataclass(frozen=True)
class CapacityReport:
    """What the clients who wait lack.

    Attributes
    ----------
    waiting, roster, shortlist : int
        Clients who wait, therapists, and how many candidates a shortlist shows.
    nobody : tuple of str
        Clients nobody can be offered.
    few : int
        Clients with fewer candidates than a shortlist, those in ``nobody`` among them.
    together : tuple of Lack
        One for each relaxation and rule, whatever the code and the therapist.
    lacks : tuple of Lack
        One for each code or therapist, those that give most clients a first candidate first.
    hire : Hire
        A new therapist for those in ``nobody``; where that is no one, for those with few.
    """

    waiting: int
    roster: int
    shortlist: int
    nobody: tuple[str, ...]
    few: int
    together: tuple[Shortage, ...]
    lacks: tuple[Shortage, ...]
    hire: HiringResult

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        return asdict(self)


def build_capacity_report(
    clinic: Clinic,
    tables: Tables,
    client_rows: Indices,
    codes: int = MAX_PROFILE_CODES,
    say: Callable[[str], None] | None = None,
) -> CapacityReport:
    """Count, for everything a therapist or the clinic could change, the clients it would give a candidate.

    A change counts for a client where some therapist is left out by the rule it lifts and by nothing else. Where the
    rule cannot be checked only asking counts, and where the client has a `must` or `never` about the column that would
    change nothing does: a count is never too high.

    Parameters
    ----------
    clinic : Clinic
        Its rules, its section ``relax``, and the length of its shortlist.
    tables : Tables
    client_rows : array of int
        Those who wait.
    codes : int
        The most codes a new therapist's profile holds; see :func:`find_hiring_profile`.
    say : callable, optional
        Told how many clients are done.
    """
    sides, rules, shortlist = Sides(tables), select_rules(clinic.config), clinic.config.settings.shortlist
    rows, names = [row for row in select_relaxations(clinic.config) if row.counted_by], {rule.name for rule in rules}
    tallies = [ShortageCounter(row, rule, sides) for row in rows for rule in row.rules if rule in names]
    candidates = np.zeros(len(client_rows), dtype=np.intp)
    step = max(1, MAX_PAIRS_PER_BLOCK // max(1, len(tables.therapists)))
    for start in range(0, len(client_rows), step):
        some = slice(start, start + step)
        judged = EligibilityResult.from_rules(Pairs.cross(sides, client_rows[some]), rules)
        count = candidates[some] = judged.is_eligible.sum(axis=1)
        groups = np.stack([count == 0, count < shortlist, count >= 0], axis=1).astype(float)
        for tally in tallies:
            tally.add(client_rows[some], judged, groups)
        if say:
            say(f"{min(start + step, len(client_rows)):,} clients")
    nobody, few = client_rows[candidates == 0], client_rows[candidates < shortlist]
    return CapacityReport(
        waiting=len(client_rows),
        roster=len(tables.therapists),
        shortlist=shortlist,
        nobody=tuple(sorted(str(one) for one in tables.clients["client_id"].iloc[nobody])),
        few=len(few),
        together=_sort_by_reach(tally.compute_total() for tally in tallies),
        lacks=_sort_by_reach(lack for tally in tallies for lack in tally.list_shortages()),
        hire=find_hiring_profile(sides, rules, nobody if len(nobody) else few, codes),
    )


def _sort_by_reach(lacks: Iterable[Shortage]) -> tuple[Shortage, ...]:
    """Those that help most first; none that helps nobody."""
    some = [lack for lack in lacks if lack.reach.every]
    return tuple(sorted(some, key=lambda lack: (-lack.reach.first, -lack.reach.few, -lack.reach.every)))
