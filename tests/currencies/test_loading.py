"""Rates from rows and from TOML: what is read, and what is noted or refused with its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.currencies import MissingDay, RateKind, load_rates, read_rates
from receivables.errors import PolicyError

_ROW = {"base": "EUR", "quote": "USD", "date": "2026-10-30", "rate": "1.0887"}


def _read(*rows):
    return read_rates(rows, source="rates.csv", first_line=2).collect()


def test_a_row_is_read():
    """Text becomes a rate with its direction, day, kind and source."""
    (quoted,) = _read({**_ROW, "kind": "closing", "source": "ECB"}).rows

    assert RateKind.CLOSING is quoted.kind
    assert ("EUR", "USD", Decimal("1.0887"), dt.date(2026, 10, 30), "ECB") == (
        quoted.rate.base,
        quoted.rate.quote,
        quoted.rate.rate,
        quoted.rate.date,
        quoted.rate.source,
    )


def test_the_source_is_the_rows_where_they_name_none():
    """A rate always says where it is from."""
    assert _read(_ROW).rows[0].rate.source == "rates.csv"


@pytest.mark.parametrize("value", [Decimal("1.0887"), 2])
def test_numbers_that_are_exact_are_read(value):
    """Decimals and whole numbers need no text."""
    assert _read({**_ROW, "rate": value}).rows[0].rate.rate == value


NOTED = {
    "a float": ({"rate": 1.0887}, "exchange-rate.invalid", "rate"),
    "a truth": ({"rate": True}, "exchange-rate.invalid", "rate"),
    "no rate": ({"rate": ""}, "exchange-rate.invalid", "rate"),
    "a decimal comma": ({"rate": "1,0887"}, "exchange-rate.invalid", "rate"),
    "nothing": ({"rate": "0"}, "exchange-rate.invalid", "rate"),
    "less": ({"rate": "-1.08"}, "exchange-rate.invalid", "rate"),
    "no number": ({"rate": Decimal("NaN")}, "exchange-rate.invalid", "rate"),
    "no currency": ({"base": " "}, "currency.missing", "base"),
    "an unknown one": ({"quote": "XYZ"}, "currency.unknown", "quote"),
    "one currency twice": ({"quote": "EUR"}, "exchange-rate.invalid", "quote"),
    "no day": ({"date": ""}, "date.missing", "date"),
    "another format": ({"date": "30/10/2026"}, "date.invalid", "date"),
    "a day that does not exist": ({"date": "2026-02-30"}, "date.invalid", "date"),
    "a number for a day": ({"date": 20261030}, "date.invalid", "date"),
    "an unknown kind": ({"kind": "mid"}, "exchange-rate.invalid", "kind"),
    "a number for a kind": ({"kind": 7}, "exchange-rate.invalid", "kind"),
}


@pytest.mark.parametrize(("wrong", "code", "field"), NOTED.values(), ids=NOTED)
def test_a_row_that_breaks_a_rule_is_noted_with_its_place(wrong, code, field):
    """The other rows are read, and the problem names file, line and field."""
    collected = _read(_ROW, {**_ROW, **wrong})

    (problem,) = collected.report.problems
    assert (code, "rates.csv", 3, field) == (
        problem.code,
        problem.place.source,
        problem.place.line,
        problem.place.field,
    )
    assert (1, False) == (len(collected.rows), collected.report.complete)


def test_a_table_is_loaded():
    """Numbers in TOML are as exact as text, and dates may be dates."""
    rates = load_rates(
        """
        pivot = "EUR"
        previous-within-days = 3
        [[rates]]
        base = "EUR"
        quote = "USD"
        date = 2026-10-30
        rate = 1.0887
        kind = "average"
        """,
        name="rates.toml",
    )

    assert ("EUR", MissingDay.previous(within_days=3)) == (rates.pivot, rates.missing_day)
    assert Decimal("1.0887") == rates.rates[0].rate.rate


REFUSED = {
    "no TOML": "rates = [",
    "an unknown key": "pivots = 1",
    "an unknown pivot": 'pivot = "XYZ"',
    "negative days": "previous-within-days = -1",
    "no array": 'rates = "ECB"',
    "no table": "rates = [1]",
    "an unknown field": '[[rates]]\nbase = "EUR"\nvalue = 1',
    "no date": '[[rates]]\nbase = "EUR"\nquote = "USD"\nrate = "1.08"',
    "two rates of one day": 'rates = [{base="EUR", quote="USD", date=2026-10-30, rate="1"},'
    '{base="EUR", quote="USD", date=2026-10-30, rate="2"}]',
}


@pytest.mark.parametrize("contents", REFUSED.values(), ids=REFUSED)
def test_a_file_that_breaks_a_rule_is_refused_by_name(contents):
    """A configuration that says something impossible is an error that names its file."""
    with pytest.raises(PolicyError, match=r"rates\.toml"):
        load_rates(contents, name="rates.toml")
