"""Files for the interface tables of Receivables: AutoInvoice for documents, lockbox for receipts.

*Oracle Receivables Implementation Guide, open interfaces*: rows wait in RA_INTERFACE_LINES_ALL and
AR_PAYMENTS_INTERFACE_ALL until the import program takes them; it refuses a line whose context and
attributes are there already, so that a file that is loaded twice is booked once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NoReturn

from receivables.archives import in_units
from receivables.documents import CreditNote, Document, Line
from receivables.errors import PolicyError
from receivables.money import to_minor
from receivables.outbox import (
    Payload,
    PostingBatch,
    PostingLine,
    PostingProposal,
    PostingResult,
    ReceiptPosting,
)
from receivables_plugins.oracle.posting import (
    RECEIPT_NUMBER_MAX,
    TRANSACTION_NUMBER_MAX,
    Objections,
    number_of,
)
from receivables_plugins.oracle.settings import AutoInvoiceSettings, LockboxFileSettings

__all__ = ["AutoInvoice", "LockboxFile"]

_ATTRIBUTES: Final = tuple(f"INTERFACE_LINE_ATTRIBUTE{number}" for number in range(1, 16))
_LINES: Final = (
    "INTERFACE_LINE_CONTEXT",
    *_ATTRIBUTES,
    "BATCH_SOURCE_NAME",
    "SET_OF_BOOKS_ID",
    "ORG_ID",
    "LINE_TYPE",
    "DESCRIPTION",
    "CURRENCY_CODE",
    "CONVERSION_TYPE",
    "CONVERSION_DATE",
    "CONVERSION_RATE",
    "QUANTITY",
    "UNIT_SELLING_PRICE",
    "AMOUNT",
    "CUST_TRX_TYPE_NAME",
    "TERM_NAME",
    "TRX_NUMBER",
    "TRX_DATE",
    "GL_DATE",
    "ORIG_SYSTEM_BILL_CUSTOMER_ID",
    "ORIG_SYSTEM_BILL_CUSTOMER_REF",
    "ORIG_SYSTEM_BILL_ADDRESS_ID",
    "ORIG_SYSTEM_BILL_ADDRESS_REF",
    "TAX_CODE",
    "TAX_RATE",
    "LINK_TO_LINE_CONTEXT",
    "LINK_TO_LINE_ATTRIBUTE1",
    "LINK_TO_LINE_ATTRIBUTE2",
    "LINK_TO_LINE_ATTRIBUTE3",
    "PURCHASE_ORDER",
    "COMMENTS",
)
"""Columns of RA_INTERFACE_LINES_ALL."""

_PLACES: Final = 8
"""Documents that one row of a payment names."""
_PAYMENTS: Final = (
    "RECORD_TYPE",
    "LOCKBOX_NUMBER",
    "BATCH_NAME",
    "ITEM_NUMBER",
    "ORIGINATION",
    "DESTINATION_ACCOUNT",
    "CURRENCY_CODE",
    "REMITTANCE_AMOUNT",
    "CHECK_NUMBER",
    "CUSTOMER_NUMBER",
    "CUSTOMER_ID",
    "RECEIPT_DATE",
    "DEPOSIT_DATE",
    "RECEIPT_METHOD",
    "COMMENTS",
    "OVERFLOW_SEQUENCE",
    "OVERFLOW_INDICATOR",
    *(f"INVOICE{number}" for number in range(1, _PLACES + 1)),
    *(f"INVOICE{number}_INSTALLMENT" for number in range(1, _PLACES + 1)),
    *(f"AMOUNT_APPLIED{number}" for number in range(1, _PLACES + 1)),
)
"""Columns of AR_PAYMENTS_INTERFACE_ALL."""


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows for a loader: no mark, no apostrophes, blanks for line ends."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: " ".join(text.split()) for name, text in row.items()} for row in rows)
    return stream.getvalue().encode()


def _amount(minor: int, currency: str) -> str:
    return f"{in_units(minor, currency):f}"


def _never(name: str) -> NoReturn:
    msg = f"{name} must be loaded as a file that `propose` gives, it sends nothing"
    raise PolicyError(msg)


class AutoInvoice:
    """Writes documents as rows for AutoInvoice; a tax is a row that is linked to its line."""

    def __init__(self, settings: AutoInvoiceSettings) -> None:
        self._settings = settings

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """The file, with every line that can go in, and what stands against the others."""
        against = Objections(batch)
        rows: list[dict[str, str]] = []
        for line in batch.lines:
            self._check(line, against)
            if isinstance(line.record, Document) and not against.of(line):
                rows += self._rows(line, line.record)
        name = f"ra_interface_lines_all-{batch.posting}.csv"
        payloads = [Payload(name=name, media_type="text/csv", content=_csv(_LINES, rows))]
        return PostingProposal(
            batch=batch, payloads=payloads if rows else (), problems=against.problems
        )

    def post(self, batch: PostingBatch) -> PostingResult:  # noqa: ARG002  # as the protocol says
        """Raise `PolicyError`: it sends nothing."""
        _never("oracle-autoinvoice")

    def status(self, batch: PostingBatch) -> PostingResult:  # noqa: ARG002  # as the protocol says
        """Raise `PolicyError`: it asks nobody."""
        _never("oracle-autoinvoice")

    def _check(self, line: PostingLine, against: Objections) -> None:
        against.check(line, Document)
        record = line.record
        if not isinstance(record, Document):
            return
        if record.kind.value not in self._settings.types:
            against.refuse(line, f"types must have one for {record.kind.value}, got none")
        if isinstance(record, CreditNote):
            if record.corrects:
                msg = f"the credit for {record.corrects} is sent as one on account, to be applied there"
                against.warn(line, msg, code="oracle.credit-on-account")
        elif not self._terms(record):
            against.refuse(line, f"terms must have a TERM_NAME, got none for {record.terms!r}")

    def _terms(self, document: Document) -> str:
        return self._settings.term_names.get(document.terms, self._settings.terms)

    def _rows(self, line: PostingLine, document: Document) -> Iterator[dict[str, str]]:
        sign = -1 if isinstance(document, CreditNote) else 1
        key = number_of(line, longest=TRANSACTION_NUMBER_MAX)
        lines = document.lines or (Line(description=document.number, net=document.total),)
        head = self._head(document, key)
        for number, each in enumerate(lines, start=1):
            net = _amount(sign * to_minor(each.net), document.currency)
            place = {"LINE_TYPE": "LINE", "DESCRIPTION": each.description or document.number}
            priced = {"QUANTITY": "1", "UNIT_SELLING_PRICE": net, "AMOUNT": net}
            yield {**head, **self._identity(key, number, "LINE"), **place, **priced}
            for count, tax in enumerate(each.taxes, start=1):
                rate = "" if tax.rate_bps is None else f"{Decimal(tax.rate_bps).scaleb(-2):f}"
                yield {
                    **head,
                    **self._identity(key, number, f"TAX-{count}"),
                    **self._link(key, number),
                    "LINE_TYPE": "TAX",
                    "DESCRIPTION": tax.code,
                    "TAX_CODE": tax.code,
                    "TAX_RATE": rate,
                    "AMOUNT": _amount(sign * to_minor(tax.amount), document.currency),
                }

    def _identity(self, key: str, number: int, part: str) -> dict[str, str]:
        values = dict(zip(_ATTRIBUTES, (key, str(number), part), strict=False))
        return {"INTERFACE_LINE_CONTEXT": self._settings.context, **values}

    def _link(self, key: str, number: int) -> dict[str, str]:
        return {
            "LINK_TO_LINE_CONTEXT": self._settings.context,
            "LINK_TO_LINE_ATTRIBUTE1": key,
            "LINK_TO_LINE_ATTRIBUTE2": str(number),
            "LINK_TO_LINE_ATTRIBUTE3": "LINE",
        }

    def _head(self, document: Document, key: str) -> dict[str, str]:
        said = self._settings
        by = "REF" if said.customer_by == "reference" else "ID"
        is_credit = isinstance(document, CreditNote)
        corrects = document.corrects if isinstance(document, CreditNote) else ""
        return {
            "BATCH_SOURCE_NAME": said.batch_source,
            "SET_OF_BOOKS_ID": said.ledger,
            "ORG_ID": said.org,
            "CURRENCY_CODE": document.currency,
            **self._conversion(document),
            "CUST_TRX_TYPE_NAME": said.types[document.kind.value],
            "TERM_NAME": "" if is_credit else self._terms(document),
            "TRX_NUMBER": key,
            "TRX_DATE": document.document_date.isoformat(),
            "GL_DATE": document.posting_date.isoformat(),
            f"ORIG_SYSTEM_BILL_CUSTOMER_{by}": document.customer,
            f"ORIG_SYSTEM_BILL_ADDRESS_{by}": said.addresses.get(document.customer, ""),
            "PURCHASE_ORDER": document.references[0] if document.references else "",
            "COMMENTS": corrects,
        }

    def _conversion(self, document: Document) -> dict[str, str]:
        rate = document.exchange_rate
        if document.currency == self._settings.currency:
            return {"CONVERSION_TYPE": "User", "CONVERSION_RATE": "1"}
        if rate is not None and rate.base == document.currency:
            return {
                "CONVERSION_TYPE": "User",
                "CONVERSION_RATE": f"{rate.rate:f}",
                "CONVERSION_DATE": rate.date.isoformat(),
            }
        return {
            "CONVERSION_TYPE": self._settings.conversion_type,
            "CONVERSION_DATE": document.document_date.isoformat(),
        }


class LockboxFile:
    """Writes receipts as rows for lockbox; more than eight documents take overflow records."""

    def __init__(self, settings: LockboxFileSettings) -> None:
        self._settings = settings

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """The file, with every line that can go in, and what stands against the others."""
        against = Objections(batch)
        rows: list[dict[str, str]] = []
        item = 0
        for line in batch.lines:
            against.check(line, ReceiptPosting)
            against.check_applications(line, has_installments=True)
            if isinstance(line.record, ReceiptPosting) and not against.of(line):
                item += 1
                rows += self._rows(line, line.record, item)
        name = f"ar_payments_interface_all-{batch.posting}.csv"
        payloads = [Payload(name=name, media_type="text/csv", content=_csv(_PAYMENTS, rows))]
        return PostingProposal(
            batch=batch, payloads=payloads if rows else (), problems=against.problems
        )

    def post(self, batch: PostingBatch) -> PostingResult:  # noqa: ARG002  # as the protocol says
        """Raise `PolicyError`: it sends nothing."""
        _never("oracle-lockbox")

    def status(self, batch: PostingBatch) -> PostingResult:  # noqa: ARG002  # as the protocol says
        """Raise `PolicyError`: it asks nobody."""
        _never("oracle-lockbox")

    def _rows(
        self, line: PostingLine, receipt: ReceiptPosting, item: int
    ) -> Iterator[dict[str, str]]:
        parts = list(receipt.applications)
        pieces = [parts[start : start + _PLACES] for start in range(0, len(parts), _PLACES)] or [[]]
        currency = receipt.amount.currency.code
        for place, piece in enumerate(pieces):
            applied = {}
            for number, part in enumerate(piece, start=1):
                applied[f"INVOICE{number}"] = part.document
                applied[f"INVOICE{number}_INSTALLMENT"] = str(part.installment)
                applied[f"AMOUNT_APPLIED{number}"] = _amount(part.amount_minor, currency)
            head = self._overflow(place, len(pieces)) if place else self._payment(line, receipt)
            yield {
                **head,
                "LOCKBOX_NUMBER": self._settings.lockbox,
                "BATCH_NAME": self._settings.batch,
                "ITEM_NUMBER": str(item),
                **applied,
            }

    def _payment(self, line: PostingLine, receipt: ReceiptPosting) -> dict[str, str]:
        said = self._settings
        by = "CUSTOMER_NUMBER" if said.customer_by == "number" else "CUSTOMER_ID"
        day = receipt.booking_date.isoformat()
        return {
            "RECORD_TYPE": said.payment_record,
            "ORIGINATION": said.origination,
            "DESTINATION_ACCOUNT": said.destination or receipt.account,
            "CURRENCY_CODE": receipt.amount.currency.code,
            "REMITTANCE_AMOUNT": _amount(to_minor(receipt.amount), receipt.amount.currency.code),
            "CHECK_NUMBER": number_of(line, longest=RECEIPT_NUMBER_MAX),
            by: receipt.customer,
            "RECEIPT_DATE": day,
            "DEPOSIT_DATE": day,
            "RECEIPT_METHOD": said.receipt_method,
            "COMMENTS": receipt.text or receipt.reference,
        }

    def _overflow(self, place: int, count: int) -> dict[str, str]:
        is_last = place == count - 1
        return {
            "RECORD_TYPE": self._settings.overflow_record,
            "OVERFLOW_SEQUENCE": str(place),
            "OVERFLOW_INDICATOR": (
                self._settings.overflow_last if is_last else self._settings.overflow_more
            ),
        }
