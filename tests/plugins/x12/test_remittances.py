"""What the reader ``x12`` makes of an 820."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.receipts import AdviceKind, Payer, ReceiptMethod
from receivables_plugins.x12 import receivables_advice_readers


def _codes(collected):
    return {one.code for one in collected.report.problems}


def test_a_payment_says_who_paid_what(read, interchange, remittance):
    """Amount, day, payer, both accounts and the trace come from BPR, TRN and N1."""
    advice = read(interchange(remittance())).rows[0]

    assert (AdviceKind.REMITTANCE, 4502_65, "USD", dt.date(2026, 11, 1)) == (
        advice.kind,
        advice.amount_minor,
        advice.currency,
        advice.date,
    )
    assert Payer(name="NORTHWIND FOODS", account="778899") == advice.payer
    assert ("123456789", "T-4711") == (advice.account, advice.remittance.end_to_end)
    assert ReceiptMethod.CREDIT_TRANSFER is advice.method
    assert {"trace": "T-4711", "routing": "031300012", "IA": "446963", "PO": "P-1016"}.items() <= (
        dict(advice.references).items()
    )


def test_open_items_have_what_is_paid_and_what_is_taken_off(read, interchange, remittance):
    """Gross less discount less adjustment is what is paid; the reason is that of the payer."""
    first, second, note = read(interchange(remittance())).rows[0].remittance.documents

    assert first.gross_minor - first.discount_minor - first.adjustment_minor == first.amount_minor
    assert ("26801", "CINV", "59", dt.date(2026, 9, 4)) == (
        first.number,
        first.kind,
        first.adjustment_reason,
        first.date,
    )
    assert ("26927", 113_90, None) == (second.number, second.amount_minor, second.gross_minor)
    assert ("G-12", "CREN", 20_00) == (note.number, note.kind, note.amount_minor)


def test_an_adjustment_of_the_payment_is_a_document(read, interchange, segment_set):
    """An ADX outside of an item counts in the total, as a credit note or a deduction."""
    body = (
        "BPR*C*70*C*CHK",
        "TRN*1*77",
        "ENT*1",
        "ADX*-20*01*CM*G-9",
        "ADX*-10*L5",
        "RMR*IV*1**100",
    )
    collected = read(interchange(segment_set(*body)))
    note, deduction, _ = collected.rows[0].remittance.documents

    assert () == collected.report.problems
    assert ("G-9", "CREN", 20_00) == (note.number, note.kind, note.amount_minor)
    assert (10_00, "L5") == (deduction.adjustment_minor, deduction.adjustment_reason)
    assert ("cheque", "77") == collected.rows[0].references[0]


def test_an_item_of_a_negative_amount_is_a_credit_note(read, interchange, segment_set):
    """Payers write credit notes as invoices below zero."""
    body = ("BPR*C*70*C*CHK", "RMR*IV*1**100", "RMR*IV*2**-30")
    document = read(interchange(segment_set(*body))).rows[0].remittance.documents[1]

    assert ("CREN", 30_00) == (document.kind, document.amount_minor)


def test_items_without_amounts_prove_nothing(read, interchange, segment_set):
    """Where no item says what is paid there is nothing to compare."""
    collected = read(interchange(segment_set("BPR*C*70*C*FWT", "RMR*IV*1", "NTE**FOR OCTOBER")))

    assert () == collected.report.problems
    assert None is collected.rows[1].difference_minor
    assert ("FOR OCTOBER",) == collected.rows[0].remittance.text


def test_currency_comes_from_the_file_or_from_the_settings(read, interchange, segment_set):
    """CUR says the currency, with its own decimals; the settings say what is left unsaid."""
    yen = interchange(segment_set("BPR*C*1500*C*FWT", "CUR*PR*JPY", "RMR*IV*1**1500"))
    (spec,) = receivables_advice_readers()

    assert ("JPY", 1500) == (read(yen).rows[0].currency, read(yen).rows[0].amount_minor)
    with pytest.raises(PolicyError):
        spec.build({"currency": "XXX-"})


def test_a_debit_is_a_collection(read, interchange, segment_set):
    """BPR03 says which way the money goes."""
    advice = read(interchange(segment_set("BPR*C*70*D*ACH", "RMR*IV*1**70"))).rows[0]

    assert (AdviceKind.COLLECTION, ReceiptMethod.DIRECT_DEBIT) == (advice.kind, advice.method)


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "\r\n", "\\", "'", "^"])
def test_any_terminator_is_read(read, interchange, remittance, end):
    """The segment terminator comes from the ISA, whatever it is."""
    expected = read(interchange(remittance())).rows[0].remittance
    collected = read(interchange(remittance(), end=end))

    assert () == collected.report.problems
    assert expected == collected.rows[0].remittance


def test_elements_may_be_parted_by_another_mark(read, interchange, remittance):
    """The element separator comes from the ISA, and each interchange has its own."""
    first = interchange(remittance())
    second = interchange(remittance(), end="!").replace(b"*", b"|")
    collected = read(first + second)

    assert () == collected.report.problems
    assert collected.rows[0].remittance == collected.rows[2].remittance


def test_segments_that_were_wrapped_are_read(read, interchange, remittance):
    """Line ends every 80 characters belong to no element."""
    text = interchange(remittance(), end="~").decode()
    wrapped = "\n".join(text[start : start + 80] for start in range(0, len(text), 80))
    collected = read(wrapped.encode())

    assert () == collected.report.problems
    assert read(text.encode()).rows[0].remittance == collected.rows[0].remittance


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda text: text.replace("SE*14", "SE*13"), {"x12.count-differs"}),
        (lambda text: text.replace("GE*1*5", "GE*2*5"), {"x12.count-differs"}),
        (lambda text: text.replace("IEA*1", "IEA*3"), {"x12.count-differs"}),
        (lambda text: text.replace("SE*14*0001", "SE*14*0002"), {"x12.control-differs"}),
        (lambda text: text.replace("GE*1*5~\n", ""), {"file.truncated"}),
        (lambda text: text.replace("IEA*1*000000077~\n", ""), {"file.truncated"}),
        (lambda text: text.replace("SE*14*0001~\n", ""), {"file.truncated"}),
        (lambda text: text + "SE*1*9~", {"x12.control-differs"}),
        (lambda text: text.replace("4502.65", "4502,65"), {"amount.invalid"}),
        (lambda text: text.replace("4502.65", "9" * 40), {"amount.limit"}),
        (
            lambda text: text.replace("*113.9~", "*113.901~"),
            {"amount.inexact", "x12.total-differs"},
        ),
        (lambda text: text.replace("20260904", "20260931"), {"date.invalid"}),
        (lambda text: text.replace("20261101", "2026"), {"date.invalid"}),
        (lambda text: text.replace("*97.9", "*97.9O"), {"amount.invalid"}),
        (
            lambda text: text.replace("ENT*1", "CUR*PR*EURO"),
            {"currency.unknown"},
        ),
        (lambda text: text.replace("TRN*1", "BPT*1"), set()),
    ],
)
def test_damage_is_said(read, interchange, remittance, change, codes):
    """Each kind of damage has its code."""
    collected = read(change(interchange(remittance()).decode()).encode())

    assert codes == _codes(collected)
    assert collected.report.complete is not bool(codes)


def test_other_sets_are_passed_over_with_a_warning(read, interchange, segment_set, remittance):
    """An acknowledgment between remittances is no remittance, and is counted all the same."""
    other = segment_set("AK1*RA*5", type_="997", number="0009")
    collected = read(interchange(other, remittance()))

    assert {"x12.set-unknown"} == _codes(collected)
    assert (2, True) == (len(collected.rows), collected.report.complete)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (["RMR*IV*1**5"], {"x12.payment-missing", "file.empty"}),
        (["BPR*C*5*C*CHK", "RMR*IV*1**5", "CUR*PR*EUR"], {"x12.currency-late"}),
    ],
)
def test_segments_out_of_place_are_errors(read, interchange, segment_set, body, codes):
    """An open item needs its payment, and amounts their currency."""
    assert codes == _codes(read(interchange(segment_set(*body))))
