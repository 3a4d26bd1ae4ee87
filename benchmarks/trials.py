"""Measure the false alarms and the power of planned trials with looks: ``docs/trials.md`` has the table.

Each run is a whole trial through the analysis that ``attune trial analyse`` makes: permuted blocks in three strata,
therapists who differ, outcomes that never come in, looks that come later than planned. Finished cells are kept in
``.cache/trials.jsonl``: run the command again to continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.special import ndtr

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.trials.allocation import draw_arms, list_blocks
from attune_fit.training.trials.sealed_trial import Trial
from attune_fit.training.trials.trial_analysis import FOUND, analyse_records
from attune_fit.training.trials.trial_plan import TrialPlan
from attune_fit.training.trials.trial_power import simulate_trials
from attune_fit.training.trials.trial_records import TrialRecords
from docs.tables import format_table

COMMAND = "python -m benchmarks.trials"
CACHE = Path(".cache/trials.jsonl")
PAGE, MARK = Path("docs/trials.md"), "<!-- results -->"  # the table follows the mark
Outcome = Literal["normal", "ceiling", "dropout"]
LOOKS = {"one": (), "two": (0.5,), "three": (0.4, 0.7)}
SIZES = (100, 200, 600)
OUTCOMES: tuple[Outcome, ...] = ("normal", "ceiling", "dropout")
RUNS, PLANTED_RUNS = 2_000, 1_000
N_STRATA, N_THERAPISTS, THERAPIST_SHARE = 3, 20, 0.05
NEAR_LIMIT, MORE = (0.042, 0.058), 5  # a rate outside is measured again with more trials, and only these count
MISSING = 0.15  # share of clients without an outcome
LATE = (0, 4)  # outcomes by which a look comes late
DROPOUT = 0.20
N_SEQUENCES = 100  # allocations that the runs take in turn; outcomes are new in each
N_RECORDS = 2_000  # of the clinic, from which the plan's power is simulated
SEED_OF_EFFECT = 2.8  # of the standard error: about 80% power


@dataclass(frozen=True)
class TrialCell:
    """A design: the looks, the outcomes of the last look, and the distribution of the outcome."""

    looks: str
    n: int
    outcome: Outcome

    def build_plan(self) -> TrialPlan:
        """Build the plan; its effect has about 80% power."""
        arms = [{"name": "first", "order": "list"}, {"name": "second", "order": "all_at_random"}]
        return TrialPlan(
            name="simulated", claim="Simulated.", arms=arms, n_outcomes=self.n,
            looks=tuple(int(share * self.n) for share in LOOKS[self.looks]), block_sizes=(4, 6),
            smallest_effect=round(2 * SEED_OF_EFFECT / np.sqrt(self.n), 3),
            outcome="dropout" if self.outcome == "dropout" else "total",
        )  # fmt: skip


CELLS = [TrialCell(*one) for one in product(LOOKS, SIZES, OUTCOMES)]


@dataclass(frozen=True)
class CellResult:
    """Rates of one cell: rejections without an effect, with one, and the power that the plan states."""

    runs: int
    null_rate: float
    covered: float
    planted_runs: int
    power: float
    planned_power: float


def draw_outcomes(outcome: Outcome, arms: Indices, effect: float, generator: np.random.Generator) -> Floats:
    """Draw outcomes in SD; therapists differ, and both arms meet the same therapists."""
    n = len(arms)
    therapist = generator.standard_normal(N_THERAPISTS)[generator.integers(N_THERAPISTS, size=n)]
    latent = np.sqrt(THERAPIST_SHARE) * therapist + np.sqrt(1 - THERAPIST_SHARE) * generator.standard_normal(n)
    if outcome == "dropout":
        sd = np.sqrt(DROPOUT * (1 - DROPOUT))
        return -(ndtr(latent) < np.maximum(DROPOUT - effect * sd * (arms == 0), 0)).astype(float) / sd
    if outcome == "ceiling":  # most ratings are high, and none is above the top of the scale
        latent = (np.minimum(latent, 0.5) - CEILING_MEAN) / CEILING_SD
    return latent + effect * (arms == 0)


_CEILING = np.minimum(np.random.default_rng(0).standard_normal(1_000_000), 0.5)
CEILING_MEAN, CEILING_SD = float(_CEILING.mean()), float(_CEILING.std())


def draw_trial(cell: TrialCell, plan: TrialPlan, effect: float, generator: np.random.Generator) -> TrialRecords:
    """Draw all clients of a trial in the order of their allocation."""
    n = int(plan.n_outcomes / (1 - MISSING) * 1.3) + 20
    stratum = generator.integers(N_STRATA, size=n)
    seed = int(generator.integers(N_SEQUENCES))
    arm, block = np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp)
    for label in range(N_STRATA):
        rows = np.flatnonzero(stratum == label)
        arms, blocks = _draw_sequence(seed, label, plan.block_sizes)
        arm[rows], block[rows] = arms[: len(rows)], 1000 * label + blocks[: len(rows)]
    y = draw_outcomes(cell.outcome, arm, effect, generator)
    y[generator.random(n) < MISSING] = np.nan
    return TrialRecords(("",) * n, arm, stratum, block, y, (None,) * n, np.empty((n, 0)))


@cache
def _draw_sequence(seed: int, label: int, sizes: tuple[int, ...]) -> tuple[Indices, Indices]:
    """Draw the arms and blocks of a stratum, for as many clients as any cell has."""
    n = max(SIZES)
    return np.array(draw_arms(seed, str(label), sizes, n)), np.array(list_blocks(seed, str(label), sizes, n))


def run_trial(plan: TrialPlan, records: TrialRecords, late: int) -> Trial:
    """Run one trial through its looks, until it stops."""
    trial = Trial(plan, 1, "")
    n_known = np.cumsum(records.has_outcome)
    for number, planned in enumerate(plan.all_looks, start=1):
        n = int(np.searchsorted(n_known, planned + late)) + 1
        part = replace(records, client_ids=records.client_ids[:n], arm=records.arm[:n], stratum=records.stratum[:n],
                       block=records.block[:n], y=records.y[:n], therapist_ids=records.therapist_ids[:n],
                       covariates=records.covariates[:n])  # fmt: skip
        trial = replace(trial, looks=(*trial.looks, analyse_records(trial, part, number, n_permutations=1)))
        if trial.has_ended:
            break
    return trial


def measure_cell(cell: TrialCell, runs: int, planted_runs: int, seed: int) -> CellResult:
    """Measure the rates of one cell; the same seed gives the same rates."""
    plan = cell.build_plan()
    generator = np.random.default_rng([seed, CELLS.index(cell)])
    null = [_run_drawn(cell, plan, 0.0, generator) for _ in range(runs)]
    planted = [_run_drawn(cell, plan, plan.smallest_effect, generator) for _ in range(planted_runs)]
    records = draw_outcomes(cell.outcome, np.ones(N_RECORDS, dtype=np.intp), 0.0, generator)
    own = (records < 0).astype(float) if cell.outcome == "dropout" else records
    planned = simulate_trials(plan, own, seed=seed, n_runs=4_000).power
    true = plan.smallest_effect
    if cell.outcome == "dropout":  # a rate cannot fall below 0
        true = min(true, float(np.sqrt(DROPOUT / (1 - DROPOUT))))
    covered = [trial.looks[-1].low <= true <= trial.looks[-1].high for trial in planted]
    return CellResult(runs, _compute_rate(null), float(np.mean(covered)), planted_runs, _compute_rate(planted), planned)


def _run_drawn(cell: TrialCell, plan: TrialPlan, effect: float, generator: np.random.Generator) -> Trial:
    late = LATE[int(generator.integers(len(LATE)))]
    return run_trial(plan, draw_trial(cell, plan, effect, generator), late)


def _compute_rate(trials: list[Trial]) -> float:
    return float(np.mean([trial.looks[-1].decision == FOUND for trial in trials]))


def measure_cells(runs: int, planted_runs: int, seed: int) -> Iterator[tuple[TrialCell, CellResult]]:
    """Yield every cell with its rates; those in the cache are not measured again."""
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    done = {key: CellResult(**result) for key, result in map(json.loads, lines)}
    for number, cell in enumerate(CELLS, start=1):
        key = json.dumps([asdict(cell), runs, planted_runs, seed])
        if key not in done:
            done[key] = measure_cell(cell, runs, planted_runs, seed)
            if not NEAR_LIMIT[0] <= done[key].null_rate <= NEAR_LIMIT[1]:
                done[key] = measure_cell(cell, MORE * runs, planted_runs, seed)
            CACHE.parent.mkdir(exist_ok=True)
            with CACHE.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, asdict(done[key])]) + "\n")
            print(f"{number} of {len(CELLS)}: {cell} {done[key]}", flush=True)
        yield cell, done[key]


def format_results(results: dict[TrialCell, CellResult]) -> str:
    """Format the table as Markdown."""
    head = ("looks", "outcomes", "outcome", "false alarms", "power found", "power planned", "interval covers", "runs")
    return format_table(head, [
        (cell.looks, f"{cell.n:,}", cell.outcome, f"{one.null_rate:.1%}", f"{one.power:.1%}",
         f"{one.planned_power:.1%}",
         f"{one.covered:.1%}", f"{one.runs:,} and {one.planted_runs:,}")
        for cell, one in results.items()
    ])  # fmt: skip


def main() -> None:
    """Measure what is missing in the cache; print the table, and write it to the page."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help=f"trials of a cell without an effect (default {RUNS:,})")
    parser.add_argument("--planted-runs", type=int, default=PLANTED_RUNS, help="trials of a cell with an effect")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    table = format_results(dict(measure_cells(options.runs, options.planted_runs, options.seed)))
    text, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text(f"{text}{mark}\n\n{table}", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
