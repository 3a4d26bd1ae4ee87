import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from attune_fit.data.synthetic.code_frequencies import NUMERIC_COLUMNS, NumericColumn, list_codes
from attune_fit.data.synthetic.people import (People, build_cross_rows, compute_overlap, draw_code_sets, draw_single_codes, format_code_sets, round_to_grid)

CODES = ("a", "b", "c")
held = arrays.arrays(bool, st.tuples(st.integers(1, 8), st.just(3)))


@given(held)
def test_texts_join_the_codes_of_each_person(indicators: np.ndarray) -> None:
    slow = ["|".join(code for code, has in zip(CODES, row, strict=True) if has) for row in indicators]
    assert ["" if pd.isna(text) else text for text in format_code_sets(indicators, CODES)] == slow


@given(held, st.data())
def test_shared_counts_the_same_for_everyone_and_one_by_one(ours: np.ndarray, data: st.DataObject) -> None:
    theirs = data.draw(held)
    cross = compute_overlap(ours, theirs, *build_cross_rows(len(ours), len(theirs)))
    c, t = (each.ravel() for each in np.indices(cross.shape))
    assert compute_overlap(ours, theirs, c, t).reshape(cross.shape).tolist() == cross.tolist()
    assert cross.tolist() == [[int((a & b).sum()) for b in theirs] for a in ours]


def test_one_code_is_chosen_as_often_as_its_share() -> None:
    drawn = draw_single_codes(np.random.default_rng(1), np.array([0.7, 0.2, 0.1]), 20_000)
    assert (drawn.sum(axis=1) == 1).all()
    assert drawn.mean(axis=0) == pytest.approx([0.7, 0.2, 0.1], abs=0.01)  # three standard errors


def test_shares_need_not_add_up_to_one_to_choose_by() -> None:
    drawn = draw_single_codes(np.random.default_rng(1), np.array([[0.0, 2.0, 2.0]]), 9)
    assert not drawn[:, 0].any()


def test_everybody_has_at_least_one_of_a_set() -> None:
    assert draw_code_sets(np.random.default_rng(1), np.array([0.01, 0.02]), 500).any(axis=1).all()


@pytest.mark.parametrize("row", NUMERIC_COLUMNS, ids=lambda row: row.column)
def test_answers_stay_on_the_grid_and_within_the_ends(row: NumericColumn) -> None:
    told = round_to_grid(row, np.array([-9.0, -0.31, 0.0, 0.27, 9.0]))
    assert (told[0], told[-1]) == (row.low, row.high)
    assert np.allclose(told, np.round(told / row.step) * row.step)


def test_no_answer_reads_minus_zero() -> None:
    row = next(row for row in NUMERIC_COLUMNS if row.column == "past_focus_preference")
    assert not np.signbit(round_to_grid(row, np.array([-0.01]))).any()


def test_a_table_tells_the_main_problem_first_and_nothing_hidden() -> None:
    problems = np.zeros((2, len(list_codes("problem"))), dtype=bool)
    problems[0, [0, 1, 3]] = problems[1, 2] = True
    people = People({"presenting_problems": problems, "main": np.array([3, 2]), "wishes": np.zeros((2, 1))})
    told = people.to_frame("clients")
    assert list(told) == ["presenting_problems"]
    first, second = told["presenting_problems"]
    assert first == "|".join([list_codes("problem")[3], list_codes("problem")[0], list_codes("problem")[1]])
    assert second == list_codes("problem")[2]


def test_people_are_taken_and_joined_column_by_column() -> None:
    people = People({"age": np.array([20.0, 30.0, 40.0])})
    assert people.take(np.array([2, 0]))["age"].tolist() == [40, 20]
    assert People.concatenate([people, people.take(np.array([1]))])["age"].tolist() == [20, 30, 40, 30]
