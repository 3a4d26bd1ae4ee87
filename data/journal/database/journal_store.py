"""The store of a journal: read its events, record one, forget a person, and check that nothing was changed since.

Events are recorded in one transaction: lock the end of the journal, read the events, check and build the new ones,
write them. So two commands at the same time never decide on the same state. An event is never updated or deleted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from attune_fit.data.chain_check import ChainCheck
from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_chain import check_journal_rows
from attune_fit.data.journal.database.journal_conflict import JournalConflict, PeopleIds, list_later_events
from attune_fit.data.journal.database.journal_database import JournalDatabase
from attune_fit.data.journal.database.journal_faults import CHANGED_MEANWHILE
from attune_fit.data.journal.database.journal_queries import (
    add_events,
    add_people,
    find_person,
    has_events,
    list_journal_names,
    lock_end,
    read_content,
    read_end,
    read_event_rows,
    read_ids,
    read_revision,
    remove_person,
    set_end,
    set_version,
)
from attune_fit.data.journal.database.journal_rows import (
    EventPeople,
    EventRow,
    JournalContent,
    JournalRevision,
    build_person,
    build_rows,
    list_people,
    parse_events,
)
from attune_fit.data.journal.database.journal_schema import EVENTS, VERSIONS, Side
from attune_fit.data.journal.database.journal_upgrade import check_version, find_version, upgrade_tables
from attune_fit.data.journal.garbage_collection import pause_garbage_collection
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent

NO_EVENTS = ChainHead(0, "")
Build = Callable[[tuple[JournalEvent, ...]], EventDraft]
BuildAll = Callable[[tuple[JournalEvent, ...]], Sequence[EventDraft]]


@dataclass(frozen=True)
class JournalStore:
    """A journal in a database.

    Attributes
    ----------
    database : JournalDatabase
    name : str
        Name of the journal: a database can hold those of several clinics.
    """

    database: JournalDatabase
    name: str

    def exists(self) -> bool:
        """Return whether the journal has ever had an event.

        Raises
        ------
        DataFault
            If the database cannot be read, belongs to another program or to a newer version, or if a file holds only a
            journal of another name.
        """
        if not self.database.has_file():
            return False
        with self.database.read() as connection:
            version = find_version(connection)
            if version is None:
                self._check_own_file(connection)
                return False
            if version not in VERSIONS:  # a newer one; an older one is upgraded later
                check_version(connection, self.database.place)
            return self._find_end(connection) is not None

    def start(self) -> None:
        """Make the journal without an event, where there is none; what is there is unchanged.

        Raises
        ------
        DataFault
            If the database cannot be written.
        """
        with self.database.write() as connection:
            self.lock_end(connection)

    def read_events(self, until: int | None = None) -> tuple[JournalEvent, ...]:
        """Return the events, oldest first, with the ids of their people.

        Parameters
        ----------
        until : int, optional
            Number of the last event to return. Default: all. 0 returns none.

        Raises
        ------
        DataFault
            If the database cannot be read, is of another version, or lacks events.
        """
        with self._read() as connection:
            if connection is None:
                return ()
            return self._read_events(connection, self._find_end(connection) or NO_EVENTS, until)

    def record(self, build: Build, *, actor: str, now: dt.datetime, expected: int | None = None) -> JournalEvent:
        """Record one event: see :meth:`record_all`, of which it is the case of one draft."""
        return self.record_all(lambda events: [build(events)], actor=actor, now=now, expected=expected)[0]

    def record_all(
        self, build: BuildAll, *, actor: str, now: dt.datetime, expected: int | None = None
    ) -> tuple[JournalEvent, ...]:
        """Record events, all or none, in one transaction with the reading of the events on which they depend.

        Parameters
        ----------
        build : callable
            Takes all events and returns the new ones; what it raises passes through, and nothing is written. Where
            there is no database yet it is called once more before one is made, so a refused first event leaves no file.
        actor : str
            Who records, such as the name of a user of the system.
        now : datetime
            With a time zone; stored in UTC, the same for all.
        expected : int, optional
            Number of the last event about the same clients or therapists that the caller has seen; 0 if there was none.

        Returns
        -------
        tuple of JournalEvent
            With their numbers and seals.

        Raises
        ------
        JournalConflict
            If a later event than ``expected`` is about one of the people.
        DataFault
            If the database cannot be written.
        """
        at = now.astimezone(dt.UTC).isoformat(timespec="microseconds")
        if not self.database.has_file():
            build(())
        with self.database.write() as connection:
            end = self.lock_end(connection)
            events = self._read_events(connection, end, None)
            drafts = build(events)
            if later := list_later_events(events, PeopleIds.of_events(drafts), expected):
                raise JournalConflict(later, place=self.database.place)
            people = self._find_or_add_people(connection, drafts, actor)
            rows = build_rows(drafts, end, at, actor, people)
            self._move_end(connection, end, rows, people)
            add_events(connection, self.name, rows)
        return parse_events(rows, {person.key: person.id for person in people.values()})

    def end(self) -> ChainHead | None:
        """Return number and seal of the last event; None without events. Raises as :meth:`read_events`."""
        with self._read() as connection:
            end = None if connection is None else read_end(connection, self.name)
        return end if end is not None and end.number else None

    def poll(self) -> JournalRevision | None:
        """Return the revision of the journal by one query, without any check; None without a journal.

        Raises
        ------
        DataFault
            If the database cannot be read, or has no tables of a journal.
        """
        if not self.database.has_file():
            return None
        return self.database.poll(lambda connection: read_revision(connection, self.name))

    def read_seals(self, numbers: Iterable[int]) -> dict[int, str]:
        """Return the seal of each event by its number; numbers without an event are left out."""
        wanted = set(numbers)
        if not wanted:
            return {}
        query = sa.select(EVENTS.c.number, EVENTS.c.seal).where(
            EVENTS.c.journal == self.name, EVENTS.c.number.between(min(wanted), max(wanted))
        )
        with self._read() as connection:
            if connection is None:
                return {}
            return {number: seal for number, seal in connection.execute(query) if number in wanted}

    def verify(self, tail: int | None = None) -> ChainCheck:
        """Check that no event was changed or removed, and that the keys of people fit their ids.

        Parameters
        ----------
        tail : int, optional
            How many of the last events are checked. Default: all.

        Raises
        ------
        DataFault
            If the database cannot be read, or is of another version.
        """
        with self._read() as connection:
            if connection is None:
                return ChainCheck()
            end = read_end(connection, self.name)
            first = max(0, end.number - tail) if end is not None and tail is not None else 0
            content = read_content(connection, self.name, after=first)
        return check_journal_rows(content.rows, content.end, content.people, after=first)

    def read_content(self) -> JournalContent:
        """Return all rows of the journal, without any check. Raises as :meth:`read_events`."""
        with self._read() as connection:
            if connection is None:
                return JournalContent(None, [], [])
            return read_content(connection, self.name)

    def forget(self, side: Side, person_id: str) -> int:
        """Delete the id of a person; the events stay, and the chain is as whole as before.

        Parameters
        ----------
        side : {"client", "therapist", "actor"}
        person_id : str

        Returns
        -------
        int
            How many events were about the person, or recorded by this person.

        Raises
        ------
        DataFault
            If the journal has no such person, or cannot be written.

        Notes
        -----
        Events hold a random key in place of the id. The salt that ties the key to the id is deleted with it. Backups
        made before still have both. A journal that knows the person again later gives a new key.
        """
        self._check_id(side, person_id)
        if self.exists():
            with self.database.write() as connection:
                self.lock_end(connection)
                person = find_person(connection, self.name, side, person_id)
                if person is not None:
                    remove_person(connection, self.name, person)
                    is_about = (EVENTS.c.journal == self.name, EVENTS.c[f"{side}_key"] == person.key)
                    query = sa.select(sa.func.count()).select_from(EVENTS).where(*is_about)
                    return int(connection.execute(query).scalar_one())
        fix = "Check the id; it is case-sensitive. A person who was forgotten before has no id in the journal."
        message = f"the journal has no {side} {person_id}"
        place = self.database.place
        raise DataFault.error("person-not-in-journal", place.file, place.key, message, fix=fix)

    def upgrade(self) -> bool:
        """Bring tables of an older version to the newest; return whether there was something to do."""
        if not self.exists():
            return False
        with self.database.read() as connection:
            before = find_version(connection)
        with self.database.write() as connection:
            upgrade_tables(connection, self.database.place)
            return find_version(connection) != before

    def lock_end(self, connection: sa.Connection) -> ChainHead:
        """Return the end of the journal, which no other command can move until this transaction ends.

        Raises
        ------
        DataFault
            If a file holds only a journal of another name, or events have no end.
        """
        self._find_end(connection)
        return lock_end(connection, self.name)

    @contextmanager
    def _read(self) -> Iterator[sa.Connection | None]:
        """Open a reading transaction in tables of the newest version; None where there are no tables yet."""
        if not self.database.has_file():
            yield None
            return
        with self.database.read() as connection:
            yield connection if check_version(connection, self.database.place) else None

    def _read_events(self, connection: sa.Connection, end: ChainHead, until: int | None) -> tuple[JournalEvent, ...]:
        """Return the events up to one; a gap, or a last event other than the journal's end, is a fault."""
        last = end.number if until is None else max(0, min(until, end.number))
        ids = read_ids(connection, self.name)
        try:
            with pause_garbage_collection():
                events = parse_events(read_event_rows(connection, self.name, until=last), ids)
        except (TypeError, ValueError):
            raise self._build_changed_fault() from None
        is_whole = len(events) == last and (not events or events[-1].number == last)
        if not is_whole or (events and last == end.number and events[-1].seal != end.seal):
            raise self._build_changed_fault()
        return events

    def _find_or_add_people(self, connection: sa.Connection, drafts: Sequence[EventDraft], actor: str) -> EventPeople:
        """Return the rows of the people of events; those who are new get a random key."""
        people: EventPeople = {}
        for side, person_id in list_people(drafts, actor):
            self._check_id(side, person_id)
            person = find_person(connection, self.name, side, person_id)
            if person is None:
                add_people(connection, self.name, [person := build_person(side, person_id)])
            people[side, person_id] = person
        return people

    def _move_end(self, connection: sa.Connection, end: ChainHead, rows: list[EventRow], people: EventPeople) -> None:
        """Set the end of the journal, and the number of the last event about each of the people."""
        if not rows:
            return
        is_moved = set_end(connection, self.name, end, ChainHead(rows[-1].number, rows[-1].seal))
        versions = {key: row.number for row in rows for key in (row.client_key, row.therapist_key)}
        for person in people.values():
            if person.key in versions:
                is_moved &= set_version(connection, self.name, person, versions[person.key])
        if not is_moved:
            raise CHANGED_MEANWHILE.build(self.database.place)

    def _check_id(self, side: Side, person_id: str) -> None:
        """Refuse an id that a database cannot store: with a NUL, or with half of a sign in UTF-16."""
        if "\0" in person_id or any("\ud800" <= sign <= "\udfff" for sign in person_id):
            place, message = self.database.place, f"the id of the {side} holds a sign that a database cannot store"
            fix = "Write the id with letters, digits and ordinary signs. Nothing was recorded."
            raise DataFault.error("id-not-storable", place.file, place.key, message, fix=fix)

    def _check_own_file(self, connection: sa.Connection) -> None:
        """Refuse a file with the tables of another program."""
        if self.database.file is not None and sa.inspect(connection).get_table_names():
            message, fix = "the file holds the tables of another program", "Move it away. Attune makes a new one."
            place = self.database.place
            raise DataFault.error("journal-file-foreign", place.file, place.key, message, fix=fix)

    def _find_end(self, connection: sa.Connection) -> ChainHead | None:
        """Return the end of the journal; None where it has never had an event.

        A file whose only journal has another name, and events without an end, are refused: such events would be lost
        in silence.
        """
        end = read_end(connection, self.name)
        if end is not None:
            return end
        if has_events(connection, self.name):
            raise self._build_changed_fault()
        if self.database.file is not None and list_journal_names(connection):
            message = "the file holds a journal of another name than `name` under [journal] in clinic.toml"
            place, fix = self.database.place, "Write the earlier name there again."
            raise DataFault.error("journal-under-another-name", place.file, place.key, message, fix=fix)
        return None

    def _build_changed_fault(self) -> DataFault:
        message = "events are missing, or were changed by another program"
        fix = (
            "`attune journal CLINIC --verify` lists them. Restore a backup with `attune journal CLINIC --restore FILE`."
        )
        place = self.database.place
        return DataFault.error("journal-not-whole", place.file, place.key, message, fix=fix)
