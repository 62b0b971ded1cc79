"""Exported reports are read row by row, and every total must be met."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote, Invoice
from receivables.errors import PolicyError
from receivables.money import money
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables.testing.ledger_source import balances
from receivables_plugins.quickbooks import ReportSettings
from receivables_plugins.quickbooks.report import ReportSource

from .test_source_conformance import AGING, OPEN_INVOICES


def read(content, **more):
    """What the source makes of a text or of a workbook."""
    raw = content.encode() if isinstance(content, str) else content
    settings = {"currency": "USD", "date_format": "%m/%d/%Y", **more}
    source = ReportSource(ReportSettings(creditor="MIRA", **settings))
    return source.read(io.BytesIO(raw), name="a").collect()


def codes(found):
    """The codes of the problems, each once."""
    return {problem.code for problem in found.report.problems}


def test_documents_come_whole_with_what_is_settled():
    """Where a report has amounts, a document comes in full, settled in part on the report's day."""
    found = read(AGING)
    [invoice] = [row for row in found.rows if getattr(row, "number", "") == "0043"]
    settled = {row.items: row for row in found.rows if isinstance(row, SourceAllocation)}

    assert invoice.total == money("300.00", "USD")
    assert settled[("0043",)].settled_minor == 100_00
    assert settled[("C-9",)].settled_minor == -25_00
    assert {row.settled_on for row in settled.values()} == {dt.date(2026, 10, 31)}
    assert [
        type(row) for row in found.rows if not isinstance(row, Customer | SourceAllocation)
    ] == [
        Invoice,
        Invoice,
        CreditNote,
        DebitNote,
        Receipt,
    ]


def test_groups_are_customers_where_no_column_names_them():
    """Without a column of customers, the groups are the customers, jobs under their parents."""
    found = read(OPEN_INVOICES)

    assert [(row.customer, row.payer_group) for row in found.rows if isinstance(row, Customer)] == [
        ("Sunset Bakery:Ocean View", "Sunset Bakery"),
        ("Sunset Bakery", "Sunset Bakery"),
    ]


def test_parents_may_have_a_total_with_their_sub_customers():
    """A total over a customer and its sub-customers is compared with all of their rows."""
    rows = [
        ",Date,Transaction type,Num,Due date,Open balance",
        "Sunset Bakery,,,,,",
        ",08/31/2026,Invoice,1,,10.00",
        "  Ocean View,,,,,",
        ",08/31/2026,Invoice,2,,20.00",
        "  Total for Ocean View,,,,,20.00",
        "Total for Sunset Bakery with sub-customers,,,,,30.00",
        "Total Eclipse,,,,,",
        ",08/31/2026,Invoice,3,,5.00",
        "Total for Total Eclipse,,,,,5.00",
        "TOTAL,,,,,35.00",
    ]
    found = read("\n".join(rows))

    assert found.report.problems == ()
    assert [row.customer for row in found.rows if isinstance(row, Invoice)] == [
        "Sunset Bakery",
        "Sunset Bakery:Ocean View",
        "Total Eclipse",
    ]


def workbook(*, total):
    """The first report as a workbook, with another total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Mirabelle Ltd"])
    sheet.append(["As of 10/31/2026"])
    sheet.append([None, "Date", "Transaction type", "Num", None, "Name", "Open balance"])
    sheet.append(["Current"])
    day = dt.datetime(2026, 8, 31)
    sheet.append([None, day, "Invoice", "0042", None, "Acme", 1234.1])
    sheet.append([None, "08/31/2026", "Invoice", 7, None, "Acme", 0.2])
    sheet.append(["Total for Current", None, None, None, None, None, total])
    sheet.append(["TOTAL", None, None, None, None, None, total])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("total", "expected"),
    [(1234.3, set()), (0, {"quickbooks.total-unread"}), (9, {"quickbooks.total-differs"})],
)
def test_workbooks_are_read(total, expected):
    """A workbook is read like a text; a total whose formula has no value yet is a warning."""
    found = read(workbook(total=total))

    assert codes(found) == expected
    assert balances(found.rows) == {"USD": 1234_30}
    assert found.report.complete is ("quickbooks.total-differs" not in expected)


def changed(old, new):
    """The first report with something else in it."""
    assert old in AGING
    return AGING.replace(old, new)


REFUSED = [
    (changed("$1,665.00", "$1,665.01"), "quickbooks.total-differs", "a total of a group"),
    (changed("$1,715.00", "$1,715.01"), "quickbooks.total-differs", "the last total"),
    (changed("TOTAL,", "Sum,"), "file.truncated", "no last total"),
    (changed("Total for 1 - 30", "Total for 1 - 31"), "file.format", "a total of nothing"),
    (changed("Invoice,0042", "Barter,0042"), "document.type-unknown", "no such type"),
    (changed("Open balance", "Rest"), "column.missing", "no open balance"),
    (changed("0043", "0042"), "document.duplicate", "the number twice"),
    (changed("08/31/2026", "31/08/2026"), "date.invalid", "no such month"),
    (changed("300.00,200.00", "300.00,400.00"), "document.unbalanced", "more open than owed"),
    (changed("300.00,200.00", "300.00,"), "file.format", "no open balance in a row"),
    (changed('"As of October 31, 2026"', ""), "settings.invalid", "no day"),
    (changed("TOTAL,", '"TOTAL,'), "file.truncated", "it ends in quotes"),
    (workbook(total=1)[:400], "file.format", "half a workbook"),
    ("", "file.empty", "nothing"),
]


@pytest.mark.parametrize(("content", "code", "why"), REFUSED, ids=lambda _: "")
def test_what_is_wrong_is_refused(content, code, why):
    """Each way of being wrong has its code, and makes the read incomplete."""
    found = read(content)

    assert code in codes(found), why
    assert not found.report.complete


def test_days_that_can_be_two_are_not_guessed():
    """Without a format, a day that can be two days is refused."""
    assert "locale.ambiguous" in codes(read(AGING, date_format=None))


def test_more_types_may_be_said():
    """A word that is not known can be mapped by the settings."""
    found = read(changed("Invoice,0042", "Facture,0042"), types={"facture": "invoice"})

    assert found.report.problems == ()
    with pytest.raises(PolicyError, match="types must be among"):
        read(AGING, types={"facture": "bill"})
