"""What the records of 240 characters say, by their operation code."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts import AdviceKind, Payer, ReceiptMethod
from receivables.receipts.advices import PaymentAdvice
from receivables.receipts.model import ReturnInfo

US = "300060000112345678901"
THEM = "200410100512345678901"
OUR_IBAN = "FR7630006000011234567890189"
DEBTOR = Payer(name="DURAND SARL", account="FR7620041010051234567890178")


@pytest.fixture
def only(file, header, total, read_240):
    """The only advice of a file."""

    def make(record, *, sum_minor=12_34):
        code = record[8:10]
        collected = read_240(file(header(code=code), record, total(sum_minor, code=code)))
        assert collected.report.complete, collected.report.problems
        return collected.rows[0]

    return make


def test_rejected_debit(only, advice):
    """A debit that came back says why, of whom and when; its label is what it was for."""
    found = only(advice(at_153="FACTURE 117", at_215="151026", at_227="04"))

    assert (AdviceKind.RETURN, 12_34, "EUR") == (found.kind, found.amount_minor, found.currency)
    assert (dt.date(2026, 10, 30), OUR_IBAN) == (found.date, found.account)
    assert DEBTOR == found.payer
    assert ("FACTURE 117",) == found.remittance.text
    assert (ReturnInfo(code="04"), "cfonb") == (found.returned, found.return_scheme)
    assert ReceiptMethod.DIRECT_DEBIT is found.method
    assert ("original-date", "2026-10-15") in found.references


def test_refused_before_its_day(only, advice):
    """A debit that was refused before its own day was never booked."""
    assert AdviceKind.REJECTION is only(advice(date="101026", at_215="151026")).kind


def test_unpaid_bill(only, advice):
    """An unpaid bill has our reference, its due day and the reason."""
    found = only(advice(code="61", at_139="LCR 117", at_213="151026", at_227="20"))

    assert (AdviceKind.RETURN, ReceiptMethod.BILL_OF_EXCHANGE) == (found.kind, found.method)
    assert ("LCR 117",) == found.remittance.text
    assert ReturnInfo(code="20") == found.returned


def test_bill_to_pay(only, advice):
    """A bill drawn on us is money of ours: negative, on its due day, with its drawer."""
    found = only(
        advice(
            code="60",
            first=(THEM, "DURAND SARL"),
            second=(US, "MIRABELLE"),
            at_67="151126",
            at_123="EFF00017",
            at_163="FA2026-117",
            at_227="02",
        )
    )

    assert (AdviceKind.STATUS, -12_34) == (found.kind, found.amount_minor)
    assert (dt.date(2026, 11, 15), DEBTOR) == (found.date, found.payer)
    assert ("FA2026-117",) == found.remittance.text
    assert {("bill", "EFF00017"), ("fate", "02")} <= set(found.references)
    assert found.returned is None


def test_orders_back(only, advice):
    """Of a payment order what was not paid is the amount; one without reason went through."""
    failed = only(advice(code="62", at_189="73", at_191="000000001000", at_204="EFF00017"))
    paid = only(advice(code="62", at_204="EFF00017"))

    assert (AdviceKind.REJECTION, 10_00) == (failed.kind, failed.amount_minor)
    assert ("initial-amount", "1234") in failed.references
    assert (AdviceKind.STATUS, 12_34) == (paid.kind, paid.amount_minor)


@pytest.mark.parametrize("code", ["20", "  "])
def test_transfer(code, only, advice):
    """A transfer that came in names its payer, who stands first, and what it pays."""
    first, second = (THEM, "DURAND SARL"), (US, "MIRABELLE")
    found = only(advice(code=code, first=first, second=second, at_129="F2026-117"))

    assert (AdviceKind.REMITTANCE, 12_34) == (found.kind, found.amount_minor)
    assert (DEBTOR, OUR_IBAN) == (found.payer, found.account)
    assert ("F2026-117",) == found.remittance.text


def test_transfer_that_came_back(only, advice):
    """A transfer that names an initial operation is one of ours that came back."""
    first, second = (THEM, "DURAND SARL"), (US, "MIRABELLE")
    found = only(advice(code="20", first=first, second=second, at_217="151026", at_223="OP0017"))

    assert (AdviceKind.RETURN, -12_34) == (found.kind, found.amount_minor)
    assert ("initial-operation", "OP0017") in found.references


def test_account_of_the_header_is_ours(only, advice):
    """Whichever party comes first, the account of the header is ours."""
    found = only(advice(first=(THEM, "DURAND SARL"), second=(US, "MIRABELLE")))

    assert (DEBTOR, OUR_IBAN) == (found.payer, found.account)


def test_raw_and_place(only, advice):
    """The record is kept as it stood, with its line."""
    record = advice()
    found = only(record)

    assert record == found.raw
    assert "rejects.txt:2" == str(found.source)


def test_totals(file, header, advice, total, read_240):
    """The batch has what 39 declares, and what its records add up to."""
    batch = read_240(file(header(), advice(), total(12_34))).rows[-1]

    assert ("2026-10-31/81", 12_34, 12_34, 0) == (
        batch.batch,
        batch.declared_minor,
        batch.compared_minor,
        batch.difference_minor,
    )


def test_subtotals(file, header, advice, total, read_240, codes):
    """Each record 36 sums up the records since the one before."""
    records = [
        header(code="60"),
        advice(10_00, code="60"),
        total(10_00, kind="36", number=3),
        advice(5_00, code="60", number=4),
        total(6_00, kind="36", number=5),
        total(15_00, number=6),
    ]
    collected = read_240(file(*records))

    assert ["cfonb240.total-differs"] == codes(collected)
    assert 5 == collected.report.problems[0].place.line


REFUSED = {
    "unknown operation": ({"code": "99"}, "cfonb240.operation-unknown"),
    "francs": ({"currency": "F"}, "currency.unknown"),
    "no currency": ({"currency": " "}, "currency.missing"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_record(reason, file, header, advice, total, read_240, codes):
    """A record that cannot be taken is an error, and counts in the control all the same."""
    changed, code = REFUSED[reason]
    collected = read_240(
        file(header(), advice(**changed), advice(1_00, number=3), total(13_34, number=4))
    )

    assert [code] == codes(collected)
    assert [1_00] == [row.amount_minor for row in collected.rows if isinstance(row, PaymentAdvice)]


def test_unreadable_amount(file, header, advice, total, read_240, codes):
    """An amount that is no number is an error, and so is the total that it spoils."""
    collected = read_240(file(header(), advice(at_229="00000000X234"), total(12_34)))

    assert ["amount.invalid", "cfonb240.total-differs"] == codes(collected)


def test_order(file, advice, total, header, read_240, codes):
    """Records without a header are kept, and an end without one is an error."""
    collected = read_240(file(advice(), header(), advice(), total(12_34), total(12_34)))

    assert 2 == sum(isinstance(row, PaymentAdvice) for row in collected.rows)
    assert 3 == codes(collected).count("cfonb240.record-order")


def test_numbers(file, header, advice, total, read_240, codes):
    """A number that is left out is a warning: the total is the proof."""
    collected = read_240(file(header(), advice(number=7), total(12_34, number=8)))

    assert ["cfonb240.number-differs"] == codes(collected)
    assert collected.report.complete


def test_cut_file(file, header, advice, read_240, codes):
    """A file without its total is truncated, and its batch proves nothing."""
    collected = read_240(file(header(), advice()))

    assert ["file.truncated"] == codes(collected)
    assert collected.rows[-1].difference_minor is None


def test_unreadable_total(file, header, advice, total, read_240, codes):
    """A total that is no number is an error, and the batch comes without it."""
    collected = read_240(file(header(), advice(), total(12_34)[:-3] + "X34"))

    assert ["amount.invalid"] == codes(collected)
    assert collected.rows[-1].declared_minor is None
