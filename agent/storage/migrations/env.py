"""Alembic's entry. It is always given an open connection by ``agent.storage.schema``."""

from alembic import context

from agent.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot change a column in place
)
with context.begin_transaction():
    context.run_migrations()
