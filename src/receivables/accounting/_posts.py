"""What each kind of event posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from receivables.accounting._allocations import allocation_lines
from receivables.accounting._fold import Fold, Lines, add_line, entries_of
from receivables.accounting._items import Item, Place
from receivables.accounting.model import GlAccount, JournalEntry, JournalLine, Role
from receivables.accounting.posting import ITEM, OutgoingRate, Posting, RateDay
from receivables.documents.model import Document, ItemKind
from receivables.documents.objects import open_items
from receivables.errors import EventError, PolicyError
from receivables.ledger.casework import CASE_EVENTS
from receivables.ledger.credit import CREDIT_EVENTS
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    DueDateChanged,
    Event,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    NoticeSent,
    PeriodClosed,
    PeriodReopened,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.payouts import PAYOUT_EVENTS
from receivables.ledger.postings import POSTING_EVENTS
from receivables.money import from_minor, to_minor
from receivables.parties import UNIDENTIFIED
from receivables.receipts.model import Receipt, ReceiptMethod

__all__ = ["NOT_POSTED", "POSTED", "entries"]

NOT_POSTED: Final[tuple[type[Event], ...]] = (
    DueDateChanged,
    FactLearned,
    FactWithdrawn,
    ItemHeld,
    ItemReleased,
    NoticeSent,
    PeriodClosed,
    PeriodReopened,
    *CASE_EVENTS,
    *CREDIT_EVENTS,
    *PAYOUT_EVENTS,
    *POSTING_EVENTS,
)
"""The kinds of events that change no balance, and so have no entry."""

_Part = tuple[GlAccount, Role, tuple[tuple[str, str], ...], int]


def entries(fold: Fold, event: Event) -> list[JournalEntry]:
    """The entries of one event, mostly one; an event that is known already has none.

    Raises `EventError` for a kind of event that has no accounting.
    """
    if event.event in fold.seen:
        return []
    kind = type(event)
    if kind not in POSTED and kind not in NOT_POSTED:
        msg = f"event must be of a kind that has accounting, got {kind.__name__}"
        raise EventError(msg)
    fold.seen.add(event.event)
    return POSTED[kind](fold, event) if kind in POSTED else []


# Documents.


def _issue(fold: Fold, event: DocumentIssued) -> list[JournalEntry]:
    document = event.document
    currency = document.currency
    is_foreign = currency != fold.functional
    lines: Lines = {}
    _open_items(fold, lines, event, is_foreign=is_foreign)
    parts = list(_parts(fold, document))
    split = [part[3] for part in parts]
    if is_foreign:
        split = _worths(fold, document, split)
    for (account, role, dimensions, minor), functional in zip(parts, split, strict=True):
        line = JournalLine(
            account=account,
            role=role,
            amount_minor=minor,
            currency=currency,
            functional_minor=functional,
            customer=document.customer,
            dimensions=dimensions,
        )
        add_line(lines, event.effective_on, line)
    made = entries_of(
        fold,
        event,
        document.creditor,
        lines,
        document=document.number,
        document_date=document.document_date,
    )
    fold.posted["document", document.creditor, document.number] = tuple(made)
    return made


def _worths(fold: Fold, document: Document, parts: list[int]) -> list[int]:
    """All parts of one side of a document in the functional currency, rounded one by one.

    They add up to what the whole is worth: what rounding leaves is on the largest of them.  Sharing
    out the whole instead would go wrong where large parts of both signs make a small total.
    """
    by_posting = fold.rules.documents_at is RateDay.POSTING_DATE
    day = document.posting_date if by_posting else document.document_date
    what = f"document {document.number}"

    def worth(minor: int) -> int:
        amount = from_minor(minor, document.currency)
        return fold.worth(amount, document.exchange_rate, day, what)

    split = [worth(part) for part in parts]
    rest = worth(sum(parts)) - sum(split)
    if rest:
        largest = max(range(len(parts)), key=lambda index: abs(parts[index]))
        split[largest] += rest
    return split


def _open_items(fold: Fold, lines: Lines, event: DocumentIssued, *, is_foreign: bool) -> None:
    document = event.document
    opened = open_items(document)
    split = [each.amount_minor for each in opened]
    if is_foreign:
        split = _worths(fold, document, split)
    for each, functional in zip(opened, split, strict=True):
        kept = each.kind is ItemKind.RETENTION
        role = fold.rules.retentions if kept else Role.RECEIVABLE
        item = Item(
            each.item,
            each.currency,
            fold.place(role, document.customer),
            start=(event.effective_on, each.amount_minor, functional),
            is_foreign=is_foreign,
        )
        item.document = document.number
        item.dimensions = document.dimensions
        fold.open(lines, document.creditor, item)


def _parts(fold: Fold, document: Document) -> Iterator[_Part]:
    """The other side of a document, in signed minor units: its lines by category, and its taxes."""
    for posting in fold.rules.row("DocumentIssued", document.kind.value):
        if posting.amount == "lines":
            parts = _net_parts(fold, document, fold.rules.role(posting.target))
        elif posting.amount == "taxes":
            parts = _tax_parts(fold, document, fold.rules.role(posting.target))
        elif posting.amount == "items":
            continue
        else:
            msg = f"a row of a document must post items, lines and taxes, got {posting}"
            raise PolicyError(msg)
        for (account, role, dimensions), minor in parts.items():
            yield account, role, dimensions, posting.sign * minor


_Key = tuple[GlAccount, Role, tuple[tuple[str, str], ...]]


def _net_parts(fold: Fold, document: Document, default: Role) -> dict[_Key, int]:
    if not document.lines:
        return {(*fold.category("", default), document.dimensions): to_minor(document.total)}
    parts: dict[_Key, int] = {}
    for line in document.lines:
        account, role = fold.category(line.category, default)
        dimensions = document.dimensions
        if line.dimensions:
            dimensions = _joined(dimensions, line.dimensions)
        key = (account, role, dimensions)
        parts[key] = parts.get(key, 0) + to_minor(line.net)
    return parts


def _joined(
    outer: tuple[tuple[str, str], ...], inner: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """The dimensions of a line: the document's, and its own, which win where both name one."""
    return tuple({**dict(outer), **dict(inner)}.items())


