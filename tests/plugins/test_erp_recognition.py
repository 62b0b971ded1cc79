"""In a folder without settings each file of an accounting system has one reader, or none."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from receivables.errors import PolicyError
from receivables.opening import read_settings
from receivables.plugins import load_plugins

ITEMS = (
    ("Customer", "Invoice No.", "Invoice Date", "Due Date", "Currency", "Amount", "Balance"),
    ("C-1", "F-1", "2026-01-01", "2026-02-01", "EUR", 100, 100),
)
ITEMS_WITHOUT_CURRENCY = tuple((*row[:4], *row[5:]) for row in ITEMS)
REPORT = (
    ("A/R Aging Detail",),
    ("As of January 31, 2026",),
    ("", "Type", "Date", "Num", "Name", "Terms", "Due Date", "Aging", "Open Balance"),
    ("Current",),
    ("", "Invoice", "01/15/2026", "1", "Acme", "Net 30", "02/14/2026", "", "100.00"),
    ("Total Current", "", "", "", "", "", "", "", "100.00"),
    ("TOTAL", "", "", "", "", "", "", "", "100.00"),
)
REMITTANCE = (("Invoice", "Amount paid"), ("F-1", 100), ("F-2", 20))

TEXTS = {
    "FBL5N.csv": (
        (
            "Customer,DocumentNo,Type,Doc. Date,Net due dt,Amount in local currency,LCurr\n"
            '42,1800000001,RV,01/31/2026,03/02/2026,"1,234.56",EUR\n'
        ),
        "sap-list",
    ),
    "FSLEDG.csv": (
        (
            "ESDIVI,ESPYNO,ESCUNO,ESCINO,ESINYR,ESTRCD,ESRECO,ESACDT,ESCUCD,ESCUAM\n"
            "AAA,C,C,1,2026,10,0,20260101,EUR,100.00\n"
        ),
        "m3-extract",
    ),
    "BSID.csv": (
        (
            "BUKRS,KUNNR,GJAHR,BELNR,BUZEI,BUDAT,BLDAT,WAERS,BLART,BSCHL,SHKZG,WRBTR\n"
            "1000,42,2026,1,001,20260101,20260101,EUR,RV,01,S,1.00\n"
        ),
        "sap-tables",
    ),
    "entries.csv": (
        (
            "Entry No.,Posting Date,Document Type,Document No.,Customer No.,Customer Name,"
            "Currency Code,Amount,Remaining Amount,Due Date,Open\n"
            "1,2026-01-01,Invoice,F1,C1,Acme,EUR,100,100,2026-02-01,Yes\n"
        ),
        "dynamics",
    ),
    "anybody.csv": (
        (
            "Internal ID,Type,Document Number,Date,Due Date,Name,Currency,Amount Remaining,Status\n"
            "1,Invoice,INV1,1/1/2026,2/1/2026,Acme,USD,100,Open\n"
        ),
        None,
    ),
    "events.json": ('["id",\n"invoice","amount"\n]\n', None),
}


@pytest.fixture(scope="module")
def plugins():
    """All plug-ins that are installed."""
    return load_plugins()


def _book(rows):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)
    return stream.getvalue()


def _readers(folder, plugins):
    said = read_settings(folder, plugins=plugins)
    sources = (*said.ledger, *said.statements, *said.advices, *said.payouts)
    return [source.adapter for source in (*sources, *said.credit_information)]


@pytest.mark.parametrize(
    ("rows", "adapter"),
    [
        (ITEMS, "excel"),
        (ITEMS_WITHOUT_CURRENCY, "excel"),
        (REPORT, "quickbooks-report"),
        (REMITTANCE, "remittance-excel"),
    ],
)
def test_a_workbook_goes_to_who_reads_something_in_it(tmp_path, plugins, rows, adapter):
    """Its first bytes are the same for all, so that what it holds decides."""
    (tmp_path / "book.xlsx").write_bytes(_book(rows))

    assert _readers(tmp_path, plugins) == [adapter]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_goes_to_the_system_whose_headings_it_has(tmp_path, plugins, name):
    """Headings that anybody may have are nobody's."""
    content, adapter = TEXTS[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "own.csv").write_text(
        "customer,number,document-date,due-date,amount,currency\n"
        "C1,F1,2026-01-01,2026-02-01,100.00,EUR\n",
        encoding="utf-8",
    )

    assert sorted(_readers(tmp_path, plugins)) == sorted(filter(None, ["csv", adapter]))


@pytest.mark.parametrize("system", ["m3", "netsuite", "quickbooks", "sap", "crm"])
def test_no_sample_has_two_readers(root, plugins, system):
    """A folder of samples of one system opens without a doubt."""
    folder = root.parent / "shared" / "corpora" / "erp" / system
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    found = _found(folder, plugins)

    assert found <= {"quickbooks-objects", "remittance-csv", "sap-cube", "sap-idoc", "sap-tables"}


def _found(folder, plugins):
    try:
        return set(_readers(folder, plugins))
    except PolicyError as error:
        if "must hold" not in str(error):
            raise
        return set()
