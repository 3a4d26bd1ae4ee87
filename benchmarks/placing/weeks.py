"""A year of arrivals: who waits how long under each policy."""

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
from benchmarks.placing.worth import NOWHERE

WEEKS, ARRIVALS, THERAPISTS, SEEDS = 52, 12, 30, 4
ROOM = {"fewer openings than clients": 0.9, "more openings than clients": 1.1}
SOONER = (4, 8)  # weeks after which a client is overdue, beside the default
UNGUARDED = AssignmentSettings(overdue_weeks=1e4)


def weeks(say: Callable[[str], None]) -> str:
    """Run every policy through the same years; a table in Markdown."""
    lines = []
    for name, room in ROOM.items():
        found = []
        for seed in range(SEEDS):
            found += year(seed, room)
            say(f"{name}, year {seed}")
        mean = pd.DataFrame(found).groupby("policy", sort=False).mean()
        lines += [f"**{name.capitalize()}** ({room:g} for one client)", "", f"| policy | {' | '.join(mean.columns)} |"]
        lines += [f"| --- |{' --- |' * len(mean.columns)}"]
        lines += [f"| {policy} | {' | '.join(f'{value:.2f}' for value in row)} |" for policy, row in mean.iterrows()]
        lines.append("")
    return "\n".join(lines)


def year(seed: int, room: float) -> list[dict[str, str | float]]:
    """One year of one clinic under every policy."""
    made = simulate(WEEKS * ARRIVALS + 40, THERAPISTS, seed=seed + 300, waiting=WEEKS * ARRIVALS)
    everyone = WaitingList.build(
        RosterScorer.from_clinic(load_starting_model(), NOWHERE, made.tables),
        find_waiting_clients(NOWHERE, made.tables),
    )
    everyone = everyone.take(np.flatnonzero(everyone.is_eligible.any(axis=1)))  # the others no policy can place
    lot = np.random.default_rng(seed)
    arrives = np.sort(lot.integers(0, WEEKS, len(everyone.rows)))
    opens = lot.poisson(lot.dirichlet(np.full(THERAPISTS, 2.0)) * ARRIVALS * room, (WEEKS, THERAPISTS))
    truth = made.truth.compute_expected_alliance(
        everyone.rows[:, None], np.arange(THERAPISTS)[None, :], chemistry=False
    )
    gain = truth - np.where(everyone.is_eligible, truth, np.nan).mean(axis=1, where=everyone.is_eligible, keepdims=True)
    run = partial(_run, everyone, arrives, opens, gain)
    found = [run(policy, AssignmentSettings(), policy.name) for policy in POLICIES]
    for soon in SOONER:
        found.append(
            run(POLICIES[0], AssignmentSettings(overdue_weeks=soon), f"{POLICIES[0].name}, overdue after {soon} weeks")
        )
    return [*found, run(find_policy("alliance-first"), UNGUARDED, "alliance-first, none overdue")]


def _run(
    everyone: WaitingList,
    arrives: Counts,
    opens: Counts,
    gain: Floats,
    policy: Policy,
    asked: AssignmentSettings,
    name: str,
) -> dict[str, str | float]:
    """Place every week whoever waits, with the openings that came up or were left over."""
    waited, taken = np.full(len(arrives), np.nan), everyone.empty_assignment
    room = np.zeros(opens.shape[1], dtype=np.int64)
    for week in range(WEEKS):
        room += opens[week]
        here = np.flatnonzero((arrives <= week) & (taken < 0))
        some = everyone.take(here, capacity=room, weeks_waited=(week - arrives[here]).astype(float))
        nothing = ConstraintArrays(
            np.zeros_like(some.is_eligible), some.is_eligible, some.empty_assignment, some.empty_assignment
        )
        found = apply_policy(some, nothing, policy, asked, seed=week)
        got = found >= 0
        taken[here[got]], waited[here[got]] = found[got], some.weeks_waited[got]
        room -= np.bincount(found[got], minlength=len(room))
    rows = np.flatnonzero(taken >= 0)
    still = WEEKS - arrives[taken < 0]
    wishes = everyone.n_wishes_honoured[rows, taken[rows]].sum() / everyone.n_wishes_stated[rows].sum()
    return {
        "policy": name,
        "placed": len(rows) / len(taken),
        "mean wait": float(waited[rows].mean()),
        "longest wait of those placed": float(waited[rows].max()),
        "longest of those who wait at the end": float(still.max(initial=0)),
        "share of wishes honoured": float(wishes),
        "true gain, POMP": float(gain[rows, taken[rows]].mean()),
    }
