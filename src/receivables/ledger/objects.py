"""The ledger as a value: record events and get a new one; ask it about any day.

>>> import datetime as dt
>>> from receivables.documents import Invoice
>>> from receivables.ledger import DocumentIssued
>>> from receivables.money import money
>>> learned = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)
>>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 30), due_date=dt.date(2026, 10, 30),
...                   total=money("1200.00", "EUR"))
>>> ledger = Ledger().record(DocumentIssued.of(invoice, recorded_at=learned))
>>> [item.open_amount for item in ledger.open_items(as_of=dt.date(2026, 10, 1))]
[Money('1200.00', 'EUR')]
>>> ledger.open_items(as_of=dt.date(2026, 9, 29))
()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from receivables.allocation.model import Allocation
from receivables.documents.model import ItemId, OpenItem
from receivables.ledger._books import Books
from receivables.ledger.casework import CaseEvent
from receivables.ledger.model import (
    AccountKey,
    Allocated,
    Event,
    EventId,
    NoticeSent,
    ReceiptRecorded,
    State,
    Unallocated,
    account_key,
)
from receivables.money import Money, from_minor
from receivables.receipts.facts import Fact
from receivables.receipts.model import Receipt

if TYPE_CHECKING:
    from receivables.ledger.frames import LedgerFrames

__all__ = ["Account", "Ledger", "LedgerColumns", "LedgerDraft"]


@attrs.frozen(kw_only=True)
class Account:
    """A customer's account at the end of a day: its open items, and how many events made it."""

    key: AccountKey
    version: int
    items: tuple[OpenItem, ...]

    @property
    def balances(self) -> Mapping[str, Money]:
        """What is owed in each currency; credits count against it."""
        totals: dict[str, int] = {}
        for item in self.items:
            totals[item.currency] = totals.get(item.currency, 0) + item.open_minor
        return {code: from_minor(minor, code) for code, minor in sorted(totals.items())}


@attrs.frozen(kw_only=True)
class LedgerColumns:
    """A ledger as columns: one row per item, one row per move (`receivables.frames` names them).

    The customer and the due date of an item are those of the day asked for; amounts are signed
    minor units.
    """

    items: Mapping[str, list[object]] = attrs.field(repr=False)
    moves: Mapping[str, list[object]] = attrs.field(repr=False)


