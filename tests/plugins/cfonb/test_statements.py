"""What a movement with its complements says, and which statement it belongs to."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.money import money
from receivables.receipts import Payer, ReceiptMethod, receipts_from
from receivables.receipts.model import BankEntry, BankStatement, ReturnInfo, ReturnReason
from receivables.receipts.returns import return_reason

IBAN = "FR7630006000011234567890189"


def test_identity(one, movement):
    """An entry has the account as IBAN, the statement by the day before and the currency, its line."""
    entry = one(movement())

    assert (IBAN, "2026-10-30/EUR", 1) == (entry.account, entry.statement, entry.index)
    assert "october.txt:2" == str(entry.source)
    assert (100_00, "EUR", "05", "VIR SEPA RECU") == (
        entry.amount_minor,
        entry.currency,
        entry.bank_code,
        entry.text,
    )


def test_days(one, movement):
    """Booking and value date are day, month and year; a blank one is none."""
    entry = one(movement(date="010299", value=""))

    assert (dt.date(1999, 2, 1), None) == (entry.booking_date, entry.value_date)


def test_raw_lines(one, movement, complement):
    """The records of an entry are kept as they stood, blanks and all."""
    records = [movement(), complement("LIB", "FACTURE 117")]

    assert "\n".join(records) == one(*records).raw


def test_payer_of_a_credit(one, movement, complement):
    """The other party of a credit is the payer: name, account and for whom."""
    entry = one(
        movement(),
        complement("NPY", "DURAND SARL"),
        complement("CPY", "FR76 2004 1010 0505"),
        complement("NPO", "DURAND FILS"),
        complement("NBE", "MIRABELLE"),
    )
    payer = Payer(name="DURAND SARL", account="FR76200410100505", ultimate_name="DURAND FILS")

    assert payer == entry.details[0].payer
    assert ("NBE", "MIRABELLE") in entry.details[0].references


def test_payee_of_a_debit(one, movement, complement):
    """The other party of a debit is the payee."""
    records = [complement("NPY", "MIRABELLE"), complement("NBE", "EDF")]

    assert one(movement(-5_00), *records, minor=-5_00).details[0].payer.name == "EDF"


def test_debtor_of_a_return(one, movement, complement):
    """What comes back keeps its roles: the other party of an unpaid debit is who did not pay."""
    records = [complement("NPY", "DURAND SARL"), complement("NBE", "MIRABELLE")]
    entry = one(movement(-5_00, code="B3"), *records, minor=-5_00)

    assert entry.details[0].payer.name == "DURAND SARL"


def test_text_of_the_payer(one, movement, complement):
    """Two lines of seventy characters are one text, cut where it was full and not between words."""
    words = ("FACTURES 2026-0117 2026-0118 2026-0119 " * 3)[:100].strip()
    entry = one(movement(), complement("LCC", words[:70]), complement("LC2", words[70:]))
    short = one(movement(), complement("LCC", "FACTURE"), complement("LC2", "117"))

    assert (words,) == entry.details[0].remittance.text
    assert ("FACTURE 117",) == short.details[0].remittance.text


def test_label_goes_on(one, movement, complement):
    """Free lines go on with the label, which comes before them unless the payer's own text does."""
    records = [complement("LIB", "FACTURE 117"), complement("   ", "MERCI")]
    alone = one(movement(), *records).details[0]
    beside = one(movement(), complement("LCC", "2026-117"), *records).details[0]

    assert ("VIR SEPA RECU", "FACTURE 117", "MERCI") == alone.remittance.text
    assert ("2026-117", "FACTURE 117", "MERCI") == beside.remittance.text


def test_references(one, movement, complement):
    """Structured reference, end-to-end reference, mandate and batch stand where each belongs."""
    entry = one(
        movement(number="0000117", reference="REMISE 12"),
        complement("LCS", "RF18539007547034"),
        complement("RCN", f"{'E2E-117':35}SUPP"),
        complement("RUM", f"{'MANDAT-1':35}RCUR"),
        complement("REF", f"{'LOT-9':35}OPE-3"),
    )
    detail = entry.details[0]

    assert ("RF18539007547034",) == detail.remittance.references
    assert "E2E-117" == detail.remittance.end_to_end
    assert {
        ("entry-number", "0000117"),
        ("reference", "REMISE 12"),
        ("RCN.purpose", "SUPP"),
        ("MndtId", "MANDAT-1"),
        ("RUM.sequence", "RCUR"),
        ("REF.batch", "LOT-9"),
        ("REF.transaction", "OPE-3"),
    } == set(detail.references)


