"""Reasons in words, and the list of what was matched, in the reader's language.

>>> explain([("document-in-text", "2026-0117"), ("amount-exact", "1")], locale="en")
('the text names document 2026-0117', 'the amount is what is open on it')
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.book import Book
from receivables.i18n import substitute, words
from receivables.ledger.model import Allocated
from receivables.matching.model import EvidenceKind, MatchProposal, Outcome, Proposals
from receivables.money import from_minor, to_minor
from receivables.receipts.model import Receipt, ReceiptId

__all__ = ["SENTENCES", "explain", "matches_csv"]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")

SENTENCES: Final[Mapping[EvidenceKind, str]] = MappingProxyType(
    {
        EvidenceKind.ALREADY_SETTLED: "{detail} is settled already",
        EvidenceKind.AMOUNT_EXACT: "the amount is what is open on it",
        EvidenceKind.AMOUNT_LESS_CHARGE: "the amount is what is open less {detail} that a bank may have kept",
        EvidenceKind.AMOUNT_LESS_CREDIT: "the amount is what is open less the credit {detail}",
        EvidenceKind.AMOUNT_LESS_DEDUCTION: "the amount is what is open less a deduction: {detail}",
        EvidenceKind.AMOUNT_LESS_DISCOUNT: "the amount is what is open less the settlement discount",
        EvidenceKind.AMOUNT_OF_ALL: "the amount is all that the payer owes",
        EvidenceKind.AMOUNT_OF_ALL_DUE: "the amount is all that was due",
        EvidenceKind.AMOUNT_OF_RUN: "documents that follow one another by due date add up to the amount",
        EvidenceKind.AMOUNT_OF_SEVERAL_SUBSETS: "several sets of open items add up to the amount",
        EvidenceKind.AMOUNT_OF_SOME: "one set of open items, and no other, adds up to the amount",
        EvidenceKind.AMOUNT_OVER: "the amount is more than is open on it",
        EvidenceKind.AMOUNT_PARTIAL: "the amount is less than is open on it",
        EvidenceKind.AMOUNT_REPEATED: "{detail} open items have this amount",
        EvidenceKind.AMOUNT_SEARCH_ENDED: "the search ended after {detail} steps without going through everything",
        EvidenceKind.AMOUNT_SHARED: "together with another receipt it pays {detail}",
        EvidenceKind.AMOUNT_SHORT: "the amount is less than all that is named",
        EvidenceKind.AMOUNT_STATED: "the payer says how much it pays for each document",
        EvidenceKind.AMOUNT_UNIQUE: "one open item has exactly this amount",
        EvidenceKind.AMOUNT_WITHIN_TOLERANCE: "the amount is within the tolerance",
        EvidenceKind.CONTESTED: "another receipt has a claim to the same documents",
        EvidenceKind.DOCUMENT_IN_RANGE: "the text names the documents {detail}",
        EvidenceKind.DOCUMENT_IN_TEXT: "the text names document {detail}",
        EvidenceKind.DOCUMENT_MISSPELT: "the text names {detail}, one figure away from a document of the payer",
        EvidenceKind.DOCUMENT_SHORTENED: "the text names a document in short: {detail}",
        EvidenceKind.EQUAL_ELSEWHERE: "document {detail} has the same amount and could be meant as well",
        EvidenceKind.NUMBERS_UNREAD: "the text has numbers that are none of the payer’s documents: {detail}",
        EvidenceKind.OLDEST_FIRST: "it is the one due first among equals",
        EvidenceKind.ORDER_IN_TEXT: "the text names order or reference {detail}",
        EvidenceKind.OTHERS_NAMED: "the text names other open documents: {detail}",
        EvidenceKind.OTHERS_UNNAMED: "{detail} documents are not named, but make up the amount",
        EvidenceKind.PAYER_ACCOUNT: "known bank account {detail}",
        EvidenceKind.PAYER_CONFIRMED: "the payer was confirmed before: {detail}",
        EvidenceKind.PAYER_DIFFERS: "the payer is {detail}, not the customer of the document",
        EvidenceKind.PAYER_NAME: "name of the payer: {detail}",
        EvidenceKind.PAYER_NAME_CUT: "beginning of the payer’s name: {detail}",
        EvidenceKind.PAYER_NAME_SIMILAR: "name like the payer’s: {detail}",
        EvidenceKind.PAYER_UNKNOWN: "the payer is not known",
        EvidenceKind.REFERRED_DOCUMENT: "the payer names document {detail}",
        EvidenceKind.SAID_BY_PERSON: "a person said so: {detail}",
        EvidenceKind.STRUCTURED_REFERENCE: "structured reference {detail}",
    }
)
"""The English sentence of each kind of evidence, and the key of its translations."""


def explain(evidence: Iterable[tuple[str, str]], *, locale: str) -> tuple[str, ...]:
    """One sentence per piece of evidence; raises `TranslationMissingError` for another language."""
    catalog = words(locale)
    return tuple(
        substitute(catalog.text("evidence", SENTENCES[EvidenceKind(kind)]), {"detail": detail})
        for kind, detail in evidence
    )


_COLUMNS: Final = (
    "booking date",
    "receipt",
    "payer",
    "amount",
    "currency",
    "outcome",
    "customer",
    "pays",
    "unapplied",
    "reasons",
    "alternatives",
)


def matches_csv(book: Book, proposals: Proposals, *, as_of: dt.date) -> bytes:
    """Which receipt paid what and why, as CSV: what was applied by a day, then what is proposed.

    Amounts are exact decimals with a point; text that a spreadsheet would run is escaped.
    """
    catalog = words(book.creditor.locale)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([catalog.text("match", name) for name in _COLUMNS])
    receipts = book.ledger.receipts()
    open_rows = (each for each in proposals if each.outcome is not Outcome.CERTAIN)
    for row in (*_applied_rows(book, as_of), *map(_proposed_row, open_rows)):
        receipt = receipts[row.creditor, ReceiptId(row.receipt)]
        writer.writerow(_cells(row, receipt, book.creditor.locale))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


@attrs.frozen(kw_only=True)
class _Row:
    """One line of the list of matches."""

    creditor: str
    receipt: str
    outcome: str
    currency: str
    customer: str
    parts: tuple[tuple[str, int], ...]
    evidence: tuple[tuple[str, str], ...]
    alternatives: tuple[tuple[str, ...], ...] = ()


def _applied_rows(book: Book, as_of: dt.date) -> Iterator[_Row]:
    receipts = book.ledger.receipts()
    for event in book.ledger.events:
        if not isinstance(event, Allocated) or event.effective_on > as_of:
            continue
        allocation = event.allocation
        used = [
            leg for leg in allocation.legs if (allocation.creditor, ReceiptId(leg.item)) in receipts
        ]
        if not allocation.evidence or not used:
            continue
        yield _Row(
            creditor=allocation.creditor,
            receipt=used[0].item,
            outcome="applied",
            currency=allocation.currency,
            customer=", ".join(event.customers),
            parts=tuple((leg.item, leg.amount_minor) for leg in allocation.legs if leg not in used),
            evidence=allocation.evidence,
        )


def _proposed_row(proposal: MatchProposal) -> _Row:
    return _Row(
        creditor=proposal.creditor,
        receipt=proposal.receipt,
        outcome=proposal.outcome.value,
        currency=proposal.currency,
        customer=proposal.customer,
        parts=tuple((part.item, part.amount_minor) for part in proposal.parts),
        evidence=tuple((each.kind.value, each.detail) for each in proposal.evidence),
        alternatives=proposal.alternatives,
    )


def _cells(row: _Row, receipt: Receipt, locale: str) -> list[str]:
    paid = [f"{item} {_decimal(minor, row.currency)}" for item, minor in row.parts]
    left = to_minor(receipt.amount) - sum(minor for _, minor in row.parts)
    cells = [
        receipt.booking_date.isoformat(),
        row.receipt,
        receipt.payer.name,
        _decimal(to_minor(receipt.amount), row.currency),
        row.currency,
        words(locale).text("match", row.outcome),
        row.customer,
        "; ".join(paid),
        _decimal(left, row.currency),
        "; ".join(explain(row.evidence, locale=locale)),
        " | ".join(" + ".join(items) for items in row.alternatives),
    ]
    return [_plain(cell) for cell in cells]


def _decimal(amount_minor: int, currency: str) -> str:
    return str(from_minor(amount_minor, currency).amount)


def _plain(cell: str) -> str:
    """Text that a spreadsheet will not take for a formula; numbers stay numbers."""
    is_number = cell.removeprefix("-").replace(".", "", 1).isdigit()
    return cell if is_number or not cell.startswith(_FORMULA_STARTS) else f"'{cell}"
