"""Money received: bank statements and their entries, receipts, remittance advice."""

from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.receipts.model import (
    BankBalance,
    BankEntry,
    BankStatement,
    EntryDetail,
    Payer,
    Receipt,
    ReceiptId,
    ReceiptMethod,
    ReferredDocument,
    Remittance,
    ReturnInfo,
    ReturnReason,
)
from receivables.receipts.objects import receipts_from, unapplied_item

__all__ = [
    "AdviceBatch",
    "AdviceKind",
    "BankBalance",
    "BankEntry",
    "BankStatement",
    "EntryDetail",
    "Payer",
    "PaymentAdvice",
    "Receipt",
    "ReceiptId",
    "ReceiptMethod",
    "ReferredDocument",
    "Remittance",
    "ReturnInfo",
    "ReturnReason",
    "receipts_from",
    "unapplied_item",
]
