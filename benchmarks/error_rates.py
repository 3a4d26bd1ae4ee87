"""Measure how often the tests of the hypothesis lab reject where there is no effect: ``docs/error-rates.md``.

Every cell is a design of ``benchmarks.null_studies``. A cell whose rate is near a limit is drawn again with five times
as many studies, and only these count. Finished cells are kept in ``.cache/error-rates.jsonl``: run the command again to
continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np

from attune_fit.training.multilevel.effect_test import SIGNIFICANCE_LEVEL
from benchmarks.null_studies import CASELOADS, PERMUTATIONS, THERAPIST_SHARE, StudyDesign
from benchmarks.weight_choice import RUNS as WEIGHT_RUNS
from benchmarks.weight_choice import list_weight_rows
from docs.tables import format_table

PAGE = Path("docs/error-rates.md")
CACHE = Path(".cache/error-rates.jsonl")
COMMAND = "python -m benchmarks.error_rates"
TERMS = (("trait", 0.0), ("pair", 0.0), ("pair", 0.25), ("interaction", 0.0), ("interaction", 0.25))
THERAPISTS = (10, 20, 40, 100)
RUNS, COVERAGE_RUNS, MIXED_RUNS = 2_000, 1_000, 200
EFFECT = 0.10  # planted where coverage is measured
SURE_RATES, SURE_COVERAGE = (0.040, 0.065), (0.94, 0.96)  # a cell outside is measured again with more studies
MORE = 5
Row = tuple[str, ...]
CELLS = [
    StudyDesign(kind, slope_sd, therapists, caseloads)
    for (kind, slope_sd), therapists, caseloads in product(TERMS, THERAPISTS, CASELOADS)
]


@dataclass(frozen=True)
class CellRates:
    """Shares of the studies of one cell; both tests reject the same studies, coverage is measured on its own ones."""

    runs: int
    rejected: float
    permutation_rejected: float
    coverage_runs: int
    covered: float

    @property
    def is_near_limit(self) -> bool:
        """Whether the rate of the default test is near 3.5% or 7%, or its coverage near 93% or 97%."""
        is_sure = SURE_RATES[0] <= self.rejected <= SURE_RATES[1]
        return not (is_sure and SURE_COVERAGE[0] <= self.covered <= SURE_COVERAGE[1])


@dataclass(frozen=True)
class MixedRates:
    """Share of the studies of one cell that the mixed model rejects; ``failed`` fits do not reject."""

    runs: int
    rejected: float
    failed: int


Rates = TypeVar("Rates", CellRates, MixedRates)


def measure_cell(design: StudyDesign, runs: int, coverage_runs: int, seed: int) -> CellRates:
    """Measure the rates of one cell; the same seed gives the same rates."""
    rng = np.random.default_rng([seed, CELLS.index(design), runs])
    rejected, permuted = [], []
    for run in range(runs):
        study = design.draw(rng)
        rejected.append(study.estimate().is_significant())
        permuted.append(study.permute(run) <= SIGNIFICANCE_LEVEL)
    tests = [design.draw(rng, EFFECT).estimate() for _ in range(coverage_runs)]
    covered = [test.low <= EFFECT <= test.high for test in tests]
    return CellRates(runs, float(np.mean(rejected)), float(np.mean(permuted)), coverage_runs, float(np.mean(covered)))


def measure_cell_twice(design: StudyDesign, runs: int, coverage_runs: int, seed: int) -> CellRates:
    """Measure the rates of one cell; if they are near a limit, measure them again with more studies."""
    rates = measure_cell(design, runs, coverage_runs, seed)
    return measure_cell(design, MORE * runs, MORE * coverage_runs, seed) if rates.is_near_limit else rates


def measure_mixed_model(design: StudyDesign, runs: int, seed: int) -> MixedRates:
    """Measure the rate of the mixed model in one cell."""
    rng = np.random.default_rng([seed, CELLS.index(design)])
    tests = [design.draw(rng).estimate_mixed() for _ in range(runs)]
    failed = sum(not test.is_estimable for test in tests)
    return MixedRates(runs, float(np.mean([test.is_significant() for test in tests])), failed)


def take_from_cache(kind: type[Rates], measure: Callable[..., Rates], design: StudyDesign, *options: int) -> Rates:
    """Return the rates of a finished cell; measure and keep them if it is not finished."""
    key = json.dumps([kind.__name__, asdict(design), *options])
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    done = dict(json.loads(line) for line in lines)
    if key in done:
        return kind(**done[key])
    rates = measure(design, *options)
    CACHE.parent.mkdir(exist_ok=True)
    with CACHE.open("a", encoding="utf-8") as file:
        file.write(json.dumps([key, asdict(rates)]) + "\n")
    return rates


def list_rate_rows(cells: dict[StudyDesign, CellRates], mixed: dict[StudyDesign, MixedRates]) -> Iterator[Row]:
    """Yield one table row for each cell."""
    for design, rates in cells.items():
        yield (
            describe_term(design),
            str(design.therapists),
            design.caseloads,
            f"{rates.rejected:.1%}",
            f"{rates.permutation_rejected:.1%}",
            f"{mixed[design].rejected:.1%}" if design in mixed else "",
            f"{rates.covered:.1%}",
            f"{rates.runs:,}",
        )


def describe_term(design: StudyDesign) -> str:
    """Return the kind of term in words."""
    names = {"trait": "therapist trait", "pair": "pair feature", "interaction": "interaction"}
    return names[design.kind] + (f", slopes differ (SD {design.slope_sd:g})" if design.slope_sd else "")


def format_page(cells: dict[StudyDesign, CellRates], mixed: dict[StudyDesign, MixedRates], seed: int) -> str:
    """Format the page as Markdown."""
    rejected, covered = [rates.rejected for rates in cells.values()], [rates.covered for rates in cells.values()]
    caseloads = "\n".join(f"- {name}: {meaning}." for name, meaning in CASELOADS.items())
    headers = ("term", "therapists", "caseloads", "rejects", "permutation", "mixed model", "coverage", "studies")
    return f"""# How often the tests are wrong

