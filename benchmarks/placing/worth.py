"""Share of the oracle's gain that a placement gets within the openings there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.clinic import Clinic as Folder
from attune_fit.data.clinic.settings import AssignmentSettings, Config
from attune_fit.matching.assignment.assign import apply_policy
from attune_fit.matching.assignment.constraints import ConstraintArrays
from attune_fit.matching.assignment.policies import POLICIES, Policy, find_policy
from attune_fit.matching.assignment.waiting_list import WaitingList
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.fitting.fit_model import fit_clinic_model
from benchmarks.learning.clinic import KNOWN, Clinic
from benchmarks.learning.clinics import HEADLINE, MAKERS, clinic
from benchmarks.learning.gain import beyond_chance
from benchmarks.learning.means import over_mixes

OUTCOMES, SEEDS, FIRST_SEED, NEW = (0, 300, 1_000), 3, 200, 200
OPENINGS = 0.9  # for each client who waits, so that it matters who is placed as well as with whom
LOTS = 10
NOWHERE = Folder(Path("nowhere"), Config(), KNOWN)

Way = Callable[[WaitingList, np.random.Generator], Indices]


def worth(say: Callable[[str], None]) -> str:
    """Measure in every clinic; a table in Markdown."""
    found = []
    for maker in MAKERS:
        for mix in HEADLINE:
            for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
                found += list(measured(clinic(maker, mix, seed, max(OUTCOMES), NEW)))
                say(f"{maker} {mix} {seed}")
    return _table(pd.DataFrame(found))


def listed(one: Clinic, outcomes: int) -> WaitingList:
    """The new clients of a clinic as a waiting list, scored by what it had learned from so many outcomes."""
    tables = one.at(outcomes)
    model = fit_clinic_model(NOWHERE, tables).model if outcomes else load_starting_model()
    made = WaitingList.build(RosterScorer.from_clinic(model, NOWHERE, tables), one.rows(outcomes))
    lot = np.random.default_rng(one.seed)
    clients, therapists = one.may.shape
    keen = lot.dirichlet(np.full(therapists, 2.0))  # some have much room, some none
    return replace(
        made,
        failed_rule_bits=(~one.may).astype(np.int32),
        rank=np.argsort(np.argsort(np.where(one.may, -made.score_above_baseline, np.inf), axis=1), axis=1) + 1,
        capacity=lot.multinomial(int(OPENINGS * clients), keen),
        weeks_waited=np.round(lot.exponential(4, clients), 1),
    )


def placed(waits: WaitingList, policy: Policy, seed: int) -> Indices:
    """Everyone placed by a policy, with nothing else asked for."""
    nothing = ConstraintArrays(
        np.zeros_like(waits.is_eligible), waits.is_eligible, waits.empty_assignment, waits.empty_assignment
    )
    return apply_policy(waits, nothing, policy, AssignmentSettings(), seed)


def measured(one: Clinic, sizes: Sequence[int] = OUTCOMES) -> Iterator[dict[str, Any]]:
    """Shares of every way at every size."""
    gain = beyond_chance(one.truth, one.may)
    clients = np.arange(len(gain))
    alliance = find_policy("alliance-first")

    def worth_of(taken: Indices) -> float:
        return float(np.where(taken >= 0, gain[clients, taken], 0).sum())

    def by(waits: WaitingList, pair: Floats, policy: Policy = alliance, seed: int = 0) -> Indices:
        order = np.argsort(np.argsort(np.where(one.may, -pair, np.inf), axis=1), axis=1) + 1
        return placed(replace(waits, score_above_baseline=pair, rank=order), policy, seed)

    for outcomes in sizes:
        waits, lot = listed(one, outcomes), np.random.default_rng(one.seed)
        luck = [lot.standard_normal(gain.shape) for _ in range(LOTS)]
        counter = find_policy("first-come")
        by_lot = [worth_of(by(waits, drawn)) for drawn in luck]
        free = [worth_of(by(waits, drawn, counter)) for drawn in luck]
        counted = [worth_of(by(waits, waits.n_wishes_honoured + 1e-3 * drawn)) for drawn in luck]
        chance = float(np.mean(by_lot))
        oracle = worth_of(by(waits, one.truth)) - chance
        ways = {
            "first-come, any free therapist": float(np.mean(free)),
            "preference count": float(np.mean(counted)),
            **{row.name: worth_of(placed(waits, row, seed=0)) for row in reversed(POLICIES)},
        }
        for name, value in ways.items():
            yield {"maker": one.generator, "mix": one.mix, "outcomes": outcomes, "way": name,
                   "share": (value - chance) / oracle}  # fmt: skip


def _table(found: pd.DataFrame) -> str:
    """Means over mixes with 95% intervals, a row for each way."""
    lines = []
    for maker, some in found.groupby("maker", sort=False):
        sizes = " | ".join(f"{size:,} records" for size in OUTCOMES)
        lines += [f"**{MAKERS[str(maker)].says}**", "", f"| way | {sizes} |"]
        lines += [f"| --- |{' --- |' * len(OUTCOMES)}"]
        for way, rows in some.groupby("way", sort=False):
            means = [over_mixes(at["share"], at["mix"]) for _, at in rows.groupby("outcomes")]
            lines.append(f"| {way} | {' | '.join(f'{mean.value:.2f} ±{mean.half:.2f}' for mean in means)} |")
        lines.append("")
    return "\n".join(lines)
