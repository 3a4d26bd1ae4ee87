"""Compare the time of the first screen and of the import with plain Python: ``python -m benchmarks.startup``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

RUNS = 15
HELP_PROGRAM = "from attune_fit.app.cli import main; import sys; sys.argv[1:]=['--help']; main()"


@dataclass(frozen=True)
class Comparison:
    """One row of :data:`COMPARISONS`: a program, the program to compare it with, and the time that is allowed.

    Attributes
    ----------
    name, program : str
        The program in words, and its source.
    base_name, base_program : str
        The same for the program to compare with.
    factor, extra : float
        Allowed is ``factor`` times the time of the base, plus ``extra`` seconds.
    """

    name: str
    program: str
    base_name: str
    base_program: str
    factor: float
    extra: float

    @property
    def bound_text(self) -> str:
        """The bound in words."""
        factor = f"{self.factor:g} × " if self.factor != 1 else ""
        return f"{factor}{self.base_name} + {self.extra:g} s"


COMPARISONS = (
    Comparison("attune --help", HELP_PROGRAM, "import typer", "import typer", 1.2, 0.2),
    Comparison("import attune_fit", "import attune_fit", "python -c pass", "pass", 1.0, 0.05),
)


def time_program(program: str) -> float:
    """Return the wall time of one run of a Python program, in seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return time.perf_counter() - start


def measure_medians(row: Comparison, runs: int = RUNS) -> tuple[float, float]:
    """Return the median seconds of both programs; runs alternate, so that machine load affects both."""
    pairs = [(time_program(row.program), time_program(row.base_program)) for _ in range(runs + 1)]
    seconds, base_seconds = (statistics.median(column) for column in zip(*pairs[1:], strict=True))
    return seconds, base_seconds


def format_comparison(row: Comparison, seconds: float, base_seconds: float) -> str:
    """Format both times, their ratio and whether the bound holds.

    >>> print(format_comparison(COMPARISONS[1], 0.05, 0.02))
    import attune_fit 0.050 s, python -c pass 0.020 s, ratio 2.50, 0.030 s more
    allowed (python -c pass + 0.05 s) 0.070 s: within
    """
    bound = row.factor * base_seconds + row.extra
    figures = f"{row.name} {seconds:.3f} s, {row.base_name} {base_seconds:.3f} s"
    return (
        f"{figures}, ratio {seconds / base_seconds:.2f}, {seconds - base_seconds:.3f} s more\n"
        f"allowed ({row.bound_text}) {bound:.3f} s: {'within' if seconds < bound else 'OVER'}"
    )


def main() -> None:
    """Print the medians of each comparison, their ratio and the bound."""
    for row in COMPARISONS:
        print(format_comparison(row, *measure_medians(row)))


if __name__ == "__main__":
    main()
