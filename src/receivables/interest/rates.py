"""Dated reference rates: rows with their source and status, series of them, and a table of series.

>>> mro = RateSeries.stepwise("ecb.mro", {"2024-06-12": "4.25", "2024-09-18": "3.65"}, source="ECB")
>>> RateTable([mro]).rate("ecb.mro", on=dt.date(2024, 7, 1)).rate
Decimal('4.25')
>>> RateTable([mro]).rate("ecb.mro", on=dt.date(2024, 1, 1))
Traceback (most recent call last):
    ...
receivables.errors.MissingRateError: series ecb.mro must have a rate on 2024-01-01, got none before 2024-06-12
"""

from __future__ import annotations

import bisect
import datetime as dt
import decimal
import enum
import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import attrs

from receivables.days import check_day, to_day
from receivables.errors import MissingRateError, PolicyError

__all__ = ["RateSeries", "RateTable", "ReferenceRate", "SourceStatus", "percent_of"]

_ONE_DAY: Final = dt.timedelta(days=1)
_DECIMALS_MAX: Final = 6
_PERCENT_MAX: Final = 10_000


class SourceStatus(enum.Enum):
    """How far a figure or an article was checked; results carry the weakest that they rest on."""

    VERIFIED = "verified"
    SINGLE_SOURCE = "verified-single-source"
    DERIVED = "derived"
    """Computed from other figures of the same tables."""
    UNVERIFIED = "unverified"
    """Known, but not read in a source."""
    NOT_FOUND = "not-found"
    """Looked for and not found: a gap."""

    @property
    def is_verified(self) -> bool:
        """Whether it was read in a source."""
        return self in _READ_IN_A_SOURCE

    def weaker(self, other: SourceStatus) -> SourceStatus:
        """The weaker of two.

        >>> SourceStatus.VERIFIED.weaker(SourceStatus.DERIVED)
        <SourceStatus.DERIVED: 'derived'>
        """
        order = list(SourceStatus)
        return max(self, other, key=order.index)


_READ_IN_A_SOURCE: Final = {SourceStatus.VERIFIED, SourceStatus.SINGLE_SOURCE}


def _check_day(_instance: object, attribute: attrs.Attribute[dt.date], value: object) -> None:
    check_day(value, name=attribute.name)


def percent_of(value: Decimal | int | str) -> Decimal:
    """A percentage as an exact decimal; raises `PolicyError` for a float or too many decimals."""
    if isinstance(value, float | bool):
        msg = f"percent must not be a {type(value).__name__}, got {value!r}"
        raise PolicyError(msg)
    try:
        found = Decimal(value)
    except (decimal.InvalidOperation, TypeError, ValueError):
        msg = f"percent must be a number, got {value!r}"
        raise PolicyError(msg) from None
    if not found.is_finite() or abs(found) > _PERCENT_MAX:
        msg = f"percent must be at most {_PERCENT_MAX}, got {value!r}"
        raise PolicyError(msg)
    if -int(found.as_tuple().exponent) > _DECIMALS_MAX:
        msg = f"percent must have at most {_DECIMALS_MAX} decimals, got {value!r}"
        raise PolicyError(msg)
    return found


def _optional_percent(value: Decimal | int | str | None) -> Decimal | None:
    return None if value is None else percent_of(value)


@attrs.frozen(kw_only=True)
class ReferenceRate:
    """One row of a series: a rate in percent a year, from a day to a day, both included.

    `valid_to` is None where the row holds until the next one, or until somebody knows better.
    `rate` is None where it was looked for and not found.  Raises `PolicyError`.
    """

    name: str
    valid_from: dt.date = attrs.field(validator=_check_day)
    valid_to: dt.date | None = attrs.field(default=None)
    rate: Decimal | None = attrs.field(converter=_optional_percent)
    source: str
    status: SourceStatus = attrs.field(default=SourceStatus.VERIFIED, converter=SourceStatus)

    @valid_to.validator
    def _check_valid_to(self, _attribute: object, value: dt.date | None) -> None:
        if value is not None and value < self.valid_from:
            msg = f"valid_to of {self.name} must be {self.valid_from} or later, got {value}"
            raise PolicyError(msg)

    @status.validator
    def _check_status(self, _attribute: object, value: SourceStatus) -> None:
        if (self.rate is None) != (value is SourceStatus.NOT_FOUND):
            msg = f"rate of {self.name} from {self.valid_from} must be given unless it was not found, got {self.rate} {value.value}"
            raise PolicyError(msg)


def _rates(values: Iterable[ReferenceRate]) -> tuple[ReferenceRate, ...]:
    return tuple(values)


