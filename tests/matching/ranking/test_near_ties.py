"""Near ties share a band; inside it wishes decide, then a tie-break that no name can influence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.matching.ranking.near_ties import RankPositions, rank_with_near_ties
from attune_fit.matching.ranking.tie_break import TieBreak
from tests.matching.builders import busy
from tests.strategies import clinic

LEVEL = 0.75


def compute_probabilities(score: Floats, sd: float) -> Floats:
    """Probability that therapist i is better than j if all differences have the same sd; (n, m, m)."""
    return np.asarray(ndtr((score[:, :, None] - score[:, None, :]) / sd))


def rank_block(
    score: Floats, eligible: npt.NDArray[np.bool_], n_met: Floats, keys: npt.NDArray[np.uint64], level: float = LEVEL
) -> RankPositions:
    """Rank and band of each pair of a cross; 0 where it is not eligible."""
    client, scores = np.nonzero(eligible)[0], score[eligible]
    found = rank_with_near_ties(
        client, scores, n_met[eligible], keys[eligible], lambda one, other: ndtr(scores[one] - scores[other]) >= level
    )
    rank, band = np.zeros((2, *score.shape), dtype=int)
    rank[eligible], band[eligible] = found.rank, found.band
    return RankPositions(rank, band)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.uint64]]:
    """Scores, candidates, wishes met and tie-break keys of a few clients and therapists, with ties of every kind."""
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 6))

    def table(cells: st.SearchStrategy[float]) -> list[list[float]]:
        return draw(st.lists(st.lists(cells, min_size=m, max_size=m), min_size=n, max_size=n))

    score = np.array(table(st.integers(-8, 8).map(lambda quarter: quarter / 4)))
    n_met = np.array(table(st.integers(0, 2)), dtype=float)
    keys = np.array([draw(st.permutations(range(m))) for _ in range(n)], dtype=np.uint64)
    return score, np.array(table(st.booleans()), dtype=bool), n_met, keys


def rank_plainly(
    client: Indices, score: Floats, n_met: Floats, keys: npt.NDArray[np.uint64], sd: float, level: float
) -> RankPositions:
    """Rank each client's candidates in turn: each leader is compared with every one who follows, one after another."""
    rank, band = np.zeros((2, len(client)), dtype=int)
    for one in np.unique(client):
        places = np.flatnonzero(client == one)
        by_score = places[np.lexsort((keys[places], -np.round(score[places], 9)))]
        leader, number = by_score[0], 1
        for place in by_score:
            if place != leader and ndtr((score[leader] - score[place]) / sd) >= level:
                leader, number = place, number + 1
            band[place] = number
        order = places[np.lexsort((keys[places], -n_met[places], band[places]))]
        rank[order] = np.arange(1, len(places) + 1)
    return RankPositions(rank, band)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 6), st.sampled_from([0.5, 0.6, 0.75, 0.95, 1.0]))
def test_many_clients_at_once_are_ranked_as_one_by_one(seed: int, n: int, n_clients: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    client = np.sort(rng.integers(0, n_clients, n))  # some have no candidate
    score = np.round(rng.normal(50, 3, n), rng.integers(0, 12))  # equal ones, and ones that differ by rounding
    score = score + rng.choice([0, 1e-11], n)
    keys = rng.integers(0, 2 ** int(rng.choice([1, 3, 64])), n, dtype=np.uint64, endpoint=False)
    n_met = rng.integers(0, 3, n).astype(float)

    def is_better(leader: Indices, other: Indices) -> Bools:
        return np.asarray(ndtr((score[leader] - score[other]) / 2.0) >= level)

    found = rank_with_near_ties(client, score, n_met, keys, is_better)
    plain = rank_plainly(client, score, n_met, keys, 2.0, level)
    np.testing.assert_array_equal(found.band, plain.band)
    np.testing.assert_array_equal(found.rank, plain.rank)


@pytest.mark.parametrize("score", [np.array([1e15, -1e15, 3.0]), np.array([2.0**60, 0.0, -(2.0**60)])])
def test_scores_of_any_size_are_sorted(score: Floats) -> None:
    client, keys = np.zeros(3, dtype=np.intp), np.arange(3, dtype=np.uint64)
    found = rank_with_near_ties(client, score, np.zeros(3), keys, lambda one, other: np.ones(len(one), dtype=bool))
    assert found.rank.tolist() == (3 - np.argsort(np.argsort(score))).tolist()


@settings(max_examples=200, deadline=None)
@given(blocks())
def test_bands_and_order_agree_with_a_plain_loop_down_the_scores(
    block: tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.uint64]],
) -> None:
    score, eligible, n_met, keys = block
    positions, table = rank_block(*block), compute_probabilities(score, 1.0)
    for client in range(len(score)):
        by_score = sorted(np.flatnonzero(eligible[client]), key=lambda one: (-score[client, one], keys[client, one]))
        band, leader, bands = 0, None, {}
        for one in by_score:
            if leader is None or table[client, leader, one] >= LEVEL:
                band, leader = band + 1, one
            bands[one] = band
        shown = sorted(by_score, key=lambda one: (bands[one], -n_met[client, one], keys[client, one]))
        assert [positions.rank[client, one] for one in shown] == list(range(1, len(by_score) + 1))
        assert {one: positions.band[client, one] for one in by_score} == bands
        assert not positions.band[client, ~eligible[client]].any()
        assert not positions.rank[client, ~eligible[client]].any()


