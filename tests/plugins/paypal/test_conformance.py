"""The reader ``paypal`` obeys its protocol."""

from __future__ import annotations

import json

import pytest

from receivables.receipts.payouts import MovementKind
from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
from receivables_plugins import paypal

from .reports import BODIES, FOOTERS, body, dispute, page, report, transaction


class TestPayPalReader(PayoutReaderTests):
    """Samples: a settlement report, a page of transactions, a list of disputes."""

    @pytest.fixture
    def spec(self):
        """The descriptor under test."""
        [spec] = paypal.receivables_payout_readers()
        return spec

    @pytest.fixture
    def samples(self):
        """Files with what is known about them."""
        sold = body("TXN1", "T0006", 100_00, 3_20, reference="F-ONLY")
        rows = [
            transaction("TXN1", "T0006", "100.00", "-3.20", invoice_id="F-ONLY"),
            transaction("TXN3", "T0400", "-90.00"),
        ]
        return [
            PayoutSample(
                name="STL-20261001.01.009.CSV",
                content=report([sold, *BODIES[1:]], FOOTERS),
                expected=ExpectedPayouts(
                    payouts={"TXN3": ("EUR", 90_00)},
                    gross_minor={
                        (MovementKind.PAYMENT, "EUR"): 100_00,
                        (MovementKind.REFUND, "EUR"): -20_00,
                        (MovementKind.CHARGEBACK, "EUR"): -5_00,
                        (MovementKind.BROUGHT_FORWARD, "EUR"): 12_60,
                    },
                    fees_minor={"EUR": 2_60},
                    identities=("TXN1", "TXN2", "TXN3", "TXN4"),
                ),
                text=b"F-ONLY",
            ),
            PayoutSample(
                name="transactions.json",
                content=json.dumps(page(*rows), indent=1).encode(),
                expected=ExpectedPayouts(
                    payouts={"TXN3": ("EUR", 90_00)},
                    gross_minor={(MovementKind.PAYMENT, "EUR"): 100_00},
                    fees_minor={"EUR": 3_20},
                ),
                text=b"F-ONLY",
            ),
            PayoutSample(
                name="disputes.json",
                content=json.dumps({"items": [dispute()]}).encode(),
                expected=ExpectedPayouts(disputes=1, identities=("PP-D-1",)),
            ),
        ]
