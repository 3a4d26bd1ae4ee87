"""Separators in cells of sets: a cell whose members are joined by another mark than declared cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, is_one_of, list_distinct, normalize_code
from attune_fit.data.clinic.columns import COLUMNS, SPECIALTIES, Column
from attune_fit.data.reading.columns.code_mapping import CodeBook
from attune_fit.data.reading.columns.limit_codes import LimitCodes, LimitPair, find_cells_with, list_limit_pairs

if TYPE_CHECKING:
    from attune_fit.data.reading.columns.source_file import SourceFile
    from attune_fit.data.reading.columns.table_reader import MappedTable

FOREIGN_MARKS = (";", "\n", "\r", "\uff1b")  # no code of a clinic holds one of these
POSSIBLE_MARKS = (",", "/", "\t", "\uff0c", "\u3001")  # they separate where a piece is a known code
JOINING_MARKS = (
    "&",
    "+",
    " and ",
    " or ",
    " und ",
    " oder ",
    " et ",
    " ou ",
    " y ",
)  # where all pieces are known codes
SEPARATING_MARKS = (*FOREIGN_MARKS, *POSSIBLE_MARKS, *JOINING_MARKS)


def find_joined_cells(
    cells: pd.Series, book: CodeBook, separator: str, list_compared: Callable[[], Collection[str]] = tuple
) -> pd.Series:
    """Return whether each cell of a set has a member that holds another separator than the declared one.

    A comma or a slash separates where a piece of the member is a known code, a word such as `and` where all pieces are.

    Parameters
    ----------
    cells : Series of str
        The cells of the set. Its own codes are known.
    book : CodeBook
        A member that it lists is a code, whatever it holds.
    separator : str
        The declared separator.
    list_compared : function without arguments
        Returns the codes of the columns that this one is compared with: they are known too. Called where needed.

    Examples
    --------
    >>> cells = pd.Series(["anxiety; grief", "trauma / ptsd", "anger, ptsd", "trauma"])
    >>> find_joined_cells(cells, CodeBook({}), "|").tolist()
    [True, True, False, False]
    """
    marks = [mark for mark in SEPARATING_MARKS if mark not in separator]
    is_suspect = re.compile("|".join(map(re.escape, marks)), re.IGNORECASE).search
    distinct = list_distinct(cells)
    suspects = list(filter(is_suspect, distinct))
    if not suspects:
        return pd.Series(False, index=cells.index)
    known = {*list_simple_codes(distinct, book, separator), *book.codes, *list_compared()}
    joined = [text for text in suspects if _has_foreign_separator(text, book, separator, known)]
    return is_one_of(cells, joined)


def list_simple_codes(texts: Iterable[str], book: CodeBook, separator: str = SET_SEPARATOR) -> set[str]:
    """Return the codes in cells of a set that hold no mark which could separate."""
    members = {member for text in texts for member in book.split_members(text, separator)}
    return {member for member in members if not any(mark in member for mark in SEPARATING_MARKS)}


def _has_foreign_separator(text: str, book: CodeBook, separator: str, known: Collection[str]) -> bool:
    members = (member.strip() for member in book.split_raw_members(text, separator))
    return any(_is_joined(member, separator, known) for member in members if not book.has_code(member))


def _is_joined(member: str, separator: str, known: Collection[str]) -> bool:
    if any(mark in member and mark not in separator for mark in FOREIGN_MARKS):
        return True
    marks = (mark for mark in POSSIBLE_MARKS if mark in member and mark not in separator)
    if any(normalize_code(piece) in known for mark in marks for piece in member.split(mark)):
        return True
    code = normalize_code(member)
    return any(all(piece.strip() in known for piece in code.split(mark)) for mark in JOINING_MARKS if mark in code)


def mask_foreign_separators(
    source: SourceFile, header: str, name: str, cells: pd.Series, bad: pd.Series, raw_cells: pd.Series | None = None
) -> pd.Series:
    """Return the cells of a set, missing where ``bad``: their members are joined by another separator."""
    message = "cells of a set that hold another separator than the declared one"
    hint = f"set `split` for the column to the mark in its cells, or `set_separator` under [tables.{source.key_path}]."
    return source.collector.mask_bad_cells("separator-in-cell", header, cells, bad, message, hint, raw_cells, name=name)


def mask_cut_options(
    source: SourceFile, header: str, name: str, cells: pd.Series, book: CodeBook, separator: str
) -> pd.Series:
    """Return the cells of a set, missing where the separator cuts an option at a bracket: `low mood (sad` is no code.

    An option that ``codes`` lists is never cut.
    """
    distinct = [text for text in list_distinct(cells) if separator in text and "(" in text]
    cut = [text for text in distinct if any(map(_is_cut, book.split_raw_members(text, separator)))]
    message = f"an option in brackets that holds the separator `{separator}`"
    hint = "list the whole option in `codes`: Attune then recognises it before it splits the cell."
    bad = is_one_of(cells, cut)
    return source.collector.mask_bad_cells("option-cut-by-separator", header, cells, bad, message, hint, name=name)


def _is_cut(member: str) -> bool:
    return member.count("(") != member.count(")")


def mask_compared_separators(
    sources: Mapping[str, SourceFile], tables: Mapping[str, MappedTable]
) -> dict[str, MappedTable]:
    """Return the tables; a set is missing where a comma or a slash joins codes of a column that it is compared with.

    Parameters
    ----------
    sources : mapping of str to SourceFile
        The files, by table.
    tables : mapping of str to MappedTable
        Their columns as read, by table.
    """
    checked = dict(tables)
    for column in COLUMNS:
        if column.kind != "set" or column.table not in tables or column.name not in tables[column.table].frame:
            continue
        mapped, source = checked[column.table], sources[column.table]
        if source.mapping.literal:
            continue
        mapping, cells = source.mapping.columns.get(column.name), mapped.frame[column.name]
        book = CodeBook(mapping.codes if mapping else {})
        bad = find_joined_cells(cells, book, SET_SEPARATOR, partial(_list_compared_codes, column, tables))
        if bad.any():
            header = mapped.headers[column.name]
            masked = mask_foreign_separators(source, header, column.name, cells, bad)
            checked[column.table] = replace(mapped, frame=mapped.frame.assign(**{column.name: masked}))
    for pair in list_limit_pairs():
        checked |= _mask_inexact_limits(sources, tables, checked, pair)
    return checked


def _mask_inexact_limits(
    sources: Mapping[str, SourceFile],
    tables: Mapping[str, MappedTable],
    checked: Mapping[str, MappedTable],
    pair: LimitPair,
) -> dict[str, MappedTable]:
    """Return the two tables of a limit; a cell with a code that only seems to match the other side is missing.

    Pieces of cells that are missing in ``checked`` count too: ``tables`` has these cells as they were read.
    """
    columns = {"clients": pair.client, "therapists": pair.therapist}
    mappings = [sources[name].mapping.columns.get(column) for name, column in columns.items() if name in sources]
    codes = {code: targets for mapping in mappings if mapping for code, targets in mapping.codes.items()}
    both = LimitCodes.from_tables(pair, tables, codes)
    if both is None:
        return {}
    joined, found = both.find_joined(), {}
    for name, column in columns.items():
        mapped, source = checked[name], sources[name]
        if source.mapping.literal:
            continue
        cells, header = mapped.frame[column], mapped.headers[column]
        is_joined, is_inexact = (find_cells_with(cells, one) for one in (joined, both.find_inexact(name)))
        raw_cells = tables[name].frame[column]
        masked = mask_foreign_separators(source, header, column, cells, is_joined, raw_cells)
        other = next(one for one in columns if one != name)
        message = f"codes that hold a code of `{columns[other]}` in `{other}`, and are not that code"
        hint = "translate the codes with `codes`, or list there each code that is one as it is."
        bad = is_inexact & ~is_joined
        source.collector.report_bad_cells(
            "inexact-code", header, masked, bad, message, hint, raw_cells, name=column, escalates=False
        )
        masked = masked.mask(bad)
        found[name] = replace(mapped, frame=mapped.frame.assign(**{column: masked}))
    return found


def _list_compared_codes(column: Column, tables: Mapping[str, MappedTable]) -> set[str]:
    """Return the known codes of the columns of the other table that are compared with this one."""
    found: set[str] = set()
    for other in COLUMNS:
        is_same = other.name == column.name or {column.name, other.name} == set(SPECIALTIES)
        is_compared = is_same or (bool(column.rule) and other.rule == column.rule)
        mapped = tables.get(other.table)
        if other.table != column.table and is_compared and mapped and other.name in mapped.frame:
            cells = mapped.frame[other.name]
            if pd.api.types.is_string_dtype(cells):
                found |= list_simple_codes(list_distinct(cells), CodeBook({}))
    return found
