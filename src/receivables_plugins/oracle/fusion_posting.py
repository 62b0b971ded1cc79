"""The posting target ``oracle-fusion``: receipts and invoices, created over REST, each one once.

Before a line is created, its number is asked for; what is there already is not sent again.  The
number is made of the line's key, so that an answer that was lost is found under it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from receivables.archives import in_units
from receivables.casework import LineAnswer, LineOutcome
from receivables.documents import CreditNote, DebitNote, Document, Line
from receivables.errors import OutcomeUnknownError, ServiceError, TransportError
from receivables.money import Money, to_minor
from receivables.outbox import (
    AppliedPart,
    Payload,
    PostingBatch,
    PostingLine,
    PostingProposal,
    PostingResult,
    ReceiptPosting,
)
from receivables.reading import ReadNotes
from receivables.transports import Response, Runtime
from receivables_plugins.oracle.posting import (
    RECEIPT_NUMBER_MAX,
    TRANSACTION_NUMBER_MAX,
    Objections,
    number_of,
)
from receivables_plugins.oracle.rest import Rest, as_json, error_text, quoted
from receivables_plugins.oracle.settings import FusionPostingSettings

__all__ = ["FusionPosting"]

_RECEIPTS: Final = "standardReceipts"
_INVOICES: Final = "receivablesInvoices"
_INSTALLMENTS: Final = "receivablesInvoiceInstallments"
_ACTION: Final = "application/vnd.oracle.adf.action+json"
_FAILED: Final = 500
"""From here on, a status says nothing of whether it was done (RFC 9110, 15.6)."""


class _UnknownError(Exception):
    """What the system has could not be asked."""


@attrs.frozen(kw_only=True)
class _Sending:
    """What is sent for a line, and how it is found again."""

    path: str
    key: str
    number_field: str
    number: str
    amount_field: str
    amount: Money
    payload: Mapping[str, Any]


class FusionPosting:
    """Creates receipts with what they pay, and invoices, in Fusion Cloud."""

    def __init__(self, settings: FusionPostingSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._rest = Rest(settings, runtime)

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """A payload for each line that can be sent, and what stands against the others."""
        against = self._objections(batch)
        payloads = [
            Payload(
                name=f"{number:04}-{sending.path}-{sending.number}.json",
                media_type="application/json",
                content=as_json(sending.payload),
            )
            for number, line in enumerate(batch.lines, start=1)
            if not against.of(line) and (sending := self._sending(line)) is not None
        ]
        return PostingProposal(batch=batch, payloads=payloads, problems=against.problems)

    def post(self, batch: PostingBatch) -> PostingResult:
        """Create what is not there yet, line by line; a line without an answer is unknown."""
        against = self._objections(batch)
        answers = [self._post(line, against.of(line)) for line in batch.lines]
        return PostingResult(posting=batch.posting, answers=answers)

    def status(self, batch: PostingBatch) -> PostingResult:
        """Look each line up by its number."""
        answers = [self._status(line) for line in batch.lines]
        return PostingResult(posting=batch.posting, answers=answers)

    def _status(self, line: PostingLine) -> LineAnswer:
        sending = self._sending(line)
        if sending is None:
            return _answer(line, LineOutcome.REFUSED, message="it is never sent this way")
        try:
            found = self._found(line, sending)
        except _UnknownError as error:
            return _answer(line, LineOutcome.UNKNOWN, message=str(error))
        there = f"no {sending.number_field} {sending.number} is there"
        return found or _answer(line, LineOutcome.REFUSED, message=there)

    # What stands against a line

    def _objections(self, batch: PostingBatch) -> Objections:
        against = Objections(batch)
        for line in batch.lines:
            against.check(line, ReceiptPosting, Document)
            against.check_applications(line, has_installments=self._settings.applies == "action")
            if isinstance(line.record, ReceiptPosting) and not self._method(line.record):
                against.refuse(line, "receipt_method must be given for receipts, got none")
            if isinstance(line.record, Document):
                self._check_document(line, line.record, against)
        return against

    def _check_document(self, line: PostingLine, document: Document, against: Objections) -> None:
        said = self._settings
        if isinstance(document, CreditNote):
            against.refuse(line, "a credit note cannot be sent: its signs there are not documented")
        if isinstance(document, DebitNote) and not said.debit_note_type:
            against.refuse(line, "debit_note_type must be given for debit notes, got none")
        if not said.transaction_source:
            against.refuse(line, "transaction_source must be given for documents, got none")
        if not said.tax_regime and any(each.taxes for each in document.lines):
            against.refuse(line, "tax_regime must be given for taxes, got none")
        if len(document.installments) > 1 and not said.payment_terms:
            against.refuse(line, "payment_terms must be given for installments, got none")

    # What is sent

    def _sending(self, line: PostingLine) -> _Sending | None:
        """What is sent for a line; None for a record that this target never sends."""
        record = line.record
        if isinstance(record, ReceiptPosting):
            number = number_of(line, longest=RECEIPT_NUMBER_MAX)
            return _Sending(
                path=_RECEIPTS,
                key="StandardReceiptId",
                number_field="ReceiptNumber",
                number=number,
                amount_field="Amount",
                amount=record.amount,
                payload=self._receipt(record, number),
            )
        if not isinstance(record, Document):
            return None
        number = number_of(line, longest=TRANSACTION_NUMBER_MAX)
        return _Sending(
            path=_INVOICES,
            key="CustomerTransactionId",
            number_field="TransactionNumber",
            number=number,
            amount_field="EnteredAmount",
            amount=record.total,
            payload=self._document(record, number),
        )

    def _method(self, receipt: ReceiptPosting) -> str:
        return self._settings.methods.get(receipt.method.value, self._settings.receipt_method)

    def _receipt(self, receipt: ReceiptPosting, number: str) -> dict[str, Any]:
        currency = receipt.amount.currency.code
        day = receipt.booking_date.isoformat()
        payload: dict[str, Any] = {
            "ReceiptNumber": number,
            "BusinessUnit": self._settings.business_unit,
            "ReceiptMethod": self._method(receipt),
            "ReceiptDate": day,
            "AccountingDate": day,
            "Amount": in_units(to_minor(receipt.amount), currency),
            "Currency": currency,
        }
        # A receipt without a customer is one of an unidentified payer there, too.
        optional = {"CustomerAccountNumber": receipt.customer, "Comments": receipt.text}
        payload |= {name: str(text) for name, text in optional.items() if text}
        if receipt.applications and self._settings.applies == "references":
            payload["remittanceReferences"] = [
                {
                    "ReceiptMatchBy": self._settings.match_by,
                    "ReferenceNumber": part.document,
                    "ReferenceAmount": in_units(part.amount_minor, currency),
                }
                for part in receipt.applications
            ]
        return payload

    def _document(self, document: Document, number: str) -> dict[str, Any]:
        said = self._settings
        is_debit = isinstance(document, DebitNote)
        lines = document.lines or (Line(description=document.number, net=document.total),)
        payload: dict[str, Any] = {
            "TransactionNumber": number,
            "BusinessUnit": said.business_unit,
            "TransactionSource": said.transaction_source,
            "TransactionType": said.debit_note_type if is_debit else said.invoice_type,
            "TransactionDate": document.document_date.isoformat(),
            "AccountingDate": document.posting_date.isoformat(),
            "BillToCustomerNumber": str(document.customer),
            "InvoiceCurrencyCode": document.currency,
            "InvoiceStatus": said.invoice_status,
            "receivablesInvoiceLines": [
                self._line(each, place) for place, each in enumerate(lines, start=1)
            ],
        }
        due = document.installments[0].due_date if len(document.installments) == 1 else None
        optional = {
            "PaymentTerms": said.payment_terms,
            "DueDate": due.isoformat() if due else "",
            "PurchaseOrder": document.references[0] if document.references else "",
        }
        return payload | {name: text for name, text in optional.items() if text}

    def _line(self, line: Line, number: int) -> dict[str, Any]:
        """A line as one piece at its net amount: a price of a piece could not always be exact."""
        currency = line.net.currency.code
        payload: dict[str, Any] = {
            "LineNumber": number,
            "Description": line.description,
            "Quantity": 1,
            "UnitSellingPrice": in_units(to_minor(line.net), currency),
        }
        if line.taxes:
            payload["receivablesInvoiceLineTaxLines"] = [
                {
                    "TaxRegimeCode": self._settings.tax_regime,
                    "TaxRateCode": tax.code,
                    "TaxAmount": in_units(to_minor(tax.amount), currency),
                }
                for tax in line.taxes
            ]
        return payload

    # Sending it

    def _post(self, line: PostingLine, reason: str) -> LineAnswer:
        sending = self._sending(line)
        if reason or sending is None:
            return _answer(line, LineOutcome.REFUSED, message=reason)
        try:
            found = self._found(line, sending)
        except _UnknownError as error:
            # It may have been sent before, so that not having asked says nothing.
            return _answer(line, LineOutcome.UNKNOWN, message=str(error))
        if found is not None:
            return found
        try:
            response = self._rest.post(
                sending.path, sending.payload, upserts=self._settings.upserts
            )
        except OutcomeUnknownError as error:
            return _answer(line, LineOutcome.UNKNOWN, message=str(error))
        except (TransportError, ServiceError) as error:
            return _answer(line, LineOutcome.REFUSED, message=f"nothing was sent: {error}")
        return self._answered(line, sending, response)

    def _answered(self, line: PostingLine, sending: _Sending, response: Response) -> LineAnswer:
        code = str(response.status)
        if not response.is_success:
            failed = response.status >= _FAILED
            outcome = LineOutcome.UNKNOWN if failed else LineOutcome.REFUSED
            return _answer(line, outcome, code=code, message=error_text(response))
        try:
            row = response.json()
        except ServiceError as error:
            return _answer(line, LineOutcome.UNKNOWN, code=code, message=str(error))
        if not isinstance(row, dict) or not row.get(sending.key):
            msg = f"an answer must have {sending.key}, got none"
            return _answer(line, LineOutcome.UNKNOWN, code=code, message=msg)
        notes = [_difference(row, sending)]
        if isinstance(line.record, ReceiptPosting) and self._settings.applies == "action":
            notes += [
                self._apply(part, str(row[sending.key]), line.record)
                for part in line.record.applications
            ]
        message = "; ".join(note for note in notes if note)
        return _answer(
            line, LineOutcome.POSTED, reference=str(row[sending.key]), code=code, message=message
        )

    def _apply(self, part: AppliedPart, receipt: str, record: ReceiptPosting) -> str:
        """Apply a receipt that is booked; what cannot be applied stays on account, and is said."""
        installment = self._installment(part)
        if not installment:
            return f"not applied to {part.document}: no such installment was found"
        payload = {
            "appliedPaymentScheduleId": int(installment),
            "amountApplied": in_units(part.amount_minor, record.amount.currency.code),
        }
        path = f"{_RECEIPTS}/{receipt}/action/applyReceipt"
        try:
            response = self._rest.post(path, payload, media_type=_ACTION)
        except (TransportError, ServiceError) as error:
            return f"perhaps not applied to {part.document}: {error}"
        return (
            "" if response.is_success else f"not applied to {part.document}: {error_text(response)}"
        )

    def _installment(self, part: AppliedPart) -> str:
        notes = ReadNotes("oracle-fusion")
        q = self._by_number("TransactionNumber", part.document)
        rows = list(
            self._rest.rows(
                _INVOICES, notes, key="CustomerTransactionId", q=q, expand=[_INSTALLMENTS]
            )
        )
        if len(rows) != 1:
            return ""
        path = f"{_INVOICES}/{rows[0]['CustomerTransactionId']}"
        parts = self._rest.children(rows[0], path, _INSTALLMENTS, notes, key="InstallmentId")
        found = [
            str(each["InstallmentId"])
            for each in parts or ()
            if str(each.get("InstallmentSequenceNumber")) == str(part.installment)
        ]
        return found[0] if len(found) == 1 and found[0].isdigit() else ""

    def _by_number(self, field: str, number: str) -> list[str]:
        unit = f"BusinessUnit = {quoted(self._settings.business_unit)}"
        return [f"{field} = {quoted(number)}", unit]

    def _found(self, line: PostingLine, sending: _Sending) -> LineAnswer | None:
        """The answer for what is there already; raises `_UnknownError` where nobody says."""
        notes = ReadNotes("oracle-fusion")
        q = self._by_number(sending.number_field, sending.number)
        rows = list(self._rest.rows(sending.path, notes, key=sending.key, q=q))
        if notes.error_count:
            raise _UnknownError(notes.problems[0].message)
        if not rows:
            return None
        reference = str(rows[0][sending.key])
        if different := _difference(rows[0], sending):
            msg = f"{sending.number_field} {sending.number} is taken: {different}"
            return _answer(line, LineOutcome.REFUSED, code="oracle.number-taken", message=msg)
        return _answer(line, LineOutcome.POSTED, reference=reference)


def _difference(row: Mapping[str, Any], sending: _Sending) -> str:
    """How what is booked differs from what was sent; empty where it does not say an amount."""
    booked = row.get(sending.amount_field)
    wanted = in_units(to_minor(sending.amount), sending.amount.currency.code)
    if booked is None or booked == wanted:
        return ""
    return f"booked with an amount of {booked}, and not of {wanted}"


def _answer(line: PostingLine, outcome: LineOutcome, **said: str) -> LineAnswer:
    return LineAnswer(line=line.line, outcome=outcome, **said)
