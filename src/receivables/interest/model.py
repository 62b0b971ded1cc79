"""Late-payment law as data: what a jurisdiction makes of a reference rate.

>>> Jurisdiction(
...     name="house",
...     currency="EUR",
...     reference="ecb.mro",
...     margins=[Margin(valid_from=dt.date(2026, 1, 1), percent="9", article="our terms", status="verified")],
... ).margin_on(dt.date(2026, 7, 1)).percent
Decimal('9')
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs

from receivables._arithmetic import Rounding
from receivables.days import DayCount, check_day
from receivables.errors import CurrencyMismatchError, MissingRateError, PolicyError
from receivables.interest.rates import (
    RateSeries,
    RateTable,
    ReferenceRate,
    SourceStatus,
    percent_of,
)
from receivables.money import Money, digits, exact, minor_of

__all__ = [
    "Agreed",
    "Base",
    "CompensationRule",
    "Compounding",
    "DaySpan",
    "Debtor",
    "Jurisdiction",
    "Margin",
    "Provenance",
    "RateCap",
    "RateFloor",
    "RateSeries",
    "RateTable",
    "ReferenceDay",
    "ReferenceRate",
    "SourceStatus",
    "Tier",
    "percent_of",
]

_ONE_DAY: Final = dt.timedelta(days=1)


def _check_day(_instance: object, attribute: attrs.Attribute[dt.date], value: object) -> None:
    check_day(value, name=attribute.name)


def _optional_percent(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else percent_of(value)


class Debtor(enum.Enum):
    """Who owes: the law differs by it."""

    BUSINESS = "business"
    CONSUMER = "consumer"
    PUBLIC = "public"


class ReferenceDay(enum.Enum):
    """The day whose reference rate counts for a day of interest."""

    SAME_DAY = "same-day"
    DAY_BEFORE = "day-before"
    HALF_YEAR_START = "half-year-start"
    """1 January or 1 July, on or before the day."""
    BEFORE_HALF_YEAR = "before-half-year"
    """31 December or 30 June, before the half-year of the day."""
    PREVIOUS_MONTH = "previous-month"
    """The month before that of the day; a series of monthly averages has one row for each."""

    def of(self, day: dt.date) -> dt.date:
        """The day to look the rate up on.

        >>> ReferenceDay.BEFORE_HALF_YEAR.of(dt.date(2023, 7, 15))
        datetime.date(2023, 6, 30)
        """
        if self is ReferenceDay.SAME_DAY:
            return day
        if self is ReferenceDay.DAY_BEFORE:
            return day - _ONE_DAY
        if self is ReferenceDay.PREVIOUS_MONTH:
            return day.replace(day=1) - _ONE_DAY
        start = day.replace(month=1 if day.month <= 6 else 7, day=1)  # noqa: PLR2004  # half-years
        return start if self is ReferenceDay.HALF_YEAR_START else start - _ONE_DAY


class DaySpan(enum.Enum):
    """The first and the last day that bear interest; both count as many days as payment is late."""

    AFTER_DUE = "after-due"
    """The day after the due date to the day of payment, both included."""
    FROM_DUE = "from-due"
    """The due date to the day before payment, both included."""

    @property
    def offset(self) -> dt.timedelta:
        """How far the first day of interest is from the due date."""
        return _ONE_DAY if self is DaySpan.AFTER_DUE else dt.timedelta(0)


class Compounding(enum.Enum):
    """When interest is added to what bears interest."""

    NONE = "none"
    MONTHLY = "monthly"
    """After each month from the first day: the year's rate over twelve, parts of a month by days."""
    THIRTY_DAYS = "thirty-days"
    """After each thirty days, whatever the calendar."""


class Base(enum.Enum):
    """What bears interest."""

    TAX_INCLUDED = "tax-included"
    TAX_INCLUDED_LESS_RETENTION = "tax-included-less-retention"
    """What a contract lets the customer keep until the work is accepted bears none."""


class Agreed(enum.Enum):
    """Whether the parties may agree on a rate of their own."""

    NEVER = "never"
    ALLOWED = "allowed"
    REQUIRED = "required"
    """There is no rate without an agreement."""


@attrs.frozen
class Provenance:
    """Where a rule stands, and how far that was checked."""

    article: str
    status: SourceStatus = attrs.field(converter=SourceStatus)


@attrs.frozen(kw_only=True)
class Margin:
    """Points added to the reference rate, for days of interest from a day on.

    Where a jurisdiction has no reference rate, it is the whole rate.
    """

    valid_from: dt.date = attrs.field(validator=_check_day)
    percent: Decimal = attrs.field(converter=percent_of)
    article: str
    status: SourceStatus = attrs.field(converter=SourceStatus)


