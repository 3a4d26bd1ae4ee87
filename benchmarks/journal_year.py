"""A clinic whose export is a year old, and the journal of that year, written in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.journal.database.journal_schema import Side
    from attune_fit.data.journal.database.journal_store import JournalStore
    from attune_fit.data.journal.journal_event import EventDraft

EXPORTED_ON = dt.date(2026, 1, 5)  # the simulator's own day
AS_OF = dt.date(2027, 1, 5)
WEEKS, CLIENT_EVENTS = 50, 9  # a roster check of each therapist each week, and so many events of each client
FIRST_DAYS = 250  # a client's events begin within so many days, and are at most DAYS_BETWEEN days apart
DAYS_BETWEEN = 13
OPENINGS = 40  # at each check, so that every start has one
ACTOR = "coordinator"


class PlannedEvent(NamedTuple):
    """One event before its number is known; the order of the fields is the order in time.

    Attributes
    ----------
    day : int
        Days after the export.
    owner : str
        Id of the client, or of the therapist whose roster row is checked.
    step : int
        Place among the events of one owner.
    type, therapist_id, fields
        As in :class:`EventDraft`. ``event`` of ``undone`` is the step to take back.
    """

    day: int
    owner: str
    step: int
    type: str
    therapist_id: str | None
    fields: dict[str, Any]


def count_events(clients: int, therapists: int) -> int:
    """Return the number of events of a year.

    >>> count_events(5_000, 100)
    50000
    """
    return CLIENT_EVENTS * clients + WEEKS * therapists


def write_clinic(folder: Path, clients: int, therapists: int) -> None:
    """Write the export of a synthetic clinic, whose day is a year after it."""
    from attune_fit.data.synthetic import simulate

    simulate.write_clinic(simulate.simulate(clients, therapists, seed=0), folder)
    (folder / "clinic.toml").write_text(f"[clinic]\nas_of = {AS_OF}\n", encoding="utf-8")


def write_journal(folder: Path) -> None:
    """Write the journal of a year for a clinic of :func:`write_clinic`."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.journal.journal_access import open_journal
    from attune_fit.data.reading.read_clinic import read_tables

    clinic = Clinic.open(folder)
    write_events(open_journal(clinic), list_drafts(read_tables(clinic)))


def list_drafts(tables: Tables) -> list[EventDraft]:
    """Return the events of a year in the order of their days, with the digests of what each replaces."""
    import numpy as np

    from attune_fit.data.journal.journal_event import EventDraft

    rng = np.random.default_rng(0)
    planned = sorted([*_plan_clients(tables, rng), *_plan_checks(tables)], key=lambda event: event[:3])
    numbers = {(event.owner, event.step): number for number, event in enumerate(planned, start=1)}
    cells, drafts = CurrentCells(tables), []
    for event in planned:
        fields = dict(event.fields)
        if event.type == "undone":
            fields["event"] = numbers[event.owner, fields["event"]]
        day = EXPORTED_ON + dt.timedelta(days=event.day)
        if event.type == "offered":
            fields["until"] = (day + dt.timedelta(days=DAYS_BETWEEN)).isoformat()
        client_id = None if event.type == "roster_checked" else event.owner
        draft = EventDraft(event.type, day, client_id, event.therapist_id, fields)
        drafts.append(replace(draft, replaced=cells.replace(draft)))
    return drafts


def _plan_clients(tables: Tables, rng: np.random.Generator) -> Iterator[PlannedEvent]:
    """Yield the events of each client: new cells, a wish, two offers, and a therapy with the second therapist."""
    therapists = sorted(tables.therapists["therapist_id"])
    met = set(zip(tables.outcomes["client_id"], tables.outcomes["therapist_id"], strict=True))
    for client_id in sorted(tables.clients["client_id"]):
        is_declined = bool(rng.integers(2))
        free = [one for one in rng.permutation(therapists)[:20].tolist() if (client_id, one) not in met]
        first, second = free[:2]
        decline = ("declined", first, {"by": "client", "reason": "prefers-alternative"})
        mistake = ("undone", first, {"event": 2, "because": "wrong-entry"})
        end = ("ended", second, {"reason": "completed"})
        withdrawal = ("wish_withdrawn", None, {"attribute": "gender"})
        score = {"session": 3, "instrument": "WAI-SR", "rater": "client", "score": 4.0}
        events: Sequence[tuple[str, str | None, dict[str, Any]]] = (
            ("client_changed", None, {"cells": {"phq9": float(rng.integers(28))}}),
            ("wish_set", None, {"attribute": "gender", "value": "nonbinary", "strength": "avoid"}),
            ("offered", first, {}),
            decline if is_declined else mistake,
            ("offered", second, {}),
            ("accepted", second, {}),
            ("started", second, {}),
            ("score_recorded", second, score),
            end if is_declined else withdrawal,
        )
        day = int(rng.integers(FIRST_DAYS))
        for step, (type_, therapist_id, fields) in enumerate(events):
            yield PlannedEvent(day, client_id, step, type_, therapist_id, fields)
            day += int(rng.integers(DAYS_BETWEEN))


