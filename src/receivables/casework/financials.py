"""Financial statements of customers, as a credit analyst reads them: figures of one year, one currency."""

from __future__ import annotations

import datetime as dt

import attrs

from receivables._fields import LATER
from receivables.casework._checks import check_named
from receivables.errors import DocumentError, LimitError
from receivables.limits import AMOUNT_MINOR_MAX
from receivables.money import digits
from receivables.parties import CustomerId

__all__ = ["FIGURES", "FinancialStatement"]


def _check_currency(_instance: object, _attribute: object, value: str) -> None:
    digits(value)


@attrs.frozen(kw_only=True)
class FinancialStatement:
    """The figures of a financial year, in whole `unit`s of the currency; what is unsaid is None.

    `unit` is 1, 1,000 or 1,000,000: 250 in thousands of euros is 250,000 euros.  Whether the
    figures agree with each other is checked by `receivables.scoring.check_statement`, which notes
    what does not as problems.  Raises `DocumentError` for a figure that is no whole number, a unit or a
    length that is none, `UnknownCurrencyError`, and `LimitError` for a figure beyond
    `limits.AMOUNT_MINOR_MAX`.

    >>> year = FinancialStatement(financials="C-017:2025", customer="C-017", currency="EUR",
    ...     period_end=dt.date(2025, 12, 31), unit=1_000, total_assets=1_000, equity=400)
    >>> year.months, year.total_liabilities
    (12, None)
    """

    financials: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    currency: str = attrs.field(validator=_check_currency)
    period_end: dt.date
    months: int = attrs.field(default=12, validator=attrs.validators.instance_of(int))
    unit: int = attrs.field(default=1, validator=attrs.validators.in_((1, 1_000, 1_000_000)))
    is_audited: bool = False
    is_consolidated: bool = False
    source: str = ""
    # The balance sheet.
    total_assets: int | None = None
    fixed_assets: int | None = None
    intangible_assets: int | None = None
    current_assets: int | None = None
    inventory: int | None = None
    trade_receivables: int | None = None
    working_capital: int | None = attrs.field(default=None, metadata=LATER)
    """Current assets less current liabilities, for a source that says no more."""
    cash: int | None = None
    """Cash, and what is as good as cash."""
    total_liabilities: int | None = None
    current_liabilities: int | None = None
    long_term_liabilities: int | None = None
    trade_payables: int | None = attrs.field(default=None, metadata=LATER)
    financial_debt: int | None = None
    provisions: int | None = None
    """Provisions for liabilities, where they stand apart from the debts (French accounts)."""
    equity: int | None = None
    share_capital: int | None = None
    retained_earnings: int | None = None
    """Retained earnings and reserves, the year's result included."""
    market_equity: int | None = None
    """What the shares are worth on the market, for listed companies."""
    # The income statement.
    sales: int | None = None
    purchases: int | None = None
    cost_of_sales: int | None = None
    value_added: int | None = None
    personnel_costs: int | None = None
    operating_expenses: int | None = None
    """Without depreciation: what a day's running costs in cash."""
    ebitda: int | None = None
    """Earnings before interest, tax, depreciation and amortization (*EBE* in French accounts)."""
    depreciation: int | None = None
    ebit: int | None = None
    interest_expense: int | None = None
    pretax_income: int | None = None
    income_tax: int | None = None
    net_income: int | None = None
    funds_from_operations: int | None = None

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.months <= 24:  # noqa: PLR2004  # no financial year is longer
            msg = f"months must be from 1 to 24, got {self.months}"
            raise DocumentError(msg)
        for name in FIGURES:
            _check_figure(name, getattr(self, name))


def _check_figure(name: str, value: object) -> None:
    if value is None:
        return
    if type(value) is not int:
        msg = f"{name} must be a whole number, got {value!r}"
        raise DocumentError(msg)
    if abs(value) > AMOUNT_MINOR_MAX:
        msg = f"{name} must be at most {AMOUNT_MINOR_MAX}, got {value}"
        raise LimitError(msg)


FIGURES: tuple[str, ...] = tuple(
    field.name
    for field in attrs.fields(FinancialStatement)
    if field.name
    not in {
        *("financials", "customer", "currency", "period_end", "months", "unit"),
        *("is_audited", "is_consolidated", "source"),
    }
)
"""The names of the figures, in the order of the statement."""
