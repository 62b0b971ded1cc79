"""The reader of lockbox files keeps the contract of advice readers."""

from __future__ import annotations

import pytest

from receivables.receipts.advices import AdviceKind
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.lockbox import receivables_advice_readers

BATCHES = [("0022222/2026-10-30/001", 120_00), ("0022222/2026-10-30/002", 5_00)]


class TestLockbox(AdviceReaderTests):
    """The checks that every advice reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_advice_readers()
        return spec

    @pytest.fixture
    def samples(self, lockbox, cheque):
        paid = cheque(100_00, [("INV-1", 60_00, 0), ("INV-2", 40_00, 0)], rest="261001ANNA")
        two = lockbox([paid, cheque(20_00, item=2)], [cheque(5_00, batch=2)])
        return [
            AdviceSample(
                name="two.bai",
                content=two,
                expected=ExpectedAdvices(advices=3, sums=BATCHES, kinds={AdviceKind.DEPOSIT}),
            ),
            AdviceSample(
                name="differs.bai",
                content=two.replace(b"0020000012000", b"0020000012001"),
                expected=ExpectedAdvices(
                    advices=3,
                    sums=BATCHES,
                    problems={"lockbox.total-differs"},
                    complete=False,
                ),
            ),
            AdviceSample(
                name="empty.bai",
                content=lockbox([]),
                expected=ExpectedAdvices(advices=0, sums=[("0022222/2026-10-30/001", 0)]),
            ),
        ]
