"""Payment terms: the text form, both readings of the end of the month, fixed days."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.money import money
from receivables.terms import MonthEnd, PaymentTerms, due_date, parse_terms, with_terms
from receivables.testing.builders import an_invoice

D = dt.date

TEXTS = {
    "net 30": PaymentTerms(days=30),
    "30 jours net": PaymentTerms(days=30),
    "30 días netos": PaymentTerms(days=30),
    "45 end of month": PaymentTerms(days=45, month_end=MonthEnd.AFTER_DAYS),
    "45 jours fin de mois": PaymentTerms(days=45, month_end=MonthEnd.AFTER_DAYS),
    "end of month 45": PaymentTerms(days=45, month_end=MonthEnd.BEFORE_DAYS),
    "fin de mois + 45 jours": PaymentTerms(days=45, month_end=MonthEnd.BEFORE_DAYS),
    "30 jours fin de mois le 10": PaymentTerms(days=30, month_end=MonthEnd.AFTER_DAYS, day=10),
    "end of month": PaymentTerms(month_end=MonthEnd.AFTER_DAYS),
    "comptant": PaymentTerms(),
}


@pytest.mark.parametrize(("text", "terms"), TEXTS.items())
def test_terms_are_read_from_three_languages(text: str, terms: PaymentTerms) -> None:
    """The compact text form is read in English, French and Spanish."""
    assert terms == parse_terms(text)


@pytest.mark.parametrize("text", ["", "soon", "net", "30 / 60", "net -3", "1000 days"])
def test_unreadable_terms_are_refused(text: str) -> None:
    """What is not understood is refused, never taken as due at once."""
    with pytest.raises(PolicyError, match="terms must look like"):
        parse_terms(text)


DUE = [
    ("net 30", D(2026, 1, 31), D(2026, 3, 2)),
    ("45 end of month", D(2026, 1, 20), D(2026, 3, 31)),
    ("end of month 45", D(2026, 1, 20), D(2026, 3, 17)),
    ("30 end of month day 10", D(2026, 1, 5), D(2026, 3, 10)),
    ("net 30 day 31", D(2026, 1, 5), D(2026, 2, 28)),
    ("end of month", D(2028, 2, 3), D(2028, 2, 29)),
    ("immediate", D(2026, 1, 5), D(2026, 1, 5)),
]


@pytest.mark.parametrize(("text", "base", "due"), DUE)
def test_due_dates(text: str, base: dt.date, due: dt.date) -> None:
    """Days, the end of the month and a fixed day follow one another in the order of the words."""
    assert due == due_date(parse_terms(text), baseline_date=base)


@pytest.mark.parametrize("kwargs", [{"days": -1}, {"days": 1000}, {"day": 0}, {"day": 32}])
def test_impossible_terms_are_refused(kwargs: dict[str, int]) -> None:
    """Days and days of the month that no calendar has are refused."""
    with pytest.raises(PolicyError):
        PaymentTerms(**kwargs)


def test_terms_fill_only_a_missing_due_date() -> None:
    """A document that states its due date keeps it."""
    dated = an_invoice(document_date=D(2026, 1, 1), due_date=D(2026, 1, 15))
    undated = an_invoice(document_date=D(2026, 1, 1), due_date=None, total=money("10.00", "EUR"))

    assert dated == with_terms(dated, parse_terms("net 30"))
    assert D(2026, 1, 31) == with_terms(undated, parse_terms("net 30")).installments[0].due_date
