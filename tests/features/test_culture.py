from __future__ import annotations

import numpy as np

from features import culture
from features.pairs import Pairs, Sides
from tests.strategies import clinic

NAN = np.nan


def test_one_of_several_backgrounds_is_enough_to_share() -> None:
    tables = clinic({"race_ethnicity": ["asian|white", None]}, {"race_ethnicity": ["white", "black", None]})
    np.testing.assert_array_equal(culture.background_shared(Pairs.cross(Sides(tables))), [[1, 0, NAN], [NAN] * 3])


def test_no_faith_is_an_outlook_that_can_be_shared_and_an_empty_cell_is_not() -> None:
    tables = clinic({"religion": ["none"]}, {"religion": ["none", "jewish", None]})
    np.testing.assert_array_equal(culture.faith_shared(Pairs.cross(Sides(tables))), [[1, 0, NAN]])


def test_the_language_of_therapy_does_not_count_and_none_is_no_less() -> None:
    tables = clinic({"languages": ["english|spanish"]}, {"languages": ["spanish|english", "english", "french", None]})
    np.testing.assert_array_equal(culture.more_languages(Pairs.cross(Sides(tables))), [[1, 0, 0, NAN]])


def test_affirming_practice_matters_to_those_concerned() -> None:
    tables = clinic({"lgbtq": ["yes", "no", None]}, {"lgbtq_affirming": ["yes", "no", None]})
    expected = [[1, -1, NAN], [0, 0, 0], [NAN, NAN, NAN]]
    np.testing.assert_array_equal(culture.affirming(Pairs.cross(Sides(tables))), expected)


def test_the_age_gap_has_no_sign() -> None:
    tables = clinic({"age": [30, 50]}, {"age": [40, None]})
    np.testing.assert_array_equal(culture.age_gap(Pairs.cross(Sides(tables))), [[10, NAN], [10, NAN]])
