"""The solver against every placement there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attune_fit.data.arrays import Counts
from attune_fit.matching.assignment.solver import MIN_SCORE_STEP, AssignmentTooLarge, solve_assignment

Problem = tuple[npt.NDArray[np.bool_], list[Counts], npt.NDArray[np.float64], Counts]

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 3))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A few clients and therapists, three aims, and room for nobody up to everybody."""
    shape = draw(SHAPES)
    first = draw(arrays(np.int64, (shape[0], 1), elements=st.integers(1, 3)))
    second = draw(arrays(np.int64, shape, elements=st.integers(0, 2)))
    last = draw(arrays(np.int64, shape, elements=st.integers(-3, 3))).astype(float)
    may = draw(arrays(np.bool_, shape))
    return may, [first, second], last, draw(arrays(np.int64, shape[1], elements=st.integers(0, 3)))


def legal(problem: Problem) -> list[tuple[int, ...]]:
    """Every placement within the rules and the room."""
    may, _, _, capacity = problem
    choices = [[-1, *np.flatnonzero(row)] for row in may]
    counted = ((one, np.bincount([t for t in one if t >= 0], minlength=len(capacity))) for one in product(*choices))
    return [one for one, load in counted if (load <= capacity).all()]


def worth(problem: Problem, placed: tuple[int, ...] | npt.NDArray[np.intp]) -> tuple[float, ...]:
    """What a placement reaches of each aim, the first first."""
    may, ranked, last, _ = problem
    rows = [row for row, column in enumerate(placed) if column >= 0]
    columns = [placed[row] for row in rows]
    return tuple(float(np.broadcast_to(aim, may.shape)[rows, columns].sum()) for aim in (*ranked, last))


@settings(deadline=None)
@given(problems(), st.integers(0, 5))
def test_no_placement_is_better_than_the_one_found(problem: Problem, seed: int) -> None:
    placed, step = solve_assignment(*problem, seed=seed)
    assert tuple(placed) in legal(problem)
    best = max(worth(problem, one) for one in legal(problem))
    found = worth(problem, placed)
    assert found[:2] == best[:2]
    assert found[2] >= best[2] - step * len(placed)


@settings(deadline=None)
@given(problems())
def test_as_many_as_can_be_are_placed_whatever_the_first_aim_prefers(problem: Problem) -> None:
    placed, _ = solve_assignment(*problem, seed=0)
    assert (placed >= 0).sum() == max(sum(column >= 0 for column in one) for one in legal(problem))


@settings(deadline=None)
@given(problems(), st.data())
def test_more_room_never_lowers_what_is_reached(problem: Problem, data: st.DataObject) -> None:
    may, ranked, last, capacity = problem
    last = last - last.min()  # somebody placed is then never a loss
    roomier = capacity + data.draw(arrays(np.int64, len(capacity), elements=st.integers(0, 2)))
    before, step = solve_assignment(may, ranked, last, capacity, seed=0)
    after, _ = solve_assignment(may, ranked, last, roomier, seed=0)
    less, more = (worth((may, ranked, last, capacity), one) for one in (before, after))
    assert more[:2] >= less[:2]
    assert more[:2] > less[:2] or more[2] >= less[2] - step * len(before)


@settings(deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_clients_and_therapists_changes_nothing_that_is_reached(problem: Problem, lot: object) -> None:
    may, ranked, last, capacity = problem
    shuffle = np.random.default_rng(hash(str(lot)) % 2**32)
    rows, columns = shuffle.permutation(may.shape[0]), shuffle.permutation(may.shape[1])
    turned = (
        may[rows][:, columns],
        [np.broadcast_to(aim, may.shape)[rows][:, columns] for aim in ranked],
        last[rows][:, columns],
        capacity[columns],
    )
    one, other = (
        worth(problem, solve_assignment(*problem, seed=0)[0]),
        worth(turned, solve_assignment(*turned, seed=0)[0]),
    )
    assert one == pytest.approx(other, abs=1e-4)


def test_room_beyond_the_columns_laid_out_at_first_is_used() -> None:
    may = np.ones((9, 3), dtype=bool)
    last = np.tile([5.0, 0.0, 0.0], (9, 1))
    placed, _ = solve_assignment(may, [np.ones((9, 1), dtype=np.int64)], last, np.array([9, 9, 9]), seed=0)
    assert (placed == 0).all()


def test_equals_are_placed_by_lot() -> None:
    may, same = np.ones((2, 1), dtype=bool), np.zeros((2, 1))
    won = [
        int(solve_assignment(may, [np.ones((2, 1), dtype=np.int64)], same, np.array([1]), seed)[0][0])
        for seed in range(40)
    ]
    assert 8 < won.count(0) < 32


def test_nobody_is_placed_where_nobody_may_be() -> None:
    ones = [np.ones((3, 1), dtype=np.int64)]
    assert (solve_assignment(np.zeros((3, 2), dtype=bool), ones, np.zeros((3, 2)), np.array([1, 1]), 0)[0] == -1).all()
    assert (solve_assignment(np.ones((3, 2), dtype=bool), ones, np.zeros((3, 2)), np.array([0, 0]), 0)[0] == -1).all()


def test_the_finest_step_is_taken_where_there_is_room_for_it() -> None:
    _, step = solve_assignment(
        np.ones((2, 2), dtype=bool), [np.ones((2, 1), dtype=np.int64)], np.eye(2), np.array([1, 1]), 0
    )
    assert step == MIN_SCORE_STEP


def test_aims_that_cannot_be_weighed_exactly_are_refused() -> None:
    huge = [np.full((50, 1), 10**6, dtype=np.int64)] * 3
    with pytest.raises(AssignmentTooLarge):
        solve_assignment(np.ones((50, 2), dtype=bool), huge, np.zeros((50, 2)), np.array([25, 25]), seed=0)


def test_an_opening_that_is_left_over_goes_to_nobody_it_may_not_go_to() -> None:
    may = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0]], dtype=bool)  # two want the first, who has room for one
    placed, _ = solve_assignment(may, [np.ones((4, 1), dtype=np.int64)], np.zeros((4, 3)), np.array([1, 2, 1]), seed=0)
    assert sorted(placed.tolist()).count(-1) == 1
    assert all(may[row, column] for row, column in enumerate(placed) if column >= 0)
