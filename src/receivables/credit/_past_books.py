"""The workshop: the past of a ledger gone through once, with the figures of every customer kept up to date.

Each thing that happened comes on the day from which it is seen: the day that it counts from, or, where
knowledge is that of then, the day on which it was recorded if that is later.  What came of a document
is seen after the document itself was checked.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.casework.credit import CreditReview
from receivables.credit import rules
from receivables.credit._accounts import Cell, Scales, cell_of
from receivables.credit._book_index import Returned, past_due_in
from receivables.credit._credit_tables import amount_in
from receivables.credit._speaking_rules import Found, Held, PastDue
from receivables.credit.exposure import exposure_parts
from receivables.credit.model import Commitment, ComponentKind, ExposurePolicy
from receivables.credit.policies import RuleLevels
from receivables.currencies.model import ExchangeRates
from receivables.disputes.rules import contested_part
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.documents.objects import open_items
from receivables.ledger.credit import (
    CreditReinstated,
    CreditReviewed,
    CreditSuspended,
    InsolvencyEnded,
    InsolvencyReported,
)
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    NoticeSent,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.money import from_minor, to_minor
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.receipts.model import Receipt, ReceiptMethod
from receivables.receipts.objects import unapplied_item

__all__ = ["CustomerBook", "PastBooks", "When"]

When: TypeAlias = tuple[dt.date, int]
"""The day from which something is seen, and its place in the order of recording."""

_KINDS_OWED: Final = MappingProxyType(
    {"retention": ItemKind.RETENTION, "deduction": ItemKind.DEDUCTION}
)
_MAY_BOUNCE: Final = frozenset(
    {ReceiptMethod.CHEQUE, ReceiptMethod.DIRECT_DEBIT, ReceiptMethod.BILL_OF_EXCHANGE}
)
_OPEN: Final = ComponentKind.OPEN_ITEMS.value
_DISPUTED: Final = ComponentKind.DISPUTED.value


@attrs.define
class _Thing:
    """An item as it stands, and what it puts into the sums."""

    item: OpenItem
    customer: CustomerId
    minor: int
    due: int | None
    """The due date as an ordinal."""
    counted: int = 0
    """What of it is owed and counts as such when it is past due."""
    is_late: bool = False
    cells: tuple[tuple[Cell, int], ...] = ()
    receipt: Receipt | None = None


@attrs.define(slots=True)
class CustomerBook:
    """What is kept of one customer: sums, and heaps of which only the top is ever looked at."""

    owed: dict[str, int] = attrs.field(factory=dict)
    overdue: dict[str, int] = attrs.field(factory=dict)
    due_sums: dict[str, int] = attrs.field(factory=dict)
    """For each currency the late amounts, each times the ordinal of its due date."""
    coming: list[tuple[int, str]] = attrs.field(factory=list)
    late: list[tuple[int, str]] = attrs.field(factory=list)
    levels: list[tuple[int, str]] = attrs.field(factory=list)
    cells: dict[Cell, int] = attrs.field(factory=dict)
    returned: list[tuple[When, Returned]] = attrs.field(factory=list)
    suspended: dict[str, tuple[dt.date | None, Held]] = attrs.field(factory=dict)
    insolvent: dict[str, Held] = attrs.field(factory=dict)
    review: tuple[tuple[dt.date, dt.datetime], CreditReview] | None = None


_Listener: TypeAlias = Callable[[str, Cell, int], None]


@attrs.define(kw_only=True)
class PastBooks:
    """The books of a creditor on their way through time.

    `listen` is told of every change of a customer's sums, for the accounts of groups and countries.
    """

    creditor: str
    policy: ExposurePolicy
    counts_disputed: bool
    rates: ExchangeRates | None
    contested_on: Callable[[dt.date], Mapping[str, int | None]]
    listen: list[_Listener] = attrs.field(factory=list)
    day: dt.date = dt.date.min
    things: dict[str, _Thing] = attrs.field(factory=dict)
    books: dict[str, CustomerBook] = attrs.field(factory=dict)
    documents: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    allocations: dict[str, Allocated] = attrs.field(factory=dict)
    item_levels: dict[str, int] = attrs.field(factory=dict)
    contested: Mapping[str, int | None] = attrs.field(factory=dict)
    clearing: list[tuple[dt.date, str]] = attrs.field(factory=list)
    commitments: list[tuple[dt.date, int]] = attrs.field(factory=list)
    committed: list[tuple[Commitment, tuple[tuple[Cell, int], ...]]] = attrs.field(factory=list)
    scales: Scales = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.scales = Scales(self.policy, self.rates, self.day)

    def commit(self, commitments: Iterable[Commitment]) -> None:
        """Take in what is ordered and not invoiced, each for the days on which it counts."""
        for one in commitments:
            if one.creditor in ("", self.creditor):
                place = len(self.committed)
                self.committed.append((one, ()))
                for day in self._turns_of(one):
                    heapq.heappush(self.commitments, (day, place))

    def _turns_of(self, one: Commitment) -> Iterator[dt.date]:
        """The days on which a commitment may begin or cease to count."""
        yield one.since or dt.date.min
        if one.until is not None and one.until < dt.date.max:
            yield one.until + dt.timedelta(days=1)
        horizon = self.policy.horizons.get(one.kind)
        if horizon is not None and one.expected_on is not None:
            first = one.expected_on.toordinal() - horizon
            if first > 1:
                yield dt.date.fromordinal(first)

    def book(self, customer: str) -> CustomerBook:
        """The book of a customer."""
        found = self.books.get(customer)
        if found is None:
            found = self.books[customer] = CustomerBook()
        return found

    def go_to(self, day: dt.date) -> None:
        """Let a day begin: what clears, is expected or contested changes by itself."""
        if day == self.day:
            return
        self.day = day
        self.scales = Scales(self.policy, self.rates, day)
        while self.clearing and self.clearing[0][0] <= day:
            self._refresh(heapq.heappop(self.clearing)[1])
        while self.commitments and self.commitments[0][0] <= day:
            self._recommit(heapq.heappop(self.commitments)[1])
        contested = self.contested_on(day)
        if contested != self.contested:
            before, self.contested = self.contested, contested
            for item in sorted({*before, *contested}):
                if item in self.things and before.get(item, 0) != contested.get(item, 0):
                    self._refresh(item)

    def take(self, event: Event, when: When) -> None:
        """Let something that happened be seen."""
        apply = _APPLY.get(type(event))
        if apply is not None:
            apply(self, event, when)

    def late_of(self, book: CustomerBook) -> None:
        """Move what has become late on the day among what is late."""
        today = self.day.toordinal()
        while book.coming and book.coming[0][0] < today:
            due, name = heapq.heappop(book.coming)
            thing = self.things[name]
            if thing.due == due and thing.counted and not thing.is_late:
                self._late(book, thing, 1)

    def _late(self, book: CustomerBook, thing: _Thing, sign: int) -> None:
        thing.is_late = sign > 0
        code, due = thing.item.currency, thing.due or 0
        book.overdue[code] = book.overdue.get(code, 0) + sign * thing.counted
        book.due_sums[code] = book.due_sums.get(code, 0) + sign * thing.counted * due
        if sign > 0:
            heapq.heappush(book.late, (due, thing.item.item))

    def past_due(self, book: CustomerBook, currency: str) -> PastDue:
        """What of a customer's debts is past due, in a currency."""
        self.late_of(book)
        today = self.day.toordinal()
        days = {
            code: minor * today - book.due_sums.get(code, 0) for code, minor in book.overdue.items()
        }
        return past_due_in(self.scales, currency, book.overdue, days, book.owed)

    def oldest(self, book: CustomerBook, terms: RuleLevels) -> Found:
        """The days past due of the oldest debt that counts.

        What is settled or too small is dropped: it comes back when it changes.
        """
        self.late_of(book)
        while book.late:
            due, name = book.late[0]
            thing = self.things[name]
            least = amount_in(terms.minimum, thing.item.currency) or 0
            if thing.is_late and thing.due == due and thing.counted >= least:
                return Found(self.day.toordinal() - due, (name,))
            heapq.heappop(book.late)
        return Found(0)

    def level(self, book: CustomerBook) -> Found:
        """The highest dunning level of an open item."""
        while book.levels:
            minus, name = book.levels[0]
            thing = self.things[name]
            if thing.minor > 0 and self.item_levels.get(name) == -minus:
                return Found(-minus, (name,))
            heapq.heappop(book.levels)
        return Found(0)

    def open_thing(self, item: OpenItem, receipt: Receipt | None = None) -> None:
        """Put a new item on its account."""
        due = None if item.due_date is None else item.due_date.toordinal()
        thing = _Thing(item, item.customer, item.amount_minor, due, receipt=receipt)
        self.things[item.item] = thing
        if receipt is not None and receipt.method in _MAY_BOUNCE:
            for day in self._clears_on(receipt):
                heapq.heappush(self.clearing, (day, item.item))
        self._refresh(item.item)

    def _clears_on(self, receipt: Receipt) -> Iterator[dt.date]:
        """The days on which money may cease to be able to come back."""
        yield receipt.booking_date + dt.timedelta(days=self.policy.clearing_days + 1)
        if receipt.value_date is not None:
            yield receipt.value_date

    def move(self, item: str, minor: int) -> None:
        """Take a signed amount off an item."""
        self.things[item].minor -= minor
        self._refresh(item)

    def own(self, item: str, customer: CustomerId) -> None:
        """Put an item on another account."""
        thing = self.things[item]
        self._withdraw(thing)
        thing.customer = customer
        self._refresh(item)

    def postpone(self, item: str, due: dt.date) -> None:
        """Let an item be due on another day."""
        thing = self.things[item]
        self._withdraw(thing)
        thing.due = due.toordinal()
        self._refresh(item)

    def _withdraw(self, thing: _Thing) -> None:
        """Take everything that an item put into the sums out of them."""
        if thing.customer == UNIDENTIFIED:
            return
        book = self.book(thing.customer)
        if thing.is_late:
            self._late(book, thing, -1)
        code = thing.item.currency
        if thing.counted:
            book.owed[code] = book.owed.get(code, 0) - thing.counted
        for cell, minor in thing.cells:
            self._add(thing.customer, book, cell, -minor)
        thing.counted, thing.cells = 0, ()

    def _refresh(self, name: str) -> None:
        """Make the sums say of an item what it is now."""
        thing = self.things[name]
        self._withdraw(thing)
        if thing.customer == UNIDENTIFIED:
            return
        book = self.book(thing.customer)
        held = self._held(thing)
        thing.cells = self._cells(thing, held)
        for cell, minor in thing.cells:
            self._add(thing.customer, book, cell, minor)
        if thing.minor > 0 and (level := self.item_levels.get(name)) is not None:
            heapq.heappush(book.levels, (-level, name))
        thing.counted = max(0, thing.minor - (0 if self.counts_disputed else held))
        if not thing.counted:
            return
        code = thing.item.currency
        book.owed[code] = book.owed.get(code, 0) + thing.counted
        if thing.due is not None:
            if thing.due < self.day.toordinal():
                self._late(book, thing, 1)
            else:
                heapq.heappush(book.coming, (thing.due, name))

    def _add(self, customer: str, book: CustomerBook, cell: Cell, minor: int) -> None:
        book.cells[cell] = book.cells.get(cell, 0) + minor
        for tell in self.listen:
            tell(customer, cell, minor)

    def _held(self, thing: _Thing) -> int:
        if thing.item.item not in self.contested:
            return 0
        stated = self.contested[thing.item.item]
        held: int = contested_part(
            thing.minor if stated is None else stated, open_minor=thing.minor
        )
        return held

    def _cells(self, thing: _Thing, held: int) -> tuple[tuple[Cell, int], ...]:
        """What an item is in the exposure: as `exposure_parts` says, of one item."""
        receipt = thing.receipt
        if receipt is not None and receipt.method in _MAY_BOUNCE:
            return self._cells_of_receipt(thing, receipt)
        code, is_cash = thing.item.currency, thing.item.kind is ItemKind.UNAPPLIED_CASH
        clear = thing.minor - held
        found: list[tuple[Cell, int]] = []
        if clear:
            kind = rules.of_item(is_cash=is_cash, is_debit=clear > 0)
            found.append(((kind, False, code), clear))
        if held:
            found.append(((_DISPUTED, False, code), held))
        return tuple(found)

    def _cells_of_receipt(self, thing: _Thing, receipt: Receipt) -> tuple[tuple[Cell, int], ...]:
        left = -thing.item.amount_minor
        if left <= 0:
            return ()
        known = attrs.evolve(
            receipt, amount=from_minor(left, receipt.currency), customer=thing.customer
        )
        item = attrs.evolve(thing.item, open_minor=thing.minor, customer=thing.customer)
        parts = exposure_parts(
            (item,) if thing.minor else (),
            creditor=self.creditor,
            as_of=self.day,
            policy=self.policy,
            receipts=(known,),
        )
        return tuple((cell_of(part), part.amount_minor) for part in parts)

    def _recommit(self, place: int) -> None:
        one, before = self.committed[place]
        book = self.book(one.customer)
        parts = exposure_parts(
            (), creditor=self.creditor, as_of=self.day, policy=self.policy, commitments=(one,)
        )
        after = tuple((cell_of(part), part.amount_minor) for part in parts)
        if after != before:
            for cell, minor in before:
                self._add(one.customer, book, cell, -minor)
            for cell, minor in after:
                self._add(one.customer, book, cell, minor)
            self.committed[place] = (one, after)


