"""Give people a version, the number of the last event about them, and events an index by person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the indices, and fill the column from the events."""
    op.create_index("attune_events_client", "attune_events", ["journal", "client_key"])
    op.create_index("attune_events_therapist", "attune_events", ["journal", "therapist_key"])
    op.add_column("attune_people", sa.Column("version", sa.Integer, nullable=False, server_default="0"))
    events = _build_table("attune_events", "journal", "number", "client_key", "therapist_key")
    people = _build_table("attune_people", "journal", "key", "side", "version")
    for side in ("client", "therapist"):
        last = sa.select(sa.func.coalesce(sa.func.max(events.c.number), 0)).where(
            events.c.journal == people.c.journal, events.c[f"{side}_key"] == people.c.key
        )
        op.execute(sa.update(people).where(people.c.side == side).values(version=last.scalar_subquery()))


def _build_table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))
