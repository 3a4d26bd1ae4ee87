"""The events that were just recorded or undone: what the bar above a page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from attune_fit.app.desk.forms.posted_form import parse_number
from attune_fit.app.desk.security.own_clients import list_own_clients
from attune_fit.app.desk.visit import Visit
from attune_fit.app.desk.wording.event_words import format_event_name
from attune_fit.app.desk.wording.moments import format_moment

TYPED_NUMBERS = ("openings", "score")  # fields of events that the bar shows
MOST_NAMED = 3  # events in the bar; more of them are counted


@dataclass(frozen=True)
class DoneEvents:
    """What the bar shows.

    Attributes
    ----------
    recorded, undone : tuple of str
        One text for each of the first events, and how many more there are; empty where there is nothing to show.
    n_recorded, n_undone : int
        How many events these are.
    """

    recorded: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    n_recorded: int = 0
    n_undone: int = 0


def find_done_events(visit: Visit) -> DoneEvents:
    """Return the events that the address of the page names, without those that were undone since.

    A clinician sees those about own clients only.
    """
    query = visit.request.query_params
    done, undone = parse_event_numbers(query.get("done", "")), parse_event_numbers(query.get("undone", ""))
    if not done and not undone:
        return DoneEvents()
    first = min([*done, *undone])
    own = list_own_clients(visit)
    listed = visit.workspace.journal(last=max(1, visit.seen - first + 1)).to_dict()["events"]
    rows = [row for row in listed if own is None or row["client_id"] in own]
    named = {row["number"]: describe_event(row) for row in rows}
    taken_back = {row["number"] for row in rows if row["undone_by"]}
    final = taken_back | {row["number"] for row in rows if row["type"] == "undone"}  # cannot be undone
    recorded = [named[one] for one in done if one in named and one not in final]
    taken = [named[one] for one in undone if one in taken_back]
    return DoneEvents(_shorten(recorded), _shorten(taken), len(recorded), len(taken))


def parse_event_numbers(text: str) -> list[int]:
    """Return the numbers of events that an address or a form names; empty where the text is none of them.

    >>> parse_event_numbers("7"), parse_event_numbers("7-9"), parse_event_numbers("x")
    ([7], [7, 8, 9], [])
    """
    first, _, last = text.partition("-")
    low, high = parse_number(first), parse_number(last or first)
    if low is None or high is None:
        return []
    return list(range(low, high + 1)) if 0 < low <= high < low + 1000 else []


def describe_event(row: dict[str, Any]) -> str:
    """Return an event of the journal in a few words, such as ``offered, c0007, t03``.

    A number that was typed is shown, so that a slip is seen at once.

    >>> describe_event({"type": "offered", "client_id": "c0007", "therapist_id": "t03", "fields": {}})
    'offered, c0007, t03'
    >>> describe_event({"type": "score_recorded", "client_id": "c1", "therapist_id": "t1", "fields": {"score": 2.6}})
    'score recorded, c1, t1, score 2.6'
    """
    typed = [f"{name} {row['fields'][name]:g}" for name in TYPED_NUMBERS if row["fields"].get(name) is not None]
    parts = (format_event_name(row["type"]), row["client_id"], row["therapist_id"], *typed)
    return ", ".join(part for part in parts if part)


def add_moments(visit: Visit, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return events of the journal with ``when``, their time in the time zone of the clinic."""
    zone, today = visit.workspace.clinic.config.clinic.time_zone, dt.date.today()
    return [{**row, "when": format_moment(row["at"], zone, today=today)} for row in rows]


def _shorten(texts: list[str]) -> tuple[str, ...]:
    more = len(texts) - MOST_NAMED
    return (*texts[:MOST_NAMED], f"and {more} more") if more > 0 else tuple(texts)
