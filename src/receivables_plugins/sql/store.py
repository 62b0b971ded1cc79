"""The store itself: append all or none, stream back in the order of recording, verify."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa

from receivables.adapters import Appended, Verified
from receivables.errors import (
    ConcurrencyError,
    DocumentError,
    DuplicateEventError,
    EventError,
    TamperedJournalError,
)
from receivables.ledger import AccountKey, Event
from receivables.ledger.wire import canonical, from_text, to_text
from receivables.reading import ReadNotes
from receivables_plugins.sql import SqlSettings
from receivables_plugins.sql.chain import (
    GENESIS,
    AccountRow,
    EventRow,
    Head,
    account_rows,
    chain_hash,
    check_journal,
    columns_of,
    restored,
)
from receivables_plugins.sql.database import Database

__all__ = ["SqlEventStore"]

_FETCH: Final = 2_000
"""Rows that are in memory at a time while streaming."""

_INSERT: Final = 10_000
"""Rows that go to the driver in one call."""

_LOOK_UP: Final = 500
"""Values of one IN list: below every limit on the number of parameters (SQLite had 999)."""


_NUL: Final = "\\u0000"
"""How JSON writes a NUL."""


@attrs.frozen
class _Draft:
    """An event that is to be appended, its body, and its accounts, each once."""

    event: Event
    body: str
    accounts: tuple[str, ...]


@attrs.frozen
class _Tail:
    """The head of the journal, and when its last event was recorded."""

    head: Head
    recorded_at: dt.datetime | None


class SqlEventStore:
    """The event journal in SQLite or PostgreSQL; build it by its adapter, ``sql``.

    It may be shared by threads; several processes may have the same journal open.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = database.tables

    @classmethod
    def open(cls, settings: SqlSettings) -> SqlEventStore:
        """Open a journal, and make it where there is none yet.

        Raises `AdapterError` where the database does not answer, is another program's, or holds
        a journal of a newer layout.
        """
        return cls(Database(settings))

    def append(
        self, events: Sequence[Event], *, expected: Mapping[AccountKey, int] | None = None
    ) -> Appended:
        """Append all events or none, durably; see `receivables.adapters.EventStore`.

        Where every event is known already, as after a reply that got lost, `expected` is not asked
        for.  An event recorded before the last one of the journal raises `ConcurrencyError` too:
        the order of recording is the order of `recorded_at`.
        """
        drafts = _drafts(events)
        with self._database.writing() as connection:
            tail = self._tail(connection)
            known = self._known(connection, drafts)
            new = [draft for name, draft in drafts.items() if name not in known]
            head = tail.head
            if new:
                _check_moments(tail, new)
                versions = self._versions(connection, _accounts(new, expected or {}))
                _check_expected(expected or {}, versions)
                head = self._insert(connection, new, head=head, versions=versions)
        return Appended(added=len(new), known=len(events) - len(new), head=head.head)

    def events(self) -> Iterator[Event]:
        """Every event in the order of recording, each after its hash was recomputed.

        Raises `TamperedJournalError` where the chain does not hold; `verify` tells where.
        """
        table = self._tables.events.c
        query = sa.select(table.seq, table.body, table.hash).order_by(table.seq)
        with self._database.reading() as connection:
            head = self._head(connection) or Head()
            yield from restored(_stream(connection, query), head)

    def versions(self) -> Mapping[AccountKey, int]:
        """The number of events on each account."""
        table = self._tables.account_events.c
        query = sa.select(table.account, sa.func.max(table.version)).group_by(table.account)
        with self._database.reading() as connection:
            return {AccountKey(account): count for account, count in connection.execute(query)}

    def verify(self) -> Verified:
        """Recompute the hash chain and compare every column with the body that it repeats.

        The problems have the codes ``journal.tampered``, ``journal.truncated`` and
        ``journal.unreadable``; the line of their place is the seq, the field the column.
        """
        events, index = self._tables.events, self._tables.account_events
        columns = (index.c.account, index.c.version, index.c.seq)
        notes = ReadNotes(self._database.name)
        with self._database.reading() as connection:
            found = check_journal(
                _stream(connection, sa.select(events).order_by(events.c.seq)),
                _stream(connection, sa.select(*columns).order_by(index.c.seq)),
                head=self._head(connection),
                notes=notes,
            )
        return Verified(events=found.events, head=found.head, problems=tuple(notes.problems))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def _head(self, connection: sa.Connection) -> Head | None:
        table = self._tables.journal.c
        row = connection.execute(sa.select(table.events, table.head)).one_or_none()
        return None if row is None else Head(row[0], row[1])

    def _tail(self, connection: sa.Connection) -> _Tail:
        """Lock the head against other writers, and check that the journal ends where it says."""
        journal, table = self._tables.journal.c, self._tables.events.c
        query = sa.select(journal.events, journal.head).with_for_update()
        row = connection.execute(query).one_or_none()
        columns = (table.seq, table.hash, table.recorded_at)
        last = connection.execute(sa.select(*columns).order_by(table.seq.desc()).limit(1)).first()
        end = (0, GENESIS) if last is None else (last[0], last[1])
        if row is None or end != (row[0], row[1]):
            said = "nothing" if row is None else f"{row[0]} events"
            msg = f"journal must end where its head says, {said}, got {end[0]}. Use verify()"
            raise TamperedJournalError(msg)
        moment = None if last is None else dt.datetime.fromisoformat(last[2])
        return _Tail(Head(row[0], row[1]), moment)

    def _known(self, connection: sa.Connection, drafts: Mapping[str, _Draft]) -> set[str]:
        """The identities that the journal has; raises where one says something else."""
        table = self._tables.events.c
        known = set()
        for names in _batches(drafts, _LOOK_UP):
            query = sa.select(table.event, table.body).where(table.event.in_(names))
            for name, body in connection.execute(query):
                _check_same(drafts[name], body)
                known.add(name)
        return known

    def _versions(self, connection: sa.Connection, accounts: Iterable[str]) -> dict[str, int]:
        table = self._tables.account_events.c
        versions: dict[str, int] = {}
        for some in _batches(accounts, _LOOK_UP):
            query = (
                sa.select(table.account, sa.func.max(table.version))
                .where(table.account.in_(some))
                .group_by(table.account)
            )
            versions.update((account, count) for account, count in connection.execute(query))
        return versions

    def _insert(
        self,
        connection: sa.Connection,
        drafts: Sequence[_Draft],
        *,
        head: Head,
        versions: dict[str, int],
    ) -> Head:
        for some in _batches(drafts, _INSERT):
            rows: list[EventRow] = []
            index: list[AccountRow] = []
            for draft in some:
                seq = head.events + 1
                digest = chain_hash(head.head, seq, draft.body)
                rows.append((seq, *columns_of(draft.event), draft.body, head.head, digest))
                index.extend(account_rows(draft.accounts, seq, versions))
                head = Head(seq, digest)
            _insert_rows(connection, self._tables.events, rows)
            if index:  # An allocation without customers is on no account.
                _insert_rows(connection, self._tables.account_events, index)
        new_head = {"events": head.events, "head": head.head}
        connection.execute(sa.update(self._tables.journal).values(new_head))
        return head


