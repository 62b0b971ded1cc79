"""Expected cash over data frames: chances or days of items to sums by period, the caller's own kind back.

>>> import polars as pl
>>> frame = pl.DataFrame({
...     "customer": ["C-017", "C-017"], "currency": ["EUR", "EUR"], "open_minor": [100_000, 100_000],
...     "expected_on": [dt.date(2026, 11, 4), dt.date(2026, 11, 11)],
...     "chance_ppm": [700_000, 250_000],
... })
>>> cash_by_period(frame, as_of=dt.date(2026, 11, 2), periods=2).rows()
[('EUR', 0, datetime.date(2026, 11, 2), 70000, 1), ('EUR', 1, datetime.date(2026, 11, 9), 25000, 1)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from receivables._ops import Term
from receivables.days import check_day
from receivables.errors import DocumentError
from receivables.forecast._cash_weighing import Span, spans_of
from receivables.forecast.model import WHOLE_PPM, CashGrain
from receivables.frames import (
    CREDITOR,
    CURRENCY,
    EXPECTED_ON,
    OPEN_MINOR,
    Frame,
    NativeFrame,
    Table,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)

__all__ = ["CHANCE_PPM", "cash_by_period"]

CHANCE_PPM: Final = "chance_ppm"
"""The chance that an item is paid on the day of its row, in parts per million."""

_PERIOD: Final = "period"
_FIRST: Final = "first"
_EXPECTED: Final = "expected_minor"
_ROWS: Final = "rows"
_WHOLE: Final = "_whole_minor"
_REST: Final = "_rest"
_OTHER: Final = "_other_period"
_ONE_DAY: Final = dt.timedelta(days=1)


def cash_by_period(  # the periods and the door, each said by name
    frame: NativeFrame,
    *,
    as_of: dt.date,
    grain: CashGrain = CashGrain.WEEK,
    periods: int | None = None,
    until: dt.date | None = None,
    first: dt.date | None = None,
    trusted: bool = False,
) -> NativeFrame:
    """The expected cash of each period, by creditor (where there is such a column) and currency.

    The frame has ``currency``, ``open_minor`` and ``expected_on``, and either a row for each item
    and its day, or, with ``chance_ppm``, one for each item and each day on which it may be paid; a
    gap in ``expected_on`` is what never comes.  Days before the first period count in it, as what is
    expected and has not come does.  Periods are those of `receivables.forecast.cash_forecast`.

    The result has ``period`` (from 0; what comes later or never has the number after the last),
    ``first`` (its first day), ``expected_minor`` and ``rows``, sorted; periods without a row in the
    frame have none.  Credits are left out.  Chances that make a million for every item bring sums
    that make up what is open, to the minor unit: what comes by the end of each period is rounded
    half up once, so that nothing drifts.

    `trusted` is that of `receivables.frames.open_table`.  Raises `DocumentError` for a frame that
    lacks a column or has chances outside of a million, `LimitError` and `UnknownCurrencyError`.
    """
    check_day(as_of, name="as_of")
    spans = spans_of(first or as_of, grain, periods=periods, until=until)
    table = open_table(
        frame,
        needs=(CURRENCY, OPEN_MINOR, EXPECTED_ON),
        nullable=(EXPECTED_ON,),
        optional=(CREDITOR,),
        sums=(OPEN_MINOR,),
        trusted=trusted,
    )
    has_chances = CHANCE_PPM in table.types
    if has_chances and not trusted:
        _check_chances(table)
    keys = (*((CREDITOR,) if table.has(CREDITOR) else ()), CURRENCY)
    sums = _summed(_placed(table, spans), keys, has_chances=has_chances)
    rows = _dated(table, _rounded(sums, keys), spans)
    result = table.native(table.sorted(rows, *keys, _PERIOD))
    if not trusted:
        # The groups of an eager frame hold every currency, and there are far fewer of them.
        check_currencies(table.frame if table.is_lazy else narwhals().from_native(result))
    return result


def _check_chances(table: Table[Any]) -> None:
    """Refuse what is no chance: a gap, less than none, or more than certainty."""
    if not table.types[CHANCE_PPM].is_integer():
        msg = f"column {CHANCE_PPM} must hold whole numbers, got {table.types[CHANCE_PPM]}"
        raise DocumentError(msg)
    chance = narwhals().col(CHANCE_PPM)
    question = table.frame.select(
        narwhals().len(),
        chance.null_count().alias("gaps"),
        chance.min().alias("least"),
        chance.max().alias("most"),
    )
    ((rows, gaps, least, most),) = rows_of(question)
    if rows and (gaps or least < 0 or most > WHOLE_PPM):
        msg = f"column {CHANCE_PPM} must be 0 to {WHOLE_PPM} without gaps, got {least} to {most} and {gaps} gaps"
        raise DocumentError(msg)


def _placed(table: Table[Any], spans: Sequence[Span]) -> Frame:
    """The rows with the number of their period; a gap is after the last day, as never is."""
    amount = table.column(OPEN_MINOR)
    ops = column_ops()
    place: Term = amount * 0 + len(spans)
    for index in reversed(range(len(spans))):
        has_come = table.days_past(EXPECTED_ON, as_of=spans[index].last) >= 0
        place = ops.when(has_come, amount * 0 + index, place)
    return table.frame.filter(amount > 0).with_columns(_int(place).alias(_PERIOD))


def _summed(frame: Frame, keys: Sequence[str], *, has_chances: bool) -> Frame:
    """Amounts times chances by period: whole minor units, and what is left of them in millionths.

    The product of the largest amount and a certainty is beyond 64 bits, those of its parts are not.
    """
    nw = narwhals()
    amount = nw.col(OPEN_MINOR)
    if has_chances:
        millions, chance = _int(amount // WHOLE_PPM), _int(nw.col(CHANCE_PPM))
        frame = frame.with_columns(
            (millions * chance).alias(_WHOLE),
            ((amount - millions * WHOLE_PPM) * chance).alias(_REST),
        )
        carried = _int(nw.col(_REST) // WHOLE_PPM)
        frame = frame.with_columns(
            (nw.col(_WHOLE) + carried).alias(_WHOLE),
            (nw.col(_REST) - carried * WHOLE_PPM).alias(_REST),
        )
    else:
        frame = frame.with_columns(amount.alias(_WHOLE), (amount * 0).alias(_REST))
    frame = frame.with_columns((amount * 0 + 1).alias(_ROWS))
    names = (_WHOLE, _REST, _ROWS)
    summed = frame.group_by(*keys, _PERIOD).agg(nw.col(name).sum() for name in names)
    # DuckDB sums into 128 bits; the door saw to it that 64 are enough.
    return summed.select(*keys, _PERIOD, *(_int(nw.col(name)) for name in names))


def _rounded(sums: Frame, keys: Sequence[str]) -> Frame:
    """What comes by the end of each period less what came before it, each rounded once.

    A running sum by group is not on every engine; a join of the few sums with themselves is.
    """
    nw, ops = narwhals(), column_ops()
    others = sums.select(
        *keys,
        nw.col(_PERIOD).alias(_OTHER),
        nw.col(_WHOLE).alias("_by_whole"),
        nw.col(_REST).alias("_by_rest"),
    )
    pairs = sums.select(*keys, _PERIOD, _ROWS).join(others, on=list(keys), how="inner")
    is_before = nw.col(_OTHER) < nw.col(_PERIOD)
    pairs = pairs.filter(nw.col(_OTHER) <= nw.col(_PERIOD)).with_columns(
        ops.when(is_before, nw.col("_by_whole"), nw.col("_by_whole") * 0).alias("_after_whole"),
        ops.when(is_before, nw.col("_by_rest"), nw.col("_by_rest") * 0).alias("_after_rest"),
    )
    names = [f"_{when}_{what}" for when in ("by", "after") for what in ("whole", "rest")]
    summed = pairs.group_by(*keys, _PERIOD, _ROWS).agg(nw.col(name).sum() for name in names)
    summed = summed.with_columns(_int(nw.col(name)).alias(name) for name in names)
    expected = _half_up("_by_whole", "_by_rest") - _half_up("_after_whole", "_after_rest")
    return summed.with_columns(expected.alias(_EXPECTED))


def _half_up(whole: str, rest: str) -> Term:
    col = narwhals().col
    return col(whole) + _int((col(rest) * 2 + WHOLE_PPM) // (2 * WHOLE_PPM))


def _dated(table: Table[Any], frame: Frame, spans: Sequence[Span]) -> Frame:
    """The sums with the first days of their periods, in the kind of dates that the frame has."""
    nw, ops = narwhals(), column_ops()
    firsts = [*(span.first for span in spans), spans[-1].last + _ONE_DAY]
    type_ = table.types[EXPECTED_ON]
    days = [
        nw.lit(day if type_ == nw.Date else dt.datetime(day.year, day.month, day.day), dtype=type_)  # noqa: DTZ001  # a day without a zone
        for day in firsts
    ]
    first: Term = days[-1]
    for index, day in enumerate(days[:-1]):
        first = ops.when(nw.col(_PERIOD) == index, day, first)
    frame = frame.with_columns(first.alias(_FIRST))
    keys = [name for name in (CREDITOR, CURRENCY) if name in frame.collect_schema().names()]
    return frame.select(*keys, _PERIOD, _FIRST, _EXPECTED, _ROWS)


def _int(term: Term) -> Term:
    return term.cast(narwhals().Int64)
