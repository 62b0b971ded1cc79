"""The door for data frames, and terms over columns."""

from __future__ import annotations

import datetime as dt
import pickle
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables import limits
from receivables._ops import PYTHON
from receivables.errors import (
    DocumentError,
    FrameCurrencyError,
    FrameError,
    FrameLimitError,
    LimitError,
    UnknownCurrencyError,
)
from receivables.frames import (
    COLUMNS,
    ColumnType,
    FrameFault,
    check_currencies,
    column_ops,
    frame_of,
    narwhals,
    open_table,
)
from receivables.ledger.columns import balances
from receivables.schemas import (
    ITEMS,
    MEANINGS,
    OPEN_ITEMS,
    PAYMENTS,
    SCHEMAS,
    FrameColumn,
    check_frame,
)

from ..aging.worlds import KINDS, rows_of  # noqa: TID252  # one world of frames
from ..aging.worlds import frame_of as frame_of_kind  # noqa: TID252  # one world of frames

DAY = dt.date(2026, 10, 31)
LARGE = limits.AMOUNT_MINOR_MAX
PAGE = (Path(__file__).parents[2] / "docs/reference/frames.md").read_text(encoding="utf-8")


def test_importing_the_names_imports_no_engine():
    """Names of columns, and topics that have a column shell, cost nothing until frames come."""
    code = (
        "import receivables, receivables.frames, receivables.aging, receivables.ledger, sys\n"
        "print(sorted({'narwhals', 'polars', 'pandas', 'pyarrow', 'duckdb'} & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert "[]" == ran.stdout.strip()


def test_every_column_has_a_type_a_meaning_and_a_row_of_the_manual():
    """The page of the frames has a row for each standard column, with its type and its meaning."""
    types = {
        ColumnType.KEY: "key",
        ColumnType.CURRENCY: "currency",
        ColumnType.MINOR: "amount",
        ColumnType.COUNT: "count",
        ColumnType.DATE: "date",
        ColumnType.MOMENT: "moment",
    }
    expected = {name: (types[kind], MEANINGS[name]) for name, kind in COLUMNS.items()}

    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    found = {row[0].strip("`"): (row[1], row[4]) for row in rows if len(row) > 4}

    assert expected == found


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_format_stands_in_the_manual(schema):
    """The page of the frames says of each format which columns it needs, and which may have gaps."""
    section = PAGE.split(f"### {schema.name.capitalize()}\n")[1].split("\n#")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if "| `" in line]

    expected = [
        [
            f"`{column.name}`",
            "where there" if column.is_optional else "yes",
            "may have" if column.is_nullable else "none",
        ]
        for column in schema.columns
    ]
    assert expected == rows
    assert {*schema.key} <= {*schema.required}


def test_every_fault_stands_in_the_manual():
    """The page of the frames explains each fault by its code."""
    assert all(f"| `{fault.value}` |" in PAGE for fault in FrameFault)


def test_a_format_is_made_of_standard_columns():
    """A name that is no standard column is a mistake in the format."""
    with pytest.raises(ValueError, match="name must be that of a standard column, got 'custmer'"):
        FrameColumn(name="custmer")


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


