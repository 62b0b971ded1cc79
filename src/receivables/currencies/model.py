"""Exchange rates as a dated table that never guesses, and the values that conversions give.

A rate is kept as it was published, with its direction, its day and its source.  What is asked for
is worked out as an exact fraction, so that no inverse and no intermediate amount is ever rounded.

>>> from decimal import Decimal
>>> from receivables.money import money
>>> ecb = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0800"),
...                    date=dt.date(2026, 10, 30), source="ECB")
>>> rates = ExchangeRates([ecb], missing_day=MissingDay.previous(within_days=7))
>>> rate = rates.rate("USD", "EUR", on=dt.date(2026, 10, 31))
>>> rate.value
Fraction(25, 27)
>>> print(rate)
USD in EUR on 2026-10-31: EUR/USD 1.0800 of 2026-10-30 (ECB)
>>> rates.convert(money("10000.00", "USD"), to="EUR", on=dt.date(2026, 10, 31))
Money('9259.26', 'EUR')
"""

from __future__ import annotations

import bisect
import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias

import attrs

from receivables import limits
from receivables._arithmetic import mul_div
from receivables.days import check_day
from receivables.errors import (
    CurrencyMismatchError,
    DocumentError,
    LimitError,
    MissingRateError,
    PolicyError,
)
from receivables.money import (
    ExchangeRate,
    Money,
    Rounding,
    digits,
    exact,
    from_minor,
    to_minor,
)
from receivables.parties import CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "AppliedRate",
    "ConvertedPart",
    "ConvertedTotal",
    "ExchangeProvision",
    "ExchangeRates",
    "MissingDay",
    "ProvisionRow",
    "QuotedRate",
    "RateKind",
    "RealizedDifference",
    "Revaluable",
    "Revaluation",
    "RevaluationRow",
    "RevaluationTotal",
]

_Pair: TypeAlias = frozenset[str]
_ByDay: TypeAlias = dict[dt.date, ExchangeRate]


class RateKind(enum.Enum):
    """What a rate is for; the same pair has several on the same day."""

    SPOT = "spot"
    """For immediate delivery, on the day of a transaction (IAS 21.8)."""
    CLOSING = "closing"
    """The spot rate at the end of a reporting period (IAS 21.8): where a table states no closing
    rate of a day, the spot rate of that day is it."""
    AVERAGE = "average"
    """The average of a period, dated by the last day of it; it answers for that day only."""


@attrs.frozen
class MissingDay:
    """What becomes of a day without a rate: refused, or the previous published rate stands in.

    A later rate never does.

    >>> MissingDay.previous(within_days=7)
    MissingDay(within_days=7)
    """

    within_days: int = attrs.field(default=0)
    """How many days back a rate may lie; 0 refuses every day that has none of its own."""

    @within_days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if type(value) is not int or value < 0:
            msg = f"within_days must be a whole number of days, zero or more, got {value!r}"
            raise PolicyError(msg)

    @classmethod
    def refuse(cls) -> MissingDay:
        """A day without a rate is an error."""
        return cls(0)

    @classmethod
    def previous(cls, *, within_days: int) -> MissingDay:
        """The last rate published before it stands in, where it is at most so many days older."""
        return cls(within_days)


@attrs.frozen
class QuotedRate:
    """A published rate and its kind."""

    rate: ExchangeRate
    kind: RateKind = RateKind.SPOT


def _legs(values: Iterable[ExchangeRate]) -> tuple[ExchangeRate, ...]:
    return tuple(values)


def _said(rate: ExchangeRate) -> str:
    source = f" ({rate.source})" if rate.source else ""
    return f"{rate.base}/{rate.quote} {rate.rate} of {rate.date}{source}"


def _other(rate: ExchangeRate, code: str) -> str:
    """The other currency of a rate."""
    if code not in (rate.base, rate.quote):
        msg = f"currency must be {rate.base} or {rate.quote}, got {code}"
        raise CurrencyMismatchError(msg)
    return rate.quote if code == rate.base else rate.base


def _product(applied: AppliedRate) -> Fraction:
    """The fraction of a chain of rates; refuses one that does not lead from base to quote."""
    code, value = applied.base, Fraction(1)
    for leg in applied.legs:
        numerator, denominator = leg.rate.as_integer_ratio()
        forward = code == leg.base
        code = _other(leg, code)
        value *= Fraction(numerator, denominator) if forward else Fraction(denominator, numerator)
    if code != applied.quote:
        msg = f"legs must lead from {applied.base} to {applied.quote}, got {code}"
        raise CurrencyMismatchError(msg)
    return value


