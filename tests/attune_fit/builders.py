"""A small clinic with outcomes, as the engine and as scikit-learn take it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.pair_features import TrainingData, build_training_data, list_training_features
from attune_fit.training.crossfit.dataset import TrainingDataset
from tests.conftest import SAMPLE


@cache
def sample() -> tuple[Clinic, Tables]:
    clinic = Clinic.open(SAMPLE)
    return clinic, read_tables(clinic)


@cache
def training_data() -> TrainingData:
    return build_training_data(*sample())


@cache
def records() -> TrainingDataset:
    """The same records, built by the engine; without the levels of half years, which an estimator cannot know."""
    clinic, tables = sample()
    early = compute_early_alliance(tables, clinic.instruments)
    return replace(TrainingDataset.from_tables(tables, early, list_training_features(clinic, tables)), levels=None)


@cache
def large_records() -> tuple[TrainingData, TrainingDataset]:
    """A clinic with enough records to grow trees on: as scikit-learn takes it, and as the engine does."""
    clinic, tables = sample()[0], simulate(350, 15, seed=1, world=World(fit=0.3)).tables
    early = compute_early_alliance(tables, clinic.instruments)
    whole = TrainingDataset.from_tables(tables, early, list_training_features(clinic, tables))
    return build_training_data(clinic, tables), replace(whole, levels=None)


def frame(n: int = 120, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """One column without a published effect, that moves alliance by 4 POMP for one SD; therapist t0 adds 6 POMP."""
    rng = np.random.default_rng(seed)
    therapist = rng.permutation([f"t{row % 4}" for row in range(n)])
    X = pd.DataFrame({
        "client_id": [f"c{row // 2}" for row in range(n)],
        "therapist_id": therapist,
        "novel": rng.normal(10, 2, n),
        "noise": rng.normal(0, 1, n),
    })  # fmt: skip
    y = 70 + 2 * (X["novel"] - 10) + 6 * (X["therapist_id"] == "t0") + rng.normal(0, 4, n)
    return X, y.rename("alliance")
