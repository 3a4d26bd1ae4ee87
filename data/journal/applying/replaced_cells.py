"""The cells that an event replaces, as digests: what a draft keeps of the state in which it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.journal.applying.cell_settlement import (
    CHECK_DATE_CELL,
    ROSTER_CELL,
    compute_cell_digest,
    find_wished_value,
    format_cell_name,
    format_wish_name,
)
from attune_fit.data.outcomes.openings import OPEN_SLOTS, UPDATED_ON

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.journal_event import EventDraft

ROSTER_EVENTS = frozenset({"opening_set", "roster_checked", "started"})  # those that depend on the check of a row


def compute_replaced(tables: Tables, draft: EventDraft) -> dict[str, str]:
    """Return the digest of each cell that an event replaces, by the name of the cell; see :mod:`cell_settlement`.

    Parameters
    ----------
    tables : Tables
        The state in which the event is recorded: with all events before it.
    draft : EventDraft
        Its ``replaced`` is not read.
    """
    replaced: dict[str, Any] = {}
    cells = draft.fields.get("cells") or {}
    table = "therapists" if draft.type == "roster_checked" else "clients"
    owner_id = draft.therapist_id if table == "therapists" else draft.client_id
    row = _find_row(getattr(tables, table), TABLE_ID_COLUMNS[table], owner_id)
    for column in cells:
        replaced[format_cell_name(table, column)] = None if row is None else row.get(column)
    if draft.type in ROSTER_EVENTS:
        row = _find_row(tables.therapists, "therapist_id", draft.therapist_id)
        replaced[ROSTER_CELL] = (None, None) if row is None else (row[OPEN_SLOTS], row[UPDATED_ON])
        if draft.type == "started":  # a row that loses its date later must not free the opening
            replaced[CHECK_DATE_CELL] = None if row is None else row[UPDATED_ON]
    if draft.type in ("wish_set", "wish_withdrawn"):
        replaced.update(_list_wishes(tables.preferences, draft))
    return {name: compute_cell_digest(value) for name, value in replaced.items()}


def _find_row(frame: pd.DataFrame, key: str, owner_id: str | None) -> pd.Series | None:
    rows = frame[frame[key] == owner_id] if owner_id is not None else frame.iloc[:0]
    return rows.iloc[0] if len(rows) else None


def _list_wishes(preferences: pd.DataFrame, draft: EventDraft) -> Iterator[tuple[str, str | None]]:
    """Yield the name and the strength of each wish that the event is about; None where there is no such wish."""
    attribute, value = draft.fields.get("attribute"), find_wished_value(draft.fields, draft.therapist_id)
    is_meant = (preferences["client_id"] == draft.client_id) & (preferences["attribute"] == attribute)
    wishes: dict[str, list[str]] = {} if value is None else {str(value): []}
    for wish in preferences[is_meant].itertuples():
        if value is None or wish.value == value:
            wishes.setdefault(str(wish.value), []).append(str(wish.strength))
    for one, strengths in wishes.items():
        yield format_wish_name(str(attribute), one), join_strengths(strengths)


def join_strengths(strengths: list[str]) -> str | None:
    """Return the strengths of one wish as one cell: a table can hold the same wish twice. None where it has none."""
    return "|".join(sorted(set(strengths))) or None
