"""Reasons in words, and the list of what was matched, in the reader's language.

>>> explain([("document-in-text", "2026-0117"), ("amount-exact", "1")], locale="en")
('the text names document 2026-0117', 'the amount is what is open on it')
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs

from receivables.book import Book
from receivables.collection import Barred, WorkLine, WorkReason, WorkReasonKind
from receivables.i18n import Catalog, format_date, format_decimal, format_money, substitute, words
from receivables.ledger.model import Allocated
from receivables.matching.model import EvidenceKind, MatchProposal, Outcome, Proposals
from receivables.money import from_minor, to_minor
from receivables.receipts.model import Receipt, ReceiptId

__all__ = ["SENTENCES", "WORK_SENTENCES", "explain", "explain_line", "matches_csv"]

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


WORK_SENTENCES: Final[Mapping[WorkReasonKind, str]] = MappingProxyType(
    {
        WorkReasonKind.AMOUNT: "{amount} past due",
        WorkReasonKind.AGE: "the oldest amount is past due by {days} days",
        WorkReasonKind.DEADLINE: "{what} on {date}: {reference} {amount}",
        WorkReasonKind.PROMISE_DUE: "promise {reference} for {date}: {amount}",
        WorkReasonKind.INSTALLMENT_DUE: "installment of plan {reference} for {date}: {amount}",
        WorkReasonKind.STAKE: "{amount} promised or due soon",
        WorkReasonKind.NEXT_ACTION: "next step for {date}: {what}",
        WorkReasonKind.REQUEST: "request {reference} ({what}), to be answered by {date}",
        WorkReasonKind.DISPUTE: "dispute {reference} ({what}), to be answered by {date}",
        WorkReasonKind.RISK: "risk class {what}",
        WorkReasonKind.BROKEN_PROMISE: "broken promises: {count}",
        WorkReasonKind.LIMIT: "credit limit used: {percent}",
    }
)
"""The English sentence of each kind of reason on a worklist, and the key of its translations."""

_WHAT: Final[Mapping[WorkReasonKind, str]] = MappingProxyType(
    {
        WorkReasonKind.DEADLINE: "deadline",
        WorkReasonKind.REQUEST: "request kind",
        WorkReasonKind.DISPUTE: "dispute reason",
    }
)
"""Where the text of a reason is a word of ours: the context of its translations."""


def explain_line(line: WorkLine, *, locale: str) -> tuple[str, ...]:
    r"""Why a line stands on the worklist, the weightiest reason first, each with its points.

    Where the customer may not be contacted now, that is said last.  Raises
    `TranslationMissingError` for another language.

    >>> from receivables.collection import WorkReason
    >>> reason = WorkReason(kind=WorkReasonKind.AGE, points=15, days=42)
    >>> line = WorkLine(customer="C-017", place=1, reasons=[reason], role="collector")
    >>> explain_line(line, locale="fr-CA")
    ('le montant le plus ancien est échu depuis 42 jours (15\xa0points)',)
    """
    catalog = words(locale)
    said = [
        catalog.text(
            "work", "{why} ({points} points)", why=_said(reason, catalog), points=reason.points
        )
        for reason in line.reasons
    ]
    if line.barred is not None:
        said.append(_not_now(line.barred, catalog))
    return tuple(said)


def _said(reason: WorkReason, catalog: Catalog) -> str:
    locale, minor = catalog.locale, reason.amount_minor
    context = _WHAT.get(reason.kind)
    said = catalog.text(
        "work",
        WORK_SENTENCES[reason.kind],
        amount="" if minor is None else format_money(minor, reason.currency, locale),
        count=reason.count or 0,
        date="" if reason.on is None else format_date(reason.on, locale, "medium"),
        days=reason.days or 0,
        percent=f"{format_decimal(Decimal(reason.bps or 0).scaleb(-2), locale)}\u00a0%",
        reference=reason.reference,
        what=catalog.text(context, reason.text) if context and reason.text else reason.text,
    )
    # What is not known leaves a blank, and its punctuation, behind.
    return re.sub(" +", " ", said).rstrip(" \u00a0:")


def _not_now(barred: Barred, catalog: Catalog) -> str:
    if barred.again_on is None:
        return catalog.text("work", "not to be contacted: {reason}", reason=barred.reason)
    return catalog.text(
        "work",
        "not to be contacted before {date}: {reason}",
        date=format_date(barred.again_on, catalog.locale, "medium"),
        reason=barred.reason,
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
