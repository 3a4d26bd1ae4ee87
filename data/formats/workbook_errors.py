"""Search for cells of a workbook with an error: the library that reads it takes them for empty ones."""

from __future__ import annotations

import html
import itertools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from attune_fit.data.formats.old_workbooks import find_old_error_cells
from attune_fit.data.formats.workbook_parts import is_opendocument, open_xml, read_local_name, read_sheet_part

NOT_CALCULATED = "#VALUE!"  # text for a formula whose value no program has stored
_CAN_HAVE_ERRORS = re.compile(rb"""\bt\s*=\s*["']e["']|<(?:\w+:)?f\b|\0|<!DOCTYPE""")  # \0: letters of two bytes
_OPENDOCUMENT_ERROR = b'value-type="error"'
_TABLE = re.compile(r'<table:table\b[^>]*\btable:name="([^"]*)"[^>]*>(.*?)</table:table>', re.DOTALL)
_TABLE_ROW = re.compile(r"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_TABLE_CELL = re.compile(
    r"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(.*?)</table:(?:covered-)?table-cell>)", re.DOTALL
)


def find_error_cells(path: Path, sheet: str, position: int) -> dict[tuple[int, int], str]:
    """Return the text of each cell with an error, by its row and column, both counted from 0.

    A formula without a stored value is such a cell. One whose value is empty text is not: it shows an empty cell.

    Parameters
    ----------
    path : Path
        The workbook.
    sheet : str
        Name of the sheet.
    position : int
        The sheet, counted from 0 in the order of the workbook.

    Raises
    ------
    ValueError
        If the file cannot be searched: an error would be taken for an empty cell.
    """
    if not zipfile.is_zipfile(path):
        return find_old_error_cells(path.read_bytes(), position)
    content = read_sheet_part(path, sheet)
    if is_opendocument(path):
        return _find_opendocument_errors(content, sheet)
    if not _CAN_HAVE_ERRORS.search(content):  # reading every cell as XML takes long
        return {}
    try:
        return dict(_iterate_errors(content))
    except ElementTree.ParseError as error:
        raise ValueError("the sheet is no XML") from error


def _iterate_errors(content: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield place and text of each error of a sheet of Excel. Cells without an address follow each other."""
    row = column = -1
    for event, element in ElementTree.iterparse(open_xml(content), ("start", "end")):  # noqa: S314
        name = read_local_name(element)
        if name == "row" and event == "start":
            row, column = int(element.get("r", row + 2)) - 1, -1
        elif name == "row":
            element.clear()
        elif name == "c" and event == "start":
            place = re.fullmatch(r"([A-Z]+)(\d+)", element.get("r", ""))
            row, column = (int(place[2]) - 1, _count_column(place[1])) if place else (row, column + 1)
        elif name == "c":
            parts = {read_local_name(part): part for part in element}
            value, kind = parts.get("v"), element.get("t")
            text = value.text if value is not None else None
            if kind == "e":
                yield (row, column), text or NOT_CALCULATED
            elif "f" in parts and not (text or "").strip() and (kind != "str" or value is None):
                yield (row, column), NOT_CALCULATED


def _count_column(letters: str) -> int:
    """Return the number of a column such as ``B``, counted from 0."""
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column - 1


def _find_opendocument_errors(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Return the text of each cell with an error; rows and cells can be written once for several equal ones."""
    if _OPENDOCUMENT_ERROR not in content:
        return {}
    errors: dict[tuple[int, int], str] = {}
    for table in _TABLE.finditer(content.decode("utf-8", "replace")):
        if html.unescape(table[1]) != sheet:
            continue
        row = 0
        for rows in _TABLE_ROW.finditer(table[2]):
            column, n_rows = 0, _count_repeats(rows[1], "rows")
            for cells in _TABLE_CELL.finditer(rows[2] or ""):
                n_cells = _count_repeats(cells[1], "columns")
                if _OPENDOCUMENT_ERROR.decode() in cells[1]:
                    text = html.unescape(re.sub(r"<[^>]*>", "", cells[2] or "")) or NOT_CALCULATED
                    places = itertools.product(range(row, row + n_rows), range(column, column + n_cells))
                    errors |= dict.fromkeys(places, text)
                column += n_cells
            row += n_rows
    return errors


def _count_repeats(attributes: str, what: str) -> int:
    """Return for how many rows or columns one of them is written."""
    found = re.search(rf'number-{what}-repeated="(\d+)"', attributes)
    return int(found[1]) if found else 1
