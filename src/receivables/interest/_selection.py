"""The rate of a day: which reference counts, with which margin, floor and rounding."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Final

import attrs

from receivables.errors import CurrencyMismatchError
from receivables.interest.accrual import InterestPolicy
from receivables.interest.model import (
    CompensationRule,
    Jurisdiction,
    ReferenceDay,
    SourceStatus,
)
from receivables.money import minor_of

__all__ = ["DayRate", "rate_on", "rate_starts", "tiers_in_minor"]

_HALF_YEARS: Final = {ReferenceDay.HALF_YEAR_START, ReferenceDay.BEFORE_HALF_YEAR}
_ONE_DAY: Final = dt.timedelta(days=1)


@attrs.frozen
class DayRate:
    """The percent a year of a day of interest, how it came about, and how sure that is."""

    percent: Decimal
    derivation: str
    status: SourceStatus


def rate_on(policy: InterestPolicy, day: dt.date, *, anchor: dt.date) -> DayRate:
    """The rate of a day of interest; `anchor` is the first such day, which may decide for all.

    Raises `MissingRateError` naming what is missing.
    """
    decisive = anchor if policy.jurisdiction.is_frozen else day
    if policy.agreed is not None:
        return _agreed(policy, decisive)
    return _statutory(policy, decisive)


def _statutory(policy: InterestPolicy, day: dt.date) -> DayRate:
    jurisdiction = policy.jurisdiction
    margin = jurisdiction.margin_on(day)
    if jurisdiction.reference is None:
        return DayRate(margin.percent, f"{margin.percent} by {margin.article}", margin.status)
    row = policy.rates.rate(jurisdiction.reference, on=jurisdiction.reference_day.of(day))
    assert row.rate is not None  # noqa: S101  # a row that was not found raises
    percent = _stepped(row.rate + margin.percent, jurisdiction.rate_step)
    upwards = "" if percent == row.rate + margin.percent else ", rounded up"
    added = f" + {margin.percent}" if margin.percent else ""
    derivation = f"{row.rate} {row.name} of {row.valid_from}{added}{upwards}"
    return DayRate(percent, derivation, row.status.weaker(margin.status))


def _agreed(policy: InterestPolicy, day: dt.date) -> DayRate:
    jurisdiction, agreed = policy.jurisdiction, policy.agreed
    assert agreed is not None  # noqa: S101  # the caller asked
    percent = agreed.yearly(unstated_cap=jurisdiction.unstated_yearly_cap)
    said = f"{agreed.percent} a {agreed.per.value} agreed"
    floor = jurisdiction.floor
    if floor is None:
        return DayRate(percent, said, SourceStatus.VERIFIED)
    row = policy.rates.rate(floor.series, on=day)
    assert row.rate is not None  # noqa: S101  # a row that was not found raises
    least = row.rate * floor.multiple
    status = row.status.weaker(floor.status)
    if percent >= least:
        return DayRate(percent, said, status)
    return DayRate(least, f"{floor.multiple} x {row.rate} {row.name}, above {said}", status)


def _stepped(percent: Decimal, step: Decimal | None) -> Decimal:
    """Up to the next whole step.

    >>> _stepped(Decimal("10.15"), Decimal("0.5"))
    Decimal('10.50')
    """
    if step is None or not (rest := percent % step):
        return percent
    return percent - rest + (step if rest > 0 else 0)


def rate_starts(policy: InterestPolicy, first: dt.date, last: dt.date) -> set[dt.date]:
    """The days of interest after `first` and up to `last` on which the rate may be another one."""
    jurisdiction = policy.jurisdiction
    if jurisdiction.is_frozen:
        return set()
    if policy.agreed is not None:
        floor = jurisdiction.floor
        return set() if floor is None else set(policy.rates[floor.series].changes(first, last))
    changes = {
        later.valid_from
        for earlier, later in itertools.pairwise(jurisdiction.margins)
        # The same points by another article are the same rate.
        if first < later.valid_from <= last and later.percent != earlier.percent
    }
    return changes | _reference_starts(policy, jurisdiction, first, last)


def _reference_starts(
    policy: InterestPolicy, jurisdiction: Jurisdiction, first: dt.date, last: dt.date
) -> set[dt.date]:
    if jurisdiction.reference is None:
        return set()
    if jurisdiction.reference_day in _HALF_YEARS:
        return _firsts(first, last, months=(1, 7))
    if jurisdiction.reference_day is ReferenceDay.PREVIOUS_MONTH:
        return _firsts(first, last, months=range(1, 13))
    shift = _ONE_DAY if jurisdiction.reference_day is ReferenceDay.DAY_BEFORE else dt.timedelta(0)
    changes = policy.rates[jurisdiction.reference].changes(first - shift, last - shift)
    return {day + shift for day in changes}


def _firsts(first: dt.date, last: dt.date, *, months: tuple[int, ...] | range) -> set[dt.date]:
    years = range(first.year, last.year + 1)
    days = {dt.date(year, month, 1) for year in years for month in months}
    return {day for day in days if first < day <= last}


def tiers_in_minor(
    rule: CompensationRule, jurisdiction: Jurisdiction, *, currency: str
) -> list[tuple[int, int]]:
    """The tiers of a rule in minor units; one sum for all debts asks for no currency."""
    if len(rule.tiers) > 1 and currency != jurisdiction.currency:
        msg = f"currency must be {jurisdiction.currency} for the tiers of {jurisdiction.name}, got {currency}"
        raise CurrencyMismatchError(msg)
    code = jurisdiction.currency
    return [(minor_of(tier.from_amount, code), minor_of(tier.amount, code)) for tier in rule.tiers]
