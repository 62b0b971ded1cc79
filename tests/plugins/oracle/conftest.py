"""Tables made for the tests of the plug-in ``oracle``, with the columns of the system and no others."""

from __future__ import annotations

import csv
import io
import zipfile
from types import SimpleNamespace

import pytest

from receivables.allocation import SourceAllocation
from receivables.testing.ledger_source import items_of
from receivables_plugins import oracle
from receivables_plugins.oracle.settings import EbsSettings
from receivables_plugins.oracle.source import rows_of_tables

(EBS,) = oracle.receivables_ledger_sources()

SCHEDULE = {
    "CLASS": "INV",
    "CUSTOMER_ID": "1007",
    "TRX_DATE": "2026-09-01",
    "DUE_DATE": "2026-10-01",
    "GL_DATE": "2026-09-01",
    "GL_DATE_CLOSED": "4712-12-31",
    "TERMS_SEQUENCE_NUMBER": "1",
    "INVOICE_CURRENCY_CODE": "EUR",
}
RECEIPT = {
    "CLASS": "PMT",
    "TRX_DATE": "2026-09-20",
    "DUE_DATE": "2026-09-20",
    "GL_DATE": "2026-09-20",
    "RECEIPT_CONFIRMED_FLAG": "Y",
}
APPLIED = {
    "APPLICATION_TYPE": "CASH",
    "STATUS": "APP",
    "GL_DATE": "2026-09-20",
    "DISPLAY": "Y",
}


def schedule(name, original, remaining=None, **columns):
    """A row of AR_PAYMENT_SCHEDULES_ALL; a transaction has its own number by default."""
    return {
        **SCHEDULE,
        "STATUS": "CL" if remaining == "0" else "OP",
        "PAYMENT_SCHEDULE_ID": name,
        "CUSTOMER_TRX_ID": f"9{name}",
        "TRX_NUMBER": f"F-{name}",
        "AMOUNT_DUE_ORIGINAL": original,
        "AMOUNT_DUE_REMAINING": original if remaining is None else remaining,
        **columns,
    }


def receipt(name, original, remaining=None, **columns):
    """A row of AR_PAYMENT_SCHEDULES_ALL for a receipt, which is negative there."""
    row = schedule(name, original, remaining, **{**RECEIPT, **columns})
    return {**row, "CUSTOMER_TRX_ID": "", "CASH_RECEIPT_ID": f"7{name}", "TRX_NUMBER": f"R-{name}"}


def application(name, source, target, amount, **columns):
    """A row of AR_RECEIVABLE_APPLICATIONS_ALL."""
    return {
        **APPLIED,
        "RECEIVABLE_APPLICATION_ID": name,
        "CASH_RECEIPT_ID": f"7{source}",
        "PAYMENT_SCHEDULE_ID": source,
        "APPLIED_PAYMENT_SCHEDULE_ID": target,
        "AMOUNT_APPLIED": amount,
        **columns,
    }


def tables(schedules=(), applications=None, **others):
    """Tables by their names; without applications there is no such table."""
    found = {"AR_PAYMENT_SCHEDULES_ALL": list(schedules)} if schedules else {}
    if applications is not None:
        found["AR_RECEIVABLE_APPLICATIONS_ALL"] = list(applications)
    return {**found, **{f"{name.upper()}": rows for name, rows in others.items()}}


def as_csv(rows, delimiter=","):
    """Rows as a delimited text, with every column that one of them has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def as_zip(found, name="{}.csv"):
    """Tables as an archive with a file for each."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, rows in found.items():
            archive.writestr(name.format(table), as_csv(rows))
    return stream.getvalue()


def read_tables(found, **settings):
    """Read tables that are rows by column."""
    return rows_of_tables(found, settings=EbsSettings(creditor="MIRA", **settings)).collect()


def read_bytes(content, name="extract.csv", **settings):
    """Read a file."""
    return EBS.build({"creditor": "MIRA"} | settings).read(io.BytesIO(content), name=name).collect()


def codes(collected):
    """The codes of the problems of a read."""
    return sorted({problem.code for problem in collected.report.problems})


def left_open(rows, on=None):
    """What is open of each item at the end of a day; settled items are left out."""
    left = {
        item.item: item.amount_minor
        for item in items_of(rows)
        if on is None or item.posting_date.isoformat() <= on
    }
    for row in rows:
        if isinstance(row, SourceAllocation) and (on is None or row.settled_on.isoformat() <= on):
            for name in row.items:
                settled = left[name] if row.settled_minor is None else row.settled_minor
                left[name] -= settled
    return {str(name): minor for name, minor in left.items() if minor}


@pytest.fixture(scope="session")
def ebs():
    """Makers of rows and tables, and readers of them."""
    return SimpleNamespace(
        application=application,
        as_csv=as_csv,
        as_zip=as_zip,
        codes=codes,
        left_open=left_open,
        read_bytes=read_bytes,
        read_tables=read_tables,
        receipt=receipt,
        schedule=schedule,
        spec=EBS,
        tables=tables,
    )


@pytest.fixture(scope="session")
def story(ebs):
    """Two invoices, of which one is paid whole and one in part, with their receipts."""
    schedules = [
        ebs.schedule("0010", "100.00", "0", STATUS="CL", GL_DATE_CLOSED="2026-09-20"),
        ebs.receipt("0020", "-100.00", "0", STATUS="CL", GL_DATE_CLOSED="2026-09-20"),
        ebs.schedule("0011", "50.00", "20.00"),
        ebs.receipt("0021", "-80.00", "-50.00"),
    ]
    applications = [
        ebs.application("1", "0020", "0010", "100.00"),
        ebs.application("2", "0021", "0011", "30.00", GL_DATE="2026-09-25"),
        ebs.application("3", "0021", "", "50.00", STATUS="UNAPP"),
    ]
    return ebs.tables(schedules, applications)
