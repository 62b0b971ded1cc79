"""What moves items: every change of the ledger has a cause, and nothing else has."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from receivables.allocation import ResidualKind
from receivables.measures import MoveCause, item_moves
from receivables.measures._moves import Watch

from .worlds import LAWS, Books, worlds

DAY = dt.date(2026, 10, 1)


@LAWS
@given(worlds())
def test_moves_are_what_is_open(world):
    """Summed up to any day the moves of an item are what the ledger says is open of it."""
    ledger, day, _, _ = world
    expected = {(one.creditor, one.item): one.open_minor for one in ledger.open_items(as_of=day)}

    found = {}
    for move in item_moves(ledger):
        if move.on <= day:
            key = (move.creditor, move.item)
            found[key] = found.get(key, 0) + move.amount_minor

    assert expected == {key: minor for key, minor in found.items() if minor}


@LAWS
@given(worlds())
def test_passages_foot(world):
    """What was open of an item and what moved it are what is open of it later."""
    ledger, first, last, _ = world

    for one in Watch(ledger=ledger).between(first, last):
        assert one.opening_minor + sum(one.moved.values()) == one.closing_minor


def _moved(books, item):
    return {
        (one.cause, one.amount_minor)
        for one in item_moves(books.ledger)
        if one.item == item and one.on > DAY
    }


CASES = {
    "money": (
        lambda books: books.pay("F-1", 6_000, on=DAY + dt.timedelta(days=5)),
        {(MoveCause.PAID, -6_000)},
    ),
    "a write-off": (
        lambda books: books.write_off("F-1", 6_000, on=DAY + dt.timedelta(days=5)),
        {(MoveCause.WRITTEN_OFF, -6_000)},
    ),
    "money and a discount": (
        lambda books: books.allocate(
            "a-1",
            {"F-1": 6_000, "r-1": -5_900},
            residuals=[(ResidualKind.SETTLEMENT_DISCOUNT, 100)],
            on=DAY + dt.timedelta(days=5),
        ),
        {(MoveCause.PAID, -5_900), (MoveCause.OTHER, -100)},
    ),
    "money and a credit note": (
        lambda books: books.allocate(
            "a-1", {"F-1": 6_000, "r-1": -4_000, "N-1": -2_000}, on=DAY + dt.timedelta(days=5)
        ),
        {(MoveCause.PAID, -4_000), (MoveCause.CREDITED, -2_000)},
    ),
}


@pytest.mark.parametrize(("settle", "expected"), CASES.values(), ids=CASES)
def test_causes(settle, expected):
    """What settles an item is told apart by what bore it."""
    books = Books()
    books.invoice("F-1", 10_000, on=DAY)
    books.receipt("r-1", 8_000, on=DAY)
    books.credit_note("N-1", 3_000, on=DAY)

    settle(books)

    assert expected == _moved(books, "F-1")


def test_two_debits_share_cash_and_credit_exactly():
    """What two invoices bear of money and of a credit note is all of both, to the cent."""
    books = Books()
    books.invoice("F-1", 333, on=DAY)
    books.invoice("F-2", 667, on=DAY)
    books.receipt("r-1", 501, on=DAY)
    books.credit_note("N-1", 499, on=DAY)
    books.allocate(
        "a-1", {"F-1": 333, "F-2": 667, "r-1": -501, "N-1": -499}, on=DAY + dt.timedelta(days=1)
    )

    paid, credited = (
        sum(minor for item in ("F-1", "F-2") for of, minor in _moved(books, item) if of is cause)
        for cause in (MoveCause.PAID, MoveCause.CREDITED)
    )

    assert (-501, -499) == (paid, credited)
