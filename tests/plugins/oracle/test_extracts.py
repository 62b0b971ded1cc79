"""Files, archives and databases: the tables are recognized by their columns, whatever holds them."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from decimal import Decimal

import pytest

from receivables_plugins.oracle.settings import EbsSettings
from receivables_plugins.oracle.source import read_files, rows_of_tables

PVO = "file_fscmtopmodelam_finextractam_arbiccextractam_{}extractpvo-batch17-20261031_020000.csv"
PREFIXES = {
    "AR_PAYMENT_SCHEDULES_ALL": ("ArPaymentSchedule", "paymentschedule"),
    "AR_RECEIVABLE_APPLICATIONS_ALL": ("ArReceivableApplication", "receivableapplication"),
}


def _camel(name):
    return "".join(word.capitalize() for word in name.split("_"))


def _as_bicc(table, rows):
    """Rows with the attribute names that an extract of Fusion Cloud gives to the same columns."""
    prefix, view = PREFIXES[table]
    special = {"CLASS": f"{prefix}PaymentScheduleClass1"}
    named = [
        {special.get(name, prefix + _camel(name)): value for name, value in row.items()}
        for row in rows
    ]
    return PVO.format(view), named


def test_an_extract_of_fusion_is_read_by_its_attributes(ebs, story):
    """Files that are named after view objects, with days in UTC, are the same tables."""
    found = dict(_as_bicc(table, rows) for table, rows in story.items())
    for rows in found.values():
        for row in rows:
            for name in [each for each in row if each.endswith("Date")]:
                row[name] = f"{row[name]}T00:00:00.000+00:00"
    read = ebs.read_bytes(ebs.as_zip(found, "{}"), name="extract.zip").require_complete()

    assert ebs.left_open(read.rows) == {"F-0011": 2000, "receipt-70021": -5000}
    assert read.rows[0].source.source == "extract.zip"
    assert "paymentscheduleextractpvo" in read.rows[0].source.field


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_found(ebs, story, delimiter):
    """A table is recognized by its columns under any of the usual delimiters."""
    content = ebs.as_csv(story["AR_PAYMENT_SCHEDULES_ALL"][:1], delimiter)

    assert ebs.spec.build({"creditor": "MIRA"}).recognizes(content, name="list.txt")
    assert len(ebs.read_bytes(content).require_complete().rows) == 2


def test_columns_may_be_written_in_any_case(ebs):
    """Headings of SQL tools are in lower case, in quotes, or have the alias of their table."""
    row = ebs.schedule("1", "10.00")
    content = ebs.as_csv([{f'ps."{name.lower()}"': value for name, value in row.items()}])

    assert ebs.left_open(ebs.read_bytes(content).rows) == {"F-1": 1000}


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,2\r\n",
        b"PARTY_ID\n5\n",
        b"CLASS,PAYMENT_SCHEDULE_ID\nINV,1\n",
    ],
)
def test_other_tables_are_not_ours(ebs, content):
    """A file without the columns of a table is not recognized, and nothing of it is read."""
    read = ebs.read_bytes(content)

    assert not ebs.spec.build({"creditor": "MIRA"}).recognizes(content, name="list.csv")
    assert (read.rows, ebs.codes(read)) == ((), ["oracle.table-unknown"])


def test_members_that_are_no_tables_are_left_out(ebs, story):
    """An archive may hold a manifest beside its tables; text that is none is said."""
    stream = io.BytesIO(ebs.as_zip(story))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("MANIFEST.MF", "x")
        archive.writestr("readme.txt", "hello\n")
    read = ebs.read_bytes(stream.getvalue(), name="x.zip").require_complete()

    assert ebs.codes(read) == ["oracle.table-unknown"]
    assert ebs.left_open(read.rows) == {"F-0011": 2000, "receipt-70021": -5000}


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"PK\x03\x04"])
def test_a_broken_archive_is_no_ledger(ebs, content):
    """An archive that is cut is an error, and never an exception."""
    assert ebs.codes(ebs.read_bytes(content, name="x.zip")) == ["file.truncated"]


def test_an_archive_without_tables_is_no_ledger(ebs):
    """An archive of nothing but pictures has nothing to read."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("logo.png", b"x")

    assert ebs.codes(ebs.read_bytes(stream.getvalue(), name="x.zip")) == ["file.format"]


@pytest.mark.parametrize(
    ("line", "code"),
    [(b"1,2\r\n", "row.length"), (b'"1\r\n', "file.truncated"), (b'1"2"3",\r\n', "row.length")],
)
def test_a_broken_row_keeps_no_other_back(ebs, line, code):
    """A row that cannot be taken apart is named, and those before it are read."""
    content = ebs.as_csv([ebs.schedule("1", "10.00")]) + line
    read = ebs.read_bytes(content)

    assert ebs.left_open(read.rows) == {"F-1": 1000}
    assert (ebs.codes(read), read.report.problems[0].place.line) == ([code], 3)


