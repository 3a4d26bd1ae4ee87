"""Compare the reading of a clinic with plain pandas: ``python -m benchmarks.reading [CLIENTS]``.

Each program runs in its own process, so that the peak memory is its own. Times are of the processor, and programs
alternate, so that other load on the machine counts little.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CLIENTS, THERAPISTS, COLUMNS = 100_000, 50, 40
RUNS = 3
MAX_TIME, MAX_MEMORY = 8.0, 3.0  # allowed, as multiples of plain pandas: Attune also checks, translates and sorts


def _read_as_text(folder: Path) -> Any:
    import pandas as pd

    return pd.read_csv(folder / "clients.csv", dtype="str", keep_default_na=False)


def _read_with_types(folder: Path) -> Any:
    import pandas as pd

    return pd.read_csv(folder / "clients.csv")


def _read_clinic(folder: Path) -> Any:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.reading.read_clinic import read_tables

    return read_tables(Clinic.open(folder))


PROGRAMS: dict[str, Callable[[Path], Any]] = {  # the first is the one to compare with
    "pandas.read_csv, text": _read_as_text,
    "pandas.read_csv": _read_with_types,
    "read_tables": _read_clinic,
}


def write_clinic(folder: Path, clients: int = CLIENTS) -> None:
    """Write a clinic of random clients with 40 columns: canonical ones, then own codes, numbers and dates."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    days = pd.date_range("2026-01-01", periods=150).strftime("%Y-%m-%d")

    def draw(codes: Any) -> Any:
        return rng.choice(np.asarray(codes), clients)

    table = {
        "client_id": [f"c{number:06d}" for number in range(clients)],
        "age": rng.integers(18, 90, clients),
        "gender": draw(["woman", "man", "nonbinary"]),
        "languages": draw(["english", "english|spanish", "spanish"]),
        "region": draw(["north", "south"]),
        "payer": draw(["public", "plan a", "self pay"]),
        "formats": draw(["video", "video|in person"]),
        "availability": draw(["mon-am|tue-pm", "wed-pm", "fri-am"]),
        "presenting_problems": draw(["anxiety|depression", "trauma", "grief"]),
        "referred_on": draw(days),
        **{f"own number {number}": rng.integers(0, 100, clients) for number in range(10)},
        **{f"own code {number}": draw(["yes", "no", ""]) for number in range(10)},
        **{f"own share {number}": rng.random(clients).round(2) for number in range(4)},
        **{f"own date {number}": draw(days) for number in range(3)},
        **{f"own text {number}": draw([f"text {code}" for code in range(5000)]) for number in range(3)},
    }
    assert len(table) == COLUMNS
    pd.DataFrame(table).to_csv(folder / "clients.csv", index=False)
    roster = {"therapist_id": [f"t{number}" for number in range(THERAPISTS)], "open_slots": 2}
    pd.DataFrame(roster).to_csv(folder / "therapists.csv", index=False)
    (folder / "clinic.toml").write_text("[clinic]\nas_of = 2026-06-15\n", encoding="utf-8")


def measure(program: str, folder: Path) -> tuple[float, float]:
    """Return the seconds of the processor and the MiB of memory that one program needs, without its imports."""
    seconds, memory = json.loads(_run(program, folder))
    return float(seconds), float(memory)


def _run(*words: object) -> str:
    """Return what this module prints in a process of its own: Linux counts a parent's peak memory as the child's."""
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.reading", *map(str, words)],
        cwd=Path(__file__).resolve().parent.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return process.stdout


def print_costs(program: str, folder: Path) -> None:
    """Print the seconds and the growth of the peak memory in MiB of one reading, as JSON."""
    with TemporaryDirectory() as small:
        write_clinic(Path(small), 20)
        PROGRAMS[program](Path(small))  # imports, once
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    result = PROGRAMS[program](folder)
    seconds, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    del result
    print(json.dumps([seconds, (peak - before) / 1024]))


def format_costs(costs: dict[str, tuple[float, float]]) -> str:
    """Format seconds and MiB of each program, and their ratios to the first; then whether the bound holds.

    >>> print(format_costs({"pandas.read_csv, text": (0.5, 100.0), "read_tables": (3.0, 250.0)}))
    pandas.read_csv, text    0.50 s   100 MiB
    read_tables              3.00 s   250 MiB   6.0 × the time   2.5 × the memory
    allowed: 8 × the time, 3 × the memory: within
    """
    (base, (base_seconds, base_memory)), *others = costs.items()
    lines = [f"{base:<22} {base_seconds:>6.2f} s {base_memory:>5.0f} MiB"]
    for name, (seconds, memory) in others:
        ratios = f"{seconds / base_seconds:>5.1f} × the time {memory / base_memory:>5.1f} × the memory"
        lines.append(f"{name:<22} {seconds:>6.2f} s {memory:>5.0f} MiB {ratios}")
    seconds, memory = costs["read_tables"]
    is_within = seconds < MAX_TIME * base_seconds and memory < MAX_MEMORY * base_memory
    lines.append(f"allowed: {MAX_TIME:g} × the time, {MAX_MEMORY:g} × the memory: {'within' if is_within else 'OVER'}")
    return "\n".join(lines)


def main(clients: int = CLIENTS) -> None:
    """Print the median costs of each program."""
    with TemporaryDirectory() as folder:
        _run("write", folder, clients)
        print(f"{clients:,} clients × {COLUMNS} columns")
        runs = [{name: measure(name, Path(folder)) for name in PROGRAMS} for _ in range(RUNS)]
    costs = {name: [run[name] for run in runs] for name in PROGRAMS}
    print(format_costs({
        name: (statistics.median(one[0] for one in found), statistics.median(one[1] for one in found))
        for name, found in costs.items()
    }))  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 4:
        write_clinic(Path(sys.argv[2]), int(sys.argv[3]))
    elif len(sys.argv) == 3:
        print_costs(sys.argv[1], Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
