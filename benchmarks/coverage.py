"""How often intervals hold, for whom, and how far estimates can be taken at their word: ``docs/coverage.md``.

Each clinic is drawn anew; some of its records train a model as ``attune train`` does, without trees of its own, the
others are predicted. Five therapists are kept out of training altogether: they are the new ones.
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
from attune_fit.features.catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.prediction_interval import INTERVAL_LEVELS, TYPICAL_LEVELS, PredictionInterval
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from docs.tables import markdown

PAGE = Path("docs/coverage.md")
SIZES = (100, 300, 1_000, 3_000)
CLINICS, THERAPISTS, NEW, ASKED = 12, 40, 5, 1_500
MIXES = ("balanced", "wishes", "attachment", "problems")
COMMAND = "python -m benchmarks.coverage"


@dataclass(frozen=True)
class Tried:
    """Ratings a model has not seen, with what it said of them; arrays of shape (ratings,), POMP."""

    y: Floats
    score: Floats
    low: Floats
    high: Floats
    who: dict[str, Bools]
    width: PredictionInterval

    @property
    def inside(self) -> Bools:
        """Whether each rating lies in its interval."""
        return np.asarray((self.y >= self.low) & (self.y <= self.high))

    @property
    def slope(self) -> float:
        """Points a rating rises when the estimate rises by one."""
        return float(np.cov(self.score, self.y)[0, 1] / np.var(self.score, ddof=1))


def tried(seed: int, size: int) -> Tried:
    """Train on ``size`` records of one clinic, predict the others."""
    world = World(mix=MIXES[seed % len(MIXES)])
    tables = simulate(round((size + ASKED) / 0.85), THERAPISTS, seed, world, waiting=0).tables
    records = TrainingDataset.from_tables(
        tables, compute_early_alliance(tables, {row.name: row for row in INSTRUMENTS}), FEATURES
    )
    rng = np.random.default_rng(seed)
    new = np.isin(records.therapist, rng.permutation(THERAPISTS)[:NEW])
    order = rng.permutation(len(records))
    train = np.sort(order[~new[order]][:size])
    test = np.setdiff1d(order, train)
    model = trained(taken(records, train))
    parts = model.compute_parts_from_features(
        records.standardised_features[test], records.therapist_ids, records.therapist[test]
    )
    low, high = model.compute_interval(parts)
    thirds = np.quantile(parts.score, [1 / 3, 2 / 3])
    unknown = np.isnan(records.standardised_features[test]).mean(axis=1)
    clients = tables.clients.loc[records.client[test]]
    who = {
        "everybody": np.ones(len(test), dtype=bool),
        "therapists met before": ~new[test],
        "new therapists": new[test],
        "women": clients["gender"].eq("woman").to_numpy(bool, na_value=False),
        "men": clients["gender"].eq("man").to_numpy(bool, na_value=False),
        "other than white": clients["race_ethnicity"].ne("white").to_numpy(bool, na_value=False),
        "LGBTQ+": clients["lgbtq"].eq("yes").to_numpy(bool, na_value=False),
        "PHQ-9 of 15 or more": clients["phq9"].ge(15).to_numpy(bool, na_value=False),
        "a fifth with most unknown": unknown >= np.quantile(unknown, 0.8),
        "lowest third of estimates": parts.score < thirds[0],
        "highest third of estimates": parts.score >= thirds[1],
    }
    return Tried(records.y[test], parts.score, low, high, who, model.width)


def trained(records: TrainingDataset) -> AllianceModel:
    """A model with its intervals calibrated on its own records held back."""
    recipe = Recipe(start=load_starting_model().learned, prior=load_starting_model().evidence)
    back = predict_out_of_fold(records, crossfit_models(recipe, records, split_records("client", records)))
    model = recipe.fit(records, np.arange(len(records)))
    return replace(model, width=PredictionInterval.from_out_of_fold(0.9, back.score, back.standardised_residuals))


def taken(records: TrainingDataset, rows: Indices) -> TrainingDataset:
    """Some of the records."""
    fields = {
        name: getattr(records, name)[rows]
        for name in ("client", "therapist", "y", "measured_on", "standardised_features")
    }
    return replace(records, **fields)


def rows(found: dict[int, list[Tried]]) -> Iterator[tuple[str, ...]]:
    """Coverage by group and size, with the 95% interval of the mean over clinics."""
    for name in found[SIZES[0]][0].who:
        cells = []
        for tries in found.values():
            shares = np.array([one.inside[one.who[name]].mean() for one in tries if one.who[name].any()])
            cells.append(f"{shares.mean():.3f} ± {1.96 * shares.std(ddof=1) / np.sqrt(len(shares)):.3f}")
        yield name, *cells


def slopes(found: dict[int, list[Tried]]) -> tuple[str, ...]:
    """Calibration slope by size."""
    each = [np.array([one.slope for one in tries]) for tries in found.values()]
    return "slope", *(f"{one.mean():.2f} ± {1.96 * one.std(ddof=1) / np.sqrt(len(one)):.2f}" for one in each)


def reaches(tries: list[Tried]) -> Iterator[tuple[str, ...]]:
    """What is typical of a side: its reach over that of a normal variable; and how the spread narrows."""
    normal = ndtri((1 + np.array(TYPICAL_LEVELS)) / 2)
    for side in ("below", "above"):
        seen = np.mean([np.interp(TYPICAL_LEVELS, INTERVAL_LEVELS, getattr(one.width, side)) for one in tries], axis=0)
        yield side, *(f"{one:.2f}" for one in seen / normal)
    yield "narrowing for one point", f"{np.mean([one.width.narrowing for one in tries]):.4f}", *[""] * 4


def page(found: dict[int, list[Tried]], clinics: int) -> str:
    """The page in Markdown."""
    sizes = [f"{size:,}" for size in SIZES]
    return f"""# How often intervals hold

Written by `{COMMAND}`: {clinics} synthetic clinics of each size, about {ASKED:,} ratings each that the model has not
seen, {NEW} therapists it has never seen. Intervals are meant to hold nine ratings of ten.

{markdown(("ratings inside, by records trained on", *sizes), rows(found))}
How far estimates can be taken at their word: points a rating rises when the estimate rises by one.

{markdown(("", *sizes), [slopes(found)])}
Estimates near the end of the form have less room above them: where they are highest the interval holds a little
more than it says, where they are lowest a little less.

## What is typical before a clinic has records

How far misses reach to either side, over what a normal distribution would have, at {SIZES[-1]:,} records;
`models/prediction_interval.py` holds such figures, of other clinics.

{markdown(("side", *(f"{level:.2f}" for level in TYPICAL_LEVELS)), reaches(found[SIZES[-1]]))}"""


def main() -> None:
    """Draw, try, and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clinics", type=int, default=CLINICS, help="of each size")
    clinics = asked.parse_args().clinics
    found: dict[int, list[Tried]] = {}
    for size in SIZES:
        found[size] = [tried(1_000 + seed, size) for seed in range(clinics)]
        print(f"{size:>6,} records: {np.mean([one.inside.mean() for one in found[size]]):.3f}", flush=True)
    PAGE.write_text(page(found, clinics), encoding="utf-8")
    print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
