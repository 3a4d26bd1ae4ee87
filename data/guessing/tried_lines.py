"""A try of the first mapping: a line by which most cells of its header cannot be read is left out, with a warning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.clinic.settings import Config
from attune_fit.data.fault_collector import MOSTLY
from attune_fit.data.reading.read_clinic import list_faults

if TYPE_CHECKING:
    from attune_fit.data.faults import Fault
    from attune_fit.data.guessing.guess import FirstMapping

REASON = "most of its cells cannot be read so"
MAX_TRIES = 3  # another fault can show after the first ones are gone


def drop_unread_lines(folder: Path, mapping: FirstMapping) -> None:
    """Read the folder by a first mapping, and leave out the lines that would stop it.

    A header alone can look like a column whose cells it does not hold. Required columns stay: without them nothing
    can be read, and the error names what to do.

    Parameters
    ----------
    folder : Path
        The files of the clinic.
    mapping : FirstMapping
        Its ``config`` loses these lines, and its guesses get the reason.
    """
    for _ in range(MAX_TRIES):
        clinic = replace(Clinic.open(folder), config=Config.model_validate(mapping.config))
        faults = [fault for fault in list_faults(clinic) if fault.stops and fault.id.endswith(MOSTLY)]
        dropped = [_drop_line(mapping, fault) for fault in faults]  # all of them, whether or not one is
        if not any(dropped):
            return


def _drop_line(mapping: FirstMapping, fault: Fault) -> bool:
    """Leave out the lines of the header that a fault names; return whether there is one.

    A header that is called like the column would be read without a line: it becomes a column of the clinic's own.
    """
    columns, header = list_columns(fault.table), normalize_code(fault.column)
    dropped: set[str] = set()
    for section in _list_sections(mapping, fault.table):
        lines = TableMapping.model_validate({"columns": section["columns"]}).columns
        unread = {name for name, line in lines.items() if normalize_code(line.header) == header}
        unread -= {name for name, column in columns.items() if column.required}
        if header in columns and not columns[header].required:
            unread.add(header)
            section["columns"][f"own_{header}"] = fault.column
        section["columns"] = {name: line for name, line in section["columns"].items() if name not in unread}
        dropped |= unread
    mapping.guesses = [
        replace(one, state="left out", reason=REASON, value=None)
        if one.table == fault.table and one.column in dropped and normalize_code(one.header) == header
        else one
        for one in mapping.guesses
    ]
    return bool(dropped)


def _list_sections(mapping: FirstMapping, table: str) -> Iterator[dict[str, Any]]:
    """Yield the keys of a table, or of each of its parts, where they have columns."""
    whole = mapping.config["tables"].get(table, {})
    yield from (section for section in (whole, *whole.get("parts", ())) if "columns" in section)
