"""The workshop: what happened to each customer's items, read once from a ledger for any number of days.

Everything keeps the day on which it took effect and the moment at which it was recorded, so that a
day that is asked for later sees what had happened by then, as it was known then, and nothing else.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

import attrs

from receivables.allocation.model import ResidualKind
from receivables.days import add_months
from receivables.ledger.model import (
    Allocated,
    DueDateChanged,
    NoticeSent,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.receipts.model import ReturnReason
from receivables.scoring._history_values import DueBasis

__all__ = ["Account", "Accounts", "ItemRecord", "Seen", "View", "month_starts", "read_accounts"]

_At: TypeAlias = dt.datetime
_Move: TypeAlias = tuple[int, _At, int]
"""The day, the moment of its recording, and the signed minor units taken off the item."""
_Part: TypeAlias = tuple[int, _At, int, int, int, str]
"""The day of an allocation, its recording, the day of the money (0 for none), the minor units that
money paid, those that were taken off the item, and the allocation."""

_NO_DAY: Final = 0
_MONTHS_OF_YEAR: Final = 12


@attrs.define(eq=False)
class ItemRecord:
    """A debit item, and everything that happened to it."""

    item: str
    currency: str
    amount_minor: int
    due: int | None
    """The ordinal of the due date with which it came."""
    since: int
    recorded_at: _At
    moves: list[_Move] = attrs.field(factory=list)
    parts: list[_Part] = attrs.field(factory=list)
    # Rare: as tuples that grow, they cost nothing to the many items that have none.
    dues: tuple[tuple[int, _At, int], ...] = ()
    given_up: tuple[tuple[int, _At, int, str], ...] = ()


@attrs.define(eq=False)
class Account:
    """What was read of a customer: its items, the payments that went back, and the notices."""

    items: list[ItemRecord] = attrs.field(factory=list)
    returns: list[tuple[int, _At, ReturnReason]] = attrs.field(factory=list)
    notices: list[tuple[int, _At, int]] = attrs.field(factory=list)


@attrs.define(eq=False)
class Accounts:
    """Every customer of a creditor, and the allocations that were undone."""

    by_customer: dict[CustomerId, Account] = attrs.field(factory=dict)
    undone: dict[str, tuple[int, _At]] = attrs.field(factory=dict)


@attrs.define(eq=False)
class Seen:
    """What is seen of a customer's items in one currency; days are ordinals, months count back.

    `parts` are month, day, days late (None without a due date), minor units, whether something was
    left, and the place of the item in `is_full`.
    """

    parts: list[tuple[int, int, int | None, int, bool, int]] = attrs.field(factory=list)
    is_full: list[bool] = attrs.field(factory=list)
    opens: list[tuple[int, int | None]] = attrs.field(factory=list)
    """What is open of each item, and its days past due."""
    chased: list[tuple[int, int]] = attrs.field(factory=list)
    """What is overdue of each item, less what is disputed where that is left out, and its days."""
    deltas: list[tuple[int, int]] = attrs.field(factory=list)
    """Each change of the balance."""
    given_up: int = 0


def read_accounts(
    ledger: Ledger, creditor: str, *, customers: Collection[str] | None = None
) -> Accounts:
    """Read a creditor's ledger once; only some customers where they are named."""
    reader = _Reader(creditor, None if customers is None else frozenset(customers))
    reader.read_items(ledger)
    for event in ledger.events:
        read = _READ.get(type(event))
        if read is not None:
            read(reader, event)
    for record in reader.by_name.values():
        # What is left of an item is counted in the order of the days, whatever was recorded first.
        record.parts.sort(key=lambda part: part[0])
    return reader.accounts


