"""Forecasts of open items as values: each item by the model that was chosen.

>>> from receivables.forecast.model import ForecastItem
>>> item = ForecastItem(item="FA-1", customer="C-017", currency="EUR", amount_minor=10_000,
...                     document_date=dt.date(2026, 10, 1), due_date=dt.date(2026, 10, 30))
>>> [forecast] = payment_forecasts([item], history=[], as_of=dt.date(2026, 10, 1))
>>> forecast.expected_on, [reason.code for reason in forecast.reasons]
(datetime.date(2026, 11, 6), ['no-history'])
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from receivables.days import check_day
from receivables.errors import PolicyError
from receivables.forecast._habit_policy import QuantileHabit
from receivables.forecast._habit_quantiles import QuantileForecast, quantile_forecast, usual_of
from receivables.forecast.habit import HabitModel
from receivables.forecast.model import ForecastItem, PaymentForecast, PaymentModel

__all__ = ["QuantileForecast", "payment_forecasts", "quantile_forecasts"]

_HABIT: Final = HabitModel()
_QUANTILES: Final = QuantileHabit()


def payment_forecasts(
    items: Iterable[ForecastItem],
    *,
    history: Iterable[ForecastItem],
    as_of: dt.date,
    model: PaymentModel = _HABIT,
    known_through: dt.date | None = None,
) -> tuple[PaymentForecast, ...]:
    """When each item that is open at the end of a day will be paid, in their order.

    Without a `model` it is the habit of each customer (`receivables.forecast.habit`).  Where the
    history knows payments only up to a day before `as_of`, `known_through` says so: then silence
    after it says nothing.  Raises `PolicyError` for an item that was paid by `as_of` already.
    """
    check_day(as_of, name="as_of")
    asked = tuple(items)
    for item in asked:
        if item.paid_on is not None and item.paid_on <= as_of:
            msg = f"items must be open on {as_of.isoformat()}, got {item.item} paid on {item.paid_on.isoformat()}"
            raise PolicyError(msg)
    return model.forecast(asked, history=tuple(history), as_of=as_of, known_through=known_through)


def quantile_forecasts(
    items: Iterable[ForecastItem],
    *,
    history: Iterable[ForecastItem],
    as_of: dt.date,
    policy: QuantileHabit = _QUANTILES,
    known_through: dt.date | None = None,
) -> tuple[QuantileForecast, ...]:
    """What `receivables.forecast.columns.payment_forecasts` says of data frames, item by item.

    Where an item is later already than its customer usually is, everybody's items that came as late
    tell what follows.

    >>> due = dt.date(2026, 9, 1)
    >>> def item(number, paid_on=None):
    ...     return ForecastItem(item=f"FA-{number}", customer="C-017", currency="EUR",
    ...                         amount_minor=10_000, document_date=dt.date(2026, 8, 1),
    ...                         due_date=due, paid_on=paid_on)
    >>> history = [item(number, due + dt.timedelta(days=number)) for number in range(4)]
    >>> [found] = quantile_forecasts([item(9)], history=history, as_of=dt.date(2026, 10, 15))
    >>> found.expected_on, found.late_ppm
    (datetime.date(2026, 11, 26), 1000000)
    """
    check_day(as_of, name="as_of")
    through = as_of if known_through is None else min(as_of, known_through)
    usual = usual_of(history, as_of=as_of, through=through, policy=policy)
    return tuple(quantile_forecast(item, usual, as_of=as_of) for item in items)
