"""Weight of evidence and information value, exact to twelve decimals, no cell at minus infinity.

>>> table = woe_table(good=[50, 75, 125, 175, 200], bad=[120, 110, 90, 80, 70])
>>> [str(round(woe, 6)) for woe in table.woe][:2], str(round(table.iv, 6)), table.band.value
(['-1.160488', '-0.668011'], '0.465483', 'strong')
"""

from __future__ import annotations

import decimal
import enum
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables.errors import PolicyError

__all__ = ["IvBand", "WoeSign", "WoeTable", "iv_band", "woe_table"]

_CONTEXT: Final = decimal.Context(prec=40, rounding=decimal.ROUND_HALF_EVEN)
_PLACES: Final = Decimal("1e-12")
_HALF: Final = Decimal("0.5")


class WoeSign(enum.Enum):
    """Which way round a weight of evidence is taken; texts differ, so every card says it."""

    GOOD_OVER_BAD = "ln(good/bad)"
    """Positive where there are more good ones than on average."""
    BAD_OVER_GOOD = "ln(bad/good)"


class IvBand(enum.Enum):
    """How much an information value says, by the usual bands."""

    NONE = "none"
    """Below 0.02."""
    WEAK = "weak"
    """From 0.02, below 0.1."""
    MEDIUM = "medium"
    """From 0.1, below 0.3."""
    STRONG = "strong"
    """From 0.3 to 0.5."""
    SUSPICIOUS = "suspicious"
    """Above 0.5: look whether the characteristic was known on the day of the decision."""


_BANDS: Final = (
    (Decimal("0.02"), IvBand.NONE),
    (Decimal("0.1"), IvBand.WEAK),
    (Decimal("0.3"), IvBand.MEDIUM),
)
_STRONG_TO: Final = Decimal("0.5")


def iv_band(iv: Decimal) -> IvBand:
    """The band of an information value.

    >>> iv_band(Decimal("0.02")), iv_band(Decimal("0.5")), iv_band(Decimal("0.51"))
    (<IvBand.WEAK: 'weak'>, <IvBand.STRONG: 'strong'>, <IvBand.SUSPICIOUS: 'suspicious'>)
    """
    for below, band in _BANDS:
        if iv < below:
            return band
    return IvBand.STRONG if iv <= _STRONG_TO else IvBand.SUSPICIOUS


def _counts(values: Iterable[Any]) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) for value in values)


@attrs.frozen(kw_only=True)
class WoeTable:
    """The weight of evidence and the information value of each bin, to twelve decimals.

    `smoothing` is what was added to every count of both kinds; zero where every cell had somebody.
    """

    good: tuple[Decimal, ...] = attrs.field(converter=_counts)
    bad: tuple[Decimal, ...] = attrs.field(converter=_counts)
    woe: tuple[Decimal, ...]
    iv_parts: tuple[Decimal, ...]
    iv: Decimal
    smoothing: Decimal
    sign: WoeSign

    @property
    def band(self) -> IvBand:
        """How much the information value says."""
        return iv_band(self.iv)


def woe_table(
    good: Sequence[int | Decimal],
    bad: Sequence[int | Decimal],
    *,
    sign: WoeSign = WoeSign.GOOD_OVER_BAD,
    smoothing: Decimal = _HALF,
) -> WoeTable:
    """The weights of evidence of bins from their counts (or sums of weights) of good and bad ones.

    A weight is ln(share of the good ones / share of the bad ones), and the information value the sum
    of (difference of the shares) times the weight (Kullback).  Where a cell is zero, `smoothing` is
    added to every cell of both kinds, and the table says so: no weight is ever infinite.

    Raises `PolicyError` for counts below zero, of different lengths, or with nobody on a side.

    >>> round(woe_table([50, 0], [10, 5]).woe[1], 6), woe_table([50, 1], [10, 5]).smoothing
    (Decimal('-3.557132'), Decimal('0'))
    """
    sides = _counts(good), _counts(bad)
    _check(*sides, smoothing=smoothing)
    added = smoothing if any(not count for side in sides for count in side) else Decimal(0)
    goods, bads = (_shares(side, added) for side in sides)
    with decimal.localcontext(_CONTEXT) as context:
        plain = [context.divide(g, b).ln() for g, b in zip(goods, bads, strict=True)]
        parts = [(g - b) * woe for g, b, woe in zip(goods, bads, plain, strict=True)]
        turn = 1 if sign is WoeSign.GOOD_OVER_BAD else -1
        return WoeTable(
            good=sides[0],
            bad=sides[1],
            woe=tuple((turn * woe).quantize(_PLACES) for woe in plain),
            iv_parts=tuple(part.quantize(_PLACES) for part in parts),
            iv=sum(parts, Decimal(0)).quantize(_PLACES),
            smoothing=added,
            sign=sign,
        )


def _shares(counts: Sequence[Decimal], added: Decimal) -> list[Decimal]:
    smoothed = [count + added for count in counts]
    whole = sum(smoothed, Decimal(0))
    return [_CONTEXT.divide(count, whole) for count in smoothed]


def _check(good: Sequence[Decimal], bad: Sequence[Decimal], *, smoothing: Decimal) -> None:
    if len(good) != len(bad) or not good:
        msg = f"good and bad must have one count for each bin, got {len(good)} and {len(bad)}"
        raise PolicyError(msg)
    for name, counts in (("good", good), ("bad", bad)):
        if not all(count.is_finite() and count >= 0 for count in counts) or not any(counts):
            shown = ", ".join(map(str, counts[:8]))
            msg = f"{name} must be counts of zero or more and not all zero, got {shown}"
            raise PolicyError(msg)
    if not smoothing.is_finite() or smoothing <= 0:
        msg = f"smoothing must be above zero, got {smoothing}"
        raise PolicyError(msg)
