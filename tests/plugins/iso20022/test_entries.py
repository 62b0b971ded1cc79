"""What an entry and its transactions say, in every version and in every bank's way."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.money import money
from receivables.receipts.model import ReferredDocument


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("100.00", 100_00),
        ("100", 100_00),
        ("100.5", 100_50),
        ("8.85000", 8_85),
        (".5", 50),
        ("5.", 5_00),
        ("+7.10", 7_10),
        ("0", 0),
        ("00012.30", 12_30),
        ("9999999999999.99", 999_999_999_999_999),
    ],
)
def test_amounts_are_exact(written, minor, first, entry):
    """Every way to write an amount gives its minor units; zeros beyond the cent say nothing."""
    assert minor == first(entry(written)).amount_minor
    assert -minor == first(entry(written, sign="DBIT")).amount_minor


@pytest.mark.parametrize(
    ("currency", "minor"), [("JPY", 1000), ("EUR", 100_000), ("KWD", 1_000_000)]
)
def test_minor_units_are_the_currencys(currency, minor, first, entry):
    """A thousand is a thousand minor units in yen, and a million in dinars."""
    assert minor == first(entry("1000.000", currency=currency)).amount_minor


def test_a_reversal_keeps_the_direction(first, entry, element):
    """RvslInd says that something is undone; the direction is CdtDbtInd's alone."""
    found = first(entry("5.00", sign="DBIT", more=element("RvslInd", "true")))

    assert (found.amount_minor, found.is_reversal) == (-5_00, True)


@pytest.mark.parametrize(
    ("status", "is_booked"),
    [
        ("<Sts>BOOK</Sts>", True),
        ("<Sts><Cd>BOOK</Cd></Sts>", True),
        ("<Sts>PDNG</Sts>", False),
        ("<Sts><Cd>INFO</Cd></Sts>", False),
        ("<Sts><Prtry>bank's own</Prtry></Sts>", False),
        ("", True),
    ],
)
def test_status(status, is_booked, first, entry):
    """The status is a text or a code; pending and informational entries are not booked."""
    written = entry().replace("<Sts><Cd>BOOK</Cd></Sts>", status)

    assert is_booked is first(written).is_booked


@pytest.mark.parametrize(
    "written",
    [
        "<Dt>2026-10-31</Dt>",
        "<DtTm>2026-10-31T00:30:00+02:00</DtTm>",
        "<DtTm>2026-10-31T23:30:00-08:00</DtTm>",
        "<DtTm>2026-10-31T12:00:00Z</DtTm>",
        "<Dt>2026-10-31+01:00</Dt>",
        "<Dt>2026-10-31T00:00:00.000000000</Dt>",
    ],
)
def test_dates_are_taken_as_written(written, first, entry):
    """The calendar day stands in the file; no time zone moves it."""
    found = first(entry(date="", more=f"<ValDt>{written}</ValDt>"))

    assert found.booking_date is None
    assert found.value_date == dt.date(2026, 10, 31)


@pytest.mark.parametrize("party", ["Nm", "Pty/Nm", "Agt/FinInstnId/Nm"])
@pytest.mark.parametrize("account", ["IBAN", "Othr/Id", "BBAN", "PrtryAcct/Id"])
def test_payer_of_a_credit_is_the_debtor(party, account, first, entry, detail, element):
    """Names and accounts are found in every version."""
    parties = element(
        "RltdPties",
        element(f"Dbtr/{party}", "Payer")
        + element(f"DbtrAcct/Id/{account}", "DE89 3704")
        + element("UltmtDbtr/Nm", "Daughter")
        + element("Cdtr/Nm", "We"),
    )
    payer = first(entry(details=detail(parties))).details[0].payer

    assert ("Payer", "DE893704", "Daughter") == (payer.name, payer.account, payer.ultimate_name)


def test_payee_of_a_debit_is_the_creditor(first, entry, detail, element):
    """On a debit the other side is the creditor."""
    parties = element("RltdPties", element("Dbtr/Nm", "We") + element("Cdtr/Nm", "Supplier"))
    found = first(entry(sign="DBIT", details=detail(parties)))

    assert found.details[0].payer.name == "Supplier"


