"""What accounting systems say day after day comes to what really was open, on any of these days.

A small world of invoices, payments and what settles them is written down as each system writes it,
as far as it is known on a day.  What must be open is counted from the world itself.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from collections import Counter
from decimal import Decimal

import attrs
import pytest

from receivables.importing import import_records
from receivables.ledger import Ledger
from receivables_plugins import m3, quickbooks, sap
from receivables_plugins.oracle.settings import EbsSettings
from receivables_plugins.oracle.source import rows_of_tables as oracle_rows
from receivables_plugins.sap.tables import rows_of_tables
from receivables_plugins.sap.tables_settings import SapTablesSettings

START = dt.date(2026, 3, 2)
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
DAYS = 40


@attrs.frozen
class _Use:
    """A part of a payment that went to an invoice on a day."""

    payment: int
    invoice: int
    day: int
    minor: int


@attrs.frozen
class _World:
    """Invoices and payments as day and amount, by number, and what was used of each for which."""

    invoices: dict[int, tuple[int, int]]
    payments: dict[int, tuple[int, int]]
    uses: tuple[_Use, ...]

    def invoice_left(self, number, day):
        """What is open of an invoice at the end of a day."""
        used = sum(use.minor for use in self.uses if use.invoice == number and use.day <= day)
        return self.invoices[number][1] - used

    def payment_left(self, number, day):
        """What is not yet used of a payment at the end of a day."""
        used = sum(use.minor for use in self.uses if use.payment == number and use.day <= day)
        return self.payments[number][1] - used


def _world(seed, *, at_once=False):
    """An invented world; with `at_once`, a payment is used on its own day or that of the invoice."""
    draw = random.Random(seed)  # noqa: S311  # an invented world, no secret
    invoices = {n: (draw.randrange(20), draw.randrange(1, 9) * 1_000) for n in range(101, 107)}
    payments = {n: (draw.randrange(15, 35), draw.randrange(1, 12) * 700) for n in range(501, 507)}
    left = {n: minor for n, (_, minor) in invoices.items()}
    uses = []
    for payment, (day, minor) in sorted(payments.items(), key=lambda pair: pair[1][0]):
        rest, on = minor, day
        for invoice in draw.sample(sorted(invoices), 3):
            part = min(rest, left[invoice], draw.choice([500, 1_000, 8_000]))
            if not part or invoices[invoice][0] > on:
                continue
            on += 0 if at_once else draw.randrange(4)
            uses.append(_Use(payment, invoice, on, part))
            left[invoice] -= part
            rest -= part
    return _World(invoices, payments, tuple(uses))


def _units(minor):
    return f"{Decimal(minor).scaleb(-2):f}"


def _date(day):
    return START + dt.timedelta(days=day)


def _compact(day):
    return _date(day).strftime("%Y%m%d")


def _csv(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _spec(plugin, name):
    return next(one for one in plugin.receivables_ledger_sources() if one.name == name)


def _oracle(world, day):
    """Payment schedules and applications, each with its GL_DATE."""
    common = {"CUSTOMER_ID": "7", "INVOICE_CURRENCY_CODE": "EUR", "TERMS_SEQUENCE_NUMBER": "1"}
    schedules = []
    for number, (on, minor) in world.invoices.items():
        row = {"PAYMENT_SCHEDULE_ID": str(number), "CLASS": "INV", "TRX_NUMBER": f"F-{number}"}
        row |= {"CUSTOMER_TRX_ID": f"9{number}", "GL_DATE": _date(on), "TRX_DATE": _date(on)}
        row |= {"AMOUNT_DUE_ORIGINAL": _units(minor)}
        row |= {"AMOUNT_DUE_REMAINING": _units(world.invoice_left(number, day))}
        schedules += [row | common] if on <= day else []
    for number, (on, minor) in world.payments.items():
        row = {"PAYMENT_SCHEDULE_ID": str(number), "CLASS": "PMT", "TRX_NUMBER": "CHEQUE"}
        row |= {"CASH_RECEIPT_ID": str(number), "GL_DATE": _date(on), "TRX_DATE": _date(on)}
        row |= {"AMOUNT_DUE_ORIGINAL": _units(-minor), "RECEIPT_CONFIRMED_FLAG": "Y"}
        row |= {"AMOUNT_DUE_REMAINING": _units(-world.payment_left(number, day))}
        schedules += [row | common] if on <= day else []
    applications = [
        {
            "RECEIVABLE_APPLICATION_ID": str(place),
            "APPLICATION_TYPE": "CASH",
            "STATUS": "APP",
            "GL_DATE": str(_date(use.day)),
            "CASH_RECEIPT_ID": str(use.payment),
            "PAYMENT_SCHEDULE_ID": str(use.payment),
            "APPLIED_PAYMENT_SCHEDULE_ID": str(use.invoice),
            "AMOUNT_APPLIED": _units(use.minor),
        }
        for place, use in enumerate(world.uses)
        if use.day <= day
    ]
    tables = {"AR_PAYMENT_SCHEDULES_ALL": schedules, "AR_RECEIVABLE_APPLICATIONS_ALL": applications}
    texts = {
        name: [{key: str(value) for key, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }
    return oracle_rows(texts, settings=EbsSettings(creditor="MIRA")).collect()


def _m3(world, day):
    """Rows of FSLEDG: a payment is a row of the invoice that it pays, and no row before that."""
    rows = []
    for number, (on, minor) in world.invoices.items():
        row = {"ESTRCD": "10", "ESCINO": str(number), "ESACDT": _compact(on), "ESJSNO": "1"}
        row |= {"ESCUAM": _units(minor), "ESJRNO": str(number)}
        row |= {"ESRECO": "0" if world.invoice_left(number, day) else "9"}
        rows += [row] if on <= day else []
    for place, use in enumerate(world.uses, start=1):
        row = {"ESTRCD": "20", "ESCINO": str(use.invoice), "ESACDT": _compact(use.day)}
        row |= {"ESCUAM": _units(-use.minor), "ESJRNO": str(use.payment), "ESJSNO": str(place)}
        row |= {"ESRECO": "0" if world.invoice_left(use.invoice, day) else "9"}
        rows += [row] if use.day <= day else []
    common = {"ESDIVI": "AAA", "ESPYNO": "C-1", "ESCUNO": "C-1", "ESINYR": "2026", "ESYEA4": "2026"}
    rows = [common | {"ESCUCD": "EUR", "ESREDE": "0"} | row for row in rows]
    source = _spec(m3, "m3-extract").build({"creditor": "MIRA"})
    return source.read(io.BytesIO(_csv(rows)), name="FSLEDG.csv").collect()


def _quickbooks(world, day):
    """Objects of Online; a payment has one day, and its lines say what it settles."""
    customer, stamp = {"value": "58"}, {"LastUpdatedTime": f"{_date(day)}T08:00:00-07:00"}
    common = {"CustomerRef": customer, "CurrencyRef": {"value": "EUR"}, "MetaData": stamp}
    invoices = [
        {
            "Id": str(number),
            "TxnDate": str(_date(on)),
            "TotalAmt": float(_units(minor)),
            "Balance": float(_units(world.invoice_left(number, day))),
            **common,
        }
        for number, (on, minor) in world.invoices.items()
        if on <= day
    ]
    payments = [
        {
            "Id": str(number),
            "TxnDate": str(_date(on)),
            "TotalAmt": float(_units(minor)),
            "UnappliedAmt": float(_units(world.payment_left(number, day))),
            "Line": [
                {
                    "Amount": float(_units(use.minor)),
                    "LinkedTxn": [{"TxnId": str(use.invoice), "TxnType": "Invoice"}],
                }
                for use in world.uses
                if use.payment == number and use.day <= day
            ],
            **common,
        }
        for number, (on, minor) in world.payments.items()
        if on <= day
    ]
    answers = [{"QueryResponse": {"Payment": payments}}, {"QueryResponse": {"Invoice": invoices}}]
    content = "\n".join(map(json.dumps, answers)).encode()
    source = _spec(quickbooks, "quickbooks-objects").build({"creditor": "MIRA", "currency": "EUR"})
    return source.read(io.BytesIO(content), name="answers.json").collect()


def _sap_lines(world, day):
    """Customer lines: each use is a payment of its own, and all are cleared once they come to nothing."""
    cleared = {}
    for number in world.invoices:
        days = [on for on in range(day + 1) if not world.invoice_left(number, on)]
        cleared[number] = min(days, default=None)
    for number, (on, minor) in world.invoices.items():
        if on <= day:
            yield f"90{number:08}", on, minor, cleared[number], f"14{number:08}"
    for place, use in enumerate(world.uses):
        if use.day <= day:
            of = f"14{use.invoice:08}"
            yield f"15{place:08}", use.day, -use.minor, cleared[use.invoice], of


def _sap_tables(world, day):
    """Rows of BSID and BSAD."""
    tables = {"BSID": [], "BSAD": []}
    for document, on, minor, cleared, clearing in _sap_lines(world, day):
        row = {"BUKRS": "1000", "KUNNR": "0000000042", "GJAHR": "2026", "BUZEI": 1, "WAERS": "EUR"}
        row |= {"BELNR": document, "BUDAT": _compact(on), "BLDAT": _compact(on)}
        row |= {"WRBTR": Decimal(_units(abs(minor))), "SHKZG": "H" if minor < 0 else "S"}
        row |= {"BSCHL": "15" if minor < 0 else "01", "AUGBL": "", "AUGDT": "00000000"}
        if cleared is None:
            tables["BSID"].append(row)
        else:
            tables["BSAD"].append(row | {"AUGBL": clearing, "AUGDT": _compact(cleared)})
    return rows_of_tables(tables, settings=SapTablesSettings(creditor="MIRA")).collect()


def _sap_cube(world, day, *, is_signed=True):
    """Rows of the open item cube."""
    rows = [
        {
            "CompanyCode": "1000",
            "FiscalYear": "2026",
            "AccountingDocument": document,
            "AccountingDocumentItem": "001",
            "Customer": "0000000042",
            "FinancialAccountType": "D",
            "PostingKey": "15" if minor < 0 else "01",
            "DebitCreditCode": "H" if minor < 0 else "S",
            "PostingDate": f"{_date(on)}T00:00:00",
            "DocumentDate": f"{_date(on)}T00:00:00",
            "AmountInTransactionCurrency": _units(minor if is_signed else abs(minor)),
            "TransactionCurrency": "EUR",
            "IsCleared": cleared is not None,
            "ClearingDate": None if cleared is None else str(_date(cleared)),
            "ClearingAccountingDocument": "" if cleared is None else clearing,
            "ClearingDocFiscalYear": "0000" if cleared is None else "2026",
        }
        for document, on, minor, cleared, clearing in _sap_lines(world, day)
    ]
    content = json.dumps({"d": {"results": rows, "__count": str(len(rows))}}).encode()
    given = {"creditor": "MIRA", "signs": "signed" if is_signed else "unsigned"}
    return _spec(sap, "sap-cube").build(given).read(io.BytesIO(content), name="c.json").collect()


def _sap_unsigned(world, day):
    """The same, where the debit/credit code alone has the sign."""
    return _sap_cube(world, day, is_signed=False)


def _sap_list(world, day):
    """A German list of two pages, with a text that has bars and a total."""
    widths = (2, 10, 4, 10, 16, 5, 10, 10, 20)
    names = ("St", "Belegnr", "Art", "Buch.dat.", "Betrag in HW", "HWähr", "Ausgleich")
    names = (*names, "Ausgl.bel.", "Text")

    def line(cells):
        padded = (cell.ljust(width)[:width] for cell, width in zip(cells, widths, strict=True))
        return f"|{'|'.join(padded)}|"

    def german(minor):
        text = f"{abs(minor) / 100:,.2f}".replace(",", "'").replace(".", ",").replace("'", ".")
        return f"{text}-" if minor < 0 else text

    def dotted(on):
        return "" if on is None else _date(on).strftime("%d.%m.%Y")

    rule = "-" * (sum(widths) + len(widths) + 1)
    top = ["02.03.2026   Einzelpostenliste Debitoren   Seite", "", "Debitor        42"]
    top += ["Buchungskreis  1000", "Name           Müller | Söhne", "", rule, line(names), rule]
    rows = []
    lines = list(_sap_lines(world, day))
    for place, (document, on, minor, cleared, clearing) in enumerate(lines):
        kind = "DZ" if minor < 0 else "RV"
        by = "" if cleared is None else clearing
        cells = ("", document, kind, dotted(on), german(minor), "EUR", dotted(cleared), by, "a|b *")
        rows += top if place == len(lines) // 2 else []
        rows.append(line(cells))
    total = sum(minor for _, _, minor, *_ in lines)
    last = line(("*", "", "", "", german(total), "EUR", "", "", ""))
    content = "\n".join([*top, *rows, rule, last, rule]).encode()
    source = _spec(sap, "sap-list").build({"creditor": "MIRA"})
    return source.read(io.BytesIO(content), name="list.txt").collect()


SAP = {
    "sap-cube": _sap_cube,
    "sap-list": _sap_list,
    "sap-tables": _sap_tables,
    "sap-unsigned": _sap_unsigned,
}
READERS = {**SAP, "m3": _m3, "oracle": _oracle, "quickbooks": _quickbooks}


def _expected(system, world, day):
    """What is open of all invoices, and of all payments, as a system sees it at the end of a day."""
    if system in SAP:
        lines = [
            minor
            for _, on, minor, cleared, _ in _sap_lines(world, DAYS)
            if on <= day and (cleared is None or cleared > day)
        ]
        return {
            "owed": sum(minor for minor in lines if minor > 0),
            "money": sum(minor for minor in lines if minor < 0),
        }
    owed = sum(world.invoice_left(n, day) for n, (on, _) in world.invoices.items() if on <= day)
    money = sum(world.payment_left(n, day) for n, (on, _) in world.payments.items() if on <= day)
    return {"owed": owed, "money": 0 if system == "m3" else -money}


def _open(ledger, day):
    found = Counter(owed=0, money=0)
    for item in ledger.open_items(as_of=_date(day)):
        found["owed" if item.open_minor > 0 else "money"] += item.open_minor
    return dict(found)


def _imported(system, world, days):
    """The ledger after the extracts of some days, each of them read twice."""
    ledger = Ledger()
    for day in days:
        read = READERS[system](world, day)
        assert read.report.complete, read.report.problems
        once = import_records(read.rows, ledger=ledger, recorded_at=NOON)
        again = import_records(read.rows, ledger=once.ledger, recorded_at=NOON)
        assert (once.problems, again.problems, again.added) == ((), (), 0)
        ledger = once.ledger
    return ledger


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("system", sorted(READERS))
@pytest.mark.parametrize("days", [(DAYS,), (25, DAYS), tuple(range(10, DAYS + 1, 3))])
def test_every_day_is_as_it_was_however_often_it_was_read(system, seed, days):
    """One extract, two, or one every third day leave the same open on each day, and nothing doubles."""
    world = _world(seed, at_once=system == "quickbooks")
    ledger = _imported(system, world, days)

    found = {day: _open(ledger, day) for day in range(DAYS + 1)}

    assert found == {day: _expected(system, world, day) for day in range(DAYS + 1)}


@pytest.mark.parametrize("seed", range(8))
def test_a_payment_that_is_used_later_leaves_what_it_left(seed):
    """In QuickBooks what is added to a payment has the payment's day; what is open now is right."""
    world = _world(seed)
    ledger = _imported("quickbooks", world, tuple(range(10, DAYS + 1, 3)))
    last = max(range(10, DAYS + 1, 3))

    assert _open(ledger, last) == _expected("quickbooks", world, last)
