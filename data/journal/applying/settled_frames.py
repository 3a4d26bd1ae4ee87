"""The journal's changes written into the frames of the export, each settled with the cell that the export has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from attune_fit.data.clinic.columns import DEPARTED_THERAPIST_ID, TABLE_ID_COLUMNS
from attune_fit.data.clinic.tables import complete_columns
from attune_fit.data.journal.applying.cell_settlement import (
    NOT_UPDATED,
    ROSTER_CELL,
    THERAPIST_WISH,
    CellChange,
    CellValue,
    RosterCheck,
    SettledEvent,
    SettledRoster,
    find_last_number,
    format_cell_name,
    format_wish_name,
    normalize_cell,
    settle_cell,
    settle_roster,
)
from attune_fit.data.journal.applying.replaced_cells import join_strengths
from attune_fit.data.outcomes.openings import OPEN_SLOTS, UPDATED_ON

if TYPE_CHECKING:
    from attune_fit.data.clinic.pair_states import Pair
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.applying.event_edits import PersonCell, RecordedRow, WishTopic

WISH_CELLS = ("client_id", "attribute", "value", "strength")
CLIENT_RATER = "client"  # of a score whose rater is missing
Settled = list[SettledEvent]


class GivenRecord(NamedTuple):
    """The cells of a row of outcomes in the export that records of the journal are compared with; ``on`` is ISO."""

    on: str | None
    session: float | None
    instrument: str | None
    rater: str | None
    score: float | None
    dropped_out: str | None


def settle_people(
    table: str,
    frame: pd.DataFrame,
    changes: Mapping[PersonCell, Sequence[CellChange]],
    settled: Settled,
    new_ids: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the clients, or the therapists, with the journal's cells where they hold.

    Parameters
    ----------
    table : {"clients", "therapists"}
    frame : DataFrame
        The table of the export.
    changes : mapping
        By (table, column, id); those of another table are ignored.
    settled : list of SettledEvent
        Receives the events that the export contradicts.
    new_ids : sequence of str
        People whom only the journal has: rows that are added.
    """
    key = TABLE_ID_COLUMNS[table]
    if new_ids:
        frame = build_rows(table, [{key: one} for one in new_ids], frame)
    by_column: dict[str, dict[str, Sequence[CellChange]]] = {}
    for (owner, column, one), chain in changes.items():
        if owner == table:
            by_column.setdefault(column, {})[one] = chain
    rows = {one: row for row, one in enumerate(frame[key])} if by_column else {}
    columns = {}
    for column, chains in by_column.items():
        name = format_cell_name(table, column)
        if column in frame:
            columns[column] = _settle_column(frame[column], name, rows, chains, settled, frozenset(new_ids))
            continue
        settled += [
            SettledEvent(one.number, name, "neither", "column-gone")
            for chain in chains.values()
            for one in chain
            if not one.is_undone
        ]
    return frame.assign(**columns)


def _settle_column(
    cells: pd.Series,
    name: str,
    rows: Mapping[str, int],
    chains: Mapping[str, Sequence[CellChange]],
    settled: Settled,
    new_ids: Collection[str],
) -> pd.Series:
    """Return one column with the journal's cells where they hold; ``rows`` are the row numbers by id."""
    values: list[Any] = cells.tolist()
    for one, chain in chains.items():
        row = rows[one]
        given = normalize_cell(values[row])
        value, overruled = settle_cell(given, chain)
        settled += [SettledEvent(number, name, "export", "export-changed") for number in overruled]
        if value == given:
            continue
        last = find_last_number(chain)
        try:
            values[row] = _convert_cell(value, cells)
        except ValueError:
            settled.append(SettledEvent(last, name, "neither", "column-of-another-kind"))
            continue
        if one not in new_ids:
            settled.append(SettledEvent(last, name, "journal", NOT_UPDATED))
    return pd.Series(values, index=cells.index, dtype=cells.dtype)


def _convert_cell(value: CellValue, cells: pd.Series) -> Any:
    """Return a settled cell in the kind of its column; ValueError where it is of another kind."""
    if value is None:
        return None
    if pd.api.types.is_numeric_dtype(cells):
        return float(str(value))
    if pd.api.types.is_datetime64_any_dtype(cells):
        return pd.Timestamp(str(value))
    if isinstance(value, float):
        raise ValueError("a number in a column of text")
    return value


