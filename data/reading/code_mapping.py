"""Code mapping: a clinic's codes become canonical codes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_code, parse_number, split_set


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

    def __post_init__(self) -> None:
        listed = {
            code: [normalize_code(target) for target in targets if normalize_code(target)]
            for code, targets in self.codes.items()
        }
        canonical = {target: [target] for targets in listed.values() for target in targets}
        numbers = {parse_number(code): targets for code, targets in listed.items()}
        object.__setattr__(self, "_by_code", {**canonical, **listed})
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
        listed = self._by_code.get(code)
        if listed is None:
            listed = self._by_number.get(parse_number(code))
        return [code] if listed is None and self.keep_unlisted else listed

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
        if not self.codes:
            return codes, pd.Series(False, index=cells.index)
        unlisted = map_distinct(cells, lambda text: self._has_unlisted_code(text, separator), "object")
        return codes, unlisted.isin([True])

    def _translate_cell(self, text: str, separator: str | None) -> list[str]:
        translations = (self.translate_code(code) or [] for code in _split(text, separator))
        return list(dict.fromkeys(target for targets in translations for target in targets))

    def _has_unlisted_code(self, text: str, separator: str | None) -> bool:
        return any(self.translate_code(code) is None for code in _split(text, separator))


def _split(text: str, separator: str | None) -> list[str]:
    return split_set(text, separator) if separator else list(filter(None, [normalize_code(text)]))
