"""What collectors did in a period, and disputes day by day."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given

from receivables.casework import ContactNote, Dispute, DisputedPart, PromiseToPay
from receivables.collection import AssignedLine, Assignment, WorkLine, WorkReason, contact_logged
from receivables.collection.model import WorkReasonKind
from receivables.disputes import dispute_opened
from receivables.errors import PolicyError
from receivables.ledger import Ledger, ReceiptRecorded, ReceiptReturned
from receivables.measures import (
    AccountSpan,
    AssignedAccounts,
    CashTarget,
    cei,
    collector_performance,
    dispute_series,
)
from receivables.money import money, to_minor
from receivables.parties import Customer
from receivables.promises import promise_made

from .worlds import LAWS, Books, worlds

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
ACCOUNTS = AssignedAccounts.of_customers({"C-1": "j.roy", "C-2": "m.diaz"})


def _performance(books, accounts=ACCOUNTS, **asked):
    return collector_performance(
        books.ledger, "MIRA", accounts=accounts, first=FIRST, last=LAST, **asked
    )


def _book():
    books = Books()
    books.invoice("F-1", 10_000, on=dt.date(2026, 8, 1))
    books.invoice("F-2", 6_000, on=dt.date(2026, 8, 5), customer="C-2")
    books.invoice("F-3", 4_000, on=dt.date(2026, 10, 10))
    asked = {"creditor": "MIRA", "on": dt.date(2026, 10, 2)}
    for name, minor, due in (("P-1", "100.00", 12), ("P-2", "60.00", 20)):
        promise = PromiseToPay(
            promise=name,
            customer="C-1" if name == "P-1" else "C-2",
            amount=money(minor, "EUR"),
            due_on=dt.date(2026, 10, due),
            items=["F-1" if name == "P-1" else "F-2"],
            by="j.roy",
        )
        books.record(promise_made(promise, recorded_at=books.moment(), **asked))
    for name, outcome in (("K-1", "reached"), ("K-2", "no-answer")):
        note = ContactNote(
            contact=name, customer="C-1", channel="phone", outcome=outcome, by="j.roy"
        )
        books.record(contact_logged(note, recorded_at=books.moment(), **asked))
    books.pay("F-1", 10_000, on=dt.date(2026, 10, 12))
    return books


def test_a_month_of_two_collectors():
    """Cash, promises, contacts, what was cleared, what is overdue and the index, for each of them."""
    found = _performance(
        _book(), targets=[CashTarget(collector="j.roy", amount=money("80.00", "EUR"))]
    )

    roy, diaz = found.get("j.roy"), found.get("m.diaz", currency="EUR")

    assert (10_000, Fraction(5, 4), 1) == (roy.collected_minor, roy.target_share, roy.cleared)
    assert (2, Fraction(1, 2), 2, 1) == (
        roy.promises_taken,
        roy.kept_share,
        roy.contacts,
        roy.reached,
    )
    assert (-10_000, 0, 6_000) == (
        roy.overdue_change_minor,
        diaz.overdue_change_minor,
        diaz.overdue_minor,
    )
    expected = cei(10_000, 4_000, ending_minor=4_000, current_minor=4_000).value
    assert (expected, 0) == (roy.cei, diaz.cei)
    assert (None, None) == (diaz.target_share, diaz.kept_share)


def test_money_goes_to_whoever_had_the_account_on_its_day():
    """Handing an account over leaves the cash where it was collected, and moves no overdue amount."""
    books = _book()
    accounts = AssignedAccounts(
        [
            AccountSpan(customer="C-1", collector="j.roy"),
            AccountSpan(customer="C-1", collector="m.diaz", since=dt.date(2026, 10, 20)),
        ]
    )

    found = _performance(books, accounts)

    assert (10_000, 1) == (found.get("j.roy").collected_minor, found.get("j.roy").cleared)
    assert (0, -10_000) == (
        found.get("m.diaz").collected_minor,
        found.get("m.diaz").overdue_change_minor,
    )
    assert 6_000 == found.get("").overdue_minor


@LAWS
@given(worlds())
def test_collected_is_all_the_money(world):
    """Over all collectors what was collected is what came in less what went back."""
    ledger, first, last, _ = world
    expected = {}
    for event in ledger.events:
        if not first <= event.effective_on <= last:
            continue
        if isinstance(event, ReceiptRecorded):
            currency, minor = event.receipt.currency, to_minor(event.receipt.amount)
        elif isinstance(event, ReceiptReturned):
            item = ledger.item(event.creditor, event.receipt, as_of=last)
            currency = item.currency
            minor = item.amount_minor if event.amount is None else -to_minor(event.amount)
        else:
            continue
        expected[currency] = expected.get(currency, 0) + minor

    found = collector_performance(
        ledger,
        "MIRA",
        accounts=AssignedAccounts.of_customers({"C-1": "j.roy"}),
        first=first,
        last=last,
    )

    sums = {}
    for one in found:
        sums[one.currency] = sums.get(one.currency, 0) + one.collected_minor
    # What an allocation across currencies paid stands in either, with the sign of its side.
    across = any(
        len(event.allocation.currencies) > 1
        for event in ledger.events
        if hasattr(event, "customers")
        and hasattr(event, "allocation")
        and hasattr(event.allocation, "currencies")
    )
    assert across or {k: v for k, v in expected.items() if v} == {
        k: v for k, v in sums.items() if v
    }


def test_assignments_come_from_customers_and_from_days():
    """Who looks after an account is said by its owners, or by the assignments of each day."""
    customers = [
        Customer(customer="C-1", name="C-1", owners=[("collector", "j.roy")]),
        Customer(customer="C-2", name="C-2"),
    ]
    reason = WorkReason(kind=WorkReasonKind.AGE, points=1, days=3)
    line = WorkLine(customer="C-1", place=1, reasons=[reason], role="collector", minutes=5)
    days = {
        dt.date(2026, 10, day): Assignment(given=[AssignedLine(person=who, line=line)])
        for day, who in ((5, "j.roy"), (6, "m.diaz"))
    }

    accounts = AssignedAccounts.of_days(days)

    assert ["", "j.roy", "m.diaz", "m.diaz"] == [
        accounts.collector("C-1", dt.date(2026, 10, day)) for day in (4, 5, 6, 7)
    ]
    assert "j.roy" == AssignedAccounts.of_customers(customers).collector("C-1", FIRST)
    assert "" == AssignedAccounts.of_customers(customers).collector("C-2", FIRST)


def test_a_table():
    """A row for each collector and currency, shares in percent."""
    found = _performance(
        _book(), targets=[CashTarget(collector="j.roy", amount=money("80.00", "EUR"))]
    )

    assert "125.0 %" in str(found)
    assert "<table>" in found._repr_html_()
    assert len(found.to_rows()) == 2


def test_somebody_who_only_called_has_a_row():
    """Contacts without an account of one's own are not lost."""
    books = _book()
    note = ContactNote(
        contact="K-9", customer="C-1", channel="phone", outcome="reached", by="a.kim"
    )
    books.record(contact_logged(note, creditor="MIRA", on=LAST, recorded_at=books.moment()))

    assert (1, 0) == (
        _performance(books).get("a.kim").contacts,
        _performance(books).get("a.kim").accounts,
    )


