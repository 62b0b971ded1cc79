"""The column shell recommends what the object shell recommends, on every kind of frame."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.credit.limit_policies import ClassTerms, LimitPolicy
from receivables.credit.recommendation_columns import recommended_limits
from receivables.credit.recommending import LimitFigures, recommend_limit
from receivables.errors import DocumentError, LimitError, PolicyError, UnknownCurrencyError

from .limit_worlds import CLASSES, KINDS, dicts_of, figures, frame_of, policies

_NAMES = [field.name for field in LimitFigures.__attrs_attrs__ if field.name != "currency"]


def _columns(rows, names):
    return {
        "customer": [f"C-{index}" for index in range(len(rows))],
        "currency": [one.currency for one, _ in rows],
        "risk_class": [risk_class for _, risk_class in rows],
        **{name: [getattr(one, name) for one, _ in rows] for name in names},
    }


def _as_row(found):
    caps = {f"cap_{cap.kind.value.replace('-', '_')}_minor": cap.cap_minor for cap in found.caps}
    return {
        **caps,
        "binding_cap": None if found.binding is None else found.binding.value,
        "limit_minor": found.limit_minor,
        "payment": found.payment.value,
        "limit_days": found.terms_days,
    }


_ROWS = st.lists(st.tuples(figures(), st.sampled_from(CLASSES)), min_size=1, max_size=12)


def _check(kind, rows, policy):
    expected = [_as_row(recommend_limit(one, risk_class=name, policy=policy)) for one, name in rows]

    found = dicts_of(recommended_limits(frame_of(kind, _columns(rows, _NAMES)), policy=policy))

    assert expected == [{name: row[name] for name in expected[0]} for row in found]


@pytest.mark.parametrize("kind", ["polars", "polars lazy", "pyarrow"])
@settings(max_examples=4, deadline=None)
@given(rows=_ROWS, policy=policies())
def test_limits_are_equal(kind, rows, policy):
    """One policy and one set of figures give one limit and the same caps, on values and columns."""
    _check(kind, rows, policy)


@pytest.mark.parametrize("kind", ["pandas arrow", "pandas nullable", "duckdb"])
@settings(max_examples=1, deadline=None)
@given(rows=_ROWS, policy=policies())
def test_limits_are_equal_on_slower_frames(kind, rows, policy):
    """The same on frames whose every step has its price."""
    _check(kind, rows, policy)


@pytest.mark.parametrize("kind", KINDS)
def test_the_caller_s_kind_of_frame_comes_back(kind):
    """Its own columns stay as they are, and no column of the work is left."""
    given_ = frame_of(
        kind, {"customer": ["C-1"], "currency": ["EUR"], "points": [612], "sales_minor": [10**9]}
    )

    result = recommended_limits(given_)

    (row,) = dicts_of(result)
    assert type(given_) is type(result)
    assert (612, "B", 50_000_000, "sales") == (
        row["points"],
        row["risk_class"],
        row["limit_minor"],
        row["binding_cap"],
    )
    assert not [name for name in row if name.startswith("_")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_figures_or_rows(kind):
    """What no column says is not known, and no rows are no rows."""
    bare = frame_of(kind, {"customer": ["C-1"], "currency": ["EUR"], "risk_class": [None]})
    empty = frame_of(kind, {"customer": [], "currency": [], "risk_class": [], "sales_minor": []})

    (row,) = dicts_of(recommended_limits(bare))

    assert (100_000, "ceiling") == (row["limit_minor"], row["binding_cap"])
    assert [] == dicts_of(recommended_limits(empty))


REFUSED = [
    ({"currency": ["EUR"], "points": [1]}, DocumentError, "must include customer"),
    ({"customer": ["C"], "currency": ["EUR"]}, DocumentError, "must include risk_class or points"),
    (
        {"customer": ["C"], "currency": ["XYZ"], "points": [1]},
        UnknownCurrencyError,
        "got XYZ",
    ),
    (
        {"customer": ["C"], "currency": ["EUR"], "points": [1], "sales_minor": [10**15 + 1]},
        LimitError,
        "column sales_minor must be",
    ),
    (
        {"customer": ["C"], "currency": ["EUR"], "points": [1], "tax_bps": [-1]},
        LimitError,
        "column tax_bps must be 0 to 10000, got -1",
    ),
]


@pytest.mark.parametrize("kind", ["polars", "pandas nullable", "duckdb"])
@pytest.mark.parametrize(("columns", "error", "words"), REFUSED)
def test_a_frame_that_cannot_be_is_refused(kind, columns, error, words):
    """The message names the column and what is wrong in it."""
    with pytest.raises(error, match=words):
        recommended_limits(frame_of(kind, columns))


def test_columns_of_another_type_are_refused():
    """Figures are whole numbers, and a class is text."""
    polars = pytest.importorskip("polars")
    base = {"customer": ["C"], "currency": ["EUR"]}

    with pytest.raises(DocumentError, match="column points must hold"):
        recommended_limits(polars.DataFrame({**base, "points": ["612"]}))
    with pytest.raises(DocumentError, match="column risk_class must hold text"):
        recommended_limits(polars.DataFrame({**base, "risk_class": [1]}))


def test_a_policy_of_other_classes_is_refused():
    """A class that nobody could be in is a mistake."""
    frame = frame_of("polars", {"customer": ["C"], "currency": ["EUR"], "points": [1]})

    with pytest.raises(PolicyError, match="got Z"):
        recommended_limits(frame, policy=LimitPolicy(terms={"Z": ClassTerms()}))
