"""Clinics as text files with a mark in each cell, for tests that spoil cells and read the files again."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Rows = list[list[str]]  # the header, then the data

TOML = """[clinic]
as_of = 2026-06-01
"""


@dataclass
class ClinicFiles:
    """The tables of a clinic as rows of text, and its `clinic.toml`."""

    tables: dict[str, Rows]
    toml: str = TOML
    separators: dict[str, str] = field(default_factory=dict)

    def copy(self) -> ClinicFiles:
        """Return a copy whose cells can be changed."""
        return copy.deepcopy(self)

    def column(self, table: str, name: str) -> int:
        """Return the number of a column."""
        return self.tables[table][0].index(name)

    def write(self, folder: Path) -> Path:
        """Write every table as CSV, and the `clinic.toml`; files of an earlier clinic are replaced."""
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, rows in self.tables.items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            (folder / f"{name}.csv").write_text(text.getvalue())
        (folder / "clinic.toml").write_text(self.toml)
        return folder


def build_rows(columns: Mapping[str, Sequence[str]]) -> Rows:
    """Return a header and rows from columns of the same length."""
    return [list(columns), *(list(row) for row in zip(*columns.values(), strict=True))]


def list_places(files: ClinicFiles, columns: Iterable[tuple[str, str]]) -> list[tuple[str, int, int]]:
    """Return table, row and column of each cell under these headers that is not empty."""
    return [
        (table, row, column)
        for table, name in columns
        if table in files.tables and name in files.tables[table][0]
        for column in [files.column(table, name)]
        for row in range(1, len(files.tables[table]))
        if files.tables[table][row][column]
    ]
