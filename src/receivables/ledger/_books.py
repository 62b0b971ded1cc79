"""The working state of a ledger: what every event changes, and what forbids it.

The state of an item is its history: the amount it was for, and *moves*, each a day it counts from,
the moment it was learned, and the signed amount that it takes away.  Sums do not depend on order,
so replaying events in any order that respects time gives the same accounts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from receivables.allocation.model import Leg, ResidualKind
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.documents.objects import open_items
from receivables.errors import EventError, PeriodClosedError
from receivables.ledger.casework import CASE_EVENTS, CaseEvent, DeliveryReported, DisputeResolved
from receivables.ledger.credit import CREDIT_EVENTS
from receivables.ledger.model import (
    LIFE_CYCLES,
    AccountKey,
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    EventId,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    NoticedItem,
    NoticeSent,
    PeriodClosed,
    PeriodReopened,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    State,
    Unallocated,
)
from receivables.ledger.payouts import PAYOUT_EVENTS
from receivables.ledger.postings import POSTING_EVENTS
from receivables.money import Money, to_minor
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.receipts.facts import Fact, FactId
from receivables.receipts.objects import unapplied_item

__all__ = ["Books", "History", "ItemKey", "Move", "Owner"]

ItemKey: TypeAlias = tuple[str, ItemId]
"""Creditor and item: what names an open item across creditors."""


@attrs.frozen
class Move:
    """A part of an item taken away (or given back) from a day on, known since a moment."""

    effective_on: dt.date
    recorded_at: dt.datetime
    amount_minor: int


@attrs.frozen
class Owner:
    """Whose account an item is on, from a day on, known since a moment."""

    effective_on: dt.date
    recorded_at: dt.datetime
    customer: CustomerId


@attrs.frozen
class Due:
    """When an item is due, from a day on, known since a moment."""

    effective_on: dt.date
    recorded_at: dt.datetime
    due_date: dt.date


@attrs.frozen
class Hold:
    """A span of days, the last one open, in which an item is kept out of automatic application."""

    first: dt.date
    until: dt.date | None
    reason: str

    def covers(self, day: dt.date) -> bool:
        """Whether the hold is on at a day."""
        return self.first <= day and (self.until is None or day <= self.until)


@attrs.frozen
class Word:
    """What was said of a fact from a day on, known since a moment; None where it was withdrawn."""

    effective_on: dt.date
    recorded_at: dt.datetime
    fact: Fact | None


@attrs.frozen
class History:
    """An item as it was created, and everything that happened to it since."""

    item: OpenItem
    effective_on: dt.date
    recorded_at: dt.datetime
    moves: tuple[Move, ...] = ()
    owners: tuple[Owner, ...] = ()
    dues: tuple[Due, ...] = ()

    def moved(self, move: Move) -> History:
        """The history with one more move."""
        return History(
            self.item,
            self.effective_on,
            self.recorded_at,
            (*self.moves, move),
            self.owners,
            self.dues,
        )

    def open_minor(self, as_of: dt.date, known_at: dt.datetime | None = None) -> int:
        """What is open at the end of a day, as known at a moment (or as known now)."""
        taken = sum(
            move.amount_minor
            for move in self.moves
            if move.effective_on <= as_of and (known_at is None or move.recorded_at <= known_at)
        )
        return self.item.amount_minor - taken

    def least_open_minor(self, since: dt.date) -> int:
        """The least that is open on any day from `since` on, without the item's sign."""
        days = {since, *(move.effective_on for move in self.moves if move.effective_on > since)}
        sign = 1 if self.item.amount_minor >= 0 else -1
        return min(sign * self.open_minor(day) for day in days)

    def is_untouched(self, since: dt.date) -> bool:
        """Whether the whole amount is open on every day from `since` on."""
        return self.least_open_minor(since) == abs(self.item.amount_minor)

    def customer(self, as_of: dt.date, known_at: dt.datetime | None = None) -> CustomerId:
        """Whose account the item is on at the end of a day."""
        found = self.item.customer
        for owner in self.owners:
            if owner.effective_on <= as_of and (known_at is None or owner.recorded_at <= known_at):
                found = owner.customer
        return found

    def due_date(self, as_of: dt.date, known_at: dt.datetime | None = None) -> dt.date | None:
        """When the item is due, as it was said at the end of a day: the latest word counts."""
        said = [
            due
            for due in self.dues
            if due.effective_on <= as_of and (known_at is None or due.recorded_at <= known_at)
        ]
        # Of two words for one day the one recorded later counts; of one moment, the later date, so
        # that the order of the events does not matter.
        latest = max(
            said, key=lambda due: (due.effective_on, due.recorded_at, due.due_date), default=None
        )
        return self.item.due_date if latest is None else latest.due_date

    def seen(self, as_of: dt.date, known_at: dt.datetime | None = None) -> OpenItem | None:
        """The item as it stood at the end of a day; None before it was there."""
        if self.effective_on > as_of or (known_at is not None and self.recorded_at > known_at):
            return None
        open_minor = self.open_minor(as_of, known_at) if self.moves else self.item.amount_minor
        customer = self.customer(as_of, known_at) if self.owners else self.item.customer
        due_date = self.due_date(as_of, known_at) if self.dues else self.item.due_date
        if (open_minor, customer, due_date) == (
            self.item.open_minor,
            self.item.customer,
            self.item.due_date,
        ):
            return self.item
        return attrs.evolve(self.item, open_minor=open_minor, customer=customer, due_date=due_date)


