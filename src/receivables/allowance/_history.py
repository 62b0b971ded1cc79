"""What became of items: their balances from day to day, and what was given up of them, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.ledger.model import Allocated, Unallocated
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId

__all__ = ["GivenUp", "ItemPast", "given_up", "pasts"]


@attrs.frozen(kw_only=True)
class GivenUp:
    """A part of an item that was written off, or of a receipt that was a recovery; undone if negative."""

    kind: ResidualKind
    creditor: CreditorId
    customer: CustomerId
    item: str
    currency: str
    on: dt.date
    amount_minor: int
    """With its tax; positive for a loss and for a recovery, negative where one was undone."""
    tax_minor: int = 0

    @property
    def net_minor(self) -> int:
        """The loss itself: what no tax office gives back."""
        return self.amount_minor - self.tax_minor


def given_up(
    ledger: Ledger,
    creditor: str,
    *,
    until: dt.date,
    known_at: dt.datetime | None = None,
    kinds: tuple[ResidualKind, ...] = (ResidualKind.WRITE_OFF,),
) -> tuple[GivenUp, ...]:
    """What was written off (or recovered) up to the end of a day, as known at a moment.

    Credit balances that were taken to income are no losses and are left out.
    """
    done: dict[str, Allocated] = {}
    found: list[GivenUp] = []
    for event in ledger.events:
        if not isinstance(event, Allocated | Unallocated):
            continue
        if isinstance(event, Allocated):
            if event.allocation.creditor != creditor:
                continue
            done[event.allocation.allocation] = event
        elif event.creditor != creditor:
            continue
        if event.effective_on > until or (known_at is not None and event.recorded_at > known_at):
            continue
        allocated = event if isinstance(event, Allocated) else done[event.allocation]
        sign = 1 if isinstance(event, Allocated) else -1
        found += _of(ledger, allocated, kinds, sign=sign, on=event.effective_on)
    return tuple(found)


def _of(
    ledger: Ledger, event: Allocated, kinds: tuple[ResidualKind, ...], *, sign: int, on: dt.date
) -> Iterator[GivenUp]:
    allocation = event.allocation
    for residual in allocation.residuals:
        if residual.kind not in kinds:
            continue
        side = -1 if residual.kind is ResidualKind.RECOVERY else 1
        if residual.amount_minor * side < 0:
            continue
        item = residual.item or _leg_of(residual, allocation).item
        yield GivenUp(
            kind=residual.kind,
            creditor=allocation.creditor,
            customer=_owner(ledger, event, item),
            item=item,
            currency=allocation.currency_of(residual),
            on=on,
            amount_minor=sign * side * residual.amount_minor,
            tax_minor=sign * side * residual.tax_minor,
        )


def _leg_of(residual: Residual, allocation: Allocation) -> Leg:
    """The leg that a residual without an item belongs to: of its currency and its sign."""

    def fit(leg: Leg) -> tuple[bool, bool]:
        same_sign = (leg.amount_minor > 0) == (residual.amount_minor > 0)
        return (allocation.currency_of(leg) != allocation.currency_of(residual), not same_sign)

    return min(allocation.legs, key=fit)


def _owner(ledger: Ledger, event: Allocated, item: str) -> CustomerId:
    if len(event.customers) == 1:
        return event.customers[0]
    found = ledger.item(event.allocation.creditor, item, as_of=event.effective_on)
    return event.customers[0] if found is None else found.customer


@attrs.define(kw_only=True)
class ItemPast:
    """A debit from its first day on: what settled it, and what of it was given up."""

    item: str
    customer: str
    currency: str
    amount_minor: int
    starts_on: dt.date
    document_date: dt.date
    posting_date: dt.date
    due_date: dt.date | None
    moves: list[tuple[dt.date, int]] = attrs.field(factory=list)
    lost: list[GivenUp] = attrs.field(factory=list)

    def open_on(self, day: dt.date) -> int:
        """What was open at the end of a day, zero before the item was there."""
        if day < self.starts_on:
            return 0
        return self.amount_minor - sum(minor for on, minor in self.moves if on <= day)

    def lost_between(self, after: dt.date, until: dt.date, *, net: bool = False) -> int:
        """What was given up after one day, up to the end of another; undone losses taken off.

        With `net` without the tax that the tax office gives back.
        """
        return sum(
            one.net_minor if net else one.amount_minor
            for one in self.lost
            if after < one.on <= until
        )


def pasts(
    ledger: Ledger, creditor: str, *, until: dt.date, known_at: dt.datetime | None = None
) -> tuple[ItemPast, ...]:
    """Every debit of a creditor that was there by the end of a day, with its past up to then.

    Its customer and its due date are those that were said last by that day.
    """
    columns = ledger.to_columns(as_of=until)
    found: dict[str, ItemPast] = {}
    for row in _rows(columns.items):
        if row["creditor"] != creditor or row["amount_minor"] <= 0:
            continue
        if row["effective_on"] > until or (known_at is not None and row["recorded_at"] > known_at):
            continue
        # The columns say what is known now; what was known at a moment is asked for item by item.
        then = known_at and ledger.item(creditor, row["item"], as_of=until, known_at=known_at)
        found[row["item"]] = ItemPast(
            item=row["item"],
            customer=then.customer if then else row["customer"],
            currency=row["currency"],
            amount_minor=row["amount_minor"],
            starts_on=row["effective_on"],
            document_date=row["document_date"],
            posting_date=row["posting_date"],
            due_date=then.due_date if then else row["due_date"],
        )
    for row in _rows(columns.moves):
        if row["creditor"] != creditor or row["item"] not in found:
            continue
        if row["effective_on"] <= until and (known_at is None or row["recorded_at"] <= known_at):
            found[row["item"]].moves.append((row["effective_on"], row["amount_minor"]))
    for one in given_up(ledger, creditor, until=until, known_at=known_at):
        if one.item in found:
            found[one.item].lost.append(one)
    return tuple(found.values())


def _rows(columns: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # columns of Python values
    names = list(columns)
    return (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))
