"""The event journal in a SQL database: a SQLite file, or PostgreSQL by its URL.

Nothing of SQLAlchemy is imported before a store is built.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from receivables.adapters import AdapterSpec, EventStore
from receivables.errors import MissingExtraError
from receivables.hookspecs import hookimpl

__all__ = ["SqlSettings", "receivables_stores"]

_TIMEOUT_MAX_S = 3_600


def _check_timeout(_instance: object, _attribute: object, value: object) -> None:
    # A lock that is not free after an hour is a fault, and no wait.
    if type(value) is not int or not 0 <= value <= _TIMEOUT_MAX_S:
        msg = f"timeout_s must be an integer from 0 to {_TIMEOUT_MAX_S}, got {value!r}"
        raise ValueError(msg)


def _check_url(_instance: object, _attribute: object, value: str) -> None:
    if not value.strip():
        msg = f"url must be the path of a SQLite file or a database URL, got {value!r}"
        raise ValueError(msg)


@attrs.frozen(kw_only=True)
class SqlSettings:
    """Where the journal is, and how long to wait for another writer.

    >>> SqlSettings(url="books/journal.db").timeout_s
    30
    """

    url: str = attrs.field(validator=[attrs.validators.instance_of(str), _check_url], repr=False)
    """The path of a SQLite file, ``sqlite:///…``, or ``postgresql://user:password@host/database``."""
    schema: str = attrs.field(default="", validator=attrs.validators.instance_of(str))
    """The PostgreSQL schema that holds the tables; the database's own default where empty."""
    timeout_s: int = attrs.field(default=30, validator=_check_timeout)
    """How long a writer waits for another, in seconds."""


def _build(settings: SqlSettings) -> EventStore:
    try:
        from receivables_plugins.sql.store import SqlEventStore  # noqa: PLC0415  # loads SQLAlchemy
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sqlalchemy":
            raise
        raise MissingExtraError.for_extra("sql", needed_for="a journal in a database") from error
    return SqlEventStore.open(settings)


@hookimpl
def receivables_stores() -> Iterable[AdapterSpec[EventStore]]:
    """Register the store of the event journal in SQLite or PostgreSQL."""
    return [
        AdapterSpec(
            name="sql",
            summary="The event journal in a SQLite file, or in PostgreSQL by its URL",
            factory=_build,
            settings=SqlSettings,
            capabilities=frozenset({"concurrency", "verify"}),
            verified="live",
            extra="sql",
        )
    ]