def settle_rosters(
    frame: pd.DataFrame, checks: Mapping[str, Sequence[RosterCheck]], settled: Settled
) -> tuple[pd.DataFrame, dict[str, SettledRoster]]:
    """Return the therapists with the openings and dates of the checks that hold, and each settled row by id."""
    ids: list[str] = frame["therapist_id"].tolist()
    open_slots = [normalize_cell(cell) for cell in frame[OPEN_SLOTS].tolist()]
    updated_on = [normalize_cell(cell) for cell in frame[UPDATED_ON].tolist()]
    rosters = {}
    for row, one in enumerate(ids):
        slots, day = open_slots[row], updated_on[row]
        roster = settle_roster(
            slots if isinstance(slots, float) else None, day if isinstance(day, str) else None, checks.get(one, ())
        )
        settled += [SettledEvent(number, ROSTER_CELL, "export", why) for number, why in roster.overruled]
        if roster.number is not None and (roster.open_slots, roster.updated_on) != (slots, day):
            settled.append(SettledEvent(roster.number, ROSTER_CELL, "journal", NOT_UPDATED))
        rosters[one] = roster
    if checks:
        settled_rows = [rosters[one] for one in ids]
        days = [pd.NaT if roster.updated_on is None else pd.Timestamp(roster.updated_on) for roster in settled_rows]
        slots_dtype, days_dtype = frame[OPEN_SLOTS].dtype, frame[UPDATED_ON].dtype
        frame = frame.assign(**{
            OPEN_SLOTS: pd.Series([roster.open_slots for roster in settled_rows], index=frame.index, dtype=slots_dtype),
            UPDATED_ON: pd.Series(days, index=frame.index, dtype=days_dtype),
        })  # fmt: skip
    return frame, rosters


