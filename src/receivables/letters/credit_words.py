r"""What is said of a customer's credit, in words: recommendations, their reasons, and the days of reviews.

>>> from receivables.credit.recommendations import ReasonCode, RecommendationReason
>>> reason = RecommendationReason(code="pays-late", days=2_250)
>>> credit_sentence(reason, locale="fr")
'paie en moyenne 22,50\xa0jours après l’échéance'
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from receivables.casework.credit import LimitKind, ReviewAction
from receivables.credit.limit_policies import CapKind, PaymentTerm
from receivables.credit.model import ComponentKind
from receivables.credit.recommendations import (
    CreditRecommendation,
    ReasonCode,
    RecommendationReason,
)
from receivables.credit.reviewing import ReviewReason
from receivables.i18n import format_date, format_decimal, format_money, words
from receivables.scoring.failure_models import ZoneStanding

__all__ = [
    "CREDIT_SENTENCES",
    "action_label",
    "cap_label",
    "class_label",
    "component_label",
    "credit_sentence",
    "explain_recommendation",
    "explain_review",
    "limit_label",
    "payment_label",
    "percent",
    "zone_label",
]

CREDIT_SENTENCES: Final[Mapping[ReasonCode, str]] = MappingProxyType(
    {
        ReasonCode.INSOLVENCY: "insolvency proceedings since {date}: {what}",
        ReasonCode.CLASS_REFUSED: "class {what} is not sold to on credit",
        ReasonCode.OLDEST_OVERDUE: "the oldest item is {days} days past due",
        ReasonCode.RETURNED_PAYMENTS: "payments returned: {count}",
        ReasonCode.BROKEN_PROMISES: "broken promises to pay: {count}",
        ReasonCode.COVER_WITHDRAWN: "cover withdrawn by the insurer: {reference}",
        ReasonCode.SUSPENSION: "credit is suspended since {date}: {what}",
        ReasonCode.SUSPENSION_OVER: "what credit was suspended for since {date} is over: {what}",
        ReasonCode.FIGURE_MISSING: "not known, and needed: {what}",
        ReasonCode.NO_LIMIT: "no credit limit was granted yet",
        ReasonCode.NOTHING_LEFT: "its figures bear no credit limit",
        ReasonCode.ABOVE_PRESENT: "the recommended limit of {amount} is above the present one of {other}",
        ReasonCode.BELOW_PRESENT: "the recommended limit of {amount} is below the present one of {other}",
        ReasonCode.NEAR_PRESENT: "the recommended limit of {amount} is close to the present one of {other}",
        ReasonCode.RAISE_BARRED: "figures would bear {amount}, but what follows speaks against a raise",
        ReasonCode.SIGNS: "{count} bad signs cut the limit by {percent}",
        ReasonCode.CAP: "the figure that binds: {what}, {amount}",
        ReasonCode.EXPOSURE_ABOVE: "the exposure of {amount} is above the limit of {other}",
        ReasonCode.PAYS_LATE: "pays {days} days after terms on average",
        ReasonCode.PAYS_PROMPTLY: "pays within terms on average",
        ReasonCode.WORSENING: "pays {days} days later than before",
        ReasonCode.IMPROVING: "pays {days} days sooner than before",
        ReasonCode.FAILURE_DISTRESS: "{what}: {number}, risk of failure",
        ReasonCode.FAILURE_SAFE: "{what}: {number}, no risk of failure in sight",
        ReasonCode.CLASS_WORSE: "risk class {what}, worse than {reference} at the last review",
        ReasonCode.CLASS_BETTER: "risk class {what}, better than {reference} at the last review",
        ReasonCode.STATEMENT_OLD: "the last financial statement is of {date}",
    }
)
"""The English sentence of each reason, and the key of its translations."""

_WHAT: Final[Mapping[ReasonCode, str]] = MappingProxyType(
    {
        ReasonCode.INSOLVENCY: "insolvency",
        ReasonCode.SUSPENSION: "suspension reason",
        ReasonCode.SUSPENSION_OVER: "suspension reason",
        ReasonCode.FIGURE_MISSING: "credit cap",
        ReasonCode.CAP: "credit cap",
    }
)
"""Where the text of a reason is a word of ours: the context of its translations."""

_AVERAGES: Final = frozenset({ReasonCode.PAYS_LATE, ReasonCode.WORSENING, ReasonCode.IMPROVING})
"""Where days are hundredths of a day."""


def credit_sentence(reason: RecommendationReason, *, locale: str) -> str:
    """A reason as a sentence; raises `TranslationMissingError` for another language."""
    catalog = words(locale)
    context = _WHAT.get(reason.code)
    return catalog.text(
        "credit reason",
        CREDIT_SENTENCES[reason.code],
        amount=_money(reason.amount_minor, reason.currency, locale),
        other=_money(reason.other_minor, reason.currency, locale),
        count=reason.count or 0,
        date="" if reason.on is None else format_date(reason.on, locale, "medium"),
        days=_days(reason, locale),
        number="" if reason.number is None else format_decimal(_rounded(reason.number), locale),
        percent=percent(reason.bps or 0, locale),
        reference=_class(reason.reference, locale) if reason.code in _CLASSES else reason.reference,
        what=catalog.text(context, reason.text) if context else _class(reason.text, locale),
    )


_CLASSES: Final = frozenset({ReasonCode.CLASS_WORSE, ReasonCode.CLASS_BETTER})


def _class(text: str, locale: str) -> str:
    return class_label(text, locale)


def _money(minor: int | None, currency: str, locale: str) -> str:
    return format_money(minor or 0, currency, locale) if currency else ""


def _days(reason: RecommendationReason, locale: str) -> str:
    if reason.days is None:
        return ""
    if reason.code not in _AVERAGES:
        return str(reason.days)
    return format_decimal(Decimal(abs(reason.days)).scaleb(-2), locale)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"))


def percent(bps: int, locale: str) -> str:
    r"""Basis points as percent, with as many decimals as they need.

    >>> percent(3_500, "fr"), percent(1_250, "en")
    ('35\xa0%', '12.50%')
    """
    whole, rest = divmod(bps, 100)
    number = format_decimal(Decimal(bps).scaleb(-2), locale) if rest else str(whole)
    return words(locale).text("letter", "{number}%", number=number)


def explain_recommendation(advice: CreditRecommendation, *, locale: str) -> tuple[str, ...]:
    """The recommendation as a sentence, then each of its reasons, the decisive one first.

    Raises `TranslationMissingError` for another language.
    """
    catalog = words(locale)
    said = catalog.text(
        "credit action",
        _ACTIONS[advice.action],
        limit=_money(advice.limit_minor, advice.currency, locale),
    )
    return (said, *(credit_sentence(reason, locale=locale) for reason in advice.reasons))


_ACTIONS: Final[Mapping[ReviewAction, str]] = MappingProxyType(
    {
        ReviewAction.GRANT: "grant a credit limit of {limit}",
        ReviewAction.RAISE: "raise the credit limit to {limit}",
        ReviewAction.KEEP: "keep the credit limit of {limit}",
        ReviewAction.REDUCE: "reduce the credit limit to {limit}",
        ReviewAction.SUSPEND: "suspend credit (limit of {limit})",
        ReviewAction.REINSTATE: "reinstate credit with a limit of {limit}",
    }
)


def explain_review(reason: ReviewReason, *, locale: str) -> str:
    """Why a customer is reviewed, in words, with what it is about.

    >>> import datetime as dt
    >>> from receivables.credit.reviewing import ReviewReasonKind
    >>> kind = ReviewReasonKind.LIMIT_ENDS
    >>> explain_review(ReviewReason(kind=kind, due_on=dt.date(2026, 12, 1), reference="I-1"), locale="es")
    'fin de un límite o de una cobertura: I-1'
    """
    catalog = words(locale)
    label = catalog.text("review reason", reason.kind.value)
    if not reason.reference:
        return label
    return catalog.text(
        "review reason", "{reason}: {reference}", reason=label, reference=reason.reference
    )


def action_label(action: ReviewAction, locale: str) -> str:
    """The name of what a review came to.

    >>> action_label(ReviewAction.REDUCE, "fr")
    'réduire'
    """
    return words(locale).text("review action", action.value)


def cap_label(kind: CapKind, locale: str) -> str:
    """The name of a figure that caps a limit.

    >>> cap_label(CapKind.WORKING_CAPITAL, "fr")
    'fonds de roulement'
    """
    return words(locale).text("credit cap", kind.value)


def component_label(kind: ComponentKind, locale: str) -> str:
    """The name of a part of an exposure.

    >>> component_label(ComponentKind.ORDERS, "es")
    'pedidos pendientes'
    """
    return words(locale).text("exposure", kind.value)


def limit_label(kind: LimitKind, locale: str) -> str:
    """The name of what a limit rests on.

    >>> limit_label(LimitKind.INSURED, "fr")
    'assuré'
    """
    return words(locale).text("limit kind", kind.value)


def payment_label(payment: PaymentTerm, days: int, locale: str) -> str:
    r"""How and when a class pays.

    >>> payment_label(PaymentTerm.OPEN_ACCOUNT, 45, "fr")
    '45\xa0jours'
    """
    catalog = words(locale)
    if payment is PaymentTerm.OPEN_ACCOUNT:
        return catalog.text("payment term", "{days} days", days=days)
    return catalog.text("payment term", payment.value)


def class_label(risk_class: str, locale: str) -> str:
    """The name of a risk class, which is the policy's own, but for *unrated*."""
    is_unrated = risk_class == "unrated"
    return words(locale).text("risk class", "unrated") if is_unrated else risk_class


def zone_label(zone: ZoneStanding, locale: str) -> str:
    """What the zone of a failure model means.

    >>> zone_label(ZoneStanding.GREY, "es")
    'zona gris'
    """
    return words(locale).text("failure zone", zone.value)
