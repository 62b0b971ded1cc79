"""Interest on an item: where it starts, what it follows, where it stops, and how it is explained."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables.errors import (
    CurrencyMismatchError,
    DocumentError,
    MissingRateError,
    PolicyError,
)
from receivables.interest import (
    AgreedRate,
    InterestPolicy,
    LateItem,
    RateSeries,
    RateTable,
    compensation_for,
    interest_on,
    jurisdiction,
)
from receivables.money import money
from receivables.testing.builders import an_open_item

from .worlds import DUE, late, one_rate, policy


def _day(days):
    return DUE + dt.timedelta(days=days)


def _plain(percents="10", **fields):
    return policy("es", agreed=percents, **fields)


def test_interest_follows_the_balance_between_part_payments():
    """A part payment lowers what bears interest from the day after it."""
    item = late("1000.00", payments=[(_day(10), "400.00"), (_day(30), "600.00")])

    found = interest_on(item, policy=_plain(), as_of=_day(90))

    assert [(10, 100_000), (20, 60_000)] == [
        (one.days, one.balance_minor) for one in found.segments
    ]
    assert Fraction(100_000 * 10 + 60_000 * 20) / 3650 == found.unrounded_minor
    assert money("6.03", "EUR") == found.amount


def test_a_payment_on_the_due_date_is_not_late():
    """Nor is one before it; neither bears interest nor a fixed sum."""
    for days in (-3, 0):
        item = late(payments=[(_day(days), "10000.00")])

        assert () == interest_on(item, policy=_plain(), as_of=_day(50)).segments
        assert compensation_for(item, jurisdiction=jurisdiction("eu"), as_of=_day(50)) is None


def test_the_days_are_those_between_due_date_and_payment():
    """The due date does not count, the day of payment does, weekends and holidays too."""
    (segment,) = interest_on(late(), policy=_plain(), as_of=_day(1)).segments

    assert (_day(1), _day(1), 1) == (segment.first, segment.last, segment.days)


def test_interest_stops_on_the_day_agreed():
    """The day an insolvency is opened bears none, nor any later one."""
    item = late(stopped_on=_day(21))

    found = interest_on(item, policy=_plain(), as_of=_day(90))

    assert (20, _day(20)) == (found.days, found.segments[-1].last)
    stopped = late(stopped_on=_day(1))
    assert compensation_for(stopped, jurisdiction=jurisdiction("eu"), as_of=_day(9)) is None


def test_a_part_in_dispute_bears_nothing():
    """What is excluded for some days is taken off on those days."""
    item = late("1000.00", excluded=[(_day(5), 30_000), (_day(15), 0)])

    found = interest_on(item, policy=_plain(), as_of=_day(20))

    assert [100_000, 70_000, 100_000] == [one.balance_minor for one in found.segments]
    assert [5, 10, 5] == [one.days for one in found.segments]
    wholly = late("1000.00", excluded=[(DUE, 100_000)])
    assert 0 == interest_on(wholly, policy=_plain(), as_of=_day(20)).days
    assert compensation_for(wholly, jurisdiction=jurisdiction("eu"), as_of=_day(20)) is None


def test_interest_may_run_from_a_later_day():
    """A formal notice sets the first day; an earlier one than the law's changes nothing."""
    later = late(runs_from=_day(11))
    earlier = late(runs_from=_day(-20))

    assert _day(11) == interest_on(later, policy=_plain(), as_of=_day(20)).segments[0].first
    assert 20 == interest_on(earlier, policy=_plain(), as_of=_day(20)).days


def test_a_balance_that_was_reopened_bears_interest_again():
    """Where a payment bounced, the days in between bear none by the balance alone."""
    item = LateItem(
        item="F-1", currency="EUR", due_date=DUE, steps=[(DUE, 0), (_day(10), 500), (_day(20), 0)]
    )

    found = interest_on(item, policy=_plain(), as_of=_day(60))

    assert [(_day(11), _day(20))] == [(one.first, one.last) for one in found.segments]
    assert money("40", "EUR") == compensation_for(
        item, jurisdiction=jurisdiction("eu"), as_of=_day(11)
    )


