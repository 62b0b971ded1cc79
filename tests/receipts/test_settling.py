"""Payouts of processors: receipts in gross, one bank line each, nothing counted twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import ManualEntries, Role, chart, payout_entry
from receivables.currencies import ExchangeRates
from receivables.errors import MissingRateError, PolicyError
from receivables.money import ExchangeRate
from receivables.receipts.model import BankEntry, ReceiptMethod
from receivables.receipts.payouts import (
    DisputeStage,
    MovementKind,
    ProcessorDispute,
    ProcessorMovement,
    payout_of,
)
from receivables.receipts.settling import SettlingPolicy, settle_payouts

DAY = dt.date(2026, 10, 1)
K = MovementKind


def movement(name, gross, fee=0, kind=K.PAYMENT, **fields):
    """A movement of the payout po_1, unless it says otherwise."""
    base = {"payout": "po_1", "occurred_on": DAY, "currency": "EUR", "processor": "stripe"}
    return ProcessorMovement(
        movement=name, kind=kind, gross_minor=gross, fee_minor=fee, **{**base, **fields}
    )


def payout(movements, name="po_1", **fields):
    """The payout of movements, which holds unless it says otherwise."""
    net = sum(one.net_minor for one in movements)
    base = {"amount_minor": net, "currency": "EUR", "paid_on": DAY, "processor": "stripe"}
    return payout_of(movements, payout=name, **{**base, **fields})


def entry(minor, text="STRIPE", index=1, **fields):
    """A bank line two days later."""
    base = {"account": "FR76", "statement": "S", "currency": "EUR", "index": index}
    day = fields.pop("on", DAY + dt.timedelta(days=2))
    return BankEntry(amount_minor=minor, booking_date=day, text=text, **{**base, **fields})


def test_payments_are_receipts_in_gross():
    """A customer has paid what it paid, whatever the processor keeps."""
    paid = movement("txn_1", 10_000, 290, reference="F-1", method="sepa_debit")
    settled = settle_payouts([paid, payout([paid])], [entry(9_710)], creditor="MIRA")
    (receipt,) = settled.receipts

    assert str(receipt.amount.amount) == "100.00"
    assert receipt.account == "stripe"
    assert receipt.method is ReceiptMethod.DIRECT_DEBIT
    assert [one.number for one in receipt.remittance.documents] == ["F-1"]
    assert settled.entries == ()
    assert settled.payouts[0].entry == entry(9_710)
    assert settled.problems == ()


def test_an_unbalanced_payout_gives_nothing():
    """Not one movement of a payout is taken where they do not come to its amount."""
    paid = movement("txn_1", 10_000, 290)
    other = movement("txn_2", 500, payout="po_2")
    wrong = payout([paid], amount_minor=9_700)
    right = payout([other], name="po_2")
    settled = settle_payouts([paid, wrong, other, right], [entry(9_700)], creditor="MIRA")

    assert [one.receipt for one in settled.receipts] == ["stripe:txn_2"]
    assert {one.code for one in settled.problems} == {"payout.unbalanced", "payout.unmatched"}
    assert settled.entries == (entry(9_700),)


def test_the_reference_decides_between_equals():
    """Of two lines of one amount, the one that names the payout is its line."""
    paid = [movement("a", 500), movement("b", 500, payout="po_2")]
    payouts = [payout(paid[:1]), payout(paid[1:], name="po_2")]
    lines = [entry(500, "STRIPE po_2"), entry(500, "STRIPE po_1", index=2)]
    settled = settle_payouts([*paid, *payouts], lines, creditor="MIRA")

    found = {one.payout.payout: one.entry.text for one in settled.payouts}
    assert found == {"po_1": "STRIPE po_1", "po_2": "STRIPE po_2"}


def test_a_customers_transfer_of_the_same_amount_is_not_a_payout():
    """With two lines that could be the payout and no word of it, nothing is guessed."""
    paid = movement("a", 500)
    lines = [entry(500, "ACME"), entry(500, "BETA", index=2)]
    settled = settle_payouts([paid, payout([paid])], lines, creditor="MIRA")

    assert settled.entries == tuple(lines)
    assert [one.code for one in settled.problems] == ["payout.unmatched"]


def test_a_line_of_a_processor_without_a_report_is_no_receipt():
    """What calls itself a processor's money is kept back, and said."""
    policy = SettlingPolicy(statement_names=["Stripe"])
    settled = settle_payouts([], [entry(500), entry(700, "ACME")], creditor="M", policy=policy)

    assert settled.entries == (entry(700, "ACME"),)
    assert [one.code for one in settled.problems] == ["payout.unmatched"]


