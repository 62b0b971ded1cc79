"""Opening a database: SQLite or PostgreSQL, ours or empty, and transactions that end cleanly."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from receivables.errors import AdapterError, ConcurrencyError, MissingExtraError, PolicyError
from receivables_plugins.sql import SqlSettings
from receivables_plugins.sql.chain import GENESIS
from receivables_plugins.sql.schema import APPLICATION_ID, LAYOUT, NAMES, Tables, tables

__all__ = ["Database"]

_DRIVERS: Final = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
_BEGIN: Final = "receivables_begin"
"""The option of a connection that says how SQLite begins its transactions; none where empty."""

_CREATE_LOCK: Final = APPLICATION_ID
"""The PostgreSQL advisory lock under which the tables are made."""


class Database:
    """A database that holds a journal, or will; opening it makes what is missing."""

    def __init__(self, settings: SqlSettings) -> None:
        url = _url(settings)
        self.name = url.render_as_string(hide_password=True)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.tables: Tables = tables(settings.schema)
        self._schema = settings.schema
        self._timeout_s = settings.timeout_s
        self._is_closed = False
        self._engine = _engine(url, settings)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the journal throughout."""
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._transaction(**level) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A durable transaction; on SQLite it is the only writer from its first moment."""
        level = {} if self.is_sqlite else {"isolation_level": "READ COMMITTED"}
        with self._transaction(**{_BEGIN: "BEGIN IMMEDIATE"}, **level) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{self._timeout_s}s'")
                connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        self._engine.dispose()

    @contextlib.contextmanager
    def _transaction(self, **options: Any) -> Iterator[sa.Connection]:  # noqa: ANN401  # of SQLAlchemy
        if self._is_closed:
            msg = f"journal {self.name} must be open, got a closed one"
            raise AdapterError(msg)
        with self._translated(), self._engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Say the database's errors in the library's words."""
        try:
            yield
        except exc.IntegrityError as error:
            msg = f"journal {self.name} must have one writer per account, got {_reason(error)}"
            raise ConcurrencyError(msg) from error
        except exc.SQLAlchemyError as error:
            reason = _reason(error)
            if "locked" in reason or "lock timeout" in reason:
                msg = f"journal {self.name} must be free within {self._timeout_s} s, got {reason}"
            else:
                msg = f"journal {self.name} must be a database that answers, got {reason}"
            raise AdapterError(msg) from error

    def _open(self) -> None:
        with self.reading() as connection:
            is_empty = self._is_empty(connection)
        if self.is_sqlite:
            self._write_ahead()
        if is_empty:
            with self.writing() as connection:
                self._create(connection)
        with self.reading() as connection:
            self._check_layout(connection)

    def _is_empty(self, connection: sa.Connection) -> bool:
        """Whether there is nothing yet; refuses what somebody else has put there."""
        found = set(sa.inspect(connection).get_table_names(schema=self._schema or None))
        if self.is_sqlite:
            owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
            is_foreign = owner not in {0, APPLICATION_ID} or (owner == 0 and found)
        else:
            found &= NAMES
            is_foreign = False
        if is_foreign or (found and not found >= NAMES):
            msg = f"journal {self.name} must be empty or a journal, got tables {', '.join(sorted(found)) or 'of another program'}"
            raise AdapterError(msg)
        return not found

    def _write_ahead(self) -> None:
        # The journal mode stays with the file and cannot change inside a transaction.
        with self._transaction(**{_BEGIN: ""}) as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")

    def _create(self, connection: sa.Connection) -> None:
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CREATE_LOCK})")
            if self._schema:
                connection.execute(sa.schema.CreateSchema(self._schema, if_not_exists=True))
        if not self._is_empty(connection):
            return  # Somebody else made it in the meantime.
        if self.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        self.tables.metadata.create_all(connection)
        first = {"layout": LAYOUT, "events": 0, "head": GENESIS}
        connection.execute(sa.insert(self.tables.journal), first)

    def _check_layout(self, connection: sa.Connection) -> None:
        try:
            layouts = connection.scalars(sa.select(self.tables.journal.c.layout)).all()
        except exc.ProgrammingError as error:
            msg = f"journal {self.name} must have the tables of one, got {_reason(error)}"
            raise AdapterError(msg) from error
        if layouts != [LAYOUT]:
            msg = f"layout of journal {self.name} must be {LAYOUT}, got {layouts}. A newer version of receivables reads newer layouts"
            raise AdapterError(msg)


def _url(settings: SqlSettings) -> sa.URL:
    if "://" not in settings.url:
        url = sa.URL.create("sqlite", database=settings.url)
    else:
        try:
            url = sa.make_url(settings.url)
        except (exc.ArgumentError, ValueError) as error:
            msg = f"url of the journal must be a database URL, got an unreadable one: {error}"
            raise PolicyError(msg) from error
    if url.drivername not in _DRIVERS:
        msg = f"url of the journal must begin with sqlite:// or postgresql://, got {url.drivername}://"
        raise PolicyError(msg)
    url = url.set(drivername=_DRIVERS[url.drivername])
    if url.drivername == "sqlite":
        _check_sqlite(url, settings)
    return url


def _check_sqlite(url: sa.URL, settings: SqlSettings) -> None:
    if url.database in {None, "", ":memory:"} or url.query:
        msg = f"url of a SQLite journal must name a file and nothing else, got {url.render_as_string()}"
        raise PolicyError(msg)
    if settings.schema:
        msg = f"schema must be empty for SQLite, which has none, got {settings.schema!r}"
        raise PolicyError(msg)
    parent = Path(str(url.database)).parent
    if not parent.is_dir():
        msg = f"folder of the journal must exist, got {parent}"
        raise AdapterError(msg)


def _engine(url: sa.URL, settings: SqlSettings) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, connect_args={"timeout": settings.timeout_s})
        sa.event.listen(engine, "connect", _on_sqlite_connect)
        sa.event.listen(engine, "begin", _on_sqlite_begin)
        return engine
    try:
        return sa.create_engine(url)
    except ModuleNotFoundError as error:
        needed_for = "a journal in PostgreSQL"
        raise MissingExtraError.for_extra("postgresql", needed_for=needed_for) from error


def _on_sqlite_connect(connection: Any, _record: object) -> None:  # noqa: ANN401  # of sqlite3
    # The driver would begin transactions by itself, too late and without IMMEDIATE.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")


def _on_sqlite_begin(connection: sa.Connection) -> None:
    # IMMEDIATE takes the write lock at once: a reader that turns writer could only fail.
    if begin := connection.get_execution_options().get(_BEGIN, "BEGIN"):
        connection.exec_driver_sql(begin)


def _reason(error: exc.SQLAlchemyError) -> str:
    """The first line of what the driver said, without the statement and its values."""
    return str(getattr(error, "orig", error)).strip().partition("\n")[0]
