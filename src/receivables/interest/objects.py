"""Interest and compensation over values: exact, explained, and what the column shell is compared with.

>>> from receivables.interest.loading import jurisdiction
>>> from receivables.interest.model import RateSeries, RateTable
>>> from receivables.money import money
>>> mro = RateSeries.stepwise("ecb.mro", {"2023-09-20": "4.50", "2024-06-12": "4.25"}, source="ECB")
>>> policy = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([mro]))
>>> late = LateItem.of(money("10000.00", "EUR"), item="F-1", due_date=dt.date(2024, 6, 15))
>>> print(interest_on(late, policy=policy, as_of=dt.date(2024, 8, 15)))
F-1: 239.18 EUR as of 2024-08-15 (fr-business)
2024-06-16 to 2024-06-30: 15 days at 14.50 % on 10000.00: 59.5890 [4.50 ecb.mro of 2023-09-20 + 10]
2024-07-01 to 2024-08-15: 46 days at 14.25 % on 10000.00: 179.5890 [4.25 ecb.mro of 2024-06-12 + 10]
>>> compensation_for(late, jurisdiction=policy.jurisdiction, as_of=dt.date(2024, 8, 15))
Money('40.00', 'EUR')
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import attrs

from receivables._arithmetic import mul_div
from receivables.days import add_months, check_day
from receivables.errors import PolicyError
from receivables.interest import rules
from receivables.interest._selection import rate_on, rate_starts, tiers_in_minor
from receivables.interest.accrual import Interest, InterestPolicy, LateItem, Segment
from receivables.interest.model import Base, Compounding, Jurisdiction
from receivables.money import Money, from_minor

__all__ = ["compensation_for", "interest_on"]

_ONE_DAY: Final = dt.timedelta(days=1)
_COMPOUND_DAYS: Final = 30
_MONTHS_A_YEAR: Final = 12


@attrs.frozen(kw_only=True)
class _Window:
    """The nights that a debt is late: what is open at the end of a day bears a day of interest.

    With a payment on the tenth day after the due date, ten nights pass.  The day of interest that a
    night stands for is the next day or the same, by the jurisdiction (`offset`).
    """

    start: dt.date
    end: dt.date
    offset: dt.timedelta

    @property
    def anchor(self) -> dt.date:
        """The first day of interest."""
        return self.start + self.offset


def interest_on(
    item: LateItem, *, policy: InterestPolicy, as_of: dt.date, since: dt.date | None = None
) -> Interest:
    """Interest on an item as if what is open were paid on a day.

    It follows the balance, runs from the due date (or from `runs_from`), and stops with the
    balance, on `as_of`, on `stopped_on`, or where the law stops it.  With `since`, the `as_of` of
    an earlier calculation, only what came after that is given; the parts add up, unrounded, to the
    whole.  Days are calendar days, business days or not.

    Raises `MissingRateError` naming the series and the period that is not known, and `PolicyError`
    for an agreed rate above the legal limit, or where a formal notice is needed.
    """
    check_day(as_of, name="as_of")
    window = _window(item, policy, as_of)
    segments: tuple[Segment, ...] = ()
    if window.start < window.end and not _is_exempt(item, policy.jurisdiction):
        _check_cap(item, policy, window)
        segments = tuple(_segments(item, policy, window, since))
    return _interest(item, policy.jurisdiction, as_of, segments)


def _interest(
    item: LateItem, jurisdiction: Jurisdiction, as_of: dt.date, segments: tuple[Segment, ...]
) -> Interest:
    exact = sum((segment.amount_minor for segment in segments), Fraction(0))
    amount = mul_div(exact.numerator, 1, exact.denominator, rounding=jurisdiction.rounding)
    payable = jurisdiction.is_payable(amount, currency=item.currency)
    return Interest(
        item=item.item,
        creditor=item.creditor,
        customer=item.customer,
        currency=item.currency,
        jurisdiction=jurisdiction.name,
        as_of=as_of,
        segments=segments,
        unrounded_minor=exact,
        amount_minor=amount if payable else 0,
    )


def _is_exempt(item: LateItem, jurisdiction: Jurisdiction) -> bool:
    return item.is_retention and jurisdiction.base is Base.TAX_INCLUDED_LESS_RETENTION


def _window(item: LateItem, policy: InterestPolicy, as_of: dt.date) -> _Window:
    jurisdiction = policy.jurisdiction
    if jurisdiction.needs_notice and policy.agreed is None and item.runs_from is None:
        msg = f"runs_from of {item.item} must be given, because interest runs from a formal notice in {jurisdiction.name}, got none"
        raise PolicyError(msg)
    offset = jurisdiction.day_span.offset
    start, end = item.due_date, as_of
    if item.runs_from is not None:
        start = max(start, item.runs_from - offset)
    if item.stopped_on is not None:
        end = min(end, item.stopped_on - offset)
    if jurisdiction.years_max is not None:
        end = min(end, add_months(start, _MONTHS_A_YEAR * jurisdiction.years_max))
    return _Window(start=start, end=end, offset=offset)


def _check_cap(item: LateItem, policy: InterestPolicy, window: _Window) -> None:
    jurisdiction, agreed = policy.jurisdiction, policy.agreed
    if agreed is None or not jurisdiction.caps:
        return
    principal = from_minor(item.bearing_minor(window.start), item.currency)
    cap = jurisdiction.cap_for(principal)
    yearly = agreed.yearly(unstated_cap=jurisdiction.unstated_yearly_cap)
    if cap is not None and yearly > cap:
        msg = f"agreed rate must be at most {cap} % a year on {principal!r} in {jurisdiction.name}, got {yearly} %"
        raise PolicyError(msg)


def _segments(
    item: LateItem, policy: InterestPolicy, window: _Window, since: dt.date | None
) -> Iterator[Segment]:
    """Segments of one rate and one balance; interest of whole periods is added where it compounds."""
    periods = _periods(policy.jurisdiction.compounding, window)
    capitalized = pending = Fraction(0)
    for first, last in itertools.pairwise(_cuts(item, policy, window, periods, since)):
        if first in periods:
            capitalized, pending = capitalized + pending, Fraction(0)
        balance_minor = item.bearing_minor(first)
        if not balance_minor:
            continue
        segment = _segment(policy, window, (first, last), balance_minor, capitalized, periods)
        if periods:
            pending += segment.amount_minor
        if since is None or first >= since:
            yield segment


def _segment(
    policy: InterestPolicy,
    window: _Window,
    nights: tuple[dt.date, dt.date],
    balance_minor: int,
    capitalized: Fraction,
    periods: Sequence[dt.date],
) -> Segment:
    first, last = nights[0] + window.offset, nights[1] + window.offset
    rate = rate_on(policy, first, anchor=window.anchor)
    share = _year_share(policy.jurisdiction, nights, window.offset, periods)
    percent = Fraction(rate.percent)
    return Segment(
        first=first,
        last=last - _ONE_DAY,
        days=(last - first).days,
        balance_minor=balance_minor,
        capitalized_minor=capitalized,
        rate=rate.percent,
        amount_minor=(balance_minor + capitalized) * share * percent / Fraction(100),
        derivation=rate.derivation,
        status=rate.status,
    )


def _year_share(
    jurisdiction: Jurisdiction,
    nights: tuple[dt.date, dt.date],
    offset: dt.timedelta,
    periods: Sequence[dt.date],
) -> Fraction:
    """The part of a year that nights are, by the day count over their days of interest."""
    if jurisdiction.compounding is not Compounding.MONTHLY:
        return jurisdiction.day_count.fraction(nights[0] + offset, nights[1] + offset)
    index = bisect.bisect_right(periods, nights[0])
    start = periods[index - 1]
    length = (periods[index] - start).days
    return Fraction((nights[1] - nights[0]).days, length * _MONTHS_A_YEAR)


def _periods(compounding: Compounding, window: _Window) -> list[dt.date]:
    """The starts of the periods after which interest is added, and one beyond the end."""
    if compounding is Compounding.NONE:
        return []
    starts = [window.start]
    while starts[-1] < window.end:
        count = len(starts)
        if compounding is Compounding.MONTHLY:
            starts.append(add_months(window.start, count))
        else:
            starts.append(window.start + dt.timedelta(days=_COMPOUND_DAYS * count))
    return starts


def _cuts(
    item: LateItem,
    policy: InterestPolicy,
    window: _Window,
    periods: Sequence[dt.date],
    since: dt.date | None,
) -> list[dt.date]:
    """The nights on which a segment begins, and the end."""
    days = rate_starts(policy, window.anchor, window.end + window.offset)
    cuts = {day - window.offset for day in days} | item.changes(window.start, window.end)
    cuts |= set(periods) | ({since} if since is not None else set())
    inner = {day for day in cuts if window.start < day < window.end}
    return [window.start, *sorted(inner), window.end]


def compensation_for(item: LateItem, *, jurisdiction: Jurisdiction, as_of: dt.date) -> Money | None:
    """The fixed sum for recovery costs that one late payment gives a right to, or None.

    It is due once for each late payment, in full even where a part was paid, in the currency of the
    jurisdiction, and never taxed: *Directive 2011/7/EU art. 6; CJEU C-370/21, C-78/22*.  The law of
    the first day of lateness applies, and its tiers ask for what was open then.  A rest of an item
    that was late itself gives no second one.

    Raises `CurrencyMismatchError` where tiers would compare two currencies.
    """
    check_day(as_of, name="as_of")
    late = _first_late_night(item, jurisdiction, as_of)
    if late is None or item.is_rest or _is_exempt(item, jurisdiction):
        return None
    rule = jurisdiction.compensation_from(late + _ONE_DAY)
    if rule is None:
        return None
    tiers = tiers_in_minor(rule, jurisdiction, currency=item.currency)
    return from_minor(rules.tiered(item.bearing_minor(late), tiers), jurisdiction.currency)


def _first_late_night(item: LateItem, jurisdiction: Jurisdiction, as_of: dt.date) -> dt.date | None:
    """The first end of a day, from the due date on, at which something was open."""
    end = as_of
    if item.stopped_on is not None:
        end = min(end, item.stopped_on - jurisdiction.day_span.offset)
    nights = [item.due_date, *sorted(item.changes(item.due_date, end))]
    found = (night for night in nights if night < end and item.bearing_minor(night))
    return next(found, None)
