"""Money received: bank statements and their entries, receipts, remittance advice."""

from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.receipts.continuity import Counts, Followed, Follower, follow
from receivables.receipts.creditor_references import (
    REFERENCE_SOURCES,
    UNVERIFIED_REFERENCES,
    ReferenceReading,
    ReferenceScheme,
    check_digits,
    make_reference,
    print_form,
    read_reference,
)
from receivables.receipts.facts import Fact, FactId, FactKind
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
    "REFERENCE_SOURCES",
    "UNVERIFIED_REFERENCES",
    "AdviceBatch",
    "AdviceKind",
    "BankBalance",
    "BankEntry",
    "BankStatement",
    "Counts",
    "EntryDetail",
    "Fact",
    "FactId",
    "FactKind",
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
    "ReferenceReading",
    "ReferenceScheme",
    "ReferredDocument",
    "Remittance",
    "ReturnInfo",
    "ReturnReason",
    "Unused",
    "UnusedAdvice",
    "check_digits",
    "follow",
    "make_reference",
    "print_form",
    "read_reference",
    "receipts_from",
    "unapplied_item",
    "with_advices",
]