@pytest.mark.parametrize(
    ("own_side", "name"), [("Cdtr", "Debtor"), ("Dbtr", "Creditor"), ("", "Debtor")]
)
def test_parties_of_a_return_keep_their_roles(own_side, name, first, entry, detail, element):
    """Who is on the other side of a returned direct debit is who does not have our account."""
    own = "FR7630006000011234567890189"
    parties = element("Dbtr/Nm", "Debtor") + element("Cdtr/Nm", "Creditor")
    if own_side:
        parties += element(f"{own_side}Acct/Id/IBAN", own)
    transaction = detail(element("RltdPties", parties), element("RtrInf/Rsn/Cd", "MD06"))

    assert name == first(entry(sign="DBIT", details=transaction)).details[0].payer.name


def test_return_with_one_party_has_that_party(first, entry, detail, element):
    """A return that names one party only names the other side."""
    transaction = detail(
        element("RltdPties/Dbtr/Nm", "Globex"),
        element("RtrInf", element("Rsn/Cd", "AC04") + element("AddtlInf", "closed")),
    )
    found = first(entry(details=transaction)).details[0]

    assert (found.payer.name, found.returned.code, found.returned.text) == (
        "Globex",
        "AC04",
        "closed",
    )


def test_remittance_of_every_kind(first, entry, detail, element):
    """Structured references, documents with their amounts, and texts come each to their place."""
    reference = element("Strd/CdtrRefInf/Ref", "RF18")
    document = element(
        "Strd",
        element("RfrdDocInf", element("Tp/CdOrPrtry/Cd", "CINV") + element("Nb", "2026-7"))
        + element("RfrdDocAmt/RmtdAmt", "25.000", Ccy="EUR")
        + element("AddtlRmtInf", "less discount"),
    )
    texts = element("Ustrd", "one") + element("Ustrd", "two")
    transaction = detail(
        element("Refs/EndToEndId", "E-1"),
        element("RmtInf", texts + reference + document),
        element("AddtlTxInf", "instant"),
    )
    found = first(entry(details=transaction)).details[0].remittance

    assert found.references == ("RF18",)
    assert found.documents == (ReferredDocument(number="2026-7", kind="CINV", amount_minor=25_00),)
    assert found.text == ("one", "two", "less discount", "instant")
    assert found.end_to_end == "E-1"


def test_amount_beside_two_documents_belongs_to_none(first, entry, detail, element):
    """An amount for several documents together is not said for each."""
    documents = "".join(element("RfrdDocInf/Nb", number) for number in ("1", "2"))
    strd = element("RmtInf/Strd", documents + element("RfrdDocAmt/RmtdAmt", "25.00", Ccy="EUR"))
    found = first(entry(details=detail(strd))).details[0].remittance.documents

    assert [(one.number, one.amount_minor) for one in found] == [("1", None), ("2", None)]


def test_placeholders_are_no_references(first, entry, detail, element):
    """NOTPROVIDED is a word of the scheme, not of the payer."""
    transaction = detail(
        element("Refs", element("EndToEndId", "NOTPROVIDED") + element("MndtId", "NOTPROVIDED"))
    )
    found = first(entry(details=transaction, more=element("AcctSvcrRef", "NOTPROVIDED")))

    assert found.bank_reference == ""
    assert found.details[0].remittance.is_empty
    assert found.details[0].references == ()


def test_other_references_keep_their_names(first, entry, detail, element):
    """Every other reference is a pair of name and value, in the order of the file."""
    own = element("Prtry", element("Tp", "Archive") + element("Ref", "A-9"))
    transaction = detail(
        element("Refs", element("TxId", "T-1") + element("MndtId", "M-1") + own),
        element("BkTxCd/Domn", element("Cd", "PMNT") + element("Fmly/Cd", "IDDT")),
    )
    found = first(entry(details=transaction)).details[0].references

    assert found == (("TxId", "T-1"), ("MndtId", "M-1"), ("Archive", "A-9"))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (
            (
                "<Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
                "<Prtry><Cd>166</Cd></Prtry>"
            ),
            "PMNT-RCDT-ESCT",
        ),
        ("<Prtry><Cd>NTRF+166</Cd></Prtry>", "NTRF+166"),
        ("", ""),
    ],
)
def test_bank_code(written, code, first, entry, element):
    """Domain, family and sub-family, or the bank's own code."""
    assert code == first(entry(more=element("BkTxCd", written))).bank_code


