"""Receipts taken for another entity, the lines between entities, and the agreement of two books.

>>> from receivables.testing.builders import a_receipt, received
>>> ledger = Ledger().record(received(a_receipt("r-1", amount="100.00", customer="")))
>>> found = HandOver(creditor="MIRA", receipt="r-1", owner="SUD", customer="C-9",
...                  effective_on=dt.date(2026, 10, 20))
>>> mirrored = collected_for(ledger, found, recorded_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC))
>>> both = ledger.record(*mirrored.events)
>>> [(line.creditor, line.counterparty, line.amount_minor) for line in intercompany_lines(both)]
[('MIRA', 'SUD', -10000), ('SUD', 'MIRA', 10000)]
>>> [(item.creditor, item.customer, item.open_minor) for item in both.open_items(as_of=dt.date(2026, 10, 20))]
[('SUD', 'C-9', -10000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeAlias

import attrs

from receivables.accounting.model import Journal, Role
from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.documents.model import OpenItem
from receivables.errors import CurrencyMismatchError, EventError
from receivables.intercompany.model import (
    Agreement,
    AgreementRow,
    Confirmation,
    Group,
    HandOver,
    IntercompanyCause,
    IntercompanyDifference,
    IntercompanyLine,
    Mirrored,
)
from receivables.intercompany.pairing import PairingRule, pair
from receivables.ledger.model import (
    Allocated,
    Event,
    EventId,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.ledger.returns import Return, plan_return
from receivables.money import from_minor, to_minor
from receivables.parties import UNIDENTIFIED
from receivables.receipts.model import Receipt, ReceiptMethod

__all__ = [
    "agree",
    "collected_for",
    "confirm",
    "intercompany_lines",
    "lines_from_items",
    "lines_from_journal",
    "undo_collected_for",
]


def collected_for(ledger: Ledger, hand_over: HandOver, *, recorded_at: dt.datetime) -> Mirrored:
    """The events that hand a receipt of one entity over to the one that it belongs to.

    In the receiver's book an allocation takes the money off the receipt and leaves it owed to the
    owner; in the owner's book a receipt comes in that the receiver owes, ready to be allocated.  Both
    are of one day, one amount and one reference.  Raises `EventError` where nothing is left of the
    receipt, or less than is handed over.
    """
    item = _unapplied(ledger, hand_over)
    minor = -item.open_minor if hand_over.amount is None else to_minor(hand_over.amount)
    original = ledger.receipts()[hand_over.creditor, hand_over.receipt]
    events: list[Event] = []
    payer = item.customer
    if payer == UNIDENTIFIED:
        payer = hand_over.affiliate
        events.append(_identified(hand_over, recorded_at))
    events.append(
        Allocated(
            event=EventId(f"allocated:{hand_over.creditor}:{hand_over.reference}"),
            effective_on=hand_over.effective_on,
            recorded_at=recorded_at,
            allocation=_handed_over(item, minor, hand_over),
            customers=(payer,),
        )
    )
    mirror = _mirror(original, minor, hand_over)
    return Mirrored(
        reference=hand_over.reference,
        receiver=hand_over.creditor,
        owner=hand_over.owner,
        at_receiver=events,
        at_owner=[ReceiptRecorded.of(mirror, recorded_at=recorded_at)],
    )


def _unapplied(ledger: Ledger, hand_over: HandOver) -> OpenItem:
    """The receipt as it stands on the day, once it is known to be enough."""
    day = hand_over.effective_on
    item = ledger.item(hand_over.creditor, hand_over.receipt, as_of=day)
    left = 0 if item is None else -item.open_minor
    asked = 1 if hand_over.amount is None else to_minor(hand_over.amount)
    if item is None or not 0 < asked <= left:
        msg = f"receipt {hand_over.receipt} of {hand_over.creditor} must have {max(asked, 1)} or more unapplied on {day}, got {left}"
        raise EventError(msg)
    if hand_over.amount is not None and hand_over.amount.currency.code != item.currency:
        msg = f"currency of {hand_over.receipt} must be {item.currency}, got {hand_over.amount.currency.code}"
        raise CurrencyMismatchError(msg)
    return item


def _identified(hand_over: HandOver, recorded_at: dt.datetime) -> ReceiptIdentified:
    return ReceiptIdentified(
        event=EventId(f"identified:{hand_over.creditor}:{hand_over.receipt}"),
        effective_on=hand_over.effective_on,
        recorded_at=recorded_at,
        creditor=hand_over.creditor,
        receipt=hand_over.receipt,
        customer=hand_over.affiliate,
        reason=f"collected for {hand_over.owner}",
    )


def _handed_over(item: OpenItem, minor: int, hand_over: HandOver) -> Allocation:
    residual = Residual(
        ResidualKind.INTERCOMPANY,
        -minor,
        item=item.item,
        counterparty=hand_over.owner,
        reason=hand_over.reference,
    )
    return Allocation(
        allocation=hand_over.reference,
        creditor=item.creditor,
        currency=item.currency,
        legs=[Leg(item.item, -minor)],
        residuals=[residual],
        reason=f"collected for {hand_over.owner}",
    )


def _mirror(original: Receipt, minor: int, hand_over: HandOver) -> Receipt:
    return attrs.evolve(
        original,
        receipt=hand_over.reference,
        creditor=hand_over.owner,
        customer=hand_over.customer,
        amount=from_minor(minor, original.currency),
        booking_date=hand_over.effective_on,
        account="",
        method=ReceiptMethod.INTERCOMPANY,
        exchange_rate=hand_over.exchange_rate,
        affiliate=hand_over.creditor,
    )


def undo_collected_for(
    ledger: Ledger,
    hand_over: HandOver,
    *,
    effective_on: dt.date,
    recorded_at: dt.datetime,
    owner_ledger: Ledger | None = None,
    reason: str = "",
) -> Mirrored:
    """The events that take a handed-over receipt back in both books, on one day.

    In the owner's book what the receipt had settled is opened again first; in the receiver's book
    the receipt is unapplied again.  Give `owner_ledger` where the owner's book is another ledger.
    Raises `EventError` for a hand-over that is not in the books.
    """
    owners = ledger if owner_ledger is None else owner_ledger
    returned = Return(
        name=f"{hand_over.reference}:undone",
        creditor=hand_over.owner,
        receipt=hand_over.reference,
        effective_on=effective_on,
    )
    taken_back = plan_return(owners, returned, recorded_at=recorded_at)
    day = max((event.effective_on for event in taken_back), default=effective_on)
    undone = ledger.unallocated(
        hand_over.creditor,
        hand_over.reference,
        effective_on=day,
        recorded_at=recorded_at,
        reason=reason,
    )
    return Mirrored(
        reference=hand_over.reference,
        receiver=hand_over.creditor,
        owner=hand_over.owner,
        at_receiver=[undone],
        at_owner=taken_back,
    )


def intercompany_lines(
    ledger: Ledger, *, known_at: dt.datetime | None = None
) -> tuple[IntercompanyLine, ...]:
    """The lines between entities that the events of a ledger make, in the order of recording."""
    books = _BookLines()
    return tuple(
        line
        for event in ledger.events
        if known_at is None or event.recorded_at <= known_at
        for line in books.of(event)
    )


class _BookLines:
    """Remembers what later events undo."""

    def __init__(self) -> None:
        self._allocations: dict[tuple[str, str], Allocation] = {}
        self._receipts: dict[tuple[str, str], Receipt] = {}

    def of(self, event: Event) -> Iterator[IntercompanyLine]:
        """The lines of one event, mostly none."""
        if isinstance(event, Allocated):
            allocation = event.allocation
            self._allocations[allocation.creditor, allocation.allocation] = allocation
            yield from _residual_lines(allocation, event.effective_on, sign=1)
        elif isinstance(event, Unallocated):
            allocation = self._allocations[event.creditor, event.allocation]
            yield from _residual_lines(allocation, event.effective_on, sign=-1)
        elif isinstance(event, ReceiptRecorded) and event.receipt.affiliate:
            receipt = event.receipt
            self._receipts[receipt.creditor, receipt.receipt] = receipt
            yield _receipt_line(receipt, to_minor(receipt.amount), event.effective_on)
        elif isinstance(event, ReceiptReturned):
            taken = self._receipts.get((event.creditor, event.receipt))
            if taken is not None:
                back = taken.amount if event.amount is None else event.amount
                yield _receipt_line(taken, -to_minor(back), event.effective_on)


def _residual_lines(
    allocation: Allocation, day: dt.date, *, sign: int
) -> Iterator[IntercompanyLine]:
    for residual in allocation.residuals:
        if residual.kind is ResidualKind.INTERCOMPANY:
            yield IntercompanyLine(
                creditor=allocation.creditor,
                counterparty=residual.counterparty,
                date=day,
                amount_minor=sign * residual.amount_minor,
                currency=allocation.currency_of(residual),
                reference=residual.reason or allocation.allocation,
                text=allocation.reason,
            )


def _receipt_line(receipt: Receipt, minor: int, day: dt.date) -> IntercompanyLine:
    return IntercompanyLine(
        creditor=receipt.creditor,
        counterparty=receipt.affiliate,
        date=day,
        amount_minor=minor,
        currency=receipt.currency,
        reference=receipt.receipt,
        text=receipt.payer.name,
    )


def lines_from_journal(journal: Journal) -> tuple[IntercompanyLine, ...]:
    """The lines of a journal's intercompany accounts, in the currency of each line."""
    return tuple(
        IntercompanyLine(
            creditor=entry.creditor,
            counterparty=line.counterparty,
            date=entry.date,
            amount_minor=line.amount_minor,
            currency=line.currency,
            reference=entry.document,
            text=line.text or entry.text,
        )
        for entry in journal
        for line in entry.lines
        if line.role is Role.INTERCOMPANY and line.amount_minor
    )


