"""The event of the journal that makes a change, as the keywords of ``record``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.outcomes.openings import count_held_openings, count_openings
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.relaxation.proposed_change import OPENING_COLUMNS, TableChange
from attune_fit.matching.relaxation.table_edits import WEAKER_STRENGTH

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

Event = dict[str, Any]


@dataclass(frozen=True)
class ChangeEvents:
    """Builds the events of changes for one client and one therapist, one change after the other.

    Attributes
    ----------
    tables : Tables
    client_id, therapist_id : str
    cells : dict
        What the changes so far set, by table and column: a second change of a cell starts from the first.
    """

    tables: Tables
    client_id: str
    therapist_id: str
    cells: dict[tuple[str, str], Any] = field(default_factory=dict)

    def build_event(self, change: TableChange) -> Event | None:
        """Build the event that makes a change; None where a question has to be answered first."""
        if not change.is_certain:
            return None
        table, column = change.relaxation.changed_column.split(".")
        if table == "preferences":
            strength = WEAKER_STRENGTH[change.rule]
            return {"event": "wish_set", "client": self.client_id, "attribute": change.attribute,
                    "value": change.code, "strength": strength}  # fmt: skip
        if change.relaxation.changed_column in OPENING_COLUMNS:
            return self._build_roster_event(change)
        event = "roster_checked" if table == "therapists" else "client_changed"
        person = {"therapist": self.therapist_id} if table == "therapists" else {"client": self.client_id}
        return {"event": event, **person, "cells": {column: self._edit_cell(change, table, column)}}

    def _build_roster_event(self, change: TableChange) -> Event:
        """Build the event of one more opening, or of a check that confirms the row as it is."""
        if change.relaxation.changed_column != OPENING_COLUMNS[0]:
            return {"event": "roster_checked", "therapist": self.therapist_id}
        row = find_row(self.tables, "therapists", self.therapist_id)
        left, held = (float(count(self.tables)[row]) for count in (count_openings, count_held_openings))
        openings = float(change.relaxation.edit(pd.Series([left]), change.code).iloc[0]) + held
        return {"event": "opening_set", "therapist": self.therapist_id, "openings": int(openings)}

    def _edit_cell(self, change: TableChange, table: str, column: str) -> Any:
        """Return the cell after the change as the journal takes it; None where it is unknown then."""
        if (table, column) not in self.cells:
            one = self.therapist_id if table == "therapists" else self.client_id
            row = find_row(self.tables, table, one)
            self.cells[table, column] = getattr(self.tables, table)[column].iloc[row]
        kind = getattr(self.tables, table)[column].dtype
        edited = change.relaxation.edit(pd.Series([self.cells[table, column]], dtype=kind), change.code).iloc[0]
        self.cells[table, column] = edited
        return None if pd.isna(edited) else edited


def build_change_events(
    tables: Tables, client_id: str, therapist_id: str, changes: Sequence[TableChange]
) -> list[Event | None]:
    """Build the event of each of several changes that are made together, for one therapist.

    Returns
    -------
    list of dict or None
        Keywords of ``record``, one for each change; None where a question has to be answered first.
    """
    events = ChangeEvents(tables, client_id, therapist_id)
    return [events.build_event(change) for change in changes]


def join_events(events: Sequence[Event | None]) -> tuple[Event, ...] | None:
    """Join the events about the same row, so that each row is recorded once; None where an answer is missing.

    >>> check = {"event": "roster_checked", "therapist": "t1"}
    >>> join_events([{"event": "opening_set", "therapist": "t1", "openings": 1}, check])
    ({'event': 'roster_checked', 'therapist': 't1', 'openings': 1},)
    >>> join_events([check, None]) is None
    True
    """
    merged: dict[object, Event] = {}
    for number, event in enumerate(events):
        if event is None:
            return None
        key: object = number if event["event"] == "wish_set" else (event.get("client"), event.get("therapist"))
        merged[key] = _join_two(merged[key], event) if key in merged else event
    return tuple(merged.values())


def _join_two(first: Event, second: Event) -> Event:
    """Join two events about one row: a check can hold the openings and the cells of both."""
    cells: Mapping[str, Any] = {**first.get("cells", {}), **second.get("cells", {})}
    name = {"event": "client_changed" if "client" in first else "roster_checked"}
    both = {**first, **second, **name}
    return {**both, "cells": dict(cells)} if cells else both
