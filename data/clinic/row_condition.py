"""Conditions on rows: ``[waiting] where`` selects clients, and ``rows`` selects the rows of a file."""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from pydantic import BeforeValidator, Field, model_validator

from attune_fit.data.cell_parsing import (
    map_distinct,
    mask_missing_codes,
    normalize_code,
    normalize_codes,
    parse_dates,
    parse_number,
    parse_numbers,
)
from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.faults import DataFault
from attune_fit.data.formats.reading_limits import MAX_SIZE
from attune_fit.data.yes_no_marks import YES_NO_MARKS, parse_mark

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping

Scalar = int | float | dt.date | str
Comparison = Callable[[pd.Series, Any], pd.Series]


def _check_value(value: Any) -> Any:
    """Refuse what no cell can be compared with. ``true`` is refused because several words of a cell mean yes."""
    if isinstance(value, bool):
        raise ValueError('write the text of the cell in quotation marks, such as "yes"')
    if isinstance(value, dt.datetime) and value.time() != dt.time.min:
        raise ValueError("write a day without a time: Attune reads the day of a date only")
    if not isinstance(value, int | float | dt.date | str):
        raise ValueError("write a number, a day or a text in quotation marks")
    if isinstance(value, int | float) and not abs(value) <= MAX_SIZE**2:  # NaN too
        raise ValueError("no cell has such a number")
    return value


def _is_after(low: Scalar | None, high: Scalar | None) -> bool:
    """Return whether two limits of one type leave nothing between them. Texts are compared as codes."""
    if isinstance(low, str) and isinstance(high, str):
        return normalize_code(low) > normalize_code(high)
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return isinstance(low, dt.date) and isinstance(high, dt.date) and low > high


def _check_values(value: Any) -> Any:
    """Return one value or a list of them as a list."""
    return [_check_value(one) for one in (value if isinstance(value, list) else [value])]


Limit = Annotated[Scalar, BeforeValidator(_check_value)]
Choices = Annotated[list[Scalar], BeforeValidator(_check_values)]


class ColumnCondition(ConfigSection):
    """A condition on the cells of one column. A row has to fulfil every key that is set."""

    column: str = Field(
        description="The column: under `[waiting]` a column of `clients`, under `rows` a header of the file."
    )
    from_: Limit | None = Field(
        default=None, alias="from", description="Smallest value, inclusive. An empty cell does not fulfil it."
    )
    to: Limit | None = Field(default=None, description="Largest value, inclusive. An empty cell does not fulfil it.")
    is_: Choices | None = Field(
        default=None, alias="is", description='The cell has this value, or one of a list. `""` means an empty cell.'
    )
    is_not: Choices | None = Field(
        default=None, description="The cell has another value than this one, or than all of a list. It is not empty."
    )
    empty: bool | None = Field(default=None, description="Whether the cell is empty: `true` or `false`.")

    @model_validator(mode="after")
    def _check_keys(self) -> ColumnCondition:
        comparisons = (self.from_, self.to, self.is_, self.is_not)
        if self.empty is None and all(one is None for one in comparisons):
            raise ValueError("name what the cell has to be: one of `from`, `to`, `is`, `is_not` and `empty`")
        if self.empty and any(one is not None for one in comparisons):
            raise ValueError("`empty = true` leaves no value to compare: remove the other keys")
        if _is_after(self.from_, self.to):
            raise ValueError("`from` is after `to`, so that no cell can be between them")
        if self.is_ == [] or self.is_not == []:
            raise ValueError("the list has no value: write one, or remove the key")
        return self


def is_condition_met(condition: ColumnCondition, cells: pd.Series, place: str, mapping: TableMapping) -> pd.Series:
    """Return whether each row fulfils the condition, as a Series of bool.

    Parameters
    ----------
    condition : ColumnCondition
        The condition. Its numbers are compared as numbers and its dates as days, also where the cells are text.
    cells : Series
        The cells of its column: numbers, dates or text.
    place : str
        The key of ``clinic.toml`` with the condition, such as ``waiting.where``.
    mapping : TableMapping
        The mapping of the table, for its decimal mark, its date form and its codes for a missing cell.

    Raises
    ------
    DataFault
        If a value has another type than the cells.

    Notes
    -----
    An empty cell fulfils only ``empty = true`` and ``is = ""``. In text, a cell that is no number is below, above and
    equal to no number. Marks of yes and no are compared by their meaning: ``TRUE`` fulfils ``is = "yes"``.
    """
    reader = _CellComparison(cells, condition.column, place, mapping)
    is_met = pd.Series(True, index=cells.index)
    if condition.empty is not None:
        is_met &= reader.is_empty == condition.empty
    if condition.from_ is not None:
        is_met &= reader.compare("from", condition.from_, operator.ge)
    if condition.to is not None:
        is_met &= reader.compare("to", condition.to, operator.le)
    if condition.is_ is not None:
        is_met &= reader.is_any("is", condition.is_)
    if condition.is_not is not None:
        is_met &= reader.is_known & ~reader.is_any("is_not", condition.is_not)
    return is_met.astype(bool)


