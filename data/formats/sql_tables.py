"""Reading of tables from databases: SQLite files and PostgreSQL servers, by SQLAlchemy.

Attune only reads. All tables of one database are read in one transaction, so they show one state of it: no client is in
one table and not yet in another. PostgreSQL refuses every change in this transaction. SQLite opens the file without the
right to write, and allows nothing but SELECT.
"""

from __future__ import annotations

import decimal
import json
import os
import time
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.reading_limits import MAX_FILE_BYTES
from attune_fit.data.formats.size_checks import check_table_size, check_unpacked_size
from attune_fit.data.formats.sql_address import find_sqlite_file, format_database_name
from attune_fit.data.formats.sql_faults import LOCK_SECONDS, add_sql_error
from attune_fit.data.storage.regular_file import describe_irregular_file

if TYPE_CHECKING:
    import sqlite3

    import pandas as pd
    import sqlalchemy as sa

    from attune_fit.data.fault_collector import FaultCollector

CONNECT_SECONDS = 10  # how long Attune waits for a database server
QUERY_SECONDS = 300  # for all queries of one database
ROWS_PER_BLOCK = 500  # rows that are fetched before the limits are checked again
MAX_CELL_BYTES = 10_000_000  # a picture in a table of persons would fill the memory


@dataclass(frozen=True)
class SqlSource:
    """A table of a database, as ``clinic.toml`` names it.

    Attributes
    ----------
    address : str
        From :func:`check_sql_address`: without a password.
    table : str
        Name of a table or a view, with its schema before a dot where it needs one.
    query : str or None
        A SELECT in place of the table.
    password_env : str or None
        The environment variable that holds the password.
    """

    address: str
    table: str
    query: str | None = None
    password_env: str | None = None

    @property
    def name(self) -> str:
        """What messages call it. No part of the query is in it."""
        database = format_database_name(self.address)
        return f"table {self.table} of {database}" if self.query is None else f"the query of {database}"


class SqlReader:
    """Reads tables of databases, each database in one transaction. It is a context, and closes them at its end.

    Parameters
    ----------
    folder : Path
        The clinic's folder, to which the file of an address is relative.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self._connections: dict[tuple[str, str | None], sa.Connection | None] = {}

    def __enter__(self) -> SqlReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, source: SqlSource, collector: FaultCollector) -> pd.DataFrame | None:
        """Return the cells of a table or a query, of any type; None after an error.

        Rows are in the order of the primary key where a table has one, and as a query orders them.
        """
        import sqlite3  # few clinics have a database

        from sqlalchemy.exc import SQLAlchemyError

        try:
            connection = self._connect(source, collector)
            if connection is None:
                return None
            is_server = connection.dialect.name != "sqlite"
            with connection.begin_nested() if is_server else nullcontext():  # an error of one table spoils no other
                return _fetch(connection, _build_query(connection, source), source.name, collector)
        except (SQLAlchemyError, sqlite3.Error) as error:
            add_sql_error(error, collector, source.name)
        except (UnicodeError, OverflowError, ValueError) as error:  # of the driver: a cell that it cannot convert
            add_sql_error(error, collector, source.name)
        return None

    def _connect(self, source: SqlSource, collector: FaultCollector) -> sa.Connection | None:
        """Return the connection to the database of a table, in its transaction; None after an error.

        A database that cannot be opened is one error, not one for each of its tables.
        """
        key = source.address, source.password_env
        if key not in self._connections:
            self._connections[key] = None
            engine = _build_engine(source, self.folder, collector)
            if engine is None:
                return None
            connection = self._stack.enter_context(engine.connect())
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
                _restrict_to_reading(connection)
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # opens the file, and fixes its state
            else:
                # not among the options of the connection: a connection pool refuses those
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{QUERY_SECONDS * 1000:.0f}ms'")
            self._connections[key] = connection
        return self._connections[key]


def _build_engine(source: SqlSource, folder: Path, collector: FaultCollector) -> sa.Engine | None:
    """Return an engine that keeps no connection; None after an error."""
    import sqlalchemy as sa

    path = find_sqlite_file(source.address, folder)
    if path is not None:
        if described := describe_irregular_file(path):
            message, fix = f"the database file {path.name} is {described}", "Put the file itself there."
            collector.add_error("sql-file-irregular", "", message, fix)
            return None
        if not path.exists():
            fix = f"Put it in the clinic folder, or correct `sql` under [tables.{collector.key_path}]."
            collector.add_error("sql-file-not-found", "", f"the database file {path.name} does not exist", fix)
            return None
        return sa.create_engine("sqlite://", creator=partial(_open_sqlite, path), poolclass=sa.NullPool)
    defaults: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "attune"}
    address = sa.make_url(source.address).set(drivername="postgresql+psycopg")
    arguments = {name: value for name, value in defaults.items() if name not in address.query}
    if source.password_env is not None:
        password = os.environ.get(source.password_env)
        if not password:  # the message does not name the variable: someone can take the key for the password itself
            message = "the environment variable that `password_env` names is not set"
            fix = "Set it to the password of the database, in the terminal or the service that runs Attune."
            collector.add_error("sql-password-not-set", "", message, fix)
            return None
        arguments["password"] = password
    try:
        return sa.create_engine(
            address, connect_args=arguments, poolclass=sa.NullPool, hide_parameters=True,
            isolation_level="REPEATABLE READ", execution_options={"postgresql_readonly": True},
        )  # fmt: skip
    except ImportError:
        message, fix = "the driver of PostgreSQL is not installed", "Run `pip install 'attune-fit[postgresql]'`."
        collector.for_table("clinic.toml").add_error("no-postgresql-driver", "", message, fix)
        return None


def _open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a file without the right to write; text that is not UTF-8 is an error of the cells, not of the file."""
    import sqlite3

    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_SECONDS, isolation_level=None
    )
    connection.text_factory = lambda content: content.decode("utf-8", "backslashreplace")
    return connection


