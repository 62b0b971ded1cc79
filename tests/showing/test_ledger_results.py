"""Results that come from a ledger, shown in every language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables.aging import AgingScheme
from receivables.allowance import (
    ProvisionMatrix,
    SegmentRates,
    backtest,
    ledger_allowance,
    ledger_movement,
)
from receivables.credit.stress import StressLoss, StressResult, scenarios
from receivables.currencies import ExchangeRates, revaluation
from receivables.i18n import LANGUAGES
from receivables.interest.accrual import Interest, Segment
from receivables.interest.rates import SourceStatus
from receivables.ledger import Ledger
from receivables.money import ExchangeRate
from receivables.scoring import behaviour
from receivables.showing import show
from receivables.statements import StatementForm, statement_of_account
from receivables.testing.builders import an_invoice, issued

DAY = dt.date(2026, 10, 31)


@pytest.fixture(scope="module")
def ledger():
    """One invoice in euros that is past due."""
    return Ledger().record(issued(an_invoice(due_date=dt.date(2026, 9, 15))))


@pytest.fixture(scope="module")
def creditor(ledger):
    """Who is owed."""
    return ledger.open_items(as_of=DAY)[0].creditor


@pytest.fixture(scope="module")
def matrix():
    """A provision matrix of one segment."""
    rates = [Fraction(place, 100) for place in (1, 2, 5)]
    return ProvisionMatrix(
        name="house",
        version="1",
        scheme=AgingScheme(30),
        segments=[SegmentRates("", rates, source="history")],
    )


def _seen(result):
    """The texts of a result in the three languages; an amount of the invoice stands in each."""
    texts = [show(result, locale).text() for locale in LANGUAGES]
    assert len(set(texts)) == len(LANGUAGES)
    assert "<table" in result._repr_html_()
    return texts


@pytest.mark.parametrize("form", StatementForm)
def test_statements_are_shown(ledger, creditor, form):
    """Kinds of documents and movements are words of the reader."""
    customer = ledger.open_items(as_of=DAY)[0].customer
    found = statement_of_account(ledger, creditor, customer, as_of=DAY, form=form)
    english = _seen(found)[0]

    assert "Invoice" in english


def test_allowances_are_shown(ledger, creditor, matrix):
    """The allowance, what moved it, and what became of it."""
    first, last = (
        ledger_allowance(ledger, creditor, matrix=matrix, as_of=day)
        for day in (dt.date(2026, 9, 20), DAY)
    )
    _seen(first)
    _seen(ledger_movement(ledger, first, last, creditor=creditor))
    tests = backtest(ledger, creditor, matrix=matrix, days=[dt.date(2026, 9, 30)], until=DAY)
    _seen(tests[0])


def test_behaviour_is_shown(ledger, creditor):
    """How a customer pays, by currency."""
    for one in behaviour(ledger, creditor, as_of=DAY).values():
        _seen(one)


def test_revaluations_are_shown(ledger):
    """What is open stands in the currency of the items, the rest in ours."""
    rates = ExchangeRates([ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=DAY)])
    (item,) = ledger.open_items(as_of=DAY)
    found = revaluation([item], carrying={item.item: 100}, rates=rates, as_of=DAY, functional="USD")
    assert "(USD)" in _seen(found)[0]


def test_interest_is_shown():
    """The parts have two decimals more than the amount that is charged."""
    part = Segment(
        first=dt.date(2026, 10, 1),
        last=DAY,
        days=31,
        balance_minor=100_000,
        rate=Decimal("10.15"),
        amount_minor=Fraction(86_205, 100),
        derivation="ECB",
        status=SourceStatus.VERIFIED,
    )
    found = Interest(
        item="F-1",
        creditor="MIRA",
        customer="C-1",
        currency="EUR",
        jurisdiction="FR",
        as_of=DAY,
        segments=(part,),
        unrounded_minor=Fraction(86_205, 100),
        amount_minor=862,
    )
    assert "8.6205" in _seen(found)[0]


def test_stress_is_shown():
    """What a scenario costs, customer by customer."""
    line = StressLoss(
        customer="C-1",
        exposure_minor=1_000,
        covered_minor=200,
        loss_minor=800,
        charge_minor=700,
        cash_minor=1_000,
    )
    scenario = scenarios()[0]
    _seen(StressResult(scenario=scenario, currency="EUR", total_minor=9_000, lines=(line,)))
