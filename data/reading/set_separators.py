"""Separators in cells of sets: a cell whose members are joined by another mark than declared cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, map_distinct, normalize_code
from attune_fit.data.clinic.columns import COLUMNS, Column
from attune_fit.data.reading.code_mapping import CodeBook

if TYPE_CHECKING:
    from attune_fit.data.reading.source_file import SourceFile
    from attune_fit.data.reading.table_reader import MappedTable

FOREIGN_MARKS = (";", "\n", "\r")  # no code of a clinic holds one of these
POSSIBLE_MARKS = (",", "/")  # some codes hold them: they separate where one of the pieces is a known code
COMPARED_COLUMNS = {"specialties": "presenting_problems", "presenting_problems": "specialties"}  # besides rules


def has_foreign_separator(text: str, book: CodeBook, separator: str, known: Collection[str]) -> bool:
    """Return whether a member of a cell holds a separator that is not the declared one.

    Parameters
    ----------
    text : str
        The cell.
    book : CodeBook
        A member that it lists is a code, whatever it holds.
    separator : str
        The declared separator.
    known : collection of str
        Known codes: a comma or a slash separates where a piece of the member is one of them.

    Examples
    --------
    >>> has_foreign_separator("anxiety; trauma", CodeBook({}), "|", [])
    True
    >>> [has_foreign_separator("trauma / ptsd", CodeBook({}), "|", known) for known in ([], ["trauma"])]
    [False, True]
    """
    members = (member.strip() for member in book.split_raw_members(text, separator))
    return any(_is_joined(member, separator, known) for member in members if not book.has_code(member))


def _is_joined(member: str, separator: str, known: Collection[str]) -> bool:
    if any(mark in member and mark not in separator for mark in FOREIGN_MARKS):
        return True
    marks = (mark for mark in POSSIBLE_MARKS if mark in member and mark not in separator)
    return any(normalize_code(piece) in known for mark in marks for piece in member.split(mark))


def list_simple_codes(texts: Iterable[str], book: CodeBook, separator: str = SET_SEPARATOR) -> set[str]:
    """Return the codes in cells of a set that hold no mark which could separate."""
    members = {member for text in texts for member in book.split_members(text, separator)}
    return {member for member in members if not any(mark in member for mark in (*FOREIGN_MARKS, *POSSIBLE_MARKS))}


def mask_foreign_separators(
    source: SourceFile, header: str, name: str, cells: pd.Series, bad: pd.Series, raw_cells: pd.Series | None = None
) -> pd.Series:
    """Return the cells of a set, missing where ``bad``: their members are joined by another separator."""
    message = "cells of a set that hold another separator than the declared one"
    hint = f'set `split` for the column, such as `split = ";"`, or `set_separator` under [tables.{source.table}].'
    return source.collector.mask_bad_cells("separator-in-cell", header, cells, bad, message, hint, raw_cells, name=name)


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
        known = _list_compared_codes(column, tables)
        mapped, source = checked[column.table], sources[column.table]
        mapping = source.mapping.columns.get(column.name)
        book, cells = CodeBook(mapping.codes if mapping else {}), mapped.frame[column.name]
        is_joined = map_distinct(cells, lambda text, book=book, known=known: _has_joined(text, book, known), "object")
        bad = is_joined.isin([True])
        if bad.any():
            header = mapped.headers[column.name]
            masked = mask_foreign_separators(source, header, column.name, cells, bad)
            checked[column.table] = replace(mapped, frame=mapped.frame.assign(**{column.name: masked}))
    return checked


def _has_joined(text: str, book: CodeBook, known: Collection[str]) -> bool:
    return any(mark in text for mark in POSSIBLE_MARKS) and has_foreign_separator(text, book, SET_SEPARATOR, known)


def _list_compared_codes(column: Column, tables: Mapping[str, MappedTable]) -> set[str]:
    """Return the known codes of the columns of the other table that are compared with this one."""
    found: set[str] = set()
    for other in COLUMNS:
        is_same = other.name == column.name or COMPARED_COLUMNS.get(column.name) == other.name
        is_compared = is_same or (bool(column.rule) and other.rule == column.rule)
        mapped = tables.get(other.table)
        if other.table != column.table and is_compared and mapped and other.name in mapped.frame:
            cells = mapped.frame[other.name]
            if pd.api.types.is_string_dtype(cells):
                found |= list_simple_codes(map(str, cells.dropna().unique()), CodeBook({}))
    return found
