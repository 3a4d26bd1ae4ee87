"""Reading of one column of a clinic's file: its text becomes canonical codes, sets, numbers or dates."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_code, parse_number
from attune_fit.data.clinic.columns import Kind
from attune_fit.data.clinic.mapping_config import ColumnMapping
from attune_fit.data.reading.columns.code_mapping import CodeBook, build_code_book
from attune_fit.data.reading.columns.item_sums import read_item_sum
from attune_fit.data.reading.columns.second_file import join_members, open_second_file
from attune_fit.data.reading.columns.set_separators import find_joined_cells, mask_cut_options, mask_foreign_separators
from attune_fit.data.reading.columns.slot_columns import read_slots
from attune_fit.data.reading.columns.source_file import SourceFile, is_uncoded_missing_word
from attune_fit.data.reading.columns.time_columns import read_time_cells, read_time_slots
from attune_fit.data.reading.rows.header_match import require_header
from attune_fit.data.yes_no_marks import YES_NO_MARKS, has_only_marks, parse_mark

MAX_CODES_NAMED = 8  # codes of clinic.toml in a message; the others are counted
CELLS_TRIED_FIRST = 50  # when a column could be numbers or dates
_SIGNS_AND_DIGITS = re.compile(r"[\d\s.,:'\u2019_/+-]*\d[\d\s.,:'\u2019_/+-]*")  # of any script
PARTLY_READ = "Attune uses the codes it can read."


def read_column(
    source: SourceFile, name: str, kind: Kind | None, mapping: ColumnMapping, columns: Mapping[str, pd.Series]
) -> pd.Series | None:
    """Return one column in its canonical type.

    Parameters
    ----------
    source : SourceFile
        The file. Errors and warnings go to its collector.
    name : str
        Name of the canonical column, or of one of the clinic's own.
    kind : {"id", "code", "set", "number", "date"} or None
        None: a kind that can represent all the cells.
    mapping : ColumnMapping
        Where the column comes from.
    columns : mapping of str to Series
        The columns that were read before, with the ids among them.

    Returns
    -------
    Series or None
        Missing where a cell is empty, has a code for missing or cannot be read; the collector notes the latter. A birth
        date stays a date. None when the file has no such column; an error gives the reason.
    """
    key = f"tables.{source.key_path}.columns.{name}"
    if mapping.file is not None:
        return _read_second_file(source, key, name, mapping, columns)
    if mapping.items is not None:
        return read_item_sum(source, key, name, mapping)
    if mapping.slots is not None and mapping.times:
        return read_time_slots(source, key, name, mapping)
    if mapping.slots is not None:
        slots = read_slots(source, key, name, mapping)
        return slots if slots is None else _translate_codes(source, mapping.header, name, slots, mapping, SET_SEPARATOR)
    header = require_header(source.raw, mapping.header, key, source.collector, source.mapping)
    if header is None:
        return None
    if kind == "id":
        return map_distinct(source.raw[header], lambda text: cell_parsing.normalize_text(text) or None)
    raw_cells, book = source.read_cells(header, mapping), build_code_book(source.find_column(name), mapping)
    if mapping.birth_date is not None:
        kind = "date"
    elif kind is None and mapping.times:
        kind = "set"
    elif kind is None:
        kind = _guess_kind(source, raw_cells, mapping, book)
    if kind == "number":
        return _read_numbers(source, header, name, raw_cells, mapping)
    if kind == "date":
        return _read_dates(source, header, name, raw_cells, mapping)
    raw_cells = source.mask_missing_words(header, name, kind, raw_cells, book)
    if mapping.times:
        return read_time_cells(source, header, name, raw_cells, mapping)
    if _has_own_marks(source, name, mapping, raw_cells):
        return map_distinct(raw_cells, partial(parse_mark, marks=YES_NO_MARKS))
    separator = (mapping.split or source.mapping.set_separator) if kind == "set" else mapping.split
    return _read_codes(source, header, name, raw_cells, mapping, separator)


def _has_own_marks(source: SourceFile, name: str, mapping: ColumnMapping, raw_cells: pd.Series) -> bool:
    """Return whether all cells of the clinic's own column of the roster are marks for yes and no.

    Wishes name such codes; a condition of `waiting.where` names a cell of a client as it is written.
    """
    is_own = source.table == "therapists" and source.find_column(name) is None
    return (
        is_own
        and not mapping.codes
        and not source.mapping.literal
        and has_only_marks(map(str, raw_cells.dropna().unique()))
    )


def _read_numbers(
    source: SourceFile, header: str, name: str, raw_cells: pd.Series, mapping: ColumnMapping
) -> pd.Series:
    """Return a column of numbers, where `codes` can give a number to a word."""
    decimal, thousands = source.list_number_marks(mapping)
    words = {code: parse_number(targets[0]) for code, targets in mapping.codes.items() if targets}
    numbers = {parse_number(code, decimal, thousands): value for code, value in words.items()}
    numbers = {number: value for number, value in numbers.items() if not math.isnan(number)}

    def parse(text: str) -> float:
        value = words.get(normalize_code(text), math.nan) if words else math.nan
        if not math.isnan(value):
            return value
        value = parse_number(text, decimal, thousands)
        return numbers.get(value, value)

    values = map_distinct(raw_cells, parse, "float64")
    hint = (
        "check the header, the words in `missing`, and the marks in `decimal` and `thousands`. "
        "`codes = { full = 0 }` gives a number to a word."
    )
    book = build_code_book(source.find_column(name), mapping)
    raw_cells = source.mask_missing_words(header, name, "number", raw_cells, book, values.notna())
    bad = raw_cells.notna() & values.isna()
    values = source.collector.mask_bad_cells(
        "number-not-readable", header, values, bad, "not a number", hint, raw_cells, name=name
    )
    return values if mapping.scale is None else values * mapping.scale


def _read_dates(source: SourceFile, header: str, name: str, raw_cells: pd.Series, mapping: ColumnMapping) -> pd.Series:
    form = mapping.dates or source.mapping.dates
    days = cell_parsing.parse_dates(raw_cells, form)
    message = f"not a date {f'of the form `{form}`' if form else 'such as 2026-06-15'}"
    hint = (
        f"check the header and `dates` under [tables.{source.key_path}]: %d day, %m month, %Y year, %y its last digits."
    )
    raw_cells = source.mask_missing_words(header, name, "date", raw_cells, CodeBook({}), days.notna())
    bad = raw_cells.notna() & days.isna()
    return source.collector.mask_bad_cells("date-not-readable", header, days, bad, message, hint, raw_cells, name=name)


def _read_codes(
    source: SourceFile, header: str, name: str, raw_cells: pd.Series, mapping: ColumnMapping, separator: str | None
) -> pd.Series:
    """Return a column of codes or sets; a cell that is joined by another separator cannot be read."""
    if separator is not None and not source.mapping.literal:
        book = build_code_book(source.find_column(name), mapping)
        bad = find_joined_cells(raw_cells, book, separator)
        raw_cells = mask_foreign_separators(source, header, name, raw_cells, bad)
        raw_cells = mask_cut_options(source, header, name, raw_cells, book, separator)
    return _translate_codes(source, header, name, raw_cells, mapping, separator)


def _translate_codes(
    source: SourceFile, header: str, name: str, raw_cells: pd.Series, mapping: ColumnMapping, separator: str | None
) -> pd.Series:
    """Return the cells in canonical codes; cells without a listed code cannot be read, others in part."""
    codes, unlisted = build_code_book(source.find_column(name), mapping).translate_cells(raw_cells, separator)
    listed = [f"`{code}`" for code in mapping.codes]
    more = f" and {len(listed) - MAX_CODES_NAMED} more" if len(listed) > MAX_CODES_NAMED else ""
    keep = 'or keep other codes with `other = "keep"`'
    hint = f"add the clinic's codes to `codes`, {keep}. Listed: {', '.join(listed[:MAX_CODES_NAMED])}{more}."
    is_part, report = unlisted & codes.notna(), source.collector.report_bad_cells
    report(
        "partly-read-cell", header, codes, is_part, "a set with a code that `codes` does not list", hint, raw_cells,
        name=name, restricts=source.needs_every_code(name), treatment=PARTLY_READ,
    )  # fmt: skip
    message, bad = "a code that `codes` does not list", unlisted & ~is_part
    return source.collector.mask_bad_cells("unlisted-code", header, codes, bad, message, hint, raw_cells, name=name)


def _guess_kind(source: SourceFile, raw_cells: pd.Series, mapping: ColumnMapping, book: CodeBook) -> Kind:
    """Return the kind of a clinic's own column: what its keys imply, else one that can represent its known cells."""
    known = raw_cells.dropna()
    if mapping.codes:
        known = pd.Series([code for codes in mapping.codes.values() for code in codes], dtype="str")
    if mapping.split or known.str.contains(SET_SEPARATOR, regex=False).any():
        return "set"
    if mapping.dates:
        return "date"
    if mapping.scale is not None or mapping.decimal is not None or mapping.thousands is not None:
        return "number"
    marks = (".", "") if mapping.codes else source.list_number_marks(mapping)
    parsers: dict[Kind, Callable[[pd.Series], pd.Series]] = {
        "number": lambda cells: cell_parsing.parse_numbers(cells, *marks),
        "date": lambda cells: cell_parsing.parse_dates(cells, source.mapping.dates),
    }
    is_word = (lambda _: False) if source.mapping.literal else partial(is_uncoded_missing_word, book=book)
    for kind, parse in parsers.items():
        first = known.head(CELLS_TRIED_FIRST)  # a few cells rule a kind out for most columns
        if _can_represent(first, parse(first), is_word) and _can_represent(known, values := parse(known), is_word):
            return kind if values.notna().any() else "code"
    return "code"


def _can_represent(cells: pd.Series, values: pd.Series, is_word: Callable[[str], bool]) -> bool:
    """Return whether all cells were read but those that look like missing ones, and a few numbers in another form.

    The latter are signs and digits alone, such as 12.5 where the decimal mark is a comma: bad cells, and no codes.
    """
    others = [str(cell) for cell in cells[values.isna()].unique() if not is_word(str(cell))]
    n_read = values.nunique()
    return not others or (len(others) <= n_read and all(map(_SIGNS_AND_DIGITS.fullmatch, others)))


def _read_second_file(
    source: SourceFile, key: str, name: str, mapping: ColumnMapping, columns: Mapping[str, pd.Series]
) -> pd.Series | None:
    """Return a set whose members are the rows of a second file."""
    second = open_second_file(source, key, mapping)
    ids = columns.get(f"{source.table.removesuffix('s')}_id")
    if second is None or ids is None:
        return None
    cells = second.source.read_cells(second.member, mapping)
    book = build_code_book(None, mapping)
    cells = second.source.mask_missing_words(second.member, name, "code", cells, book)
    members = _read_codes(second.source, second.member, name, cells, mapping, mapping.split)
    return join_members(source, key, name, second, members, ids)
