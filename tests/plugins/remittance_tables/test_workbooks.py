"""Workbooks: numbers are numbers and dates are dates, whatever their program shows."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from receivables.receipts.advices import PaymentAdvice
from receivables_plugins.remittance_tables import receivables_advice_readers

SPEC = next(one for one in receivables_advice_readers() if one.name == "remittance-excel")

openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl")
pytest.importorskip("python_calamine", reason="needs python-calamine")


@pytest.fixture(scope="module")
def workbook():
    """The bytes of a workbook with these sheets."""

    def write(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return write


@pytest.fixture(scope="module")
def read(codes):
    """Read a workbook; payments, and the codes of the problems."""

    def run(content, **settings):
        collected = SPEC.build(settings).read(io.BytesIO(content), name="a.xlsx").collect()
        payments = [row for row in collected.rows if isinstance(row, PaymentAdvice)]
        return payments, codes(collected)

    return run


def test_numbers_and_dates(workbook, read):
    """Numbers have no binary noise, dates no time, and a number of a document no decimals."""
    rows = [
        ["Invoice", "Paid", "Invoice date", "Currency"],
        [10023, 0.1 + 0.2, dt.datetime(2026, 4, 3, 12, 0), "EUR"],
    ]
    (payment,), problems = read(workbook(A=rows))
    (document,) = payment.remittance.documents

    assert problems == []
    assert ("10023", 30, dt.date(2026, 4, 3)) == (
        document.number,
        document.amount_minor,
        document.date,
    )


def test_every_sheet_with_headings(workbook, read):
    """Each sheet that has the headings is a batch; another is passed over."""
    rows = [["Facture", "Net payé EUR"], ["A", 1.5]]
    payments, problems = read(workbook(Cover=[["Hello"]], One=rows, Two=rows))

    assert problems == []
    assert [("a.xlsx:One", 1), ("a.xlsx:Two", 2)] == [(one.batch, one.index) for one in payments]


def test_sheet_by_name(workbook, read):
    """The sheet that the settings name is read, and no other."""
    rows = [["Factura", "Neto EUR"], ["A", 1.5]]
    payments, problems = read(workbook(One=rows, Two=rows), sheet="Two")

    assert (["a.xlsx:Two"], []) == ([one.batch for one in payments], problems)
    assert read(workbook(One=rows), sheet="Two") == ([], ["file.format"])


REFUSED = {
    "a tenth of a cent": (["A", 1.005], ["amount.inexact"]),
    "a boolean": (["A", True], ["amount.invalid"]),
    "a date for an amount": (["A", dt.date(2026, 1, 1)], ["amount.invalid"]),
    "a text of two readings": (["A", "1,234"], ["locale.ambiguous"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_cells(name, workbook, read):
    """A cell that is no amount is an error with its line."""
    row, problems = REFUSED[name]

    assert read(workbook(A=[["Invoice", "Paid EUR"], row])) == ([], problems)


def test_workbook_that_unpacks_to_too_much(read, monkeypatch):
    """A small file that says it is huge is refused before it is unpacked."""
    monkeypatch.setattr("receivables.workbooks.UNPACKED_MAX", 1_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2_000)

    assert read(stream.getvalue()) == ([], ["file.too-large"])


@pytest.mark.parametrize(("content", "code"), [(b"", "file.empty"), (b"PK\3\4", "file.format")])
def test_no_workbook(content, code, read):
    """Bytes that are no workbook are a problem."""
    assert read(content) == ([], [code])
