"""Measure how the time and memory of a simulation grow with its pairs: ``python -m benchmarks.simulating [--large]``.

Each size runs in its own process, so that the peak memory is that of this size. ``--large`` adds 100,000 × 2,000.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

SIZES = ((5_000, 100), (10_000, 200), (20_000, 400), (40_000, 800))
LARGE = (100_000, 2_000)


def main() -> None:
    """Print seconds, memory, and the marginal cost of a million pairs; it is constant if growth is linear."""
    before = (0.0, 0.0)
    print("clients × therapists     million pairs   draw s   write s   s for a million more   peak MiB")
    for clients, therapists in (*SIZES, *((LARGE,) if "--large" in sys.argv else ())):
        with TemporaryDirectory() as folder:
            process = subprocess.run(
                [sys.executable, "-m", "benchmarks.simulating", str(clients), str(therapists), folder],
                cwd=Path(__file__).resolve().parent.parent, capture_output=True, text=True, check=True,
            )  # fmt: skip
        draw, write, peak = json.loads(process.stdout)
        pairs = clients * therapists / 1e6
        seconds_per_million = (draw + write - before[1]) / (pairs - before[0])
        before = (pairs, draw + write)
        size = f"{clients:>7,} × {therapists:<10,} {pairs:>16,.1f}"
        print(f"{size} {draw:>8.1f} {write:>9.1f} {seconds_per_million:>22.2f} {peak:>10.0f}")


def print_costs(clients: int, therapists: int, folder: Path) -> None:
    """Print the seconds to simulate, the seconds to write, and the peak memory in MiB, as JSON."""
    from attune_fit.data.synthetic.simulate import simulate, write_clinic

    simulate(50, 5, seed=1)  # every size needs this once: imports, and the population that scales the fit
    start = time.perf_counter()
    clinic = simulate(clients, therapists, seed=0)
    simulated = time.perf_counter()
    write_clinic(clinic, folder)
    written, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([simulated - start, written - simulated, peak / 1024]))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print_costs(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
