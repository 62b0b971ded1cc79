"""A ledger as frames and back: nothing is lost, and nothing that was altered gets by."""

from __future__ import annotations

import datetime as dt

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import EventError, FrameError
from receivables.frames import FrameFault
from receivables.ledger import Ledger
from receivables.ledger.columns import balances
from receivables.ledger.frames import events_of, to_frames
from receivables.ledger.objects import LedgerColumns
from receivables.schemas import EVENTS, ITEMS, MOVES, check_frame
from receivables.testing.strategies import dates, histories

from ..aging.worlds import rows_of  # noqa: TID252  # one world of frames
from .test_wire import EVENTS as EVERY_KIND
from .test_wire import events, sample_events

BACKENDS = ("polars", "pandas", "pyarrow", "duckdb")


@pytest.fixture(scope="module")
def ledger():
    """A ledger with some history, the same in every run."""
    return Ledger.replay(_histories()[0])


def _histories():
    """A few histories, drawn once."""
    found = []

    @settings(max_examples=20, database=None, derandomize=True)
    @given(history=histories())
    def draw(history):
        found.append(history)

    draw()
    return sorted(found, key=len, reverse=True)


def _nothing():
    empty = Ledger().to_columns()
    return LedgerColumns(items=empty.items, moves=empty.moves)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=15, deadline=None)
@given(found=st.lists(events, max_size=4, unique_by=lambda event: event.event))
def test_events_of_every_kind_come_back(backend, found):
    """Whatever an event says, it says the same after a journey through a frame."""
    frame = to_frames(found, _nothing(), backend=backend).events

    assert tuple(found) == events_of(frame)


def test_every_kind_of_event_has_its_columns():
    """A sample of each kind of event is told by its columns as its own fields tell it."""
    found = sample_events()
    frame = to_frames(found, _nothing(), backend="polars").events

    assert {kind.__name__ for kind in EVERY_KIND} == set(frame["kind"])
    assert [event.effective_on for event in found] == frame["effective_on"].to_list()
    assert {"MIRA"} <= set(frame["creditor"])


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=10, deadline=None)
@given(history=histories(), day=dates())
def test_a_ledger_comes_back(backend, history, day):
    """The same events, and so the same balances on any day."""
    before = Ledger.replay(history)

    after = Ledger.from_frames(before.to_frames(backend))

    assert before.events == after.events
    assert before.open_items(as_of=day) == after.open_items(as_of=day)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_frames_keep_their_formats(backend, ledger):
    """Columns, types and keys are those of the schemas, and balances are taken from them."""
    found = ledger.to_frames(backend)

    for schema, frame in ((ITEMS, found.items), (MOVES, found.moves), (EVENTS, found.events)):
        assert () == check_frame(frame, schema)
    day = ledger.last_recorded_at.date() + dt.timedelta(days=400)
    opened = balances(found.items, found.moves, as_of=day)
    columns = ["item", "open_minor"]
    kept = opened[columns] if backend == "pandas" else opened.select(*_selected(backend, columns))
    expected = {item.item: item.open_minor for item in ledger.open_items(as_of=day)}
    assert expected == dict(rows_of(kept))


def _selected(backend, names):
    return [names] if backend == "pyarrow" else names


def _through_parquet(backend, frame, path):
    if backend == "polars":
        frame.write_parquet(path)
        return pl.read_parquet(path)
    if backend == "pandas":
        frame.to_parquet(path)
        return pd.read_parquet(path)
    if backend == "duckdb":
        frame.write_parquet(str(path))
        return duckdb.read_parquet(str(path))
    pq.write_table(frame, path)
    return pq.read_table(path)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_ledger_comes_back_from_parquet(backend, ledger, tmp_path):
    """Files keep the types, so that a ledger can be put away and taken up again."""
    found = ledger.to_frames(backend)
    read = attrs.evolve(
        found,
        **{
            name: _through_parquet(backend, getattr(found, name), tmp_path / f"{name}.parquet")
            for name in ("items", "moves", "events")
        },
    )

    assert ledger.events == Ledger.from_frames(read).events


