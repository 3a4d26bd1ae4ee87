"""The naive twin of :mod:`apply_events`: events change plain dicts one after the other, and no export is newer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.journal.applying.cell_settlement import CellValue, normalize_cell
from attune_fit.data.journal.journal_event import JournalEvent

Row = dict[str, CellValue]
PairIds = tuple[str, str]


@dataclass
class PlainClinic:
    """A clinic as plain Python: known cells only, in no order."""

    clients: dict[str, Row]
    therapists: dict[str, Row]
    wishes: set[tuple[CellValue, ...]]
    outcomes: list[Row]
    conflicts: dict[PairIds, CellValue]
    met: set[str]
    offers: dict[PairIds, tuple[str, str | None]] = field(default_factory=dict)
    expired: set[PairIds] = field(default_factory=set)
    declined: set[PairIds] = field(default_factory=set)
    ended: set[PairIds] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    since: set[PairIds] = field(default_factory=set)

    @classmethod
    def from_tables(cls, tables: Tables) -> PlainClinic:
        """Return tables as plain Python."""
        states, wishes = tables.pair_states, _list_rows(tables.preferences)
        return cls(
            {str(row["client_id"]): row for row in _list_rows(tables.clients)},
            {str(row["therapist_id"]): row for row in _list_rows(tables.therapists)},
            {tuple(row[name] for name in ("client_id", "attribute", "value", "strength")) for row in wishes},
            _list_rows(tables.outcomes),
            {_get_pair(row): row.get("reason") for row in _list_rows(tables.conflicts)},
            set(tables.met_client_ids),
            {offer[:2]: (offer.state, normalize_cell(offer.until)) for offer in states.offers},  # type: ignore[misc]
            {offer[:2] for offer in states.expired},
            set(states.declined),
            set(states.ended),
            set(states.withdrawn),
            set(states.starts_since_check),
        )

    def describe(self) -> dict[str, Any]:
        """Return all of it in a form that is equal for equal clinics."""
        return {**vars(self), "outcomes": Counter(frozenset(row.items()) for row in self.outcomes)}


def apply_plainly(export: Tables, events: Sequence[JournalEvent]) -> PlainClinic:
    """Return the clinic after events whose order is that of their numbers, on the export they were recorded on."""
    clinic, given = PlainClinic.from_tables(export), _list_rows(export.outcomes)
    undone = {event.fields["event"] for event in events if event.type == "undone"}
    offered: dict[PairIds, tuple[int, str]] = {}  # number and day of each open offer
    starts: dict[PairIds, int] = {}
    days: dict[PairIds, tuple[str, bool]] = {}  # day of the last start, and whether the pair had ended before
    for event in events:
        if event.number in undone or event.type == "undone":
            continue
        fields, on, pair = event.fields, event.on.isoformat(), (str(event.client_id), str(event.therapist_id))
        if event.type in ("offered", "accepted", "started"):
            clinic.withdrawn.discard(pair[0])
        match event.type:
            case "client_added":
                clinic.clients[pair[0]] = {"client_id": pair[0]}
                _set_cells(clinic.clients[pair[0]], fields.get("cells", {}))
            case "client_changed":
                _set_cells(clinic.clients[pair[0]], fields["cells"])
            case "wish_set" | "wish_withdrawn":
                value = fields.get("value", event.therapist_id)
                key = (pair[0], fields["attribute"])
                clinic.wishes = {one for one in clinic.wishes if one[:2] != key or value not in (None, one[2])}
                if event.type == "wish_set":
                    clinic.wishes.add((*key, value, fields["strength"]))
            case "offered":
                clinic.declined.discard(pair)
                clinic.offers[pair], offered[pair] = ("offered", fields["until"]), (event.number, on)
            case "accepted":
                clinic.offers[pair] = ("accepted", None)
            case "declined":
                clinic.offers.pop(pair, None)
                clinic.declined.add(pair)
                if fields["reason"] == "no-longer-seeks-therapy":
                    clinic.withdrawn.add(pair[0])
            case "started":
                clinic.offers = {one: offer for one, offer in clinic.offers.items() if one[0] != pair[0]}
                is_again = pair in clinic.ended or any(
                    _get_pair(row) == pair and row.get("dropped_out") == "yes" and str(row.get("measured_on", "")) < on
                    for row in given
                )
                clinic.declined.discard(pair)
                clinic.ended.discard(pair)
                checked = clinic.therapists[pair[1]].get("updated_on")
                if checked is None or on == checked or (is_again and on > str(checked)):
                    clinic.since.add(pair)
                days[pair], starts[pair] = (on, is_again), event.number
                _add_record(clinic, given, pair, on, {})
            case "ended":
                clinic.ended.add(pair)
                dropped_out = "yes" if fields["reason"] == "dropped-out" else "no"
                _add_record(clinic, given, pair, on, {"dropped_out": dropped_out})
            case "opening_set" | "roster_checked":
                row = clinic.therapists[pair[1]]
                _set_cells(row, {**fields.get("cells", {}), "open_slots": fields.get("openings"), "updated_on": on})
                for one in [one for one in clinic.since if one[1] == pair[1]]:
                    if not (days[one][0] > on and days[one][1]):
                        clinic.since.discard(one)
            case "conflict_set":
                clinic.conflicts.setdefault(pair, fields["reason"])
            case "score_recorded":
                _add_record(clinic, given, pair, on, {name: normalize_cell(cell) for name, cell in fields.items()})
    _end_offers(clinic, given, offered, starts, export.as_of)
    return clinic


def _set_cells(row: Row, cells: Mapping[str, Any]) -> None:
    for name, cell in cells.items():
        row.pop(name, None)
        if normalize_cell(cell) is not None:
            row[name] = normalize_cell(cell)


def _add_record(clinic: PlainClinic, given: Iterable[Row], pair: PairIds, on: str, cells: Row) -> None:
    """Add a row of outcomes, unless the export has it."""
    clinic.met.add(pair[0])
    for row in given:
        if _get_pair(row) != pair:
            continue
        is_same_day, is_score = row.get("measured_on") == on, "score" in cells
        if not is_score and is_same_day and cells.get("dropped_out") in (None, row.get("dropped_out")):
            return
        is_same_form = row.get("instrument") == cells.get("instrument") and row.get("rater", "client") == cells.get(
            "rater"
        )
        if is_score and "score" in row and is_same_form and (is_same_day or row.get("session") == cells["session"]):
            return
    clinic.outcomes.append({"client_id": pair[0], "therapist_id": pair[1], "measured_on": on, **cells})


def _end_offers(
    clinic: PlainClinic,
    given: Iterable[Row],
    offered: Mapping[PairIds, tuple[int, str]],
    starts: Mapping[PairIds, int],
    as_of: dt.date,
) -> None:
    """Take away the offers of clients who started, as the export shows it, and those that have expired."""
    dated = [row for row in given if row.get("measured_on") is not None]
    for pair, (_, until) in list(clinic.offers.items()):
        number, on = offered[pair]
        own = [str(row["measured_on"]) for row in dated if _get_pair(row) == pair]
        others = {_get_pair(row) for row in dated if row["client_id"] == pair[0]} - {pair}
        firsts = {one: min(str(row["measured_on"]) for row in dated if _get_pair(row) == one) for one in others}
        new = [one for one, first in firsts.items() if first > on and starts.get(one, number + 1) > number]
        if new or any(day > on for day in own):
            del clinic.offers[pair]
        elif until is not None and until < as_of.isoformat():
            del clinic.offers[pair]
            clinic.expired.add(pair)


def _get_pair(row: Row) -> PairIds:
    return str(row["client_id"]), str(row["therapist_id"])


def _list_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the known cells of each row."""
    return [
        {str(name): normalize_cell(cell) for name, cell in row.items() if normalize_cell(cell) is not None}
        for row in frame.to_dict("records")
    ]