def test_refusals():
    """Days out of order, two collectors from one day on and two targets are refused."""
    target = CashTarget(collector="j.roy", amount=money("1.00", "EUR"))
    span = AccountSpan(customer="C-1", collector="j.roy")
    for question in (
        lambda: collector_performance(Ledger(), "MIRA", accounts=ACCOUNTS, first=LAST, last=FIRST),
        lambda: _performance(_book(), targets=[target, target]),
        lambda: AssignedAccounts([span, span]),
        lambda: dispute_series(Ledger(), "MIRA", days=[]),
    ):
        with pytest.raises(PolicyError):
            question()


def test_disputes_day_by_day():
    """On each day the disputes are counted that were open by then, with what they hold back."""
    books = Books()
    books.invoice("F-1", 10_000, on=dt.date(2026, 8, 1))
    dispute = Dispute(
        dispute="D-1",
        customer="C-1",
        reason="quality",
        owner="sales",
        parts=[DisputedPart(item="F-1", amount=money("30.00", "EUR"))],
    )
    books.record(
        dispute_opened(
            dispute, creditor="MIRA", on=dt.date(2026, 10, 5), recorded_at=books.moment()
        )
    )

    found = dispute_series(books.ledger, "MIRA", days=[FIRST, LAST])

    assert (FIRST, LAST) == found.days
    assert [(LAST, "quality", "EUR", 1, 0, 3_000, 3_000)] == [row[:7] for row in found.to_rows()]
    assert "30.00" in str(found)
    assert "quality" in found._repr_html_()
    assert [0, 1] == [len(table.rows) for _, table in found]
