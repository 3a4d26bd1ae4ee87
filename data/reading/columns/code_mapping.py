"""Code mapping: a clinic's codes become canonical codes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_code, parse_number
from attune_fit.data.clinic.columns import YES_NO_CODES, Column, list_columns
from attune_fit.data.yes_no_marks import list_marks

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping


@dataclass(frozen=True)
class CodeBook:
    """The meaning of each code of one column.

    Attributes
    ----------
    codes : mapping of str to list of str
        The clinic's code, as from :func:`normalize_code`, to canonical codes: none, one or several.
        Empty: every code is kept as it is.
    keep_unlisted : bool
        True to keep a code that is not listed; otherwise such a code is missing.
    """

    codes: Mapping[str, Sequence[str]]
    keep_unlisted: bool = False
    _by_code: dict[str, list[str]] = field(init=False, repr=False, compare=False)
    _by_number: dict[float, list[str]] = field(init=False, repr=False, compare=False)
    _codes: tuple[str, ...] = field(init=False, repr=False, compare=False)  # of both sides

    def __post_init__(self) -> None:
        listed = {
            code: [normalize_code(target) for target in targets if normalize_code(target)]
            for code, targets in self.codes.items()
        }
        canonical = {target: [target] for targets in listed.values() for target in targets}
        numbers = {parse_number(code): targets for code, targets in listed.items()}
        object.__setattr__(self, "_by_code", {**canonical, **listed})
        object.__setattr__(self, "_codes", (*self._by_code,))
        object.__setattr__(self, "_by_number", {key: numbers[key] for key in numbers if not math.isnan(key)})

    def translate_code(self, code: str) -> list[str] | None:
        """Return the canonical codes for one code, None where it is not listed.

        A canonical code means itself. Codes are also compared as numbers: 1.0 is 1.

        >>> book = CodeBook({"1": ["white"], "either": ["video", "in person"]})
        >>> [book.translate_code(code) for code in ("1.0", "either", "white", "7")]
        [['white'], ['video', 'in person'], ['white'], None]
        """
        if not self.codes:
            return [code]
        listed = self._find_listed(code)
        return [code] if listed is None and self.keep_unlisted else listed

    def has_code(self, text: str) -> bool:
        """Return whether ``codes`` lists the code in a cell, on either side.

        >>> CodeBook({"na": ["namibia"]}).has_code(" NA"), CodeBook({}, keep_unlisted=True).has_code("NA")
        (True, False)
        """
        return bool(self.codes) and self._find_listed(normalize_code(text)) is not None

    def split_members(self, text: str, separator: str | None) -> list[str]:
        """Return the distinct members of a cell as codes. A listed code that holds the separator is one member.

        Parameters
        ----------
        text : str
            The cell.
        separator : str or None
            Separator between the members; None when the cell is one code.

        Notes
        -----
        At each member, the longest listed code comes first.

        Examples
        --------
        >>> book = CodeBook({"anxiety": ["anxiety"], "low mood (sad, empty)": ["depression"]})
        >>> book.split_members("Anxiety, Low mood (sad, empty)", ",")
        ['anxiety', 'low mood (sad, empty)']
        """
        if separator is None:
            return list(filter(None, [normalize_code(text)]))
        members = (normalize_code(member) for member in self.split_raw_members(text, separator))
        return list(dict.fromkeys(filter(None, members)))

    def split_raw_members(self, text: str, separator: str) -> Iterator[str]:
        """Yield the members of a cell as the clinic wrote them; see :meth:`split_members`."""
        pieces = text.split(separator)
        options = _find_split_options(self._codes, separator) if len(pieces) > 1 else frozenset()
        if not options:
            yield from pieces
            return
        longest = max(map(len, options), default=1)
        start = 0
        while start < len(pieces):
            codes = [normalize_code(piece) for piece in pieces[start : start + longest]]
            count = next((size for size in range(len(codes), 1, -1) if tuple(codes[:size]) in options), 1)
            yield separator.join(pieces[start : start + count])
            start += count

    def translate_cells(self, cells: pd.Series, separator: str | None = None) -> tuple[pd.Series, pd.Series]:
        """Return the cells in canonical codes, and whether each cell contains a code that is not listed.

        Parameters
        ----------
        cells : Series of str
            The clinic's cells.
        separator : str or None
            Separator between the members of a set; None when each cell is one code.

        Returns
        -------
        (Series of str, Series of bool)
            Members that are not listed are dropped; a cell is missing where none remains.
        """
        codes = map_distinct(cells, lambda text: SET_SEPARATOR.join(self._translate_cell(text, separator)) or None)
        if not self.codes or self.keep_unlisted:
            return codes, pd.Series(False, index=cells.index)
        unlisted = map_distinct(cells, lambda text: self._has_unlisted_code(text, separator), "object")
        return codes, unlisted.isin([True])

    def _find_listed(self, code: str) -> list[str] | None:
        listed = self._by_code.get(code)
        return self._by_number.get(parse_number(code)) if listed is None and self._by_number else listed

    def _translate_cell(self, text: str, separator: str | None) -> list[str]:
        translations = (self.translate_code(code) or [] for code in self.split_members(text, separator))
        return list(dict.fromkeys(target for targets in translations for target in targets))

    def _has_unlisted_code(self, text: str, separator: str | None) -> bool:
        return any(self.translate_code(code) is None for code in self.split_members(text, separator))


def build_code_book(column: Column | None, mapping: ColumnMapping | None) -> CodeBook:
    """Return the codes of a column: those of ``clinic.toml``, and marks for yes and no where the column has only these.

    Parameters
    ----------
    column : Column or None
        The canonical column; None for a column of the clinic's own.
    mapping : ColumnMapping or None
        None where ``clinic.toml`` does not name the column.
    """
    codes = dict(mapping.codes) if mapping else {}
    keep = mapping is not None and mapping.other == "keep"
    if column is None or column.codes != YES_NO_CODES:
        return CodeBook(codes, keep)
    marks = {mark: [meaning] for mark, meaning in list_marks(codes).items()}
    return CodeBook({**marks, **codes}, keep or not codes)  # without `codes`, the check of the column finds the others


def list_code_books(table: str, mapping: TableMapping) -> dict[str, CodeBook]:
    """Return the codes of each column of a table, by its name as from :func:`normalize_code`."""
    known = list_columns(table)
    books = {name: build_code_book(column, None) for name, column in known.items()}
    own = {normalize_code(name): build_code_book(known.get(name), one) for name, one in mapping.columns.items()}
    return {**books, **own}


@cache
def _find_split_options(codes: tuple[str, ...], separator: str) -> frozenset[tuple[str, ...]]:
    """Return the codes that hold the separator, each as its normalized pieces; spaces around it do not matter."""
    mark = separator.casefold()
    return frozenset(tuple(map(normalize_code, code.split(mark))) for code in codes if mark in code)
