"""The column shell measures what the object shell measures, on every kind of frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.allowance import AllowanceBase, LineKind, item_columns, loss_allowance
from receivables.allowance.columns import provision
from receivables.errors import DocumentError, PolicyError

from .worlds import (
    AS_OF,
    KINDS,
    dicts_of,
    facts_for,
    frame_of,
    matrices,
    open_item,
    open_items,
    simple,
)

TWINS = settings(max_examples=3, deadline=None)


def _outcome(question):
    try:
        return question()
    except DocumentError as refusal:
        return str(refusal)


def _expected(allowance):
    """The lines of an allowance as the column shell shows them."""
    rows = {}
    for line in allowance.lines:
        key = (line.creditor, line.customer, line.currency, line.segment, line.specific)
        row = rows.setdefault(key, {"gross": {}, "lost": {}, "base": 0, "covered": 0, "total": 0})
        row["total"] += line.gross_minor
        row["base"] += line.base_minor
        if line.kind is LineKind.COVERED:
            row["covered"] += line.base_minor
        if line.kind is not LineKind.CREDIT:
            for what, minor in (("gross", line.gross_minor), ("lost", line.allowance_minor)):
                row[what][line.bucket] = row[what].get(line.bucket, 0) + minor
    return rows


def _found(rows, count):
    found = {}
    for row in rows:
        key = tuple(row.get(name, "") for name in ("creditor", "customer", "currency", "segment"))
        gross = {index: row[f"bucket_{index}"] for index in range(count) if row[f"bucket_{index}"]}
        found[(*key, row.get("specific", ""))] = {
            "gross": gross,
            "lost": {index: row[f"allowance_{index}"] for index in gross},
            "base": row["base_minor"],
            "covered": row["covered_minor"],
            "total": row["total_minor"],
        }
    return {key: row for key, row in found.items() if row["gross"] or row["total"]}


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(items=open_items(), data=st.data())
def test_allowances_are_equal(kind, items, data):
    """One matrix, one set of items and facts give one allowance, or one refusal."""
    matrix = data.draw(matrices())
    facts = data.draw(facts_for(items))
    columns = item_columns(items, matrix=matrix, facts=facts)
    expected = _outcome(
        lambda: _expected(loss_allowance(items, matrix=matrix, as_of=AS_OF, facts=facts))
    )

    frame = frame_of(kind, columns)
    actual = _outcome(lambda: dicts_of(provision(frame, matrix=matrix, as_of=AS_OF)))

    if isinstance(expected, str) or isinstance(actual, str):
        assert isinstance(expected, str) is isinstance(actual, str)
    else:
        assert expected == _found(actual, matrix.scheme.bucket_count)


@pytest.mark.parametrize("kind", KINDS)
@TWINS
@given(items=open_items(undated=False), matrix=matrices(bases=(AllowanceBase.GROSS,)))
def test_plain_frames_are_enough(kind, items, matrix):
    """Without any facts there are customers, currencies, amounts and dates."""
    names = (
        "creditor",
        "customer",
        "currency",
        "open_minor",
        "document_date",
        "posting_date",
        "due_date",
    )
    every = item_columns(items, matrix=matrix)

    frame = frame_of(kind, {name: every[name] for name in names})
    rows = dicts_of(provision(frame, matrix=matrix, as_of=AS_OF))

    expected = _expected(loss_allowance(items, matrix=matrix, as_of=AS_OF))
    assert expected == _found(rows, matrix.scheme.bucket_count)


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Amounts are whole numbers, and no column of the work is left."""
    matrix = simple("0", "1 %", "2 %", "3 %", "4 %")
    given = frame_of(kind, item_columns([open_item()], matrix=matrix))

    result = provision(given, matrix=matrix, as_of=AS_OF)

    assert type(given) is type(result)
    (row,) = dicts_of(result)
    buckets = [f"{what}_{index}" for what in ("bucket", "allowance") for index in range(5)]
    keys = ("creditor", "customer", "currency", "segment", "specific", "specific_bps")
    sums = (
        "credits_minor",
        "total_minor",
        "items",
        "base_minor",
        "covered_minor",
        "allowance_minor",
    )
    assert {*keys, *buckets, *sums} == set(row)
    assert 100 == row["allowance_minor"]


def test_a_frame_without_tax_cannot_be_net_of_it():
    """The column is asked for by name."""
    matrix = simple("0", "1 %", "2 %", "3 %", "4 %", base="net-of-tax")
    columns = item_columns([open_item()], matrix=matrix)
    del columns["tax_minor"]

    with pytest.raises(DocumentError, match="columns must include tax_minor"):
        provision(frame_of("polars", columns), matrix=matrix, as_of=AS_OF)


def test_a_pair_of_columns_comes_together():
    """A specific allowance without its rate means nothing."""
    matrix = simple("0", "1 %", "2 %", "3 %", "4 %")
    columns = item_columns([open_item()], matrix=matrix)
    del columns["specific_bps"]

    with pytest.raises(DocumentError, match="specific and specific_bps together"):
        provision(frame_of("polars", columns), matrix=matrix, as_of=AS_OF)


def test_a_segment_without_rates_is_refused():
    """By its name, and with those that there are."""
    matrix = simple(segments={"public": ["0", "1 %", "2 %", "3 %", "4 %"]})
    columns = {**item_columns([open_item()], matrix=simple(*["0"] * 5)), "segment": ["privat"]}

    with pytest.raises(PolicyError, match=r"segment must be one of public .*, got privat"):
        provision(frame_of("polars", columns), matrix=matrix, as_of=AS_OF)
