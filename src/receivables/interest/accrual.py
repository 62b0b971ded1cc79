"""What bears interest, at what rate, and what came of it: the values around a calculation.

>>> from receivables.money import money
>>> late = LateItem.of(money("1200.00", "EUR"), item="2026-0117", due_date=dt.date(2026, 5, 31),
...                    payments=[(dt.date(2026, 6, 30), money("200.00", "EUR"))])
>>> [late.bearing_minor(day) for day in (dt.date(2026, 6, 29), dt.date(2026, 6, 30))]
[120000, 100000]
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.documents.model import ItemId, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.interest.model import (
    Agreed,
    Jurisdiction,
    RateTable,
    SourceStatus,
    percent_of,
)
from receivables.money import Money, digits, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "AgreedRate",
    "BalanceStep",
    "Interest",
    "InterestPolicy",
    "LateItem",
    "Per",
    "Segment",
]


class Per(enum.Enum):
    """The period that an agreed rate is for."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"

    @property
    def in_a_year(self) -> int:
        """How many of the period a year has, in the nominal reckoning of interest law."""
        return _IN_A_YEAR[self]


_IN_A_YEAR: Final = MappingProxyType({Per.YEAR: 1, Per.MONTH: 12, Per.WEEK: 52, Per.DAY: 365})


@attrs.frozen(kw_only=True)
class AgreedRate:
    """A rate that the parties agreed on, in percent for a period.

    `stated_yearly` is the yearly rate that the contract says it is equivalent to, if it says one:
    *Interest Act (Canada), s. 4* limits a rate without it.
    """

    percent: Decimal = attrs.field(converter=percent_of)
    per: Per = attrs.field(default=Per.YEAR, converter=Per)
    stated_yearly: Decimal | None = attrs.field(
        default=None, converter=attrs.converters.optional(percent_of)
    )

    @percent.validator
    def _check_percent(self, _attribute: object, value: Decimal) -> None:
        if value < 0:
            msg = f"percent must be zero or more, got {value}"
            raise PolicyError(msg)

    def yearly(self, *, unstated_cap: Decimal | None = None) -> Decimal:
        """The rate for a year: never above what was stated, nor above the cap where nothing was.

        >>> monthly = AgreedRate(percent="2", per="month")
        >>> monthly.yearly(), monthly.yearly(unstated_cap=Decimal(5))
        (Decimal('24'), Decimal('5'))
        """
        nominal = self.percent * self.per.in_a_year
        if self.per is Per.YEAR:
            return nominal
        limit = unstated_cap if self.stated_yearly is None else self.stated_yearly
        return nominal if limit is None else min(nominal, limit)


@attrs.frozen(kw_only=True)
class InterestPolicy:
    """A jurisdiction, the rates it refers to, and what was agreed.

    Raises `PolicyError` for an agreement that the jurisdiction does not know, or needs.
    """

    jurisdiction: Jurisdiction
    rates: RateTable = attrs.field(factory=RateTable, repr=False)
    agreed: AgreedRate | None = attrs.field(default=None)

    @agreed.validator
    def _check_agreed(self, _attribute: object, value: AgreedRate | None) -> None:
        rule = self.jurisdiction.agreed
        if value is None and rule is Agreed.REQUIRED:
            msg = f"agreed must be given, because {self.jurisdiction.name} is about agreed rates, got none"
            raise PolicyError(msg)
        if value is not None and rule is Agreed.NEVER:
            msg = f"agreed must be left out, because {self.jurisdiction.name} has a rate of the law only, got {value.percent} %"
            raise PolicyError(msg)


@attrs.frozen
class BalanceStep:
    """What is open at the end of a day, and on every later day until the next step."""

    day: dt.date
    open_minor: int


def _steps(values: Iterable[BalanceStep | tuple[dt.date, int]]) -> tuple[BalanceStep, ...]:
    return tuple(one if isinstance(one, BalanceStep) else BalanceStep(*one) for one in values)


def _days_of(steps: tuple[BalanceStep, ...]) -> tuple[dt.date, ...]:
    return tuple(step.day for step in steps)