WRONG = {
    "item": ["F-1", "F-2", "F-3"],
    "customer": ["C-1", None, None],
    "currency": ["EUR", "EURO", "XXX"],
    "open_minor": [LARGE + 1, 5, -LARGE - 1],
    "duedate": ["2026-10-31", None, None],
    "document_date": ["a", "b", "c"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_is_wrong_is_listed_at_once(kind):
    """Columns, types, gaps, amounts and currencies, each with how many rows and the first of them."""
    frame = frame_of_kind(kind, WRONG | {"document_date": [DAY, None, DAY]})

    found = check_frame(frame, OPEN_ITEMS)

    said = [
        (one.column, one.fault.value, one.count, tuple(sorted(one.examples, key=str)))
        for one in found
    ]
    assert [
        ("due_date", "missing-column", None, ("duedate",)),
        ("customer", "gaps", 2, ("F-2", "F-3")),
        ("document_date", "gaps", 1, ("F-2",)),
        ("open_minor", "amount-limit", 2, (-LARGE - 1, LARGE + 1)),
        ("currency", "unknown-currency", None, ("EURO", "XXX")),
    ] == sorted(said, key=lambda one: ORDER.index(one[1]))


ORDER = [fault.value for fault in FrameFault if fault is not FrameFault.UNKNOWN_CURRENCY]
ORDER.append(FrameFault.UNKNOWN_CURRENCY.value)


def test_one_error_says_it_all():
    """The error carries the list that its message is made of, and survives a journey as bytes."""
    with pytest.raises(FrameError) as caught:
        open_table(
            pl.DataFrame(WRONG),
            needs=("customer", "currency", "open_minor", "due_date", "document_date"),
            sums=("open_minor",),
        )

    message = str(caught.value)
    assert not isinstance(caught.value, LimitError | UnknownCurrencyError)
    assert message.startswith("columns must include due_date, got item, customer,")
    assert "is it 'duedate' for 'due_date'?; column document_date must hold dates" in message
    assert 5 == len(caught.value.violations)
    assert all(one.what in message for one in caught.value.violations[1:])
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert caught.value.violations == again.violations


def test_an_error_of_one_kind_is_known_by_it():
    """Limits alone are a limit error, currencies alone an unknown currency, as everywhere."""
    beyond = pl.DataFrame({"open_minor": [LARGE + 1]})
    unknown = narwhals().from_native(pl.DataFrame({"currency": ["EURO"]}))

    with pytest.raises(FrameLimitError) as limited:
        open_table(beyond, needs=("open_minor",), sums=("open_minor",))
    with pytest.raises(FrameCurrencyError) as named:
        check_currencies(unknown)

    assert isinstance(limited.value, LimitError)
    assert isinstance(named.value, UnknownCurrencyError)
    assert ("EURO",) == named.value.violations[0].examples


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [["F-1", "F-2", "F-1"], ["F-1", "F-1", "F-2"]])
def test_two_items_with_one_key_are_refused(kind, names):
    """Both would be settled by the same moves, so balances would count those twice."""
    items = {"item": names, "amount_minor": [1, 2, 3], "posting_date": [DAY] * 3}
    moves = {"item": ["F-1"], "amount_minor": [1], "effective_on": [DAY]}

    with pytest.raises(
        FrameError, match="key of their own in item, got 2 rows with 1 keys"
    ) as caught:
        balances(frame_of_kind(kind, items), frame_of_kind(kind, moves), as_of=DAY)

    assert ("F-1",) == caught.value.violations[0].examples
    twice = {**items, "creditor": ["MIRA", "MIRA", "NORD"]}
    by_creditor = frame_of_kind(kind, twice | {"creditor": names})
    assert "duplicate-key" in {one.fault.value for one in check_frame(by_creditor, ITEMS)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_frame_has_nothing_wrong(kind):
    """Gaps where they may be, and other columns, are left alone."""
    columns = {"customer": ["C-1"], "currency": ["EUR"], "amount_minor": [5], "note": ["x"]}
    dates = {"due_date": [None], "paid_on": [None]}

    assert () == check_frame(frame_of_kind(kind, columns | dates), PAYMENTS)


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


@pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow", "duckdb"])
def test_whole_numbers_with_gaps_stay_whole(backend):
    """A gap makes no floats, and a moment keeps its zone."""
    moment = dt.datetime(2026, 10, 31, 8, tzinfo=dt.UTC)
    columns = {"amount_minor": [2**53 + 1, None], "recorded_at": [moment, moment]}

    frame = frame_of(columns, backend=backend)
    table = open_table(frame, needs=("recorded_at",), nullable=("amount_minor",))

    assert {"recorded_at": 0, "amount_minor": 1} == dict(table.nulls)
    kept = narwhals().from_native(frame).select(narwhals().col("amount_minor").max())
    assert [(2**53 + 1,)] == [tuple(map(int, row)) for row in rows_of(kept.to_native())]


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