Written by `{COMMAND}` (seed {seed}), from simulated studies.

Without an effect, a test at the 5% level should reject 5% of studies.
The default tests reject {min(rejected):.1%} to {max(rejected):.1%}, over all cells below.
With a planted effect of {EFFECT:g}, their 95% intervals contain it in {min(covered):.1%} to {max(covered):.1%}.

In these studies the therapist explains {THERAPIST_SHARE:.0%} of the outcome's variance, beyond a client variable.
A pair feature is the closeness of the client's number and the therapist's. Its test adjusts for the client's number,
as `attune hypothesis test` does: close to an extreme therapist is otherwise the client's number in other words.

Caseloads:

{caseloads}

A cell was drawn again with {MORE} times as many studies if its rate was at first outside {SURE_RATES[0]:.1%} to
{SURE_RATES[1]:.1%}, or its coverage outside {SURE_COVERAGE[0]:.0%} to {SURE_COVERAGE[1]:.0%}.
Only the second draw counts.
The column *studies* gives the number of studies without an effect; half as many had the planted effect.
The standard error of a rate of 5% is 0.5 points with 2,000 studies, and 0.2 points with 10,000.
{format_mixed_note(mixed)}
The column *permutation* uses {PERMUTATIONS} permutations of therapists, or of the signs of their slopes (pair feature).

{format_table(headers, list_rate_rows(cells, mixed))}
## Why these weights and degrees of freedom

Attune's choice is the first of each set. The figures are from {WEIGHT_RUNS:,} studies for each design, in which the
pair feature varies equally within every therapist.
*Error* is the standard deviation of the estimate, divided by that of Attune's choice.

{format_table(("term", "therapists", "caseloads", "choice", "rejects", "error"), list_weight_rows(seed))}"""


def format_mixed_note(mixed: dict[StudyDesign, MixedRates]) -> str:
    """Return how many studies the mixed model had, and how many fits failed."""
    if not mixed:
        return "The mixed model was not measured."
    runs, failed = [rates.runs for rates in mixed.values()], [rates.failed for rates in mixed.values()]
    error = 100 * np.sqrt(SIGNIFICANCE_LEVEL * (1 - SIGNIFICANCE_LEVEL) / min(runs))
    return (
        f"The mixed model is slow: it had {min(runs):,} studies in each cell (standard error {error:.1f} points).\n"
        f"{sum(failed):,} of its {sum(runs):,} fits failed; a failed fit counts as no rejection."
    )


def main() -> None:
    """Measure every cell, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="studies of each cell without an effect")
    parser.add_argument("--coverage-runs", type=int, default=COVERAGE_RUNS, help="studies with a planted effect")
    parser.add_argument("--mixed-runs", type=int, default=MIXED_RUNS, help="studies for the mixed model; 0 for none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-page", action="store_true", help="print only")
    options = parser.parse_args()
    cells: dict[StudyDesign, CellRates] = {}
    mixed: dict[StudyDesign, MixedRates] = {}
    for design in CELLS:
        rates = take_from_cache(
            CellRates, measure_cell_twice, design, options.runs, options.coverage_runs, options.seed
        )
        cells[design] = rates
        print(f"{len(cells)}/{len(CELLS)}", *next(iter(list_rate_rows({design: rates}, {}))), sep=" | ", flush=True)
    for design in [design for design in CELLS if design.kind == "interaction" and options.mixed_runs]:
        mixed[design] = take_from_cache(MixedRates, measure_mixed_model, design, options.mixed_runs, options.seed)
        print("mixed model", *asdict(design).values(), *asdict(mixed[design]).values(), sep=" | ", flush=True)
    if not options.no_page:
        PAGE.write_text(format_page(cells, mixed, options.seed), encoding="utf-8")
        print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
