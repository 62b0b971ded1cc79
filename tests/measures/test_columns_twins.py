"""The column shell measures what the object shell measures, on every kind of frame."""

from __future__ import annotations

import contextlib
import datetime as dt
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.frames import column_ops, narwhals
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
MOST_MINOR = 15 * 10**13
"""What all amounts may add up to in one frame of a few decades."""
ROUNDED_TWICE = {"dso_sales_weighted_e2", "hhi_e4"}
"""Sums of quotients, which columns round before they add them."""


@pytest.fixture(scope="module")
def book():
    """The book in which everything happens."""
    return a_book()


def _check(ledger, kind, *, by, policy, as_of=AS_OF, trusted=False):
    items, moves = frames(ledger, kind, as_of=as_of, segments=SEGMENTS)
    table = measures(ledger, as_of=as_of, by=by, policy=policy, segments=SEGMENTS)

    found = over.measures(items, moves, as_of=as_of, by=by, policy=policy, trusted=trusted)

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


@pytest.mark.parametrize(
    ("kind", "by", "policy", "as_of", "trusted"),
    [
        ("polars", (), MeasurePolicy(), AS_OF, False),
        ("polars", ("creditor", "customer"), OTHER, day(9, 21), False),
        ("polars lazy", ("customer",), MeasurePolicy(), AS_OF, True),
        ("pandas", ("segment",), OTHER, AS_OF, False),
        ("pyarrow", ("segment",), OTHER, AS_OF, True),
        ("duckdb", (), OTHER, AS_OF, False),
        ("duckdb", ("customer",), MeasurePolicy(), AS_OF, True),
    ],
)
def test_figures_are_equal(book, kind, by, policy, as_of, trusted):
    """A book in which everything happens gives the same figures on any kind of frame, on days past too.

    Frames that nobody looked at are divided in more steps, as large ones are.
    """
    _check(book, kind, by=by, policy=policy, as_of=as_of, trusted=trusted)


@settings(max_examples=6, deadline=None)
@given(
    events=histories(),
    policy=st.sampled_from([MeasurePolicy(), OTHER]),
    back=st.integers(0, 60),
    trusted=st.booleans(),
)
def test_any_ledger_is_measured_alike(events, policy, back, trusted):
    """Whatever happened to items, values and columns say the same of any day.

    Only amounts that days could take out of 64 bits may be refused instead.
    """
    ledger = Ledger.replay(events)
    last = max((event.effective_on for event in events), default=AS_OF)
    as_of = last - dt.timedelta(days=back)
    amounts = (frame["amount_minor"].abs().sum() for frame in frames(ledger, "polars", as_of=as_of))
    is_large = sum(amounts) > MOST_MINOR
    refused = contextlib.suppress(LimitError) if is_large else contextlib.nullcontext()

    with refused:
        _check(
            ledger,
            "polars",
            by=("customer",),
            policy=policy,
            as_of=as_of,
            trusted=trusted and not is_large,
        )


def test_large_amounts_are_divided_exactly():
    """Amounts that fill 64 bits once they are multiplied are divided as values are, half to even."""
    amounts = [3, 20_000_000_000_003, 7, 40_000_000_000_001]
    items = pl.DataFrame(
        {
            "item": ["a", "b", "c", "d"],
            "customer": ["C", "C", "D", "D"],
            "currency": ["EUR"] * 4,
            "amount_minor": amounts,
            "posting_date": [day(10, 1)] * 4,
            "due_date": [day(10, 11), day(10, 21), day(10, 11), day(11, 30)],
        }
    )
    moves = items.head(0).select("item", "amount_minor", effective_on="due_date")

    found = over.measures(items, moves, as_of=AS_OF).to_dicts()

    for row, (late, more) in zip(found, (amounts[:2], amounts[2:]), strict=True):
        total, is_first = late + more, row["customer"] == "C"
        days = 20 * late + (10 * more if is_first else 0)
        assert round(Fraction(100 * days, total)) == row["days_beyond_terms_e2"]
        past_due = total if is_first else late
        assert round(Fraction(10_000 * past_due, total)) == row["past_due_share_bps"]
        assert row["dso_e2"] == 9_000


@given(
    pairs=st.lists(
        st.tuples(st.integers(-(2**40), 2**40), st.integers(1, 2**40)), min_size=1, max_size=40
    ),
    times=st.sampled_from([100, 10_000]),
    is_small=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_division_is_half_to_even(pairs, times, is_small):
    """Any quotient is rounded once, a half to the even side, with whole units taken off or not."""
    pairs += [(2 * whole + whole // 2, whole * times) for _, whole in pairs]
    ops, col = column_ops(), narwhals().col
    ratio = over._Ratio(name="r", part=col("p"), whole=col("w"), times=times, is_small=is_small)
    frame = narwhals().from_native(
        pl.DataFrame(pairs, schema={"p": pl.Int64, "w": pl.Int64}, orient="row")
    )

    found = over._divided(frame, [], [ratio], ops=ops).select(found=ratio.value(ops))

    assert [round(Fraction(part * times, whole)) for part, whole in pairs] == (
        found.to_native()["found"].to_list()
    )


def test_a_series_has_a_day_column(book):
    """Several days stand below each other, each as it is alone."""
    items, moves = frames(book, "polars")
    days = [day(9, 30), day(10, 31)]
    asked = [Measure.DSO, Measure.RECEIVABLES]
    series = measure_series(book, days=days, measures=asked)

    found = over.measure_series(items, moves, days=days, by=(), measures=asked)

    euros = found.filter(pl.col("currency") == "EUR")
    assert euros["as_of"].to_list() == days
    assert euros["receivables_minor"].to_list() == [
        one.get(Measure.RECEIVABLES, currency="EUR").value for one in series.tables
    ]


def test_what_frames_do_not_tell_is_a_gap(book):
    """Without due dates, kinds and disputes the measures that need them are gaps, not zeros."""
    items, moves = frames(book, "polars")
    bare = items.drop("due_date", "kind", "contested_minor", "sales_minor")

    (row, *_) = over.measures(bare, moves.drop("kind", "paid_on"), as_of=AS_OF, by=()).to_dicts()

    assert row["receivables_minor"] == 1_540_00
    for name in ("cei_bps", "current_share_bps", "unapplied_cash_minor", "dispute_rate_bps"):
        assert row[name] is None
    assert row["bad_debt_rate_bps"] is None


def test_items_that_came_later_are_not_there(book):
    """A frame of today answers for a past day."""
    items, moves = frames(book, "polars", as_of=day(9, 1))

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
def test_what_cannot_be_measured_is_refused(book, case):
    """A frame or a question that has no answer is refused with a reason."""
    change, given_, error = _BAD[case]
    items, moves = change(*frames(book, "polars"))

    with pytest.raises(error):
        over.measures(items, moves, as_of=AS_OF, **given_)


def test_a_series_needs_a_day(book):
    """No days are no question."""
    items, moves = frames(book, "polars")

    with pytest.raises(PolicyError, match="at least one day"):
        over.measure_series(items, moves, days=[])
