"""Measure what a journal of a year costs: ``python -m benchmarks.journal [CLIENTS THERAPISTS]``.

The export is a year old, so every event applies: the most that a journal can cost. Each step runs in a process of its
own. Times are of the processor, and runs alternate, so that other load on the machine counts little.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.journal_year import count_events, write_clinic, write_journal

CLIENTS, THERAPISTS = 5_000, 100  # 50,000 events
RUNS = 3
MAX_RATIO = 2.5  # allowed: opening with the journal, as a multiple of opening the same clinic without it
PLAIN, YEAR = "plain", "year"  # folders of the same clinic, without and with the journal


def _open_clinic(folder: Path) -> float:
    """Return the seconds to read the tables, with the journal if there is one."""
    from attune_fit.workspace import Workspace

    start = time.process_time()
    tables = Workspace(folder).tables
    seconds = time.process_time() - start
    assert len(tables.clients)
    return seconds


def _record_event(folder: Path) -> float:
    """Return the seconds to record one event in a clinic that is open already, as a notebook has it."""
    from attune_fit.workspace import Workspace

    workspace = Workspace(folder)
    client_id = workspace.tables.clients["client_id"].iloc[0]
    start = time.process_time()
    workspace.record("client_changed", client=client_id, cells={"phq9": "27"})
    return time.process_time() - start


STEPS: dict[str, Callable[[Path], float]] = {"open the clinic": _open_clinic, "record one event": _record_event}
OPEN = next(iter(STEPS))  # the step that has a bound


def measure(step: str, folder: Path) -> float:
    """Return the seconds of the processor that one step takes in a process of its own, without its imports."""
    return float(_run(step, folder))


def _run(*words: object) -> str:
    """Return what this module prints in a process of its own."""
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.journal", *map(str, words)],
        cwd=Path(__file__).resolve().parent.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return process.stdout


def print_seconds(step: str, folder: Path) -> None:
    """Print the seconds of one step. It works on a copy: an event that it records is not there for the next run."""
    with TemporaryDirectory() as temporary:
        small, copy = Path(temporary, "small"), Path(temporary, "copy")
        write_clinic(small, 20, 8)
        write_journal(small)
        STEPS[step](small)  # imports, once
        shutil.copytree(folder, copy)
        print(STEPS[step](copy))


def format_costs(n_events: int, costs: Mapping[str, Mapping[str, float]]) -> str:
    """Format the seconds of each step without and with the journal, and their ratio; then whether the bound holds.

    >>> print(format_costs(50_000, {"open the clinic": {"plain": 0.5, "year": 0.8}}))
    seconds            0 events    50,000 events
    open the clinic       0.500            0.800   1.6 × the time
    allowed: 2.5 × the time to open the clinic: within
    """
    lines = [f"{'seconds':<18} {'0 events':>8} {f'{n_events:,} events':>16}"]
    for step, seconds in costs.items():
        ratio = f"{seconds[YEAR] / seconds[PLAIN]:.1f} × the time"
        lines.append(f"{step:<18} {seconds[PLAIN]:>8.3f} {seconds[YEAR]:>16.3f}   {ratio}")
    is_within = costs[OPEN][YEAR] < MAX_RATIO * costs[OPEN][PLAIN]
    lines.append(f"allowed: {MAX_RATIO:g} × the time to {OPEN}: {'within' if is_within else 'OVER'}")
    return "\n".join(lines)


def main(clients: int = CLIENTS, therapists: int = THERAPISTS) -> None:
    """Print the median seconds of each step, without and with the journal."""
    with TemporaryDirectory() as temporary:
        folders = {name: Path(temporary, name) for name in (PLAIN, YEAR)}
        write_clinic(folders[PLAIN], clients, therapists)
        shutil.copytree(folders[PLAIN], folders[YEAR])
        write_journal(folders[YEAR])
        print(f"{clients:,} clients × {therapists:,} therapists")
        runs = [{step: {name: measure(step, folder) for name, folder in folders.items()} for step in STEPS}
                for _ in range(RUNS)]  # fmt: skip
    costs = {step: {name: statistics.median(run[step][name] for run in runs) for name in folders} for step in STEPS}
    print(format_costs(count_events(clients, therapists), costs))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in STEPS:
        print_seconds(sys.argv[1], Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
