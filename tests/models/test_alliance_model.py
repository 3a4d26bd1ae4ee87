"""The score: its parts add up, each part does what it states, and its uncertainty is that of the posterior."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.trees import BoostedTrees, TreeHyperparameters, fit_trees
from tests.models.builders import GAP, NEED, SKILL, THREE, learnt, town
from tests.strategies import clinic


@cache
def model(missing: float = 0.2) -> AllianceModel:
    """A model with all four parts."""
    tables = town(60, 8, seed=1, missing=missing)
    linear = learnt(tables, 200)
    standard = linear.standardize_features(Pairs.cross(Sides(tables)))[..., 1:].reshape(-1, 2)
    residual = 4 * np.nan_to_num(standard[:, 0]) ** 2 + 2 * np.nan_to_num(standard[:, 1])
    trees = fit_trees(standard, residual, ["free", "+"], TreeHyperparameters(trees=20, least=10), seed=0)
    return replace(linear, learned=BoostedTrees(("gap", "skill"), trees, 0.5))


def cross(tables: Tables) -> Pairs:
    return Pairs.cross(Sides(tables))


@given(st.integers(0, 500), st.floats(0, 1), st.integers(1, 5), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_contributions_constant_and_therapist_add_up_to_the_score(seed: int, missing: float, n: int, m: int) -> None:
    pairs = cross(town(n, m, seed, missing))
    parts = model().compute_parts(pairs)
    whole = model().intercept + model().compute_contributions(pairs).sum(axis=-1) + parts.therapist
    np.testing.assert_allclose(whole, parts.score, atol=1e-9)
    np.testing.assert_allclose(parts.baseline + parts.evidence + parts.learned + parts.therapist, parts.score)


def test_a_list_of_pairs_scores_as_the_cross_does() -> None:
    sides = Sides(town(60, 8, seed=1, missing=0.2))
    of_cross = model().compute_parts(Pairs.cross(sides))
    listed = model().compute_parts(Pairs.from_rows(sides, [3, 50], [7, 0]))
    for name in ("baseline", "evidence", "learned", "therapist", "score", "sd"):
        np.testing.assert_allclose(getattr(listed, name), getattr(of_cross, name)[[3, 50], [7, 0]], rtol=1e-12)


def test_the_baseline_never_moves_a_ranking() -> None:
    parts = model().compute_parts(cross(town(60, 8, seed=1, missing=0.2)))
    np.testing.assert_array_equal(parts.baseline, np.repeat(parts.baseline[:, :1], 8, axis=1))
    assert parts.baseline.std() > 0.1


def test_trees_read_no_client_feature() -> None:
    tables = town(20, 5, seed=3)
    other = replace(tables, clients=tables.clients.assign(need=9.0))
    before, after = model().compute_parts(cross(tables)), model().compute_parts(cross(other))
    np.testing.assert_array_equal(before.learned, after.learned)
    assert not np.allclose(before.baseline, after.baseline)


def test_unknown_counts_as_typical_and_is_less_certain() -> None:
    known = clinic({"need": [0.0], "wish": [0.0]}, {"way": [0.0], "skill": [0.0]})
    linear = learnt(town(), 100)
    at_center = linear.compute_parts(cross(known))
    unknown = linear.compute_parts(cross(clinic({"age": [30]}, {"age": [40]})))
    np.testing.assert_allclose(unknown.score, at_center.score, atol=1e-12)
    assert unknown.sd > at_center.sd


def test_uncertainty_is_that_of_weights_effects_and_unknown_cells() -> None:
    linear = replace(model(), learned=None)
    tables = town(4, 3, seed=11, missing=0.5)
    standard = linear.standardize_features(cross(tables))
    assert np.isnan(standard).any(axis=(0, 1)).all()  # each of the three is unknown in some pair
    ids = tables.therapists["therapist_id"].to_list()
    _, slopes, variance = linear.therapists.select_for_roster(ids)
    cov = linear.evidence.cov
    parts = linear.compute_parts(cross(tables))
    for client in range(4):
        for therapist in range(3):
            x = np.array([1.0, *np.nan_to_num(standard[client, therapist])]) - slopes[therapist]
            unknown = np.isnan(standard[client, therapist]) @ linear.evidence.missing_value_variance
            assert parts.sd[client, therapist] ** 2 == pytest.approx(x @ cov @ x + variance[therapist] + unknown)


def test_probability_of_being_better_is_that_of_the_difference() -> None:
    linear = replace(model(), learned=None)
    tables = town(2, 3, seed=4)
    pairs = cross(tables)
    standard, parts = linear.standardize_features(pairs), linear.compute_parts(pairs)
    _, slopes, variance = linear.therapists.select_for_roster(tables.therapists["therapist_id"].to_list())
    direction = np.array([0.0, *(standard[1, 2] - standard[1, 0])]) - (slopes[2] - slopes[0])
    sd = np.sqrt(direction @ linear.evidence.cov @ direction + variance[2] + variance[0])
    expected = norm.cdf((parts.score[1, 2] - parts.score[1, 0]) / sd)
    found = parts.take(1).compute_probability_better(np.array([2]), np.array([0]))
    assert found == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000), st.sampled_from([0.5, 0.55, 0.9, 0.999, 1.0]))
def test_a_difference_at_a_quantile_is_that_probability(seed: int, level: float) -> None:
    """The plain way is the probability itself; two therapists of the roster are alike, and two are certain."""
    parts = model().compute_parts(cross(town(2, 6, seed=seed, missing=0.2))).take(0)
    rows = np.array([0, 1, 2, 3, 4, 5, 0, 1])
    parts = parts.take(rows)
    certain = replace(
        parts,
        weight_loadings=np.where((rows < 2)[:, None], 0.0, parts.weight_loadings),
        pair_variance=np.where(rows < 2, 0.0, parts.pair_variance),
    )
    leader, other = np.indices((8, 8)).reshape(2, -1)
    for one in (parts, certain):
        probability = one.compute_probability_better(leader, other)
        is_near = np.abs(probability - level) < 1e-12  # rounding decides there, but for equal scores
        is_near &= one.score[leader] != one.score[other]
        assert ((probability >= level) == one.is_better(leader, other, level))[~is_near].all()
        assert one.is_better(leader, other, 0.5)[leader == other].all()


def test_probabilities_of_better_and_worse_add_up_to_one() -> None:
    parts = model().compute_parts(cross(town(5, 4, seed=5, missing=0.3)))
    parts, pairs = parts.take(np.ones((5, 4), dtype=bool)), np.arange(20)
    other = np.roll(pairs.reshape(5, 4), 1, axis=1).ravel()  # another therapist for the same client
    first, second = parts.compute_probability_better(pairs, other), parts.compute_probability_better(other, pairs)
    np.testing.assert_allclose(first + second, 1)
    np.testing.assert_allclose(parts.compute_probability_better(pairs, pairs), 0.5)


def test_client_features_do_not_change_the_comparison_of_therapists() -> None:
    """The client's level and unknown client cells do not change the certainty of a difference between therapists."""
    tables = town(1, 3, seed=6)
    missing = replace(tables, clients=tables.clients.assign(need=np.nan))
    leader, other = np.zeros(3, dtype=int), np.arange(3)
    known, unknown = (
        model().compute_parts(cross(each)).take(0).compute_probability_better(leader, other)
        for each in (tables, missing)
    )
    np.testing.assert_allclose(known, unknown, rtol=1e-12)