class Books:
    """Mutable inside a ledger verb, never seen outside: a copy is changed, then kept or dropped."""

    __slots__ = (
        "allocations",
        "cases",
        "closed",
        "documents",
        "events",
        "facts",
        "histories",
        "holds",
        "last_recorded_at",
        "levels",
        "states",
        "versions",
    )

    def __init__(self) -> None:
        self.events: dict[EventId, Event] = {}
        self.histories: dict[ItemKey, History] = {}
        self.documents: dict[tuple[str, str], tuple[ItemKey, ...]] = {}
        self.states: dict[tuple[str, str, str], State] = {}
        self.allocations: dict[tuple[str, str], Allocated] = {}
        self.cases: dict[tuple[str, str, str], tuple[CaseEvent, ...]] = {}
        self.closed: dict[str, dt.date] = {}
        self.levels: dict[tuple[str, str, ItemId], int] = {}
        self.facts: dict[tuple[str, FactId], tuple[Word, ...]] = {}
        self.holds: dict[ItemKey, tuple[Hold, ...]] = {}
        self.versions: dict[AccountKey, int] = {}
        self.last_recorded_at: dt.datetime | None = None

    def copy(self) -> Books:
        """A copy that shares the immutable histories."""
        other = Books()
        other.events = self.events.copy()
        other.histories = self.histories.copy()
        other.documents = self.documents.copy()
        other.states = self.states.copy()
        other.allocations = self.allocations.copy()
        other.cases = self.cases.copy()
        other.closed = self.closed.copy()
        other.levels = self.levels.copy()
        other.facts = self.facts.copy()
        other.holds = self.holds.copy()
        other.versions = self.versions.copy()
        other.last_recorded_at = self.last_recorded_at
        return other

    def record(self, event: Event) -> bool:
        """Apply one event, checked; False if it was known. Raises `EventError`, changing nothing."""
        known = self.events.get(event.event)
        if known is not None:
            _check_same(known, event)
            return False
        if self.last_recorded_at is not None and event.recorded_at < self.last_recorded_at:
            msg = f"recorded_at of {event.event} must be {self.last_recorded_at} or later, got {event.recorded_at}"
            raise EventError(msg)
        if self.closed and event.is_posting:
            self.check_open(event)
        _APPLY[type(event)](self, event)
        self.events[event.event] = event
        self.last_recorded_at = event.recorded_at
        for account in dict.fromkeys(event.accounts):
            self.versions[account] = self.versions.get(account, 0) + 1
        return True

    def check_open(self, event: Event) -> None:
        """Refuse an event of a closed period; raises `PeriodClosedError` with the next open day."""
        creditor = event.accounts[0].partition("|")[0]
        through = self.closed.get(creditor)
        if through is not None and event.effective_on <= through:
            next_open = through + dt.timedelta(days=1)
            msg = f"effective_on of {event.event} must be {next_open} or later, because {creditor} is closed through {through}, got {event.effective_on}"
            raise PeriodClosedError(msg)

    def is_held(self, key: ItemKey, day: dt.date) -> bool:
        """Whether an item is kept out of automatic application on a day."""
        return any(hold.covers(day) for hold in self.holds.get(key, ()))

    def history(self, creditor: str, item: str) -> History:
        """The history of an item; raises `EventError` where there is none."""
        try:
            return self.histories[creditor, ItemId(item)]
        except KeyError:
            msg = f"item must be on the ledger of {creditor}, got {item!r}"
            raise EventError(msg) from None

    def seen(self, as_of: dt.date, known_at: dt.datetime | None = None) -> Iterator[OpenItem]:
        """Every item that was open at the end of a day."""
        for history in self.histories.values():
            item = history.seen(as_of, known_at)
            if item is not None and item.open_minor:
                yield item

    def allocation(self, creditor: str, allocation: str) -> Allocated:
        """The event of an allocation; raises `EventError` where there is none."""
        try:
            return self.allocations[creditor, allocation]
        except KeyError:
            msg = f"allocation must be on the ledger of {creditor}, got {allocation!r}"
            raise EventError(msg) from None

    def available(self, as_of: dt.date) -> Iterator[OpenItem]:
        """Every item of a day with what no event of that day or later takes, the held ones left out."""
        for key, history in self.histories.items():
            item = history.seen(as_of)
            if item is None or not item.open_minor or self.is_held(key, as_of):
                continue
            least = history.least_open_minor(as_of)
            if least:
                sign = 1 if item.amount_minor > 0 else -1
                yield attrs.evolve(item, open_minor=sign * least)

    def check_state(
        self, subject: str, creditor: str, name: str, trigger: str
    ) -> tuple[str, str, str]:
        """The key of a life cycle, once its table allows the trigger; raises `EventError`."""
        key = (subject, creditor, name)
        state = self.states.get(key, State.NONE)
        LIFE_CYCLES[subject].next_state(state, trigger)
        return key

    def advance(self, key: tuple[str, str, str], trigger: str) -> None:
        """Move a life cycle on."""
        state = self.states.get(key, State.NONE)
        self.states[key] = LIFE_CYCLES[key[0]].next_state(state, trigger)

    def add_items(self, items: Iterable[OpenItem], event: Event) -> tuple[ItemKey, ...]:
        """Put new items on their account; raises `EventError` for a known one."""
        new = {(item.creditor, item.item): item for item in items}
        for key in new:
            if key in self.histories:
                msg = f"item must be new on the ledger of {key[0]}, got {key[1]!r}"
                raise EventError(msg)
        for key, item in new.items():
            self.histories[key] = History(item, event.effective_on, event.recorded_at)
        return tuple(new)

    def take_whole(self, keys: Iterable[ItemKey], event: Event) -> None:
        """Take whole items off their account; raises `EventError` where a part is allocated."""
        histories = {key: self.histories[key] for key in keys}
        for key, history in histories.items():
            if event.effective_on < history.effective_on:
                raise EventError(_too_early(event, key[1], history.effective_on))
            if not history.is_untouched(event.effective_on):
                msg = f"{key[1]} must be wholly open from {event.effective_on} on, got allocations; unallocate first"
                raise EventError(msg)
        for key, history in histories.items():
            if history.item.amount_minor:
                self.histories[key] = history.moved(
                    Move(event.effective_on, event.recorded_at, history.item.amount_minor)
                )


