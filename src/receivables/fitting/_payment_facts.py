"""The workshop: items as arrays of whole numbers, and which groups each of them belongs to.

Days are ordinals.  An item that is not paid, as far as anybody knows, is paid `NEVER`.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.fitting._intake import Array
from receivables.fitting._payment_needs import numpy
from receivables.forecast.model import ForecastItem

__all__ = [
    "MONTH_PLACES",
    "NEVER",
    "SPAN",
    "Asked",
    "Codes",
    "Facts",
    "asked_of",
    "domain_of",
    "facts_of",
    "month_place",
    "weekday_of",
    "workdays_until",
]

NEVER: Final = 10_000_000
"""Later than any day: `datetime.date.max` is the day 3,652,059."""
SPAN: Final = 20_000_000
"""The room that one group takes in a sorted list of (group, day)."""
_WEEK: Final = 7
_WORKDAYS: Final = 5
_TERMS: Final = 512
_TERMS_SHIFT: Final = 100
_LAST_DAY: Final = dt.date.max.toordinal()
_MONTH_ENDS: Final = 4
_MONTH_FIRST: Final = 20
MONTH_PLACES: Final = _MONTH_ENDS + _MONTH_FIRST
_NOBODY: Final = ForecastItem(
    item="",
    customer="",
    currency="",
    amount_minor=0,
    document_date=dt.date.max,
    due_date=dt.date.max,
)
"""Stands in an empty history, so that arrays have a row; it is known on no day that is asked."""


def weekday_of(days: Array) -> Array:
    """The weekday of ordinals; Monday is 0, as the day 1 of the calendar was a Monday."""
    return (days - 1) % _WEEK


def workdays_until(days: Array) -> Array:
    """How many days from Monday to Friday lie before each day."""
    weekday = weekday_of(days)
    return (days - 1 - weekday) // _WEEK * _WORKDAYS + numpy().minimum(weekday, _WORKDAYS)


def month_place(days: Array) -> Array:
    """Where in its month a day stands, in workdays: the last of them are 0 to 3, the first is 4.

    Who pays on the last workday of a month pays on the 31st, on Friday the 28th and on the 30th.
    """
    np = numpy()
    each, places = np.unique(days, return_inverse=True)
    # An item that was never paid has no month; any will do, since nothing is counted of it.
    months = np.array([_month(min(int(one), _LAST_DAY)) for one in each]).reshape(-1, 2)
    rest = workdays_until(months[:, 1]) - workdays_until(each + 1)
    done = workdays_until(each) - workdays_until(months[:, 0])
    made = np.where(
        rest < _MONTH_ENDS, np.maximum(rest, 0), _MONTH_ENDS + np.clip(done, 0, _MONTH_FIRST - 1)
    )
    return made[places.reshape(-1)].reshape(days.shape)


def _month(day: int) -> tuple[int, int]:
    """The first day of the month of an ordinal, and that of the next month."""
    date = dt.date.fromordinal(day)
    first = day - date.day + 1
    return first, first + calendar.monthrange(date.year, date.month)[1]


@attrs.define(eq=False)
class Codes:
    """Names and their numbers, in the order in which they were first met."""

    of: dict[tuple[str, ...], int] = attrs.field(factory=dict)

    def code(self, name: tuple[str, ...]) -> int:
        """The number of a name, a new one where it is new."""
        return self.of.setdefault(name, len(self.of))

    def known(self, name: tuple[str, ...]) -> int:
        """The number of a name; one that nobody has where it is new."""
        return self.of.get(name, len(self.of))


def _identity(item: ForecastItem) -> tuple[str, ...]:
    return (item.creditor, item.item)


def _customer(item: ForecastItem) -> tuple[str, ...]:
    return (item.creditor, item.customer)


def domain_of(item: ForecastItem) -> tuple[str, ...]:
    """What kind of business an item is: creditor, currency, segment, company code."""
    code = str(item.features.get("business_code", ""))
    return (item.creditor, item.currency, item.segment, code)


def _kin(item: ForecastItem) -> tuple[str, ...]:
    """The first word of the customer's name: a group buys under many numbers, and pays alike."""
    name = str(item.features.get("name_customer", item.features.get("name", "")))
    words = name.split()
    return (item.creditor, words[0].casefold()) if words else (item.creditor, "", item.customer)


