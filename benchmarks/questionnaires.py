"""Measure what two questionnaires in one clinic cost: ``python -m benchmarks.questionnaires [--clinics N]``.

In each clinic a random half of the therapists gives clients another form. It is like the SRS: a sum of 0 to 40 points,
a higher mean, a smaller standard deviation, and a ceiling that about a fifth of the ratings reach. The measure is the
share of the oracle's gain, by free choice and under capacity. Every arm has the same clients, therapists and ratings:

- ``one form``: all clients fill in the WAI-SR.
- ``other form``: all clients fill in the form with the ceiling.
- ``two forms``: each therapist has one of the two, and scores are compared on the common scale.
- ``in POMP``: the same, with each score in percent of maximum possible of its own form, as one instrument.

The cost of an arm is the mean of ``one form`` and ``other form`` less the arm: half of its ratings have the ceiling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.clinic.instruments import SRS, WAI_SR
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.outcomes.equating import read_published_distribution
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from benchmarks.clinic_options import read_clinic_options
from benchmarks.learning.benchmark_clinic import INSTRUMENTS_BY_NAME, BenchmarkClinic, Share
from benchmarks.learning.clinic_makers import HEADLINE, draw_clinic

SIZES, CLINICS, FIRST_SEED = (300, 1_000, 3_000), 3, 700  # clinics of each mix and maker
MAKERS = ("simulated", "other")
MEAN, SD = 35.5, 4.5  # points of the other form for a typical rating, and for one standard deviation of the WAI-SR
ARMS = ("one form", "other form", "two forms", "in POMP")


def give_other_form(tables: Tables, has_other_form: Bools) -> Tables:
    """Return the tables with the ratings of some therapists on the other form.

    Parameters
    ----------
    tables : Tables
        All ratings on the WAI-SR.
    has_other_form : array of bool, shape (therapists,)
    """
    outcomes = tables.outcomes
    rows = outcomes["therapist_id"].isin(tables.therapists["therapist_id"][has_other_form])
    published = read_published_distribution(WAI_SR)
    standard = (WAI_SR.pomp(outcomes["score"]) - published.mean) / published.sd
    points = (MEAN + SD * standard).clip(SRS.low, SRS.high).round(1)
    scales = {name: outcomes[name].mask(rows) for name in ("goal", "task", "bond")}
    instrument = outcomes["instrument"].mask(rows, SRS.name)
    return replace(
        tables, outcomes=outcomes.assign(score=outcomes["score"].mask(rows, points), instrument=instrument, **scales)
    )


def measure_clinic(clinic: BenchmarkClinic, size: int) -> Iterator[tuple[str, Share]]:
    """Yield the share of the oracle's gain in each arm, after so many records."""
    tables, waiting = clinic.build_tables(size), clinic.find_rows(size)
    n = len(tables.therapists)
    is_half = np.random.default_rng(clinic.seed).permutation(n) < n // 2
    for arm in ARMS:
        has_other_form = np.full(n, arm == "other form") | (is_half & (arm in ("two forms", "in POMP")))
        rated = give_other_form(tables, has_other_form)
        main = find_main_instrument(rated, Clinic(Path(), Config(), INSTRUMENTS_BY_NAME))
        early = compute_early_alliance(rated, INSTRUMENTS_BY_NAME, "" if arm == "in POMP" else main)
        if arm == "in POMP":
            early = early.assign(instrument=main)
        records = TrainingDataset.from_tables(rated, early, FEATURES, main=main)
        start = load_starting_model()
        model = Recipe(prior=start.evidence).fit(records, np.arange(len(records)))
        yield arm, clinic.measure_share(model.compute_parts(Pairs.cross(Sides(rated), waiting)).score)


def measure_clinics(clinics: int, sizes: tuple[int, ...], first_seed: int) -> Iterator[dict[str, float | str]]:
    """Yield one row for each clinic and number of records, with the share of every arm by both measures."""
    for seed in range(first_seed, first_seed + clinics):
        for maker in MAKERS:
            for mix in HEADLINE:
                clinic = draw_clinic(maker, mix, seed, max(sizes))
                for size in sizes:
                    shares = dict(measure_clinic(clinic, size))
                    for measure in Share._fields:
                        by_arm = {arm: float(getattr(share, measure)) for arm, share in shares.items()}
                        costs = {"cost": "two forms", "cost in POMP": "in POMP"}
                        costs_by_name = {name: _compute_cost(by_arm, arm) for name, arm in costs.items()}
                        yield {"measure": measure, "records": size, **by_arm, **costs_by_name}


def _compute_cost(share: Mapping[str, float], arm: str) -> float:
    """Return what an arm loses against the mean of both clinics with one form."""
    return (share["one form"] + share["other form"]) / 2 - share[arm]


def main() -> None:
    """Print the mean shares over clinics by measure and records, and the costs with their standard errors."""
    rows = pd.DataFrame(measure_clinics(*read_clinic_options(CLINICS, SIZES, FIRST_SEED)))
    groups = rows.groupby(["measure", "records"], sort=False)
    table = groups.mean()
    table["se"], table["se in POMP"] = groups["cost"].sem(), groups["cost in POMP"].sem()
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