def test_what_was_taken_back_names_its_receipt():
    """Refunds, chargebacks and late failures lead to the payment; a chargeback won is money again."""
    records = [
        movement("p", 10_000),
        movement("r", -2_000, kind=K.REFUND, original="p"),
        movement("c", -8_000, kind=K.CHARGEBACK, original="p"),
        movement("w", 8_000, kind=K.CHARGEBACK_REVERSAL, original="p"),
        movement("f", -150, kind=K.FEE),
    ]
    settled = settle_payouts([*records, payout(records)], [], creditor="MIRA")

    assert [(one.receipt, str(one.amount.amount)) for one in settled.taken_back] == [
        ("stripe:p", "20.00"),
        ("stripe:p", "80.00"),
    ]
    assert [one.receipt for one in settled.receipts] == ["stripe:p", "stripe:w"]


def test_reports_that_overlap_count_once():
    """A movement in two reports is one; with another amount it is an error, and the first stays."""
    paid = movement("a", 500)
    again = attrs.evolve(paid, gross_minor=600)
    dispute = ProcessorDispute(
        dispute="d", processor="stripe", stage=DisputeStage.CHARGEBACK, amount_minor=500,
        currency="EUR", opened_on=DAY, respond_by=DAY,
    )  # fmt: skip
    lost = attrs.evolve(dispute, stage=DisputeStage.LOST)
    records = [paid, paid, payout([paid]), payout([paid]), again, dispute, lost]
    settled = settle_payouts(records, [entry(500)], creditor="MIRA")

    assert len(settled.receipts) == len(settled.payouts) == 1
    assert settled.disputes == (lost,)
    assert [one.code for one in settled.problems] == ["payout.duplicate"]


def test_a_payout_is_booked_with_its_fees_and_its_reserve():
    """The bank gets the net, the fees are an expense, the reserve stays owed; it balances."""
    house = chart("fr-pcg")
    reserve = {"stripe reserve": house.account(Role.CASH)}
    by_hand = ManualEntries(
        chart=house.with_accounts(banks=reserve), creditor="MIRA", functional_currency="EUR"
    )
    records = [
        movement("p", 10_000, 290),
        movement("f", -150, kind=K.FEE),
        movement("h", -1_000, kind=K.RESERVE_HELD),
    ]
    settled = settle_payouts([*records, payout(records)], [entry(8_560)], creditor="MIRA")
    made = payout_entry(settled.payouts[0], by_hand)

    assert made.date == DAY + dt.timedelta(days=2)
    assert [(one.role.value, one.amount_minor) for one in made.lines] == [
        ("bank", 8_560),
        ("processor-fee", 440),
        ("processor", -9_000),
        ("processor", 1_000),
        ("processor", -1_000),
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(list(K)), st.integers(-10_000, 10_000), st.integers(0, 300)),
        min_size=1,
        max_size=12,
    )
)
def test_money_is_conserved(rows):
    """Receipts less what was taken back, fees and the rest come to what the bank line says."""
    records = [
        movement(str(place), gross, fee, kind) for place, (kind, gross, fee) in enumerate(rows)
    ]
    whole = payout(records)
    settled = settle_payouts([*records, whole], [entry(whole.amount_minor)], creditor="MIRA")
    own = {K.PAYMENT, K.CHARGEBACK_REVERSAL}
    back = {K.REFUND, K.CHARGEBACK, K.FAILED}
    received = sum(int(one.amount.amount * 100) for one in settled.receipts)
    taken = sum(int(one.amount.amount * 100) for one in settled.taken_back)
    rest = sum(
        one.net_minor if one.kind not in own | back else -one.fee_minor
        for one in records
        if one.kind not in own or one.gross_minor > 0
    )
    refused = sum(one.net_minor for one in records if one.kind in own and one.gross_minor <= 0)

    assert received - taken + rest + refused == whole.amount_minor


