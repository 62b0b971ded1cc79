"""The column shell answers what the object shell answers, on every kind of frame."""

from __future__ import annotations

import datetime as dt

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables.days import Adjustment
from receivables.documents import Invoice
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.money import from_minor, to_minor
from receivables.terms import (
    Baseline,
    MissingBaseline,
    PaymentTerms,
    TaxBasis,
    baseline_date,
    due_date,
    parse_terms,
    schedule,
)
from receivables.terms.columns import due_dates

from ..aging.worlds import KINDS, names_of, rows_of  # noqa: TID252  # one world of frames
from .worlds import BASES, CALENDAR, simple_terms

D = dt.date
TWINS = settings(max_examples=15, deadline=None)
DATES = ("document_date", "posting_date", "delivery_date", "received_on", "due_date")
_SCHEMA = {
    **dict.fromkeys(DATES, pa.date32()),
    **dict.fromkeys(("amount_minor", "tax_minor", "place", "discount_minor"), pa.int64()),
}


def frame_of(kind, columns):
    """A frame of a kind from columns of Python values."""
    schema = pa.schema([(name, _SCHEMA.get(name, pa.string())) for name in columns])
    table = pa.table(columns, schema=schema)
    if kind in {"polars", "polars lazy"}:
        frame = pl.from_arrow(table)
        return frame.lazy() if kind == "polars lazy" else frame
    if kind == "pandas":
        dates = [name for name in columns if name in DATES]
        return table.to_pandas().astype(dict.fromkeys(dates, "datetime64[us]"))
    if kind == "pandas dates":
        return table.to_pandas()
    if kind == "pandas arrow":
        return table.to_pandas(types_mapper=pd.ArrowDtype)
    return duckdb.from_arrow(table) if kind == "duckdb" else table


def dicts_of(frame):
    """The rows of a frame by the names of their columns, in the order of their places."""
    names = names_of(frame)
    rows = [dict(zip(names, map(plain, row), strict=True)) for row in rows_of(frame)]
    return sorted(rows, key=lambda row: row["place"])


def plain(value):
    """A value as Python has it, whatever the engine keeps for gaps and midnights."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    return value.date() if isinstance(value, dt.datetime) else value


@st.composite
def agreements(draw):
    """A few terms by their keys."""
    count = draw(st.integers(1, 4))
    baselines = st.sampled_from(Baseline)
    missing = st.sampled_from(MissingBaseline)
    return {
        f"T{place}": attrs.evolve(
            draw(simple_terms()), baseline=draw(baselines), missing_baseline=draw(missing)
        )
        for place in range(count)
    }


@st.composite
def items(draw, keys):
    """Rows of dates, amounts and keys; some due dates are stated."""
    count = draw(st.integers(1, 8))
    column = st.lists(BASES, min_size=count, max_size=count)
    amounts = st.integers(-5_000, 500_000) | st.sampled_from([0, 1, 2, 10**15])
    found = [draw(amounts) for _ in range(count)]
    return {
        "place": list(range(count)),
        "terms": [draw(st.sampled_from(keys)) for _ in range(count)],
        **{name: draw(column) for name in DATES[:-1]},
        "due_date": [draw(st.none() | BASES) for _ in range(count)],
        "amount_minor": found,
        "tax_minor": [abs(amount) * draw(st.integers(0, 20)) // 120 for amount in found],
    }


def expected_of(columns, terms):
    """What the object shell says of each row."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [_expected(row, terms[row["terms"]]) for row in rows]


def _expected(row, terms):
    document = Invoice(
        number="1",
        creditor="MIRA",
        customer="C-1",
        total=from_minor(1, "EUR"),
        **{name: row[name] for name in DATES[:-1]},
    )
    start = baseline_date(document, terms)
    (part,) = schedule(
        from_minor(row["amount_minor"], "EUR"),
        terms,
        baseline_date=start,
        tax=from_minor(row["tax_minor"], "EUR"),
        calendar=CALENDAR,
    )
    offers = [(offer.until, to_minor(offer.amount)) for offer in part.discounts]
    return (row["due_date"] or part.due_date, offers)


def actual_of(frame):
    """What the column shell says of each row."""
    return [(row["due_date"], _offers(row)) for row in dicts_of(frame)]


def _offers(row):
    ends = ["", "_2", "_3"]
    pairs = [(row.get(f"discount_date{end}"), row.get(f"discount_minor{end}", 0)) for end in ends]
    assert all((day is None) is (amount == 0) for day, amount in pairs)
    return [(day, amount) for day, amount in pairs if amount]


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(data=st.data(), terms=agreements())
def test_rows_get_what_objects_get(kind, data, terms):
    """One set of terms gives one due date and the same offers, on values and columns."""
    columns = data.draw(items(sorted(terms)))

    frame = due_dates(frame_of(kind, columns), terms=terms, calendar=CALENDAR, discounts=True)

    assert expected_of(columns, terms) == actual_of(frame)


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(terms=simple_terms(), days=st.lists(BASES, min_size=1, max_size=20))
def test_one_value_of_terms_serves_all_rows(kind, terms, days):
    """Without keys every row has the same terms, and rows keep their order."""
    frame = frame_of(kind, {"place": list(range(len(days))), "document_date": days})

    found = due_dates(frame, terms=terms, calendar=CALENDAR)

    expected = [due_date(terms, baseline_date=day, calendar=CALENDAR) for day in days]
    assert expected == [row["due_date"] for row in dicts_of(found)]
    if kind != "duckdb":
        assert list(range(len(days))) == [row[0] for row in rows_of(found)]