@settings(max_examples=100, deadline=None)
@given(blocks())
def test_no_score_is_above_one_of_a_higher_band(
    block: tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.uint64]],
) -> None:
    positions = rank_block(*block)
    for score, band in zip(block[0], positions.band, strict=True):
        for higher in range(1, band.max()):
            assert score[band == higher].min() > score[band == higher + 1].max()
            assert ndtr(score[band == higher].max() - score[band == higher + 1].max()) >= LEVEL


def test_a_rounding_difference_is_a_tie() -> None:
    score = np.array([[1.0, 1.0 + 1e-12]])
    keys = np.array([[0, 1]], dtype=np.uint64)
    assert rank_block(score, score > 0, np.zeros((1, 2)), keys).rank.tolist() == [[1, 2]]


def draw_keys(tables: Tables, seed: int = 0, features: tuple[Feature, ...] = FEATURES) -> npt.NDArray[np.uint64]:
    clients, therapists = np.arange(len(tables.clients)), np.arange(len(tables.therapists))
    return TieBreak.from_tables(tables, features, seed).draw_keys(clients[:, None], therapists)


def test_tie_breaks_differ_by_client_and_by_seed() -> None:
    first, second = draw_keys(busy()).argsort(axis=1), draw_keys(busy(), seed=1).argsort(axis=1)
    assert len({tuple(order) for order in first.tolist()}) > 50
    assert (first != second).any(axis=1).mean() > 0.9


def test_every_therapist_has_the_same_chance_to_win_the_tie_break() -> None:
    firsts = np.concatenate([draw_keys(busy(), seed).argmin(axis=1) for seed in range(40)])
    counts = np.bincount(firsts, minlength=15)
    assert counts.sum() == 2400
    assert abs(counts - 160).max() < 5 * np.sqrt(160)


def test_new_ids_names_or_row_order_change_no_tie_break() -> None:
    tables = busy()
    renamed = replace(
        tables,
        therapists=tables.therapists.assign(
            therapist_id=[f"zz{row}" for row in range(15)], surname=[f"Name {row}" for row in range(15)]
        ),
    )
    np.testing.assert_array_equal(draw_keys(renamed), draw_keys(tables))
    shuffled = sort_canonically(
        replace(
            tables,
            clients=tables.clients.sample(frac=1, random_state=1).reset_index(drop=True),
            therapists=tables.therapists.sample(frac=1, random_state=2).reset_index(drop=True),
        )
    )
    ours, theirs = sort_canonically(tables), shuffled
    assert ours.therapists["therapist_id"].to_list() == theirs.therapists["therapist_id"].to_list()
    np.testing.assert_array_equal(draw_keys(theirs), draw_keys(ours))


def test_an_extra_column_counts_only_where_a_feature_reads_it() -> None:
    tables = clinic({"age": [30]}, {"cuisine": ["thai", "greek"]})
    reads = replace(FEATURES[0], client=("age",), therapist=("cuisine",))
    assert len(set(draw_keys(tables, features=())[0].tolist())) == 1
    assert len(set(draw_keys(tables, features=(reads,))[0].tolist())) == 2


@pytest.mark.parametrize(("level", "bands"), [(0.6, [1, 2, 3]), (0.8, [1, 1, 2]), (0.99, [1, 1, 1])])
def test_the_level_decides_what_is_a_near_tie(level: float, bands: list[int]) -> None:
    score = np.array([[1.0, 0.5, 0.0]])
    positions = rank_block(score, score > -1, np.zeros((1, 3)), np.zeros((1, 3), np.uint64), level)
    assert positions.band.tolist() == [bands]
