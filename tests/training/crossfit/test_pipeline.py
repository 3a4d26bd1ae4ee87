"""A recipe fits the same model to the same records, and the other records have no influence."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.tree_columns import build_product_name
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import build_prior, fit_posterior
from attune_fit.training.crossfit.pipeline import (
    N_INNER_FOLDS,
    Recipe,
    compute_out_of_fold_residuals,
    crossfit_models,
    sum_training_rows,
)
from attune_fit.training.crossfit.record_scores import compute_record_parts, compute_record_score
from attune_fit.training.crossfit.splits import assign_folds, split_records
from tests.training.builders import toy

GROWTH = TreeHyperparameters(trees=15, least=10)
TREES = Recipe(growth=GROWTH, tree_weights=(0.5, 0.0, 0.0), seed=3)
ALL_KINDS = replace(TREES, tree_weights=(0.5, 0.3, 0.2))
HALF = np.arange(150)


def parts(model: AllianceModel, rows: np.ndarray = np.arange(300)) -> np.ndarray:  # noqa: B008
    records = toy(300)
    return model.compute_parts_from_features(
        records.standardised_features[rows], records.therapist_ids, records.therapist[rows]
    ).score


@pytest.mark.parametrize("recipe", [Recipe(), ALL_KINDS, Recipe(held=frozenset({"gap"}))])
def test_fitting_twice_gives_the_same_model(recipe: Recipe) -> None:
    records = toy(300, curve=4.0)
    np.testing.assert_array_equal(parts(recipe.fit(records, HALF)), parts(recipe.fit(replace(records), HALF)))


@pytest.mark.parametrize("recipe", [Recipe(), ALL_KINDS])
def test_held_out_records_have_no_influence(recipe: Recipe) -> None:
    records = toy(300, curve=4.0)
    poisoned = replace(records, y=records.y.copy(), standardised_features=records.standardised_features.copy())
    poisoned.y[150:] = 0.0
    poisoned.standardised_features[150:] = 99.0
    np.testing.assert_array_equal(parts(recipe.fit(records, HALF)), parts(recipe.fit(poisoned, HALF)))


@pytest.mark.parametrize("split", ["client", "therapist", "time"])
@pytest.mark.parametrize("recipe", [Recipe(), ALL_KINDS, Recipe(client_share=0.3), Recipe(has_drift=True)])
def test_sums_without_a_fold_give_the_model_of_its_training_rows(recipe: Recipe, split: str) -> None:
    records = toy(300, curve=4.0, pair=2.0)
    for fold in split_records(split, records):
        shared, alone = recipe.fit_without(records, fold), recipe.fit(records, fold.train)
        np.testing.assert_allclose(shared.evidence.mean, alone.evidence.mean, rtol=0, atol=1e-9)
        np.testing.assert_allclose(shared.evidence.cov, alone.evidence.cov, rtol=0, atol=1e-9)
        np.testing.assert_allclose(parts(shared), parts(alone), rtol=0, atol=1e-9)
        assert shared.therapists.ids == alone.therapists.ids


def test_a_client_in_both_sets_is_summed_up_with_its_own_level() -> None:
    records, recipe = toy(300, clients=20), Recipe(client_share=0.3)
    fold = split_records("therapist", records)[0]
    sums = sum_training_rows(recipe, records, fold)
    np.testing.assert_array_equal(sums.xx, recipe.sum_records(records, fold.train).xx)
    without_level = sum_training_rows(Recipe(), records, fold)
    assert (without_level.xx != Recipe().sum_records(records, fold.train).xx).any()  # by subtraction


def test_recipes_that_differ_in_their_trees_share_a_linear_layer() -> None:
    records = toy(300, curve=4.0)
    fold, prior = split_records("client", records)[0], build_prior(records.features)
    first = TREES.fit_without(records, fold)
    assert replace(TREES, growth=None).fit_without(records, fold).evidence is first.evidence
    assert ALL_KINDS.fit_without(records, fold).evidence is first.evidence
    for other in (
        replace(TREES, held=frozenset({"gap"})),
        replace(TREES, client_share=0.2),
        replace(TREES, has_linear_layer=False),
        *(replace(TREES, prior=replace(prior, mean=prior.mean * factor)) for factor in (0.5, 2.0)),
    ):
        fitted, alone = other.fit_without(records, fold), other.fit_without(replace(records), fold)
        np.testing.assert_array_equal(fitted.evidence.mean, alone.evidence.mean)
        np.testing.assert_array_equal(parts(fitted), parts(alone))
        assert fitted.evidence.mean.tolist() != first.evidence.mean.tolist()


def test_a_copy_of_records_in_another_process_remembers_no_fit() -> None:
    records = toy(60)
    Recipe().fit(records, np.arange(60))
    assert pickle.loads(pickle.dumps(records))._memo == {} != records._memo  # noqa: S301 - from the line itself
    assert replace(records)._memo == {}


def test_the_score_alone_is_the_sum_of_the_parts() -> None:
    records, rows = toy(300, curve=4.0), np.arange(0, 300, 7)
    recipe = replace(ALL_KINDS, has_drift=True)
    model = recipe.fit(records, HALF)
    expected = compute_record_parts(model, records, rows)
    np.testing.assert_allclose(compute_record_score(model, records, rows), expected.score, rtol=0, atol=1e-11)
    assert expected.learned.std() > 0


def test_trees_are_the_sum_of_their_kinds_by_weight() -> None:
    records = toy(300, curve=4.0)
    names, standard = [row.name for row in records.features], records.standardised_features
    learned = ALL_KINDS.fit(records, HALF).learned
    assert learned is not None
    of_kinds = [trees.predict(names, standard) for trees in ALL_KINDS.grow_trees(records, HALF) if trees is not None]
    assert len(of_kinds) == 3
    expected = sum(weight * output for weight, output in zip(ALL_KINDS.tree_weights, of_kinds, strict=True))
    np.testing.assert_allclose(learned.predict(names, standard), expected, rtol=0, atol=1e-9)
    half = replace(ALL_KINDS, tree_weights=(0.25, 0.15, 0.1)).fit(records, HALF).learned
    assert half is not None
    np.testing.assert_allclose(half.predict(names, standard), expected / 2, rtol=0, atol=1e-9)


def test_residuals_are_out_of_fold() -> None:
    """Compared with a separate fit of each inner fold."""
    records = toy(120, pair=2.0)
    rows = np.arange(20, 120)
    whole, _ = fit_posterior(records.compute_sufficient_statistics(rows), records.features, records.therapist_ids)
    fold_of = assign_folds(records.client[rows], N_INNER_FOLDS, seed=3)
    want = np.empty(len(rows))
    for fold in range(N_INNER_FOLDS):
        here, others = rows[fold_of == fold], rows[fold_of != fold]
        fold_models = AllianceModel(
            records.features,
            *fit_posterior(
                records.compute_sufficient_statistics(others), records.features, records.therapist_ids, whole
            ),
        )
        score = fold_models.compute_parts_from_features(
            records.standardised_features[here], records.therapist_ids, records.therapist[here]
        ).score
        want[fold_of == fold] = records.y[here] - score
    np.testing.assert_allclose(compute_out_of_fold_residuals(records, rows, whole, Recipe(seed=3)), want, atol=1e-8)


def test_a_feature_held_stays_at_its_prior_and_the_others_do_not() -> None:
    records = toy(400, pair=6.0)
    held = Recipe(held=frozenset({"gap"})).fit(records, np.arange(400)).evidence
    free = Recipe().fit(records, np.arange(400)).evidence
    assert held.mean[2] == pytest.approx(0.1 * held.unit)
    assert free.mean[2] > 3
    assert held.mean[1] != pytest.approx(-0.1 * held.unit)


def test_records_are_not_changed_by_holding() -> None:
    records = toy(50)
    before = records.standardised_features.copy()
    replace(Recipe(), held=frozenset({"gap"})).fit(records, np.arange(50))
    np.testing.assert_array_equal(records.standardised_features, before)


def test_trees_read_what_differs_between_therapists_only() -> None:
    learned = TREES.fit(toy(300, curve=4.0), np.arange(300)).learned
    assert learned is not None
    assert learned.names == ("gap", "skill")
    assert learned.stacking_weight == 1.0
    products = ALL_KINDS.fit(toy(300, curve=4.0), np.arange(300)).learned
    assert products is not None
    assert products.names == ("gap", "skill", build_product_name("need", "skill"))


def test_crossfitting_makes_one_model_a_fold() -> None:
    records = toy(100)
    folds = split_records("client", records)
    fold_models = crossfit_models(Recipe(), records, folds)
    assert [fold_model.test.tolist() for fold_model in fold_models] == [fold.test.tolist() for fold in folds]
    assert fold_models[0].model.evidence.mean.tolist() != fold_models[1].model.evidence.mean.tolist()