NET = parse_terms("2/10 net 30")
ROWS = {
    "place": [0, 1],
    "terms": ["A", "B"],
    "document_date": [D(2026, 1, 31), D(2026, 2, 1)],
    "amount_minor": [10_000, -10_000],
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """The frame is of the caller's kind, with its own columns before the new ones."""
    given = frame_of(kind, ROWS)

    result = due_dates(given, terms={"A": NET, "B": NET}, discounts=True)

    assert type(given) is type(result)
    assert [*ROWS, "due_date", "discount_date", "discount_minor"] == names_of(result)


@pytest.mark.parametrize("kind", KINDS)
def test_empty_frames_stay_empty(kind):
    """No rows are no rows, with the columns that they would have."""
    given = frame_of(kind, {name: [] for name in ROWS})

    result = due_dates(given, terms={"A": NET}, discounts=True)

    assert [] == rows_of(result)
    assert "discount_minor" in names_of(result)


@pytest.mark.parametrize("kind", KINDS)
def test_dates_far_apart_are_asked_one_by_one(kind):
    """A frame over centuries is answered for the dates that it has."""
    days = [D(1, 1, 1), D(1969, 12, 31), D(9000, 6, 30)]
    frame = frame_of(kind, {"place": [0, 1, 2], "document_date": days})

    found = due_dates(frame, terms=parse_terms("45 end of month"))

    expected = [D(1, 2, 28), D(1970, 2, 28), D(9000, 8, 31)]
    assert expected == [row["due_date"] for row in dicts_of(found)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_trusted_frame_gets_the_same(kind):
    """What the door is spared changes no answer."""
    frames = [
        due_dates(frame_of(kind, ROWS), terms={"A": NET, "B": NET}, discounts=True, trusted=trusted)
        for trusted in (False, True)
    ]

    assert dicts_of(frames[0]) == dicts_of(frames[1])


def test_a_lazy_frame_stays_lazy():
    """Only the question about dates and keys is computed before the caller collects."""
    seen = []
    frame = pl.LazyFrame(ROWS).with_columns(
        amount_minor=pl.col("amount_minor").map_batches(
            lambda one: (seen.append(len(one)), one)[1], return_dtype=pl.Int64
        )
    )

    due_dates(frame, terms={"A": NET, "B": NET}, trusted=True)

    assert [] == seen


_UNTAXED = attrs.evolve(NET, tax_basis=TaxBasis.EXCLUDED)
_SHIFTED = attrs.evolve(NET, adjustment=Adjustment.FOLLOWING)
REFUSED = [
    ({}, {"A": NET}, DocumentError, "column terms must hold keys of the terms, got 'B'"),
    ({}, {}, PolicyError, "terms must be 1 to"),
    ({}, parse_terms("30/60/90"), PolicyError, "must have one due date, got 3 installments"),
    (
        {"document_date": [None, D(2026, 1, 1)]},
        NET,
        DocumentError,
        "document_date must have no gaps",
    ),
    ({"terms": [None, "A"]}, {"A": NET}, DocumentError, "column terms must have no gaps"),
    ({"amount_minor": [1, 10 * limits.AMOUNT_MINOR_MAX]}, NET, LimitError, "must be at most"),
    ({}, _UNTAXED, DocumentError, "columns must include tax_minor"),
    ({}, _SHIFTED, PolicyError, "calendar must be given"),
    ({"document_date": [D(9999, 12, 31), D(2026, 1, 1)]}, NET, LimitError, "before the year 10000"),
    (
        {"delivery_date": [None, D(2026, 1, 1)]},
        {"A": NET, "B": attrs.evolve(NET, baseline=Baseline.LATER_OF_DOCUMENT_AND_DELIVERY)},
        None,
        "",
    ),
    (
        {"delivery_date": [None, D(2026, 1, 1)]},
        {"B": NET, "A": attrs.evolve(NET, baseline=Baseline.LATER_OF_DOCUMENT_AND_DELIVERY)},
        DocumentError,
        "the date that terms count from must have no gaps, got 1",
    ),
    ({"discount_minor": [1, 2]}, NET, DocumentError, "got discount_minor"),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("changes", "terms", "error", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(kind, changes, terms, error, message):
    """Unknown keys, gaps and amounts beyond the limit are refused by name, on every kind of frame."""
    frame = frame_of(kind, {**ROWS, **changes})

    if error is None:
        assert 2 == len(rows_of(due_dates(frame, terms=terms, discounts=True)))
        return
    with pytest.raises(error, match=message):
        due_dates(frame, terms=terms, discounts=True)


def test_other_column_names_are_left_alone():
    """Columns that the function does not know pass through, and a stated due date stays."""
    frame = pl.DataFrame({**ROWS, "note": ["x", "y"], "due_date": [D(2026, 1, 5), None]})

    found = due_dates(frame, terms=PaymentTerms(days=1))

    assert ["x", "y"] == found["note"].to_list()
    assert [D(2026, 1, 5), D(2026, 2, 2)] == found["due_date"].to_list()