def _number(value: Decimal | int | str) -> Decimal:
    """An exact number of zero or more."""
    if isinstance(value, float | bool):
        msg = f"number must not be a {type(value).__name__}, got {value!r}"
        raise PolicyError(msg)
    try:
        found = Decimal(value)
    except (decimal.InvalidOperation, TypeError, ValueError):
        msg = f"number must be one, got {value!r}"
        raise PolicyError(msg) from None
    if not found.is_finite() or found < 0:
        msg = f"number must be zero or more, got {value!r}"
        raise PolicyError(msg)
    return found


def _optional_number(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else _number(value)


@attrs.frozen(kw_only=True)
class Tier:
    """A fixed sum for debts from an amount on, in the currency of the jurisdiction."""

    from_amount: Decimal = attrs.field(default=Decimal(0), converter=_number)
    amount: Decimal = attrs.field(converter=_number)


def _tiers(values: Iterable[Tier]) -> tuple[Tier, ...]:
    return tuple(sorted(values, key=lambda tier: tier.from_amount))


@attrs.frozen(kw_only=True)
class CompensationRule:
    """The fixed sum for each late payment that became late on a day or after it."""

    valid_from: dt.date = attrs.field(validator=_check_day)
    tiers: tuple[Tier, ...] = attrs.field(converter=_tiers)
    article: str
    status: SourceStatus = attrs.field(converter=SourceStatus)

    @tiers.validator
    def _check_tiers(self, _attribute: object, value: tuple[Tier, ...]) -> None:
        starts = [tier.from_amount for tier in value]
        if not starts or starts[0] != 0 or len(set(starts)) != len(starts):
            msg = f"tiers from {self.valid_from} must begin at 0 and rise, got {[str(start) for start in starts]}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class RateFloor:
    """The least that an agreed rate counts for: a multiple of a series. Statutory rates have none."""

    series: str
    multiple: Decimal = attrs.field(converter=_number)
    article: str
    status: SourceStatus = attrs.field(converter=SourceStatus)


@attrs.frozen(kw_only=True)
class RateCap:
    """The most that may be agreed for amounts over a sum; None is no bound."""

    over: Decimal = attrs.field(converter=_number)
    percent: Decimal | None = attrs.field(converter=_optional_percent)
    article: str
    status: SourceStatus = attrs.field(converter=SourceStatus)


_ADDITIVE: Final = frozenset(
    {
        DayCount.ACT_360,
        DayCount.ACT_365F,
        DayCount.ACT_365_25,
        DayCount.ACT_ACT_ISDA,
        DayCount.THIRTY_E_360,
        DayCount.THIRTY_E_360_ISDA,
    }
)
"""Day counts of which a period is the sum of its parts, wherever it is parted."""


def _margins(values: Iterable[Margin]) -> tuple[Margin, ...]:
    return tuple(sorted(values, key=lambda row: row.valid_from))


def _rules(values: Iterable[CompensationRule]) -> tuple[CompensationRule, ...]:
    return tuple(sorted(values, key=lambda row: row.valid_from))


def _caps(values: Iterable[RateCap]) -> tuple[RateCap, ...]:
    return tuple(sorted(values, key=lambda row: row.over))


def _frozen(values: Mapping[str, Provenance]) -> Mapping[str, Provenance]:
    return MappingProxyType(dict(values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Jurisdiction:
    """The law of late payment at one place, for one kind of debtor, as data.

    The rate of a day is the reference rate of its `reference_day` plus the margin of the day,
    rounded up to `rate_step` where there is one.  Where `is_frozen`, the rate of the first day of
    interest holds for as long as the debt is late.

    `day_count` must be one of which a period is the sum of its parts.  Raises `PolicyError` for
    what cannot be.
    """

    name: str
    title: str = ""
    country: str = ""
    currency: str = attrs.field()
    debtor: Debtor = attrs.field(default=Debtor.BUSINESS, converter=Debtor)
    reference: str | None = None
    reference_day: ReferenceDay = attrs.field(
        default=ReferenceDay.HALF_YEAR_START, converter=ReferenceDay
    )
    is_frozen: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    margins: tuple[Margin, ...] = attrs.field(default=(), converter=_margins)
    rate_step: Decimal | None = attrs.field(default=None, converter=_optional_percent)
    agreed: Agreed = attrs.field(default=Agreed.ALLOWED, converter=Agreed)
    floor: RateFloor | None = None
    caps: tuple[RateCap, ...] = attrs.field(default=(), converter=_caps)
    unstated_yearly_cap: Decimal | None = attrs.field(default=None, converter=_optional_percent)
    """The most that an agreed rate by day, week or month gives, where no yearly rate is stated."""
    needs_notice: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    """Whether interest without an agreement runs from a formal notice, and not from the due date."""
    day_count: DayCount = attrs.field(default=DayCount.ACT_365F, converter=DayCount)
    day_span: DaySpan = attrs.field(default=DaySpan.AFTER_DUE, converter=DaySpan)
    compounding: Compounding = attrs.field(default=Compounding.NONE, converter=Compounding)
    years_max: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(int))
    )
    """After so many years interest stops."""
    base: Base = attrs.field(default=Base.TAX_INCLUDED, converter=Base)
    rounding: Rounding = attrs.field(default=Rounding.HALF_UP, converter=Rounding)
    minimum: Decimal | None = attrs.field(default=None, converter=_optional_number)
    """Interest of less than this is not payable, in the jurisdiction's currency."""
    compensation: tuple[CompensationRule, ...] = attrs.field(default=(), converter=_rules)
    provenance: Mapping[str, Provenance] = attrs.field(
        factory=dict, converter=_frozen, eq=False, repr=False
    )
    """Where each undated field stands in the law, by its name."""
    notes: tuple[str, ...] = attrs.field(default=(), converter=_texts, repr=False)
    """What the law says that the figures do not."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)

    @rate_step.validator
    def _check_rate_step(self, _attribute: object, value: Decimal | None) -> None:
        if value is not None and value <= 0:
            msg = f"rate_step of {self.name} must be positive, got {value}"
            raise PolicyError(msg)

    @compounding.validator
    def _check_day_count(self, _attribute: object, value: Compounding) -> None:
        monthly = value is Compounding.MONTHLY
        is_possible = (
            self.day_count is DayCount.ACT_ACT_ICMA if monthly else self.day_count in _ADDITIVE
        )
        if not is_possible:
            known = "ACT/ACT ICMA" if monthly else ", ".join(sorted(one.value for one in _ADDITIVE))
            msg = f"day_count of {self.name} must be {known} with {value.value} compounding, got {self.day_count.value}"
            raise PolicyError(msg)

    @margins.validator
    def _check_margins(self, _attribute: object, value: tuple[Margin, ...]) -> None:
        if not value and self.agreed is not Agreed.REQUIRED:
            msg = f"margins of {self.name} must have a row, got none"
            raise PolicyError(msg)

    def margin_on(self, day: dt.date) -> Margin:
        """The margin for a day of interest; raises `MissingRateError` before the first."""
        found = [row for row in self.margins if row.valid_from <= day]
        if not found:
            first = self.margins[0].valid_from if self.margins else "any day"
            msg = f"jurisdiction {self.name} must have a margin on {day}, got none before {first}"
            raise MissingRateError(msg)
        return found[-1]

    def cap_for(self, principal: Money) -> Decimal | None:
        """The most percent a year that may be agreed on an amount; None where there is no bound."""
        if not self.caps:
            return None
        self._check_same(principal)
        found = [row for row in self.caps if row.over < exact(principal).amount]
        return found[-1].percent if found else self.caps[0].percent

    def is_payable(self, interest_minor: int, *, currency: str) -> bool:
        """Whether an amount of interest, in minor units, is enough to be payable."""
        if self.minimum is None or currency != self.currency:
            return interest_minor > 0
        return interest_minor >= max(minor_of(self.minimum, currency), 1)

    def compensation_from(self, day: dt.date) -> CompensationRule | None:
        """The rule for payments that became late on a day; None where there was none yet."""
        found = [row for row in self.compensation if row.valid_from <= day]
        return found[-1] if found else None

    def _check_same(self, amount: Money) -> None:
        if amount.currency.code != self.currency:
            msg = f"currency must be {self.currency} in {self.name}, got {amount.currency.code}"
            raise CurrencyMismatchError(msg)

    @property
    def unverified(self) -> tuple[str, ...]:
        """The fields and rows of the pack that were not read in a source."""
        undated = {field: row.status for field, row in self.provenance.items()}
        dated = {
            **{f"margin from {row.valid_from}": row.status for row in self.margins},
            **{f"compensation from {row.valid_from}": row.status for row in self.compensation},
            **{f"cap over {row.over}": row.status for row in self.caps},
            **({"floor": self.floor.status} if self.floor else {}),
        }
        return tuple(
            name for name, status in {**undated, **dated}.items() if not status.is_verified
        )
