"""Plan which clinics and sizes are measured, and measure one clinic at all of its sizes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning import result_files
from benchmarks.learning.clinic_makers import CLINIC_MAKERS, draw_clinic
from benchmarks.learning.feature_ceiling import CEILING_NAME, measure_feature_ceiling
from benchmarks.learning.method_inputs import MethodInputs
from benchmarks.learning.methods import METHODS, Method
from benchmarks.learning.result_files import Result

SIZES = (0, 100, 300, 1_000, 3_000)
LARGEST_SIZE = 10_000  # slow: only for the last seeds
N_SEEDS, N_LARGE_SEEDS = 8, 2
FIRST_SEED = 100  # lower seeds are for development, so that no method is tuned on reported clinics
QUICK_SIZES, N_QUICK_SEEDS = (0, 100, 300), 2


@dataclass(frozen=True)
class Plan:
    """One clinic to measure, its sizes (numbers of outcomes), and its number of records in all."""

    maker: str
    mix: str
    seed: int
    sizes: tuple[int, ...]
    n_records: int

    def list_sizes(self, method: Method) -> tuple[int, ...]:
        """Return the sizes for a method: one if it does not learn, none if it cannot run in this clinic."""
        if method.needs_crossed and self.mix != "crossed":
            return ()
        return self.sizes if method.learns else self.sizes[:1]

    def list_missing_sizes(self, folder: Path, method: Method) -> tuple[int, ...]:
        """Return the sizes without a stored result."""
        return tuple(
            size for size in self.list_sizes(method) if not self.build_path(folder, size, method.name).exists()
        )

    def build_path(self, folder: Path, size: int, method: str) -> Path:
        """Return the path of a stored result."""
        return result_files.build_result_path(folder, self.maker, self.mix, self.seed, size, method)


def list_plans(quick: bool = False) -> list[Plan]:
    """List every clinic, one of each kind first, so that a stopped run has results of all kinds."""
    plans = []
    for number in range(N_QUICK_SEEDS if quick else N_SEEDS):
        sizes = (*SIZES, LARGEST_SIZE) if number >= N_SEEDS - N_LARGE_SEEDS else SIZES
        sizes_to_measure = QUICK_SIZES if quick else sizes
        plans += [Plan(maker.name, mix, FIRST_SEED + number, sizes_to_measure, max(sizes))
                  for maker in CLINIC_MAKERS.values() for mix in maker.mixes]  # fmt: skip
    return plans


def measure_plan(plan: Plan, methods: Sequence[str], folder: Path) -> int:
    """Measure and store the missing results of one clinic; return their number.

    ``methods`` are names of :data:`METHODS`, and ``CEILING_NAME`` for the ceiling of the features.
    """
    missing = [
        (size, method)
        for method in (METHODS[name] for name in methods if name != CEILING_NAME)
        for size in plan.list_missing_sizes(folder, method)
    ]
    is_ceiling_missing = CEILING_NAME in methods and not plan.build_path(folder, 0, CEILING_NAME).exists()
    if not missing and not is_ceiling_missing:
        return 0
    clinic = draw_clinic(plan.maker, plan.mix, plan.seed, plan.n_records)
    for size in sorted({size for size, _ in missing} | ({0} if is_ceiling_missing else set())):
        inputs = MethodInputs(clinic.build_tables(size), clinic.find_rows(size))
        build_shared_inputs(inputs)
        if size == 0 and is_ceiling_missing:
            ceiling = measure_feature_ceiling(clinic, inputs)
            Result(plan.maker, plan.mix, plan.seed, 0, CEILING_NAME, *ceiling, 0.0, clinic.digest).write(folder)
        for method in [method for missing_size, method in missing if missing_size == size]:
            start = time.process_time()
            scores = method.compute_scores(inputs)
            seconds = time.process_time() - start
            share = clinic.measure_share(scores)
            Result(plan.maker, plan.mix, plan.seed, size, method.name, *share, seconds, clinic.digest).write(folder)
    return len(missing) + is_ceiling_missing


def build_shared_inputs(inputs: MethodInputs) -> None:
    """Build the inputs that methods share, so that no method's time includes them."""
    for part in (inputs.early, *inputs.features):
        len(part)


def delete_results(folder: Path, methods: Sequence[str]) -> None:
    """Delete the stored results of some methods."""
    for name in methods:
        for file in result_files.build_result_path(folder, "", "", 0, 0, name).parent.glob("*.csv"):
            file.unlink()
