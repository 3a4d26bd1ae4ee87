"""Tables without a file: a file under almost the same name, or keys of ``clinic.toml`` about an absent table."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.formats.table_formats import CANONICAL_SUFFIX, FORMATS

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.fault_collector import FaultCollector

MIN_SIMILARITY = 0.9  # of two names, as in difflib: `conflict` and `Conflicts (1)` are near to `conflicts`
SUFFIXES = (*(suffix for row in FORMATS for suffix in row.suffixes), ".txt")
STOPPING_TABLES = (*TABLE_ID_COLUMNS, "preferences", "conflicts")  # without the last two, restrictions would be lost
KEYS_OF_OTHER_FILES = {"wishes"}  # wishes can be in columns of the clients' file


def check_absent_table(clinic: Clinic, table: str, collector: FaultCollector) -> None:
    """Report that a table without a file is probably there, or is described in ``clinic.toml``.

    An error where the table restricts or is required, a warning for outcomes: a new clinic has none yet.

    Parameters
    ----------
    clinic : Clinic
        Its folder has no file under the name of the table.
    table : str
        One of TABLES.
    collector : FaultCollector
        Collects the fault. Nothing is added where it has an error about the table.
    """
    if any(fault.stops and fault.table == table for fault in collector.faults):
        return
    add_fault = collector.add_error if table in STOPPING_TABLES else collector.add_warning
    similar = next(iter(list_unread_files(clinic, list_similar_files(table, clinic.folder.iterdir()))), None)
    keys = getattr(clinic.config.tables, table).model_fields_set - KEYS_OF_OTHER_FILES
    if similar is not None:
        suffix = similar.suffix.casefold()
        proposed = f"{table}{suffix if suffix in SUFFIXES[:-1] else CANONICAL_SUFFIX}"
        message = f"{similar.name} is not read, because the file of this table has another name"
        fix = (
            f'Rename it to {proposed}, or add `file = "{similar.name}"` under [tables.{table}]. If it is not this '
            "table, give it a name that is not like it."
        )
        add_fault("table-under-another-name", "", message, fix)
    elif keys and table not in TABLE_ID_COLUMNS:  # a required table has an error of its own
        message = f"clinic.toml describes this table, and the folder has no file {table}{CANONICAL_SUFFIX}"
        add_fault("table-without-file", "", message, f"Add the file, or delete [tables.{table}] from clinic.toml.")


def list_unread_files(clinic: Clinic, paths: list[Path]) -> list[Path]:
    """Return the files that the clinic does not read."""
    used = clinic.list_input_files() if paths else frozenset()
    return [path for path in paths if path.resolve() not in used]


def list_similar_files(table: str, paths: Iterable[Path]) -> list[Path]:
    """Return the table files whose names are almost the name of a table, the nearest first.

    >>> paths = [Path(name) for name in ("Conflict.csv", "conflicts.docx", "notes.csv", "clients.txt")]
    >>> [[str(path) for path in list_similar_files(table, paths)] for table in ("conflicts", "clients", "outcomes")]
    [['Conflict.csv'], ['clients.txt'], []]
    """

    def measure_similarity(path: Path) -> float:
        return difflib.SequenceMatcher(None, re.sub(r"[\W_]", "", path.stem.casefold()), table).ratio()

    named = sorted(path for path in paths if path.suffix.casefold() in SUFFIXES)
    near = [path for path in named if measure_similarity(path) >= MIN_SIMILARITY]
    return sorted(near, key=measure_similarity, reverse=True)
