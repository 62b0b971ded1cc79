"""What is to be booked, as a document of SAP: a head and lines that balance, or why there is none.

A receipt is a debit of the bank and a credit of the customer, a line for each document that it
pays; the lines stay open, and clearing them is left to SAP.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from typing import Any, Final

import attrs

from receivables.accounting import JournalEntry, JournalLine
from receivables.errors import DocumentError
from receivables.money import from_minor
from receivables.outbox import PostingBatch, PostingLine, ReceiptPosting
from receivables.problems import Place, Problem
from receivables_plugins.sap.rules import key_of

__all__ = ["SapEntry", "SapItem", "entry_of", "message_id", "problem_of", "reference_of"]

_NAMES: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://receivables.invalid/sap")
_REFERENCE_CHARS: Final = 16
_COMPANY_CHARS: Final = 4
_ACCOUNT_CHARS: Final = 10
_LINES_MAX: Final = 999
"""Lines of a document of SAP, whose items have three figures."""


def reference_of(creditor: str, line: str) -> str:
    """The text by which a line is found again in SAP: 16 characters, made of what names it for good.

    >>> reference_of("1710", "receipt:R-1")
    'FQCJ6LPKDKYN7FZJ'
    """
    digest = hashlib.sha256(f"{creditor}\x1f{line}".encode()).digest()
    return base64.b32encode(digest).decode()[:_REFERENCE_CHARS]


def message_id(creditor: str, name: str) -> str:
    """The identifier of a message, 32 characters, always the same for the same batch or line.

    >>> len(message_id("1710", "receipt:R-1"))
    32
    """
    return uuid.uuid5(_NAMES, f"{creditor}\x1f{name}").hex


@attrs.frozen(kw_only=True)
class SapItem:
    """A line of a document: a customer or a general ledger account, and a signed amount."""

    account: str
    is_customer: bool = False
    amount_minor: int
    functional_minor: int | None = None
    """The amount in the currency of the books, where that is another one."""
    text: str = ""
    assignment: str = ""

    @property
    def code(self) -> str:
        """S for debit, H for credit."""
        return "H" if self.amount_minor < 0 else "S"


@attrs.frozen(kw_only=True)
class SapEntry:
    """A document that is to be booked; `line` is the key of the line that asks for it."""

    line: str
    company: str
    type: str
    document_date: dt.date
    posting_date: dt.date
    currency: str
    functional_currency: str
    reference: str
    message: str
    text: str
    items: tuple[SapItem, ...]

    def amount(self, item: SapItem) -> str:
        """The signed amount of an item, with the decimals of its currency."""
        return str(from_minor(item.amount_minor, self.currency).amount)

    def functional_amount(self, item: SapItem) -> str:
        """The same in the currency of the books; empty where it is not said."""
        if item.functional_minor is None or self.functional_currency == self.currency:
            return ""
        return str(from_minor(item.functional_minor, self.functional_currency).amount)


def problem_of(line: PostingLine, reason: str, *, source: str) -> Problem:
    """That a line cannot be booked, and why."""
    return Problem("posting.refused", reason, place=Place(source, field=line.line))


def entry_of(line: PostingLine, batch: PostingBatch, said: Any) -> SapEntry:  # noqa: ANN401  # settings of postings
    """The document of a line; raises `DocumentError` saying why there is none."""
    record = line.record
    if isinstance(record, ReceiptPosting):
        head, items = _receipt(record, said), tuple(_receipt_items(record, said))
    elif isinstance(record, JournalEntry):
        head, items = _journal(record, said), tuple(_journal_items(record, said))
    else:
        msg = "documents of customers must be billed in SAP itself, got one to be booked"
        raise DocumentError(msg)
    entry = SapEntry(
        line=line.line,
        company=said.company_code(batch.creditor),
        reference=reference_of(batch.creditor, line.line),
        message=message_id(batch.creditor, line.line),
        items=items,
        **head,
    )
    _check(entry)
    return entry


def _receipt(record: ReceiptPosting, said: Any) -> dict[str, Any]:  # noqa: ANN401  # settings
    return {
        "type": said.receipt_type,
        "document_date": record.booking_date,
        "posting_date": record.booking_date,
        "currency": record.amount.currency.code,
        "functional_currency": record.amount.currency.code,
        "text": record.reference or record.receipt,
    }


def _receipt_items(record: ReceiptPosting, said: Any) -> Iterator[SapItem]:  # noqa: ANN401  # settings
    bank = said.banks.get(record.account, said.bank_account)
    if not bank:
        msg = f"bank_account must say where receipts are booked, got none for {record.account!r}"
        raise DocumentError(msg)
    discount = sum(part.discount_minor for part in record.applications)
    if discount and not said.discount_account:
        msg = "discount_account must say where discounts are booked, got none"
        raise DocumentError(msg)
    paid = sum(part.amount_minor for part in record.applications)
    text = record.text or record.reference
    yield SapItem(
        account=key_of(bank, _ACCOUNT_CHARS),
        amount_minor=paid + record.on_account_minor,
        text=text,
        assignment=record.receipt,
    )
    if discount:
        account = key_of(said.discount_account, _ACCOUNT_CHARS)
        yield SapItem(account=account, amount_minor=discount, text=text)
    for part in record.applications:
        yield SapItem(
            account=record.customer,
            is_customer=True,
            amount_minor=-(part.amount_minor + part.discount_minor),
            text=f"{part.document} {text}".strip(),
            assignment=part.document,
        )
    if record.on_account_minor:
        yield SapItem(
            account=record.customer,
            is_customer=True,
            amount_minor=-record.on_account_minor,
            text=text,
            assignment=record.reference,
        )


def _journal(record: JournalEntry, said: Any) -> dict[str, Any]:  # noqa: ANN401  # settings
    currencies = sorted({line.currency for line in record.lines if line.amount_minor})
    if len(currencies) > 1:
        msg = f"an entry must have one currency, got {', '.join(currencies)}"
        raise DocumentError(msg)
    return {
        "type": said.journal_type,
        "document_date": record.document_date or record.date,
        "posting_date": record.date,
        "currency": currencies[0] if currencies else record.functional_currency,
        "functional_currency": record.functional_currency,
        "text": record.text or record.document or record.entry,
    }


def _journal_items(record: JournalEntry, said: Any) -> Iterator[SapItem]:  # noqa: ANN401  # settings
    for line in record.lines:
        if not line.amount_minor and line.functional_minor:
            msg = "lines must have an amount in the currency of the entry, got one without"
            raise DocumentError(msg)
        if line.amount_minor:
            is_customer = line.role.value in said.customer_roles and bool(line.customer)
            yield SapItem(
                account=line.customer if is_customer else _account(line),
                is_customer=is_customer,
                amount_minor=line.amount_minor,
                functional_minor=line.functional_minor,
                text=line.text or record.text,
                assignment=line.item or record.document,
            )


def _account(line: JournalLine) -> str:
    return key_of(line.account.number, _ACCOUNT_CHARS)


def _check(entry: SapEntry) -> None:
    """What SAP's fields can hold."""
    if not 1 <= len(entry.company) <= _COMPANY_CHARS:
        msg = f"company code must have 1 to 4 characters, got {entry.company!r}"
        raise DocumentError(msg)
    if not 2 <= len(entry.items) <= _LINES_MAX:  # noqa: PLR2004  # a debit and a credit
        msg = f"an entry must have 2 to {_LINES_MAX} lines, got {len(entry.items)}"
        raise DocumentError(msg)
    for item in entry.items:
        if not 1 <= len(item.account) <= _ACCOUNT_CHARS:
            msg = f"an account or a customer must have 1 to 10 characters, got {item.account!r}"
            raise DocumentError(msg)
    if sum(item.amount_minor for item in entry.items):
        msg = "lines of an entry must balance, got a difference"
        raise DocumentError(msg)
