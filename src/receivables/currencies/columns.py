"""Revaluation over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> from decimal import Decimal
>>> from receivables.money import ExchangeRate
>>> day = dt.date(2026, 12, 31)
>>> rates = ExchangeRates([
...     ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.10"), date=day, source="ECB"),
... ])
>>> items = pl.DataFrame({
...     "currency": ["USD", "EUR"],
...     "open_minor": [1_000_000, 50_000],
...     "carrying_minor": [925_926, 50_000],
... })
>>> revalue(items, rates=rates, as_of=day, functional="EUR").rows()
[('USD', 1000000, 925926, 909091, -16835), ('EUR', 50000, 50000, 50000, 0)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from receivables import limits
from receivables._ops import Ops, Term
from receivables.currencies import rules
from receivables.currencies.model import AppliedRate, ExchangeRates, RateKind
from receivables.days import check_day
from receivables.errors import DocumentError, LimitError
from receivables.frames import (
    CARRYING_MINOR,
    CURRENCY,
    DIFFERENCE_MINOR,
    OPEN_MINOR,
    REVALUED_MINOR,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)
from receivables.money import Rounding, digits

__all__ = ["revalue"]

_COUNTED_MAX: Final = 8
"""Currencies that are counted one by one, which is faster than asking a frame for its codes."""


@attrs.frozen(kw_only=True)
class _Contents:
    """What a frame holds: its foreign currencies, and the largest open amount."""

    foreign: tuple[str, ...]
    largest: int


def revalue(
    frame: NativeFrame,
    *,
    rates: ExchangeRates,
    as_of: dt.date,
    functional: str,
    rounding: Rounding = Rounding.HALF_UP,
) -> NativeFrame:
    """Open items at the closing rate of a day: the frame with two more columns.

    The frame has ``currency``, ``open_minor`` and ``carrying_minor`` (in the functional currency).
    ``revalued_minor`` and ``difference_minor`` come at its end, in minor units of the functional
    currency as 64-bit integers; a gain is positive.  The arithmetic is exact whatever the rate: a
    product that would leave 64 bits is divided digit by digit.

    A lazy frame stays lazy, after one small question about its contents.

    Raises `MissingRateError`, `DocumentError` for a frame that cannot be revalued, and `LimitError`
    for amounts, or rates with so many digits, that 64 bits do not hold.
    """
    check_day(as_of, name="as_of")
    digits(functional)
    table = open_table(frame, needs=(CURRENCY, OPEN_MINOR, CARRYING_MINOR), trusted=True)
    contents = _contents(table, rates=rates, functional=functional)
    used = {
        code: rates.rate(code, functional, on=as_of, kind=RateKind.CLOSING)
        for code in contents.foreign
    }
    _check_results(table, used, largest=contents.largest, rounding=rounding)
    return table.native(_revalued(table, used, largest=contents.largest, rounding=rounding))


def _contents(table: Table[NativeFrame], *, rates: ExchangeRates, functional: str) -> _Contents:
    """Ask once for gaps, extremes and currencies."""
    nw, col = narwhals(), narwhals().col
    amounts = (OPEN_MINOR, CARRYING_MINOR)
    names = (CURRENCY, *amounts)
    foreign = tuple(code for code in rates.currencies if code != functional)
    counted = foreign if len(foreign) <= _COUNTED_MAX else ()
    is_carried = (col(CURRENCY) == functional) & (col(OPEN_MINOR) == col(CARRYING_MINOR))
    question = table.frame.select(
        nw.len(),
        *(col(name).null_count().alias(f"{name}:gaps") for name in names),
        *(col(name).min().alias(f"{name}:min") for name in amounts),
        *(col(name).max().alias(f"{name}:max") for name in amounts),
        _count(table, is_carried).alias("functional:rows"),
        *(_count(table, col(CURRENCY) == code).alias(f"{code}:rows") for code in counted),
    )
    ((rows, *answers),) = rows_of(question)
    if not rows:
        # Sums and extremes of no rows are not numbers.
        return _Contents(foreign=(), largest=0)
    _check_gaps(dict(zip(names, answers, strict=False)), rows=rows)
    low, high = ([int(answer) for answer in answers[start : start + 2]] for start in (3, 5))
    in_functional, *counts = (int(answer) for answer in answers[7:])
    largest = [max(abs(least), abs(most)) for least, most in zip(low, high, strict=True)]
    _check_amounts(dict(zip(amounts, largest, strict=True)))
    found = [code for code, count in zip(counted, counts, strict=True) if count]
    if in_functional + sum(counts) != rows:
        found = _asked(table, functional=functional)
    return _Contents(foreign=tuple(sorted(found)), largest=largest[0])


def _count(table: Table[NativeFrame], condition: Term) -> Term:
    """How often a condition holds."""
    is_spark = table.frame.implementation.is_spark_like()
    # Spark adds up no truth values, and to make numbers of them costs others half as much again.
    return (condition.cast(narwhals().Int64) if is_spark else condition).sum()


def _check_gaps(gaps: Mapping[str, int], *, rows: int) -> None:
    for name, count in gaps.items():
        if count:
            msg = f"column {name} must have no gaps, got {count} in {rows} rows"
            raise DocumentError(msg)


def _check_amounts(largest: Mapping[str, int]) -> None:
    for name, amount in largest.items():
        if amount > limits.AMOUNT_MINOR_MAX:
            msg = (
                f"column {name} must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {amount}"
            )
            raise LimitError(msg)


def _asked(table: Table[NativeFrame], *, functional: str) -> list[str]:
    """The foreign currencies of a frame, where counting those of the table did not find them all.

    Refuses codes that ISO 4217 does not list, and items of the functional currency that are carried
    at something else than what is open.
    """
    check_currencies(table.frame)
    nw, col = narwhals(), narwhals().col
    off = (col(CURRENCY) == functional) & (col(OPEN_MINOR) != col(CARRYING_MINOR))
    ((count,),) = rows_of(table.frame.filter(off).select(nw.len()))
    if count:
        raise DocumentError(rules.uncarried_message(functional, f"{count} of them"))
    codes = rows_of(table.frame.select(CURRENCY).unique())
    return [str(code) for (code,) in codes if code != functional]


def _check_results(
    table: Table[NativeFrame],
    used: Mapping[str, AppliedRate],
    *,
    largest: int,
    rounding: Rounding,
) -> None:
    """Refuse amounts that become too large in the functional currency.

    The largest amount of all currencies is tried first, because it nearly always fits.
    """
    if all(_fits(rate, largest, rounding) for rate in used.values()):
        return
    col = narwhals().col(OPEN_MINOR)
    groups = table.frame.group_by(CURRENCY).agg(col.min().alias("low"), col.max().alias("high"))
    for code, low, high in rows_of(groups):
        if code in used:
            used[code].convert_minor(max(abs(int(low)), abs(int(high))), rounding=rounding)


def _fits(rate: AppliedRate, amount: int, rounding: Rounding) -> bool:
    try:
        rate.convert_minor(amount, rounding=rounding)
    except LimitError:
        return False
    return True


def _revalued(
    table: Table[NativeFrame],
    used: Mapping[str, AppliedRate],
    *,
    largest: int,
    rounding: Rounding,
) -> Frame:
    nw, ops, frame = narwhals(), column_ops(), table.frame
    value: Term = table.column(OPEN_MINOR)
    for code, rate in used.items():
        ratio = rate.minor_ratio
        bits = rules.limb_bits(ratio, largest=largest)
        if bits is None:
            converted = rules.converted(table.column(OPEN_MINOR), ratio, rounding=rounding, ops=ops)
        else:
            digits_ = rules.limbs(table.column(OPEN_MINOR), bits, largest=largest)
            division = _LongDivision(code=code, ratio=ratio, bits=bits)
            frame = division.prepared(frame, digits_)
            converted = division.result(rounding=rounding, ops=ops)
        value = ops.when(table.column(CURRENCY) == code, converted, value)
    kept = [name for name in table.types if name not in (REVALUED_MINOR, DIFFERENCE_MINOR)]
    return (
        frame.with_columns(value.cast(nw.Int64).alias(REVALUED_MINOR))
        .with_columns((nw.col(REVALUED_MINOR) - nw.col(CARRYING_MINOR)).alias(DIFFERENCE_MINOR))
        .select(*kept, REVALUED_MINOR, DIFFERENCE_MINOR)
    )


@attrs.frozen(kw_only=True)
class _LongDivision:
    """An amount times a ratio digit by digit, where 64 bits do not hold the product.

    Each step stands in columns of its own, so that no expression doubles from step to step.
    """

    code: str
    ratio: tuple[int, int]
    bits: int

    def _column(self, name: str) -> str:
        return f"receivables: {name} of {self.code}"

    def prepared(self, frame: Frame, limbs: Sequence[Term]) -> Frame:
        """The frame with what is left to divide by the last digit, and the quotient before it."""
        col: Any = narwhals().col
        numerator, denominator = self.ratio
        upcoming, quotient = self._column("rest"), self._column("quotient")
        frame = frame.with_columns((limbs[0] * numerator).alias(upcoming))
        frame = frame.with_columns((col(upcoming) * 0).alias(quotient))
        for digit in limbs[1:]:
            whole = col(upcoming) // denominator
            rest = col(upcoming) - whole * denominator
            frame = frame.with_columns(
                (col(quotient) * 2**self.bits + whole).alias(quotient),
                (rest * 2**self.bits + digit * numerator).alias(upcoming),
            )
        return frame

    def result(self, *, rounding: Rounding, ops: Ops) -> Term:
        """The rounded quotient."""
        col: Any = narwhals().col
        last = rules.divided(
            col(self._column("rest")),
            self.ratio[1],
            is_negative=col(OPEN_MINOR) < 0,
            rounding=rounding,
            ops=ops,
        )
        return col(self._column("quotient")) * 2**self.bits + last
