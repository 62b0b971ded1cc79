"""Warning signs on a portfolio: what has changed in how customers pay, with the figures that say so.

Every figure is of what took effect by a day and was known at a moment: nothing looks ahead.

>>> from receivables.ledger import Ledger
>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice(due_date=dt.date(2026, 10, 1))))
>>> (sign,) = warning_signs(ledger, "MIRA", as_of=dt.date(2026, 10, 31))
>>> sign.kind.value, sign.customer, sign.now, sign.threshold
('concentration', 'C-017', 10000, 2500)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.collection.payments import PaidPart, PaymentHistory, payment_history
from receivables.days import add_months, check_day, days_past
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.money import Money, to_minor
from receivables.parties import UNIDENTIFIED, CustomerId
from receivables.promises.model import EXACT, JudgedPromise, PromisePolicy, PromiseState
from receivables.promises.objects import judge

__all__ = [
    "SignKind",
    "SignUnit",
    "WarningPolicy",
    "WarningSign",
    "median_and_spread",
    "warning_signs",
]

_WHOLE_BPS: Final = 10_000


class SignKind(enum.Enum):
    """What has changed, or stands out."""

    DELAY_TREND = "delay-trend"
    """The last months were paid later than those before, weighted by amounts."""
    HABIT_CHANGE = "habit-change"
    """The last payments are later than the customer's own spread explains."""
    PARTIAL_PAYMENTS = "partial-payments"
    """More of its payments leave something open than before."""
    BOUNCED_PAYMENTS = "bounced-payments"
    """Payments went back."""
    BROKEN_PROMISES = "broken-promises"
    LIMIT_USED = "limit-used"
    """The credit limit is nearly used, or exceeded."""
    FIRST_TIME_LATE = "first-time-late"
    """A customer that always paid in time is late."""
    CONCENTRATION = "concentration"
    """A large part of what is open in a currency is one customer's."""


class SignUnit(enum.Enum):
    """What the figures of a sign count."""

    DAYS = "days"
    BPS = "bps"
    COUNT = "count"


_UNITS: Final[Mapping[SignKind, SignUnit]] = MappingProxyType(
    {
        SignKind.DELAY_TREND: SignUnit.DAYS,
        SignKind.HABIT_CHANGE: SignUnit.DAYS,
        SignKind.PARTIAL_PAYMENTS: SignUnit.BPS,
        SignKind.BOUNCED_PAYMENTS: SignUnit.COUNT,
        SignKind.BROKEN_PROMISES: SignUnit.COUNT,
        SignKind.LIMIT_USED: SignUnit.BPS,
        SignKind.FIRST_TIME_LATE: SignUnit.DAYS,
        SignKind.CONCENTRATION: SignUnit.BPS,
    }
)


def _off(values: Iterable[SignKind | str]) -> frozenset[SignKind]:
    try:
        return frozenset(map(SignKind, values))
    except ValueError as error:
        known = ", ".join(kind.value for kind in SignKind)
        msg = f"off must be among {known}, got {error}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class WarningPolicy:
    """From which figure on each sign speaks, and over how many months it looks.

    Raises `PolicyError` for a figure below its least.
    """

    version: str = "1"
    months: int = attrs.field(default=3)
    """The last months, up to the day."""
    months_before: int = attrs.field(default=12)
    """The months before those, which they are compared with."""
    min_payments: int = attrs.field(default=3)
    """Fewer payments than this, in either time, say nothing."""
    trend_days: int = attrs.field(default=10)
    habit_payments: int = attrs.field(default=3)
    """How many of the last payments are looked at for a change of habit."""
    habit_history: int = attrs.field(default=6)
    """How many payments before those make a habit."""
    habit_days: int = attrs.field(default=10)
    habit_spreads: int = attrs.field(default=4)
    """How many times the customer's own spread (median absolute deviation) is beyond it."""
    partial_bps: int = attrs.field(default=2_500)
    partial_more_bps: int = attrs.field(default=1_500)
    """By how much more the share of partial payments must have become."""
    bounced: int = attrs.field(default=1)
    broken: int = attrs.field(default=1)
    limit_bps: int = attrs.field(default=9_000)
    late_days: int = attrs.field(default=5)
    """Up to so many days a payment counts as being in time."""
    first_late_history: int = attrs.field(default=5)
    """After how many payments, all in time, being late is news."""
    concentration_bps: int = attrs.field(default=2_500)
    off: frozenset[SignKind] = attrs.field(default=(), converter=_off)
    """The signs that nobody wants."""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(WarningPolicy):
            value = getattr(self, field.name)
            if isinstance(field.default, int) and (
                isinstance(value, bool) or not isinstance(value, int) or value < _least(field.name)
            ):
                msg = f"{field.name} must be a whole number of {_least(field.name)} or more, got {value!r}"
                raise PolicyError(msg)


