"""Compare the time of first answers with plain Python: ``python -m benchmarks.startup``.

The first screen, the import, and the ranking of one client in a new process; for the ranking also each step.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

from benchmarks.speed.cold_start import measure_cold_ranking
from benchmarks.speed.spreads import compute_ratios
from benchmarks.start_steps import measure_steps

RUNS = 15
HELP_PROGRAM = "from attune_fit.app.cli import main; import sys; sys.argv[1:]=['--help']; main()"
Seconds = list[float]


def time_program(program: str) -> float:
    """Return the wall time of one run of a Python program, in seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return time.perf_counter() - start


def measure_programs(program: str, base_program: str, runs: int) -> tuple[Seconds, Seconds]:
    """Return the seconds of each run of both programs; runs alternate, so that machine load affects both."""
    pairs = [(time_program(program), time_program(base_program)) for _ in range(runs + 1)]
    return [one for one, _ in pairs[1:]], [base for _, base in pairs[1:]]


def measure_ranking(runs: int) -> tuple[Seconds, Seconds]:
    """Return the seconds of each run of the ranking of a client, and of the import of pandas and LightGBM."""
    seconds = measure_cold_ranking(runs)
    return seconds["attune"], seconds["base"]


@dataclass(frozen=True)
class Comparison:
    """One row of :data:`COMPARISONS`: a program, the program to compare it with, and the time that is allowed.

    Attributes
    ----------
    name, base_name : str
        The program, and the program to compare with, in words.
    measure : callable
        Takes the number of runs. Returns the seconds of each run of both.
    factor, extra : float
        Allowed is ``factor`` times the time of the base, plus ``extra`` seconds.
    """

    name: str
    base_name: str
    measure: Callable[[int], tuple[Seconds, Seconds]]
    factor: float
    extra: float = 0.0

    @property
    def bound_text(self) -> str:
        """The bound in words."""
        factor = f"{self.factor:g} × " if self.factor != 1 else ""
        extra = f" + {self.extra:g} s" if self.extra else ""
        return f"{factor}{self.base_name}{extra}"


COMPARISONS = (
    Comparison("attune --help", "import typer", partial(measure_programs, HELP_PROGRAM, "import typer"), 1.2, 0.2),
    Comparison(
        "import attune_fit", "python -c pass", partial(measure_programs, "import attune_fit", "pass"), 1.0, 0.05
    ),
    Comparison("attune rank --client, cold", "import pandas, lightgbm", measure_ranking, 1.2),
)


def format_comparison(row: Comparison, seconds: Seconds, base_seconds: Seconds) -> str:
    """Format the medians of both, their ratio with its smallest and largest value, and whether the bound holds.

    >>> format_comparison(COMPARISONS[1], [0.05], [0.02]).splitlines()[1]
    'allowed (python -c pass + 0.05 s) 0.070 s: within'
    """
    one, base, ratios = median(seconds), median(base_seconds), compute_ratios(seconds, base_seconds)
    bound = row.factor * base + row.extra
    spread = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return (
        f"{row.name} {one:.3f} s, {row.base_name} {base:.3f} s, ratio {spread}, {one - base:.3f} s more\n"
        f"allowed ({row.bound_text}) {bound:.3f} s: {'within' if one < bound else 'OVER'}"
    )


def format_steps(steps: dict[str, Seconds]) -> str:
    """Format the steps of a ranking, each with its median, smallest and largest seconds.

    >>> print(format_steps({"import": [0.5, 0.4, 0.6], "rank": [0.1, 0.1, 0.2]}))
    step    seconds
    import  0.500 (0.400 to 0.600)
    rank    0.100 (0.100 to 0.200)
    """
    width = max(map(len, steps))
    lines = [f"{step:{width}}  {median(one):.3f} ({min(one):.3f} to {max(one):.3f})" for step, one in steps.items()]
    return "\n".join([f"{'step':{width}}  seconds", *lines])


def main() -> None:
    """Print each comparison with its ratio and its bound, then the steps of the ranking."""
    for row in COMPARISONS:
        print(format_comparison(row, *row.measure(RUNS)))
    print(format_steps(measure_steps(RUNS)))


if __name__ == "__main__":
    main()