@pytest.mark.parametrize(("row", "sign"), [(NEED, -1), (SKILL, 1)])
def test_the_score_changes_only_in_the_direction_of_a_feature(row: object, sign: int) -> None:
    column = THREE.index(row)
    for value in np.linspace(-3, 3, 7):
        side, name = (("clients", "need"), ("therapists", "skill"))[column == 2]
        tables = town(20, 5, seed=7)
        low, high = (
            replace(tables, **{side: getattr(tables, side).assign(**{name: at})}) for at in (value, value + 0.5)
        )
        gain = sign * (model().compute_parts(cross(high)).score - model().compute_parts(cross(low)).score)
        assert gain.min() >= -1e-9


def test_an_interval_is_for_one_rating_and_wider_where_cells_are_unknown() -> None:
    linear = learnt(town(), 100)
    unknown = cross(clinic({"age": [30]}, {"age": [40]}))
    parts = linear.compute_parts(unknown)
    low, high = linear.compute_interval(parts)
    sd = np.hypot(parts.sd, linear.evidence.sigma)
    below, above = linear.width.compute_half_widths()
    np.testing.assert_allclose(low, parts.score - below * sd)
    np.testing.assert_allclose(high, np.minimum(parts.score + above * sd, 100))
    narrow = linear.with_interval_level(0.5)
    assert np.all(narrow.compute_interval(parts)[0] > low)


def test_the_published_model_has_weights_and_no_therapist_effects() -> None:
    published = AllianceModel.from_published((NEED, GAP))
    assert published.therapists.ids == ()
    assert published.verdict.kind == "published"
    assert published.learned is None


def test_the_repr_is_one_line() -> None:
    assert repr(AllianceModel.from_published(THREE)) == (
        "AllianceModel(unsaved: 3 features, 0 records, verdict 'published')"
    )
    trained = replace(model(), bundle="0123456789ab", n_outcomes=797, verdict=Verdict("adds"))
    assert repr(trained) == "AllianceModel(0123456789ab: 3 features, 797 records, verdict 'adds')"


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 4)])
def test_no_pairs_have_no_parts(shape: tuple[int, ...]) -> None:
    linear = model()
    effects = linear.therapists.select_for_roster(["t0", "t1", "t2", "t3"])
    rows = np.zeros((1,) * (len(shape) - 1) + (shape[-1],), dtype=np.intp)
    parts = linear.compute_parts_with_effects(np.empty((*shape, len(linear.features))), effects, rows)
    assert parts.score.shape == parts.sd.shape == shape
    assert parts.weight_loadings.shape == (*shape, len(linear.evidence.mean))
