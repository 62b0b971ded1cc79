"""When an item will be paid, from the habit of its customer: nothing is fitted, everything is counted.

A customer who has always paid five days late will pay five days late; of one who has paid twice
little is known, and the portfolio says the rest.  For each day of lateness it is counted how many
items were still open on it, and how many of them were paid on it.  The second over the first is the
chance of that day, and what is not paid yet is counted among the first as long as it has been open
(Kaplan and Meier, "Nonparametric estimation from incomplete observations", 1958).

The chance is shrunk from group to group: the portfolio, the weekday of the due date, the customer,
and its segments, days of the month and terms.  Where the customer has nothing at risk, the group
above speaks: a customer who has never been two months late does not tell what becomes of an item
that is, and the portfolio does.

Lateness is counted in paying days.  Those are the calendar's; without one they are the weekdays on
which payments come.  Nothing that happened after the day, or that is not known on it, has a part
in any figure.

The reasons of a forecast, by their codes:

- ``own-habit``: the customer has paid `payments` items, the middle one `median_days` late, four of
  five within `spread_days`, and `late_bps` of them late; `effect_bps` is how much more often than
  the portfolio.
- ``thin-history``: the same of fewer than five, so that the portfolio speaks louder.
- ``no-history``: it has paid nothing yet, and the portfolio's `portfolio_payments` speak alone.
- ``slower-lately``, ``faster-lately``: the middle of the last `payments` came `median_days` late,
  three days or more from the `before_days` of those before.
- ``paying-weekday``: `share_bps` of its payments came on one `weekday` (Monday is 0).
- ``amount-unusual``: the item is more than three times as large as the customer's middle one.
- ``disputed``: the item is contested; a habit does not know when that ends.
- ``already-overdue``: it is `days` past due, and what would have been paid by now is ruled out.

>>> from receivables.forecast.model import ForecastItem
>>> def item(number, due, paid=None):
...     return ForecastItem(item=f"FA-{number}", customer="C-017", currency="EUR",
...                         amount_minor=10_000, document_date=due - dt.timedelta(days=30),
...                         due_date=due, paid_on=paid)
>>> mondays = [dt.date(2026, 3, 2) + dt.timedelta(days=7 * week) for week in range(20)]
>>> history = [item(number, due, due + dt.timedelta(days=4)) for number, due in enumerate(mondays)]
>>> [forecast] = HabitModel().forecast(
...     [item(99, dt.date(2026, 10, 5))], history=history, as_of=dt.date(2026, 10, 1))
>>> forecast.expected_on, forecast.reasons[0].code
(datetime.date(2026, 10, 9), 'own-habit')
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from receivables.days import BusinessCalendar, check_day
from receivables.forecast._habit_chances import Chances
from receivables.forecast._habit_policy import HabitKey, HabitLevel, HabitPolicy, QuantileHabit
from receivables.forecast._habit_reasons import REASON_CODES, Reasons
from receivables.forecast._habit_study import (
    Numbers,
    Record,
    Seen,
    asked_of,
    record_of,
    records_of,
    see,
)
from receivables.forecast.model import ForecastItem, PaymentForecast

__all__ = [
    "REASON_CODES",
    "HabitHistory",
    "HabitKey",
    "HabitLevel",
    "HabitModel",
    "HabitPolicy",
    "QuantileHabit",
]

_LAST_DAY: Final = dt.date.max.toordinal()
_POLICY: Final = HabitPolicy()


@attrs.frozen(kw_only=True)
class HabitModel:
    """The payment model that needs nothing fitted: what customers did is what they will do.

    `calendar` says when nobody pays; without one the weekdays are learned from the payments.  It is
    a `receivables.forecast.PaymentModel`.
    """

    policy: HabitPolicy = _POLICY
    calendar: BusinessCalendar | None = None
    name: str = "habit"

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Iterable[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """A forecast for each item, which is open at the end of `as_of`, in their order.

        Of the history nothing counts that was not known on `as_of`, or happened after it or after
        `known_through`.  Raises `PolicyError` where `as_of` is no day.
        """
        return self.learned(history).forecast(items, as_of=as_of, known_through=known_through)

    def learned(self, history: Iterable[ForecastItem]) -> HabitHistory:
        """The history, made ready to be asked on many days."""
        numbers: Numbers = {}
        records = tuple(records_of(history, self.policy, numbers))
        return HabitHistory(model=self, records=records, numbers=numbers)


@attrs.frozen(kw_only=True, eq=False)
class HabitHistory:
    """A history that a habit is learned from, ready to be asked on any day for what was known then."""

    model: HabitModel
    records: tuple[Record, ...] = attrs.field(repr=False)
    numbers: Numbers = attrs.field(repr=False)

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """A forecast for each item, in their order; see `HabitModel.forecast`."""
        check_day(as_of, name="as_of")
        through = as_of if known_through is None else min(as_of, known_through)
        policy = self.model.policy
        wanted = [record_of(item, policy, self.numbers) for item in items]
        asked = asked_of(wanted, as_of=as_of, through=through)
        seen = see(self.records, asked, policy=policy, calendar=self.model.calendar)
        teller = _Teller(
            name=self.model.name,
            as_of=as_of,
            through=through,
            seen=seen,
            chances=Chances(seen),
            reasons=Reasons(seen),
        )
        return tuple(teller.tell(item, record) for item, record in zip(items, wanted, strict=True))


@attrs.frozen(kw_only=True, eq=False)
class _Teller:
    """What tells the forecasts of one day."""

    name: str
    as_of: dt.date
    through: dt.date
    seen: Seen
    chances: Chances
    reasons: Reasons

    def tell(self, item: ForecastItem, record: Record) -> PaymentForecast:
        """The forecast of one item."""
        days, policy = self.seen.days, self.seen.policy
        today = self.as_of.toordinal()
        first = days.index_of(self._first_day(record, today))
        cell = first - days.index_of(record.due) + policy.early_days
        chances, beyond = self.chances.spread(record.groups, first=cell)
        dates = [days.ordinal_of(first + step) for step, _ in chances]
        return PaymentForecast(
            item=item,
            as_of=self.as_of,
            model=self.name,
            days=[dt.date.fromordinal(day) for day in dates],
            chances_ppm=[chance for _, chance in chances],
            beyond_ppm=beyond,
            reasons=self.reasons.of(item, customer=record.customer, days_past=today - record.due),
        )

    def _first_day(self, record: Record, today: int) -> int:
        """The first day on which it may be paid.

        An item that was open at the end of the day is paid later; one that is issued on it, or of
        whose payments nothing is known, may be paid on the day itself.
        """
        is_known = record.document < today <= self.through.toordinal()
        return min(max(today + is_known, record.document), _LAST_DAY)
