"""The rules of payment terms: days, parts of an amount, discounts.

Amounts are terms: Python integers, or columns of them.  A date is none, because engines count
months differently; columns ask for each pair of date and terms once, and look the answer up.
"""

from __future__ import annotations

import calendar as _calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables._ops import PYTHON, Ops, Term
from receivables.days import Adjustment, BusinessCalendar
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.terms.model import (
    Baseline,
    Closure,
    DueRule,
    MonthEnd,
    NextDay,
    Overrun,
    PaymentTerms,
    Residue,
    Share,
    TaxBasis,
)

__all__ = [
    "BASELINES",
    "PERCENT_SCALE",
    "Portion",
    "carried",
    "discount_minor",
    "discount_parts",
    "discount_steps",
    "discountable_minor",
    "divide",
    "due_day",
    "line_days",
    "line_rule",
    "percent_units",
]

BASELINES: Final[Mapping[Baseline, tuple[str, ...]]] = MappingProxyType(
    {
        Baseline.DOCUMENT_DATE: ("document_date",),
        Baseline.POSTING_DATE: ("posting_date",),
        Baseline.DELIVERY_DATE: ("delivery_date",),
        Baseline.RECEIVED_ON: ("received_on",),
        Baseline.LATER_OF_DOCUMENT_AND_DELIVERY: ("document_date", "delivery_date"),
        Baseline.LATER_OF_RECEIVED_AND_DELIVERY: ("received_on", "delivery_date"),
    }
)
"""The fields, and columns, whose latest date each baseline is."""

PERCENT_SCALE: Final = 1_000_000
"""A percentage has four decimals, so a millionth of the whole is its unit."""

_CLOSURE_MOVES_MAX: Final = 400
_ONE_DAY: Final = dt.timedelta(days=1)


def due_day(
    rule: DueRule, *, baseline_date: dt.date, calendar: BusinessCalendar | None = None
) -> dt.date:
    """The day that a rule leads to from a date; it never lies before that date.

    Where an adjustment backwards would lead before it, the next business day is taken.  Raises
    `PolicyError` where an adjustment has no calendar, and `LimitError` beyond the year 9999.

    >>> due_day(DueRule(months=1, set_day=10), baseline_date=dt.date(2026, 1, 31))
    datetime.date(2026, 2, 10)
    """
    try:
        day = max(_counted(rule, _opened(rule, baseline_date)), baseline_date)
        day = _open_again(rule, _payment_day(rule.payment_days, day, next_day=rule.next_day))
    except (OverflowError, ValueError) as error:
        if isinstance(error, PolicyError):
            raise
        msg = f"due date must lie before the year 10000, got {rule} from {baseline_date}"
        raise LimitError(msg) from None
    return _business_day(rule.adjustment, day, first=baseline_date, calendar=calendar)


def line_rule(terms: PaymentTerms, line: DueRule) -> DueRule:
    """The rule of an installment, with what it leaves to the agreement."""
    if line is terms:
        return line
    return attrs.evolve(
        line,
        cut_off=line.cut_off or terms.cut_off,
        day=line.payment_days or terms.payment_days,
        next_day=line.next_day if line.payment_days else terms.next_day,
        closures=(*line.closures, *terms.closures),
        adjustment=terms.adjustment if line.adjustment is Adjustment.NONE else line.adjustment,
    )


def line_days(
    terms: PaymentTerms, *, baseline_date: dt.date, calendar: BusinessCalendar | None = None
) -> tuple[dt.date, ...]:
    """The due date of each installment, or the one due date of terms without any."""
    days: list[dt.date] = []
    for line in terms.installments or (terms,):
        start = days[-1] if days and terms.sequential else baseline_date
        days.append(due_day(line_rule(terms, line), baseline_date=start, calendar=calendar))
    return tuple(days)


def discount_steps(
    terms: PaymentTerms, *, baseline_date: dt.date, calendar: BusinessCalendar | None = None
) -> list[tuple[dt.date, int]]:
    """The last day of each step and its percentage in millionths, the earliest first.

    Of two steps that end on one day the larger counts.
    """
    best: dict[dt.date, int] = {}
    for step in terms.discounts:
        rule = attrs.evolve(step, cut_off=step.cut_off or terms.cut_off) if terms.cut_off else step
        until = due_day(rule, baseline_date=baseline_date, calendar=calendar)
        best[until] = max(best.get(until, 0), percent_units(Fraction(step.percent)))
    return sorted(best.items())


def _opened(rule: DueRule, day: dt.date) -> dt.date:
    """The date that is counted from: after the cut-off, the first of the next month."""
    if rule.cut_off is not None and day.day > rule.cut_off:
        return _in_month(day, 1, wanted=1)
    return day


def _counted(rule: DueRule, day: dt.date) -> dt.date:
    """Months, a day of the month, weeks and days, and the end of the month where it belongs."""
    if rule.months or rule.set_day is not None:
        day = _in_month(day, rule.months, wanted=rule.set_day or day.day)
    if rule.month_end is MonthEnd.BEFORE_DAYS:
        day = _in_month(day, 0, wanted=31)
    day += dt.timedelta(days=7 * rule.weeks + rule.days)
    if rule.month_end is MonthEnd.AFTER_DAYS:
        day = _in_month(day, 0, wanted=31) + dt.timedelta(days=rule.days_after)
    return day


