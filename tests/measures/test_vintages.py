"""Vintages of payment: the share of a month's sales unpaid after so many days, as far as seen."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given, settings

from receivables.allocation import ResidualKind
from receivables.errors import DocumentError, PolicyError
from receivables.ledger import Allocated, DocumentIssued, Ledger, ReceiptIdentified, ReceiptRecorded
from receivables.measures import PaidVintage, paid_vintages, vintage_columns

from ..aging.worlds import KINDS, frame_of, names_of, rows_of  # noqa: TID252  # one world of frames
from .worlds import LAWS, Books, worlds

JUNE = dt.date(2026, 6, 1)
AS_OF = dt.date(2026, 12, 31)


def test_half_is_paid_after_a_month():
    """50, 77, 92 and 98 % are paid 30, 60, 90 and 120 days after the sale: the rest is unpaid."""
    books = Books()
    books.invoice("F-1", 10_000, on=JUNE)
    for days, minor in ((28, 5_000), (55, 2_700), (80, 1_500), (120, 600)):
        books.pay("F-1", minor, on=JUNE + dt.timedelta(days=days))

    [vintage] = paid_vintages(books.ledger, as_of=AS_OF)

    assert [Fraction(part, 100) for part in (50, 77, 92, 98)] == list(vintage.paid)
    assert [Fraction(part, 100) for part in (50, 23, 8, 2)] == list(vintage.unpaid)


def test_an_age_is_seen_once_the_whole_month_has_reached_it():
    """An invoice of the last day of June is 30 days old on 30 July: the day before, nothing is known."""
    books = Books()
    books.invoice("F-1", 10_000, on=JUNE)

    for day, expected in ((29, (None, None)), (30, (10_000, None))):
        [vintage] = paid_vintages(books.ledger, as_of=dt.date(2026, 7, day), ages=(30, 60))
        assert expected == vintage.unpaid_minor


def test_what_was_kept_back_is_unpaid():
    """A deduction is unpaid on an item of its own, and no sale."""
    books = Books()
    books.invoice("F-1", 10_000, on=JUNE)
    books.receipt("r-1", 8_000, on=JUNE + dt.timedelta(days=10))
    residual = [(ResidualKind.DEDUCTION, 2_000)]
    legs = {"F-1": 10_000, "r-1": -8_000}
    books.allocate("a-1", legs, on=JUNE + dt.timedelta(days=10), residuals=residual, of="F-1")

    [vintage] = paid_vintages(books.ledger, as_of=AS_OF, ages=(5, 30))

    assert ((10_000, 2_000), (0, 8_000), 1) == (
        vintage.unpaid_minor,
        vintage.paid_minor,
        vintage.items,
    )


@LAWS
@given(worlds())
def test_what_is_never_undone_is_monotone(world):
    """Where nothing is taken back, what is unpaid only falls with age, and starts at most at the sales."""
    ledger = world[0]
    kinds = (DocumentIssued, ReceiptRecorded, ReceiptIdentified, Allocated)
    # What was allocated again after an undoing may not fit without it.
    if not all(isinstance(event, kinds) or not event.is_posting for event in ledger.events):
        ledger = Ledger.replay(e for e in ledger.events if isinstance(e, DocumentIssued))

    for vintage in paid_vintages(ledger, as_of=dt.date(2029, 1, 1), ages=range(0, 200, 20)):
        seen = [vintage.sales_minor, *vintage.unpaid_minor]
        assert sorted(seen, reverse=True) == seen


@settings(max_examples=15, deadline=None)
@given(worlds())
def test_columns_are_the_values(world):
    """Over frames the vintages are those of the values."""
    ledger, _, as_of, _ = world
    expected = paid_vintages(ledger, as_of=as_of, ages=(0, 10, 45), by=["customer"])

    found = _over("polars", ledger, as_of=as_of, ages=(0, 10, 45))

    assert (list(expected.columns), expected.to_rows()) == (names_of(found), rows_of(found))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame(kind):
    """On every engine the answer is one; an age that is not seen is a gap."""
    books = Books()
    books.invoice("F-1", 10_000, on=JUNE)
    books.invoice("F-2", 5_000, on=dt.date(2026, 7, 31), customer="C-2")
    books.pay("F-1", 4_000, on=JUNE + dt.timedelta(days=30))
    expected = paid_vintages(books.ledger, as_of=AS_OF, ages=(29, 30), by=["customer"])

    found = _over(kind, books.ledger, as_of=AS_OF, ages=(29, 30))

    assert [tuple(map(_plain, row)) for row in expected.to_rows()] == [
        tuple(map(_plain, row)) for row in rows_of(found)
    ]
    assert (202606, "C-1", "EUR", 10_000, 10_000, 6_000, 1) == expected.to_rows()[0]


def _plain(cell):
    return int(cell) if isinstance(cell, float) else cell


def _over(kind, ledger, **asked):
    columns = ledger.to_columns()
    items = {name: cells for name, cells in columns.items.items() if name != "installment"}
    return vintage_columns.paid_vintages(
        frame_of(kind, items),
        frame_of(kind, dict(columns.moves)),
        by=["customer", "currency"],
        **asked,
    )


def test_a_curve_and_a_table():
    """Months that are old enough make one curve; a table has shares, and a dash where nothing is seen."""
    books = Books()
    books.invoice("F-1", 10_000, on=JUNE)
    books.invoice("F-2", 10_000, on=dt.date(2026, 12, 1))
    books.pay("F-1", 5_000, on=JUNE + dt.timedelta(days=20))
    table = paid_vintages(books.ledger, as_of=AS_OF, ages=(0, 30))

    assert (Fraction(1, 1), Fraction(1, 2)) == table.curve()
    assert table.get(dt.date(2026, 12, 9)).unpaid == (1, None)
    assert "50.0 %" in str(table)
    assert "–" in table._repr_html_()
    assert len(table.to_frame()) == 2


REFUSED = {
    "no ages": {"ages": ()},
    "an age below zero": {"ages": (-1,)},
    "a half day": {"ages": (30.5,)},
    "too many": {"ages": range(61)},
}


@pytest.mark.parametrize("asked", REFUSED.values(), ids=REFUSED)
def test_refused_ages(asked):
    """Ages that cannot be are refused."""
    with pytest.raises(PolicyError, match="ages must be"):
        paid_vintages(Ledger(), as_of=AS_OF, **asked)


def test_other_refusals():
    """A vintage has all its ages, a group is one, currencies are kept apart, moments have a zone."""
    books = Books()
    books.invoice("F-1", 10_000, on=JUNE)
    books.invoice("F-2", 10_000, on=JUNE, currency="USD")
    frames = (
        frame_of(
            "polars",
            {n: c for n, c in books.ledger.to_columns().items.items() if n != "installment"},
        ),
        frame_of("polars", dict(books.ledger.to_columns().moves)),
    )

    with pytest.raises(PolicyError, match="one"):
        paid_vintages(books.ledger, as_of=AS_OF).curve()
    with pytest.raises(PolicyError, match="currency"):
        vintage_columns.paid_vintages(*frames, as_of=AS_OF, by=["customer"])
    with pytest.raises(PolicyError, match="time zone"):
        vintage_columns.paid_vintages(*frames, as_of=AS_OF, known_at=dt.datetime(2026, 1, 1))
    with pytest.raises(DocumentError, match="ages"):
        PaidVintage(
            month=JUNE, currency="EUR", ages=(1,), sales_minor=1, unpaid_minor=(), paid_minor=()
        )
