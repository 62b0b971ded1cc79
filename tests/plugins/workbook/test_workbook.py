"""Workbooks of open items, as people keep them."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import xlsxwriter

from receivables.documents import CreditNote, Document
from receivables.parties import Customer
from receivables.testing import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables_plugins.workbook import receivables_ledger_sources
from receivables_plugins.workbook.headings import find, is_bucket

(SPEC,) = receivables_ledger_sources()
DAY = dt.date(2026, 9, 30)
DUE = dt.date(2026, 10, 30)


def book(*sheets):
    """A workbook of sheets, each a name and its rows."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as made:
        dated = made.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets:
            sheet = made.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(
                            row, column, dt.datetime.combine(cell, dt.time()), dated
                        )
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return stream.getvalue()


def read(content, **settings):
    """What the adapter makes of a workbook."""
    given = {"creditor": "MIRA", "currency": "EUR", **settings}
    return SPEC.build(given).read(io.BytesIO(content), name="open.xlsx").collect()


ENGLISH = [
    ["Open items as of 31 October 2026"],
    [],
    [
        "Customer No.",
        "Name",
        "Invoice",
        "Invoice date",
        "Due date",
        "Amount",
        "Balance",
        "1-30",
        "Comment",
    ],
    ["0017", "Tremblay", "00042", DAY, DUE, 1200.10, 700.10, None, "called"],
    ["0018", "Roy", "00043", DAY, DUE, 80.5, 80.5, None, None],
    [None, None, "Total", None, None, 1280.6, 780.6],
]
FRENCH = [
    ["N° client", "Raison sociale", "N° de facture", "Date facture", "Échéance", "Solde", "Devise"],
    ["C-1", "Menuiserie Été", "FA-7", DAY, DUE, "1 234,50", "EUR"],
    ["C-2", "Roy", "AV-1", DAY, DUE, "(20,00)", "EUR"],
    ["Total général", None, None, None, None, "1 214,50"],
]
SPANISH = [
    ["Código cliente", "Nombre", "Nº factura", "Fecha factura", "Vencimiento", "Saldo pendiente"],
    ["C-1", "Muñoz", "F-7", DAY, DUE, "1.234,50"],
]


class TestExcel(LedgerSourceTests):
    """The checks of every ledger source, in three languages."""

    @pytest.fixture
    def spec(self):
        """The descriptor."""
        return SPEC

    @pytest.fixture
    def samples(self):
        """A workbook in each language, written here."""
        common = {"creditor": "MIRA", "currency": "EUR", "snapshot_date": "2026-10-31"}
        known = {"excel.heading-unknown"}
        return [
            LedgerSample(
                name="open.xlsx",
                content=book(("Open", ENGLISH)),
                settings=common,
                expected=ExpectedLedger(totals={"EUR": 128_060}, identities=["0017", "00042"]),
            ),
            LedgerSample(
                name="encours.xlsx",
                content=book(("Encours", FRENCH)),
                settings=common,
                expected=ExpectedLedger(totals={"EUR": 121_450}, identities=["FA-7"]),
            ),
            LedgerSample(
                name="saldos.xlsx",
                content=book(("Saldos", [[*SPANISH[0], "Zona"], *SPANISH[1:]])),
                settings=common,
                expected=ExpectedLedger(totals={"EUR": 123_450}, problems=frozenset(known)),
            ),
        ]


def test_a_balance_below_the_amount_was_paid_before():
    """The document is there in full, and what is settled of it is settled on the day of the list."""
    found = read(book(("A", ENGLISH)), snapshot_date="2026-10-31")
    kinds = [type(row).__name__ for row in found.rows]

    assert found.report.complete, found.report.problems
    assert kinds == ["Customer", "Invoice", "SourceAllocation", "Customer", "Invoice"]
    assert found.rows[2].settled_minor == 50_000


def test_a_negative_balance_is_a_credit_note():
    """Parentheses mean minus, and minus means a credit."""
    found = read(book(("A", FRENCH)))

    assert [type(row) for row in found.rows if isinstance(row, Document)][1] is CreditNote


def test_a_total_that_does_not_hold_makes_the_read_incomplete():
    """Somebody filtered rows away, or typed over one."""
    rows = [*ENGLISH[:-1], [None, None, "Total", None, None, 1280.61, 780.6]]
    found = read(book(("A", rows)), snapshot_date="2026-10-31")

    assert [one.code for one in found.report.errors] == ["excel.total-differs"]


def test_subtotals_of_the_program_are_totals():
    """The command for subtotals writes the name of the group before the word."""
    rows = [*ENGLISH[:-1], ["0018 Total", None, None, None, None, 80.5, 80.5]]
    rows.insert(4, ["0017 Total", None, None, None, None, 1200.1, 700.1])
    rows.append(["Grand Total", None, None, None, None, 1280.6, 780.6])
    found = read(book(("Items", rows)), snapshot_date=DUE)

    assert found.report.complete
    assert len([row for row in found.rows if isinstance(row, Document)]) == 2