def _check_same(known: Event, event: Event) -> None:
    if attrs.evolve(event, recorded_at=known.recorded_at) != known:
        msg = f"event {event.event} must say what it said when it was recorded first, got another content"
        raise EventError(msg)


def _too_early(event: Event, name: str, day: dt.date) -> str:
    return f"effective_on must be {day} or later, when {name} came to the account, got {event.effective_on}"


def _issue(books: Books, event: DocumentIssued) -> None:
    document = event.document
    key = books.check_state("document", document.creditor, document.number, "DocumentIssued")
    keys = books.add_items(open_items(document), event)
    books.documents[document.creditor, document.number] = keys
    books.advance(key, "DocumentIssued")


def _cancel(books: Books, event: DocumentCancelled) -> None:
    key = books.check_state("document", event.creditor, event.number, "DocumentCancelled")
    keys = books.documents[event.creditor, event.number]
    _check_customer(books.histories[keys[0]], event, event.customer)
    books.take_whole(keys, event)
    books.advance(key, "DocumentCancelled")


def _receive(books: Books, event: ReceiptRecorded) -> None:
    receipt = event.receipt
    known = receipt.customer != UNIDENTIFIED
    trigger = "ReceiptRecorded" if known else "ReceiptRecorded without customer"
    key = books.check_state("receipt", receipt.creditor, receipt.receipt, trigger)
    books.add_items([unapplied_item(receipt)], event)
    books.advance(key, trigger)


