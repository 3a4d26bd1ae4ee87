"""What a client's own ratings say, against the slow way: every normal variable written out and conditioned."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.arrays import Floats
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.client_update import ClientHistory, ClientUpdate, VarianceShares, update_for_client
from attune_fit.models.weight_posterior import (
    WeightDistribution,
    build_design_matrix,
    build_prior,
    compute_sufficient_statistics,
    fit_posterior,
)
from tests.strategies import crowd

# Bounds are no part of the posterior; wishes take long and are features like any other.
FREE = tuple(replace(row, direction="free") for row in FEATURES if row.family != "wishes")
PEOPLE = 8
SEEDS = st.integers(0, 10_000)


@cache
def sides() -> Sides:
    return Sides(crowd(people=PEOPLE, unknown=0.0))


def one(client: int = 0) -> Pairs:
    return Pairs.cross(sides(), np.array([client]))


def trained(
    client: npt.NDArray[np.intp], therapist: npt.NDArray[np.intp], y: Floats, like: WeightDistribution
) -> AllianceModel:
    """A model from these records, its variances given."""
    blank = AllianceModel.from_published(FREE)
    standard = blank.standardize_features(Pairs.from_rows(sides(), client, therapist))
    roster = sides().tables.therapists["therapist_id"].to_list()
    evidence, therapists = fit_posterior(
        compute_sufficient_statistics(FREE, standard, y, therapist, PEOPLE), FREE, roster, like=like
    )
    return AllianceModel(FREE, evidence, therapists)


def drawn(seed: int) -> tuple[AllianceModel, npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
    """A model from records of others, and records of client 0 with two therapists."""
    rng = np.random.default_rng(seed)
    client, therapist = rng.integers(1, PEOPLE, 30), rng.integers(0, PEOPLE, 30)
    model = trained(client, therapist, rng.normal(75, 17, 30), build_prior(FREE))
    return model, np.zeros(2, dtype=np.intp), rng.permutation(PEOPLE)[:2], rng.normal(60, 20, 2)


def plain(model: AllianceModel, met: ClientHistory, shares: VarianceShares) -> tuple[Floats, Floats]:
    """Mean and covariance of what to expect of every pair of client 0, by conditioning all of them on the ratings.

    Variables: weights, one effect a therapist, the client's level, one thing of its own for each pair.
    """
    x = build_design_matrix(model.standardize_features(one()))[0]
    roster = sides().tables.therapists["therapist_id"].to_list()
    effect, lean, own = model.therapists.select_for_roster(roster)
    left, q = model.evidence.sigma**2, x.shape[1]
    size = q + PEOPLE + 1 + PEOPLE
    spread = np.zeros((size, size))
    spread[:q, :q] = model.evidence.cov
    spread[np.arange(q, size), np.arange(q, size)] = [*own, shares.client * left, *[shares.pair * left] * PEOPLE]
    to_pair = np.zeros((PEOPLE, size))
    to_pair[:, :q] = x - lean  # an effect falls by `lean` when weights rise
    to_pair[:, q : q + PEOPLE] = np.eye(PEOPLE)
    to_pair[:, q + PEOPLE] = 1
    to_pair[:, q + PEOPLE + 1 :] = np.eye(PEOPLE)
    mean = x @ model.evidence.mean + effect
    seen = to_pair[met.therapist_rows]
    gain = spread @ seen.T @ np.linalg.inv(seen @ spread @ seen.T + shares.occasion * left * np.eye(len(seen)))
    after = spread - gain @ seen @ spread
    return mean + to_pair @ gain @ (met.y - mean[met.therapist_rows]), to_pair @ after @ to_pair.T


def compare(known: ClientUpdate, mean: Floats, cov: Floats, met: ClientHistory) -> None:
    """Scores, spreads and changes of ``known`` are those of the plain way."""
    now = int(met.therapist_rows[0])
    alone = np.full(PEOPLE, known.new_pair_variance)  # of pairs not met yet, kept apart from what is expected of them
    alone[met.therapist_rows] = 0
    np.testing.assert_allclose(known.parts.score[0], mean, rtol=1e-8)
    np.testing.assert_allclose(known.parts.sd[0] ** 2 + alone, np.diag(cov), rtol=1e-7)
    change, low, high = known.compute_change(now, 0.6826894921)  # one standard deviation to each side
    apart = np.diag(cov) + cov[now, now] - 2 * cov[now]
    np.testing.assert_allclose(change, mean - mean[now], rtol=1e-7, atol=1e-8)
    others = np.setdiff1d(np.arange(PEOPLE), met.therapist_rows)
    assert (low[now], high[now]) == (0, 0)
    np.testing.assert_allclose(((high - low) / 2)[others] ** 2, apart[others], rtol=1e-6)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.floats(0.05, 0.6))
def test_a_rating_is_taken_in_exactly(seed: int, dyad: float) -> None:
    model, _, therapist, y = drawn(seed)
    met, shares = ClientHistory(therapist, y, np.zeros(2, dtype=bool)), VarianceShares.from_published(dyad)
    compare(update_for_client(model, one(), met, shares), *plain(model, met, shares), met)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.booleans())
def test_a_record_the_model_was_made_from_is_not_believed_twice(seed: int, both: bool) -> None:
    """Training on it first and taking it in as learned is the same as never having trained on it."""
    before, client, therapist, y = drawn(seed)
    rng = np.random.default_rng(seed)
    others = rng.integers(1, PEOPLE, 30), rng.integers(0, PEOPLE, 30), rng.normal(75, 17, 30)
    some = 2 if both else 1
    trained_on_it = trained(
        np.append(others[0], client[:some]), np.append(others[1], therapist[:some]), np.append(others[2], y[:some]),
        build_prior(FREE),
    )  # fmt: skip
    met, shares = ClientHistory(therapist, y, np.arange(2) < some), VarianceShares.from_published()
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
    known = update_for_client(model, one(), ClientHistory(np.array([3]), y[:1], np.array([True])))
    moved = known.parts.score[0] - model.compute_parts(one()).score[0]
    others = np.setdiff1d(np.arange(PEOPLE), 3)
    np.testing.assert_allclose(moved[others], known.level, atol=1e-9)
    assert abs(known.level) > 1e-3
    assert abs(moved[3]) > abs(known.level)  # the pair's own part comes on top


def test_without_a_score_nothing_moves_but_who_was_met_is_known() -> None:
    model, _, therapist, _ = drawn(1)
    nothing = update_for_client(model, one(), ClientHistory(therapist, np.full(2, np.nan), np.zeros(2, dtype=bool)))
    np.testing.assert_allclose(nothing.parts.score, model.compute_parts(one()).score)
    assert nothing.level == 0
    assert nothing.level_sd == pytest.approx(np.sqrt(VarianceShares.from_published().client) * model.evidence.sigma)


def test_going_on_is_expected_between_the_rating_and_what_was_expected_before() -> None:
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
    known = update_for_client(model, one(), ClientHistory(therapist, y, np.zeros(2, dtype=bool)))
    others = np.setdiff1d(np.arange(PEOPLE), therapist)
    np.testing.assert_allclose(known.model.compute_parts(one()).score[0, others], known.parts.score[0, others])
    assert known.model.evidence.sigma < model.evidence.sigma
