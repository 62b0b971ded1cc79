"""Payment terms as data: when a document is due, in how many parts, and what paying early earns.

One value holds the whole agreement, and every convention on which systems differ is a field of it.

>>> PaymentTerms(days=45, month_end=MonthEnd.AFTER_DAYS, day=10).payment_days
(10,)
>>> PaymentTerms(days=30, discounts=[SettlementDiscount(percent=2, days=10)]).discounts[0].percent
Decimal('2')
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import attrs

from receivables import limits
from receivables.days import Adjustment, check_day
from receivables.errors import PolicyError
from receivables.money import Money, Rounding, exact, to_minor

__all__ = [
    "Baseline",
    "Closure",
    "DueRule",
    "InstallmentTerms",
    "MissingBaseline",
    "MonthEnd",
    "NextDay",
    "Overrun",
    "PaymentTerms",
    "Residue",
    "SettlementDiscount",
    "Share",
    "TaxBasis",
    "ZeroLines",
]

_DAY_OF_MONTH_MAX: Final = 31
_DAYS_OF_YEAR: Final = 365
_PERCENT_DECIMALS: Final = 4
_WHOLE: Final = Decimal(100)


class MonthEnd(enum.Enum):
    """Where the end of the month comes in; both readings are lawful in France (C. com. L441-10)."""

    NONE = "none"
    AFTER_DAYS = "after-days"
    """Add the days, then go to the end of that month: "45 days end of month"."""
    BEFORE_DAYS = "before-days"
    """Go to the end of the month, then add the days: "end of month 45 days".

    Months are added before it, so that a month after the end of June is the end of July."""


class NextDay(enum.Enum):
    """Whether a payment day that is reached exactly is kept."""

    ON_OR_AFTER = "on-or-after"
    AFTER = "after"
    """The next one, strictly later: after the end of a month, that day of the following month."""


class Baseline(enum.Enum):
    """The date that terms count from."""

    DOCUMENT_DATE = "document-date"
    POSTING_DATE = "posting-date"
    DELIVERY_DATE = "delivery-date"
    RECEIVED_ON = "received-on"
    """The day on which the customer received the document."""
    LATER_OF_DOCUMENT_AND_DELIVERY = "later-of-document-and-delivery"
    LATER_OF_RECEIVED_AND_DELIVERY = "later-of-received-and-delivery"


class MissingBaseline(enum.Enum):
    """What becomes of a document that lacks the date its terms count from."""

    REFUSE = "refuse"
    DOCUMENT_DATE = "document-date"


class Share(enum.Enum):
    """What an installment is a part of."""

    PERCENT_OF_TOTAL = "percent-of-total"
    PERCENT_OF_REST = "percent-of-rest"
    """Of what the installments before it leave."""
    PERCENT_OF_UNTAXED = "percent-of-untaxed"
    """Of the amount without tax; it carries no tax, which falls to the other installments."""
    FIXED = "fixed"
    REMAINDER = "remainder"
    """What all others leave; there is one at most."""
    WEIGHT = "weight"
    """What all others leave, shared by weights: equal parts, mostly."""


class Residue(enum.Enum):
    """Which installment takes the odd cents that rounding leaves.

    Fixed amounts and installments that are rounded to a multiple never take them.
    """

    LAST = "last"
    """The remainder, or the last installment where there is none: as Odoo and Tryton do."""
    FIRST = "first"
    LARGEST_REMAINDER = "largest-remainder"
    """All are rounded down, then a unit each to those that lost most, the earlier ones first."""


class ZeroLines(enum.Enum):
    """What becomes of an installment that rounds to nothing."""

    DROP = "drop"
    KEEP = "keep"


class Overrun(enum.Enum):
    """What becomes of an installment that is more than what is left of the total."""

    CAP = "cap"
    """It takes what is left, and later ones get nothing: as Tryton does."""
    REFUSE = "refuse"


class TaxBasis(enum.Enum):
    """What a settlement discount is a percentage of, and whether it lowers the tax."""

    INCLUDED = "included"
    """Of the amount with tax; the tax is lowered in proportion."""
    EXCLUDED = "excluded"
    """Of the amount without tax; the tax stays as it is."""
    MIXED = "mixed"
    """Of the amount without tax; the document's tax was computed on the lower amount already."""


