"""Measure how the time and memory of a training grow with its outcomes: ``python -m benchmarks.training [--large]``.

Each size runs in its own process on one core, so that the peak memory is that of this size. Growth is measured in
seconds of that core, so that other load hardly matters. ``--large`` adds 300,000 outcomes. It takes a quarter of an
hour the first time, half of it to simulate them. The clinics are simulated once and stored in ``.cache/training``.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CLINICS_FOLDER = Path(__file__).resolve().parent.parent / ".cache" / "training"
SIZES = ((300, 15), (3_000, 60), (30_000, 300))  # outcomes, therapists
LARGE = (300_000, 2_000)
CLIENTS_PER_OUTCOME = 1.15  # a tenth of the clients wait, and a few others return no early form
WIDTH = 52  # characters of a step's name


@dataclass(frozen=True)
class Cost:
    """Time and memory of one training.

    Attributes
    ----------
    outcomes : int
        Early alliance records used.
    read, train, core : float
        Wall seconds to read the tables, wall seconds to train, and core seconds to train.
    tables, peak : float
        Peak memory of the process after reading the tables, and over all, in MiB.
    steps : dict of str to float
        Core seconds of each step, by the name that training prints.
    trees : dict of str to float
        Core seconds of LightGBM over all steps, by activity.
    """

    outcomes: int
    read: float
    train: float
    core: float
    tables: float
    peak: float
    steps: dict[str, float]
    trees: dict[str, float]


def main() -> None:
    """Print time and memory by size, then the core seconds of every step."""
    costs: list[Cost] = []
    os.environ["OMP_NUM_THREADS"] = "1"
    print("outcomes   read s   train s   core s a 1,000   ratio   core s for 1,000 more   MiB read   MiB peak")
    for outcomes, therapists in (*SIZES, *((LARGE,) if "--large" in sys.argv else ())):
        folder = CLINICS_FOLDER / f"{outcomes}"
        if not folder.exists():
            run_in_own_process(write_synthetic_clinic, folder, outcomes, therapists)
        costs.append(run_in_own_process(measure_training, folder))
        print(format_row(costs), flush=True)
    print()
    print(f"{'seconds of a core':<{WIDTH}}" + "".join(f"{cost.outcomes:>12,}" for cost in costs))
    for part in ("steps", "trees"):
        for name in getattr(costs[-1], part):
            print(f"{name:<{WIDTH}}" + "".join(f"{getattr(cost, part).get(name, 0):>12.1f}" for cost in costs))


def format_row(costs: list[Cost]) -> str:
    """Format the last size: seconds for 1,000 outcomes, their ratio to the first size, and the marginal seconds."""
    first, last = costs[0], costs[-1]
    per_thousand = last.core / last.outcomes * 1000
    ratio = per_thousand / (first.core / first.outcomes * 1000)
    marginal = ""
    if len(costs) > 1:
        marginal = f"{(last.core - costs[-2].core) / (last.outcomes - costs[-2].outcomes) * 1000:.2f}"
    return (
        f"{last.outcomes:>8,} {last.read:>8.1f} {last.train:>9.1f} {per_thousand:>16.2f} {ratio:>7.2f} {marginal:>23}"
        f" {last.tables:>10.0f} {last.peak:>10.0f}"
    )


def run_in_own_process(task: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a task that runs in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *arguments).result()


def write_synthetic_clinic(folder: Path, outcomes: int, therapists: int) -> None:
    """Simulate and write a clinic; the folder appears only when it is complete."""
    from attune_fit.data.synthetic.simulate import simulate, write_clinic

    unfinished = folder.with_name(f"{folder.name}.half")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_clinic(simulate(round(outcomes * CLIENTS_PER_OUTCOME), therapists, seed=0), unfinished, truth=False)
    unfinished.rename(folder)


def measure_training(folder: Path) -> Cost:
    """Return the cost of reading a clinic and training on it; the bundle is deleted."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.training.train import train

    clinic = Clinic.open(folder)
    start = time.perf_counter()
    tables = read_tables(clinic)
    reading, memory = time.perf_counter() - start, read_peak_memory()
    start, step_starts = time.perf_counter(), [(time.process_time(), "Outcomes and their features.")]
    with TemporaryDirectory() as folder_name, time_trees() as trees:
        result = train(
            replace(clinic, folder=Path(folder_name)),
            tables,
            report_progress=lambda step: step_starts.append((time.process_time(), step)),
        )
    train_seconds, ends = time.perf_counter() - start, [*(at for at, _ in step_starts[1:]), time.process_time()]
    steps: dict[str, float] = {}
    for (at, step), end in zip(step_starts, ends, strict=True):
        name = re.sub(r"of [\d,]+ ", "of ", step).rstrip(".")[:WIDTH]
        steps[name] = steps.get(name, 0.0) + end - at
    return Cost(
        result.n_outcomes,
        reading,
        train_seconds,
        ends[-1] - step_starts[0][0],
        memory,
        read_peak_memory(),
        steps,
        trees,
    )


@contextmanager
def time_trees() -> Iterator[dict[str, float]]:
    """Measure the core seconds that LightGBM takes to grow trees and to predict, inside this context."""
    import lightgbm

    spent = {"of these, growing trees": 0.0, "of these, predicting by trees": 0.0}
    train_trees, predict = lightgbm.train, lightgbm.Booster.predict

    def wrap(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - start

        return call

    lightgbm.train, lightgbm.Booster.predict = (
        wrap(one, name) for one, name in zip((train_trees, predict), spent, strict=True)
    )
    try:
        yield spent
    finally:
        lightgbm.train, lightgbm.Booster.predict = train_trees, predict


def read_peak_memory() -> float:
    """Return the peak memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
