"""Balances over data frames equal a plain loop over the same facts, and the ledger's own answer."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.documents import Invoice
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.ledger import DocumentIssued, Ledger, ReceiptRecorded
from receivables.ledger.columns import balances
from receivables.money import money
from receivables.receipts import Receipt

from ..aging.worlds import KINDS, frame_of, names_of, rows_of  # noqa: TID252  # one world of frames

DAY = dt.date(2026, 10, 15)
_DAYS = st.dates(dt.date(2026, 10, 10), dt.date(2026, 10, 20))
_MOMENTS = st.datetimes(
    dt.datetime(2026, 10, 10), dt.datetime(2026, 10, 20), timezones=st.just(dt.UTC)
)
_AMOUNTS = st.integers(-1_000, 1_000) | st.sampled_from([10**15, -(10**15)])
_KEYS = st.sampled_from(["F-1", "F-2", "F-3", "r-1"])


@st.composite
def books(draw):
    """Columns of items, one row per key, and of moves on some of them."""
    keys = draw(st.lists(_KEYS, min_size=1, unique=True))
    items = {
        "creditor": ["MIRA"] * len(keys),
        "item": keys,
        "amount_minor": draw(st.lists(_AMOUNTS, min_size=len(keys), max_size=len(keys))),
        "effective_on": draw(st.lists(_DAYS, min_size=len(keys), max_size=len(keys))),
        "recorded_at": draw(st.lists(_MOMENTS, min_size=len(keys), max_size=len(keys))),
    }
    count = draw(st.integers(0, 8))
    moves = {
        "creditor": draw(
            st.lists(st.sampled_from(["MIRA", "NORD"]), min_size=count, max_size=count)
        ),
        "item": draw(st.lists(_KEYS, min_size=count, max_size=count)),
        "amount_minor": draw(st.lists(_AMOUNTS, min_size=count, max_size=count)),
        "effective_on": draw(st.lists(_DAYS, min_size=count, max_size=count)),
        "recorded_at": draw(st.lists(_MOMENTS, min_size=count, max_size=count)),
    }
    return items, moves


def _rows(columns):
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _by_loop(items, moves, *, as_of, known_at=None):
    """What is open of each item, by the plainest loop."""

    def counts(row):
        known = known_at is None or row["recorded_at"] <= known_at
        return row["effective_on"] <= as_of and known

    left = {
        (row["creditor"], row["item"]): row["amount_minor"] for row in _rows(items) if counts(row)
    }
    for move in filter(counts, _rows(moves)):
        key = (move["creditor"], move["item"])
        if key in left:
            left[key] -= move["amount_minor"]
    return {key: minor for key, minor in left.items() if minor}


def _by_columns(kind, items, moves, **day):
    frame = balances(frame_of(kind, items), frame_of(kind, moves), **day)
    # DuckDB shows moments only through a package that nothing else needs.
    names = names_of(frame)
    kept = ["creditor", "item", "open_minor"]
    rows = rows_of(
        frame[kept] if kind.startswith("pandas") else frame.select(*_selected(kind, kept))
    )
    assert names[-1] == "open_minor"
    return {(creditor, item): minor for creditor, item, minor in rows}


def _selected(kind, names):
    return [names] if kind == "pyarrow" else names


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(book=books(), as_of=_DAYS)
def test_balances_on_a_day_are_equal(kind, book, as_of):
    """An item less its moves up to a day is what a loop over them says."""
    items, moves = book

    assert _by_loop(items, moves, as_of=as_of) == _by_columns(kind, items, moves, as_of=as_of)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(book=books(), as_of=_DAYS, known_at=_MOMENTS)
def test_balances_as_known_then_are_equal(kind, book, as_of, known_at):
    """What was recorded later is not known yet, whatever day it is effective on."""
    items, moves = book
    then = {"as_of": as_of, "known_at": known_at}

    assert _by_loop(items, moves, **then) == _by_columns(kind, items, moves, **then)


def _ledger():
    learned = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)
    invoices = [
        Invoice(
            number=f"F-{index}",
            creditor="MIRA",
            customer="C-1",
            document_date=dt.date(2026, 9, index),
            total=money(index * 100, "EUR"),
        )
        for index in (1, 2, 3)
    ]
    receipt = Receipt(
        receipt="r-1",
        creditor="MIRA",
        customer="C-1",
        amount=money("150.00", "EUR"),
        booking_date=dt.date(2026, 9, 20),
    )
    events = [DocumentIssued.of(invoice, recorded_at=learned) for invoice in invoices]
    return Ledger().record(*events, ReceiptRecorded.of(receipt, recorded_at=learned))


@pytest.mark.parametrize("day", [dt.date(2026, 9, 2), dt.date(2026, 9, 20), dt.date(2026, 12, 31)])
def test_a_ledger_s_columns_give_the_ledger_s_balances(day):
    """Exported as columns, a ledger has the open items that it has as values."""
    ledger = _ledger()
    columns = ledger.to_columns()

    frame = balances(pl.DataFrame(columns.items), pl.DataFrame(columns.moves), as_of=day)

    expected = {item.item: item.open_minor for item in ledger.open_items(as_of=day)}
    assert expected == dict(frame.select("item", "open_minor").rows())


ITEMS = pl.DataFrame({"item": ["F-1"], "amount_minor": [100], "posting_date": [DAY]})
MOVES = pl.DataFrame({"item": ["F-1"], "amount_minor": [40], "effective_on": [DAY]})

REFUSED = [
    (ITEMS.drop("amount_minor"), MOVES, {}, DocumentError, "must include amount_minor"),
    (ITEMS.drop("posting_date"), MOVES, {}, DocumentError, "must include posting_date"),
    (ITEMS, MOVES.drop("item"), {}, DocumentError, "must include item"),
    (ITEMS.lazy(), MOVES, {}, DocumentError, "frames of one kind, got lazy polars and polars"),
    (ITEMS, MOVES.to_pandas(), {}, DocumentError, "frames of one kind, got polars and pandas"),
    (ITEMS, MOVES.with_columns(item=pl.lit(1)), {}, DocumentError, "item must have one type"),
    (ITEMS, [], {}, DocumentError, "must be a data frame"),
    (ITEMS, MOVES.with_columns(amount_minor=0.5), {}, DocumentError, "whole minor units"),
    (ITEMS, MOVES.with_columns(amount_minor=10**16), {}, LimitError, "at most"),
    (ITEMS, MOVES, {"known_at": dt.datetime(2026, 1, 1)}, PolicyError, "with a time zone"),
    (ITEMS, MOVES, {"key": ()}, PolicyError, "at least one column"),
]


@pytest.mark.parametrize(("items", "moves", "given", "error", "reason"), REFUSED)
def test_frames_without_balances_are_refused(items, moves, given, error, reason):
    """The door says which column of which kind it misses."""
    with pytest.raises(error, match=reason):
        balances(items, moves, as_of=DAY, **given)


def test_items_keep_their_columns():
    """Whatever else an item has comes out as it went in, with what is open."""
    frame = balances(ITEMS.with_columns(note=pl.lit("x")), MOVES, as_of=DAY)

    assert [("F-1", 100, DAY, "x", 60)] == frame.rows()


def test_no_moves_leave_all_open():
    """A book in which nothing was settled yet has moves without a type, and is open in full."""
    nothing = pl.DataFrame({"item": [], "amount_minor": [], "effective_on": []})

    assert [100] == balances(ITEMS, nothing, as_of=DAY)["open_minor"].to_list()


def test_moments_of_any_zone_are_compared_as_moments():
    """A frame may keep its moments in another zone than the question."""
    stamped = {"recorded_at": [dt.datetime(2026, 10, 15, 12, 0, tzinfo=dt.UTC)]}
    zone = pl.col("recorded_at").dt.convert_time_zone("America/Montreal")
    items = ITEMS.hstack(pl.DataFrame(stamped)).with_columns(zone)
    moves = MOVES.hstack(pl.DataFrame(stamped)).with_columns(zone)

    then = dt.datetime(2026, 10, 15, 14, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    before = then - dt.timedelta(microseconds=1)

    assert 1 == balances(items, moves, as_of=DAY, known_at=then).height
    assert 0 == balances(items, moves, as_of=DAY, known_at=before).height


def test_whole_numbers_beyond_two_to_the_53_stay_exact():
    """A join that leaves gaps makes no floats on the way."""
    items = {
        "item": ["F-1", "F-2"],
        "amount_minor": [10**15 - 1, 10**15 - 3],
        "effective_on": [DAY, DAY],
    }
    moves = {"item": ["F-1"] * 10, "amount_minor": [-(10**15)] * 10, "effective_on": [DAY] * 10}

    for kind in KINDS:
        rows = rows_of(balances(frame_of(kind, items), frame_of(kind, moves), as_of=DAY))

        assert [11 * 10**15 - 1, 10**15 - 3] == sorted((row[-1] for row in rows), reverse=True)
