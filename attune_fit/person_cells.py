"""The cells of one client or therapist that an event can set, in the types of Python."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.cell_parsing import split_set

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

Cell = str | float | dt.date | tuple[str, ...] | None


def read_person_cells(clinic: Clinic, tables: Tables, table: str, person_id: str) -> dict[str, Cell]:
    """Return the cells of one person that an event can set, by column: text, number, day, or codes of a set.

    Parameters
    ----------
    clinic : Clinic
    tables : Tables
    table : {"clients", "therapists"}
    person_id : str

    Returns
    -------
    dict of str to cell
        None where the cell is empty, or cannot be read.

    Raises
    ------
    DataFault
        If the table has no row with this id.
    """
    from attune_fit.data.journal.events.event_columns import list_recordable_columns
    from attune_fit.matching.ranking.rank import find_row

    row = getattr(tables, table).iloc[find_row(tables, table, person_id)]
    columns = list_recordable_columns(clinic, tables, table)
    return {name: _convert_cell(row.get(name), column.kind) for name, column in columns.items()}


def format_cell(cell: Cell) -> str:
    """Return a cell as a person types it; empty where it is unknown.

    >>> format_cell(("a", "b")), format_cell(31.0), format_cell(None)
    ('a|b', '31', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "|".join(cell)
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def _convert_cell(cell: Any, kind: str) -> Cell:
    """Return a cell of a table in the types of Python."""
    if cell is None or pd.isna(cell):
        return None
    if kind == "set":
        return tuple(split_set(str(cell)))
    if kind == "number":
        return float(cell)
    return pd.Timestamp(cell).date() if kind == "date" else str(cell)