def test_a_retention_bears_none_where_the_law_says_so():
    """In French public procurement the base is less the retention."""
    kept = late(is_retention=True)
    rates = one_rate("ecb.mro", "4.5")

    assert 0 == interest_on(kept, policy=policy("fr-public", rates), as_of=_day(30)).amount_minor
    assert 0 < interest_on(kept, policy=policy("eu", rates), as_of=_day(30)).amount_minor
    assert compensation_for(kept, jurisdiction=jurisdiction("fr-public"), as_of=_day(30)) is None


def test_a_frozen_rate_is_that_of_the_first_day():
    """A new half-year changes nothing, also where the debt was partly paid before it."""
    steps = {"2024-01-01": "4.50", "2024-06-20": "1.00"}
    rates = RateTable([RateSeries.stepwise("ecb.mro", steps, source="a test")])

    frozen = interest_on(late(), policy=policy("fr-public", rates), as_of=_day(100))
    reset = interest_on(late(), policy=policy("eu", rates), as_of=_day(100))

    assert [Decimal("12.50")] == [one.rate for one in frozen.segments]
    assert [Decimal("12.50"), Decimal("9.00")] == [one.rate for one in reset.segments]


def test_a_frozen_rate_does_not_change_with_the_part_asked_for():
    """A later part of the same debt bears the rate of its first day too."""
    steps = {"2024-01-01": "4.50", "2024-06-20": "1.00"}
    rates = RateTable([RateSeries.stepwise("ecb.mro", steps, source="a test")])

    part = interest_on(late(), policy=policy("fr-public", rates), as_of=_day(100), since=_day(60))

    assert [(_day(61), Decimal("12.50"))] == [(one.first, one.rate) for one in part.segments]


def test_a_rate_of_the_day_before_is_used_the_day_after():
    """With the rate of the day before, a change counts one day later."""
    steps = {"2024-01-01": "4", "2024-06-20": "1"}
    rates = RateTable([RateSeries.stepwise("ecb.mro", steps, source="a test")])

    same = interest_on(late(), policy=policy("eu", rates, reference_day="same-day"), as_of=_day(30))
    before = interest_on(
        late(), policy=policy("eu", rates, reference_day="day-before"), as_of=_day(30)
    )

    assert [dt.date(2024, 6, 20), dt.date(2024, 6, 21)] == [
        found.segments[1].first for found in (same, before)
    ]


def test_a_monthly_average_is_that_of_the_month_before():
    """Canada's federal interest changes with the month, by the average of the one before."""
    rows = {"2026-01-01": "2.50", "2026-02-01": "3.00", "2026-03-01": "9"}
    rates = RateTable([RateSeries.stepwise("boc.average-bank-rate", rows, source="a test")])
    item = late(due=dt.date(2026, 2, 15), currency="CAD")

    found = interest_on(item, policy=policy("ca-federal", rates), as_of=dt.date(2026, 3, 20))

    assert [
        (dt.date(2026, 2, 15), dt.date(2026, 2, 28), Decimal("5.50")),
        (dt.date(2026, 3, 1), dt.date(2026, 3, 14), Decimal("6.00")),
        (dt.date(2026, 3, 15), dt.date(2026, 3, 19), Decimal("6.00")),
    ] == [(one.first, one.last, one.rate) for one in found.segments]
    assert 0 == found.segments[1].capitalized_minor
    assert found.segments[0].amount_minor + found.segments[1].amount_minor == (
        found.segments[2].capitalized_minor
    )


