"""Exposure and the use of limits over columns answer what they answer over values."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework.credit import Collateral, LimitKind
from receivables.credit import columns
from receivables.credit.columns import (
    component_column,
    limit_column,
    limit_usage,
    parts_to_columns,
)
from receivables.credit.exposure import exposure_parts, exposures_of
from receivables.credit.limits import ORDER_OF_USE, limit_stack
from receivables.credit.model import ComponentKind, ExposurePolicy, StackRule
from receivables.errors import DocumentError, LimitError, PolicyError, UnknownCurrencyError
from receivables.money import from_minor

from ..aging.worlds import KINDS, names_of, rows_of  # noqa: TID252  # one world of frames
from .exposure_worlds import DAY, a_limit, owing, worlds

TWINS = settings(max_examples=4, deadline=None)
_TYPES = {"minor": pa.int64(), "bps": pa.int64(), "on": pa.date32()}


def frame(kind, given):
    """A frame of a kind: amounts as whole numbers, days as dates, the rest as texts."""
    fields = [(name, _TYPES.get(name.rpartition("_")[2], pa.string())) for name in given]
    table = pa.table(given, schema=pa.schema(fields))
    if kind.startswith("polars"):
        found = pl.from_arrow(table)
        return found.lazy() if kind == "polars lazy" else found
    if kind.startswith("pandas"):
        dates = {"expected_on": "datetime64[us]"} if "expected_on" in given else {}
        if kind == "pandas arrow":
            return table.to_pandas(types_mapper=pd.ArrowDtype)
        return table.to_pandas().astype(dates if kind == "pandas" else {})
    return duckdb.from_arrow(table) if kind == "duckdb" else table


def dicts(frame):
    return [dict(zip(names_of(frame), row, strict=True)) for row in rows_of(frame)]


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(world=worlds())
def test_exposures_are_equal(kind, world):
    """One policy and one set of parts give one exposure, on values and on columns."""
    policy = world["policy"]
    asked = {key: value for key, value in world.items() if key != "currency"}
    parts = exposure_parts(creditor=["MIRA", "NORD"], as_of=DAY, **asked)
    expected = {}
    for key in sorted({(part.creditor, str(part.customer), part.currency) for part in parts}):
        own = [part for part in parts if (part.creditor, str(part.customer), part.currency) == key]
        (one,) = exposures_of(
            own, creditor=key[0], as_of=DAY, currency=key[2], policy=policy
        ).values()
        expected[key] = {
            component_column(part.kind, counted=counted): minor
            for part in one.components
            for counted, minor in ((False, part.amount_minor), (True, part.weighted_minor))
        } | {"total_minor": one.total_minor}

    given_frame = frame(kind, parts_to_columns(parts))
    found = dicts(columns.exposures(given_frame, policy=policy, as_of=DAY))

    actual = {
        (row["creditor"], row["customer"], row["currency"]): {
            name: minor
            for name, minor in row.items()
            if name.endswith("_minor")
            and (minor or name in expected[row["creditor"], row["customer"], row["currency"]])
        }
        for row in found
    }
    assert expected == actual


@pytest.mark.parametrize("kind", KINDS)
def test_items_disputes_and_commitments_in_one_frame(kind):
    """Kinds of items, what is disputed of them, and orders within their horizon."""
    later = DAY + dt.timedelta(days=31)
    given_frame = frame(
        kind,
        {
            "customer": ["C-1"] * 5,
            "currency": ["EUR"] * 5,
            "kind": ["invoice", "credit-note", "unapplied-cash", "orders", "orders"],
            "open_minor": [10_000, -1_000, -500, 700, 800],
            "disputed_minor": [4_000, 0, 0, 0, 0],
            "expected_on": [None, None, None, DAY, later],
        },
    )
    policy = ExposurePolicy(weights={"disputed": 5_000}, horizons={"orders": 30})

    (row,) = dicts(columns.exposures(given_frame, policy=policy, as_of=DAY))

    assert (6_000, 4_000, 700, -1_000, -500) == tuple(
        row[component_column(one)]
        for one in (
            ComponentKind.OPEN_ITEMS,
            ComponentKind.DISPUTED,
            ComponentKind.ORDERS,
            ComponentKind.CREDITS,
            ComponentKind.UNAPPLIED_CASH,
        )
    )
    assert 7_200 == row["total_minor"]


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 200_000),
            *(st.integers(0, 60_000) for _ in ORDER_OF_USE),
            st.integers(1, 10_000),
        ),
        min_size=1,
        max_size=5,
    ),
    rule=st.sampled_from(StackRule),
)
def test_the_use_of_limits_is_equal(kind, rows, rule):
    """One rule gives what is used, free, covered and our own risk, on values and on columns."""
    limits = [limit_column(one) for one in ORDER_OF_USE]
    names = ("total_minor", *limits, "insured_cover_bps")
    given_frame = frame(
        kind,
        {name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)},
    )

    found = dicts(limit_usage(given_frame, rule=rule))

    for (total, *amounts, cover), row in zip(rows, found, strict=True):
        expected = _stacked(total, amounts, cover, rule)
        assert expected == {name: row[name] for name in expected}


def _stacked(total, amounts, cover, rule):
    given_limits = [
        a_limit(
            one.value,
            amount,
            kind=one,
            cover_bps=cover if one is LimitKind.INSURED else 10_000,
            collateral=_deed(amount) if one is LimitKind.COLLATERAL else None,
        )
        for one, amount in zip(ORDER_OF_USE, amounts, strict=True)
    ]
    stack = limit_stack(owing(total), given_limits, as_of=DAY, rule=rule)
    used = {
        limit_column(kind, what): minor
        for kind, one in zip(ORDER_OF_USE, stack.limits, strict=True)
        for what, minor in (("used", one.used_minor), ("free", one.free_minor))
    }
    return used | {
        "capacity_minor": stack.capacity_minor,
        "excess_minor": stack.excess_minor,
        "covered_minor": stack.covered_minor,
        "own_risk_minor": stack.own_risk_minor,
    }


def _deed(amount):
    """A pledge of more than the limit that rests on it."""
    return Collateral(kind="pledge", value=from_minor(amount + 1, "EUR"))


def items(**more):
    return {
        "customer": ["C-1"],
        "currency": ["EUR"],
        "kind": ["invoice"],
        "open_minor": [5],
        **more,
    }


REFUSED = [
    (items(kind=["bill"]), {}, DocumentError, "kind must be among"),
    (items(currency=["XYZ"]), {}, UnknownCurrencyError, "XYZ"),
    (items(open_minor=[10**16]), {}, LimitError, "open_minor"),
    (items(kind=[None]), {}, DocumentError, "kind must have no gaps"),
    (items(), {"keys": ["customer"]}, PolicyError, "keys must include currency"),
    (items(), {"keys": ["region", "currency"]}, DocumentError, "region"),
]


@pytest.mark.parametrize(("given_columns", "asked", "error", "said"), REFUSED)
def test_a_frame_that_cannot_be_is_refused(given_columns, asked, error, said):
    """Each refusal says what the frame must have."""
    with pytest.raises(error, match=said):
        columns.exposures(
            frame("polars", given_columns), policy=ExposurePolicy(), as_of=DAY, **asked
        )


UNUSABLE = [
    ({"total_minor": [5]}, "must include one of insured_minor"),
    ({"total_minor": [5], "own_minor": [-1]}, "zero or more"),
    ({"total_minor": [5], "insured_minor": [1], "insured_cover_bps": [10_001]}, "at most 10000"),
    ({"total_minor": [5], "own_minor": [1], "own_used_minor": [1]}, "named like those"),
    ({"total_minor": [5], "own_minor": [None]}, "no gaps"),
    ({"own_minor": [5]}, "total_minor"),
]


@pytest.mark.parametrize(("given_columns", "said"), UNUSABLE)
def test_limits_that_cannot_be_are_refused(given_columns, said):
    """Amounts are zero or more, parts at most the whole, names free."""
    with pytest.raises(DocumentError, match=said):
        limit_usage(frame("polars", given_columns))


def test_texts_are_no_limits():
    """An amount is a whole number."""
    with pytest.raises(DocumentError, match="own_minor must hold whole numbers"):
        limit_usage(pl.DataFrame({"total_minor": [5], "own_minor": ["5"]}))


def test_what_is_no_frame_is_refused():
    """A list of dictionaries is no data frame."""
    with pytest.raises(DocumentError, match="must be a data frame"):
        limit_usage([{"total_minor": 5}])
