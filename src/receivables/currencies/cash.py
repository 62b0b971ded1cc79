"""Cash rounding: what is paid in coins, and the difference as an amount of its own.

Only cash is rounded, and only the total to pay, after tax: the document, its tax and its tax base
stay as they are, and the difference is booked apart.

>>> from receivables.money import money
>>> paid = cash_rounding("CAD").rounded(money("4.92", "CAD"))
>>> paid.cash, paid.difference
(Money('4.90', 'CAD'), Money('-0.02', 'CAD'))
"""

from __future__ import annotations

from typing import Final

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.errors import CurrencyMismatchError, PolicyError
from receivables.money import Money, digits, exact, from_minor, to_minor

__all__ = ["CASH_ROUNDINGS", "CashAmount", "CashRounding", "cash_rounding"]


@attrs.frozen(kw_only=True)
class CashAmount:
    """An amount as it is owed and as it is paid in cash."""

    exact: Money
    cash: Money

    @property
    def difference(self) -> Money:
        """What the rounding added, or took away where it is negative.

        The residual of an allocation that settles the item is the opposite of it.
        """
        added = to_minor(self.cash) - to_minor(self.exact)
        return from_minor(added, self.cash.currency.code)


@attrs.frozen(kw_only=True)
class CashRounding:
    """The smallest amount that cash can pay in a currency, and what becomes of a half of it.

    >>> from receivables.money import money
    >>> CashRounding(currency="NZD", step_minor=10).rounded(money("0.95", "NZD")).cash
    Money('1.00', 'NZD')
    """

    currency: str = attrs.field()
    step_minor: int = attrs.field()
    """The step in minor units."""
    country: str = ""
    """The country whose rule it is, where the currency alone does not say."""
    half: Rounding = Rounding.HALF_UP
    """What becomes of a half of the step; negative amounts mirror positive ones."""
    is_verified: bool = False
    """Whether the rule was read in its source, and not taken from general knowledge."""
    source: str = ""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @step_minor.validator
    def _check_step(self, _attribute: object, value: int) -> None:
        if type(value) is not int or value < 1:
            msg = f"step_minor must be a whole number of minor units from 1 on, got {value!r}"
            raise PolicyError(msg)

    def rounded(self, amount: Money) -> CashAmount:
        """Round an amount to what cash can pay; raises `CurrencyMismatchError`."""
        owed = exact(amount)
        if owed.currency.code != self.currency:
            msg = f"amount must be in {self.currency}, got {owed.currency.code}"
            raise CurrencyMismatchError(msg)
        steps = mul_div(to_minor(owed), 1, self.step_minor, rounding=self.half)
        return CashAmount(exact=owed, cash=from_minor(steps * self.step_minor, self.currency))


_UNVERIFIED: Final = "general knowledge, unverified"

CASH_ROUNDINGS: Final = (
    CashRounding(
        currency="CAD",
        step_minor=5,
        is_verified=True,
        source="Canada, Budget 2012, rounding guidelines; OPC Québec",
    ),
    CashRounding(currency="CHF", step_minor=5, source=_UNVERIFIED),
    CashRounding(currency="DKK", step_minor=50, source=_UNVERIFIED),
    CashRounding(currency="NOK", step_minor=100, source=_UNVERIFIED),
    CashRounding(currency="SEK", step_minor=100, source=_UNVERIFIED),
    *(
        CashRounding(currency="EUR", country=country, step_minor=5, source=_UNVERIFIED)
        for country in ("BE", "FI", "IE", "IT", "NL")
    ),
)
"""The rules that are known, each with its source, and whether it was read there."""


def cash_rounding(currency: str, *, country: str = "") -> CashRounding:
    """The rule of a currency, and of a country where the currency has one in some countries only.

    Raises `PolicyError` where none is known: that is not the same as none being in force.  Build a
    `CashRounding` of your own there.

    >>> cash_rounding("EUR", country="NL").step_minor
    5
    >>> cash_rounding("EUR")
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: cash rounding must be known for EUR in a country of BE, FI, IE, IT, NL, got none
    """
    digits(currency)
    rules = [rule for rule in CASH_ROUNDINGS if rule.currency == currency]
    for rule in rules:
        if rule.country in ("", country):
            return rule
    if rules:
        countries = ", ".join(rule.country for rule in rules)
        msg = f"cash rounding must be known for {currency} in a country of {countries}, got {country or 'none'}"
    else:
        msg = f"cash rounding must be known for {currency}, got none. Build a CashRounding"
    raise PolicyError(msg)
