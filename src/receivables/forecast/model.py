"""What a forecast is: the item as it is known on a day, when it may be paid, and the cash that makes.

Chances are whole parts per million, so that what is expected adds up to the minor unit, on every
machine alike.
"""

from __future__ import annotations

import datetime as dt
import enum
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Final, Protocol

import attrs

from receivables.errors import PolicyError
from receivables.parties import CustomerId
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "WHOLE_PPM",
    "CashForecast",
    "CashGrain",
    "CashPeriod",
    "CashSource",
    "ForecastItem",
    "ForecastReason",
    "PaymentForecast",
    "PaymentModel",
]

WHOLE_PPM: Final = 1_000_000
"""Certainty, in parts per million."""


def _features(values: Mapping[str, str | int]) -> Mapping[str, str | int]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True, hash=False)
class ForecastItem:
    """One item as a forecast sees it: what it is, since when it is known, and when it was paid.

    `amount_minor` is what is open of it, or what it was for where it is paid.  `paid_on` is the day
    on which nothing was left open; None where that has not happened, as far as anybody knows, which
    is information and not a gap.
    """

    item: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    amount_minor: int
    document_date: dt.date
    due_date: dt.date | None
    known_on: dt.date = attrs.field()
    """The day from which it stood on the account; the document's date where nothing else is said."""
    paid_on: dt.date | None = None
    creditor: str = ""
    segment: str = ""
    is_disputed: bool = False
    features: Mapping[str, str | int] = attrs.field(factory=dict, converter=_features)
    """What else is known of it and may matter to a fitted model, by name."""

    @known_on.default
    def _since(self) -> dt.date:
        return self.document_date

    @property
    def pay_by(self) -> dt.date:
        """The due date, or the document's date where there is none."""
        return self.due_date or self.document_date


@attrs.frozen(kw_only=True, hash=False)
class ForecastReason:
    """Why: a stable code, what was seen, and how it moves the chance of being late, if that is known."""

    code: str
    values: Mapping[str, str | int] = attrs.field(factory=dict, converter=_features)
    effect_bps: int | None = None


def _dates(values: Iterable[dt.date]) -> tuple[dt.date, ...]:
    return tuple(values)


