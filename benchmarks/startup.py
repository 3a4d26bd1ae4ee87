"""Compare the time of ``attune --help`` with that of ``import typer``: ``python -m benchmarks.startup``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15
BOUND_TEXT = "1.2 × import typer + 0.2 s"


def time_command(*command: str) -> float:
    """Return the wall time of one run of a command, in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the median of either command and their ratio; runs alternate, so that machine load affects both."""
    pairs = []
    for _ in range(RUNS + 1):
        help_seconds = time_command(
            sys.executable, "-c", "from attune_fit.app.cli import main; import sys; sys.argv[1:]=['--help']; main()"
        )
        typer_seconds = time_command(sys.executable, "-c", "import typer")
        pairs.append((help_seconds, typer_seconds))
    help_seconds, typer_seconds = (statistics.median(column) for column in zip(*pairs[1:], strict=True))
    bound = 1.2 * typer_seconds + 0.2
    ratio = help_seconds / typer_seconds
    print(f"attune --help {help_seconds:.3f} s, import typer {typer_seconds:.3f} s, ratio {ratio:.2f}")
    print(f"allowed ({BOUND_TEXT}) {bound:.3f} s: {'within' if help_seconds < bound else 'OVER'}")


if __name__ == "__main__":
    main()
