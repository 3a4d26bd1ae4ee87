"""Search for cells of a workbook with an error: the library that reads it takes them for empty ones."""

from __future__ import annotations

import html
import itertools
import re
import zipfile
from pathlib import Path

NOT_CALCULATED = "#VALUE!"  # text for a formula whose value no program has stored
_CELL = rb'<c\b(?=[^>]*\br="([A-Z]+)(\d+)")'
_ERROR = re.compile(_CELL + rb'(?=[^>]*\bt="e")[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
_NO_VALUE = re.compile(_CELL + rb"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_OPENDOCUMENT_ERROR = b'value-type="error"'
_TABLE = re.compile(r'<table:table\b[^>]*\btable:name="([^"]*)"[^>]*>(.*?)</table:table>', re.DOTALL)
_TABLE_ROW = re.compile(r"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_TABLE_CELL = re.compile(
    r"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(.*?)</table:(?:covered-)?table-cell>)", re.DOTALL
)


def find_error_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the text of each cell with an error, by its row and column, both counted from 0.

    Files of Excel before 2007 are not searched: the result is empty.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        if "content.xml" in archive.namelist():
            return _find_opendocument_errors(archive.read("content.xml"), sheet)
        part = _find_part(archive, sheet)
        content = b"" if part is None else archive.read(part)
    errors: dict[tuple[int, int], str] = {}
    if b't="e"' in content:
        errors |= {_find_place(found): found[3].decode("ascii", "replace") for found in _ERROR.finditer(content)}
    if b"<f" in content:
        errors |= {_find_place(found): NOT_CALCULATED for found in _NO_VALUE.finditer(content)}
    return errors


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


def _find_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the file in the archive that holds a sheet; None if it is not found."""
    names = set(archive.namelist())
    if not names >= {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}:
        return None
    sheets = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    ids = {
        html.unescape(name[1]): key[1]
        for one in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", sheets)
        if (name := re.search(r'\bname="([^"]*)"', one)) and (key := re.search(r'\b\w+:id="([^"]*)"', one))
    }
    targets = {
        key[1]: target[1]
        for one in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links)
        if (key := re.search(r'\bId="([^"]*)"', one)) and (target := re.search(r'\bTarget="([^"]*)"', one))
    }
    address = targets.get(ids.get(sheet, ""), "")
    part = address.lstrip("/") if address.startswith("/") else f"xl/{address}"
    return part if part in names else None


def _find_place(found: re.Match[bytes]) -> tuple[int, int]:
    """Return row and column of a cell such as ``B3``, counted from 0."""
    column = 0
    for letter in found[1]:
        column = 26 * column + letter - ord("A") + 1
    return int(found[2]) - 1, column - 1
