"""Codes of limits: a cell that holds a code of the other side, and is not that code, cannot be read.

A limit restricts only where both sides write the same code. So a code that seems to consist of others is never taken
for one code: a limit that matches no client would restrict no pair.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.cell_parsing import SET_SEPARATOR, is_one_of, list_distinct, parse_number
from attune_fit.data.clinic.columns import COLUMNS
from attune_fit.data.reading.columns.code_mapping import CodeBook

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.reading.columns.table_reader import MappedTable

_SEPARATOR = re.compile(r"""[,;/|\\{}\[\]"\t\r\n\uff0c\u3001\uff1b\u201c\u201d\u201e\u00ab\u00bb]""")
_JOINING = re.compile(
    _SEPARATOR.pattern + r"|[&+\u2022\u00b7:.()<>]|\s-+\s|\s[\u2013\u2014]\s|\s(?:and|or|und|oder|et|ou|y)\s"
)
_ENDS = " '\u2018\u2019`_-#*.:"  # signs at the end of a piece that are no part of it
_WORDS = re.compile(r"[^\W_]+")


class LimitPair(NamedTuple):
    """A set of clients, and the set of therapists that sets a limit on it."""

    client: str
    therapist: str


def list_limit_pairs() -> list[LimitPair]:
    """List the sets of codes that a limit compares.

    >>> list_limit_pairs()
    [LimitPair(client='presenting_problems', therapist='problems_not_taken')]
    """
    return [
        LimitPair(client.name, limit.name)
        for limit in COLUMNS
        for client in COLUMNS
        if limit.table == "therapists" and limit.is_limit and limit.kind == "set" and not limit.has_ranges
        if client.table == "clients" and client.kind == "set" and client.rule == limit.rule
    ]


@dataclass(frozen=True)
class LimitCodes:
    """The codes on both sides of a limit.

    Attributes
    ----------
    codes : mapping of str to set of str
        The codes of each table.
    listed : CodeBook
        What `codes` of either side lists: such a code is one, whatever it holds.
    """

    codes: Mapping[str, set[str]]
    listed: CodeBook

    @classmethod
    def from_tables(
        cls, pair: LimitPair, tables: Mapping[str, MappedTable], listed: Mapping[str, list[str]]
    ) -> LimitCodes | None:
        """Return the codes of both columns; None where one of the tables lacks its column."""
        columns = {"clients": pair.client, "therapists": pair.therapist}
        if any(table not in tables or name not in tables[table].frame for table, name in columns.items()):
            return None
        codes = {table: list_codes(tables[table].frame[name]) for table, name in columns.items()}
        return cls(codes, CodeBook(listed))

    def find_joined(self) -> set[str]:
        """Return the codes with a comma or another separator of which a piece is, or is in, another code.

        >>> codes = {"clients": {"trauma, anxiety", "grief"}, "therapists": {"trauma, mania", "alcohol, drugs"}}
        >>> sorted(LimitCodes(codes, CodeBook({})).find_joined())
        ['trauma, anxiety', 'trauma, mania']
        """
        every = set().union(*self.codes.values())
        holders: dict[str, set[str]] = defaultdict(set)
        for code in every:
            for piece in {code, *_split_pieces(code, _SEPARATOR)}:
                holders[piece].add(code)
        return {
            code
            for code in every
            if _SEPARATOR.search(code)
            and any(len(holders[piece] | {code}) > 1 for piece in _split_pieces(code, _SEPARATOR))
            and not self.listed.has_code(code)
        }

    def find_inexact(self, table: str) -> set[str]:
        """Return the codes of one table that hold a code of the other one and are not that code.

        The other code is there as whole words, as a piece before or after `and` or a sign, or as the same number.
        Of two spellings of the same words, such as `trauma.` and `trauma`, the longer one cannot be read.

        >>> codes = {"clients": {"1. trauma", "trauma and grief", "01", "grief"}, "therapists": {"trauma", "1"}}
        >>> sorted(LimitCodes(codes, CodeBook({})).find_inexact("clients"))
        ['01', '1. trauma', 'trauma and grief']
        """
        known = set().union(*(codes for name, codes in self.codes.items() if name != table))
        unknown = {code for code in self.codes[table] - known if not self.listed.has_code(code)}
        words, pieces = split_words(known), {piece for code in known for piece in _split_pieces(code, _JOINING)}
        spellings = _find_shortest_spellings(known)
        return {
            code
            for code in unknown
            if has_words(code, words)
            or (_JOINING.search(code) and not pieces.isdisjoint(_split_pieces(code, _JOINING)))
            or any(len(code) >= spellings.get(key, math.inf) for key in _list_spelling_keys(code))
        }


def list_codes(cells: pd.Series) -> set[str]:
    """Return the distinct codes in the cells of a set."""
    return {code for cell in list_distinct(cells) for code in cell.split(SET_SEPARATOR)}


def find_cells_with(cells: pd.Series, codes: Collection[str]) -> pd.Series:
    """Return whether each cell of a set has any of the codes."""
    wanted, distinct = set(codes), list_distinct(cells) if codes else ()
    holders = [text for text in distinct if not wanted.isdisjoint(text.split(SET_SEPARATOR))]
    return is_one_of(cells, holders)


def has_words(code: str, words: Mapping[int, Collection[tuple[str, ...]]]) -> bool:
    """Return whether any of these sequences of words, by their length, is in a code that has more words.

    >>> has_words("trauma (severe)", split_words(["trauma"])), has_words("traumatic grief", split_words(["trauma"]))
    (True, False)
    """
    own = _WORDS.findall(code)
    return any(
        tuple(own[start : start + length]) in words[length]
        for length in words
        for start in range(len(own) - length + 1)
        if length < len(own)
    )


def split_words(codes: Iterable[str]) -> dict[int, set[tuple[str, ...]]]:
    """Return the words of each code that has any, by their number.

    >>> split_words(["low mood", "trauma", "?"])
    {2: {('low', 'mood')}, 1: {('trauma',)}}
    """
    found: dict[int, set[tuple[str, ...]]] = {}
    for code in codes:
        if words := tuple(_WORDS.findall(code)):
            found.setdefault(len(words), set()).add(words)
    return found


def _split_pieces(code: str, form: re.Pattern[str]) -> set[str]:
    return {piece for part in form.split(code) if (piece := part.strip(_ENDS))}


def _find_shortest_spellings(codes: Iterable[str]) -> dict[tuple[str, ...] | float, int]:
    """Return the length of the shortest code with the same words, or of the same number."""
    shortest: dict[tuple[str, ...] | float, int] = {}
    for code in codes:
        for key in _list_spelling_keys(code):
            shortest[key] = min(len(code), shortest.get(key, len(code)))
    return shortest


def _list_spelling_keys(code: str) -> list[tuple[str, ...] | float]:
    """List the words of a code, and its number: another code with either is the same one in another spelling."""
    number = parse_code_number(code)
    words = tuple(_WORDS.findall(code))
    return [*([words] if words else []), *([] if math.isnan(number) else [number])]


def parse_code_number(code: str) -> float:
    """Return the number that a code is, with either decimal mark; NaN for none.

    >>> parse_code_number("1,0"), parse_code_number("01"), parse_code_number("f32")
    (1.0, 1.0, nan)
    """
    number = parse_number(code)
    return parse_number(code, ",") if math.isnan(number) else number
