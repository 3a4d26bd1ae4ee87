"""What a search changed is measured on held-out records against the model without a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.paired_comparison import PairedComparison
from attune_fit.training.fitting.crossfit_recipe import build_starting_weights_recipe
from attune_fit.training.fitting.pair_weight_choice import choose_pair_weights
from attune_fit.training.fitting.tuning_effect import Recipes, TuningEffect, measure_tuning_effect
from tests.training.builders import toy

GOOD = TreeHyperparameters(trees=60, leaves=4, rate=0.1)
POOR = replace(GOOD, trees=1, rate=0.01)  # hardly any trees


@pytest.fixture(scope="module")
def records() -> TrainingDataset:
    """Ratings that follow the square of a feature, which a linear layer cannot learn."""
    return toy(400, clients=300, pair=4.0, curve=6.0)


def build_recipes(records: TrainingDataset, growth: TreeHyperparameters | None) -> Recipes:
    """The recipe with trees of these settings, its fallback, and the rival."""
    recipe = Recipe(growth=growth)
    return recipe, Recipe(), build_starting_weights_recipe(recipe, Recipe(), records)


def measure(
    records: TrainingDataset, found: TreeHyperparameters | None, default: Callable[[], Recipes], trials: int = 20
) -> TuningEffect | None:
    recipes, folds = build_recipes(records, found), split_records("client", records)
    chosen = choose_pair_weights(recipes, records, folds).chosen
    return measure_tuning_effect(trials, chosen, recipes, default, records, folds, "", 0)


@pytest.mark.parametrize(("found", "default", "result"), [(GOOD, POOR, "helped"), (POOR, GOOD, "harmed")])
def test_settings_that_change_the_error_are_reported_with_their_interval(
    records: TrainingDataset, found: TreeHyperparameters, default: TreeHyperparameters, result: str
) -> None:
    effect = measure(records, found, lambda: build_recipes(records, default))
    assert effect is not None
    assert effect.comparison is not None
    assert effect.sentence.startswith(f"The search of 20 trials {result}: error ")
    assert (effect.comparison.low > 0, effect.comparison.high < 0) == (result == "helped", result == "harmed")
    written = effect.to_dict()
    assert (written["trials"], written["is_same_model"], written["n"]) == (20, False, 400)
    assert written["gain"] == pytest.approx(written["old"] - written["new"])


def test_the_same_settings_change_nothing(records: TrainingDataset) -> None:
    effect = measure(records, GOOD, lambda: build_recipes(records, GOOD))
    assert effect == TuningEffect(20)
    assert effect.to_dict()["is_same_model"] is True


def test_settings_of_trees_that_no_model_uses_change_nothing(records: TrainingDataset) -> None:
    """The recipes differ in a fallback that was not chosen."""
    recipes = build_recipes(records, GOOD)
    unused = (recipes[0], replace(recipes[1], growth=POOR), recipes[2])
    assert measure(records, GOOD, lambda: unused) == TuningEffect(20)


def test_without_trials_nothing_is_computed(records: TrainingDataset) -> None:
    def build() -> Recipes:
        raise AssertionError("nothing was searched")

    assert measure(records, None, build, trials=0) is None


def test_a_loss_within_noise_changes_nothing_measurable() -> None:
    loss = PairedComparison("rmse", "300 held-out records", 15.1, 15.0, -0.1, -0.3, 0.004, 300)
    assert TuningEffect(2, loss).sentence == (
        "The search of 2 trials changed nothing measurable: error higher by 0.10 POMP (97.5% interval 0.00 to 0.30)."
    )
