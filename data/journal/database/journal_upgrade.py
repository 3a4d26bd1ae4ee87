"""Versions of the journal's tables: which one a database has, and the steps to the newest, with Alembic."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_faults import JournalPlace
from attune_fit.data.journal.database.journal_schema import JOURNALS, VERSION_TABLE, VERSIONS

SCRIPTS = "attune_fit.data.journal.database:migrations"  # as a package: a folder name with % would need an escape
UPGRADE_LOCK = 4_713_295  # number of the lock in PostgreSQL under which tables are made; any fixed number
NEWEST = VERSIONS[-1]
ONE_AT_A_TIME = threading.Lock()  # Alembic keeps what it runs in a variable of its module


def find_version(connection: sa.Connection) -> str | None:
    """Return the version of the tables in a database; None where it has none of Attune's tables."""
    names = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE not in names or JOURNALS.name not in names:
        return None
    query = sa.select(sa.column("version_num", sa.Text)).select_from(sa.table(VERSION_TABLE))
    return str(connection.execute(query).scalar_one_or_none() or "")


def check_version(connection: sa.Connection, place: JournalPlace) -> bool:
    """Return whether a database has Attune's tables, in the newest version; False where it has none.

    Raises
    ------
    DataFault
        If its tables are older or newer.
    """
    version = find_version(connection)
    if version in (None, NEWEST):
        return version is not None
    if version in VERSIONS:
        message = "an older version of Attune made the journal"
        fix = "Run `attune journal CLINIC --upgrade`. It keeps all events."
        raise DataFault.error("journal-of-older-version", place.file, place.key, message, fix=fix)
    message = "a newer version of Attune made the journal, or another program"
    fix = "Install the newest Attune. Attune left the journal as it is."
    raise DataFault.error("journal-of-newer-version", place.file, place.key, message, fix=fix)


def upgrade_tables(connection: sa.Connection, place: JournalPlace, version: str = NEWEST) -> None:
    """Make the tables, or bring them to a version, within the open transaction of a connection.

    Raises
    ------
    DataFault
        If the tables are newer than this version of Attune.
    """
    found = find_version(connection)
    if found != version and connection.dialect.name == "postgresql":  # one command at a time makes the tables
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        found = find_version(connection)
    if found == version:
        return
    if found is not None and found not in VERSIONS:
        check_version(connection, place)
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", SCRIPTS)
    with ONE_AT_A_TIME:
        command.upgrade(config, version)