def _in_month(day: dt.date, months: int, *, wanted: int) -> dt.date:
    """A day of the month that lies so many months on, or its last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return dt.date(year, month, min(wanted, _calendar.monthrange(year, month)[1]))


def _payment_day(days: Sequence[int], day: dt.date, *, next_day: NextDay) -> dt.date:
    """The next of the payment days, where there are any."""
    if not days:
        return day
    first = day if next_day is NextDay.ON_OR_AFTER else day + _ONE_DAY
    candidates = [_in_month(first, months, wanted=wanted) for months in (0, 1) for wanted in days]
    return next(candidate for candidate in candidates if candidate >= first)


def _open_again(rule: DueRule, day: dt.date) -> dt.date:
    """The day that a due date moves to out of the closures of the customer."""
    if not rule.closures:
        return day
    for _ in range(_CLOSURE_MOVES_MAX):
        ends = next(filter(None, (_end(closure, day) for closure in rule.closures)), None)
        if ends is None:
            return day
        last, moved_to = ends
        opens = last + _ONE_DAY
        day = moved_to or _payment_day(rule.payment_days, opens, next_day=NextDay.ON_OR_AFTER)
    msg = f"closures must leave a day to pay on, got {len(rule.closures)} without a gap"
    raise PolicyError(msg)


def _end(closure: Closure, day: dt.date) -> tuple[dt.date, dt.date | None] | None:
    """The last day of the closure that a day lies in, and the day it moves to; None outside."""
    if not closure.every_year:
        inside = closure.first <= day <= closure.last
        return (closure.last, closure.moved_to) if inside else None
    for year in (day.year - 1, day.year):
        later = 12 * (year - closure.first.year)
        first, last = _yearly(closure.first, later), _yearly(closure.last, later)
        if first <= day <= last:
            moved = closure.moved_to and _yearly(closure.moved_to, later)
            return last, moved
    return None


def _yearly(day: dt.date, months: int) -> dt.date:
    return _in_month(day, months, wanted=day.day)


def _business_day(
    adjustment: Adjustment, day: dt.date, *, first: dt.date, calendar: BusinessCalendar | None
) -> dt.date:
    if adjustment is Adjustment.NONE:
        return day
    if calendar is None:
        msg = f"calendar must be given for terms adjusted to the {adjustment.value} business day, got none"
        raise PolicyError(msg)
    adjusted = calendar.adjust(day, adjustment)
    return adjusted if adjusted >= first else calendar.adjust(day, Adjustment.FOLLOWING)


@attrs.frozen(kw_only=True)
class Portion:
    """An installment as the division of an amount sees it: exact shares and minor units."""

    share: Share
    part: Fraction = Fraction(0)
    """The percentage as a fraction of one."""
    fixed_minor: int = 0
    weight: int = 1
    unit: int = 1
    """The multiple, in minor units, that it is rounded to."""

    @property
    def is_free(self) -> bool:
        """Whether it may take odd cents."""
        return self.share is not Share.FIXED and self.unit == 1


def divide(
    total_minor: int,
    portions: Sequence[Portion],
    *,
    untaxed_minor: int = 0,
    residue: Residue = Residue.LAST,
    rounding: Rounding = Rounding.HALF_UP,
    overrun: Overrun = Overrun.CAP,
) -> tuple[int, ...]:
    """Divide an amount into its installments; they add up to it, and none has the other sign.

    Raises `DocumentError` where `overrun` says so and an installment is more than what is left.

    >>> thirds = [Portion(share=Share.WEIGHT)] * 3
    >>> divide(10_000, thirds), divide(-10_000, thirds, residue=Residue.FIRST)
    ((3333, 3333, 3334), (-3334, -3333, -3333))
    """
    sign = -1 if total_minor < 0 else 1
    total = abs(total_minor)
    targets = _targets(
        total, portions, untaxed=sign * untaxed_minor, rounding=rounding, overrun=overrun
    )
    if residue is Residue.LARGEST_REMAINDER:
        amounts = _largest_remainder(total, targets, portions)
    else:
        amounts = [_rounded(target, 1, rounding) for target in targets]
    order = _takers(portions, residue)
    _settle(amounts, total - sum(amounts), order)
    return tuple(sign * amount for amount in amounts)


def _targets(
    total: int,
    portions: Sequence[Portion],
    *,
    untaxed: int,
    rounding: Rounding,
    overrun: Overrun,
) -> list[Fraction]:
    """What each portion is, exactly; those that take no odd cents are rounded already."""
    left, rest = Fraction(total), total
    targets: list[Fraction] = []
    for portion in portions:
        target = _stated(portion, total=total, rest=rest, untaxed=untaxed)
        if target > left and portion.share is not Share.PERCENT_OF_REST:
            _check_overrun(target, left, overrun)
        target = min(target, left)
        if portion.unit > 1:
            multiple = _rounded(target, portion.unit, rounding)
            target = Fraction(multiple if multiple <= left else multiple - portion.unit)
        left -= target
        rest -= _rounded(target, 1, rounding)
        targets.append(target)
    return _share_rest(left, targets, portions)


def _share_rest(
    left: Fraction, targets: list[Fraction], portions: Sequence[Portion]
) -> list[Fraction]:
    """Give what the stated portions leave to the remainder, or by weights."""
    weights = [portion.weight if _takes_rest(portion) else 0 for portion in portions]
    if not any(weights):
        return targets
    whole = sum(weights)
    return [
        target + left * Fraction(weight, whole)
        for target, weight in zip(targets, weights, strict=True)
    ]


def _takes_rest(portion: Portion) -> bool:
    return portion.share in (Share.REMAINDER, Share.WEIGHT)


def _stated(portion: Portion, *, total: int, rest: int, untaxed: int) -> Fraction:
    if portion.share is Share.FIXED:
        return Fraction(portion.fixed_minor)
    bases = {
        Share.PERCENT_OF_TOTAL: total,
        Share.PERCENT_OF_REST: max(rest, 0),
        Share.PERCENT_OF_UNTAXED: max(untaxed, 0),
    }
    return portion.part * bases.get(portion.share, 0)


def _check_overrun(target: Fraction, left: Fraction, overrun: Overrun) -> None:
    if overrun is Overrun.REFUSE:
        msg = f"an installment must be at most what is left, {int(left)} minor units, got {int(target)}"
        raise DocumentError(msg)


def _rounded(target: Fraction, unit: int, rounding: Rounding) -> int:
    whole = mul_div(target.numerator, 1, target.denominator * unit, rounding=rounding)
    return whole * unit


def _largest_remainder(
    total: int, targets: Sequence[Fraction], portions: Sequence[Portion]
) -> list[int]:
    """Round all down, then give a unit each to the free portions that lost most."""
    amounts = [int(target) for target in targets]
    free = [place for place, portion in enumerate(portions) if portion.is_free]
    lost = sorted(free, key=lambda place: (amounts[place] - targets[place], place))
    for place in lost[: max(total - sum(amounts), 0)]:
        amounts[place] += 1
    return amounts


def _takers(portions: Sequence[Portion], residue: Residue) -> list[int]:
    """Who takes odd cents, in the order in which they are asked."""
    free = [place for place, portion in enumerate(portions) if portion.is_free]
    if residue is Residue.FIRST:
        return free
    # The remainder before all others, wherever it stands, then the last ones.
    return sorted(free, key=lambda place: (portions[place].share is not Share.REMAINDER, -place))


def _settle(amounts: list[int], residue: int, order: Iterable[int]) -> None:
    """Give a residue to the first in the order; take a lack from each, as far as it goes."""
    for place in order:
        change = max(residue, -amounts[place])
        amounts[place] += change
        residue -= change


def percent_units(percent: Fraction) -> int:
    """A percentage in millionths of the whole.

    >>> percent_units(Fraction(5, 2))
    25000
    """
    return int(percent * Fraction(PERCENT_SCALE, 100))


def discountable_minor(amount_minor: Term, tax_minor: Term, *, basis: TaxBasis) -> Term:
    """The amount that a settlement discount is a percentage of."""
    return amount_minor if basis is TaxBasis.INCLUDED else amount_minor - tax_minor


def discount_minor(
    base_minor: Term, percent_millionths: Term, *, rounding: Rounding, ops: Ops = PYTHON
) -> Term:
    """A percentage of an amount that is not negative, rounded once.

    >>> discount_minor(123_425, 20_000, rounding=Rounding.HALF_UP)
    2469
    """
    floor, rest = discount_parts(base_minor, percent_millionths)
    return floor + carried(floor, rest, rounding=rounding, ops=ops)


def discount_parts(base_minor: Term, percent_millionths: Term) -> tuple[Term, Term]:
    """A percentage of an amount rounded down, and the rest in millionths.

    It divides before it multiplies, so that the largest amount stays in 64 bits.

    >>> discount_parts(123_425, 20_000)
    (2468, 500000)
    """
    whole = base_minor // PERCENT_SCALE
    product = (base_minor - whole * PERCENT_SCALE) * percent_millionths
    quotient = product // PERCENT_SCALE
    return whole * percent_millionths + quotient, product - quotient * PERCENT_SCALE


def carried(floor: Term, rest: Term, *, rounding: Rounding, ops: Ops = PYTHON) -> Term:
    """The unit, or none, that rounding adds to what was rounded down.

    >>> carried(2468, 500_000, rounding=Rounding.HALF_EVEN)
    0
    """
    none = rest * 0
    if rounding is Rounding.DOWN:
        return none
    if rounding is Rounding.UP:
        return ops.when(rest > 0, none + 1, none)
    half = PERCENT_SCALE // 2
    if rounding is Rounding.HALF_UP:
        return ops.when(rest >= half, none + 1, none)
    # A half goes up from an odd number only: an even one needs more than a half.
    odd = floor - (floor // 2) * 2
    return ops.when(rest + odd > half, none + 1, none)