def test_instructed_amount_in_another_currency(first, entry, detail, element):
    """What was ordered stands beside what was booked."""
    amounts = element(
        "AmtDtls",
        element("InstdAmt/Amt", "120.00", Ccy="USD") + element("TxAmt/Amt", "100.00", Ccy="EUR"),
    )
    found = first(entry(details=detail(amounts))).details[0]

    assert (found.amount_minor, found.instructed) == (100_00, money("120.00", "USD"))


def test_instructed_amount_that_says_the_same_is_left_out(first, entry, detail, element):
    """An instructed amount that equals the booked one says nothing."""
    amounts = element("Amt", "100.00", Ccy="EUR") + element(
        "AmtDtls/InstdAmt/Amt", "100.0", Ccy="EUR"
    )

    assert first(entry(details=detail(amounts))).details[0].instructed is None


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ('<TtlChrgsAndTaxAmt Ccy="EUR">0.70</TtlChrgsAndTaxAmt>', 70),
        ('<Amt Ccy="EUR">45.00</Amt>', 45_00),
        ('<Rcrd><Amt Ccy="EUR">0.70</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd>', 70),
        (
            (
                '<TtlChrgsAndTaxAmt Ccy="EUR">0.70</TtlChrgsAndTaxAmt>'
                '<Rcrd><Amt Ccy="EUR">0.70</Amt><ChrgInclInd>false</ChrgInclInd></Rcrd>'
            ),
            0,
        ),
        ('<Rcrd><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Rcrd>', -1_00),
        ('<TtlChrgsAndTaxAmt Ccy="USD">0.70</TtlChrgsAndTaxAmt>', 0),
    ],
)
def test_charges_change_no_amount(written, minor, first, entry, detail, element):
    """Charges inside the amount are told apart, and never added to it."""
    charges = element("Chrgs", written)
    found = first(entry(more=charges, details=detail(charges)))

    assert found.amount_minor == 100_00
    assert (minor, minor) == (found.charges_minor, found.details[0].charges_minor)


def test_batch(first, entry, element):
    """Each transaction of a batch has its own direction; the bank's count is kept."""
    transactions = "".join(
        element(
            "TxDtls",
            element("Amt", amount, Ccy="EUR") + (element("CdtDbtInd", sign) if sign else ""),
        )
        for amount, sign in (("110.00", ""), ("10.00", "DBIT"))
    )
    found = first(entry(details=element("NtryDtls", element("Btch/NbOfTxs", "2") + transactions)))

    assert [110_00, -10_00] == [detail.amount_minor for detail in found.details]
    assert found.batch_count == 2


def test_first_version_has_its_transactions_in_the_entry(read, message, statement, entry, element):
    """In version .01 there is no NtryDtls, and the name of the message has the version."""
    batch = element("Btch/NbOfTxs", "1")
    old = entry(details=batch + element("TxDtls/RmtInf/Strd/CdtrRefInf/CdtrRef", "RF18"))
    content = message(statement(old), version="01").replace(b"BkToCstmrStmt", b"BkToCstmrStmtV01")
    found = read(content).rows[0]

    assert found.details[0].remittance.references == ("RF18",)
    assert found.batch_count == 1


def test_entry_says_its_line(read, message, statement, entry):
    """The place of an entry is the line on which it begins."""
    rows = read(message(statement("\n", entry("60.00"), "\n\n", entry("40.00")))).rows

    assert [3, 5] == [row.source.line for row in rows[:2]]
    assert [1, 2] == [row.index for row in rows[:2]]
