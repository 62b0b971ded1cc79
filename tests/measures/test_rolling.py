"""The roll-rate matrix: rows are their opening, the chain is the loss rate, and columns agree."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given, settings

from receivables.aging import AgingScheme
from receivables.aging.columns import aged
from receivables.allowance import roll_rates as monthly_roll_rates
from receivables.errors import DocumentError, PolicyError
from receivables.ledger import DueDateChanged, Ledger
from receivables.ledger.columns import balances
from receivables.measures import (
    RollMatrix,
    RollWarning,
    bucket_width,
    roll_days,
    roll_matrices,
    roll_series,
)
from receivables.measures.rolling_columns import move_columns, roll_rates, roll_rates_of_aged

from ..aging.worlds import KINDS, frame_of, names_of, rows_of  # noqa: TID252  # one world of frames
from .worlds import LAWS, MONTHLY, Books, worlds

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


@LAWS
@given(worlds())
def test_rows_are_their_opening(world):
    """What stood in a bucket stands somewhere or left; what stands now was there or entered."""
    ledger, first, last, scheme = world

    table = roll_matrices(ledger, first=first, last=last, scheme=scheme, by=["customer"])

    for day, name in ((first, "opening_minor"), (last, "closing_minor")):
        debits = [one for one in ledger.open_items(as_of=day) if one.open_minor > 0]
        expected = {}
        for one in debits:
            key = (one.customer, one.currency)
            expected[key] = expected.get(key, 0) + one.open_minor
        found = {(one.customer, one.currency): sum(getattr(one, name)) for one in table}
        assert expected == {key: minor for key, minor in found.items() if minor}


@LAWS
@given(worlds())
def test_known_then_is_the_ledger_of_then(world):
    """As known at a moment, the matrix is that of the events recorded by then."""
    ledger, first, last, scheme = world
    half = ledger.events[: len(ledger) // 2]
    if not half or (
        len(half) < len(ledger) and ledger.events[len(half)].recorded_at == half[-1].recorded_at
    ):
        return

    now = roll_matrices(
        ledger, first=first, last=last, scheme=scheme, known_at=half[-1].recorded_at
    )

    assert now == roll_matrices(Ledger.replay(half), first=first, last=last, scheme=scheme)


def test_month_ends_are_those_of_the_allowance():
    """From month end to month end the sums are those that loss rates are drawn from."""
    ledger = Ledger.replay(
        e
        for e in _story().events
        if getattr(e, "document", None) is None or e.document.currency == "EUR"
    )
    expected = monthly_roll_rates(
        ledger, "MIRA", scheme=MONTHLY, first=dt.date(2026, 8, 1), last=dt.date(2026, 12, 31)
    )

    [found] = roll_series(ledger, days=expected.days, scheme=MONTHLY).added()

    assert (expected.opening, expected.matrix) == (found.opening_minor, found.matrix)
    assert expected.lost == found.written_off_minor
    assert expected.rolls == tuple(roll or 0 for roll in found.rolls)


def _matrix(rolls, scheme=MONTHLY):
    """A matrix with given rolls into the next bucket, of 100,000 in each; the rest was paid."""
    count = scheme.bucket_count
    rows = [[0] * count for _ in range(count)]
    for place, roll in enumerate(rolls):
        rows[place][place + 1] = roll * 1_000
    return RollMatrix(
        scheme=scheme,
        first=FIRST,
        last=LAST,
        lags=[30],
        currency="EUR",
        opening_minor=[100_000] * count,
        matrix=rows,
        paid_minor=[100_000 - sum(row) for row in rows],
    )


def test_the_chain_is_the_loss_rate():
    """5, 20, 50 and 60 % on to what counts as lost are 0.3, 6, 30 and 60 % (oracle ``roll-chain``)."""
    matrix = _matrix([5, 20, 50, 60])

    percents = [rate * 100 for rate in matrix.loss_rates(lost_from=4)]

    assert [Fraction("0.3"), 6, 30, 60] == percents
    assert () == matrix.warnings


def test_an_empty_bucket_says_nothing():
    """A bucket that held nothing has no roll, and what leads through it has no loss rate."""
    empty = RollMatrix(
        scheme=AgingScheme(30),
        first=FIRST,
        last=LAST,
        lags=[30],
        currency="EUR",
        opening_minor=[100, 0, 100],
        matrix=[[0, 50, 0], [0, 0, 0], [0, 0, 60]],
        paid_minor=[50, 0, 20],
        written_off_minor=[0, 0, 20],
    )

    assert (Fraction(1, 2), None, Fraction(1, 5)) == empty.rolls
    assert (None, None) == empty.loss_rates()
    assert empty.share(1, 1) is None


SPANS = {
    "a month of 30": (AgingScheme(30, 60), 30, ()),
    "a month of 31": (AgingScheme(30, 60), 31, (RollWarning.LAG_IS_NOT_WIDTH,)),
    "a week by months": (AgingScheme(30, 60), 7, (RollWarning.LAG_IS_NOT_WIDTH,)),
    "uneven": (AgingScheme(15, 60), 15, (RollWarning.UNEVEN_BUCKETS,)),
    "one bound": (AgingScheme(0), 11, ()),
}


@pytest.mark.parametrize(("scheme", "lag", "expected"), SPANS.values(), ids=SPANS)
def test_the_lag_must_be_the_width(scheme, lag, expected):
    """Days that do not lie a bucket's width apart are a warning on values and refused over frames."""
    books = Books()
    books.invoice("F-1", 100, on=dt.date(2026, 9, 1))
    last = FIRST + dt.timedelta(days=lag)
    items, moves = _frames("polars", books.ledger)

    table = roll_matrices(books.ledger, first=FIRST, last=last, scheme=scheme)

    assert expected == table.warnings
    asked = {"first": FIRST, "last": last, "scheme": scheme}
    if expected:
        with pytest.raises(PolicyError, match="buckets must be"):
            roll_rates(items, moves, **asked)
    assert len(roll_rates(items, moves, **asked, any_lag=True)) == 1


