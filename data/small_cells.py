"""Small cells are not told, nor anything from which one could be computed."""

from __future__ import annotations

from collections.abc import Mapping

MIN_GROUP_SIZE = 10  # figures of fewer people are not told


def find_suppressed_groups(people: Mapping[str, int], others: Mapping[str, int]) -> frozenset[str]:
    """Which groups of a column must not be told beside the figure of everybody.

    Parameters
    ----------
    people : mapping of str to int
        How many there are in each group; a group of nobody has nothing to hide.
    others : mapping of str to int
        How many are not in it: with a figure of everybody, that of the group tells theirs.

    Returns
    -------
    frozenset of str
        Groups of fewer than :data:`MIN_GROUP_SIZE`, groups that leave out fewer than :data:`MIN_GROUP_SIZE`, and then the next smallest,
        until those not told are at least two and at least :data:`MIN_GROUP_SIZE` people together: what is left when all that is
        told is subtracted from everybody belongs to no small group (complementary suppression [1]_).

    References
    ----------
    .. [1] Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4, doi:10.1002/9781118348239.

    Examples
    --------
    >>> sorted(find_suppressed_groups({"a": 50, "b": 30, "c": 4}, {"a": 34, "b": 54, "c": 80}))
    ['b', 'c']
    """
    there = sorted((group for group, count in people.items() if count), key=lambda group: people[group])
    found = {group for group in there if people[group] < MIN_GROUP_SIZE or 0 < others[group] < MIN_GROUP_SIZE}
    for group in there:
        if not found or (len(found) > 1 and sum(people[one] for one in found) >= MIN_GROUP_SIZE):
            break
        found.add(group)
    return frozenset(found)
