"""The validation period of Regulation F: from the notice to the end of the time to dispute.

>>> validation_period(dt.date(2026, 3, 2)).end
datetime.date(2026, 4, 8)
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from receivables.days import Adjustment, BusinessCalendar, check_day

__all__ = ["ValidationPeriod", "validation_period"]

_RECEIPT_DAYS: Final = 5
"""Days without Saturdays, Sundays and legal holidays after which receipt may be assumed."""

_DISPUTE_DAYS: Final = 30
_ONE_DAY: Final = dt.timedelta(days=1)


@attrs.frozen(kw_only=True)
class ValidationPeriod:
    """When a notice was sent, may be assumed to have arrived, and the last day of the period."""

    sent: dt.date
    assumed_receipt: dt.date
    end: dt.date


def validation_period(
    sent: dt.date, *, calendar: BusinessCalendar | None = None, received: dt.date | None = None
) -> ValidationPeriod:
    """The period of a validation notice (12 CFR 1006.34(b)(5)).

    It ends 30 days after receipt, or after the day on which receipt may be assumed: the fifth day
    after sending, Saturdays, Sundays and the legal public holidays of the calendar left out.

    >>> holidays = BusinessCalendar(holidays=[dt.date(2026, 12, 25)])
    >>> validation_period(dt.date(2026, 12, 21), calendar=holidays).assumed_receipt
    datetime.date(2026, 12, 29)
    """
    check_day(sent, name="sent")
    known = calendar or BusinessCalendar()
    arrived = sent
    for _ in range(_RECEIPT_DAYS):
        arrived = known.adjust(arrived + _ONE_DAY, Adjustment.FOLLOWING)
    if received is not None:
        check_day(received, name="received")
        arrived = received
    return ValidationPeriod(
        sent=sent, assumed_receipt=arrived, end=arrived + dt.timedelta(days=_DISPUTE_DAYS)
    )
