"""The only door for amounts: exact or refused, minor units inside, rates that say their direction.

>>> invoice = money("1234.50", "EUR")
>>> to_minor(invoice)
123450
>>> from_minor(123450, "EUR") == invoice
True
>>> money("10.005", "EUR")
Traceback (most recent call last):
    ...
receivables.errors.InexactAmountError: amount must have at most 2 decimals in EUR, got 10.005
"""

from __future__ import annotations

import datetime as dt
import decimal
from decimal import Decimal
from typing import Final

import attrs
from moneyed import Currency, Money
from moneyed.classes import CURRENCIES

from receivables import limits
from receivables._arithmetic import Rounding, mul_div
from receivables._iso4217 import DIGITS
from receivables.errors import (
    CurrencyMismatchError,
    InexactAmountError,
    LimitError,
    MoneyError,
    UnknownCurrencyError,
)

__all__ = [
    "ExchangeRate",
    "Money",
    "Rounding",
    "digits",
    "exact",
    "from_minor",
    "minor_of",
    "money",
    "to_minor",
]

_EXACT: Final = decimal.Context(prec=60, traps=[decimal.Inexact, decimal.InvalidOperation])
_EXPONENT_MAX: Final = len(str(limits.AMOUNT_MINOR_MAX))
_SURE_EXPONENT: Final = len(str(limits.AMOUNT_MINOR_MAX)) - 1 - max(DIGITS.values())
"""An amount whose first digit is worth less than this power of ten is within the limit."""
_SCALE: Final = {count: Decimal(10) ** count for count in range(6)}
_UNITS: Final = {code: Decimal(1).scaleb(-places) for code, places in DIGITS.items()}
"""One minor unit of each currency; an amount with as many decimals is written as it should be."""


def digits(currency: str) -> int:
    """The number of decimals of a currency's minor unit (ISO 4217, not the locale data).

    >>> digits("EUR"), digits("JPY"), digits("KWD"), digits("ISK")
    (2, 0, 3, 0)
    """
    try:
        return DIGITS[currency]
    except KeyError:
        msg = f"currency must be an ISO 4217 code with a minor unit, got {currency!r}"
        raise UnknownCurrencyError(msg) from None


def money(amount: Decimal | int | str, currency: str) -> Money:
    """Build a `Money`, or refuse it: a tenth of a cent, an unknown currency, a float."""
    return from_minor(minor_of(_decimal(amount), currency), currency)


def exact(amount: Money) -> Money:
    """Return the amount normalized to its currency's decimals, or refuse it.

    >>> exact(Money("10.50", "EUR")) == Money("10.5", "EUR")
    True
    """
    if not isinstance(amount, Money):
        msg = f"amount must be Money, got {type(amount).__name__}"
        raise MoneyError(msg)
    code = amount.currency.code
    value = amount.amount
    unit = _UNITS.get(code)
    # As the currency writes it, and surely within the limit: nothing is to be computed.
    if unit is not None and value.same_quantum(unit) and value.adjusted() < _SURE_EXPONENT:
        # A new value all the same: the caller's could be assigned to.
        return Money(value, _currency(code))
    return from_minor(to_minor(amount), code)


def to_minor(amount: Money) -> int:
    """The amount in minor units; raises `InexactAmountError` or `LimitError`."""
    return minor_of(amount.amount, amount.currency.code)


def minor_of(amount: Decimal, currency: str) -> int:
    """A decimal amount of a currency in minor units.

    >>> minor_of(Decimal("-0.01"), "USD")
    -1
    """
    unit = _UNITS.get(currency)
    if unit is not None and amount.same_quantum(unit) and amount.adjusted() < _SURE_EXPONENT:
        return int(amount.scaleb(DIGITS[currency], _EXACT))
    places = digits(currency)
    # Counted before it is computed: a number of a million digits takes minutes.
    if amount.is_finite() and amount.adjusted() > _EXPONENT_MAX:
        raise _beyond_limit(amount, currency)
    try:
        scaled = _EXACT.multiply(amount, _SCALE[places])
        minor = int(scaled)
    except decimal.Inexact:
        raise _inexact(amount, currency) from None
    except (ArithmeticError, ValueError):
        msg = f"amount must be a finite number, got {amount}"
        raise MoneyError(msg) from None
    if minor != scaled:
        raise _inexact(amount, currency)
    if abs(minor) > limits.AMOUNT_MINOR_MAX:
        raise _beyond_limit(amount, currency)
    return minor


def _inexact(amount: Decimal, currency: str) -> InexactAmountError:
    return InexactAmountError(
        f"amount must have at most {digits(currency)} decimals in {currency}, got {amount}"
    )


def _beyond_limit(amount: Decimal, currency: str) -> LimitError:
    return LimitError(
        f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {amount} {currency}"
    )


def from_minor(amount_minor: int, currency: str) -> Money:
    """`Money` from minor units, with the currency's own decimals."""
    return Money(Decimal(amount_minor).scaleb(-digits(currency)), _currency(currency))


def _currency(code: str) -> Currency:
    # ISO is ahead of py-moneyed; an unregistered value changes nothing for anybody else.
    return CURRENCIES.get(code) or Currency(code)


def _decimal(amount: Decimal | int | str) -> Decimal:
    if isinstance(amount, float | bool):
        msg = f"amount must not be a {type(amount).__name__}, got {amount!r}"
        raise InexactAmountError(msg)
    try:
        return Decimal(amount)
    except (decimal.InvalidOperation, TypeError, ValueError):
        msg = f"amount must be a number, got {amount!r}"
        raise MoneyError(msg) from None


@attrs.frozen(kw_only=True)
class ExchangeRate:
    """A dated rate that says its direction: one unit of `base` is `rate` units of `quote`.

    >>> ecb = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0887"),
    ...                    date=dt.date(2026, 10, 30), source="ECB")
    >>> ecb.convert(money("100.00", "EUR"), rounding=Rounding.HALF_EVEN)
    Money('108.87', 'USD')
    """

    base: str = attrs.field()
    quote: str = attrs.field()
    rate: Decimal = attrs.field(validator=attrs.validators.instance_of(Decimal))
    date: dt.date
    source: str = ""

    @base.validator
    @quote.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @rate.validator
    def _check_rate(self, _attribute: object, value: Decimal) -> None:
        if not value.is_finite() or value <= 0:
            msg = f"rate must be a positive Decimal, got {value!r}"
            raise MoneyError(msg)

    def convert(self, amount: Money, *, rounding: Rounding) -> Money:
        """Convert from `base` to `quote`, or back, rounding once.

        Raises `CurrencyMismatchError` for any other currency.
        """
        numerator, denominator = self.rate.as_integer_ratio()
        code = amount.currency.code
        if code == self.base:
            target = self.quote
        elif code == self.quote:
            target, numerator, denominator = self.base, denominator, numerator
        else:
            msg = f"currency must be {self.base} or {self.quote}, got {code}"
            raise CurrencyMismatchError(msg)
        numerator *= 10 ** digits(target)
        denominator *= 10 ** digits(code)
        converted = mul_div(to_minor(amount), numerator, denominator, rounding=rounding)
        return from_minor(converted, target)
