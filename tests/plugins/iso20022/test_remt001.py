"""Remittance advices: which documents a payment pays, and what is taken off them."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts import ReceiptMethod
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.receipts.model import ReferredDocument
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.iso20022 import receivables_advice_readers

ADVICE = "RmtAdvc"


@pytest.fixture(scope="module")
def document(element):
    """Write a document with its amounts, by the names of their elements."""

    def write(number="INV-1", *, kind="CINV", date="", adjustments="", currency="EUR", **amounts):
        said = element("Tp/CdOrPrtry/Cd", kind) + element("Nb", number) + date
        money = "".join(element(name, text, Ccy=currency) for name, text in amounts.items())
        return element(
            "Strd", element("RfrdDocInf", said) + element("RfrdDocAmt", money + adjustments)
        )

    return write


@pytest.fixture(scope="module")
def remittance(element):
    """Write what one payment pays."""

    def write(*parts, amount="100.00", more=""):
        money = element("Amt/InstdAmt", amount, Ccy="EUR") if amount else ""
        payment = (
            element("Refs/EndToEndId", "PAY-1")
            + element("Refs/TxId", "T-1")
            + money
            + element("ReqdExctnDt/Dt", "2026-11-05")
            + element("Dbtr/Nm", "Gartenbau Nord")
            + element("DbtrAcct/Id/IBAN", "DE89370400440532013000")
            + more
        )
        return element("RmtInf", "".join(parts) + element("OrgnlPmtInf", payment))

    return write


@pytest.fixture
def advices(wrapped, advise, element):
    """Read an advice of these remittances; return the payments and the codes of the problems."""

    def run(*parts):
        header = element("InitgPty/Nm", "Zahlbüro Nord")
        collected = advise("remt001", wrapped(ADVICE, *parts, header=header))
        found = [row for row in collected.rows if isinstance(row, PaymentAdvice)]
        return found, [problem.code for problem in collected.report.problems]

    return run


class TestRemt001(AdviceReaderTests):
    """The checks that every advice reader passes, on messages of our own."""

    @pytest.fixture
    def spec(self):
        return next(one for one in receivables_advice_readers() if one.name == "remt001")

    @pytest.fixture
    def samples(self, wrapped, remittance, document):
        two = document(RmtdAmt="60.00"), document("INV-2", RmtdAmt="40.00")
        return [
            AdviceSample(
                name="two.xml",
                content=wrapped(
                    ADVICE,
                    remittance(*two),
                    remittance(amount="5.00"),
                    message="remt.001.001.05",
                ),
                expected=ExpectedAdvices(
                    advices=2, sums=[("MSG-1", 105_00)], kinds={AdviceKind.REMITTANCE}
                ),
            ),
            AdviceSample(
                name="other-sum.xml",
                content=wrapped(ADVICE, remittance(*two, amount="99.00")),
                expected=ExpectedAdvices(
                    advices=1,
                    sums=[("MSG-1", 99_00)],
                    problems=frozenset({"remt001.documents-differ"}),
                ),
            ),
        ]


def test_a_remittance(advices, remittance, document, element):
    """A remittance names its payment, its payer and each document with its date and its amounts."""
    written = document(
        date=element("RltdDt/Dt", "2026-09-30"),
        DuePyblAmt="110.00",
        RmtdAmt="100.00",
        adjustments=element("DscntApldAmt/Amt", "2.20", Ccy="EUR")
        + element(
            "AdjstmntAmtAndRsn",
            element("Amt", "7.80", Ccy="EUR")
            + element("CdtDbtInd", "DBIT")
            + element("Rsn", "DMGD")
            + element("AddtlInf", "two broken pots"),
        ),
    )
    (advice,), problems = advices(remittance(written))

    assert problems == []
    assert ("MSG-1", 100_00, "EUR", dt.date(2026, 11, 5)) == (
        advice.batch,
        advice.amount_minor,
        advice.currency,
        advice.date,
    )
    assert ("Gartenbau Nord", "PAY-1") == (advice.payer.name, advice.remittance.end_to_end)
    assert (("TxId", "T-1"),) == advice.references
    assert (
        ReferredDocument(
            number="INV-1",
            kind="CINV",
            amount_minor=100_00,
            gross_minor=110_00,
            discount_minor=2_20,
            adjustment_minor=7_80,
            adjustment_reason="DMGD two broken pots",
            date=dt.date(2026, 9, 30),
        ),
    ) == advice.remittance.documents


def test_adjustment_that_adds(advices, remittance, document, element):
    """An adjustment in our favour is below zero, because it takes nothing off."""
    more = element("Amt", "5.00", Ccy="EUR") + element("CdtDbtInd", "CRDT")
    written = document(
        DuePyblAmt="95.00", RmtdAmt="100.00", adjustments=element("AdjstmntAmtAndRsn", more)
    )
    (advice,), _ = advices(remittance(written))

    assert advice.remittance.documents[0].adjustment_minor == -5_00


def test_several_discounts_and_adjustments(advices, remittance, document, element):
    """Discounts and adjustments that are repeated are added up."""
    each = element("DscntApldAmt", "1.00", Ccy="EUR") + element(
        "AdjstmntAmtAndRsn", element("Amt", "2.00", Ccy="EUR") + element("Rsn", "A")
    )
    (advice,), _ = advices(remittance(document(RmtdAmt="100.00", adjustments=each * 2)))
    found = advice.remittance.documents[0]

    assert (2_00, 4_00, "A A") == (
        found.discount_minor,
        found.adjustment_minor,
        found.adjustment_reason,
    )


def test_credit_notes_take_off(advices, remittance, document):
    """A credit note is a document of its own, and takes off what it is for."""
    written = (
        document(RmtdAmt="120.00"),
        document("CN-1", kind="CREN", CdtNoteAmt="20.00"),
    )
    (advice,), problems = advices(remittance(*written, amount=""))

    assert problems == []
    assert (100_00, [120_00, 20_00]) == (
        advice.amount_minor,
        [one.amount_minor for one in advice.remittance.documents],
    )


def test_credit_note_beside_an_invoice(advices, remittance, document):
    """A credit note among the amounts of an invoice is taken off that invoice."""
    written = document(DuePyblAmt="120.00", CdtNoteAmt="20.00", RmtdAmt="100.00")
    (advice,), _ = advices(remittance(written))
    found = advice.remittance.documents[0]

    assert (120_00, 20_00, "CREN", 100_00) == (
        found.gross_minor,
        found.adjustment_minor,
        found.adjustment_reason,
        found.amount_minor,
    )


METHODS = {
    "a cheque": ("<Refs><ChqNb>77</ChqNb></Refs>", ReceiptMethod.CHEQUE),
    "a direct debit": ("<Refs><MndtId>M</MndtId></Refs>", ReceiptMethod.DIRECT_DEBIT),
    "nothing": ("", ReceiptMethod.UNSAID),
}


@pytest.mark.parametrize("name", METHODS)
def test_method(name, advices, remittance):
    """How it was paid, as far as the references of the payment tell."""
    more, method = METHODS[name]
    (advice,), _ = advices(remittance(more=more))

    assert method is advice.method


def test_originator_stands_for_the_debtor(advices, element):
    """Where the payment names no debtor, who sent the advice is taken for the payer."""
    written = element("RmtInf", element("Ustrd", "INV-1 INV-2"))
    (advice,), _ = advices(written)

    assert ("Zahlbüro Nord", ("INV-1 INV-2",), 0, "") == (
        advice.payer.name,
        advice.remittance.text,
        advice.amount_minor,
        advice.currency,
    )


def test_documents_in_two_currencies(advices, remittance, document):
    """Without an amount of its own a payment of documents in two currencies is refused."""
    two = document(RmtdAmt="1.00"), document(RmtdAmt="1.00", currency="USD")
    found, problems = advices(remittance(*two, amount=""))

    assert ([], ["remt001.currency-differs", "file.empty"]) == (found, problems)


def test_date_of_a_document_that_is_none(advices, remittance, document, element):
    """A document whose date cannot be read is kept without it."""
    written = document(date=element("RltdDt", "31.09.2026"), RmtdAmt="100.00")
    (advice,), problems = advices(remittance(written))

    assert ["date.invalid"] == problems
    assert advice.remittance.documents[0].date is None
