"""Compare `attune assign` from CSV files with SciPy's solver on the same dense matrix, and measure its memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from attune_fit.data.arrays import Floats
from benchmarks.speed.process_tree import MIB, list_process_tree, read_memory

SIZES = ((1_000, 400, 5), (2_000, 800, 3), (5_000, 2_000, 1))  # clients, therapists, runs
AIM = 16  # times the solver, at most
SECONDS_BETWEEN_READINGS = 0.5


@dataclass(frozen=True)
class CommandRun:
    """One run of the command in a process of its own, and SciPy in the same process after it.

    Attributes
    ----------
    seconds : float
        The command, from its imports to its last line.
    solver_seconds : float
        One call of ``linear_sum_assignment`` on the matrix that the command solved last, to be maximised. Its rows are
        the clients, its columns are the openings.
    score_seconds : float
        The same call with one column for each therapist.
    peak_mib : float
        Largest memory of the command and of the processes that it starts, in MiB; see :class:`MemoryWatch`.
    openings : int
        Columns of the first matrix.
    """

    seconds: float
    solver_seconds: float
    score_seconds: float
    peak_mib: float
    openings: int


def measure_ratios(report_progress: Callable[[str], None]) -> str:
    """Measure each size; return a table in Markdown, with medians and the smallest and largest ratio."""
    lines = [
        "| clients | therapists | openings | runs | command, s | SciPy, s | ratio | ratio, one opening each | MiB |"
    ]
    lines += ["| ---: |" + " ---: |" * 8]
    for clients, therapists, runs in SIZES:
        lines.append(format_runs(clients, therapists, run_commands(clients, therapists, runs)))
        report_progress(lines[-1])
    return "\n".join(lines)


def measure_ratio(clients: int, therapists: int, runs: int) -> tuple[list[float], list[float], list[float]]:
    """Return the seconds of the command, the seconds of SciPy, and the peak memory in MiB, one for each run."""
    every = run_commands(clients, therapists, runs)
    return [run.seconds for run in every], [run.solver_seconds for run in every], [run.peak_mib for run in every]


def run_commands(clients: int, therapists: int, runs: int) -> list[CommandRun]:
    """Write a synthetic clinic and run the command on it, each time in a new process."""
    from attune_fit.data.synthetic.simulate import simulate, write_clinic

    found = []
    with tempfile.TemporaryDirectory() as folder:
        clinic, result = Path(folder, "clinic"), Path(folder, "result.json")
        write_clinic(simulate(clients + 5, therapists, seed=0, waiting=clients), clinic)
        for _ in range(runs):
            words = [sys.executable, "-m", __name__, str(clinic), str(result)]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            found.append(CommandRun(**json.loads(result.read_text())))
    return found


def format_runs(clients: int, therapists: int, runs: Sequence[CommandRun]) -> str:
    """Format the runs of one size as a row of the table.

    >>> runs = [CommandRun(2.0, 0.5, 0.1, 300.0, 700), CommandRun(3.0, 0.5, 0.1, 310.0, 700)]
    >>> format_runs(1_000, 400, runs).split(" | ")[4:7]
    ['2.5', '0.50', '5.0 (4.0 to 6.0)']
    """
    ratios = [run.seconds / run.solver_seconds for run in runs]
    spread = f" ({min(ratios):.1f} to {max(ratios):.1f})" if len(runs) > 1 else ""
    cells = [
        f"{clients:,}",
        f"{therapists:,}",
        f"{runs[0].openings:,}",
        str(len(runs)),
        f"{statistics.median(run.seconds for run in runs):.1f}",
        f"{statistics.median(run.solver_seconds for run in runs):.2f}",
        f"{statistics.median(ratios):.1f}{spread}",
        f"{statistics.median(run.seconds / run.score_seconds for run in runs):.0f}",
        f"{max(run.peak_mib for run in runs):,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def run_command(clinic: str) -> CommandRun:
    """Run `attune assign` in this process, then SciPy on the matrix that it solved last."""
    seconds, matrix_file, peak = _time_command(clinic)
    matrix = np.load(matrix_file)  # openings as rows, to be minimised
    is_first = np.concatenate([[True], (matrix[1:] != matrix[:-1]).any(axis=1)])  # of the openings of a therapist
    weights, scores = (np.ascontiguousarray(-rows.T) for rows in (matrix, matrix[is_first]))
    return CommandRun(seconds, _time_solver(weights), _time_solver(scores), peak, weights.shape[1])


def _time_command(clinic: str) -> tuple[float, Path, float]:
    """Return the seconds of the command, a file with the last matrix that it gave to SciPy, and its peak memory.

    The time to write the file is left out.
    """
    matrix_file, start, seconds_to_save = Path(clinic).with_name("matrix.npy"), time.perf_counter(), 0.0
    import scipy.optimize

    from attune_fit.app.cli import main

    solve = scipy.optimize.linear_sum_assignment

    def save_and_solve(matrix: Floats) -> Any:
        nonlocal seconds_to_save
        before = time.perf_counter()
        np.save(matrix_file, matrix)
        seconds_to_save += time.perf_counter() - before
        return solve(matrix)

    scipy.optimize.linear_sum_assignment = cast(Any, save_and_solve)
    sys.argv = ["attune", "assign", clinic]
    with MemoryWatch() as memory:
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    seconds = time.perf_counter() - start - seconds_to_save
    scipy.optimize.linear_sum_assignment = solve
    return seconds, matrix_file, memory.peak_mib


class MemoryWatch:
    """Reads the memory of this process and of all that it starts, a few times a second, in a ``with`` block.

    Attributes
    ----------
    peak_mib : float
        The largest sum of the proportional set sizes, or the peak of this process alone where that is larger.
    """

    def __init__(self) -> None:
        self._bytes, self._end = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self.peak_mib = max(self._bytes, _read_own_peak()) / MIB

    def _watch(self) -> None:
        while not self._end.wait(SECONDS_BETWEEN_READINGS):
            self._bytes = max(self._bytes, sum(map(read_memory, list_process_tree(os.getpid()))))


def _read_own_peak() -> float:
    """Return the peak memory of this process in bytes; ``ru_maxrss`` would count that of its parent too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024
    return 0.0


def _time_solver(weights: Floats) -> float:
    """Return the seconds of one call of SciPy."""
    from scipy.optimize import linear_sum_assignment

    start = time.perf_counter()
    linear_sum_assignment(weights, maximize=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(vars(run_command(sys.argv[1]))))
