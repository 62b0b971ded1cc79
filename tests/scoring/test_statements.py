"""Financial statements: what must add up, what is noted where it does not, what follows from what."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework import FIGURES, FinancialStatement
from receivables.errors import DocumentError, LimitError, PolicyError, UnknownCurrencyError
from receivables.limits import AMOUNT_MINOR_MAX
from receivables.problems import Place
from receivables.scoring.statements import (
    DERIVATIONS,
    FLOWS,
    IDENTITIES,
    annual,
    check_statement,
    completed,
    figure_minor,
    tangible_net_worth,
)

from .statements_worlds import statement

WHOLE = {
    "total_assets": 1_000,
    "fixed_assets": 400,
    "intangible_assets": 100,
    "current_assets": 600,
    "inventory": 200,
    "trade_receivables": 300,
    "working_capital": 300,
    "cash": 90,
    "total_liabilities": 600,
    "current_liabilities": 300,
    "trade_payables": 200,
    "long_term_liabilities": 300,
    "financial_debt": 350,
    "provisions": 50,
    "equity": 350,
    "share_capital": 100,
    "retained_earnings": 250,
    "sales": 2_000,
    "ebitda": 200,
    "depreciation": 80,
    "ebit": 120,
    "interest_expense": 20,
    "pretax_income": 100,
    "income_tax": 25,
    "net_income": 75,
}
"""A statement in which everything adds up."""


def found(**changes):
    """The problems of the whole statement with some figures changed, as code, field and severity."""
    problems = check_statement(statement(**(WHOLE | changes)))
    return [(one.code, one.place.field, one.severity.value) for one in problems]


def test_a_sound_statement_has_no_problem():
    """Where everything adds up, nothing is noted."""
    assert found() == []


WRONG = {
    "assets and what finances them": (
        {"equity": 300},
        [("financials.unbalanced", "total_assets", "error")],
    ),
    "provisions stand apart": (
        {"provisions": 0},
        [("financials.unbalanced", "total_assets", "error")],
    ),
    "assets in no part": (
        {"fixed_assets": 350},
        [("financials.unbalanced", "total_assets", "warning")],
    ),
    "more parts than assets": (
        {"fixed_assets": 500},
        [("financials.unbalanced", "total_assets", "error")],
    ),
    "debts in no part": (
        {"long_term_liabilities": 250},
        [("financials.unbalanced", "total_liabilities", "warning")],
    ),
    "more parts than debts": (
        {"long_term_liabilities": 350},
        [("financials.unbalanced", "total_liabilities", "error")],
    ),
    "working capital": (
        {"working_capital": 310},
        [("financials.unbalanced", "working_capital", "error")],
    ),
    "other operating income": (
        {"ebitda": 190},
        [("financials.unbalanced", "ebit", "warning")],
    ),
    "financial income": (
        {"interest_expense": 10},
        [("financials.unbalanced", "pretax_income", "warning")],
    ),
    "an extraordinary result": (
        {"income_tax": 30},
        [("financials.unbalanced", "net_income", "warning")],
    ),
    "a part above its whole": (
        {"intangible_assets": 401 + 1},
        [("financials.part-above", "intangible_assets", "error")],
    ),
    "parts above their whole together": (
        {"trade_receivables": 350},
        [("financials.part-above", "inventory", "error")],
    ),
    "debt to banks above all debt": (
        {"financial_debt": 700},
        [("financials.part-above", "financial_debt", "error")],
    ),
    "sales below zero": ({"sales": -1}, [("financials.sign", "sales", "error")]),
    "a cost written with a minus": (
        {"personnel_costs": -10},
        [("financials.sign", "personnel_costs", "error")],
    ),
    "an overdraft among the cash": ({"cash": -10}, [("financials.sign", "cash", "warning")]),
    "a loss is no mistake": ({"value_added": -10}, []),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_add_up_is_noted(name):
    """Each identity, part and sign has its code, its figure and how bad it is."""
    changes, expected = WRONG[name]

    assert found(**changes) == expected


def test_rounding_is_tolerated():
    """Figures in thousands are off by half a unit each; a tolerance that is said counts instead."""
    off_by_one = statement(**(WHOLE | {"equity": 351}))
    off_by_three = statement(**(WHOLE | {"equity": 353}))

    assert check_statement(off_by_one) == ()
    assert len(check_statement(off_by_one, tolerance=0)) == 1
    assert len(check_statement(off_by_three)) == 1
    assert check_statement(off_by_three, tolerance=3) == ()
    with pytest.raises(PolicyError, match="tolerance must be zero or more"):
        check_statement(off_by_one, tolerance=-1)


def test_a_statement_without_figures_is_empty():
    """Nothing adds up to nothing, and somebody should know."""
    (problem,) = check_statement(statement())

    assert (problem.code, problem.is_error) == ("financials.empty", False)


def test_a_problem_says_where_it_stands():
    """Its file and line where they are given, else the statement's own name."""
    broken = statement(sales=-1)

    (here,) = check_statement(broken, place=Place("accounts.csv", line=7))
    (alone,) = check_statement(broken)

    assert (here.place.source, here.place.line, here.place.field) == ("accounts.csv", 7, "sales")
    assert alone.place.source == "C-017:2025"


