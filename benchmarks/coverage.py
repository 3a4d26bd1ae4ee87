"""Measure the coverage of prediction intervals by group, and the calibration slope: ``docs/coverage.md``.

Each clinic is drawn anew. Some of its records train a model as ``attune train`` does, without local trees. The model
predicts the other records. Five therapists are excluded from training: these are the new therapists.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_scales import fill_scales
from attune_fit.models.prediction_interval import INTERVAL_LEVELS, TYPICAL_LEVELS, PredictionInterval
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.record_scores import compute_record_parts
from attune_fit.training.crossfit.splits import split_records
from docs.tables import format_table

PAGE = Path("docs/coverage.md")
CLINICS = {100: 60, 300: 60, 1_000: 24, 3_000: 12}  # by number of records: coverage varies more with few
N_THERAPISTS, N_NEW_THERAPISTS, N_HELD_OUT = 40, 5, 400
MIXES = ("balanced", "wishes", "attachment", "problems")
COMMAND = "python -m benchmarks.coverage"


@dataclass(frozen=True)
class HeldOutPredictions:
    """Held-out ratings of one clinic with their predictions; arrays of shape (ratings,), in POMP."""

    y: Floats
    score: Floats
    low: Floats
    high: Floats
    groups: dict[str, Bools]
    width: PredictionInterval

    @property
    def is_inside(self) -> Bools:
        """Whether each rating is inside its prediction interval."""
        return np.asarray((self.y >= self.low) & (self.y <= self.high))

    @property
    def slope(self) -> float:
        """Calibration slope: how many points the rating rises if the estimate rises by one point."""
        return float(np.cov(self.score, self.y)[0, 1] / np.var(self.score, ddof=1))


def predict_held_out(seed: int, size: int) -> HeldOutPredictions:
    """Train on ``size`` records of one clinic, and predict its other records."""
    world = World(mix=MIXES[seed % len(MIXES)])
    tables = simulate(round(1.4 * size + 1.3 * N_HELD_OUT) + 50, N_THERAPISTS, seed, world, waiting=0).tables
    early = compute_early_alliance(tables, {row.name: row for row in INSTRUMENTS})
    records = TrainingDataset.from_tables(tables, early, fill_scales(FEATURES, Sides(tables)))
    rng = np.random.default_rng(seed)
    is_new = np.isin(records.therapist, rng.permutation(N_THERAPISTS)[:N_NEW_THERAPISTS])
    order = rng.permutation(len(records))
    train = np.sort(order[~is_new[order]][:size])
    test = rng.permutation(np.setdiff1d(order, train))[:N_HELD_OUT]
    if len(train) < size or len(test) < N_HELD_OUT:
        raise ValueError(f"clinic {seed} has {len(records)} records, too few for {size} and {N_HELD_OUT}")
    model = train_model(select_records(records, train))
    parts = compute_record_parts(model, records, test)
    low, high = model.compute_interval(parts)
    thirds = np.quantile(parts.score, [1 / 3, 2 / 3])
    unknown_share = np.isnan(records.standardised_features[test]).mean(axis=1)
    clients = tables.clients.loc[records.client[test]]
    groups = {
        "all clients": np.ones(len(test), dtype=bool),
        "therapists met before": ~is_new[test],
        "new therapists": is_new[test],
        "women": clients["gender"].eq("woman").to_numpy(bool, na_value=False),
        "men": clients["gender"].eq("man").to_numpy(bool, na_value=False),
        "other than white": clients["race_ethnicity"].ne("white").to_numpy(bool, na_value=False),
        "LGBTQ+": clients["lgbtq"].eq("yes").to_numpy(bool, na_value=False),
        "PHQ-9 of 15 or more": clients["phq9"].ge(15).to_numpy(bool, na_value=False),
        "a fifth with most unknown": unknown_share >= np.quantile(unknown_share, 0.8),
        "lowest third of estimates": parts.score < thirds[0],
        "middle third of estimates": (parts.score >= thirds[0]) & (parts.score < thirds[1]),
        "highest third of estimates": parts.score >= thirds[1],
    }
    return HeldOutPredictions(records.y[test], parts.score, low, high, groups, model.width)


def train_model(records: TrainingDataset) -> AllianceModel:
    """Train a model without local trees; calibrate its intervals on out-of-fold predictions."""
    recipe = Recipe(prior=load_starting_model().evidence)
    out_of_fold = predict_out_of_fold(records, crossfit_models(recipe, records, split_records("client", records)))
    model = recipe.fit(records, np.arange(len(records)))
    return replace(
        model, width=PredictionInterval.from_out_of_fold(0.9, out_of_fold.score, out_of_fold.standardised_residuals)
    )


def select_records(records: TrainingDataset, rows: Indices) -> TrainingDataset:
    """Return the records of these rows."""
    fields = {
        name: getattr(records, name)[rows]
        for name in ("client", "therapist", "y", "measured_on", "standardised_features")
    }
    levels = records.levels
    return replace(
        records, **fields, levels=None if levels is None else replace(levels, indicators=levels.indicators[rows])
    )


def list_coverage_rows(results: dict[int, list[HeldOutPredictions]]) -> Iterator[tuple[str, ...]]:
    """Yield the coverage of each group by number of records, with the 95% interval of the mean over clinics."""
    for name in next(iter(results.values()))[0].groups:
        cells = []
        for clinics in results.values():
            shares = np.array(
                [clinic.is_inside[clinic.groups[name]].mean() for clinic in clinics if clinic.groups[name].any()]
            )
            cells.append(f"{shares.mean():.3f} ± {1.96 * shares.std(ddof=1) / np.sqrt(len(shares)):.3f}")
        yield name, *cells


def list_slope_cells(results: dict[int, list[HeldOutPredictions]]) -> tuple[str, ...]:
    """Return the calibration slope by number of records, as table cells."""
    slopes_by_size = [np.array([clinic.slope for clinic in clinics]) for clinics in results.values()]
    return "slope", *(
        f"{slopes.mean():.2f} ± {1.96 * slopes.std(ddof=1) / np.sqrt(len(slopes)):.2f}" for slopes in slopes_by_size
    )


def list_typical_rows(clinics: list[HeldOutPredictions]) -> Iterator[tuple[str, ...]]:
    """Yield the typical reach of either side relative to a normal distribution, and how the width narrows."""
    normal_quantiles = ndtri((1 + np.array(TYPICAL_LEVELS)) / 2)
    for side in ("below", "above"):
        quantiles = np.mean(
            [np.interp(TYPICAL_LEVELS, INTERVAL_LEVELS, getattr(clinic.width, side)) for clinic in clinics], axis=0
        )
        yield side, *(f"{ratio:.2f}" for ratio in quantiles / normal_quantiles)
    for side, name in (("below", "narrowing_below"), ("above", "narrowing")):
        change = np.mean([getattr(clinic.width, name) for clinic in clinics])
        yield f"change {side} for one point", f"{change:.4f}", *[""] * 4


def format_page(results: dict[int, list[HeldOutPredictions]]) -> str:
    """Format the page as Markdown."""
    sizes, largest = [f"{size:,}" for size in results], max(results)
    counts = ", ".join(f"{len(clinics)} of {size:,} records" for size, clinics in results.items())
    return f"""# How often intervals hold

