"""Direct debits that were sent to a bank (pain.008): what a rejection or a return takes back.

``NbOfTxs`` and ``CtrlSum`` of each payment and of the whole message prove that all of them were
read; the sum is of all amounts, irrespective of currencies (ISO 20022 ``ControlSum``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import ReceiptMethod
from receivables_plugins.iso20022.advice_elements import COLLECTIONS
from receivables_plugins.iso20022.advices import (
    AdviceMessageReader,
    AdviceReading,
    BatchUnderWay,
    control_sum,
    count,
)
from receivables_plugins.iso20022.details import compact
from receivables_plugins.iso20022.parser import Complete
from receivables_plugins.iso20022.records import LINE, RAW, Record
from receivables_plugins.iso20022.remittance import references, remittance
from receivables_plugins.iso20022.values import RefusedError

__all__ = ["collection_reader"]

_OURS: Final = re.compile(
    rb"<([\w.-]+:)?(CstmrDrctDbtInitn|pain\.008\.001\.01)[\s/>]"
    rb"|[\"']urn:iso:std:iso:20022:tech:xsd:pain\.008\."
    rb"|[\"']urn:swift:xsd:\$?pain\.008\."
    rb"|<([\w.-]+:)?MsgDefIdr>\s*pain\.008\."
)


def collection_reader() -> AdviceMessageReader:
    """The reader of pain.008, in any version."""
    return AdviceMessageReader(_OURS, CollectionReading)


class CollectionReading(AdviceReading):
    """One file under way."""

    OUTSIDE = COLLECTIONS
    ENTRY = "DrctDbtTxInf"
    NAME = "a direct debit initiation (pain.008)"
    HOLDS = "a payment"

    def __init__(self, notes: ReadNotes, *, has_shapes: bool = True) -> None:
        super().__init__(notes, has_shapes=has_shapes)
        self._batch: BatchUnderWay | None = None
        self._advices = 0
        self._total = Decimal(0)

    def completions(self) -> Mapping[str, Complete]:
        """Collections, payments, and the header before them."""
        return {
            "GrpHdr": self.take_header,
            "DrctDbtTxInf": self._collection,
            "PmtInf": self._payment,
        }

    def _collection(self, record: Record, parent: Record) -> None:
        batch = self._batch
        if batch is None:
            batch = self._batch = self._begun(parent)
        self.index += 1
        try:
            amount_minor, currency = self.amount(record)
        except RefusedError as error:
            field = "InstdAmt" if error.field == "Amt" else error.field
            self.note(error.code, str(error), line=record[LINE], field=field)
            return
        self.leaves.currency = currency
        advice = PaymentAdvice(
            kind=AdviceKind.COLLECTION,
            batch=batch.batch,
            index=self.index,
            amount_minor=amount_minor,
            currency=currency,
            date=self.leaves.day(parent, "ReqdColltnDt"),
            payer=self.payer(record),
            remittance=remittance(record, self.leaves),
            references=references(record, "") + self._shared(record, parent),
            account=batch.account,
            method=ReceiptMethod.DIRECT_DEBIT,
            source=Place(self.notes.source, line=record[LINE]),
            raw=record[RAW],
        )
        self.emit(advice, batch)

    def _begun(self, payment: Record) -> BatchUnderWay:
        return BatchUnderWay(
            payment.get("PmtInfId", ""), account=compact(payment.get("CdtrAcct", ""))
        )

    def _shared(self, record: Record, payment: Record) -> tuple[tuple[str, str], ...]:
        """References that all collections of a payment have in common, unless one has its own."""
        own = {name for name, _ in references(record, "")}
        shared = (
            ("CdtrSchmeId", payment.get("CdtrSchmeId", "")),
            ("PmtInfId", payment.get("PmtInfId", "")),
            ("MsgId", self.header.get("MsgId", "")),
        )
        return tuple(pair for pair in shared if pair[1] and pair[0] not in own)

    def _payment(self, record: Record, _parent: Record) -> None:
        batch = self._batch or self._begun(record)
        self._batch = None
        self.has_content = True
        self._advices += batch.advices
        self._total += batch.total
        self.check(record, prefix="pain008", advices=batch.advices, total=batch.total)
        self.out += batch.finish(
            self.header,
            declared_advices=count(record.get("NbOfTxs", "")),
            declared=control_sum(record.get("CtrlSum", "")),
        )

    def finish(self, message: Record) -> None:
        """Prove the whole message by the controls of its header."""
        del message
        self.check(
            self.header,
            prefix="pain008",
            advices=self._advices,
            total=self._total,
            field="GrpHdr/",
        )
        self._advices, self._total, self.header = 0, Decimal(0), {}
