"""The workshop: a text filled in on a desk becomes a letter, whatever it is about."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.i18n import substitute
from receivables.letters._desk import Desk
from receivables.letters.loading import packaged_texts
from receivables.letters.model import (
    Labelled,
    Letter,
    LetterTable,
    LetterText,
    ReplySlip,
    Texts,
    plain,
)
from receivables.letters.rules import file_stem
from receivables.parties import Customer, CustomerId

__all__ = ["Sheet", "check_customer", "deadline_values", "stacked"]

_DEADLINE_DAYS_MAX: Final = 365


def stacked(tables: Iterable[LetterTable]) -> dict[str, Any]:
    """Tables as the fields of a letter: the first below its opening words, the others below that."""
    first, *rest = (*tables,) or (LetterTable(),)
    return {"table": first, "tables": rest}


def check_customer(what: str, of: CustomerId, customer: Customer) -> None:
    """Raise `DocumentError` unless a case is that of a customer."""
    if of != customer.customer:
        msg = f"{what} must be of {customer.customer}, got {of}"
        raise DocumentError(msg)


def deadline_values(desk: Desk, deadline_days: int) -> dict[str, str]:
    """The placeholders of a deadline, counted from the day of the letter.

    Raises `PolicyError` for a deadline outside 1 to 365 days.
    """
    if not 1 <= deadline_days <= _DEADLINE_DAYS_MAX:
        msg = f"deadline_days must be 1 to {_DEADLINE_DAYS_MAX}, got {deadline_days}"
        raise PolicyError(msg)
    deadline = desk.dated + dt.timedelta(days=deadline_days)
    return {"deadline": desk.date(deadline), "deadline_days": str(deadline_days)}


@attrs.frozen(kw_only=True)
class Sheet:
    """A text, the desk that it is written on, and what its placeholders stand for.

    `told` are the values of one kind of letter; those of every letter are added.
    """

    desk: Desk
    text: LetterText
    reference: str = attrs.field(converter=plain)
    told: Mapping[str, str | None]

    @classmethod
    def of(
        cls,
        kind: str,
        desk: Desk,
        *,
        texts: Texts | None,
        told: Mapping[str, str | None],
        reference: str = "",
    ) -> Sheet:
        """The sheet of a letter of a kind; our reference is the customer and the day, unless given."""
        found = packaged_texts() if texts is None else texts
        text = found.find(kind, desk.locale, to_consumer=desk.customer.is_consumer)
        usual = f"{desk.customer.customer}/{desk.dated.isoformat()}"
        return cls(desk=desk, text=text, reference=reference or usual, told=told)

    @functools.cached_property
    def values(self) -> Mapping[str, str]:
        """Every placeholder that has a value."""
        desk = self.desk
        return {
            **{name: value for name, value in self.told.items() if value is not None},
            "creditor_name": plain(desk.creditor.name),
            "customer": plain(desk.customer.customer),
            "customer_name": plain(desk.customer.name),
            "date": desk.date(desk.dated),
            "reference": self.reference,
        }

    def filled(self, template: str) -> str:
        """A line of the text with its values put in; raises `DocumentError` where one is not known."""
        for name in self._unknown:
            if f"{{{name}}}" in template:
                msg = (
                    f"{name} must be given for a text that names it, got none for {self.text.name}"
                )
                raise DocumentError(msg)
        return substitute(self._stopped_once(template), self.values)

    def _stopped_once(self, template: str) -> str:
        """The line without the full stop after a name that has its own, as *Ltd.* has."""
        for name, value in self.values.items():
            if value.endswith("."):
                template = template.replace(f"{{{name}}}.", f"{{{name}}}")
        return template

    @functools.cached_property
    def _unknown(self) -> tuple[str, ...]:
        return tuple(name for name, value in self.told.items() if value is None)

    def all_filled(self, templates: Iterable[str]) -> tuple[str, ...]:
        """Every line with its values put in."""
        return tuple(map(self.filled, templates))

    def letter(self, *, file_parts: Iterable[str] = (), **parts: Any) -> Letter:  # noqa: ANN401  # the fields of `Letter`
        """The letter, with the parts that its kind has besides the text."""
        desk, text = self.desk, self.text
        names = (desk.creditor.creditor, desk.customer.customer, *file_parts)
        return Letter(
            **{
                "kind": text.kind,
                "locale": desk.locale,
                "date": desk.dated,
                "sender": desk.sender,
                "delivery": self.filled(text.delivery),
                "recipient": desk.recipient,
                "place_and_date": desk.place_and_date,
                "reference": Labelled(desk.word("letter", "our reference:"), self.reference),
                "subject_label": desk.word("letter", "subject:"),
                "subject": self.filled(text.subject),
                "salutation": self.filled(text.salutation),
                "before": self.all_filled(text.before),
                "after": self.all_filled(text.after),
                "closing": self.filled(text.closing),
                "signature": (plain(desk.creditor.name),),
                "legal": (desk.legal_line, *self.all_filled(text.legal)),
                "reply": self.reply,
                "page_label": desk.word("letter", "page"),
                "email_to": desk.email_to,
                "file_stem": file_stem(*names, desk.dated.isoformat(), text.kind),
                **parts,
            }
        )

    @property
    def reply(self) -> ReplySlip | None:
        """The slip of the text, to be sent back to the creditor."""
        reply = self.text.reply
        if reply is None:
            return None
        return ReplySlip(
            title=self.filled(reply.title),
            to=self.desk.sender,
            paragraphs=self.all_filled(reply.paragraphs),
            choices=self.all_filled(reply.choices),
            fields=self.all_filled(reply.fields),
        )
