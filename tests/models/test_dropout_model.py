"""The probability of dropout: published odds before any record, and a bounded, recalibrated probability after."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm

from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.dropout_model import (
    DropoutModel,
    DropoutProbabilities,
    build_dropout_prior,
    compute_dropout_factors,
)
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.weight_posterior import build_prior
from tests.models.builders import GAP, NEED, THREE, build_dropout, town
from tests.models.test_alliance_model import model


def compute(dropout: DropoutModel, level: float = 0.9, missing: float = 0.0) -> DropoutProbabilities:
    pairs = Pairs.cross(Sides(town(missing=missing)))
    return dropout.compute_probabilities(pairs, PairFrame.from_pairs(pairs, THREE), level)


def test_the_published_share_is_that_of_a_typical_pair() -> None:
    starting = load_starting_model()
    dropout = DropoutModel.from_published(starting.evidence, starting.features)
    assert expit(dropout.mean[0]) == pytest.approx(0.197)
    # 669 studies with a standard error of .0051 differ by an SD of .132, which is .83 in log-odds
    assert np.sqrt(dropout.cov[0, 0]) == pytest.approx(0.83, abs=0.01)


def test_better_alliance_goes_with_less_dropout_as_published() -> None:
    features = load_starting_model().features
    factors = dict(zip((one.family for one in features), compute_dropout_factors(features), strict=True))
    assert factors["intake"] == pytest.approx(-0.55 * 0.8)
    # OR 1.79 is .58 in log-odds; RR .62 at 19.7% is 24.3% against 15.1%: .59. Both for d = .48
    assert factors["wishes"] == pytest.approx(-0.585 / 0.48 * 0.8, abs=0.01)
    evidence = build_prior(features)
    mean, _ = build_dropout_prior(evidence, features)
    assert (mean[1:] * evidence.mean[1:] <= 0).all()


def test_relevance_and_own_sd_scale_their_parts() -> None:
    evidence = build_prior(THREE)
    mean, cov = build_dropout_prior(evidence, THREE, relevance=2.0, own_sd=0.0)
    half, half_cov = build_dropout_prior(evidence, THREE, relevance=1.0, own_sd=0.0)
    np.testing.assert_allclose(mean[1:], 2 * half[1:])
    np.testing.assert_allclose(cov[1:, 1:], 4 * half_cov[1:, 1:])
    _, wide = build_dropout_prior(evidence, THREE, relevance=1.0, own_sd=0.3)
    np.testing.assert_allclose(np.diag(wide)[1:], np.diag(half_cov)[1:] + 0.09)


def test_a_probability_is_the_mean_over_its_uncertainty() -> None:
    dropout = replace(build_dropout(), intercept=0.0, slope=1.0)
    found = compute(dropout)
    low, high = (logit(end)[0, 0] for end in (found.low, found.high))
    middle, sd = (low + high) / 2, (high - low) / 2 / norm.ppf(0.95)
    exact = quad(lambda z: expit(middle + sd * z) * norm.pdf(z), -8, 8)[0]
    assert found.probability[0, 0] == pytest.approx(exact, abs=2e-3)


def test_recalibration_is_of_log_odds() -> None:
    plain, shown = compute(replace(build_dropout(), intercept=0.0, slope=1.0)), compute(build_dropout())
    for name in ("probability", "low", "high", "of_client"):
        np.testing.assert_allclose(logit(getattr(shown, name)), -0.1 + 0.9 * logit(getattr(plain, name)))


def test_an_interval_holds_its_probability_and_widens_with_its_level() -> None:
    narrow, wide = compute(build_dropout(), 0.5), compute(build_dropout(), 0.99)
    for found in (narrow, wide):
        assert ((found.low < found.probability) & (found.probability < found.high)).all()
    assert ((wide.low < narrow.low) & (narrow.high < wide.high)).all()


def test_an_unknown_feature_widens_the_interval() -> None:
    dropout = replace(build_dropout(), cov=1e-9 * np.eye(4))
    known, unknown = compute(dropout), compute(dropout, missing=1.0)
    assert (logit(unknown.high) - logit(unknown.low)).min() > (logit(known.high) - logit(known.low)).max()


def test_the_part_of_the_client_is_the_same_for_every_therapist() -> None:
    found = compute(build_dropout())
    assert np.ptp(found.of_client, axis=1).max() < 1e-12
    assert np.ptp(found.of_client, axis=0).max() > 0.01
    assert np.ptp(found.probability, axis=1).min() > 0.01


def test_a_typical_therapist_without_records_saves_no_dropout() -> None:
    dropout, x = build_dropout(), np.array([[0.7, 0.0, 0.0], [0.7, 1.0, 0.0]])
    effects = dropout.therapists.from_prior(4, 0.09).select_for_roster(["new"])
    found = dropout.compute_from_features(x, THREE, effects, np.zeros(2, dtype=np.intp))
    assert found.saved[0] == 0
    assert found.probability[0] == found.of_client[0]
    plugin = expit(-0.1 + 0.9 * (-1.4 + 0.3 * 0.7)) - expit(-0.1 + 0.9 * (-1.4 + 0.3 * 0.7 + 0.4))
    assert found.saved[1] == pytest.approx(plugin)


def test_a_therapist_without_records_has_no_effect_of_their_own() -> None:
    tables = town()
    pairs = Pairs.cross(Sides(tables))
    frame = PairFrame.from_pairs(pairs, THREE)
    dropout = build_dropout()
    without = replace(dropout, therapists=dropout.therapists.from_prior(4, dropout.therapists.tau2))
    found, other = (one.compute_probabilities(pairs, frame, 0.9).probability for one in (dropout, without))
    has_records = tables.therapists["therapist_id"].isin(dropout.therapists.ids).to_numpy()
    assert has_records.sum() == 2
    np.testing.assert_array_equal(found[:, ~has_records], other[:, ~has_records])
    assert (found[:, has_records] != other[:, has_records]).all()


def test_a_removed_feature_leaves_the_other_weights_of_dropout() -> None:
    whole = replace(model(), dropout=build_dropout())
    moved = migrate_model(whole, (GAP, NEED)).dropout
    assert moved is not None
    np.testing.assert_array_equal(moved.mean, [-1.4, 0.4, 0.3])
    np.testing.assert_array_equal(moved.therapists.lean, np.full((2, 3), 0.1))
    back = migrate_model(migrate_model(whole, (GAP, NEED)), THREE).dropout
    assert back is not None
    prior = build_dropout_prior(build_prior(THREE, whole.evidence.unit), THREE)[0]
    np.testing.assert_allclose(back.mean, [-1.4, 0.3, 0.4, prior[3]])
