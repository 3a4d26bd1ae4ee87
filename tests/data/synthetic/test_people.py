import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from attune_fit.data.synthetic.code_frequencies import NUMERIC_COLUMNS, NumericColumn, list_codes
from attune_fit.data.synthetic.people import (
    People,
    build_cross_rows,
    compute_overlap,
    draw_code_sets,
    draw_single_codes,
    format_code_sets,
    round_to_grid,
)

CODES = ("a", "b", "c")
indicator_arrays = arrays.arrays(bool, st.tuples(st.integers(1, 8), st.just(3)))


@given(indicator_arrays)
def test_texts_join_the_codes_of_each_person(indicators: np.ndarray) -> None:
    expected = ["|".join(code for code, has in zip(CODES, row, strict=True) if has) for row in indicators]
    assert ["" if pd.isna(text) else text for text in format_code_sets(indicators, CODES)] == expected


@given(indicator_arrays, st.data())
def test_overlap_is_the_same_for_all_pairs_and_listed_pairs(ours: np.ndarray, data: st.DataObject) -> None:
    theirs = data.draw(indicator_arrays)
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


def test_each_person_has_at_least_one_code_of_a_set() -> None:
    assert draw_code_sets(np.random.default_rng(1), np.array([0.01, 0.02]), 500).any(axis=1).all()


@pytest.mark.parametrize("row", NUMERIC_COLUMNS, ids=lambda row: row.column)
def test_answers_stay_on_the_grid_and_within_the_ends(row: NumericColumn) -> None:
    cells = round_to_grid(row, np.array([-9.0, -0.31, 0.0, 0.27, 9.0]))
    assert (cells[0], cells[-1]) == (row.low, row.high)
    assert np.allclose(cells, np.round(cells / row.step) * row.step)


def test_no_answer_is_minus_zero() -> None:
    row = next(row for row in NUMERIC_COLUMNS if row.column == "past_focus_preference")
    assert not np.signbit(round_to_grid(row, np.array([-0.01]))).any()


def test_a_table_has_the_main_problem_first_and_no_latent_column() -> None:
    problems = np.zeros((2, len(list_codes("problem"))), dtype=bool)
    problems[0, [0, 1, 3]] = problems[1, 2] = True
    people = People({"presenting_problems": problems, "main": np.array([3, 2]), "wishes": np.zeros((2, 1))})
    cells = people.to_frame("clients")
    assert list(cells) == ["presenting_problems"]
    first, second = cells["presenting_problems"]
    assert first == "|".join([list_codes("problem")[3], list_codes("problem")[0], list_codes("problem")[1]])
    assert second == list_codes("problem")[2]


def test_people_are_taken_and_joined_column_by_column() -> None:
    people = People({"age": np.array([20.0, 30.0, 40.0])})
    assert people.take(np.array([2, 0]))["age"].tolist() == [40, 20]
    assert People.concatenate([people, people.take(np.array([1]))])["age"].tolist() == [20, 30, 40, 30]
