"""Measure how often intervals of variance shares contain the true share: ``docs/variance-coverage.md``.

Ratings are drawn on arrays with known shares. Finished cells are kept in ``.cache/variance-coverage.jsonl``: run the
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
from attune_fit.training.multilevel.deviance_search import set_one_thread
from attune_fit.training.multilevel.random_term import join_labels
from attune_fit.training.multilevel.share_profile import ShareProfile
from docs.tables import format_table

PAGE = Path("docs/variance-coverage.md")
CACHE = Path(".cache/variance-coverage.jsonl")
COMMAND = "python -m benchmarks.variance_coverage"
RUNS = 1_000
SESSIONS = 3
CLIENTS_PER_THERAPIST = {"even": (12, 12), "uneven": (2, 40)}
CLIENT_SHARE = {"nested": 0.55, "crossed": 0.35}
DYAD_SHARE = 0.15
THERAPISTS_PER_CLIENT = 3  # of a crossed design; two ratings with each of them
DESCRIPTIONS = {
    "nested": f"each client has one therapist and {SESSIONS} ratings",
    "crossed": f"each client has {THERAPISTS_PER_CLIENT} therapists, and 2 ratings of each",
}


@dataclass(frozen=True)
class RatingDesign:
    """Ratings with known shares.

    Attributes
    ----------
    kind : {"nested", "crossed"}
        Whether a client has one therapist or several.
    therapists : int
    caseloads : {"even", "uneven"}
        A key of ``CLIENTS_PER_THERAPIST``; crossed designs are even.
    therapist_share : float
        True share of the variance that is between therapists.
    """

    kind: str
    therapists: int
    caseloads: str
    therapist_share: float

    @property
    def shares(self) -> dict[str, float]:
        """The true share of each component but the residual."""
        shares = {"therapist": self.therapist_share, "client": CLIENT_SHARE[self.kind]}
        return shares if self.kind == "nested" else {**shares, "dyad": DYAD_SHARE}

    def draw(self, rng: np.random.Generator) -> tuple[Floats, list[Indices]]:
        """Draw ratings (n,) and the groups of each component."""
        labels = self._draw_nested(rng) if self.kind == "nested" else self._draw_crossed(rng)
        y = np.sqrt(1 - sum(self.shares.values())) * rng.normal(size=len(labels[0]))
        for label, share in zip(labels, self.shares.values(), strict=True):
            y += np.sqrt(share) * rng.normal(size=int(label.max()) + 1)[label]
        return y, labels

    def _draw_nested(self, rng: np.random.Generator) -> list[Indices]:
        low, high = CLIENTS_PER_THERAPIST[self.caseloads]
        sizes = rng.integers(low, high, self.therapists, endpoint=True)
        therapist = np.repeat(np.arange(self.therapists), sizes)
        client = np.arange(len(therapist))
        return [np.repeat(therapist, SESSIONS), np.repeat(client, SESSIONS)]

    def _draw_crossed(self, rng: np.random.Generator) -> list[Indices]:
        n_clients = 4 * self.therapists
        chosen = [rng.permutation(self.therapists)[:THERAPISTS_PER_CLIENT] for _ in range(n_clients)]
        therapist = np.repeat(np.concatenate(chosen), 2)
        client = np.repeat(np.arange(n_clients), 2 * THERAPISTS_PER_CLIENT)
        return [therapist, client, join_labels(therapist, client)]


NESTED_CELLS = product(("nested",), (10, 20, 40), CLIENTS_PER_THERAPIST, (0.0, 0.05, 0.15))
CELLS = [
    *(RatingDesign(*cell) for cell in NESTED_CELLS),
    *(RatingDesign("crossed", therapists, "even", share) for therapists, share in product((10, 20), (0.0, 0.05, 0.15))),
]


@dataclass(frozen=True)
class CellCoverage:
    """How often the intervals of one cell contain the true share, by component; the residual is last.

    ``is_zero`` is how often the estimate of the therapist share is 0. Fits that did not converge count as a miss.
    """

    runs: int
    covered: dict[str, float]
    mean_therapist_share: float
    is_zero: float
    failed: int


def measure_cell(design: RatingDesign, runs: int, seed: int) -> CellCoverage:
    """Measure the coverage of one cell; the same seed gives the same figures."""
    rng = np.random.default_rng([seed, CELLS.index(design)])
    truth = [*design.shares.values(), 1 - sum(design.shares.values())]
    inside = np.zeros((runs, len(truth)), dtype=bool)
    shares = np.zeros(runs)
    failed = 0
    with set_one_thread():
        for run in range(runs):
            y, labels = design.draw(rng)
            profile = ShareProfile.from_records(y, np.ones((len(y), 1)), labels)
            shares[run] = profile.shares[0]
            failed += not profile.fit.converged
            inside[run] = [
                profile.fit.converged and profile.is_inside(place, share) for place, share in enumerate(truth)
            ]
    names = (*design.shares, "residual")
    covered = dict(zip(names, inside.mean(axis=0).tolist(), strict=True))
    return CellCoverage(runs, covered, float(shares.mean()), float((shares == 0).mean()), failed)


def measure_cells(runs: int, seed: int) -> Iterator[tuple[RatingDesign, CellCoverage]]:
    """Yield every cell with its coverage; those in the cache are not measured again."""
    lines = CACHE.read_text(encoding="utf-8").splitlines() if CACHE.exists() else []
    done = dict(map(json.loads, lines))
    for design in CELLS:
        key = json.dumps([asdict(design), runs, seed])
        if key not in done:
            done[key] = asdict(measure_cell(design, runs, seed))
            CACHE.parent.mkdir(exist_ok=True)
            with CACHE.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, done[key]]) + "\n")
        yield design, CellCoverage(**done[key])


def list_coverage_rows(cells: dict[RatingDesign, CellCoverage]) -> Iterator[tuple[str, ...]]:
    """Yield one table row for each cell."""
    for design, cell in cells.items():
        yield (
            design.kind,
            str(design.therapists),
            design.caseloads,
            f"{design.therapist_share:.2f}",
            *(f"{cell.covered[name]:.1%}" if name in cell.covered else "" for name in COMPONENTS),
            f"{cell.mean_therapist_share:.3f}",
            f"{cell.is_zero:.0%}",
        )


COMPONENTS = ("therapist", "client", "dyad", "residual")
HEADERS = ("design", "therapists", "caseloads", "true share", *COMPONENTS, "mean estimate", "estimate is 0")


def format_page(cells: dict[RatingDesign, CellCoverage], seed: int) -> str:
    """Format the page as Markdown."""
    runs = max(cell.runs for cell in cells.values())
    covered = [cell.covered["therapist"] for cell in cells.values()]
    failed = sum(cell.failed for cell in cells.values())
    low, high = CLIENTS_PER_THERAPIST["uneven"]
    return f"""# Do the intervals of variance shares contain the true share?

