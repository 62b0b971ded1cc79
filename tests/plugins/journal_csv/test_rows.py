"""A row has every field of a line; the whole journal can be made again from the rows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.accounting.model import GlAccount, JournalEntry, JournalLine, Role
from receivables.accounting.writing import one_line
from receivables.errors import DocumentError
from receivables.money import minor_of
from receivables.testing.journal_writer import HOSTILE_TEXTS, journals, long_journal, sample_journal
from receivables_plugins.journal_csv._safe import original, safe
from receivables_plugins.journal_csv.writer import COLUMNS, DIMENSION, JournalCsvWriter

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\uff1d1",
    "'=1",
    "''=1",
    "a;=1",
    "a,+1|@x",
    '"=1"',
]
PLAIN = ["Rock & Fils", "O'Hara", "3 = 3", "a-b", "'", "", "1;2", "x;'y"]


def _write(journal):
    return b"".join(JournalCsvWriter().write(journal)).decode("utf-8")


def _rows(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def _line(row):
    dimensions = [
        (name.removeprefix(DIMENSION), original(said))
        for name, said in row.items()
        if name.startswith(DIMENSION) and said
    ]
    return JournalLine(
        account=GlAccount(original(row["account"]), original(row["account_name"])),
        role=Role(row["role"]),
        amount_minor=minor_of(Decimal(row["amount"]), row["currency"]),
        currency=row["currency"],
        functional_minor=minor_of(Decimal(row["functional_amount"]), row["functional_currency"]),
        **{name: original(row[name]) for name in ("customer", "item", "counterparty", "text")},
        dimensions=dimensions,
    )


def _entry(rows):
    first = rows[0]
    day, moment = first["document_date"], first["recorded_at"]
    return JournalEntry(
        **{
            name: original(first[name])
            for name in ("entry", "creditor", "kind", "document", "event")
        },
        date=dt.date.fromisoformat(first["date"]),
        document_date=dt.date.fromisoformat(day) if day else None,
        recorded_at=dt.datetime.fromisoformat(moment) if moment else None,
        text=original(first["entry_text"]),
        functional_currency=first["functional_currency"],
        lines=map(_line, rows),
    )


def _entries(text):
    grouped = itertools.groupby(_rows(text), key=lambda row: (row["creditor"], row["entry"]))
    return [_entry(list(rows)) for _, rows in grouped]


def _plain(entry):
    """An entry as the file can say it: texts on one line, dimensions by name."""
    lines = [
        attrs.evolve(
            line,
            dimensions=sorted(line.dimensions),
            account=GlAccount(line.account.number, one_line(line.account.name)),
            **{
                name: one_line(getattr(line, name))
                for name in ("customer", "item", "counterparty", "text")
            },
        )
        for line in entry.lines
    ]
    texts = {
        name: one_line(getattr(entry, name))
        for name in ("entry", "kind", "text", "document", "event")
    }
    return attrs.evolve(entry, lines=lines, **texts)


def test_every_field_comes_back():
    """The sample journal is made again from its rows, field by field."""
    journal = sample_journal()

    assert [_plain(entry) for entry in journal] == _entries(_write(journal))


@settings(max_examples=40)
@given(journal=journals(creditors=2))
def test_any_journal_comes_back(journal):
    """So is any journal, but for line breaks, control characters and outer blanks of texts."""
    assert [_plain(entry) for entry in journal] == _entries(_write(journal))


@pytest.mark.parametrize("text", [*FORMULAS, *PLAIN, *map(one_line, HOSTILE_TEXTS)], ids=ascii)
def test_text_comes_back(text):
    """What was put before a formula is taken away again, and nothing else."""
    assert one_line(text) == original(safe(text))


@given(text=st.text(alphabet="=+'\"; ,|a"))
def test_any_text_comes_back(text):
    """So it is for any mixture of the signs that matter."""
    assert one_line(text) == original(safe(text))


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_no_text_is_a_formula(text):
    """Whatever separator a spreadsheet cuts at, no cell begins with the sign of a formula."""
    cells = safe(text).replace(",", ";").replace("|", ";").split(";")

    assert [
        cell for cell in cells if cell.strip(' "').startswith(("=", "+", "-", "@", "\uff1d"))
    ] == []


def test_form_is_that_of_the_standard():
    """Lines end in CR LF, there is no byte order mark, and quotes are doubled (RFC 4180)."""
    text = _write(sample_journal(texts='say "x", y'))

    assert text.startswith(",".join(COLUMNS))
    assert all(line.endswith("\r\n") for line in text.splitlines(keepends=True))
    assert '"say ""x"", y"' in text


def test_amounts_have_the_decimals_of_their_currency():
    """Amounts are signed, with a point, no mark between thousands, and all decimals."""
    amounts = {row["amount"] for row in _rows(_write(sample_journal()))}

    assert {"120.00", "-100.00", "1000000", "-0.007", "1.2345", "0.00"} <= amounts


def test_dimensions_have_columns():
    """Each dimension has a column of its own, in the order of their names."""
    heading = _write(sample_journal()).splitlines()[0]

    assert heading.endswith("text,dimension:cost center,dimension:site,dimension:text")


def _dimensioned(*pairs):
    (entry,) = long_journal(1)
    lines = [attrs.evolve(line, dimensions=pairs) for line in entry.lines]
    return attrs.evolve(long_journal(0), entries=[attrs.evolve(entry, lines=lines)])


@pytest.mark.parametrize(
    "pairs", [[("site", "1"), ("site", "2")], [("a\tb", "1"), ("a b", "2")]], ids=["twice", "alike"]
)
def test_dimension_without_a_column_of_its_own_is_refused(pairs):
    """A dimension that a line has twice, or that reads like another, is refused before any row."""
    with pytest.raises(DocumentError, match="dimension"):
        JournalCsvWriter().write(_dimensioned(*pairs))