@attrs.frozen(kw_only=True)
class LateItem:
    """An item and its balance over time: what interest and compensation are reckoned on.

    `steps` are what is open at the end of each day on which that changes, the earliest first;
    before the first nothing is.  `excluded` are steps of the same kind for what bears nothing: the
    part in dispute, say.  Raises `DocumentError` for steps out of order.
    """

    item: ItemId = attrs.field(converter=ItemId)
    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    currency: str = attrs.field()
    due_date: dt.date
    steps: tuple[BalanceStep, ...] = attrs.field(converter=_steps)
    excluded: tuple[BalanceStep, ...] = attrs.field(default=(), converter=_steps)
    runs_from: dt.date | None = None
    """The first day of interest, where a formal notice or a contract sets one after the due date."""
    stopped_on: dt.date | None = None
    """The first day that bears none any more: an insolvency was opened, or it was agreed."""
    is_retention: bool = False
    is_rest: bool = False
    """Whether it was left open of an item that was late itself: the fixed sum is due with that one."""
    _days: tuple[dt.date, ...] = attrs.field(
        default=attrs.Factory(lambda self: _days_of(self.steps), takes_self=True),
        init=False,
        repr=False,
        eq=False,
    )
    _excluded_days: tuple[dt.date, ...] = attrs.field(
        default=attrs.Factory(lambda self: _days_of(self.excluded), takes_self=True),
        init=False,
        repr=False,
        eq=False,
    )

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @steps.validator
    @excluded.validator
    def _check_steps(self, _attribute: object, value: tuple[BalanceStep, ...]) -> None:
        days = _days_of(value)
        if any(later <= earlier for earlier, later in itertools.pairwise(days)):
            msg = f"steps of {self.item} must be ordered by their days, each once, got {[str(day) for day in days]}"
            raise DocumentError(msg)

    @classmethod
    def of(
        cls,
        amount: Money,
        *,
        item: str,
        due_date: dt.date,
        payments: Sequence[tuple[dt.date, Money]] = (),
        **fields: Any,  # noqa: ANN401  # the other fields, which the class checks
    ) -> LateItem:
        """An amount that is open from its due date on, less payments on their days."""
        currency = amount.currency.code
        moves: dict[dt.date, int] = {due_date: to_minor(amount)}
        for day, payment in payments:
            if payment.currency.code != currency:
                msg = f"currency of a payment must be {currency}, got {payment.currency.code}"
                raise CurrencyMismatchError(msg)
            # What came before the due date was never late.
            day_counted = max(day, due_date)
            moves[day_counted] = moves.get(day_counted, 0) - to_minor(payment)
        totals = itertools.accumulate(moves[day] for day in sorted(moves))
        steps = zip(sorted(moves), totals, strict=True)
        return cls(item=item, currency=currency, due_date=due_date, steps=steps, **fields)

    @classmethod
    def of_item(cls, item: OpenItem, **fields: Any) -> LateItem:  # noqa: ANN401  # see above
        """An open item as it stands, taken as open with the same amount since its due date.

        Raises `DocumentError` for an item without a due date.
        """
        if item.due_date is None:
            msg = f"due_date of {item.item} must be known to say how late it is, got none"
            raise DocumentError(msg)
        return cls.of(
            item.open_amount,
            item=item.item,
            due_date=item.due_date,
            **{"creditor": item.creditor, "customer": item.customer, **fields},
        )

    def bearing_minor(self, day: dt.date) -> int:
        """What is open and not excluded at the end of a day, never less than nothing."""
        left = _at(self.steps, self._days, day) - _at(self.excluded, self._excluded_days, day)
        return max(left, 0)

    def changes(self, first: dt.date, last: dt.date) -> set[dt.date]:
        """The days after `first` and before `last` on which the balance may change."""
        days = itertools.chain(self._days, self._excluded_days)
        return {day for day in days if first < day < last}


def _at(steps: tuple[BalanceStep, ...], days: tuple[dt.date, ...], day: dt.date) -> int:
    index = bisect.bisect_right(days, day) - 1
    return 0 if index < 0 else steps[index].open_minor


@attrs.frozen(kw_only=True)
class Segment:
    """Days of one rate and one balance, first and last included, and their interest unrounded."""

    first: dt.date
    last: dt.date
    days: int
    balance_minor: int
    capitalized_minor: Fraction = Fraction(0)
    """Interest of earlier periods that bears interest too, where it compounds."""
    rate: Decimal
    """Percent a year."""
    amount_minor: Fraction
    derivation: str
    """How the rate came about, in words: the reference rate, its day, the margin."""
    status: SourceStatus
    """The weakest status of the figures that the rate rests on."""


@attrs.frozen(kw_only=True)
class Interest(ShowsTable):
    """Interest on one item up to a day: its segments, their exact sum, and the amount to charge.

    `amount_minor` is the sum rounded once; it is zero where so little is not payable.
    """

    item: ItemId
    creditor: CreditorId
    customer: CustomerId
    currency: str
    jurisdiction: str
    as_of: dt.date
    segments: tuple[Segment, ...]
    unrounded_minor: Fraction
    amount_minor: int

    @property
    def amount(self) -> Money:
        """What is to be charged."""
        return from_minor(self.amount_minor, self.currency)

    @property
    def days(self) -> int:
        """How many days bear interest."""
        return sum(segment.days for segment in self.segments)

    @property
    def unverified(self) -> tuple[str, ...]:
        """The rates it rests on that were not read in a source, each once."""
        weak = [segment for segment in self.segments if not segment.status.is_verified]
        return tuple(dict.fromkeys(f"{one.derivation} ({one.status.value})" for one in weak))

    def to_table(self) -> ResultTable:
        """A row per days of one rate and one balance; what is charged below."""
        from receivables.interest._tables import interest_table  # noqa: PLC0415  # stands on this

        return interest_table(self)

    def __str__(self) -> str:
        head = f"{self.item}: {self.amount.amount} {self.currency} as of {self.as_of} ({self.jurisdiction})"
        return "\n".join([head, *(_line(segment, self.currency) for segment in self.segments)])


def _line(segment: Segment, currency: str) -> str:
    places = digits(currency)
    balance = Decimal(segment.balance_minor).scaleb(-places)
    # Two decimals more than the currency has: enough to see what was rounded.
    interest = Decimal(round(segment.amount_minor * 100)).scaleb(-places - 2)
    return (
        f"{segment.first} to {segment.last}: {segment.days} days at {segment.rate} % on "
        f"{balance}: {interest} [{segment.derivation}]"
    )
