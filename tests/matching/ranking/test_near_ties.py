"""Near ties share a band; inside it wishes decide, then a turn that no name can buy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.tables import Tables, sort_canonically
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.feature import Feature
from attune_fit.matching.ranking.near_ties import RankPositions, draw_tie_break_keys, rank_with_near_ties
from tests.matching.builders import busy
from tests.strategies import clinic

LEVEL = 0.75


def beats(score: Floats, sd: float) -> Floats:
    """Probability that therapist i is better than j, when every difference has the same spread; (n, m, m)."""
    return np.asarray(ndtr((score[:, :, None] - score[:, None, :]) / sd))


def placed(
    score: Floats, eligible: npt.NDArray[np.bool_], honoured: Floats, turn: npt.NDArray[np.uint64]
) -> RankPositions:
    table = beats(score, 1.0)
    return rank_with_near_ties(
        score, eligible, honoured, turn, lambda leader: table[np.arange(len(score)), leader], LEVEL
    )


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.uint64]]:
    """Scores, candidates, wishes honoured and turns of a few clients and therapists, with ties of every kind."""
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 6))

    def table(cells: st.SearchStrategy[float]) -> list[list[float]]:
        return draw(st.lists(st.lists(cells, min_size=m, max_size=m), min_size=n, max_size=n))

    score = np.array(table(st.integers(-8, 8).map(lambda quarter: quarter / 4)))
    honoured = np.array(table(st.integers(0, 2)), dtype=float)
    turn = np.array([draw(st.permutations(range(m))) for _ in range(n)], dtype=np.uint64)
    return score, np.array(table(st.booleans()), dtype=bool), honoured, turn


@settings(max_examples=200, deadline=None)
@given(blocks())
def test_bands_and_order_are_those_of_a_plain_walk_down_the_scores(
    block: tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.uint64]],
) -> None:
    score, eligible, honoured, turn = block
    found, table = placed(*block), beats(score, 1.0)
    for client in range(len(score)):
        walk = sorted(np.flatnonzero(eligible[client]), key=lambda one: (-score[client, one], turn[client, one]))
        band, leader, bands = 0, None, {}
        for one in walk:
            if leader is None or table[client, leader, one] >= LEVEL:
                band, leader = band + 1, one
            bands[one] = band
        shown = sorted(walk, key=lambda one: (bands[one], -honoured[client, one], turn[client, one]))
        assert found.order[client, : len(walk)].tolist() == shown
        assert [found.rank[client, one] for one in shown] == list(range(1, len(walk) + 1))
        assert {one: found.band[client, one] for one in walk} == bands
        assert not found.band[client, ~eligible[client]].any()
        assert not found.rank[client, ~eligible[client]].any()


@settings(max_examples=100, deadline=None)
@given(blocks())
def test_no_score_is_above_one_of_a_higher_band(
    block: tuple[Floats, npt.NDArray[np.bool_], Floats, npt.NDArray[np.uint64]],
) -> None:
    found = placed(*block)
    for score, band in zip(block[0], found.band, strict=True):
        for higher in range(1, band.max()):
            assert score[band == higher].min() > score[band == higher + 1].max()
            assert ndtr(score[band == higher].max() - score[band == higher + 1].max()) >= LEVEL


def test_rounding_is_no_opinion() -> None:
    score = np.array([[1.0, 1.0 + 1e-12]])
    turn = np.array([[0, 1]], dtype=np.uint64)
    found = rank_with_near_ties(score, score > 0, np.zeros((1, 2)), turn, lambda leader: np.ones((1, 2)), LEVEL)
    assert found.order.tolist() == [[0, 1]]


def drawn(tables: Tables, seed: int = 0, features: tuple[Feature, ...] = FEATURES) -> npt.NDArray[np.uint64]:
    return draw_tie_break_keys(tables, features, np.arange(len(tables.clients)), seed)


def test_turns_differ_by_client_and_by_seed() -> None:
    first, second = drawn(busy()).argsort(axis=1), drawn(busy(), seed=1).argsort(axis=1)
    assert len({tuple(order) for order in first.tolist()}) > 50
    assert (first != second).any(axis=1).mean() > 0.9


def test_everybody_has_the_same_chance_of_the_first_turn() -> None:
    firsts = np.concatenate([drawn(busy(), seed).argmin(axis=1) for seed in range(40)])
    counts = np.bincount(firsts, minlength=15)
    assert counts.sum() == 2400
    assert abs(counts - 160).max() < 5 * np.sqrt(160)


def test_neither_a_new_name_nor_another_order_of_rows_moves_a_turn() -> None:
    tables = busy()
    renamed = replace(
        tables,
        therapists=tables.therapists.assign(
            therapist_id=[f"zz{row}" for row in range(15)], surname=[f"Name {row}" for row in range(15)]
        ),
    )
    np.testing.assert_array_equal(drawn(renamed), drawn(tables))
    shuffled = sort_canonically(
        replace(
            tables,
            clients=tables.clients.sample(frac=1, random_state=1).reset_index(drop=True),
            therapists=tables.therapists.sample(frac=1, random_state=2).reset_index(drop=True),
        )
    )
    ours, theirs = sort_canonically(tables), shuffled
    assert ours.therapists["therapist_id"].to_list() == theirs.therapists["therapist_id"].to_list()
    np.testing.assert_array_equal(drawn(theirs), drawn(ours))


def test_a_column_of_the_clinics_own_counts_where_a_feature_reads_it() -> None:
    tables = clinic({"age": [30]}, {"cuisine": ["thai", "greek"]})
    reads = replace(FEATURES[0], client=("age",), therapist=("cuisine",))
    assert len(set(drawn(tables, features=())[0].tolist())) == 1
    assert len(set(drawn(tables, features=(reads,))[0].tolist())) == 2


@pytest.mark.parametrize(("level", "bands"), [(0.6, [1, 2, 3]), (0.8, [1, 1, 2]), (0.99, [1, 1, 1])])
def test_the_level_decides_how_much_is_a_near_tie(level: float, bands: list[int]) -> None:
    score = np.array([[1.0, 0.5, 0.0]])
    table = beats(score, 1.0)
    found = rank_with_near_ties(
        score, score > -1, np.zeros((1, 3)), np.zeros((1, 3), np.uint64), lambda leader: table[[0], leader], level
    )
    assert found.band.tolist() == [bands]