def _tax_parts(fold: Fold, document: Document, role: Role) -> dict[_Key, int]:
    parts: dict[_Key, int] = {}
    for line in document.lines:
        for tax in line.taxes:
            account = fold.chart.taxes.get(tax.code) or fold.chart.account(role)
            key = (account, role, document.dimensions)
            parts[key] = parts.get(key, 0) + to_minor(tax.amount)
    if parts:
        by_account = {account: minor for (account, _, _), minor in parts.items()}
        fold.taxes[document.creditor, document.number] = by_account
    return parts


def _cancel(fold: Fold, event: DocumentCancelled) -> list[JournalEntry]:
    issued = _posted(fold, "document", event.creditor, event.number)
    lines = fold.undo(event.creditor, issued, event.effective_on)
    text = event.reason or event.number
    return entries_of(fold, event, event.creditor, lines, document=event.number, text=text)


def _posted(fold: Fold, kind: str, creditor: str, name: str) -> tuple[JournalEntry, ...]:
    try:
        return fold.posted.pop((kind, creditor, name))
    except KeyError:
        msg = f"events must begin where {kind} {name!r} of {creditor} came, got a later one"
        raise EventError(msg) from None


# Receipts.


def _receive(fold: Fold, event: ReceiptRecorded) -> list[JournalEntry]:
    receipt = event.receipt
    worth = minor = to_minor(receipt.amount)
    is_foreign = receipt.currency != fold.functional
    if is_foreign:
        what = f"receipt {receipt.receipt}"
        worth = fold.worth(receipt.amount, receipt.exchange_rate, receipt.booking_date, what)
    lines: Lines = {}
    for posting in fold.rules.row("ReceiptRecorded", receipt.method.value):
        if posting.target != ITEM:
            role = fold.rules.role(posting.target)
            line = money_line(fold, receipt, role, posting.sign * minor, posting.sign * worth)
            add_line(lines, event.effective_on, line)
    item = Item(
        receipt.receipt,
        receipt.currency,
        _receipt_place(fold, receipt, receipt.customer),
        start=(event.effective_on, -minor, -worth),
        is_foreign=is_foreign,
    )
    item.receipt = receipt
    fold.open(lines, receipt.creditor, item)
    return entries_of(
        fold,
        event,
        receipt.creditor,
        lines,
        document=receipt.receipt,
        document_date=receipt.booking_date,
    )


def money_line(
    fold: Fold, receipt: Receipt, role: Role, minor: int, functional: int, *, currency: str = ""
) -> JournalLine:
    """A line on the account that a receipt came in on, or that its return goes out from."""
    return JournalLine(
        account=fold.account(role, receipt),
        role=role,
        amount_minor=minor,
        currency=currency or receipt.currency,
        functional_minor=functional,
        customer=receipt.customer,
        counterparty=_counterparty(receipt, role),
    )


