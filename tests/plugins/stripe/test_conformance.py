"""The reader and the service ``stripe`` obey their protocols."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from receivables.receipts.payouts import MovementKind
from receivables.testing.fakes.cursor_api import FakeCursorApi
from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
from receivables.testing.payout_service import PayoutServiceTests
from receivables.testing.services import ServiceCase
from receivables_plugins import stripe

from .reports import CHARGE, REFUND, dispute, itemized, page, payout, transaction


def _rows():
    make = transaction
    charge = {
        "id": "ch_1",
        "object": "charge",
        "billing_details": {"name": "ACME Ltd"},
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
        "metadata": {"order_id": "F-1"},
    }
    return [
        make("txn_p2", -4_000, category="payout", day=4, source="po_2", payout="po_2"),
        make("txn_5", 3_000, 90, day=4),
        make("txn_4", 4_120, 120, day=3, payout="po_2"),
        make("txn_p1", -7_710, category="payout", day=2, source="po_1", payout="po_1"),
        make("txn_3", 6_000, day=2, payout="po_9"),
        make("txn_2", -2_000, category="refund", day=1, payout="po_1"),
        make("txn_1", 10_000, 290, day=1, payout="po_1", source=charge),
    ]


class TestStripeReader(PayoutReaderTests):
    """Samples: an itemized report, a page of transactions, a page of disputes."""

    @pytest.fixture
    def spec(self):
        """The descriptor under test."""
        [spec] = stripe.receivables_payout_readers()
        return spec

    @pytest.fixture
    def samples(self):
        """Files with what is known about them."""
        transactions = [row for row in _rows() if row["_payout"] == "po_1"]
        expected = ExpectedPayouts(
            payouts={"po_1": ("EUR", 77_10)},
            gross_minor={
                (MovementKind.PAYMENT, "EUR"): 100_00,
                (MovementKind.REFUND, "EUR"): -20_00,
            },
            fees_minor={"EUR": 2_90},
            identities=("txn_1", "txn_2", "po_1"),
        )
        table = itemized(CHARGE, REFUND)
        disputes = page([dispute("dp_1"), dispute("dp_2")], "/v1/disputes")
        return [
            PayoutSample(name="po.csv", content=table, expected=expected, text=b"Order txn_2"),
            PayoutSample(
                name="po.json",
                content=json.dumps(page(transactions)).encode(),
                expected=expected,
                text=b"about txn_1",
            ),
            PayoutSample(
                name="disputes.json",
                content=json.dumps(disputes, indent=1).encode(),
                expected=ExpectedPayouts(disputes=2, identities=("dp_1",)),
            ),
        ]


class TestStripeService(PayoutServiceTests):
    """Two payouts, one of later days, and a movement that is in none yet."""

    @pytest.fixture
    def spec(self):
        """The descriptor under test."""
        [spec] = stripe.receivables_payout_services()
        return spec

    @pytest.fixture
    def case(self):
        """A key, and lists behind it."""
        collections = {
            "/v1/balance_transactions": _rows(),
            "/v1/payouts": [
                payout("po_9", 60_00, day=9),
                payout("po_2", 40_00, day=4),
                payout("po_1", 77_10, day=3),
            ],
            "/v1/disputes": [dispute(f"dp_{number}") for number in range(9)],
        }
        return ServiceCase(
            secrets={"stripe-secret-key": "sk_test_of_this_case"},
            serve=lambda serving: FakeCursorApi(
                collections, key="sk_test_of_this_case", serving=serving
            ),
        )

    @pytest.fixture
    def days(self):
        """The first days of October."""
        return dt.date(2026, 10, 1), dt.date(2026, 10, 5)

    @pytest.fixture
    def expected(self):
        """Two payouts, and what is on the balance."""
        return ExpectedPayouts(
            payouts={"po_1": ("EUR", 77_10), "po_2": ("EUR", 40_00)},
            gross_minor={
                (MovementKind.PAYMENT, "EUR"): 171_20,
                (MovementKind.REFUND, "EUR"): -20_00,
            },
            fees_minor={"EUR": 5_00},
            disputes=9,
        )
