"""Compare ``attune rank --all --out`` with the naive script, in pairs a second: ``python -m benchmarks.batch_rate``.

A run is the whole command: start, reading, ranking, and a file on the disk. Its pairs are all clients with all
therapists, as for the naive script. The naive script ranks some clients in turn in one process, without reading or
writing, before each group of commands. Peak memory is that of the command with all its processes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.naive_ranking import NaiveRanker, measure_pairs_per_second
from benchmarks.speed.process_tree import measure_command
from benchmarks.speed.speed_clinics import find_clinic
from benchmarks.speed.spreads import compute_ratios, compute_spread, format_spread

CLIENTS, THERAPISTS, RUNS, NAIVE_CLIENTS = 40_000, 1_000, 3, 200
MEMORY_CLIENTS, MEMORY_THERAPISTS = (2_500, 10_000, 40_000), 250
ATTUNE = (sys.executable, "-c", "from attune_fit.app.cli import main; main()")
READ_ONLY = "import sys; from attune_fit.workspace import open_clinic; open_clinic(sys.argv[1])"
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


class BatchOption(NamedTuple):
    """One way to run the command: its name, the suffix of the file, and the options."""

    name: str
    suffix: str
    options: tuple[str, ...]


TOP = ("--top", "10")
BATCH_OPTIONS = (
    BatchOption("every pair, Parquet, 2 processes", ".parquet", ("--jobs", "2")),
    BatchOption("every pair, CSV, 2 processes", ".csv", ("--jobs", "2")),
    BatchOption("first 10 of each client, Parquet, 2 processes", ".parquet", (*TOP, "--jobs", "2")),
)
EVERY_PAIR, EVERY_PAIR_CSV, FIRST_TEN = BATCH_OPTIONS


def run_batch(folder: Path, row: BatchOption) -> tuple[float, float, int]:
    """Run the command for all clients; return its seconds, its peak memory in MiB, and the bytes of its file."""
    with TemporaryDirectory(dir=folder.parent) as temporary:
        target = Path(temporary, f"ranking{row.suffix}")
        command = (*ATTUNE, "rank", str(folder), "--all", "--out", str(target), *row.options)
        cost = measure_command(command, environment=ONE_THREAD)
        if cost.exit_code:
            raise RuntimeError(f"attune rank {' '.join(row.options)}: {cost.output}")
        return cost.seconds, cost.peak_mib, target.stat().st_size


def measure_batch(
    folder: Path,
    report_progress: Callable[[str], None],
    runs: int = RUNS,
    naive_clients: int = NAIVE_CLIENTS,
    rows: Sequence[BatchOption] = BATCH_OPTIONS,
) -> dict[str, Any]:
    """Return pairs a second of the naive script and of every row, run by run; also peak MiB and bytes of the file."""
    from attune_fit.workspace import open_clinic

    tables = open_clinic(folder).tables
    client_ids = tables.clients["client_id"].tolist()
    ranker = NaiveRanker(tables.clients, tables.therapists)
    n_pairs = len(tables.clients) * len(tables.therapists)
    ranker.rank(client_ids[0])
    result: dict[str, Any] = {"n_pairs": n_pairs, "naive": [], "rows": {row.name: [] for row in rows}}
    for run in range(runs):
        result["naive"].append(measure_pairs_per_second(ranker, client_ids[:naive_clients]))
        for row in rows:
            seconds, peak, size = run_batch(folder, row)
            result["rows"][row.name].append({"rate": n_pairs / seconds, "peak_mib": peak, "bytes": size})
            report_progress(f"run {run + 1}: {row.name}, {n_pairs / seconds:,.0f} pairs a second")
    return result


def measure_memory(folders: Sequence[Path], report_progress: Callable[[str], None]) -> dict[str, list[float]]:
    """Return peak MiB by number of clients: only reading the tables, every pair, and the first ten places."""
    peaks: dict[str, list[float]] = {"clients": [], "reading": [], EVERY_PAIR.name: [], FIRST_TEN.name: []}
    for folder in folders:
        n_clients = sum(1 for _ in (folder / "clients.csv").open(encoding="utf-8")) - 1
        reading = measure_command([sys.executable, "-c", READ_ONLY, str(folder)], environment=ONE_THREAD)
        ranked = [run_batch(folder, row)[1] for row in (EVERY_PAIR, FIRST_TEN)]
        for name, value in zip(peaks, (float(n_clients), reading.peak_mib, *ranked), strict=True):
            peaks[name].append(value)
        report_progress(f"{n_clients:,} clients: peak MiB {reading.peak_mib:.0f} read, {ranked} ranked")
    return peaks


def main() -> None:
    """Print pairs a second, the ratio to the naive script, and peak memory of every row."""
    result = measure_batch(find_clinic(CLIENTS, THERAPISTS), lambda step: print(step, file=sys.stderr, flush=True))
    print(f"naive script: {format_spread(compute_spread(result['naive']))} pairs a second")
    for name, runs in result["rows"].items():
        ratio = format_spread(compute_spread(compute_ratios([run["rate"] for run in runs], result["naive"])), " ×")
        print(f"{name}: {ratio}, peak {max(run['peak_mib'] for run in runs):,.0f} MiB")


if __name__ == "__main__":
    main()
