"""From terms to due dates, and from the compact text form to terms."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import attrs

from receivables.days import add_months, month_end
from receivables.documents.model import Document, Installment
from receivables.errors import PolicyError
from receivables.terms.model import MonthEnd, PaymentTerms

__all__ = ["due_date", "parse_terms", "with_terms"]

_DAYS: Final = r"(?P<days>\d{1,3})(?:\s*(?:days?|jours?|j|d[ií]as?|d))?"
_MONTH_END: Final = r"(?:end of month|eom|fin de mois|fdm|fin de mes)"
_DAY: Final = r"(?:\s*,?\s*(?:on the|day|le|el)\s+(?P<day>\d{1,2}))?"
_FORMS: Final = (
    (re.compile(rf"(?:net|neto)?\s*{_DAYS}(?:\s*(?:net|nets|netos?))?{_DAY}"), MonthEnd.NONE),
    (re.compile(rf"{_DAYS}\s*{_MONTH_END}{_DAY}"), MonthEnd.AFTER_DAYS),
    (re.compile(rf"{_MONTH_END}\s*\+?\s*{_DAYS}{_DAY}"), MonthEnd.BEFORE_DAYS),
    (re.compile(rf"{_MONTH_END}{_DAY}"), MonthEnd.AFTER_DAYS),
)
_IMMEDIATE: Final = frozenset({"immediate", "due on receipt", "comptant", "al contado", "contado"})


def parse_terms(text: str) -> PaymentTerms:
    """Read the compact text form, in English, French or Spanish; raises `PolicyError`.

    >>> parse_terms("net 30").days
    30
    >>> parse_terms("45 jours fin de mois").month_end
    <MonthEnd.AFTER_DAYS: 'after-days'>
    >>> parse_terms("fin de mois + 45").month_end
    <MonthEnd.BEFORE_DAYS: 'before-days'>
    >>> parse_terms("30 days end of month on the 10").day
    10
    """
    plain = " ".join(text.casefold().split())
    if plain in _IMMEDIATE:
        return PaymentTerms()
    for form, reading in _FORMS:
        if found := form.fullmatch(plain):
            parts = found.groupdict()
            day = parts.get("day")
            return PaymentTerms(
                days=int(parts.get("days") or 0), month_end=reading, day=int(day) if day else None
            )
    msg = f"terms must look like 'net 30', '45 end of month' or 'end of month 45', got {text!r}"
    raise PolicyError(msg)


def due_date(terms: PaymentTerms, *, baseline_date: dt.date) -> dt.date:
    """The day on which a document is due.

    >>> due_date(parse_terms("45 end of month"), baseline_date=dt.date(2026, 1, 20))
    datetime.date(2026, 3, 31)
    >>> due_date(parse_terms("end of month 45"), baseline_date=dt.date(2026, 1, 20))
    datetime.date(2026, 3, 17)
    """
    day = baseline_date
    if terms.month_end is MonthEnd.BEFORE_DAYS:
        day = month_end(day)
    day += dt.timedelta(days=terms.days)
    if terms.month_end is MonthEnd.AFTER_DAYS:
        day = month_end(day)
    return day if terms.day is None else _next_day_of_month(day, terms.day)


def _next_day_of_month(day: dt.date, wanted: int) -> dt.date:
    this_month = _in_month(day, wanted)
    if this_month >= day:
        return this_month
    return _in_month(add_months(day.replace(day=1), 1), wanted)


def _in_month(day: dt.date, wanted: int) -> dt.date:
    last = month_end(day)
    return last if wanted >= last.day else day.replace(day=wanted)


def with_terms(document: Document, terms: PaymentTerms) -> Document:
    """The document with a due date from terms, where it states none; otherwise as it is."""
    if any(installment.due_date is not None for installment in document.installments):
        return document
    day = due_date(terms, baseline_date=document.document_date)
    return attrs.evolve(
        document,
        due_date=day,
        installments=tuple(
            Installment(day, installment.amount) for installment in document.installments
        ),
    )
