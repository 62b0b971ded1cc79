"""Where payments stand: what a bank rejects, at whatever level it says so."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts import ReceiptMethod
from receivables.receipts.advices import AdviceKind, PaymentAdvice
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.iso20022 import receivables_advice_readers

REPORT = "CstmrPmtStsRpt"


@pytest.fixture(scope="module")
def reason(element):
    """Write the reason of a status."""

    def write(code, *texts):
        words = "".join(element("AddtlInf", text) for text in texts)
        return element("StsRsnInf", element("Rsn/Cd", code) + words)

    return write


@pytest.fixture(scope="module")
def transaction(element):
    """Write where a transaction of 10.00 stands."""

    def write(status="RJCT", *, end_to_end="INV-1", amount="10.00", more="", reference=""):
        original = (
            (element("Amt/InstdAmt", amount, Ccy="EUR") if amount else "")
            + element("ReqdColltnDt", "2026-11-05")
            + element("MndtRltdInf/MndtId", "M-7")
            + element("Dbtr/Nm", "Gartenbau Nord")
            + element("DbtrAcct/Id/IBAN", "DE89370400440532013000")
            + reference
        )
        return element(
            "TxInfAndSts",
            element("StsId", "S-1")
            + element("OrgnlEndToEndId", end_to_end)
            + (element("TxSts", status) if status else "")
            + more
            + element("OrgnlTxRef", original),
        )

    return write


@pytest.fixture(scope="module")
def whole(element):
    """Write where the message stands that was sent."""

    def write(status="", *, more="", about="pain.008.001.08", count="", total=""):
        return element(
            "OrgnlGrpInfAndSts",
            element("OrgnlMsgId", "SENT-1")
            + element("OrgnlMsgNmId", about)
            + (element("OrgnlNbOfTxs", count) if count else "")
            + (element("OrgnlCtrlSum", total) if total else "")
            + (element("GrpSts", status) if status else "")
            + more,
        )

    return write


@pytest.fixture(scope="module")
def payment(element):
    """Write where a payment stands."""

    def write(*transactions, status="", more="", count="", total="", name="P-1"):
        return element(
            "OrgnlPmtInfAndSts",
            element("OrgnlPmtInfId", name)
            + (element("OrgnlNbOfTxs", count) if count else "")
            + (element("OrgnlCtrlSum", total) if total else "")
            + (element("PmtInfSts", status) if status else "")
            + more
            + "".join(transactions),
        )

    return write


class TestPain002(AdviceReaderTests):
    """The checks that every advice reader passes, on messages of our own."""

    @pytest.fixture
    def spec(self):
        return next(one for one in receivables_advice_readers() if one.name == "pain002")

    @pytest.fixture
    def samples(self, wrapped, whole, payment, transaction, reason, element):
        document = element("RfrdDocInf/Nb", "INV-1") + element(
            "RfrdDocAmt/RmtdAmt", "10.00", Ccy="EUR"
        )
        rejected = transaction(more=reason("AM04"), reference=element("RmtInf/Strd", document))
        rest = payment(rejected, status="RJCT", count="3", total="30.00", more=reason("FF01"))
        return [
            AdviceSample(
                name="two.xml",
                content=wrapped(
                    REPORT,
                    whole("PART"),
                    payment(rejected, transaction("ACCP", end_to_end="INV-2")),
                ),
                expected=ExpectedAdvices(
                    advices=2,
                    sums=[("P-1", 20_00)],
                    kinds={AdviceKind.REJECTION, AdviceKind.STATUS},
                ),
            ),
            AdviceSample(
                name="rest.xml",
                content=wrapped(REPORT, whole(), rest),
                expected=ExpectedAdvices(advices=2, sums=[("P-1", 30_00)]),
            ),
        ]


@pytest.fixture
def advices(wrapped, advise):
    """Read a report of these parts, and return its advices; it must be complete."""

    def run(*parts, **settings):
        collected = advise("pain002", wrapped(REPORT, *parts), **settings)
        assert collected.report.complete
        return [row for row in collected.rows if isinstance(row, PaymentAdvice)]

    return run


def test_a_rejection(advices, whole, payment, transaction, reason):
    """A rejection names the collection, and why it was refused."""
    written = transaction(more=reason("AM04", "Konto nicht", "gedeckt"))
    (advice,) = advices(whole(), payment(written))

    assert AdviceKind.REJECTION is advice.kind
    assert ("P-1", 10_00, "EUR", dt.date(2026, 11, 5)) == (
        advice.batch,
        advice.amount_minor,
        advice.currency,
        advice.date,
    )
    assert ("AM04", "Konto nicht gedeckt") == (advice.returned.code, advice.returned.text)
    assert advice.return_scheme == "iso20022"
    assert advice.remittance.end_to_end == "INV-1"
    assert (
        ("StsId", "S-1"),
        ("MndtId", "M-7"),
        ("TxSts", "RJCT"),
        ("PmtInfId", "P-1"),
        ("MsgId", "SENT-1"),
    ) == advice.references
    assert ReceiptMethod.DIRECT_DEBIT is advice.method


@pytest.mark.parametrize("status", ["ACTC", "ACCP", "ACSP", "ACSC", "ACWC", "PDNG", "RCVD", "CANC"])
def test_a_status(status, advices, whole, payment, transaction):
    """What is not rejected has not failed, whatever the status is called."""
    (advice,) = advices(whole(), payment(transaction(status)))

    assert AdviceKind.STATUS is advice.kind
    assert advice.returned is None
    assert ("TxSts", status) in advice.references


def test_group_status_is_that_of_every_transaction(advices, whole, payment, transaction, reason):
    """A message that is rejected rejects each transaction that has no status of its own."""
    group = whole("RJCT", more=reason("FF01"))
    found = advices(group, payment(transaction(""), transaction("", end_to_end="INV-2")))

    assert [(AdviceKind.REJECTION, "FF01")] * 2 == [(one.kind, one.returned.code) for one in found]


def test_lowest_reason_is_taken(advices, whole, payment, transaction, reason):
    """The reason of a transaction goes before that of its payment, and that before the message's."""
    group = whole("RJCT", more=reason("FF01"))
    written = payment(
        transaction(more=reason("AM04")), transaction(""), status="RJCT", more=reason("MD01")
    )
    found = advices(group, written)

    assert ["AM04", "MD01"] == [one.returned.code for one in found]


