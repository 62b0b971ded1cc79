"""Ratios of financial statements, as exact fractions; None where nobody knows, never zero.

Figures of the income statement are taken for twelve months (`receivables.scoring.annual`).

>>> import datetime as dt
>>> year = FinancialStatement(financials="F", customer="C-017", currency="EUR",
...     period_end=dt.date(2025, 12, 31), total_assets=800, equity=200, sales=0, net_income=20)
>>> ratio(year, "equity_to_assets"), ratio(year, "net_margin"), ratio(year, "interest_cover")
(Fraction(1, 4), None, None)
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework.financials import FinancialStatement
from receivables.errors import PolicyError
from receivables.scoring.statements import SignedFigure, annual

__all__ = ["RATIOS", "Ratio", "RatioUnit", "check_ratio_name", "missing_figures", "ratio", "ratios"]

_DAYS: Final = 365


class RatioUnit(enum.Enum):
    """What a ratio counts in."""

    TIMES = "times"
    DAYS = "days"


@attrs.frozen(kw_only=True)
class Ratio:
    """A ratio: one sum of figures over another.

    `optional` figures count as zero where they are unsaid (provisions, which many charts of
    accounts keep among the debts); any other unsaid figure leaves the ratio unknown.
    """

    name: str
    above: tuple[SignedFigure, ...]
    below: tuple[SignedFigure, ...]
    optional: frozenset[str] = frozenset()
    unit: RatioUnit = RatioUnit.TIMES

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that must be known, in the order of the formula."""
        every = (part.figure for part in (*self.above, *self.below))
        return tuple(name for name in dict.fromkeys(every) if name not in self.optional)

    @property
    def formula(self) -> str:
        """The ratio as text.

        >>> RATIOS["quick_ratio"].formula
        '(current_assets - inventory) / (current_liabilities)'
        """
        sides = (" ".join(map(str, side)).removeprefix("+ ") for side in (self.above, self.below))
        return " / ".join(f"({side})" for side in sides)


def _figures(text: str, times: int) -> tuple[SignedFigure, ...]:
    sign, found = times, []
    for word in text.split():
        if word in {"+", "-"}:
            sign = times if word == "+" else -times
        else:
            found.append(SignedFigure(word, sign))
    return tuple(found)


def _ratio(
    name: str, above: str, below: str, *, optional: str = "", unit: RatioUnit = RatioUnit.TIMES
) -> Ratio:
    return Ratio(
        name=name,
        above=_figures(above, _DAYS if unit is RatioUnit.DAYS else 1),
        below=_figures(below, 1),
        optional=frozenset(optional.split()),
        unit=unit,
    )


_EVERY: Final = (
    # Liquidity.
    _ratio("current_ratio", "current_assets", "current_liabilities"),
    _ratio("quick_ratio", "current_assets - inventory", "current_liabilities"),
    _ratio("cash_ratio", "cash", "current_liabilities"),
    _ratio("working_capital_to_assets", "working_capital", "total_assets"),
    _ratio("quick_assets_to_assets", "current_assets - inventory", "total_assets"),
    _ratio("current_assets_to_liabilities", "current_assets", "total_liabilities"),
    _ratio("current_liabilities_to_assets", "current_liabilities", "total_assets"),
    _ratio("current_liabilities_to_current_assets", "current_liabilities", "current_assets"),
    _ratio(
        "no_credit_interval",
        "current_assets - inventory - current_liabilities",
        "operating_expenses",
        unit=RatioUnit.DAYS,
    ),
    # Structure.
    _ratio("equity_to_assets", "equity", "total_assets"),
    _ratio("equity_to_liabilities", "equity", "total_liabilities"),
    _ratio("market_equity_to_liabilities", "market_equity", "total_liabilities"),
    _ratio("liabilities_to_assets", "total_liabilities", "total_assets"),
    _ratio("liabilities_to_equity", "total_liabilities", "equity"),
    _ratio("net_debt_to_equity", "financial_debt - cash", "equity"),
    _ratio("retained_earnings_to_assets", "retained_earnings", "total_assets"),
    _ratio(
        "permanent_capital_to_assets",
        "equity + provisions + long_term_liabilities",
        "total_assets",
        optional="provisions",
    ),
    # Earnings and coverage.
    _ratio("ebit_to_assets", "ebit", "total_assets"),
    _ratio("net_income_to_assets", "net_income", "total_assets"),
    _ratio("return_on_equity", "net_income", "equity"),
    _ratio("ebit_margin", "ebit", "sales"),
    _ratio("net_margin", "net_income", "sales"),
    _ratio("interest_cover", "ebit", "interest_expense"),
    _ratio("interest_to_sales", "interest_expense", "sales"),
    _ratio("personnel_to_value_added", "personnel_costs", "value_added"),
    _ratio("ebitda_to_liabilities", "ebitda", "total_liabilities"),
    _ratio("net_debt_to_ebitda", "financial_debt - cash", "ebitda"),
    _ratio("pretax_income_to_current_liabilities", "pretax_income", "current_liabilities"),
    _ratio("funds_to_liabilities", "funds_from_operations", "total_liabilities"),
    # Turnover.
    _ratio("sales_to_assets", "sales", "total_assets"),
    _ratio("receivable_days", "trade_receivables", "sales", unit=RatioUnit.DAYS),
    _ratio("inventory_days", "inventory", "cost_of_sales", unit=RatioUnit.DAYS),
    _ratio("payable_days", "trade_payables", "purchases", unit=RatioUnit.DAYS),
)

RATIOS: Final[Mapping[str, Ratio]] = MappingProxyType({one.name: one for one in _EVERY})
"""Every ratio by its name."""


def check_ratio_name(name: str) -> Ratio:
    """The ratio of a name; raises `PolicyError` for one that is none.

    >>> check_ratio_name("cash_ratio").figures
    ('cash', 'current_liabilities')
    """
    if name not in RATIOS:
        msg = f"ratio must be one of {', '.join(RATIOS)}, got {name!r}"
        raise PolicyError(msg)
    return RATIOS[name]


def missing_figures(statement: FinancialStatement, names: Iterable[str]) -> tuple[str, ...]:
    """The figures that some ratios need and that a statement does not say, each once."""
    needed = (figure for name in names for figure in check_ratio_name(name).figures)
    return tuple(one for one in dict.fromkeys(needed) if getattr(statement, one) is None)


def _side(
    statement: FinancialStatement, parts: Iterable[SignedFigure], optional: frozenset[str]
) -> Fraction | None:
    total = Fraction(0)
    for part in parts:
        value = annual(statement, part.figure)
        if value is None and part.figure not in optional:
            return None
        total += part.times * (value or 0)
    return total


def ratio(statement: FinancialStatement, name: str) -> Fraction | None:
    """One ratio, exactly; None where a figure is unsaid or what it is divided by is zero.

    Nothing is derived here: complete the statement first where that is wanted.  Raises
    `PolicyError` for a name that is none.
    """
    rule = check_ratio_name(name)
    above = _side(statement, rule.above, rule.optional)
    below = _side(statement, rule.below, rule.optional)
    return None if above is None or not below else above / Fraction(below)


def ratios(
    statement: FinancialStatement, names: Iterable[str] = tuple(RATIOS)
) -> Mapping[str, Fraction | None]:
    """Several ratios by name, all of them unless said otherwise."""
    return MappingProxyType({name: ratio(statement, name) for name in names})
