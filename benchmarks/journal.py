"""Keeping events: a hundred thousand appended durably, and a million folded back into accounts."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import random
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks._harness import Benchmark

if TYPE_CHECKING:
    from receivables.adapters import EventStore
    from receivables.ledger import Event, Ledger

_APPENDED: Final = 100_000
_FOLDED: Final = 1_000_000
_BATCH: Final = 100_000
_CUSTOMERS: Final = 20_000
_DAY: Final = dt.date(2026, 1, 31)
_LEARNED: Final = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)

# The same tables as the store's, and the same promises to the disk.
_SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE events (seq BIGINT PRIMARY KEY, event TEXT UNIQUE, kind TEXT, effective_on TEXT,
    recorded_at TEXT, body TEXT, prev TEXT, hash TEXT);
CREATE TABLE account_events (account TEXT, version BIGINT, seq BIGINT,
    PRIMARY KEY (account, version)) WITHOUT ROWID;
"""


def benchmarks() -> Iterable[Benchmark]:
    """The store beside bare SQLite, and the fold beside a bare loop."""
    import sqlalchemy  # noqa: F401, PLC0415  # the extra that the store needs

    yield Benchmark(
        name="sql store: append events durably",
        size=f"{_APPENDED:,}",
        ours=append,
        peer_name="sqlite3 executemany, rows given",
        peer=insert,
        limit=10,
        check=lambda ours, peer: ours == peer,
        runs=5,
    )
    yield Benchmark(
        name="ledger: read and fold events into accounts",
        size=f"{_FOLDED:,}",
        ours=fold,
        peer_name="a loop over JSON rows, unchecked",
        peer=add_up,
        limit=12,
        check=_check_balances,
        runs=3,
    )


def append() -> int:
    """Append events in one batch: plain form, hash chain, versions, and the commit."""
    with tempfile.TemporaryDirectory() as folder, _store(Path(folder, "journal.db")) as store:
        return store.append(_events()).added


def insert() -> int:
    """Insert the rows that the store would have made, into the tables that it would have filled."""
    events, accounts = _rows()
    with tempfile.TemporaryDirectory() as folder, _bare(Path(folder, "journal.db")) as connection:
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", events)
        connection.executemany("INSERT INTO account_events VALUES (?, ?, ?)", accounts)
        connection.execute("COMMIT")
        (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
        return int(count)


def fold() -> Ledger:
    """Read every event, each after its hash was recomputed, and fold it by the rules."""
    from receivables.ledger import Ledger  # noqa: PLC0415  # measured with everything loaded

    with _store(_million()) as store:
        return Ledger.replay(store.events())


def add_up() -> dict[tuple[str, str], int]:
    """Add up what each customer owes from the bodies, believing every one of them."""
    owed: dict[tuple[str, str], int] = {}
    with _bare(_million()) as connection:
        for (body,) in connection.execute("SELECT body FROM events ORDER BY seq"):
            plain = json.loads(body)
            if plain["kind"] == "DocumentIssued":
                one, amount_minor = plain["document"], plain["document"]["total"]["minor"]
            elif plain["kind"] == "ReceiptRecorded":
                one, amount_minor = plain["receipt"], -plain["receipt"]["amount"]["minor"]
            else:
                continue  # An allocation changes no balance.
            key = (one["creditor"], one["customer"])
            owed[key] = owed.get(key, 0) + amount_minor
    return owed


def _check_balances(ledger: Ledger, owed: dict[tuple[str, str], int]) -> bool:
    found: dict[tuple[str, str], int] = {}
    for item in ledger.open_items(as_of=dt.date(2026, 12, 31)):
        key = (item.creditor, item.customer)
        found[key] = found.get(key, 0) + item.open_minor
    return found == {key: amount_minor for key, amount_minor in owed.items() if amount_minor}


@contextlib.contextmanager
def _store(path: Path) -> Iterator[EventStore]:
    from receivables_plugins.sql import receivables_stores  # noqa: PLC0415  # see above

    (spec,) = receivables_stores()
    with contextlib.closing(spec.build({"url": str(path)})) as store:
        yield store


@contextlib.contextmanager
def _bare(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@functools.cache
def _events() -> list[Event]:
    return list(_story(_APPENDED))


@functools.cache
def _rows() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "journal.db")
        with _store(path) as store:
            store.append(_events())
        with _bare(path) as connection:
            events = connection.execute("SELECT * FROM events ORDER BY seq").fetchall()
            accounts = connection.execute("SELECT * FROM account_events ORDER BY seq").fetchall()
    return events, accounts


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    # It is deleted when the interpreter ends.
    return tempfile.TemporaryDirectory()


@functools.cache
def _million() -> Path:
    """The path of a journal of a million events, made once."""
    path = Path(_folder().name, "million.db")
    story = _story(_FOLDED)
    with _store(path) as store:
        while batch := [event for _, event in zip(range(_BATCH), story, strict=False)]:
            store.append(batch)
    return path


def _story(count: int) -> Iterator[Event]:
    """Invoices, a receipt for half of them, and its allocation: four events for two invoices."""
    luck = random.Random(3)  # noqa: S311  # no secret
    for index in range(0, count, 4):
        customer = f"C-{luck.randrange(_CUSTOMERS):05d}"
        paid_minor, open_minor = luck.randint(1_000, 500_000), luck.randint(1_000, 500_000)
        yield from _four(index, customer, paid_minor=paid_minor, open_minor=open_minor)


def _four(index: int, customer: str, *, paid_minor: int, open_minor: int) -> Iterator[Event]:
    from receivables.allocation.model import Allocation, Leg  # noqa: PLC0415  # see above
    from receivables.ledger import Allocated, ReceiptRecorded  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above
    from receivables.receipts.model import Receipt  # noqa: PLC0415  # see above

    yield _issued(f"2026-{index:07d}", customer, paid_minor)
    yield _issued(f"2026-{index + 1:07d}", customer, open_minor)
    receipt = Receipt(
        receipt=f"r-{index}",
        creditor="MIRA",
        customer=customer,
        amount=from_minor(paid_minor, "EUR"),
        booking_date=_DAY + dt.timedelta(days=20),
    )
    yield ReceiptRecorded.of(receipt, recorded_at=_LEARNED)
    legs = [Leg(f"2026-{index:07d}", paid_minor), Leg(f"r-{index}", -paid_minor)]
    yield Allocated(
        event=f"allocated:{index}",
        effective_on=_DAY + dt.timedelta(days=20),
        recorded_at=_LEARNED,
        allocation=Allocation(allocation=f"a-{index}", creditor="MIRA", currency="EUR", legs=legs),
        customers=[customer],
    )


def _issued(number: str, customer: str, total_minor: int) -> Event:
    from receivables.documents import Invoice  # noqa: PLC0415  # see above
    from receivables.ledger import DocumentIssued  # noqa: PLC0415  # see above
    from receivables.money import from_minor  # noqa: PLC0415  # see above

    invoice = Invoice(
        number=number,
        creditor="MIRA",
        customer=customer,
        document_date=_DAY,
        due_date=_DAY + dt.timedelta(days=30),
        total=from_minor(total_minor, "EUR"),
    )
    return DocumentIssued.of(invoice, recorded_at=_LEARNED)
