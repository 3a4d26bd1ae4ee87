"""Training records for these tests: from a toy clinic, or from the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.evaluation.re_pairing import RePairingSample, build_re_pairing_sample
from tests.models.builders import THREE, town


def toy(
    n: int, clients: int = 60, therapists: int = 8, seed: int = 0, pair: float = 0.0, curve: float = 0.0
) -> TrainingDataset:
    """Return records of clients who met a random therapist, one a day.

    Ratings are 75 POMP, plus ``pair`` for each unit of gap, plus ``curve`` for its square, plus noise.
    """
    rng = np.random.default_rng(seed)
    sides = Sides(town(clients, therapists, seed))
    client, therapist = rng.integers(0, clients, n), rng.integers(0, therapists, n)
    standard = PairFrame.from_pairs(Pairs.from_rows(sides, client, therapist), THREE).standardize()
    y = 75 + pair * standard[:, 1] + curve * standard[:, 1] ** 2 + rng.normal(0, 8, n)
    when = np.datetime64("2026-01-01") + rng.permutation(n).astype("timedelta64[D]")
    return TrainingDataset(sides, THREE, client, therapist, y, when, standard)


@cache
def simulated(
    clients: int, seed: int, mix: str = "balanced", fit: float = 0.05, features: tuple[Feature, ...] = FEATURES
) -> TrainingDataset:
    """Return the records of a synthetic clinic of 20 therapists in which every client met a therapist."""
    tables = simulate(clients, 20, seed, World(mix=mix, fit=fit), waiting=0).tables
    return TrainingDataset.from_tables(
        tables, compute_early_alliance(tables, {row.name: row for row in INSTRUMENTS}), features
    )


def build_sample(records: TrainingDataset, site: str = "") -> RePairingSample:
    """Return the re-pairing sample of models without trees."""
    fold_models = crossfit_models(Recipe(), records, split_records("client", records))
    return build_re_pairing_sample(records, fold_models, predict_out_of_fold(records, fold_models), site)


def build_small_sample(stratum: list[int], seed: int = 0, client: Indices | None = None) -> RePairingSample:
    """Return a small sample with three therapists, whose ratings are the pair part plus noise."""
    rng = np.random.default_rng(seed)
    n = len(stratum)
    choice = rng.normal(size=(n, 3))
    therapist = rng.integers(0, 3, n)
    rated = choice[np.arange(n), therapist] + rng.normal(0, 1, n)
    client = np.arange(n) if client is None else client
    return RePairingSample(np.arange(n), rated, np.zeros(n), choice, client, therapist, np.array(stratum))


def grow_trees_always(
    records: TrainingDataset, folds: Sequence[Fold], recipe: Recipe, growth: TreeHyperparameters
) -> tuple[Recipe, Recipe]:
    """Return a recipe with trees of every kind, which is its own fallback."""
    grown = replace(recipe, growth=growth, tree_weights=(0.5, 0.3, 0.2))
    return grown, grown


def spoil(folder: Path, table: str, change: object) -> None:
    """Change a table of the clinic."""
    path = folder / f"{table}.csv"
    frame = pd.read_csv(path, dtype=str)
    change(frame).to_csv(path, index=False)  # type: ignore[operator]
