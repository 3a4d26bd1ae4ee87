"""The stacker sets the weights of local trees, and a gate drops trees that held-back records speak against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import Fold, split_records
from attune_fit.training.methods import tree_weight
from attune_fit.training.methods.tree_weight import (
    MIN_HELD_BACK_T,
    MIN_RECORDS,
    MIN_TREE_WEIGHT,
    TreeWeights,
    choose_recipe,
)
from attune_fit.training.stacking.held_back_summary import SUMMARY_NAMES, compute_held_back_summary, compute_slope
from attune_fit.training.stacking.stacker import MAX_WEIGHT, load_stacker
from tests.training.builders import toy

SMALL = TreeHyperparameters(trees=40, least=20, ridge=1.0)


class FixedWeights:
    """A stacker that gives each clinic the same weights, and keeps what it was asked about."""

    def __init__(self, *weights: float) -> None:
        self.weights, self.inputs = np.array(weights), list[Floats]()

    def predict(self, inputs: Floats) -> Floats:
        self.inputs.append(inputs)
        return np.tile(self.weights, (len(inputs), 1))


def use(monkeypatch: pytest.MonkeyPatch, *weights: float) -> FixedWeights:
    """Let a stacker with these weights take the place of the shipped one."""
    stacker = FixedWeights(*weights)
    monkeypatch.setattr(tree_weight, "load_stacker", lambda: stacker)
    return stacker


def step(n: int, seed: int = 0, size: float = 14.0) -> TrainingDataset:
    """Records whose outcomes rise by a step in the gap, as well as noise of 8 POMP."""
    records = toy(n, clients=n // 3, seed=seed)
    return replace(records, y=records.y + size * (records.standardised_features[:, 1] > 1))


def test_trees_get_the_weights_of_the_stacker_where_residuals_hold_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    stacker, records, start = use(monkeypatch, 0.6, 0.2, 0.1), step(900), Recipe(seed=4)
    recipe, fallback = choose_recipe(records, split_records("client", records), start, SMALL)
    assert recipe == replace(start, growth=SMALL, tree_weights=(0.6, 0.2, 0.1))
    assert fallback == start
    (inputs,) = stacker.inputs
    assert inputs.shape == (1, len(SUMMARY_NAMES))
    model = recipe.fit(records, np.arange(len(records)))
    assert model.learned is not None
    assert model.learned.stacking_weight == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_the_gate_is_the_slope_of_held_back_residuals_on_the_weighted_trees(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On noise it is mostly shut, whatever the stacker gives; where it opens, the t value is above its limit."""
    use(monkeypatch, 0.6, 0.2, 0.1)
    records = toy(600, clients=300, seed=seed)
    folds = split_records("client", records)
    recipe, fallback = choose_recipe(records, folds, Recipe(), SMALL)
    held_back = compute_held_back_summary(records, folds, Recipe(growth=SMALL, tree_weights=(1.0, 1.0, 1.0)))
    t = compute_slope(held_back.outputs @ np.array([0.6, 0.2, 0.1]), held_back.residual)[1]
    assert (recipe.growth is not None) == (t >= MIN_HELD_BACK_T)
    assert fallback == Recipe()


def test_on_noise_the_gate_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, 0.6, 0.2, 0.1)
    is_open = []
    for seed in range(12):
        records = toy(400, clients=200, seed=seed)
        recipe, fallback = choose_recipe(records, split_records("client", records), Recipe(), SMALL)
        is_open.append(recipe != fallback)
    assert sum(is_open) <= 2  # one in 15 by chance, at 1.5 standard errors


def test_the_shipped_stacker_opens_on_a_strong_step() -> None:
    records = step(1500)
    recipe, fallback = choose_recipe(records, split_records("client", records), Recipe(), SMALL)
    assert recipe.growth == SMALL
    assert 0.2 < sum(recipe.tree_weights) <= 3 * MAX_WEIGHT
    assert all(weight == 0 or MIN_TREE_WEIGHT <= weight <= MAX_WEIGHT for weight in recipe.tree_weights)
    assert fallback == Recipe()
    again, _ = choose_recipe(replace(records), split_records("client", records), Recipe(), SMALL)
    assert again == recipe


def test_the_shipped_stacker_takes_a_clinic_that_cannot_say_anything() -> None:
    weights = load_stacker().predict(np.full((2, len(SUMMARY_NAMES)), np.nan))
    assert weights.shape == (2, 3)
    assert ((weights >= 0) & (weights <= MAX_WEIGHT)).all()


def test_kinds_of_a_small_weight_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, 0.6, MIN_TREE_WEIGHT - 0.01, MIN_TREE_WEIGHT)
    records = step(900)
    recipe, _ = choose_recipe(records, split_records("client", records), Recipe(), SMALL)
    assert recipe.tree_weights == (0.6, 0.0, MIN_TREE_WEIGHT)


def test_without_any_weight_there_are_no_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, 0.01, 0.0, 0.04)
    records = step(900)
    recipe, fallback = choose_recipe(records, split_records("client", records), Recipe(seed=2), SMALL)
    assert recipe == fallback == Recipe(seed=2)


def test_the_fallback_grows_no_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, 0.6, 0.2, 0.1)
    records, start = step(900), Recipe(growth=TreeHyperparameters(trees=3), tree_weights=(0.1, 0.2, 0.3), seed=5)
    recipe, fallback = choose_recipe(records, split_records("client", records), start, SMALL)
    assert fallback == Recipe(seed=5)
    assert fallback.fit(records, np.arange(len(records))).learned is None
    assert recipe == replace(start, growth=SMALL, tree_weights=(0.6, 0.2, 0.1))


@pytest.mark.parametrize(("n", "is_grown"), [(MIN_RECORDS - 1, False), (MIN_RECORDS, True)])
def test_trees_need_a_hundred_held_back_records(n: int, is_grown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stacker = use(monkeypatch, 0.6, 0.2, 0.1)
    monkeypatch.setattr(tree_weight, "MIN_HELD_BACK_T", -np.inf)
    records, rows = step(300), np.arange(300)
    folds = [Fold(np.setdiff1d(rows, test), test) for test in np.array_split(rows[:n], 3)]
    recipe, fallback = choose_recipe(records, folds, Recipe(), SMALL)
    assert (recipe.growth is not None) == bool(stacker.inputs) == is_grown
    assert fallback == Recipe()


def test_without_folds_there_are_no_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    stacker = use(monkeypatch, 0.6, 0.2, 0.1)
    assert choose_recipe(toy(300, clients=1), [], Recipe(seed=3), SMALL) == (Recipe(seed=3), Recipe(seed=3))
    assert not stacker.inputs


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (TreeWeights((0.0, 0.0, 0.0), n_records=40), "need 100 held-out records or more; there are 40"),
        (TreeWeights((0.0, 0.0, 0.0), n_records=400), "do not improve the score, so they do not count"),
        (
            TreeWeights((0.3, 0.1, 0.0), 0.4, 0.9, 400),
            "do not clearly improve the score, so they do not count",
        ),
        (TreeWeights((0.3, 0.1, 0.0), 0.9, 3.2, 400), "They do not count, because the verdict finds no pair effect"),
        (TreeWeights((0.3, 0.1, 0.0), 0.9, 3.2, 400, is_used=True), "improve the score, so they count (t = 3.2"),
    ],
)
def test_one_sentence_gives_the_gate_and_the_reason(found: TreeWeights, words: str) -> None:
    assert words in found.sentence
    assert found.to_dict()["t"] == (None if np.isnan(found.t) else found.t)
