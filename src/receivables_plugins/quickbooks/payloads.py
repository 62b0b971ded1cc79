"""From our records to objects of Online, or why there can be none."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables.accounting.model import JournalEntry, JournalLine
from receivables.archives import in_units
from receivables.documents import CreditNote, Document
from receivables.money import to_minor
from receivables.outbox import PostingBatch, PostingLine, ReceiptPosting
from receivables_plugins.quickbooks.settings import TargetSettings

__all__ = ["Draft", "Target", "draft_of", "own_identity", "request_id"]

_NUMBER_MAX: Final = 21
"""Characters of a document number or a payment reference there."""
_NOTE_MAX: Final = 4_000
_NAMESPACE: Final = uuid.UUID("5a2c0a3e-6f0e-5c0b-9d35-3d6f7a0f4d11")


@attrs.frozen
class Target:
    """A transaction that a payment settles, by the number that we have for it."""

    number: str
    amount: Decimal


@attrs.frozen(kw_only=True)
class Draft:
    """An object to be written: its kind, its fields, and the mark that it is found by again.

    `settles` are the documents of a payment, whose identifiers there are known once asked.
    """

    line: str
    kind: str
    body: Mapping[str, Any]
    mark: str
    day: str
    total_minor: int
    settles: tuple[Target, ...] = ()
    refusal: str = ""
    """Why it cannot be written; empty where it can."""

    def with_links(self, identities: Mapping[str, tuple[str, str, str]]) -> Mapping[str, Any]:
        """The fields with what the payment settles; a number that is not known stands as it is."""
        if not self.settles:
            return self.body
        lines = [
            {
                "Amount": target.amount,
                "LinkedTxn": [_linked(identities.get(target.number), target)],
            }
            for target in self.settles
        ]
        return {**self.body, "Line": lines}


def _linked(identity: tuple[str, str, str] | None, target: Target) -> dict[str, str]:
    if identity is None:
        return {"TxnId": f"(identifier of {target.number})", "TxnType": "Invoice"}
    kind, name, line = identity
    return {"TxnId": name, "TxnType": kind, **({"TxnLineId": line} if line else {})}


def request_id(*parts: str) -> str:
    """A name for a write that is always the same for the same line.

    >>> request_id("4620816365", "MIRA", "receipt:R-1")
    '979c9890-9d35-5626-8549-6a8ff1b9e986'
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def own_identity(number: str) -> tuple[str, str, str] | None:
    """The kind, the identifier and the line that one of our own names for an object says.

    >>> own_identity("JournalEntry-450-1"), own_identity("2026-0117")
    (('JournalEntry', '450', '1'), None)
    """
    kind, _, rest = number.partition("-")
    name, _, line = rest.partition("-")
    known = kind in {"Invoice", "CreditMemo", "JournalEntry", "Purchase", "Deposit"}
    return (kind, name, line) if known and name.isdigit() else None


def draft_of(line: PostingLine, *, batch: PostingBatch, settings: TargetSettings) -> Draft:
    """The object of a line; it says so itself where there can be none."""
    mark = request_id(settings.realm, batch.creditor, line.line)
    record = line.record
    try:
        if isinstance(record, ReceiptPosting):
            return _payment(line.line, record, mark, settings)
        if isinstance(record, JournalEntry):
            return _journal_entry(line.line, record, mark, settings)
        return _sale(line.line, record, mark, settings)
    except _RefusedError as refused:
        return Draft(
            line=line.line, kind="", body={}, mark=mark, day="", total_minor=0, refusal=str(refused)
        )


class _RefusedError(Exception):
    """Why a record cannot be written there."""


def _refuse(message: str) -> _RefusedError:
    return _RefusedError(message)


def _mapped(table: Mapping[str, str], key: str, name: str) -> dict[str, str]:
    if key not in table:
        msg = f"{name} must have an identifier there for {key!r} in the settings, got none"
        raise _refuse(msg)
    return {"value": table[key]}


def _number(text: str, name: str) -> str:
    if len(text) > _NUMBER_MAX:
        msg = f"{name} must have at most {_NUMBER_MAX} characters there, got {text!r}"
        raise _refuse(msg)
    return text


def _note(text: str, mark: str) -> str:
    """A text for people, and the mark that the object is found by again."""
    own = f"[receivables {mark}]"
    return f"{text[: _NOTE_MAX - len(own) - 1]} {own}".strip()


