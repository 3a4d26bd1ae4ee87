"""The database of the journal: a SQLite file in the clinic's folder, or a PostgreSQL database.

With the usual settings of the drivers, two commands that read and then write at the same time lose one of the writes in
silence. So a writing transaction takes its lock before it reads: ``BEGIN IMMEDIATE`` in SQLite, and in PostgreSQL a
lock of the journal's row, see :mod:`journal_store`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_faults import (
    ADDRESS_PLACE,
    FILE_PLACE,
    LOCK_SECONDS,
    JournalPlace,
    report_file_errors,
    report_journal_errors,
)
from attune_fit.data.journal.database.journal_upgrade import upgrade_tables
from attune_fit.data.storage.atomic_write import PRIVATE_MODE, flush_folder
from attune_fit.data.storage.regular_file import check_regular_file

Answer = TypeVar("Answer")
Upgrade = Callable[[sa.Connection, JournalPlace], None]
CONNECT_SECONDS = 10  # how long a command waits for the database server
DRIVERS = ("postgres", "postgresql", "postgresql+psycopg")  # spellings of one driver, psycopg 3
ADDRESS_FIX = "Write an address such as `postgresql://user@host/database` there."


@dataclass(frozen=True)
class JournalDatabase:
    """Where a journal is kept: in a file, or on a server.

    Attributes
    ----------
    file : Path or None
        The SQLite file; None for a server.
    address : sqlalchemy.URL or None
        Address of the PostgreSQL database, without a password; None for a file.
    place : tuple of str
        The place that a fault about the database names.
    upgrade : callable
        Makes the tables, or brings them to the newest version; those of the journal, where nothing else is given.
    """

    file: Path | None = None
    address: sa.URL | None = None
    place: JournalPlace = FILE_PLACE
    upgrade: Upgrade = upgrade_tables

    def has_file(self) -> bool:
        """Return whether there is something to open: a file with content, or an address of a server."""
        if self.file is None:
            return True
        with report_file_errors():
            check_regular_file(self.file)
            return self.file.exists() and self.file.stat().st_size > 0

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that reads one state of the database and writes nothing, also in a read-only folder.

        Raises
        ------
        DataFault
            If the database cannot be read.
        """
        with report_journal_errors(self.place), self._begin(is_writing=False) as connection:
            yield connection

    def poll(self, query: Callable[[sa.Connection], Answer]) -> Answer:
        """Return the answer to a query that reads; the connection to a server is kept for the next call.

        A connection that has been cut meanwhile is made anew, once.

        Raises
        ------
        DataFault
            If the database cannot be read.
        """
        if self.address is None:
            with self.read() as connection:
                return query(connection)
        engine = _build_polling_engine(self.address)
        with report_journal_errors(self.place):
            try:
                with engine.connect() as connection:
                    return query(connection)
            except sa.exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            with engine.connect() as connection:
                return query(connection)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that writes: committed at the end of the block, rolled back where the block raises.

        Makes what is missing, and brings tables of an older version to the newest, within the same transaction.

        Raises
        ------
        DataFault
            If the database cannot be written, or another program keeps it locked.
        """
        if self.file is not None:
            with report_file_errors():
                _make_file(self.file)
        with report_journal_errors(self.place), self._begin(is_writing=True) as connection:
            self.upgrade(connection, self.place)
            yield connection

    @contextmanager
    def _begin(self, *, is_writing: bool) -> Iterator[sa.Connection]:
        """Open a connection of its own, and one transaction in it."""
        if self.address is not None:
            engine = _build_server_engine(self.address, is_writing)
        else:
            assert self.file is not None  # noqa: S101 - one of the two is given
            engine = _build_file_engine(self.file, is_writing)
        with engine.begin() as connection:
            if self.address is not None:  # not among the options of the connection: a connection pool refuses those
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
            yield connection


def parse_journal_address(text: str) -> sa.URL:
    """Return the address of a PostgreSQL database, with the driver that Attune uses.

    Raises
    ------
    DataFault
        If it is none, or has a password. No part of the address is in the message.

    >>> parse_journal_address("postgresql://ann@db.example/clinic").drivername
    'postgresql+psycopg'
    """
    place = ADDRESS_PLACE
    try:
        address = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        message = "this is no address of a database"
        raise DataFault.error("journal-address-not-valid", place.file, place.key, message, fix=ADDRESS_FIX) from None
    if address.password or any("password" in name.casefold() for name in address.query):
        fix = "Take the password out of the address. Set it in `PGPASSWORD` or in PostgreSQL's password file."
        message = "the address holds a password"
        raise DataFault.error("journal-address-has-password", place.file, place.key, message, fix=fix)
    if address.drivername not in DRIVERS:
        message = "Attune keeps a journal in PostgreSQL or in its own file, not in another kind of database"
        raise DataFault.error("journal-address-of-another-kind", place.file, place.key, message, fix=ADDRESS_FIX)
    return address.set(drivername=DRIVERS[-1])


@lru_cache(maxsize=8)
def _build_server_engine(address: sa.URL, is_writing: bool) -> sa.Engine:
    """Return an engine for PostgreSQL. It keeps no connection, only the text of its queries.

    A writing transaction locks the journal's row and then has to see what was committed meanwhile: READ COMMITTED. A
    reading one has several queries and needs one state for them: REPEATABLE READ.
    """
    level: Any = "READ COMMITTED" if is_writing else "REPEATABLE READ"
    return _create_server_engine(address, poolclass=sa.NullPool, isolation_level=level)


@lru_cache(maxsize=8)
def _build_polling_engine(address: sa.URL) -> sa.Engine:
    """Return an engine for PostgreSQL that keeps one connection, in which each query is a transaction of its own."""
    engine = _create_server_engine(address, pool_size=1, isolation_level="AUTOCOMMIT")
    if hasattr(os, "register_at_fork"):  # a copy of the process must not use the connection of the first one
        os.register_at_fork(after_in_child=partial(engine.dispose, close=False))
    return engine


def _create_server_engine(address: sa.URL, **options: Any) -> sa.Engine:
    """Return an engine for PostgreSQL; a fault if its driver is not installed."""
    defaults = {"connect_timeout": CONNECT_SECONDS, "application_name": "attune"}
    arguments = {name: value for name, value in defaults.items() if name not in address.query}  # the clinic's own first
    try:
        return sa.create_engine(address, connect_args=arguments, **options)
    except ImportError:
        message, fix = "the driver of PostgreSQL is not installed", "Run `pip install 'attune-fit[postgresql]'`."
        place = ADDRESS_PLACE
        raise DataFault.error("no-postgresql-driver", place.file, place.key, message, fix=fix) from None


@lru_cache(maxsize=8)
def _build_file_engine(path: Path, is_writing: bool) -> sa.Engine:
    """Return an engine for a SQLite file; the event takes the lock of a writing transaction before its first read."""
    creator = partial(_connect_for_writing if is_writing else _connect_for_reading, path)
    engine = sa.create_engine("sqlite://", creator=creator, poolclass=sa.NullPool)
    statement = "BEGIN IMMEDIATE" if is_writing else "BEGIN"

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)

    return engine


def _connect_for_writing(path: Path) -> sqlite3.Connection:
    connection = _connect(path, "rw")
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        # EXTRA is FULL, and the folder is flushed too: after a power cut a committed event is not rolled back
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("PRAGMA secure_delete=ON")  # an id that is forgotten leaves no trace in the file
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open a file without the right to write, unless an interrupted command left work that has to be undone first."""
    connection = _connect(path, "ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK" or not os.access(path, os.W_OK):
            raise
        connection = _connect(path, "rw")
        connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file by its URI, in which signs of a folder's name such as ``?``, ``#`` and ``%`` are escaped.

    ``isolation_level=None``: the driver begins no transaction of its own, which it would do only before a write.
    """
    address = f"{Path(os.path.realpath(path)).as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


def _make_file(path: Path) -> None:
    """Make an empty file that only its owner can read, where there is none. SQLite takes its mode for side files."""
    check_regular_file(path)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_MODE))
    flush_folder(path.parent)
