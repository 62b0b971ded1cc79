"""From bank entries to receipts, and from a receipt to the open item of its unapplied cash."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator

import attrs

from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.errors import DocumentError
from receivables.money import from_minor, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.receipts.identity import Names
from receivables.receipts.model import (
    BankEntry,
    EntryDetail,
    Receipt,
    ReceiptId,
    Remittance,
)

__all__ = ["entry_names", "receipts_from", "unapplied_item"]


def receipts_from(
    entries: Iterable[BankEntry], *, creditor: str, own_accounts: Collection[str] = ()
) -> Iterator[Receipt]:
    """The receipts among bank entries: booked credits that reverse nothing, one per transaction.

    What comes from one of `own_accounts` is a transfer between the creditor's accounts, no receipt.

    A batch entry gives one receipt per transaction where the details say their amounts and add up
    to the entry, and one for the whole entry otherwise.  Entries without a booking date are taken
    on their value date.  A receipt's identity is a digest of what the bank says about it, so that
    the same entry in an overlapping statement is recognized; without a reference of the bank, two
    entries of one statement that look the same are two receipts, and those of two statements are
    told apart by `receivables.receipts.follow`.

    Raises `DocumentError` for a booked credit without any date, which a reader must refuse.
    """
    own = {_compact(account) for account in own_accounts if account}
    names = Names()
    for entry in entries:
        if not _is_receipt(entry):
            continue
        for receipt in _receipts_of(entry, names.name(entry), CreditorId(creditor)):
            if _compact(receipt.payer.account) not in own:
                yield receipt


def entry_names(entries: Iterable[BankEntry]) -> Iterator[tuple[ReceiptId, ...]]:
    """The names that receipts of each entry have, or would have if it were one.

    They name the entry for good, as `receipts_from` does: give the same entries to both.
    """
    receipts, others = Names(), Names()
    for entry in entries:
        own = (receipts if _is_receipt(entry) else others).name(entry)
        yield tuple(_identity(entry, own, each) for each in range(max(1, len(entry.details))))


def _is_receipt(entry: BankEntry) -> bool:
    return entry.is_booked and entry.amount_minor > 0 and not entry.is_return


def _compact(account: str) -> str:
    return "".join(account.split()).upper()


def _receipts_of(entry: BankEntry, own: str, creditor: CreditorId) -> Iterator[Receipt]:
    details = entry.details or (EntryDetail(),)
    amounts = [detail.amount_minor for detail in details]
    if len(details) == 1:
        yield _receipt(entry, details[0], entry.amount_minor, _identity(entry, own, 0), creditor)
    elif None not in amounts and sum(filter(None, amounts)) == entry.amount_minor:
        for index, detail in enumerate(details):
            if detail.amount_minor and detail.amount_minor > 0:
                name = _identity(entry, own, index)
                yield _receipt(entry, detail, detail.amount_minor, name, creditor)
    else:
        yield _receipt(entry, EntryDetail(), entry.amount_minor, _identity(entry, own, 0), creditor)


def _receipt(
    entry: BankEntry,
    detail: EntryDetail,
    amount_minor: int,
    name: ReceiptId,
    creditor: CreditorId,
) -> Receipt:
    day = entry.booking_date or entry.value_date
    if day is None:
        msg = f"a booked credit must have a booking or a value date, got none on {entry.source}"
        raise DocumentError(msg)
    return Receipt(
        receipt=name,
        creditor=creditor,
        amount=from_minor(amount_minor, entry.currency),
        booking_date=day,
        value_date=entry.value_date,
        payer=detail.payer,
        remittance=_remittance(entry, detail),
        account=entry.account,
        source=entry.source,
        method=entry.method,
    )


def _identity(entry: BankEntry, own: str, detail: int) -> ReceiptId:
    """Name a receipt by what stays the same when the bank sends the entry again."""
    parts = (
        entry.account,
        own,
        str(entry.booking_date or entry.value_date),
        str(entry.amount_minor),
        entry.currency,
        str(detail),
    )
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return ReceiptId(f"receipt-{digest[:24]}")


def _remittance(entry: BankEntry, detail: EntryDetail) -> Remittance:
    if detail.remittance.text or not entry.text:
        return detail.remittance
    return attrs.evolve(detail.remittance, text=(entry.text,))


def unapplied_item(receipt: Receipt, *, customer: str | None = None) -> OpenItem:
    """The open item of a receipt's unapplied cash: a credit dated on the booking date.

    >>> import datetime as dt
    >>> from receivables.money import money
    >>> receipt = Receipt(receipt="r-1", creditor="MIRA", customer="C-017",
    ...                   amount=money("80.00", "EUR"), booking_date=dt.date(2026, 10, 5))
    >>> unapplied_item(receipt).open_minor
    -8000
    """
    return OpenItem(
        item=ItemId(receipt.receipt),
        document=receipt.receipt,
        kind=ItemKind.UNAPPLIED_CASH,
        creditor=receipt.creditor,
        customer=receipt.customer if customer is None else CustomerId(customer),
        currency=receipt.currency,
        amount_minor=-to_minor(receipt.amount),
        document_date=receipt.booking_date,
        posting_date=receipt.booking_date,
        due_date=receipt.booking_date,
    )
