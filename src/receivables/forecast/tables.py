"""Forecasts of payments as a table for people.

>>> from receivables.forecast.model import ForecastItem
>>> item = ForecastItem(item="F-1", customer="C-017", currency="EUR", amount_minor=120_000,
...                     document_date=dt.date(2026, 9, 1), due_date=dt.date(2026, 10, 1))
>>> days = [dt.date(2026, 10, day) for day in (1, 8, 9)]
>>> one = PaymentForecast(item=item, as_of=dt.date(2026, 9, 20), model="by hand", days=days,
...                       chances_ppm=[200_000, 500_000, 200_000], beyond_ppm=100_000)
>>> print(forecast_table([one]))
payment forecasts as of 2026-09-20
customer  item  currency      open  due date    expected on  from        to            late
C-017     F-1   EUR       1,200.00  2026-10-01  2026-10-08   2026-10-08  2026-10-09  80.0 %
total           EUR       1,200.00  –           –            –           –                –
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

from receivables.forecast.model import WHOLE_PPM, PaymentForecast
from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

__all__ = ["forecast_table"]


def forecast_table(forecasts: Iterable[PaymentForecast]) -> ResultTable:
    """A row for each item, by the day on which it is expected; what is not expected at all comes last."""
    ordered = sorted(forecasts, key=_order)
    totals: dict[str, int] = {}
    for one in ordered:
        code = one.item.currency
        totals[code] = totals.get(code, 0) + one.item.amount_minor
    return ResultTable(
        title="payment forecasts",
        as_of=ordered[0].as_of if ordered else None,
        columns=[
            TableColumn(name="customer"),
            TableColumn(name="item"),
            TableColumn(name="currency"),
            TableColumn(name="open_minor", heading="open", kind=CellKind.MONEY),
            TableColumn(name="due_date", heading="due date", kind=CellKind.DATE),
            TableColumn(name="expected_on", heading="expected on", kind=CellKind.DATE),
            TableColumn(name="low_on", heading="from", kind=CellKind.DATE),
            TableColumn(name="high_on", heading="to", kind=CellKind.DATE),
            TableColumn(name="late", kind=CellKind.SHARE),
        ],
        rows=[_row(one) for one in ordered],
        totals=[
            (Phrase("total"), "", code, minor, None, None, None, None, None)
            for code, minor in sorted(totals.items())
        ],
    )


def _order(one: PaymentForecast) -> tuple[dt.date, str, str]:
    return (one.expected_on or dt.date.max, one.item.customer, one.item.item)


def _row(one: PaymentForecast) -> tuple[Cell, ...]:
    low, high = one.band()
    return (
        one.item.customer,
        one.item.item,
        one.item.currency,
        one.item.amount_minor,
        one.item.due_date,
        one.expected_on,
        low,
        high,
        Fraction(one.late_ppm, WHOLE_PPM),
    )
