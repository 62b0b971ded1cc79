"""What keeps a notice from going out: blocks as holdbacks, holds added up, addresses that are bad.

>>> one = Holdback(creditor="MIRA", item="F-1", reason=HoldReason.DISPUTE, reference="D-1",
...                amount_minor=4_000)
>>> held = held_back([one], as_of=dt.date(2026, 10, 31))["MIRA", "F-1"]
>>> held.of(10_000), held.of(3_000)
(4000, 3000)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework import DunningBlock, Holdback, HoldReason
from receivables.documents.model import OpenItem
from receivables.dunning.model import SkipReason
from receivables.ledger.casework import (
    DeliveryReported,
    DeliveryStatus,
    DunningBlocked,
    DunningUnblocked,
)
from receivables.ledger.objects import Ledger
from receivables.parties import Channel, Customer, Role

__all__ = [
    "SKIP_REASONS",
    "HeldBack",
    "active_blocks",
    "bad_addresses",
    "block_holdbacks",
    "channel_of",
    "held_back",
    "usual_channel",
]

SKIP_REASONS: Final[Mapping[HoldReason, SkipReason]] = MappingProxyType(
    {
        HoldReason.BLOCK: SkipReason.BLOCKED,
        HoldReason.DISPUTE: SkipReason.DISPUTED,
        HoldReason.CREDIT: SkipReason.CREDIT_AWAITED,
        HoldReason.PROMISE: SkipReason.PROMISED,
        HoldReason.PLAN: SkipReason.IN_PLAN,
        HoldReason.REFERRAL: SkipReason.REFERRED,
    }
)
"""What a run says of an item that is held back as a whole."""


_CONTESTED: Final = frozenset({HoldReason.DISPUTE, HoldReason.CREDIT})


@attrs.frozen
class HeldBack:
    """Everything that holds one item back on a day."""

    first: Holdback
    """The one that is named: a whole hold before a partial one, else the first."""
    amount_minor: int | None
    """The parts added up; None where the whole item is held."""
    contested_minor: int = 0
    """The parts that are disputed, or that a credit note is awaited for: they bear no interest now."""

    def of(self, open_minor: int) -> int:
        """What is held of an item that has so much open; never more than that."""
        return open_minor if self.amount_minor is None else min(self.amount_minor, open_minor)


def held_back(
    holdbacks: Iterable[Holdback], *, as_of: dt.date
) -> Mapping[tuple[str, str], HeldBack]:
    """The holds of a day, added up by creditor and item; those that ended before it do not count."""
    found: dict[tuple[str, str], HeldBack] = {}
    for hold in holdbacks:
        if hold.until is not None and hold.until < as_of:
            continue
        key = (hold.creditor, hold.item)
        found[key] = _added(found.get(key), hold)
    return found


def _added(before: HeldBack | None, hold: Holdback) -> HeldBack:
    contested = (hold.amount_minor or 0) if hold.reason in _CONTESTED else 0
    if before is None:
        return HeldBack(hold, hold.amount_minor, contested)
    if before.amount_minor is None:
        return before
    if hold.amount_minor is None:
        return HeldBack(hold, None)
    amount, contested = before.amount_minor + hold.amount_minor, before.contested_minor + contested
    return HeldBack(before.first, amount, contested)


def active_blocks(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[DunningBlock, ...]:
    """The blocks of a creditor that are on at a day: neither lifted nor over."""
    events = ledger.casework(
        creditor, as_of=as_of, known_at=known_at, kinds=(DunningBlocked, DunningUnblocked)
    )
    lifted = {event.case for event in events if isinstance(event, DunningUnblocked)}
    return tuple(
        event.block
        for event in events
        if isinstance(event, DunningBlocked)
        and event.case not in lifted
        and (event.block.until is None or as_of <= event.block.until)
    )


def block_holdbacks(
    ledger: Ledger,
    items: Iterable[OpenItem],
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
) -> tuple[Holdback, ...]:
    """The blocks of a day as holds of whole items; a block of a customer holds each item it has."""
    by_creditor: dict[str, list[OpenItem]] = {}
    for item in items:
        if item.open_minor > 0:
            by_creditor.setdefault(item.creditor, []).append(item)
    found: list[Holdback] = []
    for creditor, owed in by_creditor.items():
        blocks = active_blocks(ledger, creditor, as_of=as_of, known_at=known_at)
        if blocks:
            found += _blocked(blocks, owed)
    return tuple(found)


def _blocked(blocks: Iterable[DunningBlock], items: Iterable[OpenItem]) -> list[Holdback]:
    by_customer: dict[str, list[OpenItem]] = {}
    for item in items:
        by_customer.setdefault(item.customer, []).append(item)
    return [
        Holdback(
            creditor=item.creditor,
            item=item.item,
            reason=HoldReason.BLOCK,
            reference=block.block,
            until=block.until,
            note=": ".join(filter(None, (block.reason.value, block.note))),
        )
        for block in blocks
        for item in by_customer.get(block.customer, ())
        if not block.items or item.item in block.items
    ]


_AddressKey = tuple[str, str, Channel | None]


def bad_addresses(deliveries: Iterable[DeliveryReported]) -> Mapping[_AddressKey, DeliveryReported]:
    """The customers that the last report says cannot be reached on a channel, or at all (None).

    A notice that bounced has not been read; one that was refused has been offered to somebody who
    knew what it was, so it counts as delivered.  A later report on the channel that says dispatched
    or delivered clears it: the address was mended, and the notice sent again.
    """
    last: dict[_AddressKey, DeliveryReported] = {}
    ordered = sorted(deliveries, key=lambda one: (one.effective_on, one.recorded_at))
    for report in ordered:
        for channel in (report.channel, None):
            last[report.creditor, report.customer, channel] = report
    return {key: report for key, report in last.items() if report.status is DeliveryStatus.BOUNCED}


def usual_channel(customer: Customer | None) -> Channel | None:
    """How a customer is usually reached: by its accounts payable; None where nobody knows."""
    contact = None if customer is None else customer.contact_for(Role.ACCOUNTS_PAYABLE)
    return None if contact is None else contact.channel


def channel_of(wanted: Channel | None, customer: Customer | None) -> Channel | None:
    """The channel that a notice takes: the one that its level wants, or the usual one."""
    return wanted or usual_channel(customer)
