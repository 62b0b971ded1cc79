"""What SAP's fields mean: signs, days, amounts, due dates, as laws and as lists of refusals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables_plugins.sap import rules

CENTS = st.integers(0, 10**12).map(lambda minor: Decimal(minor).scaleb(-2))


@given(amount=CENTS)
def test_debit_and_credit_are_opposites(amount):
    """The same amount on the other side is its negative."""
    assert rules.signed(amount, "S") == -rules.signed(amount, "H") == amount


@given(amount=CENTS, is_negative=st.booleans())
def test_trailing_and_leading_signs_mean_the_same(amount, is_negative):
    """A minus counts the same before an amount and behind it, with blanks around."""
    value = -amount if is_negative else amount
    sign = "-" if is_negative else ""

    assert rules.amount_of(f"  {amount:f}{sign} ") == rules.amount_of(f"{sign}{amount:f}") == value


@given(day=st.dates())
def test_every_form_of_a_day_is_the_same_day(day):
    """Milliseconds, eight figures and the ISO form read back as the day they were written for."""
    ticks = (day - dt.date(1970, 1, 1)).days * 86_400_000
    forms = [f"/Date({ticks})/", f"/Date({ticks}+0000)/", f"{day}T00:00:00", str(day)]

    assert {rules.day_of(form) for form in [*forms, day.isoformat().replace("-", "")]} == {day}


@given(minor=st.integers(0, 10**12), currency=st.sampled_from(["JPY", "EUR", "KWD", "HUF"]))
def test_amounts_of_tables_are_shifted_by_the_decimals(minor, currency):
    """A table stores the smallest unit as a hundredth, whatever the currency."""
    raw = Decimal(minor).scaleb(-2)
    places = rules.TABLE_DECIMALS.get(currency, 2)

    assert rules.table_amount(raw, currency) == Decimal(minor).scaleb(-places)


@pytest.mark.parametrize("text", ["1,00", "1 0", "--1", "-1-", "1e3", "", "NaN", ".", "\u0661"])
def test_an_amount_in_another_form_is_refused(text):
    """Amounts for people, exponents and other figures are no amounts of machines."""
    with pytest.raises(ValueError, match="amount"):
        rules.amount_of(text)


@pytest.mark.parametrize(
    "text", ["20260230", "2026-13-01", "31.12.2026", "/Date()/", "/Date(9999999999999999)/", "x"]
)
def test_a_day_that_is_none_is_refused(text):
    """A day that does not exist, or in a form for people, is refused."""
    with pytest.raises(ValueError, match=r"."):
        rules.day_of(text)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({}, dt.date(2026, 10, 31)),
        ({"is_credit": True}, dt.date(2026, 10, 1)),
        ({"is_credit": True, "invoice": "V"}, dt.date(2026, 10, 31)),
        ({"is_credit": True, "invoice": "0100000001"}, dt.date(2026, 10, 31)),
        (
            {"is_credit": True, "invoice": "1", "invoice_due": dt.date(2026, 12, 1)},
            dt.date(2026, 12, 1),
        ),
    ],
)
def test_credits_are_due_at_once_unless_they_refer(said, day):
    """A credit memo is due at once, with its invoice, or by its own terms where it says so."""
    terms = rules.Terms(days1=10, days2=20, days3=30)

    assert rules.due_date(terms, document_date=dt.date(2026, 10, 1), **said) == day
