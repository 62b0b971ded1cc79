"""The workshop: why a forecast says what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from receivables.forecast._habit_study import Group, Record, Seen
from receivables.forecast.model import ForecastItem, ForecastReason

__all__ = ["REASON_CODES", "Reasons"]

REASON_CODES: Final = (
    "already-overdue",
    "amount-unusual",
    "disputed",
    "faster-lately",
    "no-history",
    "own-habit",
    "paying-weekday",
    "slower-lately",
    "thin-history",
)
"""The codes of the reasons, sorted; `receivables.forecast.habit` says what each means."""

_BPS: Final = 10_000
_THIN: Final = 5
"""Below so many paid items a customer's own median is worse than the due date."""
_LATELY: Final = 5
_BEFORE: Final = 10
_SHIFT_DAYS: Final = 3
_RUN_PAYMENTS: Final = 8
_RUN_BPS: Final = 5_000
_UNUSUAL_TIMES: Final = 3
_WEEKDAYS: Final = 7


def _median(values: Sequence[int]) -> int:
    """The lower median."""
    return sorted(values)[(len(values) - 1) // 2]


@attrs.define(eq=False)
class Reasons:
    """The reasons of the items of one day; what is said of a customer is found once."""

    seen: Seen
    _of_customer: dict[Group, tuple[ForecastReason, ...]] = attrs.field(factory=dict)
    _usual: dict[Group, int] = attrs.field(factory=dict)

    def of(
        self, item: ForecastItem, *, customer: Group, days_past: int
    ) -> tuple[ForecastReason, ...]:
        """Why an item is forecast as it is, the customer first and the item last."""
        reasons = self._of_customer.get(customer)
        if reasons is None:
            paid = self.seen.paid.get(customer, [])
            reasons = self._of_customer[customer] = self._customer(paid)
            self._usual[customer] = _median([one.amount for one in paid] or [0])
        found = list(reasons)
        usual = self._usual[customer]
        if (
            len(self.seen.paid.get(customer, [])) >= _THIN
            and item.amount_minor > usual * _UNUSUAL_TIMES
        ):
            values = {"amount_minor": item.amount_minor, "usual_minor": usual}
            found.append(ForecastReason(code="amount-unusual", values=values))
        if item.is_disputed:
            found.append(ForecastReason(code="disputed"))
        if days_past > 0:
            found.append(ForecastReason(code="already-overdue", values={"days": days_past}))
        return tuple(found)

    def _customer(self, paid: Sequence[Record]) -> tuple[ForecastReason, ...]:
        if not paid:
            every = {"portfolio_payments": self.seen.payments}
            return (ForecastReason(code="no-history", values=every),)
        late = [one.paid - one.due for one in paid]
        share = sum(days > 0 for days in late) * _BPS // len(late)
        usual = self.seen.late_payments * _BPS // self.seen.payments
        values: dict[str, str | int] = {
            "payments": len(paid),
            "median_days": _median(late),
            "spread_days": _spread_of(late),
            "late_bps": share,
        }
        if len(paid) < _THIN:
            return (ForecastReason(code="thin-history", values=values),)
        own = ForecastReason(code="own-habit", values=values, effect_bps=share - usual)
        return (own, *_lately(late), *_weekday(paid))


def _spread_of(late: Sequence[int]) -> int:
    """Between the tenth and the ninetieth part of a hundred."""
    ranked = sorted(late)
    return ranked[(len(ranked) - 1) * 9 // 10] - ranked[(len(ranked) - 1) // 10]


def _lately(late: Sequence[int]) -> tuple[ForecastReason, ...]:
    if len(late) < _BEFORE + _LATELY:
        return ()
    lately, before = _median(late[-_LATELY:]), _median(late[:-_LATELY])
    if abs(lately - before) < _SHIFT_DAYS:
        return ()
    code = "slower-lately" if lately > before else "faster-lately"
    values = {"payments": _LATELY, "median_days": lately, "before_days": before}
    return (ForecastReason(code=code, values=values),)


def _weekday(paid: Sequence[Record]) -> tuple[ForecastReason, ...]:
    # The ordinal of a Monday is 1 more than a multiple of seven.
    counts = [0] * _WEEKDAYS
    for one in paid:
        counts[(one.paid - 1) % _WEEKDAYS] += 1
    most = max(counts)
    if len(paid) < _RUN_PAYMENTS or most * _BPS < _RUN_BPS * len(paid):
        return ()
    values = {"weekday": counts.index(most), "share_bps": most * _BPS // len(paid)}
    return (ForecastReason(code="paying-weekday", values=values),)