Written by `{COMMAND}` (seed {seed}). These are simulated ratings on arrays, {runs:,} draws for each row.
A 95% interval should contain the true share in 95% of draws.
Here that of the therapist share does so in {min(covered):.1%} to {max(covered):.1%}, from a true share of 0 upwards.
The standard error of 95% is {np.sqrt(0.95 * 0.05 / runs):.1%}.

- Nested: {DESCRIPTIONS["nested"]}. The client share holds client and dyad, and is {CLIENT_SHARE["nested"]:g}.
- Crossed: {DESCRIPTIONS["crossed"]}. The client share is {CLIENT_SHARE["crossed"]:g}, the dyad share {DYAD_SHARE:g}.
- Even caseloads: {CLIENTS_PER_THERAPIST["even"][0]} clients for each therapist. Uneven: {low} to {high}.

The columns of components show how often their interval contains the true share.
{failed:,} fits did not converge; they count as a miss.
`true share` and the last two columns are about therapists.
With a true share of 0, about half of the estimates are 0 and the others are above it: their mean is too high.

{format_table(HEADERS, list_coverage_rows(cells))}"""


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
        rates = ", ".join(f"{name} {rate:.1%}" for name, rate in coverage.covered.items())
        print(f"{len(cells):>2}/{len(CELLS)} {design}: {rates} (failed {coverage.failed})", flush=True)
    if not options.no_page:
        PAGE.write_text(format_page(cells, options.seed), encoding="utf-8")
        print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