def test_a_missing_rate_is_an_error_and_no_neighbor():
    """A half-year that no table has is named, where an item needs it, and only there."""
    rates = RateTable(
        [
            RateSeries.stepwise(
                "ecb.mro", {"2024-01-01": "4.50"}, source="a test", known_until="2024-06-30"
            )
        ]
    )
    rule = policy("eu", rates)

    assert 0 < interest_on(late(), policy=rule, as_of=dt.date(2024, 6, 30)).amount_minor
    with pytest.raises(
        MissingRateError,
        match=r"ecb.mro must have a rate on 2024-07-01, got none from 2024-07-01 on",
    ):
        interest_on(late(), policy=rule, as_of=dt.date(2024, 7, 1))
    paid = late(payments=[(dt.date(2024, 6, 30), "10000.00")])
    assert 0 < interest_on(paid, policy=rule, as_of=dt.date(2025, 7, 1)).amount_minor


def test_the_floor_lifts_an_agreed_rate_half_year_by_half_year(rates):
    """Three times the legal rate, where that is more than was agreed."""
    found = interest_on(
        late(due=dt.date(2024, 12, 1)),
        policy=policy("fr-contract", rates, agreed="14.80"),
        as_of=dt.date(2025, 7, 15),
    )

    assert [Decimal("14.80")] * 3 == [one.rate for one in found.segments]
    low = interest_on(
        late(due=dt.date(2024, 12, 1)),
        policy=policy("fr-contract", rates, agreed="9"),
        as_of=dt.date(2025, 7, 15),
    )
    assert [Decimal("14.76"), Decimal("11.13"), Decimal(9)] == [one.rate for one in low.segments]
    assert (
        "3 x 4.92 fr.legal-rate.professional, above 9 a year agreed" == low.segments[0].derivation
    )


def test_a_floor_that_is_not_known_is_missing(rates):
    """Whether an agreed rate is high enough cannot be said without the legal one."""
    with pytest.raises(
        MissingRateError, match=r"fr.legal-rate.professional must have a rate on 2026-07-02"
    ):
        interest_on(
            late(due=dt.date(2026, 7, 1)),
            policy=policy("fr-contract", rates, agreed="15"),
            as_of=dt.date(2026, 7, 15),
        )


def test_agreements_are_taken_where_the_law_takes_them():
    """A rate of the law only takes none, and a pack about agreed rates needs one."""
    with pytest.raises(PolicyError, match="agreed must be left out, because fr-public"):
        policy("fr-public", agreed="5")
    with pytest.raises(PolicyError, match="agreed must be given, because fr-contract"):
        policy("fr-contract")


def test_a_period_rate_without_its_yearly_one_counts_for_five_percent():
    """*Interest Act (Canada), s. 4*: two percent a month, and nothing else said."""
    law = jurisdiction("ca-qc")
    silent = InterestPolicy(jurisdiction=law, agreed=AgreedRate(percent="2", per="month"))
    stated = InterestPolicy(
        jurisdiction=law, agreed=AgreedRate(percent="2", per="month", stated_yearly="24")
    )
    item = late(currency="CAD", due=dt.date(2025, 1, 1))

    rates = [
        interest_on(item, policy=rule, as_of=dt.date(2025, 1, 31)).segments[0].rate
        for rule in (silent, stated)
    ]
    assert [5, 24] == rates


def test_the_legal_rate_of_quebec_needs_a_notice():
    """Without an agreement interest runs from the formal notice, at five percent."""
    rule = policy("ca-qc")
    due = dt.date(2025, 1, 1)

    with pytest.raises(PolicyError, match="runs_from of F-1 must be given"):
        interest_on(late(currency="CAD", due=due), policy=rule, as_of=dt.date(2025, 3, 1))
    noticed = late(currency="CAD", due=due, runs_from=dt.date(2025, 2, 1))
    (segment,) = interest_on(noticed, policy=rule, as_of=dt.date(2025, 3, 1)).segments
    assert (Decimal(5), dt.date(2025, 2, 1)) == (segment.rate, segment.first)


def test_a_criminal_rate_is_refused():
    """What may be agreed on is bounded by the amount."""
    rule = policy("ca-qc", agreed="40")

    with pytest.raises(PolicyError, match="agreed rate must be at most 35 % a year"):
        interest_on(late("5000", currency="CAD"), policy=rule, as_of=_day(30))
    assert 0 < interest_on(late("50000", currency="CAD"), policy=rule, as_of=_day(30)).amount_minor