def _drafts(events: Iterable[Event]) -> dict[str, _Draft]:
    """The events to append by identity; one that comes twice must say the same."""
    drafts: dict[str, _Draft] = {}
    for event in events:
        draft = _Draft(event, to_text(event), tuple(dict.fromkeys(event.accounts)))
        first = drafts.setdefault(event.event, draft)
        if first is not draft:
            _check_same(draft, first.body)
        elif _NUL in draft.body:
            _check_keys(draft)
    return drafts


def _check_keys(draft: _Draft) -> None:
    # PostgreSQL has no text with NUL, and a journal must fit into either database.
    keys = (draft.event.event, *draft.accounts)
    if any("\0" in key for key in keys):
        msg = f"event and accounts must not contain NUL, got {keys}"
        raise DocumentError(msg)


def _check_same(draft: _Draft, body: str) -> None:
    if draft.body != body and canonical(draft.event) != canonical(from_text(body)):
        msg = f"event {draft.event.event!r} must say what it said when it was recorded, got another content"
        raise DuplicateEventError(msg)


def _check_moments(tail: _Tail, drafts: Sequence[_Draft]) -> None:
    """Refuse what no ledger could replay: the order of recording is that of `recorded_at`."""
    moments = [draft.event.recorded_at for draft in drafts]
    if tail.recorded_at is not None and moments[0] < tail.recorded_at:
        msg = f"recorded_at must be {tail.recorded_at} or later, when the last event was, got {moments[0]}"
        raise ConcurrencyError(msg)
    for earlier, later in itertools.pairwise(moments):
        if later < earlier:
            msg = (
                f"recorded_at must not go back within what is appended, got {later} after {earlier}"
            )
            raise EventError(msg)


def _accounts(drafts: Iterable[_Draft], expected: Iterable[AccountKey]) -> Iterable[str]:
    of_events = itertools.chain.from_iterable(draft.accounts for draft in drafts)
    return dict.fromkeys(itertools.chain(of_events, expected))


def _check_expected(expected: Mapping[AccountKey, int], versions: Mapping[str, int]) -> None:
    for account, version in expected.items():
        now = versions.get(account, 0)
        if now != version:
            msg = f"account {account} must have {version} events, as it had when it was read, got {now}"
            raise ConcurrencyError(msg)


def _insert_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    # Tuples straight to the driver: a dictionary for each row would double the time.
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    name = connection.dialect.identifier_preparer.format_table(table)
    marks = ", ".join([mark] * len(table.columns))
    statement = f"INSERT INTO {name} ({', '.join(table.columns.keys())}) VALUES ({marks})"
    connection.exec_driver_sql(statement, list(rows))


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    result = connection.execute(query.execution_options(yield_per=_FETCH))
    for rows in result.partitions():
        yield from rows


def _batches(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(values)
    while some := list(itertools.islice(iterator, size)):
        yield some
