"""What becomes of the fields of a detail: direction, dates, references, text, returns."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.receipts.model import ReceiptMethod, ReturnInfo
from receivables_plugins.bai2.codes import type_code
from receivables_plugins.bai2.entries import minor_of
from receivables_plugins.bai2.reader import Bai2Reader

DIRECTIONS = {
    "108": 1, "142": 1, "195": 1, "301": 1, "399": 1,
    "409": -1, "455": -1, "495": -1, "557": -1, "699": -1,
    "720": 1, "760": -1, "925": 1, "965": -1, "827": 1, "828": -1,
}  # fmt: skip


@pytest.mark.parametrize(("code", "sign"), DIRECTIONS.items())
def test_type_code_gives_the_direction(report, entries, code, sign):
    """A detail has no sign: its type code, listed or not, says which way the money went."""
    (entry,) = entries(report(f"16,{code},100,Z,,,/"))

    assert entry.amount_minor == sign * 100
    assert entry.bank_code == code


def test_codes_are_the_listed_ones():
    """The table has the codes of its source, and a level for each."""
    listed = [code for code in map("{:03}".format, range(1000)) if type_code(code).is_listed]

    assert len(listed) == 484
    assert type_code("1") is None


FUNDS = {
    "16,195,100,,BANK,ME,TEXT": None,
    "16,195,100,Z,BANK,ME,TEXT": None,
    "16,195,100,z,BANK,ME,TEXT": None,
    "16,195,100,0,BANK,ME,TEXT": dt.date(2026, 10, 30),
    "16,195,100,1,BANK,ME,TEXT": None,
    "16,195,100,V,261102,,BANK,ME,TEXT": dt.date(2026, 11, 2),
    "16,195,100,V,261102,2400,BANK,ME,TEXT/": dt.date(2026, 11, 2),
    "16,195,100,S,50,30,20,BANK,ME,TEXT": None,
    "16,195,100,D,2,0,60,1,40,BANK,ME,TEXT": None,
    "16,195,100,D,0,BANK,ME,TEXT": None,
    "16,195,100/\n88,Z,BANK/\n88,ME/\n88,TEXT/": None,
    "16,195,100,V,261102/\n88,,BANK,ME/\n88,TEXT": dt.date(2026, 11, 2),
}


@pytest.mark.parametrize(("detail", "value_date"), FUNDS.items())
def test_funds_type_shifts_no_field(report, entries, detail, value_date):
    """Each funds type has its own number of fields, and the references stand after them."""
    (entry,) = entries(report(detail))
    (one,) = entry.details

    assert (entry.bank_reference, one.remittance.end_to_end, entry.text) == ("BANK", "ME", "TEXT")
    assert entry.value_date == value_date
    assert entry.raw == detail


TEXTS = {
    "16,195,100,Z,,,INV 1, INV 2/3/": "INV 1, INV 2/3",
    "16,195,100,Z,,,INV 47\n88,11": "INV 4711",
    "16,195,100,Z,,,INV \n88,4711": "INV 4711",
    "16,195,100,Z,,,INV  /\n88,4711/": "INV  4711",
    "16,195,100,Z,,,ON 22/\n88,03/66": "ON 22/03/66",
    "16,195,100,Z,,/\n88,A, B\n88,, C": "A, B, C",
    "16,195,100,Z,,,/": "",
    "16,195,100,Z": "",
}


@pytest.mark.parametrize(("detail", "text"), TEXTS.items())
def test_text_goes_on_without_delimiter(report, entries, detail, text):
    """A continuation of a text adds nothing to it, and takes nothing away but the ending slash."""
    (entry,) = entries(report(detail))

    assert entry.text == text


def test_keyword_opens_a_text_of_its_own(report, entries):
    """A continuation that begins with a keyword is no end of the word before it."""
    (entry,) = entries(report("16,195,100,Z,,,WIRE 47\n88,EREF: E-1\n88,DBNM:Anna AG\n88,DACT:77"))
    (one,) = entry.details

    assert one.remittance.text == ("WIRE 47", "EREF: E-1", "DBNM:Anna AG", "DACT:77")
    assert one.remittance.end_to_end == "E-1"
    assert (one.payer.name, one.payer.account) == ("Anna AG", "77")


def test_keywords_are_a_setting(report, entries):
    """What a bank's keywords mean is said in the settings."""
    detail = "16,195,100,Z,,ME,WIRE\n88,OBO:Anna AG\n88,REF2:E-1"
    (entry,) = entries(report(detail), keywords={"obo": "payer", "ref2": "end-to-end"})
    (one,) = entry.details

    assert one.payer.name == "Anna AG"
    assert one.remittance.end_to_end == "E-1"
    assert one.references == (("customer-reference", "ME"),)


@pytest.mark.parametrize("reference", ["", "0", "000000", "NOTPROVIDED", "NONREF", "  "])
def test_placeholder_is_no_reference(report, entries, reference):
    """Zeros, blanks and words that say there is none are no reference."""
    (entry,) = entries(report(f"16,195,100,Z,{reference},{reference},TEXT"))

    assert entry.bank_reference == ""
    assert entry.details[0].remittance.end_to_end == ""