class Ledger:
    """An append-only sub-ledger; every verb returns a new ledger and leaves this one as it is.

    Balances take `as_of`, the end of a day, and optionally `known_at`, a moment in UTC: with it they
    are as they were known then, without it as they are known now.
    """

    __slots__ = ("_books",)

    def __init__(self, _books: Books | None = None) -> None:
        self._books = Books() if _books is None else _books

    @classmethod
    def replay(cls, events: Iterable[Event]) -> Ledger:
        """Fold events, in the order of their recording, into a ledger."""
        books = Books()
        for event in events:
            books.record(event)
        return cls(books)

    def record(self, *events: Event) -> Ledger:
        """Record events, all or none; an event that is known already changes nothing.

        Raises `EventError` for an event that the account's life cycle or balance forbids, for one
        recorded before the last, and for a known one that says something else now.
        """
        books = self._books.copy()
        for event in events:
            books.record(event)
        return Ledger(books)

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event, in the order of recording."""
        return tuple(self._books.events.values())

    @property
    def versions(self) -> Mapping[AccountKey, int]:
        """How many events each account has."""
        return dict(self._books.versions)

    @property
    def last_recorded_at(self) -> dt.datetime | None:
        """The moment of the last recording; nothing can be recorded before it."""
        return self._books.last_recorded_at

    def __len__(self) -> int:
        return len(self._books.events)

    def __contains__(self, event: object) -> bool:
        return event in self._books.events

    def __repr__(self) -> str:
        return f"<Ledger of {len(self)} events on {len(self._books.versions)} accounts>"

    def get(self, event: str) -> Event | None:
        """The event with an identity, or None."""
        return self._books.events.get(EventId(event))

    def since(self, other: Ledger) -> tuple[Event, ...]:
        """The events of this ledger that another, earlier one does not have."""
        return tuple(event for event in self.events if event.event not in other)

    def open_items(
        self, *, as_of: dt.date, known_at: dt.datetime | None = None
    ) -> tuple[OpenItem, ...]:
        """Every open item at the end of a day, unapplied cash included, by creditor and item."""
        seen = self._books.seen(as_of, known_at)
        return tuple(sorted(seen, key=lambda item: (item.creditor, item.customer, item.item)))

    def available_items(self, *, as_of: dt.date) -> tuple[OpenItem, ...]:
        """The items of a day with what is left of them on that day and on every later one.

        This is what may still be allocated with effect from that day; on the last day that the
        ledger knows it is the same as `open_items`, but for the items that are held.
        """
        available = self._books.available(as_of)
        return tuple(sorted(available, key=lambda item: (item.creditor, item.customer, item.item)))

    def item(
        self, creditor: str, item: str, *, as_of: dt.date, known_at: dt.datetime | None = None
    ) -> OpenItem | None:
        """One item at the end of a day, settled or not; None if it was not there yet."""
        return self._books.history(creditor, item).seen(as_of, known_at)

    def account(
        self,
        creditor: str,
        customer: str,
        *,
        as_of: dt.date,
        known_at: dt.datetime | None = None,
    ) -> Account:
        """One customer's account at the end of a day."""
        key = account_key(creditor, customer)
        empty = Account(key=key, version=self._books.versions.get(key, 0), items=())
        return self.accounts(as_of=as_of, known_at=known_at).get(key, empty)

    def accounts(
        self, *, as_of: dt.date, known_at: dt.datetime | None = None
    ) -> Mapping[AccountKey, Account]:
        """Every account with an open item at the end of a day."""
        items: dict[AccountKey, list[OpenItem]] = {}
        for item in self.open_items(as_of=as_of, known_at=known_at):
            items.setdefault(account_key(item.creditor, item.customer), []).append(item)
        return {
            key: Account(key=key, version=self._books.versions.get(key, 0), items=tuple(of_key))
            for key, of_key in items.items()
        }

    def facts(
        self, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
    ) -> tuple[Fact, ...]:
        """What was learned of a creditor's customers and holds on a day, as known at a moment."""
        found = []
        for (owner, _), words in self._books.facts.items():
            said = [
                word
                for word in words
                if word.effective_on <= as_of and (known_at is None or word.recorded_at <= known_at)
            ]
            if owner == creditor and said and (fact := said[-1].fact) is not None:
                found.append(fact)
        return tuple(found)

    def casework(
        self,
        creditor: str,
        *,
        as_of: dt.date,
        known_at: dt.datetime | None = None,
        kinds: tuple[type[CaseEvent], ...] = (),
    ) -> tuple[CaseEvent, ...]:
        """What happened to a creditor's cases up to the end of a day, as known at a moment.

        `kinds` are the events wanted; all of them where it is empty.  Those of one case stand
        together, in the order in which they happened.
        """
        return tuple(
            event
            for (_, owner, _), happened in self._books.cases.items()
            if owner == creditor
            for event in happened
            if event.effective_on <= as_of
            and (known_at is None or event.recorded_at <= known_at)
            and (not kinds or isinstance(event, kinds))
        )

    def closed_through(self, creditor: str) -> dt.date | None:
        """The last day that is closed in a creditor's books; None where none is."""
        return self._books.closed.get(creditor)

    def open_day(self, creditor: str, day: dt.date) -> dt.date:
        """The day itself, or the first open one where it lies in a closed period."""
        through = self.closed_through(creditor)
        return day if through is None else max(day, through + dt.timedelta(days=1))

    def is_held(self, creditor: str, item: str, *, as_of: dt.date) -> bool:
        """Whether an item is kept out of automatic application on a day."""
        return self._books.is_held((creditor, ItemId(item)), as_of)

    def allocations_of(self, creditor: str, item: str) -> tuple[Allocated, ...]:
        """The allocations that are in force and have a leg on an item, in the order of recording."""
        states = self._books.states
        return tuple(
            event
            for (owner, name), event in self._books.allocations.items()
            if owner == creditor
            and states["allocation", owner, name] is State.ACTIVE
            and any(leg.item == item for leg in event.allocation.legs)
        )

    def receipts(self) -> Mapping[tuple[str, str], Receipt]:
        """Every receipt by creditor and identity, as it was recorded."""
        return {
            (event.receipt.creditor, event.receipt.receipt): event.receipt
            for event in self._books.events.values()
            if isinstance(event, ReceiptRecorded)
        }

    def notices(self, *, as_of: dt.date | None = None) -> tuple[NoticeSent, ...]:
        """Every dunning notice sent up to the end of a day, or up to now."""
        return tuple(
            event
            for event in self._books.events.values()
            if isinstance(event, NoticeSent) and (as_of is None or event.effective_on <= as_of)
        )

    def allocated(
        self, allocation: Allocation, *, effective_on: dt.date, recorded_at: dt.datetime
    ) -> Allocated:
        """The event that makes an allocation effective; raises `EventError` for an unknown item."""
        return _allocated(self._books, allocation, effective_on, recorded_at)

    def unallocated(
        self,
        creditor: str,
        allocation: str,
        *,
        effective_on: dt.date,
        recorded_at: dt.datetime,
        reason: str = "",
    ) -> Unallocated:
        """The event that undoes an allocation exactly; raises `EventError` for an unknown one."""
        done = self._books.allocation(creditor, allocation)
        return Unallocated(
            event=EventId(f"unallocated:{creditor}:{allocation}"),
            effective_on=effective_on,
            recorded_at=recorded_at,
            creditor=done.allocation.creditor,
            customers=done.customers,
            allocation=done.allocation.allocation,
            reason=reason,
        )

    def to_columns(self, *, as_of: dt.date | None = None) -> LedgerColumns:
        """Items and moves as plain columns, for the data-frame shell (`receivables.ledger.columns`).

        Customers and due dates are those of the day `as_of`; without one, the last that were said.
        """
        day = dt.date.max if as_of is None else as_of
        return LedgerColumns(items=self._item_columns(day), moves=self._move_columns())

    def to_frames(self, backend: str = "polars", *, as_of: dt.date | None = None) -> LedgerFrames:
        """Items, moves and the journal as frames of a backend; `from_frames` is the way back.

        The backend is ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``; customers and due dates
        are those of `to_columns`.
        """
        from receivables.ledger import frames  # noqa: PLC0415  # values must be cheap to import

        return frames.to_frames(self.events, self.to_columns(as_of=as_of), backend=backend)

    @classmethod
    def from_frames(cls, given: LedgerFrames, *, as_of: dt.date | None = None) -> Ledger:
        """The ledger whose journal a frame is, if it has the items and moves that stand beside it.

        `as_of` is that of `to_frames`.  Raises `FrameError` that lists everything that was altered
        or is missing, and `EventError` for events that do not follow from each other.
        """
        from receivables.ledger import frames  # noqa: PLC0415  # values must be cheap to import

        ledger = cls.from_events_frame(given.events)
        frames.check_same(ledger.to_columns(as_of=as_of), given)
        return ledger

    @classmethod
    def from_events_frame(cls, frame: object) -> Ledger:
        """The ledger whose journal a frame is; raises what `from_frames` raises.

        What is missing at the end of a journal shows in nothing but the items and the moves.
        """
        from receivables.ledger import frames  # noqa: PLC0415  # values must be cheap to import

        return cls.replay(frames.events_of(frame))

    @property
    def _working_copy(self) -> Books:
        return self._books.copy()

    def _item_columns(self, day: dt.date) -> dict[str, list[object]]:
        rows = [(history, history.customer(day)) for history in self._books.histories.values()]
        return {
            "creditor": [history.item.creditor for history, _ in rows],
            "item": [history.item.item for history, _ in rows],
            "document": [history.item.document for history, _ in rows],
            "kind": [history.item.kind.value for history, _ in rows],
            "customer": [customer for _, customer in rows],
            "currency": [history.item.currency for history, _ in rows],
            "amount_minor": [history.item.amount_minor for history, _ in rows],
            "document_date": [history.item.document_date for history, _ in rows],
            "posting_date": [history.item.posting_date for history, _ in rows],
            "due_date": [history.due_date(day) for history, _ in rows],
            "installment": [history.item.installment for history, _ in rows],
            "effective_on": [history.effective_on for history, _ in rows],
            "recorded_at": [history.recorded_at for history, _ in rows],
        }

    def _move_columns(self) -> dict[str, list[object]]:
        rows = [
            (history, move) for history in self._books.histories.values() for move in history.moves
        ]
        return {
            "creditor": [history.item.creditor for history, _ in rows],
            "item": [history.item.item for history, _ in rows],
            "amount_minor": [move.amount_minor for _, move in rows],
            "effective_on": [move.effective_on for _, move in rows],
            "recorded_at": [move.recorded_at for _, move in rows],
        }


