"""The workshop: the logistic and the normal curve in decimals, without a float.

Work is done with fifty digits, and results are rounded half-even to `PLACES` decimals; both curves
are 0 or 1 to that many decimals beyond `_FAR`.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

__all__ = ["PLACES", "logistic", "normal"]

PLACES: Final = 12
"""Decimals of a probability."""

_CONTEXT: Final = decimal.Context(prec=50, rounding=decimal.ROUND_HALF_EVEN)
_ONE: Final = Decimal(1)
_STEP: Final = Decimal(1).scaleb(-PLACES)
_FAR: Final = 40
"""The logistic curve leaves less than 1e-17 there, the normal one far less."""
_NORMAL_FAR: Final = 9
_PI: Final = Decimal("3.14159265358979323846264338327950288419716939937510582")
_TINY: Final = Decimal("1e-40")


def logistic(value: Decimal) -> Decimal:
    """1 / (1 + exp(-value)), to twelve decimals.

    >>> logistic(Decimal("-2.885507"))
    Decimal('0.052874671626')
    """
    if abs(value) > _FAR:
        return _rounded(_ONE if value > 0 else Decimal(0))
    with decimal.localcontext(_CONTEXT) as context:
        return _rounded(context.divide(_ONE, _ONE + (-value).exp()))


def normal(value: Decimal) -> Decimal:
    """The share of a standard normal distribution below a value, to twelve decimals.

    The series is that of Marsaglia (*Evaluating the Normal Distribution*, 2004): one half, plus the
    density times value + value^3/3 + value^5/15 + and so on, whose terms all have one sign.

    >>> normal(Decimal("-2.41544"))
    Decimal('0.007858105789')
    """
    if abs(value) > _NORMAL_FAR:
        return _rounded(_ONE if value > 0 else Decimal(0))
    with decimal.localcontext(_CONTEXT) as context:
        square = value * value
        term = total = value
        count = 1
        while abs(term) > _TINY:
            count += 2
            term = context.divide(term * square, Decimal(count))
            total += term
        density = context.divide((context.divide(-square, Decimal(2))).exp(), (2 * _PI).sqrt())
        return _rounded(context.divide(_ONE, Decimal(2)) + density * total)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_STEP, rounding=decimal.ROUND_HALF_EVEN, context=_CONTEXT)
