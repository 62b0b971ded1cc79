"""Rates as exact fractions: how they are written, kept and shown."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from receivables._arithmetic import Rounding, mul_div
from receivables.errors import PolicyError

__all__ = ["DENOMINATOR_MAX", "bounded", "exact_rate", "percent_text"]

DENOMINATOR_MAX: Final = 10**15
"""The largest denominator of a rate that is applied: as fine as the largest amount is long.

A product of rates may need more; the closest fraction then stands for it, which is off by less than
one part in 10^15, so by less than a minor unit of any amount.
"""

_TEXT_MAX: Final = 60
_SHOWN: Final = 10_000
"""A percent is shown to four decimals, and never counted with."""


def exact_rate(value: Fraction | Decimal | int | str, *, name: str = "rate") -> Fraction:
    """A rate as an exact fraction, from a fraction, a decimal, or a text with or without ``%``.

    Raises `PolicyError` for a float, which holds no decimal exactly, and for what is no number.

    >>> exact_rate("8.5 %"), exact_rate("2000/23000"), exact_rate("0.003")
    (Fraction(17, 200), Fraction(2, 23), Fraction(3, 1000))
    """
    if isinstance(value, Fraction | Decimal | int) and not isinstance(value, bool):
        return _from(value, value, name)
    if isinstance(value, str) and len(value) <= _TEXT_MAX:
        text = value.strip()
        number = text.removesuffix("%").strip()
        scale = 100 if text.endswith("%") else 1
        return _from(number, value, name) / Fraction(scale)
    msg = (
        f"{name} must be a text such as '8.5 %' or '2000/23000', or an exact number, got {value!r}"
    )
    raise PolicyError(msg)


def _from(number: Fraction | Decimal | int | str, said: object, name: str) -> Fraction:
    try:
        if isinstance(number, str) and "/" not in number:
            decimal = Decimal(number)
            if decimal.is_finite() and abs(decimal.adjusted()) > _TEXT_MAX:
                raise ValueError(number)  # noqa: TRY301  # a number of a million digits takes minutes
            return Fraction(decimal)
        return Fraction(number)
    except (InvalidOperation, OverflowError, ValueError, ZeroDivisionError):
        msg = f"{name} must be a number, got {said!r}"
        raise PolicyError(msg) from None


def bounded(rate: Fraction) -> Fraction:
    """The rate itself, or the closest one with a denominator of at most `DENOMINATOR_MAX`.

    >>> bounded(Fraction(2, 23))
    Fraction(2, 23)
    """
    return rate.limit_denominator(DENOMINATOR_MAX)


def percent_text(rate: Fraction) -> str:
    """A rate as a person reads it: percent, to four decimals at most.

    >>> percent_text(Fraction(2, 23)), percent_text(Fraction(3, 1000)), percent_text(Fraction(1))
    ('8.6957 %', '0.3 %', '100 %')
    """
    shown = mul_div(100 * _SHOWN, rate.numerator, rate.denominator, rounding=Rounding.HALF_UP)
    whole, rest = divmod(shown, _SHOWN)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}.{decimals} %" if decimals else f"{whole} %"
