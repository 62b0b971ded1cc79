"""Invoices, credit notes and debit notes, and the open items they create, one per installment."""

from receivables.documents.model import (
    CreditNote,
    DebitNote,
    DiscountOffer,
    Document,
    Installment,
    Invoice,
    ItemId,
    ItemKind,
    Line,
    OpenItem,
    Tax,
)
from receivables.documents.objects import open_items

__all__ = [
    "CreditNote",
    "DebitNote",
    "DiscountOffer",
    "Document",
    "Installment",
    "Invoice",
    "ItemId",
    "ItemKind",
    "Line",
    "OpenItem",
    "Tax",
    "open_items",
]
