"""Statistics of fewer than ten people are hidden, and none can be computed from those shown."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.small_cells import MIN_GROUP_SIZE, find_suppressed_groups


@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_the_total_less_the_shown_groups_is_no_small_group(sizes: list[int]) -> None:
    people = {str(group): size for group, size in enumerate(sizes)}
    hidden = find_suppressed_groups(people, {group: sum(sizes) - size for group, size in people.items()})
    shown = [people[group] for group in people if group not in hidden]
    remaining = sum(people[group] for group in hidden)
    assert all(size == 0 or size >= MIN_GROUP_SIZE for size in shown)
    assert remaining == 0 or remaining >= MIN_GROUP_SIZE or remaining == sum(sizes)
    assert len(hidden) != 1 or sum(size > 0 for size in sizes) == 1
    for size in filter(None, shown):  # an empty group has all people outside, and all are hidden if they are few
        assert sum(sizes) - size not in range(1, MIN_GROUP_SIZE)


def test_the_next_smallest_is_hidden_with_a_single_small_one() -> None:
    assert find_suppressed_groups({"a": 60, "b": 25, "c": 9}, {"a": 34, "b": 69, "c": 85}) == {"b", "c"}


def test_two_small_groups_with_too_few_people_together_hide_a_third() -> None:
    assert find_suppressed_groups({"a": 60, "b": 25, "c": 3, "d": 4}, {"a": 32, "b": 67, "c": 89, "d": 88}) == {
        "b",
        "c",
        "d",
    }
    assert find_suppressed_groups({"a": 60, "b": 25, "c": 6, "d": 7}, {"a": 38, "b": 73, "c": 92, "d": 91}) == {
        "c",
        "d",
    }


def test_a_group_of_a_set_with_few_people_outside_is_hidden_too() -> None:
    """All but five people speak English: statistics of all and of English give that of the five."""
    assert find_suppressed_groups({"english": 95, "spanish": 30}, {"english": 5, "spanish": 70}) == {
        "english",
        "spanish",
    }


def test_no_group_is_hidden_where_all_are_large() -> None:
    assert not find_suppressed_groups(
        {"a": MIN_GROUP_SIZE, "b": 50, "empty": 0}, {"a": 50, "b": MIN_GROUP_SIZE, "empty": 60}
    )


def test_the_statistic_of_a_hidden_group_cannot_be_computed_by_subtraction() -> None:
    """The attack itself: the sums that remain after subtraction are of ten people or more."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        group = rng.choice(5, p=[0.6, 0.25, 0.08, 0.05, 0.02], size=rng.integers(20, 120))
        counts = np.bincount(group, minlength=5)
        people = {str(code): int(count) for code, count in enumerate(counts)}
        hidden = find_suppressed_groups(people, {code: len(group) - count for code, count in people.items()})
        shown = [code for code in range(5) if str(code) not in hidden]
        remaining = len(group) - counts[shown].sum()
        assert remaining == 0 or remaining >= MIN_GROUP_SIZE