RETURNS = {
    "16,555,100,Z,,,NSF": ReturnInfo(code="", text="NSF"),
    "16,555,100,Z,,,/": ReturnInfo(code="", text="deposited item returned"),
    '16,557,100,Z,,,Reason: "R02", of 77': ReturnInfo(code="R02", text='Reason: "R02", of 77'),
    "16,557,100,Z,,,RETURN R10": ReturnInfo(code="R10", text="RETURN R10"),
    "16,561,100,Z,,,REFUSED": ReturnInfo(code="", text="REFUSED"),
    "16,566,100,Z,,,/": ReturnInfo(code="", text="item returned"),
    "16,257,100,Z,,,OURS": ReturnInfo(code="", text="OURS"),
    "16,409,100,Z,,,RETURNED CHEQUE    /": ReturnInfo(code="", text="RETURNED CHEQUE"),
    "16,409,100,Z,,,Rtn-Unknown/": ReturnInfo(code="", text="Rtn-Unknown"),
    "16,409,100,Z,,,RTD CHQ SERVICE CHRG/": None,
    "16,409,100,Z,,,SHOPPING MALL/": None,
    "16,567,100,Z,,,RETURN FEE/": None,
    "16,451,100,Z,,,RETURNED CHEQUE/": None,
}


@pytest.mark.parametrize(("detail", "returned"), RETURNS.items())
def test_returns_are_known_by_code_or_text(report, entries, detail, returned):
    """What came back says so by its code, or by its text where the code is any debit (409)."""
    (entry,) = entries(report(detail))

    assert entry.details == () or entry.details[0].returned == returned
    assert entry.is_return is (returned is not None)


def test_reversal_is_a_return(report, entries):
    """A reversal of an earlier entry keeps its direction and says what it is."""
    (entry,) = entries(report("16,552,100,Z,,,CREDIT REVERSAL"))

    assert entry.is_reversal
    assert entry.amount_minor == -100


METHODS = {
    "175": ReceiptMethod.CHEQUE,
    "115": ReceiptMethod.CHEQUE,
    "555": ReceiptMethod.CHEQUE,
    "142": ReceiptMethod.CREDIT_TRANSFER,
    "195": ReceiptMethod.CREDIT_TRANSFER,
    "147": ReceiptMethod.CARD,
    "366": ReceiptMethod.CASH,
    "165": ReceiptMethod.UNSAID,
    "108": ReceiptMethod.UNSAID,
}


@pytest.mark.parametrize(("code", "method"), METHODS.items())
def test_method_is_that_of_the_code(report, entries, code, method):
    """Cheques, transfers, cards and cash are told by their codes; the others do not say."""
    (entry,) = entries(report(f"16,{code},100,Z,,,/"))

    assert entry.method is method


def test_items_are_parts_of_their_deposit(report, entries, codes):
    """Items that add up to the deposit before them are its transactions, and count once."""
    content = report(
        "16,115,12000,Z,BANK,,LOCKBOX/", "16,116,7000,Z,,ONE,/", "16,116,5000,Z,,TWO,/"
    )
    (entry,) = entries(content)

    assert [(one.amount_minor, one.remittance.end_to_end) for one in entry.details] == [
        (70_00, "ONE"),
        (50_00, "TWO"),
    ]
    assert entry.batch_count == 2
    assert entry.raw.count("\n") == 2
    assert codes(content) == []


def test_items_of_no_deposit_are_entries(report, entries):
    """Items that do not add up to the deposit before them, or follow none, stand by themselves."""
    content = report(
        "16,116,10,Z,,,/",
        "16,115,100,Z,,,/",
        "16,116,70,Z,,,/",
        "16,115,20,Z,,,/",
        "16,195,5,Z,,,/",
    )

    assert [entry.amount_minor for entry in entries(content)] == [10, 100, 70, 20, 5]


def test_information_moves_nothing(report, entries, codes):
    """A detail that only informs (890) has no amount, and is not booked."""
    content = report("16,175,12000,Z,,,/", "16,890,,Z,,,NOTE", sums=12_000)
    deposit, note = entries(content)

    assert deposit.is_booked
    assert (note.is_booked, note.amount_minor, note.text) == (False, 0, "NOTE")
    assert codes(content) == []


def test_yen_have_no_decimals(report, entries):
    """Amounts are in minor units of the account's currency, whatever their number."""
    (entry,) = entries(report("16,195,12000,Z,,,/", account="0123456789,JPY"))

    assert str(entry.amount.amount) == "12000"


@given(st.integers(0, 10**15), st.sampled_from(["195", "495"]))
def test_digits_are_the_amount(minor, code):
    """Any digits up to the limit are the amount, to the last one."""
    content = (
        f"01,B,M,261031,0200,1,,,2/\n02,B,M,1,261030,,USD,2/\n03,1,,/\n16,{code},{minor:016},Z,,,/\n"
        f"49,{minor},3/\n98,{minor},1,5/\n99,{minor},1,7/\n"
    )
    entry, _ = Bai2Reader().read(_stream(content), name="x").collect().rows

    assert abs(entry.amount_minor) == minor == minor_of(str(minor))


@given(st.binary(max_size=400), st.integers(0, 12))
def test_any_bytes_give_problems(noise, lines):
    """Any bytes, alone or in the middle of a report, are read to their end without an exception."""
    head = (
        b"01,B,M,261031,0200,1,,,2/\n02,B,M,1,261030,,USD,2/\n03,1,,010,0,,/\n16,195,100,V,261030,,A,B,C\n"
        b"88,T\n16,115,1,S,1,,,,\n16,116,1,D,1,0,1,,\n"
    )
    content = b"\n".join(head.split(b"\n")[:lines]) + noise
    read = Bai2Reader().read(_stream(content), name="x").collect()

    assert not read.report.complete


def _stream(content):
    return io.BytesIO(content if isinstance(content, bytes) else content.encode())
