"""Encoding, separator and decimal mark of a text file, found in its content."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.compressed_text import is_gzip_file, read_text_bytes
from attune_fit.data.formats.delimited_text import COMMON_SEPARATORS, UTF_16_BOMS
from attune_fit.data.formats.file_signatures import find_signature
from attune_fit.data.formats.reading_limits import MAX_FILE_BYTES
from attune_fit.data.formats.table_formats import find_format_to_read, find_suffix

if TYPE_CHECKING:
    import pandas as pd

SEARCHED_LINES = 30  # at the top of a text file, for its separator and its headers
SEARCHED_LETTERS = 200_000
MIN_CELLS = 2
_COMMA_NUMBER, _POINT_NUMBER = re.compile(r"-?\d+,\d{1,4}"), re.compile(r"-?\d+\.\d+")
_WINDOWS_BYTES = re.compile(rb"[\x80-\x9f]")  # signs in cp1252, controls in latin-1
_SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n"])"?\s*', re.IGNORECASE)  # what Excel writes on top


def find_text_keys(path: Path) -> dict[str, Any]:
    """Return the encoding and the separator of a text file, where they are not those that Attune assumes."""
    content = _read_content(path)
    if content is None:
        return {}
    encoding = _find_encoding(content)
    keys: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    default = _get_default_separator(path)
    separator = _find_separator(content.decode(encoding, errors="replace").removeprefix("\ufeff"), default)
    return keys if separator == default else {**keys, "separator": separator}


def read_top_lines(path: Path, keys: dict[str, Any]) -> list[tuple[int, list[str]]] | None:
    """Return the number and the cells of the first rows of a text file, of any length; None for another file."""
    content = _read_content(path)
    if content is None:
        return None
    text = content.decode(keys.get("encoding", "utf-8"), errors="replace").removeprefix("\ufeff")[:SEARCHED_LETTERS]
    separator, first = keys.get("separator", _get_default_separator(path)), 1
    if line := _SEPARATOR_LINE.match(text):
        text, separator, first = text[line.end() :], keys.get("separator", line[1]), 2
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, row in enumerate(csv.reader(text.splitlines(keepends=True), delimiter=separator), first):
            rows.append((number, row))
            if len(rows) == SEARCHED_LINES:
                break
    except csv.Error:  # a cell with more letters than the reader takes
        pass
    return rows


def find_decimal(cells: pd.DataFrame) -> dict[str, str]:
    """Return the decimal comma where numbers have one and none has a point."""
    commas = points = 0
    for position in range(cells.shape[1]):
        texts = cells.iloc[:, position].dropna()
        commas += int(texts.str.fullmatch(_COMMA_NUMBER).sum())
        points += int(texts.str.fullmatch(_POINT_NUMBER).sum())
    return {"decimal": ","} if commas and not points else {}


def _read_content(path: Path) -> bytes | None:
    """Return the bytes of a text file; None where it is none, or cannot be read: reading the table gives the reason."""
    if not find_format_to_read(path).is_text or (find_signature(path) is not None and not is_gzip_file(path)):
        return None
    try:
        return None if path.stat().st_size > MAX_FILE_BYTES else read_text_bytes(path)
    except (OSError, ValueError):
        return None


def _get_default_separator(path: Path) -> str:
    """Return the separator that Attune assumes; compressed text has that of the name inside."""
    return find_format_to_read(path).separator or ("\t" if find_suffix(path).startswith(".tsv") else ",")


def _find_encoding(content: bytes) -> str:
    """Return the encoding of a text: UTF-8 where its bytes are, else one of the two of the western languages."""
    if content.startswith(UTF_16_BOMS):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if _WINDOWS_BYTES.search(content) else "latin-1"
    return "utf-8"


def _find_separator(text: str, default: str) -> str:
    """Return the separator that gives most of the first lines the same number of cells, and the most; or the default.

    A title above the headers has another number of cells.
    """
    lines = [line for line in text[:SEARCHED_LETTERS].splitlines() if line.strip()][:SEARCHED_LINES]
    best, best_rank = default, (0.0, 0)
    for separator in (default, *(other for other in COMMON_SEPARATORS if other != default)):
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:  # a cell with more letters than the reader takes
            continue
        width, count = max(Counter(widths).items(), key=lambda one: (one[1], one[0]), default=(0, 0))
        rank = (round(count / max(len(widths), 1), 1), width)
        if width >= MIN_CELLS and rank > best_rank:
            best, best_rank = separator, rank
    return best