def _restrict_to_reading(connection: sa.Connection) -> None:
    """Let SQLite refuse every statement but SELECT: no ATTACH, no PRAGMA, no change."""
    import sqlite3

    reads = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
    own = {(sqlite3.SQLITE_PRAGMA, "table_info"), (sqlite3.SQLITE_TRANSACTION, "ROLLBACK")}  # what Attune itself needs

    def allow(action: int, first: str | None, *_: object) -> int:
        is_allowed = action in reads or (action, first) in own
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the engine of SQLite opens no other
    driver.set_authorizer(allow)
    driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)
    end = time.monotonic() + QUERY_SECONDS
    driver.set_progress_handler(lambda: time.monotonic() > end, 100_000)


def _build_query(connection: sa.Connection, source: SqlSource) -> str:
    """Return the query of a table, in the order of its primary key; the clinic's own query without a last semicolon."""
    if source.query is not None:
        return source.query.strip().rstrip(";").rstrip()
    schema, _, table = source.table.rpartition(".")
    name = f"{_quote(schema)}.{_quote(table)}" if schema else _quote(table)
    keys = ", ".join(map(_quote, _list_key_columns(connection, table, schema or None)))
    return f"SELECT * FROM {name}" + (f" ORDER BY {keys}" if keys else "")  # noqa: S608 - names are quoted


def _quote(name: str) -> str:
    """Return a name of SQL in quotation marks. SQLAlchemy would double a percent sign too, as for parameters."""
    return '"' + name.replace('"', '""') + '"'


def _list_key_columns(connection: sa.Connection, table: str, schema: str | None) -> list[str]:
    """Return the columns of a primary key, so that rows have the same order each time; none for a view."""
    if connection.dialect.name == "sqlite":
        columns = connection.exec_driver_sql(f"PRAGMA table_info({_quote(table)})").mappings()
        ranks = {str(column["name"]): int(column["pk"]) for column in columns}
        return sorted(filter(ranks.get, ranks), key=ranks.__getitem__)
    import sqlalchemy as sa

    try:
        return list(sa.inspect(connection).get_pk_constraint(table, schema)["constrained_columns"])
    except sa.exc.NoSuchTableError:
        return []  # the query gives the reason


def _fetch(connection: sa.Connection, query: str, name: str, collector: FaultCollector) -> pd.DataFrame | None:
    """Return the rows of a query, fetched in blocks: None, with an error, as soon as they are over a limit."""
    import pandas as pd

    # without parameters, so that a percent sign is one
    options = {"no_parameters": True, "stream_results": True, "max_row_buffer": ROWS_PER_BLOCK}
    result = connection.exec_driver_sql(query, execution_options=options)
    with result:
        headers = list(result.keys())
        rows: list[tuple[Any, ...]] = []
        n_letters = 0
        while block := result.fetchmany(ROWS_PER_BLOCK):
            rows += [tuple(map(_convert_value, row)) for row in block]
            n_letters += sum(len(cell) for row in block for cell in row if isinstance(cell, str | bytes))
            if not check_table_size(len(rows), len(headers), name, collector):
                return None
            if n_letters > MAX_FILE_BYTES and not check_unpacked_size(n_letters, name, collector):
                return None
    return pd.DataFrame(rows, columns=pd.Index(headers, dtype="object"), dtype="object")


def _convert_value(value: Any) -> Any:
    """Return a cell of a database as a type that every format has: exact decimals as numbers, objects as JSON."""
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return bytes(value) if isinstance(value, memoryview) else value
