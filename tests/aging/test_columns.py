"""Aging over data frames: what the door lets in, and what the answer looks like."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from receivables.aging import AgeBasis, AgingScheme, Credits, Undated
from receivables.aging.columns import aged, aging
from receivables.errors import DocumentError, LimitError, PolicyError, UnknownCurrencyError

from .worlds import AS_OF, KINDS, columns_of, frame_of, open_item, rows_of

SCHEME = AgingScheme(30, 60)


def _frame(**columns):
    given = {
        "customer": ["C-1", "C-1"],
        "currency": ["EUR", "EUR"],
        "open_minor": [100, 200],
        "due_date": [AS_OF, AS_OF - dt.timedelta(days=40)],
    }
    return pl.DataFrame({**given, **columns})


REFUSED = [
    (_frame().drop("due_date"), DocumentError, "must include due_date"),
    (
        _frame().rename({"open_minor": "open_amount"}),
        DocumentError,
        "'open_amount' for 'open_minor'",
    ),
    (_frame(open_minor=[1.0, 2.0]), DocumentError, "open_minor must hold whole minor units"),
    (_frame(open_minor=["1", "2"]), DocumentError, "open_minor must hold whole minor units"),
    (_frame(open_minor=[1, None]), DocumentError, "open_minor must have no gaps, got 1 in 2 rows"),
    (_frame(customer=["C-1", None]), DocumentError, "customer must have no gaps"),
    (_frame(currency=["EUR", "EURO"]), UnknownCurrencyError, "EURO"),
    (_frame(currency=["EUR", "XAU"]), UnknownCurrencyError, "XAU"),
    (_frame(due_date=["2026-10-31", "2026-10-31"]), DocumentError, "due_date must hold dates"),
    (_frame(due_date=[AS_OF, None]), DocumentError, "none on 200"),
    (_frame(open_minor=[10**15 + 1, 0]), LimitError, "at most"),
    (_frame(creditor=["MIRA", None]), DocumentError, "creditor must have no gaps"),
]


@pytest.mark.parametrize(("frame", "error", "reason"), REFUSED)
def test_a_frame_that_cannot_be_aged_is_refused(frame, error, reason):
    """The door names the column and what is wrong with it."""
    with pytest.raises(error, match=reason):
        aging(frame, scheme=SCHEME, as_of=AS_OF)


@pytest.mark.parametrize(("frame", "error", "reason"), REFUSED)
def test_a_lazy_frame_is_refused_for_the_same_reason(frame, error, reason):
    """Being lazy is no way past the door."""
    with pytest.raises(error, match=reason):
        aging(frame.lazy(), scheme=SCHEME, as_of=AS_OF)


def test_a_list_is_no_frame():
    """What is no data frame is refused as such."""
    with pytest.raises(DocumentError, match=r"frame must be a data frame .* got list"):
        aging([1, 2], scheme=SCHEME, as_of=AS_OF)


def test_a_moment_is_no_day():
    """A moment as `as_of` is refused."""
    with pytest.raises(PolicyError, match="as_of must be a date"):
        aging(_frame(), scheme=SCHEME, as_of=dt.datetime(2026, 10, 31, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [(("customer",), "keys must include currency"), (("currency", "items"), "must not be named")],
)
def test_impossible_keys_are_refused(keys, reason):
    """Currencies are never added, and a key may not hide a column of the result."""
    with pytest.raises(PolicyError, match=reason):
        aging(_frame(items=["a", "b"]), scheme=SCHEME, as_of=AS_OF, keys=keys)


def test_other_keys_may_be_given():
    """An aging per salesperson, or over all customers, is the same question."""
    by_currency = aging(_frame(), scheme=SCHEME, as_of=AS_OF, keys=("currency",))

    assert [("EUR", 100, 0, 200, 0, 0, 300, 2)] == by_currency.rows()


def test_the_creditor_is_a_key_where_there_is_one():
    """Two creditors are never added."""
    result = aging(_frame(creditor=["NORD", "MIRA"]), scheme=SCHEME, as_of=AS_OF)

    assert [("MIRA", 200), ("NORD", 100)] == result.select("creditor", "total_minor").rows()


def test_keys_may_be_whole_numbers():
    """Customers that are numbers stay numbers."""
    result = aging(_frame(customer=[17, 17]), scheme=SCHEME, as_of=AS_OF)

    assert [(17, "EUR", 300)] == result.select("customer", "currency", "total_minor").rows()


def test_small_integers_do_not_wrap():
    """Amounts in narrow integers are summed in 64 bits."""
    narrow = pl.Series([2**31 - 1, 2**31 - 1], dtype=pl.Int32)

    result = aging(_frame(open_minor=narrow), scheme=SCHEME, as_of=AS_OF)

    assert [2**32 - 2] == result["total_minor"].to_list()
    assert pl.Int64 == result.schema["bucket_0"]


def test_midnights_are_days():
    """Dates that an engine keeps as midnights, or even with an hour, count as their day."""
    hours = [dt.datetime(2026, 10, 1, 23, 59), dt.datetime(2026, 9, 30, 0, 0)]

    result = aging(_frame(due_date=hours), scheme=SCHEME, as_of=AS_OF)

    assert [(0, 100, 200)] == result.select("bucket_0", "bucket_1", "bucket_2").rows()


def test_the_end_of_the_calendar_is_a_day_like_another():
    """A due date in the year 9999 is not yet due under any bounds."""
    far = _frame(due_date=[dt.date.max, dt.date.min])

    result = aging(far, scheme=AgingScheme(-3_600_000, 3_600_000), as_of=AS_OF)

    assert [(0, 100, 200, 0)] == result.select(f"bucket_{index}" for index in range(4)).rows()


def test_a_missing_due_date_may_be_the_document_date():
    """The scheme says so, and the frame has document dates."""
    scheme = AgingScheme(30, 60, undated=Undated.DOCUMENT_DATE)
    dates = [AS_OF - dt.timedelta(days=50)] * 2

    result = aging(_frame(due_date=[None, AS_OF], document_date=dates), scheme=scheme, as_of=AS_OF)

    assert [(200, 0, 100, 0)] == result.select(f"bucket_{index}" for index in range(4)).rows()


def test_missing_due_dates_need_document_dates():
    """Without both dates there is no age."""
    scheme = AgingScheme(30, undated=Undated.DOCUMENT_DATE)

    with pytest.raises(DocumentError, match="document_date must be there without gaps"):
        aging(_frame(due_date=[None, AS_OF]), scheme=scheme, as_of=AS_OF)


def test_a_trusted_frame_is_asked_nothing():
    """The caller may vouch for a frame; names and types are looked at all the same."""
    unknown = _frame(currency=["EUR", "EURO"]).lazy()

    result = aging(unknown, scheme=SCHEME, as_of=AS_OF, trusted=True)

    assert ["EUR", "EURO"] == result.collect()["currency"].to_list()
    with pytest.raises(DocumentError, match="must include"):
        aging(unknown.drop("due_date"), scheme=SCHEME, as_of=AS_OF, trusted=True)


def test_no_rows_give_no_rows():
    """An empty frame has an empty aging with every column."""
    result = aging(_frame().clear(), scheme=SCHEME, as_of=AS_OF)

    assert 0 == result.height
    assert ["customer", "currency", "bucket_0"] == result.columns[:3]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_that_are_not_asked_for_do_not_matter(kind):
    """Other columns pass `aged` unharmed, and settled items leave."""
    items = [open_item("F-1"), open_item("F-2", open_minor=0)]
    scheme = AgingScheme(30, basis=AgeBasis.POSTING_DATE, credits=Credits.IN_BUCKETS)

    result = aged(frame_of(kind, columns_of(items)), scheme=scheme, as_of=AS_OF)

    assert [("MIRA", "F-1", "C-1", "EUR", 10_000)] == [row[:5] for row in rows_of(result)]
    assert [1] == [row[-1] for row in rows_of(result)]
