"""The solver, compared with every feasible assignment."""

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
from tests.matching.assignment.plain_results import solve_plainly, weigh_plainly

Problem = tuple[npt.NDArray[np.bool_], list[Counts], npt.NDArray[np.float64], Counts]

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 3))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Draw a few clients and therapists, three aims, and capacity from none to enough for all."""
    shape = draw(SHAPES)
    first = draw(arrays(np.int64, (shape[0], 1), elements=st.integers(1, 3)))
    second = draw(arrays(np.int64, shape, elements=st.integers(0, 2)))
    last = draw(arrays(np.int64, shape, elements=st.integers(-3, 3))).astype(float)
    allowed = draw(arrays(np.bool_, shape))
    return allowed, [first, second], last, draw(arrays(np.int64, shape[1], elements=st.integers(0, 3)))


def list_feasible(problem: Problem) -> list[tuple[int, ...]]:
    """List every assignment within the allowed pairs and the capacity."""
    allowed, _, _, capacity = problem
    choices = [[-1, *np.flatnonzero(row)] for row in allowed]
    counted = ((one, np.bincount([t for t in one if t >= 0], minlength=len(capacity))) for one in product(*choices))
    return [one for one, load in counted if (load <= capacity).all()]


def sum_aims(problem: Problem, assigned: tuple[int, ...] | npt.NDArray[np.intp]) -> tuple[float, ...]:
    """Return the sum of each aim over the assigned pairs, the most important first."""
    allowed, ranked, last, _ = problem
    rows = [row for row, column in enumerate(assigned) if column >= 0]
    columns = [assigned[row] for row in rows]
    return tuple(float(np.broadcast_to(aim, allowed.shape)[rows, columns].sum()) for aim in (*ranked, last))


@settings(deadline=None)
@given(problems(), st.integers(0, 5))
def test_no_assignment_is_better_than_the_solution(problem: Problem, seed: int) -> None:
    assigned, step = solve_assignment(*problem, seed=seed)
    assert tuple(assigned) in list_feasible(problem)
    best = max(sum_aims(problem, one) for one in list_feasible(problem))
    found = sum_aims(problem, assigned)
    assert found[:2] == best[:2]
    assert found[2] >= best[2] - step * len(assigned)


@st.composite
def tied_problems(draw: st.DrawFn) -> Problem:
    """Draw more clients than openings, or fewer, with small whole numbers: most of the problems have ties."""
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    eligible = draw(arrays(np.bool_, shape))
    aims = [draw(arrays(np.int64, one, elements=st.integers(1, 2))) for one in ((shape[0], 1), shape)]
    last = draw(arrays(np.int64, shape, elements=st.integers(0, 1))).astype(float)
    return eligible, aims, last, draw(arrays(np.int64, shape[1], elements=st.integers(0, 7)))


@settings(deadline=None)
@given(tied_problems(), st.integers(0, 5))
def test_the_solution_is_that_of_scipy_on_the_plain_matrix_ties_included(problem: Problem, seed: int) -> None:
    eligible, ranked, last, capacity = problem
    assigned, step = solve_assignment(*problem, seed=seed)
    if eligible.any() and (eligible.any(axis=0) & (capacity > 0)).any():
        weights = np.array(weigh_plainly(eligible, ranked, last, capacity, step), dtype=float)
        assert (assigned == solve_plainly(eligible, weights, capacity, seed)).all()
    else:
        assert (assigned == -1).all()


@settings(deadline=None)
@given(problems())
def test_as_many_clients_as_possible_are_assigned_whatever_the_first_aim_prefers(problem: Problem) -> None:
    assigned, _ = solve_assignment(*problem, seed=0)
    assert (assigned >= 0).sum() == max(sum(column >= 0 for column in one) for one in list_feasible(problem))


@settings(deadline=None)
@given(problems(), st.data())
def test_more_capacity_never_lowers_an_aim(problem: Problem, data: st.DataObject) -> None:
    allowed, ranked, last, capacity = problem
    last = last - last.min()  # an assigned pair is then never a loss
    roomier = capacity + data.draw(arrays(np.int64, len(capacity), elements=st.integers(0, 2)))
    before, step = solve_assignment(allowed, ranked, last, capacity, seed=0)
    after, _ = solve_assignment(allowed, ranked, last, roomier, seed=0)
    less, more = (sum_aims((allowed, ranked, last, capacity), one) for one in (before, after))
    assert more[:2] >= less[:2]
    assert more[:2] > less[:2] or more[2] >= less[2] - step * len(before)


@settings(deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_clients_and_therapists_changes_no_aim(problem: Problem, seed_source: object) -> None:
    allowed, ranked, last, capacity = problem
    rng = np.random.default_rng(hash(str(seed_source)) % 2**32)
    rows, columns = rng.permutation(allowed.shape[0]), rng.permutation(allowed.shape[1])
    permuted = (
        allowed[rows][:, columns],
        [np.broadcast_to(aim, allowed.shape)[rows][:, columns] for aim in ranked],
        last[rows][:, columns],
        capacity[columns],
    )
    one, other = (
        sum_aims(problem, solve_assignment(*problem, seed=0)[0]),
        sum_aims(permuted, solve_assignment(*permuted, seed=0)[0]),
    )
    assert one == pytest.approx(other, abs=1e-4)


def test_capacity_beyond_the_columns_of_the_first_pass_is_used() -> None:
    allowed = np.ones((9, 3), dtype=bool)
    last = np.tile([5.0, 0.0, 0.0], (9, 1))
    assigned, _ = solve_assignment(allowed, [np.ones((9, 1), dtype=np.int64)], last, np.array([9, 9, 9]), seed=0)
    assert (assigned == 0).all()


def test_ties_are_broken_at_random() -> None:
    allowed, same = np.ones((2, 1), dtype=bool), np.zeros((2, 1))
    winners = [
        int(solve_assignment(allowed, [np.ones((2, 1), dtype=np.int64)], same, np.array([1]), seed)[0][0])
        for seed in range(40)
    ]
    assert 8 < winners.count(0) < 32


def test_no_client_is_assigned_where_no_pair_is_allowed() -> None:
    ones = [np.ones((3, 1), dtype=np.int64)]
    assert (solve_assignment(np.zeros((3, 2), dtype=bool), ones, np.zeros((3, 2)), np.array([1, 1]), 0)[0] == -1).all()
    assert (solve_assignment(np.ones((3, 2), dtype=bool), ones, np.zeros((3, 2)), np.array([0, 0]), 0)[0] == -1).all()


def test_the_finest_step_is_used_where_integers_allow_it() -> None:
    _, step = solve_assignment(
        np.ones((2, 2), dtype=bool), [np.ones((2, 1), dtype=np.int64)], np.eye(2), np.array([1, 1]), 0
    )
    assert step == MIN_SCORE_STEP


def test_aims_that_cannot_be_weighed_exactly_are_refused() -> None:
    huge_aims = [np.full((50, 1), 10**6, dtype=np.int64)] * 3
    with pytest.raises(AssignmentTooLarge):
        solve_assignment(np.ones((50, 2), dtype=bool), huge_aims, np.zeros((50, 2)), np.array([25, 25]), seed=0)


@pytest.mark.parametrize("excluded_score", [0.0, 1.0])
def test_an_unused_opening_goes_to_no_excluded_client(excluded_score: float) -> None:
    # Two clients fit only the first therapist, who has one opening.
    allowed = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0]], dtype=bool)
    last = np.where(allowed, 0.0, excluded_score)
    assigned, _ = solve_assignment(allowed, [np.ones((4, 1), dtype=np.int64)], last, np.array([1, 2, 1]), seed=0)
    assert sorted(assigned.tolist()).count(-1) == 1
    assert all(allowed[row, column] for row, column in enumerate(assigned) if column >= 0)