def lines_from_items(items: Iterable[OpenItem], group: Group) -> tuple[IntercompanyLine, ...]:
    """The open items on customers that are entities of the group, as lines of the invoicing book."""
    return tuple(
        IntercompanyLine(
            creditor=item.creditor,
            counterparty=entity,
            date=item.posting_date,
            amount_minor=item.open_minor,
            currency=item.currency,
            reference=item.document,
        )
        for item in items
        if item.open_minor and (entity := group.entity(item.creditor, item.customer)) is not None
    )


def confirm(
    lines: Iterable[IntercompanyLine], *, creditor: str, counterparty: str, as_of: dt.date
) -> Confirmation:
    """What one book says about another entity at the end of a day, with the lines behind it."""
    kept = [line for line in _between(lines, creditor, counterparty) if line.date <= as_of]
    return Confirmation(
        creditor=creditor,
        counterparty=counterparty,
        as_of=as_of,
        balances=_balances(kept, as_of),
        lines=kept,
    )


def agree(
    ours: Iterable[IntercompanyLine],
    theirs: Iterable[IntercompanyLine],
    *,
    creditor: str,
    counterparty: str,
    as_of: dt.date,
    window_days: int = 5,
) -> Agreement:
    """Compare the book of `creditor` with that of `counterparty` at the end of a day.

    Lines are recognized by their reference; those that the books name differently by their amount,
    within `window_days`.  Lines after the day show timing.  Either argument may hold more than the
    lines between the two: the rest is left out.
    """
    here = _between(ours, creditor, counterparty)
    there = _between(theirs, counterparty, creditor)
    compared = _Comparison(here, there, as_of=as_of, window_days=window_days)
    left, right = _balances(here, as_of), _balances(there, as_of)
    return Agreement(
        creditor=creditor,
        counterparty=counterparty,
        as_of=as_of,
        rows=[
            AgreementRow(
                currency=currency,
                ours_minor=left.get(currency, 0),
                theirs_minor=right.get(currency, 0),
            )
            for currency in sorted({*left, *right})
        ],
        differences=sorted(compared.differences, key=lambda one: one.key),
        agreed=compared.agreed,
    )