def _counterparty(receipt: Receipt, role: Role) -> str:
    if receipt.method is ReceiptMethod.INTERCOMPANY and role is Role.INTERCOMPANY:
        return receipt.affiliate
    return receipt.account if role is Role.BANK or role is Role.PROCESSOR else ""


def _receipt_place(fold: Fold, receipt: Receipt, customer: str) -> Place:
    if customer == UNIDENTIFIED:
        return fold.place(fold.rules.unidentified, customer)
    return fold.place(fold.rules.advances if receipt.is_advance else fold.rules.unapplied, customer)


def _identify(fold: Fold, event: ReceiptIdentified) -> list[JournalEntry]:
    item = fold.item(event.creditor, event.receipt)
    lines: Lines = {}
    before = item.place_on(event.effective_on)
    assert item.receipt is not None  # noqa: S101  # `event.receipt` names a receipt
    after = _receipt_place(fold, item.receipt, event.customer)
    for day, minor, functional in item.relocate(event.effective_on, after):
        fold.put(lines, item, before, (day, minor, functional))
        fold.put(lines, item, after, (day, -minor, -functional))
    text = event.reason or event.receipt
    return entries_of(fold, event, event.creditor, lines, document=event.receipt, text=text)


def _return(fold: Fold, event: ReceiptReturned) -> list[JournalEntry]:
    item = fold.item(event.creditor, event.receipt)
    receipt = item.receipt
    assert receipt is not None  # noqa: S101  # `event.receipt` names a receipt
    back = receipt.amount if event.amount is None else event.amount
    minor = to_minor(back)
    lines: Lines = {}
    moves = item.take(event.effective_on, -minor)
    for move in moves:
        fold.move(lines, item, move)
    worth = -moves[0][2]
    if fold.rules.returns_at is OutgoingRate.SPOT:
        worth = fold.worth(back, None, event.effective_on, f"return {event.event}")
    for posting in fold.rules.row("ReceiptReturned", receipt.method.value):
        if posting.target == ITEM:
            continue
        if posting.amount == "fee":
            line = _fee_line(fold, event, receipt, posting)
        else:
            role = fold.rules.role(posting.target)
            line = money_line(fold, receipt, role, posting.sign * minor, posting.sign * worth)
        add_line(lines, event.effective_on, line)
    fold.settle_exchange(lines, event.customer, item.name)
    text = event.reason_code or event.reason.value
    return entries_of(fold, event, event.creditor, lines, document=event.receipt, text=text)


def _fee_line(
    fold: Fold, event: ReceiptReturned, receipt: Receipt, posting: Posting
) -> JournalLine | None:
    """What the bank took for a return, on one of its two accounts; None where it took nothing."""
    if event.fee is None:
        return None
    worth = fold.worth(event.fee, None, event.effective_on, f"fee of {event.event}")
    return money_line(
        fold,
        receipt,
        fold.rules.role(posting.target),
        posting.sign * to_minor(event.fee),
        posting.sign * worth,
        currency=event.fee.currency.code,
    )


# Allocations.


def _allocate(fold: Fold, event: Allocated) -> list[JournalEntry]:
    allocation = event.allocation
    made = entries_of(
        fold,
        event,
        allocation.creditor,
        allocation_lines(fold, event),
        document=allocation.allocation,
        text=allocation.reason or allocation.allocation,
    )
    fold.posted["allocation", allocation.creditor, allocation.allocation] = tuple(made)
    return made


def _unallocate(fold: Fold, event: Unallocated) -> list[JournalEntry]:
    done = _posted(fold, "allocation", event.creditor, event.allocation)
    lines = fold.undo(event.creditor, done, event.effective_on)
    text = event.reason or event.allocation
    return entries_of(fold, event, event.creditor, lines, document=event.allocation, text=text)


POSTED: Final[Mapping[type[Event], Callable[[Fold, Any], list[JournalEntry]]]] = {
    Allocated: _allocate,
    DocumentCancelled: _cancel,
    DocumentIssued: _issue,
    ReceiptIdentified: _identify,
    ReceiptRecorded: _receive,
    ReceiptReturned: _return,
    Unallocated: _unallocate,
}
"""What each kind of event posts; a test compares it, and `NOT_POSTED`, with the life cycles."""
