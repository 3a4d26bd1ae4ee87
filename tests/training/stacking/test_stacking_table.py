"""A row of the stacker's table compares a clinic's trees with the truth of new pairs."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.record_scores import compute_linear_score
from attune_fit.training.stacking.stacking_table import build_stacking_row
from attune_fit.training.stacking.synthetic_clinics import draw_clinics, draw_population

RECIPE = Recipe(growth=TreeHyperparameters(trees=15), tree_weights=(1.0,) * len(TREE_KINDS))


def test_a_row_holds_the_products_of_outputs_and_of_what_the_linear_score_misses() -> None:
    population = draw_population(2, clients=700, therapists=14)
    clinic = draw_clinics(population, 2)[1]
    records = clinic.take_records(500)
    row = build_stacking_row(records, population.new_features, clinic.truth, RECIPE)
    rows, names = np.arange(len(records)), [one.name for one in records.features]
    trees = RECIPE.grow_trees(records, rows)
    model = RECIPE.without_trees().fit(records, rows)
    outputs = [double_center(one.predict(names, population.new_features)).ravel() for one in trees if one is not None]
    effect, _, _ = model.therapists.select_for_roster(records.therapist_ids)
    missed = double_center(clinic.truth - compute_linear_score(model, population.new_features) - effect).ravel()
    for k, one in enumerate(outputs):
        assert row.products[k] == pytest.approx(np.mean(one * missed) / model.evidence.sigma**2)
        for number, other in enumerate(outputs):
            assert row.squares[k, number] == pytest.approx(np.mean(one * other) / model.evidence.sigma**2)


def test_a_constant_for_a_client_or_a_therapist_changes_no_row() -> None:
    population = draw_population(2, clients=500, therapists=12)
    clinic = draw_clinics(population, 2)[0]
    records = clinic.take_records(300)
    moved = clinic.truth + np.arange(len(clinic.truth))[:, None] + np.arange(clinic.truth.shape[1])
    first, second = (build_stacking_row(records, population.new_features, one, RECIPE) for one in (clinic.truth, moved))
    np.testing.assert_allclose(first.products, second.products, atol=1e-9)
