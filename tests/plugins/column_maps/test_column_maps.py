"""Lists of systems for which a map of their columns is all it takes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.documents import Document
from receivables.importing import import_records
from receivables.ledger import Ledger
from receivables.receipts import Receipt
from receivables.testing import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables_plugins.column_maps import MapSettings, build, receivables_ledger_sources
from receivables_plugins.column_maps.maps import load_map

SPECS = {spec.name: spec for spec in receivables_ledger_sources()}
SEEDS = Path(__file__).parents[4] / "shared" / "corpora" / "erp" / "netsuite"
LISTS = {
    "netsuite": (
        (
            b"tranid,type,trandate,duedate,entity,entityname,currency,foreigntotal,foreignamountunpaid\n"
            b"INV0042,CustInvc,2026-09-30,2026-10-30,0017,Tremblay,CAD,1200.00,700.00\n"
            b"CM0001,CustCred,2026-10-01,2026-10-01,0017,Tremblay,CAD,20.00,20.00\n"
            b"PY0009,CustPymt,2026-10-05,,0018,Roy,CAD,100.00,40.00\n"
            b"BILL1,VendBill,2026-10-05,,0099,Somebody,CAD,1.00,1.00\n"
        ),
        {"CAD": 120_000 - 2_000 - 10_000},
        {"netsuite.left-out"},
        "INV0042",
    ),
    "odoo": (
        (
            b"move_name;partner_id/id;partner_id/name;move_type;invoice_date;date;date_maturity;"
            b"currency_id/name;amount_currency;amount_residual_currency;parent_state;account_type\n"
            b"INV/2026/00042;0017;Tremblay;out_invoice;2026-09-30;2026-09-30;2026-10-30;EUR;"
            b"1200.00;700.00;posted;asset_receivable\n"
            b"RINV/2026/00001;0017;Tremblay;out_refund;2026-10-01;2026-10-01;2026-10-01;EUR;"
            b"-20.00;-20.00;posted;asset_receivable\n"
            b"BNK1/2026/0009;0018;Roy;entry;2026-10-05;2026-10-05;;EUR;-100.00;-40.00;posted;"
            b"asset_receivable\n"
            b"INV/2026/00043;0017;Tremblay;out_invoice;2026-09-30;2026-09-30;2026-10-30;EUR;"
            b"5.00;5.00;draft;asset_receivable\n"
        ),
        {"EUR": 120_000 - 2_000 - 10_000},
        {"odoo.left-out"},
        "INV/2026/00042",
    ),
    "erpnext": (
        (
            b'"name","customer","customer_name","is_return","posting_date","due_date","currency",'
            b'"grand_total","outstanding_amount","docstatus"\n'
            b'"ACC-SINV-2026-00042","0017","Tremblay","0","2026-09-30","2026-10-30","EUR",'
            b'"1200.00","700.00","1"\n'
            b'"ACC-SINV-2026-00043","0017","Tremblay","1","2026-10-01","2026-10-01","EUR",'
            b'"-20.00","-20.00","1"\n'
        ),
        {"EUR": 120_000 - 2_000},
        set(),
        "ACC-SINV-2026-00042",
    ),
    "dynamics": (
        (
            b"Posting Date,Document Date,Document Type,Document No.,Customer No.,Customer Name,"
            b"Currency Code,Original Amount,Remaining Amount,Due Date\n"
            b'2026-09-30,2026-09-30,Invoice,S-INV42,0017,Tremblay,,"1,200.00",700.00,2026-10-30\n'
            b"2026-10-01,2026-10-01,Credit Memo,S-CR1,0017,Tremblay,,-20.00,-20.00,2026-10-01\n"
            b"2026-10-05,2026-10-05,Payment,P9,0018,Roy,USD,-100.00,-40.00,\n"
            b"2026-10-06,2026-10-06,Reminder,R1,0018,Roy,,15.00,15.00,2026-10-20\n"
        ),
        {"EUR": 120_000 - 2_000 + 1_500, "USD": -10_000},
        set(),
        "S-INV42",
    ),
}
SETTINGS = {
    "creditor": "MIRA",
    "currency": "EUR",
    "snapshot_date": "2026-10-31",
    "grouping": ",",
    "date_format": "%Y-%m-%d",
}


class _Maps(LedgerSourceTests):
    """The checks of every ledger source, for one system."""

    system: str

    @pytest.fixture
    def spec(self):
        """The descriptor."""
        return SPECS[self.system]

    @pytest.fixture
    def samples(self):
        """A list as the system exports it, written here."""
        content, totals, problems, number = LISTS[self.system]
        expected = ExpectedLedger(
            totals=totals, identities=[number, "0017"], problems=frozenset(problems)
        )
        sample = LedgerSample(
            name="open.csv", content=content, settings=SETTINGS, expected=expected
        )
        return [sample]


class TestNetsuite(_Maps):
    """NetSuite."""

    system = "netsuite"


class TestOdoo(_Maps):
    """Odoo."""

    system = "odoo"


class TestErpnext(_Maps):
    """ERPNext."""

    system = "erpnext"


class TestDynamics(_Maps):
    """Dynamics."""

    system = "dynamics"


@pytest.mark.parametrize("system", LISTS)
def test_a_list_is_of_one_system(system):
    """Each list is recognized by its own map and by no other."""
    claims = {
        name
        for name, spec in SPECS.items()
        if spec.build(SETTINGS).recognizes(LISTS[system][0], name="open.csv")
    }

    assert claims == {system}


@pytest.mark.parametrize("system", LISTS)
def test_rows_of_a_frame_say_what_the_list_says(system):
    """A data frame's rows, with real dates and decimals, give the records of the list."""
    content = LISTS[system][0]
    source = build(system, MapSettings(**SETTINGS))
    listed = source.read(io.BytesIO(content), name="a").collect().rows
    mark = ";" if system == "odoo" else ","
    rows = list(csv.DictReader(io.StringIO(content.decode()), delimiter=mark))
    typed = [{name: _typed(cell) for name, cell in row.items()} for row in rows]
    frame = pl.DataFrame(typed, infer_schema_length=None, strict=False)
    framed = source.read_rows(frame.iter_rows(named=True), name="a").collect()

    assert framed.report.complete, framed.report.problems
    assert framed.rows == listed


