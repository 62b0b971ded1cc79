"""The workshop: an amount in the currency of a limit or a policy, at the closing rate of a day."""

from __future__ import annotations

import datetime as dt

from receivables.currencies.model import AppliedRate, ExchangeRates, RateKind
from receivables.errors import MissingRateError
from receivables.money import Rounding

__all__ = ["closing_rate", "in_currency"]


def closing_rate(
    code: str, currency: str, *, as_of: dt.date, rates: ExchangeRates | None
) -> AppliedRate:
    """What a unit of one currency is in another on a day; raises `MissingRateError`."""
    if rates is None:
        msg = f"a rate of {code}/{currency} must be known for {as_of}, got no rates"
        raise MissingRateError(msg)
    return rates.rate(code, currency, on=as_of, kind=RateKind.CLOSING)


def in_currency(
    minor: int,
    code: str,
    currency: str,
    *,
    as_of: dt.date,
    rates: ExchangeRates | None,
    rounding: Rounding = Rounding.HALF_UP,
) -> int:
    """Minor units of one currency in those of another, rounded once; raises `MissingRateError`."""
    if code == currency or not minor:
        return minor
    rate = closing_rate(code, currency, as_of=as_of, rates=rates)
    return rate.convert_minor(minor, rounding=rounding)