def _minor_ratio(applied: AppliedRate) -> tuple[int, int]:
    shift = Fraction(10 ** digits(applied.quote), 10 ** digits(applied.base))
    return (applied.value * shift).as_integer_ratio()


@attrs.frozen(kw_only=True)
class AppliedRate:
    """The rate from one currency to another on a day: an exact fraction, and where it comes from.

    One unit of `base` is `value` units of `quote`.  `legs` are the published rates behind it: none
    between a currency and itself, one mostly, two through a pivot.  Unlike a published rate it has
    one direction only, so that an amount in the wrong currency is refused.

    >>> from decimal import Decimal
    >>> from receivables.money import money
    >>> ecb = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.08"), date=dt.date(2026, 10, 30))
    >>> AppliedRate.of(ecb, base="USD").convert(money("100.00", "EUR"))
    Traceback (most recent call last):
        ...
    receivables.errors.CurrencyMismatchError: amount must be in USD to be converted to EUR, got EUR
    """

    base: str
    quote: str
    on: dt.date
    legs: tuple[ExchangeRate, ...] = attrs.field(converter=_legs)
    kind: RateKind = RateKind.SPOT
    value: Fraction = attrs.field(
        init=False, eq=False, default=attrs.Factory(_product, takes_self=True)
    )
    minor_ratio: tuple[int, int] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_minor_ratio, takes_self=True)
    )
    """Numerator and denominator that take minor units of `base` to minor units of `quote`."""

    @classmethod
    def of(cls, rate: ExchangeRate, *, base: str | None = None) -> AppliedRate:
        """A published rate read in one direction; from its own `base` where none is named."""
        start = rate.base if base is None else base
        return cls(base=start, quote=_other(rate, start), on=rate.date, legs=(rate,))

    @property
    def inverse(self) -> AppliedRate:
        """The same rate the other way, exactly."""
        legs = tuple(reversed(self.legs))
        return AppliedRate(base=self.quote, quote=self.base, on=self.on, legs=legs, kind=self.kind)

    def convert_minor(self, amount_minor: int, *, rounding: Rounding = Rounding.HALF_UP) -> int:
        """Convert minor units, rounding once; raises `LimitError` for what becomes too large."""
        numerator, denominator = self.minor_ratio
        converted = mul_div(amount_minor, numerator, denominator, rounding=rounding)
        if abs(converted) > limits.AMOUNT_MINOR_MAX:
            msg = f"amount must be at most {limits.AMOUNT_MINOR_MAX} minor units of {self.quote}, got {converted}"
            raise LimitError(msg)
        return converted

    def convert(self, amount: Money, *, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """Convert from `base` to `quote`, rounding once; the commercial way unless told otherwise."""
        code = amount.currency.code
        if code != self.base:
            msg = f"amount must be in {self.base} to be converted to {self.quote}, got {code}"
            raise CurrencyMismatchError(msg)
        return from_minor(self.convert_minor(to_minor(amount), rounding=rounding), self.quote)

    def __str__(self) -> str:
        used = ", ".join(_said(leg) for leg in self.legs) or "the same currency"
        return f"{self.base} in {self.quote} on {self.on}: {used}"


def _quoted(values: Iterable[QuotedRate | ExchangeRate]) -> tuple[QuotedRate, ...]:
    return tuple(value if isinstance(value, QuotedRate) else QuotedRate(value) for value in values)


@attrs.frozen
class _Series:
    """The rates of a pair by their days, in the order of the days."""

    by_day: Mapping[dt.date, ExchangeRate]
    days: tuple[dt.date, ...]

    def between(self, first: int, last: dt.date) -> tuple[dt.date, ...]:
        """The days from an ordinal to a day, both included."""
        end = bisect.bisect_right(self.days, last)
        start = bisect.bisect_left(self.days, first, key=dt.date.toordinal)
        return self.days[start:end]


_NONE: Final = _Series(MappingProxyType({}), ())


@attrs.frozen
class ExchangeRates:
    """A dated table of published rates, asked for a pair, a day and a kind.

    Bare `ExchangeRate` values are spot rates.  A pair may be published in either direction, and a
    pair without rates of its own is found through the `pivot` where one is named, from two rates
    of the same day.  Two rates that disagree for one pair, kind and day are refused: an inverse
    rounded to four decimals is another rate (1/1.08 as 0.9259 costs 25.93 EUR in a million USD).

    >>> from decimal import Decimal
    >>> day = dt.date(2026, 10, 30)
    >>> table = ExchangeRates([
    ...     ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=day),
    ...     ExchangeRate(base="EUR", quote="JPY", rate=Decimal("160"), date=day),
    ... ], pivot="EUR")
    >>> table.rate("USD", "JPY", on=day).value
    Fraction(128, 1)
    >>> table.rate("USD", "JPY", on=dt.date(2026, 10, 31))
    Traceback (most recent call last):
        ...
    receivables.errors.MissingRateError: a spot rate of USD/JPY must be known for 2026-10-31, got the last one of 2026-10-30
    """

    rates: tuple[QuotedRate, ...] = attrs.field(default=(), converter=_quoted, repr=False)
    missing_day: MissingDay = attrs.field(default=MissingDay(), kw_only=True)
    pivot: str = attrs.field(default="", kw_only=True)
    """The currency that pairs without rates of their own are worked out through; empty for none."""
    _series: Mapping[tuple[RateKind, _Pair], _Series] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: _indexed(self.rates), takes_self=True),
    )

    @pivot.validator
    def _check_pivot(self, _attribute: object, value: str) -> None:
        if value:
            digits(value)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that some rate names, sorted."""
        codes = {code for quoted in self.rates for code in (quoted.rate.base, quoted.rate.quote)}
        return tuple(sorted(codes))

    def with_rates(self, more: Iterable[QuotedRate | ExchangeRate]) -> ExchangeRates:
        """The table with more rates."""
        return attrs.evolve(self, rates=(*self.rates, *_quoted(more)))

    def rate(
        self, base: str, quote: str, *, on: dt.date, kind: RateKind = RateKind.SPOT
    ) -> AppliedRate:
        """What one unit of `base` is in `quote` on a day.

        The pair's own rates are asked first, in either direction, then the pivot.  Raises
        `MissingRateError` naming the pair and the day where the policy finds none.
        """
        check_day(on, name="on")
        for code in (base, quote):
            digits(code)
        # An average stands for its own period, so that the one before says nothing.
        back = 0 if kind is RateKind.AVERAGE else self.missing_day.within_days
        legs = self._found(base, quote, on=on, kind=kind, back=back)
        if legs is None:
            raise MissingRateError(self._missing(base, quote, on=on, kind=kind))
        return AppliedRate(base=base, quote=quote, on=on, legs=legs, kind=kind)

    def convert(
        self,
        amount: Money,
        *,
        to: str,
        on: dt.date,
        rounding: Rounding = Rounding.HALF_UP,
        kind: RateKind = RateKind.SPOT,
    ) -> Money:
        """Convert an amount on a day, exactly and rounded once; raises `MissingRateError`."""
        rate = self.rate(exact(amount).currency.code, to, on=on, kind=kind)
        return rate.convert(amount, rounding=rounding)

    def _found(
        self, base: str, quote: str, *, on: dt.date, kind: RateKind, back: int
    ) -> tuple[ExchangeRate, ...] | None:
        """The rates of the latest day that has them all, at most `back` days before."""
        if base == quote:
            return ()
        paths: list[tuple[tuple[str, str], ...]] = [((base, quote),)]
        if self.pivot and self.pivot not in (base, quote):
            paths.append(((base, self.pivot), (self.pivot, quote)))
        for path in paths:
            series = [self._series.get((kind, frozenset(pair)), _NONE) for pair in path]
            days = [set(one.between(on.toordinal() - back, on)) for one in series]
            if shared := set.intersection(*days):
                return tuple(one.by_day[max(shared)] for one in series)
        return None

    def _missing(self, base: str, quote: str, *, on: dt.date, kind: RateKind) -> str:
        """What is said of a rate that is not there, with the last day that has one."""
        found = self._found(base, quote, on=on, kind=kind, back=limits.DAYS_MAX)
        got = f"the last one of {found[0].date}" if found else "none"
        return f"a {kind.value} rate of {base}/{quote} must be known for {on}, got {got}"


def _indexed(rates: Iterable[QuotedRate]) -> Mapping[tuple[RateKind, _Pair], _Series]:
    by_pair: dict[tuple[RateKind, _Pair], _ByDay] = {}
    for quoted in rates:
        rate = quoted.rate
        by_day = by_pair.setdefault((quoted.kind, frozenset((rate.base, rate.quote))), {})
        known = by_day.setdefault(rate.date, rate)
        _check_one(known, rate, quoted.kind)
    # The closing rate of a day is its spot rate, unless it is stated apart.
    for kind, pair in list(by_pair):
        if kind is RateKind.SPOT:
            stated = by_pair.get((RateKind.CLOSING, pair), {})
            by_pair[RateKind.CLOSING, pair] = {**by_pair[kind, pair], **stated}
    return {
        key: _Series(MappingProxyType(by_day), tuple(sorted(by_day)))
        for key, by_day in by_pair.items()
    }


def _check_one(known: ExchangeRate, other: ExchangeRate, kind: RateKind) -> None:
    """Refuse a pair in one currency, and a second rate that says something else than the first."""
    if other.base == other.quote:
        msg = f"a rate must be between two currencies, got {_said(other)}"
        raise PolicyError(msg)
    if AppliedRate.of(known, base=other.base).value != AppliedRate.of(other).value:
        msg = f"a {kind.value} rate must be one for its pair and day, got {_said(known)} and {_said(other)}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class ConvertedPart:
    """All of one currency in a total, and what it is in the currency of the total."""

    amount: Money
    converted: Money
    rate: AppliedRate


@attrs.frozen(kw_only=True)
class ConvertedTotal:
    """A sum across currencies, with a part for each currency and the rate of each part.

    Each currency is summed exactly and converted once; the total is the sum of the parts.
    """

    total: Money
    parts: tuple[ConvertedPart, ...]

    @property
    def rates(self) -> tuple[AppliedRate, ...]:
        """Every rate that was used; none for what was in the currency of the total."""
        return tuple(part.rate for part in self.parts if part.rate.legs)


@attrs.frozen(kw_only=True)
class RealizedDifference:
    """What settling a part of an item did in the functional currency (IAS 21.28).

    `proceeds` is what the money is worth on the day, `relieved` the part of the carrying amount that
    goes with it.
    """

    part: Money
    """The part settled, in the item's currency."""
    proceeds: Money
    relieved: Money
    remaining: Money
    """What is left of the item, in its own currency."""
    remaining_carrying: Money

    @property
    def difference(self) -> Money:
        """Proceeds less what was relieved: a gain is positive, a loss negative."""
        gained = to_minor(self.proceeds) - to_minor(self.relieved)
        return from_minor(gained, self.proceeds.currency.code)


