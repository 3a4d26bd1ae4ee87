"""Addresses of databases in ``clinic.toml``: which are allowed, and the file that one names. No library is loaded."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

SQLITE_STARTS = ("sqlite", "sqlite+pysqlite")
POSTGRESQL_STARTS = ("postgres", "postgresql", "postgresql+psycopg")  # spellings of one driver, psycopg 3
WAL_ENDING = "-wal"  # of the file in which SQLite keeps the latest changes of a database, in one of its modes
_SECRET_KEY = re.compile(r"password|passwd|secret|token", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_sql_address(text: str) -> str:
    """Return an address of a database; refuse one that holds a password, or is of another kind.

    Raises
    ------
    ValueError
        With what is wrong. No part of the address is in the message: it could be a password.

    >>> check_sql_address("sqlite:///clinic.db")
    'sqlite:///clinic.db'
    """
    try:
        parts = urlsplit(text)
        port = parts.port  # read in any case: a password with a slash ends up as a port, which is none
    except ValueError:
        raise ValueError(f"this is no address of a database: write one such as {_EXAMPLES}") from None
    if _has_password(parts):
        raise ValueError(
            "an address holds no password: take it out, and name the environment variable that holds it as "
            "`password_env`"
        )
    if "\0" in unquote(parts.path):
        raise ValueError(f"this is no address of a database: write one such as {_EXAMPLES}")
    if parts.scheme in SQLITE_STARTS:
        if port is not None or parts.netloc or parts.query or parts.fragment or not parts.path.strip("/"):
            raise ValueError("an address of SQLite is `sqlite:///FILE`, with three slashes")
    elif parts.scheme in POSTGRESQL_STARTS:
        if not parts.path.strip("/"):
            raise ValueError("the address names no database: write `postgresql+psycopg://user@host/database`")
    elif "://" in text:
        raise ValueError("Attune reads databases of SQLite and PostgreSQL, not of another kind")
    else:
        raise ValueError(f"this is no address of a database: write one such as {_EXAMPLES}")
    return text


def check_variable_name(name: str) -> str:
    """Refuse what cannot be the name of an environment variable, such as most passwords."""
    if not _VARIABLE.fullmatch(name):
        raise ValueError("this is not the name of an environment variable, such as `CLINIC_PASSWORD`")
    return name


def is_sqlite_address(address: str) -> bool:
    """Return whether an address names a file of SQLite."""
    return urlsplit(address).scheme in SQLITE_STARTS


def find_sqlite_file(address: str, folder: Path) -> Path | None:
    """Return the file that an address names, relative to the clinic's folder; None for a server.

    >>> find_sqlite_file("sqlite:///export/clinic%20one.db", Path("riverside")).as_posix()
    'riverside/export/clinic one.db'
    """
    parts = urlsplit(address)
    return folder / unquote(parts.path[1:]) if parts.scheme in SQLITE_STARTS else None


def format_database_name(address: str) -> str:
    """Return the name of a database for messages: that of its file, or that on its server. It has no host and no user.

    >>> format_database_name("postgresql+psycopg://ann@db.example/clinic?sslmode=require")
    'database clinic'
    """
    name = unquote(urlsplit(address).path).strip("/").rpartition("/")[2]
    return name if is_sqlite_address(address) else f"database {name}"


def _has_password(parts: SplitResult) -> bool:
    """Return whether an address can hold a password; a slash or another sign in it moves its end into a later part."""
    user = unquote(parts.netloc.rpartition("@")[0])
    is_server = parts.scheme not in SQLITE_STARTS  # the name of a file can hold an @
    rest = parts.path + parts.query + parts.fragment
    return ":" in user or (is_server and "@" in unquote(rest)) or _SECRET_KEY.search(parts.query) is not None


_EXAMPLES = "`sqlite:///clinic.db` or `postgresql+psycopg://user@host/database`"
