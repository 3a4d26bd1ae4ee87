"""The events that were just recorded or undone: what the bar above a page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from attune_fit.app.desk.visit import Visit
from attune_fit.app.desk.wording.event_words import format_event_name
from attune_fit.app.desk.wording.moments import format_moment

MOST_NAMED = 3  # events in the bar; more of them are counted


@dataclass(frozen=True)
class DoneEvents:
    """What the bar shows.

    Attributes
    ----------
    recorded, undone : tuple of str
        One text for each event; empty where there is nothing to show.
    """

    recorded: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


def find_done_events(visit: Visit) -> DoneEvents:
    """Return the events that the address of the page names, without those that were undone since."""
    query = visit.request.query_params
    done, undone = parse_event_numbers(query.get("done", "")), parse_event_numbers(query.get("undone", ""))
    if not done and not undone:
        return DoneEvents()
    first = min([*done, *undone])
    rows = visit.workspace.journal(last=max(1, visit.seen - first + 1)).to_dict()["events"]
    named = {row["number"]: describe_event(row) for row in rows}
    taken_back = {row["number"] for row in rows if row["undone_by"]}
    final = taken_back | {row["number"] for row in rows if row["type"] == "undone"}  # cannot be undone
    return DoneEvents(
        _shorten([named[one] for one in done if one in named and one not in final]),
        _shorten([named[one] for one in undone if one in taken_back]),
    )


def parse_event_numbers(text: str) -> list[int]:
    """Return the numbers of events that an address or a form names; empty where the text is none of them.

    >>> parse_event_numbers("7"), parse_event_numbers("7-9"), parse_event_numbers("x")
    ([7], [7, 8, 9], [])
    """
    first, _, last = text.partition("-")
    if not (first.isascii() and first.isdecimal() and (not last or (last.isascii() and last.isdecimal()))):
        return []
    low, high = int(first), int(last or first)
    return list(range(low, high + 1)) if 0 < low <= high < low + 1000 else []


def describe_event(row: dict[str, Any]) -> str:
    """Return an event of the journal in a few words, such as ``offered, c0007, t03``.

    >>> describe_event({"type": "offered", "client_id": "c0007", "therapist_id": "t03"})
    'offered, c0007, t03'
    """
    parts = (format_event_name(row["type"]), row["client_id"], row["therapist_id"])
    return ", ".join(part for part in parts if part)


def add_moments(visit: Visit, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return events of the journal with ``when``, their time in the time zone of the clinic."""
    zone, today = visit.workspace.clinic.config.clinic.time_zone, dt.date.today()
    return [{**row, "when": format_moment(row["at"], zone, today=today)} for row in rows]


def _shorten(texts: list[str]) -> tuple[str, ...]:
    more = len(texts) - MOST_NAMED
    return (*texts[:MOST_NAMED], f"and {more} more") if more > 0 else tuple(texts)
