"""The three tables of a journal; the same texts in SQLite and in PostgreSQL.

``events`` has one row per event, ``account_events`` one row per event and account it writes on, and
``journal`` one row in all: the layout, and the head of the chain.  Dates and moments are ISO texts,
exactly as they stand in the body, so that both databases hold the same chain.
"""

from __future__ import annotations

from typing import Final

import attrs
import sqlalchemy as sa

__all__ = ["APPLICATION_ID", "LAYOUT", "NAMES", "Tables", "tables"]

LAYOUT: Final = 1
"""The version of these tables; a journal with a higher one is refused."""

APPLICATION_ID: Final = 0x52435642
"""``RCVB``: what a SQLite file of ours says in its header (``PRAGMA application_id``)."""

NAMES: Final = frozenset({"account_events", "events", "journal"})
"""The names of the tables."""


@attrs.frozen(kw_only=True)
class Tables:
    """The tables of a journal in one schema."""

    metadata: sa.MetaData
    events: sa.Table
    account_events: sa.Table
    journal: sa.Table


def tables(schema: str) -> Tables:
    """The tables, in a schema, or in the database's default one where it is empty."""
    metadata = sa.MetaData(schema=schema or None)
    text = sa.Text
    events = sa.Table(
        "events",
        metadata,
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("event", text, nullable=False, unique=True),
        sa.Column("kind", text, nullable=False),
        sa.Column("effective_on", text, nullable=False),
        sa.Column("recorded_at", text, nullable=False),
        sa.Column("body", text, nullable=False),
        sa.Column("prev", text, nullable=False),
        sa.Column("hash", text, nullable=False),
    )
    account_events = sa.Table(
        "account_events",
        metadata,
        sa.Column("account", text, primary_key=True),
        sa.Column("version", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    journal = sa.Table(
        "journal",
        metadata,
        sa.Column("layout", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("head", text, nullable=False),
    )
    return Tables(metadata=metadata, events=events, account_events=account_events, journal=journal)
