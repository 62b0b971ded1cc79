"""The workshop: what may become a characteristic, cut into fine bins.

Bins stand in one order: the intervals, or the groups of categories; then other categories, then the
undefined quotients, then what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import attrs

from receivables.fitting._intake import Array, Column
from receivables.fitting._needs import numpy
from receivables.scoring._scorecard_model import DIGITS_MAX

__all__ = ["Candidate", "coded", "made", "penalty", "quotient_values", "repeats"]

_MODAL_WITHIN: Final = 1e-3
_ROUNDING: Final = 0.1
"""How far a cut may be moved to be short: a tenth of the way to the next one."""
_DIGITS: Final = 12
_POWERS: Final = 300
_CATEGORIES_MAX: Final = 30
_CATEGORY_ROWS: Final = 10
_CATEGORY_SHARE: Final = 0.005


@attrs.define(kw_only=True, eq=False)
class Candidate:
    """A column, or a quotient of two, with its fine bins and the bin of every row."""

    name: str
    columns: tuple[str, ...]
    cuts: tuple[Decimal, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    codes: Array = None
    gain: float = 0.0

    @property
    def is_numeric(self) -> bool:
        """Whether its bins are intervals."""
        return not self.groups

    @property
    def is_quotient(self) -> bool:
        """Whether it is a quotient of two columns."""
        return len(self.columns) > 1

    @property
    def ordered(self) -> int:
        """How many bins stand in an order."""
        return len(self.cuts) + 1 if self.is_numeric else 0

    @property
    def regular(self) -> int:
        """How many bins hold values that are there and known."""
        return len(self.cuts) + 1 if self.is_numeric else len(self.groups)

    @property
    def size(self) -> int:
        """All bins: the regular ones, other or undefined, missing."""
        return self.regular + 1 + (self.is_quotient or not self.is_numeric)


def quotient_values(above: Array, below: Array) -> Array:
    """The quotients: NaN where one is missing, infinite where the denominator is zero or less."""
    np = numpy()
    is_void = below <= 0
    with np.errstate(over="ignore", invalid="ignore"):
        shared = above / np.where(is_void | np.isnan(below), 1.0, below)
    shared[is_void | np.isinf(shared)] = math.inf
    shared[np.isnan(above) | np.isnan(below)] = math.nan
    return shared


def values_of(columns: dict[str, Column], names: Sequence[str]) -> Array:
    """The values of a candidate's columns."""
    if len(names) == 1:
        return columns[names[0]].values
    return quotient_values(columns[names[0]].values, columns[names[1]].values)


def made(columns: dict[str, Column], names: Sequence[str], *, bins: int) -> Candidate | None:
    """A candidate of one column or of a quotient; None where it has nothing to tell apart."""
    name = " / ".join(names)
    values = values_of(columns, names)
    if columns[names[0]].kind == "category":
        groups = _groups(values)
        candidate = Candidate(name=name, columns=tuple(names), groups=groups)
        if not groups:
            return None
    else:
        cuts = _cuts(values[_finite(values)], bins=bins)
        if not cuts:
            return None
        candidate = Candidate(name=name, columns=tuple(names), cuts=cuts)
    candidate.codes = coded(candidate, values)
    return candidate


def _finite(values: Array) -> Array:
    return numpy().isfinite(values)


def coded(candidate: Candidate, values: Array) -> Array:
    """The bin of every row."""
    np = numpy()
    if not candidate.is_numeric:
        place = {name: n for n, group in enumerate(candidate.groups) for name in group}
        place[None] = candidate.size - 1  # type: ignore[index]  # a gap
        return np.array([place.get(value, candidate.regular) for value in values], dtype=np.int64)
    edges = np.array([float(cut) for cut in candidate.cuts])
    codes = np.searchsorted(edges, np.nan_to_num(values, posinf=0.0), side="right")
    codes[np.isinf(values)] = candidate.regular
    codes[np.isnan(values)] = candidate.size - 1
    return codes.astype(np.int64)