Written by `{COMMAND}`, in synthetic clinics: {counts}.
Each has {N_HELD_OUT:,} held-out ratings. {N_NEW_THERAPISTS} of its therapists are new to the model.
An interval should contain 9 of 10 ratings.

{format_table(("ratings inside, by records trained on", *sizes), list_coverage_rows(results))}
Calibration slope: how many points the rating rises if the estimate rises by one point. 1 is right.

{format_table(("", *sizes), [list_slope_cells(results)])}
Ratings cannot exceed the end of the form, so there is little room above a high estimate. The interval reaches less far
above a high estimate than above a low one. Its reach below is the same for both.

## Typical width before a clinic has records

Reach of the residuals to either side, divided by that of a normal distribution, at {largest:,} records.
`models/prediction_interval.py` contains such figures, measured in other clinics.

{format_table(("side", *(f"{level:.2f}" for level in TYPICAL_LEVELS)), list_typical_rows(results[largest]))}"""


def main() -> None:
    """Measure every size, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of the clinics, for a quick look")
    share = parser.parse_args().share
    results: dict[int, list[HeldOutPredictions]] = {}
    for size, clinics in CLINICS.items():
        results[size] = [predict_held_out(1_000 + seed, size) for seed in range(max(2, round(share * clinics)))]
        print(f"{size:>6,} records: {np.mean([clinic.is_inside.mean() for clinic in results[size]]):.3f}", flush=True)
    PAGE.write_text(format_page(results), encoding="utf-8")
    print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
