"""The append-only sub-ledger: events, accounts as folds, balances on any past day."""

from receivables.ledger.model import (
    AccountKey,
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    EventId,
    LifeCycle,
    NoticedItem,
    NoticeSent,
    ReceiptIdentified,
    ReceiptRecorded,
    ReceiptReturned,
    State,
    Unallocated,
    account_key,
)
from receivables.ledger.objects import Account, Ledger, LedgerColumns, LedgerDraft

__all__ = [
    "Account",
    "AccountKey",
    "Allocated",
    "DocumentCancelled",
    "DocumentIssued",
    "Event",
    "EventId",
    "Ledger",
    "LedgerColumns",
    "LedgerDraft",
    "LifeCycle",
    "NoticeSent",
    "NoticedItem",
    "ReceiptIdentified",
    "ReceiptRecorded",
    "ReceiptReturned",
    "State",
    "Unallocated",
    "account_key",
]
