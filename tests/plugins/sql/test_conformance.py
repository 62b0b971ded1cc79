"""The store obeys the contract of every store, in SQLite and in PostgreSQL."""

from __future__ import annotations

import pytest

from receivables.testing.event_store import EventStoreTests

_TAMPER = "UPDATE events SET body = replace(body, '120000', '120001') WHERE seq = 1"


class TestSqlite(EventStoreTests):
    """The journal in a SQLite file."""

    @pytest.fixture
    def spec(self, spec):
        """The descriptor of the store, from its plug-in."""
        return spec

    @pytest.fixture
    def store_factory(self, spec, sqlite_url):
        """Opens the same file each time."""
        return lambda: spec.build({"url": sqlite_url})

    @pytest.fixture
    def tamper(self, execute, sqlite_url):
        """Changes an amount in the body of the first event."""
        return lambda: execute(sqlite_url, _TAMPER)


class TestPostgresql(EventStoreTests):
    """The journal in PostgreSQL."""

    @pytest.fixture
    def spec(self, spec):
        """The descriptor of the store, from its plug-in."""
        return spec

    @pytest.fixture
    def store_factory(self, spec, postgresql_url):
        """Opens the same database each time."""
        return lambda: spec.build({"url": postgresql_url})

    @pytest.fixture
    def tamper(self, execute, postgresql_url):
        """Changes an amount in the body of the first event."""
        return lambda: execute(postgresql_url, _TAMPER)
