"""The queries of the journal's database: each reads or writes rows of one journal within an open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_rows import EventRow, JournalContent, JournalRevision, PersonRow
from attune_fit.data.journal.database.journal_schema import EVENTS, JOURNALS, PEOPLE, Side

EVENT_COLUMNS = [EVENTS.c[name] for name in EventRow._fields]
PERSON_COLUMNS = [PEOPLE.c[name] for name in PersonRow._fields]
END_COLUMNS = [JOURNALS.c.number, JOURNALS.c.seal]


def list_journal_names(connection: sa.Connection) -> list[str]:
    """Return the names of the journals in a database, sorted."""
    return sorted(connection.execute(sa.select(JOURNALS.c.name)).scalars())


def read_end(connection: sa.Connection, journal: str) -> ChainHead | None:
    """Return number and seal of the last event; the number is 0 without events. None without such a journal."""
    row = connection.execute(sa.select(*END_COLUMNS).where(JOURNALS.c.name == journal)).one_or_none()
    return None if row is None else ChainHead(row.number, row.seal)


def read_revision(connection: sa.Connection, journal: str) -> JournalRevision | None:
    """Return the revision of a journal, in one query; None without such a journal."""
    n_people = sa.select(sa.func.count()).select_from(PEOPLE).where(PEOPLE.c.journal == journal).scalar_subquery()
    query = sa.select(*END_COLUMNS, n_people.label("n_people")).where(JOURNALS.c.name == journal)
    row = connection.execute(query).one_or_none()
    return None if row is None else JournalRevision(row.number, row.seal, row.n_people)


def lock_end(connection: sa.Connection, journal: str) -> ChainHead:
    """Return the end of a journal, which no other command can move until this transaction ends.

    A journal that is new to the database is added. SQLite has locked its file before; PostgreSQL locks the row.
    """
    query = sa.select(*END_COLUMNS).where(JOURNALS.c.name == journal).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        _add_journal(connection, journal)
        row = connection.execute(query).one()
    return ChainHead(row.number, row.seal)


def set_end(connection: sa.Connection, journal: str, before: ChainHead, after: ChainHead) -> bool:
    """Set the end of a journal; return False, and set nothing, if it is not ``before`` any more."""
    is_same = (JOURNALS.c.name == journal, JOURNALS.c.number == before.number, JOURNALS.c.seal == before.seal)
    moved = connection.execute(sa.update(JOURNALS).where(*is_same).values(number=after.number, seal=after.seal))
    return moved.rowcount == 1


def read_event_rows(
    connection: sa.Connection, journal: str, *, after: int = 0, until: int | None = None
) -> Sequence[sa.Row[tuple[object, ...]]]:
    """Return the rows of the events whose number is above ``after`` and at most ``until``, sorted by number.

    They have the columns of :class:`EventRow` in its order.
    """
    query = sa.select(*EVENT_COLUMNS).where(EVENTS.c.journal == journal, EVENTS.c.number > after)
    query = query if until is None else query.where(EVENTS.c.number <= until)
    return connection.execute(query.order_by(EVENTS.c.number)).all()


def has_events(connection: sa.Connection, journal: str) -> bool:
    """Return whether there is any event of a journal, whatever its end is."""
    query = sa.select(EVENTS.c.number).where(EVENTS.c.journal == journal).limit(1)
    return connection.execute(query).first() is not None


def add_events(connection: sa.Connection, journal: str, rows: Iterable[EventRow]) -> None:
    """Add rows of events as they are."""
    if values := [{"journal": journal, **row._asdict()} for row in rows]:
        connection.execute(sa.insert(EVENTS), values)


def read_people(connection: sa.Connection, journal: str) -> list[PersonRow]:
    """Return the rows of the people who were not forgotten, in no order."""
    query = sa.select(*PERSON_COLUMNS).where(PEOPLE.c.journal == journal)
    return [PersonRow._make(row) for row in connection.execute(query)]


def read_ids(connection: sa.Connection, journal: str) -> dict[str | None, str]:
    """Return the ids of the people who were not forgotten, by key."""
    query = sa.select(PEOPLE.c.key, PEOPLE.c.id).where(PEOPLE.c.journal == journal)
    return dict(connection.execute(query).all())


def read_content(connection: sa.Connection, journal: str, *, after: int = 0) -> JournalContent:
    """Return the rows of a journal, of its events only those after a number, without any check."""
    rows = [EventRow._make(row) for row in read_event_rows(connection, journal, after=after)]
    return JournalContent(read_end(connection, journal), rows, read_people(connection, journal))


def find_person(connection: sa.Connection, journal: str, side: Side, person_id: str) -> PersonRow | None:
    """Return the row of a person; None if the journal does not have the id."""
    is_person = (PEOPLE.c.journal == journal, PEOPLE.c.side == side, PEOPLE.c.id == person_id)
    row = connection.execute(sa.select(*PERSON_COLUMNS).where(*is_person)).one_or_none()
    return None if row is None else PersonRow._make(row)


def add_people(connection: sa.Connection, journal: str, people: Iterable[PersonRow]) -> None:
    """Add rows of people as they are."""
    if values := [{"journal": journal, **person._asdict()} for person in people]:
        connection.execute(sa.insert(PEOPLE), values)


def set_version(connection: sa.Connection, journal: str, person: PersonRow, version: int) -> bool:
    """Set the number of the last event about a person; return False, and set nothing, if another one set it."""
    is_same = (PEOPLE.c.journal == journal, PEOPLE.c.key == person.key, PEOPLE.c.version == person.version)
    return connection.execute(sa.update(PEOPLE).where(*is_same).values(version=version)).rowcount == 1


def remove_person(connection: sa.Connection, journal: str, person: PersonRow) -> None:
    """Delete the row of a person, and so the id."""
    connection.execute(sa.delete(PEOPLE).where(PEOPLE.c.journal == journal, PEOPLE.c.key == person.key))


def remove_rows(connection: sa.Connection, journal: str) -> None:
    """Delete all rows of events and people: only to write those of a backup in their place."""
    for table in (EVENTS, PEOPLE):
        connection.execute(sa.delete(table).where(table.c.journal == journal))


def _add_journal(connection: sa.Connection, journal: str) -> None:
    """Add a journal without events, unless another command was faster."""
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(JOURNALS).values(name=journal, number=0, seal="").on_conflict_do_nothing())