def test_days_of_a_series_lie_a_width_apart():
    """The days of a series are so many widths before the last one; uneven buckets have none."""
    assert bucket_width(MONTHLY) == 30
    assert roll_days(LAST, scheme=MONTHLY, count=1) == (FIRST, LAST)
    for scheme, count in ((AgingScheme(15, 60), 3), (MONTHLY, 0)):
        with pytest.raises(PolicyError):
            roll_days(LAST, scheme=scheme, count=count)


def _story():
    books = Books()
    books.invoice("F-1", 10_000, on=dt.date(2026, 8, 20))
    books.invoice("F-2", 5_000, on=dt.date(2026, 9, 10))
    books.invoice("F-3", 900, on=dt.date(2026, 10, 5))
    books.invoice("F-4", 700, on=dt.date(2026, 8, 1), customer="C-2", currency="CAD")
    books.pay("F-2", 2_000, on=dt.date(2026, 10, 12))
    books.write_off("F-1", 1_000, on=dt.date(2026, 10, 20))
    return books.ledger


def test_what_left_is_told_apart_and_what_entered_moves_no_rate():
    """Paid and written off are columns of the row; an invoice of the month is in no row."""
    table = roll_matrices(_story(), first=FIRST, last=LAST, scheme=MONTHLY)

    matrix = table.get(currency="EUR")

    assert (5_000, 10_000) == matrix.opening_minor[:2]
    assert ((0, 3_000), (0, 0, 9_000)) == (matrix.matrix[0][:2], matrix.matrix[1][:3])
    assert (2_000, 1_000) == (matrix.paid_minor[0], matrix.written_off_minor[1])
    assert (900, 0) == matrix.entered_minor[:2]
    assert (Fraction(3, 5), Fraction(1)) == matrix.rolls[:2]


def test_a_series_adds_up():
    """Steps are told one by one, and added up as one matrix."""
    series = roll_series(
        _story(),
        days=roll_days(LAST, scheme=MONTHLY, count=2),
        scheme=MONTHLY,
        by=["segment"],
        segments={"C-1": "small"},
    )

    added = series.added().get(currency="EUR", segment="small")

    assert ((FIRST, Fraction(1)), (LAST, Fraction(3, 5))) == series.rolls(0, currency="EUR")
    assert 15_000 == added.opening_minor[0]
    assert (30, 30) == added.lags
    assert "2026-10-31" in str(series)
    assert "<table>" in series._repr_html_()


def test_tables_for_people():
    """A row for each bucket with what it held, and shares of where it went; warnings are notes."""
    table = roll_matrices(_story(), first=FIRST, last=dt.date(2026, 11, 1), scheme=MONTHLY)

    shown = table.to_table()

    assert [str(note) for note in shown.notes] == ["the days do not lie a bucket's width apart"]
    assert len(shown.rows) == len(table.to_rows())
    assert "40.0 %" in str(table.get(currency="EUR"))
    assert table.to_frame().columns == list(table.columns)
    assert "<table>" in table._repr_html_()
    assert "<table>" in table.matrices[0]._repr_html_()


