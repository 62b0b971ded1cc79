"""Terms from plain tables, as TOML gives them."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from receivables.days import Adjustment
from receivables.errors import PolicyError
from receivables.money import Rounding, money
from receivables.terms import (
    Baseline,
    Closure,
    InstallmentTerms,
    MissingBaseline,
    MonthEnd,
    NextDay,
    Overrun,
    PaymentTerms,
    Residue,
    SettlementDiscount,
    Share,
    TaxBasis,
    ZeroLines,
    load_terms,
    parse_terms,
)

WHOLE = """
baseline = "received-on"
missing-baseline = "document-date"
tax-basis = "excluded"
residue = "largest-remainder"
rounding = "half-even"
zero-lines = "keep"
overrun = "refuse"
sequential = true
payment-days = [5, 20]
next-day = "after"
adjustment = "following"
cut-off = 25
discounts = [{ percent = "2.5", days = 10, month-end = "before-days" }]
closures = [{ first = 2026-08-01, last = 2026-08-31, moved-to = 2026-09-03, every-year = true }]

[[installments]]
share = "percent-of-total"
percent = 30
round-to = 10

[[installments]]
share = "fixed"
amount = "100.00 EUR"
months = 1
is-retention = true

[[installments]]
days = 45
month-end = "after-days"
days-after = 10
"""


def test_every_field_can_be_given():
    """A table says all that terms can say."""
    table = tomllib.loads(WHOLE)
    (closure,) = table["closures"]

    expected = PaymentTerms(
        baseline=Baseline.RECEIVED_ON,
        missing_baseline=MissingBaseline.DOCUMENT_DATE,
        tax_basis=TaxBasis.EXCLUDED,
        residue=Residue.LARGEST_REMAINDER,
        rounding=Rounding.HALF_EVEN,
        zero_lines=ZeroLines.KEEP,
        overrun=Overrun.REFUSE,
        sequential=True,
        day=(5, 20),
        next_day=NextDay.AFTER,
        adjustment=Adjustment.FOLLOWING,
        cut_off=25,
        discounts=[SettlementDiscount(percent="2.5", days=10, month_end=MonthEnd.BEFORE_DAYS)],
        closures=[
            Closure(
                first=closure["first"],
                last=closure["last"],
                moved_to=closure["moved-to"],
                every_year=True,
            )
        ],
        installments=[
            InstallmentTerms(share=Share.PERCENT_OF_TOTAL, percent=30, round_to=Decimal(10)),
            InstallmentTerms(
                share=Share.FIXED, amount=money("100", "EUR"), months=1, is_retention=True
            ),
            InstallmentTerms(days=45, month_end=MonthEnd.AFTER_DAYS, days_after=10),
        ],
    )
    assert expected == load_terms(table)


def test_a_text_is_terms_too():
    """Where a table would be much, the compact form does."""
    assert parse_terms("2/10 net 30") == load_terms("2/10 net 30")
    assert PaymentTerms(day=10) == load_terms({"day": 10})


REFUSED = [
    ({"dayz": 30}, "keys of terms must be among .*, got dayz"),
    ({"days": "30"}, "days must be 0 to 999"),
    ({"month-end": "soon"}, "month-end of terms must be one of none, after-days, before-days"),
    ({"discounts": [{"percent": 2.5}]}, "percent must be a whole number"),
    ({"discounts": [{"days": 10}]}, "must be complete"),
    ({"discounts": {"percent": 2}}, "discounts of terms must be a list of tables"),
    ({"discounts": [2]}, "discounts of terms must be a table, got 2"),
    ({"closures": [{"first": "2026-08-01", "last": "2026-08-31"}]}, "must be a date"),
    ({"installments": [{"share": "fixed", "amount": 100}]}, "must look like '100.00 EUR'"),
    ({"installments": [{"share": "fixed", "amount": "100"}]}, "must look like '100.00 EUR'"),
    ({"installments": [{"round-to": 0.5}]}, "must be a whole number or text"),
    ({"installments": [{"round-to": "ten"}]}, "must be a number"),
    ({"installments": [{"is-retention": "yes"}]}, "must be true or false"),
    ({"sequential": 1}, "sequential of terms must be true or false"),
    (["net 30"], "terms must be a table"),
]


@pytest.mark.parametrize(("table", "message"), REFUSED)
def test_tables_that_say_something_else_are_refused(table, message):
    """A key or a value that means nothing is refused by its name."""
    with pytest.raises(PolicyError, match=message):
        load_terms(table)


def test_values_of_python_are_taken_as_they_are():
    """A table written in Python may hold values instead of their texts."""
    table = {
        "month_end": MonthEnd.AFTER_DAYS,
        "discounts": [{"percent": Decimal("2.5"), "days": 10}],
    }

    assert MonthEnd.AFTER_DAYS is load_terms(table).month_end
    fixed = {"installments": [{"share": "fixed", "amount": money("5", "EUR")}, {"days": 3}]}
    assert money("5", "EUR") == load_terms(fixed).installments[0].amount
