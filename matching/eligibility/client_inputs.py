"""What of a client decides the result of a rule: clients who agree in it have the same result with every therapist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.features.sides import PairSource, Sides
from attune_fit.matching.eligibility.eligibility_rule import ClientInput, Rule
from attune_fit.matching.eligibility.listed_pairs import list_named_clients
from attune_fit.matching.eligibility.readability import LIMITED_COLUMNS


def encode_client_profiles(sides: Sides, rule: Rule) -> Indices:
    """Number the profiles of the clients for a rule: equal numbers have the same result with every therapist.

    Returns
    -------
    array of int, shape (clients,)
        From 0 to the number of profiles - 1. Each client has a profile of its own where the rule does not state its
        ``client_inputs``.
    """
    if rule.client_inputs is None:
        return np.arange(sides.count_rows("client"))
    columns = tuple(place.removeprefix("clients.") for place in rule.input_columns if place.startswith("clients."))
    key = "client profiles", rule.client_inputs, columns if "columns" in rule.client_inputs else ()
    return sides.compute_once(key, lambda: _number_combinations(sides, rule.client_inputs or (), columns))


def join_numbers(numbers: Sequence[Indices], n_clients: int) -> Indices:
    """Number the combinations of several numberings, shape (clients,), from 0; all 0 without a numbering."""
    joint = np.zeros(n_clients, dtype=np.intp)
    for one in numbers:
        joint = pd.factorize(joint * (one.max(initial=0) + 1) + one)[0]
    return joint


def _number_combinations(sides: Sides, inputs: Sequence[ClientInput], columns: Sequence[str]) -> Indices:
    numbers = [CLIENT_INPUTS[name](sides) for name in inputs if name != "columns"]
    if "columns" in inputs:
        numbers += [_number_cells(sides, column) for column in columns]
    return join_numbers(numbers, sides.count_rows("client"))


def _number_cells(sides: Sides, column: str) -> Indices:
    """Number the distinct cells of a column of `clients`; a missing cell has a number of its own."""
    return np.asarray(pd.factorize(sides.take_cells("client", column))[0] + 1, dtype=np.intp)


def _number_full_years(sides: Sides) -> Indices:
    return np.asarray(pd.factorize(np.floor(sides.convert_to_numbers("client", "age")))[0] + 1, dtype=np.intp)


def _number_wish_sets(sides: Sides, strength: str) -> Indices:
    """Number the distinct sets of wishes of one strength; 0 for a client without such a wish."""
    stated = sides.build_wish_table().stated[strength]
    counts, sets = np.diff(stated.starts), np.zeros(sides.count_rows("client"), dtype=np.intp)
    for place in range(counts.max(initial=0)):
        is_longer = counts > place
        wishes = np.zeros_like(sets)
        wishes[is_longer] = stated.wishes[stated.starts[:-1][is_longer] + place] + 1
        sets = join_numbers([sets, wishes], len(sets))
    return sets


def _number_named_clients(sides: Sides, source: PairSource) -> Indices:
    """Number each client whom the source names in some pair; 0 for all other clients."""
    numbers, named = np.zeros(sides.count_rows("client"), dtype=np.intp), list_named_clients(sides, source)
    numbers[named] = np.arange(1, len(named) + 1)
    return numbers


def _number_unreadable_cells(sides: Sides) -> Indices:
    """Number what :func:`check_readable` reads of a client; all 0 where every cell of the clinic can be read."""
    if not sides.tables.unreadable:
        return np.zeros(sides.count_rows("client"), dtype=np.intp)
    is_concerned = [sides.is_set_aside("client"), *(sides.is_unreadable("client", name) for name in LIMITED_COLUMNS)]
    wish_sets = [_number_wish_sets(sides, strength) for strength in ("must", "never")]
    return join_numbers([*(flags.astype(np.intp) for flags in is_concerned), *wish_sets], sides.count_rows("client"))


CLIENT_INPUTS: dict[ClientInput, Callable[[Sides], Indices]] = {
    "full_years": _number_full_years,
    "must": partial(_number_wish_sets, strength="must"),
    "never": partial(_number_wish_sets, strength="never"),
    "conflicts": partial(_number_named_clients, source="conflicts"),
    "outcomes": partial(_number_named_clients, source="outcomes"),
    "declined": partial(_number_named_clients, source="declined"),
    "offers": partial(_number_named_clients, source="offers"),
    "unreadable": _number_unreadable_cells,
}  # `columns` is not here: it depends on the rule
