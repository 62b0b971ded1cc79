"""The workshop: what happened to each item, read once from a ledger for any number of days.

Everything keeps the day on which it took effect and the moment at which it was recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from receivables._arithmetic import share_of, split
from receivables.allocation.model import Allocation, Residual, ResidualKind
from receivables.documents.model import CreditNote, Document, ItemKind, Line, OpenItem
from receivables.documents.objects import open_items
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.measures._months import month_of
from receivables.measures.model import MoveKind
from receivables.money import to_minor
from receivables.receipts.objects import unapplied_item

__all__ = ["ItemKey", "ItemRecord", "MoveRecord", "is_seen", "read_items"]

ItemKey: TypeAlias = tuple[str, str]
"""Creditor and item."""

_At: TypeAlias = dt.datetime

_CHARGES: Final = frozenset({"late-interest", "compensation", "dunning-fee", "return-fee"})
"""Categories of lines that are no sales."""


_ALWAYS_OPEN: Final = dt.date.max.toordinal() + 1


@attrs.frozen
class MoveRecord:
    """What was taken off an item (or given back): signed minor units, and what it was."""

    day: int
    at: _At
    amount_minor: int
    kind: MoveKind
    paid_on: int
    """The day of the money; that of the move where there was none."""
    tax_minor: int = 0
    """The tax that a recovery has in it."""


@attrs.define(eq=False)
class ItemRecord:
    """An item as it came, and everything that happened to it; days are ordinals."""

    creditor: str
    item: str
    kind: ItemKind
    customer: str
    currency: str
    amount_minor: int
    due: int | None
    since: int
    at: _At
    document_date: dt.date
    sales_minor: int = 0
    """What of it is sales, tax included and negative on credit notes."""
    charges_minor: int = 0
    """What of it is interest, compensation or a fee."""
    tax_minor: int | None = None
    """The tax in it; None where nobody said."""
    moves: list[MoveRecord] = attrs.field(factory=list)
    # Rare: as tuples that grow, they cost nothing to the many items that have none.
    dues: tuple[tuple[int, _At, int], ...] = ()
    owners: tuple[tuple[int, _At, str], ...] = ()
    month: int = 0
    """The month of its first day, as `month_of` counts them."""
    settled_after: int = _ALWAYS_OPEN
    """The ordinal of the last day on which something happened to it, where nothing is left of it."""

    def finish(self) -> None:
        """Note what is the same for every day, once everything was read."""
        self.month = month_of(self.since)
        if self.amount_minor == sum(move.amount_minor for move in self.moves):
            days = (day for move in self.moves for day in (move.day, move.paid_on))
            self.settled_after = max(days, default=self.since)

    def customer_on(self, day: int, known_at: _At | None) -> str:
        """Whose account it is on."""
        said = [who for since, at, who in self.owners if is_seen(since, at, day, known_at)]
        return said[-1] if said else self.customer

    def due_on(self, day: int, known_at: _At | None) -> int | None:
        """When it is due, as was said by then; of two words for one day the one recorded later."""
        said = [one for one in self.dues if is_seen(one[0], one[1], day, known_at)]
        return max(said)[2] if said else self.due

    def without_tax(self, minor: int) -> int:
        """A part of the item less the tax in it, rounded half up; the tax must be known."""
        tax = share_of(abs(self.tax_minor or 0), abs(minor), abs(self.amount_minor))
        return minor - tax if minor > 0 else minor + tax


def is_seen(since: int, at: _At, day: int, known_at: _At | None) -> bool:
    """Whether something had happened by a day and was known at a moment."""
    return since <= day and (known_at is None or at <= known_at)


def read_items(ledger: Ledger, creditor: str | None) -> Mapping[ItemKey, ItemRecord]:
    """Read a ledger once: every item of a creditor, or of all of them."""
    reader = _Reader(creditor)
    for event in ledger.events:
        read = _READ.get(type(event))
        if read is not None:
            read(reader, event)
    for record in reader.items.values():
        record.finish()
    return reader.items


@attrs.define(eq=False)
class _Reader:
    """What was read so far."""

    creditor: str | None
    items: dict[ItemKey, ItemRecord] = attrs.field(factory=dict)
    documents: dict[ItemKey, list[ItemRecord]] = attrs.field(factory=dict)
    booked: dict[ItemKey, int] = attrs.field(factory=dict)
    applied: dict[ItemKey, list[tuple[ItemRecord, MoveRecord]]] = attrs.field(factory=dict)
    opened: dict[ItemKey, list[ItemRecord]] = attrs.field(factory=dict)

    def _wants(self, creditor: str) -> bool:
        return self.creditor is None or creditor == self.creditor

    def _add(self, item: OpenItem, event: Any) -> ItemRecord:  # noqa: ANN401  # an event
        record = ItemRecord(
            creditor=str(item.creditor),
            item=str(item.item),
            kind=item.kind,
            customer=str(item.customer),
            currency=item.currency,
            amount_minor=item.amount_minor,
            due=None if item.due_date is None else item.due_date.toordinal(),
            since=event.effective_on.toordinal(),
            at=event.recorded_at,
            document_date=item.document_date,
        )
        self.items[record.creditor, record.item] = record
        return record

    def issue(self, event: DocumentIssued) -> None:
        """The items of a document, and what of each is sales, charges and tax."""
        document = event.document
        if not self._wants(document.creditor):
            return
        records = [self._add(item, event) for item in open_items(document)]
        self.documents[str(document.creditor), document.number] = records
        weights = [abs(record.amount_minor) for record in records]
        if not any(weights):
            return
        charges, tax = _said(document)
        total = to_minor(document.total)
        sign = -1 if isinstance(document, CreditNote) else 1
        sold = _split(total - charges, weights)
        charged = _split(charges, weights)
        taxes = None if tax is None else _split(tax, weights)
        for place, record in enumerate(records):
            record.sales_minor = sign * sold[place]
            record.charges_minor = sign * charged[place]
            record.tax_minor = None if taxes is None else taxes[place]

    def cancel(self, event: DocumentCancelled) -> None:
        """Nothing of a document is owed any more."""
        if self._wants(event.creditor):
            for record in self.documents[str(event.creditor), event.number]:
                self._take_whole(record, event, MoveKind.CANCELLED)

    def _take_whole(self, record: ItemRecord, event: Any, kind: MoveKind) -> None:  # noqa: ANN401  # an event
        if record.amount_minor:
            self._move(record, event, record.amount_minor, kind)

    def _move(  # an item, and what is said of the move
        self,
        record: ItemRecord,
        event: Any,  # noqa: ANN401  # an event
        minor: int,
        kind: MoveKind,
        *,
        paid_on: int | None = None,
        tax_minor: int = 0,
    ) -> MoveRecord:
        day = event.effective_on.toordinal()
        on = day if paid_on is None else paid_on
        move = MoveRecord(day, event.recorded_at, minor, kind, on, tax_minor)
        record.moves.append(move)
        return move

    def receive(self, event: ReceiptRecorded) -> None:
        """The unapplied cash of a receipt."""
        receipt = event.receipt
        if self._wants(receipt.creditor):
            record = self._add(unapplied_item(receipt), event)
            self.booked[record.creditor, record.item] = receipt.booking_date.toordinal()

    def identify(self, event: ReceiptIdentified) -> None:
        """The payer of a receipt became known."""
        if self._wants(event.creditor):
            record = self.items[str(event.creditor), str(event.receipt)]
            said = (event.effective_on.toordinal(), event.recorded_at, str(event.customer))
            record.owners = (*record.owners, said)

    def give_back(self, event: ReceiptReturned) -> None:
        """Money went back."""
        if not self._wants(event.creditor):
            return
        record = self.items[str(event.creditor), str(event.receipt)]
        if event.amount is None:
            self._take_whole(record, event, MoveKind.RETURNED)
        else:
            self._move(record, event, -to_minor(event.amount), MoveKind.RETURNED)

    def move_due_date(self, event: DueDateChanged) -> None:
        """Another due date was said."""
        if self._wants(event.creditor):
            record = self.items[str(event.creditor), str(event.item)]
            said = (event.effective_on.toordinal(), event.recorded_at, event.due_date.toordinal())
            record.dues = (*record.dues, said)

    def allocate(self, event: Allocated) -> None:
        """What each item lost, by what it was lost to."""
        allocation = event.allocation
        if not self._wants(allocation.creditor):
            return
        place = (str(allocation.creditor), str(allocation.allocation))
        done = self.applied[place] = []
        for one in _legs(allocation, self.booked, event.effective_on.toordinal()):
            record = self.items[place[0], one.item]
            move = self._move(
                record, event, one.minor, one.kind, paid_on=one.paid_on, tax_minor=one.tax_minor
            )
            done.append((record, move))
        self.opened[place] = [
            self._kept_back(str(name), residual, event) for name, residual in allocation.owed
        ]

    def _kept_back(self, name: str, residual: Residual, event: Allocated) -> ItemRecord:
        """The item that something kept back leaves open: a part of another one."""
        creditor, day = str(event.allocation.creditor), event.effective_on.toordinal()
        source = self.items[creditor, str(residual.item)]
        kind = ItemKind.DEDUCTION
        if residual.kind is ResidualKind.RETENTION:
            kind = ItemKind.RETENTION
        minor = residual.amount_minor
        due = (
            source.due_on(day, None) if residual.due_date is None else residual.due_date.toordinal()
        )
        tax = None
        if source.tax_minor is not None:
            tax = share_of(source.tax_minor, minor, abs(source.amount_minor))
        record = ItemRecord(
            creditor=creditor,
            item=name,
            kind=kind,
            customer=source.customer_on(day, None),
            currency=source.currency,
            amount_minor=minor,
            due=due,
            since=day,
            at=event.recorded_at,
            document_date=source.document_date,
            tax_minor=tax,
        )
        self.items[creditor, name] = record
        return record

    def unallocate(self, event: Unallocated) -> None:
        """From then on it is as if it had never been allocated; its payments never were."""
        if not self._wants(event.creditor):
            return
        place = (str(event.creditor), str(event.allocation))
        for record in self.opened[place]:
            self._take_whole(record, event, MoveKind.CANCELLED)
        for record, move in self.applied[place]:
            self._move(
                record,
                event,
                -move.amount_minor,
                move.kind,
                paid_on=move.paid_on,
                tax_minor=-move.tax_minor,
            )


def _split(minor: int, weights: list[int]) -> tuple[int, ...]:
    return (minor,) if len(weights) == 1 else split(minor, weights)


def _said(document: Document) -> tuple[int, int | None]:
    """What of a document is charges, and its tax; None where it has no lines that could say."""
    if not document.lines:
        return 0, None
    charges = sum(line.gross_minor for line in document.lines if line.category in _CHARGES)
    return charges, sum(map(_tax_of, document.lines))


def _tax_of(line: Line) -> int:
    return sum(to_minor(tax.amount) for tax in line.taxes)


@attrs.frozen
class _Part:
    """A part of a leg that was settled in one way."""

    item: str
    minor: int
    kind: MoveKind
    paid_on: int | None = None
    tax_minor: int = 0


def _legs(allocation: Allocation, booked: Mapping[ItemKey, int], day: int) -> Iterable[_Part]:
    """The legs of an allocation, those of debits told apart by what settled them."""
    creditor = str(allocation.creditor)
    cash, paid_on = 0, None
    for leg in allocation.legs:
        on = booked.get((creditor, str(leg.item)))
        if on is not None:
            cash -= leg.amount_minor
            paid_on = on if paid_on is None else max(paid_on, on)
    debits = {str(leg.item): leg.amount_minor for leg in allocation.legs if leg.amount_minor > 0}
    lost = _lost(allocation, debits)
    left = {item: minor - lost.get(item, 0) for item, minor in debits.items()}
    whole = sum(left.values())
    across = len(allocation.currencies) > 1
    yield from _credits(allocation, booked)
    for name, rest in left.items():
        # Across currencies the sums do not compare: what a receipt has a part in, it paid.
        paid = rest if across else rest * min(cash, whole) // max(whole, 1)
        paid = paid if paid_on is not None else 0
        for minor, kind in ((paid, MoveKind.PAID), (lost.get(name, 0), MoveKind.WRITTEN_OFF)):
            if minor:
                yield _Part(name, minor, kind, paid_on if kind is MoveKind.PAID else day)
        if rest - paid:
            yield _Part(name, rest - paid, MoveKind.OTHER)


def _credits(allocation: Allocation, booked: Mapping[ItemKey, int]) -> Iterable[_Part]:
    """The legs of credits: of a receipt, what was recovered with it and what was applied."""
    creditor = str(allocation.creditor)
    recovered = [one for one in allocation.residuals if one.kind is ResidualKind.RECOVERY]
    left = sum(one.amount_minor for one in recovered)
    tax = sum(one.tax_minor for one in recovered)
    for leg in allocation.legs:
        name, minor = str(leg.item), leg.amount_minor
        if minor > 0:
            continue
        if (creditor, name) not in booked:
            yield _Part(name, minor, MoveKind.OTHER)
            continue
        part = max(minor, min(left, 0))
        if part:
            yield _Part(name, part, MoveKind.RECOVERED, tax_minor=tax)
            left, tax = left - part, 0
        if minor - part:
            yield _Part(name, minor - part, MoveKind.PAID)


def _lost(allocation: Allocation, debits: Mapping[str, int]) -> dict[str, int]:
    """What was written off of each item: of the one that it names, else of the first ones."""
    found: dict[str, int] = {}
    for one in allocation.residuals:
        left = one.amount_minor if one.kind is ResidualKind.WRITE_OFF else 0
        for item in [str(one.item)] if str(one.item) in debits else debits:
            if left > 0:
                minor = min(left, debits[item] - found.get(item, 0))
                found[item] = found.get(item, 0) + minor
                left -= minor
    return found


_READ: Final[Mapping[type, Callable[[_Reader, Any], None]]] = {
    Allocated: _Reader.allocate,
    DocumentCancelled: _Reader.cancel,
    DocumentIssued: _Reader.issue,
    DueDateChanged: _Reader.move_due_date,
    ReceiptIdentified: _Reader.identify,
    ReceiptRecorded: _Reader.receive,
    ReceiptReturned: _Reader.give_back,
    Unallocated: _Reader.unallocate,
}
