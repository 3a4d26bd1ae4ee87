"""How time and memory of a synthetic clinic grow with its pairs: ``python -m benchmarks.simulating [--large]``.

Each size runs in a process of its own, so that its peak of memory is its own; ``--large`` adds 100,000 × 2,000.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

SIZES = ((5_000, 100), (10_000, 200), (20_000, 400), (40_000, 800))
LARGE = (100_000, 2_000)
ONE = """
import json, resource, sys, time
from pathlib import Path
from attune_fit.data.synthetic.simulate import simulate, write_clinic
clients, therapists = int(sys.argv[1]), int(sys.argv[2])
simulate(50, 5, seed=1)  # what every size needs once: imports, the population that fit is weighed on
start = time.perf_counter()
made = simulate(clients, therapists, seed=0)
drawn = time.perf_counter()
write(made, Path(sys.argv[3]))
done, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([drawn - start, done - drawn, peak / 1024]))
"""


def main() -> None:
    """Print seconds, what a million pairs more cost from size to size (even where growth is linear), and memory."""
    before = (0.0, 0.0)
    print("clients × therapists     million pairs   draw s   write s   s for a million more   peak MiB")
    for clients, therapists in (*SIZES, *((LARGE,) if "--large" in sys.argv else ())):
        with TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", ONE, str(clients), str(therapists), folder],
                cwd=Path(__file__).resolve().parent.parent, capture_output=True, text=True, check=True,
            )  # fmt: skip
        draw, write, peak = json.loads(done.stdout)
        pairs = clients * therapists / 1e6
        each = (draw + write - before[1]) / (pairs - before[0])
        before = (pairs, draw + write)
        size = f"{clients:>7,} × {therapists:<10,} {pairs:>16,.1f}"
        print(f"{size} {draw:>8.1f} {write:>9.1f} {each:>22.2f} {peak:>10.0f}")


if __name__ == "__main__":
    main()
