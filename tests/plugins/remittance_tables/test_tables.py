"""What a remittance table says is read by its headings; what it leaves open is refused."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts.advices import AdviceBatch
from receivables.receipts.model import ReferredDocument
from receivables_plugins.remittance_tables import receivables_advice_readers

SPECS = {spec.name: spec for spec in receivables_advice_readers()}

LANGUAGES = {
    "English": "Invoice No,Invoice date,Gross amount,Discount,Deduction,Reason,Net paid,Currency",
    "French": "N° facture,Date de facture,Montant brut,Escompte,Retenue,Motif,Net payé,Devise",
    "Spanish": "Nº factura,Fecha factura,Importe bruto,Descuento,Retención,Motivo,Neto pagado,Moneda",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings(language, payments):
    """Columns are known by their headings in three languages."""
    line = "INV-1,2026-09-30,110.00,2.20,7.80,broken pots,100.00,EUR"
    (payment,) = payments(f"{LANGUAGES[language]}\n{line}\n")

    assert (100_00, "EUR") == (payment.amount_minor, payment.currency)
    assert (
        ReferredDocument(
            number="INV-1",
            amount_minor=100_00,
            gross_minor=110_00,
            discount_minor=2_20,
            adjustment_minor=7_80,
            adjustment_reason="broken pots",
            date=dt.date(2026, 9, 30),
        ),
    ) == payment.remittance.documents
    assert payment.raw == line


def test_declared_columns(payments):
    """A declared heading is taken as it is, beside those that are known."""
    (payment,) = payments(
        "Your ref|What we send|Currency\nINV-1|100.00|USD\n",
        columns={"document": "Your ref", "paid": "What we send"},
    )

    assert ("INV-1", 100_00, "USD") == (
        payment.remittance.documents[0].number,
        payment.amount_minor,
        payment.currency,
    )


PREAMBLES = {
    "cells": "Payer;Gartenbau Nord\nPayment reference;P-1\nPayment date;2026-10-31\nTotal;12.50\n",
    "colons": "Payer: Gartenbau Nord\nPayment reference: P-1\nPayment date: 2026-10-31\n"
    "Payment amount: EUR 12.50\n",
    "an address": "Gartenbau Nord GmbH\nHauptstr. 1; Neustadt\n\nPayer;Gartenbau Nord;Payment ref;P-1\n"
    "Payment date;2026-10-31\n",
}


@pytest.mark.parametrize("name", PREAMBLES)
def test_lines_above_the_headings(name, payments):
    """What stands above the headings is true of all lines."""
    (payment,) = payments(PREAMBLES[name] + "Invoice;Paid EUR\nINV-1;10.00\nINV-2;2.50\n")

    assert ("Gartenbau Nord", "P-1", dt.date(2026, 10, 31), 12_50) == (
        payment.payer.name,
        payment.remittance.end_to_end,
        payment.date,
        payment.amount_minor,
    )


def test_a_payment_for_each_reference(payments):
    """Lines with one payment reference are one payment, with its own date."""
    found = payments(
        "Check no,Payment date,Invoice,Paid,Currency\n"
        "77,2026-10-30,INV-1,10.00,EUR\n77,2026-10-30,INV-2,5.00,EUR\n78,2026-10-31,INV-3,1.00,EUR\n"
    )

    assert [("77", 15_00, 2), ("78", 1_00, 1)] == [
        (one.remittance.end_to_end, one.amount_minor, len(one.remittance.documents))
        for one in found
    ]
    assert [1, 2] == [one.index for one in found]


def test_many_lines(payments):
    """No line is lost, however many there are."""
    lines = "".join(f"INV-{one};{one}.00\n" for one in range(1, 1001))
    (payment,) = payments(f"Invoice;Paid\n{lines}", currency="EUR")

    assert [f"INV-{one}" for one in range(1, 1001)] == [
        one.number for one in payment.remittance.documents
    ]


def test_credit_notes(payments):
    """A line below zero is a credit note, and takes off the payment."""
    (payment,) = payments("Invoice,Paid\nINV-1,100.00\nCN-1,(20.00)\n", currency="EUR")

    assert payment.amount_minor == 80_00
    assert [("", 100_00), ("CREN", 20_00)] == [
        (one.kind, one.amount_minor) for one in payment.remittance.documents
    ]


@pytest.mark.parametrize(("deduction", "adjustment"), [("5.00", 5_00), ("-5.00", 5_00)])
def test_sign_of_a_deduction(deduction, adjustment, payments):
    """The sign of a deduction is what gross and paid prove it to be."""
    (payment,) = payments(
        f"Invoice,Gross,Deduction,Paid\nINV-1,100.00,{deduction},95.00\n", currency="EUR"
    )

    assert payment.remittance.documents[0].adjustment_minor == adjustment


TOTALS = {
    "Total;15.00": (15_00, []),
    "TOTAL GÉNÉRAL :;15.00": (15_00, []),
    ";15.00;Total": (15_00, []),
    "Suma;15.00": (15_00, []),
    "Sous-total;15.00\nINV-3;1.00\nSous-total;1.00\nTotal;16.00": (16_00, []),
    "Total;15.01": (15_01, ["remittance-csv.total-differs"]),
    "Total;": (None, []),
    "Total;fifteen": (None, ["amount.invalid"]),
    "Total;15.00\nThank you for your business": (15_00, []),
}


@pytest.mark.parametrize("lines", TOTALS)
def test_totals(lines, read, codes):
    """A line of totals is the control of the lines before it, and never a document."""
    declared, problems = TOTALS[lines]
    collected = read(
        f"Invoice;Paid;Remark\nINV-1;10.00;\nINV-2;5.00;\n{lines}\n".replace(
            "INV-3;1.00", "INV-3;1.00;"
        ),
        currency="EUR",
    )
    (batch,) = [row for row in collected.rows if isinstance(row, AdviceBatch)]

    assert declared == batch.declared_minor
    assert problems == codes(collected)


PROVED = {
    "comma": ("1.234\n1.234,50", [1_234_00, 1_234_50]),
    "point": ("1,234\n1,234.50", [1_234_00, 1_234_50]),
    "blank": ("1 234,50\n1 000", [1_234_50, 1_000_00]),
    "apostrophe": ("1'234.50\n12'000", [1_234_50, 12_000_00]),
    "no doubt": ("12\n1234.5", [12_00, 1_234_50]),
    "both marks, each without doubt": ("12.50\n12,50", [12_50, 12_50]),
}


@pytest.mark.parametrize("name", PROVED)
def test_decimal_mark_that_is_proved(name, payments):
    """What can be read in two ways is read as the rest of the file proves."""
    written, amounts = PROVED[name]
    lines = "".join(f"INV-{at};{one}\n" for at, one in enumerate(written.split("\n")))
    (payment,) = payments(f"Invoice;Paid\n{lines}", currency="EUR")

    assert amounts == [one.amount_minor for one in payment.remittance.documents]


def test_dates_that_are_proved(payments):
    """A day of two readings is that of the order which another line proves."""
    lines = "INV-1;1.00;03/04/2026\nINV-2;1.00;31/03/2026\nINV-3;1.00;01.02.2026\n"
    (payment,) = payments(f"Invoice;Paid;Invoice date\n{lines}", currency="EUR")

    assert [dt.date(2026, 4, 3), dt.date(2026, 3, 31), dt.date(2026, 2, 1)] == [
        one.date for one in payment.remittance.documents
    ]


REFUSED = {
    "an amount of two readings": ("Invoice;Paid\nA;1,234\n", ["locale.ambiguous"]),
    "a date of two readings": (
        "Invoice;Paid;Invoice date\nA;1.00;03/04/2026\n",
        ["locale.ambiguous"],
    ),
    "a payment date of two readings": (
        "Payment date;03/04/2026\nInvoice;Paid\nA;1.00\n",
        ["locale.ambiguous"],
    ),
    "an impossible date": ("Invoice;Paid;Invoice date\nA;1.00;2026-02-30\n", ["date.invalid"]),
    "no number": ("Invoice;Paid\nA;paid\n", ["amount.invalid"]),
    "an empty amount": ("Invoice;Paid\nA;\n", ["amount.invalid"]),
    "a tenth of a cent": ("Invoice;Paid\nA;1.001\nB;1.50\n", ["amount.inexact"]),
    "too much": ("Invoice;Paid\nA;99999999999999.00\n", ["amount.limit"]),
    "a symbol that is not declared": ("Invoice;Paid\nA;€ 1.00\n", ["amount.invalid"]),
    "no document": ("Invoice;Paid\n;1.00\n", ["document.missing"]),
    "an amount torn in two": ("Invoice,Paid\nA,1,234.50\n", ["row.length"]),
    "a short line": ("Invoice;Remark;Paid\nA;x\n", ["row.length"]),
    "two columns of one field": ("Invoice;Facture;Paid\nA;B;1.00\n", ["column.duplicate"]),
    "nothing": ("", ["file.empty"]),
    "blanks": (" \n\n", ["file.empty"]),
    "headings alone": ("Invoice;Paid\n", ["file.empty"]),
    "no headings": ("Name;City\nA;B\n", ["column.missing"]),
    "an amount that can be gross or paid": (
        "Invoice;Amount;Discount\nA;1.00;0.10\n",
        ["column.missing"],
    ),
    "an open quote": ('Invoice;Paid\nA;"1.00\n', ["file.truncated"]),
    "a payment in pieces": (
        "Invoice;Paid;Check no\nA;1.00;1\nB;1.00;2\nC;1.00;1\n",
        ["remittance-csv.payment-scattered"],
    ),
    "two currencies in a payment": (
        "Invoice;Paid;Currency\nA;1.00;EUR\nB;1.00;USD\n",
        ["remittance-csv.currency-differs"],
    ),
    "an unknown currency": ("Invoice;Paid;Currency\nA;1.00;EURO\n", ["currency.unknown"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name, read, codes):
    """What cannot be taken is an error, and the payment that it belongs to is not given out."""
    content, problems = REFUSED[name]
    collected = read(content, currency="EUR")

    assert problems == codes(collected)
    assert not collected.report.complete


def test_a_file_without_a_currency(read, codes):
    """Amounts without a currency are refused once, and not for each line."""
    assert codes(read("Invoice;Paid\nA;1.00\nB;1.00\n")) == ["currency.missing"]


def test_line_that_contradicts_itself(read, codes):
    """A line whose own amounts do not agree is kept as it is, with a warning."""
    collected = read(
        "Invoice;Gross;Discount;Deduction;Paid\nA;100.00;2.00;5.00;90.00\n", currency="EUR"
    )

    assert codes(collected) == ["remittance-csv.line-differs"]
    assert collected.report.complete
    assert collected.rows[0].amount_minor == 90_00


def test_declared_conventions(payments):
    """What is declared needs no proof."""
    (payment,) = payments(
        "Invoice;Paid;Invoice date\nA;€ 1.234;03/04/2026\n",
        currency="EUR",
        **{"decimal": ",", "grouping": ".", "date-format": "%m/%d/%Y", "currency-symbol": "€"},
    )

    assert payment.amount_minor == 1_234_00
    assert payment.remittance.documents[0].date == dt.date(2026, 3, 4)


def test_a_table_without_a_total(read):
    """Nothing proves that all lines came, and the report says so; the read is complete."""
    report = read("Invoice;Paid\nA;1.00\n", currency="EUR").report

    assert ["remittance-csv.unproved"] == [one.code for one in report.problems]
    assert report.complete


def test_headings_of_another_page(payments):
    """Headings that are repeated and blank lines are no lines."""
    (payment,) = payments("Invoice;Paid\nA;1.00\n;\nInvoice;Paid\nB;2.00\n", currency="EUR")

    assert payment.amount_minor == 3_00


SETTINGS = {
    "an unknown field": {"columns": {"invoice": "x"}},
    "an unknown currency": {"currency": "EURO"},
    "an unknown delimiter": {"delimiter": ":"},
    "an unknown encoding": {"encoding": "klingon"},
    "an unknown mark": {"decimal": "'"},
    "one mark for two": {"decimal": ",", "grouping": ","},
    "names of months": {"date-format": "%d %B %Y"},
    "an unknown key": {"sheet": "x"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_refused_settings(name):
    """Settings that cannot be meant are refused before anything is read."""
    with pytest.raises(PolicyError):
        SPECS["remittance-csv"].build(SETTINGS[name])


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["Invoice", "Paid", "Total", "A", "1,234", "1.50", "-1", "31/12/2026", '"', "", "é"]
            ),
            max_size=4,
        ),
        max_size=8,
    ),
    st.sampled_from([";", ",", "\t"]),
)
@settings(max_examples=50, deadline=None)
def test_drawn_tables(read, rows, mark):
    """Whatever a table holds, what is read adds up, or the report says that it does not."""
    collected = read("\n".join(mark.join(row) for row in rows), currency="EUR")
    batches = [row for row in collected.rows if isinstance(row, AdviceBatch)]

    assert all(not one.difference_minor or collected.report.errors for one in batches)


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_bytes(content):
    """Any bytes at all give problems, and never an exception."""
    for spec in SPECS.values():
        spec.build({}).read(io.BytesIO(content), name="x").collect()
