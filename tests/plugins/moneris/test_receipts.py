"""Receipts of the older gateway: what is approved, and what batch totals say of it."""

from __future__ import annotations

import pytest

from receivables.errors import PolicyError
from receivables.receipts.payouts import MovementKind
from receivables_plugins import moneris
from receivables_plugins.moneris.receipts import is_approved

_DIRECT, RECEIPTS = moneris.receivables_payout_readers()
CARD = "4111111111111111"

_FIELDS = {
    "ReceiptId": "F-0042",
    "ReferenceNum": "660021730010010120",
    "ResponseCode": "027",
    "TransDate": "2026-10-05",
    "TransType": "00",
    "Complete": "true",
    "Message": "APPROVED",
    "TransAmount": "120.00",
    "CardType": "V",
    "TransID": "00012-0_11",
    "TimedOut": "false",
}


def _receipt(**changes):
    fields = {**_FIELDS, **changes}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<response><receipt>{inner}</receipt></response>"


def _totals(purchases="1", amount="12000"):
    return (
        "<response><receipt><ReceiptId>null</ReceiptId><BankTotals><ECR><term_id>66002173</term_id>"
        "<closed>true</closed><Card><CardType>V</CardType>"
        f"<Purchase><Count>{purchases}</Count><Amount>{amount}</Amount></Purchase>"
        "</Card></ECR></BankTotals></receipt></response>"
    )


def _file(*parts):
    return "<responses>" + "".join(parts) + "</responses>"


def _codes(read):
    return [one.code for one in read.report.problems]


_APPROVALS = [
    ("true", "false", "000", True),
    ("true", "false", "49", True),
    ("TRUE", "False", "027", True),
    ("true", "false", "050", False),
    ("true", "false", "481", False),
    ("false", "false", "027", False),
    ("true", "true", "027", False),
    ("null", "null", "027", False),
    ("true", "false", "-1", False),
    ("true", "false", "2x", False),
    ("true", "false", "null", None),
    ("null", "null", "", None),
]


@pytest.mark.parametrize(("complete", "timed_out", "code", "expected"), _APPROVALS)
def test_approved_is_complete_in_time_and_below_fifty(complete, timed_out, code, expected):
    """Everything else is declined, and the word null was never processed."""
    found = is_approved(complete=complete, timed_out=timed_out, response_code=code)

    assert found is expected


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"ResponseCode": "050"}, []),
        ({"ResponseCode": "null"}, []),
        ({"Complete": "false"}, []),
        ({"TransType": "01"}, []),
        ({"TimedOut": "true"}, ["moneris.timed-out"]),
        ({"ReceiptId": "Global Error Receipt"}, ["moneris.not-processed"]),
        ({"ReceiptId": "null", "Message": "Invalid store"}, ["moneris.not-processed"]),
        ({"TransType": "77"}, ["moneris.type-unknown"]),
        ({"TransAmount": "null"}, ["amount.invalid"]),
        ({"TransAmount": "1.234"}, ["amount.inexact"]),
        ({"TransAmount": "-120.00"}, ["amount.sign"]),
        ({"TransAmount": CARD}, ["amount.invalid"]),
        ({"TransDate": CARD}, ["date.invalid"]),
        ({"TransDate": "null"}, ["date.invalid"]),
        ({"TransID": "", "ReferenceNum": ""}, ["receipt.missing"]),
        ({"TransID": CARD}, ["card.number"]),
    ],
)
def test_what_is_not_approved_or_not_right_gives_nothing(read_receipts, changes, codes):
    """No movement comes of it, and a doubt is told."""
    read = read_receipts(_file(_receipt(**changes)))

    assert (read.rows, _codes(read)) == ((), codes)
    assert CARD not in repr(read)


def test_a_void_takes_a_payment_back(read_receipts):
    """Its type is 11, and it is no refund."""
    [row] = read_receipts(_file(_receipt(TransType="11"))).rows

    assert (row.kind, row.gross_minor) == (MovementKind.FAILED, -12000)


def test_the_same_receipt_again_is_left_out(read_receipts):
    """A receipt that was kept twice moved money once; with another amount it is an error."""
    same = read_receipts(_file(_receipt(), _receipt()))
    other = read_receipts(_file(_receipt(), _receipt(TransAmount="1.00")))

    assert [len(same.rows), len(other.rows)] == [1, 1]
    assert _codes(same) == _codes(other) == ["payout.duplicate"]
    assert (same.report.complete, other.report.complete) == (True, False)


def test_totals_prove_the_transactions_of_their_terminal(read_receipts):
    """Count and amount agree, in cents or in dollars as the settings say."""
    assert _codes(read_receipts(_file(_receipt(), _totals()))) == []
    assert _codes(read_receipts(_file(_receipt(), _totals(amount="120.00")))) == []
    assert (
        _codes(read_receipts(_file(_receipt(), _totals(amount="120")), totals_in_cents=False)) == []
    )


@pytest.mark.parametrize(
    "parts",
    [
        (_receipt(), _totals(purchases="2")),
        (_receipt(), _totals(amount="12001")),
        (_totals(),),
        (_receipt(CardType="M"), _receipt(TransID="2"), _totals()),
    ],
)
def test_a_batch_that_differs_is_an_error(read_receipts, parts):
    """A transaction too many or too few makes the read incomplete."""
    read = read_receipts(_file(*parts))

    assert "moneris.batch-differs" in _codes(read)
    assert not read.report.complete


def test_totals_that_are_no_numbers_are_told(read_receipts):
    """A count that is none proves nothing."""
    for bad in ({"purchases": "\u00b2"}, {"amount": "\u00b2"}, {"amount": "9" * 30}):
        assert "amount.invalid" in _codes(read_receipts(_file(_receipt(), _totals(**bad))))
    assert "amount.invalid" in _codes(read_receipts(_file(_receipt(), _totals(purchases="x"))))


def test_card_numbers_stay_out_wherever_they_stand(read_receipts):
    """In a message they are masked, in a field that is not read they are told."""
    said = read_receipts(_file(_receipt(Message=f"paid with {CARD}")))
    unread = read_receipts(_file(_receipt(Pan=CARD)))

    assert _codes(said) == _codes(unread) == ["card.number"]
    assert CARD not in repr(said) + repr(unread)


@pytest.mark.parametrize("wrong", [{"currency": "XXX"}, {"types": {"00": "gift"}}])
def test_settings_that_make_no_sense_are_refused(wrong):
    """A setting that is not possible is a policy error."""
    with pytest.raises(PolicyError):
        RECEIPTS.build(wrong)


@pytest.mark.parametrize("content", [b"", b"<receipts/>", b"{}", b"<Report Name='x'/>"])
def test_what_is_not_ours_is_not_recognized(read_receipts, content):
    """It is not recognized, and reading it is a problem."""
    assert not RECEIPTS.build({}).recognizes(content, name="x.xml")
    assert not read_receipts(content).report.complete
