"""Share of the lines of a ``clinic.toml`` that a first mapping has too."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import ID_COLUMNS
from attune_fit.data.clinic.mapping_config import ColumnMapping
from attune_fit.data.reading.read_clinic import read_tables

SAME_ROWS = 0.9  # a table of codes counts where this share of its rows reads the same
READ_KEYS = ("from_", "birth_date", "slots", "file", "key", "split", "scale", "dates")


def list_lines(config: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """Return each line of a configuration by its place: each key, each column, and each key of each wish."""
    lines: dict[tuple[str, ...], Any] = {}
    for part, content in config.items():
        if part != "tables":
            rows = content if isinstance(content, list) else [content]
            lines |= {(part, str(number), key): row[key] for number, row in enumerate(rows) for key in row}
            continue
        for table, section in content.items():
            lines |= {("tables", table, key): section[key] for key in section if key not in ("columns", "wishes")}
            lines |= {("columns", table, name): value for name, value in section.get("columns", {}).items()}
            for wish in section.get("wishes", ()):
                lines |= {("wishes", wish["column"], key): wish[key] for key in wish}
    return lines


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def list_differences(meant: Path, made: Path) -> tuple[list[tuple[str, ...]], int]:
    """Return the lines of ``meant/clinic.toml`` that ``made/clinic.toml`` lacks, and how many lines it has.

    Both folders hold the same files. A column of the clinic's own is compared by its source, whatever its name.
    """
    lines, found = (list_lines(read_toml(folder / "clinic.toml")) for folder in (meant, made))
    tables = [read_tables(Clinic.open(folder)) for folder in (meant, made)]
    differ = [place for place, value in lines.items() if not _is_same(place, value, found, tables)]
    return differ, len(lines)


def _is_same(place: tuple[str, ...], value: Any, found: dict[tuple[str, ...], Any], tables: list[Any]) -> bool:
    kind, table, name = place
    if kind == "columns":
        others = [found[place]] if place in found else [
            other for where, other in found.items() if where[:2] == place[:2] and _read(other).file is not None
        ]  # fmt: skip
        return any(_is_same_column(value, other, table, name, tables) for other in others)
    if place not in found:
        return False
    if name == "strengths":
        return {normalize_code(word): one for word, one in value.items()} == {
            normalize_code(word): one for word, one in found[place].items()
        }
    if name in ("missing", "header_row"):
        return {str(word) for word in _list(value)} == {str(word) for word in _list(found[place])}
    return bool(value == found[place])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read(value: Any) -> ColumnMapping:
    return ColumnMapping.model_validate({"from": value} if isinstance(value, str) else value)


def _is_same_column(value: Any, other: Any, table: str, name: str, tables: list[Any]) -> bool:
    meant, made = _read(value), _read(other)
    if any(getattr(meant, key) != getattr(made, key) for key in READ_KEYS):
        return False
    if not meant.codes and not made.codes:
        return True
    frames = [getattr(one, table) for one in tables]
    ids = [column for column in frames[0].columns if column in ID_COLUMNS]
    cells = [frame.sort_values(ids, kind="stable") for frame in frames]  # the order of rows follows their content
    if any(name not in frame for frame in cells):
        return False
    first, second = ([_read_set(cell) for cell in frame[name]] for frame in cells)
    same = sum(one == other for one, other in zip(first, second, strict=True))
    return same >= SAME_ROWS * len(first)


def _read_set(cell: Any) -> frozenset[str]:
    return frozenset() if pd.isna(cell) else frozenset(str(cell).split("|"))
