"""How long ``attune --help`` takes beside importing typer alone: ``python -m benchmarks.startup``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15
ALLOWED = "1.2 × import typer + 0.2 s"


def seconds(*command: str) -> float:
    """Wall time of one run of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Time both in turn, so that a drifting machine moves both, and print medians and their ratio."""
    pairs = []
    for _ in range(RUNS + 1):
        helped = seconds(
            sys.executable, "-c", "from attune_fit.app.cli import main; import sys; sys.argv[1:]=['--help']; main()"
        )
        typer = seconds(sys.executable, "-c", "import typer")
        pairs.append((helped, typer))
    helped, typer = (statistics.median(column) for column in zip(*pairs[1:], strict=True))
    bound = 1.2 * typer + 0.2
    print(f"attune --help {helped:.3f} s, import typer {typer:.3f} s, ratio {helped / typer:.2f}")
    print(f"allowed ({ALLOWED}) {bound:.3f} s: {'within' if helped < bound else 'OVER'}")


if __name__ == "__main__":
    main()
