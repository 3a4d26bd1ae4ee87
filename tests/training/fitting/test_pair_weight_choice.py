"""Pair weights that are measurably worse than the starting weights do not rank."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.models.pair_effect_verdict import LEARNED_WEIGHTS_LABEL, STARTING_WEIGHTS_LABEL
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.fitting.crossfit_recipe import build_starting_weights_recipe
from attune_fit.training.fitting.pair_weight_choice import PairWeightChoice, choose_pair_weights
from tests.models.builders import THREE
from tests.training.builders import toy

WRONG = (THREE[0], replace(THREE[1], weight=-0.1, spread=0.5), THREE[2])
RIGHT = (THREE[0], replace(THREE[1], weight=0.3, spread=0.02), THREE[2])  # the effect that ``records`` has


def records(features: tuple[object, ...] = RIGHT) -> TrainingDataset:
    return replace(toy(500, clients=400, pair=4.0), features=features)  # type: ignore[arg-type]


def choose(data: TrainingDataset, learning: Recipe) -> PairWeightChoice:
    starting = build_starting_weights_recipe(learning, Recipe(), data)
    return choose_pair_weights((learning, Recipe(), starting), data, split_records("client", data))


def spoil(data: TrainingDataset) -> Recipe:
    """A recipe whose learned pair part is against the starting one: its prior has the opposite weight, and stays."""
    turned = replace(Recipe().fit(data, np.arange(10)).evidence)
    mean = turned.mean.copy()
    mean[2] *= -1
    return Recipe(prior=replace(turned, mean=mean), held=frozenset({"gap"}))


def test_learned_weights_rank_where_they_are_not_worse() -> None:
    choice = choose(records(WRONG), Recipe())
    assert choice.chosen is choice.tested
    assert choice.verdict.kind == "adds"
    assert choice.verdict.learned is not None
    assert choice.verdict.learned[1] > 0
    assert not choice.verdict.keeps_starting_weights
    assert choice.verdict.compared[1].name == STARTING_WEIGHTS_LABEL
    assert choice.chosen.recipe == Recipe()


def test_worse_weights_do_not_rank_and_the_verdict_is_that_of_what_ranks() -> None:
    data = records()
    learning = spoil(data)
    starting = replace(build_starting_weights_recipe(learning, Recipe(), data))
    choice = choose_pair_weights((learning, learning, starting), data, split_records("client", data))
    assert choice.chosen is choice.tested is choice.rival
    assert choice.chosen.recipe == starting
    verdict = choice.verdict
    assert verdict.keeps_starting_weights
    assert verdict.kind == "adds"
    assert verdict.compared[1].name == LEARNED_WEIGHTS_LABEL
    assert verdict.compared[0].within is not None
    assert verdict.compared[0].within[0] == pytest.approx(verdict.r)
    assert verdict.learned is not None
    assert verdict.learned[2] < 0


def test_a_fallback_with_worse_weights_does_not_rank_either() -> None:
    """The recipe that learns has no pair part, so the verdict finds nothing and the fallback is compared."""
    data = records()
    nothing, fallback = Recipe(has_linear_layer=False), spoil(data)
    starting = build_starting_weights_recipe(Recipe(), Recipe(), data)
    folds = split_records("client", data)
    choice = choose_pair_weights((nothing, fallback, starting), data, folds)
    assert choice.chosen.recipe == starting
    assert choice.verdict.keeps_starting_weights
    moved = choose_pair_weights((nothing, Recipe(), starting), data, folds)
    assert moved.verdict.kind == "nothing"
    assert moved.verdict.learned is None
    assert moved.chosen.recipe == Recipe(held=frozenset({"gap"}))


def test_without_folds_nothing_is_tested() -> None:
    data = replace(records(), client=np.zeros(500, dtype=np.intp))
    choice = choose_pair_weights((Recipe(), Recipe(), Recipe()), data, [])
    assert choice.verdict.kind == "nothing"
    assert choice.verdict.learned is None
    assert choice.chosen.recipe == Recipe(held=frozenset({"gap"})), "declared weights wait for a verdict"
