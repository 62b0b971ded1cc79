"""Money received: bank statements and their entries, receipts, remittance advice."""

from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.receipts.continuity import Counts, Followed, Follower, follow
from receivables.receipts.joining import (
    Join,
    Joined,
    JoiningPolicy,
    Unused,
    UnusedAdvice,
    with_advices,
)
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
    "Counts",
    "EntryDetail",
    "Followed",
    "Follower",
    "Join",
    "Joined",
    "JoiningPolicy",
    "Payer",
    "PaymentAdvice",
    "Receipt",
    "ReceiptId",
    "ReceiptMethod",
    "ReferredDocument",
    "Remittance",
    "ReturnInfo",
    "ReturnReason",
    "Unused",
    "UnusedAdvice",
    "follow",
    "receipts_from",
    "unapplied_item",
    "with_advices",
]
