"""The update by a client's ratings compared with its slow twin: all normal variables written out and conditioned."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.client_update import ClientHistory, ClientUpdate, VarianceShares, update_for_client
from attune_fit.models.weight_posterior import (
    WeightDistribution,
    build_design_matrix,
    build_prior,
    fit_posterior,
)
from tests.models.builders import sum_records
from tests.strategies import crowd

# The posterior has no sign bounds. Wish features are slow to build and behave as other features do.
FREE = tuple(replace(row, direction="free") for row in FEATURES if row.family != "wishes")
PEOPLE = 8
SEEDS = st.integers(0, 10_000)


@cache
def sides() -> Sides:
    return Sides(crowd(people=PEOPLE, unknown=0.0))


def one(client: int = 0) -> Pairs:
    return Pairs.cross(sides(), np.array([client]))


def trained(
    client: npt.NDArray[np.intp], therapist: npt.NDArray[np.intp], y: Floats, given: WeightDistribution
) -> AllianceModel:
    """Train a model on these records, at given variances."""
    blank = AllianceModel.from_published(FREE)
    standard = blank.standardize_features(Pairs.from_rows(sides(), client, therapist))
    roster = sides().tables.therapists["therapist_id"].to_list()
    evidence, therapists = fit_posterior(
        sum_records(FREE, standard, y, therapist, PEOPLE), FREE, roster, hyperparameters_from=given
    )
    return AllianceModel(FREE, evidence, therapists)


def drawn(seed: int) -> tuple[AllianceModel, npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """Draw a model from records of other clients, and records of client 0 with two therapists."""
    rng = np.random.default_rng(seed)
    client, therapist = rng.integers(1, PEOPLE, 30), rng.integers(0, PEOPLE, 30)
    model = trained(client, therapist, rng.normal(75, 17, 30), build_prior(FREE))
    return model, np.zeros(2, dtype=np.intp), rng.permutation(PEOPLE)[:2], rng.normal(60, 20, 2)


def plain(model: AllianceModel, met: ClientHistory, shares: VarianceShares) -> tuple[Floats, Floats]:
    """Slow twin: mean and covariance of every pair of client 0, by conditioning all variables on the ratings.

    Variables: weights, one effect for each therapist, the client's level, one pair effect for each pair.
    """
    x = build_design_matrix(model.standardize_features(one()), model.features)[0]
    roster = sides().tables.therapists["therapist_id"].to_list()
    effect, slopes, variance = model.therapists.select_for_roster(roster)
    residual_variance, q = model.evidence.sigma**2, x.shape[1]
    size = q + PEOPLE + 1 + PEOPLE
    spread = np.zeros((size, size))
    spread[:q, :q] = model.evidence.cov
    spread[np.arange(q, size), np.arange(q, size)] = [
        *variance,
        shares.client * residual_variance,
        *[shares.pair * residual_variance] * PEOPLE,
    ]
    to_pair = np.zeros((PEOPLE, size))
    to_pair[:, :q] = x - slopes  # an effect falls by its slopes when weights rise
    to_pair[:, q : q + PEOPLE] = np.eye(PEOPLE)
    to_pair[:, q + PEOPLE] = 1
    to_pair[:, q + PEOPLE + 1 :] = np.eye(PEOPLE)
    mean = x @ model.evidence.mean + effect
    rated = to_pair[met.therapist_rows]
    gain = (
        spread
        @ rated.T
        @ np.linalg.inv(rated @ spread @ rated.T + shares.occasion * residual_variance * np.eye(len(rated)))
    )
    after = spread - gain @ rated @ spread
    return mean + to_pair @ gain @ (met.y - mean[met.therapist_rows]), to_pair @ after @ to_pair.T


def compare(updated: ClientUpdate, mean: Floats, cov: Floats, met: ClientHistory) -> None:
    """Compare scores, SDs and changes of ``updated`` with those of the slow twin."""
    now = int(met.therapist_rows[0])
    new_pair = np.full(PEOPLE, updated.new_pair_variance)  # of pairs not met yet; not part of ``parts``
    new_pair[met.therapist_rows] = 0
    np.testing.assert_allclose(updated.parts.score[0], mean, rtol=1e-8)
    np.testing.assert_allclose(updated.parts.sd[0] ** 2 + new_pair, np.diag(cov), rtol=1e-7)
    change, low, high = updated.compute_change(now, 0.6826894921)  # one standard deviation to each side
    difference_variance = np.diag(cov) + cov[now, now] - 2 * cov[now]
    np.testing.assert_allclose(change, mean - mean[now], rtol=1e-7, atol=1e-8)
    others = np.setdiff1d(np.arange(PEOPLE), met.therapist_rows)
    assert (low[now], high[now]) == (0, 0)
    np.testing.assert_allclose(((high - low) / 2)[others] ** 2, difference_variance[others], rtol=1e-6)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.floats(0.05, 0.6))
def test_the_update_equals_the_slow_twin(seed: int, dyad: float) -> None:
    model, _, therapist, y = drawn(seed)
    met, shares = ClientHistory(therapist, y, np.zeros(2, dtype=bool)), VarianceShares.from_published(dyad)
    compare(update_for_client(model, one(), met, shares), *plain(model, met, shares), met)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.booleans())
def test_a_record_in_the_training_data_does_not_count_twice(seed: int, both: bool) -> None:
    """Training on a record and updating by it as a trained one equals an update without that training."""
    before, client, therapist, y = drawn(seed)
    rng = np.random.default_rng(seed)
    others = rng.integers(1, PEOPLE, 30), rng.integers(0, PEOPLE, 30), rng.normal(75, 17, 30)
    n_trained = 2 if both else 1
    trained_on_it = trained(
        np.append(others[0], client[:n_trained]),
        np.append(others[1], therapist[:n_trained]),
        np.append(others[2], y[:n_trained]),
        build_prior(FREE),
    )
    met, shares = ClientHistory(therapist, y, np.arange(2) < n_trained), VarianceShares.from_published()
    compare(update_for_client(trained_on_it, one(), met), *plain(before, met, shares), met)
    twice = update_for_client(trained_on_it, one(), replace(met, is_in_training=np.zeros(2, dtype=bool)))
    assert not np.allclose(twice.parts.score, update_for_client(before, one(), met).parts.score, atol=1e-3)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_the_clients_level_never_moves_the_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    client, therapist = rng.integers(0, PEOPLE, 30), np.append(3, rng.integers(0, PEOPLE, 29))
    client[0], y = 0, rng.normal(75, 17, 30)
    client[1:] = np.maximum(client[1:], 1)
    model = trained(client, therapist, y, build_prior(FREE))
    updated = update_for_client(model, one(), ClientHistory(np.array([3]), y[:1], np.array([True])))
    change = updated.parts.score[0] - model.compute_parts(one()).score[0]
    others = np.setdiff1d(np.arange(PEOPLE), 3)
    np.testing.assert_allclose(change[others], updated.level, atol=1e-9)
    assert abs(updated.level) > 1e-3
    assert abs(change[3]) > abs(updated.level)  # the pair effect comes on top


def test_a_history_without_ratings_changes_no_score() -> None:
    model, _, therapist, _ = drawn(1)
    updated = update_for_client(model, one(), ClientHistory(therapist, np.full(2, np.nan), np.zeros(2, dtype=bool)))
    np.testing.assert_allclose(updated.parts.score, model.compute_parts(one()).score)
    assert updated.level == 0
    assert updated.level_sd == pytest.approx(np.sqrt(VarianceShares.from_published().client) * model.evidence.sigma)


def test_the_updated_score_lies_between_the_rating_and_the_score_before() -> None:
    model, _, therapist, _ = drawn(2)
    before = float(model.compute_parts(one()).score[0, therapist[0]])
    for rated in (20.0, 99.0):
        met = ClientHistory(therapist[:1], np.array([rated]), np.zeros(1, dtype=bool))
        after = float(update_for_client(model, one(), met).parts.score[0, therapist[0]])
        assert min(before, rated) < after < max(before, rated)


@pytest.mark.parametrize("dyad", [None, 0.1, 0.6])
def test_shares_are_parts_of_one(dyad: float | None) -> None:
    shares = VarianceShares.from_published(dyad)
    assert shares.client + shares.pair + shares.occasion == pytest.approx(1)
    assert min(shares.client, shares.pair, shares.occasion) > 0


def test_the_model_for_one_client_explains_its_own_scores() -> None:
    model, _, therapist, y = drawn(3)
    updated = update_for_client(model, one(), ClientHistory(therapist, y, np.zeros(2, dtype=bool)))
    others = np.setdiff1d(np.arange(PEOPLE), therapist)
    np.testing.assert_allclose(updated.model.compute_parts(one()).score[0, others], updated.parts.score[0, others])
    assert updated.model.evidence.sigma < model.evidence.sigma
