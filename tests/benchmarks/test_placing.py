"""What the placing benchmark measures."""

from __future__ import annotations

from attune_fit.matching.assignment.policies import POLICIES
from benchmarks.learning.clinic import Clinic
from benchmarks.placing.weeks import year
from benchmarks.placing.worth import listed, measured, placed


def test_the_oracle_gets_more_than_any_way_and_chance_gets_nothing(clinic: Clinic) -> None:
    found = list(measured(clinic, (0,)))
    assert {row["way"] for row in found} >= {policy.name for policy in POLICIES}
    assert all(row["share"] < 1 for row in found)
    assert max(row["share"] for row in found) > 0


def test_every_policy_places_as_many_but_first_come(clinic: Clinic) -> None:
    waits = listed(clinic, 0)
    counts = [int((placed(waits, policy, seed=0) >= 0).sum()) for policy in POLICIES]
    assert len(set(counts[:-1])) == 1
    assert counts[-1] <= counts[0] <= waits.capacity.sum() < len(waits.rows)


def test_the_overdue_are_why_nobody_starves() -> None:
    found = {row["policy"]: row for row in year(seed=0, room=0.9)}
    longest = "longest of those who wait at the end"
    assert float(found["alliance-first"][longest]) < float(found["alliance-first, none overdue"][longest])
