"""The reader ``adyen`` obeys its protocol."""

from __future__ import annotations

import pytest

from receivables.receipts.payouts import MovementKind
from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
from receivables_plugins import adyen

from .reports import BATCH, DISPUTES, SETTLED, dispute, settlement, table


class TestAdyenReader(PayoutReaderTests):
    """Samples: a batch with everything in it, and a dispute report."""

    @pytest.fixture
    def spec(self):
        """The descriptor under test."""
        [spec] = adyen.receivables_payout_readers()
        return spec

    @pytest.fixture
    def samples(self):
        """Files with what is known about them."""
        first = {**SETTLED, "Merchant Reference": "F-ONLY"}
        expected = ExpectedPayouts(
            payouts={"MiraShop/4": ("EUR", 55_00)},
            gross_minor={
                (MovementKind.PAYMENT, "EUR"): 100_00,
                (MovementKind.CHARGEBACK, "EUR"): -30_00,
                (MovementKind.FEE, "EUR"): -1_30,
                (MovementKind.RESERVE_HELD, "EUR"): -10_00,
                (MovementKind.BROUGHT_FORWARD, "EUR"): 5_00,
            },
            fees_minor={"EUR": 8_70},
            identities=("8825000000000001/Settled", "MiraShop/4/Balancetransfer"),
        )
        return [
            PayoutSample(
                name="settlement_detail_report_batch_4.csv",
                content=settlement(first, *BATCH[1:]),
                expected=expected,
                text=b"F-ONLY",
            ),
            PayoutSample(
                name="dispute_report_2026_10_02.csv",
                content=table(DISPUTES, [dispute("Chargeback")]),
                expected=ExpectedPayouts(disputes=1, identities=("8835000000000001",)),
            ),
        ]