_MAY_BE_ZERO: Final = frozenset({"late_days", "partial_more_bps", "habit_days", "habit_spreads"})


def _least(name: str) -> int:
    return 0 if name in _MAY_BE_ZERO else 1


_POLICY: Final = WarningPolicy()


@attrs.frozen(kw_only=True)
class WarningSign:
    """One thing that speaks: the figure now, the one before, and the threshold that it reaches."""

    customer: CustomerId
    kind: SignKind
    now: int
    threshold: int
    """What `now`, or what it has grown by since `before`, has to reach."""
    before: int | None = None
    spread: int | None = None
    """The customer's own spread around `before`, in days."""
    currency: str = ""
    count: int = 0
    """How many payments, promises or items stand behind the figure."""
    references: tuple[str, ...] = ()
    """The receipts, promises or items that it is about, at most ten of them."""

    @property
    def unit(self) -> SignUnit:
        """What the figures count."""
        return _UNITS[self.kind]


_REFERENCES_MAX: Final = 10
_KINDS: Final = {kind: place for place, kind in enumerate(SignKind)}


def warning_signs(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: WarningPolicy = _POLICY,
    limits: Mapping[str, Money] | None = None,
    promises: PromisePolicy = EXACT,
) -> tuple[WarningSign, ...]:
    """The warning signs of a creditor's customers at the end of a day, by customer and kind.

    A payment is what a receipt has paid of an item, on the day on which the receipt was booked.
    Days late are days past the due date that the item has on the day.
    """
    check_day(as_of, name="as_of")
    watch = _Watch(policy=policy, as_of=as_of)
    history = payment_history(ledger, creditor, as_of=as_of, known_at=known_at)
    items = [
        item
        for item in ledger.open_items(as_of=as_of, known_at=known_at)
        if item.creditor == creditor and item.customer != UNIDENTIFIED
    ]
    judged = judge(ledger, creditor, as_of=as_of, known_at=known_at, policy=promises)
    found = [
        *watch.paying(history, _late(items, as_of)),
        *watch.bounced(history),
        *watch.broken(judged),
        *watch.limits(items, limits or {}),
        *watch.concentration(items),
    ]
    wanted = [sign for sign in found if sign.kind not in policy.off]
    return tuple(sorted(wanted, key=lambda one: (one.customer, _KINDS[one.kind], one.currency)))


def median_and_spread(values: Sequence[int]) -> tuple[int, int]:
    """The median and the median absolute deviation, cut to whole numbers.

    >>> median_and_spread([2, 4, 5, 7, 30])
    (5, 2)
    """
    middle = _median(values)
    return middle, _median([abs(value - middle) for value in values])


def _median(values: Sequence[int]) -> int:
    """The middle one; of two middle ones half their sum."""
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def _late(items: Iterable[OpenItem], as_of: dt.date) -> Mapping[CustomerId, list[tuple[int, str]]]:
    """The days past due of what is owed and not paid, by customer, with the item."""
    found: dict[CustomerId, list[tuple[int, str]]] = {}
    for item in items:
        if item.open_minor > 0 and item.due_date is not None and item.due_date < as_of:
            days = days_past(item.due_date, as_of=as_of)
            found.setdefault(item.customer, []).append((days, item.item))
    return found