def test_placeholder_is_no_reference(one, movement, complement):
    """The literal NOTPROVIDED is left away wherever it stands."""
    records = [complement(one_, "NOTPROVIDED") for one_ in ("RCN", "LCS", "REF", "AAA")]
    detail = one(movement(), *records).details[0]

    assert detail.remittance.is_empty
    assert () == detail.references


def test_unknown_qualifiers_are_kept(one, movement, complement):
    """A qualifier that is not known, or that comes twice, is kept under its own name."""
    detail = one(
        movement(),
        complement("AAA", "ONE"),
        complement("N Y", "TWO"),
        complement("NPY", "DURAND"),
        complement("NPY", "ET FILS"),
    ).details[0]

    assert (("AAA", "ONE"), ("N Y", "TWO"), ("NPY", "ET FILS")) == detail.references
    assert "DURAND" == detail.payer.name


def test_original_amount_and_charges(one, movement, complement):
    """What was ordered in another currency is kept as money; charges are inside the amount."""
    detail = one(
        movement(),
        complement("MMO", "USD200000000012000" + "04" + "00000012000"),
        complement("FEE", "EUR200000000000150"),
    ).details[0]

    assert money("120.00", "USD") == detail.instructed
    assert 1_50 == detail.charges_minor
    assert ("MMO.rate", "0400000012000") in detail.references


def test_charges_of_another_currency_are_kept_raw(one, movement, complement):
    """Charges that are not in the account's currency are not added to anything."""
    detail = one(movement(), complement("FEE", "USD200000000000150")).details[0]

    assert 0 == detail.charges_minor
    assert ("FEE", "USD200000000000150") in detail.references


def test_unreadable_complement_is_a_warning(read, file, opening, movement, complement, closing):
    """An amount of a complement that cannot be read is kept as it stands, and said."""
    records = [opening(), movement(), complement("MMO", "EURO TWELVE"), closing(100_00)]
    collected = read(file(*records))
    (problem,) = collected.report.problems

    assert ("amount.invalid", "MMO") == (problem.code, problem.place.field)
    assert ("MMO", "EURO TWELVE") in collected.rows[0].details[0].references
    assert collected.report.complete


METHODS = {
    "02": ReceiptMethod.CHEQUE,
    "05": ReceiptMethod.CREDIT_TRANSFER,
    "C2": ReceiptMethod.CREDIT_TRANSFER,
    "A1": ReceiptMethod.DIRECT_DEBIT,
    "30": ReceiptMethod.CARD,
    "35": ReceiptMethod.BILL_OF_EXCHANGE,
    "04": ReceiptMethod.CASH,
    "62": ReceiptMethod.UNSAID,
    "  ": ReceiptMethod.UNSAID,
}


@pytest.mark.parametrize("code", METHODS)
def test_method(code, one, movement):
    """The interbank operation code says how the money came."""
    entry = one(movement(code=code))

    assert METHODS[code] is entry.method
    assert not entry.is_return


RETURNS = ("03", "10", "26", "27", "33", "34", "38", "98", "B3", "B4", "C4")


@pytest.mark.parametrize("code", RETURNS)
def test_return(code, one, movement):
    """An unpaid cheque, debit, bill or card is a return, with the bank's words for it."""
    entry = one(movement(-9_00, code=code, label="IMPAYE"), minor=-9_00)

    assert entry.is_return
    assert ReturnInfo(text="IMPAYE") == entry.details[0].returned


def test_reason_of_a_return(one, movement):
    """The reject code of the record is the reason, in the scheme of CFONB."""
    entry = one(movement(-9_00, code="B3", reason="20"), minor=-9_00)

    assert "20" == entry.details[0].returned.code
    assert ReturnReason.INSUFFICIENT_FUNDS is return_reason("cfonb", "20")


