"""Survey of a folder: each file or sheet that can hold a table, read with the encoding and separator that fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.table_formats import FORMATS, find_format_to_read, find_suffix
from attune_fit.data.formats.workbooks import list_sheets
from attune_fit.data.guessing.cell_evidence import CellEvidence
from attune_fit.data.guessing.header_search import MIN_COLUMNS, HeaderRows, find_header_rows
from attune_fit.data.guessing.program_export import ProgramExport
from attune_fit.data.guessing.text_layout import find_decimal, find_text_keys
from attune_fit.data.reading.rows.header_match import PLACEHOLDER
from attune_fit.data.reading.rows.table_files import read_file

SUFFIXES = frozenset((*(suffix for row in FORMATS for suffix in row.suffixes), ".txt"))
DATABASE_SUFFIXES = frozenset((".db", ".sqlite", ".sqlite3"))
HIDDEN = (".", "~", "#")
ONE_BYTE = ("latin-1", "cp1252")  # encodings in which plain letters are as in UTF-8


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
    endings : mapping of str to str
        The lower part of each header that two rows form together.
    others : tuple of str
        Further files with the same headers, whose rows are among its cells; or further sheets of the workbook.
    joined : tuple of dict
        What ``[[tables.NAME.join]]`` has of each file whose columns are among its cells.
    export : ProgramExport or None
        What its preset made of it, where a program wrote it. Several files without a name, such as FHIR resources, have
        an empty ``name``.
    """

    name: str
    keys: dict[str, Any]
    cells: pd.DataFrame
    endings: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    joined: tuple[dict[str, Any], ...] = ()
    export: ProgramExport | None = None
    _evidence: dict[str, CellEvidence] = field(default_factory=dict, repr=False, compare=False)

    @property
    def place(self) -> str:
        """The file, with its sheet where it has several, and the other files; for messages."""
        name = self.name or ("" if self.export is None else self.export.preset.label)
        own = next((f"{name}, {key} {self.keys[key]}" for key in ("sheet", "form") if key in self.keys), name)
        names = [own, *self.others]
        return f"{', '.join(names[:-1])} and {names[-1]}" if self.others else own

    @property
    def names(self) -> frozenset[str]:
        """Every file whose cells it has."""
        others = frozenset[str]() if "sheet" in self.keys else frozenset(self.others)
        return frozenset((self.name,)) | others | {join["file"] for join in self.joined}

    @property
    def section(self) -> dict[str, Any]:
        """Return the keys of ``[tables.NAME]`` that name the files, and how they are read."""
        keys = dict(self.keys)
        if not self.others:
            return {"file": self.name, **keys} if self.name else keys
        if "sheet" in keys:
            return {"file": self.name, "sheets": [keys.pop("sheet"), *self.others], **keys}
        return {"files": [self.name, *self.others], **keys}

    @cached_property
    def is_ascii(self) -> bool:
        """Whether it is a text file without any accent or other special letter."""
        if not find_format_to_read(Path(self.name)).is_text or "encoding" in self.keys:
            return False
        columns = (self.cells.iloc[:, number].dropna() for number in range(self.cells.shape[1]))
        return all(map(str.isascii, self.headers)) and all(all(map(str.isascii, cells)) for cells in columns)

    @cached_property
    def headers(self) -> list[str]:
        """The headers, from left to right."""
        return [str(header) for header in self.cells.columns]

    @cached_property
    def column_scores(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """The possible columns of each header that was scored, by table and header; they are asked for many times."""
        return {}

    def list_names(self, header: str) -> tuple[str, ...]:
        """Return a header, its lower part where two rows form it, and the question that people read above it."""
        questions = {} if self.export is None else self.export.questions
        others = (part for part in (self.endings.get(header, ""), questions.get(header, "")) if part.strip())
        return tuple(dict.fromkeys((header, *others)))

    def can_be(self, table: str) -> bool:
        """Return whether its cells can be those of a canonical table: an export is read as one table each time."""
        return self.export is None or self.export.table == table

    def is_same_as(self, other: SurveyedFile) -> bool:
        """Return whether a table of one of them leaves no rows for a table of the other.

        FHIR resources are several tables, and so are the records and the forms of a REDCap project.
        """
        if self is other or self.export is None or other.export is None:
            return self is other
        return self.name == other.name and not self.export.shares_files_with(other.export)

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


def read_folder(folder: Path, skipped: Collection[Path] = ()) -> tuple[list[SurveyedFile], dict[str, str]]:
    """Read every file of a folder that can hold a table, without those to be ``skipped``.

    A file of which no header is known is read again, with the headers of the others: a list of members names the ids
    as the table does.

    Returns
    -------
    (list of SurveyedFile, dict of str to str)
        Those that can be read; and the names of the others, with the reason.
    """
    paths = [path for path in list_table_paths(folder) if path not in skipped]
    read = {path: read_surveyed_files(path) for path in paths}
    known = {header for files, _ in read.values() for file in files for header in file.headers}
    for path in [path for path, (files, _) in read.items() if not files]:
        read[path] = read_surveyed_files(path, known)
    files = _share_encodings([file for found, _ in read.values() for file in found])
    return files, {path.name: reason for path, (found, reason) in read.items() if not found}


def _share_encodings(files: list[SurveyedFile]) -> list[SurveyedFile]:
    """Return the files, those without any accent in the encoding of the others with the same separator.

    Such a file reads the same either way. The next export from the same program can have an accent.
    """
    encodings: dict[str | None, set[str]] = {}
    for file in files:
        if not file.is_ascii:
            encodings.setdefault(file.keys.get("separator"), set()).add(file.keys.get("encoding", "utf-8"))
    shared = {separator: found.pop() for separator, found in encodings.items() if len(found) == 1}
    return [
        replace(file, keys={"encoding": encoding, **file.keys})
        if file.is_ascii and (encoding := shared.get(file.keys.get("separator"), "utf-8")) in ONE_BYTE
        else file
        for file in files
    ]


def read_surveyed_files(path: Path, known: Collection[str] = ()) -> tuple[list[SurveyedFile], str]:
    """Read a file, or each sheet of a workbook; ``known`` are headers of other files, which are trusted here too.

    Returns
    -------
    (list of SurveyedFile, str)
        Those that can be read and have at least two columns; and why another cannot be read, else empty text.
    """
    keys = find_text_keys(path)
    sheets = list_sheets(path)
    variants = [{**keys, "sheet": sheet} for sheet in sheets] if len(sheets) > 1 else [keys]
    found, reason = [], ""
    for variant in variants:
        cells, rows, problem = _read(path, variant, known)
        if cells is None:
            reason = reason or problem
        elif cells.shape[1] < MIN_COLUMNS:
            reason = reason or "it has a single column"
        else:
            found.append(SurveyedFile(path.name, {**variant, **find_decimal(cells)}, cells, rows.endings))
    return found, reason


def _read(path: Path, keys: dict[str, Any], trusted: Collection[str]) -> tuple[pd.DataFrame | None, HeaderRows, str]:
    """Return the cells under the headers, the rows of these, which ``keys`` get too, and why there are no cells."""
    rows = find_header_rows(path, keys, trusted)
    if rows.numbers:
        keys["header_row"] = list(rows.numbers)
    columns = (
        {"client_id": ColumnMapping.model_validate({"from": rows.known})} if rows.known else {}
    )  # a header that is known makes the others trusted
    collector = FaultCollector("clients")
    cells = read_file(path, TableMapping(**keys, columns=columns), collector)
    if cells is None and any(fault.id == "second-header-row" for fault in collector.faults):
        second = next(fault.rows[0] for fault in collector.faults if fault.id == "second-header-row")
        keys["header_row"] = [second - 1, second]
        collector = FaultCollector("clients")
        cells = read_file(path, TableMapping(**keys, columns=columns), collector)
    if cells is not None and len(cells.columns) and PLACEHOLDER.fullmatch(str(cells.columns[0])):
        return None, rows, "its first row does not look like headers"
    return cells, rows, find_reason(collector)


def find_reason(collector: FaultCollector) -> str:
    """Return why a file cannot be read."""
    return next((fault.says for fault in collector.faults if fault.stops), "it has no rows")