@attrs.frozen(kw_only=True, eq=False)
class Asked:
    """Items as arrays, with the codes of their groups."""

    identity: Array
    customer: Array
    domain: Array
    kin: Array
    document: Array
    due: Array
    amount: Array
    """The logarithm of one more than its minor units."""

    def keys(self, name: str) -> Array:
        """The codes of one kind of group, by name, such as ``customer`` or ``kin``."""
        np = numpy()
        if name == "weekday":
            return self.customer * _WEEK + weekday_of(self.due)
        if name in {"terms", "pattern"}:
            terms = np.clip(self.due - self.document + _TERMS_SHIFT, 0, _TERMS - 1)
            groups = self.customer * _TERMS + terms
            return groups * _WEEK + weekday_of(self.due) if name == "pattern" else groups
        if name == "everyone":
            return np.zeros(len(self.customer), dtype=np.int64)
        found: Array = getattr(self, name)
        return found

    def take(self, rows: Array) -> Asked:
        """Some of them, in the order of the rows."""
        return Asked(**{one.name: getattr(self, one.name)[rows] for one in attrs.fields(Asked)})


@attrs.frozen(kw_only=True, eq=False)
class Facts:
    """A history as arrays: the items, and since when what is told of each."""

    items: Asked
    known: Array
    """The day from which it stood on the account, not before its document's."""
    paid: Array
    told: Array
    """The day from which its payment was known: that of the payment, but not before the item's."""
    amounts: Array
    codes: Mapping[str, Codes]

    def cut(self, through: int) -> Facts:
        """What of it was known at the end of a day: later items are left out, later payments too."""
        np = numpy()
        rows = np.flatnonzero(self.known <= through)
        seen = self.told[rows] <= through
        return Facts(
            items=self.items.take(rows),
            known=self.known[rows],
            paid=np.where(seen, self.paid[rows], NEVER),
            told=np.where(seen, self.told[rows], NEVER),
            amounts=self.amounts[rows],
            codes=self.codes,
        )


_GROUPS: Final = {"identity": _identity, "customer": _customer, "domain": domain_of, "kin": _kin}


def _arrays(items: Sequence[ForecastItem], codes: Mapping[str, Codes], *, is_new: bool) -> Asked:
    np = numpy()
    made = {}
    for name, group in _GROUPS.items():
        find = codes[name].code if is_new else codes[name].known
        made[name] = np.array([find(group(item)) for item in items], dtype=np.int64)
    return Asked(
        **made,
        document=np.array([item.document_date.toordinal() for item in items], dtype=np.int64),
        due=np.array([item.pay_by.toordinal() for item in items], dtype=np.int64),
        amount=np.log1p(np.array([abs(item.amount_minor) for item in items], dtype=float)),
    )


def _order(item: ForecastItem) -> tuple[object, ...]:
    """Where an item stands in a history; two that stand alike are alike in all that is fitted."""
    name = (item.document_date, item.creditor, item.customer, item.item)
    days = (item.known_on, item.pay_by, item.paid_on or dt.date.max)
    return (*name, *days, item.amount_minor, *domain_of(item), *_kin(item))


def facts_of(history: Iterable[ForecastItem]) -> Facts:
    """A history as arrays, sorted so that the order in which it came does not matter."""
    np = numpy()
    items = sorted(history, key=_order) or [_NOBODY]
    codes = {name: Codes() for name in _GROUPS}
    arrays = _arrays(items, codes, is_new=True)
    paid = [NEVER if item.paid_on is None else item.paid_on.toordinal() for item in items]
    known = [max(item.known_on, item.document_date).toordinal() for item in items]
    paid_days, known_days = np.array(paid, dtype=np.int64), np.array(known, dtype=np.int64)
    return Facts(
        items=arrays,
        known=known_days,
        paid=paid_days,
        told=np.maximum(paid_days, known_days),
        amounts=np.array([item.amount_minor for item in items], dtype=float),
        codes=codes,
    )


def asked_of(items: Sequence[ForecastItem], facts: Facts) -> Asked:
    """Open items in the codes of a history."""
    return _arrays(items, facts.codes, is_new=False)
