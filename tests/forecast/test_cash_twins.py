"""Expected cash over frames of every kind equals that over forecasts."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings

from receivables.errors import DocumentError, PolicyError
from receivables.forecast import CashGrain, cash_forecast
from receivables.forecast.cash_columns import cash_by_period

from ..aging import worlds  # noqa: TID252  # frames of every kind, as the tests of aging make them
from .cash_worlds import AS_OF, day, forecast, forecasts

_NAMES = ("creditor", "currency", "open_minor", "expected_on", "chance_ppm")
_SETTINGS = settings(max_examples=5, deadline=None)


@pytest.fixture(autouse=True)
def _types(monkeypatch):
    """The types of the columns that only forecasts have."""
    more = {"expected_on": pa.date32(), "chance_ppm": pa.int64()}
    monkeypatch.setattr(worlds, "_TYPES", {**worlds._TYPES, **more})


def columns_of(given):
    """A row for each chance of each forecast; what never comes has no day."""
    rows = [
        (one.item.creditor, one.item.currency, one.item.amount_minor, on, chance)
        for one in given
        for on, chance in [*zip(one.days, one.chances_ppm, strict=True), (None, one.beyond_ppm)]
    ]
    return {name: [row[place] for row in rows] for place, name in enumerate(_NAMES)}


def _plain(value):
    return value.date() if isinstance(value, dt.datetime) else value


def rows_of(frame):
    """Creditor, currency, first day and amount of each row, those without an amount left out."""
    return {(row[0], row[1], _plain(row[3])): row[4] for row in worlds.rows_of(frame) if row[4]}


@pytest.mark.parametrize("kind", worlds.KINDS)
@_SETTINGS
@given(drawn=forecasts())
def test_frames_bring_what_forecasts_bring(kind, drawn):
    """Every period, and what comes later or never, to the minor unit."""
    frame = worlds.frame_of(kind, columns_of(drawn))
    found = cash_forecast(drawn, as_of=AS_OF, grain=CashGrain.DAY, periods=9)
    last = day(9)
    expected = {
        (one.creditor, one.currency, one.first): one.expected_minor for one in found.periods
    }
    expected |= {(*group, last): minor for group, minor in found.beyond_minor.items()}

    result = rows_of(cash_by_period(frame, as_of=AS_OF, grain=CashGrain.DAY, periods=9))

    assert result == {key: minor for key, minor in expected.items() if minor}


def test_a_day_for_each_item_needs_no_chances():
    """Without chances an item comes on its day; what is earlier comes in the first period."""
    columns = columns_of([forecast("F-1", 700), forecast("F-2", -100), forecast("F-3", 50)])
    del columns["chance_ppm"]
    columns["expected_on"] = [day(-3), day(8), day(5), day(5), None, None]
    frame = worlds.frame_of("polars", columns)

    assert [row[2:] for row in cash_by_period(frame, as_of=AS_OF, periods=1).rows()] == [
        (0, AS_OF, 700, 1),
        (1, dt.date(2026, 11, 9), 800, 3),
    ]


def test_the_largest_amounts_stay_within_64_bits():
    """Amounts times chances are beyond what a column holds, and are never made."""
    given = [forecast("F-1", 10**15, chances={3: 999_999, 9: 1}), forecast("F-2", 10**15 - 1)]
    frame = worlds.frame_of("polars lazy", columns_of(given))

    assert [row[4] for row in cash_by_period(frame, as_of=AS_OF, periods=2).collect().rows()] == [
        999_999_000_000_000,
        1_000_000_999_999_999,
        0,
    ]


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"chance_ppm": [1_000_001]}, DocumentError, "must be 0 to 1000000 without gaps"),
        ({"chance_ppm": [None]}, DocumentError, "without gaps"),
        ({"expected_on": None}, DocumentError, "columns must include expected_on"),
        ({"currency": ["XXX"]}, ValueError, "currency must be an ISO 4217 code"),
    ],
)
def test_frames_that_cannot_tell_are_refused(columns, error, message):
    """Chances beyond certainty, gaps, missing columns and unknown currencies are refused."""
    whole = {
        "currency": ["EUR"],
        "open_minor": [100],
        "expected_on": [AS_OF],
        "chance_ppm": [1_000_000],
        **columns,
    }
    frame = worlds.frame_of("polars", {name: one for name, one in whole.items() if one is not None})

    with pytest.raises(error, match=message):
        cash_by_period(frame, as_of=AS_OF)


def test_periods_are_those_of_a_forecast():
    """What a forecast refuses, a frame refuses as well."""
    frame = worlds.frame_of("polars", columns_of([forecast()]))

    with pytest.raises(PolicyError, match="periods must be 1 to 3700"):
        cash_by_period(frame, as_of=AS_OF, periods=0)
