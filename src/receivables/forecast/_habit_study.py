"""The workshop: a history as whole numbers, and what it said on a day."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import attrs

from receivables.days import BusinessCalendar
from receivables.forecast import rules
from receivables.forecast._habit_days import PayingDays, paying_days, usual_weekdays
from receivables.forecast._habit_policy import HabitKey, HabitPolicy
from receivables.forecast.model import ForecastItem

__all__ = [
    "Asked",
    "Counts",
    "Group",
    "Numbers",
    "Record",
    "Seen",
    "asked_of",
    "record_of",
    "records_of",
    "see",
]

_NEVER: Final = dt.date.max.toordinal() + 1

Group = int
"""The number of a group of items that pay alike."""

Numbers = dict[tuple[object, ...], Group]
"""The groups of a history by what their items have in common, numbered as they come."""


@attrs.frozen
class Record:
    """One item of a history: its days as ordinals, and its groups, one for each level."""

    known: int
    document: int
    due: int
    paid: int
    """The day after the last of the calendar where it is not paid."""
    amount: int
    customer: Group
    groups: tuple[Group, ...]
    wide: tuple[Group, ...]
    """Those of them that it shares with other customers."""


def _common(item: ForecastItem, by: Sequence[HabitKey]) -> tuple[object, ...]:
    """What an item shares with others by such keys."""
    due = item.pay_by
    found: list[object] = []
    for key in by:
        if key is HabitKey.CUSTOMER:
            # The same name with another creditor is another account.
            found += (item.creditor, item.customer)
        elif key is HabitKey.TERMS:
            found.append((due - item.document_date).days)
        elif key is HabitKey.WEEKDAY:
            found.append(due.weekday())
        elif key is HabitKey.MONTH_DAY:
            found.append(due.day)
        else:
            found.append(getattr(item, key.value))
    return tuple(found)


def record_of(item: ForecastItem, policy: HabitPolicy, numbers: Numbers) -> Record:
    """An item as the counting sees it; a group that was not met before gets its number."""
    groups = [
        numbers.setdefault((place, *_common(item, level.by)), len(numbers))
        for place, level in enumerate(policy.levels)
    ]
    return Record(
        item.known_on.toordinal(),
        item.document_date.toordinal(),
        item.pay_by.toordinal(),
        _NEVER if item.paid_on is None else item.paid_on.toordinal(),
        item.amount_minor,
        numbers.setdefault(("customer", item.creditor, item.customer), len(numbers)),
        tuple(groups),
        tuple(
            group
            for group, level in zip(groups, policy.levels, strict=True)
            if HabitKey.CUSTOMER not in level.by
        ),
    )


def records_of(
    items: Iterable[ForecastItem], policy: HabitPolicy, numbers: Numbers
) -> list[Record]:
    """The debits of a history; credits are paid by nobody."""
    return [record_of(item, policy, numbers) for item in items if item.amount_minor > 0]


@attrs.frozen(kw_only=True)
class Asked:
    """What is asked of a history: which groups, which customers, on which day, known up to which."""

    groups: frozenset[Group]
    customers: frozenset[Group]
    as_of: int
    through: int


def asked_of(records: Iterable[Record], *, as_of: dt.date, through: dt.date) -> Asked:
    """What the items that somebody wants to know of need to be told."""
    records = list(records)
    return Asked(
        groups=frozenset(group for one in records for group in one.groups),
        customers=frozenset(one.customer for one in records),
        as_of=as_of.toordinal(),
        through=through.toordinal(),
    )


@attrs.define(eq=False)
class Counts:
    """Of one group: on each day of lateness, what was paid on it and what was open on it."""

    paid: list[int]
    _steps: list[int]
    """How what is open changes from one day to the next."""

    @classmethod
    def empty(cls, cells: int) -> Counts:
        """Of nothing."""
        return cls([0] * cells, [0] * (cells + 1))

    def add(self, first: int, last: int, weight: int, *, is_paid: bool) -> None:
        """Add an item that was open on the days from the first to the last, and paid on that or not."""
        if is_paid:
            self.paid[last] += weight
        self._steps[first] += weight
        self._steps[last + 1] -= weight

    def span(self) -> tuple[int, int]:
        """The days on which anything was open: the first, and the one after the last."""
        days = [day for day, step in enumerate(self._steps) if step]
        return (days[0], days[-1]) if days else (0, 0)

    def at_risk(self, first: int, last: int) -> Iterator[int]:
        """What was open on each day of a span that begins before anything was."""
        return itertools.accumulate(self._steps[first:last])


@attrs.define(eq=False, kw_only=True)
class Seen:
    """What a history says on a day: counts of the groups that are asked for, and the paying days."""

    days: PayingDays
    policy: HabitPolicy
    through: int
    """The last day whose payments are known."""
    every: Counts
    counts: dict[Group, Counts]
    paid: dict[Group, list[Record]]
    """What each customer that is asked for paid, in the order of payment."""
    payments: int
    late_payments: int

    @property
    def cells(self) -> int:
        """How many days of lateness are told apart."""
        return self.policy.early_days + self.policy.late_days + 1


def see(
    records: Iterable[Record],
    asked: Asked,
    *,
    policy: HabitPolicy,
    calendar: BusinessCalendar | None,
) -> Seen:
    """Count what had happened to the items that were known on the day, and nothing else."""
    through = asked.through
    known = [one for one in records if one.known <= asked.as_of and one.document <= through]
    paid = [one for one in known if one.paid <= through]
    # The first day of the calendar, whose ordinal is 1, was a Monday.
    week = usual_weekdays(
        Counter((one.paid - 1) % 7 for one in paid),
        least_bps=policy.weekday_least_bps,
        least_payments=policy.weekday_payments,
    )
    cells = policy.early_days + policy.late_days + 1
    seen = Seen(
        days=paying_days(week, calendar),
        policy=policy,
        through=through,
        every=Counts.empty(cells),
        counts={group: Counts.empty(cells) for group in asked.groups},
        paid=_by_customer(paid, asked.customers),
        payments=len(paid),
        late_payments=sum(one.due < one.paid for one in paid),
    )
    _count(known, seen, asked.customers)
    return seen


def _by_customer(paid: Iterable[Record], customers: Collection[Group]) -> dict[Group, list[Record]]:
    found: dict[Group, list[Record]] = {}
    for one in paid:
        if one.customer in customers:
            found.setdefault(one.customer, []).append(one)
    for records in found.values():
        records.sort(key=lambda one: (one.paid, one.due, one.amount))
    return found


def _count(known: Sequence[Record], seen: Seen, customers: Collection[Group]) -> None:
    indexes = _Indexes(seen.days)
    early, last_cell = seen.policy.early_days, seen.cells - 1
    weights = _Weights(seen.through, seen.policy.half_life_days)
    # The last paying day that is over: what is open has been so on that day, and not yet on the next.
    over = indexes[seen.through + 1] - 1
    every, of_group = seen.every.add, seen.counts.get
    for one in known:
        shift = early - indexes[one.due]
        is_paid = one.paid <= seen.through
        first = indexes[one.document] + shift
        last = (indexes[one.paid] if is_paid else over) + shift
        if last < first and not is_paid:
            continue
        last = min(max(last, 0), last_cell)
        first = min(max(first, 0), last)
        weight = weights[one.document]
        every(first, last, weight, is_paid=is_paid)
        for group in one.groups if one.customer in customers else one.wide:
            counts = of_group(group)
            if counts is not None:
                counts.add(first, last, weight, is_paid=is_paid)


class _Indexes(dict[int, int]):
    """The numbers of days, each found once: a history has the same days again and again."""

    def __init__(self, days: PayingDays) -> None:
        super().__init__()
        self._days = days

    def __missing__(self, ordinal: int) -> int:
        index = self[ordinal] = self._days.index_of(ordinal)
        return index


class _Weights(dict[int, int]):
    """What items of a day count, each found once."""

    def __init__(self, through: int, half_life_days: int | None) -> None:
        super().__init__()
        self._through = through
        self._half_life = half_life_days

    def __missing__(self, document: int) -> int:
        age = self._through - document
        weight = self[document] = rules.recent_weight(age, half_life_days=self._half_life)
        return weight