def test_groups_with_subtotals_are_read():
    """A customer on a line of its own holds for those below; each total is checked."""
    rows = [
        ["Customer", "Invoice", "Date", "Due", "Amount"],
        ["C-1 Tremblay"],
        [None, "1", DAY, DUE, 10],
        [None, "2", DAY, DUE, 20],
        ["Subtotal", None, None, None, 30],
        ["C-2 Roy"],
        [None, "3", DAY, DUE, 5],
        ["Total customer", None, None, None, 5],
        ["Grand total", None, None, None, 35],
    ]
    found = read(book(("A", rows)), fill_down=True)
    documents = [row for row in found.rows if isinstance(row, Document)]

    assert found.report.complete, found.report.problems
    assert [(one.customer, one.number) for one in documents] == [
        ("C-1 Tremblay", "1"),
        ("C-1 Tremblay", "2"),
        ("C-2 Roy", "3"),
    ]
    without = read(book(("A", rows)))
    assert {one.code for one in without.report.errors} == {"customer.missing"}


DOUBTS = {
    "two columns for one field": (
        [["Customer", "Invoice", "Date", "Amount", "Total"], ["C", "1", DAY, 1, 2]],
        "excel.heading-ambiguous",
    ),
    "no customer": ([["Invoice", "Date", "Due", "Amount"], ["1", DAY, DUE, 1]], "column.missing"),
    "nothing known": ([["a", "b"], [1, 2]], "excel.headings-unknown"),
    "an error in a cell": (
        [["Customer", "Invoice", "Date", "Amount"], ["C", "1", DAY, "#REF!"]],
        "excel.cell-error",
    ),
    "a number for a date": (
        [["Customer", "Invoice", "Date", "Amount"], ["C", "1", 46_295, 5]],
        "date.invalid",
    ),
    "a day or a month": (
        [["Customer", "Invoice", "Date", "Amount"], ["C", "1", "03/04/2026", 5]],
        "locale.ambiguous",
    ),
    "a thousand or one": (
        [["Customer", "Invoice", "Date", "Amount"], ["C", "1", DAY, "1.234"]],
        "locale.ambiguous",
    ),
    "a tenth of a cent": (
        [["Customer", "Invoice", "Date", "Amount"], ["C", "1", DAY, 5.125]],
        "amount.inexact",
    ),
    "a kind that nobody knows": (
        [["Customer", "Invoice", "Type", "Date", "Amount"], ["C", "1", "??", DAY, 5]],
        "document.type-unknown",
    ),
}


@pytest.mark.parametrize(("rows", "code"), DOUBTS.values(), ids=DOUBTS)
def test_a_doubt_is_asked_and_never_answered(rows, code):
    """Each doubt has its code, and makes the read incomplete."""
    found = read(book(("A", rows)))

    assert code in {one.code for one in found.report.errors}
    assert [row for row in found.rows if isinstance(row, Document)] == []


def test_the_settings_answer_a_doubt():
    """What the settings say of a column, a kind, a format, is no doubt any more."""
    rows = [
        ["Customer", "Invoice", "Type", "Date", "Amount", "Total"],
        ["C", 7, "X9", "03/04/2026", "1.234,50", 2],
    ]
    found = read(
        book(("A", rows)),
        columns={"amount": "Amount"},
        types={"X9": "debit-note"},
        date_format="%d/%m/%Y",
        decimal=",",
        grouping=".",
    )
    (document,) = [row for row in found.rows if isinstance(row, Document)]

    assert (document.number, document.document_date) == ("7", dt.date(2026, 4, 3))
    assert str(document.total.amount) == "1234.50"


def test_of_several_sheets_one_must_be_meant():
    """Two sheets with headings are a doubt; a name decides; a cover sheet does not matter."""
    cover = ("Cover", [["Our customers"], ["2026"]])
    two = [cover, ("A", ENGLISH), ("B", FRENCH)]

    assert read(book(cover, ("A", FRENCH))).report.complete
    codes = {one.code for one in read(book(*two)).report.errors}
    assert codes == {"excel.sheet-ambiguous"}
    assert read(book(*two), sheet="B").report.complete


def test_lost_zeros_are_noticed():
    """Numbers of documents as numbers beside texts with leading zeros have lost theirs somewhere."""
    rows = [
        ["Customer", "Invoice", "Date", "Amount"],
        ["C", "0042", DAY, 5],
        ["C", 43, DAY, 5],
    ]
    found = read(book(("A", rows)))

    assert [one.code for one in found.report.problems] == ["excel.zeros-lost"]
    assert found.report.complete


def test_a_heading_that_comes_again_is_no_item():
    """Headings repeated on each printed page are passed over."""
    rows = [*FRENCH[:2], FRENCH[0], FRENCH[2]]
    found = read(book(("A", rows)))

    assert found.report.complete, found.report.problems
    assert len([row for row in found.rows if isinstance(row, Customer)]) == 2


@pytest.mark.parametrize(
    "text", ["0-30", "31 - 60", "61 à 90 jours", "> 90", "90+", "Non échu", "No vencido", "Courant"]
)
def test_buckets_are_no_unknown_headings(text):
    """What a list says of ages is known, and not read."""
    assert is_bucket(text)
    assert find(0, ["Client", "Facture", "Date", "Solde", text], {}).unknown == ()
