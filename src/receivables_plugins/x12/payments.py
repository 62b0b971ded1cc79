"""A payment (BPR) while its segments come, as an advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from receivables import limits
from receivables.errors import DocumentError
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import AdviceKind, Payer, PaymentAdvice, ReceiptMethod, Remittance
from receivables.receipts.x12 import (
    OpenItemReading,
    element,
    parse_x12_amount,
    parse_x12_date,
    problem_code,
)
from receivables_plugins.x12.segments import Segment

__all__ = ["Payment", "date_of"]

_METHODS: Final = MappingProxyType(
    {
        "ACH": ReceiptMethod.CREDIT_TRANSFER,
        "BOP": ReceiptMethod.CREDIT_TRANSFER,
        "CCC": ReceiptMethod.CARD,
        "CHK": ReceiptMethod.CHEQUE,
        "DDA": ReceiptMethod.DIRECT_DEBIT,
        "FEW": ReceiptMethod.CREDIT_TRANSFER,
        "FWT": ReceiptMethod.CREDIT_TRANSFER,
        "SWT": ReceiptMethod.CREDIT_TRANSFER,
    }
)
_ITEMS: Final = frozenset({"ADX", "DTM", "ENT", "REF", "RMR"})
_FIRST_ITEMS: Final = frozenset({"ADX", "RMR"})
_PLACEHOLDER: Final = "NOTPROVIDED"

_SEGMENTS_MAX: Final = 20 * limits.LEGS_MAX
"""Segments of one payment: twenty of each open item that it may have."""


def date_of(text: str, note: Callable[[str, str], None]) -> dt.date | None:
    """A date, or None where there is none; one that does not exist is noted."""
    if not text:
        return None
    try:
        return parse_x12_date(text)
    except DocumentError as error:
        note(problem_code(error), str(error))
        return None


class Payment:
    """One BPR and what follows it, up to the next."""

    def __init__(self, bpr: Segment, *, notes: ReadNotes, currency: str) -> None:
        self._notes = notes
        self._bpr = bpr
        self._line = bpr[1]
        self._raw = [bpr[2]]
        self.currency = currency
        self._items: OpenItemReading | None = None
        self._references: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._payer = ""
        self._trace = ""
        self._is_full = False

    @property
    def has_amounts(self) -> bool:
        """Whether open items were read, and so the currency taken for said."""
        return self._items is not None

    @property
    def total_minor(self) -> int | None:
        """What its open items add up to; None where they say no amounts."""
        items = self._items
        return None if items is None or not items.has_amounts else items.total_minor

    def note(self, code: str, message: str, field: str) -> None:
        """Note an error at the segment that was taken last."""
        self._notes.error(code, message, line=self._line, field=field)

    def take(self, segment: Segment) -> None:
        """Take a segment that stands below the BPR."""
        elements, self._line, raw = segment
        if len(self._raw) < _SEGMENTS_MAX:
            self._raw.append(raw)
        elif not self._is_full:
            self._is_full = True
            msg = f"a payment must have at most {_SEGMENTS_MAX} segments, got more"
            self.note("file.too-large", msg, "BPR")
        tag = elements[0]
        items = self._items
        if items is not None and tag in _ITEMS:
            items.take(elements)
        else:
            self._take_other(elements, tag)

    def _take_other(self, elements: list[str], tag: str) -> None:
        if tag in _FIRST_ITEMS:
            self._items = OpenItemReading(self.currency, note=self.note)
            self._items.take(elements)
        elif tag == "REF":
            self._pair(element(elements, 1), element(elements, 2))
        elif tag == "TRN":
            self._trace = self._trace or element(elements, 2)
        elif tag in {"N1", "NM1"}:
            self._name(elements)
        elif tag == "NTE" and element(elements, 2):
            self._text.append(element(elements, 2))

    def _pair(self, name: str, value: str) -> None:
        if name and value and len(self._references) < limits.LEGS_MAX:
            self._references.append((name, value))

    def _name(self, elements: list[str]) -> None:
        """The payer (PR) is named before the open items, and its identifier may follow the name."""
        if element(elements, 1) == "PR" and not self._payer:
            self._payer = element(elements, 2 if elements[0] == "N1" else 3)
            if elements[0] == "N1":
                self._pair("payer-id", element(elements, 4))

    def advice(  # what is said above the payment, each by name
        self,
        *,
        kind: AdviceKind,
        batch: str,
        index: int,
        date: dt.date | None = None,
        account: str = "",
        references: tuple[tuple[str, str], ...] = (),
    ) -> PaymentAdvice | None:
        """The advice; None where the amount cannot be read."""
        bpr = self._bpr[0]
        documents = () if self._items is None else self._items.finish()
        self._line = self._bpr[1]
        try:
            amount = parse_x12_amount(element(bpr, 2), self.currency)
        except DocumentError as error:
            self.note(problem_code(error), str(error), "BPR02")
            return None
        method = self._method(kind)
        trace = "" if self._trace == _PLACEHOLDER else self._trace
        return PaymentAdvice(
            kind=AdviceKind.COLLECTION if element(bpr, 3) == "D" else kind,
            batch=batch,
            index=index,
            amount_minor=amount,
            currency=self.currency,
            date=date_of(element(bpr, 16), lambda code, said: self.note(code, said, "BPR16"))
            or date,
            payer=Payer(name=self._payer, account=element(bpr, 9)),
            remittance=Remittance(documents=documents, text=self._text, end_to_end=trace),
            references=(*self._own(trace, method), *references),
            account=element(bpr, 15) or account,
            method=method,
            source=Place(self._notes.source, line=self._bpr[1]),
            raw="\n".join(self._raw),
        )

    def _method(self, kind: AdviceKind) -> ReceiptMethod:
        said = element(self._bpr[0], 4)
        if not said and kind is AdviceKind.DEPOSIT:
            # What a lockbox opens are cheques.
            return ReceiptMethod.CHEQUE
        if said == "ACH" and element(self._bpr[0], 3) == "D":
            return ReceiptMethod.DIRECT_DEBIT
        return _METHODS.get(said, ReceiptMethod.UNSAID)

    def _own(self, trace: str, method: ReceiptMethod) -> tuple[tuple[str, str], ...]:
        bpr = self._bpr[0]
        pairs = [("cheque" if method is ReceiptMethod.CHEQUE else "trace", trace)]
        pairs += [("routing", element(bpr, 7)), ("company", element(bpr, 10))]
        items = () if self._items is None else self._items.references
        return (*(pair for pair in pairs if pair[1]), *self._references, *items)
