"""An aging as text, as HTML and as a data frame."""

from __future__ import annotations

import pytest

from receivables.aging import AgingScheme, age
from receivables.errors import DocumentError

from .worlds import AS_OF, names_of, open_item, rows_of

SCHEME = AgingScheme(30)

TEXT = """\
aging as of 2026-10-31, by due-date
creditor  customer  currency  not yet due       1-30  over 30  credits      total  items
MIRA      C-1       EUR              0.00  12,345.67     0.00    -0.05  12,345.62      2
MIRA      C-1       JPY                 0      1,200        0        0      1,200      1
total               EUR              0.00  12,345.67     0.00    -0.05  12,345.62      2
total               JPY                 0      1,200        0        0      1,200      1"""


@pytest.fixture
def aging():
    """An aging in two currencies."""
    items = [
        open_item("F-1", open_minor=1_234_567),
        open_item("A-1", open_minor=-5),
        open_item("F-2", open_minor=1_200, currency="JPY"),
    ]
    return age(items, scheme=SCHEME, as_of=AS_OF)


def test_text_has_each_currency_s_own_decimals(aging):
    """Text to the left, numbers to the right, a total per currency."""
    assert TEXT == str(aging)


def test_html_escapes_every_text():
    """A customer's name is text and never markup."""
    hostile = open_item(customer="<script>alert('x')</script>", creditor='"&')

    html = age([hostile], scheme=SCHEME, as_of=AS_OF)._repr_html_()

    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in html
    assert "&quot;&amp;" in html


def test_html_aligns_numbers_right(aging):
    """Amounts line up at their end."""
    assert '<td style="text-align:right">12,345.67</td>' in aging._repr_html_()


def test_a_long_table_says_what_it_leaves_out():
    """A table for the eye ends somewhere; the totals cover every row."""
    items = [open_item(f"F-{index}", customer=f"C-{index:03d}") for index in range(65)]

    text = str(age(items, scheme=SCHEME, as_of=AS_OF))

    assert text.endswith("5 more rows in the totals")
    assert "6,500.00" in text


def test_rows_and_dicts_have_the_names_of_the_columns(aging):
    """`to_rows` is for programs, `to_dicts` for JSON."""
    assert ("MIRA", "C-1", "EUR", 0, 1_234_567, 0, -5, 1_234_562, 2) == aging.to_rows()[0]
    assert dict(zip(aging.columns, aging.to_rows()[1], strict=True)) == aging.to_dicts()[1]


@pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow"])
def test_a_frame_of_any_backend_holds_the_rows(aging, backend):
    """`to_frame` gives the same rows in the backend asked for."""
    frame = aging.to_frame(backend)

    assert type(frame).__module__.partition(".")[0] == backend
    assert list(aging.columns) == names_of(frame)
    assert aging.to_rows() == rows_of(frame)


def test_an_empty_aging_is_a_table_too():
    """No open items give headings, and an empty frame with its columns."""
    nothing = age([], scheme=SCHEME, as_of=AS_OF)

    assert "not yet due" in str(nothing)
    assert "<tbody>" in nothing._repr_html_()
    assert list(nothing.columns) == nothing.to_frame().columns


def test_an_unknown_backend_is_refused(aging):
    """The message lists the backends that there are."""
    with pytest.raises(DocumentError, match="polars, pandas, pyarrow or duckdb, got 'excel'"):
        aging.to_frame("excel")
