"""Measure the share of the oracle's gain that an assignment gets within the open slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import AssignmentSettings, Config
from attune_fit.matching.assignment.assign import apply_policy
from attune_fit.matching.assignment.constraints import ConstraintArrays
from attune_fit.matching.assignment.policies import POLICIES, Policy, find_policy
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.fitting.fit_model import fit_clinic_model
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME, BenchmarkClinic
from benchmarks.learning.clinic_makers import CLINIC_MAKERS, HEADLINE, draw_clinic
from benchmarks.learning.gain import center_over_eligible
from benchmarks.learning.means import average_over_mixes

OUTCOMES, N_SEEDS, FIRST_SEED, N_NEW = (0, 300, 1_000), 3, 200, 200
OPENINGS = 0.9  # for each waiting client; fewer than 1, so that it matters which clients are placed
N_RANDOM_DRAWS = 10
NO_CLINIC = Clinic(Path("nowhere"), Config(), INSTRUMENTS_BY_NAME)


def measure_oracle_shares(report_progress: Callable[[str], None]) -> str:
    """Measure every clinic; return a table in Markdown."""
    rows = []
    for maker in ("simulated", "other"):
        for mix in HEADLINE:
            for seed in range(FIRST_SEED, FIRST_SEED + N_SEEDS):
                rows += list(measure_ways(draw_clinic(maker, mix, seed, max(OUTCOMES), N_NEW)))
                report_progress(f"{maker} {mix} {seed}")
    return _format_table(pd.DataFrame(rows))


def build_waiting_list(clinic: BenchmarkClinic, outcomes: int) -> WaitingList:
    """Return the new clients of a clinic as a waiting list, scored by a model trained on so many outcomes."""
    tables = clinic.build_tables(outcomes)
    model = fit_clinic_model(NO_CLINIC, tables).model if outcomes else load_starting_model()
    waiting_list = WaitingList.build(RosterScorer.from_clinic(model, NO_CLINIC, tables), clinic.find_rows(outcomes))
    rng = np.random.default_rng(clinic.seed)
    clients, therapists = clinic.eligible.shape
    therapist_shares = rng.dirichlet(np.full(therapists, 2.0))  # some have many open slots, some none
    return replace(
        waiting_list,
        failed_rule_bits=(~clinic.eligible).astype(np.uint32),
        rank=np.argsort(
            np.argsort(np.where(clinic.eligible, -waiting_list.score_above_baseline, np.inf), axis=1), axis=1
        )
        + 1,
        capacity=rng.multinomial(int(OPENINGS * clients), therapist_shares),
        weeks_waited=np.round(rng.exponential(4, clients), 1),
    )


def place_clients(waiting_list: WaitingList, policy: Policy, seed: int) -> Indices:
    """Assign the waiting list by a policy, without constraints by the coordinator."""
    no_constraints = ConstraintArrays(
        np.zeros_like(waiting_list.is_eligible),
        waiting_list.is_eligible,
        waiting_list.empty_assignment,
        waiting_list.empty_assignment,
    )
    return apply_policy(waiting_list, no_constraints, policy, AssignmentSettings(), seed)


def measure_ways(clinic: BenchmarkClinic, sizes: Sequence[int] = OUTCOMES) -> Iterator[dict[str, Any]]:
    """Yield the share of the oracle's gain of every way to assign, for every number of outcomes."""
    gain = center_over_eligible(clinic.truth, clinic.eligible)
    clients = np.arange(len(gain))
    alliance_first = find_policy("alliance-first")

    def sum_gain(assignment: Indices) -> float:
        return float(np.where(assignment >= 0, gain[clients, assignment], 0).sum())

    def place_by_scores(
        waiting_list: WaitingList, scores: Floats, policy: Policy = alliance_first, seed: int = 0
    ) -> Indices:
        order = np.argsort(np.argsort(np.where(clinic.eligible, -scores, np.inf), axis=1), axis=1) + 1
        return place_clients(replace(waiting_list, score_above_baseline=scores, rank=order), policy, seed)

    for outcomes in sizes:
        waiting_list, rng = build_waiting_list(clinic, outcomes), np.random.default_rng(clinic.seed)
        random_scores = [rng.standard_normal(gain.shape) for _ in range(N_RANDOM_DRAWS)]
        first_come = find_policy("first-come")
        random_gains = [sum_gain(place_by_scores(waiting_list, scores)) for scores in random_scores]
        first_come_gains = [sum_gain(place_by_scores(waiting_list, scores, first_come)) for scores in random_scores]
        wish_count_gains = [
            sum_gain(place_by_scores(waiting_list, waiting_list.n_wishes_honoured + 1e-3 * scores))
            for scores in random_scores
        ]
        chance = float(np.mean(random_gains))
        oracle = sum_gain(place_by_scores(waiting_list, clinic.truth)) - chance
        ways = {
            "first-come, any free therapist": float(np.mean(first_come_gains)),
            "preference count": float(np.mean(wish_count_gains)),
            **{row.name: sum_gain(place_clients(waiting_list, row, seed=0)) for row in reversed(POLICIES)},
        }
        for name, value in ways.items():
            yield {"maker": clinic.maker, "mix": clinic.mix, "outcomes": outcomes, "way": name,
                   "share": (value - chance) / oracle}  # fmt: skip


def _format_table(rows: pd.DataFrame) -> str:
    """Format the means over mixes with 95% intervals, a row for each way."""
    lines = []
    for maker, maker_rows in rows.groupby("maker", sort=False):
        sizes = " | ".join(f"{size:,} records" for size in OUTCOMES)
        lines += [f"**{CLINIC_MAKERS[str(maker)].description}**", "", f"| way | {sizes} |"]
        lines += [f"| --- |{' --- |' * len(OUTCOMES)}"]
        for way, way_rows in maker_rows.groupby("way", sort=False):
            means = [average_over_mixes(at["share"], at["mix"]) for _, at in way_rows.groupby("outcomes")]
            lines.append(f"| {way} | {' | '.join(f'{mean.value:.2f} ±{mean.half:.2f}' for mean in means)} |")
        lines.append("")
    return "\n".join(lines)
