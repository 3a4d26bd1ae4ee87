"""Search for cells of a workbook with an error: the library that reads it takes them for empty ones."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path

NOT_CALCULATED = "#VALUE!"  # text for a formula whose value no program has stored
_CELL = rb'<c\b(?=[^>]*\br="([A-Z]+)(\d+)")'
_ERROR = re.compile(_CELL + rb'(?=[^>]*\bt="e")[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
_NO_VALUE = re.compile(_CELL + rb"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


def find_error_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the text of each cell with an error, by its row and column, both counted from 0.

    Only files of Excel since 2007 are searched; the result is empty for others.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        part = _find_part(archive, sheet)
        content = b"" if part is None else archive.read(part)
    errors: dict[tuple[int, int], str] = {}
    if b't="e"' in content:
        errors |= {_find_place(found): found[3].decode("ascii", "replace") for found in _ERROR.finditer(content)}
    if b"<f" in content:
        errors |= {_find_place(found): NOT_CALCULATED for found in _NO_VALUE.finditer(content)}
    return errors


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
