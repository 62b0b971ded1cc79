"""What the reader ``x12`` makes of an 823."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts import AdviceBatch, AdviceKind, ReceiptMethod


@pytest.fixture
def lockbox_file(interchange, lockbox):
    return lambda **false: interchange(lockbox(**false), group="LB")


def test_cheques_are_deposit_advices(read, lockbox_file):
    """Each cheque has its amount, its number, its payer, the deposit and what it pays."""
    first = read(lockbox_file()).rows[0]

    assert (AdviceKind.DEPOSIT, 60_00, ReceiptMethod.CHEQUE) == (
        first.kind,
        first.amount_minor,
        first.method,
    )
    assert ("NORTHWIND FOODS", "778899") == (first.payer.name, first.payer.account)
    assert ("123456789", dt.date(2026, 10, 31)) == (first.account, first.date)
    assert ["2001"] == [one.number for one in first.remittance.documents]
    assert {"cheque": "1001", "lockbox": "LB-9", "deposit": "D-5"}.items() <= (
        dict(first.references).items()
    )


def test_batches_declare_their_totals(read, lockbox_file):
    """The total and the number of cheques of a batch are compared with what came."""
    batches = [one for one in read(lockbox_file()).rows if isinstance(one, AdviceBatch)]

    assert [(2, 0, 0), (1, None, None)] == [
        (one.advices, one.difference_minor, one.difference_count) for one in batches
    ]


@pytest.mark.parametrize(
    ("false", "code"),
    [
        ({"deposit": "151"}, "x12.total-differs"),
        ({"batch": "99"}, "x12.total-differs"),
        ({"cheques": "3"}, "x12.count-differs"),
        ({"batches": "3"}, "x12.count-differs"),
        ({"deposit": "abc"}, "amount.invalid"),
    ],
)
def test_what_does_not_add_up_is_an_error(read, lockbox_file, false, code):
    """Deposits and batches are proved, and never repaired."""
    collected = read(lockbox_file(**false))

    assert {code} == {one.code for one in collected.report.problems}
    assert not collected.report.complete


def test_a_deposit_without_batches_is_one(read, interchange, segment_set):
    """Where there is no BAT the deposit is the batch."""
    body = ("DEP*LB-9*20261031**D-5", "AMT*3*40", "QTY*42*1", "BPR*C*40", "RMR*IV*1**39")
    collected = read(interchange(segment_set(*body, type_="823"), group="LB"))

    assert ["entry.details-differ"] == [one.code for one in collected.report.problems]
    assert ("000000077/5/0001/D-5", 0, 0) == (
        collected.rows[1].batch,
        collected.rows[1].difference_minor,
        collected.rows[1].difference_count,
    )


def test_payments_before_the_first_batch_are_not_lost(read, interchange, segment_set):
    """A cheque above the first BAT belongs to the deposit itself."""
    body = ("DEP*LB-9*20261031**D-5", "AMT*3*70", "BPR*C*40", "BAT***B1", "BPR*C*30")
    collected = read(interchange(segment_set(*body, type_="823"), group="LB"))

    assert () == collected.report.problems
    assert [("000000077/5/0001/D-5", 1), ("000000077/5/0001/D-5/B1", 1)] == [
        (one.batch, one.advices) for one in collected.rows if isinstance(one, AdviceBatch)
    ]
