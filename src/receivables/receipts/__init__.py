"""Money received: bank statements and their entries, receipts, remittance advice."""

from receivables.receipts.model import (
    BankBalance,
    BankEntry,
    BankStatement,
    EntryDetail,
    Payer,
    Receipt,
    ReceiptId,
    ReferredDocument,
    Remittance,
    ReturnInfo,
)
from receivables.receipts.objects import receipts_from, unapplied_item

__all__ = [
    "BankBalance",
    "BankEntry",
    "BankStatement",
    "EntryDetail",
    "Payer",
    "Receipt",
    "ReceiptId",
    "ReferredDocument",
    "Remittance",
    "ReturnInfo",
    "receipts_from",
    "unapplied_item",
]
