"""Group clients or therapists by the codes of a column. All of them are included: a missing cell is a group too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.fault_collector import build_unknown_column_fault
from attune_fit.data.faults import DataFault
from attune_fit.data.small_cells import MIN_GROUP_SIZE

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import FairnessSettings
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.sides import Side, Sides


UNKNOWN_GROUP = "not known"
RARE_GROUP = "rare codes together"
AGE_BAND_STARTS = (18, 25, 35, 45, 55, 65)  # first year of each age band


@dataclass(frozen=True)
class Grouping:
    """The groups of one column.

    Attributes
    ----------
    column : str
        A column of the table.
    groups : dict of str to array of bool, shape (rows,)
        Which rows are in each group. Every row is in at least one; a cell with several codes is in several. Codes of
        fewer than :data:`MIN_GROUP_SIZE` people are one group, :data:`RARE_GROUP`, without their names: the code of a
        few people would disclose a cell of the table.
    """

    column: str
    groups: dict[str, Bools]

    @classmethod
    def from_column(cls, sides: Sides, side: Side, column: str) -> Grouping:
        """Read the groups of a column; ages are in bands of about ten years."""
        unknown = ~sides.is_known(side, column)
        codes = (
            _band_ages(sides.convert_to_numbers(side, column)) if column == "age" else _read_codes(sides, side, column)
        )
        groups = {code: members for code, members in codes.items() if members.sum() >= MIN_GROUP_SIZE}
        rare = [members for code, members in codes.items() if code not in groups and members.any()]
        if rare:
            groups[RARE_GROUP] = np.any(rare, axis=0)
        if unknown.any():
            groups[UNKNOWN_GROUP] = unknown
        return cls(column, groups)


def build_groupings(sides: Sides, side: Side, columns: Sequence[str]) -> tuple[tuple[Grouping, ...], tuple[str, ...]]:
    """Return the groupings with at least two groups, and the names of the columns with fewer."""
    groupings = [Grouping.from_column(sides, side, column) for column in columns]
    useful = tuple(grouping for grouping in groupings if len(grouping.groups) > 1)
    return useful, tuple(grouping.column for grouping in groupings if len(grouping.groups) < 2)


def check_groups(fairness: FairnessSettings, tables: Tables) -> None:
    """Check that the tables have every column named under ``[fairness]`` of ``clinic.toml``.

    Raises
    ------
    DataFault
        If columns are missing; one fault for each.
    """
    named = (("groups", "clients", fairness.groups), ("therapist_groups", "therapists", fairness.therapist_groups))
    faults = [
        build_unknown_column_fault(f"fairness.{key}", table, column, known)
        for key, table, columns in named
        for known in [[str(name) for name in getattr(tables, table).columns]]
        for column in columns
        if column not in known
    ]
    if faults:
        raise DataFault(faults)


def _read_codes(sides: Sides, side: Side, column: str) -> dict[str, Bools]:
    indicators = sides.build_indicators(side, column)
    return {str(code): indicators[code].to_numpy(bool) for code in indicators}


def _band_ages(years: Floats) -> dict[str, Bools]:
    ends = [0, *AGE_BAND_STARTS, np.inf]
    names = [f"under {AGE_BAND_STARTS[0]}", *(f"{low} to {high - 1}" for low, high in pairwise(AGE_BAND_STARTS))]
    names.append(f"{AGE_BAND_STARTS[-1]} and over")
    return {name: (years >= ends[band]) & (years < ends[band + 1]) for band, name in enumerate(names)}
