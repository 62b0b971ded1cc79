"""Exports of Merchant Direct: headings that are settings, payouts that come whole or not at all."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.receipts.payouts import DisputeStage, MovementKind, Payout, ProcessorMovement
from receivables_plugins import moneris

DIRECT, _RECEIPTS = moneris.receivables_payout_readers()
CARD = "4111111111111111"
_HEAD = "Settlement Date,Merchant Number,Card Type,Purchase Amount,Refund Amount,Correction Amount,Net Total,Net Deposit\n"
_ROW = "20261005,0012345678901,1,100.00,10.00,5.00,85.00,83.00\n"
_BANK = "Date,Merchant Number,Payment Type,Amount,Currency,Description,Reference Number\n"


def _codes(read):
    return [(one.code, one.place.line) for one in read.report.problems]


def test_a_summary_proves_its_payouts(read_direct):
    """Sales less refunds and corrections are the net total, and the fee is what was not deposited."""
    [payout] = read_direct(_HEAD + _ROW).rows

    assert (payout.amount_minor, payout.fee_minor) == (8300, 200)
    assert payout.totals == {
        MovementKind.PAYMENT: 10000,
        MovementKind.REFUND: -1000,
        MovementKind.FAILED: -500,
    }
    assert not payout.is_itemized
    assert payout.merchant == "0012345678901"


def test_a_day_is_one_payout_or_each_card_type_is(read_direct):
    """The settings say what makes up a transfer."""
    text = _HEAD + _ROW + _ROW.replace(",1,", ",10,")
    day = read_direct(text).rows
    cards = read_direct(text, transfer="card-type").rows

    assert [row.amount_minor for row in day] == [16600]
    assert [row.payout.rpartition(":")[2] for row in cards] == ["visa", "interac"]


_UNPROVED = [
    ("85.00", "85.01", "payout.unbalanced"),
    ("100.00", "x", "amount.invalid"),
    ("83.00", "", "amount.invalid"),
    ("83.00", "83.001", "amount.inexact"),
    ("20261005", "20261305", "date.invalid"),
    ("20261005", "", "date.missing"),
    ("20261005", "05/06/2026", "locale.ambiguous"),
    (",83.00", "", "row.length"),
    ("0012345678901", CARD, "card.number"),
]


@pytest.mark.parametrize(("old", "new", "code"), _UNPROVED)
def test_a_payout_with_a_row_that_is_not_right_does_not_come(read_direct, old, new, code):
    """Neither does one that may lack a row of which nobody knows the day."""
    second = _ROW.replace(",1,", ",2,").replace(old, new, 1)
    read = read_direct(_HEAD + _ROW + second)

    assert read.rows == ()
    assert (code, 3) in _codes(read)
    assert "payout.unbalanced" in dict(_codes(read))
    assert CARD not in repr(read)


def test_another_day_is_not_touched(read_direct):
    """A payout whose rows are right comes beside one whose rows are not."""
    wrong = _ROW.replace("20261005", "20261006").replace("85.00", "85.01")
    read = read_direct(_HEAD + _ROW + wrong)

    assert [row.paid_on for row in read.rows] == [dt.date(2026, 10, 5)]


def test_the_same_card_type_twice_is_refused(read_direct):
    """An export that was pasted twice is no payout of twice the amount."""
    read = read_direct(_HEAD + _ROW + _ROW)

    assert read.rows == ()
    assert _codes(read)[0] == ("payout.duplicate", 3)


def test_what_moneris_does_not_deposit_is_left_out(read_direct):
    """A card type with sales and without a deposit is paid out by somebody else."""
    other = "20261005,0012345678901,3,50.00,0.00,0.00,50.00,0.00\n"
    read = read_direct(_HEAD + _ROW + other)

    assert [row.amount_minor for row in read.rows] == [8300]
    assert _codes(read) == [("moneris.not-deposited", 3)]
    assert read.report.complete


def test_headings_of_ones_own_are_settings(read_direct):
    """A French export is read by its headings, its semicolons and its commas."""
    text = (
        "Date de règlement;Marchand;Carte;Total net;Dépôt net\n05/10/2026;001;1;1 100,00;1 098,00\n"
    )
    columns = {
        "date": "Date de règlement",
        "merchant": "Marchand",
        "card-type": "Carte",
        "net-total": "Total net",
        "net-deposit": "Dépôt net",
    }
    [payout] = read_direct(
        text, columns=columns, decimal=",", grouping=" ", date_format="%d/%m/%Y"
    ).rows

    assert (payout.amount_minor, payout.fee_minor) == (109800, 200)


def test_fees_and_chargebacks_take_money_whatever_their_sign(read_direct):
    """Each is a transfer of its own; an adjustment has the sign that it has."""
    rows = (
        "2026-10-31,1,Fees,-45.20,CAD,monthly,\n"
        "2026-10-31,1,Chargeback,(35.00),CAD,,CB1\n"
        "2026-10-31,1,Adjustment,-1.50,CAD,,\n"
        "2026-10-31,1,Reserve Released,100.00,USD,,\n"
    )
    read = read_direct(_BANK + rows)
    movements = [row for row in read.rows if isinstance(row, ProcessorMovement)]

    assert [(row.kind, row.gross_minor) for row in movements] == [
        (MovementKind.FEE, -4520),
        (MovementKind.CHARGEBACK, -3500),
        (MovementKind.ADJUSTMENT, -150),
        (MovementKind.RESERVE_RELEASED, 10000),
    ]
    assert [row.difference_minor for row in read.rows if isinstance(row, Payout)] == [0] * 4


def test_a_day_can_be_one_transfer(read_direct):
    """Deposit less chargeback is what reached the bank, in each currency apart."""
    rows = (
        "2026-10-31,1,Deposit,500.00,CAD,,D1\n"
        "2026-10-31,1,Chargeback,35.00,CAD,,CB1\n"
        "2026-10-31,1,Deposit,70.00,USD,,D2\n"
    )
    payouts = [
        row for row in read_direct(_BANK + rows, transfer="day").rows if isinstance(row, Payout)
    ]

    assert [(row.amount_minor, row.currency, row.is_itemized) for row in payouts] == [
        (46500, "CAD", False),
        (7000, "USD", False),
    ]
    broken = read_direct(_BANK + rows.replace("35.00", "x"), transfer="day")
    assert [row for row in broken.rows if isinstance(row, Payout)] == []


def test_equal_rows_are_two_transfers_with_two_names(read_direct):
    """Two fees of the same amount on a day are told apart by their order."""
    row = "2026-10-31,1,Fee,5.00,CAD,,\n"
    names = [
        each.payout for each in read_direct(_BANK + row + row).rows if isinstance(each, Payout)
    ]

    assert names == ["1:2026-10-31:CAD:fee:500", "1:2026-10-31:CAD:fee:500~2"]


def test_a_payment_type_that_is_not_known_is_told(read_direct):
    """It is not guessed; the settings can say it."""
    row = "2026-10-31,1,Loyalty,5.00,CAD,,\n"

    assert _codes(read_direct(_BANK + row)) == [("moneris.kind-unknown", 2)]
    assert len(read_direct(_BANK + row, kinds={"Loyalty": "adjustment"}).rows) == 2


def test_disputes_have_their_deadline(read_direct):
    """A copy request is an inquiry, and a case that stands twice is refused."""
    head = "Case Number,Date,Type,Amount (CAD),Respond By,Status\n"
    rows = "1217,2026-10-05,Copy Request,35.00,2026-10-25,Open\n1218,2026-10-05,Chargeback,35.00,,Lost\n"
    read = read_direct(head + rows)

    assert [(row.dispute, row.stage, row.respond_by) for row in read.rows] == [
        ("1217", DisputeStage.INQUIRY, dt.date(2026, 10, 25)),
        ("1218", DisputeStage.LOST, None),
    ]
    again = read_direct(head + rows + rows)
    assert {code for code, _line in _codes(again)} == {"payout.duplicate"}


_NOT_OURS = [b"", b"hello", b"Date,Amount\n2026-10-05,1.00\n", b"<receipt/>", b"\0" * 40]


@pytest.mark.parametrize("content", _NOT_OURS)
def test_what_is_not_ours_is_not_recognized(read_direct, content):
    """It is not recognized, and reading it is a problem."""
    assert not DIRECT.build({}).recognizes(content, name="x.csv")
    assert not read_direct(content).report.complete


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"card-number": "Card"}},
        {"currency": "XXX"},
        {"kinds": {"x": "gift"}},
        {"transfer": "week"},
        {"decimal": ";"},
        {"grouping": "."},
        {"date_format": "%B"},
        {"encoding": "none"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    """A setting that is not possible is a policy error."""
    with pytest.raises(PolicyError):
        DIRECT.build(wrong)
