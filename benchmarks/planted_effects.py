"""Compare what `attune power` predicts with what the tests find of planted effects: ``docs/study-power.md``.

The studies with planted effects come from ``benchmarks.null_studies``, which shares no code with `attune power`.
Finished cells are kept in ``.cache/planted-effects.jsonl``: run the command again to continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

from attune_fit.training.planning.planned_study import PlannedStudy
from attune_fit.training.planning.simulated_power import simulate_cell
from attune_fit.training.planning.study_sources import ClinicPopulation
from benchmarks.null_studies import CLIENT_EFFECT, THERAPIST_SHARE, Study, StudyDesign
from docs.tables import format_table

PAGE = Path("docs/study-power.md")
CACHE = Path(".cache/planted-effects.jsonl")
BEGIN, END = "<!-- planted -->\n", "<!-- /planted -->\n"
TERMS = (("interaction", 0.10), ("trait", 0.0), ("pair", 0.10))
THERAPISTS, CASELOADS, EFFECTS = (10, 20, 40, 100), ("even", "uneven"), (0.05, 0.10, 0.15)
RUNS = 1_000
POOL = 2_000  # therapists whose clients `attune power` knows
PRECISION = 0.0075  # of `attune power` here: half of the error of the runs
LIMIT = 0.05  # largest difference that counts as equal
SURE, MORE = 0.03, 5  # a cell that differs by more is measured again with so many times the studies
CELLS = [
    (StudyDesign(kind, slope_sd, therapists, caseloads), effect)
    for (kind, slope_sd), caseloads, therapists, effect in product(TERMS, CASELOADS, THERAPISTS, EFFECTS)
]


@dataclass(frozen=True)
class PlantedCell:
    """What was predicted and what was found in one cell.

    Attributes
    ----------
    predicted, found : float
        Power by `attune power`, and the share of the runs with a planted effect that were significant.
    runs, failed : int
        Runs with a planted effect, and those without a result.
    """

    predicted: float
    found: float
    runs: int
    failed: int

    @property
    def difference(self) -> float:
        """Found minus predicted."""
        return self.found - self.predicted


def measure_cell(design: StudyDesign, effect: float, runs: int, seed: int) -> PlantedCell:
    """Measure one cell; the same seed gives the same figures."""
    rng = np.random.default_rng([seed, CELLS.index((design, effect))])
    source, study = plan_study(design, effect, rng)
    predicted = simulate_cell(study, source, seed=seed, precision=PRECISION, max_runs=8_000).power
    tests = [add_client_covariate(design.draw(rng, effect)).estimate() for _ in range(runs)]
    failed = sum(not test.is_estimable for test in tests)
    return PlantedCell(predicted, float(np.mean([test.is_significant() for test in tests])), runs, failed)


def measure_cell_twice(design: StudyDesign, effect: float, runs: int, seed: int) -> PlantedCell:
    """Measure one cell; if chance could explain a difference near the limit, measure it anew with more studies."""
    cell = measure_cell(design, effect, runs, seed)
    return cell if abs(cell.difference) <= SURE else measure_cell(design, effect, MORE * runs, seed + 1)


def add_client_covariate(study: Study) -> Study:
    """Return the study with the client's number as a covariate of a pair feature, which is made of it."""
    if study.covariates is None:
        return study
    return replace(study, covariates=np.column_stack([study.covariates, study.client]))


def plan_study(design: StudyDesign, effect: float, rng: np.random.Generator) -> tuple[ClinicPopulation, PlannedStudy]:
    """Return the people and the study for `attune power`: the same design, in SD of the outcome and of the term."""
    pool = add_client_covariate(StudyDesign(design.kind, design.slope_sd, POOL, design.caseloads).draw(rng))
    source = ClinicPopulation.from_records(
        pool.therapist, client_variable=pool.client, pair_value=pool.value, trait=pool.trait, parts=pool.covariates
    )
    term_sd = float(pool.value.std()) if design.kind == "pair" else 1.0
    client = CLIENT_EFFECT if design.kind == "trait" else 0.0  # the other tests adjust for the client's number
    sd = float(np.sqrt(1 + client**2 + (design.slope_sd**2 + effect**2) * term_sd**2))
    caseload = len(pool.therapist) / POOL
    kind = next(kind for kind in ("interaction", "trait", "pair") if kind == design.kind)
    study = PlannedStudy(
        kind,
        effect * term_sd / sd,
        design.therapists,
        round(caseload * design.therapists),
        THERAPIST_SHARE / sd**2,
        design.slope_sd * term_sd / sd,
    )
    return source, study


def take_from_cache(design: StudyDesign, effect: float, runs: int, seed: int) -> PlantedCell:
    """Return a finished cell; measure and keep it if it is not finished."""
    key = json.dumps([asdict(design), effect, runs, seed])
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    done = dict(json.loads(line) for line in lines)
    if key in done:
        return PlantedCell(**done[key])
    cell = measure_cell_twice(design, effect, runs, seed)
    CACHE.parent.mkdir(exist_ok=True)
    with CACHE.open("a", encoding="utf-8") as file:
        file.write(json.dumps([key, asdict(cell)]) + "\n")
    return cell


def list_rows(cells: dict[tuple[StudyDesign, float], PlantedCell]) -> Iterator[tuple[str, ...]]:
    """Yield one table row for each cell."""
    for (design, effect), cell in cells.items():
        yield (
            design.kind,
            design.caseloads,
            str(design.therapists),
            f"{effect:.2f}",
            f"{cell.predicted:.0%}",
            f"{cell.found:.0%}",
            f"{100 * cell.difference:+.1f}",
        )


def format_block(cells: dict[tuple[StudyDesign, float], PlantedCell]) -> str:
    """Format the measured part of the page as Markdown."""
    gaps = np.array([cell.difference for cell in cells.values()])
    runs, failed = sum(cell.runs for cell in cells.values()), sum(cell.failed for cell in cells.values())
    within, largest = int((np.abs(gaps) <= LIMIT).sum()), 100 * float(np.abs(gaps).max())
    each = min(cell.runs for cell in cells.values())
    headers = ("term", "caseloads", "therapists", "effect", "predicted", "found", "difference")
    return f"""{within} of {len(gaps)} cells differ by at most {100 * LIMIT:.0f} percentage points. The largest
difference is {largest:.1f}, the mean difference {100 * float(gaps.mean()):+.1f}.
Each cell has {each:,} studies with a planted effect; chance alone gives a standard error of up to
{100 * np.sqrt(0.25 / each):.1f} points. A cell differing by more than {100 * SURE:.0f} points was measured again with
{MORE * each:,} studies, and only these count. {failed:,} of {runs:,} tests failed.

{format_table(headers, list_rows(cells))}"""


def write_block(text: str) -> None:
    """Put the measured part into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> None:
    """Measure every cell, and write the figures into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="studies of each cell with a planted effect")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-page", action="store_true", help="print only")
    options = parser.parse_args()
    cells: dict[tuple[StudyDesign, float], PlantedCell] = {}
    for design, effect in CELLS:
        cell = take_from_cache(design, effect, options.runs, options.seed)
        cells[design, effect] = cell
        print(f"{len(cells)}/{len(CELLS)}", *next(list_rows({(design, effect): cell})), sep=" | ", flush=True)
    text = format_block(cells)
    print(text) if options.no_page else write_block(text)


if __name__ == "__main__":
    main()
