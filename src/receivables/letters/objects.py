"""Composing: a notice, a creditor and a customer become a letter in the customer's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from receivables.errors import DocumentError, PolicyError
from receivables.ledger.model import NoticeSent
from receivables.letters._claims import Claim
from receivables.letters._desk import Desk
from receivables.letters._scripts import spoken
from receivables.letters._sheet import Sheet
from receivables.letters.kinds import kind_of
from receivables.letters.loading import packaged_texts
from receivables.letters.model import Letter, Texts
from receivables.parties import Creditor, Customer

__all__ = ["compose", "compose_script", "known_letters"]


def compose(
    notice: NoticeSent,
    *,
    creditor: Creditor,
    customer: Customer,
    as_of: dt.date,
    deadline_days: int = 8,
    categories: Mapping[str, str] | None = None,
    texts: Texts | None = None,
) -> Letter:
    """Compose the letter of a notice, dated `as_of`, in the language of the customer.

    The language is that of the accounts-payable contact where it has one, else the customer's own;
    the text is looked up exactly, then by language, because the law differs where the language
    does not.  `texts` stand in for the packaged ones altogether.  A contact's address that is not
    one e-mail address is left out, so that a draft opens without a recipient.

    `categories` are those of the items (`OpenItem.category`), by item: interest, compensation and
    fees are marked and summed apart.  An item that the notice was sent with as a charge and that is
    in no category is a fee.

    Raises `TranslationMissingError` where there is no text, for a consumer too where the text is
    for business only; `DocumentError` where the notice is not of this creditor and customer or
    lacks what the text asks for, and `PolicyError` for a deadline outside 1 to 365 days.
    """
    _check(notice, creditor, customer)
    desk = Desk.of(creditor, customer, dated=as_of)
    claim = Claim(
        notice=notice, desk=desk, categories=categories or {}, deadline_days=deadline_days
    )
    sheet = Sheet.of(notice.letter, desk, texts=texts, told=claim.values, reference=claim.reference)
    return sheet.letter(
        file_parts=_file_parts(notice),
        table=claim.table,
        payment=desk.payment(claim.payment_reference),
    )


def compose_script(
    notice: NoticeSent,
    *,
    kind: str,
    creditor: Creditor,
    customer: Customer,
    as_of: dt.date,
    deadline_days: int = 8,
    categories: Mapping[str, str] | None = None,
    texts: Texts | None = None,
) -> Letter:
    """Compose what is said on the telephone about a notice: a script, and a note to fill in.

    `kind` is a kind that is spoken, such as ``phone-script-reminder``.  The script is for whoever
    calls, so that it has no address to be sent to; it lists the items, and ends with the reasons
    for non-payment to choose from.  Raises what `compose` raises, and `PolicyError` for a kind that
    is not spoken.
    """
    known = kind_of(kind)
    if known is not None and not known.is_spoken:
        msg = f"kind must be one that is spoken, got {kind!r}"
        raise PolicyError(msg)
    _check(notice, creditor, customer)
    desk = Desk.of(creditor, customer, dated=as_of)
    claim = Claim(
        notice=notice, desk=desk, categories=categories or {}, deadline_days=deadline_days
    )
    sheet = Sheet.of(kind, desk, texts=texts, told=claim.values, reference=claim.reference)
    return spoken(
        sheet,
        file_parts=_file_parts(notice),
        tables=[claim.table],
        payment_reference=claim.payment_reference,
    )


def known_letters(texts: Texts | None = None) -> Mapping[str, tuple[str, ...]]:
    """The kinds of letter there are, and the locales that each has a text for.

    >>> {"fr", "fr-CA", "fr-FR"} <= set(known_letters()["formal-notice"])
    True
    """
    found: dict[str, dict[str, None]] = {}
    for kind, locale, _ in (packaged_texts() if texts is None else texts).by_key:
        found.setdefault(kind, {})[locale] = None
    return {kind: tuple(locales) for kind, locales in found.items()}


def _check(notice: NoticeSent, creditor: Creditor, customer: Customer) -> None:
    if (notice.creditor, notice.customer) != (creditor.creditor, customer.customer):
        msg = (
            f"notice must be of {creditor.creditor} and {customer.customer}, "
            f"got {notice.creditor} and {notice.customer}"
        )
        raise DocumentError(msg)


def _file_parts(notice: NoticeSent) -> Iterator[str]:
    yield notice.currency
    if notice.document:
        yield notice.document
