"""The sum of four parts: it adds up, each part does what it says, and its uncertainty is the posterior's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from tests.models.builders import GAP, NEED, SKILL, THREE, learnt, town
from tests.strategies import clinic


@cache
def model(missing: float = 0.2) -> AllianceModel:
    """All four parts at work."""
    tables = town(60, 8, seed=1, missing=missing)
    linear = learnt(tables, 200)
    standard = linear.standardize_features(Pairs.cross(Sides(tables)))[..., 1:].reshape(-1, 2)
    left = 4 * np.nan_to_num(standard[:, 0]) ** 2 + 2 * np.nan_to_num(standard[:, 1])
    trees = fit_trees(standard, left, ["free", "+"], TreeHyperparameters(trees=20, least=10), seed=0)
    return replace(linear, learned=BoostedTrees(("gap", "skill"), trees, 0.5))


def everybody(tables: Tables) -> Pairs:
    return Pairs.cross(Sides(tables))


@given(st.integers(0, 500), st.floats(0, 1), st.integers(1, 5), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_contributions_constant_and_therapist_add_up_to_the_score(seed: int, missing: float, n: int, m: int) -> None:
    pairs = everybody(town(n, m, seed, missing))
    parts = model().compute_parts(pairs)
    whole = model().intercept + model().compute_contributions(pairs).sum(axis=-1) + parts.therapist
    np.testing.assert_allclose(whole, parts.score, atol=1e-9)
    np.testing.assert_allclose(parts.baseline + parts.evidence + parts.learned + parts.therapist, parts.score)


def test_pairs_one_by_one_score_as_in_the_cross() -> None:
    sides = Sides(town(60, 8, seed=1, missing=0.2))
    crossed = model().compute_parts(Pairs.cross(sides))
    met = model().compute_parts(Pairs.from_rows(sides, [3, 50], [7, 0]))
    for name in ("baseline", "evidence", "learned", "therapist", "score", "sd"):
        np.testing.assert_allclose(getattr(met, name), getattr(crossed, name)[[3, 50], [7, 0]], rtol=1e-12)


def test_the_baseline_never_moves_a_ranking() -> None:
    parts = model().compute_parts(everybody(town(60, 8, seed=1, missing=0.2)))
    np.testing.assert_array_equal(parts.baseline, np.repeat(parts.baseline[:, :1], 8, axis=1))
    assert parts.baseline.std() > 0.1


def test_trees_read_nothing_that_is_the_clients_alone() -> None:
    tables = town(20, 5, seed=3)
    other = replace(tables, clients=tables.clients.assign(need=9.0))
    before, after = model().compute_parts(everybody(tables)), model().compute_parts(everybody(other))
    np.testing.assert_array_equal(before.learned, after.learned)
    assert not np.allclose(before.baseline, after.baseline)


def test_unknown_counts_as_typical_and_is_less_certain() -> None:
    known = clinic({"need": [0.0], "wish": [0.0]}, {"way": [0.0], "skill": [0.0]})
    linear = learnt(town(), 100)
    at_center, unknown = (
        linear.compute_parts(everybody(known)),
        linear.compute_parts(everybody(clinic({"age": [30]}, {"age": [40]}))),
    )
    np.testing.assert_allclose(unknown.score, at_center.score, atol=1e-12)
    assert unknown.sd > at_center.sd


def test_uncertainty_is_that_of_weights_effects_and_unknown_cells() -> None:
    linear = replace(model(), learned=None)
    tables = town(4, 3, seed=11, missing=0.5)
    standard = linear.standardize_features(everybody(tables))
    assert np.isnan(standard).any(axis=(0, 1)).all()  # each of the three is unknown for somebody
    ids = tables.therapists["therapist_id"].to_list()
    _, lean, own = linear.therapists.select_for_roster(ids)
    cov = linear.evidence.cov
    parts = linear.compute_parts(everybody(tables))
    for client in range(4):
        for therapist in range(3):
            x = np.array([1.0, *np.nan_to_num(standard[client, therapist])]) - lean[therapist]
            unknown = np.isnan(standard[client, therapist]) @ linear.evidence.missing_value_variance
            assert parts.sd[client, therapist] ** 2 == pytest.approx(x @ cov @ x + own[therapist] + unknown)


def test_probability_of_being_better_is_that_of_the_difference() -> None:
    linear = replace(model(), learned=None)
    tables = town(2, 3, seed=4)
    pairs = everybody(tables)
    standard, parts = linear.standardize_features(pairs), linear.compute_parts(pairs)
    _, lean, own = linear.therapists.select_for_roster(tables.therapists["therapist_id"].to_list())
    apart = (standard[1, 2] - standard[1, 0]), (lean[2] - lean[0])
    direction = np.array([0.0, *apart[0]]) - apart[1]
    sd = np.sqrt(direction @ linear.evidence.cov @ direction + own[2] + own[0])
    want = norm.cdf((parts.score[1, 2] - parts.score[1, 0]) / sd)
    assert parts.compute_probability_better(np.array([0, 2]))[1, 0] == pytest.approx(want)


def test_being_better_and_being_worse_add_up_to_certainty() -> None:
    parts = model().compute_parts(everybody(town(5, 4, seed=5, missing=0.3)))
    first, second = parts.compute_probability_better(np.full(5, 1)), parts.compute_probability_better(np.full(5, 3))
    np.testing.assert_allclose(first[:, 3] + second[:, 1], 1)
    np.testing.assert_allclose(first[:, 1], 0.5)


def test_what_is_known_of_a_client_alone_does_not_decide_between_therapists() -> None:
    """Neither the level nor the client's own unknown cells make a difference between two therapists less certain."""
    tables = town(1, 3, seed=6)
    gone = replace(tables, clients=tables.clients.assign(need=np.nan))
    leader = np.array([0])
    known, unknown = (
        model().compute_parts(everybody(one)).compute_probability_better(leader) for one in (tables, gone)
    )
    np.testing.assert_allclose(known, unknown, rtol=1e-12)


@pytest.mark.parametrize(("row", "sign"), [(NEED, -1), (SKILL, 1)])
def test_the_score_moves_only_the_way_a_feature_states(row: object, sign: int) -> None:
    column = THREE.index(row)
    for value in np.linspace(-3, 3, 7):
        side, name = (("clients", "need"), ("therapists", "skill"))[column == 2]
        tables = town(20, 5, seed=7)
        low, high = (
            replace(tables, **{side: getattr(tables, side).assign(**{name: at})}) for at in (value, value + 0.5)
        )
        gain = sign * (model().compute_parts(everybody(high)).score - model().compute_parts(everybody(low)).score)
        assert gain.min() >= -1e-9


def test_an_interval_is_for_one_rating_and_wider_where_less_is_known() -> None:
    linear = learnt(town(), 100)
    unknown = everybody(clinic({"age": [30]}, {"age": [40]}))
    parts = linear.compute_parts(unknown)
    low, high = linear.compute_interval(parts)
    sd = np.hypot(parts.sd, linear.evidence.sigma)
    below, above = linear.width.compute_half_widths()
    np.testing.assert_allclose(low, parts.score - below * sd)
    np.testing.assert_allclose(high, np.minimum(parts.score + above * sd, 100))
    narrow = linear.with_interval_level(0.5)
    assert np.all(narrow.compute_interval(parts)[0] > low)


def test_the_published_model_knows_weights_and_nobody() -> None:
    published = AllianceModel.from_published((NEED, GAP))
    assert published.therapists.ids == ()
    assert published.verdict.kind == "published"
    assert published.learned is None
