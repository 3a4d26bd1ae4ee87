"""Measure the cost of wide bands: ``python -m benchmarks.bands [--clinics N] [--sizes 0 300]``.

The measure is the share of the oracle's gain that the first place gets, less the share that the top score gets. 0 is an
eligible therapist at random. All levels are measured on the same clinics, of both makers of the learning benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes
from attune_fit.matching.ranking.tie_break import TieBreak
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import ScoreParts
from attune_fit.training.crossfit.pipeline import Recipe
from benchmarks.clinic_options import read_clinic_options
from benchmarks.cross_ranking import rank_cross
from benchmarks.learning.benchmark_clinic import BenchmarkClinic
from benchmarks.learning.clinic_makers import HEADLINE, draw_clinic
from benchmarks.learning.gain import center_over_eligible
from benchmarks.learning.method_inputs import MethodInputs

LEVELS = (0.51, 0.52, 0.53, 0.54, 0.55, 0.56, 0.57, 0.58, 0.60, 0.65, 0.75, 0.90)
SIZES, CLINICS, FIRST_SEED = (0, 300), 4, 60  # clinics of each mix and maker
SIMULATED, OTHER = "simulated", "other"


@dataclass(frozen=True)
class BandClinic:
    """A benchmark clinic with its new clients scored by a model of its first records."""

    clinic: BenchmarkClinic
    inputs: MethodInputs
    seed: int

    @cached_property
    def parts(self) -> ScoreParts:
        """The parts of the scores of the new clients with every therapist."""
        start, records = load_starting_model(), self.inputs.records
        recipe = Recipe(prior=start.evidence)
        return recipe.fit(records, np.arange(len(records))).compute_parts(self.inputs.cross)

    @cached_property
    def wishes(self) -> Floats:
        """Number of the client's wishes that the therapist is known to meet."""
        return count_honoured_wishes(self.inputs.cross)

    @cached_property
    def gain(self) -> Floats:
        """True expected alliance above that of an eligible therapist at random, as a share of the oracle's mean."""
        return center_over_eligible(self.clinic.truth, self.clinic.eligible) / self.clinic.gains[0]

    def measure_level(self, level: float) -> dict[str, float]:
        """Return what the first places of one level of ``band`` get, and how wide the first band is."""
        eligible, parts = self.clinic.eligible, self.parts
        tie_break = TieBreak.from_tables(self.inputs.tables, FEATURES, self.seed)
        keys = tie_break.draw_keys(self.inputs.client_rows[:, None], np.arange(eligible.shape[1]))
        positions = rank_cross(parts, eligible, self.wishes, keys, level)
        first, top = (positions.rank == 1).argmax(axis=1), np.where(eligible, parts.score, -np.inf).argmax(axis=1)
        is_first_band = positions.band == 1
        return {
            "share": self._average(self.gain, first),
            "cost": self._average(self.gain, top) - self._average(self.gain, first),
            "other than the top score": float((first != top).mean()),
            "wishes": self._average(self.wishes, first),
            "first band": float(np.median(is_first_band.sum(axis=1))),
            "alone": float((is_first_band.sum(axis=1) == 1).mean()),
        }

    def _average(self, values: Floats, columns: Indices) -> float:
        return float(values[np.arange(len(values)), columns].mean())


def measure_bands(clinics: int, sizes: tuple[int, ...], first_seed: int) -> Iterator[dict[str, float | str]]:
    """Yield one row for each clinic, number of records and level of ``band``."""
    for seed in range(first_seed, first_seed + clinics):
        for maker in (SIMULATED, OTHER):
            for mix in HEADLINE:
                clinic = draw_clinic(maker, mix, seed, max(sizes))
                for size in sizes:
                    one = BandClinic(clinic, MethodInputs(clinic.build_tables(size), clinic.find_rows(size)), seed)
                    for level in LEVELS:
                        yield {"maker": maker, "records": size, "band": level, **one.measure_level(level)}


def main() -> None:
    """Print means over clinics by maker, records and level; the cost with its standard error."""
    rows = pd.DataFrame(measure_bands(*read_clinic_options(CLINICS, SIZES, FIRST_SEED)))
    for keys in (["maker", "records", "band"], ["records", "band"]):
        groups = rows.groupby(keys, sort=False)
        table = groups.mean(numeric_only=True)
        table.insert(2, "cost_se", groups["cost"].sem())
        print(table.round(3).to_string())


if __name__ == "__main__":
    main()