def _typed(cell):
    bare = cell.replace(",", "")
    if bare.lstrip("-").replace(".", "", 1).isdigit() and "." in bare:
        return Decimal(bare)
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        return cell or None


def test_a_float_of_a_frame_is_refused():
    """A binary fraction is no amount."""
    source = build("erpnext", MapSettings(**SETTINGS))
    row = {"name": "A", "customer": "C", "posting_date": dt.date(2026, 9, 30), "currency": "EUR"}
    read = source.read_rows([{**row, "is_return": "0", "grand_total": 1.1}], name="a").collect()

    assert read.rows == ()
    assert {one.code for one in read.report.errors} == {"amount.invalid"}


def test_labels_in_another_language_are_named():
    """The settings say which label is which, and come before the map."""
    content = (
        b"Belegnr.,Debitorennr.,Belegart,Belegdatum,Betrag,Document Type\n"
        b"R-1,0017,Rechnung,2026-09-30,5.00,Invoice\n"
    )
    columns = {
        "number": "Belegnr.",
        "customer": "Debitorennr.",
        "document-date": "Belegdatum",
        "amount": "Betrag",
    }
    source = SPECS["dynamics"].build({**SETTINGS, "columns": columns})
    (document,) = source.read(io.BytesIO(content), name="a").collect().rows

    assert (document.number, document.customer) == ("R-1", "0017")


def test_an_entry_that_is_owed_is_no_payment():
    """A debit among the payments is said, and not turned into money received."""
    content, *_ = LISTS["dynamics"]
    wrong = content.replace(b"-100.00,-40.00", b"100.00,40.00")
    read = SPECS["dynamics"].build(SETTINGS).read(io.BytesIO(wrong), name="a").collect()

    assert {one.code for one in read.report.errors} == {"dynamics.entry-owed"}
    assert [row for row in read.rows if isinstance(row, Receipt)] == []
    assert len([row for row in read.rows if isinstance(row, Document)]) == 3


def test_a_kind_that_is_not_mapped_is_refused():
    """An unknown kind of row is surfaced, never taken for an invoice."""
    content, *_ = LISTS["netsuite"]
    wrong = content.replace(b"CustInvc", b"CustomThing")
    read = SPECS["netsuite"].build(SETTINGS).read(io.BytesIO(wrong), name="a").collect()

    assert "document.type-unknown" in {one.code for one in read.report.errors}


def test_the_technical_names_of_netsuite_are_those_of_its_tables():
    """The names of the map stand in files that others exported."""
    if not SEEDS.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    heads = [path.read_text(encoding="utf-8").splitlines()[0] for path in SEEDS.glob("*.csv")]
    names = {name for head in heads for name in head.split(",")}
    own = load_map("netsuite").columns

    assert {"type", "trandate", "duedate", "entity", "currency", "transactionnumber"} <= names
    assert {"trandate", "duedate", "entity", "currency"} <= {
        name for names_ in own.values() for name in names_
    }


def test_a_payment_that_is_applied_later_is_the_same_receipt():
    """The list of each day says what is left of it, and no day doubles what another one said."""
    heading = b"tranid,entity,type,trandate,duedate,currency,foreigntotal,foreignamountunpaid\n"
    ledger = Ledger()
    for day, left in ((5, b"30.00"), (6, b"10.00"), (7, b"0.00")):
        content = heading + b"P-1,7,CustPymt,2026-10-01,,EUR,30.00," + left + b"\n"
        content += b"F-1,7,CustInvc,2026-10-01,2026-10-31,EUR,50.00,50.00\n"
        spec = next(one for one in receivables_ledger_sources() if one.name == "netsuite")
        source = spec.build({"creditor": "MIRA", "snapshot_date": dt.date(2026, 10, day)})
        read = source.read(io.BytesIO(content), name="list.csv").collect()
        noon = dt.datetime(2026, 10, day, 12, tzinfo=dt.UTC)
        imported = import_records(read.rows, ledger=ledger, recorded_at=noon)
        assert (read.report.problems, imported.problems) == ((), ())
        ledger = imported.ledger

    left = [
        sum(item.open_minor for item in ledger.open_items(as_of=dt.date(2026, 10, day)))
        for day in (4, 5, 6, 7)
    ]
    assert left == [20_00, 20_00, 40_00, 50_00]