def test_a_message_rejected_as_a_whole(advices, whole, reason):
    """A rejected message that names no transactions is one rejection of the declared sum."""
    group = whole("RJCT", more=reason("AM05"), count="3", total="1234.50")
    (advice,) = advices(group, currency="EUR")

    assert AdviceKind.REJECTION is advice.kind
    assert ("SENT-1", 1234_50, "EUR", "AM05") == (
        advice.batch,
        advice.amount_minor,
        advice.currency,
        advice.returned.code,
    )
    assert {("NbOfTxs", "3"), ("OrgnlCtrlSum", "1234.50"), ("MsgId", "SENT-1")} <= {
        *advice.references
    }
    assert advice.raw.startswith("<OrgnlGrpInfAndSts>")


def test_a_total_without_a_currency(wrapped, whole, reason, advise):
    """A total in no currency is kept as text, and its amount is not guessed."""
    content = wrapped(REPORT, whole("RJCT", more=reason("AM05"), total="1234.50"))
    collected = advise("pain002", content)
    advice = collected.rows[0]

    assert (0, "") == (advice.amount_minor, advice.currency)
    assert ("OrgnlCtrlSum", "1234.50") in advice.references
    assert ["currency.missing"] == [problem.code for problem in collected.report.problems]
    assert collected.report.complete


def test_a_payment_rejected_as_a_whole(advices, whole, payment, reason):
    """A rejected payment that names no transactions is one rejection, beside those of others."""
    found = advices(
        whole("PART"),
        payment(status="RJCT", more=reason("AC04"), count="2", total="30.00"),
        payment(status="ACCP", name="P-2", count="1", total="5.00"),
        currency="EUR",
    )

    assert [("P-1", AdviceKind.REJECTION, 30_00), ("P-2", AdviceKind.STATUS, 5_00)] == [
        (one.batch, one.kind, one.amount_minor) for one in found
    ]


