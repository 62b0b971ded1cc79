"""Returns: what must happen so that money that went back leaves every account as it should be.

A cheque that bounces, a direct debit that comes back, a card payment that is contested: the
allocations of the receipt are undone, the money is taken off, what it had settled is open again, on
its original due date unless the policy asks for another.  All of it are events of one day.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence

import attrs

from receivables.allocation.model import Allocation, Leg, Residual
from receivables.documents.model import DebitNote, ItemId
from receivables.ledger.model import (
    Allocated,
    DocumentIssued,
    DueDateChanged,
    Event,
    EventId,
    ReceiptReturned,
)
from receivables.ledger.objects import Ledger, LedgerDraft
from receivables.money import Money, from_minor, to_minor
from receivables.receipts.model import ReturnReason

__all__ = ["ReopenedDue", "plan_return"]


class ReopenedDue(enum.Enum):
    """When an item is due that a return opened again."""

    ORIGINAL = "original"
    """On its own due date: it was never paid, and its age says so."""
    RETURN_DATE = "return-date"
    """On the day of the return."""


def plan_return(
    ledger: Ledger,
    *,
    creditor: str,
    receipt: str,
    name: str,
    effective_on: dt.date,
    recorded_at: dt.datetime,
    amount: Money | None = None,
    reopen: Sequence[str] = (),
    reason: ReturnReason = ReturnReason.UNSPECIFIED,
    reason_code: str = "",
    fee: Money | None = None,
    recharge: DebitNote | None = None,
    due: ReopenedDue = ReopenedDue.ORIGINAL,
) -> tuple[Event, ...]:
    """The events that a return takes: undo, return, apply the rest again, charge the fee on.

    `name` names the return for good, so that the same return read again is known.  `amount` is what
    went back; the whole receipt where it is None.  Where only a part went back, the items in
    `reopen` are opened first, then the one that the amount fits, then those that were paid last; what
    the rest of the money had paid stays paid.  `fee` is what the bank charged us, `recharge` the
    debit note by which we pass it on.  Nothing is recorded here.

    Raises `EventError` for an unknown receipt, for more than what came in, and where something that
    must be undone cannot be; `PeriodClosedError` for a day of a closed period.
    """
    draft = LedgerDraft(ledger)
    events: list[Event] = []

    def record(event: Event) -> None:
        if draft.record(event):
            events.append(event)

    item = draft.item_now(creditor, receipt)
    back = -item.amount_minor if amount is None else to_minor(amount)
    undone = _to_undo(ledger, creditor, receipt, back + item.open_minor, frozenset(reopen))
    for done in undone:
        record(
            ledger.unallocated(
                creditor,
                done.allocation.allocation,
                effective_on=max(effective_on, done.effective_on),
                recorded_at=recorded_at,
                reason=f"return {name}",
            )
        )
    day = max([effective_on, *(done.effective_on for done in undone)])
    record(
        ReceiptReturned(
            event=EventId(f"returned:{creditor}:{name}"),
            effective_on=day,
            recorded_at=recorded_at,
            creditor=item.creditor,
            customer=item.customer,
            receipt=receipt,
            reason_code=reason_code,
            amount=None if back == -item.amount_minor else from_minor(back, item.currency),
            reason=reason,
            fee=fee,
        )
    )
    opened: list[ItemId] = []
    missing = back + item.open_minor
    for done in undone:
        used = _used(done.allocation, receipt)
        kept = _kept(done.allocation, receipt, take=min(missing, used), first=reopen, name=name)
        missing -= min(missing, used)
        if kept is not None:
            record(draft.allocated(kept, effective_on=day, recorded_at=recorded_at))
        opened.extend(_opened(done.allocation, kept, receipt))
    if due is ReopenedDue.RETURN_DATE:
        for place in dict.fromkeys(opened):
            record(_due_again(draft, creditor, place, day, recorded_at, name))
    if recharge is not None:
        record(DocumentIssued.of(recharge, recorded_at=recorded_at))
    return tuple(events)


def _used(allocation: Allocation, receipt: str) -> int:
    """How much of the receipt an allocation uses, positive."""
    return -sum(leg.amount_minor for leg in allocation.legs if leg.item == receipt)


def _to_undo(
    ledger: Ledger, creditor: str, receipt: str, missing: int, reopen: frozenset[str]
) -> list[Allocated]:
    """The allocations to undo until enough of the receipt is free: those asked for, then the last."""
    active = list(reversed(ledger.allocations_of(creditor, receipt)))
    asked = [each for each in active if any(leg.item in reopen for leg in each.allocation.legs)]
    fitting = [
        each
        for each in active
        if not asked and any(cash == missing for cash in _cash_by_item(each.allocation).values())
    ]
    chosen: list[Allocated] = []
    for each in dict.fromkeys((*asked, *fitting, *active)):
        if missing <= 0:
            break
        chosen.append(each)
        missing -= _used(each.allocation, receipt)
    return chosen


def _cash_by_item(allocation: Allocation) -> dict[ItemId, int]:
    """What money paid of each item: its leg, less the residuals that belong to it."""
    cash = {leg.item: leg.amount_minor for leg in allocation.legs if leg.amount_minor > 0}
    for residual in allocation.residuals:
        if residual.item in cash:
            cash[residual.item] -= residual.amount_minor
    return cash


def _kept(
    allocation: Allocation, receipt: str, *, take: int, first: Sequence[str], name: str
) -> Allocation | None:
    """What stays of an allocation when a part of the receipt went back; None where nothing does.

    Where other credits, other currencies or residuals of no item take part, who paid what cannot be
    told, and nothing is kept: the rest is unapplied cash, for a person to apply.
    """
    cash = _cash_by_item(allocation)
    plain = (
        sum(cash.values()) == _used(allocation, receipt)
        and sum(leg.amount_minor < 0 for leg in allocation.legs) == 1
        and len(allocation.currencies) == 1
        and all(residual.item in cash for residual in allocation.residuals)
    )
    if not plain:
        return None
    kept = dict(cash)
    for item in _reopening_order(cash, take, first):
        taken = min(take, kept[item])
        kept[item] -= taken
        take -= taken
    whole = {item for item, minor in kept.items() if minor and minor == cash[item]}
    residuals = [residual for residual in allocation.residuals if residual.item in whole]
    legs = [_leg(allocation, item, minor, residuals) for item, minor in kept.items() if minor]
    total = sum(kept.values())
    if not total:
        return None
    return attrs.evolve(
        allocation,
        allocation=f"{allocation.allocation}~{name}",
        legs=[*legs, Leg(ItemId(receipt), -total)],
        residuals=residuals,
        reason=f"what the return {name} left of {allocation.allocation}",
    )


def _leg(allocation: Allocation, item: ItemId, minor: int, residuals: Sequence[Residual]) -> Leg:
    extra = sum(residual.amount_minor for residual in residuals if residual.item == item)
    old = next(leg for leg in allocation.legs if leg.item == item)
    return attrs.evolve(old, amount_minor=minor + extra)


def _reopening_order(cash: dict[ItemId, int], take: int, first: Sequence[str]) -> list[ItemId]:
    asked = [ItemId(item) for item in first if item in cash]
    fitting = [] if asked else [item for item, minor in cash.items() if minor == take][:1]
    return list(dict.fromkeys((*asked, *fitting, *reversed(cash))))


def _opened(before: Allocation, kept: Allocation | None, receipt: str) -> list[ItemId]:
    """The items that have more open now than before."""
    left = {leg.item: leg.amount_minor for leg in kept.legs} if kept else {}
    return [
        leg.item
        for leg in before.legs
        if leg.item != receipt and leg.amount_minor > 0 and left.get(leg.item) != leg.amount_minor
    ]


def _due_again(
    draft: LedgerDraft,
    creditor: str,
    item: ItemId,
    day: dt.date,
    recorded_at: dt.datetime,
    name: str,
) -> DueDateChanged:
    found = draft.item_now(creditor, item)
    return DueDateChanged(
        event=EventId(f"due:{creditor}:{item}:{name}"),
        effective_on=day,
        recorded_at=recorded_at,
        creditor=found.creditor,
        customer=found.customer,
        item=item,
        due_date=day,
        reason=f"return {name}",
    )
