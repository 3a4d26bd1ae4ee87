"""The tables of accounts. Each row names its clinic: a PostgreSQL database can hold the accounts of several.

Times are seconds since 1970 in UTC. No table holds a password, a key of a session or a key of a link: only hashes.
"""

from __future__ import annotations

import sqlalchemy as sa

VERSIONS = ("a0001",)  # of the tables, oldest first; each is a file in migrations
VERSION_TABLE = "attune_accounts_version"
METADATA = sa.MetaData()

ACCOUNTS = sa.Table(
    "attune_accounts",
    METADATA,
    sa.Column("clinic", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),  # in lower case
    sa.Column("password_hash", sa.Text),  # of argon2; NULL until a password is set
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("therapist_id", sa.Text),  # of a clinician
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # one more with each change
    sa.Column("made_at", sa.Double, nullable=False),
)
SESSIONS = sa.Table(
    "attune_sessions",
    METADATA,
    sa.Column("clinic", sa.Text, primary_key=True),
    sa.Column("key_hash", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),  # of the computer that signed in
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("used_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),  # NULL until it is ended; one that expired has none
)
ATTEMPTS = sa.Table(  # to sign in
    "attune_sign_in_attempts",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("clinic", sa.Text, nullable=False, index=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("account_hash", sa.Text, nullable=False),  # people type passwords into the field of the name
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("is_failed", sa.Boolean, nullable=False),
)
LINKS = sa.Table(  # one-time links to set a password
    "attune_set_up_links",
    METADATA,
    sa.Column("clinic", sa.Text, primary_key=True),
    sa.Column("key_hash", sa.Text, primary_key=True),
    sa.Column("account", sa.Text),  # NULL: the link makes the first account
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("used_at", sa.Double),  # or replaced by a newer link
)
AUDIT = sa.Table(  # never updated but for the status of its own request
    "attune_page_audit",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("clinic", sa.Text, nullable=False, index=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),  # pattern of the address, such as /clients/{client_id}
    sa.Column("client_id", sa.Text),
    sa.Column("therapist_id", sa.Text),
    sa.Column("status", sa.Integer),  # of HTTP; NULL: an edit that was begun, and no answer was sent
)