@attrs.define(eq=False)
class _Reader:
    """What was read so far."""

    creditor: str
    customers: frozenset[str] | None
    accounts: Accounts = attrs.field(factory=Accounts)
    by_name: dict[str, ItemRecord] = attrs.field(factory=dict)
    booked: dict[str, int] = attrs.field(factory=dict)

    def read_items(self, ledger: Ledger) -> None:
        """The debit items as they came to the account, and what was taken off them."""
        # Of the earliest day, so that no item is on another account or due on another day yet.
        columns = ledger.to_columns(as_of=dt.date.min)
        about = ("creditor", "item", "customer", "currency", "amount_minor", "due_date")
        names = (*about, "effective_on", "recorded_at")
        rows = zip(*(columns.items[name] for name in names), strict=True)
        for creditor, item, customer, currency, minor, due, since, at in cast(
            "Iterable[Any]", rows
        ):
            if creditor == self.creditor and minor > 0 and self._wants(customer):
                day = None if due is None else due.toordinal()
                record = ItemRecord(item, currency, minor, day, since.toordinal(), at)
                self.by_name[item] = record
                self.account(customer).items.append(record)
        fields = ("creditor", "item", "effective_on", "recorded_at", "amount_minor")
        moves = zip(*(columns.moves[name] for name in fields), strict=True)
        for creditor, item, since, at, minor in cast("Iterable[Any]", moves):
            found = self.by_name.get(item) if creditor == self.creditor else None
            if found is not None:
                found.moves.append((since.toordinal(), at, minor))

    def _wants(self, customer: str) -> bool:
        if self.customers is not None:
            return customer in self.customers
        return customer != UNIDENTIFIED

    def account(self, customer: CustomerId) -> Account:
        """What was read of a customer."""
        found = self.accounts.by_customer.get(customer)
        if found is None:
            found = self.accounts.by_customer[customer] = Account()
        return found

    def receive(self, event: ReceiptRecorded) -> None:
        """The day of the money is that on which the receipt was booked."""
        if event.receipt.creditor == self.creditor:
            self.booked[event.receipt.receipt] = event.receipt.booking_date.toordinal()

    def allocate(self, event: Allocated) -> None:
        """What each item lost, and how much of that was money.

        The same rule as `receivables.collection.payment_history`: of what an allocation takes off
        an item, the share that its receipts bear of all that it takes off.
        """
        allocation = event.allocation
        if allocation.creditor != self.creditor:
            return
        cash = whole = paid_on = 0
        for leg in allocation.legs:
            if leg.item in self.booked:
                cash -= leg.amount_minor
                paid_on = max(paid_on, self.booked[leg.item])
            if leg.amount_minor > 0:
                whole += leg.amount_minor
        across = len(allocation.currencies) > 1
        day = event.effective_on.toordinal()
        for leg in allocation.legs:
            record = self.by_name.get(leg.item) if leg.amount_minor > 0 else None
            if record is not None:
                taken = leg.amount_minor
                # Across currencies the sums do not compare: what a receipt has a part in, it paid.
                paid = taken if across else taken * min(cash, whole) // whole
                part = (day, event.recorded_at, paid_on, paid if paid_on else 0, taken)
                record.parts.append((*part, allocation.allocation))
        if allocation.residuals:
            self._give_up(event, day)

    def _give_up(self, event: Allocated, day: int) -> None:
        """What was written off, of the item that it names or of the first one that it settles."""
        allocation = event.allocation
        first = next((leg.item for leg in allocation.legs if leg.item in self.by_name), "")
        for residual in allocation.residuals:
            record = self.by_name.get(residual.item or first)
            if (
                residual.kind is ResidualKind.WRITE_OFF
                and residual.amount_minor > 0
                and record is not None
            ):
                given_up = (day, event.recorded_at, residual.amount_minor, allocation.allocation)
                record.given_up = (*record.given_up, given_up)

    def unallocate(self, event: Unallocated) -> None:
        """From then on it is as if it had never been allocated."""
        if event.creditor == self.creditor:
            self.accounts.undone[event.allocation] = (
                event.effective_on.toordinal(),
                event.recorded_at,
            )

    def move_due_date(self, event: DueDateChanged) -> None:
        """Another due date was said."""
        record = self.by_name.get(event.item) if event.creditor == self.creditor else None
        if record is not None:
            said = (event.effective_on.toordinal(), event.recorded_at, event.due_date.toordinal())
            record.dues = (*record.dues, said)

    def give_back(self, event: ReceiptReturned) -> None:
        """A payment went back."""
        if event.creditor == self.creditor and self._wants(event.customer):
            self.account(event.customer).returns.append(
                (event.effective_on.toordinal(), event.recorded_at, event.reason)
            )

    def notice(self, event: NoticeSent) -> None:
        """A notice was sent."""
        if event.creditor == self.creditor and self._wants(event.customer):
            self.account(event.customer).notices.append(
                (event.effective_on.toordinal(), event.recorded_at, event.level)
            )


_READ: Final[Mapping[type, Callable[[_Reader, Any], None]]] = {
    Allocated: _Reader.allocate,
    DueDateChanged: _Reader.move_due_date,
    NoticeSent: _Reader.notice,
    ReceiptRecorded: _Reader.receive,
    ReceiptReturned: _Reader.give_back,
    Unallocated: _Reader.unallocate,
}


def month_starts(as_of: dt.date, months: int) -> list[int]:
    """The ordinals of the days before each of the last months begins, and of the day, rising.

    >>> [dt.date.fromordinal(day).isoformat() for day in month_starts(dt.date(2026, 3, 31), 2)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    reach = (as_of.year - 1) * _MONTHS_OF_YEAR + as_of.month - 1
    return [
        add_months(as_of, -back).toordinal() if back <= reach else _NO_DAY
        for back in range(months, -1, -1)
    ]


@attrs.define(eq=False)
class View:
    """A day and a moment: what had happened by the one, as known at the other."""

    as_of: dt.date
    known_at: _At | None
    months: int
    """The window."""
    reach: int
    """The months that anything is asked of, at least those of the window."""
    due: DueBasis
    undone: Mapping[str, tuple[int, _At]]
    disputed: Mapping[str, int]
    """What is not chased of an item because it is disputed."""
    day: int = attrs.field(init=False)
    starts: list[int] = attrs.field(init=False)
    since: int = attrs.field(init=False)
    """The last day before the window."""

    def __attrs_post_init__(self) -> None:
        self.day = self.as_of.toordinal()
        self.starts = month_starts(self.as_of, self.reach)
        self.since = self.starts[self.reach - self.months]

    def is_seen(self, day: int, at: _At) -> bool:
        """Whether something had happened by the day and was known at the moment."""
        return day <= self.day and (self.known_at is None or at <= self.known_at)

    def month(self, day: int) -> int:
        """How many months back a day lies, 0 for the last one; below zero after the day."""
        return self.reach - bisect.bisect_left(self.starts, day)

    def in_window(self, day: int) -> bool:
        """Whether a day belongs to the window."""
        return self.since < day <= self.day

    def is_undone(self, allocation: str) -> bool:
        """Whether an allocation was undone by then."""
        found = self.undone.get(allocation)
        return found is not None and self.is_seen(*found)

    def due_of(self, record: ItemRecord) -> int | None:
        """When an item is due; of two words for one day the one recorded later counts."""
        if not record.dues or self.due is DueBasis.FIRST:
            return record.due
        said = [one for one in record.dues if self.is_seen(one[0], one[1])]
        return max(said)[2] if said else record.due
