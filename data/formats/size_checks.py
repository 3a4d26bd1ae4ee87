"""Checks that a file is within the limits, before it is unpacked or split into cells."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.formats.compressed_text import BLOCK_BYTES, count_unpacked_bytes, is_gzip_file
from attune_fit.data.formats.reading_limits import (
    MAX_CELL_LETTERS,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_SHEET_CELLS,
    MAX_TEXT_LETTERS,
)

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector

MAX_RATIO = 1032  # bytes that deflate can make of one (zlib, technical details)
MEGABYTE = 1_000_000
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["\']([A-Za-z]{1,8})(\d{1,12})["\'][^>]*>')
_REPEATS = re.compile(rb'number-(rows|columns)-repeated="(\d+)"')


def check_file_size(path: Path, collector: FaultCollector) -> bool:
    """Return whether a file is within the limits of its size, also unpacked; add an error if not.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    size = path.stat().st_size
    if size <= MAX_FILE_BYTES and zipfile.is_zipfile(path):
        size = measure_unpacked_size(path)
    elif size <= MAX_FILE_BYTES < size * MAX_RATIO and is_gzip_file(path):  # a smaller one cannot hold too much
        size = count_unpacked_bytes(path)
    return check_unpacked_size(size, path.name, collector)


def check_unpacked_size(size: int, name: str, collector: FaultCollector) -> bool:
    """Return whether a file of ``size`` bytes is small enough; add an error if not."""
    if size <= MAX_FILE_BYTES:
        return True
    message = f"{name} is larger than {MAX_FILE_BYTES // MEGABYTE} MB, on disk or unpacked"
    collector.add_error("file-too-large", "", message, "Export only the rows and columns that Attune needs.")
    return False


def measure_unpacked_size(path: Path) -> int:
    """Return the size of the files in a zip archive, in bytes; of one that is too large, a size over the limit.

    The archive can state a wrong size, so a file that could be larger is unpacked, without being kept, to the limit.
    """
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                total += part.file_size
                if part.file_size <= MAX_FILE_BYTES < part.compress_size * MAX_RATIO:
                    total += _count_hidden_bytes(archive, part)
    except (OSError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile):
        return total  # reading it gives the reason
    return total


def _count_hidden_bytes(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Return the bytes of a file of an archive beyond the size that it states, up to the limit."""
    stated, part.file_size = part.file_size, MAX_FILE_BYTES + 2 * BLOCK_BYTES  # at its end the library checks the sum
    count = 0
    try:
        with archive.open(part) as file:
            while count <= MAX_FILE_BYTES and (block := file.read(BLOCK_BYTES)):
                count += len(block)
    finally:
        part.file_size = stated
    return max(count - stated, 0)


def check_table_size(rows: int, columns: int, name: str, collector: FaultCollector) -> bool:
    """Return whether a table has few enough rows, columns and cells; add an error if not."""
    limits = (
        (columns, MAX_COLUMNS, "columns"),
        (rows, MAX_ROWS, "rows"),
        (rows * columns, MAX_CELLS, "cells"),
    )
    for count, limit, noun in limits:
        if count > limit:
            message = f"{name} has more than {limit:,} {noun}"
            collector.add_error("table-too-large", "", message, "Export only the rows and columns that Attune needs.")
            return False
    return True


def check_sheet_size(content: bytes, name: str, collector: FaultCollector) -> bool:
    """Return whether the rectangle around the filled cells of a sheet of Excel is small enough; add an error if not.

    The library that reads workbooks keeps the whole rectangle in memory, and one lost cell far away makes it large.

    Parameters
    ----------
    content : bytes
        The sheet as XML.
    name : str
        Of the workbook.
    collector : FaultCollector
        Collects the error.
    """
    last_row = last_column = 0
    for cell in _CELL.finditer(content):
        if not cell[0].endswith(b"/>"):  # an empty cell with a format is not kept
            last_row, last_column = max(last_row, int(cell[2])), max(last_column, _count_column(cell[1]))
    return _check_rectangle(last_row, last_column, name, collector)


def check_repeats(content: bytes, name: str, collector: FaultCollector) -> bool:
    """Return whether an OpenDocument spreadsheet repeats few enough rows and columns that hold cells.

    Programs repeat an empty row to the end of the sheet; the library that reads spreadsheets leaves these out.
    """
    most = {b"rows": 1, b"columns": 1}
    for repeats in _REPEATS.finditer(content):
        end = content.find(b">", repeats.end())
        is_empty = content[end - 1 : end] == b"/" or _is_empty_row(content, end)
        if not is_empty:
            most[repeats[1]] = max(most[repeats[1]], int(repeats[2][:18]))
    return _check_rectangle(most[b"rows"], most[b"columns"], name, collector)


def _is_empty_row(content: bytes, start: int) -> bool:
    """Return whether no cell of a row of an OpenDocument spreadsheet has a value."""
    end = content.find(b"</table:table-row>", start)
    return end >= 0 and b"<text:p" not in content[start:end] and b":value" not in content[start:end]


def _check_rectangle(rows: int, columns: int, name: str, collector: FaultCollector) -> bool:
    if rows * columns <= MAX_SHEET_CELLS:
        return True
    message = f"a sheet of {name} reaches over more than {MAX_SHEET_CELLS:,} cells"
    fix = "Delete lost cells far below or right of the table, or save the sheet as CSV."
    collector.add_error("sheet-too-large", "", message, fix)
    return False


def _count_column(letters: bytes) -> int:
    """Return the number of a column such as ``B``, counted from 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def check_cell_lengths(frame: pd.DataFrame, name: str, collector: FaultCollector) -> bool:
    """Return whether no cell and no header of a table of text is too long; add an error if one is.

    Parameters
    ----------
    frame : DataFrame
        Text cells, labelled by row of the file.
    name : str
        Of the file.
    collector : FaultCollector
        Collects the error.
    """
    if max((len(str(header)) for header in frame.columns), default=0) > MAX_TEXT_LETTERS:
        message = f"a header of {name} has more than {MAX_TEXT_LETTERS:,} letters"
        collector.add_error("header-too-long", "", message, "Shorten it, or check the separator.")
        return False
    rows: set[int] = set()
    for position in range(frame.shape[1]):
        cells = frame.iloc[:, position]
        if max(map(len, cells.tolist()), default=0) > MAX_CELL_LETTERS:
            lengths = cells.str.len()
            rows.update(map(int, lengths.index[lengths > MAX_CELL_LETTERS]))
    if rows:
        add_long_cell_error(name, sorted(rows), collector)
    return not rows


def add_long_cell_error(name: str, rows: list[int], collector: FaultCollector) -> None:
    """Add the error about cells that are too long to be cells of a table."""
    message = f"cells of {name} have more than {MAX_CELL_LETTERS:,} letters"
    fix = "Look for a missing quotation mark or line break, or leave this column out of the export."
    collector.add_error("cell-too-long", "", message, fix, rows)
