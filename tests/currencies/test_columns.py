"""What a frame must have to be revalued, and what is refused at its door."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from receivables.currencies import ExchangeRates
from receivables.currencies.columns import revalue
from receivables.errors import (
    DocumentError,
    LimitError,
    MissingRateError,
    PolicyError,
    UnknownCurrencyError,
)

from .worlds import AS_OF, KINDS, dicts_of, frame_of, rate

_COLUMNS = {
    "item": ["F-1", "F-2"],
    "currency": ["USD", "EUR"],
    "open_minor": [1_000_000, 50_000],
    "carrying_minor": [925_926, 50_000],
}
_RATES = ExchangeRates([rate(value="1.10")])


def _revalued(frame, *, rates=_RATES, as_of=AS_OF, functional="EUR"):
    return revalue(frame, rates=rates, as_of=as_of, functional=functional)


def _frame(kind="polars", **changed):
    return frame_of(kind, {**_COLUMNS, **changed})


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_rows_stays(kind):
    """Rows come back as they went in."""
    rows = dicts_of(_revalued(_frame(kind)))

    assert [("F-1", 909_091, -16_835), ("F-2", 50_000, 0)] == [
        (row["item"], row["revalued_minor"], row["difference_minor"]) for row in rows
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_rows_stays_without(kind):
    """No rows need no rates, and get the two columns all the same."""
    empty = frame_of(kind, {name: [] for name in _COLUMNS})

    assert dicts_of(_revalued(empty, rates=ExchangeRates())) == []


def test_a_lazy_frame_stays_lazy():
    """A lazy frame is asked its small question and comes back lazy."""
    assert isinstance(_revalued(_frame("polars lazy")), pl.LazyFrame)


def test_revaluing_again_replaces_the_columns():
    """The two columns of an earlier revaluation are replaced."""
    again = _revalued(_revalued(_frame()), rates=ExchangeRates([rate(value="1.25")]))

    assert [*_COLUMNS, "revalued_minor", "difference_minor"] == again.columns
    assert [800_000, 50_000] == again["revalued_minor"].to_list()


def test_a_table_of_many_currencies_is_asked_for_those_of_the_frame():
    """Where a table has more currencies than are counted, the frame is asked for its own."""
    codes = ("AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "GBP", "HKD", "HUF", "JPY")
    many = ExchangeRates([rate(value="1.10"), *(rate(quote=code, value="2") for code in codes)])

    assert _revalued(_frame()).equals(_revalued(_frame(), rates=many))


def test_categories_are_currencies():
    """Codes may be categories, as data frames like to keep them."""
    frame = _frame().with_columns(pl.col("currency").cast(pl.Categorical))

    assert [909_091, 50_000] == _revalued(frame)["revalued_minor"].to_list()


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_rate_is_refused(kind):
    """A currency without a rate on the day stops the revaluation, by name."""
    with pytest.raises(MissingRateError, match="closing rate of GBP/EUR"):
        _revalued(_frame(kind, currency=["GBP", "EUR"]))


@pytest.mark.parametrize("kind", KINDS)
def test_an_amount_that_becomes_too_large_is_refused(kind):
    """What would leave the limit in the functional currency is refused, and never wraps."""
    with pytest.raises(LimitError, match="minor units of JPY"):
        _revalued(
            frame_of(
                kind,
                {
                    "currency": ["USD"],
                    "open_minor": [10**15],
                    "carrying_minor": [0],
                },
            ),
            rates=ExchangeRates([rate("USD", "JPY", "1000000")]),
            functional="JPY",
        )


def test_a_large_amount_of_another_currency_is_no_hindrance():
    """An amount is tried at its own rate before it is refused."""
    rates = ExchangeRates([rate("USD", "EUR", "1000"), rate("JPY", "EUR", "0.006")])
    frame = frame_of(
        "polars",
        {
            "currency": ["USD", "JPY"],
            "open_minor": [1, 10**15],
            "carrying_minor": [0, 0],
        },
    )

    assert [1_000, 6 * 10**14] == _revalued(frame, rates=rates)["revalued_minor"].to_list()


REFUSED = {
    "a float": ({"open_minor": pl.Series([1.5, 2.5])}, DocumentError, "whole minor units"),
    "a gap": ({"open_minor": pl.Series([None, 1])}, DocumentError, "open_minor must have no gaps"),
    "no code": (
        {"currency": pl.Series([None, "EUR"])},
        DocumentError,
        "currency must have no gaps",
    ),
    "no currency": ({"currency": pl.Series(["XYZ", "EUR"])}, UnknownCurrencyError, "XYZ"),
    "a huge amount": ({"carrying_minor": pl.Series([10**16, 1])}, LimitError, "carrying_minor"),
}


@pytest.mark.parametrize(("changed", "error", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_frame_that_breaks_a_rule_is_refused(changed, error, reason):
    """What is no amount, no currency, or beyond the limit stays outside."""
    with pytest.raises(error, match=reason):
        _revalued(_frame().with_columns(**changed))


def test_a_column_that_is_missing_is_named():
    """A frame without carrying amounts cannot be revalued."""
    with pytest.raises(DocumentError, match="carrying_minor"):
        _revalued(_frame().drop("carrying_minor"))


def test_a_rate_of_too_many_digits_is_refused():
    """A rate that not even digit by digit fits into 64 bits is refused, and not rounded."""
    with pytest.raises(LimitError, match="fewer digits"):
        _revalued(_frame(), rates=ExchangeRates([rate(value="1.0000000000000000000001")]))


def test_a_day_is_a_date():
    """A moment is no day, and an unknown functional currency is none."""
    with pytest.raises(PolicyError):
        _revalued(_frame(), as_of=dt.datetime(2026, 12, 31, 12))
    with pytest.raises(UnknownCurrencyError):
        _revalued(_frame(), functional="XYZ")
