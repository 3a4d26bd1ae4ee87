"""The assignment benchmark: shares of the gain, and waiting times."""

from __future__ import annotations

from attune_fit.matching.assignment.policies import POLICIES
from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.placing.oracle_share import build_waiting_list, measure_ways, place_clients
from benchmarks.placing.waiting_times import simulate_year


def test_every_way_gains_less_than_the_oracle_and_the_best_more_than_chance(clinic: BenchmarkClinic) -> None:
    rows = list(measure_ways(clinic, (0,)))
    assert {row["way"] for row in rows} >= {policy.name for policy in POLICIES}
    assert all(row["share"] < 1 for row in rows)
    assert max(row["share"] for row in rows) > 0


def test_every_policy_except_first_come_places_equally_many(clinic: BenchmarkClinic) -> None:
    waiting_list = build_waiting_list(clinic, 0)
    counts = [int((place_clients(waiting_list, policy, seed=0) >= 0).sum()) for policy in POLICIES]
    assert len(set(counts[:-1])) == 1
    assert counts[-1] <= counts[0] <= waiting_list.capacity.sum() < len(waiting_list.rows)


def test_the_overdue_rule_shortens_the_longest_wait() -> None:
    rows = {row["policy"]: row for row in simulate_year(seed=0, openings_per_client=0.9)}
    longest = "longest of those who wait at the end"
    assert float(rows["alliance-first"][longest]) < float(rows["alliance-first, none overdue"][longest])
