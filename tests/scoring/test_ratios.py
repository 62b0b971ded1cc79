"""Ratios: exact, and None where nobody knows."""

from __future__ import annotations

from fractions import Fraction

import pytest

from receivables.casework import FIGURES
from receivables.errors import PolicyError
from receivables.scoring.ratios import RATIOS, RatioUnit, missing_figures, ratio, ratios

from .statements_worlds import statement

EXPECTED = {
    "current_ratio": Fraction(600, 300),
    "quick_ratio": Fraction(400, 300),
    "working_capital_to_assets": Fraction(300, 1_000),
    "no_credit_interval": Fraction(100 * 365, 1_460),
    "permanent_capital_to_assets": Fraction(350 + 50 + 300, 1_000),
    "net_debt_to_equity": Fraction(350 - 90, 350),
    "receivable_days": Fraction(300 * 365, 2_000),
    "interest_to_sales": Fraction(20, 2_000),
    "interest_cover": Fraction(120, 20),
}


def _year(**changes):
    figures = {
        "total_assets": 1_000,
        "current_assets": 600,
        "inventory": 200,
        "trade_receivables": 300,
        "cash": 90,
        "working_capital": 300,
        "current_liabilities": 300,
        "long_term_liabilities": 300,
        "financial_debt": 350,
        "provisions": 50,
        "equity": 350,
        "sales": 2_000,
        "operating_expenses": 1_460,
        "ebit": 120,
        "interest_expense": 20,
    }
    return statement(**(figures | changes))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_ratio_is_exact(name):
    """A ratio is the fraction that its formula says."""
    assert ratio(_year(), name) == EXPECTED[name]


@pytest.mark.parametrize("name", RATIOS)
def test_a_zero_below_gives_none(name):
    """What would be divided by zero is unknown, and never zero."""
    zeros = dict.fromkeys(FIGURES, 0)

    assert ratio(statement(**zeros), name) is None


@pytest.mark.parametrize("name", RATIOS)
def test_an_unsaid_figure_gives_none(name):
    """Each figure of a formula must be known; none is taken for zero."""
    ones = dict.fromkeys(FIGURES, 1)
    for figure in RATIOS[name].figures:
        assert ratio(statement(**(ones | {figure: None})), name) is None
        assert missing_figures(statement(**(ones | {figure: None})), [name]) == (figure,)


def test_provisions_may_be_unsaid():
    """Charts of accounts that keep them among the debts say none."""
    name = "permanent_capital_to_assets"

    assert ratio(_year(provisions=None), name) == Fraction(650, 1_000)


def test_flows_are_annual():
    """A year of six months has half the sales, and the same margin."""
    half = _year(months=6)

    assert ratio(half, "receivable_days") == ratio(_year(), "receivable_days") / 2
    assert ratio(half, "interest_to_sales") == ratio(_year(), "interest_to_sales")
    assert ratio(half, "no_credit_interval") == ratio(_year(), "no_credit_interval") / 2
    assert ratio(half, "current_ratio") == ratio(_year(), "current_ratio")


def test_all_at_once():
    """Every ratio by name, known or not."""
    found = ratios(_year())

    assert list(found) == list(RATIOS)
    assert found["market_equity_to_liabilities"] is None


def test_an_unknown_ratio_is_refused():
    """A name that is none is a mistake of the caller."""
    with pytest.raises(PolicyError, match="ratio must be one of"):
        ratio(_year(), "luck")


def test_every_ratio_says_its_formula_and_unit():
    """A ratio can be read, and counts times or days."""
    assert RATIOS["equity_to_assets"].formula == "(equity) / (total_assets)"
    assert {one.unit for one in RATIOS.values()} == set(RatioUnit)