@attrs.frozen
class RateSeries:
    """A dated series of rates, the oldest first, without overlaps; gaps are allowed and known.

    Raises `PolicyError` for rows of another series, or out of order.
    """

    name: str
    rates: tuple[ReferenceRate, ...] = attrs.field(converter=_rates)
    summary: str = attrs.field(default="", kw_only=True)
    _starts: tuple[dt.date, ...] = attrs.field(
        default=attrs.Factory(
            lambda self: tuple(row.valid_from for row in self.rates), takes_self=True
        ),
        init=False,
        repr=False,
        eq=False,
    )

    _edges: tuple[dt.date, ...] = attrs.field(
        default=attrs.Factory(lambda self: self._edges_of_rows(), takes_self=True),
        init=False,
        repr=False,
        eq=False,
    )

    @rates.validator
    def _check_rates(self, _attribute: object, value: tuple[ReferenceRate, ...]) -> None:
        if not value:
            msg = f"series {self.name} must have a rate, got none"
            raise PolicyError(msg)
        for row in value:
            if row.name != self.name:
                msg = f"rows of series {self.name} must have its name, got {row.name!r}"
                raise PolicyError(msg)
        for earlier, later in itertools.pairwise(value):
            if later.valid_from <= (earlier.valid_to or earlier.valid_from):
                msg = f"rows of series {self.name} must follow each other, got {later.valid_from} after {earlier.valid_to or earlier.valid_from}"
                raise PolicyError(msg)

    @classmethod
    def stepwise(
        cls,
        name: str,
        steps: Mapping[str, Decimal | int | str],
        *,
        source: str,
        known_until: str | None = None,
        status: SourceStatus = SourceStatus.VERIFIED,
    ) -> RateSeries:
        """A series from the days on which it changes; after `known_until` nothing is known."""
        days = [to_day(day, name="day") for day in steps]
        ends = [
            *(day - _ONE_DAY for day in days[1:]),
            None if known_until is None else to_day(known_until, name="known_until"),
        ]
        rows = zip(days, ends, steps.values(), strict=True)
        return cls(
            name,
            [
                ReferenceRate(
                    name=name,
                    valid_from=first,
                    valid_to=last,
                    rate=rate,
                    source=source,
                    status=status,
                )
                for first, last, rate in rows
            ],
        )

    def last_day(self, index: int) -> dt.date:
        """The last day of a row, by its index."""
        row = self.rates[index]
        if row.valid_to is not None:
            return row.valid_to
        if index + 1 == len(self.rates):
            return dt.date.max
        return self.rates[index + 1].valid_from - _ONE_DAY

    def on(self, day: dt.date) -> ReferenceRate:
        """The row in force on a day; raises `MissingRateError` naming the period without one."""
        index = bisect.bisect_right(self._starts, day) - 1
        if index >= 0 and day <= self.last_day(index):
            row = self.rates[index]
            if row.rate is not None:
                return row
            last = "" if row.valid_to is None else f" to {row.valid_to}"
            gap = f"none from {row.valid_from}{last} ({row.source})"
        else:
            gap = self._gap(index)
        msg = f"series {self.name} must have a rate on {day}, got {gap}"
        raise MissingRateError(msg)

    def _gap(self, index: int) -> str:
        """The gap after a row, in words; -1 is the one before the first."""
        if index < 0:
            return f"none before {self._starts[0]}"
        first = self.last_day(index) + _ONE_DAY
        if index + 1 == len(self.rates):
            return f"none from {first} on"
        return f"none from {first} to {self._starts[index + 1] - _ONE_DAY}"

    def changes(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """The days after `first` and up to `last` on which another row, or a gap, begins."""
        after, until = (bisect.bisect_right(self._edges, day) for day in (first, last))
        return list(self._edges[after:until])

    def _edges_of_rows(self) -> tuple[dt.date, ...]:
        ends = (self.last_day(index) for index in range(len(self.rates)))
        return tuple(
            sorted({*self._starts, *(end + _ONE_DAY for end in ends if end < dt.date.max)})
        )

    def verified(self) -> RateSeries:
        """The same with gaps where a rate was not read in a source."""
        return attrs.evolve(self, rates=[_only_verified(row) for row in self.rates])


def _only_verified(row: ReferenceRate) -> ReferenceRate:
    if row.rate is None or row.status.is_verified:
        return row
    why = f"{row.status.value} rates are not wanted here; {row.source}"
    return attrs.evolve(row, rate=None, status=SourceStatus.NOT_FOUND, source=why)


def _series(values: Iterable[RateSeries]) -> tuple[RateSeries, ...]:
    return tuple(sorted(values, key=lambda series: series.name))


@attrs.frozen
class RateTable:
    """Series by their names; what is in none of them is missing, and never guessed.

    Rates that were not read in a source are used, and the results that rest on them say so; where
    they are not wanted, `verified` gives the table without them.  Raises `PolicyError` where two
    series have one name.
    """

    series: tuple[RateSeries, ...] = attrs.field(default=(), converter=_series)
    _by_name: Mapping[str, RateSeries] = attrs.field(
        default=attrs.Factory(
            lambda self: MappingProxyType({one.name: one for one in self.series}), takes_self=True
        ),
        init=False,
        repr=False,
        eq=False,
    )

    @series.validator
    def _check_series(self, _attribute: object, value: tuple[RateSeries, ...]) -> None:
        for one, other in itertools.pairwise(value):
            if one.name == other.name:
                msg = f"series must have names of their own, got {one.name} twice"
                raise PolicyError(msg)

    def __getitem__(self, name: str) -> RateSeries:
        """A series by name; raises `MissingRateError` listing those there are."""
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(self._by_name) or "none"
            msg = f"rates must have the series {name}, got {known}"
            raise MissingRateError(msg) from None

    def rate(self, name: str, *, on: dt.date) -> ReferenceRate:
        """The row of a series in force on a day; raises `MissingRateError`."""
        return self[name].on(on)

    def with_series(self, *series: RateSeries) -> RateTable:
        """The table with further series; one of the same name is replaced."""
        return RateTable({**self._by_name, **{one.name: one for one in series}}.values())

    def verified(self) -> RateTable:
        """The table with gaps where a rate was not read in a source."""
        return RateTable([one.verified() for one in self.series])