def settle_wishes(
    tables: Tables, changes: Mapping[WishTopic, Mapping[str, Sequence[CellChange]]], settled: Settled
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Return the wishes of the export without those that the journal changed, and the journal's wishes that hold.

    A wish about a therapist who has left stays one, for no therapist of the roster. A wish about a column that is gone
    stays one too: :func:`add_wishes` decides what it stops.
    """
    frame = tables.preferences
    rows: list[dict[str, str]] = []
    if not changes:
        return frame, rows
    columns = [frame[name].tolist() for name in WISH_CELLS]
    strengths: dict[tuple[str, str, str], list[str]] = {}
    for client_id, attribute, value, strength in zip(*columns, strict=True):
        if (client_id, attribute) in changes:
            strengths.setdefault((client_id, attribute, value), []).append(strength)
    replaced: set[tuple[str, str, str]] = set()
    roster_ids, known = frozenset(tables.therapists["therapist_id"]), frozenset(tables.therapists.columns)
    for (client_id, attribute), chains in changes.items():
        for value, chain in chains.items():
            name = format_wish_name(attribute, value)
            is_gone = attribute == THERAPIST_WISH and value not in roster_ids
            key = client_id, attribute, DEPARTED_THERAPIST_ID if is_gone else value
            if attribute not in known:
                numbers = [one.number for one in chain if not one.is_undone]
                settled += [SettledEvent(number, name, "neither", "column-gone") for number in numbers]
            given = join_strengths(strengths.get(key, []))
            strength, overruled = settle_cell(given, chain)
            settled += [SettledEvent(number, name, "export", "export-changed") for number in overruled]
            if strength == given:
                continue
            if attribute in known:
                settled.append(SettledEvent(find_last_number(chain), name, "journal", NOT_UPDATED))
            replaced.add(key)
            if strength is not None:
                rows.append(dict(zip(WISH_CELLS, (*key, str(strength)), strict=True)))
    if replaced:
        frame = frame[np.array([key not in replaced for key in zip(*columns[:-1], strict=True)], dtype=bool)]
    return frame, rows


def add_records(
    outcomes: pd.DataFrame, records: Iterable[RecordedRow], scores: Iterable[RecordedRow], settled: Settled
) -> pd.DataFrame:
    """Return the outcomes with the journal's starts, ends and scores, each of which the export can have too.

    A score is the export's where it has one of the same pair, instrument and rater on that day or session.
    """
    records, scores = list(records), list(scores)
    if not (records or scores):
        return outcomes
    given = _list_records(outcomes, {row.pair for row in (*records, *scores)})
    added = []
    for record in records:
        dropped_out = record.cells.get("dropped_out")
        rows = given.get(record.pair, ())
        if not any(row.on == record.on and dropped_out in (None, row.dropped_out) for row in rows):
            added.append(record)
    for score in scores:
        others = [row for row in given.get(score.pair, ()) if _is_same_form(score, row)]
        if not others:
            added.append(score)
        elif all(row.score != normalize_cell(score.cells.get("score")) for row in others):
            settled.append(SettledEvent(score.number, "outcomes.score", "export", "export-has-score"))
    rows_added = [{**row.pair._asdict(), "measured_on": row.on, **row.cells} for row in added]
    return build_rows("outcomes", rows_added, outcomes)


def _is_same_form(score: RecordedRow, row: GivenRecord) -> bool:
    """Return whether a row of the export has a score of the same instrument, rater, and day or session."""
    cells = score.cells
    session = normalize_cell(cells.get("session"))
    return (
        row.score is not None
        and row.instrument == cells.get("instrument")
        and (row.rater or CLIENT_RATER) == cells.get("rater", CLIENT_RATER)
        and (row.on == score.on or (session is not None and row.session == session))
    )


def _list_records(outcomes: pd.DataFrame, pairs: Collection[Pair]) -> dict[tuple[str, str], list[GivenRecord]]:
    """Return the rows of these pairs."""
    rows = outcomes[outcomes["client_id"].isin({pair.client_id for pair in pairs})]
    days = rows["measured_on"].dt.strftime("%Y-%m-%d")
    compared = days, rows["session"], rows["instrument"], rows["rater"], rows["score"], rows["dropped_out"]
    cells = zip(*(one.astype(object).where(one.notna(), None).tolist() for one in compared), strict=True)
    by_pair: dict[tuple[str, str], list[GivenRecord]] = {}
    for pair, row in zip(zip(rows["client_id"], rows["therapist_id"], strict=True), cells, strict=True):
        if pair in pairs:
            by_pair.setdefault(pair, []).append(GivenRecord(*row))
    return by_pair


def list_record_days(outcomes: pd.DataFrame, client_ids: set[str]) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the first and the last day, ISO, of each pair's dated records, by client id and therapist id."""
    if not client_ids:
        return {}
    rows = outcomes[outcomes["client_id"].isin(client_ids)].dropna(subset=["measured_on"])
    days: dict[str, dict[str, tuple[str, str]]] = {}
    for client_id, therapist_id, day in zip(
        rows["client_id"], rows["therapist_id"], rows["measured_on"].dt.strftime("%Y-%m-%d"), strict=True
    ):
        first, last = days.setdefault(client_id, {}).get(therapist_id, (day, day))
        days[client_id][therapist_id] = min(first, day), max(last, day)
    return days


def add_conflicts(conflicts: pd.DataFrame, pairs: Mapping[Pair, str | None]) -> pd.DataFrame:
    """Return the conflicts with those of the journal that the export lacks."""
    given = set(zip(conflicts["client_id"], conflicts["therapist_id"], strict=True))
    rows = [{**pair._asdict(), "reason": reason} for pair, reason in pairs.items() if pair not in given]
    return build_rows("conflicts", rows, conflicts)


def build_rows(table: str, rows: Sequence[Mapping[str, Any]], frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with rows added: mappings of known cells by column. Without rows it is the very frame."""
    if not rows:
        return frame
    names = dict.fromkeys(name for row in rows for name in row)
    given = complete_columns(table, pd.DataFrame({name: [row.get(name) for row in rows] for name in names}))
    own = {str(name): pd.Series(index=given.index, dtype=frame[name].dtype) for name in frame if name not in given}
    both = [frame, given.assign(**own)[list(frame)]] if len(frame) else [given.assign(**own)[list(frame)]]
    return pd.concat(both, ignore_index=True)