def _issue(books: PastBooks, event: DocumentIssued, _when: When) -> None:
    items = open_items(event.document)
    books.documents[event.document.number] = tuple(item.item for item in items)
    for item in items:
        books.open_thing(item)


def _cancel(books: PastBooks, event: DocumentCancelled, _when: When) -> None:
    for name in books.documents[event.number]:
        books.move(name, books.things[name].item.amount_minor)


def _receive(books: PastBooks, event: ReceiptRecorded, _when: When) -> None:
    books.open_thing(unapplied_item(event.receipt), event.receipt)


def _identify(books: PastBooks, event: ReceiptIdentified, _when: When) -> None:
    books.own(event.receipt, event.customer)


def _return(books: PastBooks, event: ReceiptReturned, when: When) -> None:
    thing = books.things[event.receipt]
    back = -thing.minor if event.amount is None else to_minor(event.amount)
    # What went back is no part of the receipt any more: not of what may still come back either.
    thing.item = attrs.evolve(thing.item, amount_minor=thing.item.amount_minor + back)
    books.move(event.receipt, -back)
    if event.customer != UNIDENTIFIED:
        found = Returned(event.effective_on, event.receipt, event.reason)
        books.book(event.customer).returned.append((when, found))


def _allocate(books: PastBooks, event: Allocated, _when: When) -> None:
    allocation = event.allocation
    books.allocations[allocation.allocation] = event
    settled = {leg.item: books.things[leg.item] for leg in allocation.legs}
    for leg in allocation.legs:
        books.move(leg.item, leg.amount_minor)
    for name, residual in allocation.owed:
        thing = settled[ItemId(residual.item)]
        due = None if thing.due is None else dt.date.fromordinal(thing.due)
        books.open_thing(
            attrs.evolve(
                thing.item,
                item=name,
                kind=_KINDS_OWED[residual.kind.value],
                customer=thing.customer,
                amount_minor=residual.amount_minor,
                open_minor=residual.amount_minor,
                posting_date=event.effective_on,
                due_date=residual.due_date or due,
                discounts=(),
            )
        )