REFUSED = {
    "a row that does not add up": (
        DocumentError,
        "add up to its opening",
        {"paid_minor": [0, 0, 0]},
    ),
    "too few columns": (DocumentError, "3 rows and columns", {"matrix": [[0], [0], [0]]}),
}


@pytest.mark.parametrize(("error", "says", "changed"), REFUSED.values(), ids=REFUSED)
def test_a_matrix_that_cannot_be_is_refused(error, says, changed):
    """A matrix whose parts disagree cannot be made."""
    fields = {
        "scheme": AgingScheme(30),
        "first": FIRST,
        "last": LAST,
        "lags": [30],
        "currency": "EUR",
        "opening_minor": [10, 0, 0],
        "matrix": [[0, 0, 0]] * 3,
        "paid_minor": [10, 0, 0],
    }
    assert RollMatrix(**fields).left_minor == (10, 0, 0)

    with pytest.raises(error, match=says):
        RollMatrix(**{**fields, **changed})


def test_questions_that_cannot_be_are_refused():
    """No bucket is lost from outside, no series has one day, and groups must leave one matrix."""
    table = roll_matrices(_story(), first=FIRST, last=LAST, scheme=MONTHLY)

    for question in (
        lambda: table.matrices[0].loss_rates(lost_from=0),
        lambda: roll_series(_story(), days=[LAST], scheme=MONTHLY),
        lambda: RollMatrix.added(table.matrices),
        table.get,
    ):
        with pytest.raises(PolicyError):
            question()


# Columns

_WHOLE = ("installment",)


def _frames(kind, ledger, moves=None):
    columns = ledger.to_columns()
    items = {name: cells for name, cells in columns.items.items() if name not in _WHOLE}
    return frame_of(kind, items), frame_of(kind, dict(moves or columns.moves))


@settings(max_examples=15, deadline=None)
@given(world=worlds())
def test_columns_are_the_values(world):
    """Over frames the matrix is that of the values, with what left told apart."""
    ledger, first, last, scheme = world
    # The columns have one due date for both days.
    kept = [event for event in ledger.events if not isinstance(event, DueDateChanged)]
    ledger = Ledger.replay(kept)
    expected = roll_matrices(ledger, first=first, last=last, scheme=scheme, by=["customer"])

    items, moves = _frames("polars", ledger, move_columns(ledger))
    found = roll_rates(
        items,
        moves,
        first=first,
        last=last,
        scheme=scheme,
        by=["customer", "currency"],
        any_lag=True,
    )

    names = names_of(found)
    told = [
        {name: row[name] for name in expected.columns}
        for row in (dict(zip(names, each, strict=True)) for each in rows_of(found))
    ]
    assert told == [dict(zip(expected.columns, row, strict=True)) for row in expected.to_rows()]


@pytest.mark.parametrize("kind", KINDS)
def test_two_aged_frames_say_the_same(kind):
    """From the open items of two days, aged, the matrix is that of items and moves."""
    ledger = _story()
    items, moves = _frames(kind, ledger)
    asked = {"first": FIRST, "last": LAST, "scheme": MONTHLY}

    before, after = (
        aged(balances(items, moves, as_of=day), scheme=MONTHLY, as_of=day) for day in (FIRST, LAST)
    )

    expected = rows_of(roll_rates(items, moves, **asked))
    assert expected == rows_of(roll_rates_of_aged(before, after, scheme=MONTHLY))
    assert [row[1:7] for row in expected] == [
        (2, 700, 0, 0, 0, 700),
        (0, 5_000, 0, 3_000, 0, 0),
        (1, 10_000, 0, 0, 9_000, 0),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_tells_causes(kind):
    """On every engine what was paid, credited and written off stands beside what rolled."""
    ledger = _story()
    expected = roll_matrices(ledger, first=FIRST, last=LAST, scheme=MONTHLY, by=["customer"])

    found = roll_rates(
        *_frames(kind, ledger, move_columns(ledger)),
        first=FIRST,
        last=LAST,
        scheme=MONTHLY,
        by=["customer", "currency"],
    )

    rows = [dict(zip(names_of(found), row, strict=True)) for row in rows_of(found)]
    told = [tuple(row[name] for name in expected.columns) for row in rows]
    assert expected.to_rows() == told
