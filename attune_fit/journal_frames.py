"""Build the tables of the journal: one row for each event, or for each cell that an export settled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from attune_fit.journal_records import ListedEvent, SettledRow

EVENT_COLUMNS = ("number", "at", "on", "actor", "type", "client_id", "therapist_id", "details", "undone_by")
SETTLED_COLUMNS = ("number", "on", "type", "client_id", "therapist_id", "cell", "taken", "why")


def build_events_frame(rows: Iterable[ListedEvent]) -> pd.DataFrame:
    """Build one row for each event.

    Returns
    -------
    DataFrame
        ``at`` is the time of recording, UTC, and ``on`` the day on which it happened, both as ISO text. ``details`` has
        the fields as text. ``undone_by`` is the number of the event that took this one back, else missing.
    """
    listed = [
        (event.number, event.at.isoformat(), event.on.isoformat(), event.actor, event.type, event.client_id,
         event.therapist_id, row.details, row.undone_by)
        for row in rows if (event := row.event)
    ]  # fmt: skip
    frame = pd.DataFrame(listed, columns=list(EVENT_COLUMNS))
    texts = dict.fromkeys(("at", "on", "actor", "type", "client_id", "therapist_id", "details"), "str")
    return frame.astype({"number": "int64", "undone_by": "Int64", **texts})


def build_settled_frame(rows: Iterable[SettledRow]) -> pd.DataFrame:
    """Build one row for each cell in which an event and the last export differ: which of the two is taken, and why."""
    return pd.DataFrame([row.to_dict() for row in rows], columns=list(SETTLED_COLUMNS))
