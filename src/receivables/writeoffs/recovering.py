"""Money for claims that had been written off: income, with the tax that is due on it again.

>>> from receivables.testing.builders import a_receipt, issued, received, recorded
>>> from receivables.allocation.model import Leg
>>> given_up = Allocation(allocation="w-1", creditor="MIRA", currency="EUR",
...     legs=[Leg("FA-1", 10_000)],
...     residuals=[Residual(ResidualKind.WRITE_OFF, 10_000, item="FA-1")])
>>> ledger = Ledger().record(issued(), received(a_receipt(amount="130.00")))
>>> on, moment = dt.date(2026, 12, 1), recorded(5)
>>> ledger = ledger.record(ledger.allocated(given_up, effective_on=on, recorded_at=moment))
>>> recovered = recovery(ledger, "r-1", creditor="MIRA", on=on, recorded_at=moment)
>>> recovered.allocation.residuals[0].amount_minor
-10000
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.days import check_day
from receivables.documents.model import Document, OpenItem
from receivables.errors import CurrencyMismatchError, EventError
from receivables.ledger.model import Allocated, DocumentIssued
from receivables.ledger.objects import Ledger
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId
from receivables.writeoffs import rules
from receivables.writeoffs._amounts import taxes_of
from receivables.writeoffs._booked import BY, WRITE_OFF, Booking, Losses, bookings_of, tax_evidence

__all__ = ["recovery"]

_TRIES_MAX: Final = 10_000
"""Recoveries of one receipt; more than a handful is a mistake."""


def recovery(  # noqa: PLR0913  # what a recovery says, each by its name
    ledger: Ledger,
    receipt: str,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    items: Iterable[str] | None = None,
    amount: Money | None = None,
    by: str = "",
    note: str = "",
) -> Allocated:
    """The allocation that makes a receipt income, because what it pays had been written off.

    It takes what is unapplied of the receipt, or `amount` of it, for the items named, or for all that
    was written off of the receipt's customer, the earliest first: never more than is still given up
    of each on the day and now; the rest stays unapplied.  Of each item the same fraction of tax is
    due again, and never more than came back.  `by` is who recovered it.

    Raises `EventError` for a receipt that has nothing unapplied, where nothing was written off, and
    for an amount above what may be taken, and `CurrencyMismatchError` for an amount, or items that
    are named, in another currency.
    """
    check_day(on, name="on")
    free = _unapplied(ledger, creditor, receipt, on)
    claims = _claims(ledger, creditor, free, on, None if items is None else set(items))
    most = min(-free.open_minor, sum(one.left_minor for one in claims))
    wanted = _wanted(amount, free, most)
    taken: dict[str, int] = {}
    write_offs: dict[str, str] = {}
    left = wanted
    for one in claims:
        part = min(left, one.left_minor)
        if part:
            taken[one.item] = taken.get(one.item, 0) + part
            write_offs.setdefault(one.item, one.write_off)
            left -= part
    tax = _taxes_again(ledger, creditor, on, taken)
    residuals = [
        Residual(
            ResidualKind.RECOVERY,
            -minor,
            tax_minor=-sum(tax[item].values()),
            item=item,
            counterparty=by,
        )
        for item, minor in taken.items()
    ]
    evidence = [(BY, by)] if by else []
    evidence += [(f"{WRITE_OFF} of {item}", name) for item, name in write_offs.items() if name]
    evidence += [pair for item in taken for pair in tax_evidence(item, tax[item])]
    allocation = Allocation(
        allocation=_name(ledger, creditor, receipt),
        creditor=CreditorId(creditor),
        currency=free.currency,
        legs=[Leg(free.item, -wanted)],
        residuals=residuals,
        reason=note or "recovery of what was written off",
        evidence=evidence,
    )
    return ledger.allocated(allocation, effective_on=on, recorded_at=recorded_at)


def _unapplied(ledger: Ledger, creditor: str, receipt: str, on: dt.date) -> OpenItem:
    """What is unapplied of a receipt from a day on."""
    for item in ledger.available_items(as_of=on):
        if (item.creditor, item.item) == (creditor, receipt) and item.open_minor < 0:
            return item
    msg = f"receipt {receipt} must have something unapplied on {on}, got nothing"
    raise EventError(msg)


def _claims(
    ledger: Ledger, creditor: str, free: OpenItem, on: dt.date, wanted: set[str] | None
) -> list[Booking]:
    """The write-offs that a receipt may be for, the earliest first, with what is left of each.

    What is left counts every event of a later day too, so that an undo is not recovered.
    """
    every = bookings_of(ledger, creditor, on, None).bookings
    now = {
        (one.allocation, one.item): one
        for one in bookings_of(ledger, creditor, dt.date.max, None).bookings
    }
    found = []
    for booking in every:
        item = ledger.item(creditor, booking.item, as_of=on)
        of_customer = item is not None and item.customer == free.customer
        if booking.item in wanted if wanted is not None else of_customer:
            later = now[booking.allocation, booking.item]
            found.append(later if later.left_minor < booking.left_minor else booking)
    in_other = sorted({one.currency for one in found if one.currency != free.currency})
    if wanted is not None and in_other:
        msg = f"items must have been written off in {free.currency}, got {', '.join(in_other)}"
        raise CurrencyMismatchError(msg)
    left = [one for one in found if one.currency == free.currency and one.left_minor > 0]
    if not left:
        whom = free.customer if wanted is None else ", ".join(sorted(wanted))
        msg = f"something of {whom} must be written off in {free.currency} on {on} and not recovered, got nothing"
        raise EventError(msg)
    return left


def _wanted(amount: Money | None, free: OpenItem, most: int) -> int:
    if amount is None:
        return most
    if amount.currency.code != free.currency:
        msg = f"amount must be in {free.currency}, got {amount!r}"
        raise CurrencyMismatchError(msg)
    if not 0 < to_minor(amount) <= most:
        limit = from_minor(most, free.currency)
        msg = (
            f"amount must be above zero and at most the {limit!r} that may be taken, got {amount!r}"
        )
        raise EventError(msg)
    return to_minor(amount)


def _taxes_again(
    ledger: Ledger, creditor: str, on: dt.date, taken: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """The tax that is due again on what is taken for each item, by code, in minor units.

    Each tax of the document is reckoned and rounded alone, as it was when it came back; of what came
    back no more is due than is left of it.
    """
    documents = _documents(ledger, creditor)
    losses = bookings_of(ledger, creditor, dt.date.max, None)
    found: dict[str, dict[str, int]] = {}
    for name, minor in taken.items():
        item = ledger.item(creditor, name, as_of=on)
        document = None if item is None else documents.get(item.document)
        again: dict[str, int] = found.setdefault(name, {})
        if document is None:
            continue
        left, by_code = _claimed(losses, name)
        for code, tax_minor in taxes_of(document).items():
            of_code = left if by_code is None else min(left, by_code.get(code, 0))
            share = rules.share_of(minor, max(0, tax_minor), to_minor(document.total))
            again[code] = rules.due_again(share, claimed_minor=max(0, of_code))
            left -= again[code]
    return found


def _claimed(losses: Losses, item: str) -> tuple[int, dict[str, int] | None]:
    """The tax of an item that came back and is not due again: in all, and by code where it is known."""
    standing = [one for one in losses.of_item(item) if not one.is_undone]
    left = sum(one.tax_minor - one.tax_again_minor for one in standing)
    if not any(one.taxes for one in standing):
        return left, None
    by_code: dict[str, int] = {}
    for booking in standing:
        for code, minor in booking.taxes.items():
            by_code[code] = by_code.get(code, 0) + minor
    for recovered in losses.recoveries:
        for code, minor in recovered.taxes.items() if recovered.item == item else ():
            by_code[code] = by_code.get(code, 0) - minor
    return left, by_code


def _documents(ledger: Ledger, creditor: str) -> dict[str, Document]:
    return {
        event.document.number: event.document
        for event in ledger.events
        if isinstance(event, DocumentIssued) and event.document.creditor == creditor
    }


def _name(ledger: Ledger, creditor: str, receipt: str) -> str:
    """The identity of the next recovery of a receipt."""
    first = f"recovery:{receipt}"
    for number in range(1, _TRIES_MAX):
        name = first if number == 1 else f"{first}:{number}"
        if ledger.get(f"allocated:{creditor}:{name}") is None:
            return name
    msg = f"receipt {receipt} must have at most {_TRIES_MAX} recoveries, got more"
    raise EventError(msg)
