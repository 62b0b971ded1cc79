"""What the reader makes of reports: units, kinds, nets, days, payouts whole or not at all."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.receipts.payouts import DisputeStage, MovementKind, Payout
from receivables_plugins.stripe import StripeSettings

from .reports import CHARGE, REFUND, dispute, itemized, page, payout, transaction


def _codes(read):
    return [problem.code for problem in read.report.problems]


def test_itemized_report_gives_movements_in_gross_then_their_payout(read):
    """Amounts in units become minor units, the fee stays inside, and the payout is their sum."""
    first, refund, whole = read(itemized(CHARGE, REFUND)).rows

    assert (first.gross_minor, first.fee_minor, first.net_minor) == (10000, 290, 9710)
    assert (first.reference, first.method, first.last4) == ("F-1", "visa", "4242")
    assert (first.payer.name, first.occurred_on) == ("ACME Ltd", dt.date(2026, 10, 1))
    assert (refund.kind, refund.original) == (MovementKind.REFUND, "txn_1")
    assert (whole.amount_minor, whole.paid_on) == (7710, dt.date(2026, 10, 3))


def test_rows_of_payouts_may_be_mixed(read):
    """Rows of several payouts in any order give each payout after its own movements."""
    other = ("po_2", "txn_3", "eur", "5.00", "0.50", "4.50", "charge", "ch_3", "ch_3", "")
    rows = read(itemized(CHARGE, other, REFUND)).rows

    assert [getattr(row, "movement", row.payout) for row in rows] == [
        "txn_1",
        "txn_2",
        "po_1",
        "txn_3",
        "po_2",
    ]


@pytest.mark.parametrize(
    ("currency", "gross", "minor"),
    [("jpy", "500", 500), ("kwd", "1.250", 1250), ("eur", "1.25", 125)],
)
def test_currencies_have_their_own_decimals(read, currency, gross, minor):
    """None in yen, three in dinars."""
    row = ("po_1", "txn_1", currency, gross, "0", gross, "charge", "ch_1", "ch_1", "")

    assert read(itemized(row)).rows[0].gross_minor == minor


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({5: "3.00"}, "stripe.net"),
        ({6: "97.11"}, "stripe.net"),
        ({7: "climate_order_purchase"}, "stripe.kind-unknown"),
        ({4: "100.005"}, "amount.inexact"),
        ({4: "abc"}, "amount.invalid"),
        ({3: "xyz"}, "currency.unknown"),
        ({2: ""}, "stripe.identity"),
    ],
)
def test_a_row_that_cannot_be_read_holds_its_payout_back(read, changed, code):
    """Neither the payout nor any of its movements comes, and the read is incomplete."""
    columns = {1: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6}
    row = list(CHARGE)
    for place, value in changed.items():
        row[columns[place]] = value
    found = read(itemized(tuple(row), REFUND))

    assert found.rows == ()
    assert code in _codes(found)
    assert "payout.unbalanced" in _codes(found)


def test_settings_say_what_a_new_word_means(read):
    """A word that is unknown is never guessed, and can be given a kind."""
    row = (*CHARGE[:6], "climate_order_purchase", *CHARGE[7:])
    found = read(itemized(row), kinds={"climate_order_purchase": "adjustment"})

    assert found.rows[0].kind is MovementKind.ADJUSTMENT


def test_a_movement_that_comes_twice_is_taken_once(read):
    """The same row again is an error, and counts once; another content spoils the payout."""
    twice = read(itemized(CHARGE, CHARGE))
    other = (*CHARGE[:3], "90.00", "2.90", "87.10", *CHARGE[6:])
    changed = read(itemized(CHARGE, other))

    assert [row.net_minor for row in twice.rows[:1]] == [9710]
    assert _codes(twice) == ["payout.duplicate"]
    assert changed.rows == ()


def test_a_lost_row_proves_no_payout(read):
    """A payout that is only the sum of its rows is given only where every row was read."""
    found = read(itemized(CHARGE) + b"po_1,short\n")

    assert found.rows == ()
    assert _codes(found) == ["row.length", "payout.unbalanced"]


def test_days_are_those_of_the_zone(read):
    """22:30 in UTC is the next day in Paris; the day of a payout is written as such."""
    movement, whole = read(itemized(CHARGE), time_zone="Europe/Paris").rows
    west = read(itemized(CHARGE), time_zone="America/New_York").rows[1]

    assert movement.occurred_on == dt.date(2026, 10, 2)
    assert whole.paid_on == west.paid_on == dt.date(2026, 10, 3)


def test_card_numbers_never_come_in(read):
    """A card number in a description is masked and noted; of last4, four figures stay."""
    content = itemized(CHARGE).replace(b"Order txn_1", b"card 4111111111111111")
    content = content.replace(b"4242", b"5555555555554444")
    found = read(content)

    assert found.rows[0].text == "card ************1111"
    assert found.rows[0].last4 == "4444"
    assert _codes(found) == ["card.number", "card.number"]


def test_a_list_of_one_payout_is_believed_where_it_adds_up(read):
    """Transactions of the one payout in a list are its own where they come to it exactly."""
    rows = [
        transaction("txn_p", -9710, category="payout", source="po_1"),
        transaction("txn_1", 10000, 290),
    ]
    movement, whole = read(json.dumps(page(rows)).encode()).rows
    rows[1]["amount"] += 1
    rows[1]["net"] += 1
    doubted = read(json.dumps(page(rows)).encode())

    assert (movement.payout, whole.difference_minor) == ("po_1", 0)
    assert [row.payout for row in doubted.rows] == ["po_1", ""]
    assert _codes(doubted) == ["stripe.payout-unproved"]


def test_a_list_of_a_payout_that_the_settings_name_must_add_up(read):
    """What was asked for with a payout is its own, and is held back where it is another amount."""
    content = json.dumps([page([transaction("txn_1", 10000, 290)]), payout("po_1", 9711)]).encode()
    found = read(content, payout="po_1")

    assert found.rows == ()
    assert _codes(found) == ["payout.unbalanced"]


def test_instant_payout_costs_a_fee_of_its_own(read):
    """The fee of a payout is a movement, so that the payout is what reaches the bank."""
    rows = [
        transaction("txn_p", -9000, 100, category="payout", source="po_1"),
        transaction("txn_1", 9100),
    ]
    fee, charge, whole = read(json.dumps(page(rows)).encode()).rows

    assert (charge.net_minor, fee.kind, fee.net_minor) == (9100, MovementKind.FEE, -100)
    assert whole.amount_minor == 9000


def test_a_last_page_with_more_after_it_is_incomplete(read):
    """A list that says that more follows, which does not follow, is not whole."""
    content = json.dumps(page([transaction("txn_1", 100)], has_more=True)).encode()

    assert _codes(read(content)) == ["service.incomplete"]


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("warning_needs_response", DisputeStage.INQUIRY),
        ("under_review", DisputeStage.CHARGEBACK),
        ("won", DisputeStage.WON),
        ("lost", DisputeStage.LOST),
        ("warning_closed", DisputeStage.WITHDRAWN),
    ],
)
def test_disputes_have_a_stage_and_a_last_day(read, status, stage):
    """The last day to answer is the one of the evidence."""
    [found] = read(json.dumps(dispute("dp_1", status=status)).encode()).rows

    assert (found.stage, found.respond_by) == (stage, dt.date(2026, 10, 20))
    assert (found.reason, found.reason_code, found.movement) == ("fraudulent", "10.4", "ch_1")


def test_a_status_that_nobody_knows_is_no_dispute(read):
    """It is an error, and not guessed."""
    found = read(json.dumps(dispute("dp_1", status="new")).encode())

    assert (found.rows, _codes(found)) == ((), ["stripe.status-unknown"])


@pytest.mark.parametrize(
    "given_settings",
    [{"time_zone": "Mars"}, {"units": "cents"}, {"kinds": {"x": "gift"}}],
)
def test_settings_that_make_no_sense_are_refused(given_settings):
    """Each with the key that is wrong."""
    with pytest.raises(PolicyError):
        StripeSettings(**given_settings)


@settings(max_examples=25)
@given(
    amounts=st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 500)), min_size=1, max_size=8)
)
def test_payouts_are_what_their_movements_come_to(amounts):
    """Whatever is charged and deducted, gross less fees is the payout, to the last minor unit."""
    import io  # noqa: PLC0415  # a property takes no fixture

    from receivables_plugins.stripe.reader import StripeReader  # noqa: PLC0415  # see above

    rows = [transaction(f"txn_{place}", amount, fee) for place, (amount, fee) in enumerate(amounts)]
    total = sum(amount - fee for amount, fee in amounts)
    rows.append(transaction("txn_p", -total, category="payout", source="po_1"))
    content = json.dumps(page(rows)).encode()
    read = StripeReader(StripeSettings()).read(io.BytesIO(content), name="x").collect()
    [whole] = [row for row in read.rows if isinstance(row, Payout)]

    assert (whole.amount_minor, whole.difference_minor) == (total, 0)


@pytest.mark.parametrize(("currency", "minor"), [("isk", 5), ("ugx", 5), ("mga", 50000)])
def test_some_currencies_have_other_decimals_in_the_api(read, currency, minor):
    """Stripe counts krónur in hundredths, which do not exist, and ariary in whole ones."""
    row = {**transaction("txn_1", 500), "currency": currency}
    said = {**payout("po_1", 500), "currency": currency}
    found = read(json.dumps([page([row]), said]).encode(), payout="po_1")

    assert [each.gross_minor for each in found.rows[:1]] == [minor]
    assert found.rows[-1].amount_minor == minor


def test_a_part_of_a_minor_unit_is_refused(read):
    """One and a half krónur are none."""
    row = {**transaction("txn_1", 150), "currency": "isk"}

    assert "amount.inexact" in _codes(read(json.dumps(page([row])).encode()))
