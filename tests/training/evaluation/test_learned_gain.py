"""What learning pair weights changed: the same records, folds and residual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.learned_gain import compute_learned_gain
from attune_fit.training.evaluation.pair_effect_test import assess_pair_effect
from attune_fit.training.fitting.crossfit_recipe import CrossFit, build_starting_weights_recipe
from tests.training.builders import build_sample, toy


def test_the_gain_is_the_difference_of_the_two_correlations() -> None:
    sample = build_sample(toy(300, clients=150, pair=3.0))
    weaker = replace(
        sample,
        centered_pair_part=sample.centered_pair_part
        + np.random.default_rng(0).normal(0, 1.5, sample.centered_pair_part.shape),
    )
    gain = compute_learned_gain(sample, weaker, 300)
    verdict = assess_pair_effect(sample, 300)
    assert gain is not None
    assert verdict.r is not None
    noisy, residual = weaker.center(weaker.observed_pair_part), sample.residual
    assert gain[0] == pytest.approx(verdict.r - np.corrcoef(noisy, residual)[0, 1])
    assert gain[1] < gain[0] < gain[2]
    back = compute_learned_gain(sample, sample, 300)
    assert back == (0.0, 0.0, 0.0)


def test_nothing_is_compared_where_the_verdict_would_not_test() -> None:
    sample = build_sample(toy(300, clients=150, pair=3.0))
    constant = replace(sample, centered_pair_part=np.zeros_like(sample.centered_pair_part))
    assert compute_learned_gain(sample, sample, 29) is None
    assert compute_learned_gain(None, sample, 300) is None
    assert compute_learned_gain(sample, constant, 300) is None
    assert compute_learned_gain(constant, sample, 300) is None


def test_records_with_a_new_effect_gain_and_the_rival_fits_levels_alone() -> None:
    records = toy(500, clients=400, pair=5.0)
    wrong = replace(records.features[1], weight=-0.1, spread=0.5)
    features = (records.features[0], wrong, records.features[2])
    records = replace(records, features=features, y=records.y + 3.0 * records.therapist)
    folds, learning = split_records("client", records), Recipe()
    starting = build_starting_weights_recipe(learning, Recipe(), records)
    learned, rival = (CrossFit.from_folds(recipe, records, folds, "") for recipe in (learning, starting))
    gain = compute_learned_gain(learned.sample, rival.sample, 500)
    assert gain is not None
    assert gain[1] > 0.1
    for fold in rival.fold_models:
        prior = fold.model.evidence.unit * np.array([row.weight for row in records.features])
        is_pair = np.array([row.side == "pair" for row in records.features])
        np.testing.assert_allclose(fold.model.evidence.mean[1:][is_pair], prior[is_pair])
        assert fold.model.therapists.effect[:2].mean() < 0 < fold.model.therapists.effect[-2:].mean()
        assert not np.allclose(fold.model.evidence.mean[1:][~is_pair], prior[~is_pair])