class LedgerDraft:
    """A ledger being extended by many events, one by one, where each may be refused.

    Use it for imports; `ledger` closes it. The ledger that it started from stays as it is.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._books = ledger._working_copy  # noqa: SLF001  # the same module

    def __contains__(self, event: object) -> bool:
        return event in self._books.events

    def record(self, event: Event) -> bool:
        """Record one event; False if it was known. Raises `EventError`, changing nothing."""
        return self._books.record(event)

    def open_day(self, creditor: str, day: dt.date) -> dt.date:
        """The day itself, or the first open one where it lies in a closed period."""
        through = self._books.closed.get(creditor)
        return day if through is None else max(day, through + dt.timedelta(days=1))

    def item_now(self, creditor: str, item: str) -> OpenItem:
        """An item with what is left of it after every event so far, whatever their days."""
        history = self._books.history(creditor, item)
        return history.seen(dt.date.max) or history.item

    def allocated(
        self, allocation: Allocation, *, effective_on: dt.date, recorded_at: dt.datetime
    ) -> Allocated:
        """The event that makes an allocation effective; raises `EventError` for an unknown item."""
        return _allocated(self._books, allocation, effective_on, recorded_at)

    def ledger(self) -> Ledger:
        """The extended ledger."""
        return Ledger(self._books.copy())


def _allocated(
    books: Books, allocation: Allocation, effective_on: dt.date, recorded_at: dt.datetime
) -> Allocated:
    histories = [books.history(allocation.creditor, leg.item) for leg in allocation.legs]
    customers = {history.customer(effective_on) for history in histories}
    return Allocated(
        event=EventId(f"allocated:{allocation.creditor}:{allocation.allocation}"),
        effective_on=effective_on,
        recorded_at=recorded_at,
        allocation=allocation,
        customers=tuple(sorted(customers)),
    )