def test_own_transfer_that_comes_back_is_no_receipt(one, movement):
    """A credit that takes back what we had paid becomes no receipt."""
    returned = [one(movement(code=code)) for code in ("12", "A3", "C3", "B5")]

    assert all(entry.is_return for entry in returned)
    assert [] == list(receipts_from(returned, creditor="MIRA"))


OVERPUNCHED = {
    "0000000000012C": 1_23,
    "0000000000012c": 1_23,
    "0000000000012{": 1_20,
    "0000000000012é": 1_20,
    "0000000000012L": -1_23,
    "0000000000012l": -1_23,
    "0000000000012}": -1_20,
    "0000000000012è": -1_20,
    "0000000000000}": 0,
}


@pytest.mark.parametrize("end", ["\r\n", ""])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
@pytest.mark.parametrize("amount", OVERPUNCHED)
def test_signs(amount, encoding, end, read, file, opening, movement, closing):
    """The sign stands over the last digit, in braces or accents, capitals or not, in any encoding."""
    minor = OVERPUNCHED[amount]
    records = [opening(), movement(amount=amount), closing(minor)]
    collected = read(file(*records, end=end, encoding=encoding))

    assert minor == collected.rows[0].amount_minor
    assert collected.report.complete


@pytest.mark.parametrize(
    ("unit", "amount", "minor"),
    [
        ("XPF0", "0000000012345{", 123450),
        ("EUR2", "0000000012345{", 123450),
        ("EUR0", "0000000012345{", 12345000),
        ("EUR3", "0000000012345{", 12345),
        ("KWD3", "0000000012345{", 123450),
        ("JPY2", "0000000012300{", 1230),
    ],
)
def test_decimals_are_those_of_the_record(
    unit, amount, minor, read, file, opening, movement, closing
):
    """The record says how many decimals its amount has, whatever its currency has."""
    balances = {"unit": unit, "amount": "0000000000000{"}
    records = [
        opening(**balances),
        movement(unit=unit, amount=amount),
        closing(unit=unit, amount=amount),
    ]
    collected = read(file(*records))

    assert (minor, unit[:3]) == (collected.rows[0].amount_minor, collected.rows[0].currency)
    assert collected.report.complete


def test_balances(read, file, opening, movement, closing):
    """The statement has both balances with their days, and its entries are proved."""
    collected = read(file(opening(-5_00), movement(12_00), movement(-2_00), closing(5_00)))
    statement = collected.rows[-1]

    assert isinstance(statement, BankStatement)
    assert (-5_00, 5_00, 0) == (
        statement.opening_minor,
        statement.closing_minor,
        statement.difference_minor,
    )
    assert [dt.date(2026, 10, 30), dt.date(2026, 10, 31)] == [
        one.date for one in statement.balances
    ]


def test_same_statement_again_has_another_name(read, file, opening, movement, closing):
    """A statement that comes twice in a file is read twice, and its entries are told apart."""
    records = [opening(), movement(), closing(100_00)]
    rows = read(file(*records, *records)).rows
    names = [row.statement for row in rows if isinstance(row, BankEntry)]

    assert ["2026-10-30/EUR", "2026-10-30/EUR (2)"] == names


def test_account_that_is_no_rib(read, file, opening, closing):
    """Where bank, branch and account are not whole, they are kept as they stand."""
    zone = {"bank": "30006", "branch": "", "account": "123"}
    (statement,) = read(file(opening(**zone), closing(**zone))).rows

    assert "30006 123" == statement.account


def test_monaco(read, file, opening, closing):
    """Accounts of Monaco have the same numbers and another country."""
    (statement,) = read(file(opening(), closing()), country="MC").rows

    assert statement.account.startswith("MC")
    assert IBAN[4:] == statement.account[4:]


def test_letters_in_an_account(read, file, opening, closing):
    """Letters of an account number count in its key."""
    zone = {"bank": "20041", "branch": "01005", "account": "0500013M026"}
    (statement,) = read(file(opening(**zone), closing(**zone))).rows

    assert "FR1420041010050500013M02606" == statement.account