def test_files_of_a_folder_can_be_joined(ebs, story):
    """Open files by their names are one reading, as if they had come in one archive."""
    files = {f"{name}.csv": io.BytesIO(ebs.as_csv(rows)) for name, rows in story.items()}
    read = read_files(files, settings=EbsSettings(creditor="MIRA"), source="folder").collect()

    assert ebs.left_open(read.require_complete().rows) == {"F-0011": 2000, "receipt-70021": -5000}


def test_a_stream_that_cannot_go_back_is_read(ebs, story):
    """A pipe is read as a file is."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    stream = Pipe(ebs.as_zip(story))
    read = ebs.spec.build({"creditor": "MIRA"}).read(stream, name="pipe").collect()

    assert read.report.complete


SCHEMA = """
create table ar_payment_schedules_all (
  payment_schedule_id number, class text, status text, customer_id number, customer_trx_id number,
  cash_receipt_id number, trx_number text, trx_date text, due_date text, gl_date text,
  gl_date_closed text, terms_sequence_number number, invoice_currency_code text,
  amount_due_original number, amount_due_remaining number, org_id number);
create table ar_receivable_applications_all (
  receivable_application_id number, application_type text, status text, gl_date text,
  cash_receipt_id number, payment_schedule_id number, applied_payment_schedule_id number,
  amount_applied number, amount_applied_from number, display text);
create table ar_cash_receipts_all (
  cash_receipt_id number, receipt_number text, amount number, currency_code text,
  pay_from_customer number, status text, type text, receipt_date text);
create table ra_customer_trx_all (
  customer_trx_id number, trx_number text, bill_to_customer_id number, complete_flag text,
  previous_customer_trx_id number);
create table hz_cust_accounts (cust_account_id number, account_number text, party_id number);
create table hz_parties (party_id number, party_name text, country text);

insert into hz_parties values (5, 'Brauhaus AG', 'DE');
insert into hz_cust_accounts values (1007, '0042', 5);
insert into ra_customer_trx_all values (901, 'F-1', 1007, 'Y', null);
insert into ar_cash_receipts_all values (702, 'R-2', 80.5, 'EUR', 1007, 'UNAPP', 'CASH', '2026-09-20');
insert into ar_payment_schedules_all values
  (1, 'INV', 'OP', 1007, 901, null, 'F-1', '2026-09-01', '2026-10-01', '2026-09-01', '4712-12-31',
   1, 'EUR', 100.1, 70.1, 204),
  (2, 'PMT', 'OP', 1007, null, 702, 'R-2', '2026-09-20', '2026-09-20', '2026-09-20', '4712-12-31',
   1, 'EUR', -80.5, -50.5, 204);
insert into ar_receivable_applications_all values
  (11, 'CASH', 'UNAPP', '2026-09-20', 702, 2, null, 80.5, null, 'N'),
  (12, 'CASH', 'APP', '2026-09-25', 702, 2, 1, 30, null, 'Y'),
  (13, 'CASH', 'UNAPP', '2026-09-25', 702, 2, null, -30, null, 'N');
"""


@pytest.fixture
def database():
    """A database with the tables of the system, whose numbers come as decimals."""
    sqlite3.register_converter("number", lambda text: Decimal(text.decode()))
    connection = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    yield connection
    connection.close()


def _tables(connection):
    names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
    return {
        name: [dict(row) for row in connection.execute(f"select * from {name}")]
        for (name,) in map(tuple, names)
    }


def test_rows_of_a_database_are_joined(ebs, database):
    """Results of SQL, with numbers and nulls, are the tables; identities become texts."""
    read = rows_of_tables(_tables(database), settings=EbsSettings(creditor="MIRA")).collect()

    assert ebs.left_open(read.require_complete().rows) == {"F-1": 7010, "receipt-702": -5050}
    assert ebs.left_open(read.rows, "2026-09-24") == {"F-1": 10010, "receipt-702": -8050}
    assert read.report.problems == ()
    assert {row.customer for row in read.rows} == {"1007"}


def test_floats_of_a_database_are_refused(ebs, database):
    """A driver that makes floats of numbers is told to fetch decimals."""
    found = _tables(database)
    for row in found["ar_payment_schedules_all"]:
        row["amount_due_original"] = float(row["amount_due_original"])
    read = rows_of_tables(found, settings=EbsSettings(creditor="MIRA")).collect()

    assert "Fetch decimals" in read.report.problems[0].message
    assert not read.report.complete


def test_a_table_without_rows_is_known_by_its_name(ebs):
    """No applications is something else than no table of applications."""
    rows = ebs.tables([ebs.schedule("1", "10.00", "4.00")])
    read = ebs.read_tables({**rows, "ar.ar_receivable_applications": []})
    unknown = ebs.read_tables({**rows, "xx_custom": []}, snapshot_date="2026-10-31")

    assert ebs.codes(read) == ["oracle.remaining-differs"]
    assert "oracle.table-unknown" in ebs.codes(unknown)
