"""Aging over open items as values."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.aging import AgeBasis, AgingScheme, Credits, Undated, age
from receivables.documents import ItemKind
from receivables.errors import DocumentError, PolicyError

from .worlds import AS_OF, open_item

SCHEME = AgingScheme(30, 60, 90)


def _only_row(items, scheme=SCHEME):
    (row,) = age(items, scheme=scheme, as_of=AS_OF).rows
    return row


def test_each_item_lands_in_the_bucket_of_its_age():
    """One item per bucket gives one amount per bucket."""
    items = [open_item(f"F-{days}", days=days) for days in (0, 1, 31, 61, 91)]

    assert (10_000,) * 5 == _only_row(items).buckets_minor


def test_a_credit_stays_apart_by_default():
    """Buckets hold debits, credits stand beside them, and the total is both."""
    row = _only_row([open_item(), open_item("A-1", open_minor=-2_500)])

    assert (0, 10_000, 0, 0, 0) == row.buckets_minor
    assert (-2_500, 7_500, 2) == (row.credits_minor, row.total_minor, row.items)


def test_a_netted_credit_pays_the_oldest_bucket_first():
    """A credit of any age lowers what is oldest."""
    items = [open_item("F-1", days=100), open_item("F-2"), open_item("A-1", open_minor=-12_000)]

    row = _only_row(items, AgingScheme(30, 60, 90, credits=Credits.NETTED))

    assert ((0, 8_000, 0, 0, 0), 0) == (row.buckets_minor, row.credits_minor)


def test_a_credit_in_the_buckets_counts_at_its_own_age():
    """A credit makes its bucket smaller, below zero where it must."""
    items = [open_item("F-1", days=100), open_item("A-1", days=10, open_minor=-2_000)]

    row = _only_row(items, AgingScheme(30, 60, 90, credits=Credits.IN_BUCKETS))

    assert ((0, -2_000, 0, 0, 10_000), 0) == (row.buckets_minor, row.credits_minor)


def test_settled_items_count_nowhere():
    """What is settled has no row and no count."""
    assert () == age([open_item(open_minor=0)], scheme=SCHEME, as_of=AS_OF).rows


def test_currencies_and_customers_are_never_added():
    """Each customer has a row per currency, sorted; totals are per currency."""
    items = [
        open_item("F-3", customer="C-2"),
        open_item("F-2", currency="USD"),
        open_item("F-1"),
    ]

    aging = age(items, scheme=SCHEME, as_of=AS_OF)

    found = [(row.customer, row.currency) for row in aging.rows]
    assert [("C-1", "EUR"), ("C-1", "USD"), ("C-2", "EUR")] == found
    assert {"EUR": 20_000, "USD": 10_000} == {
        code: row.total_minor for code, row in aging.totals.items()
    }


@pytest.mark.parametrize(
    ("basis", "days"),
    [(AgeBasis.DUE_DATE, 10), (AgeBasis.DOCUMENT_DATE, 40), (AgeBasis.POSTING_DATE, 39)],
)
def test_age_counts_from_the_date_that_the_scheme_names(basis, days):
    """The basis decides which date of the item counts."""
    aging = age([open_item(days=10)], scheme=AgingScheme(30, basis=basis), as_of=AS_OF)

    assert [days] == [aged.days for aged in aging.items]


def test_undated_debits_are_refused_by_name():
    """Without a due date there is no age by due date, and the message names the first items."""
    items = [open_item(f"F-{index}", due_date=None) for index in range(7)]

    with pytest.raises(DocumentError, match=r"F-0, F-1, F-2, F-3, F-4 and 2 more"):
        age(items, scheme=SCHEME, as_of=AS_OF)


def test_undated_debits_may_count_from_their_document_date():
    """A scheme may say that a missing due date is the document date."""
    scheme = AgingScheme(30, 60, undated=Undated.DOCUMENT_DATE)

    row = _only_row([open_item(days=10, due_date=None)], scheme)

    assert (0, 0, 10_000, 0) == row.buckets_minor


def test_a_credit_needs_no_due_date():
    """Unapplied cash never falls due, so it counts from its own date and is not refused."""
    cash = open_item("r-1", open_minor=-500, kind=ItemKind.UNAPPLIED_CASH, due_date=None)

    assert -500 == _only_row([cash]).credits_minor


def test_a_moment_is_no_day():
    """A moment as `as_of` is refused, because its day depends on a zone."""
    with pytest.raises(PolicyError, match="as_of must be a date"):
        age([], scheme=SCHEME, as_of=dt.datetime(2026, 10, 31, tzinfo=dt.UTC))


def test_aged_items_come_oldest_first():
    """Behind the rows stand the items of each account, the oldest first."""
    items = [open_item("F-1", days=5), open_item("F-2", days=50), open_item("F-3", days=-5)]

    aging = age(items, scheme=SCHEME, as_of=AS_OF)

    assert [("F-2", 2), ("F-1", 1), ("F-3", 0)] == [
        (aged.item.item, aged.bucket) for aged in aging.items
    ]
