"""Balances too small to be asked for: what a policy would clean up on a day, looked at, then booked.

>>> from receivables.testing.builders import an_invoice, issued, recorded
>>> ledger = Ledger().record(issued(an_invoice(total="0.40")), issued(an_invoice("FA-2")))
>>> policy = SmallBalancePolicy(items={"EUR": "1.00"}, min_days=30)
>>> run = small_balances(ledger, "MIRA", as_of=dt.date(2026, 12, 31), policy=policy)
>>> [(line.item.item, line.days) for line in run.lines], run.totals()
([('FA-1', 62)], {'EUR': Money('0.40', 'EUR')})
>>> events = small_balance_events(ledger, run, recorded_at=recorded(9))
>>> small_balances(ledger.record(*events), "MIRA", as_of=run.as_of, policy=policy).lines
()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.casework import Holdback, WriteOffReason
from receivables.collection.holding import held_on
from receivables.days import check_day, days_past
from receivables.documents.model import ItemId, OpenItem
from receivables.dunning.holding import held_back
from receivables.errors import EventError
from receivables.ledger.credit import InsolvencyEnded, InsolvencyReported
from receivables.ledger.model import Allocated, Unallocated
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId
from receivables.writeoffs import rules
from receivables.writeoffs._amounts import minor_in
from receivables.writeoffs.model import (
    SmallBalance,
    SmallBalancePolicy,
    SmallBalanceRun,
    SmallBalanceSide,
)

__all__ = ["small_balance_events", "small_balances"]

_PREFIX: Final = "small-balance:"
_LONGEST: Final = dt.timedelta(days=366_000)


def small_balances(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    policy: SmallBalancePolicy,
    label: str = "",
    holdbacks: Iterable[Holdback] | None = None,
) -> SmallBalanceRun:
    """What a policy would clean up on a day, the oldest first, and what is small and stays.

    Whatever is disputed, promised, blocked, referred or held stays, and so does all of a customer
    that is insolvent, because it has to be filed.  An item stays that a later event takes a part of,
    and one whose clean-up was undone.  The bounds per account and per day count what was cleaned up
    before, so that a run of a day that is booked leaves nothing to do on that day.  `holdbacks` stand
    instead of what the ledger holds back; `label` is kept with what is booked.
    """
    check_day(as_of, name="as_of")
    items = [item for item in ledger.open_items(as_of=as_of) if item.creditor == creditor]
    small = [item for item in items if _is_small(item, policy, as_of)]
    desk = _desk(ledger, creditor, items if small else [], as_of, policy, holdbacks)
    small.sort(key=lambda item: (item.due_date or item.document_date, item.customer, item.item))
    lines: list[SmallBalance] = []
    left_out: list[SmallBalance] = []
    for item in small:
        line = _line(item, as_of)
        if why := desk.left_out(item):
            left_out.append(attrs.evolve(line, left_out=why))
        else:
            lines.append(line)
    return SmallBalanceRun(
        creditor=CreditorId(creditor),
        as_of=as_of,
        policy=label,
        lines=tuple(lines),
        left_out=tuple(left_out),
    )


def _line(item: OpenItem, as_of: dt.date) -> SmallBalance:
    side = SmallBalanceSide.DEBIT if item.open_minor > 0 else SmallBalanceSide.CREDIT
    return SmallBalance(item=item, days=_days(item, as_of), side=side)


def _days(item: OpenItem, as_of: dt.date) -> int:
    return days_past(item.due_date or item.document_date, as_of=as_of)


def _is_small(item: OpenItem, policy: SmallBalancePolicy, as_of: dt.date) -> bool:
    return bool(
        rules.is_small(
            item.open_minor,
            _days(item, as_of),
            most_minor=minor_in(policy.items, item.currency),
            min_days=policy.min_days,
            debits=SmallBalanceSide.DEBIT in policy.sides,
            credits=SmallBalanceSide.CREDIT in policy.sides,
        )
    )


@attrs.define(kw_only=True)
class _Desk:
    """What decides about each small item, and what was let off so far."""

    policy: SmallBalancePolicy
    free: Mapping[ItemId, int]
    """What no event of that day or later takes; the items that are held are not in it."""
    held: frozenset[str]
    insolvent: frozenset[str]
    undone: frozenset[str]
    of_account: dict[tuple[str, str], int]
    of_day: dict[str, int]

    def left_out(self, item: OpenItem) -> str:
        """Why an item stays, or nothing, and then it is counted."""
        if item.item in self.held or item.item not in self.free:
            return "held"
        if item.customer in self.insolvent:
            return "insolvency"
        if item.item in self.undone:
            return "undone"
        if self.free[item.item] != item.open_minor:
            return "later"
        return self._counted(item)

    def _counted(self, item: OpenItem) -> str:
        code, minor = item.currency, abs(item.open_minor)
        account = (item.customer, code)
        of_account = self.of_account.get(account, 0) + minor
        of_day = self.of_day.get(code, 0) + minor
        if of_account > minor_in(self.policy.accounts, code, otherwise=of_account):
            return "account"
        if of_day > minor_in(self.policy.total, code, otherwise=of_day):
            return "total"
        self.of_account[account], self.of_day[code] = of_account, of_day
        return ""


def _desk(
    ledger: Ledger,
    creditor: str,
    items: list[OpenItem],
    as_of: dt.date,
    policy: SmallBalancePolicy,
    holdbacks: Iterable[Holdback] | None,
) -> _Desk:
    if holdbacks is None:
        holdbacks = held_on(ledger, creditor, items, as_of=as_of) if items else ()
    desk = _Desk(
        policy=policy,
        free={
            item.item: item.open_minor
            for item in ledger.available_items(as_of=as_of)
            if item.creditor == creditor
        },
        held=frozenset(item for _, item in held_back(holdbacks, as_of=as_of)),
        insolvent=_insolvent(ledger, creditor, as_of),
        undone=frozenset(_cleaned(ledger, creditor, undone=True)),
        of_account={},
        of_day={},
    )
    _count_before(desk, ledger, creditor, as_of)
    return desk


def _insolvent(ledger: Ledger, creditor: str, as_of: dt.date) -> frozenset[str]:
    kinds = (InsolvencyReported, InsolvencyEnded)
    events = ledger.casework(creditor, as_of=as_of, kinds=kinds)
    ended = {event.case for event in events if isinstance(event, InsolvencyEnded)}
    return frozenset(
        event.owner
        for event in events
        if isinstance(event, InsolvencyReported) and event.case not in ended
    )


def _cleaned(ledger: Ledger, creditor: str, *, undone: bool) -> dict[str, Allocated]:
    """The clean-ups that stand, or that were undone, by item."""
    found: dict[str, Allocated] = {}
    gone: set[str] = set()
    for event in ledger.events:
        if isinstance(event, Unallocated) and event.creditor == creditor:
            gone.add(event.allocation)
        elif isinstance(event, Allocated) and event.allocation.creditor == creditor:
            name = event.allocation.allocation
            if name.startswith(_PREFIX):
                found[name] = event
    return {
        event.allocation.legs[0].item: event
        for name, event in found.items()
        if (name in gone) is undone
    }


def _count_before(desk: _Desk, ledger: Ledger, creditor: str, as_of: dt.date) -> None:
    """Count what was let off of each account lately, and on the day."""
    lately = dt.timedelta(days=min(desk.policy.account_days, _LONGEST.days))
    for event in _cleaned(ledger, creditor, undone=False).values():
        code, minor = event.allocation.currency, abs(event.allocation.legs[0].amount_minor)
        if event.effective_on == as_of:
            desk.of_day[code] = desk.of_day.get(code, 0) + minor
        if dt.timedelta() <= as_of - event.effective_on <= lately:
            account = (event.customers[0], code)
            desk.of_account[account] = desk.of_account.get(account, 0) + minor


def small_balance_events(
    ledger: Ledger, run: SmallBalanceRun, *, recorded_at: dt.datetime
) -> tuple[Allocated, ...]:
    """The allocations of a run: small differences, a loss on debits and a gain on credits.

    They are no write-offs of a claim: they cost what a tolerance costs, correct no tax, and have no
    recovery.  What a run shows is what it books; raises `EventError` for an item that has changed since.
    """
    events = []
    for line in run.lines:
        item = ledger.item(run.creditor, line.item.item, as_of=run.as_of)
        if item is None or item.open_minor != line.item.open_minor:
            got = "no such item" if item is None else f"{item.open_amount!r}"
            msg = f"{line.item.item} must have {line.item.open_amount!r} open on {run.as_of}, got {got}"
            raise EventError(msg)
        allocation = _allocation(run, line)
        events.append(ledger.allocated(allocation, effective_on=run.as_of, recorded_at=recorded_at))
    return tuple(events)


def _allocation(run: SmallBalanceRun, line: SmallBalance) -> Allocation:
    item = line.item
    kind = ResidualKind.SMALL_DIFFERENCE
    reason = WriteOffReason.SMALL_BALANCE.value
    return Allocation(
        allocation=f"{_PREFIX}{item.item}:{run.as_of}",
        creditor=run.creditor,
        currency=item.currency,
        legs=[Leg(item.item, item.open_minor)],
        residuals=[Residual(kind, item.open_minor, item=item.item, reason=reason)],
        reason=reason,
        evidence=[("policy", run.policy)] if run.policy else [],
    )