@pytest.mark.parametrize(
    ("name", "text"),
    [("42", "REGLT F-0042"), ("42", "BON 42A"), ("po_1", "po_12"), ("po_1", "1po_1")],
)
def test_a_reference_is_a_word_of_its_own(name, text):
    """A short name inside another word is no evidence, and a customer's line stays one."""
    paid = movement("a", 500, payout=name, processor="acme-pay")
    whole = payout([paid], name, processor="acme-pay")
    lines = [entry(500, text), entry(500, "BETA", index=2)]
    settled = settle_payouts([paid, whole], lines, creditor="MIRA")

    assert settled.entries == tuple(lines)


def test_a_processor_is_not_found_inside_a_name():
    """PINSTRIPE is a customer, whatever its last letters are."""
    policy = SettlingPolicy(statement_names=["Stripe"])
    lines = [entry(500, "PINSTRIPE SARL"), entry(700, "STRIPEPAYMENTS", index=2)]
    settled = settle_payouts([], lines, creditor="MIRA", policy=policy)

    assert settled.entries == (lines[0],)


def test_equal_payouts_are_paired_in_the_order_of_their_days():
    """Statements may have the newest line first; the first payout is still the first line."""
    paid = [movement("a", 500), movement("b", 500, payout="po_2")]
    late = DAY + dt.timedelta(days=1)
    payouts = [payout(paid[:1]), payout(paid[1:], "po_2", paid_on=late)]
    lines = [entry(500, on=late), entry(500, index=2, on=DAY)]
    settled = settle_payouts([*paid, *payouts], lines, creditor="MIRA")

    assert [(one.payout.payout, one.entry.booking_date) for one in settled.payouts] == [
        ("po_1", DAY),
        ("po_2", late),
    ]


def test_what_was_settled_before_stays_so():
    """A payout keeps its line though another looks better, and a line stays one without its report."""
    paid = movement("a", 500)
    lines = [entry(500, "ACME"), entry(500, "STRIPE po_1", index=2), entry(900, index=3)]
    known = {("stripe", "po_1"): 0, ("stripe", "po_0"): 2, ("stripe", "po_x"): None}
    settled = settle_payouts([paid, payout([paid])], lines, creditor="MIRA", settled=known)

    (matched,) = settled.payouts
    assert (matched.entry, matched.is_known) == (lines[0], True)
    assert settled.entries == (lines[1],)
    assert settled.problems == ()


def test_a_movement_in_two_currencies_or_payouts_is_an_error():
    """One movement has one amount in one currency, and is in one payout."""
    paid = movement("a", 500)
    for other in (attrs.evolve(paid, currency="USD"), attrs.evolve(paid, payout="po_2")):
        settled = settle_payouts([paid, other], [], creditor="MIRA")

        assert [one.code for one in settled.problems] == ["payout.duplicate"]
        assert len(settled.receipts) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"days_before": -1},
        {"days_after": 10_000},
        {"statement_names": "STRIPE"},
        {"statement_names": [""]},
        {"statement_names": [7]},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    """An empty name would keep back every line of the bank."""
    with pytest.raises(PolicyError):
        SettlingPolicy(**wrong)


def test_a_payout_abroad_balances_in_both_currencies():
    """The bank, the fee and the processor are worth what the day says; rounding is the processor's."""
    by_hand = ManualEntries(chart=chart("fr-pcg"), creditor="MIRA", functional_currency="EUR")
    records = [movement("p", 10_001, 333, currency="USD")]
    settled = settle_payouts(
        [*records, payout(records, currency="USD")], [entry(9_668, currency="USD")], creditor="M"
    )
    matched = settled.payouts[0]
    with pytest.raises(MissingRateError):
        payout_entry(matched, by_hand)
    rates = ExchangeRates(
        [ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.1"), date=matched.day)]
    )
    made = payout_entry(matched, by_hand, rates=rates)

    assert sum(line.functional_minor for line in made.lines) == 0
    assert [line.functional_minor for line in made.lines] == [8_789, 303, -9_092]
