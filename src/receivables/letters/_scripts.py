"""The workshop: a script for a call, with the note that is filled in while the call goes on."""

from __future__ import annotations

from collections.abc import Iterable

from receivables.casework import NonPaymentReason
from receivables.letters._desk import Desk
from receivables.letters._sheet import Sheet, stacked
from receivables.letters.model import Letter, LetterTable, ReplySlip, plain

__all__ = ["spoken"]

_FIELDS = ("person spoken to", "amount promised", "day promised", "next action and day")


def spoken(
    sheet: Sheet,
    *,
    file_parts: Iterable[str],
    tables: Iterable[LetterTable] = (),
    payment_reference: str,
) -> Letter:
    """The script: nothing in it is sent, so that it has no address, and no e-mail opens for it."""
    desk = sheet.desk
    return sheet.letter(
        file_parts=file_parts,
        recipient=_called(desk),
        **stacked(tables),
        payment=desk.payment(payment_reference),
        email_to="",
        reply=_note(desk),
    )


def _called(desk: Desk) -> tuple[str, ...]:
    """Who is called, and on which number."""
    contact = desk.contact
    lines = (desk.customer.name, *((contact.name, contact.phone) if contact else ()))
    return tuple(dict.fromkeys(line for text in lines if (line := plain(text))))


def _note(desk: Desk) -> ReplySlip:
    """What the caller writes down: the reason in the words of the contact log, and what was promised."""
    return ReplySlip(
        title=desk.word("script", "note of the call"),
        choices=[desk.word("non-payment reason", reason.value) for reason in NonPaymentReason],
        fields=[desk.word("script", field) for field in _FIELDS],
    )
