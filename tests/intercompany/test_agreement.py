"""The agreement of two books: every cause of a difference, and what is none."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import DocumentError
from receivables.intercompany import (
    Agreement,
    AgreementRow,
    Group,
    IntercompanyLine,
    agree,
    confirm,
    lines_from_items,
)
from receivables.testing.builders import an_open_item

AS_OF = dt.date(2026, 10, 31)
DAY, LATER = dt.date(2026, 10, 20), dt.date(2026, 11, 2)


def _line(amount, *, own="A", other="B", **fields):
    known = {"date": DAY, "currency": "EUR", "reference": "x-1", **fields}
    return IntercompanyLine(creditor=own, counterparty=other, amount_minor=amount, **known)


def _theirs(amount, **fields):
    return _line(amount, own="B", other="A", **fields)


def _agreed(ours, theirs):
    return agree(ours, theirs, creditor="A", counterparty="B", as_of=AS_OF)


DIFFERENCES = {
    "missing there": ([_line(-100)], [], [("missing", -100)]),
    "missing here": ([], [_theirs(100)], [("missing", 100)]),
    "another amount": ([_line(-100)], [_theirs(90)], [("amount", -10)]),
    "the same sign": ([_line(100)], [_theirs(100)], [("amount", 200)]),
    "another currency": (
        [_line(-100)],
        [_theirs(100, currency="USD")],
        [("currency", -100), ("currency", 100)],
    ),
    "later there": ([_line(-100)], [_theirs(100, date=LATER)], [("timing", -100)]),
    "later here, unnamed": (
        [_line(-100, reference="", date=LATER)],
        [_theirs(100, date=AS_OF)],
        [("timing", 100)],
    ),
    "twice there": ([_line(-100)], [_theirs(100), _theirs(100)], [("duplicate", 100)]),
    "twice here": ([_line(-100), _line(-100)], [_theirs(100)], [("duplicate", -100)]),
}


@pytest.mark.parametrize("case", DIFFERENCES)
def test_each_difference_has_its_cause(case):
    """What keeps the two books from zero is named by cause and amount."""
    ours, theirs, expected = DIFFERENCES[case]

    found = [(one.cause.value, one.difference_minor) for one in _agreed(ours, theirs).differences]

    assert sorted(expected) == sorted(found)


AGREEMENTS = {
    "the same": ([_line(-100)], [_theirs(100)]),
    "another day": ([_line(-100)], [_theirs(100, date=AS_OF)]),
    "another name, one day": ([_line(-100)], [_theirs(100, reference="IC-7")]),
    "no name, days apart": (
        [_line(-100)],
        [_theirs(100, reference="", date=dt.date(2026, 10, 23))],
    ),
    "lines of others": ([_line(-5, other="C")], [_line(9, own="C", other="B")]),
    "later on both sides": ([_line(-100, date=LATER)], [_theirs(100, date=LATER)]),
    "none": ([], []),
}


@pytest.mark.parametrize("case", AGREEMENTS)
def test_what_is_mirrored_is_agreed(case):
    """Lines that only look different agree."""
    ours, theirs = AGREEMENTS[case]

    assert _agreed(ours, theirs).is_agreed


def test_unnamed_lines_far_apart_are_not_taken_for_one():
    """The same amount a month later is another fact."""
    agreement = _agreed(
        [_line(-100, reference="", date=dt.date(2026, 9, 1))], [_theirs(100, reference="")]
    )

    assert ["missing", "missing"] == [one.cause.value for one in agreement.differences]
    assert agreement.rows[0].difference_minor == 0


def test_currencies_are_agreed_apart():
    """There is a row for each currency, and no sum across them."""
    agreement = _agreed(
        [_line(-100), _line(-7, currency="USD", reference="x-2")],
        [_theirs(100), _theirs(7, currency="USD", reference="x-2")],
    )

    assert [(row.currency, row.ours_minor, row.theirs_minor) for row in agreement.rows] == [
        ("EUR", -100, 100),
        ("USD", -7, 7),
    ]


def test_a_table_has_the_columns_it_names():
    """Each difference is a row with the lines of both books."""
    agreement = _agreed([_line(-100)], [_theirs(90)])

    (row,) = [dict(zip(agreement.columns, each, strict=True)) for each in agreement.to_rows()]

    assert (row["ours_minor"], row["theirs_minor"], row["difference_minor"]) == (-100, 90, -10)


def test_an_agreement_that_does_not_add_up_is_refused():
    """No list of differences may fall short of the balances."""
    row = AgreementRow(currency="EUR", ours_minor=-100, theirs_minor=90)

    with pytest.raises(DocumentError, match="must add up"):
        Agreement(creditor="A", counterparty="B", as_of=AS_OF, rows=[row])


def test_a_confirmation_is_what_one_book_says():
    """The other entity gets the balance of the day, and the lines that make it up."""
    lines = [_line(-100), _line(30, reference="x-2"), _line(5, date=LATER), _line(1, other="C")]

    confirmation = confirm(lines, creditor="A", counterparty="B", as_of=AS_OF)

    assert dict(confirmation.balances) == {"EUR": -70}
    assert len(confirmation.lines) == 2


def test_customers_of_the_group_are_lines_too():
    """What an entity invoiced to another is a line of its book, under the document's number."""
    group = Group({("A", "IC-B"): "B"})
    items = [
        an_open_item("F-1", creditor="A", customer="IC-B"),
        an_open_item("F-2", creditor="A", customer="C-1"),
    ]

    (line,) = lines_from_items(items, group)

    assert (line.counterparty, line.reference, line.amount_minor) == ("B", "F-1", 10_000)
    assert group.customer("A", "B") == "IC-B"
    assert group.customer("B", "A") is None
