"""Composing answers: what was decided on a dispute, and copies of documents that were asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework import Dispute, DisputedPart, DisputeOutcome
from receivables.documents.model import Document, ItemId
from receivables.errors import DocumentError, PolicyError
from receivables.i18n import kind_label
from receivables.letters._desk import Desk
from receivables.letters._sheet import Sheet, check_customer, deadline_values, stacked
from receivables.letters._tables import amounts, listed
from receivables.letters.model import Labelled, Letter, LetterRow, LetterTable, Texts, plain
from receivables.money import Money, to_minor
from receivables.parties import Creditor, Customer

__all__ = ["compose_dispute_answer", "compose_duplicate"]

_KINDS: Final[Mapping[DisputeOutcome, str]] = MappingProxyType(
    {
        DisputeOutcome.VALID: "dispute-answer-valid",
        DisputeOutcome.INVALID: "dispute-answer-invalid",
        DisputeOutcome.SPLIT: "dispute-answer-split",
    }
)


def compose_dispute_answer(
    dispute: Dispute,
    outcome: DisputeOutcome,
    accepted: Iterable[DisputedPart] = (),
    *,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    deadline_days: int = 8,
    texts: Texts | None = None,
) -> Letter:
    """Compose the answer to a dispute: what is accepted, item by item, and what stays owed.

    `accepted` is what the customer is right about (`DisputeResolved.accepted`); for an outcome that
    is valid it is everything where it is empty.  Raises `TranslationMissingError` where there is no
    text, `DocumentError` where the dispute is not of this customer or more is accepted than was
    contested, and `PolicyError` for an outcome that needs no letter.
    """
    check_customer("dispute", dispute.customer, customer)
    kind = _KINDS.get(DisputeOutcome(outcome))
    if kind is None:
        msg = f"outcome must be valid, invalid or split, got {DisputeOutcome(outcome).value}"
        raise PolicyError(msg)
    parts = _decided(dispute, outcome, tuple(accepted))
    desk = Desk.of(creditor, customer, dated=dated)
    told = {**_answer(dispute, parts, desk), **deadline_values(desk, deadline_days)}
    sheet = Sheet.of(kind, desk, texts=texts, told=told)
    owed = [part for part in parts if part.refused_minor]
    reference = owed[0].item if len(owed) == 1 else customer.customer
    return sheet.letter(
        file_parts=[dispute.dispute],
        **stacked(_answer_tables(parts, desk)),
        payment=desk.payment(reference) if owed else (),
    )


def compose_duplicate(
    documents: Iterable[Document],
    *,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter that copies of documents are sent with; the copies are attached to it.

    Raises `TranslationMissingError` where there is no text, and `DocumentError` where there is no
    document, or one of another customer.
    """
    copies = tuple(documents)
    if not copies:
        msg = "documents must be one or more, got none"
        raise DocumentError(msg)
    for document in copies:
        check_customer(f"document {document.number}", document.customer, customer)
    desk = Desk.of(creditor, customer, dated=dated)
    told = {
        "documents": listed(document.number for document in copies),
        "item_count": str(len(copies)),
    }
    sheet = Sheet.of("duplicate-cover", desk, texts=texts, told=told)
    return sheet.letter(file_parts=[copies[0].number], table=_copy_table(copies, desk))


@attrs.frozen(kw_only=True)
class _Part:
    """What was contested of an item, and what came of it."""

    item: ItemId
    currency: str
    disputed_minor: int
    accepted_minor: int

    @property
    def refused_minor(self) -> int:
        return self.disputed_minor - self.accepted_minor


def _decided(
    dispute: Dispute, outcome: DisputeOutcome, accepted: tuple[DisputedPart, ...]
) -> tuple[_Part, ...]:
    everything = dispute.parts if outcome is DisputeOutcome.VALID and not accepted else accepted
    given = {part.item: part.amount for part in everything}
    if unknown := sorted(given.keys() - {part.item for part in dispute.parts}):
        msg = f"accepted must be of items of dispute {dispute.dispute}, got {', '.join(unknown)}"
        raise DocumentError(msg)
    return tuple(_part(part, given.get(part.item)) for part in dispute.parts)


def _part(part: DisputedPart, accepted: Money | None) -> _Part:
    minor = 0 if accepted is None else to_minor(accepted)
    disputed_minor = to_minor(part.amount)
    same = accepted is None or accepted.currency == part.amount.currency
    if not same or minor > disputed_minor:
        msg = f"accepted of {part.item} must be {part.amount} at most, got {accepted}"
        raise DocumentError(msg)
    return _Part(
        item=part.item,
        currency=part.amount.currency.code,
        disputed_minor=disputed_minor,
        accepted_minor=minor,
    )


def _answer(dispute: Dispute, parts: Sequence[_Part], desk: Desk) -> Mapping[str, str | None]:
    def summed(minors: Iterable[int]) -> str:
        sums: dict[str, int] = {}
        for part, minor in zip(parts, minors, strict=True):
            sums[part.currency] = sums.get(part.currency, 0) + minor
        return amounts(desk, sums)

    return {
        "accepted": summed(part.accepted_minor for part in parts),
        "dispute": plain(dispute.dispute),
        "disputed": summed(part.disputed_minor for part in parts),
        "documents": listed(part.item for part in parts),
        "refused": summed(part.refused_minor for part in parts),
    }


def _answer_tables(parts: Sequence[_Part], desk: Desk) -> Iterator[LetterTable]:
    for code in dict.fromkeys(part.currency for part in parts):
        yield _answer_table([part for part in parts if part.currency == code], desk, code)


def _answer_table(parts: Sequence[_Part], desk: Desk, currency: str) -> LetterTable:
    headings = ("document", "disputed", "accepted", "still owed")
    left_minor = sum(part.refused_minor for part in parts)
    label = desk.word("letter", "of it still owed")
    return LetterTable(
        headings=[desk.word("heading", heading) for heading in headings],
        rows=[_answer_row(part, desk) for part in parts],
        number_columns=3,
        totals=[Labelled(label, desk.money(left_minor, currency))],
    )


def _answer_row(part: _Part, desk: Desk) -> LetterRow:
    minors = (part.disputed_minor, part.accepted_minor, part.refused_minor)
    return LetterRow(
        cells=(plain(part.item), *(desk.money(minor, part.currency) for minor in minors))
    )


def _copy_table(copies: Sequence[Document], desk: Desk) -> LetterTable:
    headings = ("document", "document date", "due date", "amount")
    return LetterTable(
        headings=[desk.word("heading", heading) for heading in headings],
        rows=[_copy_row(document, desk) for document in copies],
    )


def _copy_row(document: Document, desk: Desk) -> LetterRow:
    label = kind_label(document.kind, desk.locale)
    due_dates = [one.due_date for one in document.installments if one.due_date is not None]
    sign = -1 if document.kind.is_credit else 1
    cells = (
        plain(f"{label[:1].upper()}{label[1:]} {document.number}"),
        desk.cell_date(document.document_date),
        desk.cell_date(min(due_dates, default=None)),
        desk.money(sign * to_minor(document.total), document.currency),
    )
    return LetterRow(cells=cells)
