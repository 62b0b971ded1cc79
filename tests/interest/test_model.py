"""Rates, tables and jurisdictions: what they know, and what they refuse."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from receivables.errors import CurrencyMismatchError, MissingRateError, PolicyError
from receivables.interest import (
    AgreedRate,
    CompensationRule,
    Jurisdiction,
    Margin,
    RateSeries,
    RateTable,
    ReferenceDay,
    ReferenceRate,
    SourceStatus,
    Tier,
    jurisdiction,
    jurisdictions,
)
from receivables.money import money

JULY = dt.date(2026, 7, 1)
MARGIN = Margin(valid_from=JULY, percent="8", article="a law", status="verified")


def _row(first="2026-07-01", last=None, *, rate="2.40", name="ecb.mro", **fields):
    return ReferenceRate(
        name=name,
        valid_from=dt.date.fromisoformat(first),
        valid_to=None if last is None else dt.date.fromisoformat(last),
        rate=rate,
        source="a test",
        **fields,
    )


def _law(**fields):
    return Jurisdiction(**{"name": "test", "currency": "EUR", "margins": [MARGIN], **fields})


def test_a_row_holds_until_the_next_one():
    """A row without an end ends where another begins; the last one is open."""
    series = RateSeries("ecb.mro", [_row("2026-01-01", rate="2.15"), _row()])

    assert Decimal("2.15") == series.on(dt.date(2026, 6, 30)).rate
    assert Decimal("2.40") == series.on(JULY).rate
    assert Decimal("2.40") == series.on(dt.date.max).rate


GAPS = [
    ("2025-12-31", "none before 2026-01-01"),
    ("2026-02-01", "none from 2026-02-01 to 2026-06-30"),
    ("2026-07-10", r"none from 2026-07-01 to 2026-07-31 \(not read\)"),
    ("2026-09-01", "none from 2026-09-01 on"),
]


@pytest.mark.parametrize(("day", "reason"), GAPS)
def test_a_missing_rate_names_the_series_and_the_period(day, reason):
    """No neighbor stands in for a rate that is not there."""
    gap = attrs.evolve(_row(last="2026-07-31"), rate=None, status="not-found", source="not read")
    series = RateSeries(
        "ecb.mro", [_row("2026-01-01", "2026-01-31"), gap, _row("2026-08-01", "2026-08-31")]
    )

    with pytest.raises(
        MissingRateError, match=f"series ecb.mro must have a rate on {day}, got {reason}"
    ):
        RateTable([series]).rate("ecb.mro", on=dt.date.fromisoformat(day))


def test_a_missing_series_lists_those_there_are():
    """Who asks for another name learns the names."""
    table = RateTable([RateSeries("ecb.mro", [_row()])])

    with pytest.raises(MissingRateError, match=r"must have the series boe, got ecb.mro"):
        table.rate("boe", on=JULY)


def test_a_table_takes_further_series():
    """A series of the same name takes the place of the old one, and the old table stays."""
    old = RateTable([RateSeries("ecb.mro", [_row()])])

    new = old.with_series(
        RateSeries("ecb.mro", [_row(rate="3")]), RateSeries("own", [_row(name="own")])
    )

    assert Decimal(3) == new.rate("ecb.mro", on=JULY).rate
    assert ["ecb.mro", "own"] == [series.name for series in new.series]
    assert Decimal("2.40") == old.rate("ecb.mro", on=JULY).rate


def test_rates_that_were_not_read_can_be_left_out():
    """A table of verified rates has gaps where the others were."""
    rows = [_row("2026-01-01", status="unverified"), _row(status="verified-single-source")]
    table = RateTable([RateSeries("ecb.mro", rows)]).verified()

    assert Decimal("2.40") == table.rate("ecb.mro", on=JULY).rate
    with pytest.raises(MissingRateError, match="unverified rates are not wanted here"):
        table.rate("ecb.mro", on=dt.date(2026, 1, 1))


def test_a_series_from_steps_ends_where_knowledge_ends():
    """What is known until a day is not known after it."""
    series = RateSeries.stepwise(
        "own", {"2026-01-01": 2, "2026-07-01": "2.5"}, source="me", known_until="2026-12-31"
    )

    assert [Decimal(2), Decimal("2.5")] == [row.rate for row in series.rates]
    assert dt.date(2026, 6, 30) == series.last_day(0)
    with pytest.raises(MissingRateError, match="none from 2027-01-01 on"):
        series.on(dt.date(2027, 1, 1))


REFUSED = [
    (lambda: _row(rate=2.4), "percent must not be a float, got 2.4"),
    (lambda: _row(rate="two"), "percent must be a number, got 'two'"),
    (lambda: _row(rate="NaN"), "percent must be at most 10000, got 'NaN'"),
    (lambda: _row(rate="0.0000001"), "percent must have at most 6 decimals"),
    (lambda: _row(last="2026-06-30"), "valid_to of ecb.mro must be 2026-07-01 or later"),
    (lambda: _row(rate=None), "must be given unless it was not found"),
    (lambda: _row(status="not-found"), "must be given unless it was not found"),
    (lambda: RateSeries("ecb.mro", []), "series ecb.mro must have a rate, got none"),
    (lambda: RateSeries("boe", [_row()]), "rows of series boe must have its name, got 'ecb.mro'"),
    (
        lambda: RateSeries("ecb.mro", [_row("2026-01-01", "2026-07-01"), _row()]),
        "must follow each other, got 2026-07-01 after 2026-07-01",
    ),
    (lambda: RateTable([RateSeries("ecb.mro", [_row()])] * 2), "got ecb.mro twice"),
    (lambda: _law(margins=[]), "margins of test must have a row"),
    (lambda: _law(rate_step="0"), "rate_step of test must be positive"),
    (lambda: _law(day_count="30/360"), "day_count of test must be .* got 30/360"),
    (lambda: _law(compounding="monthly"), "must be ACT/ACT ICMA with monthly compounding"),
    (lambda: _law(day_count="ACT/ACT ICMA"), "with none compounding, got ACT/ACT ICMA"),
    (lambda: _law(minimum=1.5), "number must not be a float"),
    (lambda: _law(minimum="-1"), "number must be zero or more"),
    (lambda: Tier(amount="forty"), "number must be one, got 'forty'"),
    (
        lambda: CompensationRule(
            valid_from=JULY, tiers=[Tier(from_amount=1, amount=40)], article="", status="verified"
        ),
        "tiers from 2026-07-01 must begin at 0 and rise, got",
    ),
    (lambda: AgreedRate(percent="-1"), "percent must be zero or more, got -1"),
]


@pytest.mark.parametrize(("build", "reason"), REFUSED)
def test_what_cannot_be_is_refused(build, reason):
    """Each value says what is wrong with it."""
    with pytest.raises(PolicyError, match=reason):
        build()


def test_an_unknown_currency_is_refused():
    """A jurisdiction has a currency of ISO 4217."""
    with pytest.raises(LookupError, match="EURO"):
        _law(currency="EURO")


@pytest.mark.parametrize(
    ("reference_day", "expected"),
    [
        (ReferenceDay.SAME_DAY, dt.date(2026, 8, 15)),
        (ReferenceDay.DAY_BEFORE, dt.date(2026, 8, 14)),
        (ReferenceDay.HALF_YEAR_START, dt.date(2026, 7, 1)),
        (ReferenceDay.BEFORE_HALF_YEAR, dt.date(2026, 6, 30)),
        (ReferenceDay.PREVIOUS_MONTH, dt.date(2026, 7, 31)),
    ],
)
def test_a_reference_day_is_looked_up(reference_day, expected):
    """Each way to choose the day whose rate counts."""
    assert expected == reference_day.of(dt.date(2026, 8, 15))


def test_a_margin_begins_on_its_day():
    """Before the first margin there is no law to apply."""
    with pytest.raises(
        MissingRateError, match="test must have a margin on 2026-06-30, got none before 2026-07-01"
    ):
        _law().margin_on(dt.date(2026, 6, 30))
    assert MARGIN == _law().margin_on(JULY)


def test_caps_are_in_the_currency_of_the_law():
    """An amount in another currency has no tier."""
    with pytest.raises(CurrencyMismatchError, match="currency must be CAD in ca-qc, got EUR"):
        jurisdiction("ca-qc").cap_for(money("1", "EUR"))
    assert _law().cap_for(money("1", "EUR")) is None


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [(99, "USD", False), (100, "USD", True), (1, "EUR", True), (0, "EUR", False)],
)
def test_a_minimum_is_in_its_own_currency(minor, currency, expected):
    """Below a dollar nothing is payable; a minimum in dollars says nothing of euros."""
    assert expected is jurisdiction("us-federal").is_payable(minor, currency=currency)


def test_statuses_are_ordered_by_how_sure_they_are():
    """A result is as sure as the weakest figure that it rests on."""
    assert SourceStatus.UNVERIFIED is SourceStatus.VERIFIED.weaker(SourceStatus.UNVERIFIED)
    assert [True, True, False, False, False] == [status.is_verified for status in SourceStatus]


def test_a_monthly_rate_counts_by_what_was_stated():
    """The stated yearly rate binds; without one the cap of the law does, if it has one."""
    stated = AgreedRate(percent="2", per="month", stated_yearly="24")
    weekly = AgreedRate(percent="0.5", per="week")

    assert Decimal(24) == stated.yearly(unstated_cap=Decimal(5))
    assert [Decimal("26.0"), Decimal(5)] == [
        weekly.yearly(),
        weekly.yearly(unstated_cap=Decimal(5)),
    ]
    assert Decimal("7.5") == AgreedRate(percent="7.5").yearly(unstated_cap=Decimal(5))
    assert Decimal("3.65") == AgreedRate(percent="0.01", per="day").yearly(unstated_cap=Decimal(5))


@pytest.mark.parametrize("name", jurisdictions())
def test_each_pack_says_where_it_stands(name):
    """Every pack has articles, and every row of it a status."""
    law = jurisdiction(name)

    assert law.title
    assert law.provenance
    assert all(row.article for row in law.provenance.values())
    assert {"day_count", "reference", "agreed"} & set(law.provenance)
    assert set(law.provenance) <= {field.name for field in attrs.fields(Jurisdiction)}


def test_what_was_not_read_stays_marked():
    """A pack lists the parts of it that were not read in a source."""
    assert "rate_step" in jurisdiction("be").unverified
    assert "cap over 0" in jurisdiction("ca-qc").unverified
    assert "margin from 2014-07-29" in jurisdiction("de-business").unverified
    assert () == jurisdiction("us-federal").unverified
