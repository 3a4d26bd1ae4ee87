"""Run a command and measure its seconds and its peak memory, with all processes that it starts.

``python -m benchmarks.speed.process_tree [--kill-after SECONDS] COMMAND ...`` prints both. With ``--kill-after`` the
busiest process that has no process of its own is killed once, as a lost machine would be.

Memory is the proportional set size (PSS) of Linux: a page that several processes share counts once. It is read at most
ten times a second, and less often where a reading takes long: readings take at most a thirtieth of the time. Elsewhere
it is the peak of the largest process.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROC, INTERVAL = Path("/proc"), 0.1  # seconds between two readings of memory, at least
PAUSES_PER_READING = 30  # a reading walks all pages of a process: often repeated, it slows down what it measures
ROLLUP = "smaps_rollup"  # the file in /proc with the PSS of a process
MIB = 2**20


class CommandCost(NamedTuple):
    """What one run of a command costs.

    Attributes
    ----------
    seconds : float
        Of the wall clock.
    peak_mib : float
        Peak memory of the command and of all processes that it starts.
    exit_code : int
    output : str
        What the command printed, errors included.
    has_killed : bool
        Whether a process was killed on the way.
    """

    seconds: float
    peak_mib: float
    exit_code: int
    output: str
    has_killed: bool = False


def measure_command(
    command: Sequence[str],
    folder: Path | None = None,
    kill_after: float | None = None,
    environment: dict[str, str] | None = None,
) -> CommandCost:
    """Run a command to its end and return its seconds, and its peak memory in MiB.

    Parameters
    ----------
    command : sequence of str
    folder : Path, optional
        Where the command runs. Default: here.
    kill_after : float, optional
        After so many seconds, the busiest process without a child is killed; never the command itself.
    environment : dict, optional
        Variables in addition to those of this process.
    """
    peak, has_killed, start = 0.0, False, time.perf_counter()
    process = subprocess.Popen(
        list(command), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    output, pause = "", INTERVAL
    while True:
        try:
            output = process.communicate(timeout=pause)[0]
            break
        except subprocess.TimeoutExpired:
            before = time.perf_counter()
            members = list_process_tree(process.pid)
            peak = max(peak, sum(map(read_memory, members)))
            pause = max(INTERVAL, PAUSES_PER_READING * (time.perf_counter() - before))
            if kill_after is not None and not has_killed and time.perf_counter() - start >= kill_after:
                has_killed = kill_busiest(process.pid, members) is not None
    seconds = time.perf_counter() - start
    if not (PROC / "self" / ROLLUP).exists():
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 if sys.platform == "darwin" else 1 / 1024)
    return CommandCost(seconds, peak / MIB, process.returncode, output, has_killed)


def list_process_tree(process_id: int) -> list[int]:
    """Return the ids of a process and of all processes that it started; ended ones are left out."""
    members, waiting = [], [process_id]
    while waiting:
        one = waiting.pop()
        members.append(one)
        waiting += _list_children(one)
    return members


def _list_children(process_id: int) -> list[int]:
    try:  # a child belongs to the thread that started it
        threads = list((PROC / str(process_id) / "task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:  # the process has ended
        return []


def read_memory(process_id: int) -> float:
    """Return the proportional set size of a process in bytes; 0 where it has ended."""
    try:
        for line in (PROC / str(process_id) / ROLLUP).read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    return 0.0


def kill_busiest(root: int, members: Sequence[int]) -> int | None:
    """Kill the process of a tree that used most of the processor and has no child; return its id, None for none."""
    leaves = [one for one in members if one != root and not _list_children(one)]
    if not leaves:
        return None
    busiest = max(leaves, key=_read_processor_ticks)
    os.kill(busiest, signal.SIGKILL)
    return busiest


def _read_processor_ticks(process_id: int) -> int:
    try:
        cells = (PROC / str(process_id) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(cells[11]) + int(cells[12])  # user and system time, fields 14 and 15 of proc(5)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command on the command line; print what it prints, then its seconds and its peak memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.process_tree", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--kill-after", type=float, help="seconds after which one process is killed")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(words)
    cost = measure_command(options.command, kill_after=options.kill_after)
    print(cost.output)
    killed = ", one process killed" if cost.has_killed else ""
    print(f"{cost.seconds:.1f} s, peak {cost.peak_mib:,.0f} MiB, exit code {cost.exit_code}{killed}")


if __name__ == "__main__":
    main()
