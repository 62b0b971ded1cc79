"""What the reader makes of pages: items of a tenth of a penny, fees of payments, events."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.receipts.payouts import DisputeStage, MovementKind, Payout
from receivables_plugins.gocardless import GoCardlessSettings
from receivables_plugins.gocardless.reader import GoCardlessReader

from .reports import ITEMS, event, item, page, payment, payout


def _codes(read):
    return [problem.code for problem in read.report.problems]


def test_fees_of_parts_of_a_penny_add_up_to_the_payout(read):
    """Twice 60.3 pence are 121, because the payout leaves the parts out; the parts stay as said."""
    first, second, whole = read(page("payouts", [payout()]), page("payout_items", ITEMS)).rows

    assert (first.fee_minor, second.fee_minor, whole.fee_minor) == (61, 60, 121)
    assert first.fees == (("gocardless_fee", "0.603"),)
    assert (whole.bank_reference, whole.account) == ("MIRA-PO1", "BA1")


def test_payments_say_what_they_are_for(read):
    """Reference, description, day and scheme come from the payment, the name from its customer."""
    found = read(
        page("payout_items", ITEMS),
        page("payouts", [payout()]),
        page("payments", [payment("PM1")]),
        {"mandates": {"id": "MD-PM1", "links": {"customer": "CU1"}}},
        {"customers": [{"id": "CU1", "given_name": "Anna", "family_name": "Roy"}]},
    )
    first = found.rows[0]

    assert (first.reference, first.text, first.method) == ("F-PM1", "about PM1", "bacs")
    assert (first.payer.name, first.occurred_on) == ("Anna Roy", dt.date(2026, 10, 1))


def test_a_failure_has_its_reason_from_the_event(read):
    """What took a payment back says why, and gets the fee that came back."""
    items = [
        item("payment_paid_out", "1000.0", payment="PM2"),
        item("payment_failed", "-300.0", payment="PM1"),
        item("gocardless_fee", "20.0", payment="PM1"),
    ]
    events = [event("EV1", "late_failure_settled", "PM1", payout="PO1")]
    found = read(
        page("payouts", [payout(amount=720, fees=-20)]),
        page("payout_items", items),
        page("payments", [payment("PM1", 300)]),
        {"events": events},
    )
    failed = found.rows[1]

    assert (failed.kind, failed.gross_minor, failed.fee_minor) == (MovementKind.FAILED, -300, -20)
    assert (failed.text, failed.original) == ("ARUDD-0 Refer to payer", "PM1")
    assert len(found.rows) == 3
    assert found.report.complete


def test_a_late_failure_comes_from_its_event_where_there_are_no_items(read):
    """It has the name that it has in the payout, so that it is not taken twice."""
    found = read(
        {"events": [event("EV1", "late_failure_settled", "PM1", payout="PO1")]},
        page("payments", [payment("PM1", 300)]),
    )

    assert [(row.movement, row.gross_minor) for row in found.rows] == [
        ("PO1/payment_failed/PM1", -300)
    ]


def test_a_chargeback_is_what_its_last_event_says(read):
    """Opened, then withdrawn by the customer."""
    events = [
        event("EV1", "charged_back", "PM1"),
        event("EV2", "chargeback_cancelled", "PM1", at="2026-10-09T09:00:00.000Z"),
    ]
    [found] = read({"events": events}, page("payments", [payment("PM1")])).rows

    assert (found.stage, found.opened_on) == (DisputeStage.WITHDRAWN, dt.date(2026, 10, 4))
    assert (found.amount_minor, found.respond_by) == (1000, None)


@pytest.mark.parametrize(
    ("action", "complete"), [("charged_back", False), ("failed", True), ("created", True)]
)
def test_an_event_without_its_payment_has_no_amount(read, action, complete):
    """Where money is at stake it is an error, where none moved a warning."""
    found = read({"events": [event("EV1", action, "PM9")]})

    assert (found.rows, found.report.complete) == ((), complete)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": "1001.0"}, "payout.unbalanced"),
        ({"amount": "999.0"}, "payout.unbalanced"),
        ({"amount": "1000.5"}, "amount.inexact"),
        ({"amount": "x"}, "amount.invalid"),
        ({"type": "gift"}, "gocardless.type-unknown"),
    ],
)
def test_a_payout_that_does_not_hold_gives_nothing(read, changed, code):
    """Neither it nor any of its movements comes."""
    items = [{**ITEMS[0], **changed}, *ITEMS[1:]]
    found = read(page("payouts", [payout()]), page("payout_items", items))

    assert found.rows == ()
    assert code in _codes(found)
    assert "payout.unbalanced" in _codes(found)


def test_items_must_have_a_payout(read):
    """Of two payouts, nobody knows which; a page, its query or the settings can say it."""
    payouts = page("payouts", [payout(), payout("PO2")])
    unsaid = read(payouts, page("payout_items", ITEMS))
    by_page = read(payouts, page("payout_items", ITEMS, payout="PO1"))
    by_query = read(payouts, page("payout_items", ITEMS, url="/payout_items?payout=PO1&limit=50"))
    by_settings = read(payouts, page("payout_items", ITEMS), payout="PO1")

    assert _codes(unsaid) == ["gocardless.payout-missing"]
    assert by_page.rows == by_query.rows == by_settings.rows
    assert by_page.rows[2].movements == 2


def test_other_fees_than_those_deducted_are_said(read):
    """The payout holds all the same, because its items come to it."""
    found = read(page("payouts", [payout(fees=200)]), page("payout_items", ITEMS))

    assert _codes(found) == ["gocardless.fees"]
    assert found.report.complete


def test_a_payout_in_another_currency_than_the_account_is_said(read):
    """The bank shows another amount than the payout."""
    fx = {"fx_amount": 2100, "fx_currency": "EUR"}

    assert _codes(read(page("payouts", [payout(fx=fx)]))) == ["gocardless.conversion"]


@settings(max_examples=30)
@given(
    fees=st.lists(st.integers(0, 9999), min_size=1, max_size=8),
    amounts=st.lists(st.integers(1000, 10**6), min_size=8, max_size=8),
)
def test_every_payout_holds_whatever_its_fees(fees, amounts):
    """Fees in tenths of a penny are given out whole, and nothing is lost or made."""
    items = []
    for place, tenths in enumerate(fees):
        items.append(item("payment_paid_out", f"{amounts[place]}.0", payment=f"PM{place}"))
        fee = Decimal(-tenths) / 10
        items.append(item("gocardless_fee", str(fee), payment=f"PM{place}"))
    total = sum(amounts[: len(fees)]) - Decimal(sum(fees)) / 10
    pages = [page("payouts", [payout(amount=int(total))]), page("payout_items", items)]
    content = "\n".join(map(json.dumps, pages)).encode()
    read = GoCardlessReader(GoCardlessSettings()).read(io.BytesIO(content), name="x").collect()
    [whole] = [row for row in read.rows if isinstance(row, Payout)]

    assert whole.difference_minor == 0
    assert sum(row.net_minor for row in read.rows[:-1]) == int(total)