class Revaluable(Protocol):
    """What a revaluation asks of an item: every `receivables.documents.OpenItem` answers."""

    @property
    def item(self) -> str:
        """Its identity, unique within the creditor."""

    @property
    def creditor(self) -> str:
        """Whose books it stands in."""

    @property
    def customer(self) -> str:
        """Who owes it."""

    @property
    def currency(self) -> str:
        """Its own currency."""

    @property
    def open_minor(self) -> int:
        """What is open, signed minor units of its currency; a credit is negative."""

    @property
    def due_date(self) -> dt.date | None:
        """When it matures, where that is known."""


@attrs.frozen(kw_only=True)
class RevaluationRow:
    """One item at the closing rate: signed minor units, in its currency and in the functional one."""

    item: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    open_minor: int
    carrying_minor: int
    """What the books said, in the functional currency."""
    revalued_minor: int
    """What is open, at the closing rate, in the functional currency."""
    rate: AppliedRate
    due_date: dt.date | None = None
    hedged_minor: int = attrs.field(default=0)
    """The part of what is open that a hedge covers, with its sign."""

    @hedged_minor.validator
    def _check_hedged(self, _attribute: object, value: int) -> None:
        if abs(value) > abs(self.open_minor) or value * self.open_minor < 0:
            msg = f"hedged_minor of {self.item} must be a part of {self.open_minor}, got {value}"
            raise DocumentError(msg)

    @property
    def difference_minor(self) -> int:
        """Revalued less carried: a gain is positive, a loss negative."""
        return self.revalued_minor - self.carrying_minor

    @property
    def unhedged_minor(self) -> int:
        """The part of the difference that no hedge covers, pro rata of what is open."""
        if not self.hedged_minor:
            return self.difference_minor
        covered = mul_div(
            self.difference_minor,
            abs(self.hedged_minor),
            abs(self.open_minor),
            rounding=Rounding.HALF_UP,
        )
        return self.difference_minor - covered


