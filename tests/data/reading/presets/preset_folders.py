"""Clinic folders around exports of REDCap and Qualtrics, for tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import Fault
from attune_fit.data.reading.mapping_report import FileReading
from attune_fit.data.reading.read_clinic import list_faults, read_mapping, read_tables

GOLDEN = Path(__file__).resolve().parents[3] / "golden"
CLINIC = "[clinic]\nas_of = 2026-06-15\n"
THERAPISTS = "therapist_id\ntom\n"


class ExportFolder:
    """A clinic folder with one export, which a test can change."""

    def __init__(self, folder: Path, toml: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.put("therapists.csv", THERAPISTS).put("clinic.toml", CLINIC + toml)

    def put(self, name: str, content: str | bytes) -> ExportFolder:
        """Write one file."""
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def copy(self, files: Path) -> ExportFolder:
        """Copy the files of a folder."""
        for path in files.iterdir():
            shutil.copy(path, self.folder / path.name)
        return self

    def add(self, toml: str) -> ExportFolder:
        """Add lines to clinic.toml."""
        return self.put("clinic.toml", (self.folder / "clinic.toml").read_text() + toml)

    def read(self, table: str = "clients") -> pd.DataFrame:
        """Return a table, by its ids in their order."""
        frame: pd.DataFrame = getattr(read_tables(Clinic.open(self.folder)), table)
        return frame.set_index(next(name for name in ("client_id", "therapist_id") if name in frame)).sort_index()

    def read_column(self, name: str, table: str = "clients") -> dict[str, object]:
        """Return the known cells of a column, by id."""
        return {str(key): cell for key, cell in self.read(table)[name].dropna().items()}

    def list_faults(self) -> tuple[Fault, ...]:
        """Return every fault, errors first."""
        return list_faults(Clinic.open(self.folder))

    def list_ids(self) -> list[tuple[str, str]]:
        """Return the id and the column of every fault."""
        return [(fault.id, fault.column) for fault in self.list_faults()]

    def get_reading(self, table: str = "clients") -> FileReading:
        """Return how the file of a table was read."""
        return next(one for one in read_mapping(Clinic.open(self.folder)) if one.table == table)


def count_read(reading: FileReading) -> dict[str, tuple[str, int]]:
    """Return the header and the number of cells read of each column."""
    return {one.column: (one.header, one.cells.read) for one in reading.headers}
