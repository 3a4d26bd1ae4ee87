"""No figure of fewer than ten is told, and none can be computed from what is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.small_cells import MIN_GROUP_SIZE, find_suppressed_groups


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_what_is_left_when_all_that_is_told_is_subtracted_is_no_small_group(sizes: list[int]) -> None:
    people = {str(group): size for group, size in enumerate(sizes)}
    secret = find_suppressed_groups(people, {group: sum(sizes) - size for group, size in people.items()})
    told = [people[group] for group in people if group not in secret]
    left = sum(people[group] for group in secret)
    assert all(size == 0 or size >= MIN_GROUP_SIZE for size in told)
    assert left == 0 or left >= MIN_GROUP_SIZE or left == sum(sizes)
    assert len(secret) != 1 or sum(size > 0 for size in sizes) == 1
    for size in filter(None, told):  # a group of nobody leaves out everybody, of whom nothing is told if they are few
        assert sum(sizes) - size not in range(1, MIN_GROUP_SIZE)


def test_the_next_smallest_is_hidden_with_a_single_small_one() -> None:
    assert find_suppressed_groups({"a": 60, "b": 25, "c": 9}, {"a": 34, "b": 69, "c": 85}) == {"b", "c"}


def test_two_small_ones_that_are_few_together_hide_a_third() -> None:
    assert find_suppressed_groups({"a": 60, "b": 25, "c": 3, "d": 4}, {"a": 32, "b": 67, "c": 89, "d": 88}) == {
        "b",
        "c",
        "d",
    }
    assert find_suppressed_groups({"a": 60, "b": 25, "c": 6, "d": 7}, {"a": 38, "b": 73, "c": 92, "d": 91}) == {
        "c",
        "d",
    }


def test_of_a_set_a_group_that_leaves_out_a_few_is_hidden_too() -> None:
    """Everybody speaks english but five: figures of everybody and of english tell that of the five."""
    assert find_suppressed_groups({"english": 95, "spanish": 30}, {"english": 5, "spanish": 70}) == {
        "english",
        "spanish",
    }


def test_nothing_is_hidden_where_all_are_many() -> None:
    assert not find_suppressed_groups(
        {"a": MIN_GROUP_SIZE, "b": 50, "nobody": 0}, {"a": 50, "b": MIN_GROUP_SIZE, "nobody": 60}
    )


def test_the_figure_of_a_hidden_group_cannot_be_had_by_subtraction() -> None:
    """The attack itself: what remains of the sums is of ten people or more."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        group = rng.choice(5, p=[0.6, 0.25, 0.08, 0.05, 0.02], size=rng.integers(20, 120))
        counts = np.bincount(group, minlength=5)
        people = {str(one): int(count) for one, count in enumerate(counts)}
        secret = find_suppressed_groups(people, {one: len(group) - count for one, count in people.items()})
        told = [one for one in range(5) if str(one) not in secret]
        remaining = len(group) - counts[told].sum()
        assert remaining == 0 or remaining >= MIN_GROUP_SIZE
