"""The accounting export: eighteen columns, balanced entries, lettering that adds up."""

from __future__ import annotations

from collections import defaultdict

import pytest


def _minor(text):
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def lines(fec_folder):
    """The lines of the export as mappings."""
    (text,) = [content.decode() for path, content in fec_folder.items() if path.endswith(".txt")]
    headings, *rows = [line.split("\t") for line in text.splitlines()]
    assert 18 == len(headings)
    return [dict(zip(headings, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def receivable(lines):
    """The lines on accounts of customers."""
    return [line for line in lines if line["CompteNum"].startswith("411")]


def _net(line):
    return _minor(line["Debit"]) - _minor(line["Credit"])


def test_every_entry_is_balanced(lines):
    """Debit is credit in each entry, and so in the whole file."""
    sums = defaultdict(int)
    for line in lines:
        sums[line["EcritureNum"]] += _net(line)

    assert {0} == set(sums.values())


def test_entries_are_numbered_by_day(lines):
    """Numbers and dates rise together, without a gap."""
    entries = list(dict.fromkeys((line["EcritureNum"], line["EcritureDate"]) for line in lines))

    assert [f"{number:06d}" for number in range(1, len(entries) + 1)] == [n for n, _ in entries]
    assert [day for _, day in entries] == sorted(day for _, day in entries)


def test_customers_have_an_auxiliary_account(lines, receivable):
    """Lines of customers name the customer, others name nobody."""
    assert all(line["CompAuxNum"] and line["CompAuxLib"] for line in receivable)
    assert not any(line["CompAuxNum"] for line in lines if line not in receivable)


def test_lettering_adds_up(receivable):
    """Each letter of a customer adds up to zero; some lines have none yet."""
    groups = defaultdict(int)
    for line in receivable:
        if line["EcritureLet"]:
            groups[line["CompAuxNum"], line["EcritureLet"]] += _net(line)
    lettered = [line for line in receivable if line["EcritureLet"]]

    assert {0} == set(groups.values())
    assert all(line["DateLet"] for line in lettered)
    assert 0 < len(lettered) < len(receivable)


def test_the_receipts_of_the_last_month_are_in_the_statement_only(lines, fec_folder):
    """The bank journal ends in September; documents go on, and the statement is of October."""
    days = {
        journal: max(line["EcritureDate"] for line in lines if line["JournalCode"] == journal)
        for journal in ("VE", "BQ")
    }

    assert days["BQ"] <= "20260930" < days["VE"]
    assert ["statements/2026-10-EUR-1.xml"] == [
        path for path in fec_folder if path.endswith(".xml")
    ]


def test_the_balance_is_what_is_open(small_book, receivable):
    """The accounts of customers come to what is truly open, before the receipts of October."""
    later = sum(
        truth.amount_minor
        for truth in small_book.truth
        if f"{truth.booking_date:%Y%m%d}" > "20260930" and truth.customer
    )
    back = sum(
        -entry.amount_minor
        for entry in small_book.entries
        if entry.bank_code == "PMNT-IDDT-UPDD" and f"{entry.booking_date:%Y%m%d}" > "20260930"
    )
    issued = sum(sale.signed_minor for sale in small_book.sales)
    received = sum(truth.amount_minor for truth in small_book.truth if truth.customer)
    returned = sum(truth.amount_minor for truth in small_book.truth if truth.returned_on)

    assert issued - received + returned + later - back == sum(map(_net, receivable))
