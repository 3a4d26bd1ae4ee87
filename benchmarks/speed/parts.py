"""The parts of the benchmark of speed: what each measures, and in which files its code is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

ReportProgress = Callable[[str], None]
Results = dict[str, dict[str, Any]]  # by name of the part
N_COLD_RUNS, N_PLACEMENT_RUNS = 11, 2
PLACEMENT = (5_000, 2_000)  # clients, therapists
LARGE_CLIENTS, LARGE_THERAPISTS = 200_000, 2_000
KILL_AFTER = 60.0  # seconds after which a worker of the cluster is killed


class Part(NamedTuple):
    """One part, measured in a process of its own.

    Attributes
    ----------
    name : str
        As on the command line.
    description : str
    sources : tuple of str
        Files of this folder whose change makes a stored result old; the package itself always counts.
    measure : callable
        Takes a function that receives each step, and returns figures ready for JSON.
    is_default : bool
        Whether it is measured without being named.
    """

    name: str
    description: str
    sources: tuple[str, ...]
    measure: Callable[[ReportProgress], dict[str, Any]]
    is_default: bool = True


def measure_one_client(_: ReportProgress) -> dict[str, Any]:
    """Measure one client in an open clinic, next to the naive script."""
    from benchmarks.interactive import draw_clinics, measure_interactive

    return dict(measure_interactive(draw_clinics()))


def measure_batches(report_progress: ReportProgress) -> dict[str, Any]:
    """Measure batches of many clients, next to the naive script."""
    from benchmarks import batch_rate
    from benchmarks.speed.speed_clinics import find_clinic

    return batch_rate.measure_batch(find_clinic(batch_rate.CLIENTS, batch_rate.THERAPISTS), report_progress)


def measure_batch_memory(report_progress: ReportProgress) -> dict[str, Any]:
    """Measure peak memory by number of clients."""
    from benchmarks import batch_rate
    from benchmarks.speed.speed_clinics import find_clinic

    folders = [find_clinic(clients, batch_rate.MEMORY_THERAPISTS) for clients in batch_rate.MEMORY_CLIENTS]
    return dict(batch_rate.measure_memory(folders, report_progress))


def measure_cold_start(_: ReportProgress) -> dict[str, Any]:
    """Measure the first ranking of a new process, next to the imports of pandas and LightGBM."""
    from benchmarks.speed.cold_start import measure_cold_ranking
    from benchmarks.start_steps import measure_steps

    return {**measure_cold_ranking(N_COLD_RUNS), "steps": measure_steps(N_COLD_RUNS)}


def measure_placement(_: ReportProgress) -> dict[str, Any]:
    """Measure the placement of a long waiting list, next to SciPy's solver."""
    from benchmarks.placing.command_ratio import measure_ratio

    seconds, solver_seconds, peaks = measure_ratio(*PLACEMENT, N_PLACEMENT_RUNS)
    return {"attune": seconds, "base": solver_seconds, "peak_mib": peaks}


def measure_training(report_progress: ReportProgress) -> dict[str, Any]:
    """Measure a training, next to an earlier version."""
    from benchmarks.speed.earlier_version import measure_trainings

    return measure_trainings(report_progress)


def measure_growth_slopes(report_progress: ReportProgress) -> dict[str, Any]:
    """Measure how time grows."""
    from benchmarks.growth import measure_growth

    return dict(measure_growth(report_progress))


def measure_huge_rates(report_progress: ReportProgress) -> dict[str, Any]:
    """Measure the rates that the sums for a network of clinics need."""
    from benchmarks.speed import huge_batch
    from benchmarks.speed.speed_clinics import find_clinic

    return huge_batch.measure_rates(find_clinic(huge_batch.CLIENTS, huge_batch.THERAPISTS), report_progress)


def measure_large_batch(report_progress: ReportProgress) -> dict[str, Any]:
    """Measure 400 million pairs, first by processes, then by a local cluster that loses a worker."""
    from benchmarks.speed.large_batch import measure_large
    from benchmarks.speed.speed_clinics import find_clinic

    return measure_large(find_clinic(LARGE_CLIENTS, LARGE_THERAPISTS), report_progress, KILL_AFTER)


NAIVE = "naive_ranking.py"
PARTS = (
    Part("client", "one client in an open clinic", ("interactive.py", NAIVE), measure_one_client),
    Part("cold", "the first ranking of a new process", ("speed/cold_start.py", "start_steps.py"), measure_cold_start),
    Part("batch", "many clients to a file", ("batch_rate.py", NAIVE), measure_batches),
    Part("memory", "peak memory of a batch", ("batch_rate.py",), measure_batch_memory),
    Part("placement", "a long waiting list", ("placing/command_ratio.py",), measure_placement),
    Part("training", "trainings, next to an earlier version", ("speed/earlier_version.py",), measure_training),
    Part("growth", "how time grows", ("growth.py",), measure_growth_slopes),
    Part("rates", "rates for a network of clinics", ("speed/huge_batch.py",), measure_huge_rates),
    Part("large", "400 million pairs (half an hour)", ("speed/large_batch.py",), measure_large_batch, is_default=False),
)
PARTS_BY_NAME = {part.name: part for part in PARTS}


def run_part(name: str) -> dict[str, Any]:
    """Measure one part in this process; its steps go to standard error."""
    return PARTS_BY_NAME[name].measure(lambda step: print(f"{name}: {step}", file=sys.stderr, flush=True))
