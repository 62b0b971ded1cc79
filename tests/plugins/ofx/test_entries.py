"""What becomes of the leaves of a transaction: amount, day, payer, text, references."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.receipts.model import Payer, ReceiptMethod
from receivables_plugins.ofx.reader import OfxReader
from receivables_plugins.ofx.values import minor_units

AMOUNTS = {
    "12.50": 1250,
    "-12.50": -1250,
    "+12.50": 1250,
    "-0.50": -50,
    "12": 1200,
    "12.5": 1250,
    "-530,86": -53086,
    "           -11,76": -1176,
    "1,234.56": 123456,
    "1.234,56": 123456,
    "-1,234,567.00": -123456700,
    "$120": 12000,
    "-$1,234.50": -123450,
    "R$ 12,00": 1200,
    "(12.00)": -1200,
    "0.000": 0,
    "12.3400": 1234,
    "0": 0,
}


@pytest.mark.parametrize(("text", "minor"), AMOUNTS.items())
def test_amount_is_read_as_it_is_written(statement, leaves, entries, text, minor):
    """The sign of the amount is the direction, and either mark can stand before its decimals."""
    (entry,) = entries(statement(leaves(trnamt=text, trntype="DEBIT")))

    assert entry.amount_minor == minor
    assert entry.bank_code == "DEBIT"


REFUSED_AMOUNTS = {
    "": "amount.invalid",
    ".": "amount.invalid",
    "twelve": "amount.invalid",
    "1e5": "amount.invalid",
    "--12.00": "amount.invalid",
    "1,234": "locale.ambiguous",
    "-1.230": "locale.ambiguous",
    "12.3456": "amount.inexact",
    "99999999999999.00": "amount.limit",
}


@pytest.mark.parametrize(("text", "code"), REFUSED_AMOUNTS.items())
def test_amount_that_has_no_one_value_is_refused(statement, leaves, entries, codes, text, code):
    """What is no number, or could be two, is an error, and the entries around it are read."""
    content = statement(leaves(), leaves(trnamt=text), leaves())

    assert len(entries(content)) == 2
    assert codes(content) == [(code, "TRNAMT")]


@given(st.integers(-(10**15), 10**15), st.sampled_from([("JPY", 0), ("USD", 2)]))
def test_decimals_are_those_of_the_currency(minor, currency):
    """An amount written with the decimals of its currency is read to the last minor unit."""
    code, places = currency
    digits = f"{abs(minor):0{places + 1}}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits

    assert minor_units("-" * (minor < 0) + text, code) == minor


def test_three_decimals_are_those_of_a_dinar():
    """Where the currency has three decimals, a mark before three digits stands before decimals."""
    assert minor_units("1.234", "KWD") == 1234


DAYS = {
    "20261030": dt.date(2026, 10, 30),
    "20261030235959.000[-5:EST]": dt.date(2026, 10, 30),
    "20261030000000[+9:JST]": dt.date(2026, 10, 30),
    "202610301200": dt.date(2026, 10, 30),
    "20261030[-3:BRT]": dt.date(2026, 10, 30),
    " 20261030 ": dt.date(2026, 10, 30),
}


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_day_is_the_bank_s_own(statement, leaves, entries, text, day):
    """The day is the one that is written; neither its time nor its zone shifts it."""
    (entry,) = entries(statement(leaves(dtposted=text)))

    assert entry.booking_date == day


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "date.missing"), ("00000000", "date.missing"), (None, "date.missing"),
     ("20260230", "date.invalid"), ("30/06/2026", "date.invalid")],
)  # fmt: skip
def test_credit_without_its_day_is_refused(statement, leaves, entries, codes, text, code):
    """A credit that has no day cannot be taken; a debit is given without it."""
    content = statement(leaves(dtposted=text), leaves(dtposted=text, trnamt="-1.00"))

    assert [(one.amount_minor, one.booking_date) for one in entries(content)] == [(-100, None)]
    assert {found for found, _ in codes(content)} == {code}


def test_day_of_availability_is_the_value_date(statement, leaves, entries):
    """When the money is available is the value date, which stands in for a missing day."""
    (entry,) = entries(statement(leaves(dtposted="", dtavail="20261102")))

    assert (entry.booking_date, entry.value_date) == (None, dt.date(2026, 11, 2))


TEXTS = {
    ("ANNA", "INV 1"): ("ANNA", "INV 1"),
    ("ANNA", "ANNA INV 1"): ("ANNA INV 1",),
    ("ANNA", ""): ("ANNA",),
    ("", "INV 1"): ("INV 1",),
    ("", ""): (),
    ("A & B", "R&D &amp; &lt;X&gt; &#233;&#xe9; &foo;"): ("A & B", "R&D & <X> éé &foo;"),
    ("A", "<![CDATA[1 < 2 & 3]]>"): ("A", "1 < 2 & 3"),
    ("A", "1 < 2"): ("A", "1 < 2"),
    ("A", "TWO  BLANKS\nTWO LINES"): ("A", "TWO  BLANKS TWO LINES"),
    ("A", "ONE\n<MEMO>TWO"): ("A", "ONE TWO"),
}


@pytest.mark.parametrize(("said", "texts"), TEXTS.items())
def test_texts_are_kept_as_they_are(statement, leaves, entries, said, texts):
    """Name and memo are the text, unescaped where they are escaped, and said once."""
    (entry,) = entries(statement(leaves(name=said[0], memo=said[1])))

    assert entry.details[0].remittance.text == texts
    assert entry.text == " ".join(texts)


def test_payer_of_a_credit_is_named(statement, leaves, entries):
    """The name, or that of the payee's aggregate, is the payer of a credit, and of no debit."""
    payee = leaves(name=None) + "<PAYEE>\n<NAME>ANNA\n<CITY>ROME\n</PAYEE>\n"
    account = leaves() + "<BANKACCTTO>\n<BANKID>9\n<ACCTID>77\n</BANKACCTTO>\n"
    found = entries(statement(payee, account, leaves(trnamt="-1.00")))

    assert [one.details[0].payer for one in found] == [
        Payer(name="ANNA"),
        Payer(name="ANNA", account="77"),
        Payer(),
    ]


