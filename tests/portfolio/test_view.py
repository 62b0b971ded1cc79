"""The portfolio of a day: what it gathers agrees with its parts, and stays as it was."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings

from receivables.aging import AgingScheme, Undated, age
from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.measures import GroupBy, Measure
from receivables.parties import CreditorId, Customer
from receivables.portfolio import ControlLine, PortfolioReport
from receivables.portfolio_view import PortfolioView
from receivables.testing.builders import an_invoice, issued
from receivables.testing.strategies import dates, histories

DAY = dt.date(2026, 11, 9)


def view_of(ledger, day=DAY, *, creditor="MIRA", **given):
    """The portfolio of a creditor, whose items without a due date age by their own date."""
    scheme = AgingScheme(30, 60, 90, undated=Undated.DOCUMENT_DATE)
    return PortfolioView(
        ledger=ledger,
        creditor=CreditorId(creditor),
        name="Mirabelle SAS",
        as_of=day,
        scheme=scheme,
        **given,
    )


@pytest.fixture
def ledger():
    """One invoice over 300 EUR, ten days past due on the day."""
    return Ledger().record(issued(an_invoice(total="300.00")))


@settings(max_examples=15)
@given(events=histories(), day=dates())
def test_the_control_line_agrees(events, day):
    """For every legal history the movements since the first day are what the aging shows."""
    ledger = Ledger.replay(events)
    for creditor in {item.creditor for item in ledger.open_items(as_of=dt.date.max)}:
        found = view_of(ledger, day, creditor=creditor).control()

        assert [line.difference_minor for line in found] == [0] * len(found)


@settings(max_examples=10)
@given(events=histories(), day=dates())
def test_the_movement_of_the_week_foots(events, day):
    """Opening and movements of the week are the aging of the day, bucket by bucket."""
    view = view_of(Ledger.replay(events), day)
    closing = {row.currency: row.closing_minor for row in view.weekly()}

    for currency, total in view.aging.totals.items():
        amounts = (*total.buckets_minor, total.credits_minor, total.total_minor)
        assert closing[currency] == amounts


def test_a_report_has_every_part(ledger):
    """The report of a day has the aging, its past, measures, their course, movement and cash."""
    report = view_of(ledger).report(months=2, weeks=3)

    assert isinstance(report, PortfolioReport)
    assert [one.as_of for one in report.past_agings] == [
        dt.date(2026, 9, 30),
        dt.date(2026, 10, 31),
    ]
    assert report.series.days == (dt.date(2026, 9, 30), dt.date(2026, 10, 31), DAY)
    assert report.measures.get(Measure.DAYS_BEYOND_TERMS).value == 10
    assert report.by_customer.by == (GroupBy.CUSTOMER,)
    assert report.control == (ControlLine(currency="EUR", ledger_minor=30_000, aging_minor=30_000),)
    assert len({one.first for one in report.forecast.periods}) == 3
    assert len(report.tables) == 3


def test_expected_cash_and_what_is_beyond_are_what_is_open(ledger):
    """Nothing of what is open is lost between the periods and what comes later."""
    found = view_of(ledger).cash(periods=4)

    expected = sum(one.expected_minor for one in found.periods)
    assert expected + sum(found.beyond_minor.values()) == 30_000


def test_the_books_are_compared(ledger):
    """A balance of the general ledger that differs is a difference of the control line."""
    (line,) = view_of(ledger).control(general_ledger={"EUR": 29_999})

    assert line.difference_minor == 1


def test_yesterday_stays_as_it_was(ledger):
    """What is recorded later, with a later day, changes nothing of an earlier day."""
    later = ledger.record(
        issued(an_invoice("FA-2", document_date=dt.date(2026, 11, 20)), minute=9_999)
    )
    before, after = view_of(ledger), view_of(later)

    assert before.measures() == after.measures()
    assert before.cash(periods=4) == after.cash(periods=4)


def test_segments_come_from_the_customers(ledger):
    """Measures by segment need nothing but customers who have one."""
    (item,) = ledger.open_items(as_of=DAY)
    customer = Customer(customer=item.customer, name="Dupont", segment="key-account")
    view = view_of(ledger, customers={customer.customer: customer})

    assert {one.segment for one in view.measures(by=["segment"])} == {"key-account"}


def test_the_agings_of_several_days_are_those_of_each(ledger):
    """Several days are aged in their order, whatever the order in which they are given."""
    view = view_of(ledger)
    first, second = view.agings(days=["2026-11-09", "2026-10-31"])

    assert (first.as_of, second) == (dt.date(2026, 10, 31), view.aging)
    assert second == age(view.items, scheme=view.scheme, as_of=DAY)


def test_no_month_is_no_series(ledger):
    """Month ends of no month are refused."""
    with pytest.raises(PolicyError, match="months must be 1 or more, got 0"):
        view_of(ledger).month_ends(0)