def _check_count(_instance: object, attribute: attrs.Attribute[int], value: object) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 0 <= value <= limits.TERM_DAYS_MAX:  # type: ignore[operator]  # whole
        msg = f"{attribute.name} must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
        raise PolicyError(msg)


def _check_day_of_month(
    _instance: object, attribute: attrs.Attribute[int | None], value: int | None
) -> None:
    if value is not None:
        _refuse_day_of_month(value, attribute.alias or attribute.name)


def _refuse_day_of_month(value: object, name: str) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 1 <= value <= _DAY_OF_MONTH_MAX:  # type: ignore[operator]  # whole
        msg = f"{name} must be 1 to {_DAY_OF_MONTH_MAX}, got {value}"
        raise PolicyError(msg)


def _days_of_month(values: int | Iterable[int] | None) -> tuple[int, ...]:
    if values is None:
        return ()
    days = (values,) if isinstance(values, int) else tuple(values)
    for day in days:
        _refuse_day_of_month(day, "day")
    return tuple(sorted(set(days)))


def _percent(value: Decimal | int | str | None) -> Decimal | None:
    """A percentage as a decimal number; a float is refused, because 2.1 has none that is exact."""
    if value is None:
        return None
    if isinstance(value, float | bool):
        msg = f"percent must be a whole number, a Decimal or text, got {value!r}"
        raise PolicyError(msg)
    try:
        number = Decimal(value)
    except (decimal.InvalidOperation, TypeError, ValueError):
        msg = f"percent must be a number, got {value!r}"
        raise PolicyError(msg) from None
    if not number.is_finite() or not 0 < number <= _WHOLE:
        msg = f"percent must be more than 0 and at most 100, got {value}"
        raise PolicyError(msg)
    if number != round(number, _PERCENT_DECIMALS):
        msg = f"percent must have at most {_PERCENT_DECIMALS} decimals, got {value}"
        raise PolicyError(msg)
    return number


@attrs.frozen(kw_only=True)
class Closure:
    """A period in which the customer pays nothing; what falls due in it is due later.

    `moved_to` is the day that it moves to; without one it is the first payment day after the
    closure.  With `every_year` only month and day count, and `last` may lie in the next year.

    >>> Closure(first=dt.date(2026, 8, 1), last=dt.date(2026, 8, 31), every_year=True).moved_to
    """

    first: dt.date
    last: dt.date = attrs.field()
    moved_to: dt.date | None = attrs.field(default=None)
    every_year: bool = attrs.field(default=False)

    @last.validator
    def _check_last(self, _attribute: object, value: dt.date) -> None:
        check_day(self.first, name="first")
        check_day(value, name="last")
        if value < self.first:
            msg = f"last must not be before {self.first}, got {value}"
            raise PolicyError(msg)

    @moved_to.validator
    def _check_moved_to(self, _attribute: object, value: dt.date | None) -> None:
        if value is not None and value <= self.last:
            msg = f"moved_to must be after {self.last}, got {value}"
            raise PolicyError(msg)

    @every_year.validator
    def _check_every_year(self, _attribute: object, value: object) -> None:
        ends = self.moved_to or self.last
        if value and (ends - self.first).days >= _DAYS_OF_YEAR - 1:
            msg = f"a closure of every year must be shorter than one, got {self.first} to {ends}"
            raise PolicyError(msg)


