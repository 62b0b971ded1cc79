"""The door for data frames, and terms over columns."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables._ops import PYTHON
from receivables.errors import DocumentError, LimitError
from receivables.frames import (
    ANSWER_BY,
    CARRYING_MINOR,
    CLAIMED_MINOR,
    COLUMNS,
    CONTESTED_MINOR,
    COVER_BPS,
    COVERED_MINOR,
    DELIVERY_DATE,
    DIFFERENCE_MINOR,
    DISCOUNT_DATE,
    DISCOUNT_MINOR,
    EXPECTED_ON,
    HELD_MINOR,
    ITEM_COLUMNS,
    LEVEL,
    MOVE_COLUMNS,
    NOTICED_ON,
    OPEN_MINOR,
    OPENED_ON,
    PAID_ON,
    RECEIVED_ON,
    RECOVERED_MINOR,
    REVALUED_MINOR,
    SEGMENT,
    SPECIFIC,
    SPECIFIC_BPS,
    TAX_MINOR,
    TERMS,
    WRITTEN_OFF_MINOR,
    column_ops,
    frame_of,
    open_table,
)

from ..aging.worlds import KINDS, rows_of  # noqa: TID252  # one world of frames
from ..aging.worlds import frame_of as frame_of_kind  # noqa: TID252  # one world of frames

DAY = dt.date(2026, 10, 31)
LARGE = limits.AMOUNT_MINOR_MAX


def test_importing_the_names_imports_no_engine():
    """Names of columns, and topics that have a column shell, cost nothing until frames come."""
    code = (
        "import receivables, receivables.frames, receivables.aging, receivables.ledger, sys\n"
        "print(sorted({'narwhals', 'polars', 'pandas', 'pyarrow', 'duckdb'} & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert "[]" == ran.stdout.strip()


def test_every_column_of_items_and_moves_has_a_type():
    """Each standard column says what it holds."""
    revalued = {CARRYING_MINOR, REVALUED_MINOR, DIFFERENCE_MINOR}
    agreed = {DELIVERY_DATE, RECEIVED_ON, TERMS, TAX_MINOR, DISCOUNT_DATE, DISCOUNT_MINOR}

    chased = {LEVEL, NOTICED_ON, HELD_MINOR, CONTESTED_MINOR, OPENED_ON, ANSWER_BY, PAID_ON}
    measured = {EXPECTED_ON, SEGMENT, SPECIFIC, SPECIFIC_BPS, COVERED_MINOR, COVER_BPS}
    lost = {WRITTEN_OFF_MINOR, RECOVERED_MINOR, CLAIMED_MINOR}
    known = {
        *lost,
        *ITEM_COLUMNS,
        *MOVE_COLUMNS,
        OPEN_MINOR,
        *revalued,
        *agreed,
        *chased,
        *measured,
    }

    assert known == set(COLUMNS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_comes_back_as_it_came(kind):
    """Whatever the door does inside, the caller's kind of frame leaves it."""
    given = frame_of_kind(kind, {"item": ["F-1"], "open_minor": [5], "due_date": [DAY]})

    table = open_table(given, needs=("item", "open_minor", "due_date"), sums=("open_minor",))

    assert type(given) is type(table.native(table.frame))
    assert {"item": 0, "open_minor": 0, "due_date": 0} == table.nulls


def test_a_needed_column_may_have_gaps_where_that_is_said():
    """Gaps are counted, and refused unless they are expected."""
    frame = pl.DataFrame({"due_date": [DAY, None]})

    assert {"due_date": 1} == open_table(frame, needs=("due_date",), nullable=("due_date",)).nulls
    with pytest.raises(DocumentError, match="due_date must have no gaps, got 1 in 2 rows"):
        open_table(frame, needs=("due_date",))


def test_an_optional_column_is_checked_where_it_is_there():
    """A column that may be missing has the right type and no gaps where it is not."""
    right = pl.DataFrame({"item": ["F-1"]})
    wrong = right.with_columns(creditor=0.5)

    assert not open_table(right, needs=("item",), optional=("creditor",)).has("creditor")
    with pytest.raises(DocumentError, match="creditor must hold text or whole numbers"):
        open_table(wrong, needs=("item",), optional=("creditor",))


TYPES = [
    ("open_minor", pl.Series([0.5]), "whole minor units, got Float64; a join with gaps"),
    ("open_minor", pl.Series(["5"]), "whole minor units, got String"),
    ("open_minor", pl.Series([True]), "whole minor units, got Boolean"),
    ("open_minor", pl.Series([5]).cast(pl.Decimal(10, 2)), "whole minor units, got Decimal"),
    ("due_date", pl.Series(["2026-10-31"]), "dates, got String"),
    ("due_date", pl.Series([20_261_031]), "dates, got Int64"),
    ("due_date", pl.Series([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]), "dates, got Datetime"),
    ("item", pl.Series([1991818786.0]), "text or whole numbers, got Float64"),
    ("currency", pl.Series([978]), "ISO 4217 codes as text, got Int64"),
    ("recorded_at", pl.Series([DAY]), "moments .* got Date"),
    ("installment", pl.Series([1.0]), "whole numbers, got Float64"),
]


