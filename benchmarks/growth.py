"""Measure how time grows with clients, therapists, features and records: ``python -m benchmarks.growth``.

Each row of :data:`SERIES` varies one number and keeps the others. Times are of an open clinic in one process, without
start-up and reading. The slope on log-log axes is 1 where time is proportional to the number, and 0 where it is
independent of it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.speed.speed_clinics import find_clinic
from benchmarks.speed.spreads import compute_slope

RUNS = 2


def time_batch(folder: Path) -> float:
    """Return the seconds to write the first ten places of all clients, in one process."""
    from attune_fit.workspace import open_clinic

    workspace = open_clinic(folder)
    first_id = workspace.list_client_ids(waiting_only=False)[0]
    workspace.rank(first_id)  # what all clients share is prepared once, as in a batch of any size
    with TemporaryDirectory() as temporary:
        start = time.perf_counter()
        workspace.write_rankings(Path(temporary, "ranking.parquet"), everyone=True, top=10, jobs=1)
        return time.perf_counter() - start


def time_training(folder: Path) -> float:
    """Return the seconds of a training without ``--trials``; the bundle is deleted."""
    from attune_fit.workspace import open_clinic

    workspace = open_clinic(folder)
    start = time.perf_counter()
    workspace.train()
    seconds = time.perf_counter() - start
    shutil.rmtree(folder / "artifacts")
    return seconds


class Series(NamedTuple):
    """One number that grows.

    Attributes
    ----------
    name : str
        What is measured, by which number.
    measure : callable
        Returns seconds for the folder of a clinic.
    sizes : tuple of int
        The number, in growing order.
    clinics : tuple of tuples
        For each size, the clients, therapists and additional features of its clinic.
    """

    name: str
    measure: Callable[[Path], float]
    sizes: tuple[int, ...]
    clinics: tuple[tuple[int, int, int], ...]


N_FEATURES = 41  # of the starting model; a test compares this number with the model
EXTRA = (0, 41, 123)
FEATURE_SIZES = tuple(N_FEATURES + extra for extra in EXTRA)
RECORD_CLIENTS = (334, 1_112, 3_334)  # nine of ten have met a therapist
SERIES = (
    Series("batch, by clients", time_batch, (1_000, 2_000, 4_000, 8_000),
           tuple((clients, 500, 0) for clients in (1_000, 2_000, 4_000, 8_000))),
    Series("batch, by therapists", time_batch, (500, 1_000, 2_000, 4_000),
           tuple((1_000, therapists, 0) for therapists in (500, 1_000, 2_000, 4_000))),
    Series("batch, by features", time_batch, FEATURE_SIZES, tuple((2_000, 500, extra) for extra in EXTRA)),
    Series("training, by records", time_training, (300, 1_000, 3_000),
           tuple((clients, 60, 0) for clients in RECORD_CLIENTS)),
    Series("training, by features", time_training, FEATURE_SIZES, tuple((1_112, 60, extra) for extra in EXTRA)),
)  # fmt: skip


def measure_growth(
    report_progress: Callable[[str], None], series: Sequence[Series] = SERIES, runs: int = RUNS
) -> dict[str, dict[str, list[float]]]:
    """Return for each series its ``sizes`` and ``seconds``, medians of the runs; sizes alternate within a run."""
    result = {}
    for one in series:
        folders = [find_clinic(*size) for size in one.clinics]
        one.measure(folders[0])  # imports
        seconds: list[list[float]] = [[] for _ in folders]
        for _ in range(runs):
            for folder, of_size in zip(folders, seconds, strict=True):
                of_size.append(one.measure(folder))
        medians = [statistics.median(of_size) for of_size in seconds]
        result[one.name] = {"sizes": [float(size) for size in one.sizes], "seconds": medians}
        report_progress(f"{one.name}: slope {compute_slope(one.sizes, medians):.2f}, seconds {medians}")
    return result


def main() -> None:
    """Print the sizes, seconds and slope of every series."""
    os.environ["OMP_NUM_THREADS"] = "1"
    measure_growth(lambda step: print(step, file=sys.stdout, flush=True))


if __name__ == "__main__":
    main()
