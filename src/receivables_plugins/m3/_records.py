"""What is sent for each line of a batch: lines of ARS040MI, and the record of GLS840MI."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs

from receivables.accounting.model import JournalEntry, JournalLine
from receivables.errors import DocumentError
from receivables.money import from_minor
from receivables.outbox import PostingBatch, PostingLine, ReceiptPosting
from receivables.receipts import ReceiptMethod
from receivables_plugins.m3._mi import Call
from receivables_plugins.m3.settings import PostingSettings, RecordField

__all__ = ["Entry", "Unit", "units_of"]

_NUMBER_MAX: Final = 10**10
"""``PBID`` has ten digits."""
_INVOICE_MAX: Final = 15
_YEAR_DIGITS: Final = 4


@attrs.frozen(kw_only=True)
class Entry:
    """One line of a batch as the calls that put it into M3, each with the number of its row."""

    line: str
    calls: Mapping[str, Call]


@attrs.frozen(kw_only=True)
class Unit:
    """A batch of M3: its name, its head, its entries, and what ends it.

    Receipts of one row share a payment batch by account and day; a receipt of several rows, and
    each journal entry, has one of its own, so that none is ever booked in part.
    """

    name: str
    head: Call
    entries: tuple[Entry, ...]
    ends: tuple[Call, ...]


def units_of(
    batch: PostingBatch, settings: PostingSettings
) -> tuple[tuple[Unit, ...], Mapping[str, str]]:
    """The batches of M3 for a batch, and why some of its lines cannot be sent."""
    refused: dict[str, str] = {}
    shared: dict[tuple[str, str], list[PostingLine]] = {}
    units: list[Unit] = []
    for line in batch.lines:
        try:
            if isinstance(line.record, JournalEntry):
                units.append(_journal_unit(batch, line, line.record, settings))
            elif isinstance(line.record, ReceiptPosting):
                _check_receipt(line.record, settings)
                if _rows_of(line.record) > 1:
                    units.append(_receipt_unit(batch, [line], settings))
                else:
                    key = (line.record.account, line.record.booking_date.isoformat())
                    shared.setdefault(key, []).append(line)
            else:
                refused[line.line] = "M3 takes receipts and journal entries, got a document"
        except DocumentError as error:
            refused[line.line] = str(error)
    units += [_receipt_unit(batch, lines, settings) for lines in shared.values()]
    return tuple(units), refused


def _hashed(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _rows_of(receipt: ReceiptPosting) -> int:
    return len(receipt.applications) + (receipt.on_account_minor > 0)


def _check_receipt(receipt: ReceiptPosting, settings: PostingSettings) -> None:
    if not settings.payment_type:
        msg = f"payment_type must be set to send receipt {receipt.receipt}, got none"
        raise DocumentError(msg)
    if receipt.on_account_minor and not settings.on_account_type:
        left = f"{receipt.on_account_minor} minor units on account"
        msg = f"on_account_type must be set for receipt {receipt.receipt}, got {left}"
        raise DocumentError(msg)
    if any(part.discount_minor for part in receipt.applications) and not settings.discount_field:
        msg = f"discount_field must be set for a discount on {receipt.receipt}, got none"
        raise DocumentError(msg)
    for part in receipt.applications:
        _invoice(part.document, settings)


def _receipt_unit(batch: PostingBatch, lines: list[PostingLine], settings: PostingSettings) -> Unit:
    first = lines[0].record
    assert isinstance(first, ReceiptPosting)  # noqa: S101  # the caller sorted them
    digest = _hashed(batch.posting, *(line.line for line in lines))
    number = str(int(digest[:15], 16) % (_NUMBER_MAX - 1) + 1)
    head = {
        "PBID": number,
        "BOPE": settings.payment_type,
        "ACDT": f"{first.booking_date:%Y%m%d}",
    }
    if first.account in settings.bank_accounts:
        head["BAAN"] = settings.bank_accounts[first.account]
    place = 1
    entries = []
    for line in lines:
        assert isinstance(line.record, ReceiptPosting)  # noqa: S101  # the caller sorted them
        calls = _receipt_calls(line.record, number, place, settings)
        place += len(calls)
        entries.append(Entry(line=line.line, calls=calls))
    ends = [_call("ARS040MI", "ControlBatch", {"PBID": number}, settings)]
    return Unit(
        name=number,
        head=_call("ARS040MI", "AddBatchHead", head, settings),
        entries=tuple(entries),
        ends=tuple(ends),
    )


def _receipt_calls(
    receipt: ReceiptPosting, number: str, place: int, settings: PostingSettings
) -> Mapping[str, Call]:
    shared = {
        "PBID": number,
        "CUNO": str(receipt.customer),
        "PYNO": str(receipt.customer),
        "CUCD": receipt.amount.currency.code,
        "LPDT": f"{receipt.booking_date:%Y%m%d}",
    }
    if receipt.method is ReceiptMethod.CHEQUE and receipt.reference:
        shared["CKNO"] = receipt.reference
    currency = shared["CUCD"]
    calls: dict[str, Call] = {}
    for part in receipt.applications:
        invoice, year = _invoice(part.document, settings)
        said = {"CINO": invoice, "INYR": year, "PYAM": _plain(part.amount_minor, currency)}
        if part.discount_minor:
            said[settings.discount_field] = _plain(part.discount_minor, currency)
        name = str(place + len(calls))
        fields = {**shared, **said, "TRNO": name}
        calls[name] = _call("ARS040MI", "AddBatchLine", fields, settings)
    if receipt.on_account_minor:
        name = str(place + len(calls))
        said = {
            "CINO": f"{number}-{name}",
            "INYR": str(receipt.booking_date.year),
            "PYAM": _plain(receipt.on_account_minor, currency),
            "PYTP": settings.on_account_type,
        }
        fields = {**shared, **said, "TRNO": name}
        calls[name] = _call("ARS040MI", "AddBatchLine", fields, settings)
    return calls


def _invoice(number: str, settings: PostingSettings) -> tuple[str, str]:
    """The number and the year of an invoice, from the parts that its document number is made of."""
    parts = settings.document_number
    at = parts.index("CINO")
    pieces = number.split("-")
    ends = len(pieces) - (len(parts) - at - 1)
    found = dict(zip(parts[:at], pieces[:at], strict=False))
    found |= dict(zip(parts[at + 1 :], pieces[ends:], strict=False))
    invoice, year = "-".join(pieces[at:ends]), found.get("INYR", "")
    if len(year) != _YEAR_DIGITS or not year.isdigit() or not 0 < len(invoice) <= _INVOICE_MAX:
        msg = f"document must be numbered by {'-'.join(parts)} with a year, got {number!r}"
        raise DocumentError(msg)
    return invoice, year


def _journal_unit(
    batch: PostingBatch, line: PostingLine, entry: JournalEntry, settings: PostingSettings
) -> Unit:
    if not settings.journal_layout:
        msg = f"journal_layout must be set to send entry {entry.entry}, got none"
        raise DocumentError(msg)
    key = _hashed(batch.posting, line.line)[:20].upper()
    base = {"CONO": settings.company, "KEY1": key}
    if settings.division:
        base["DIVI"] = settings.division
    head = {**base, "INTN": settings.journal_interface, "DESC": batch.posting[:40]}
    calls = {}
    for place, each in enumerate(entry.lines, start=1):
        said = {"LINE": str(place), "PARM": _record(entry, each, place, key, settings)}
        calls[str(place)] = _call("GLS840MI", "AddBatchLine", {**base, **said}, settings)
    steps = ("CtrlBatch", "UpdBatch") if settings.update else ("CtrlBatch",)
    return Unit(
        name=key,
        head=_call("GLS840MI", "AddBatchHead", head, settings),
        entries=(Entry(line=line.line, calls=calls),),
        ends=tuple(_call("GLS840MI", step, base, settings) for step in steps),
    )


def _record(
    entry: JournalEntry, line: JournalLine, place: int, key: str, settings: PostingSettings
) -> str:
    """The fixed-width record of one line, as the site defined it in GLS800.

    Raises `DocumentError` where something does not fit.
    """
    said = _contents(entry, line, place, key)
    record = ""
    for field in settings.journal_layout:
        text = _cell(field, entry, line, said)
        if len(text) > field.length:
            if not field.cut:
                most = f"{field.length} characters at most"
                msg = f"{field.holds} of {entry.entry} must have {most}, got {text!r}"
                raise DocumentError(msg)
            text = text[: field.length]
        pad = text.rjust if field.align == "right" else text.ljust
        record = record.ljust(field.start - 1) + pad(field.length, field.fill)
    return record.rstrip()


def _contents(entry: JournalEntry, line: JournalLine, place: int, key: str) -> Mapping[str, str]:
    return {
        "account": line.account.number,
        "counterparty": line.counterparty,
        "currency": line.currency,
        "customer": str(line.customer),
        "document": entry.document,
        "entry": str(entry.entry),
        "functional-currency": entry.functional_currency,
        "item": str(line.item),
        "key": key,
        "kind": entry.kind,
        "line": str(place),
        "text": line.text or entry.text,
    }


def _cell(
    field: RecordField, entry: JournalEntry, line: JournalLine, said: Mapping[str, str]
) -> str:
    match field.holds:
        case "value":
            text = field.value
        case "amount":
            text = _amount(line.amount_minor, line.currency, field)
        case "functional-amount":
            text = _amount(line.functional_minor, entry.functional_currency, field)
        case "side":
            debit, _, credit = (field.value or "D/C").partition("/")
            text = debit if line.amount_minor >= 0 else credit
        case "date":
            text = entry.date.strftime(field.date_format)
        case "document-date":
            text = (entry.document_date or entry.date).strftime(field.date_format)
        case name if name.startswith("dimension:"):
            text = dict(line.dimensions).get(name.partition(":")[2], "")
        case name:
            text = said[name]
    return text


def _amount(minor: int, currency: str, field: RecordField) -> str:
    if field.form == "implied":
        return str(minor)
    text = _plain(abs(minor), currency)
    if field.form == "unsigned" or minor >= 0:
        return text
    return f"{text}-" if field.form == "trailing-sign" else f"-{text}"


def _plain(minor: int, currency: str) -> str:
    amount: Decimal = from_minor(minor, currency).amount
    return f"{amount:f}"


def _call(
    program: str, transaction: str, fields: Mapping[str, str], settings: PostingSettings
) -> Call:
    context = {"DIVI": settings.division} if settings.division else {}
    return Call(program=program, transaction=transaction, fields={**context, **fields}, writes=True)
