"""Measure what it costs to order lists by honoured wishes where the verdict finds nothing.

Run ``python -m benchmarks.learning.wish_order [--clinics N]``. It orders whole lists by the number of honoured wishes,
and equal numbers by the score. The measure is their share of the oracle's gain, less the share of lists ordered by the
score. Only clinics whose verdict finds nothing are changed; the others count as 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import Config
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes
from attune_fit.training.fitting.fit_model import fit_clinic_model
from benchmarks.learning.attune import NO_FOLDER
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME
from benchmarks.learning.clinic_makers import HEADLINE, draw_clinic
from benchmarks.learning.method_inputs import MethodInputs

SIZES, CLINICS, FIRST_SEED = (100, 300), 2, 80  # clinics of each mix and maker
MAKERS = ("simulated", "other")


def order_by_wishes(score: Floats, wishes: Floats) -> Floats:
    """Return scores that order by the number of honoured wishes, and inside equal numbers by ``score``; any shape."""
    return wishes * (np.ptp(score) + 1.0) + score


def measure_clinics(clinics: int) -> Iterator[dict[str, object]]:
    """Yield one row for each clinic and number of records."""
    for seed in range(FIRST_SEED, FIRST_SEED + clinics):
        for maker in MAKERS:
            for mix in HEADLINE:
                clinic = draw_clinic(maker, mix, seed, max(SIZES))
                for size in SIZES:
                    inputs = MethodInputs(clinic.build_tables(size), clinic.find_rows(size))
                    model = fit_clinic_model(Clinic(NO_FOLDER, Config(), INSTRUMENTS_BY_NAME), inputs.tables).model
                    score = model.compute_parts(inputs.cross).score
                    by_score = clinic.measure_share(score)
                    by_wishes = clinic.measure_share(order_by_wishes(score, count_honoured_wishes(inputs.cross)))
                    finds_nothing = model.verdict.kind != "adds"
                    yield {
                        "maker": maker, "records": size, "mix": mix, "finds nothing": finds_nothing,
                        "free": finds_nothing * (by_wishes.free - by_score.free),
                        "capacity": finds_nothing * (by_wishes.capacity - by_score.capacity),
                    }  # fmt: skip
                    print(f"{maker} {mix} {seed} {size}", flush=True)


def main() -> None:
    """Print the mean difference and its standard error, by maker and records, and the share of such verdicts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clinics", type=int, default=CLINICS)
    rows = pd.DataFrame(measure_clinics(parser.parse_args().clinics))
    groups = rows.groupby(["maker", "records"], sort=False)[["finds nothing", "free", "capacity"]]
    print(groups.agg(["mean", "sem"]).round(3).to_string())


if __name__ == "__main__":
    main()