@attrs.frozen(kw_only=True)
class RevaluationTotal:
    """The rows of one currency, added up; gains and losses are kept apart."""

    currency: str
    items: int
    open_minor: int
    carrying_minor: int
    revalued_minor: int
    gain_minor: int
    """The sum of the gains, zero or positive."""
    loss_minor: int
    """The sum of the losses, zero or negative."""

    @property
    def difference_minor(self) -> int:
        """Gains and losses together."""
        return self.gain_minor + self.loss_minor


def _rows(values: Iterable[RevaluationRow]) -> tuple[RevaluationRow, ...]:
    return tuple(values)


def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Revaluation(ShowsTable):
    """The open items of one creditor at the closing rate of a day, and the difference of each.

    It names no account: what becomes of the differences (profit and loss under IAS 21 and US GAAP,
    476 and 477 in France) is the accounting's part, and so is taking them back.  Revaluing starts
    from the carrying amounts that it was given; where an earlier revaluation was reversed they are
    the historical ones, and where it was not they are those that it left: never both.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    as_of: dt.date
    functional: str
    rows: tuple[RevaluationRow, ...] = attrs.field(converter=_rows, repr=False)
    excluded: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """The items that were left out, each with the reason."""

    @property
    def totals(self) -> Mapping[str, RevaluationTotal]:
        """One total per currency, sorted; amounts of different currencies are never added."""
        by_currency: dict[str, list[RevaluationRow]] = {}
        for row in self.rows:
            by_currency.setdefault(row.currency, []).append(row)
        return {code: _total(code, rows) for code, rows in sorted(by_currency.items())}

    @property
    def difference(self) -> Money:
        """All differences together, in the functional currency."""
        return from_minor(sum(row.difference_minor for row in self.rows), self.functional)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return (
            "creditor",
            "item",
            "customer",
            "currency",
            "open_minor",
            "carrying_minor",
            "revalued_minor",
            "difference_minor",
        )

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The rows as tuples, in the order of `columns`."""
        return [
            (
                self.creditor,
                row.item,
                row.customer,
                row.currency,
                row.open_minor,
                row.carrying_minor,
                row.revalued_minor,
                row.difference_minor,
            )
            for row in self.rows
        ]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        from receivables import frames  # noqa: PLC0415  # values must be cheap to import

        rows = self.to_rows()
        columns = {name: [row[index] for row in rows] for index, name in enumerate(self.columns)}
        return frames.frame_of(columns, backend=backend)

    def to_table(self) -> ResultTable:
        """A row per item, totals per currency; what the books say is in the functional currency."""
        from receivables.currencies._tables import revaluation_table  # noqa: PLC0415  # stands on this

        return revaluation_table(self)


