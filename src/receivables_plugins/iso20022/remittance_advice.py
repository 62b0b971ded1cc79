"""Remittance advices (remt.001): what a payment pays, sent apart from the payment.

Each ``RmtInf`` is one payment: ``OrgnlPmtInf`` says which, ``Strd`` names the documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import Payer, ReceiptMethod, ReferredDocument
from receivables_plugins.iso20022.advice_elements import REMITTANCES
from receivables_plugins.iso20022.advices import AdviceMessageReader, AdviceReading, BatchUnderWay
from receivables_plugins.iso20022.details import compact
from receivables_plugins.iso20022.parser import Complete
from receivables_plugins.iso20022.records import LINE, RAW, REFERENCES, Record
from receivables_plugins.iso20022.remittance import references, remittance
from receivables_plugins.iso20022.values import RefusedError

__all__ = ["remittance_reader"]

_OURS: Final = re.compile(
    rb"<([\w.-]+:)?RmtAdvc(V01)?[\s/>]"
    rb"|[\"']urn:iso:std:iso:20022:tech:xsd:remt\.001\."
    rb"|<([\w.-]+:)?MsgDefIdr>\s*remt\.001\."
)
_CREDIT_NOTE: Final = "CREN"
_CURRENCY: Final = "remt001.currency-differs"
_AMOUNTS: Final = ("RmtdAmt", "CdtNoteAmt", "DuePyblAmt")


def remittance_reader() -> AdviceMessageReader:
    """The reader of remt.001, in any version."""
    return AdviceMessageReader(_OURS, RemittanceReading)


class RemittanceReading(AdviceReading):
    """One file under way."""

    OUTSIDE = REMITTANCES
    ENTRY = "RmtInf"
    NAME = "a remittance advice (remt.001)"
    HOLDS = "a remittance"

    def __init__(self, notes: ReadNotes, *, has_shapes: bool = True) -> None:
        super().__init__(notes, has_shapes=has_shapes)
        self._batch: BatchUnderWay | None = None

    def completions(self) -> Mapping[str, Complete]:
        """Remittances, and the header before them."""
        return {"GrpHdr": self.take_header, "RmtInf": self._remittance}

    def _remittance(self, record: Record, _parent: Record) -> None:
        self.index += 1
        if self._batch is None:
            self._batch = BatchUnderWay(self.header.get("MsgId", ""))
        try:
            advice = self._advice(record, self._batch.batch)
        except RefusedError as error:
            self.note(error.code, str(error), line=record[LINE], field=error.field)
            return
        self.emit(advice, self._batch)

    def _advice(self, record: Record, batch: str) -> PaymentAdvice:
        self.leaves.currency = currency = _currency(record)
        said = remittance(record, self.leaves)
        total_minor = sum(map(_signed, said.documents))
        amount_minor = total_minor
        if "Amt" in record:
            amount_minor, _ = self.amount(record)
            if total_minor not in (0, amount_minor):
                msg = f"documents must add up to {amount_minor} minor units, got {total_minor}"
                self.note("remt001.documents-differ", msg, line=record[LINE], is_error=False)
        return PaymentAdvice(
            kind=AdviceKind.REMITTANCE,
            batch=batch,
            index=self.index,
            amount_minor=amount_minor,
            currency=currency,
            date=self.leaves.day(record, "ReqdExctnDt") or self.leaves.day(record, "ReqdColltnDt"),
            payer=self._payer(record),
            remittance=said,
            references=references(record, ""),
            account=compact(record.get("CdtrAcct", "")),
            method=_method(record),
            source=Place(self.notes.source, line=record[LINE]),
            raw=record[RAW],
        )

    def _payer(self, record: Record) -> Payer:
        """The debtor of the payment, or else who sent the advice."""
        payer = self.payer(record)
        return payer if payer != Payer() else Payer(name=self.header.get("InitgPty", ""))

    def finish(self, message: Record) -> None:
        """Give the batch out: all remittances of the message."""
        del message
        if self._batch is not None:
            self.out += self._batch.finish(self.header)
        self._batch, self.header = None, {}


def _currency(record: Record) -> str:
    """The currency of the payment, or else of its documents; empty where nothing has an amount."""
    found = {record["Amt Ccy"]} if "Amt Ccy" in record else set()
    if not found:
        for structured in record.get("Strd", ()):
            keys = (f"{name} Ccy" for name in _AMOUNTS)
            found |= {structured[key] for key in keys if key in structured}
    if len(found) > 1:
        msg = f"documents of a payment must be in one currency, got {', '.join(sorted(found))}"
        raise RefusedError(_CURRENCY, msg, field="Strd/RfrdDocAmt")
    return "".join(found)


def _signed(document: ReferredDocument) -> int:
    """What a document adds to the payment: a credit note takes off."""
    minor = document.amount_minor or 0
    return -abs(minor) if document.kind == _CREDIT_NOTE else minor


def _method(record: Record) -> ReceiptMethod:
    """How it is paid, as far as the references tell."""
    named = {name for name, _ in record.get(REFERENCES, ())}
    if "ChqNb" in named:
        return ReceiptMethod.CHEQUE
    if "MndtId" in named or "ReqdColltnDt" in record:
        return ReceiptMethod.DIRECT_DEBIT
    return ReceiptMethod.UNSAID
