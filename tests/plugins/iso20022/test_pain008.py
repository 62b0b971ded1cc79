"""Collections that were sent: each with what a rejection or a return will name, all of them proved."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts import ReceiptMethod
from receivables.receipts.advices import AdviceBatch, AdviceKind, PaymentAdvice
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.iso20022 import receivables_advice_readers


@pytest.fixture(scope="module")
def collection(element):
    """Write a collection of 10.00 unless told otherwise."""

    def write(amount="10.00", *, currency="EUR", end_to_end="INV-1", more=""):
        return element(
            "DrctDbtTxInf",
            element("PmtId/EndToEndId", end_to_end)
            + element("InstdAmt", amount, Ccy=currency)
            + element("DrctDbtTx/MndtRltdInf/MndtId", "M-7")
            + element("Dbtr/Nm", "Gartenbau Nord")
            + element("DbtrAcct/Id/IBAN", "DE89 3704 0044 0532 0130 00")
            + more,
        )

    return write


@pytest.fixture(scope="module")
def payment(element):
    """Write a payment of several collections."""

    def write(*collections, name="P-1", controls=""):
        return element(
            "PmtInf",
            element("PmtInfId", name)
            + controls
            + element("ReqdColltnDt", "2026-11-05")
            + element("CdtrAcct/Id/IBAN", "FR7630006000011234567890189")
            + element("CdtrSchmeId/Id/PrvtId/Othr/Id", "FR72ZZZ123456")
            + "".join(collections),
        )

    return write


@pytest.fixture(scope="module")
def controls(element):
    """Write the number and the sum of transactions."""

    def write(count, total):
        return element("NbOfTxs", count) + element("CtrlSum", total)

    return write


@pytest.fixture(scope="module")
def structured(element):
    """Write what a document is due and what is taken off it."""
    document = element("Tp/CdOrPrtry/Cd", "CINV") + element("Nb", "INV-1")
    amounts = element("DuePyblAmt", "10.00", Ccy="EUR") + element("RmtdAmt", "10.00", Ccy="EUR")
    return element("RmtInf/Strd", element("RfrdDocInf", document) + element("RfrdDocAmt", amounts))


class TestPain008(AdviceReaderTests):
    """The checks that every advice reader passes, on messages of our own."""

    @pytest.fixture
    def spec(self):
        return next(one for one in receivables_advice_readers() if one.name == "pain008")

    @pytest.fixture
    def samples(self, wrapped, payment, collection, controls, structured):
        two = payment(
            collection(more=structured), collection("2.50"), controls=controls("2", "12.50")
        )
        return [
            AdviceSample(
                name="whole.xml",
                content=wrapped("CstmrDrctDbtInitn", two, header=controls("2", "12.50")),
                expected=ExpectedAdvices(
                    advices=2, sums=[("P-1", 12_50)], kinds={AdviceKind.COLLECTION}
                ),
            ),
            AdviceSample(
                name="one-is-missing.xml",
                content=wrapped("CstmrDrctDbtInitn", two, header=controls("3", "22.50")),
                expected=ExpectedAdvices(
                    advices=2,
                    sums=[("P-1", 12_50)],
                    problems=frozenset({"pain008.count-differs", "pain008.sum-differs"}),
                    complete=False,
                ),
            ),
        ]


def test_a_collection(wrapped, payment, collection, advise):
    """A collection has everything that comes back with its rejection or its return."""
    content = wrapped("CstmrDrctDbtInitn", payment(collection()))
    advice = advise("pain008", content).rows[0]

    assert AdviceKind.COLLECTION is advice.kind
    assert ("P-1", 1, 10_00, "EUR") == (
        advice.batch,
        advice.index,
        advice.amount_minor,
        advice.currency,
    )
    assert dt.date(2026, 11, 5) == advice.date
    assert ("Gartenbau Nord", "DE89370400440532013000") == (advice.payer.name, advice.payer.account)
    assert advice.remittance.end_to_end == "INV-1"
    assert (
        ("MndtId", "M-7"),
        ("CdtrSchmeId", "FR72ZZZ123456"),
        ("PmtInfId", "P-1"),
        ("MsgId", "MSG-1"),
    ) == advice.references
    assert advice.account == "FR7630006000011234567890189"
    assert ReceiptMethod.DIRECT_DEBIT is advice.method
    assert advice.raw.startswith("<DrctDbtTxInf><PmtId>")
    assert advice.raw.endswith("</DrctDbtTxInf>")


def test_many_collections_of_one_shape(wrapped, payment, collection, controls, advise):
    """A file of a thousand alike gives each its own texts, and all of them are proved."""
    written = [collection(f"{one}.00", end_to_end=f"INV-{one}") for one in range(1, 1001)]
    content = wrapped("CstmrDrctDbtInitn", payment(*written, controls=controls("1000", "500500")))
    collected = advise("pain008", content)
    *advices, batch = collected.rows

    assert collected.report.complete
    assert [f"INV-{one}" for one in range(1, 1001)] == [
        one.remittance.end_to_end for one in advices
    ]
    assert (1000, 500_500_00, 500_500_00) == (
        batch.declared_advices,
        batch.declared_minor,
        batch.credits_minor,
    )


CONTROLS = {
    "hold": (("2", "20.00"), ()),
    "are a number written otherwise": (("02", "20"), ()),
    "are too many": (("3", "20.00"), ("pain008.count-differs",)),
    "are too few": (("1", "20.00"), ("pain008.count-differs",)),
    "are no count": (("two", "20.00"), ("pain008.count-differs",)),
    "sum up to more": (("2", "20.01"), ("pain008.sum-differs",)),
    "are no sum": (("2", "EUR 20"), ("pain008.sum-differs",)),
    "are a sum of a tenth of a cent": (("2", "20.001"), ("pain008.sum-differs",)),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_of_a_payment(name, wrapped, payment, collection, controls, advise):
    """The count and the sum of a payment are those of its collections, or the read is not complete."""
    declared, problems = CONTROLS[name]
    written = payment(collection(), collection(), controls=controls(*declared))
    report = advise("pain008", wrapped("CstmrDrctDbtInitn", written)).report

    assert problems == tuple(problem.code for problem in report.problems)
    assert report.complete is not bool(problems)


def test_two_currencies(wrapped, payment, collection, controls, advise):
    """A payment in two currencies is two batches; its sum is of all amounts, whatever their currency."""
    written = payment(
        collection("10.00"), collection("500", currency="JPY"), controls=controls("2", "510.00")
    )
    collected = advise("pain008", wrapped("CstmrDrctDbtInitn", written))
    batches = [row for row in collected.rows if isinstance(row, AdviceBatch)]

    assert collected.report.complete
    assert [("P-1", "EUR", 10_00), ("P-1", "JPY", 500)] == [
        (one.batch, one.currency, one.credits_minor) for one in batches
    ]


REFUSED = {
    "no amount": ('<InstdAmt Ccy="EUR"></InstdAmt>', "amount.invalid"),
    "a comma": ('<InstdAmt Ccy="EUR">10,00</InstdAmt>', "amount.invalid"),
    "a minus": ('<InstdAmt Ccy="EUR">-10.00</InstdAmt>', "amount.sign"),
    "a tenth of a cent": ('<InstdAmt Ccy="EUR">10.001</InstdAmt>', "amount.inexact"),
    "too much": ('<InstdAmt Ccy="EUR">99999999999999</InstdAmt>', "amount.limit"),
    "no currency": ("<InstdAmt>10.00</InstdAmt>", "currency.missing"),
    "an unknown currency": ('<InstdAmt Ccy="XXZ">10.00</InstdAmt>', "currency.unknown"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_collection(name, wrapped, payment, collection, advise):
    """A collection whose amount cannot be read is left out with its line, and the next one is read."""
    amount, code = REFUSED[name]
    broken = collection().replace('<InstdAmt Ccy="EUR">10.00</InstdAmt>', amount)
    collected = advise("pain008", wrapped("CstmrDrctDbtInitn", payment(broken, collection())))
    (error,) = collected.report.errors

    assert (code, "CstmrDrctDbtInitn/PmtInf/DrctDbtTxInf/InstdAmt", 2) == (
        error.code,
        error.place.field,
        error.place.line,
    )
    assert [2] == [row.index for row in collected.rows if isinstance(row, PaymentAdvice)]


def test_no_payment(wrapped, advise):
    """A message without a payment was lost on the way."""
    report = advise("pain008", wrapped("CstmrDrctDbtInitn")).report

    assert ["file.empty"] == [problem.code for problem in report.problems]


def test_another_message(message, statement, entry, advise):
    """A bank statement is no message of collections."""
    report = advise("pain008", message(statement(entry()))).report

    assert ["file.format"] == [problem.code for problem in report.problems]