DERIVED = [
    ({"current_assets": 9, "current_liabilities": 5}, {"working_capital": 4}),
    ({"working_capital": 4, "current_liabilities": 5}, {"current_assets": 9}),
    ({"total_assets": 9, "equity": 4}, {"total_liabilities": 5}),
    ({"total_assets": 9, "equity": 4, "provisions": 1}, {"total_liabilities": 4}),
    ({"total_assets": 9, "total_liabilities": 12}, {"equity": -3}),
    ({"total_liabilities": 5, "equity": 4}, {"total_assets": 9}),
    ({"ebitda": 9, "depreciation": 5}, {"ebit": 4}),
    ({"pretax_income": 9, "interest_expense": 5}, {"ebit": 14}),
    (
        {"net_income": 3, "income_tax": 1, "interest_expense": 2, "depreciation": 4},
        {"pretax_income": 4, "ebit": 6, "ebitda": 10},
    ),
    ({"equity": 4}, {}),
]


@pytest.mark.parametrize(("said", "expected"), DERIVED)
def test_figures_follow_from_others(said, expected):
    """Each derivation says its figure, its value and its formula; what is said stays."""
    whole = completed(statement(**said))

    assert {one.figure: one.value for one in whole.derivations} == expected
    assert all(getattr(whole.statement, name) == value for name, value in (said | expected).items())
    assert all(one.formula and not one.is_assumed for one in whole.derivations)


def test_assumptions_are_made_where_asked_only():
    """Interest without financial income, funds and running costs follow only if that is assumed."""
    said = {"ebit": 9, "pretax_income": 7, "net_income": 5, "depreciation": 2, "sales": 50}

    sure = completed(statement(**said)).statement
    assumed = completed(statement(**said), assumed=True)

    assert (sure.interest_expense, sure.funds_from_operations, sure.operating_expenses) == (
        None,
        None,
        None,
    )
    assert {one.figure: one.value for one in assumed.derivations if one.is_assumed} == {
        "interest_expense": 2,
        "funds_from_operations": 7,
        "operating_expenses": 41,
    }


def test_what_would_be_beyond_the_bound_is_not_derived():
    """A sum that no statement could hold is left unsaid."""
    whole = completed(statement(total_liabilities=AMOUNT_MINOR_MAX, equity=AMOUNT_MINOR_MAX))

    assert whole.statement.total_assets is None


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(FIGURES), st.integers(-(10**6), 10**6)))
def test_completing_twice_is_completing_once(said):
    """What is complete stays as it is, and nothing that is said is ever changed."""
    whole = completed(statement(**said)).statement

    assert all(getattr(whole, name) == value for name, value in said.items())
    again = completed(whole).statement
    assert all(
        getattr(again, name) == getattr(whole, name)
        for name in FIGURES
        if getattr(whole, name) is not None
    )


def test_every_rule_speaks_of_figures():
    """Identities and derivations name figures that a statement has."""
    named = {one.whole for one in IDENTITIES} | {one.figure for one in DERIVATIONS}
    parts = {part.figure for one in (*IDENTITIES, *DERIVATIONS) for part in one.parts}

    assert (named | parts) <= set(FIGURES)


def test_flows_are_taken_for_twelve_months():
    """What grows with the months is made a year; what stands on the last day stays."""
    long = statement(months=18, sales=900, total_assets=900)

    assert annual(long, "sales") == 600
    assert annual(long, "total_assets") == 900
    assert annual(statement(months=7, sales=10), "sales") == Fraction(120, 7)
    assert annual(long, "equity") is None
    assert {"sales", "net_income", "interest_expense"} <= FLOWS
    assert FLOWS.isdisjoint({"total_assets", "market_equity", "working_capital", "trade_payables"})


def test_figures_are_money_in_minor_units():
    """The unit of the statement and the digits of its currency are both counted."""
    assert figure_minor(statement(unit=1_000, equity=4), "equity") == 400_000
    assert figure_minor(statement(currency="JPY", unit=1_000_000, equity=4), "equity") == 4_000_000
    assert figure_minor(statement(), "equity") is None
    with pytest.raises(PolicyError, match="figure must be one of"):
        figure_minor(statement(), "goodwill")


def test_tangible_net_worth_needs_both():
    """Intangible assets that are unsaid are not zero."""
    assert tangible_net_worth(statement(equity=4, intangible_assets=5)) == -1
    assert tangible_net_worth(statement(equity=4)) is None


REFUSED = [
    ({"months": 0}, DocumentError),
    ({"currency": "XXX"}, UnknownCurrencyError),
    ({"sales": True}, DocumentError),
    ({"sales": "5"}, DocumentError),
    ({"sales": AMOUNT_MINOR_MAX + 1}, LimitError),
    ({"unit": 10}, ValueError),
]


@pytest.mark.parametrize(("changes", "error"), REFUSED)
def test_an_impossible_statement_is_refused(changes, error):
    """A figure is a whole number within the bound, and never a truth value or a text."""
    with pytest.raises(error):
        statement(**changes)


def test_a_float_is_no_figure():
    """A figure is never a float, whole or not."""
    with pytest.raises(DocumentError, match="sales must be a whole number"):
        FinancialStatement(
            financials="F",
            customer="C",
            currency="EUR",
            period_end=dt.date(2025, 12, 31),
            sales=float(5),
        )