def _closures(values: Iterable[Closure]) -> tuple[Closure, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DueRule:
    """From a date to a due date, in the order of the fields, and never to an earlier day.

    A date after the `cut_off` day counts as the first of the next month.  Then come `months` (a day
    that the month lacks is its last), `set_day` (that day of the month reached, as in "10th of the
    next month"), `weeks`, `days`, the end of the month where `month_end` says so, `days_after` it,
    the next of the payment days `day` (one or several; 31 is the last day of a shorter month),
    the `closures` of the customer, and the `adjustment` to a business day of the calendar that is
    given with the question.

    Two months are not sixty days: from 30 January they end on 30 March and on 31 March.  Raises
    `PolicyError` for what no calendar has, and for parts that contradict each other.
    """

    cut_off: int | None = attrs.field(default=None, validator=_check_day_of_month)
    months: int = attrs.field(default=0, validator=_check_count)
    set_day: int | None = attrs.field(default=None, validator=_check_day_of_month)
    weeks: int = attrs.field(default=0, validator=_check_count)
    days: int = attrs.field(default=0, validator=_check_count)
    month_end: MonthEnd = attrs.field(
        default=MonthEnd.NONE, validator=attrs.validators.instance_of(MonthEnd)
    )
    days_after: int = attrs.field(default=0, validator=_check_count)
    payment_days: tuple[int, ...] = attrs.field(default=(), converter=_days_of_month, alias="day")
    next_day: NextDay = attrs.field(
        default=NextDay.ON_OR_AFTER, validator=attrs.validators.instance_of(NextDay)
    )
    closures: tuple[Closure, ...] = attrs.field(default=(), converter=_closures)
    adjustment: Adjustment = attrs.field(
        default=Adjustment.NONE, validator=attrs.validators.instance_of(Adjustment)
    )

    def __attrs_post_init__(self) -> None:
        if self.set_day is not None and self.month_end is MonthEnd.BEFORE_DAYS:
            msg = f"set_day must not be given with {self.month_end.value}, got {self.set_day}"
            raise PolicyError(msg)
        if self.days_after and self.month_end is not MonthEnd.AFTER_DAYS:
            msg = f"days_after must be 0 without month_end after-days, got {self.days_after}"
            raise PolicyError(msg)

    @property
    def day(self) -> int | None:
        """The one payment day, or None where there is none or more than one."""
        return self.payment_days[0] if len(self.payment_days) == 1 else None

    @property
    def moves(self) -> bool:
        """Whether the rule says more than when to look: whether any time is granted."""
        counted = (self.months, self.weeks, self.days, self.set_day or 0)
        return any(counted) or self.month_end is not MonthEnd.NONE


@attrs.frozen(kw_only=True)
class SettlementDiscount(DueRule):
    """A step of a settlement discount: a percentage for what is paid on or before its day.

    The day follows the rule from the date that the terms count from, and is included.

    >>> SettlementDiscount(percent="2.5", days=10).percent
    Decimal('2.5')
    """

    percent: Decimal = attrs.field(converter=_percent)

    @percent.validator
    def _check_percent(self, _attribute: object, value: Decimal | None) -> None:
        if value is None or value >= _WHOLE:
            msg = f"percent of a discount must be more than 0 and less than 100, got {value}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class InstallmentTerms(DueRule):
    """One installment of an agreement: which part of the total, and when it is due.

    `percent` goes with the shares of that name, `amount` with `Share.FIXED` (positive; it takes the
    sign of the total), `weight` with `Share.WEIGHT`.  `round_to` rounds the part to a multiple of so
    much, in units of the currency.  Cut-off, payment days and adjustment that an installment does
    not have are the agreement's; closures add up.
    """

    share: Share = attrs.field(
        default=Share.REMAINDER, validator=attrs.validators.instance_of(Share)
    )
    percent: Decimal | None = attrs.field(default=None, converter=_percent)
    amount: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    weight: int = attrs.field(default=1)
    round_to: Decimal | None = attrs.field(default=None)
    is_retention: bool = False
    """Whether the customer may keep it until the work is accepted."""

    @percent.validator
    def _check_percent(self, _attribute: object, value: Decimal | None) -> None:
        if (value is not None) is not (self.share in _PERCENT_SHARES):
            msg = f"percent must be given with a percentage alone, got {value} with {self.share.value}"
            raise PolicyError(msg)

    @amount.validator
    def _check_amount(self, _attribute: object, value: Money | None) -> None:
        if (value is not None) is not (self.share is Share.FIXED):
            msg = f"amount must be given with a fixed share alone, got {value!r} with {self.share.value}"
            raise PolicyError(msg)
        if value is not None and to_minor(value) <= 0:
            msg = f"amount must be positive, got {value!r}"
            raise PolicyError(msg)

    @weight.validator
    def _check_weight(self, _attribute: object, value: int) -> None:
        if not 1 <= value <= limits.AMOUNT_MINOR_MAX:
            msg = f"weight must be 1 or more, got {value}"
            raise PolicyError(msg)

    @round_to.validator
    def _check_round_to(self, _attribute: object, value: Decimal | None) -> None:
        if value is None:
            return
        if not (isinstance(value, Decimal) and value.is_finite() and value > 0):  # type: ignore[redundant-expr]  # callers may be unchecked
            msg = f"round_to must be a positive Decimal, got {value!r}"
            raise PolicyError(msg)
        if self.share not in _PERCENT_SHARES:
            msg = f"round_to must go with a percentage, got it with {self.share.value}"
            raise PolicyError(msg)


_PERCENT_SHARES: Final = frozenset(
    {Share.PERCENT_OF_TOTAL, Share.PERCENT_OF_REST, Share.PERCENT_OF_UNTAXED}
)


def _installments(values: Iterable[InstallmentTerms]) -> tuple[InstallmentTerms, ...]:
    return tuple(values)


def _discounts(values: Iterable[SettlementDiscount]) -> tuple[SettlementDiscount, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PaymentTerms(DueRule):
    """The whole agreement: a due rule or installments, discounts, and the conventions they follow.

    With `installments`, each has its own rule, and the agreement's keeps to what they share: cut-off,
    payment days, closures, adjustment.  Exactly one installment is the remainder, unless weights
    share what is left, or percentages of the total make a hundred.  With `sequential` each
    installment counts from the due date of the one before it.

    Raises `PolicyError` where the parts contradict each other or do not make a whole.
    """

    baseline: Baseline = attrs.field(
        default=Baseline.DOCUMENT_DATE, validator=attrs.validators.instance_of(Baseline)
    )
    missing_baseline: MissingBaseline = MissingBaseline.REFUSE
    discounts: tuple[SettlementDiscount, ...] = attrs.field(default=(), converter=_discounts)
    tax_basis: TaxBasis = TaxBasis.INCLUDED
    installments: tuple[InstallmentTerms, ...] = attrs.field(default=(), converter=_installments)
    sequential: bool = False
    residue: Residue = Residue.LAST
    rounding: Rounding = Rounding.HALF_UP
    """How parts and discounts are rounded to minor units."""
    zero_lines: ZeroLines = ZeroLines.DROP
    overrun: Overrun = Overrun.CAP

    @installments.validator
    def _check_installments(self, _attribute: object, value: tuple[InstallmentTerms, ...]) -> None:
        if not value:
            return
        if len(value) > limits.INSTALLMENTS_MAX:
            msg = f"installments must be at most {limits.INSTALLMENTS_MAX}, got {len(value)}"
            raise PolicyError(msg)
        if self.moves:
            msg = f"days and months must stand in the installments where there are any, got {self.days} days"
            raise PolicyError(msg)
        _check_whole(value)
        _check_order(value)

    @property
    def unadjusted(self) -> PaymentTerms:
        """The same terms without any move to a business day: what interest may count from."""
        plain = Adjustment.NONE
        return attrs.evolve(
            self,
            adjustment=plain,
            installments=[attrs.evolve(one, adjustment=plain) for one in self.installments],
            discounts=[attrs.evolve(one, adjustment=plain) for one in self.discounts],
        )


def _check_whole(lines: tuple[InstallmentTerms, ...]) -> None:
    """Refuse installments that do not make a whole, or make it twice."""
    shares = [line.share for line in lines]
    remainders = shares.count(Share.REMAINDER) + (Share.WEIGHT in shares)
    if remainders > 1:
        msg = f"one installment at most must be the remainder, got {_listed(shares)}"
        raise PolicyError(msg)
    percents = [line.percent or 0 for line in lines if line.share is Share.PERCENT_OF_TOTAL]
    covered = sum(percents)
    if covered > _WHOLE:
        msg = f"percentages of the total must add up to at most 100, got {covered}"
        raise PolicyError(msg)
    alone = covered == _WHOLE and len(percents) == len(lines)
    if not remainders and not alone:
        msg = f"one installment must be the remainder, got {_listed(shares)}"
        raise PolicyError(msg)
    if alone and all(line.round_to is not None for line in lines):
        msg = f"one installment must be without round_to, got {len(lines)} with it"
        raise PolicyError(msg)


def _check_order(lines: tuple[InstallmentTerms, ...]) -> None:
    """Refuse a percentage of the rest that comes after the rest is gone."""
    shares = [line.share for line in lines]
    gone = [place for place, share in enumerate(shares) if share in _REST_SHARES]
    if gone and Share.PERCENT_OF_REST in shares[gone[0] :]:
        msg = f"a percentage of the rest must come before the remainder, got {_listed(shares)}"
        raise PolicyError(msg)


_REST_SHARES: Final = frozenset({Share.REMAINDER, Share.WEIGHT})


def _listed(shares: Iterable[Share]) -> str:
    return ", ".join(share.value for share in shares)
