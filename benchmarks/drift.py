"""Measure what is lost when fit changes over the years: ``python -m benchmarks.drift``.

In the world ``drifting`` the fit of two years ago is reversed at half its size today. The world ``stable`` is the same
without any change over time. A clinic has 3,000 early alliance records, and its new clients come last. The table shows
the share of the oracle's gain: 0 is an eligible therapist at random, 1 is the oracle. A method that gives old records
less weight gains in the first world, and can lose in the second one.

``--half-life`` measures a simple alternative in its place: every record counts half after half a year, in the linear
layer without trees.

To compare with an earlier version, measure it as :mod:`benchmarks.learning.compare_versions` explains, and add
``--before FOLDER``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.learning.__main__ import measure_plans
from benchmarks.learning.clinic_makers import draw_clinic
from benchmarks.learning.compare_versions import format_version_table, list_version_plans, pair_results
from benchmarks.learning.means import average_over_mixes, compute_mean
from benchmarks.learning.method_inputs import MethodInputs
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.result_files import read_results
from benchmarks.learning.score_variants import prefer_recent_records, score_unchanged
from benchmarks.learning.tables import MEASURES, format_difference, format_mean
from docs.tables import format_table

MIXES = ("drifting", "stable")
OUTCOMES, SEEDS = 3_000, range(200, 212)
FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "drift"


def main() -> None:
    """Measure what is missing in the folder, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where results are stored (default .cache/drift)")
    parser.add_argument("--before", type=Path, help="results of an earlier version: print the differences too")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=[ATTUNE], metavar="METHOD")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with one thread (default 1)")
    parser.add_argument("--half-life", action="store_true", help="measure a half-life of half a year, and stop")
    options = parser.parse_args()
    if options.half_life:
        print(format_half_life_table())
        return
    plans = list_version_plans([("simulated", mix) for mix in MIXES], [OUTCOMES], SEEDS)
    measure_plans(plans, options.methods, options.folder, options.jobs)
    print(format_drift_table(options.folder))
    if options.before:
        of_drift = read_results(options.before)
        of_drift = of_drift[of_drift["mix"].isin(MIXES)]
        print(format_version_table(pair_results(of_drift, read_results(options.folder))))


def format_drift_table(folder: Path) -> str:
    """Format the mean share of the oracle's gain in each world with its 95% interval, by method."""
    results = read_results(folder)
    rows = [
        (str(name), mix, *(format_mean(compute_mean(of_method, measure, [mix])) for measure in MEASURES))
        for name, of_method in results.groupby("method")
        for mix in MIXES
    ]
    return format_table(("method", "world", *MEASURES.values()), rows)


def format_half_life_table(seeds: Sequence[int] = SEEDS) -> str:
    """Measure and format what a fixed half-life of the records changes in the linear layer, in each world."""
    rows = []
    for mix in MIXES:
        differences = []
        for seed in seeds:
            clinic = draw_clinic("simulated", mix, seed, OUTCOMES)
            inputs = MethodInputs(clinic.build_tables(OUTCOMES), clinic.find_rows(OUTCOMES))
            recent, unchanged = (
                clinic.measure_share(score(inputs)) for score in (prefer_recent_records, score_unchanged)
            )
            differences.append(np.subtract(recent, unchanged))
        columns = pd.DataFrame(differences)
        rows.append((mix, *(format_difference(average_over_mixes(columns[k], pd.Series(mix, columns.index)), digits=3)
                            for k in columns)))  # fmt: skip
    return format_table(("world", *MEASURES.values()), rows)


if __name__ == "__main__":
    main()