def test_a_result_says_what_it_rests_on(rates):
    """Rates that were not read in a source are named in the result."""
    item = late(currency="GBP", due=dt.date(2025, 2, 1))

    found = interest_on(item, policy=policy("uk", rates), as_of=dt.date(2025, 3, 1))

    assert ("4.75 boe.bank-rate of 2024-12-31 + 8 (unverified)",) == found.unverified
    with pytest.raises(MissingRateError, match="unverified rates are not wanted here"):
        interest_on(item, policy=policy("uk", rates.verified()), as_of=dt.date(2025, 3, 1))


def test_the_explanation_is_printed():
    """A line for the amount, and one for each segment."""
    found = interest_on(late("1000"), policy=_plain(), as_of=_day(2))

    assert str(found) == (
        "F-1: 0.55 EUR as of 2024-06-17 (es)\n"
        "2024-06-16 to 2024-06-17: 2 days at 10 % on 1000.00: 0.5479 [10 a year agreed]"
    )


def test_a_currency_has_its_own_decimals():
    """Yen are rounded to whole yen, and printed so."""
    found = interest_on(late("100000", currency="JPY"), policy=_plain(), as_of=_day(10))

    assert money("274", "JPY") == found.amount
    assert "on 100000: 273.97" in str(found)


def test_after_a_year_the_treasury_adds_nothing():
    """Prompt Payment stops after a year, in the middle of a thirty-day period."""
    rule = policy("us-federal", one_rate("us.prompt-payment", "6"))

    found = interest_on(late(currency="USD"), policy=rule, as_of=_day(800))

    assert (365, _day(365)) == (found.days, found.segments[-1].last)


def test_tiers_compare_one_currency():
    """A debt in euros has no tier in pounds; a single sum needs no comparison."""
    with pytest.raises(
        CurrencyMismatchError, match="currency must be GBP for the tiers of uk, got EUR"
    ):
        compensation_for(late(), jurisdiction=jurisdiction("uk"), as_of=_day(9))
    dollars = late(currency="USD")
    assert money("40", "EUR") == compensation_for(
        dollars, jurisdiction=jurisdiction("eu"), as_of=_day(9)
    )


def test_the_fixed_sum_asks_what_was_open_when_it_became_late():
    """A part paid before the due date makes the debt smaller, one paid after it does not."""
    before = late("1500", currency="GBP", payments=[(_day(-1), "600")])
    after = late("1500", currency="GBP", payments=[(_day(1), "600")])

    assert [money("40", "GBP"), money("70", "GBP")] == [
        compensation_for(item, jurisdiction=jurisdiction("uk"), as_of=_day(9))
        for item in (before, after)
    ]


def test_an_open_item_is_late_with_what_is_open():
    """An item as it stands has its creditor, its customer and its amount."""
    item = an_open_item(amount="120.00")

    found = LateItem.of_item(item, stopped_on=DUE)

    assert (item.item, item.creditor, item.customer) == (found.item, found.creditor, found.customer)
    assert 12_000 == found.bearing_minor(item.due_date)
    with pytest.raises(DocumentError, match=r"due_date of .* must be known"):
        LateItem.of_item(an_open_item(amount="120.00", due_date=None))


def test_impossible_balances_are_refused():
    """Steps rise by their days, and payments are in the currency of the item."""
    with pytest.raises(DocumentError, match="steps of F-1 must be ordered by their days"):
        LateItem(item="F-1", currency="EUR", due_date=DUE, steps=[(DUE, 1), (DUE, 2)])
    with pytest.raises(CurrencyMismatchError, match="currency of a payment must be EUR, got USD"):
        LateItem.of(
            money("1", "EUR"), item="F-1", due_date=DUE, payments=[(DUE, money("1", "USD"))]
        )
    with pytest.raises(PolicyError, match="as_of must be a date"):
        interest_on(late(), policy=_plain(), as_of="2024-07-01")