def _unallocate(books: PastBooks, event: Unallocated, _when: When) -> None:
    allocation = books.allocations.pop(event.allocation).allocation
    for name, residual in allocation.owed:
        books.move(name, residual.amount_minor)
    for leg in allocation.legs:
        books.move(leg.item, -leg.amount_minor)


def _postpone(books: PastBooks, event: DueDateChanged, _when: When) -> None:
    books.postpone(event.item, event.due_date)


def _notice(books: PastBooks, event: NoticeSent, _when: When) -> None:
    for noticed in event.items:
        level = max(books.item_levels.get(noticed.item, 0), noticed.level)
        if level and noticed.item in books.things:
            books.item_levels[noticed.item] = level
            customer = books.things[noticed.item].customer
            heapq.heappush(books.book(customer).levels, (-level, noticed.item))


def _suspend(books: PastBooks, event: CreditSuspended, _when: When) -> None:
    one = event.suspension
    held = Held(one.reason.value, one.suspension)
    books.book(one.customer).suspended[one.suspension] = (one.until, held)


def _reinstate(books: PastBooks, event: CreditReinstated, _when: When) -> None:
    books.book(event.customer).suspended.pop(event.suspension, None)


def _report(books: PastBooks, event: InsolvencyReported, _when: When) -> None:
    one = event.insolvency
    books.book(one.customer).insolvent[one.insolvency] = Held(one.kind.value, one.insolvency)


def _end(books: PastBooks, event: InsolvencyEnded, _when: When) -> None:
    books.book(event.customer).insolvent.pop(event.insolvency, None)


def _review(books: PastBooks, event: CreditReviewed, _when: When) -> None:
    book, order = books.book(event.owner), (event.effective_on, event.recorded_at)
    if book.review is None or book.review[0] <= order:
        book.review = (order, event.review)


_APPLY: Final[Mapping[type[Event], Callable[[PastBooks, Any, When], None]]] = MappingProxyType(
    {
        DocumentIssued: _issue,
        DocumentCancelled: _cancel,
        ReceiptRecorded: _receive,
        ReceiptIdentified: _identify,
        ReceiptReturned: _return,
        Allocated: _allocate,
        Unallocated: _unallocate,
        DueDateChanged: _postpone,
        NoticeSent: _notice,
        CreditSuspended: _suspend,
        CreditReinstated: _reinstate,
        InsolvencyReported: _report,
        InsolvencyEnded: _end,
        CreditReviewed: _review,
    }
)
"""What each kind of event changes in the figures of a check; the others change nothing."""