def test_the_rest_of_a_rejected_payment(advices, whole, payment, transaction, reason):
    """What a rejected payment counts and does not name is one rejection more."""
    written = payment(
        transaction(more=reason("AM04")),
        status="RJCT",
        more=reason("FF01"),
        count="3",
        total="35.00",
    )
    named, rest = advices(whole(), written)

    assert (10_00, 25_00) == (named.amount_minor, rest.amount_minor)
    assert rest.returned.code == "FF01"
    assert ("NbOfTxs", "2") in rest.references
    assert rest.raw.startswith("<OrgnlPmtInfAndSts>")


def test_the_rest_of_a_rejected_message(advices, whole, payment, transaction, reason):
    """What a rejected message counts and its payments do not is one rejection more."""
    group = whole("RJCT", more=reason("FF01"), count="5", total="50.00")
    named, of_payment, rest = advices(group, payment(transaction(""), count="2", total="25.00"))

    assert (10_00, 15_00, 25_00) == tuple(one.amount_minor for one in (named, of_payment, rest))
    assert ("SENT-1", ("NbOfTxs", "3")) == (rest.batch, rest.references[-2])


def test_named_more_than_declared(wrapped, whole, payment, transaction, advise):
    """Transactions of more than the declared sum are an error."""
    written = payment(transaction(), status="RJCT", count="2", total="5.00")
    codes = [one.code for one in advise("pain002", wrapped(REPORT, whole(), written)).report.errors]

    assert codes == ["pain002.sum-differs"]


@pytest.mark.parametrize(("declared", "problems"), [("1", 0), ("2", 1), ("0", 1), ("x", 1)])
def test_rejected_are_counted(
    declared, problems, wrapped, whole, payment, transaction, element, advise
):
    """Where a bank counts what it rejected, all of that was read, or the read is not complete."""
    counted = element(
        "NbOfTxsPerSts", element("DtldNbOfTxs", declared) + element("DtldSts", "RJCT")
    )
    written = payment(transaction(), transaction("ACCP"), more=counted)
    report = advise("pain002", wrapped(REPORT, whole(), written)).report

    assert ["pain002.count-differs"] * problems == [problem.code for problem in report.errors]


def test_a_transfer_of_ours(advices, whole, payment, transaction, element):
    """A transfer that we ordered and that was refused is below zero, and its payee is named."""
    written = transaction(
        reference=element("Cdtr/Pty/Nm", "Ferme du Lac") + element("CdtrAcct/Id/IBAN", "CH93")
    )
    (advice,) = advices(whole(about="pain.001.001.09"), payment(written))

    assert (-10_00, "Ferme du Lac", "CH93", "DE89370400440532013000") == (
        advice.amount_minor,
        advice.payer.name,
        advice.payer.account,
        advice.account,
    )
    assert ReceiptMethod.CREDIT_TRANSFER is advice.method


def test_transactions_beside_the_group(wrapped, whole, transaction, element, advise):
    """In version .02 transactions stand beside the group, and reasons have another name."""
    why = element("StsRsnInf", element("StsRsn/Cd", "MD07") + element("AddtlStsRsnInf", "x"))
    content = wrapped(
        "pain.002.001.02", whole("PART"), transaction(more=why), message="pain.002.001.02"
    )
    advice = advise("pain002", content).rows[0]

    assert ("SENT-1", "MD07", "x") == (advice.batch, advice.returned.code, advice.returned.text)


def test_transaction_without_an_amount(advices, whole, payment, transaction):
    """A report need not say amounts: the reference tells which collection it is."""
    (advice,) = advices(whole(), payment(transaction(amount="")))

    assert (0, "", "INV-1") == (advice.amount_minor, advice.currency, advice.remittance.end_to_end)


def test_amount_that_cannot_be_read(wrapped, whole, payment, transaction, advise):
    """A transaction with a garbled amount is an error; the next one is read."""
    written = payment(transaction(amount="x"), transaction(end_to_end="INV-2"))
    collected = advise("pain002", wrapped(REPORT, whole(), written))
    (error,) = collected.report.errors

    assert (error.code, error.place.field) == (
        "amount.invalid",
        "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/Amt",
    )
    assert ["INV-2"] == [
        one.remittance.end_to_end for one in collected.rows if isinstance(one, PaymentAdvice)
    ]


def test_message_without_a_status(wrapped, advise):
    """A report that says nothing was lost on the way."""
    report = advise("pain002", wrapped(REPORT)).report

    assert ["file.empty"] == [problem.code for problem in report.problems]
