"""Migrations run from code: the same for start-up, ``hotline db upgrade`` and the tests."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from agent.errors import StorageError
from agent.storage.tables import Base

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest revision.

    Raises StorageError where the database is newer than this program.
    """
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise StorageError(
            f"the database has revision {current(connection)}, which this program does not know"
            f" (newest: {newest()}): {error}; use the newer program, or another database",
            retryable=False,
        ) from error


def current(connection: Connection) -> str | None:
    """The revision the tables have; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this program wants."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    assert head is not None
    return head


def differences(connection: Connection) -> list[object]:
    """What the migrated tables lack against ``tables.py``; empty where a migration was not forgotten."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
