"""One therapist of the roster as a page or a notebook edits it: the cells that an event can set, and the clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.cell_parsing import split_set
from attune_fit.matching.day_lists.roster_list import RosterRow

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

Cell = str | float | dt.date | tuple[str, ...] | None


@dataclass(frozen=True)
class TherapistRecord:
    """One therapist of the roster.

    Attributes
    ----------
    row : RosterRow
        Openings, offers, age and limits.
    cells : mapping of str to cell
        By column that an event can set: text, number, day, codes of a set, or None where unknown.
    clients : tuple of str
        Ids of the clients in therapy with the therapist, by id.
    unclear : tuple of str
        Ids of clients whose last record with the therapist is old or has no day, by id: they can have ended.
    """

    row: RosterRow
    cells: Mapping[str, Cell]
    clients: tuple[str, ...]
    unclear: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the record in the types of JSON; days stay dates."""
        return {**asdict(self.row), "cells": dict(self.cells), "clients": self.clients, "unclear": self.unclear}


def read_roster_cells(clinic: Clinic, tables: Tables, therapist_id: str) -> dict[str, Cell]:
    """Return the cells of one therapist that an event can set, by column.

    Raises
    ------
    DataFault
        If no therapist has this id.
    """
    from attune_fit.data.journal.events.event_columns import list_recordable_columns
    from attune_fit.matching.ranking.rank import find_row

    row = tables.therapists.iloc[find_row(tables, "therapists", therapist_id)]
    columns = list_recordable_columns(clinic, tables, "therapists")
    return {name: _convert_cell(row.get(name), column.kind) for name, column in columns.items()}


def _convert_cell(cell: Any, kind: str) -> Cell:
    """Return a cell of a table in the types of the record."""
    if cell is None or pd.isna(cell):
        return None
    if kind == "set":
        return tuple(split_set(str(cell)))
    if kind == "number":
        return float(cell)
    return pd.Timestamp(cell).date() if kind == "date" else str(cell)
