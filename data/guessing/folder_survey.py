"""Survey of a folder: each file or sheet that can hold a table, read with the encoding and separator that fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.compressed_text import is_gzip_file, read_text_bytes
from attune_fit.data.formats.delimited_text import COMMON_SEPARATORS, UTF_16_BOMS
from attune_fit.data.formats.file_layout import FileLayout
from attune_fit.data.formats.file_signatures import find_signature
from attune_fit.data.formats.header_rows import join_headers
from attune_fit.data.formats.reading_limits import MAX_FILE_BYTES
from attune_fit.data.formats.table_formats import FORMATS, find_format_to_read, find_suffix
from attune_fit.data.formats.typed_cells import format_cell
from attune_fit.data.formats.workbooks import list_sheets
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.header_clues import HEADER_CLUES
from attune_fit.data.guessing.header_scores import list_words, score_header
from attune_fit.data.reading.rows.header_match import PLACEHOLDER
from attune_fit.data.reading.rows.table_files import read_file

SUFFIXES = frozenset((*(suffix for row in FORMATS for suffix in row.suffixes), ".txt"))
DATABASE_SUFFIXES = frozenset((".db", ".sqlite", ".sqlite3"))
HIDDEN = (".", "~", "#")
SEARCHED_LINES = 30  # at the top of a text file, for its separator
MIN_COLUMNS = 2
MIN_HEADER = 0.95  # score of the words of a header that is one for sure
_COMMA_NUMBER, _POINT_NUMBER = re.compile(r"-?\d+,\d{1,4}"), re.compile(r"-?\d+\.\d+")
_WINDOWS_BYTES = re.compile(rb"[\x80-\x9f]")  # signs in cp1252, controls in latin-1


@dataclass(frozen=True)
class SurveyedFile:
    """One file, or one sheet of a workbook, that can hold a table.

    Attributes
    ----------
    name : str
        Its name in the folder.
    keys : dict
        Keys of ``[tables.NAME]`` with which it is read: ``encoding``, ``separator``, ``sheet``, ``header_row``, and
        ``decimal`` where they differ from Attune's own.
    cells : DataFrame
        Its cells as text, missing where empty.
    """

    name: str
    keys: dict[str, Any]
    cells: pd.DataFrame
    _evidence: dict[str, CellEvidence] = field(default_factory=dict, repr=False, compare=False)

    @property
    def place(self) -> str:
        """The file, with its sheet where it has several; for messages."""
        return f"{self.name}, sheet {self.keys['sheet']}" if "sheet" in self.keys else self.name

    @cached_property
    def headers(self) -> list[str]:
        """The headers, from left to right."""
        return [str(header) for header in self.cells.columns]

    def get_evidence(self, header: str) -> CellEvidence:
        """Return what the cells under a header are."""
        if header not in self._evidence:
            column = self.cells.iloc[:, self.headers.index(header)]
            self._evidence[header] = CellEvidence(column, self.keys.get("decimal", "."))
        return self._evidence[header]


def list_table_paths(folder: Path) -> list[Path]:
    """Return the files of a folder whose names can be those of tables, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if find_suffix(path) in SUFFIXES and not path.name.startswith(HIDDEN) and path.is_file()
    )


