"""What all posting targets of Oracle share: numbers that fit, and what stands against a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from receivables.accounting.model import JournalEntry
from receivables.cards import holds_card_number
from receivables.documents import Document
from receivables.outbox import PostingBatch, PostingLine, ReceiptPosting
from receivables.problems import Place, Problem, Severity

__all__ = ["RECEIPT_NUMBER_MAX", "TRANSACTION_NUMBER_MAX", "Objections", "number_of", "texts_of"]

RECEIPT_NUMBER_MAX: Final = 30
"""Characters of RECEIPT_NUMBER and CHECK_NUMBER."""
TRANSACTION_NUMBER_MAX: Final = 20
"""Characters of TRX_NUMBER."""


def number_of(line: PostingLine, *, longest: int) -> str:
    """The number under which a line is sent: its own, or a digest where that is too long.

    A line that is sent again after a refusal has another key, and so another number.

    >>> from receivables.testing.builders import an_invoice
    >>> number_of(PostingLine.of(an_invoice(number="F-1")), longest=20)
    'F-1'
    """
    number = line.line.partition(":")[2]
    if len(number) <= longest:
        return number
    return hashlib.sha256(number.encode()).hexdigest()[:longest]


def texts_of(record: object) -> Iterable[str]:
    """The free texts of a record, in which no card number may be."""
    if isinstance(record, ReceiptPosting):
        return (record.text, record.reference)
    if isinstance(record, Document):
        return tuple(line.description for line in record.lines)
    return ()


class Objections:
    """What stands against the lines of a batch."""

    def __init__(self, batch: PostingBatch) -> None:
        self._source = batch.posting
        self.problems: list[Problem] = []

    def refuse(self, line: PostingLine, message: str, *, code: str = "posting.refused") -> None:
        """A line that cannot be sent."""
        self.problems.append(Problem(code, message, place=Place(self._source, field=line.line)))

    def warn(self, line: PostingLine, message: str, *, code: str) -> None:
        """Something that the system will not know."""
        place = Place(self._source, field=line.line)
        self.problems.append(Problem(code, message, place=place, severity=Severity.WARNING))

    def of(self, line: PostingLine) -> str:
        """Why a line cannot be sent; empty where it can."""
        found = [each for each in self.problems if each.is_error and each.place.field == line.line]
        return "; ".join(each.message for each in found)

    def check(self, line: PostingLine, *kinds: type) -> None:
        """Refuse what is of no kind that is taken, and what holds a card number."""
        record = line.record
        if not isinstance(record, kinds):
            said = "a journal entry" if isinstance(record, JournalEntry) else type(record).__name__
            self.refuse(line, f"{said} cannot be booked this way")
        if any(holds_card_number(text) for text in texts_of(record)):
            self.refuse(line, "texts must hold no card number, got one", code="card.number")
        if isinstance(record, Document) and len(record.number) > TRANSACTION_NUMBER_MAX:
            msg = f"number must have {TRANSACTION_NUMBER_MAX} characters at most"
            self.refuse(line, f"{msg}, got {record.number!r}", code="oracle.number-too-long")

    def check_applications(self, line: PostingLine, *, has_installments: bool) -> None:
        """Warn of what a receipt says and this way of sending it cannot."""
        record = line.record
        if not isinstance(record, ReceiptPosting):
            return
        if any(part.discount_minor for part in record.applications):
            msg = "discounts are not sent: Receivables grants them by its own terms"
            self.warn(line, msg, code="oracle.discount-unsaid")
        if not has_installments and any(part.installment > 1 for part in record.applications):
            msg = "installments are not sent: Receivables chooses among those of a transaction"
            self.warn(line, msg, code="oracle.installment-unsaid")
