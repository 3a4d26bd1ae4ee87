"""Errors of a database that holds tables of a clinic, in plain words: one row for each reason, with what to do.

No text of the database is in a fault: it could hold a cell, a query or a password.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector

LOCK_SECONDS = 30  # how long Attune waits for another program that writes into the database

NO_TABLE = "SQLITE_NO_TABLE"  # SQLite has one code for all errors of a query
FINER_CODES = {  # a code that has several reasons, and a part of the error's text
    ("SQLITE_ERROR", "no such table"): NO_TABLE,
    ("SQLITE_SCHEMA", "not authorized"): "SQLITE_AUTH",
    ("0A000", "data-modifying"): "25006",
    ("42601", "multiple commands"): "25006",
}


class SqlProblem(NamedTuple):
    """Why a table of a database cannot be read: a row of :data:`SQL_PROBLEMS`.

    Attributes
    ----------
    codes : tuple of str
        Starts of an error's name in SQLite, or of its SQLSTATE in PostgreSQL.
    texts : tuple of str
        Parts of an error's text, in lower case. A connection that fails has no SQLSTATE.
    add : callable
        ``add(collector, name)`` adds the error about the table that ``name`` describes.
    """

    codes: tuple[str, ...]
    texts: tuple[str, ...]
    add: Callable[[FaultCollector, str], None]


SQL_PROBLEMS = (  # the first one with a code or text of the error counts
    SqlProblem(
        ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "55P03"),
        (),
        lambda collector, name: collector.add_error(
            "sql-locked",
            "",
            f"another program has kept {name} locked for more than {LOCK_SECONDS} seconds",
            "Wait until that program has ended, then try again.",
        ),
    ),
    SqlProblem(
        ("SQLITE_INTERRUPT", "57014"),
        (),
        lambda collector, name: collector.add_error(
            "sql-query-too-long",
            "",
            f"{name} needs more than five minutes",
            f"Write a query that the database answers sooner in `query` under [tables.{collector.key_path}].",
        ),
    ),
    SqlProblem(
        ("SQLITE_TOOBIG",),
        (),
        lambda collector, name: collector.add_error(
            "sql-cell-too-large",
            "",
            f"{name} has a cell of more than 10 million bytes",
            f"Leave this column out: name the columns in `query` under [tables.{collector.key_path}].",
        ),
    ),
    SqlProblem(
        ("25006", "SQLITE_READONLY", "SQLITE_AUTH"),
        ("one statement at a time",),
        lambda collector, name: collector.add_error(
            "sql-query-not-reading",
            "",
            f"{name} does more than read, or it is no single query",
            f"Write one SELECT in `query` under [tables.{collector.key_path}]. Attune changed nothing.",
        ),
    ),
    SqlProblem(
        ("42501",),
        (),
        lambda collector, name: collector.add_error(
            "sql-no-permission",
            "",
            f"the user of the address has no permission to read {name}",
            "Give this user the right to read it: GRANT SELECT.",
        ),
    ),
    SqlProblem(
        ("42P01", "3F000", NO_TABLE),
        (),
        lambda collector, name: collector.add_error(
            "sql-table-not-found",
            "",
            f"{name}: the database has no such table",
            f"Correct `table` or `query` under [tables.{collector.key_path}].",
        ),
    ),
    SqlProblem(
        ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "XX001", "XX002"),
        (),
        lambda collector, name: collector.add_error(
            "sql-database-damaged",
            "",
            f"{name} cannot be read: the database is damaged, or the file is none",
            "Copy it again, or restore a backup of it.",
        ),
    ),
    SqlProblem(
        ("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR"),
        (),
        lambda collector, name: collector.add_error(
            "sql-file-not-opened",
            "",
            f"Attune cannot open the database of {name}",
            "Give this user permission to read the file and its folder.",
        ),
    ),
    SqlProblem(
        ("28",),
        ("authentication failed", "no password supplied", "no pg_hba.conf entry", 'role "'),
        lambda collector, name: collector.add_error(
            "sql-login-refused",
            "",
            f"the database server refused the login for {name}",
            "Check the user in the address, and the password in the variable that `password_env` names.",
        ),
    ),
    SqlProblem(
        ("3D000",),
        ('database "',),  # the text of a failed connection: database "..." does not exist
        lambda collector, name: collector.add_error(
            "sql-database-not-found",
            "",
            f"the server does not have the database of {name}",
            f"Correct the name at the end of `sql` under [tables.{collector.key_path}].",
        ),
    ),
    SqlProblem(
        ("08", "57P", "53300"),
        ("connection", "resolve host", "timeout", "server closed", "consuming input failed"),
        lambda collector, name: collector.add_error(
            "sql-server-not-reached",
            "",
            f"Attune cannot reach the database server of {name}",
            "Check that the server runs, and the address.",
        ),
    ),
    SqlProblem(
        ("42", "SQLITE_ERROR"),
        ("does not return rows",),
        lambda collector, name: collector.add_error(
            "sql-query-not-valid",
            "",
            f"the database cannot run {name}",
            f"Try it in a database program, then correct it under [tables.{collector.key_path}].",
        ),
    ),
)
OTHER_SQL_PROBLEM = SqlProblem(
    (),
    (),
    lambda collector, name: collector.add_error(
        "sql-not-readable",
        "",
        f"the database reported an error while Attune read {name}",
        "Read the table in a database program. If that works, try again.",
    ),
)


def add_sql_error(error: BaseException, collector: FaultCollector, name: str) -> None:
    """Add the fault about an error of a database; its text serves only to find the row of :data:`SQL_PROBLEMS`.

    Parameters
    ----------
    error : exception
        Of SQLAlchemy, or of a driver.
    collector : FaultCollector
        Collects the fault.
    name : str
        The table or query, for the message.
    """
    original = getattr(error, "orig", None) or error
    text = str(original).casefold()
    code = str(getattr(original, "sqlite_errorname", "") or getattr(original, "sqlstate", "") or "")
    code = next((finer for (rough, sign), finer in FINER_CODES.items() if rough == code and sign in text), code)
    found = (
        row for row in SQL_PROBLEMS if (code.startswith(row.codes) if code else any(sign in text for sign in row.texts))
    )
    next(found, OTHER_SQL_PROBLEM).add(collector, name)