def _between(
    lines: Iterable[IntercompanyLine], creditor: str, counterparty: str
) -> list[IntercompanyLine]:
    return [
        line for line in lines if (line.creditor, line.counterparty) == (creditor, counterparty)
    ]


def _balances(lines: Iterable[IntercompanyLine], as_of: dt.date) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in lines:
        if line.date <= as_of:
            totals[line.currency] = totals.get(line.currency, 0) + line.amount_minor
    return totals


_Rule: TypeAlias = PairingRule[IntercompanyLine, IntercompanyLine]
_Key: TypeAlias = Callable[[IntercompanyLine, int], Hashable | None]


def _by_reference(line: IntercompanyLine, *rest: Hashable) -> Hashable | None:
    return (line.reference, *rest) if line.reference else None


class _Comparison:
    """Finds the counterpart of each line, the surest first, and keeps what differs."""

    def __init__(
        self,
        ours: Sequence[IntercompanyLine],
        theirs: Sequence[IntercompanyLine],
        *,
        as_of: dt.date,
        window_days: int,
    ) -> None:
        self._as_of = as_of
        self._window_days = window_days
        self.differences: list[IntercompanyDifference] = []
        same = pair(ours, theirs, rules=self._same())
        self.agreed = sum(self._counts(here) for _, here, _ in same.pairs)
        late = pair(same.left, same.right, rules=self._across_the_day())
        rest = self._without_twins(late.left, late.right, [line[1:] for line in same.pairs])
        wrong = pair(*rest, rules=self._wrong())
        for name, here, there in (*late.pairs, *wrong.pairs):
            self._differ(IntercompanyCause(name), here, there)
        for line in wrong.left:
            self._add(IntercompanyCause.MISSING, line, ours=[line])
        for line in wrong.right:
            self._add(IntercompanyCause.MISSING, line, theirs=[line])

    def _counts(self, line: IntercompanyLine) -> bool:
        return line.date <= self._as_of

    def _rule(self, name: str, key: _Key, *, near: bool = False) -> _Rule:
        def is_near(here: IntercompanyLine, there: IntercompanyLine) -> bool:
            return abs((here.date - there.date).days) <= self._window_days

        return PairingRule(
            name, lambda line: key(line, 1), lambda line: key(line, -1), is_near if near else None
        )

    def _same(self) -> list[_Rule]:
        return [
            self._rule(
                "same",
                lambda line, sign: _by_reference(
                    line, line.currency, sign * line.amount_minor, line.date
                ),
            ),
            self._rule(
                "same",
                lambda line, sign: _by_reference(
                    line, line.currency, sign * line.amount_minor, self._counts(line)
                ),
            ),
            self._rule("same", lambda line, sign: _amount(line, sign, line.date)),
            self._rule(
                "same", lambda line, sign: _amount(line, sign, self._counts(line)), near=True
            ),
        ]

    def _across_the_day(self) -> list[_Rule]:
        timing = IntercompanyCause.TIMING.value
        return [
            self._rule(
                timing,
                lambda line, sign: _by_reference(line, line.currency, sign * line.amount_minor),
            ),
            self._rule(timing, _amount, near=True),
        ]

    def _wrong(self) -> list[_Rule]:
        return [
            self._rule(
                IntercompanyCause.AMOUNT.value,
                lambda line, _sign: _by_reference(line, line.currency),
            ),
            self._rule(IntercompanyCause.CURRENCY.value, lambda line, _sign: _by_reference(line)),
        ]

    def _without_twins(
        self,
        ours: Sequence[IntercompanyLine],
        theirs: Sequence[IntercompanyLine],
        agreed: Sequence[tuple[IntercompanyLine, IntercompanyLine]],
    ) -> tuple[list[IntercompanyLine], list[IntercompanyLine]]:
        """Take out what is in one book once more, under a reference that both have."""
        rest: tuple[list[IntercompanyLine], list[IntercompanyLine]] = ([], [])
        for side, lines in enumerate((ours, theirs)):
            seen = {_twin_key(each[side]) for each in agreed}
            for line in lines:
                if line.reference and _twin_key(line) in seen:
                    here, there = ([line], []) if side == 0 else ([], [line])
                    self._add(IntercompanyCause.DUPLICATE, line, ours=here, theirs=there)
                else:
                    rest[side].append(line)
        return rest

    def _differ(
        self, cause: IntercompanyCause, here: IntercompanyLine, there: IntercompanyLine
    ) -> None:
        if here.currency == there.currency:
            self._add(cause, here, ours=[here], theirs=[there], minor=self._sum(here, there))
        else:
            for line in (here, there):
                self._add(cause, line, ours=[here], theirs=[there], minor=self._sum(line))

    def _sum(self, *lines: IntercompanyLine) -> int:
        return sum(line.amount_minor for line in lines if self._counts(line))

    def _add(
        self,
        cause: IntercompanyCause,
        line: IntercompanyLine,
        *,
        ours: Sequence[IntercompanyLine] = (),
        theirs: Sequence[IntercompanyLine] = (),
        minor: int | None = None,
    ) -> None:
        difference = self._sum(line) if minor is None else minor
        if difference:
            self.differences.append(
                IntercompanyDifference(
                    cause=cause,
                    difference_minor=difference,
                    currency=line.currency,
                    reference=line.reference,
                    ours=ours,
                    theirs=theirs,
                )
            )


def _amount(line: IntercompanyLine, sign: int, *rest: Hashable) -> Hashable:
    return (line.currency, sign * line.amount_minor, *rest)


def _twin_key(line: IntercompanyLine) -> Hashable:
    return (line.reference, line.currency, line.amount_minor)
