"""The tables of the journal's database: its events, its end, and the ids of people by random keys."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

Side = Literal["client", "therapist", "actor"]

SIDES: tuple[Side, ...] = ("client", "therapist", "actor")
VERSIONS = ("0001", "0002")  # of the tables, oldest first; each is a file in migrations/versions
VERSION_TABLE = "attune_version"

METADATA = sa.MetaData()

JOURNALS = sa.Table(  # one row for each journal: the end of its chain
    "attune_journals",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # of the last event; 0 without events
    sa.Column("seal", sa.Text, nullable=False),  # of the last event; empty without events
)
EVENTS = sa.Table(  # never updated, never deleted
    "attune_events",
    METADATA,
    sa.Column("journal", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),  # ISO time in UTC with microseconds: the seal needs one exact text
    sa.Column("on_day", sa.Text, nullable=False),  # ISO day
    sa.Column("actor_key", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("client_key", sa.Text),
    sa.Column("therapist_key", sa.Text),
    sa.Column("fields", sa.Text, nullable=False),  # canonical JSON: a JSON column would change its text
    sa.Column("replaced", sa.Text, nullable=False),  # canonical JSON
    sa.Column("previous", sa.Text, nullable=False),  # seal of the event before; empty for the first one
    sa.Column("seal", sa.Text, nullable=False),
    sa.Index("attune_events_client", "journal", "client_key"),
    sa.Index("attune_events_therapist", "journal", "therapist_key"),
)
PEOPLE = sa.Table(  # the only place of an id: without its row the key of a person means nothing
    "attune_people",
    METADATA,
    sa.Column("journal", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("salt", sa.Text, nullable=False),  # random; the key is the SHA-256 of salt, side and id
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),  # number of the last event about the person
    sa.UniqueConstraint("journal", "side", "id", name="attune_people_id"),
)