def _identify(books: Books, event: ReceiptIdentified) -> None:
    key = books.check_state("receipt", event.creditor, event.receipt, "ReceiptIdentified")
    history = books.history(event.creditor, event.receipt)
    if event.customer == UNIDENTIFIED:
        msg = f"customer of {event.receipt} must be named, got an empty identifier"
        raise EventError(msg)
    if event.effective_on < history.effective_on:
        raise EventError(_too_early(event, event.receipt, history.effective_on))
    owner = Owner(event.effective_on, event.recorded_at, event.customer)
    books.histories[event.creditor, ItemId(event.receipt)] = attrs.evolve(
        history, owners=(*history.owners, owner)
    )
    books.advance(key, "ReceiptIdentified")


def _return(books: Books, event: ReceiptReturned) -> None:
    trigger = "ReceiptReturned" if event.amount is None else "ReceiptReturned in part"
    key = books.check_state("receipt", event.creditor, event.receipt, trigger)
    history = books.history(event.creditor, event.receipt)
    _check_customer(history, event, event.customer)
    item_key = (str(event.creditor), ItemId(event.receipt))
    if event.amount is None:
        books.take_whole([item_key], event)
    else:
        _return_part(books, item_key, event, event.amount)
    books.advance(key, trigger)


def _return_part(books: Books, key: ItemKey, event: ReceiptReturned, amount: Money) -> None:
    history = books.histories[key]
    if amount.currency.code != history.item.currency:
        msg = (
            f"currency of {event.event} must be {history.item.currency}, got {amount.currency.code}"
        )
        raise EventError(msg)
    if event.effective_on < history.effective_on:
        raise EventError(_too_early(event, event.receipt, history.effective_on))
    minor, least = to_minor(amount), history.least_open_minor(event.effective_on)
    if not 0 < minor <= least:
        msg = f"amount of {event.event} must be at most the {least} unapplied from {event.effective_on} on, got {minor}; unallocate first"
        raise EventError(msg)
    move = Move(event.effective_on, event.recorded_at, -minor)
    books.histories[key] = history.moved(move)


def _check_customer(history: History, event: Event, customer: CustomerId) -> None:
    owner = history.customer(event.effective_on)
    if owner != customer:
        msg = f"customer of {history.item.item} must be {owner!r}, got {customer!r}"
        raise EventError(msg)