def _plan_checks(tables: Tables) -> Iterator[PlannedEvent]:
    """Yield a check of each roster row in each week."""
    for therapist_id in tables.therapists["therapist_id"]:
        for week in range(WEEKS):
            yield PlannedEvent(7 * week, therapist_id, week, "roster_checked", therapist_id, {"openings": OPENINGS})


class CurrentCells:
    """The cells that the events of a year replace, as each event finds them.

    The product finds them in the tables; there is no time for that here, and a test compares the two.
    """

    def __init__(self, tables: Tables) -> None:
        clients, therapists, wishes = tables.clients, tables.therapists, tables.preferences
        self._phq9 = dict(zip(clients["client_id"], clients["phq9"], strict=True))
        checks = zip(therapists["open_slots"], therapists["updated_on"], strict=True)
        self._rosters: dict[str, Any] = dict(zip(therapists["therapist_id"], checks, strict=True))
        self._wishes: dict[str, dict[str, str]] = {}
        for wish in wishes[wishes["attribute"] == "gender"].itertuples():
            self._wishes.setdefault(str(wish.client_id), {})[str(wish.value)] = str(wish.strength)

    def replace(self, draft: EventDraft) -> dict[str, str]:
        """Return the digests of the cells that an event replaces, and put the event's own in their place."""
        from attune_fit.data.journal.applying.cell_settlement import compute_cell_digest

        return {name: compute_cell_digest(cell) for name, cell in self._replace(draft)}

    def _replace(self, draft: EventDraft) -> Iterator[tuple[str, Any]]:
        """Yield name and earlier value of each cell."""
        if draft.type == "client_changed":
            yield "clients.phq9", self._phq9[str(draft.client_id)]
            self._phq9[str(draft.client_id)] = draft.fields["cells"]["phq9"]
        elif draft.type in ("started", "roster_checked"):
            yield "roster", self._rosters[str(draft.therapist_id)]
            if draft.type == "started":
                yield "therapists.updated_on", self._rosters[str(draft.therapist_id)][1]
            if draft.type == "roster_checked":
                self._rosters[str(draft.therapist_id)] = (OPENINGS, draft.on)
        elif draft.type == "wish_set":
            wishes = self._wishes.setdefault(str(draft.client_id), {})
            yield f"wish gender={draft.fields['value']}", wishes.get(draft.fields["value"])
            wishes[draft.fields["value"]] = draft.fields["strength"]
        elif draft.type == "wish_withdrawn":
            for value, strength in self._wishes.pop(str(draft.client_id)).items():
                yield f"wish gender={value}", strength


def write_events(store: JournalStore, drafts: Sequence[EventDraft]) -> None:
    """Write events into an empty journal, with keys, seals and versions as ``record`` writes them; all at once."""
    from attune_fit.data.hash_chain import ChainHead
    from attune_fit.data.journal.database.journal_queries import add_events, add_people, lock_end, set_end
    from attune_fit.data.journal.database.journal_rows import (
        EventRow,
        PersonRow,
        build_person,
        compute_event_seal,
        format_json,
    )

    people: dict[tuple[str, str], PersonRow] = {}
    rows: list[EventRow] = []
    for number, draft in enumerate(drafts, start=1):
        keys: dict[str, str | None] = {}
        named: tuple[tuple[Side, str | None], ...] = (
            ("client", draft.client_id), ("therapist", draft.therapist_id), ("actor", ACTOR),
        )  # fmt: skip
        for side, one in named:
            if one is None:
                keys[side] = None
                continue
            person = people.get((side, one)) or build_person(side, one)
            people[side, one] = person if side == "actor" else person._replace(version=number)
            keys[side] = person.key
        at = dt.datetime.combine(draft.on, dt.time(12), dt.UTC).isoformat(timespec="microseconds")
        row = EventRow(
            number, at, draft.on.isoformat(), str(keys["actor"]), draft.type, keys["client"], keys["therapist"],
            format_json(dict(draft.fields)), format_json(dict(draft.replaced)), rows[-1].seal if rows else "", "",
        )  # fmt: skip
        rows.append(row._replace(seal=compute_event_seal(row)))
    with store.database.write() as connection:
        before = lock_end(connection, store.name)
        assert before.number == 0, "the journal is not empty"
        add_people(connection, store.name, people.values())
        add_events(connection, store.name, rows)
        set_end(connection, store.name, before, ChainHead(rows[-1].number, rows[-1].seal))
