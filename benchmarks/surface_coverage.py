"""Measure how often intervals of a response surface hold, and how often a match is found: ``docs/surface-coverage.md``.

Records are drawn on arrays with known surfaces. Finished cells are kept in ``.cache/surface-coverage.jsonl``: run the
command again to continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.hypotheses.surface_checklist import check_surface, decide_match
from attune_fit.training.hypotheses.surface_result import HALF_SD, build_match_effect
from attune_fit.training.multilevel.response_surface import (
    COMBINATIONS,
    PARAMETERS,
    build_surface_terms,
    fit_response_surface,
)
from docs.tables import format_table

PAGE = Path("docs/surface-coverage.md")
CACHE = Path(".cache/surface-coverage.jsonl")
COMMAND = "python -m benchmarks.surface_coverage"
RUNS = 1_000
ALPHA, SMALLEST_EFFECT = 0.05, 0.10
SLOPE_SD, THERAPIST_SHARE = 0.25, 0.05
CLIENTS_PER_THERAPIST = {"even": (25, 25), "uneven": (4, 60)}
SURFACES = {  # b0 to b5
    "no effect": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "both numbers, no fit": (0.0, 0.2, 0.1, 0.0, 0.0, 0.0),
    "client's curve, no fit": (0.0, 0.0, 0.0, -0.1, 0.0, 0.0),
    "match": (0.0, 0.0, 0.0, -0.05, 0.10, -0.05),
    "match with a level": (0.0, 0.2, 0.2, -0.05, 0.10, -0.05),
}


@dataclass(frozen=True)
class SurfaceDesign:
    """Records with a known surface.

    Attributes
    ----------
    surface : str
        Key of :data:`SURFACES`.
    therapists : int
    caseloads : {"even", "uneven"}
    """

    surface: str
    therapists: int
    caseloads: str

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Indices, Floats, Floats]:
        """Draw outcome, therapist, the client's number and the therapist's; total variance about 1."""
        low, high = CLIENTS_PER_THERAPIST[self.caseloads]
        sizes = np.round(np.geomspace(low, high, self.therapists)).astype(int)
        therapist = np.repeat(np.arange(self.therapists), sizes)
        trait = rng.normal(size=self.therapists)
        x, z = rng.normal(size=len(therapist)), ((trait - trait.mean()) / trait.std())[therapist]
        level = np.sqrt(THERAPIST_SHARE) * rng.normal(size=self.therapists)[therapist]
        slope = SLOPE_SD * rng.normal(size=self.therapists)[therapist]
        noise = np.sqrt(1 - THERAPIST_SHARE) * rng.normal(size=len(therapist))
        return build_surface_terms(x, z) @ np.array(SURFACES[self.surface]) + level + slope * x + noise, therapist, x, z


CELLS = [SurfaceDesign(*cell) for cell in product(SURFACES, (10, 20, 40, 100), CLIENTS_PER_THERAPIST)]


@dataclass(frozen=True)
class SurfaceCoverage:
    """How often the intervals of a1 to a5 contain the truth, and how often the checklist supports a match."""

    runs: int
    covered: tuple[float, ...]
    supported: float


def measure_cell(design: SurfaceDesign, runs: int, seed: int) -> SurfaceCoverage:
    """Measure one cell; the same seed gives the same figures."""
    rng = np.random.default_rng([seed, CELLS.index(design)])
    truth = COMBINATIONS @ np.array(SURFACES[design.surface][1:])
    inside, supported = np.zeros((runs, len(PARAMETERS)), dtype=bool), np.zeros(runs, dtype=bool)
    for run in range(runs):
        y, therapist, x, z = design.draw(rng)
        surface = fit_response_surface(y, therapist, x, z, draws=9)
        inside[run] = [one.low <= value <= one.high for one, value in zip(surface.parameters, truth, strict=True)]
        effect = build_match_effect(surface, ALPHA)
        sides = [int((x - z > HALF_SD).sum()), int((z - x > HALF_SD).sum()), int((abs(x - z) <= HALF_SD).sum())]
        supported[run] = (
            decide_match(check_surface(surface, effect, sides, "+", SMALLEST_EFFECT), effect)[0] == "supported"
        )
    return SurfaceCoverage(runs, tuple(inside.mean(axis=0).tolist()), float(supported.mean()))


def measure_cells(runs: int, seed: int) -> Iterator[tuple[SurfaceDesign, SurfaceCoverage]]:
    """Yield every cell with its figures; those in the cache are not measured again."""
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    done = dict(map(json.loads, lines))
    for design in CELLS:
        key = json.dumps([asdict(design), runs, seed])
        if key not in done:
            done[key] = asdict(measure_cell(design, runs, seed))
            CACHE.parent.mkdir(exist_ok=True)
            with CACHE.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, done[key]]) + "\n")
        yield design, SurfaceCoverage(done[key]["runs"], tuple(done[key]["covered"]), done[key]["supported"])


def list_surface_rows(cells: dict[SurfaceDesign, SurfaceCoverage]) -> Iterator[tuple[str, ...]]:
    """Yield one table row for each cell."""
    for design, cell in cells.items():
        rates = (f"{rate:.1%}" for rate in cell.covered)
        yield design.surface, str(design.therapists), design.caseloads, *rates, f"{cell.supported:.1%}"


HEADERS = ("surface", "therapists", "caseloads", *PARAMETERS, "supported")


def format_page(cells: dict[SurfaceDesign, SurfaceCoverage], seed: int) -> str:
    """Format the page as Markdown."""
    runs = max(cell.runs for cell in cells.values())
    rates = [rate for cell in cells.values() for rate in cell.covered]
    false = [cell.supported for design, cell in cells.items() if not design.surface.startswith("match")]
    low, high = CLIENTS_PER_THERAPIST["uneven"]
    return f"""# Do the intervals of response surfaces hold?

Written by `{COMMAND}` (seed {seed}). These are simulated records on arrays, {runs:,} draws for each row.
A 95% interval should contain the truth in 95% of draws; the standard error of 95% is {np.sqrt(0.95 * 0.05 / runs):.1%}.
Here the intervals of a1 to a5 do so in {min(rates):.1%} to {max(rates):.1%}.
Where there is no match, the checklist supports one in {min(false):.1%} to {max(false):.1%} of draws.

- `supported` is how often the checklist supports a match. In the rows without a match, that is an error.
- The slope of the client's number differs between therapists (SD {SLOPE_SD:g}).
- Therapists have a share of {THERAPIST_SHARE:g} of the variance.
- The match of these rows costs 0.2 SD for a client and therapist who are 2 SD apart.
- Even caseloads: {CLIENTS_PER_THERAPIST["even"][0]} clients for each therapist. Uneven: {low} to {high}.
- The intervals come from a wild bootstrap of whole therapists, with Student's t on therapists - 3 degrees of freedom.

{format_table(HEADERS, list_surface_rows(cells))}"""


def main() -> None:
    """Measure every cell, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="draws of each cell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-page", action="store_true", help="print only, for a quick look")
    options = parser.parse_args()
    cells = {}
    for design, coverage in measure_cells(options.runs, options.seed):
        cells[design] = coverage
        rates = ", ".join(f"{name} {rate:.1%}" for name, rate in zip(PARAMETERS, coverage.covered, strict=True))
        print(f"{len(cells):>2}/{len(CELLS)} {design}: {rates}; supported {coverage.supported:.1%}", flush=True)
    if not options.no_page:
        PAGE.write_text(format_page(cells, options.seed), encoding="utf-8")
        print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
