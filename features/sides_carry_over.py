"""What is kept of the arrays of earlier tables, where the tables that they were made from are the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Any

from attune_fit.data.clinic.pair_states import PairStates
from attune_fit.features.sides import Sides

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Sources = tuple[str, ...]
PEOPLE: Sources = ("clients", "therapists")
PAIR_STATES = ("declined", "offers")  # sources of pairs that are no tables

# By the first part of a key of `Sides.compute_once`: the attributes of Tables that the array is made from. What has no
# row is computed again, so a new kind of array is right before it is quick.
SOURCES: dict[str, Callable[..., Sources]] = {
    **dict.fromkeys(("ids", "numbers", "known", "listed", "codes", "sizes"), lambda side, *_: (f"{side}s",)),
    **dict.fromkeys(("unreadable", "aside"), lambda side, *_: (f"{side}s", "unreadable")),
    "overlap": lambda *_: PEOPLE,
    "age groups": lambda: ("therapists",),
    "wishes": lambda: (*PEOPLE, "preferences"),
    **dict.fromkeys(
        ("pairs", "sorted pairs"),
        lambda source: (*PEOPLE, "pair_states" if source in PAIR_STATES else source),
    ),
    "empty": lambda *_: (*PEOPLE, "preferences", "outcomes", "conflicts"),
}  # fmt: skip


def keep_unchanged_arrays(sides: Sides, known: Sides) -> Sides:
    """Return ``sides`` with those arrays of ``known`` that would come out the same.

    Parameters
    ----------
    sides : Sides
        Of the tables now. Nothing was computed from them yet, or the arrays that were stay.
    known : Sides
        Of earlier tables. A table is unchanged if it is the same object, see :func:`take_equal_frames`.

    Returns
    -------
    Sides
        The ``sides`` that were given.
    """
    for key, array in known.iterate_arrays():
        if _are_unchanged(list_sources(key), sides.tables, known.tables):
            sides.compute_once(key, partial(_return, array))
    return sides


def list_sources(key: Hashable) -> Sources | None:
    """Return the attributes of Tables that an array is made from, by its key; None where this is not known."""
    first, *others = key if isinstance(key, tuple) else (key,)
    find = SOURCES.get(str(first))
    return None if find is None else find(*others)


def _return(array: Any) -> Any:
    return array


def _are_unchanged(sources: Sources | None, tables: Tables, known: Tables) -> bool:
    """Return whether tables are the same objects, and other attributes are equal."""
    if sources is None:
        return False
    return all(
        now is before or (isinstance(now, frozenset | PairStates) and now == before)
        for now, before in ((getattr(tables, name), getattr(known, name)) for name in sources)
    )