def test_references_are_kept(statement, leaves, entries):
    """The bank's own identification and the number of a check are references; zeros are none."""
    first, second = entries(
        statement(leaves(checknum="1001", refnum="R9"), leaves(fitid="0", checknum="000"))
    )

    assert first.bank_reference == "F1"
    assert first.details[0].references == (("CHECKNUM", "1001"), ("REFNUM", "R9"))
    assert (second.bank_reference, second.details[0].references) == ("", ())


@pytest.mark.parametrize(
    ("code", "method"),
    [("CHECK", ReceiptMethod.CHEQUE), ("DIRECTDEP", ReceiptMethod.CREDIT_TRANSFER),
     ("directdebit", ReceiptMethod.DIRECT_DEBIT), ("POS", ReceiptMethod.CARD),
     ("IN", ReceiptMethod.UNSAID)],
)  # fmt: skip
def test_method_is_that_of_the_type(statement, leaves, entries, code, method):
    """The type of a transaction says how the money came, where it is one of the known ones."""
    (entry,) = entries(statement(leaves(trntype=code)))

    assert entry.method is method


def test_amount_in_another_currency_is_an_error(statement, leaves, entries, codes):
    """An amount that is not in the account's currency is not summed up in silence."""
    content = statement(leaves() + "<CURRENCY>\n<CURRATE>1.1\n<CURSYM>EUR\n</CURRENCY>\n")

    assert entries(content)[0].currency == "EUR"
    assert codes(content) == [("ofx.currency-differs", "CURSYM")]


def test_converted_amount_is_in_the_currency_of_the_account(statement, leaves, entries, codes):
    """What the bank has converted already is in the account's currency."""
    content = statement(leaves() + "<ORIGCURRENCY>\n<CURRATE>1.1\n<CURSYM>EUR\n</ORIGCURRENCY>\n")

    assert entries(content)[0].currency == "USD"
    assert codes(content) == []


@pytest.mark.parametrize(("action", "is_booked"), [("DELETE", False), ("REPLACE", True)])
def test_correction_is_for_a_person(statement, leaves, entries, codes, action, is_booked):
    """A transaction that corrects an earlier one is an error, and books no deletion."""
    content = statement(leaves(correctfitid="F0", correctaction=action))

    assert entries(content)[0].is_booked is is_booked
    assert codes(content) == [("ofx.correction", "CORRECTFITID")]


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_give_problems(noise, cut):
    """Any bytes, alone or behind the beginning of a statement, are read without an exception."""
    head = (
        b"OFXHEADER:100\nCHARSET:850\n<OFX><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1</BANKACCTFROM>"
        b"<BANKTRANLIST><STMTTRN><TRNAMT>1.00<DTPOSTED>20261030<MEMO>&#1;</STMTTRN><STMTTRN><TRNAMT>2,00"
    )
    read = OfxReader().read(io.BytesIO(head[:cut] + noise), name="x").collect()

    assert not read.report.complete
