"""The kinds of letter there are: what each is for, and what its text may and must say.

>>> sorted(KINDS["promise-confirmation"].required)
['amount', 'promised_date']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["CONSUMER", "KINDS", "LetterKind", "kind_of"]

CONSUMER: Final = "-consumer"
"""The end of a kind that is written to consumers, where the law asks for other words."""

_COMMON: Final = {
    "creditor_name": "the name of the creditor",
    "customer": "the customer's identifier",
    "customer_name": "the name of the customer",
    "date": "the day of the letter",
    "reference": "the reference of the letter",
}
_DEADLINE: Final = {
    "deadline": "the last day to pay that the letter sets",
    "deadline_days": "the days from the letter to that day",
}
_NOTICE: Final = {
    **_COMMON,
    **_DEADLINE,
    "currency": "the ISO 4217 code of the amounts",
    "item_count": "how many items the letter asks for",
    "oldest_due_date": "the earliest due date among the items",
    "principal": "the total less the interest, compensation and fees in it",
    "total": "what the letter asks for: the items less the credits and what is held back",
}
_STATEMENT: Final = {
    **_COMMON,
    "as_of": "the day that the statement is of",
    "balances": "what is owed, currency by currency",
    "since": "the first day of the period",
}
_CONFIRMATION: Final = {
    **_COMMON,
    "as_of": "the day of the balance to confirm",
    "reply_by": "the last day for the answer",
    "reply_email": "the e-mail address for the answer",
    "reply_reference": "what the answer must quote",
    "reply_to": "the name of who gets the answer",
}
_DISPUTE: Final = {
    **_COMMON,
    **_DEADLINE,
    "accepted": "what the customer is right about",
    "dispute": "our number of the dispute",
    "disputed": "what was contested",
    "documents": "the numbers of the documents concerned",
    "refused": "what stays owed of it",
}
_PROMISE: Final = {
    **_COMMON,
    "amount": "what was promised",
    "promised_date": "the day by which it was promised",
    "promised_on": "the day on which the promise was given",
}
_PLAN: Final = {
    **_COMMON,
    "accept_by": "the last day to accept the plan",
    "first_due_date": "when the first installment is due",
    "grace_days": "the days after a due date before an installment counts as missed",
    "installment_count": "how many installments there are",
    "interest": "the interest that the plan adds",
    "last_due_date": "when the last installment is due",
    "missed_installments": "how many missed installments break the plan",
    "rate": "the yearly rate of that interest",
    "total": "what the plan pays off, interest included",
}
_DUPLICATE: Final = {
    **_COMMON,
    "documents": "the numbers of the documents enclosed",
    "item_count": "how many they are",
}
_CHANGE: Final = {**_COMMON, "effective_date": "the day from which it counts"}
_TERMS: Final = {
    **_CHANGE,
    "new_terms": "the payment terms from that day on",
    "old_terms": "the payment terms until then",
}
_LIMIT: Final = {
    **_CHANGE,
    "new_limit": "the credit limit from that day on",
    "old_limit": "the credit limit until then",
}
_HOLD: Final = {
    **_CHANGE,
    "oldest_due_date": "the earliest due date of what is past due",
    "total": "what is past due",
}
_HAND_OVER: Final = {
    **_CHANGE,
    "agency": "the name of who collects from now on",
    "mandate": "the number of the file there",
    "total": "what was handed over",
}


@attrs.frozen(kw_only=True)
class LetterKind:
    """A kind of letter: in a word what it is, its placeholders, and those that it must use."""

    kind: str
    summary: str
    placeholders: Mapping[str, str] = attrs.field(repr=False)
    required: frozenset[str]
    has_reply: bool = False
    """Whether its text has a reply slip, to be signed and sent back."""
    is_spoken: bool = False
    """Whether it is a script for a call, and nothing that is sent."""


def _kind(
    kind: str,
    summary: str,
    placeholders: Mapping[str, str],
    required: Iterable[str],
    *,
    has_reply: bool = False,
    is_spoken: bool = False,
) -> LetterKind:
    return LetterKind(
        kind=kind,
        summary=summary,
        placeholders=MappingProxyType(dict(sorted(placeholders.items()))),
        required=frozenset(required),
        has_reply=has_reply,
        is_spoken=is_spoken,
    )


_ALL: Final = (
    _kind("courtesy-reminder", "before the due date", _NOTICE, ["total", "oldest_due_date"]),
    _kind("reminder-1", "a courteous reminder", _NOTICE, ["total"]),
    _kind("reminder-2", "a firm reminder", _NOTICE, ["total", "deadline"]),
    _kind("final-reminder", "the last before formal notice", _NOTICE, ["total", "deadline"]),
    _kind("formal-notice", "the formal notice of the law", _NOTICE, ["total", "deadline"]),
    _kind("agency-hand-over", "an agency collects now", _HAND_OVER, ["total", "agency"]),
    _kind("statement", "a statement of account", _STATEMENT, ["as_of"]),
    _kind(
        "balance-confirmation",
        "a confirmation that states the balance",
        _CONFIRMATION,
        ["as_of", "reply_to"],
        has_reply=True,
    ),
    _kind(
        "balance-confirmation-blank",
        "a confirmation that asks for the balance",
        _CONFIRMATION,
        ["as_of", "reply_to"],
        has_reply=True,
    ),
    _kind(
        "balance-confirmation-negative",
        "a confirmation that is answered only if wrong",
        _CONFIRMATION,
        ["as_of", "reply_to"],
        has_reply=True,
    ),
    _kind("dispute-answer-valid", "the customer is right", _DISPUTE, ["dispute", "accepted"]),
    _kind(
        "dispute-answer-invalid",
        "the customer is wrong",
        _DISPUTE,
        ["dispute", "refused", "deadline"],
    ),
    _kind(
        "dispute-answer-split",
        "the customer is right in part",
        _DISPUTE,
        ["dispute", "accepted", "refused", "deadline"],
    ),
    _kind(
        "payment-plan-agreement",
        "a payment plan, to be signed",
        _PLAN,
        ["total", "accept_by", "missed_installments", "grace_days"],
        has_reply=True,
    ),
    _kind(
        "promise-confirmation",
        "what was promised on the telephone",
        _PROMISE,
        ["amount", "promised_date"],
    ),
    _kind("duplicate-cover", "copies of documents", _DUPLICATE, ["documents"]),
    _kind("terms-change", "other payment terms", _TERMS, ["new_terms", "effective_date"]),
    _kind("limit-change", "another credit limit", _LIMIT, ["new_limit", "effective_date"]),
    _kind("hold-notice", "orders are held", _HOLD, ["total", "effective_date"]),
    _kind("release-notice", "orders are delivered again", _CHANGE, ["effective_date"]),
    _kind(
        "phone-script-courtesy", "a call before the due date", _NOTICE, ["total"], is_spoken=True
    ),
    _kind("phone-script-reminder", "a call after a reminder", _NOTICE, ["total"], is_spoken=True),
    _kind(
        "phone-script-final",
        "a call before formal notice",
        _NOTICE,
        ["total", "deadline"],
        is_spoken=True,
    ),
    _kind(
        "phone-script-broken-promise",
        "a call after a promise was not kept",
        _PROMISE,
        ["amount", "promised_date"],
        is_spoken=True,
    ),
)
KINDS: Final[Mapping[str, LetterKind]] = MappingProxyType({one.kind: one for one in _ALL})
"""Every packaged kind of letter, by its name; a kind that ends in ``-consumer`` is as its other half."""


def kind_of(name: str) -> LetterKind | None:
    """The packaged kind of a name, which may end in ``-consumer``; None for a kind of one's own.

    >>> kind_of("formal-notice-consumer").summary, kind_of("season-greetings")
    ('the formal notice of the law', None)
    """
    return KINDS.get(name.removesuffix(CONSUMER))
