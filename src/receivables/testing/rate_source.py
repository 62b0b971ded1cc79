"""Conformance of rate sources: subclass `RateSourceTests` and give it the descriptor.

A test module of a plug-in says what it brings::

    class TestMyRates(RateSourceTests):
        @pytest.fixture
        def spec(self):
            return my_plugin.SPEC
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from receivables.adapters import AdapterSpec, RateSource
from receivables.errors import MissingRateError
from receivables.interest.model import RateSeries, RateTable, SourceStatus
from receivables.testing._abilities import AbilityTests

__all__ = ["RateSourceTests"]

_ONE_DAY = dt.timedelta(days=1)


class RateSourceTests(AbilityTests):
    """What every source of rates must do; give the fixtures `spec`, and `settings` if it has any."""

    ABILITIES: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """What the adapter is built with."""
        return {}

    @pytest.fixture
    def series(
        self, spec: AdapterSpec[RateSource], settings: Mapping[str, Any]
    ) -> Sequence[RateSeries]:
        """The series of a new adapter."""
        return spec.build(settings).series()

    def test_there_are_series(self, series: Sequence[RateSeries]) -> None:
        """A source has a series, and each one a rate somewhere."""
        assert series
        assert [one.name for one in series if not _known(one)] == []

    def test_they_make_a_table(self, series: Sequence[RateSeries]) -> None:
        """Every series has a name of its own, so that all of them stand in one table."""
        names = [one.name for one in series]

        assert sorted(names) == sorted(set(names))
        assert [one.name for one in RateTable(series).series] == sorted(names)

    def test_every_row_says_where_it_comes_from(self, series: Sequence[RateSeries]) -> None:
        """A row has a source, and a status that is no guess."""
        bare = [row for one in series for row in one.rates if not row.source.strip()]

        assert bare == []
        assert {type(row.status) for one in series for row in one.rates} == {SourceStatus}

    def test_rates_are_exact(self, series: Sequence[RateSeries]) -> None:
        """A rate is a decimal number of percent a year."""
        rates = [row.rate for one in series for row in _known(one)]

        assert {type(rate) for rate in rates} == {Decimal}

    def test_each_row_is_found_on_its_first_and_last_day(
        self, series: Sequence[RateSeries]
    ) -> None:
        """A row answers for the days that it names."""
        for one in series:
            for index, row in enumerate(one.rates):
                if row.rate is not None:
                    assert one.on(row.valid_from) is row
                    assert one.on(one.last_day(index)) is row

    def test_a_gap_is_an_error_that_names_it(self, series: Sequence[RateSeries]) -> None:
        """No neighbor stands in for a day without a rate."""
        for one in series:
            for day in _gaps(one):
                with pytest.raises(MissingRateError, match=f"series {one.name} must have a rate"):
                    one.on(day)

    def test_it_says_the_same_again(
        self, spec: AdapterSpec[RateSource], settings: Mapping[str, Any]
    ) -> None:
        """Two adapters built alike know the same rates."""
        assert list(spec.build(settings).series()) == list(spec.build(settings).series())


def _known(series: RateSeries) -> list[Any]:
    return [row for row in series.rates if row.rate is not None]


def _gaps(series: RateSeries) -> Iterator[dt.date]:
    """A day of each gap: before the first row, after each that ends alone, in each not found."""
    yield series.rates[0].valid_from - _ONE_DAY
    starts = {row.valid_from for row in series.rates}
    for index, row in enumerate(series.rates):
        last = series.last_day(index)
        if row.rate is None:
            yield row.valid_from
        if last < dt.date.max and last + _ONE_DAY not in starts:
            yield last + _ONE_DAY
