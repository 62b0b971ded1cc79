"""Rules of thumb to compare a model with: the due date, the customer's mean, its shrunk median."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, Protocol

import attrs

from receivables.forecast.model import WHOLE_PPM, ForecastItem, PaymentForecast, PaymentModel

__all__ = ["PEERS", "CustomerMean", "DueDate", "ShrunkMedian"]


@attrs.frozen
class _Lateness:
    """Days late of what was paid, by customer and in all."""

    by_customer: Mapping[tuple[str, str], list[int]]
    everybody: list[int]


def _lateness(history: Sequence[ForecastItem], as_of: dt.date) -> _Lateness:
    by_customer: dict[tuple[str, str], list[int]] = {}
    everybody: list[int] = []
    for item in history:
        paid = item.paid_on
        if paid is not None and paid <= as_of and item.known_on <= as_of:
            days = (paid - (item.due_date or item.document_date)).days
            by_customer.setdefault((item.creditor, item.customer), []).append(days)
            everybody.append(days)
    return _Lateness(by_customer, everybody)


def _median(values: Sequence[int]) -> int:
    return sorted(values)[(len(values) - 1) // 2] if values else 0


def _mean(values: Sequence[int]) -> Fraction:
    return Fraction(sum(values), len(values)) if values else Fraction(0)


class _OneDay(Protocol):
    """A rule that says one day for each item: so many days after it is due."""

    @property
    def name(self) -> str: ...

    def days_late(self, own: Sequence[int], everybody: Fraction) -> int: ...

    def usual(self, everybody: Sequence[int]) -> Fraction: ...


def _on_one_day(
    rule: _OneDay, items: Sequence[ForecastItem], history: Sequence[ForecastItem], as_of: dt.date
) -> tuple[PaymentForecast, ...]:
    seen = _lateness(history, as_of)
    usual, days = rule.usual(seen.everybody), {}
    found = []
    for item in items:
        key = (item.creditor, item.customer)
        if key not in days:
            days[key] = rule.days_late(seen.by_customer.get(key, ()), usual)
        day = max(item.pay_by + dt.timedelta(days=days[key]), as_of)
        found.append(
            PaymentForecast(
                item=item, as_of=as_of, model=rule.name, days=[day], chances_ppm=[WHOLE_PPM]
            )
        )
    return tuple(found)


@attrs.frozen
class DueDate:
    """Everything is paid when it is due, and what is overdue today."""

    name: str = "due date"

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Sequence[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """The due date of each item, or the day itself where that has passed."""
        del history, known_through
        return _on_one_day(self, items, (), as_of)

    def days_late(self, own: Sequence[int], everybody: Fraction) -> int:
        """None."""
        del own, everybody
        return 0

    def usual(self, everybody: Sequence[int]) -> Fraction:
        """None either."""
        del everybody
        return Fraction(0)


@attrs.frozen
class CustomerMean:
    """Everybody pays as late as it did on average; who never paid, as late as everybody."""

    name: str = "customer mean"

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Sequence[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """The due date of each item and the mean days late of its customer."""
        del known_through
        return _on_one_day(self, items, history, as_of)

    def days_late(self, own: Sequence[int], everybody: Fraction) -> int:
        """The mean, rounded half to even."""
        return round(_mean(own) if own else everybody)

    def usual(self, everybody: Sequence[int]) -> Fraction:
        """The mean of all payments."""
        return _mean(everybody)


@attrs.frozen
class ShrunkMedian:
    """Everybody pays as late as usual, its median drawn to that of all by `weight` payments."""

    name: str = "shrunk median"
    weight: int = 2

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Sequence[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """The due date of each item and the shrunk median days late of its customer."""
        del known_through
        return _on_one_day(self, items, history, as_of)

    def days_late(self, own: Sequence[int], everybody: Fraction) -> int:
        """The median of its own payments, and so many at that of everybody, rounded half to even."""
        count = len(own)
        if not count + self.weight:
            return round(everybody)
        return round(
            (count * _median(own) + self.weight * everybody) / Fraction(count + self.weight)
        )

    def usual(self, everybody: Sequence[int]) -> Fraction:
        """The median of all payments."""
        return Fraction(_median(everybody))


PEERS: Final[tuple[PaymentModel, ...]] = (DueDate(), CustomerMean(), ShrunkMedian())
"""What a model has to beat."""
