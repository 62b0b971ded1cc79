"""What the reader makes of batches and disputes: sums of zero, parts of fees, days, columns by name."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.errors import PolicyError
from receivables.receipts.payouts import DisputeStage, MovementKind
from receivables_plugins.adyen import AdyenSettings

from .reports import (
    BATCH,
    CARRIED,
    DISPUTES,
    FEE,
    PAYOUT,
    SETTLED,
    SETTLEMENT,
    dispute,
    settlement,
    table,
)


def _codes(read):
    return [problem.code for problem in read.report.problems]


def test_a_batch_gives_movements_in_gross_then_its_payout(read):
    """The parts of the fee stay inside of the payment, and the payout is what reached the bank."""
    found = read(settlement(*BATCH))
    first, second, *_, whole = found.rows

    assert (first.gross_minor, first.fee_minor, first.net_minor) == (10000, 120, 9880)
    assert first.fees == (("markup", "0.40"), ("scheme fees", "0.10"), ("interchange", "0.70"))
    assert (first.reference, first.method) == ("F-1001", "visaclassic")
    assert (second.gross_minor, second.fee_minor) == (-3000, 750)
    assert second.original == first.movement
    assert (whole.amount_minor, whole.bank_reference) == (5500, "TX1 batch 4 MiraShop")
    assert found.report.complete


def test_columns_are_found_by_name(read):
    """Other columns, another order and other blanks make no difference."""
    names = ["Extra", *reversed(SETTLEMENT.split(","))]
    spaced = settlement(*BATCH, headings=",".join(names)).replace(b"Net Currency", b"Net  currency")

    assert read(spaced).rows[-1] == read(settlement(*BATCH)).rows[-1]


def test_a_batch_that_does_not_add_up_gives_nothing(read):
    """Not its payout, and none of its movements; another batch of the file comes."""
    name = "Modification Reference"
    other = [{**row, "Batch Number": "5", name: f"{row.get(name, '')}5"} for row in BATCH]
    found = read(settlement(*BATCH[1:], *other))

    assert {getattr(row, "payout", "") for row in found.rows} == {"MiraShop/5"}
    assert _codes(found) == ["payout.unbalanced"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Type": "PaidOut"}, "adyen.type-unknown"),
        ({"Gross Credit (GC)": "101.00"}, "adyen.net"),
        ({"Net Credit (NC)": "98.8x"}, "amount.invalid"),
        ({"Net Currency": ""}, "currency.missing"),
        ({"Batch Number": ""}, "adyen.batch-missing"),
        ({"Creation Date": "yesterday"}, "date.invalid"),
    ],
)
def test_a_row_that_cannot_be_read_holds_its_batch_back(read, changed, code):
    """Nothing of the batch comes, and the read is incomplete."""
    found = read(settlement({**SETTLED, **changed}, *BATCH[1:]))

    assert found.rows == ()
    assert code in _codes(found)
    assert "payout.unbalanced" in _codes(found)


def test_a_type_can_be_given_a_kind(read):
    """A type that is unknown is never guessed, and the settings can say what it is."""
    row = {"Type": "PaidOut", "Psp Reference": "8815000000000009", "Net Debit (NC)": "43.80"}
    payout = {**PAYOUT, "Net Debit (NC)": "55.00"}
    found = read(settlement(SETTLED, row, payout), kinds={"PaidOut": "transfer"})

    assert [getattr(each, "kind", None) for each in found.rows] == [
        MovementKind.PAYMENT,
        MovementKind.TRANSFER,
        None,
    ]


def test_another_currency_is_gross_in_that_of_the_payout(read):
    """Gross is what was settled before fees; what was charged stands in the text."""
    sold = {
        **SETTLED,
        "Gross Currency": "USD",
        "Gross Credit (GC)": "110.00",
        "Exchange Rate": "0.909",
    }
    payout = {**PAYOUT, "Net Debit (NC)": "98.80"}
    movement, whole = read(settlement(sold, payout)).rows

    assert (movement.gross_minor, movement.fee_minor, movement.currency) == (10000, 120, "EUR")
    assert movement.text == "110.00 USD at 0.909"
    assert whole.difference_minor == 0


def test_fees_may_have_parts_of_a_cent(read):
    """What lies between gross and net is the fee; its parts stay as they are written."""
    sold = {**SETTLED, "Markup (NC)": "0.4012", "Scheme Fees (NC)": "0.0988"}
    payout = {**PAYOUT, "Net Debit (NC)": "98.80"}

    assert read(settlement(sold, payout)).rows[0].fee_minor == 120


def test_a_batch_without_payout_is_carried_on(read):
    """What is carried to the next batch leaves movements that are paid out by none."""
    carried = {**CARRIED, "Net Credit (NC)": "", "Net Debit (NC)": "98.80"}
    found = read(settlement(SETTLED, carried))

    assert [row.kind for row in found.rows] == [MovementKind.PAYMENT, MovementKind.BROUGHT_FORWARD]
    assert found.report.complete


def test_days_are_in_utc_by_the_letters_of_the_zone(read):
    """01:30 in summer in Paris is the day before; letters of several zones are said."""
    found = read(settlement(*BATCH))
    unknown = read(settlement(*({**row, "TimeZone": "IST"} for row in BATCH)))
    told = read(
        settlement(*({**row, "TimeZone": "IST"} for row in BATCH)),
        report_time_zone="Asia/Kolkata",
    )

    assert found.rows[0].occurred_on == told.rows[0].occurred_on == dt.date(2026, 10, 1)
    assert unknown.rows[0].occurred_on == dt.date(2026, 10, 2)
    assert (_codes(unknown), _codes(told)) == (["adyen.time-zone"], [])


def test_fees_of_the_same_name_are_counted(read):
    """Two rows without a reference of their own are two movements."""
    fees = [{**FEE, "Net Debit (NC)": "1.00"}] * 2
    payout = {**PAYOUT, "Net Debit (NC)": "96.80"}
    names = [row.movement for row in read(settlement(SETTLED, *fees, payout)).rows[1:3]]

    assert names == [
        "MiraShop/4/Fee/Transaction Fees October",
        "MiraShop/4/Fee/Transaction Fees October#2",
    ]


def test_a_dispute_is_what_its_last_row_says(read):
    """Opened on the day of its first row, with the last day to answer."""
    rows = [
        dispute("SecondChargeback", recorded="2026-10-15 12:00:00"),
        dispute("Chargeback"),
    ]
    [found] = read(table(DISPUTES, rows)).rows

    assert (found.stage, found.opened_on) == (DisputeStage.LOST, dt.date(2026, 10, 2))
    assert (found.respond_by, found.reason_code) == (dt.date(2026, 10, 20), "10.4")
    assert (found.amount_minor, found.reference) == (3000, "F-1001")


@pytest.mark.parametrize("given", [{"time_zone": "Mars"}, {"report_time_zone": "X/Y"}])
def test_settings_that_make_no_sense_are_refused(given):
    """Each zone must exist."""
    with pytest.raises(PolicyError):
        AdyenSettings(**given)