def list_databases(folder: Path) -> list[Path]:
    """Return the files of a folder whose names can be those of databases, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.casefold() in DATABASE_SUFFIXES and not path.name.startswith(HIDDEN) and path.is_file()
    )


def read_folder(folder: Path) -> tuple[list[SurveyedFile], dict[str, str]]:
    """Read every file of a folder that can hold a table.

    A file of which no header is known is read again, with the headers of the others: a list of members names the ids
    as the table does.

    Returns
    -------
    (list of SurveyedFile, dict of str to str)
        Those that can be read; and the names of the others, with the reason.
    """
    paths = list_table_paths(folder)
    read = {path: read_surveyed_files(path) for path in paths}
    known = {header for files, _ in read.values() for file in files for header in file.headers}
    for path in [path for path, (files, _) in read.items() if not files]:
        read[path] = read_surveyed_files(path, known)
    files = [file for found, _ in read.values() for file in found]
    return files, {path.name: reason for path, (found, reason) in read.items() if not found}


def read_surveyed_files(path: Path, known: Collection[str] = ()) -> tuple[list[SurveyedFile], str]:
    """Read a file, or each sheet of a workbook; ``known`` are headers of other files, which are trusted here too.

    Returns
    -------
    (list of SurveyedFile, str)
        Those that can be read and have at least two columns; and why another cannot be read, else empty text.
    """
    keys = _find_text_keys(path)
    sheets = list_sheets(path)
    variants = [{**keys, "sheet": sheet} for sheet in sheets] if len(sheets) > 1 else [keys]
    found, reason = [], ""
    for variant in variants:
        cells, problem = _read(path, variant, known)
        if cells is None:
            reason = reason or problem
        elif cells.shape[1] < MIN_COLUMNS:
            reason = reason or "it has a single column"
        else:
            found.append(SurveyedFile(path.name, {**variant, **_find_decimal(cells)}, cells))
    return found, reason


def _read(path: Path, keys: dict[str, Any], trusted: Collection[str]) -> tuple[pd.DataFrame | None, str]:
    """Return the cells under the headers, and ``keys`` with the rows of the headers; or None and why not."""
    header_rows, known = _find_headers(path, keys, trusted)
    if header_rows:
        keys["header_row"] = header_rows
    columns = (
        {"client_id": ColumnMapping.model_validate({"from": known})} if known else {}
    )  # a header that is known makes the others trusted
    collector = FaultCollector("clients")
    cells = read_file(path, TableMapping(**keys, columns=columns), collector)
    if cells is None and any(fault.id == "second-header-row" for fault in collector.faults):
        second = next(fault.rows[0] for fault in collector.faults if fault.id == "second-header-row")
        keys["header_row"] = [second - 1, second]
        collector = FaultCollector("clients")
        cells = read_file(path, TableMapping(**keys, columns=columns), collector)
    if cells is not None and len(cells.columns) and PLACEHOLDER.fullmatch(str(cells.columns[0])):
        return None, "its first row does not look like headers"
    reasons = [fault.says for fault in collector.faults if fault.stops]
    return cells, reasons[0] if reasons else "it has no rows"


def _find_headers(path: Path, keys: dict[str, Any], trusted: Collection[str]) -> tuple[list[int], str | None]:
    """Return the rows of the headers, none for the first one; and a header that a clue names, or another file has.

    At least two headers must be the words of a clue, or one of an id: a cell of data can be one such word. No cell is
    kept.
    """
    file_format = find_format_to_read(path)
    layout = FileLayout(
        encoding=keys.get("encoding", "utf-8"), separator=keys.get("separator"), sheet=keys.get("sheet")
    )
    collector = FaultCollector("clients")
    try:
        grid = file_format.read(path, layout, collector) if "header_row" in file_format.layout_keys else None
    except (OSError, ValueError):
        return [], None  # reading the table gives the reason
    if grid is None:
        return [], None
    rows = [(int(number), [format_cell(cell) for cell in row]) for number, row in zip(
        grid.index[:SEARCHED_LINES], grid.iloc[:SEARCHED_LINES].to_numpy(dtype=object), strict=True
    )]  # fmt: skip
    rows = [(number, row) for number, row in rows if any(map(str.strip, row))]
    for position, (number, row) in enumerate(rows):
        known, shared = _list_known(row), [cell for cell in row if cell in trusted or _is_id_header(cell)]
        if len(known) < MIN_COLUMNS and not shared:
            continue
        below = rows[position + 1] if position + 1 < len(rows) else (0, [])
        if _count_cells(row) < _count_cells(below[1]) and len(_list_known(below[1])) >= MIN_COLUMNS:
            joined = join_headers([row, below[1]])  # merged cells above more headers
            return [number, below[0]], next((cell for cell in joined if _is_id_header(cell)), known[0])
        return [number] if position else [], (shared or known)[0]
    return [], None


def _count_cells(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _list_known(row: list[str]) -> list[str]:
    """Return the cells of a row that are the words of a clue."""
    return [cell for cell in row if any(score_header(cell, clue.words) >= MIN_HEADER for clue in HEADER_CLUES)]


def _is_id_header(header: str) -> bool:
    """Return whether a header is the words of an id: of two words, such as `Client ID`, hardly a cell of data."""
    if len(list_words(header)) < MIN_COLUMNS:
        return False
    return any(score_header(header, clue.words) == 1 for clue in HEADER_CLUES if clue.column in ID_COLUMNS)


def _find_text_keys(path: Path) -> dict[str, Any]:
    """Return the encoding and the separator of a text file, where they are not those that Attune assumes."""
    file_format = find_format_to_read(path)
    if not file_format.is_text or (find_signature(path) is not None and not is_gzip_file(path)):
        return {}
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return {}
        content = read_text_bytes(path)
    except (OSError, ValueError):
        return {}  # reading the table gives the reason
    encoding = _find_encoding(content)
    keys: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    default = file_format.separator or ("\t" if find_suffix(path).startswith(".tsv") else ",")  # of compressed text
    separator = _find_separator(content.decode(encoding, errors="replace").removeprefix("\ufeff"), default)
    return keys if separator == default else {**keys, "separator": separator}


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
    """Return the separator that gives the first lines the same number of cells, and the most; else the default."""
    lines = [line for line in text[:200_000].splitlines() if line.strip()][:SEARCHED_LINES]
    best, best_rank = default, (0.0, 0)
    for separator in (default, *(other for other in COMMON_SEPARATORS if other != default)):
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:  # a cell with more letters than the reader takes
            continue
        if not widths or widths[0] < MIN_COLUMNS:
            continue
        rank = (round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0])
        if rank > best_rank:
            best, best_rank = separator, rank
    return best


def _find_decimal(cells: pd.DataFrame) -> dict[str, str]:
    """Return the decimal comma where numbers have one and none has a point."""
    commas = points = 0
    for position in range(cells.shape[1]):
        texts = cells.iloc[:, position].dropna()
        commas += int(texts.str.fullmatch(_COMMA_NUMBER).sum())
        points += int(texts.str.fullmatch(_POINT_NUMBER).sum())
    return {"decimal": ","} if commas and not points else {}
