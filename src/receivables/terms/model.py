"""Payment terms as data: net days, end of month in both readings, a fixed day of the month."""

from __future__ import annotations

import enum

import attrs

from receivables import limits
from receivables.errors import PolicyError

__all__ = ["MonthEnd", "PaymentTerms"]


class MonthEnd(enum.Enum):
    """Where the end of the month comes in; both readings are lawful in France (C. com. L441-10)."""

    NONE = "none"
    AFTER_DAYS = "after-days"
    """Add the days, then go to the end of that month: "45 days end of month"."""
    BEFORE_DAYS = "before-days"
    """Go to the end of the month, then add the days: "end of month 45 days"."""


@attrs.frozen(kw_only=True)
class PaymentTerms:
    """Days from the baseline date, the end of the month, then a fixed day of the month.

    `day` is the day of the month on which payment is due, the next one on or after what the rest
    says; in a shorter month its last day.  Raises `PolicyError` for what no calendar has.
    """

    days: int = attrs.field(default=0)
    month_end: MonthEnd = MonthEnd.NONE
    day: int | None = attrs.field(default=None)

    @days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= limits.TERM_DAYS_MAX:
            msg = f"days must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
            raise PolicyError(msg)

    @day.validator
    def _check_day(self, _attribute: object, value: int | None) -> None:
        if value is not None and not 1 <= value <= 31:  # noqa: PLR2004  # days of the longest month
            msg = f"day must be 1 to 31, got {value}"
            raise PolicyError(msg)
