"""The column shell measures what the object shell measures, on every kind of frame."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.ledger import Ledger
from receivables.measures import Measure, MeasurePolicy, measure_series, measures
from receivables.measures import columns as over
from receivables.testing.strategies import histories

from .measure_worlds import AS_OF, a_book, day, dicts_of, expected, frames

OTHER = MeasurePolicy(
    days=60,
    nets_credits=True,
    balance="average",
    lateness="late-only",
    beyond_terms="net",
    sales_weighting="month",
    cei_sales="monthly",
    top=1,
    count_back_months=3,
)
SEGMENTS = {"C-1": "north", "C-2": "north", "C-3": "south"}
ROUNDED_TWICE = {"dso_sales_weighted_e2", "hhi_e4"}
"""Sums of quotients, which columns round before they add them."""


def _check(ledger, kind, *, by, policy, as_of=AS_OF, known_at=None):
    items, moves = frames(ledger, kind, as_of=as_of, known_at=known_at, segments=SEGMENTS)
    table = measures(
        ledger, as_of=as_of, known_at=known_at, by=by, policy=policy, segments=SEGMENTS
    )

    found = over.measures(items, moves, as_of=as_of, known_at=known_at, by=by, policy=policy)

    rows = {tuple(row[name] for name in (*by, "currency")): row for row in dicts_of(found)}
    wanted = expected(table, by)
    assert set(rows) == set(wanted)
    for place, figures in wanted.items():
        del figures["promise_kept_rate_bps"]
        _check_row(rows[place], figures)


def _check_row(row, figures):
    for name, value in figures.items():
        if value is not None and name in ROUNDED_TWICE:
            assert abs(row[name] - value) <= 1, name
        else:
            assert row[name] == value, name


@pytest.mark.parametrize("kind", ["polars lazy", "pandas", "pyarrow"])
def test_figures_are_equal(kind):
    """A book in which everything happens gives the same figures by customer on any kind."""
    _check(a_book(), kind, by=("customer",), policy=MeasurePolicy())


def test_figures_are_equal_in_duckdb():
    """So it does in DuckDB, which plans long for every column: a few measures of one group."""
    items, moves = frames(a_book(), "duckdb")
    asked = [Measure.DSO, Measure.DSO_COUNT_BACK, Measure.HHI, Measure.RECEIVABLES]
    wanted = expected(measures(a_book(), as_of=AS_OF, measures=asked), ())

    found = over.measures(items, moves, as_of=AS_OF, by=(), measures=asked)

    assert {(row.pop("currency"),): row for row in dicts_of(found)} == wanted


@pytest.mark.parametrize(
    ("by", "policy", "as_of"),
    [
        ((), MeasurePolicy(), AS_OF),
        (("segment",), OTHER, AS_OF),
        (("creditor", "customer"), OTHER, day(9, 21)),
    ],
)
def test_groups_and_definitions_are_equal(by, policy, as_of):
    """Groupings and definitions are the same in both, on days past too."""
    _check(a_book(), "polars", by=by, policy=policy, as_of=as_of)


@settings(max_examples=4, deadline=None)
@given(
    events=histories(), policy=st.sampled_from([MeasurePolicy(), OTHER]), back=st.integers(0, 60)
)
def test_any_ledger_is_measured_alike(events, policy, back):
    """Whatever happened to items, values and columns say the same of any day."""
    ledger = Ledger.replay(events)
    last = max((event.effective_on for event in events), default=AS_OF)

    _check(ledger, "polars", by=("customer",), policy=policy, as_of=last - dt.timedelta(days=back))


def test_a_series_has_a_day_column():
    """Several days stand below each other, each as it is alone."""
    items, moves = frames(a_book(), "polars")
    days = [day(9, 30), day(10, 31)]
    asked = [Measure.DSO, Measure.RECEIVABLES]
    series = measure_series(a_book(), days=days, measures=asked)

    found = over.measure_series(items, moves, days=days, by=(), measures=asked)

    euros = found.filter(pl.col("currency") == "EUR")
    assert euros["as_of"].to_list() == days
    assert euros["receivables_minor"].to_list() == [
        one.get(Measure.RECEIVABLES, currency="EUR").value for one in series.tables
    ]


def test_what_frames_do_not_tell_is_a_gap():
    """Without due dates, kinds and disputes the measures that need them are gaps, not zeros."""
    items, moves = frames(a_book(), "polars")
    bare = items.drop("due_date", "kind", "contested_minor", "sales_minor")

    (row, *_) = over.measures(bare, moves.drop("kind", "paid_on"), as_of=AS_OF, by=()).to_dicts()

    assert row["receivables_minor"] == 1_540_00
    for name in ("cei_bps", "current_share_bps", "unapplied_cash_minor", "dispute_rate_bps"):
        assert row[name] is None
    assert row["bad_debt_rate_bps"] is None


def test_items_that_came_later_are_not_there():
    """A frame of today answers for a past day."""
    items, moves = frames(a_book(), "polars", as_of=day(9, 1))

    found = over.measures(items, moves, as_of=day(6, 9), by=())

    assert found.is_empty()


_BAD = {
    "without tax": (lambda i, m: (i, m), {"policy": MeasurePolicy(without_tax=True)}, PolicyError),
    "a moment without zone": (
        lambda i, m: (i, m),
        {"known_at": dt.datetime(2026, 1, 1)},  # what is refused
        PolicyError,
    ),
    "two kinds": (lambda i, m: (i, m.lazy()), {}, DocumentError),
    "kinds that are numbers": (
        lambda i, m: (i.with_columns(kind=pl.lit(1)), m),
        {},
        DocumentError,
    ),
    "no amounts": (lambda i, m: (i.drop("amount_minor"), m), {}, DocumentError),
    "products beyond 64 bits": (
        lambda i, m: (i.with_columns(amount_minor=pl.lit(10**15)), m),
        {},
        LimitError,
    ),
    "a disputed part nobody says": (
        lambda i, m: (i.drop("contested_minor"), m),
        {"policy": MeasurePolicy(leaves_out_disputed=True)},
        DocumentError,
    ),
}


@pytest.mark.parametrize("case", _BAD)
def test_what_cannot_be_measured_is_refused(case):
    """A frame or a question that has no answer is refused with a reason."""
    change, given_, error = _BAD[case]
    items, moves = change(*frames(a_book(), "polars"))

    with pytest.raises(error):
        over.measures(items, moves, as_of=AS_OF, **given_)


def test_a_series_needs_a_day():
    """No days are no question."""
    items, moves = frames(a_book(), "polars")

    with pytest.raises(PolicyError, match="at least one day"):
        over.measure_series(items, moves, days=[])
