"""Predictions as delimited text: days, chances as decimals, and the reasons by their codes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from receivables.forecast.model import WHOLE_PPM, PaymentForecast
from receivables.predicting._running import Predicted

__all__ = ["BUCKETS", "COLUMNS", "as_csv"]

COLUMNS: Final = (
    *("customer", "as_of", "due_date", "predicted_on", "days_late", "low_on", "high_on"),
    *("late_probability", "bucket", "unpaid_probability", "model", "reasons"),
)
"""The columns of the predictions, after that of the item, which is called as in the open list."""

BUCKETS: Final = ("<=0", "1-15", "16-30", "31-60", ">60")
"""The spans of days late that a prediction falls into, by their names."""

_BOUNDS: Final = (0, 15, 30, 60)


def as_csv(predicted: Iterable[Predicted], *, item_heading: str) -> str:
    """The predictions with their headings; lines end as RFC 4180 says."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow((item_heading, *COLUMNS))
    writer.writerows(_cells(one) for one in predicted)
    return sheet.getvalue()


def _cells(one: Predicted) -> tuple[object, ...]:
    forecast = one.forecast
    item = forecast.item
    low, high = forecast.band()
    # Where it is likelier that it is not paid at all, the last day that anybody looked at stands in.
    last = forecast.days[-1] if forecast.days else forecast.as_of
    expected = forecast.expected_on or last
    return (
        one.row.name,
        item.customer,
        forecast.as_of.isoformat(),
        item.due_date.isoformat() if item.due_date else "",
        expected.isoformat(),
        (expected - item.pay_by).days,
        (low or last).isoformat(),
        "" if high is None else high.isoformat(),
        _decimal(forecast.late_ppm),
        _bucket(forecast),
        _decimal(forecast.beyond_ppm),
        forecast.model,
        ";".join(reason.code for reason in forecast.reasons),
    )


def _decimal(ppm: int) -> str:
    return f"{ppm // WHOLE_PPM}.{ppm % WHOLE_PPM:06d}"


def _bucket(forecast: PaymentForecast) -> str:
    """The likeliest of the spans, the earlier of two that are as likely."""
    due = forecast.item.pay_by
    chances = [0] * len(BUCKETS)
    for day, chance in zip(forecast.days, forecast.chances_ppm, strict=True):
        late = (day - due).days
        chances[sum(late > bound for bound in _BOUNDS)] += chance
    chances[-1] += forecast.beyond_ppm
    return BUCKETS[chances.index(max(chances))]
