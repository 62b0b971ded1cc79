"""The events of a referral: handed over, reported, ended; and the money that came back, allocated.

>>> from receivables.casework import Referral, ReferredItem
>>> from receivables.money import money
>>> from receivables.testing.builders import recorded
>>> file = Referral(referral="X-1", customer="C-017", kind="agency", to="Recouvrement Atlantique",
...                 items=[ReferredItem(item="FA-1", amount=money("100.00", "EUR"))])
>>> referred(file, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=recorded()).event
'referred:MIRA:X-1'
"""

from __future__ import annotations

import datetime as dt

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.casework.referrals import Referral, ReferralEnd
from receivables.documents.model import ItemId
from receivables.errors import EventError
from receivables.ledger.casework import CaseEvent, ReferralEnded, ReferralReported, Referred
from receivables.ledger.model import Event, EventId
from receivables.ledger.objects import Ledger
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.receipts.model import ReceiptId

__all__ = ["recovered", "referral_ended", "referral_reported", "referred"]


def referred(
    referral: Referral, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> Referred:
    """The event that a file was handed over, from a day on."""
    return Referred(
        event=EventId(f"referred:{creditor}:{referral.referral}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        referral=referral,
    )


def referral_reported(  # noqa: PLR0913  # the fields of the event, each by its name
    ledger: Ledger,
    referral: str,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    recovered: Money | None = None,
    fee: Money | None = None,
    receipt: str = "",
    note: str = "",
) -> ReferralReported:
    """The event of a report: what came in before fees, what it costs, and in which receipt.

    Raises `EventError` for a referral that is not on the ledger.
    """
    number = len(_happened(ledger, creditor, referral, on))
    return ReferralReported(
        event=EventId(f"referral-reported:{creditor}:{referral}:{receipt or number}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=_customer(ledger, creditor, referral, on),
        referral=referral,
        recovered=recovered,
        fee=fee,
        receipt=ReceiptId(receipt),
        note=note,
    )


def referral_ended(
    ledger: Ledger,
    referral: str,
    *,
    end: ReferralEnd,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
) -> ReferralEnded:
    """The event that a file came back or is closed; `ReferralEnd.RECALLED` takes it back.

    Raises `EventError` for a referral that is not on the ledger.
    """
    return ReferralEnded(
        event=EventId(f"referral-ended:{creditor}:{referral}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=_customer(ledger, creditor, referral, on),
        referral=referral,
        end=end,
        reason=reason,
    )


def recovered(  # the facts of a recovery, each by its name
    ledger: Ledger,
    referral: str,
    *,
    creditor: str,
    receipt: str,
    fee: Money | None = None,
    on: dt.date,
    recorded_at: dt.datetime,
    note: str = "",
) -> tuple[Event, ...]:
    """The events of money that who collects sent on, less a fee that was kept.

    The receipt is on the ledger as unapplied cash of the customer.  With the fee it settles the
    items of the referral, in their order: the customer has paid in full what was collected, and the
    fee is our cost.  What is left of the receipt stays unapplied, and then nothing is left of the
    items.  Raises `EventError` where the receipt has nothing unapplied, is another customer's or in
    another currency than the items, or where the fee is not below what came in with it.
    """
    case = _case(ledger, creditor, referral, on)
    cash = ledger.item(creditor, receipt, as_of=on)
    free = 0 if cash is None else -cash.open_minor
    if cash is None or free <= 0 or cash.customer != case.customer:
        msg = f"receipt must be unapplied cash of {case.customer}, got {receipt!r}"
        raise EventError(msg)
    kept = _fee_minor(fee, cash.currency)
    legs, used = _legs(ledger, creditor, case, currency=cash.currency, amount=free + kept, on=on)
    if used <= kept:
        msg = f"items of {referral} must have more open than the fee of {kept}, got {used} in {cash.currency}"
        raise EventError(msg)
    allocation = Allocation(
        allocation=f"referral-{referral}-{receipt}",
        creditor=creditor,
        currency=cash.currency,
        legs=[*legs, Leg(ItemId(receipt), kept - used)],
        residuals=[Residual(ResidualKind.COLLECTION_FEE, kept, counterparty=case.to)]
        if kept
        else [],
        reason=f"collected by {case.to}",
    )
    report = referral_reported(
        ledger,
        referral,
        creditor=creditor,
        on=on,
        recorded_at=recorded_at,
        recovered=from_minor(used, cash.currency),
        fee=fee,
        receipt=receipt,
        note=note,
    )
    return ledger.allocated(allocation, effective_on=on, recorded_at=recorded_at), report


def _fee_minor(fee: Money | None, currency: str) -> int:
    if fee is None:
        return 0
    if fee.currency.code != currency or to_minor(fee) < 0:
        msg = f"fee must be zero or more in {currency}, got {fee}"
        raise EventError(msg)
    return to_minor(fee)


def _legs(
    ledger: Ledger, creditor: str, case: Referral, *, currency: str, amount: int, on: dt.date
) -> tuple[list[Leg], int]:
    """What settles of each item of the referral, in their order, and how much that is."""
    legs: list[Leg] = []
    left = amount
    for one in case.items:
        item = ledger.item(creditor, one.item, as_of=on)
        if item is None or item.currency != currency:
            continue
        part = min(left, max(item.open_minor, 0))
        if part:
            legs.append(Leg(one.item, part))
            left -= part
    return legs, amount - left


def _happened(ledger: Ledger, creditor: str, referral: str, on: dt.date) -> tuple[CaseEvent, ...]:
    kinds = (Referred, ReferralReported, ReferralEnded)
    events = ledger.casework(creditor, as_of=on, kinds=kinds)
    return tuple(event for event in events if event.case == referral)


def _case(ledger: Ledger, creditor: str, referral: str, on: dt.date) -> Referral:
    for event in _happened(ledger, creditor, referral, on):
        if isinstance(event, Referred):
            return event.referral
    msg = f"referral must be on the ledger of {creditor} by {on}, got {referral!r}"
    raise EventError(msg)


def _customer(ledger: Ledger, creditor: str, referral: str, on: dt.date) -> CustomerId:
    return _case(ledger, creditor, referral, on).customer
