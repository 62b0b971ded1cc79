"""The workshop: what the ledger says was written off, undone and recovered, booking by booking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from receivables.allocation.model import Allocation, AllocationId, Residual, ResidualKind
from receivables.documents.model import ItemId
from receivables.ledger.model import Allocated, Event, Unallocated
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId
from receivables.writeoffs.model import Recovery, WrittenOff

__all__ = ["Booking", "Losses", "bookings_of", "seen_events", "tax_evidence", "written_off_of"]

WRITE_OFF = "write-off"
"""The key of the evidence that names the request a write-off was booked by."""
BY = "recovered-by"
"""The key of the evidence that names who recovered something."""
_TAX = "tax "
_OF = " of "


def tax_evidence(item: str, taxes: Mapping[str, int]) -> list[tuple[str, str]]:
    """The taxes of an item's part of an allocation by code, as evidence keeps them.

    >>> tax_evidence("FA-1", {"GST": 520})
    [('tax GST of FA-1', '520')]
    """
    return [(f"{_TAX}{code}{_OF}{item}", str(minor)) for code, minor in taxes.items() if minor]


def _taxes(allocation: Allocation, item: str) -> dict[str, int]:
    end = f"{_OF}{item}"
    return {
        key[len(_TAX) : -len(end)]: int(minor)
        for key, minor in allocation.evidence
        if key.startswith(_TAX) and key.endswith(end) and minor.isdecimal()
    }


@attrs.define
class Booking:
    """One item's part of one allocation that writes off: as booked, and what became of it."""

    creditor: CreditorId
    item: ItemId
    currency: str
    amount_minor: int
    tax_minor: int
    allocation: AllocationId
    on: dt.date
    reason: str = ""
    write_off: str = ""
    taxes: dict[str, int] = attrs.field(factory=dict)
    """The tax by code, where the booking kept it."""
    is_undone: bool = False
    recovered_minor: int = 0
    tax_again_minor: int = 0

    @property
    def left_minor(self) -> int:
        """What stands of it and has not come in."""
        return 0 if self.is_undone else self.amount_minor - self.recovered_minor


@attrs.define
class Losses:
    """Every write-off of a creditor up to a day, and every recovery that stands."""

    bookings: list[Booking] = attrs.field(factory=list)
    recoveries: list[Recovery] = attrs.field(factory=list)

    def of_item(self, item: str) -> list[Booking]:
        """The bookings of an item, the earliest first."""
        return [one for one in self.bookings if one.item == item]


def seen_events(ledger: Ledger, as_of: dt.date, known_at: dt.datetime | None) -> Iterator[Event]:
    """The events that count by the end of a day, as known at a moment, in the order of recording."""
    return (
        event
        for event in ledger.events
        if event.effective_on <= as_of and (known_at is None or event.recorded_at <= known_at)
    )


def bookings_of(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Losses:
    """What was written off and recovered by the end of a day; recoveries go to the earliest first."""
    done: dict[AllocationId, Allocated] = {}
    undone: set[AllocationId] = set()
    for event in seen_events(ledger, as_of, known_at):
        if isinstance(event, Allocated) and event.allocation.creditor == creditor:
            if any(one.kind in _KINDS for one in event.allocation.residuals):
                done[event.allocation.allocation] = event
        elif isinstance(event, Unallocated) and event.creditor == creditor:
            undone.add(event.allocation)
    losses = Losses()
    for name, event in done.items():
        losses.bookings.extend(_bookings(event, is_undone=name in undone))
        if name not in undone:
            losses.recoveries.extend(_recoveries(event))
    losses.bookings.sort(key=lambda one: one.on)
    by_item: dict[ItemId, list[Booking]] = {}
    for booking in losses.bookings:
        by_item.setdefault(booking.item, []).append(booking)
    for recovery in losses.recoveries:
        _recover(by_item.get(recovery.item, ()), recovery)
    return losses


_KINDS = frozenset({ResidualKind.WRITE_OFF, ResidualKind.RECOVERY})


def _bookings(event: Allocated, *, is_undone: bool) -> Iterator[Booking]:
    allocation = event.allocation
    for residual in allocation.residuals:
        if residual.kind is ResidualKind.WRITE_OFF and residual.amount_minor > 0:
            yield Booking(
                creditor=allocation.creditor,
                item=_item_of(allocation, residual),
                currency=allocation.currency_of(residual),
                amount_minor=residual.amount_minor,
                tax_minor=residual.tax_minor,
                allocation=allocation.allocation,
                on=event.effective_on,
                reason=residual.reason,
                write_off=dict(allocation.evidence).get(WRITE_OFF, ""),
                taxes=_taxes(allocation, _item_of(allocation, residual)),
                is_undone=is_undone,
            )


def _item_of(allocation: Allocation, residual: Residual) -> ItemId:
    """The item that a residual names, or the first on its side of the allocation."""
    if residual.item:
        return residual.item
    currency = allocation.currency_of(residual)
    return next(
        leg.item
        for leg in allocation.legs
        if leg.amount_minor > 0 and allocation.currency_of(leg) == currency
    )


def _recoveries(event: Allocated) -> Iterator[Recovery]:
    allocation = event.allocation
    said = dict(allocation.evidence)
    for residual in allocation.residuals:
        if residual.kind is ResidualKind.RECOVERY:
            yield Recovery(
                creditor=allocation.creditor,
                item=residual.item,
                receipt=allocation.legs[0].item,
                allocation=allocation.allocation,
                on=event.effective_on,
                currency=allocation.currency_of(residual),
                amount_minor=-residual.amount_minor,
                tax_minor=-residual.tax_minor,
                by=said.get(BY, ""),
                write_off=said.get(f"{WRITE_OFF} of {residual.item}", ""),
                taxes=_taxes(allocation, residual.item),
            )


def _recover(bookings: Iterable[Booking], recovery: Recovery) -> None:
    amount, tax = recovery.amount_minor, recovery.tax_minor
    for booking in bookings:
        taken = min(amount, booking.left_minor)
        tax_taken = min(tax, booking.tax_minor - booking.tax_again_minor) if taken else 0
        booking.recovered_minor += taken
        booking.tax_again_minor += tax_taken
        amount, tax = amount - taken, tax - tax_taken


def written_off_of(
    ledger: Ledger, bookings: Iterable[Booking], *, as_of: dt.date
) -> tuple[WrittenOff, ...]:
    """Bookings added up by item."""
    by_item: dict[ItemId, list[Booking]] = {}
    for booking in bookings:
        by_item.setdefault(booking.item, []).append(booking)
    return tuple(
        _added(ledger, item, of_item, as_of=as_of) for item, of_item in sorted(by_item.items())
    )


def _added(ledger: Ledger, item: ItemId, bookings: list[Booking], *, as_of: dt.date) -> WrittenOff:
    standing = [one for one in bookings if not one.is_undone]
    first = (standing or bookings[-1:])[0]
    seen = ledger.item(first.creditor, item, as_of=as_of)
    assert seen is not None  # noqa: S101  # what was written off by a day was there by that day
    return WrittenOff(
        creditor=first.creditor,
        item=item,
        document=seen.document,
        customer=seen.customer,
        currency=first.currency,
        booked_minor=sum(one.amount_minor for one in bookings),
        reversed_minor=sum(one.amount_minor for one in bookings if one.is_undone),
        recovered_minor=sum(one.recovered_minor for one in bookings),
        tax_minor=sum(one.tax_minor - one.tax_again_minor for one in standing),
        booked_on=first.on,
        reason=first.reason,
        write_off=first.write_off,
        allocations=tuple(one.allocation for one in standing),
    )
