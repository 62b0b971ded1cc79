"""The reader and the service ``gocardless`` obey their protocols."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from receivables.receipts.payouts import MovementKind
from receivables.testing.fakes.cursor_api import CursorStyle, FakeCursorApi
from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
from receivables.testing.payout_service import PayoutServiceTests
from receivables.testing.services import ServiceCase
from receivables_plugins import gocardless

from .reports import ITEMS, event, item, page, payment, payout


class TestGoCardlessReader(PayoutReaderTests):
    """Samples: a payout with its items and payments, and a webhook of a chargeback."""

    @pytest.fixture
    def spec(self):
        """The descriptor under test."""
        [spec] = gocardless.receivables_payout_readers()
        return spec

    @pytest.fixture
    def samples(self):
        """Files with what is known about them."""
        pages = [
            page("payouts", [payout()]),
            page("payout_items", ITEMS),
            page("payments", [payment("PM1"), payment("PM2")]),
        ]
        charged_back = [
            page("payments", [payment("PM3")]),
            {"events": [event("EV1", "charged_back", "PM3")]},
        ]
        return [
            PayoutSample(
                name="payout.json",
                content="\n".join(map(json.dumps, pages)).encode(),
                expected=ExpectedPayouts(
                    payouts={"PO1": ("GBP", 18_79)},
                    gross_minor={(MovementKind.PAYMENT, "GBP"): 20_00},
                    fees_minor={"GBP": 1_21},
                    identities=("PO1/payment_paid_out/PM1", "I-PM2"),
                ),
                settings={"reference": "invoice"},
                text=b"I-PM2",
            ),
            PayoutSample(
                name="webhook.json",
                content=json.dumps(charged_back, indent=1).encode(),
                expected=ExpectedPayouts(disputes=1, identities=("PM3/chargeback",)),
            ),
        ]


class TestGoCardlessService(PayoutServiceTests):
    """Two payouts, one with a late failure, one with a chargeback of a payment of long ago."""

    @pytest.fixture
    def spec(self):
        """The descriptor under test."""
        [spec] = gocardless.receivables_payout_services()
        return spec

    @pytest.fixture
    def case(self):
        """A token, and lists behind it."""
        items = [
            *({**row, "_payout": "PO1"} for row in ITEMS),
            item("payment_paid_out", "5000.0", payment="PM3", payout="PO2"),
            item("payment_failed", "-1000.0", payment="PM1", payout="PO2"),
            item("gocardless_fee", "60.3", payment="PM1", payout="PO2"),
            item("payment_charged_back", "-700.0", payment="PM0", payout="PO2"),
            item("app_fee", "-10.3", payout="PO2"),
        ]
        payments = [payment("PM3"), payment("PM2"), payment("PM1")]
        old = payment("PM0", 700, charge_date="2025-01-01")
        collections = {
            "/payouts": [
                payout("PO9", 1, day="2026-10-20", created_at="2026-10-19T10:00:00.000Z"),
                payout("PO2", 3350, day="2026-10-06", fees=-50),
                payout(),
            ],
            "/payout_items": items,
            "/payments": [*payments, old],
            "/events": [
                event("EV2", "chargeback_settled", "PM0", at="2026-10-06T09:00:00.000Z"),
                event("EV1", "charged_back", "PM0"),
            ],
        }
        return ServiceCase(
            secrets={"gocardless-access-token": "live_token_of_this_case"},
            serve=lambda serving: FakeCursorApi(
                collections,
                key="live_token_of_this_case",
                style=CursorStyle.CURSORS_AFTER,
                serving=serving,
            ),
        )

    @pytest.fixture
    def days(self):
        """The first days of October."""
        return dt.date(2026, 10, 1), dt.date(2026, 10, 10)

    @pytest.fixture
    def expected(self):
        """Two payouts; the fee that came back with the failed payment is negative."""
        return ExpectedPayouts(
            payouts={"PO1": ("GBP", 18_79), "PO2": ("GBP", 33_50)},
            gross_minor={
                (MovementKind.PAYMENT, "GBP"): 70_00,
                (MovementKind.FAILED, "GBP"): -10_00,
                (MovementKind.CHARGEBACK, "GBP"): -7_00,
                (MovementKind.FEE, "GBP"): -10,
            },
            fees_minor={"GBP": 61},
            disputes=1,
        )
