"""Versions of the tables of accounts: which one a database has, and the steps to the newest, with Alembic."""

from __future__ import annotations

import sqlalchemy as sa

from attune_fit.data.accounts.account_schema import ACCOUNTS, VERSION_TABLE, VERSIONS
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_faults import JournalPlace
from attune_fit.data.journal.database.journal_upgrade import ONE_AT_A_TIME, SCRIPTS

STEPS = "attune_fit.data.accounts:migrations"  # what Alembic runs before them is that of the journal
WRITE_LOCK = 4_713_296  # number of the lock in PostgreSQL that a writing transaction takes before it reads
NEWEST = VERSIONS[-1]


def find_account_version(connection: sa.Connection) -> str | None:
    """Return the version of the tables of accounts in a database; None where it has none."""
    names = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE not in names or ACCOUNTS.name not in names:
        return None
    query = sa.select(sa.column("version_num", sa.Text)).select_from(sa.table(VERSION_TABLE))
    return str(connection.execute(query).scalar_one_or_none() or "")


def upgrade_account_tables(connection: sa.Connection, place: JournalPlace) -> None:
    """Lock the accounts until the transaction ends; make their tables, or bring them to the newest version.

    In SQLite the transaction has its lock from the beginning.

    Raises
    ------
    DataFault
        If the tables are newer than this version of Attune.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITE_LOCK)))
    found = find_account_version(connection)
    if found == NEWEST:
        return
    if found is not None and found not in VERSIONS:
        message = "a newer version of Attune made the accounts, or another program"
        fix = "Install the newest Attune. Attune left the accounts as they are."
        raise DataFault.error("accounts-of-newer-version", place.file, place.key, message, fix=fix)
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("version_locations", STEPS)
    config.set_main_option("path_separator", "newline")
    with ONE_AT_A_TIME:
        command.upgrade(config, NEWEST)
