"""Matrices, facts and frames for the tests of allowances."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pyarrow as pa
from hypothesis import strategies as st

from receivables.aging import AgeBasis, AgingScheme
from receivables.allowance import (
    AllowanceBase,
    AllowanceFacts,
    Cover,
    Discounting,
    ForwardLooking,
    ProvisionMatrix,
)
from receivables.casework import SpecificAllowance
from receivables.money import Rounding, from_minor

from ..aging import worlds as aging_worlds  # noqa: TID252  # one world of frames
from ..aging.worlds import (  # noqa: TID252  # one world of frames
    AS_OF,
    KINDS,
    names_of,
    open_item,
    open_items,
    rows_of,
    schemes,
)

__all__ = [
    "AS_OF",
    "KINDS",
    "dicts_of",
    "facts_for",
    "frame_of",
    "matrices",
    "open_item",
    "open_items",
    "schemes",
    "simple",
]

_WHOLE = ("tax_minor", "contested_minor", "specific_bps", "covered_minor", "cover_bps")
SEGMENTS = ("", "public", "small")


def simple(*rates, scheme=None, **given):
    """A matrix of one segment; 30, 60 and 90 days unless it says otherwise."""
    fields = {"name": "house", "version": "1", "scheme": scheme or AgingScheme(30, 60, 90)}
    return ProvisionMatrix(**{**fields, "segments": {"": rates}, **given})


def frame_of(kind, columns):
    """A frame of a kind from columns of Python values, with the columns of an allowance typed."""
    for name in _WHOLE:
        aging_worlds._TYPES.setdefault(name, pa.int64())
    return aging_worlds.frame_of(kind, columns)


def dicts_of(frame):
    """The rows of a frame by the names of its columns."""
    names = names_of(frame)
    return [dict(zip(names, row, strict=True)) for row in rows_of(frame)]


def rates_(count):
    """So many rates, exact: shares of basis points, sevenths, and long fractions."""
    rate = (
        st.integers(0, 10_000).map(lambda bps: Fraction(bps, 10_000))
        | st.integers(0, 7).map(lambda part: Fraction(part, 7))
        | st.integers(0, 10**15 - 1).map(lambda part: Fraction(part, 10**15 - 1))
    )
    return st.lists(rate, min_size=count, max_size=count)


@st.composite
def matrices(draw, *, bases=tuple(AllowanceBase), basis=None):
    """Matrices with segments, multipliers, discounting and every way of rounding."""
    scheme = draw(schemes())
    if basis is not None and scheme.basis is not basis:
        scheme = AgingScheme(30, 60, basis=basis, credits=scheme.credits)
    count = scheme.bucket_count
    segments = {name: draw(rates_(count)) for name in SEGMENTS if not name or draw(st.booleans())}
    return ProvisionMatrix(
        name="drawn",
        version="1",
        scheme=scheme,
        segments=segments,
        forward_looking=ForwardLooking(
            multiplier=draw(st.sampled_from(["1", "1.10", "0.5", "30"])),
            skips_current=draw(st.booleans()),
            justification="drawn",
        ),
        discounting=Discounting(
            eir_bps=draw(st.sampled_from([0, 500])),
            days=[draw(st.integers(0, 400)) for _ in range(count)],
            threshold_bps=draw(st.sampled_from([0, 100])),
        ),
        covered_rate=draw(st.sampled_from(["0", "1 %", "100 %"])),
        base=draw(st.sampled_from(bases)),
        rounding=draw(st.sampled_from(Rounding)),
    )


@st.composite
def facts_for(draw, items, *, net=True):
    """Facts about some of the items and customers, without the time value of specific ones."""
    customers = sorted({item.customer for item in items})
    covers = [
        Cover(
            customer=name,
            amount=from_minor(draw(st.integers(0, 60_000)), "EUR"),
            share_bps=draw(st.integers(0, 10_000)),
        )
        for name in customers
        if draw(st.booleans())
    ]
    specifics = [
        SpecificAllowance(
            specific=f"A-{place}",
            customer=name,
            rate_bps=draw(st.integers(0, 10_000)),
            reason="litigation",
            items=draw(
                st.lists(st.sampled_from([one.item for one in items]), max_size=2, unique=True)
            ),
        )
        for place, name in enumerate(customers)
        if draw(st.integers(0, 2)) == 0
    ]
    return AllowanceFacts(
        segments={name: draw(st.sampled_from(SEGMENTS)) for name in customers},
        specifics=specifics,
        covers=covers,
        contested={
            one.item: draw(st.integers(0, 60_000)) for one in items if draw(st.integers(0, 3)) == 0
        },
        tax_shares={
            one.item: draw(st.sampled_from([Fraction(1, 6), Fraction(21, 121)]))
            for one in items
            if net and draw(st.booleans())
        },
    )


def later(days):
    """A day after that of the tests."""
    return AS_OF + dt.timedelta(days=days)


DOCUMENT_DATE = AgeBasis.DOCUMENT_DATE
