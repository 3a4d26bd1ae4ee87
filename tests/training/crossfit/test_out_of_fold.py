"""Predictions of records held back, and the parts that training looks at."""

from __future__ import annotations

import numpy as np

from attune_fit.features.pairs import Pairs, Sides
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

TREES = Recipe(growth=TreeHyperparameters(trees=15, least=10), share=0.5)


def test_each_record_is_predicted_by_the_model_that_has_not_seen_it() -> None:
    records = toy(200, pair=3.0, curve=3.0)
    made = crossfit_models(TREES, records, split_records("client", records))
    said = predict_out_of_fold(records, made)
    np.testing.assert_array_equal(said.y, records.y)
    for one in made:
        parts = one.model.compute_parts(
            Pairs.from_rows(records.sides, records.client[one.test], records.therapist[one.test])
        )
        np.testing.assert_allclose(said.score[one.test], parts.score)
        np.testing.assert_allclose(said.sd[one.test], np.hypot(parts.sd, one.model.evidence.sigma))
        np.testing.assert_allclose(said.therapist_effect[one.test], parts.therapist)
        rest = parts.score - compute_pair_part(one.model, records.standardised_features[one.test])
        np.testing.assert_array_equal(said.score_without_pair_part[one.test], rest)
    assert np.isnan(said.centered_pair_part).all()


def test_the_rest_is_the_score_without_its_pair_part() -> None:
    records = toy(200, pair=3.0, curve=3.0)
    model = TREES.fit(records, np.arange(200))
    parts = model.compute_parts_from_features(records.standardised_features, records.therapist_ids, records.therapist)
    rest = parts.score - compute_pair_part(model, records.standardised_features)
    skill = model.evidence.mean[3] * records.standardised_features[:, 2]
    np.testing.assert_allclose(rest, parts.baseline + parts.therapist + skill)


def test_no_models_predict_nothing() -> None:
    said = predict_out_of_fold(toy(10), [])
    assert len(said.y) == len(said.score) == len(said.net_honoured_wishes) == 0


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
