"""A delimited file is taken apart by its headings, or refused with the place."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.parties import Customer
from receivables_plugins import csv as plugin

(SPEC,) = plugin.receivables_ledger_sources()
HEAD = "number,customer,document-date,amount\n"
ROW = "1,C,2026-01-31,10.00\n"


def _customers(content, **settings):
    source = SPEC.build({"record": "customers"} | settings)
    raw = content.encode() if isinstance(content, str) else content
    return source.read(io.BytesIO(raw), name="list.csv").collect()


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiter_is_found(mark, read, documents):
    """The delimiter is the one that finds every mapped heading."""
    found = read((HEAD + ROW).replace(",", mark))

    assert [one.number for one in documents(found)] == ["1"]
    assert read((HEAD + ROW).replace(",", mark), delimiter=mark).rows == found.rows


def test_delimiter_inside_another_heading_does_no_harm(read, documents):
    """A heading may hold other delimiters, even more often."""
    text = "number;customer;document-date;amount;a,b,c,d,e\n1;C;2026-01-31;10.00;x\n"

    assert len(documents(read(text))) == 1


def test_ambiguous_delimiter_is_refused(problems):
    """Where two delimiters find every mapped heading, and differ in others, nothing is read."""
    settings = {"columns": {"customer": "customer"}, "constants": {"name": "Bob"}}
    text = "x,customer,y;customer;z\n1,2,3;4;5\n"

    assert problems(_customers(text, **settings)) == [("locale.ambiguous", 1, None)]
    assert _customers(text, delimiter=";", **settings).rows[0].customer == "4"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850"])
def test_declared_encoding_is_read(encoding):
    """Any text encoding can be declared; a byte order mark does no harm."""
    found = _customers("customer;name\n1;Zoë Müller\n".encode(encoding), encoding=encoding)

    assert found.rows == (Customer(customer="1", name="Zoë Müller"),)


def test_undeclared_encoding_is_refused(problems):
    """A line that is not UTF-8 is noted with its line and left out; nothing is guessed."""
    found = _customers("customer;name\n1;Zoë\n2;Bob\n".encode("cp1252"))

    assert problems(found) == [("encoding.invalid", 2, None)]
    assert [row.name for row in found.rows] == ["Bob"]


def test_quoted_fields_hold_delimiters_quotes_and_line_ends(problems):
    """A row that spans lines has the line that it starts on, and so have those after it."""
    text = 'customer,name\n1,"Smith, ""Bob""\r\nand sons"\n2\n'
    found = _customers(text)

    assert found.rows[0].name == 'Smith, "Bob"\r\nand sons'
    assert problems(found) == [("row.length", 4, None)]


def test_heading_may_span_lines():
    """A heading in quotes may hold a line end."""
    found = _customers(
        'customer,"last\nname"\n1,Bob\n', columns={"customer": "customer", "name": "last\nname"}
    )

    assert [row.name for row in found.rows] == ["Bob"]


def test_lines_above_the_headings_are_passed_over(problems):
    """Lists often open with a title; its lines count in the places of problems."""
    found = _customers("Our customers\n\ncustomer,name\n1,Bob\n2\n", **{"header-line": 3})

    assert [row.name for row in found.rows] == ["Bob"]
    assert problems(found) == [("row.length", 5, None)]


def test_blank_rows_are_passed_over():
    """Spreadsheets end a list with rows of nothing."""
    found = _customers("customer,name\n\n1,Bob\n,\n\n")

    assert (len(found.rows), found.report.complete) == (1, True)


def test_list_without_rows_is_complete():
    """No receipt on a day is an answer."""
    assert _customers("customer,name\n").report.complete


REFUSED = {
    "empty file": ("", [("file.empty", None, None)]),
    "blank heading": ("\n1,Bob\n", [("file.empty", None, None)]),
    "missing column": ("customer,city\n1,Paris\n", [("column.missing", 1, "name")]),
    "both columns missing": (
        "a;b\n1;2\n",
        [("column.missing", 1, "customer"), ("column.missing", 1, "name")],
    ),
    "mapped heading twice": ("customer,name,name\n1,a,b\n", [("column.duplicate", 1, "name")]),
    "heading with a stray quote": ('customer,"na"me\n1,a\n', [("file.format", 1, None)]),
    "heading that never ends": ('customer,"name\n1,a\n', [("file.format", 1, None)]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nothing_is_read_without_sound_headings(case, problems):
    """Without the columns that are mapped, each once, nothing is read."""
    text, expected = REFUSED[case]

    assert (_customers(text).rows, problems(_customers(text))) == ((), expected)


def test_other_heading_that_stands_twice_is_a_warning():
    """A column that is not mapped cannot be read wrongly."""
    found = _customers("customer,name,x,x,,\n1,a,b,c,d,e\n")

    assert [one.code for one in found.report.problems] == ["column.duplicate"]
    assert (len(found.rows), found.report.complete) == (1, True)


BROKEN = {
    "too few fields": ("2\n", "row.length"),
    "too many fields": ("2,a,b\n", "row.length"),
    "stray quote": ('2,"a"b\n', "file.format"),
    "endless field": ("2," + "a" * 140_000 + "\n", "file.too-large"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_row_is_noted_and_the_others_read(case, problems):
    """A row that cannot be taken apart has a problem on its line, and the next one is read."""
    row, code = BROKEN[case]
    found = _customers(f"customer,name\n1,Ann\n{row}3,Cid\n")

    assert problems(found) == [(code, 3, None)]
    assert [one.customer for one in found.rows] == ["1", "3"]


def test_file_that_ends_inside_quotes_is_truncated(problems):
    """The place is the line that the open field starts on."""
    found = _customers('customer,name\n1,Ann\n2,"Bob\nand more\n')

    assert problems(found) == [("file.truncated", 3, None)]
    assert [one.customer for one in found.rows] == ["1"]


_CELL = st.text(alphabet='ab0 ,;"\n\r|\té', max_size=6)


@given(st.lists(st.tuples(_CELL, _CELL), max_size=5), st.sampled_from([",", ";", "\t", "|"]))
@hypothesis_settings(max_examples=40)
def test_what_a_writer_quotes_is_read_back(rows, mark):
    """Every text that a writer of RFC 4180 puts into a cell comes back, but for outer blanks."""
    numbered = [(f"c{index}{key}", name) for index, (key, name) in enumerate(rows)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writerows([("customer", "name"), *numbered])

    found = _customers(out.getvalue(), delimiter=mark)

    assert [(row.customer, row.name) for row in found.rows] == [
        (key.strip(), name.strip() or key.strip()) for key, name in numbered
    ]


def test_list_is_recognized_by_its_columns():
    """The settings name the columns, so they tell whose list it is."""
    source = SPEC.build({"record": "customers", "columns": {"customer": "No", "name": "Name"}})

    assert source.recognizes(b"No;Name;City\n1;a;b\n", name="a.csv")
    assert not source.recognizes(b"No;City\n1;b\n", name="a.csv")
    assert not source.recognizes(b'No;"Name\n', name="a.csv")


IMPOSSIBLE = {
    "no creditor": {},
    "unknown record": {"creditor": "M", "record": "invoices"},
    "unknown field": {"creditor": "M", "columns": {"invoice": "No"}},
    "field of another record": {"record": "customers", "columns": {"amount": "Amount"}},
    "unknown constant": {"creditor": "M", "constants": {"colour": "red"}},
    "column and constant": {
        "record": "customers",
        "columns": {"customer": "a", "name": "b"},
        "constants": {"name": "c"},
    },
    "needed field left out": {"creditor": "M", "columns": {"number": "No"}},
    "unknown type": {"creditor": "M", "types": {"RE": "bill"}},
    "unknown delimiter": {"creditor": "M", "delimiter": ":"},
    "unknown encoding": {"creditor": "M", "encoding": "no-such"},
    "header line 0": {"creditor": "M", "header-line": 0},
    "header line as text": {"creditor": "M", "header-line": "1"},
    "one mark for both": {"creditor": "M", "decimal": ",", "grouping": ","},
    "unknown decimal": {"creditor": "M", "decimal": ";"},
    "named months": {"creditor": "M", "date-format": "%d %B %Y"},
    "snapshot that is no day": {"creditor": "M", "snapshot-date": "31/02/2026"},
    "unknown policy": {"creditor": "M", "duplicates": "keep"},
    "columns that are no table": {"creditor": "M", "columns": "number"},
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_impossible_settings_are_refused(case):
    """A wrong setting is an error of the configuration, named."""
    with pytest.raises(PolicyError, match="settings of csv"):
        SPEC.build(IMPOSSIBLE[case])
