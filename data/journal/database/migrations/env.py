"""What Alembic runs before the steps: it takes the connection of Attune, and so its transaction."""

from alembic import context

if hasattr(context, "config"):  # Alembic runs this file; importing it does nothing
    context.configure(
        connection=context.config.attributes["connection"],
        version_table=context.config.attributes["version_table"],
        transactional_ddl=True,  # also on SQLite: all steps, or none of them
    )
    with context.begin_transaction():
        context.run_migrations()
