"""From a document to its open items."""

from __future__ import annotations

from receivables.documents.model import Document, Installment, ItemId, ItemKind, OpenItem
from receivables.money import to_minor

__all__ = ["open_items"]


def open_items(document: Document) -> tuple[OpenItem, ...]:
    """The open items that a document creates, one per installment, fully open.

    >>> import datetime as dt
    >>> from receivables.documents import CreditNote
    >>> from receivables.money import money
    >>> note = CreditNote(number="A-9", creditor="MIRA", customer="C-017",
    ...                   document_date=dt.date(2026, 9, 30), total=money("50.00", "EUR"))
    >>> [(item.item, item.open_minor) for item in open_items(note)]
    [('A-9', -5000)]
    """
    alone = len(document.installments) == 1
    return tuple(
        _open_item(document, installment, index, alone=alone)
        for index, installment in enumerate(document.installments, start=1)
    )


def _open_item(
    document: Document, installment: Installment, index: int, *, alone: bool
) -> OpenItem:
    sign = -1 if document.kind.is_credit else 1
    categories = {line.category for line in document.lines}
    return OpenItem(
        item=ItemId(document.number if alone else f"{document.number}/{index}"),
        document=document.number,
        kind=ItemKind.RETENTION if installment.is_retention else document.kind,
        creditor=document.creditor,
        customer=document.customer,
        currency=document.currency,
        amount_minor=sign * to_minor(installment.amount),
        document_date=document.document_date,
        posting_date=document.posting_date,
        due_date=installment.due_date,
        installment=index,
        references=document.references,
        discounts=installment.discounts,
        category=categories.pop() if len(categories) == 1 else "",
    )
