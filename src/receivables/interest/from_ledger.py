"""From a ledger to its late items: balances between part payments, and what was charged already."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from receivables.allocation.model import Allocation
from receivables.documents.model import Document, ItemKind, OpenItem
from receivables.interest.accrual import BalanceStep, LateItem
from receivables.interest.charging import CHARGE_CATEGORIES, Charged, charged_in
from receivables.ledger import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Ledger,
    Unallocated,
)

__all__ = ["PaidOn", "charged_on", "late_items"]

_Key: TypeAlias = tuple[str, str]
"""Creditor and item, or creditor and allocation."""


class PaidOn(enum.Enum):
    """The day on which a part counts as paid, where it was allocated later than it came in."""

    ARRIVAL = "arrival"
    """The day the money, or the credit note, came to the account: its debtor is late no longer.
    An allocation that is undone by the day asked for counts for nothing, so that a payment that
    bounced was none."""
    ALLOCATION = "allocation"
    """The day of the allocation, and open again from the day it was undone, as the ledger has it."""


@attrs.frozen
class _Move:
    day: dt.date
    amount_minor: int


@attrs.define
class _Balances:
    """Moves by item, the days items opened on, and items that count for nothing."""

    moves: dict[_Key, list[_Move]] = attrs.field(factory=dict)
    opened: dict[_Key, dt.date] = attrs.field(factory=dict)
    void: set[_Key] = attrs.field(factory=set)

    def move(self, key: _Key, day: dt.date, amount_minor: int) -> None:
        """Take an amount off an item from a day on."""
        self.moves.setdefault(key, []).append(_Move(day, amount_minor))

    def shift(self, key: _Key, amount_minor: int, *, before: dt.date, after: dt.date) -> None:
        """Let an amount count from another day."""
        if before != after:
            self.move(key, before, -amount_minor)
            self.move(key, after, amount_minor)


def late_items(
    ledger: Ledger,
    *,
    as_of: dt.date,
    creditor: str | None = None,
    paid_on: PaidOn = PaidOn.ARRIVAL,
    without: Collection[str] = CHARGE_CATEGORIES,
) -> tuple[LateItem, ...]:
    """The debits of a ledger that were late on some day before `as_of`, settled since or not.

    Each has its balance from day to day and the due date that was last said.  Items of the
    categories `without` bear nothing: charges (interest, compensation, fees), unless said otherwise.
    What an allocation left open of an item that was late is a rest of it, unless it is due later: the
    fixed sum was due once, with that item.  They come by creditor, customer and item.
    """
    columns = ledger.to_columns(as_of=as_of)
    balances = _balances(columns.moves, as_of)
    if paid_on is PaidOn.ARRIVAL:
        arrived = dict(_rows(columns.items, "effective_on"))
        _count_from_arrival(ledger, balances, arrived, as_of)
    found = []
    for key, effective_on in _rows(columns.items, "effective_on"):
        item = ledger.item(*key, as_of=as_of)
        if item is None or not _may_be_late(item, creditor, without) or key in balances.void:
            continue
        late = _late_item(item, effective_on, balances)
        if _was_late(late, as_of):
            found.append(late)
    due: dict[_Key, dt.date] = {(late.creditor, late.item): late.due_date for late in found}
    wholes = dict(_rests(ledger))
    marked = (_marked(late, wholes, due) for late in found)
    return tuple(sorted(marked, key=lambda late: (late.creditor, late.customer, late.item)))


def _rests(ledger: Ledger) -> Iterator[tuple[_Key, _Key]]:
    """What allocations left open, each with the item that it was a part of."""
    for event in ledger.events:
        if isinstance(event, Allocated):
            creditor = event.allocation.creditor
            for name, residual in event.allocation.owed:
                yield (creditor, name), (creditor, residual.item)


def _marked(late: LateItem, wholes: Mapping[_Key, _Key], due: Mapping[_Key, dt.date]) -> LateItem:
    """A rest of what was late is marked: both are one late payment, unless it has a later day."""
    whole = wholes.get((late.creditor, late.item))
    whole_due = None if whole is None else due.get(whole)
    is_rest = whole_due is not None and late.due_date <= whole_due
    return attrs.evolve(late, is_rest=True) if is_rest else late


def _rows(columns: Mapping[str, list[Any]], name: str) -> Iterator[tuple[_Key, Any]]:
    keys = zip(columns["creditor"], columns["item"], strict=True)
    return zip(keys, columns[name], strict=True)


def _balances(columns: Mapping[str, list[Any]], as_of: dt.date) -> _Balances:
    balances = _Balances()
    days = columns["effective_on"]
    for (key, amount_minor), day in zip(_rows(columns, "amount_minor"), days, strict=True):
        if day <= as_of:
            balances.move(key, day, amount_minor)
    return balances


def _count_from_arrival(
    ledger: Ledger, balances: _Balances, arrived: Mapping[_Key, dt.date], as_of: dt.date
) -> None:
    events = [event for event in ledger.events if event.effective_on <= as_of]
    undone = {
        (event.creditor, event.allocation): event.effective_on
        for event in events
        if isinstance(event, Unallocated)
    }
    for event in events:
        if isinstance(event, Allocated):
            allocation = event.allocation
            end = undone.get((allocation.creditor, allocation.allocation))
            if end is None:
                _pay_on_arrival(balances, event, arrived)
            else:
                _never_paid(balances, allocation, event.effective_on, end)


def _pay_on_arrival(balances: _Balances, event: Allocated, arrived: Mapping[_Key, dt.date]) -> None:
    allocation, day = event.allocation, event.effective_on
    payers = [leg.item for leg in allocation.legs if leg.amount_minor < 0]
    came = max((arrived[allocation.creditor, item] for item in payers), default=day)
    for leg in allocation.legs:
        balances.shift((allocation.creditor, leg.item), leg.amount_minor, before=day, after=came)
    for item, _ in allocation.owed:
        balances.opened[allocation.creditor, item] = came


def _never_paid(balances: _Balances, allocation: Allocation, day: dt.date, end: dt.date) -> None:
    for leg in allocation.legs:
        balances.shift((allocation.creditor, leg.item), leg.amount_minor, before=day, after=end)
    balances.void.update((allocation.creditor, item) for item, _ in allocation.owed)


def _may_be_late(item: OpenItem, creditor: str | None, without: Collection[str]) -> bool:
    is_wanted = creditor is None or item.creditor == creditor
    is_debit = item.amount_minor > 0 and item.due_date is not None
    return is_wanted and is_debit and item.category not in without


def _late_item(item: OpenItem, effective_on: dt.date, balances: _Balances) -> LateItem:
    assert item.due_date is not None  # noqa: S101  # the caller saw to it
    key = (item.creditor, item.item)
    # An invoice that was posted late was due all the same; what an allocation left owed was part
    # of another item until then.
    is_own = item.item == item.document or item.item.startswith(f"{item.document}/")
    first = min(effective_on, item.due_date) if is_own else effective_on
    changes = {balances.opened.get(key, first): item.amount_minor}
    for move in balances.moves.get(key, ()):
        changes[move.day] = changes.get(move.day, 0) - move.amount_minor
    open_minor, steps = 0, []
    for day in sorted(changes):
        open_minor += changes[day]
        steps.append(BalanceStep(day, open_minor))
    return LateItem(
        item=item.item,
        creditor=item.creditor,
        customer=item.customer,
        currency=item.currency,
        due_date=item.due_date,
        steps=steps,
        is_retention=item.kind is ItemKind.RETENTION,
    )


def _was_late(item: LateItem, as_of: dt.date) -> bool:
    nights = {item.due_date, *item.changes(item.due_date, as_of)}
    return any(night < as_of and item.bearing_minor(night) for night in nights)


def charged_on(ledger: Ledger, *, as_of: dt.date | None = None) -> tuple[Charged, ...]:
    """What debit notes on a ledger have charged on each item, less what was reversed or cancelled.

    Give it to the next `interest_documents`, so that a day is charged once.
    """
    events = [event for event in ledger.events if as_of is None or event.effective_on <= as_of]
    cancelled = {
        (event.creditor, event.number) for event in events if isinstance(event, DocumentCancelled)
    }
    documents: list[Document] = [
        event.document
        for event in events
        if isinstance(event, DocumentIssued)
        and (event.document.creditor, event.document.number) not in cancelled
    ]
    return charged_in(documents)
