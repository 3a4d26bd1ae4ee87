"""Reading of columns of weekly times: one header, or one header for each day, time or slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR, list_distinct, normalize_code
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.columns.code_mapping import CodeBook
from attune_fit.data.reading.columns.slot_columns import find_slot_headers
from attune_fit.data.reading.columns.source_file import CellCounts
from attune_fit.data.reading.columns.weekly_times import TimesReading, read_days, read_times
from attune_fit.data.reading.rows.header_match import match_column_headers
from attune_fit.data.yes_no_marks import NO, SLOT_MARKS, YES, list_marks, parse_mark

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.reading.columns.source_file import SourceFile

NOTHING = TimesReading((), is_complete=True)
HINT = "write times such as `Mon AM`, `Tue 9-12` or `Fri after 17:00`, or give a word its time: `codes`."


def read_time_cells(source: SourceFile, header: str, name: str, cells: pd.Series, mapping: ColumnMapping) -> pd.Series:
    """Return the weekly times in the cells under a header, as :func:`read_times` gives them.

    Parameters
    ----------
    source : SourceFile
        The file. Errors and warnings go to its collector.
    header, name : str
        The header, and the name of the column.
    cells : Series of str
        Without words for a missing cell.
    mapping : ColumnMapping
        With ``times``. Its ``codes`` give a word or a whole cell its time.

    Returns
    -------
    Series of str
        Sets. Missing where a cell is empty, or where no part of it is a time: that is reported.
    """
    book = CodeBook(mapping.codes)
    separator = mapping.split or source.mapping.set_separator
    readings = {text: read_times(_list_pieces(text, separator, book)) for text in list_distinct(cells)}
    return _report_times(source, header, name, cells.map(readings.get, na_action="ignore"))


def read_time_slots(source: SourceFile, key: str, name: str, mapping: ColumnMapping) -> pd.Series | None:
    """Return the weekly times of headers with a day, a time or both; a cell is a mark, or the other part.

    For example ``avail Mon`` with `9-12`, ``avail 9-12`` with `Mon, Wed`, and ``avail Mon AM`` with `x`.

    Returns
    -------
    Series of str or None
        Sets; missing where a row has no time. None where no header matches; an error gives the reason.
    """
    headers = find_slot_headers(source, key, mapping)
    columns: list[list[TimesReading | None]] = []
    for slot, header in headers.items():
        if not _is_time(slot, mapping):
            message = "this header is no weekly time such as `Mon` or `Mon AM`"
            fix = f'Give it one in `{key}`: `codes = {{ "{slot}" = "mon am" }}`, or let the pattern not match it.'
            source.collector.add_error("slot-without-time", header, message, fix)
            return None
        cells = source.read_cells(header, mapping)
        found = {text: _read_slot(source, text, slot, mapping) for text in list_distinct(cells)}
        columns.append([found.get(text) if isinstance(text, str) else None for text in cells])
    if not columns:
        return None
    rows = [_join_readings([one for one in row if one is not None]) for row in zip(*columns, strict=True)]
    return _report_times(source, mapping.header, name, pd.Series(rows, index=source.raw.index, dtype="object"))


def count_time_slots(source: SourceFile, mapping: ColumnMapping) -> dict[str, CellCounts]:
    """Return what became of the cells of :func:`read_time_slots`, by header; no fault is added."""
    counts: dict[str, CellCounts] = {}
    for slot, header in match_column_headers(source.raw, mapping).items():
        cells = source.read_cells(header, mapping)
        found = [_read_slot(source, text, slot, mapping) for text in cells.dropna()]
        unread = sum(one is not None and not one.is_complete for one in found)
        unknown = int(source.raw[header].notna().sum()) - len(found) + found.count(None)
        counts[header] = CellCounts.of_rows(len(cells), len(found) - unread - found.count(None), unread, unknown)
    return counts


def _list_pieces(text: str, separator: str, book: CodeBook) -> list[str]:
    """Return the members of a cell, each with its time where ``codes`` gives one."""
    if book.has_code(text):
        return book.translate_code(normalize_code(text)) or []
    pieces = book.split_members(text, separator)
    return [target for piece in pieces for target in (_translate_piece(piece, book))]


def _translate_piece(piece: str, book: CodeBook) -> list[str]:
    return (book.translate_code(piece) or []) if book.has_code(piece) else [piece]


def _get_slot_text(slot: str, mapping: ColumnMapping) -> str:
    return ", ".join(mapping.codes.get(normalize_code(slot), [slot]))


def _is_time(slot: str, mapping: ColumnMapping) -> bool:
    """Return whether the text of a header is days, times or both."""
    text = _get_slot_text(slot, mapping)
    return bool(read_times([text], ("mon",)).codes)


def _read_slot(source: SourceFile, text: str, slot: str, mapping: ColumnMapping) -> TimesReading | None:
    """Return the times of one cell under the header of a slot; None for a word that means a missing cell."""
    own = _get_slot_text(slot, mapping)
    marks = {**list_marks(mapping.marks, SLOT_MARKS), **mapping.marks}
    meaning = YES if normalize_code(text) == normalize_code(slot) else parse_mark(text, marks)
    if meaning == NO:
        return NOTHING
    if meaning == YES:
        found = read_times([own])
        return found if found.codes else TimesReading((), is_complete=False)
    pieces = _list_pieces(text, mapping.split or source.mapping.set_separator, CodeBook(mapping.codes))
    days = read_days(own)
    if days:
        found = read_times(pieces, days)
        if any(code.partition("-")[0] not in days for code in found.codes):  # the cell is about another day
            found = TimesReading((), is_complete=False)
    elif not read_times([own]).codes:  # times alone, and the cell has the days
        found = read_times([own, *pieces])
    else:
        found = TimesReading((), is_complete=False)
    return None if not found.codes and is_missing_word(text) else found


def _join_readings(readings: list[TimesReading]) -> TimesReading | None:
    """Return the times of all cells of a row together; None where it has none."""
    if not readings:
        return None
    codes = dict.fromkeys(code for one in readings for code in one.codes)
    return TimesReading(tuple(codes), all(one.is_complete for one in readings))


def _report_times(source: SourceFile, header: str, name: str, readings: pd.Series) -> pd.Series:
    """Return the codes of each row; report the rows with a part that is no time."""
    sets = [SET_SEPARATOR.join(one.codes) or None if isinstance(one, TimesReading) else None for one in readings]
    codes = pd.Series(sets, index=readings.index, dtype="str")
    is_bad = [isinstance(one, TimesReading) and not one.is_complete for one in readings]
    bad = pd.Series(is_bad, index=readings.index, dtype=bool)
    known = codes.notna() | bad
    source.collector.report_bad_cells(
        "time-not-readable", header, codes, bad, "weekly times that cannot be read", HINT, known.where(known),
        name=name, restricts=codes.isna(), treatment="Attune uses the times it can read.",
    )  # fmt: skip
    return codes
