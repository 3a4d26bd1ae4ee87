"""Simulate a year of arrivals, and measure waiting times under each policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Counts, Floats
from attune_fit.data.clinic.settings import AssignmentSettings
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.matching.assignment.assign import apply_policy
from attune_fit.matching.assignment.constraints import ConstraintArrays
from attune_fit.matching.assignment.policies import POLICIES, Policy, find_policy
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_starting_model
from benchmarks.placing.oracle_share import NO_CLINIC

WEEKS, ARRIVALS, THERAPISTS, N_SEEDS = 52, 12, 30, 4
OPENINGS_PER_CLIENT = {"fewer openings than clients": 0.9, "more openings than clients": 1.1}
SHORTER_OVERDUE_WEEKS = (4, 8)  # weeks after which a client is overdue; tried in addition to the default
NEVER_OVERDUE = AssignmentSettings(overdue_weeks=1e4)


def measure_waiting_times(report_progress: Callable[[str], None]) -> str:
    """Run every policy through the same years; return tables in Markdown."""
    lines = []
    for name, openings_per_client in OPENINGS_PER_CLIENT.items():
        rows = []
        for seed in range(N_SEEDS):
            rows += simulate_year(seed, openings_per_client)
            report_progress(f"{name}, year {seed}")
        mean = pd.DataFrame(rows).groupby("policy", sort=False).mean()
        lines += [
            f"**{name.capitalize()}** ({openings_per_client:g} for one client)",
            "",
            f"| policy | {' | '.join(mean.columns)} |",
        ]
        lines += [f"| --- |{' --- |' * len(mean.columns)}"]
        lines += [f"| {policy} | {' | '.join(f'{value:.2f}' for value in row)} |" for policy, row in mean.iterrows()]
        lines.append("")
    return "\n".join(lines)


def simulate_year(seed: int, openings_per_client: float) -> list[dict[str, str | float]]:
    """Simulate one year of one clinic under every policy; return a row for each policy."""
    simulated = simulate(WEEKS * ARRIVALS + 40, THERAPISTS, seed=seed + 300, waiting=WEEKS * ARRIVALS)
    waiting_list = WaitingList.build(
        RosterScorer.from_clinic(load_starting_model(), NO_CLINIC, simulated.tables),
        find_waiting_clients(NO_CLINIC, simulated.tables),
    )
    has_candidate = waiting_list.is_eligible.any(axis=1)  # no policy can place the other clients
    waiting_list = waiting_list.take(np.flatnonzero(has_candidate))
    rng = np.random.default_rng(seed)
    arrival_week = np.sort(rng.integers(0, WEEKS, len(waiting_list.rows)))
    new_openings = rng.poisson(
        rng.dirichlet(np.full(THERAPISTS, 2.0)) * ARRIVALS * openings_per_client, (WEEKS, THERAPISTS)
    )
    truth = simulated.truth.compute_expected_alliance(
        waiting_list.rows[:, None], np.arange(THERAPISTS)[None, :], chemistry=False
    )
    gain = truth - np.where(waiting_list.is_eligible, truth, np.nan).mean(
        axis=1, where=waiting_list.is_eligible, keepdims=True
    )
    run_policy = partial(_run_policy, waiting_list, arrival_week, new_openings, gain)
    rows = [run_policy(policy, AssignmentSettings(), policy.name) for policy in POLICIES]
    for overdue_weeks in SHORTER_OVERDUE_WEEKS:
        rows.append(
            run_policy(
                POLICIES[0],
                AssignmentSettings(overdue_weeks=overdue_weeks),
                f"{POLICIES[0].name}, overdue after {overdue_weeks} weeks",
            )
        )
    return [*rows, run_policy(find_policy("alliance-first"), NEVER_OVERDUE, "alliance-first, none overdue")]


def _run_policy(
    waiting_list: WaitingList,
    arrival_week: Counts,
    new_openings: Counts,
    gain: Floats,
    policy: Policy,
    settings: AssignmentSettings,
    name: str,
) -> dict[str, str | float]:
    """Assign the waiting clients every week to new and unused openings; return means over the year."""
    weeks_waited, assignment = np.full(len(arrival_week), np.nan), waiting_list.empty_assignment
    openings = np.zeros(new_openings.shape[1], dtype=np.int64)
    for week in range(WEEKS):
        openings += new_openings[week]
        waiting_rows = np.flatnonzero((arrival_week <= week) & (assignment < 0))
        current = waiting_list.take(
            waiting_rows, capacity=openings, weeks_waited=(week - arrival_week[waiting_rows]).astype(float)
        )
        no_constraints = ConstraintArrays(
            np.zeros_like(current.is_eligible), current.is_eligible, current.empty_assignment, current.empty_assignment
        )
        therapists = apply_policy(current, no_constraints, policy, settings, seed=week)
        is_placed = therapists >= 0
        assignment[waiting_rows[is_placed]], weeks_waited[waiting_rows[is_placed]] = (
            therapists[is_placed],
            current.weeks_waited[is_placed],
        )
        openings -= np.bincount(therapists[is_placed], minlength=len(openings))
    rows = np.flatnonzero(assignment >= 0)
    still_waiting = WEEKS - arrival_week[assignment < 0]
    honoured_share = (
        waiting_list.n_wishes_honoured[rows, assignment[rows]].sum() / waiting_list.n_wishes_stated[rows].sum()
    )
    return {
        "policy": name,
        "placed": len(rows) / len(assignment),
        "mean wait": float(weeks_waited[rows].mean()),
        "longest wait of those placed": float(weeks_waited[rows].max()),
        "longest of those who wait at the end": float(still_waiting.max(initial=0)),
        "share of wishes honoured": float(honoured_share),
        "true gain, POMP": float(gain[rows, assignment[rows]].mean()),
    }
