"""Out-of-fold predictions and their parts."""

from __future__ import annotations

import numpy as np

from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import (
    compute_pair_part,
    count_net_honoured_by_record,
    predict_out_of_fold,
)
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from tests.models.builders import THREE
from tests.strategies import clinic
from tests.training.builders import toy

TREES = Recipe(growth=TreeHyperparameters(trees=15, least=10), tree_weights=(0.5, 0.3, 0.2))


def test_each_record_is_predicted_by_a_model_fitted_without_it() -> None:
    records = toy(200, pair=3.0, curve=3.0)
    fold_models = crossfit_models(TREES, records, split_records("client", records))
    predictions = predict_out_of_fold(records, fold_models)
    np.testing.assert_array_equal(predictions.y, records.y)
    for fold in fold_models:
        parts = fold.model.compute_parts(
            Pairs.from_rows(records.sides, records.client[fold.test], records.therapist[fold.test])
        )
        np.testing.assert_allclose(predictions.score[fold.test], parts.score)
        np.testing.assert_allclose(predictions.sd[fold.test], np.hypot(parts.sd, fold.model.evidence.sigma))
        np.testing.assert_allclose(predictions.therapist_effect[fold.test], parts.therapist)
        rest = parts.score - compute_pair_part(fold.model, records.standardised_features[fold.test])
        np.testing.assert_array_equal(predictions.score_without_pair_part[fold.test], rest)
    assert np.isnan(predictions.centered_pair_part).all()


def test_the_rest_is_the_score_without_its_pair_part() -> None:
    records = toy(200, pair=3.0, curve=3.0)
    model = TREES.fit(records, np.arange(200))
    parts = model.compute_parts_from_features(records.standardised_features, records.therapist_ids, records.therapist)
    rest = parts.score - compute_pair_part(model, records.standardised_features)
    skill = model.evidence.mean[3] * records.standardised_features[:, 2]
    np.testing.assert_allclose(rest, parts.baseline + parts.therapist + skill)


def test_no_models_predict_nothing() -> None:
    predictions = predict_out_of_fold(toy(10), [])
    assert len(predictions.y) == len(predictions.score) == len(predictions.net_honoured_wishes) == 0


def test_wishes_are_counted_as_a_clinic_would() -> None:
    tables = clinic(
        {"age": [30.0, 40.0]},
        {"gender": ["f", "m"], "religion": ["jewish", None]},
        wishes=[
            (0, "gender", "f", "must"),
            (0, "religion", "jewish", "prefer"),
            (0, "gender", "m", "avoid"),
            (1, "gender", "f", "never"),
        ],
    )
    client, therapist = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    y = np.zeros(4)
    records = TrainingDataset(Sides(tables), THREE, client, therapist, y, y.astype("datetime64[D]"), np.zeros((4, 3)))
    assert count_net_honoured_by_record(records, np.arange(4)).tolist() == [3.0, -2.0, -1.0, 1.0]
