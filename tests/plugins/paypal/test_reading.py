"""What the reader makes of reports: control totals, balances, withdrawals, event codes, pages."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.receipts.payouts import DisputeStage, MovementKind, Payout
from receivables_plugins.paypal import PayPalSettings

from .reports import BODIES, FOOTERS, body, dispute, footer, page, report, transaction


def _codes(read):
    return [problem.code for problem in read.report.problems]


def test_a_withdrawal_pays_out_what_came_before_it(read):
    """With what was there before and what is left; what comes after it is in no payout yet."""
    found = read(report(BODIES, FOOTERS))
    before, sold, refund, left, whole, after = found.rows

    assert (before.kind, before.gross_minor) == (MovementKind.BROUGHT_FORWARD, 3000)
    assert (sold.gross_minor, sold.fee_minor, sold.reference) == (10000, 320, "F-1")
    assert (refund.gross_minor, refund.fee_minor, refund.original) == (-2000, -60, "TXN1")
    assert (left.gross_minor, left.payout) == (-1740, "TXN3")
    assert (whole.amount_minor, whole.difference_minor) == (9000, 0)
    assert (whole.bank_reference, whole.merchant) == ("PP-BANK-1", "MIRA1234")
    assert (after.kind, after.payout) == (MovementKind.CHARGEBACK, "")
    assert found.report.complete


def test_days_are_in_utc_unless_the_settings_say_otherwise(read):
    """16:30 in California is still the same day in UTC, and the next one in Paris."""
    utc = read(report(BODIES, FOOTERS)).rows[1]
    paris = read(report(BODIES, FOOTERS), time_zone="Europe/Paris").rows[1]

    assert (utc.occurred_on, paris.occurred_on) == (dt.date(2026, 10, 1), dt.date(2026, 10, 2))


@pytest.mark.parametrize(
    "totals",
    [(100_01, 115_00, 60, 3_20), (100_00, 114_99, 60, 3_20), (100_00, 115_00, 0, 3_20)],
)
def test_wrong_control_totals_give_nothing(read, totals):
    """Neither payout nor movements of a section whose sums are others than its footer says."""
    found = read(report(BODIES, [footer("SF", "EUR", totals, 30_00, 12_40)]))

    assert found.rows == ()
    assert {"paypal.control-total", "payout.unbalanced"} <= set(_codes(found))


def test_wrong_totals_of_the_report_give_nothing(read):
    """A section that is right in itself is held back where the report says otherwise."""
    own = [footer("SF", "EUR", (200_00, 115_00, 60, 3_20), 30_00, 12_40)]
    found = read(report(BODIES, FOOTERS, report_footers=own))

    assert found.rows == ()
    assert "paypal.control-total" in _codes(found)


def test_a_wrong_balance_gives_nothing(read):
    """Opening plus what came must be closing."""
    totals = (100_00, 115_00, 60, 3_20)
    found = read(report(BODIES, [footer("SF", "EUR", totals, 30_00, 12_41)]))

    assert found.rows == ()
    assert {"paypal.balance", "payout.unbalanced"} <= set(_codes(found))


def test_a_wrong_count_gives_nothing(read):
    """A row that is missing is missed."""
    found = read(report(BODIES, FOOTERS, count=5))

    assert found.rows == ()
    assert "paypal.control-total" in _codes(found)


def test_currencies_are_proved_each_by_itself(read):
    """A currency whose footer is wrong does not take the others with it."""
    yen = body("TXN9", "T0006", 500, currency="JPY")
    wrong = footer("SF", "JPY", (400, 0, 0, 0), 0, 400)
    found = read(report([*BODIES, yen], [*FOOTERS, wrong]))

    assert {row.currency for row in found.rows} == {"EUR"}
    assert "paypal.control-total" in _codes(found)


def test_amounts_have_the_decimals_of_their_currency(read):
    """500 are five hundred yen."""
    yen = [body("TXN9", "T0006", 500, currency="JPY")]
    [found] = read(report(yen, [footer("SF", "JPY", (500, 0, 0, 0), 0, 500)])).rows

    assert (found.gross_minor, found.currency) == (500, "JPY")


def test_several_withdrawals_each_have_their_own(read):
    """The second one takes what came after the first, and what the first has left."""
    bodies = [
        body("A", "T0006", 50_00),
        body("W1", "T0400", -40_00),
        body("B", "T0006", 30_00),
        body("W2", "T0400", -40_00),
    ]
    found = read(report(bodies, [footer("SF", "EUR", (80_00, 80_00, 0, 0), 0, 0)]))
    payouts = [row for row in found.rows if isinstance(row, Payout)]

    assert [(row.payout, row.difference_minor) for row in payouts] == [("W1", 0), ("W2", 0)]
    assert [row.movements for row in payouts] == [2, 2]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (body("TXN1", "T3000", 100_00, 3_20), "paypal.code-unknown"),
        (
            body("TXN1", "T0006", 100_00, 3_20).replace('"CR",10000', '"XX",10000'),
            "paypal.direction",
        ),
        (body("TXN1", "T0006", 100_00, 3_20).replace(",10000,", ",100.5,"), "amount.inexact"),
        (
            body("TXN1", "T0006", 100_00, 3_20).replace(',320,"EUR"', ',320,"USD"'),
            "paypal.fee-currency",
        ),
        (body("", "T0006", 100_00, 3_20), "paypal.identity"),
        ('"SB","TXN1"', "row.length"),
        ('"XX","TXN1"', "paypal.row"),
    ],
)
def test_a_row_that_cannot_be_read_holds_its_payout_back(read, changed, code):
    """The payout does not come, and the read is incomplete."""
    found = read(report([changed, *BODIES[1:]], FOOTERS))

    assert [row for row in found.rows if isinstance(row, Payout)] == []
    assert code in _codes(found)


def test_a_code_can_be_given_a_kind(read):
    """A group that nobody knows is never guessed, and the settings can say what it is."""
    bodies = [body("TXN1", "T3000", 10_00)]
    content = report(bodies, [footer("SF", "EUR", (10_00, 0, 0, 0), 0, 10_00)])

    assert read(content, kinds={"T30": "payment"}).rows[0].kind is MovementKind.PAYMENT


def test_a_report_without_its_end_is_truncated(read):
    """What was proved until there comes, and the read is incomplete."""
    content = report(BODIES, FOOTERS)
    found = read(content[: content.index(b'"RC"')])

    assert _codes(found) == ["file.truncated"]


def test_pages_give_signed_amounts_and_fees(read):
    """A fee is negative there; denied, pending and authorized transactions move nothing."""
    found = read(
        page(
            transaction("A", "T0006", "100.00", "-3.20", invoice_id="F-1"),
            transaction("B", "T0006", "10.00", transaction_status="D"),
            transaction("C", "T0006", "10.00", transaction_status="P"),
            transaction("D", "T1300", "10.00"),
            transaction(
                "E", "T1106", "-5.00", paypal_reference_id="A", paypal_reference_id_type="TXN"
            ),
        )
    )
    sold, reversed_ = found.rows

    assert (sold.gross_minor, sold.fee_minor, sold.payer.name) == (10000, 320, "Anna Roy")
    assert (reversed_.kind, reversed_.original) == (MovementKind.CHARGEBACK, "A")
    assert _codes(found) == ["paypal.pending"]


def test_a_page_that_is_missing_is_missed(read):
    """Two pages of three are not whole; all three are."""
    pages = [page(transaction(f"T{n}", "T0006", "1.00"), number=n, pages=3) for n in (1, 2, 3)]

    assert _codes(read(*pages[:2])) == ["service.incomplete"]
    assert read(*pages).report.complete


def test_two_events_of_one_name_are_both_taken(read):
    """PayPal gives one name to two events now and then."""
    pages = page(transaction("A", "T0006", "1.00"), transaction("A", "T1107", "-1.00"))

    assert [row.movement for row in read(pages).rows] == ["A", "A/T1107"]


@pytest.mark.parametrize(
    ("more", "stage"),
    [
        ({}, DisputeStage.CHARGEBACK),
        ({"dispute_life_cycle_stage": "ARBITRATION"}, DisputeStage.ARBITRATION),
        (
            {"status": "RESOLVED", "dispute_outcome": {"outcome_code": "RESOLVED_SELLER_FAVOUR"}},
            DisputeStage.WON,
        ),
        (
            {"status": "RESOLVED", "dispute_outcome": {"outcome_code": "CANCELED_BY_BUYER"}},
            DisputeStage.WITHDRAWN,
        ),
    ],
)
def test_disputes_have_a_stage_and_a_last_day(read, more, stage):
    """By their place in the life cycle, or by their outcome."""
    [found] = read({"items": [dispute(**more)]}).rows

    assert (found.stage, found.respond_by) == (stage, dt.date(2026, 10, 12))
    assert (found.movement, found.reference, found.amount_minor) == ("TXN1", "F-1", 5000)


def test_settings_that_make_no_sense_are_refused():
    """A kind must be one of those that there are."""
    with pytest.raises(PolicyError):
        PayPalSettings(kinds={"T30": "gift"})


def test_an_account_that_is_a_card_number_is_masked(read):
    """The head of a section is looked at as its rows are."""
    found = read(report(BODIES, FOOTERS).replace(b"MIRA1234", b"4111111111111111"))

    assert {row.merchant for row in found.rows if isinstance(row, Payout)} == {"************1111"}
    assert "card.number" in _codes(found)
    assert "4111111111111111" not in repr(found)