def _parts(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def _reasons(values: Iterable[ForecastReason]) -> tuple[ForecastReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PaymentForecast:
    """When one open item will be paid: a chance for each day, and for none of them.

    `days` rise and lie on or after `as_of`; ``sum(chances_ppm) + beyond_ppm`` is a million, where
    `beyond_ppm` is the chance that it is paid after the last of the days, or never.  Raises
    `PolicyError` for anything else.
    """

    item: ForecastItem
    as_of: dt.date
    model: str
    days: tuple[dt.date, ...] = attrs.field(converter=_dates, repr=False)
    chances_ppm: tuple[int, ...] = attrs.field(converter=_parts, repr=False)
    beyond_ppm: int = 0
    reasons: tuple[ForecastReason, ...] = attrs.field(default=(), converter=_reasons, repr=False)

    def __attrs_post_init__(self) -> None:
        chances = self.chances_ppm
        if len(chances) != len(self.days) or min((*chances, self.beyond_ppm)) < 0:
            msg = f"chances_ppm must be one of zero or more for each day, got {len(chances)} for {len(self.days)} days"
            raise PolicyError(msg)
        if sum(chances) + self.beyond_ppm != WHOLE_PPM:
            msg = f"chances must sum to {WHOLE_PPM}, got {sum(chances) + self.beyond_ppm}"
            raise PolicyError(msg)
        rising = all(one < two for one, two in zip(self.days, self.days[1:], strict=False))
        if not rising or (self.days and self.days[0] < self.as_of):
            msg = f"days must rise from {self.as_of} on, got {self.days[:3]}"
            raise PolicyError(msg)

    def quantile(self, bps: int) -> dt.date | None:
        """The first day by which it is paid with at least this chance; None where no day says so."""
        reached = list(accumulate(self.chances_ppm))
        place = bisect_left(reached, bps * WHOLE_PPM // 10_000)
        return self.days[place] if place < len(self.days) else None

    @property
    def expected_on(self) -> dt.date | None:
        """The median: as likely paid by then as after; None where it is more likely never paid."""
        return self.quantile(5_000)

    def band(self, coverage_bps: int = 8_000) -> tuple[dt.date | None, dt.date | None]:
        """The narrowest days around the median between which it is paid with about this chance.

        Days are whole, and one of them often holds a third of all chances, so that no band has the
        very chance that was asked for.  Of those that one gets by leaving out the less likely end
        again and again, this is the one whose chance lies nearest to it: over many items they hold
        as much as was asked for, where quantiles on either side would hold more.  The end is None
        where the band reaches beyond the last day.

        >>> item = ForecastItem(item="FA-1", customer="C-017", currency="EUR", amount_minor=10_000,
        ...                     document_date=dt.date(2026, 10, 1), due_date=dt.date(2026, 10, 31))
        >>> days = [dt.date(2026, 11, day) for day in (2, 3, 6)]
        >>> forecast = PaymentForecast(item=item, as_of=dt.date(2026, 10, 31), model="habit",
        ...                            days=days, chances_ppm=[500_000, 290_000, 160_000], beyond_ppm=50_000)
        >>> [None if day is None else day.isoformat() for day in forecast.band()]
        ['2026-11-02', '2026-11-03']
        """
        chances = (*self.chances_ppm, self.beyond_ppm)
        reached = list(accumulate(chances))
        middle = bisect_left(reached, WHOLE_PPM // 2)
        wanted = coverage_bps * WHOLE_PPM // 10_000
        low, high, held = 0, len(chances) - 1, WHOLE_PPM
        while low < high:
            drops_low = high == middle or (low < middle and chances[low] <= chances[high])
            rest = held - chances[low if drops_low else high]
            if abs(rest - wanted) > abs(held - wanted):
                break
            low, high, held = (low + 1, high, rest) if drops_low else (low, high - 1, rest)
        days = (*self.days, None)
        return days[low], days[high]

    def paid_by_ppm(self, day: dt.date) -> int:
        """The chance that it is paid on or before a day."""
        return sum(
            chance for on, chance in zip(self.days, self.chances_ppm, strict=True) if on <= day
        )

    @property
    def late_ppm(self) -> int:
        """The chance that it is paid after its due date, or never."""
        return WHOLE_PPM - self.paid_by_ppm(self.item.pay_by)


class PaymentModel(Protocol):
    """Anything that says when open items will be paid, from what was known on the day."""

    @property
    def name(self) -> str:
        """What forecasts say that they come from."""

    def forecast(
        self,
        items: Sequence[ForecastItem],
        *,
        history: Sequence[ForecastItem],
        as_of: dt.date,
        known_through: dt.date | None = None,
    ) -> tuple[PaymentForecast, ...]:
        """A forecast for each item, in their order.

        Of the history nothing counts that happened after `as_of`: what came later is left out, what
        was paid later is open.  `known_through` is the last day whose payments the history can tell,
        where that is before `as_of`; silence after it says nothing.
        """


class CashGrain(enum.Enum):
    """How long the periods of a cash forecast are."""

    DAY = "day"
    WEEK = "week"
    """From Monday to Sunday (ISO 8601)."""
    MONTH = "month"


class CashSource(enum.Enum):
    """Where expected cash comes from, each item in one of them only."""

    HABIT = "habit"
    """What the model of payment says."""
    PROMISE = "promise"
    PLAN = "plan"
    DISPUTE = "dispute"
    """What is contested, as late and as doubtful as the scenario says."""
    RUN = "run"
    """A paying run that is known."""
    ORDER = "order"
    """A direct debit that is sent, or a payment order of the customer that is known."""
    HELD = "held"
    """With an agency, a court or an insurer, or about to be credited: not expected by itself."""
    SALES = "sales"
    """Sales that are planned and not invoiced yet, where somebody asks for them."""


def _sources(values: Mapping[CashSource, int]) -> Mapping[CashSource, int]:
    return MappingProxyType(dict(values))


def _groups(values: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    return MappingProxyType(dict(values))


def _group_sources(
    values: Mapping[tuple[str, str, CashSource], int],
) -> Mapping[tuple[str, str, CashSource], int]:
    return MappingProxyType(dict(values))


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CashPeriod:
    """The cash of one period, creditor and currency, in minor units, with its band."""

    first: dt.date
    last: dt.date
    creditor: str
    currency: str
    expected_minor: int
    low_minor: int
    high_minor: int
    by_source: Mapping[CashSource, int] = attrs.field(factory=dict, converter=_sources)
    """What of the expected comes from where; it adds up to it."""
    is_partial: bool = False
    """Whether it is a part of a week or month only, because the forecast begins or ends within it."""


def _periods(values: Iterable[CashPeriod]) -> tuple[CashPeriod, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CashForecast:
    """The cash that open items will bring, period by period; what is beyond the horizon stands apart."""

    as_of: dt.date
    grain: CashGrain
    model: str
    scenario: str = "base"
    coverage_bps: int = 8_000
    periods: tuple[CashPeriod, ...] = attrs.field(converter=_periods, repr=False)
    beyond_minor: Mapping[tuple[str, str], int] = attrs.field(factory=dict, converter=_groups)
    """By creditor and currency: expected after the last period, or never.  With it and with what
    credits take off the periods sum to what is open."""
    open_minor: Mapping[tuple[str, str], int] = attrs.field(
        factory=dict, converter=_groups, repr=False
    )
    """By creditor and currency: what is open of the items, credits not taken off."""
    credited_minor: Mapping[tuple[str, str], int] = attrs.field(
        factory=dict, converter=_groups, repr=False
    )
    """What of it no cash will come for, because credits that are here already settle it."""
    planned_minor: Mapping[tuple[str, str], int] = attrs.field(
        factory=dict, converter=_groups, repr=False
    )
    """Planned sales, where they were asked for; they come on top of what is open."""
    beyond_by_source: Mapping[tuple[str, str, CashSource], int] = attrs.field(
        factory=dict, converter=_group_sources, repr=False
    )
    """By creditor, currency and source; it adds up to `beyond_minor`."""
    unmatched: tuple[str, ...] = attrs.field(default=(), converter=_names, repr=False)
    """Promises, plans, disputes, holds and orders that found nothing open to be about."""

    @property
    def groups(self) -> tuple[tuple[str, str], ...]:
        """The creditors and currencies that it is about, sorted."""
        return tuple(sorted(self.beyond_minor))

    def of(self, creditor: str, currency: str) -> tuple[CashPeriod, ...]:
        """The periods of one creditor and currency, in their order."""
        return tuple(
            one for one in self.periods if (one.creditor, one.currency) == (creditor, currency)
        )

    def expected_minor(self, creditor: str, currency: str) -> int:
        """What is expected within all periods."""
        return sum(one.expected_minor for one in self.of(creditor, currency))

    def to_table(self) -> ResultTable:
        """A row for each period, and below them what is expected later or never."""
        rows = [
            (
                *(one.first, one.last, one.creditor, one.currency),
                *(one.expected_minor, one.low_minor, one.high_minor),
            )
            for one in self.periods
        ]
        beyond = [
            (Phrase("later or never"), None, creditor, currency, minor, None, None)
            for (creditor, currency), minor in sorted(self.beyond_minor.items())
        ]
        partial = [Phrase("the first or last period is not whole")]
        return ResultTable(
            title=Phrase("expected cash, {scenario}", {"scenario": self.scenario}),
            columns=_CASH_COLUMNS,
            rows=rows,
            totals=beyond,
            notes=[
                Phrase("low and high hold {percent} %", {"percent": _percent(self.coverage_bps)}),
                *(partial if any(one.is_partial for one in self.periods) else ()),
            ],
            as_of=self.as_of,
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _percent(bps: int) -> str:
    whole, rest = divmod(bps, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


_CASH_COLUMNS: Final = (
    TableColumn(name="first", kind=CellKind.DATE),
    TableColumn(name="last", kind=CellKind.DATE),
    TableColumn(name="creditor"),
    TableColumn(name="currency"),
    TableColumn(name="expected_minor", heading="expected", kind=CellKind.MONEY),
    TableColumn(name="low_minor", heading="low", kind=CellKind.MONEY),
    TableColumn(name="high_minor", heading="high", kind=CellKind.MONEY),
)
