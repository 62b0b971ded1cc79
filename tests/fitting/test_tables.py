"""CSV and ARFF into frames, and what is refused with its line."""

from __future__ import annotations

import io

import pandas as pd
import polars as pl
import pytest

from receivables.errors import DocumentError
from receivables.fitting.tables import read_table, write_csv

ARFF = """% a comment
@relation firms
@attribute 'net profit / assets' numeric
@attribute size {small, large}
@attribute failed {0,1}

@data
0.25,small,0
% another
?,'large',1
"""


def _read(text, name="table.csv", **given):
    return read_table(io.StringIO(text), name=name, backend="polars", **given)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(separator):
    """Comma, semicolon, tab and bar."""
    frame = _read(separator.join("ab") + "\n" + separator.join(["1", "x"]) + "\n")

    assert [(1.0, "x")] == frame.rows()


def test_a_comma_may_be_the_decimal_sign():
    """Where the separator is another."""
    assert [(1.5, 2.0), (None, 3.25)] == _read("a;b\n1,5;2\n;3,25\n").rows()


def test_what_is_missing_is_said_by_words():
    """None is a category, a question mark is a gap."""
    frame = _read("a,b\n?,none\nNA,x\n7,NULL\n")

    assert [(None, "none"), (None, "x"), (7.0, None)] == frame.rows()


def test_text_may_be_kept():
    """Numbers that are names stay text."""
    assert [("007",)] == _read("a\n007\n", keep_text=["a"]).rows()


def test_an_arff_is_read():
    """Quoted names, comments, named values, gaps."""
    frame = _read(ARFF, name="firms.arff")

    assert ["net profit / assets", "size", "failed"] == frame.columns
    assert [(0.25, "small", 0.0), (None, "large", 1.0)] == frame.rows()


def test_what_was_written_is_read():
    """Gaps are empty, whatever kind of gap it was."""
    text = io.StringIO()

    count = write_csv(pd.DataFrame({"a": [1.5, float("nan")], "b": ["x, y", None]}), text)

    assert 2 == count
    assert [(1.5, "x, y"), (None, None)] == _read(text.getvalue()).rows()


def test_columns_may_be_chosen():
    """In their order, of a lazy frame as well."""
    text = io.StringIO()

    write_csv(pl.LazyFrame({"a": [1], "b": [2]}), text, columns=["b"])

    assert "b\n2\n" == text.getvalue()


REFUSED = [
    ("", "table.csv", "must have a heading"),
    ("a,b\n1\n", "table.csv", "line 2 must have 2 fields, got 1"),
    ("a,a\n1,2\n", "table.csv", "a twice"),
    ("a,,c\n1,2,3\n", "table.csv", "got none for column 2"),
    ('a,b\n"1,2\n', "table.csv", "must be a line of fields"),
    ("@relation x\n", "x.arff", "must have a line @data"),
    ("@attribute \n@data\n", "x.arff", "must name its attributes"),
    ("@attribute a numeric\n@data\n1,2\n", "x.arff", "must have 1 fields"),
]


@pytest.mark.parametrize(("text", "name", "message"), REFUSED)
def test_what_is_no_table_is_refused(text, name, message):
    """With the line where there is one."""
    with pytest.raises(DocumentError, match=message):
        _read(text, name=name)


def test_a_column_to_keep_must_be_there():
    """A misspelt one is no silent nothing."""
    with pytest.raises(DocumentError, match="must include b"):
        _read("a\n1\n", keep_text=["b"])
