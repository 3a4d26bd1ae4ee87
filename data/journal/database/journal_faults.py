"""Errors of the journal's database in plain words: one row for each reason, with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from attune_fit.data.faults import DataFault

LOCK_SECONDS = 30  # how long a command waits for another one that writes into the journal


class JournalPlace(NamedTuple):
    """The place that a fault about a journal names: a file, and a key in it or empty text."""

    file: str
    key: str = ""


FILE_PLACE = JournalPlace("artifacts/journal.db")
ADDRESS_PLACE = JournalPlace("clinic.toml", "journal.database")  # of the server


class JournalProblem(NamedTuple):
    """Why the journal's database cannot be used: a row of :data:`PROBLEMS`.

    Attributes
    ----------
    codes : tuple of str
        Starts of an error's name in SQLite, or of its SQLSTATE in PostgreSQL.
    texts : tuple of str
        Parts of an error's text, in lower case: a connection that fails has no SQLSTATE.
    build : callable
        Returns the fault for a place.
    """

    codes: tuple[str, ...]
    texts: tuple[str, ...]
    build: Callable[[JournalPlace], DataFault]


RESTORE = "Move it away and restore a backup with `attune journal CLINIC --restore FILE`."
CHANGED_MEANWHILE = JournalProblem(  # the locks do not let this happen; it is checked all the same
    ("23505", "40001", "40P01", "SQLITE_CONSTRAINT"),
    (),
    lambda place: DataFault.error(
        "journal-changed-meanwhile",
        place.file,
        place.key,
        "another command wrote into the journal at the same time",
        fix="Nothing was recorded. Try again.",
    ),
)
PROBLEMS = (  # the first one with a code or text of the error counts
    JournalProblem(
        ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "55P03", "57014"),
        (),
        lambda place: DataFault.error(
            "journal-locked",
            place.file,
            place.key,
            f"another program has kept the journal locked for more than {LOCK_SECONDS} seconds",
            fix="Wait until that program has ended, then try again. Nothing was recorded.",
        ),
    ),
    CHANGED_MEANWHILE,
    JournalProblem(
        ("SQLITE_FULL", "53100"),
        (),
        lambda place: DataFault.error(
            "no-space-for-journal",
            place.file,
            place.key,
            "no space is left for the journal",
            fix="Free some space and try again. Nothing was recorded, and all earlier events are kept.",
        ),
    ),
    JournalProblem(
        ("SQLITE_READONLY_ROLLBACK",),
        (),
        lambda place: DataFault.error(
            "journal-interrupted",
            place.file,
            place.key,
            "a command was interrupted while it wrote, and here Attune cannot undo what that command began",
            fix="Give this user permission to write the file and its folder, and try again.",
        ),
    ),
    JournalProblem(
        ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH", "42501", "25006"),
        (),
        lambda place: DataFault.error(
            "journal-read-only",
            place.file,
            place.key,
            "Attune has no permission to write the journal",
            fix="Give this user permission to write there, and try again. Nothing was recorded.",
        ),
    ),
    JournalProblem(
        ("SQLITE_CANTOPEN",),
        (),
        lambda place: DataFault.error(
            "journal-not-opened",
            place.file,
            place.key,
            "Attune cannot open the journal",
            fix="Give this user permission to read and write the file and its folder.",
        ),
    ),
    JournalProblem(
        ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"),
        ("XX001", "XX002"),
        lambda place: DataFault.error(
            "journal-damaged",
            place.file,
            place.key,
            "the journal is damaged, or the file is no database",
            fix=RESTORE,
        ),
    ),
    JournalProblem(
        ("SQLITE_IOERR", "58030"),
        (),
        lambda place: DataFault.error(
            "journal-disk-error",
            place.file,
            place.key,
            "the disk reported an error at the journal",
            fix="Check the disk or the network share, then try again. Nothing was recorded.",
        ),
    ),
    JournalProblem(
        ("28",),
        ("authentication failed", "no password supplied", "no pg_hba.conf entry", 'role "'),
        lambda place: DataFault.error(
            "journal-login-refused",
            place.file,
            place.key,
            "the database server refused the login",
            fix="Set the password in `PGPASSWORD` or in PostgreSQL's password file, and check the user in the address.",
        ),
    ),
    JournalProblem(
        ("3D000", "42P01"),
        ('database "',),  # the text of a failed connection: database "..." does not exist
        lambda place: DataFault.error(
            "journal-database-missing",
            place.file,
            place.key,
            "the database or its tables do not exist on the server",
            fix="Check the name of the database in the address, or make the database there.",
        ),
    ),
    JournalProblem(
        ("08", "57P", "53300"),
        ("connection", "resolve host", "timeout", "server closed", "consuming input failed"),
        lambda place: DataFault.error(
            "journal-server-not-reached",
            place.file,
            place.key,
            "Attune cannot reach the database server of the journal",
            fix="Check that the server runs, and the address. Nothing was recorded.",
        ),
    ),
)
OTHER_PROBLEM = JournalProblem(
    (),
    (),
    lambda place: DataFault.error(
        "journal-not-usable",
        place.file,
        place.key,
        "the database of the journal reported an error",
        fix="Try again. Nothing was recorded.",
    ),
)


@contextmanager
def report_journal_errors(place: JournalPlace) -> Iterator[None]:
    """Turn errors of the database into one fault that names what to do.

    Raises
    ------
    DataFault
        If the block fails because the journal cannot be read or written. No text of the database is in it: that could
        hold an id or a password.
    """
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        raise _find_problem(original).build(place) from None


@contextmanager
def report_file_errors() -> Iterator[None]:
    """Turn errors of the system at the journal's file into a fault.

    Raises
    ------
    DataFault
        If the file cannot be made, or is a link, a folder or a pipe.
    """
    try:
        yield
    except OSError as error:
        message = f"Attune cannot use the journal ({error.strerror or 'the system reported an error'})"
        fix = "Give this user permission to read and write it. If it is a link, put the file itself in its place."
        raise DataFault.error("journal-file-error", FILE_PLACE.file, "", message, fix=fix) from None


def _find_problem(error: BaseException | None) -> JournalProblem:
    """Return the row for an error by its name in SQLite, or its SQLSTATE; without these by its text."""
    code = str(getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", "") or "")
    text = "" if code else str(error).casefold()
    for problem in PROBLEMS:
        if (code and code.startswith(problem.codes)) or any(sign in text for sign in problem.texts):
            return problem
    return OTHER_PROBLEM
