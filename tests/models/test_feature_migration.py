"""A model over another list of features: new features start at their prior, removed ones are dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.tree_columns import build_product_name
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from attune_fit.models.weight_posterior import build_prior
from tests.models.builders import GAP, NEED, SKILL, THREE, feature, town
from tests.models.test_alliance_model import model

NEW = feature("new", "pair", "free", 0.3)


def test_the_same_features_change_nothing() -> None:
    pairs = Pairs.cross(Sides(town()))
    np.testing.assert_array_equal(
        migrate_model(model(), THREE).compute_parts(pairs).score, model().compute_parts(pairs).score
    )
    np.testing.assert_allclose(migrate_model(model(), THREE).compute_parts(pairs).sd, model().compute_parts(pairs).sd)


def test_order_does_not_matter() -> None:
    pairs = Pairs.cross(Sides(town()))
    reversed_model = migrate_model(model(), THREE[::-1])
    np.testing.assert_allclose(reversed_model.compute_parts(pairs).score, model().compute_parts(pairs).score)
    np.testing.assert_allclose(reversed_model.compute_parts(pairs).sd, model().compute_parts(pairs).sd)


def test_a_new_feature_starts_at_its_prior_in_the_clinics_own_unit() -> None:
    wider = migrate_model(model(), (*THREE, NEW))
    prior = build_prior([NEW], unit=model().evidence.unit)
    assert wider.evidence.mean[4] == prior.mean[1]
    assert wider.evidence.cov[4, 4] == prior.cov[1, 1]
    assert not wider.evidence.cov[4, :4].any()
    assert not wider.therapists.lean[:, 4].any()
    np.testing.assert_array_equal(wider.evidence.mean[:4], model().evidence.mean)
    assert wider.learned == model().learned


def test_a_removed_feature_is_dropped_with_the_trees_that_read_it() -> None:
    fewer = migrate_model(model(), (NEED, SKILL))
    np.testing.assert_array_equal(fewer.evidence.mean, model().evidence.mean[[0, 1, 3]])
    assert fewer.learned is None
    same_trees = migrate_model(model(), (GAP, SKILL))  # no tree reads the client's need
    assert same_trees.learned == model().learned


def test_trees_over_a_product_need_both_of_its_features() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 1))
    text = fit_trees(rows, rows[:, 0], ["free"], TreeHyperparameters(trees=3), seed=0)
    whole = replace(model(), learned=BoostedTrees((build_product_name("need", "skill"),), text, 1.0))
    assert migrate_model(whole, (SKILL, NEED)).learned == whole.learned
    assert migrate_model(whole, (GAP, SKILL)).learned is None
    assert migrate_model(whole, (NEED, GAP)).learned is None


def test_a_feature_keeps_the_scale_it_was_trained_with() -> None:
    again = migrate_model(model(), (replace(NEED, center=5.0, scale=9.0), GAP))
    assert again.features[0] == NEED


def test_a_typical_value_of_training_stays_and_one_that_was_never_estimated_is_the_clinics_own() -> None:
    rows = tuple(replace(row, typical=2.0) for row in THREE)
    at_day_0 = migrate_model(model(), rows)
    assert [row.typical for row in at_day_0.features] == [2.0] * 3
    trained = migrate_model(at_day_0, tuple(replace(row, typical=3.0) for row in THREE))
    assert [row.typical for row in trained.features] == [2.0] * 3