def _payment(name: str, record: ReceiptPosting, mark: str, settings: TargetSettings) -> Draft:
    currency = record.amount.currency.code
    if any(part.discount_minor for part in record.applications):
        msg = "a payment must grant no discount there, got one. Post a credit note for it, and apply that"
        raise _refuse(msg)
    if not record.customer:
        msg = "a payment must have a customer there, got none"
        raise _refuse(msg)
    body: dict[str, Any] = {
        "CustomerRef": {"value": str(record.customer)},
        "CurrencyRef": {"value": currency},
        "TxnDate": record.booking_date.isoformat(),
        "TotalAmt": record.amount.amount,
        "PaymentRefNum": record.reference[:_NUMBER_MAX],
        "PrivateNote": _note(record.text or record.receipt, mark),
    }
    if record.account in settings.accounts:
        body["DepositToAccountRef"] = {"value": settings.accounts[record.account]}
    if record.method.value in settings.methods:
        body["PaymentMethodRef"] = {"value": settings.methods[record.method.value]}
    return Draft(
        line=name,
        kind="Payment",
        body=body,
        mark=mark,
        day=record.booking_date.isoformat(),
        total_minor=to_minor(record.amount),
        settles=tuple(
            Target(part.document, in_units(part.amount_minor, currency))
            for part in record.applications
        ),
    )


def _sale(name: str, record: Document, mark: str, settings: TargetSettings) -> Draft:
    if len(record.installments) > 1:
        msg = (
            f"a document must have one due date there, got {len(record.installments)} installments"
        )
        raise _refuse(msg)
    is_credit = isinstance(record, CreditNote)
    body: dict[str, Any] = {
        "CustomerRef": {"value": str(record.customer)},
        "CurrencyRef": {"value": record.currency},
        "DocNumber": _number(record.number, "number"),
        "TxnDate": record.document_date.isoformat(),
        "PrivateNote": _note("", mark),
        "Line": list(_sale_lines(record, settings)),
    }
    due = record.installments[0].due_date
    if due is not None and not is_credit:
        body["DueDate"] = due.isoformat()
    taxed = sum(to_minor(tax.amount) for line in record.lines for tax in line.taxes)
    if taxed:
        body["GlobalTaxCalculation"] = "TaxExcluded"
        body["TxnTaxDetail"] = {"TotalTax": in_units(taxed, record.currency)}
    return Draft(
        line=name,
        kind="CreditMemo" if is_credit else "Invoice",
        body=body,
        mark=mark,
        day=record.document_date.isoformat(),
        total_minor=to_minor(record.total),
    )


def _sale_lines(record: Document, settings: TargetSettings) -> Iterator[dict[str, Any]]:
    """The lines of a document; one line for all of it where it has none."""
    if not record.lines:
        detail = {"ItemRef": _mapped(settings.items, "", "items")}
        yield _sale_line(record.number, record.total.amount, detail)
    for line in record.lines:
        detail = {"ItemRef": _mapped(settings.items, line.category, "items")}
        codes = {tax.code for tax in line.taxes}
        if len(codes) > 1:
            msg = f"a line must have one tax code there, got {', '.join(sorted(codes))}"
            raise _refuse(msg)
        for code in codes:
            detail["TaxCodeRef"] = _mapped(settings.tax_codes, code, "tax_codes")
        yield _sale_line(line.description, line.net.amount, detail)


def _sale_line(text: str, amount: Decimal, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Description": text[:_NOTE_MAX],
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": dict(detail),
    }


def _journal_entry(name: str, record: JournalEntry, mark: str, settings: TargetSettings) -> Draft:
    currencies = {line.currency for line in record.lines}
    if len(currencies) != 1:
        msg = (
            f"an entry must have one currency there, got {', '.join(sorted(currencies)) or 'none'}"
        )
        raise _refuse(msg)
    lines = [_journal_line(line, settings) for line in record.lines if line.amount_minor]
    if not lines:
        msg = "an entry must have amounts in its own currency there, got none"
        raise _refuse(msg)
    body: dict[str, Any] = {
        "TxnDate": record.date.isoformat(),
        "CurrencyRef": {"value": currencies.pop()},
        "PrivateNote": _note(record.text or record.kind, mark),
        "Line": lines,
    }
    if record.document and len(record.document) <= _NUMBER_MAX:
        body["DocNumber"] = record.document
    return Draft(
        line=name,
        kind="JournalEntry",
        body=body,
        mark=mark,
        day=record.date.isoformat(),
        total_minor=sum(line.amount_minor for line in record.lines if line.amount_minor > 0),
    )


def _journal_line(line: JournalLine, settings: TargetSettings) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "PostingType": "Debit" if line.amount_minor > 0 else "Credit",
        "AccountRef": _mapped(settings.accounts, line.account.number, "accounts"),
    }
    if line.customer:
        detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": str(line.customer)}}
    return {
        "Description": line.text[:_NOTE_MAX],
        "Amount": in_units(abs(line.amount_minor), line.currency),
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }
