"""What the source ``saft`` makes of a Norwegian file."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote, Document, Invoice
from receivables.money import money
from receivables.parties import Customer
from receivables.receipts import Receipt
from receivables_plugins.saft import SaftSettings
from receivables_plugins.saft.source import SaftSource

SALE = (("1500", 100, "0042"), ("3000", -80), ("2700", -20))


def _of(read, kind):
    return [row for row in read.rows if isinstance(row, kind)]


def _codes(read):
    return [problem.code for problem in read.report.problems]


def test_sale_is_an_invoice_with_its_own_number_and_due_date(norway, read):
    """The reference of the receivable line is the number, and its due date the due date."""
    norway.customer("0042", 0, 100).entry(
        "7", ("1500", 100, "0042"), ("3000", -100), date="2026-01-15"
    )
    norway.transactions[-1] = norway.transactions[-1].replace(
        "</DebitAmount>",
        "</DebitAmount><ReferenceNumber>1155</ReferenceNumber><CID>00115500</CID><DueDate>2026-02-14</DueDate>",
        1,
    )

    [invoice] = _of(read(norway), Invoice)

    assert (invoice.number, invoice.due_date) == ("1155", dt.date(2026, 2, 14))
    assert invoice.references == ("00115500",)
    assert invoice.total == money("100", "NOK")


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((("1500", 100, "0042"), ("3000", -100)), Invoice),
        ((("1500", -100, "0042"), ("3000", 100)), CreditNote),
        ((("1500", -100, "0042"), ("1920", 100)), Receipt),
        ((("1500", 100, "0042"), ("1920", -100)), DebitNote),
        ((("1500", 100, "0042"), ("2400", -100)), DebitNote),
    ],
)
def test_other_lines_say_what_a_line_is(norway, read, lines, kind):
    """Income makes a sale of it, cash a receipt, and neither a note."""
    norway.customer("0042", 0, lines[0][1]).entry("1", *lines)

    collected = read(norway)

    assert collected.report.complete
    assert len(_of(collected, kind)) == 1


def test_journal_declared_goes_before_the_rule(norway, read):
    """What the settings say of a journal is what its entries are."""
    norway.customer("0042", 0, -100).entry("1", ("1500", -100, "0042"), ("2999", 100))

    assert _of(read(norway, journals={"GL": "cash"}), Receipt)


def test_opening_balance_is_one_item_with_a_warning(norway, read):
    """What was owed at the beginning is an item of the first day, and the report says so."""
    norway.customer("0042", 320, 420).customer("0043", -5, -5).entry("1", *SALE)

    collected = read(norway)
    invoice, credit, _ = _of(collected, Document)

    assert (invoice.number, invoice.document_date) == ("opening:0042", dt.date(2026, 1, 1))
    assert isinstance(credit, CreditNote)
    assert _codes(collected) == ["saft.opening-balance", "saft.opening-balance"]
    assert collected.report.complete


@pytest.mark.parametrize("version", ["1.10", "1.30"])
def test_balance_that_does_not_come_out_is_an_error(norway, read, version):
    """Opening balance and movements must be the closing balance of each customer, in any version."""
    norway.version = version
    norway.customer("0042", 10, 111).entry("1", *SALE)

    collected = read(norway)

    assert not collected.report.complete
    assert "saft.balance-differs" in _codes(collected)


def test_account_that_does_not_come_out_is_an_error(norway, read):
    """The receivable account of the ledger is checked too."""
    norway.accounts = (
        "<Account><AccountID>1500</AccountID><OpeningDebitBalance>0</OpeningDebitBalance>"
        "<ClosingDebitBalance>99</ClosingDebitBalance></Account>"
    )
    norway.customer("0042", 0, 100).entry("1", *SALE)

    assert _codes(read(norway)) == ["saft.balance-differs"]


@pytest.mark.parametrize(
    "totals",
    [
        "<NumberOfEntries>2</NumberOfEntries>",
        "<TotalDebit>99</TotalDebit>",
        "<TotalCredit>99</TotalCredit>",
    ],
)
def test_totals_of_the_file_are_checked(norway, read, totals):
    """Entries that are missing are found by the count and the sums in the file."""
    norway.totals = totals
    norway.customer("0042", 0, 100).entry("1", *SALE)

    assert _codes(read(norway)) == ["saft.totals-differ"]


def _crossed(norway, paid):
    norway.customer("0042", 0, 100 - paid).entry("1", *SALE)
    norway.entry("2", ("1920", paid), ("1500", -paid, "0042"), date="2026-02-10")
    said = "Amount><CrossReference>A1</CrossReference></Line>"
    norway.transactions[0] = norway.transactions[0].replace(
        "DebitAmount></Line>", f"Debit{said}", 1
    )
    norway.transactions[1] = said.join(norway.transactions[1].rsplit("Amount></Line>", 1))
    return norway


def test_cross_reference_that_balances_settles(norway, read):
    """Lines of one cross reference that add up to zero are settled on the last of their days."""
    [settled] = _of(read(_crossed(norway, 100)), SourceAllocation)

    assert len(settled.items) == 2
    assert settled.settled_on == dt.date(2026, 2, 10)


def test_cross_reference_that_does_not_balance_settles_nothing(norway, read):
    """It is noted, and the items stay open."""
    collected = read(_crossed(norway, 60))

    assert _of(collected, SourceAllocation) == []
    assert _codes(collected) == ["lettering.unbalanced"]


def test_line_without_a_customer_is_an_error(norway, read):
    """A receivable of nobody is not left out in silence."""
    norway.customer("0042", 0, 0).entry("1", ("1500", 100), ("3000", -100))

    assert "customer.missing" in _codes(read(norway))


def test_amounts_of_the_document_can_be_asked_for(norway, read):
    """A line in another currency is an item in that currency, where the settings say so."""
    euros = "<CurrencyCode>EUR</CurrencyCode><CurrencyAmount>9.00</CurrencyAmount>"
    norway.customer("0042", 0, 100).entry("1", ("1500", 100, "0042", euros), ("3000", -100))

    assert _of(read(norway), Invoice)[0].total == money("100", "NOK")
    assert _of(read(norway, amounts="document"), Invoice)[0].total == money("9", "EUR")


def test_customer_has_address_terms_and_identifiers(norway, read):
    """The master file gives the postal address, net days and the number of the register."""
    terms = "<PartyInfo><PaymentTerms><Days>30</Days></PaymentTerms></PartyInfo>"
    [customer] = _of(read(norway.customer("0042", more=terms)), Customer)

    assert (customer.address.postal_code, customer.terms) == ("0123", "net 30")
    assert customer.identifiers[0].scheme == "no.orgnr"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<Amount>100<", "<Amount>1e2<", "amount.invalid"),
        ("<Amount>100<", "<Amount>100.001<", "amount.inexact"),
        ("<Amount>100</Amount>", "", "amount.invalid"),
        ("<DebitAmount><Amount>100</Amount></DebitAmount>", "", "amount.invalid"),
        ("2026-01-15", "2026-02-30", "date.invalid"),
        ("<AuditFileCountry>NO<", "<AuditFileCountry>PL<", "file.format"),
        ("<DefaultCurrencyCode>NOK<", "<DefaultCurrencyCode>XXQ<", "currency.unknown"),
    ],
)
def test_what_cannot_be_read_is_noted(norway, old, new, code):
    """A value that is none is an error with its line, and never guessed."""
    content = norway.customer("0042", 0, 100).entry("1", *SALE).content().decode()
    stream = io.BytesIO(content.replace(old, new).encode())
    collected = SaftSource(SaftSettings(creditor="MIRA")).read(stream, name="a.xml").collect()

    assert code in _codes(collected)
    assert not collected.report.complete
