"""Folders with exports of programs and a roster, for tests of first mappings."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.guessing.guess import FirstMapping
from attune_fit.data.reading.read_clinic import list_faults
from attune_fit.first_mapping import write_first_mapping

Rows = Sequence[Sequence[Any]]
Row = Callable[[int], Sequence[Any]]
GOLDEN = Path(__file__).resolve().parents[2] / "golden"
STAFF: Rows = [["Therapist ID", "Gender", "Openings"], *([f"t{number}", "FM"[number % 2], 2] for number in range(6))]
HEADERS: Sequence[str] = (
    *("Variable / Field Name", "Form Name", "Field Type", "Field Label"),
    *("Choices, Calculations, OR Slider Labels", "Identifier?"),
)


def write_rows(path: Path, rows: Rows) -> None:
    """Write rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def write_numbered_rows(path: Path, headers: Sequence[Sequence[str]], row: Row, count: int = 30) -> None:
    """Write rows of headers, and below them what ``row`` makes of each number."""
    write_rows(path, [*headers, *(row(number) for number in range(count))])


def copy_golden(folder: Path, files: Path, *, has_staff: bool) -> Path:
    """Copy a file, or the files of a folder, of other people, with a roster or without one."""
    folder.mkdir(parents=True)
    for path in sorted(files.iterdir()) if files.is_dir() else [files]:
        if path.suffix != ".md":
            shutil.copy(path, folder)
    if has_staff:
        write_rows(folder / "staff.csv", STAFF)
    return folder


def make_mapping(folder: Path) -> FirstMapping:
    """Write a first mapping, check that it is read without errors, and return it."""
    mapping: FirstMapping = write_first_mapping(folder).result
    assert [fault for fault in list_faults(Clinic.open(folder)) if fault.stops] == []
    return mapping


def get_section(mapping: FirstMapping, table: str) -> dict[str, Any]:
    """Return the part of ``clinic.toml`` about a table."""
    section: dict[str, Any] = mapping.config["tables"][table]
    return section


def list_headers(mapping: FirstMapping, state: str, table: str) -> dict[str, str]:
    """Return the canonical column of each header of a table that is in a state; empty text for none."""
    return {one.header: one.column for one in mapping.guesses if (one.state, one.table) == (state, table)}
