"""Make the tables of accounts, sessions, sign-in attempts, links and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "a0001"
down_revision = None


def upgrade() -> None:
    """Make the five tables."""
    op.create_table(
        "attune_accounts",
        sa.Column("clinic", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("password_hash", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("therapist_id", sa.Text),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
    )
    op.create_table(
        "attune_sessions",
        sa.Column("clinic", sa.Text, primary_key=True),
        sa.Column("key_hash", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("used_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
    )
    op.create_table(
        "attune_sign_in_attempts",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("clinic", sa.Text, nullable=False, index=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("account_hash", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("is_failed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "attune_set_up_links",
        sa.Column("clinic", sa.Text, primary_key=True),
        sa.Column("key_hash", sa.Text, primary_key=True),
        sa.Column("account", sa.Text),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("used_at", sa.Double),
    )
    op.create_table(
        "attune_page_audit",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("clinic", sa.Text, nullable=False, index=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("therapist_id", sa.Text),
        sa.Column("status", sa.Integer),
    )
