"""The portfolio at the edges: the first days of the calendar, unknown words, what a report leaves out."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.measures import GroupBy, Measure, OlderPolicy, paid_vintages
from receivables.testing.builders import a_receipt, an_allocation, an_invoice, issued, received

from .test_view import view_of

DAY = dt.date(2026, 11, 9)


@pytest.fixture
def ledger():
    """One customer who owes, and one who settled everything two years ago."""
    old = dt.date(2024, 1, 31)
    return Ledger().record(
        issued(an_invoice("F-0", customer="C-9", document_date=old, due_date=old)),
        received(a_receipt(customer="C-9", booking_date=old)),
        an_allocation({"F-0": 10_000, "r-1": -10_000}, customers=["C-9"], effective_on=old),
        issued(an_invoice("F-1", total="300.00"), minute=3),
    )


def test_the_calendar_has_no_month_before_its_first():
    """Month ends stop where the calendar does."""
    assert view_of(Ledger(), dt.date(1, 1, 9)).month_ends(6) == ()
    assert view_of(Ledger(), dt.date(1, 3, 1)).month_ends(6) == (
        dt.date(1, 1, 31),
        dt.date(1, 2, 28),
    )


REFUSED = {
    "a week before the calendar": lambda view: view.weekly(),
    "a month before the calendar": lambda view: view.older(),
    "a grain": lambda view: view.cash(grain="year"),
    "a group": lambda view: view.measures(by=["nonsense"]),
}


@pytest.mark.parametrize("ask", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_misuse(ask):
    """A sentence says what is wrong with a question, and no error of Python's."""
    with pytest.raises(PolicyError):
        ask(view_of(Ledger(), dt.date(1, 1, 3)))


def test_the_report_is_made_of_one_series(ledger):
    """Its measures are those of the day, its series that of the months asked for, as asked directly."""
    view = view_of(ledger, DAY)
    for months in (2, 13):
        report = view.report(months=months)
        assert report.series == view.series(days=(*view.month_ends(months), DAY))
        assert report.measures == view.measures()


def test_the_report_tells_of_customers_what_concerns_them(ledger):
    """Who owes nothing and bought nothing is left out, and so is concentration on one customer."""
    found = view_of(ledger, DAY).report().by_customer

    assert {one.customer for one in found} == {"C-017"}
    assert not {one.measure for one in found} & {Measure.HHI, Measure.LARGEST_SHARE}
    assert found.by == (GroupBy.CUSTOMER,)


def test_a_due_date_at_the_end_of_the_calendar_is_not_old():
    """The last day of the calendar, which some systems write for never, can be asked about."""
    never = an_invoice("F-9", due_date=dt.date.max, document_date=dt.date(2020, 1, 1))
    view = view_of(Ledger().record(issued(never)), DAY)
    by_due_date = OlderPolicy(basis="due-date")

    assert not view.older(policy=by_due_date).items
    assert len(view.older().items) == 1


def test_a_vintage_near_the_end_of_the_calendar():
    """An age beyond the last day of the calendar is one that nothing reached."""
    late = an_invoice("F-9", due_date=dt.date.max, document_date=dt.date(9999, 12, 1))
    [found] = paid_vintages(Ledger().record(issued(late)), as_of=dt.date.max)

    assert found.unpaid_minor[-1] is None
