"""Measure what columns of the roster alone bring for new therapists: ``python -m benchmarks.roster_columns``.

The ratings are real (``examples/dining``: diners are the clients, restaurants the therapists). Each restaurant is
predicted by models that saw no rating of it. The figure is the correlation of ratings and predictions of one diner.
First only features of pairs are used, then every column of the roster too. The rows differ in the spread of the prior.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import CustomFeature
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.features.cell_values import explode_codes
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.features.sides import Sides
from attune_fit.models.feature_scales import fill_scales
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.record_scores import compute_record_parts

DINING = Path(__file__).resolve().parent.parent / "examples" / "dining"
CODED = ("accessibility", "alcohol", "ambience", "area", "dress_code", "franchise", "other_services", "welcomes")
SPREADS, REPEATS, N_FOLDS = (0.05, 0.1, 0.15, 0.2), 8, 5


def main() -> None:
    """Print the mean correlation over repeated splits by restaurant, and its standard deviation over the splits."""
    clinic = Clinic.open(DINING)
    tables = read_tables(clinic)
    print("features                              r among the ratings of one diner (SD over splits)")
    for spread in (None, *SPREADS):
        rows = [] if spread is None else list(declare_roster_columns(tables, spread))
        found = [measure_split(clinic, tables, rows, seed) for seed in range(REPEATS)]
        label = "pairs alone" if spread is None else f"and {len(rows)} of the roster, spread {spread:g}"
        print(f"{label:<36} {np.mean(found):+.3f} ({np.std(found, ddof=1):.3f})")


def declare_roster_columns(tables: Tables, spread: float) -> Iterator[CustomFeature]:
    """Yield a feature for the price, and one for each code of each column of the roster."""
    stated: dict[str, Any] = {"spread": spread}
    yield CustomFeature(name="price", therapist="price", compare="number", **stated)
    for column in CODED:
        for code in sorted(set(explode_codes(tables.therapists[column]))):
            yield CustomFeature(name=f"{column}_{code}", therapist=column, compare="has", code=[code], **stated)


def measure_split(clinic: Clinic, tables: Tables, rows: list[CustomFeature], seed: int) -> float:
    """Return the correlation within diners, each restaurant predicted without its own ratings."""
    config = clinic.config.model_copy(update={"features": [*clinic.config.features, *rows]})
    listed = fill_scales(list_clinic_features(config, tables), Sides(tables))
    features = tuple(row for row in listed if row.family == "declared")
    records = TrainingDataset.from_tables(tables, compute_early_alliance(tables, clinic.instruments), features)
    fold = np.random.default_rng(seed).permutation(len(tables.therapists))[records.therapist] % N_FOLDS
    expected = np.empty(len(records))
    for number in range(N_FOLDS):
        model = Recipe(prior=build_prior(features)).fit(records, np.flatnonzero(fold != number))
        test = np.flatnonzero(fold == number)
        expected[test] = compute_record_parts(model, records, test).score
    return correlate_within_clients(records, expected)


def correlate_within_clients(records: TrainingDataset, expected: Floats) -> float:
    """Return the correlation of rated and expected alliance, each minus the client's mean."""
    frame = pd.DataFrame({"rated": records.y, "expected": expected})
    within = frame - frame.groupby(records.client).transform("mean")
    return float(np.corrcoef(within["rated"], within["expected"])[0, 1])


if __name__ == "__main__":
    main()
