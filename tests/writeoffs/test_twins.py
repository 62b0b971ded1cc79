"""The column shell reckons what the object shell reckons, on every kind of frame."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables._arithmetic import share_of
from receivables.errors import DocumentError, UnknownCurrencyError
from receivables.writeoffs import SmallBalancePolicy, rules
from receivables.writeoffs.columns import due_again, relief, small

from ..aging.worlds import (  # noqa: TID252  # one world of frames
    AS_OF,
    KINDS,
    columns_of,
    frame_of,
    names_of,
    open_items,
    rows_of,
)

TWINS = settings(max_examples=4, deadline=None)
LARGE = limits.AMOUNT_MINOR_MAX
_AMOUNTS = st.integers(0, 100_000) | st.integers(0, LARGE)


@st.composite
def claims(draw):
    """Rows of what was given up of documents, with the tax and what came back of it before."""
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        total = draw(_AMOUNTS)
        tax = draw(st.integers(0, total))
        part = draw(st.integers(0, total))
        rows.append((part, tax, total, draw(st.integers(0, tax))))
    return rows


def _columns(rows, first):
    names = (first, "tax_minor", "amount_minor", "claimed_minor")
    found = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return {"document": [f"F-{n}" for n in range(len(rows))], **found}


def _frame(kind, columns):
    import pyarrow as pa  # noqa: PLC0415  # its types are wanted in this helper alone

    from ..aging import worlds  # noqa: PLC0415, TID252  # its table of types

    worlds._TYPES.update({name: pa.int64() for name in columns if name.endswith("_minor")})
    return frame_of(kind, columns)


def _column(frame, name):
    place = names_of(frame).index(name)
    return [row[place] for row in rows_of(frame)]


@given(part=_AMOUNTS, amount=_AMOUNTS, whole=st.integers(1, LARGE))
def test_the_share_is_exact(part, amount, whole):
    """Rounded half up, whatever the size."""
    part = min(part, whole)
    exact = Fraction(part) * amount / whole

    assert (2 * exact.numerator + exact.denominator) // (2 * exact.denominator) == share_of(
        part, amount, whole
    )


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(rows=claims())
def test_relief_is_equal(kind, rows):
    """One rule gives one amount, on values and on columns."""
    expected = [
        rules.relief(share_of(part, tax, total), tax_minor=tax, claimed_minor=claimed)
        for part, tax, total, claimed in rows
    ]

    frame = relief(_frame(kind, _columns(rows, "written_off_minor")))

    assert sorted(expected) == sorted(map(int, _column(frame, "relief_minor")))


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(rows=claims())
def test_what_is_due_again_is_equal(kind, rows):
    """One rule gives one amount, on values and on columns."""
    expected = [
        rules.due_again(share_of(part, tax, total), claimed_minor=claimed)
        for part, tax, total, claimed in rows
    ]

    frame = due_again(_frame(kind, _columns(rows, "recovered_minor")))

    assert sorted(expected) == sorted(map(int, _column(frame, "again_minor")))


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(
    items=open_items(),
    most=st.integers(0, 50_000),
    min_days=st.integers(0, 100),
    sides=st.sets(st.sampled_from(["debit", "credit"])),
)
def test_what_is_small_is_equal(kind, items, most, min_days, sides):
    """The same items are small and old enough."""
    policy = SmallBalancePolicy(
        items={"EUR": f"{most // 100}.{most % 100:02d}", "JPY": most},
        min_days=min_days,
        sides=sides,
    )
    expected = {
        item.item
        for item in items
        if rules.is_small(
            item.open_minor,
            (AS_OF - (item.due_date or item.document_date)).days,
            most_minor=most,
            min_days=min_days,
            debits="debit" in sides,
            credits="credit" in sides,
        )
    }

    frame = small(frame_of(kind, columns_of(items)), policy=policy, as_of=AS_OF)

    names = _column(frame, "item")
    assert expected == {
        name for name, is_small in zip(names, _column(frame, "is_small"), strict=True) if is_small
    }


def test_without_what_came_before_nothing_did():
    """The column of what was claimed may be missing."""
    columns = _columns([(50, 20, 100, 20)], "written_off_minor")
    del columns["claimed_minor"]

    assert [10] == _column(relief(_frame("polars", columns)), "relief_minor")


REFUSED = [
    [(101, 20, 100, 0)],
    [(-1, 20, 100, 0)],
    [(1, -20, 100, 0)],
]


@pytest.mark.parametrize("rows", REFUSED)
def test_frames_that_cannot_be_reckoned_are_refused(rows):
    """More than the document, or below zero; whoever vouches for the frame is not asked."""
    frame = _frame("polars", _columns(rows, "written_off_minor"))

    with pytest.raises(DocumentError, match="must be zero or more"):
        relief(frame)
    assert 1 == len(rows_of(relief(frame, trusted=True)))


def test_an_unknown_currency_is_refused():
    """Its amounts mean nothing."""
    columns = {"open_minor": [1], "currency": ["XXX"], "due_date": [dt.date(2026, 1, 1)]}

    with pytest.raises(UnknownCurrencyError):
        small(frame_of("polars", columns), policy=SmallBalancePolicy(), as_of=AS_OF)