def test_customers_of_a_past_day_come_back_for_that_day():
    """The day of the frames is the day that they are compared on."""
    for history in _histories()[:5]:
        ledger = Ledger.replay(history)
        day = ledger.events[0].effective_on

        again = Ledger.from_frames(ledger.to_frames("polars", as_of=day), as_of=day)

        assert ledger.events == again.events


def _first(column, value):
    """The frame with another value in the first row of a column."""
    return lambda frame: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(value).otherwise(pl.col(column)).alias(column)
    )


TAMPERED = [
    ("events", lambda frame: frame[1:], {("sequence", FrameFault.MISSING_ROWS, 1)}),
    (
        "events",
        lambda frame: pl.concat([frame, frame[:1]]),
        {("event", FrameFault.DUPLICATE_KEY, 2)},
    ),
    (
        "events",
        _first("effective_on", dt.date(1999, 1, 1)),
        {("effective_on", FrameFault.ALTERED, 1)},
    ),
    ("events", _first("amount_minor", 1), {("amount_minor", FrameFault.ALTERED, 1)}),
    ("events", _first("body", pl.lit("{}")), {("body", FrameFault.ALTERED, 1)}),
    ("events", _first("body", pl.col("body") + " "), {("body", FrameFault.ALTERED, 1)}),
    (
        "events",
        _first("sequence", -1),
        {("sequence", FrameFault.MISSING_ROWS, 1), ("sequence", FrameFault.ALTERED, 1)},
    ),
    (
        "events",
        lambda frame: _first("kind", pl.lit("Gift"))(_first("customer", pl.lit("X"))(frame)),
        {("kind", FrameFault.ALTERED, 1), ("customer", FrameFault.ALTERED, 1)},
    ),
    (
        "events",
        lambda frame: frame.drop("kind").with_columns(sequence=0.5, event=None),
        {
            ("kind", FrameFault.MISSING_COLUMN, None),
            ("sequence", FrameFault.WRONG_TYPE, None),
            ("event", FrameFault.GAPS, "all"),
        },
    ),
    ("items", lambda frame: frame[1:], {("item", FrameFault.MISSING_ROWS, 1)}),
    ("items", _first("amount_minor", 7), {("amount_minor", FrameFault.ALTERED, 1)}),
    (
        "items",
        _first("item", pl.lit("other")),
        {("item", FrameFault.MISSING_ROWS, 1), ("item", FrameFault.ALTERED, 1)},
    ),
    ("moves", lambda frame: frame[1:], {("item", FrameFault.MISSING_ROWS, 1)}),
    (
        "moves",
        _first("amount_minor", 1),
        {("item", FrameFault.MISSING_ROWS, 1), ("item", FrameFault.ALTERED, 1)},
    ),
]


@pytest.mark.parametrize(("name", "tamper", "expected"), TAMPERED)
def test_what_was_altered_is_refused(name, tamper, expected, ledger):
    """One error lists every place, with how many rows and the first of them."""
    found = ledger.to_frames("polars")
    assert len(found.moves), "the history settles something"
    altered = attrs.evolve(found, **{name: tamper(getattr(found, name))})

    with pytest.raises(FrameError) as caught:
        Ledger.from_frames(altered)

    said = {(one.column, one.fault, one.count) for one in caught.value.violations}
    assert {
        (column, fault, len(ledger) if count == "all" else count)
        for column, fault, count in expected
    } == said
    assert all(
        one.what in str(caught.value) or one.fault is FrameFault.MISSING_COLUMN
        for one in caught.value.violations
    )


def test_a_journal_that_ends_too_soon_is_seen_by_its_items(ledger):
    """Cut off at its end, a journal is whole in itself, but not beside its items and moves."""
    found = ledger.to_frames("polars")
    half = found.events.head(len(ledger) // 2)

    assert ledger.events[: len(ledger) // 2] == Ledger.from_events_frame(half).events
    with pytest.raises((FrameError, EventError)):
        Ledger.from_frames(attrs.evolve(found, events=half))