def _total(currency: str, rows: list[RevaluationRow]) -> RevaluationTotal:
    differences = [row.difference_minor for row in rows]
    return RevaluationTotal(
        currency=currency,
        items=len(rows),
        open_minor=sum(row.open_minor for row in rows),
        carrying_minor=sum(row.carrying_minor for row in rows),
        revalued_minor=sum(row.revalued_minor for row in rows),
        gain_minor=sum(minor for minor in differences if minor > 0),
        loss_minor=sum(minor for minor in differences if minor < 0),
    )


@attrs.frozen(kw_only=True)
class ProvisionRow:
    """The latent gains and losses of a currency, and what is provided for.

    `fiscal_year` is the year in which the items mature, by the calendar year that it ends in; None
    where every loss is provided for by itself.
    """

    currency: str
    fiscal_year: int | None
    gain_minor: int
    loss_minor: int
    provision_minor: int
    """What is provided for, zero or positive."""


def _provision_rows(values: Iterable[ProvisionRow]) -> tuple[ProvisionRow, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ExchangeProvision:
    """The provision for latent exchange losses of the French chart, by currency."""

    functional: str
    rows: tuple[ProvisionRow, ...] = attrs.field(converter=_provision_rows)

    @property
    def amount(self) -> Money:
        """The whole provision, zero or positive."""
        return from_minor(sum(row.provision_minor for row in self.rows), self.functional)
