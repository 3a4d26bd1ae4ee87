"""How the random order inside bands was drawn: the tied groups of a list, from which each probability follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attune_fit.data.arrays import Bools, Floats, Indices


@dataclass(frozen=True)
class TiedGroup:
    """Adjacent places whose order the tie-break alone decides: same band, same number of wishes met.

    Attributes
    ----------
    band : int
        1 is the first.
    first, size : int
        Its first place, and its number of therapists.
    newcomers : int
        How many of them have the weight of newcomers; 0 where all weights are 1.
    """

    band: int
    first: int
    size: int
    newcomers: int = 0


@dataclass(frozen=True)
class ListDraw:
    """The draw of one list, as a line of the log holds it.

    Attributes
    ----------
    groups : tuple of TiedGroup
        Of the places that were shown; the last one can reach beyond them.
    newcomers : frozenset of int
        Shown places with the weight of newcomers; empty where all weights are 1.
    weight : float
        Of a newcomer in the random order, at least 1.
    """

    groups: tuple[TiedGroup, ...]
    newcomers: frozenset[int] = frozenset()
    weight: float = 1.0

    def find_group(self, place: int) -> TiedGroup:
        """Return the group of a shown place, from 1."""
        return next(group for group in reversed(self.groups) if group.first <= place)

    def to_dict(self) -> dict[str, Any]:
        """Return the draw in the types of JSON, short: band and size of each group; newcomers only with a weight."""
        if self.weight == 1:
            return {"groups": [[group.band, group.size] for group in self.groups]}
        groups = [[group.band, group.size, group.newcomers] for group in self.groups]
        return {"groups": groups, "newcomers": sorted(self.newcomers), "weight": self.weight}


def build_list_draw(band: Indices, n_wishes_met: Floats, is_newcomer: Bools, weight: float, n_shown: int) -> ListDraw:
    """Build the draw of a list from its candidates in order, arrays of shape (k,); ``n_shown`` is at most k."""
    is_start = np.ones(len(band), dtype=bool)
    is_start[1:] = (np.diff(band) != 0) | (np.diff(n_wishes_met) != 0)
    starts = np.flatnonzero(is_start)
    ends = np.append(starts, len(band))[1:]
    has_weight = weight != 1
    groups = tuple(
        TiedGroup(int(band[start]), int(start) + 1, int(end - start),
                  int(is_newcomer[start:end].sum()) if has_weight else 0)
        for start, end in zip(starts, ends, strict=True)
        if start < n_shown
    )  # fmt: skip
    newcomers = frozenset((np.flatnonzero(is_newcomer[:n_shown]) + 1).tolist()) if has_weight else frozenset()
    return ListDraw(groups, newcomers, float(weight))


def parse_list_draw(fields: Mapping[str, Any], n_shown: int) -> ListDraw | None:
    """Return the draw of a line of the log; None where the line has none, or none that fits the places shown."""
    try:
        draw = fields["draw"]
        weight, first, groups = float(draw.get("weight", 1.0)), 1, []
        for band, size, *more in draw["groups"]:
            group = TiedGroup(int(band), first, int(size), int(more[0]) if more else 0)
            if not (group.band >= 1 and group.size >= 1 and 0 <= group.newcomers <= group.size):
                return None
            groups.append(group)
            first += group.size
        newcomers = frozenset(int(place) for place in draw.get("newcomers", ()))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None
    if first <= n_shown or not groups or groups[-1].first > n_shown or weight < 1:
        return None
    return ListDraw(tuple(groups), newcomers, weight)