def _allocate(books: Books, event: Allocated) -> None:
    allocation = event.allocation
    key = books.check_state("allocation", allocation.creditor, allocation.allocation, "Allocated")
    changed: dict[ItemKey, History] = {}
    customers: set[CustomerId] = set()
    for leg in allocation.legs:
        history = books.history(allocation.creditor, leg.item)
        _check_leg(history, leg, event)
        customers.add(history.customer(event.effective_on))
        move = Move(event.effective_on, event.recorded_at, leg.amount_minor)
        changed[allocation.creditor, leg.item] = history.moved(move)
    if customers != set(event.customers):
        msg = f"customers of {allocation.allocation} must be {sorted(customers)}, got {sorted(event.customers)}"
        raise EventError(msg)
    opened = _residual_items(books, event)
    books.add_items(opened, event)
    books.histories.update(changed)
    books.allocations[allocation.creditor, allocation.allocation] = event
    books.advance(key, "Allocated")


_OWED_KINDS: Final = {
    ResidualKind.DEDUCTION: ItemKind.DEDUCTION,
    ResidualKind.RETENTION: ItemKind.RETENTION,
}


def _residual_items(books: Books, event: Allocated) -> list[OpenItem]:
    """The items that what was kept back leaves open, one per residual that stays owed."""
    allocation = event.allocation
    legs = {leg.item for leg in allocation.legs}
    opened = []
    for name, residual in allocation.owed:
        if residual.item not in legs:
            msg = f"{residual.kind.value} of {allocation.allocation} must name an item that it settles, got {residual.item!r}"
            raise EventError(msg)
        history = books.history(allocation.creditor, residual.item)
        settled = history.seen(event.effective_on) or history.item
        opened.append(
            attrs.evolve(
                settled,
                item=name,
                kind=_OWED_KINDS[residual.kind],
                amount_minor=residual.amount_minor,
                open_minor=residual.amount_minor,
                posting_date=event.effective_on,
                due_date=residual.due_date or settled.due_date,
                discounts=(),
            )
        )
    return opened


def _check_leg(history: History, leg: Leg, event: Allocated) -> None:
    item, amount_minor = history.item, leg.amount_minor
    currency = event.allocation.currency_of(leg)
    if item.currency != currency:
        msg = f"currency must be {item.currency} for {item.item}, got {currency}"
        raise EventError(msg)
    if event.effective_on < history.effective_on:
        raise EventError(_too_early(event, item.item, history.effective_on))
    if history.customer(event.effective_on) == UNIDENTIFIED:
        msg = f"receipt {item.item} must have a customer before it is allocated, got none"
        raise EventError(msg)
    if (amount_minor > 0) != (item.amount_minor > 0):
        msg = f"leg of {item.item} must have the sign of {item.amount_minor}, got {amount_minor}"
        raise EventError(msg)
    least = history.least_open_minor(event.effective_on)
    if abs(amount_minor) > least:
        msg = f"leg of {item.item} must be at most the {least} open from {event.effective_on} on, got {abs(amount_minor)}"
        raise EventError(msg)


def _unallocate(books: Books, event: Unallocated) -> None:
    key = books.check_state("allocation", event.creditor, event.allocation, "Unallocated")
    done = books.allocations[event.creditor, event.allocation]
    if event.effective_on < done.effective_on:
        raise EventError(_too_early(event, event.allocation, done.effective_on))
    if set(event.customers) != set(done.customers):
        msg = f"customers of {event.allocation} must be {sorted(done.customers)}, got {sorted(event.customers)}"
        raise EventError(msg)
    books.take_whole([(str(event.creditor), name) for name, _ in done.allocation.owed], event)
    for leg in done.allocation.legs:
        item_key = (str(event.creditor), leg.item)
        move = Move(event.effective_on, event.recorded_at, -leg.amount_minor)
        books.histories[item_key] = books.histories[item_key].moved(move)
    books.advance(key, "Unallocated")


