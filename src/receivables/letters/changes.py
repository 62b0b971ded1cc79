"""Composing what changes for a customer: terms, credit limit, orders held and released, hand-over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from receivables.casework import Referral, ReferralKind
from receivables.documents.model import OpenItem
from receivables.errors import DocumentError
from receivables.letters._desk import Desk
from receivables.letters._sheet import Sheet, check_customer, stacked
from receivables.letters._tables import amounts, by_currency, item_tables
from receivables.letters.model import Labelled, Letter, LetterRow, LetterTable, Texts, plain
from receivables.money import Money, to_minor
from receivables.parties import Creditor, Customer
from receivables.terms import PaymentTerms, format_terms

__all__ = [
    "compose_hand_over",
    "compose_hold",
    "compose_limit_change",
    "compose_release",
    "compose_terms_change",
]


def compose_terms_change(
    *,
    old_terms: PaymentTerms | str,
    new_terms: PaymentTerms | str,
    effective_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter that announces other payment terms, from a day on.

    Terms given as text stand as they are; others are told in the language of the letter.  Raises
    `TranslationMissingError` where there is no text.
    """
    desk = Desk.of(creditor, customer, dated=dated)
    told = {
        "effective_date": desk.date(effective_on),
        "new_terms": _terms(new_terms, desk),
        "old_terms": _terms(old_terms, desk),
    }
    return Sheet.of("terms-change", desk, texts=texts, told=told).letter()


def compose_limit_change(
    *,
    old_limit: Money | None,
    new_limit: Money,
    effective_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter that announces another credit limit, from a day on.

    Raises `TranslationMissingError` where there is no text, and `DocumentError` where there was no
    limit before and the text names it.
    """
    desk = Desk.of(creditor, customer, dated=dated)
    told = {
        "effective_date": desk.date(effective_on),
        "new_limit": amounts(desk, by_currency([new_limit])),
        "old_limit": None if old_limit is None else amounts(desk, by_currency([old_limit])),
    }
    return Sheet.of("limit-change", desk, texts=texts, told=told).letter()


def compose_hold(
    items: Iterable[OpenItem],
    *,
    effective_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter that says that orders are held, because of what is past due.

    Of the items, those that are owed and past due on the day of the letter are listed.  Raises
    `TranslationMissingError` where there is no text, and `DocumentError` where nothing is past due
    or an item is of another customer.
    """
    given = tuple(items)
    for item in given:
        check_customer(f"item {item.item}", item.customer, customer)
    due = [item for item in given if _is_past_due(item, dated)]
    if not due:
        msg = f"items must have one that is past due on {dated}, got {len(given)} without"
        raise DocumentError(msg)
    desk = Desk.of(creditor, customer, dated=dated)
    told = {
        "effective_date": desk.date(effective_on),
        "oldest_due_date": desk.date(min(one.due_date for one in due if one.due_date is not None)),
        "total": amounts(desk, by_currency(one.open_amount for one in due)),
    }
    sheet = Sheet.of("hold-notice", desk, texts=texts, told=told)
    reference = due[0].item if len(due) == 1 else customer.customer
    return sheet.letter(**stacked(item_tables(desk, due)), payment=desk.payment(reference))


def compose_release(
    *,
    effective_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter that says that orders are delivered again.

    Raises `TranslationMissingError` where there is no text.
    """
    desk = Desk.of(creditor, customer, dated=dated)
    told = {"effective_date": desk.date(effective_on)}
    return Sheet.of("release-notice", desk, texts=texts, told=told).letter()


def compose_hand_over(
    referral: Referral,
    *,
    effective_on: dt.date,
    creditor: Creditor,
    customer: Customer,
    dated: dt.date,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter that says who collects from now on, and what was handed over.

    The creditor's account is left out, because who collects says where to pay.  Where there is no
    number of a mandate, that of the referral stands for it.  Raises `TranslationMissingError` where
    there is no text, and `DocumentError` where the referral is not of this customer, or not to an
    agency: lawyers, courts and insurers write in their own way, or not at all.
    """
    check_customer("referral", referral.customer, customer)
    if referral.kind is not ReferralKind.AGENCY:
        msg = f"kind of referral {referral.referral} must be agency, got {referral.kind.value}"
        raise DocumentError(msg)
    desk = Desk.of(creditor, customer, dated=dated)
    told = {
        "agency": plain(referral.to),
        "effective_date": desk.date(effective_on),
        "mandate": plain(referral.mandate or referral.referral),
        "total": amounts(desk, by_currency(one.amount for one in referral.items)),
    }
    sheet = Sheet.of("agency-hand-over", desk, texts=texts, told=told)
    return sheet.letter(file_parts=[referral.referral], **stacked(_referred_tables(referral, desk)))


def _terms(terms: PaymentTerms | str, desk: Desk) -> str:
    if isinstance(terms, str):
        return plain(terms)
    return plain(format_terms(terms, language=desk.locale[:2]))


def _is_past_due(item: OpenItem, day: dt.date) -> bool:
    return item.open_minor > 0 and item.due_date is not None and item.due_date < day


def _referred_tables(referral: Referral, desk: Desk) -> Sequence[LetterTable]:
    headings = [desk.word("heading", heading) for heading in ("document", "amount")]
    label = desk.word("letter", "total of items")
    return [
        LetterTable(
            headings=headings,
            rows=[
                LetterRow(cells=(plain(one.item), desk.money(to_minor(one.amount), code)))
                for one in referral.items
                if one.amount.currency.code == code
            ],
            totals=[Labelled(label, desk.money(minor, code))],
        )
        for code, minor in by_currency(one.amount for one in referral.items).items()
    ]
