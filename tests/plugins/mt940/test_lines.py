"""The line of an entry (``:61:``): mark, days, amount, type and references."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts.model import ReceiptMethod


@pytest.mark.parametrize(
    ("mark", "minor", "is_reversal"),
    [
        ("C", 5_00, False),
        ("D", -5_00, False),
        ("RC", -5_00, True),
        ("RD", 5_00, True),
        ("CR", 5_00, False),
        ("DR", -5_00, False),
        ("RCR", -5_00, True),
        ("RDR", 5_00, True),
        ("d", -5_00, False),
    ],
)
def test_a_mark_says_where_the_money_goes(mark, minor, is_reversal, first):
    """The reversal of a credit takes money out, that of a debit brings it back in."""
    found = first(f":61:2610311031{mark}5,00NTRFNONREF")

    assert (minor, is_reversal) == (found.amount_minor, found.is_reversal)


def test_what_is_expected_is_not_booked(first):
    """The marks EC and ED announce an entry."""
    assert not first(":61:2610311031EC5,00NTRFNONREF").is_booked


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("79,7", 79_70),
        ("0,", 0),
        ("10", 10_00),
        ("300.00", 300_00),
        ("000000001147,95", 1147_95),
        ("8,8500", 8_85),
        ("9999999999999,99", 999_999_999_999_999),
    ],
)
def test_amounts_are_exact(written, minor, first):
    """A comma or a dot, no decimals or zeros beyond the cent: the amount is the same."""
    assert minor == first(f":61:261031C{written}NTRFNONREF").amount_minor


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("5,001", "amount.inexact"),
        ("99999999999999,00", "amount.limit"),
        ("", "mt940.entry-invalid"),
        ("A,B", "mt940.entry-invalid"),
    ],
)
def test_amounts_are_refused(written, code, read, statement, codes, entries):
    """An amount that is none, or is not exact, is an error with its line, and the rest is read."""
    lines = (f":61:261031C{written}NTRFNONREF", ":61:261031C0,00NTRFNONREF")
    found = read(statement(*lines))

    assert [code] == codes(found)
    assert (5, ":61:") == (
        found.report.problems[0].place.line,
        found.report.problems[0].place.field,
    )
    assert [2] == [entry.index for entry in entries(found)]


@pytest.mark.parametrize(
    ("written", "value", "booking"),
    [
        ("2610311031", (2026, 10, 31), (2026, 10, 31)),
        ("261031", (2026, 10, 31), None),
        ("261031    ", (2026, 10, 31), None),
        ("2612310102", (2026, 12, 31), (2027, 1, 2)),
        ("2701021230", (2027, 1, 2), (2026, 12, 30)),
        ("9912311231", (1999, 12, 31), (1999, 12, 31)),
    ],
)
def test_the_entry_date_has_the_year_that_is_nearest(written, value, booking, first):
    """The entry date has no year of its own."""
    found = first(f":61:{written}C5,00NTRFNONREF")

    assert dt.date(*value) == found.value_date
    assert (booking and dt.date(*booking)) == found.booking_date


@pytest.mark.parametrize("day", ["0229", "0230", "0231"])
def test_days_of_the_interest_convention_are_the_last_of_february(
    day, read, statement, entries, codes
):
    """The day is taken as the end of February with a warning; the line stays as it came."""
    line = f":61:26{day}0301C0,00NTRFNONREF"
    found = read(statement(line))

    assert dt.date(2026, 2, 28) == entries(found)[0].value_date
    assert line == entries(found)[0].raw
    assert ["date.invalid"] == codes(found)
    assert found.report.complete


def test_a_day_that_does_not_exist_is_refused(read, statement, entries, codes):
    """No other day is guessed, and an entry without one is not given."""
    found = read(statement(":61:261131C5,00NTRFNONREF"))

    assert [] == entries(found)
    assert "date.invalid" in codes(found)


@pytest.mark.parametrize(
    ("rest", "code", "bank"),
    [
        ("NTRFNONREF//BANK-7", "NTRF", "BANK-7"),
        ("NTRFINV-7", "NTRF", ""),
        ("NOV NONREF", "NOV", ""),
        (" NTRFNONREF//7", "NTRF", "7"),
        ("NONREF", "", ""),
        ("//19239782213", "", "19239782213"),
        ("FMSC01916//NONREF", "FMSC", ""),
        ("NMSCWeekly pay//ment", "NMSC", ""),
        ("NMSC", "NMSC", ""),
        ("", "", ""),
    ],
)
def test_type_and_reference_of_the_bank(rest, code, bank, first):
    """A type may be missing or hold a blank; words behind the slashes are no reference."""
    found = first(f":61:261031C5,00{rest}")

    assert (code, bank) == (found.bank_code, found.bank_reference)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("NTRF", ReceiptMethod.CREDIT_TRANSFER),
        ("NDDT", ReceiptMethod.DIRECT_DEBIT),
        ("NCHK", ReceiptMethod.CHEQUE),
        ("NBOE", ReceiptMethod.BILL_OF_EXCHANGE),
        ("NMSC", ReceiptMethod.UNSAID),
    ],
)
def test_types_say_how_money_moved(kind, method, first):
    """The types of SWIFT say it, where they are not miscellaneous."""
    assert method is first(f":61:261031C5,00{kind}NONREF").method


def test_the_reference_of_the_owner_is_kept(first):
    """What stands for the owner of the account is a reference; NONREF and KREF+ are none."""
    (detail,) = first(":61:261031C5,00NTRFINV-7", ":86:thanks").details
    (empty,) = first(":61:261031C5,00NTRFKREF+", ":86:thanks").details

    assert (("AcctOwnrRef", "INV-7"),) == detail.references
    assert () == empty.references


def test_an_original_amount_and_charges(first):
    """A supplementary line has what was ordered, and the charges inside the amount."""
    (detail,) = first(":61:261031D12,35NRTINONREF", "/OCMT/EUR11,85//CHGS/EUR0,50/").details

    assert ("11.85", 50) == (str(detail.instructed.amount), detail.charges_minor)
    assert detail.returned is not None


def test_supplementary_words_are_the_text(first):
    """Other words of a supplementary line are what the bank calls the booking."""
    assert "Card transaction" == first(":61:261031D5,00FMSCNONREF", "Card transaction").text


@pytest.mark.parametrize(
    ("lines", "name", "account"),
    [
        # ASN and SNS: the account for a reference, the name below.
        (
            (":61:261031C5,00NOVBNL47BANK9999999999", "n. body", ":86:NL47BANK9999999999 n. body"),
            "n. body",
            "NL47BANK9999999999",
        ),
        # Rabobank before SEPA: account and name in one.
        ((":61:261031C5,00N0440121470966      N. Body", ":86:Thanks"), "N. Body", "0121470966"),
        # Rabobank: the account below.
        (
            (":61:261031C5,00N541EREF", "NL82BANK0602069890", ":86:/ORDP//NAME/N. Body/REMI/7"),
            "N. Body",
            "NL82BANK0602069890",
        ),
    ],
)
def test_dutch_banks_have_the_payer_in_the_line(lines, name, account, first):
    """Account and name of the other side stand where others have references."""
    payer = first(*lines).details[0].payer

    assert (name, account) == (payer.name, payer.account)


def test_a_line_that_was_cut_before_its_amount(first):
    """A line of an entry that goes on below is put together."""
    assert 30_00 == first(":61:2610311031CR", "30,00N062NONREF").amount_minor


def test_a_letter_of_another_currency_is_a_warning(read, statement, codes):
    """The letter before the amount is the third one of the currency."""
    found = read(statement(":61:261031CD0,00NTRFNONREF"))

    assert ["mt940.currency-differs"] == codes(found)
    assert found.report.complete
