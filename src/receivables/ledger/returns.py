"""Returns: what must happen so that money that went back leaves every account as it should be.

A cheque that bounces, a direct debit that comes back, a card payment that is contested: the
allocations of the receipt are undone, the money is taken off, what it had settled is open again, on
its original due date unless the policy asks for another.  All of it are events of one day.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence

import attrs

from receivables.allocation.model import Allocation, Leg, Residual
from receivables.documents.model import DebitNote, ItemId
from receivables.errors import EventError
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
from receivables.parties import CreditorId
from receivables.receipts.model import ReceiptId, ReturnReason

__all__ = ["ReopenedDue", "Return", "plan_return"]


class ReopenedDue(enum.Enum):
    """When an item is due that a return opened again."""

    ORIGINAL = "original"
    """On its own due date: it was never paid, and its age says so."""
    RETURN_DATE = "return-date"
    """On the day of the return."""


def _item_ids(values: Iterable[str]) -> tuple[ItemId, ...]:
    return tuple(ItemId(value) for value in values)


@attrs.frozen(kw_only=True)
class Return:
    """A return, as somebody learned of it; `name` names it for good, so that it is known again.

    `amount` is what went back; the whole receipt where it is None.  Where only a part went back,
    the items in `reopen` are opened first, then the one that the amount fits, then those that were
    paid last; what the rest of the money had paid stays paid.  `fee` is what the bank charged us,
    `recharge` the debit note by which we pass it on.
    """

    name: str
    creditor: CreditorId = attrs.field(converter=CreditorId)
    receipt: ReceiptId = attrs.field(converter=ReceiptId)
    effective_on: dt.date
    amount: Money | None = None
    reopen: tuple[ItemId, ...] = attrs.field(default=(), converter=_item_ids)
    reason: ReturnReason = ReturnReason.UNSPECIFIED
    reason_code: str = ""
    fee: Money | None = None
    recharge: DebitNote | None = None
    due: ReopenedDue = ReopenedDue.ORIGINAL


def plan_return(ledger: Ledger, returned: Return, *, recorded_at: dt.datetime) -> tuple[Event, ...]:
    """The events that a return takes: undo, return, apply the rest again, charge the fee on.

    They are effective on the day of the return, or on that of an allocation that they undo, where
    it is later.  Nothing is recorded here, and nothing comes of a return that is known already.

    Raises `EventError` for an unknown receipt, for more than what came in, and where something that
    must be undone cannot be; `PeriodClosedError` for a day of a closed period.
    """
    event = f"returned:{returned.creditor}:{returned.name}"
    if event in ledger:
        return ()
    plan = _Plan(ledger, returned, recorded_at)
    item = plan.draft.item_now(returned.creditor, returned.receipt)
    if returned.amount is not None and returned.amount.currency.code != item.currency:
        msg = (
            f"amount of return {returned.name} must be in {item.currency}, got {returned.amount!r}"
        )
        raise EventError(msg)
    back = -item.amount_minor if returned.amount is None else to_minor(returned.amount)
    missing = back + item.open_minor
    undone = _to_undo(ledger, returned, missing)
    day = max([returned.effective_on, *(done.effective_on for done in undone)])
    plan.undo(undone, day)
    plan.record(
        ReceiptReturned(
            event=EventId(event),
            effective_on=day,
            recorded_at=recorded_at,
            creditor=item.creditor,
            customer=item.customer,
            receipt=returned.receipt,
            reason_code=returned.reason_code,
            amount=None if back == -item.amount_minor else from_minor(back, item.currency),
            reason=returned.reason,
            fee=returned.fee,
        )
    )
    plan.apply_again(undone, missing, day)
    return tuple(plan.events)


@attrs.define
class _Plan:
    """The events so far, each tried on a draft of the ledger."""

    ledger: Ledger
    returned: Return
    recorded_at: dt.datetime
    draft: LedgerDraft = attrs.field(
        default=attrs.Factory(lambda self: LedgerDraft(self.ledger), takes_self=True)
    )
    events: list[Event] = attrs.field(factory=list)

    def record(self, event: Event) -> None:
        """Try an event, and keep it."""
        self.draft.record(event)
        self.events.append(event)

    def undo(self, allocations: Sequence[Allocated], day: dt.date) -> None:
        """Undo allocations on a day."""
        for done in allocations:
            event = self.ledger.unallocated(
                self.returned.creditor,
                done.allocation.allocation,
                effective_on=day,
                recorded_at=self.recorded_at,
                reason=f"return {self.returned.name}",
            )
            self.record(event)

    def apply_again(self, undone: Sequence[Allocated], missing: int, day: dt.date) -> None:
        """Settle again what the rest of the money had settled, and date what is open now."""
        opened: list[ItemId] = []
        for done in undone:
            take = min(missing, _used(done.allocation, self.returned.receipt))
            missing -= take
            kept = _kept(done.allocation, self.returned, take=take)
            if kept is not None:
                self.record(
                    self.draft.allocated(kept, effective_on=day, recorded_at=self.recorded_at)
                )
            opened.extend(_opened(done.allocation, kept))
        if self.returned.due is ReopenedDue.RETURN_DATE:
            for name in dict.fromkeys(opened):
                self.record(self._due_again(name, day))
        if self.returned.recharge is not None:
            note = self.returned.recharge
            self.record(DocumentIssued.of(note, recorded_at=self.recorded_at))

    def _due_again(self, item: ItemId, day: dt.date) -> DueDateChanged:
        found = self.draft.item_now(self.returned.creditor, item)
        return DueDateChanged(
            event=EventId(f"due:{found.creditor}:{item}:{self.returned.name}"),
            effective_on=day,
            recorded_at=self.recorded_at,
            creditor=found.creditor,
            customer=found.customer,
            item=item,
            due_date=day,
            reason=f"return {self.returned.name}",
        )


def _used(allocation: Allocation, receipt: str) -> int:
    """How much of the receipt an allocation uses, positive."""
    return -sum(leg.amount_minor for leg in allocation.legs if leg.item == receipt)


def _to_undo(ledger: Ledger, returned: Return, missing: int) -> list[Allocated]:
    """The allocations to undo until enough of the receipt is free: those asked for, then the last."""
    receipt = returned.receipt
    active = list(reversed(ledger.allocations_of(returned.creditor, receipt)))
    asked = [
        each for each in active if any(leg.item in returned.reopen for leg in each.allocation.legs)
    ]
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


def _kept(allocation: Allocation, returned: Return, *, take: int) -> Allocation | None:
    """What stays of an allocation when a part of the receipt went back; None where nothing does.

    Where other credits, other currencies or residuals of no item take part, who paid what cannot be
    told, and nothing is kept: the rest is unapplied cash, for a person to apply.
    """
    cash = _cash_by_item(allocation)
    plain = (
        sum(cash.values()) == _used(allocation, returned.receipt)
        and sum(leg.amount_minor < 0 for leg in allocation.legs) == 1
        and len(allocation.currencies) == 1
        and all(residual.item in cash for residual in allocation.residuals)
    )
    if not plain:
        return None
    kept = dict(cash)
    for item in _reopening_order(cash, take, returned.reopen):
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
        allocation=f"{allocation.allocation}~{returned.name}",
        legs=[*legs, Leg(ItemId(returned.receipt), -total)],
        residuals=residuals,
        reason=f"what the return {returned.name} left of {allocation.allocation}",
    )


def _leg(allocation: Allocation, item: ItemId, minor: int, residuals: Sequence[Residual]) -> Leg:
    extra = sum(residual.amount_minor for residual in residuals if residual.item == item)
    old = next(leg for leg in allocation.legs if leg.item == item)
    return attrs.evolve(old, amount_minor=minor + extra)


def _reopening_order(cash: dict[ItemId, int], take: int, first: Sequence[ItemId]) -> list[ItemId]:
    asked = [item for item in first if item in cash]
    fitting = [] if asked else [item for item, minor in cash.items() if minor == take][:1]
    return list(dict.fromkeys((*asked, *fitting, *reversed(cash))))


def _opened(before: Allocation, kept: Allocation | None) -> list[ItemId]:
    """The debits that have more open now than before."""
    left = {leg.item: leg.amount_minor for leg in kept.legs} if kept else {}
    return [
        leg.item
        for leg in before.legs
        if leg.amount_minor > 0 and left.get(leg.item) != leg.amount_minor
    ]
