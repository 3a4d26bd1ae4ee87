"""Groups of clients and of therapists, by what the tables say of them: nobody is dropped, unknown is a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.small_cells import MIN_GROUP_SIZE

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import FairnessSettings
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.pairs import Side, Sides


UNKNOWN_GROUP = "not known"
RARE_GROUP = "rarer ones, together"
AGE_BAND_STARTS = (18, 25, 35, 45, 55, 65)  # where a band of ages begins, years


@dataclass(frozen=True)
class Grouping:
    """Who is in which group of one column.

    Attributes
    ----------
    column : str
        A column of the table.
    groups : dict of str to array of bool, shape (rows,)
        Everybody is in at least one; of a set in as many as the cell has codes. Codes that fewer than
        :data:`MIN_GROUP_SIZE` people have are one group, :data:`RARE_GROUP`, and are not named: a code of a few
        people is a cell of the table, not a group.
    """

    column: str
    groups: dict[str, Bools]

    @classmethod
    def from_column(cls, sides: Sides, side: Side, column: str) -> Grouping:
        """Read the groups of a column; ages are put in bands of about ten years."""
        unknown = ~sides.is_known(side, column)
        codes = _band_ages(sides.convert_to_numbers(side, column)) if column == "age" else _codes(sides, side, column)
        found = {code: held for code, held in codes.items() if held.sum() >= MIN_GROUP_SIZE}
        rare = [held for code, held in codes.items() if code not in found and held.any()]
        if rare:
            found[RARE_GROUP] = np.any(rare, axis=0)
        if unknown.any():
            found[UNKNOWN_GROUP] = unknown
        return cls(column, found)


def build_groupings(sides: Sides, side: Side, columns: Sequence[str]) -> tuple[tuple[Grouping, ...], tuple[str, ...]]:
    """Groups of every column that tells people apart, and the columns that tell nobody apart."""
    found = [Grouping.from_column(sides, side, column) for column in columns]
    return tuple(one for one in found if len(one.groups) > 1), tuple(one.column for one in found if len(one.groups) < 2)


def check_groups(fairness: FairnessSettings, tables: Tables) -> None:
    """Make sure that every column named under ``[fairness]`` is there.

    Raises
    ------
    DataFault
        With every one that is not.
    """
    asked = (("groups", "clients", fairness.groups), ("therapist_groups", "therapists", fairness.therapist_groups))
    faults = [
        Fault.error(
            "clinic.toml", f"fairness.{key}", f"{table} has no column `{column}`", fix=suggest_name(column, there)
        )
        for key, table, columns in asked
        for there in [[str(name) for name in getattr(tables, table).columns]]
        for column in columns
        if column not in there
    ]
    if faults:
        raise DataFault(faults)


def _codes(sides: Sides, side: Side, column: str) -> dict[str, Bools]:
    held = sides.build_indicators(side, column)
    return {str(code): held[code].to_numpy(bool) for code in held}


def _band_ages(years: Floats) -> dict[str, Bools]:
    ends = [0, *AGE_BAND_STARTS, np.inf]
    names = [f"under {AGE_BAND_STARTS[0]}", *(f"{low} to {high - 1}" for low, high in pairwise(AGE_BAND_STARTS))]
    names.append(f"{AGE_BAND_STARTS[-1]} and over")
    return {name: (years >= ends[at]) & (years < ends[at + 1]) for at, name in enumerate(names)}
