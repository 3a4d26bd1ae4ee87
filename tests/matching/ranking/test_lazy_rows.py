"""Rows that are built when they are looked at are a tuple in every other respect."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.matching.ranking.lazy_rows import LazyRows


def build_squares(length: int) -> tuple[LazyRows[int], list[list[int]]]:
    """The first squares, and the rows that each call built."""
    calls: list[list[int]] = []

    def build(numbers: Sequence[int]) -> list[int]:
        calls.append(list(numbers))
        return [number**2 for number in numbers]

    return LazyRows(length, build), calls


indices = st.integers(-7, 7) | st.slices(6)


@given(st.integers(0, 5), st.lists(indices, max_size=4))
def test_any_index_gives_what_a_tuple_gives_and_builds_each_row_once(length: int, some: list[int | slice]) -> None:
    rows, calls = build_squares(length)
    plain = tuple(number**2 for number in range(length))
    for index in some:
        try:
            expected = plain[index]
        except IndexError:
            with pytest.raises(IndexError):
                rows[index]
        else:
            assert rows[index] == expected
    built = [number for call in calls for number in call]
    assert len(built) == len(set(built))
    assert (tuple(rows), len(rows), rows == plain, bool(rows)) == (plain, length, True, bool(plain))


def test_rows_that_are_asked_for_together_are_built_together() -> None:
    rows, calls = build_squares(9)
    assert rows[2] == 4
    assert rows[:4] == (0, 1, 4, 9)
    assert calls == [[2], [0, 1, 3]]
    assert rows[4:2] == ()
    assert len(calls) == 2


def test_a_copy_and_a_pickle_are_plain_tuples() -> None:
    rows, _ = build_squares(3)
    for other in (copy.deepcopy(rows), pickle.loads(pickle.dumps(rows))):  # noqa: S301 # our own bytes
        assert type(other) is tuple
        assert other == rows == (0, 1, 4)
    assert repr(rows) == "(0, 1, 4)"
    assert rows != (0, 1)
    assert rows != 3
