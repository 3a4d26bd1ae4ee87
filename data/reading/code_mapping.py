"""A clinic's codes, turned into ours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_code, parse_number, split_set


@dataclass(frozen=True)
class CodeBook:
    """What each code means.

    Attributes
    ----------
    codes : mapping of str to list of str
        The clinic's code, as :func:`normalize_code`, to ours; one code may stand for several of ours or for none.
        Empty: every code is kept as it is.
    keep_unlisted : bool
        Whether a code that is not listed is kept; otherwise it is unknown.
    """

    codes: Mapping[str, Sequence[str]]
    keep_unlisted: bool = False
    _ours: dict[str, list[str]] = field(init=False, repr=False, compare=False)
    _numbers: dict[float, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ours = {
            code: [normalize_code(one) for one in meant if normalize_code(one)] for code, meant in self.codes.items()
        }
        themselves = {one: [one] for meant in ours.values() for one in meant}
        numbers = {parse_number(code): meant for code, meant in ours.items() if not math.isnan(parse_number(code))}
        object.__setattr__(self, "_ours", {**themselves, **ours})
        object.__setattr__(self, "_numbers", numbers)

    def translate_code(self, code: str) -> list[str] | None:
        """Our words for one code, None where it is not listed. A word of ours means itself; 1.0 is 1.

        >>> book = CodeBook({"1": ["white"], "either": ["video", "in person"]})
        >>> book.translate_code("1.0"), book.translate_code("either"), book.translate_code("white"), book.translate_code("7")
        (['white'], ['video', 'in person'], ['white'], None)
        """
        if not self.codes:
            return [code]
        listed = self._ours.get(code)
        if listed is None:
            listed = self._numbers.get(parse_number(code))
        return [code] if listed is None and self.keep_unlisted else listed

    def translate_cells(self, cells: pd.Series, between: str | None = None) -> tuple[pd.Series, pd.Series]:
        """Cells in our words, and whether a cell holds a code that is not listed.

        Parameters
        ----------
        cells : Series of str
        between : str or None
            What stands between the members of a set; None when each cell is one code.

        Returns
        -------
        (Series of str, Series of bool)
            Members that are not listed are left out; unknown where none is left.
        """
        said = map_distinct(cells, lambda text: SET_SEPARATOR.join(self._translate_cell(text, between)) or None)
        if not self.codes:
            return said, pd.Series(False, index=cells.index)
        return said, map_distinct(cells, lambda text: self._has_unlisted_code(text, between), "object").isin([True])

    def _translate_cell(self, text: str, between: str | None) -> list[str]:
        meant = (self.translate_code(code) or [] for code in _split(text, between))
        return list(dict.fromkeys(one for words in meant for one in words))

    def _has_unlisted_code(self, text: str, between: str | None) -> bool:
        return any(self.translate_code(code) is None for code in _split(text, between))


def _split(text: str, between: str | None) -> list[str]:
    return split_set(text, between) if between else list(filter(None, [normalize_code(text)]))
