"""The workshop: why a fitted forecast says what it says, as steps from the portfolio to the item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from receivables.fitting._intake import Array
from receivables.fitting._payment_needs import numpy
from receivables.fitting._payment_spread import Spread
from receivables.fitting._payment_table import CELLS_BEFORE_DUE, cell_of
from receivables.forecast.model import ForecastItem, ForecastReason

__all__ = ["PAYMENT_REASON_CODES", "reasons_of"]

PAYMENT_REASON_CODES: Final = (
    "already-overdue",
    "disputed",
    "due-weekday",
    "kin-habit",
    "learned-pattern",
    "no-history",
    "own-habit",
    "thin-history",
)
"""The codes of the reasons, sorted; `receivables.fitting.payments` says what each means."""

_STEPS: Final = ("everyone", "kin", "customer", "weekday")
_CODES: Final = ("kin-habit", "own-habit", "due-weekday", "learned-pattern")
_BPS: Final = 10_000
_THIN: Final = 5


def _late_bps(made: Spread) -> Array:
    """The chance of being late, in basis points, a column for each step, the last being the item's."""
    np = numpy()
    first = cell_of(made.first - made.seen.asked.due)
    rows = np.arange(len(first))
    steps = []
    for name in _STEPS:
        chance = 1 / (1 + np.exp(-made.habits.odds[name][:, :CELLS_BEFORE_DUE].astype(float)))
        left = np.log1p(-chance)[:, ::-1].cumsum(axis=1)[:, ::-1]
        kept = np.where(
            first < CELLS_BEFORE_DUE, left[rows, np.minimum(first, CELLS_BEFORE_DUE - 1)], 0
        )
        steps.append(np.exp(kept))
    chances = made.chances
    days = made.first[:, None] + np.arange(chances.shape[1])
    in_time = (chances * (days <= made.seen.asked.due[:, None])).sum(axis=1)
    steps.append(1 - in_time)
    return np.rint(np.stack(steps, axis=1) * _BPS).astype(np.int64)


def reasons_of(
    items: Sequence[ForecastItem], made: Spread, *, as_of: dt.date
) -> list[tuple[ForecastReason, ...]]:
    """The reasons of each item; those without an effect of one percent are left out, but the own."""
    np = numpy()
    late = _late_bps(made)
    effects = np.diff(late, axis=1).tolist()
    figures = made.seen.figures
    payments = np.rint(np.expm1(figures["payments"])).astype(np.int64).tolist()
    medians = np.nan_to_num(figures["late_50"]).astype(np.int64).tolist()
    return [
        _of_item(item, effects[place], payments=payments[place], median=medians[place], as_of=as_of)
        for place, item in enumerate(items)
    ]


def _of_item(
    item: ForecastItem, effects: Sequence[int], *, payments: int, median: int, as_of: dt.date
) -> tuple[ForecastReason, ...]:
    found = []
    for code, effect in zip(_CODES, effects, strict=True):
        if code == "own-habit":
            found.append(_own(payments, median, effect))
        elif abs(effect) * 100 >= _BPS:
            values = {"weekday": item.pay_by.weekday()} if code == "due-weekday" else {}
            found.append(ForecastReason(code=code, values=values, effect_bps=effect))
    if item.is_disputed:
        found.append(ForecastReason(code="disputed"))
    if item.pay_by < as_of:
        values = {"days": (as_of - item.pay_by).days}
        found.append(ForecastReason(code="already-overdue", values=values))
    return tuple(found)


def _own(payments: int, median: int, effect: int) -> ForecastReason:
    if not payments:
        return ForecastReason(code="no-history", effect_bps=effect)
    code = "thin-history" if payments < _THIN else "own-habit"
    values = {"payments": payments, "median_days": median}
    return ForecastReason(code=code, values=values, effect_bps=effect)
