"""Make the tables of events, people, and ends of journals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "attune_journals",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )
    op.create_table(
        "attune_events",
        sa.Column("journal", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("on_day", sa.Text, nullable=False),
        sa.Column("actor_key", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("client_key", sa.Text),
        sa.Column("therapist_key", sa.Text),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("replaced", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )
    op.create_table(
        "attune_people",
        sa.Column("journal", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.UniqueConstraint("journal", "side", "id", name="attune_people_id"),
    )
