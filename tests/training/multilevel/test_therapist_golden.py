"""The tests over therapists give the numbers of R's metafor, clubSandwich and lmerTest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.mixed_interaction import estimate_mixed_interaction
from attune_fit.training.multilevel.slope_interaction import estimate_slope_interaction
from attune_fit.training.multilevel.trait_effect import estimate_trait_effect
from attune_fit.training.multilevel.within_effect import estimate_within_effect

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "therapist_tests"
TOLERANCE = {"mixed_interaction": 1e-3}  # lme4 and Attune search for the smallest deviance in different ways


@cache
def read_columns() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "records.csv")


def take(*names: str) -> Floats:
    columns = read_columns()[list(names)].to_numpy(float)
    return columns[:, 0] if len(names) == 1 else columns


def estimate(name: str) -> EffectTest:
    y, trait, client, value = (take(column) for column in ("y", "trait", "client", "value"))
    therapist = read_columns()["therapist"].to_numpy()
    own_client = np.arange(len(y))
    years, covariate = read_columns()[["years"]].to_numpy(float), read_columns()[["covariate"]].to_numpy(float)
    return {
        "slope_interaction": lambda: estimate_slope_interaction(y, therapist, client, trait),
        "slope_interaction_years": lambda: estimate_slope_interaction(y, therapist, client, trait, years),
        "trait_effect": lambda: estimate_trait_effect(y, therapist, trait),
        "within_effect": lambda: estimate_within_effect(y, therapist, own_client, value),
        "within_effect_covariate": lambda: estimate_within_effect(y, therapist, own_client, value, covariate),
        "mixed_interaction": lambda: estimate_mixed_interaction(y, therapist, client, trait),
    }[name]()


@pytest.mark.parametrize(
    "name",
    [
        "slope_interaction",
        "slope_interaction_years",
        "trait_effect",
        "within_effect",
        "within_effect_covariate",
        "mixed_interaction",
    ],
)
def test_a_test_equals_that_of_r(name: str) -> None:
    golden = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))[name]
    result = estimate(name)
    found = {key: getattr(result, key) for key in golden}
    assert found == pytest.approx(golden, rel=TOLERANCE.get(name, 1e-5))
