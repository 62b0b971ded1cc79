"""The table: what a spreadsheet of the reader's country makes of it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.testing.report_writer import Owed, sample_aging
from receivables_plugins.reports._csv import CsvWriter, as_text

_BOM = b"\xef\xbb\xbf"


@pytest.fixture
def rows(aging, names):
    """The rows of the table in a locale."""

    def read(locale: str, delimiter: str) -> list[list[str]]:
        text = CsvWriter().write(aging, names=names, locale=locale).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))

    return read


@pytest.mark.parametrize(
    ("locale", "delimiter", "decimal"),
    [
        ("en", ",", "."),
        ("en-US", ",", "."),
        ("fr", ";", ","),
        ("fr-CA", ";", ","),
        ("es", ";", ","),
        ("es-ES", ";", ","),
        # Mexico writes the point, so its spreadsheets separate by commas.
        ("es-MX", ",", "."),
    ],
)
def test_delimiter_goes_with_the_decimal_mark(rows, locale, delimiter, decimal):
    """Cells are separated by a semicolon exactly where the country's decimal mark is a comma."""
    table = rows(locale, delimiter)

    assert {len(row) for row in table} == {14}
    assert table[1][6] == f"1000{decimal}00"


def test_file_begins_with_a_byte_order_mark(aging, names):
    """Excel reads UTF-8 only where the file says so."""
    content = CsvWriter().write(aging, names=names, locale="es")

    assert content.startswith(_BOM)
    assert "Ferretería Núñez, S.A." in content.decode("utf-8-sig")


def test_one_row_per_customer_and_currency_then_totals(rows):
    """Rows come first, then one total for each currency, and nothing for all currencies."""
    table = rows("en", ",")

    assert [row[2:6] for row in table[1:]] == [
        ["MIRA", "0017", "Quincaillerie Tremblay inc.", "EUR"],
        ["MIRA", "0017", "Quincaillerie Tremblay inc.", "JPY"],
        ["MIRA", "C-2", "Ferretería Núñez, S.A.", "EUR"],
        ["MIRA", "C-2", "Ferretería Núñez, S.A.", "KWD"],
        ["", "", "Total EUR", "EUR"],
        ["", "", "Total JPY", "JPY"],
        ["", "", "Total KWD", "KWD"],
    ]


def test_amounts_have_the_digits_of_their_currency(rows):
    """Euros have two decimals, yen none and dinars three, and a credit is a negative number."""
    table = rows("en", ",")

    assert table[1][6:] == ["1000.00", "0.00", "200.05", "0.00", "30.00", "-50.00", "1180.05", "4"]
    assert table[2][-2] == "86453"
    assert table[4][-3:] == ["-1.500", "-1.500", "1"]


def test_every_row_says_of_which_day_it_is(rows):
    """The day is in ISO 8601 on every row, so that the files of two months can be stacked."""
    assert {row[0] for row in rows("fr", ";")[1:]} == {"2026-10-31"}


@pytest.mark.parametrize("locale", ["en", "es", "fr"])
def test_no_heading_reads_as_a_date(rows, locale):
    """A bucket is headed "1-30 days" and not "1-30", which a spreadsheet takes for a date."""
    delimiter = "," if locale == "en" else ";"

    assert not [heading for heading in rows(locale, delimiter)[0] if heading[-1].isdigit()]


def test_unidentified_receipts_are_named():
    """Money of an unknown payer has no customer, and the row says why."""
    aging = sample_aging([Owed("", "EUR", buckets_minor=(0, 0, 0, 0, 0), credits_minor=-5_00)])

    assert b"Encaissements non identifi" in CsvWriter().write(aging, names={}, locale="fr")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+33 Conseil", "'+33 Conseil"),
        ("-Moins-", "'-Moins-"),
        ("@home", "'@home"),
        ("\t=1+1", "' =1+1"),
        ("\r\n=1+1", "' =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ('"=1+1', "'\"=1+1"),
        ("Acme;=1+1;", "Acme;'=1+1;"),
        ("Acme, @SUM(A1)", "Acme,' @SUM(A1)"),
        ("Smith, Jones; Sons", "Smith, Jones; Sons"),
        ("Rock & Roll = Fun", "Rock & Roll = Fun"),
        ("half\ud800", "half\ufffd"),
    ],
)
def test_text_is_never_a_formula(text, written):
    """What looks like a formula, whole or behind another separator, gets an apostrophe."""
    assert as_text(text) == written


@settings(max_examples=25, deadline=None)
@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_survive_the_round_trip(amount_minor, currency):
    """Every amount is read back exactly, however large."""
    buckets = (max(amount_minor, 0), 0, 0, 0, 0)
    aging = sample_aging(
        [Owed("C-1", currency, buckets_minor=buckets, credits_minor=min(amount_minor, 0))]
    )
    text = CsvWriter().write(aging, names={}, locale="en").decode("utf-8-sig")
    total = [Decimal(row["Total"]) for row in csv.DictReader(io.StringIO(text))]

    assert total == ([aging.totals[currency].total_minor * _unit(currency)] * 2 if total else [])


def _unit(currency: str) -> Decimal:
    return {"EUR": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}[currency]
