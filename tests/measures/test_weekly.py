"""The aging of two days with its movements: bucket by bucket it foots, to the cent."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given

from receivables.aging import AgingScheme, Credits, Undated, age
from receivables.errors import DocumentError, PolicyError
from receivables.ledger import Ledger
from receivables.measures import AgingMovementKind, aging_movement, weekly_aging

from .worlds import LAWS, MONTHLY, Books, worlds

MONDAY = dt.date(2026, 10, 5)


@LAWS
@given(worlds())
def test_opening_and_movements_are_the_closing(world):
    """Of any two days, groups and schemes, opening and closing are those of the aging, and foot."""
    ledger, first, last, scheme = world

    found = aging_movement(ledger, first=first, last=last, scheme=scheme, by=["customer"])

    for day, name in ((first, "opening_minor"), (last, "closing_minor")):
        aged = age(ledger.open_items(as_of=day), scheme=scheme, as_of=day)
        expected = {
            (row.customer, row.currency): (*row.buckets_minor, row.credits_minor, row.total_minor)
            for row in aged.rows
        }
        places = {(row.customer, row.currency): getattr(row, name) for row in found}
        assert expected == {key: value for key, value in places.items() if key in expected}
        assert not any(any(value) for key, value in places.items() if key not in expected)


@LAWS
@given(worlds(credits=Credits.APART))
def test_rolling_moves_nothing_in_all(world):
    """What rolled into buckets of a group rolled out of others, and customers hand over to customers."""
    ledger, first, last, scheme = world
    kinds = AgingMovementKind

    by_customer = aging_movement(ledger, first=first, last=last, scheme=scheme, by=["customer"])
    alone = aging_movement(ledger, first=first, last=last, scheme=scheme)

    for row in by_customer:
        rolled = [row.movements.get(kind, (0,)) for kind in (kinds.ROLLED_IN, kinds.ROLLED_OUT)]
        assert sum(places[-1] for places in rolled) == 0
    totals = {row.currency: (row.opening_minor, row.closing_minor) for row in by_customer.totals}
    assert totals == {row.currency: (row.opening_minor, row.closing_minor) for row in alone}


def _week():
    books = Books()
    books.invoice("F-1", 10_000, on=MONDAY - dt.timedelta(days=31))
    books.invoice("F-2", 7_000, on=MONDAY - dt.timedelta(days=29))
    books.invoice("F-3", 2_500, on=MONDAY + dt.timedelta(days=2))
    books.pay("F-1", 4_000, on=MONDAY + dt.timedelta(days=3))
    books.credit_note("N-1", 500, on=MONDAY + dt.timedelta(days=3))
    books.allocate("a-1", {"F-1": 500, "N-1": -500}, on=MONDAY + dt.timedelta(days=4))
    books.write_off("F-3", 100, on=MONDAY + dt.timedelta(days=5))
    return books.ledger


def test_a_week():
    """What was invoiced, paid, credited, written off and rolled stands in its bucket."""
    [row] = weekly_aging(_week(), as_of=MONDAY + dt.timedelta(days=7), scheme=AgingScheme(30))

    lines = {name: places[:2] for name, places in row.lines()}
    assert lines == {
        "opening": (7_000, 10_000),
        "invoiced": (2_500, 0),
        "paid": (0, -4_000),
        "credited": (0, -500),
        "written-off": (-100, 0),
        "rolled-in": (0, 7_000),
        "rolled-out": (-7_000, 0),
        "closing": (2_400, 12_500),
    }


def test_what_was_learned_since_the_last_report_is_recorded_late():
    """The opening is what was reported; an invoice of before that was recorded since is told apart."""
    books = Books()
    books.invoice("F-1", 10_000, on=MONDAY - dt.timedelta(days=5))
    reported_at = books.ledger.last_recorded_at
    books.invoice("F-2", 300, on=MONDAY - dt.timedelta(days=4))

    [row] = weekly_aging(
        books.ledger,
        as_of=MONDAY + dt.timedelta(days=7),
        scheme=MONTHLY,
        reported_at=reported_at,
    )

    assert (10_000, 300, 10_300) == (
        row.opening_minor[-1],
        row.movements[AgingMovementKind.RECORDED_LATE][-1],
        row.closing_minor[-1],
    )


def test_a_table_has_a_line_for_each_movement():
    """A person reads opening, movements and closing below each other, bucket by bucket."""
    found = weekly_aging(_week(), as_of=MONDAY + dt.timedelta(days=7), scheme=AgingScheme(30))

    table = found.to_table()

    assert ("currency", "kind", "bucket_0") == tuple(one.name for one in table.columns[:3])
    assert [str(row[1]) for row in table.rows] == [
        row[1].replace("-", " ") for row in found.to_rows()
    ]
    assert found.to_frame().columns == list(found.columns)
    assert "<td" in found._repr_html_()
    assert "rolled in" in str(found)


REFUSED = {
    "the last day first": (
        PolicyError,
        "last must be later",
        {"first": MONDAY, "last": MONDAY, "scheme": MONTHLY},
    ),
    "a grouping that is none": (
        ValueError,
        "town",
        {"first": MONDAY, "last": dt.date(2026, 12, 1), "scheme": MONTHLY, "by": ["town"]},
    ),
}


@pytest.mark.parametrize(("error", "says", "given_"), REFUSED.values(), ids=REFUSED)
def test_refusals(error, says, given_):
    """Days out of order and unknown groupings are refused."""
    with pytest.raises(error, match=says):
        aging_movement(Ledger(), **given_)


def test_a_row_that_does_not_foot_is_refused():
    """No row can be made whose movements are not its change."""
    [row] = weekly_aging(_week(), as_of=MONDAY + dt.timedelta(days=7), scheme=AgingScheme(30))

    with pytest.raises(DocumentError, match="closing of all in EUR must be"):
        attrs.evolve(row, opening_minor=[0] * 4)


def test_undated_debits_are_refused_by_name():
    """A debit without a due date is refused where the scheme says so, and aged where it does not."""
    books = Books()
    books.invoice("F-1", 10_000, on=MONDAY)
    scheme = AgingScheme(30, undated=Undated.REFUSE)

    found = weekly_aging(books.ledger, as_of=MONDAY + dt.timedelta(days=1), scheme=scheme)

    assert found.get(currency="EUR").closing_minor[-1] == 10_000
    assert found.get(currency="USD") is None
