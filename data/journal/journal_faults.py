"""Errors of the journal's database in plain words: one row for each reason, with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from attune_fit.data.faults import DataFault

Place = tuple[str, str]  # of a fault: a file, and a key in it or empty text

FILE_PLACE: Place = ("artifacts/journal.db", "")
ADDRESS_PLACE: Place = ("clinic.toml", "journal.database")  # of the server
LOCK_SECONDS = 30  # how long a command waits for another one that writes into the journal


class JournalProblem(NamedTuple):
    """Why the journal's database cannot be used: a row of :data:`PROBLEMS`.

    Attributes
    ----------
    signs : tuple of str
        The start of an error's name in SQLite, an SQLSTATE of PostgreSQL or its start, or a part of the error's text in
        lower case.
    id, message, fix : str
        As in :class:`Fault`.
    """

    signs: tuple[str, ...]
    id: str
    message: str
    fix: str


RESTORE = "Move it away and restore a backup with `attune journal CLINIC --restore FILE`."
CHANGED_MEANWHILE = JournalProblem(  # the locks do not let this happen; it is checked all the same
    ("23505", "40001", "40P01", "SQLITE_CONSTRAINT"),
    "journal-changed-meanwhile",
    "another command wrote into the journal at the same time",
    "Nothing was recorded. Try again.",
)
PROBLEMS = (  # the first one with a sign of the error counts
    JournalProblem(
        ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "55P03", "57014"),
        "journal-locked",
        f"another program has kept the journal locked for more than {LOCK_SECONDS} seconds",
        "Wait until that program has ended, then try again. Nothing was recorded.",
    ),
    CHANGED_MEANWHILE,
    JournalProblem(
        ("SQLITE_FULL", "53100"),
        "no-space-for-journal",
        "no space is left for the journal",
        "Free some space and try again. Nothing was recorded, and all earlier events are kept.",
    ),
    JournalProblem(
        ("SQLITE_READONLY_ROLLBACK",),
        "journal-interrupted",
        "a command was interrupted while it wrote, and here Attune cannot undo what that command began",
        "Give this user permission to write the file and its folder, and try again.",
    ),
    JournalProblem(
        ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH", "42501", "25006"),
        "journal-read-only",
        "Attune has no permission to write the journal",
        "Give this user permission to write there, and try again. Nothing was recorded.",
    ),
    JournalProblem(
        ("SQLITE_CANTOPEN",),
        "journal-not-opened",
        "Attune cannot open the journal",
        "Give this user permission to read and write the file and its folder.",
    ),
    JournalProblem(
        ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "XX001", "XX002"),
        "journal-damaged",
        "the journal is damaged, or the file is no database",
        RESTORE,
    ),
    JournalProblem(
        ("SQLITE_IOERR", "58030"),
        "journal-disk-error",
        "the disk reported an error at the journal",
        "Check the disk or the network share, then try again. Nothing was recorded.",
    ),
    JournalProblem(
        ("28", "authentication failed", "no password supplied", "no pg_hba.conf entry"),
        "journal-login-refused",
        "the database server refused the login",
        "Set the password in `PGPASSWORD` or in PostgreSQL's password file, and check the user in the address.",
    ),
    JournalProblem(
        ("3D000", 'database "', "42P01"),  # the text of a failed connection: database "..." does not exist
        "journal-database-missing",
        "the database or its tables do not exist on the server",
        "Check the name of the database in the address, or make the database there.",
    ),
    JournalProblem(
        ("08", "57P", "53300", "connection", "resolve host", "timeout", "server closed", "consuming input failed"),
        "journal-server-not-reached",
        "Attune cannot reach the database server of the journal",
        "Check that the server runs, and the address. Nothing was recorded.",
    ),
)
OTHER_PROBLEM = JournalProblem(
    (), "journal-not-usable", "the database of the journal reported an error", "Try again. Nothing was recorded."
)


@contextmanager
def report_journal_errors(place: Place) -> Iterator[None]:
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
        problem = _find_problem(original)
        raise build_journal_fault(problem.id, problem.message, problem.fix, place) from None


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
        raise build_journal_fault("journal-file-error", message, fix, FILE_PLACE) from None


def build_journal_fault(message_id: str, message: str, fix: str, place: Place) -> DataFault:
    """Return the fault about the journal's database at a place."""
    table, key = place
    return DataFault.error(message_id, table, key, message, fix=fix)


def _find_problem(error: BaseException | None) -> JournalProblem:
    """Return the row for an error by its name in SQLite, or its SQLSTATE; without these by its text."""
    code = str(getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", "") or "")
    text = "" if code else str(error).casefold()
    for problem in PROBLEMS:
        if any(code.startswith(sign) if code else sign in text for sign in problem.signs):
            return problem
    return OTHER_PROBLEM
