"""Rows of the journal's database: their seals, the keys of people, and the events that they hold."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_schema import Side
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent

SALT_BYTES = 16


class EventRow(NamedTuple):
    """One row of the table of events, without the name of its journal; the columns are in the order of the table."""

    number: int
    at: str
    on_day: str
    actor_key: str
    type: str
    client_key: str | None
    therapist_key: str | None
    fields: str
    replaced: str
    previous: str
    seal: str


class PersonRow(NamedTuple):
    """One row of the table of people, without the name of its journal; the columns are in the order of the table."""

    key: str
    side: str
    id: str
    salt: str
    version: int


EventPeople = dict[tuple[Side, str], PersonRow]  # the people of some events, by their side and id


class JournalRevision(NamedTuple):
    """What differs between two states of a journal.

    An event moves the end, which has its ``number`` and ``seal``. A person who is forgotten is one of ``n_people``
    fewer, and moves no end.
    """

    number: int
    seal: str
    n_people: int


class JournalContent(NamedTuple):
    """All rows of a journal, as they are in a database.

    Attributes
    ----------
    end : ChainHead or None
        None if the row of the journal's end is missing.
    rows : list of EventRow
        Sorted by number.
    people : list of PersonRow
    """

    end: ChainHead | None
    rows: list[EventRow]
    people: list[PersonRow]

    def list_forgotten_keys(self) -> frozenset[str]:
        """Return the keys in events that have no person any more."""
        named = {key for row in self.rows for key in (row.client_key, row.therapist_key, row.actor_key) if key}
        return frozenset(named - {person.key for person in self.people})


def compute_event_seal(row: EventRow) -> str:
    """Return the seal of an event: SHA-256, in hex, of its other columns as canonical JSON.

    The seal of the event before is among them. The name of the journal is not: a clinic can rename its journal.
    """
    columns = row._asdict()
    del columns["seal"]
    return hashlib.sha256(format_json(columns).encode()).hexdigest()


def compute_person_key(salt: str, side: str, person_id: str) -> str:
    """Return the key of a person in events: SHA-256, in hex, of salt, side and id.

    Events are sealed with keys. So a row of people whose id was changed does not have its key any more. When the row is
    deleted its salt is gone, and no one can find the id of a key by trying ids.
    """
    return hashlib.sha256(format_json([salt, side, person_id]).encode()).hexdigest()


def build_person(side: Side, person_id: str) -> PersonRow:
    """Return the row of a person who is new to the journal, with a random salt."""
    salt = secrets.token_hex(SALT_BYTES)
    return PersonRow(compute_person_key(salt, side, person_id), side, person_id, salt, 0)


def list_people(drafts: Iterable[EventDraft], actor: str) -> dict[tuple[Side, str], None]:
    """Return side and id of the people of events and of who records them, each once, in the order of the events."""
    named: list[tuple[Side, str | None]] = []
    for draft in drafts:
        named += [("client", draft.client_id), ("therapist", draft.therapist_id), ("actor", actor)]
    return {(side, one): None for side, one in named if one is not None}


def build_rows(
    drafts: Iterable[EventDraft], end: ChainHead, at: str, actor: str, people: EventPeople
) -> list[EventRow]:
    """Return the rows of new events, each sealed with the seal of the one before.

    Parameters
    ----------
    drafts : iterable of EventDraft
    end : ChainHead
        The last event of the journal; its number is 0 without events.
    at : str
        ISO time of recording in UTC.
    actor : str
    people : dict of (side, id) to PersonRow
        With all people of the drafts, and the actor.
    """
    rows: list[EventRow] = []
    for draft in drafts:
        row = EventRow(
            end.number + 1, at, draft.on.isoformat(), people["actor", actor].key, draft.type,
            _find_key(people, "client", draft.client_id), _find_key(people, "therapist", draft.therapist_id),
            format_json(dict(draft.fields)), format_json(dict(draft.replaced)), end.seal, "",
        )  # fmt: skip
        rows.append(row._replace(seal=compute_event_seal(row)))
        end = ChainHead(end.number + 1, rows[-1].seal)
    return rows


def _find_key(people: EventPeople, side: Side, person_id: str | None) -> str | None:
    return None if person_id is None else people[side, person_id].key


def format_json(value: Any) -> str:
    """Return a value as canonical JSON: keys sorted, without spaces, in ASCII.

    Raises
    ------
    ValueError
        If a number is not finite.

    >>> format_json({"until": None, "by": "client"})
    '{"by":"client","until":null}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse_events(rows: Sequence[Sequence[Any]], ids: Mapping[str | None, str]) -> tuple[JournalEvent, ...]:
    """Return the events of rows, with the ids of their people by key; a key without an id gives None.

    Parameters
    ----------
    rows : sequence
        With the columns of :class:`EventRow`. They are parsed column by column: a clinic can have 50,000.
    ids : mapping

    Raises
    ------
    ValueError, TypeError
        If a row was changed so that it holds no event.
    """
    if not rows:
        return ()
    number, at, on, actor, kind, client, therapist, fields, replaced, _, seal = zip(*rows, strict=True)
    columns = (
        number,
        map(dt.datetime.fromisoformat, at),
        map(dt.date.fromisoformat, on),
        map(ids.get, actor),
        kind,
        map(ids.get, client),
        map(ids.get, therapist),
        _parse_objects(fields),
        _parse_objects(replaced),
        seal,
    )
    return tuple(map(JournalEvent, *columns))


def _parse_objects(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return JSON objects as dicts, from one text: that is faster than one by one."""
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    if len(found) != len(texts) or not all(isinstance(value, dict) for value in found):
        raise ValueError("no JSON objects")
    return found