def _groups(values: Array) -> tuple[tuple[str, ...], ...]:
    """The categories that have rows enough, each alone; the rest is other."""
    counts: dict[str, int] = {}
    for value in values:
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    least = max(_CATEGORY_ROWS, _CATEGORY_SHARE * len(values))
    kept = sorted((name for name, count in counts.items() if count >= least), key=str)
    kept.sort(key=lambda name: -counts[name])
    kept = kept[:_CATEGORIES_MAX]
    is_telling = len(kept) > 1 or (len(kept) == 1 and sum(counts.values()) > counts[kept[0]])
    return tuple((name,) for name in kept) if is_telling else ()


def _cuts(values: Array, *, bins: int) -> tuple[Decimal, ...]:
    """Short decimals near the quantiles; a value that fills a bin by itself gets one of its own."""
    np = numpy()
    if len(values) < 2:  # noqa: PLR2004  # nothing to cut
        return ()
    shares = np.linspace(0, 1, bins + 1)[1:-1]
    quantiles = np.quantile(values, shares, method="higher")
    distinct, counts = np.unique(quantiles, return_counts=True)
    ordered = np.unique(values)
    heavy = set(distinct[counts > 1].tolist())
    above = {float(ordered[np.searchsorted(ordered, x) + 1]) for x in heavy if x < ordered[-1]}
    edges = sorted(x for x in {*distinct.tolist(), *above} if x > ordered[0])
    exact = heavy | above
    cuts = [
        _short(edges, place, ordered=ordered, is_exact=edges[place] in exact)
        for place in range(len(edges))
    ]
    return tuple(sorted({cut for cut in cuts if cut is not None}))


def _short(edges: list[float], place: int, *, ordered: Array, is_exact: bool) -> Decimal | None:
    """The shortest decimal that cuts where an edge does, or near it where it need not be exact."""
    np = numpy()
    edge = edges[place]
    below = float(ordered[np.searchsorted(ordered, edge) - 1])
    low, high = below, edge
    if not is_exact:
        left = edges[place - 1] if place else float(ordered[0])
        right = edges[place + 1] if place + 1 < len(edges) else float(ordered[-1])
        low = min(low, edge - _ROUNDING * (edge - left))
        high = max(high, edge + _ROUNDING * (right - edge))
    return shortest(low, high)


def shortest(low: float, high: float) -> Decimal | None:
    """The decimal of fewest places in (low, high]; None where doubles are too coarse for one.

    >>> shortest(0.1234, 0.1278), shortest(118.0, 131.0)
    (Decimal('0.126'), Decimal('120'))
    """
    bottom, top = Decimal(repr(low)), Decimal(repr(high))
    start = -top.adjusted() if top else 0
    for places in range(min(start, -bottom.adjusted() if bottom else 0) - 1, start + _DIGITS + 6):
        step = Decimal(1).scaleb(-places)
        middle = (bottom + top) / 2
        for guess in (_rounded(middle, step), _rounded(top, step), _floor(top, step)):
            fits = bottom < guess <= top and _is_plain(guess)
            if fits:
                return _plain(guess, places)
    return None


def _is_plain(guess: Decimal) -> bool:
    """Whether a card takes it as a cut."""
    is_near = not guess or abs(guess.adjusted()) <= _POWERS
    return is_near and len(guess.normalize().as_tuple().digits) <= DIGITS_MAX


def _plain(guess: Decimal, places: int) -> Decimal:
    """A decimal without exponent, trailing zeros or a sign before zero."""
    if not guess or places <= 0:
        return Decimal(int(guess))
    return guess


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value() * step


def _floor(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(rounding="ROUND_FLOOR") * step


def penalty(candidate: Candidate, *, ridge: float, smoothness: float) -> Array:
    """The matrix of the penalty: each bin to the average, neighbors to each other."""
    np = numpy()
    matrix = ridge * np.eye(candidate.size)
    for place in range(candidate.ordered - 1):
        matrix[place : place + 2, place : place + 2] += smoothness * np.array(
            [[1.0, -1.0], [-1.0, 1.0]]
        )
    return matrix


def repeats(values: Array, *, within: float = _MODAL_WITHIN) -> float:
    """The share of finite values that lie within a thousandth of the commonest one."""
    np = numpy()
    ordered = np.sort(np.abs(values[np.isfinite(values) & (values != 0)]))
    if not len(ordered):
        return 1.0
    with np.errstate(over="ignore"):
        ends = np.searchsorted(ordered, ordered * (1 + within), side="right")
    return float((ends - np.arange(len(ordered))).max() / len(ordered))