def _notice(books: Books, event: NoticeSent) -> None:
    key = books.check_state("notice", event.creditor, event.event, "NoticeSent")
    climbed: dict[tuple[str, str, ItemId], int] = {}
    listed: dict[tuple[str, str, ItemId], int] = {}
    for noticed in event.items:
        books.history(event.creditor, noticed.item)
        place = (str(event.creditor), event.ladder or event.procedure, noticed.item)
        before = books.levels.get(place)
        # To be listed for the first time is a step only for a reminder outside the ladder.
        if noticed.level > (before or 0) or (before is None and not event.level):
            climbed[place] = noticed.level
        _check_level(event, noticed, before or 0)
        listed[place] = noticed.level
    # Whatever ran twice, crashed or was replayed: no item gets one level of one procedure twice.
    if event.items and event.level not in climbed.values():
        msg = f"notice {event.event} must raise an item of {event.procedure} to its next level, {event.level}, got levels that were sent before"
        raise EventError(msg)
    books.levels.update(listed)
    books.advance(key, "NoticeSent")


def _check_level(event: NoticeSent, noticed: NoticedItem, before: int) -> None:
    """Refuse a level that was not reached from the one before, or that leads back."""
    if noticed.level not in {before, before + 1}:
        msg = f"level of {noticed.item} in {event.procedure} must be {before} or {before + 1}, got {noticed.level}"
        raise EventError(msg)


def _case(books: Books, event: CaseEvent) -> None:
    """One event of a case: its items are on the account, and its life cycle allows it."""
    trigger = type(event).__name__
    key = books.check_state(event.subject, event.creditor, event.case, trigger)
    for name in event.items_named:
        _check_customer(books.history(event.creditor, name), event, event.owner)
    if isinstance(event, DeliveryReported):
        _check_notice(books, event)
    earlier = books.cases.get(key, ())
    _check_amounts(books, event, earlier)
    if earlier and earlier[-1].owner != event.owner:
        msg = f"customer of {event.subject} {event.case} must be {earlier[-1].owner!r}, got {event.owner!r}"
        raise EventError(msg)
    if earlier and event.effective_on < earlier[-1].effective_on:
        raise EventError(_too_early(event, event.case, earlier[-1].effective_on))
    books.cases[key] = (*earlier, event)
    books.advance(key, trigger)


def _check_amounts(books: Books, event: CaseEvent, earlier: tuple[CaseEvent, ...]) -> None:
    """Refuse an amount in another currency than its item, and more accepted than was contested."""
    for part in event.parts_named:
        item = books.history(event.creditor, part.item).item
        if part.amount.currency.code != item.currency:
            msg = f"currency of {event.event} must be {item.currency} for {item.item}, got {part.amount.currency.code}"
            raise EventError(msg)
    if not isinstance(event, DisputeResolved):
        return
    contested = {part.item: to_minor(part.amount) for part in earlier[-1].parts_named}
    for part in event.accepted:
        most = contested.get(part.item, 0)
        if to_minor(part.amount) > most:
            msg = f"accepted of {event.event} must be at most the {most} contested of {part.item}, got {to_minor(part.amount)}"
            raise EventError(msg)


def _check_notice(books: Books, event: DeliveryReported) -> None:
    notice = books.events.get(event.delivery)
    if not isinstance(notice, NoticeSent) or notice.customer != event.customer:
        msg = f"delivery must be of a notice to {event.customer}, got {event.delivery!r}"
        raise EventError(msg)


def _hold(books: Books, event: ItemHeld) -> None:
    key = books.check_state("item", event.creditor, event.item, "ItemHeld")
    history = books.history(event.creditor, event.item)
    _check_customer(history, event, event.customer)
    if event.until is not None and event.until < event.effective_on:
        msg = f"until must be {event.effective_on} or later, got {event.until}"
        raise EventError(msg)
    item_key = (str(event.creditor), event.item)
    hold = Hold(event.effective_on, event.until, event.reason)
    books.holds[item_key] = (*books.holds.get(item_key, ()), hold)
    books.advance(key, "ItemHeld")