@pytest.mark.parametrize(("name", "values", "reason"), TYPES)
def test_a_column_of_the_wrong_type_is_refused(name, values, reason):
    """The message says what the column must hold and what it holds."""
    with pytest.raises(DocumentError, match=f"column {name} must hold {reason}"):
        open_table(pl.DataFrame({name: values}), needs=(name,))


def test_missing_columns_are_named_all_at_once():
    """With near names, because a heading is often almost right."""
    frame = pl.DataFrame({"customers": ["C-1"], "duedate": [DAY]})

    with pytest.raises(DocumentError) as caught:
        open_table(frame, needs=("customer", "due_date", "open_minor"))

    expected = (
        "columns must include customer, due_date, open_minor, got customers, duedate; "
        "is it 'customers' for 'customer', 'duedate' for 'due_date'?"
    )
    assert expected == str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("amount", [LARGE + 1, -LARGE - 1, -(2**63)])
def test_an_amount_beyond_its_limit_is_refused(kind, amount):
    """One amount is bounded, whatever its sign."""
    with pytest.raises(LimitError, match=f"at most {LARGE} minor units"):
        open_table(
            frame_of_kind(kind, {"open_minor": [amount, 0]}),
            needs=("open_minor",),
            sums=("open_minor",),
        )


@pytest.mark.parametrize("kind", KINDS)
def test_sums_that_could_leave_64_bits_are_refused(kind):
    """Wrapping in silence is what engines do; the door adds up coarsely before they can."""
    count = limits.SUM_MINOR_MAX // LARGE
    safe = [LARGE, -LARGE] * (count // 2)
    needs = {"needs": ("open_minor",), "sums": ("open_minor",)}

    open_table(frame_of_kind(kind, {"open_minor": [*safe, *[1] * count]}), **needs)
    with pytest.raises(LimitError, match="must sum to at most"):
        open_table(frame_of_kind(kind, {"open_minor": [*safe, LARGE, LARGE]}), **needs)


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_are_no_problem(kind):
    """An empty frame has nothing wrong with it."""
    empty = frame_of_kind(kind, {"open_minor": [], "due_date": []})

    table = open_table(empty, needs=("open_minor", "due_date"), sums=("open_minor",))

    assert {"open_minor": 0, "due_date": 0} == table.nulls


_TERMS = st.integers(-1_000, 1_000)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.tuples(_TERMS, _TERMS), min_size=1, max_size=5))
def test_the_words_of_a_rule_mean_the_same_over_columns(kind, rows):
    """`when`, `minimum` and `maximum` answer on columns what they answer on values."""

    def rule(left, right, ops):
        return [
            ops.when(left <= right, left - right, 0),
            ops.minimum(left, right),
            ops.maximum(left, 0),
        ]

    expected = [tuple(rule(left, right, PYTHON)) for left, right in rows]
    table = open_table(
        frame_of_kind(
            kind,
            {
                "open_minor": [left for left, _ in rows],
                "amount_minor": [right for _, right in rows],
            },
        ),
        needs=("open_minor", "amount_minor"),
    )
    terms = rule(table.column("open_minor"), table.column("amount_minor"), column_ops())
    frame = table.frame.select(term.alias(name) for name, term in zip("abc", terms, strict=True))

    assert expected == rows_of(table.native(frame))


_DUE = st.dates(DAY - dt.timedelta(days=100), DAY + dt.timedelta(days=100)) | st.sampled_from(
    [dt.date.min, dt.date.max]
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(due=_DUE, bound=st.integers(-100, 100) | st.sampled_from([-3_600_000, 3_600_000]))
def test_days_past_compare_like_days(kind, due, bound):
    """A column of dates compared through its cut-off date is the day count compared."""
    days = DAY.toordinal() - due.toordinal()
    table = open_table(frame_of_kind(kind, {"due_date": [due]}), needs=("due_date",))
    past = table.days_past("due_date", as_of=DAY)

    answers = table.frame.select(
        at_most=past <= bound, below=past < bound, at_least=past >= bound, above=past > bound
    )

    expected = (days <= bound, days < bound, days >= bound, days > bound)
    assert [expected] == rows_of(table.native(answers))


@pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow"])
def test_frames_are_made_of_columns(backend):
    """The other way: columns of values become a frame, typed even where there are no rows."""
    columns = {"customer": ["C-1"], "due_date": [DAY], "total_minor": [5]}

    full = frame_of(columns, backend=backend)
    empty = frame_of({name: [] for name in columns}, backend=backend)

    assert full.shape == (1, 3)
    assert (
        "int64" in str(empty["total_minor"].dtype if backend != "pyarrow" else empty.schema).lower()
    )
