"""Small cells: hide statistics of small groups, and those from which a reader could compute one (suppression)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MIN_GROUP_SIZE = 10  # people; statistics of a smaller group are hidden
SMALL_COUNT_TEXT = f"fewer than {MIN_GROUP_SIZE}"
HIDDEN_COUNT_TEXT = "hidden"


def suppress_small_count(count: int) -> int | str:
    """Return a count, or a text where it is below :data:`MIN_GROUP_SIZE` (small-cell suppression).

    >>> suppress_small_count(0), suppress_small_count(9), suppress_small_count(10)
    (0, 'fewer than 10', 10)
    """
    return SMALL_COUNT_TEXT if 0 < count < MIN_GROUP_SIZE else int(count)


def suppress_nested_counts(counts: Sequence[int]) -> list[str]:
    """Return counts, each included in the next, as text without small ones.

    The difference of two counts is a count too, so both a small count and a small difference are hidden
    (complementary suppression).

    >>> suppress_nested_counts((0, 12, 30)), suppress_nested_counts((3, 25, 30)), suppress_nested_counts((12, 12, 12))
    (['0', '12', '30'], ['fewer than 10', 'hidden', '30'], ['12', '12', '12'])
    """
    cells = [str(suppress_small_count(counts[-1]))]
    shown = [counts[-1]]
    for count in reversed(counts[:-1]):
        safe = all(suppress_small_count(larger - count) == larger - count for larger in shown)
        is_small = suppress_small_count(count) != count
        cells.append(str(suppress_small_count(count)) if safe or is_small else HIDDEN_COUNT_TEXT)
        shown += [count] if safe else []
    return cells[::-1]


def find_suppressed_groups(people: Mapping[str, int], others: Mapping[str, int]) -> frozenset[str]:
    """Return the groups of a column whose statistics are hidden when the total is shown.

    Parameters
    ----------
    people : mapping of str to int
        Number of people in each group. An empty group is never hidden.
    others : mapping of str to int
        Number of people outside each group. The total less the group gives their statistic.

    Returns
    -------
    frozenset of str
        Groups with fewer than :data:`MIN_GROUP_SIZE` people inside, or with 1 to 9 outside. Then the next smallest
        groups are added until the hidden ones are at least two and hold :data:`MIN_GROUP_SIZE` people together.
        What remains when a reader subtracts all that is shown from the total then belongs to no small group
        (complementary suppression [1]_).

    References
    ----------
    .. [1] Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4, doi:10.1002/9781118348239.

    Examples
    --------
    >>> sorted(find_suppressed_groups({"a": 50, "b": 30, "c": 4}, {"a": 34, "b": 54, "c": 80}))
    ['b', 'c']
    """
    by_size = sorted((group for group, count in people.items() if count), key=lambda group: people[group])
    hidden = {group for group in by_size if people[group] < MIN_GROUP_SIZE or 0 < others[group] < MIN_GROUP_SIZE}
    for group in by_size:
        if not hidden or (len(hidden) > 1 and sum(people[name] for name in hidden) >= MIN_GROUP_SIZE):
            break
        hidden.add(group)
    return frozenset(hidden)
