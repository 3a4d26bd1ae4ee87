"""The two fields that a reason or a caution compares: a column of the client and one of the therapist, with cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.clinic.columns import BINDING_STRENGTHS, COLUMNS, SOFT_STRENGTHS
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature

if TYPE_CHECKING:
    from attune_fit.features.sides import Side, Sides
    from attune_fit.matching.eligibility.eligibility_rule import Rule

SET_COLUMNS = frozenset((column.table, column.name) for column in COLUMNS if column.kind == "set")

FieldValue = str | float | int | tuple[str, ...] | None

# The strengths of the wishes that a feature reads, for those that do not read all of them.
WISH_STRENGTHS: dict[str, tuple[str, ...]] = {
    "wishes_met": ("prefer",),
    "wishes_unmet": ("prefer",),
    "avoided_met": ("avoid",),
    "musts_broken": BINDING_STRENGTHS,
    "musts_open": BINDING_STRENGTHS,
}


@dataclass(frozen=True)
class FieldPair:
    """A column of the client and a column of the therapist that are compared, with their cells.

    Attributes
    ----------
    client_field, therapist_field : str or None
        Names of the columns; ``preferences`` for a wish. None where only the other side is read.
    client_value, therapist_value : str, number, tuple of str or None
        The cells: a set of codes as a tuple, a date as ISO. None where the cell is unknown, or the field is None.
    """

    client_field: str | None = None
    client_value: FieldValue = None
    therapist_field: str | None = None
    therapist_value: FieldValue = None


@dataclass(frozen=True)
class FieldTexts:
    """The columns and the cells of several :class:`FieldPair` as texts, joined by ``; ``.

    A field is None where no column of that side is read; a value is None where each of its cells is unknown.
    """

    client_field: str | None
    client_value: str | None
    therapist_field: str | None
    therapist_value: str | None

    @classmethod
    def from_pairs(cls, pairs: Sequence[FieldPair]) -> FieldTexts:
        """Join the columns and the cells, each column once."""
        client = dict.fromkeys((one.client_field, one.client_value) for one in pairs)
        therapist = dict.fromkeys((one.therapist_field, one.therapist_value) for one in pairs)
        return cls(*_join_side(list(client)), *_join_side(list(therapist)))


def _join_side(cells: Sequence[tuple[str | None, FieldValue]]) -> tuple[str | None, str | None]:
    """Return the columns and the cells of one side as texts."""
    cells = [cell for cell in cells if cell[0] is not None]
    if not cells:
        return None, None
    names = dict.fromkeys(str(name) for name, _ in cells)
    is_known = any(value is not None for _, value in cells)
    return "; ".join(names), "; ".join(format_value(value) for _, value in cells) if is_known else None


def read_feature_fields(sides: Sides, feature: Feature, client_row: int, therapist_row: int) -> tuple[FieldPair, ...]:
    """Read the cells of the columns that a feature's row names, for one pair.

    Returns
    -------
    tuple of FieldPair
        One for each column, or for each wish that the feature reads.
    """
    if PREFERENCES_TABLE in feature.client:
        attributes = None if ANY_COLUMN in feature.therapist else feature.therapist
        strengths = WISH_STRENGTHS.get(feature.name, SOFT_STRENGTHS)
        return tuple(_read_wishes(sides, client_row, therapist_row, strengths, attributes))
    return _read_columns(sides, feature.client, feature.therapist, client_row, therapist_row)


def read_rule_fields(sides: Sides, rule: Rule, client_row: int, therapist_row: int) -> tuple[FieldPair, ...]:
    """Read the cells that a rule reads, for one pair; for a rule about wishes one row for each of them."""
    if rule.name in BINDING_STRENGTHS:
        return tuple(_read_wishes(sides, client_row, therapist_row, (rule.name,), None))
    columns = [place.split(".") for place in rule.input_columns]
    of_side = {side: [name for table, name in columns if table == side] for side in ("clients", "therapists")}
    return _read_columns(sides, of_side["clients"], of_side["therapists"], client_row, therapist_row)


def read_cell(sides: Sides, side: Side, column: str, row: int) -> FieldValue:
    """Read one cell as a plain value: a number, an ISO date, a code, or a tuple of the codes of a set; None unknown."""
    cells = sides.compute_once(("cells", side, column), lambda: sides.take_cells(side, column).array)
    return _convert_cell(cells[row], is_set=(f"{side}s", column) in SET_COLUMNS)


def format_value(value: FieldValue) -> str:
    """Return a cell as text.

    >>> format_value(("tue-pm", "wed-am")), format_value(7.0), format_value(None)
    ('tue-pm, wed-am', '7', 'unknown')
    """
    if value is None:
        return "unknown"
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read_columns(
    sides: Sides, client: Sequence[str], therapist: Sequence[str], client_row: int, therapist_row: int
) -> tuple[FieldPair, ...]:
    """Read columns of both sides, in pairs; a side with fewer columns has None in the last ones."""
    return tuple(
        FieldPair(
            client_field,
            None if client_field is None else read_cell(sides, "client", client_field, client_row),
            therapist_field,
            None if therapist_field is None else read_cell(sides, "therapist", therapist_field, therapist_row),
        )
        for client_field, therapist_field in zip_longest(client, therapist)
    )


def _read_wishes(
    sides: Sides, client_row: int, therapist_row: int, strengths: Sequence[str], attributes: Sequence[str] | None
) -> Iterator[FieldPair]:
    """Yield the client's wishes of some strengths with the cell that answers each; ``attributes`` None means all."""
    for strength, attribute, value, _ in sides.build_wish_table().list_client_wishes(client_row):
        if strength in strengths and (attributes is None or attribute in attributes):
            wish = f"{strength} {attribute}: {value}"
            yield FieldPair(PREFERENCES_TABLE, wish, attribute, read_cell(sides, "therapist", attribute, therapist_row))


def _convert_cell(cell: Any, *, is_set: bool) -> FieldValue:
    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.date().isoformat()
    if isinstance(cell, str):
        codes = tuple(code for code in dict.fromkeys(cell.split("|")) if code)
        return codes if is_set or len(codes) > 1 else cell
    return cell if isinstance(cell, int | bool) else float(cell)
