"""From odds to points and back: base score, base odds, points to double the odds.

>>> scaling = Scaling(base_score=600, base_odds=50, pdo=20)
>>> round(scaling.factor, 4), round(scaling.offset, 4)
(Decimal('28.8539'), Decimal('487.1229'))
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.scoring._curves import logistic

__all__ = ["Scaling", "classic_points"]

_CONTEXT: Final = decimal.Context(prec=40, rounding=decimal.ROUND_HALF_EVEN)
_BPS: Final = 10_000
_FAR: Final = 100
"""Log odds beyond which nobody can tell one from another; keeps exponents small."""


def _decimal(value: Any) -> Decimal:  # noqa: ANN401  # checked here
    if isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
        try:
            return Decimal(value)
        except decimal.InvalidOperation:
            pass
    msg = f"a figure of a scaling must be a whole number or a decimal, got {value!r}"
    raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Scaling:
    """How points stand for odds: score = offset + factor * ln(good : bad).

    `base_score` points stand for `base_odds` good ones to a bad one, and `pdo` points double the
    odds: factor = pdo / ln 2, offset = base score - factor * ln(base odds) (Siddiqi, *Credit Risk
    Scorecards*, 2006).  Nothing is rounded on the way.  Raises `PolicyError` for odds or points to
    double of zero or less.
    """

    base_score: Decimal = attrs.field(default=Decimal(600), converter=_decimal)
    base_odds: Decimal = attrs.field(default=Decimal(50), converter=_decimal)
    pdo: Decimal = attrs.field(default=Decimal(20), converter=_decimal)

    def __attrs_post_init__(self) -> None:
        figures = {"base_odds": self.base_odds, "pdo": self.pdo}
        for name, value in figures.items():
            if not value.is_finite() or value <= 0:
                msg = f"{name} must be above zero, got {value}"
                raise PolicyError(msg)
        if not self.base_score.is_finite():
            msg = f"base_score must be a number, got {self.base_score}"
            raise PolicyError(msg)

    @property
    def factor(self) -> Decimal:
        """Points for a log odds of one, unrounded (40 digits)."""
        return _CONTEXT.divide(self.pdo, _CONTEXT.ln(Decimal(2)))

    @property
    def offset(self) -> Decimal:
        """Points for odds of one to one, unrounded (40 digits)."""
        shift = _CONTEXT.multiply(self.factor, _CONTEXT.ln(self.base_odds))
        return _CONTEXT.subtract(self.base_score, shift)

    def points(self, log_odds: Decimal) -> Decimal:
        """The points, unrounded, of a log of good : bad.

        >>> round(Scaling().points(Decimal(0)), 3)
        Decimal('487.123')
        """
        return _CONTEXT.add(self.offset, _CONTEXT.multiply(self.factor, log_odds))

    def log_odds(self, points: Decimal) -> Decimal:
        """The log of good : bad that points stand for."""
        return _CONTEXT.divide(_CONTEXT.subtract(points, self.offset), self.factor)

    def odds(self, points: Decimal) -> Decimal:
        """How many good ones to a bad one points stand for.

        >>> Scaling().odds(Decimal(620)).quantize(Decimal("0.001"))
        Decimal('100.000')
        """
        bounded = max(min(self.log_odds(points), Decimal(_FAR)), Decimal(-_FAR))
        return _CONTEXT.exp(bounded)

    def bad_bps(self, points: Decimal) -> int:
        """The probability of being bad that points stand for, in basis points, half-even.

        >>> Scaling().bad_bps(Decimal(600))
        196
        """
        return int((logistic(-self.log_odds(points)) * _BPS).quantize(Decimal(1)))


def classic_points(
    *, beta: Decimal, woe: Decimal, intercept: Decimal, count: int, scaling: Scaling
) -> Decimal:
    """The points of a bin, unrounded, where a regression on weights of evidence gave the card.

    points = -(beta * woe + intercept / count) * factor + offset / count, for a regression on being
    bad and weights ln(bad / good); `count` is the number of characteristics, over which the constant
    is spread.

    >>> figures = {"beta": Decimal(1), "woe": Decimal("-0.5"), "intercept": Decimal("-2.6")}
    >>> round(classic_points(**figures, count=10, scaling=Scaling()), 3)
    Decimal('70.641')
    """
    if count < 1:
        msg = f"count must be one or more, got {count}"
        raise PolicyError(msg)
    with decimal.localcontext(_CONTEXT) as context:
        share = context.divide(intercept, Decimal(count))
        own = -(beta * woe + share) * scaling.factor
        return own + context.divide(scaling.offset, Decimal(count))