@attrs.frozen(kw_only=True)
class _Watch:
    """A policy on a day."""

    policy: WarningPolicy
    as_of: dt.date

    @property
    def recent(self) -> dt.date:
        """The day before the last months begin."""
        return add_months(self.as_of, -self.policy.months)

    @property
    def earlier(self) -> dt.date:
        """The day before the months that they are compared with begin."""
        return add_months(self.recent, -self.policy.months_before)

    def paying(
        self, history: PaymentHistory, late: Mapping[CustomerId, list[tuple[int, str]]]
    ) -> Iterator[WarningSign]:
        for customer in sorted({*history.by_customer, *late}):
            parts = history.by_customer.get(customer, ())
            yield from self._trend(customer, parts)
            yield from self._habit(customer, parts, late.get(customer, []))
            yield from self._partial(customer, parts)
            yield from self._first_late(customer, parts, late.get(customer, []))

    def _split(self, parts: Iterable[PaidPart]) -> tuple[list[PaidPart], list[PaidPart]]:
        """The payments of the last months, and of those before."""
        given = tuple(parts)
        now = [part for part in given if part.paid_on > self.recent]
        before = [part for part in given if self.earlier < part.paid_on <= self.recent]
        return now, before

    def _trend(self, customer: CustomerId, parts: Sequence[PaidPart]) -> Iterator[WarningSign]:
        dated = [part for part in parts if part.days_late is not None]
        for currency in sorted({part.currency for part in dated}):
            now, before = self._split(part for part in dated if part.currency == currency)
            if min(len(now), len(before)) < self.policy.min_payments:
                continue
            days, usual = _weighted_days(now), _weighted_days(before)
            if days - usual >= self.policy.trend_days:
                yield WarningSign(
                    customer=customer,
                    kind=SignKind.DELAY_TREND,
                    now=days,
                    before=usual,
                    threshold=self.policy.trend_days,
                    currency=currency,
                    count=len(now),
                    references=_receipts(now),
                )

    def _habit(
        self, customer: CustomerId, parts: Sequence[PaidPart], late: Sequence[tuple[int, str]]
    ) -> Iterator[WarningSign]:
        """The last payments, and what is open longer than usual by now, against those before."""
        policy = self.policy
        paid = [(part.days_late, part.item) for part in parts if part.days_late is not None]
        earlier = paid[: -policy.habit_payments]
        if len(earlier) < policy.habit_history:
            return
        usual, spread = median_and_spread([days for days, _ in earlier])
        waiting = sorted(one for one in late if one[0] > usual)
        last = [*paid[-policy.habit_payments :], *waiting][-policy.habit_payments :]
        days = _median([one for one, _ in last])
        threshold = max(policy.habit_days, policy.habit_spreads * spread)
        if days - usual >= max(threshold, 1):
            yield WarningSign(
                customer=customer,
                kind=SignKind.HABIT_CHANGE,
                now=days,
                before=usual,
                spread=spread,
                threshold=threshold,
                count=len(last),
                references=tuple(item for _, item in last)[:_REFERENCES_MAX],
            )

    def _partial(self, customer: CustomerId, parts: Sequence[PaidPart]) -> Iterator[WarningSign]:
        now, before = self._split(parts)
        if min(len(now), len(before)) < self.policy.min_payments:
            return
        share, usual = _partial_bps(now), _partial_bps(before)
        grown = share - usual >= self.policy.partial_more_bps
        if grown and share >= self.policy.partial_bps:
            yield WarningSign(
                customer=customer,
                kind=SignKind.PARTIAL_PAYMENTS,
                now=share,
                before=usual,
                threshold=self.policy.partial_bps,
                count=sum(part.is_partial for part in now),
                references=_receipts(part for part in now if part.is_partial),
            )

    def _first_late(
        self, customer: CustomerId, parts: Sequence[PaidPart], late: Sequence[tuple[int, str]]
    ) -> Iterator[WarningSign]:
        policy = self.policy
        dated = [part for part in parts if part.days_late is not None]
        before = [part for part in dated if part.paid_on <= self.recent]
        worst = max((part.days_late or 0 for part in before), default=0)
        if len(before) < policy.first_late_history or worst > policy.late_days:
            return
        paid = [(part.days_late or 0, part.item) for part in dated if part.paid_on > self.recent]
        news = sorted(one for one in (*paid, *late) if one[0] > policy.late_days)
        if news:
            yield WarningSign(
                customer=customer,
                kind=SignKind.FIRST_TIME_LATE,
                now=news[-1][0],
                before=worst,
                threshold=policy.late_days + 1,
                count=len(news),
                references=tuple(item for _, item in reversed(news))[:_REFERENCES_MAX],
            )

    def bounced(self, history: PaymentHistory) -> Iterator[WarningSign]:
        for customer, returns in sorted(history.returns.items()):
            now = [name for day, name in returns if day > self.recent]
            if len(now) >= self.policy.bounced:
                yield WarningSign(
                    customer=customer,
                    kind=SignKind.BOUNCED_PAYMENTS,
                    now=len(now),
                    threshold=self.policy.bounced,
                    count=len(now),
                    references=tuple(now)[-_REFERENCES_MAX:],
                )

    def broken(self, judged: Iterable[JudgedPromise]) -> Iterator[WarningSign]:
        found: dict[CustomerId, list[str]] = {}
        for one in judged:
            decided = one.decided_on
            if one.state is PromiseState.BROKEN and decided and decided > self.recent:
                found.setdefault(one.promise.customer, []).append(one.promise.promise)
        for customer, names in sorted(found.items()):
            if len(names) >= self.policy.broken:
                yield WarningSign(
                    customer=customer,
                    kind=SignKind.BROKEN_PROMISES,
                    now=len(names),
                    threshold=self.policy.broken,
                    count=len(names),
                    references=tuple(sorted(names))[:_REFERENCES_MAX],
                )

    def limits(
        self, items: Iterable[OpenItem], limits: Mapping[str, Money]
    ) -> Iterator[WarningSign]:
        """What is open in the currency of a limit, credits taken off, against the limit."""
        if not limits:
            return
        net = _net(items)
        for name, limit in sorted(limits.items()):
            whole, currency = to_minor(limit), limit.currency.code
            used, count = net.get((CustomerId(name), currency), (0, 0))
            share = used * _WHOLE_BPS // whole if whole > 0 else _WHOLE_BPS * (used > 0)
            if used > 0 and share >= self.policy.limit_bps:
                yield WarningSign(
                    customer=CustomerId(name),
                    kind=SignKind.LIMIT_USED,
                    now=share,
                    threshold=self.policy.limit_bps,
                    currency=currency,
                    count=count,
                )

    def concentration(self, items: Iterable[OpenItem]) -> Iterator[WarningSign]:
        """What a customer owes in a currency, of what everybody who owes something owes in it."""
        owed = {key: found for key, found in _net(items).items() if found[0] > 0}
        totals: dict[str, int] = {}
        for (_, currency), (minor, _) in owed.items():
            totals[currency] = totals.get(currency, 0) + minor
        for (customer, currency), (minor, count) in sorted(owed.items()):
            share = minor * _WHOLE_BPS // totals[currency]
            if share >= self.policy.concentration_bps:
                yield WarningSign(
                    customer=customer,
                    kind=SignKind.CONCENTRATION,
                    now=share,
                    threshold=self.policy.concentration_bps,
                    currency=currency,
                    count=count,
                )


def _weighted_days(parts: Sequence[PaidPart]) -> int:
    """Days late, each weighted by what was paid, rounded once to a whole day."""
    weight = sum(part.amount_minor for part in parts)
    days = sum(part.amount_minor * (part.days_late or 0) for part in parts)
    return mul_div(days, 1, weight, rounding=Rounding.HALF_EVEN)


def _partial_bps(parts: Sequence[PaidPart]) -> int:
    return sum(part.is_partial for part in parts) * _WHOLE_BPS // len(parts)


def _receipts(parts: Iterable[PaidPart]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.receipt for part in parts))[-_REFERENCES_MAX:]


def _net(items: Iterable[OpenItem]) -> Mapping[tuple[CustomerId, str], tuple[int, int]]:
    """What each customer owes in each currency, credits taken off, and over how many items."""
    found: dict[tuple[CustomerId, str], tuple[int, int]] = {}
    for item in items:
        key = (item.customer, item.currency)
        minor, count = found.get(key, (0, 0))
        found[key] = (minor + item.open_minor, count + 1)
    return found
