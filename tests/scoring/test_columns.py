"""The column shell measures what the object shell measures, on every kind of frame."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import DocumentError, LimitError, UnknownCurrencyError
from receivables.limits import AMOUNT_MINOR_MAX
from receivables.scoring import PAYDEX_LIKE_14_21, BehaviourPolicy, behaviour_from
from receivables.scoring.columns import payment_figures

from .behaviour_worlds import AS_OF, KINDS, columns_of, day, dicts_of, experiences, frame_of

TWINS = settings(max_examples=4, deadline=None)
SAME = (
    "payments",
    "paid_minor",
    "dated_minor",
    "paid_days_late",
    "largest_days_late",
    "open_minor",
    "overdue_minor",
    "overdue_bps",
    "oldest_overdue_days",
    "with_open_days_late",
)
"""The columns that are fields of `PaymentFigures` by the same name."""


def _expected(book, policy):
    """The rows that the object shell gives."""
    rows = []
    for customer, one in sorted(behaviour_from(book, as_of=AS_OF, policy=policy).items()):
        for currency, figures in sorted(one.by_currency.items()):
            if figures.payments or figures.open_minor:
                rows.append(
                    {
                        "customer": customer,
                        "currency": currency,
                        **{name: getattr(figures, name) for name in SAME},
                        "paid_late_bps": figures.late_bps,
                        "paydex": figures.paydex(),
                        "paydex_with_open": figures.paydex_with_open(),
                    }
                )
    return rows


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(
    book=st.lists(experiences(), max_size=25),
    policy=st.builds(BehaviourPolicy, months=st.integers(1, 20), late_days=st.integers(0, 9)),
)
def test_figures_are_equal(kind, book, policy):
    """One policy and one list of payments give one set of figures, on values and columns."""
    rows = dicts_of(payment_figures(frame_of(kind, columns_of(book)), as_of=AS_OF, policy=policy))

    assert _expected(book, policy) == rows


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Columns are named alike everywhere, and stand in one order."""
    sold = {
        "customer": ["C-1", "C-1"],
        "currency": ["EUR", "EUR"],
        "amount_minor": [100, 100],
        "due_date": [day(30), None],
        "paid_on": [day(15), day(-3)],
    }
    frame = frame_of(kind, sold)

    result = payment_figures(frame, as_of=AS_OF)

    assert type(frame) is type(result)
    (row,) = dicts_of(result)
    assert ["customer", "currency", "payments", "paid_minor", "dated_minor"] == list(row)[:5]
    assert (1_500, 70, 70, 100, 0) == tuple(
        row[name]
        for name in ("paid_days_late", "paydex", "paydex_with_open", "open_minor", "overdue_minor")
    )


def test_plain_pandas_gives_floats_where_something_is_not_known():
    """Its whole numbers have no gaps; the figures are the same."""
    frame = pd.DataFrame(
        {
            "customer": ["C-1", "C-2"],
            "currency": ["EUR", "EUR"],
            "amount_minor": [100, 100],
            "due_date": pd.to_datetime([day(30), day(5)]),
            "paid_on": pd.to_datetime([day(15), None]),
        }
    )

    result = payment_figures(frame, as_of=AS_OF)

    assert [1_500, None] == [None if pd.isna(one) else one for one in result["paid_days_late"]]
    assert [70, 76] == list(result["paydex_with_open"])


def test_credits_and_what_came_later_are_left_out():
    """A row that takes effect after the day was not there on it."""
    columns = {
        "customer": ["C-1", "C-1", "C-1"],
        "currency": ["EUR"] * 3,
        "amount_minor": [100, -500, 900],
        "due_date": [day(30), day(30), day(40)],
        "paid_on": [day(30), None, None],
        "effective_on": [day(60), day(60), day(-1)],
    }

    (row,) = dicts_of(payment_figures(frame_of("polars", columns), as_of=AS_OF))

    assert (100, 0, 80) == (row["paid_minor"], row["open_minor"], row["paydex_with_open"])


def test_another_scale_may_be_asked_for():
    """The days stay what they are."""
    columns = {
        "customer": ["C-1"],
        "currency": ["EUR"],
        "amount_minor": [100],
        "due_date": [day(24)],
        "paid_on": [day(10)],
    }

    (row,) = dicts_of(
        payment_figures(frame_of("polars", columns), as_of=AS_OF, scale=PAYDEX_LIKE_14_21)
    )

    assert (1_400, 70) == (row["paid_days_late"], row["paydex"])


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_give_no_rows(kind):
    """An empty frame is a frame."""
    assert [] == dicts_of(payment_figures(frame_of(kind, columns_of([])), as_of=AS_OF))


def _columns(**given):
    return {
        "customer": ["C-1"],
        "currency": ["EUR"],
        "amount_minor": [100],
        "due_date": [day(30)],
        "paid_on": [day(15)],
        **given,
    }


REFUSED = [
    ({"amount_minor": [None]}, DocumentError, "amount_minor must have no gaps"),
    ({"currency": ["XYZ"]}, UnknownCurrencyError, "ISO 4217 code with a minor unit, got XYZ"),
    ({"amount_minor": [AMOUNT_MINOR_MAX * 10]}, LimitError, "amount_minor must be at most"),
    (
        {"amount_minor": [AMOUNT_MINOR_MAX], "due_date": [dt.date(1900, 1, 1)]},
        LimitError,
        "amounts times days must stay within 64 bits",
    ),
]


@pytest.mark.parametrize("kind", ["polars", "polars lazy", "pandas nullable", "pyarrow", "duckdb"])
@pytest.mark.parametrize(("wrong", "error", "words"), REFUSED)
def test_a_frame_that_cannot_be_measured_is_refused(kind, wrong, error, words):
    """The message names the column."""
    with pytest.raises(error, match=words):
        dicts_of(payment_figures(frame_of(kind, _columns(**wrong)), as_of=AS_OF))


def test_a_column_that_is_missing_is_named():
    """As everywhere at the door."""
    with pytest.raises(DocumentError, match="columns must include paid_on"):
        payment_figures(pl.DataFrame(_columns()).drop("paid_on"), as_of=AS_OF)


def test_a_frame_that_is_vouched_for_is_not_asked():
    """The figures are the same."""
    frame = frame_of("polars lazy", _columns())

    assert dicts_of(payment_figures(frame, as_of=AS_OF)) == dicts_of(
        payment_figures(frame, as_of=AS_OF, trusted=True)
    )
