"""The connection to the database:
how it is opened, how a transaction begins, and what its errors mean to an operator.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session

from agent.errors import StorageError

BUSY_TIMEOUT_MS = 2000
"""How long SQLite itself waits for a lock before it says "locked".

A batch of events is written in a few ms.
"""

_EXAMPLES = "sqlite:////var/lib/hotline/hotline.db or postgresql+psycopg://user@host/hotline"


class DatabaseLockedError(StorageError):
    """Somebody else holds the database; it will very likely be free soon."""


class Database:
    """An engine and its transactions. Thread-safe. Every failure comes out as StorageError."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.path = Path(self.url.database).resolve() if self.is_sqlite and self.url.database else None
        self._file: tuple[int, int] | None = None
        try:
            self._engine = create_engine(self.url, pool_pre_ping=not self.is_sqlite)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StorageError(
                f"database URL {self.shown}: the driver is not installed ({error})", retryable=False
            ) from error
        if self.is_sqlite:
            event.listen(self._engine, "connect", _configure_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """The URL as it may be shown: without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def engine(self) -> Engine:
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read transaction. SQLite readers are never held up by a writer (WAL)."""
        with self._session(write=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A write transaction: committed at the end, rolled back on any error."""
        with self._session(write=True) as session:
            yield session
            session.commit()

    def create_folder(self) -> None:
        """Make the folder of an SQLite file.

        Only a start-up or an operator's command may begin a new database.
        """
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot create the folder {self.path.parent} of the database: {error.strerror};"
                " make it writable for the user"
                " that runs the hotline, or set storage.url",
            ) from error

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A write transaction without ORM, for migrations. The only one that may create an SQLite file."""
        with self._translated(), self._engine.connect().execution_options(hotline_write=True) as connection:
            with connection.begin():
                yield connection
            self._remember_file()

    def dispose(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _session(self, *, write: bool) -> Iterator[Session]:
        self._check_file()
        with (
            self._translated(),
            self._engine.connect().execution_options(hotline_write=write) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session

    def _check_file(self) -> None:
        """SQLite would go on writing into a deleted file, or silently begin an empty one:
        both lose what was said.
        """
        if self.path is None:
            return
        try:
            stat = os.stat(self.path)
        except OSError as error:
            self._engine.dispose()
            raise StorageError(
                f"database file {self.path} is gone ({error.strerror}):"
                " put it back, or begin an empty one with `hotline db upgrade`"
            ) from error
        if self._file is not None and self._file != (stat.st_dev, stat.st_ino):
            self._engine.dispose()
        self._file = (stat.st_dev, stat.st_ino)

    def _remember_file(self) -> None:
        if self.path is not None:
            stat = os.stat(self.path)
            self._file = (stat.st_dev, stat.st_ino)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise explain(error, str(self.path or self.shown)) from error


def explain(error: SQLAlchemyError | OSError, where: str) -> StorageError:
    """A driver's error in words that say what would be right.

    ``where``: the file, or the URL without its password.
    """
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    low = text.lower()
    if isinstance(error, IntegrityError | DataError):
        return StorageError(f"database {where} refuses the data: {text}", retryable=False)
    if "locked" in low or "busy" in low:
        return DatabaseLockedError(f"database {where} is locked by another program: end what holds it ({text})")
    for sign, advice in _ADVICE:
        if sign in low:
            return StorageError(f"database {where}: {advice} ({text})")
    return StorageError(f"database {where} does not answer: {text}")


_ADVICE = (
    ("full", "the disk is full; free some space"),
    ("disk i/o", "the disk does not take or give the data; check its space and health"),
    (
        "readonly",
        "it cannot be written; make the file and its folder writable for the user that runs the hotline",
    ),
    ("no such table", "its tables are missing; run `hotline db upgrade`"),
    ("no such column", "its tables are older than this program; run `hotline db upgrade`"),
    (
        "does not exist",
        "its tables or the database itself are missing; create it and run `hotline db upgrade`",
    ),
    ("unable to open", "it cannot be opened; check that the folder exists and is writable"),
    ("not a database", "this is not an SQLite database; put the right file there or move it away"),
    ("malformed", "the file is damaged; restore it from a backup"),
)


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StorageError(
            f"storage.url {text!r} is not a database URL; right would be {_EXAMPLES}", retryable=False
        ) from error
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise StorageError(
            f"storage.url {text!r}: a database in memory is lost with the process; use a file: {_EXAMPLES}",
            retryable=False,
        )
    return url


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does, so that a writer takes its lock at
    # once.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # WAL + NORMAL never corrupts; a power cut may cost the last moments, a dying process nothing.
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can be refused at once, whatever the busy timeout.
    # IMMEDIATE waits instead.
    write = connection.get_execution_options().get("hotline_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