def find_incomparable_rows(condition: ColumnCondition, cells: pd.Series, mapping: TableMapping) -> pd.Series:
    """Return whether each row has a cell that the condition cannot compare.

    That is text where it compares numbers or days, and a word that is no mark where it compares marks of yes and no.
    An empty cell is no such cell.
    """
    reader = _CellComparison(cells, condition.column, "", mapping)
    choices = [*(condition.is_ or []), *(condition.is_not or [])]
    values, is_text = [condition.from_, condition.to, *choices], pd.Series(False, index=cells.index)
    meanings = [reader.find_meaning(value) for value in choices]
    is_marked = reader.marks.notna() if any(meanings) else is_text
    for kind, types in (("number", int | float), ("date", dt.date)):
        if any(isinstance(one, types) for one in values):
            is_text |= reader.is_known & reader.convert_cells("", kind).isna() & ~is_marked
    if choices and all(meanings) and all(isinstance(value, str) for value in choices):
        is_number = (
            parse_numbers(cells, *mapping.number_marks).notna() if reader.has_number(choices) else ~reader.is_known
        )
        is_text |= reader.is_known & ~is_marked & ~is_number & ~reader.is_any("is", choices)
    return is_text


def _parse_yes_no(text: str) -> str | None:
    """Return what a mark means; None for other text."""
    return parse_mark(text, YES_NO_MARKS)


@dataclass(frozen=True)
class _CellComparison:
    """The cells of one column, compared with values of ``clinic.toml``."""

    cells: pd.Series
    column: str
    place: str
    mapping: TableMapping

    @property
    def _is_text(self) -> bool:
        cells = self.cells
        return not (pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells))

    @property
    def is_empty(self) -> pd.Series:
        """Whether each cell is empty or contains a code for missing."""
        if not self._is_text:
            return self.cells.isna()
        return normalize_codes(mask_missing_codes(self.cells, self.mapping.missing, *self.mapping.number_marks)).isna()

    @property
    def is_known(self) -> pd.Series:
        """Whether each cell has a value that can be compared."""
        return self.cells.notna() & ~self.is_empty

    def is_any(self, key: str, values: list[Scalar]) -> pd.Series:
        """Return whether each cell has one of the values. A code for missing equals its own text."""
        answers = [
            self.is_empty if isinstance(value, str) and not normalize_code(value)
            else self.compare(key, value, operator.eq) | self._has_meaning(value)
            for value in values
        ]  # fmt: skip
        return pd.concat(answers, axis=1).any(axis=1)

    @cached_property
    def marks(self) -> pd.Series:
        """What each cell means where it is a mark of yes or no; missing in a column whose cells are mostly no marks."""
        if not self._is_text:
            return pd.Series(None, index=self.cells.index, dtype="str")
        marks = map_distinct(self.cells.where(self.is_known), _parse_yes_no, "str")
        return marks if 2 * marks.notna().sum() >= self.is_known.sum() else marks.mask(marks.notna())

    def find_meaning(self, value: Scalar) -> str | None:
        """Return ``yes`` or ``no`` where a value is a mark, and the cells are marks too."""
        meaning = None if isinstance(value, dt.date) else _parse_yes_no(str(value))
        return meaning if self._is_text and self.marks.notna().any() else None

    def has_number(self, values: list[Scalar]) -> bool:
        """Return whether one of the values is a number, also where it is written as text."""
        return any(not math.isnan(parse_number(str(value))) for value in values)

    def _has_meaning(self, value: Scalar) -> pd.Series | bool:
        """Return whether each cell is a mark of the same meaning as the value."""
        meaning = self.find_meaning(value)
        return False if meaning is None else (self.marks == meaning).fillna(False).astype(bool)

    def compare(self, key: str, value: Scalar, comparison: Comparison) -> pd.Series:
        """Return the comparison of each known cell with the value of one key; False for an empty cell."""
        cells, limit = self._convert(key, value)
        known = cells.notna() if comparison is operator.eq else cells.notna() & self.is_known
        return (known & comparison(cells, limit)).astype(bool)

    def _convert(self, key: str, value: Scalar) -> tuple[pd.Series, float | pd.Timestamp | str]:
        """Return the cells and the value in the type of the value."""
        if isinstance(value, str):
            if not self._is_text:
                kind = "number" if pd.api.types.is_numeric_dtype(self.cells) else "date"
                raise self._build_type_fault(key, kind)
            return normalize_codes(self.cells), normalize_code(value)
        if isinstance(value, dt.date):
            return self.convert_cells(key, "date"), pd.Timestamp(value)
        return self.convert_cells(key, "number"), float(value)

    def convert_cells(self, key: str, kind: str) -> pd.Series:
        """Return the cells as numbers or dates, missing where a cell of a text column is none.

        Cells of the other kind are an error, and so is a column of text without any of this kind.
        """
        if pd.api.types.is_numeric_dtype(self.cells):
            if kind == "date":
                raise self._build_type_fault(key, "number")
            return self.cells
        if pd.api.types.is_datetime64_any_dtype(self.cells):
            if kind == "number":
                raise self._build_type_fault(key, "date")
            return self.cells
        converted = (
            parse_numbers(self.cells, *self.mapping.number_marks)
            if kind == "number"
            else parse_dates(self.cells, self.mapping.dates)
        )
        if self.is_known.any() and converted.isna().all():
            message, fix = f"`{self.column}` contains no {kind}", "Write a text of the column, in quotation marks."
            raise DataFault.error("condition-on-text", "clinic.toml", f"{self.place}.{key}", message, fix=fix)
        return converted

    def _build_type_fault(self, key: str, kind: str) -> DataFault:
        message, fix = f"`{self.column}` contains {kind}s", f"Write a {kind}, without quotation marks."
        return DataFault.error("condition-type-mismatch", "clinic.toml", f"{self.place}.{key}", message, fix=fix)