def _release(books: Books, event: ItemReleased) -> None:
    key = books.check_state("item", event.creditor, event.item, "ItemReleased")
    history = books.history(event.creditor, event.item)
    _check_customer(history, event, event.customer)
    item_key = (str(event.creditor), event.item)
    *before, last = books.holds[item_key]
    if event.effective_on < last.first:
        raise EventError(_too_early(event, event.item, last.first))
    day_before = event.effective_on - dt.timedelta(days=1)
    until = day_before if last.until is None else min(last.until, day_before)
    books.holds[item_key] = (*before, attrs.evolve(last, until=until))
    books.advance(key, "ItemReleased")


def _change_due_date(books: Books, event: DueDateChanged) -> None:
    key = books.check_state("item", event.creditor, event.item, "DueDateChanged")
    history = books.history(event.creditor, event.item)
    _check_customer(history, event, event.customer)
    if event.effective_on < history.effective_on:
        raise EventError(_too_early(event, event.item, history.effective_on))
    due = Due(event.effective_on, event.recorded_at, event.due_date)
    item_key = (str(event.creditor), event.item)
    books.histories[item_key] = attrs.evolve(history, dues=(*history.dues, due))
    books.advance(key, "DueDateChanged")


def _close(books: Books, event: PeriodClosed) -> None:
    key = books.check_state("period", event.creditor, "", "PeriodClosed")
    through = books.closed.get(event.creditor)
    if through is not None and event.through <= through:
        msg = f"through must be later than {through}, which is closed already, got {event.through}"
        raise EventError(msg)
    books.closed[event.creditor] = event.through
    books.advance(key, "PeriodClosed")


def _reopen(books: Books, event: PeriodReopened) -> None:
    key = books.check_state("period", event.creditor, "", "PeriodReopened")
    through = books.closed[event.creditor]
    if event.opens_on > through:
        msg = f"opens_on must be {through} or earlier, because later days are open, got {event.opens_on}"
        raise EventError(msg)
    books.closed[event.creditor] = event.opens_on - dt.timedelta(days=1)
    books.advance(key, "PeriodReopened")


def _learn(books: Books, event: FactLearned) -> None:
    name = event.fact.fact
    key = books.check_state("fact", event.creditor, name, "FactLearned")
    _say(books, event.creditor, name, Word(event.effective_on, event.recorded_at, event.fact))
    books.advance(key, "FactLearned")


def _withdraw(books: Books, event: FactWithdrawn) -> None:
    key = books.check_state("fact", event.creditor, event.fact, "FactWithdrawn")
    known = books.facts[str(event.creditor), event.fact][-1].fact
    if known is None or known.customer != event.customer:
        msg = f"customer of {event.fact} must be the one it was learned of, got {event.customer!r}"
        raise EventError(msg)
    _say(books, event.creditor, event.fact, Word(event.effective_on, event.recorded_at, None))
    books.advance(key, "FactWithdrawn")


def _say(books: Books, creditor: str, fact: FactId, word: Word) -> None:
    said = books.facts.get((creditor, fact), ())
    if said and word.effective_on < said[-1].effective_on:
        msg = f"effective_on of {fact} must be {said[-1].effective_on} or later, got {word.effective_on}"
        raise EventError(msg)
    books.facts[creditor, fact] = (*said, word)


_APPLY: Final[Mapping[type[Event], Callable[[Books, Any], None]]] = {
    **dict.fromkeys((*CASE_EVENTS, *CREDIT_EVENTS, *PAYOUT_EVENTS, *POSTING_EVENTS), _case),
    Allocated: _allocate,
    DocumentCancelled: _cancel,
    DocumentIssued: _issue,
    DueDateChanged: _change_due_date,
    FactLearned: _learn,
    FactWithdrawn: _withdraw,
    ItemHeld: _hold,
    ItemReleased: _release,
    NoticeSent: _notice,
    PeriodClosed: _close,
    PeriodReopened: _reopen,
    ReceiptIdentified: _identify,
    ReceiptRecorded: _receive,
    ReceiptReturned: _return,
    Unallocated: _unallocate,
}
"""What each kind of event does; a test compares it with the life cycles."""
