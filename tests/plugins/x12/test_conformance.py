"""The reader ``x12`` keeps the contract of advice readers."""

from __future__ import annotations

import pytest

from receivables.receipts import AdviceKind
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.x12 import receivables_advice_readers

NAME = "000000077/5/0001"


class TestX12(AdviceReaderTests):
    """The checks that every advice reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_advice_readers()
        return spec

    @pytest.fixture
    def samples(self, interchange, remittance, lockbox, segment_set):
        return [
            AdviceSample(
                name="820.edi",
                content=interchange(remittance()),
                expected=ExpectedAdvices(
                    advices=1, sums=[(NAME, 4502_65)], kinds={AdviceKind.REMITTANCE}
                ),
            ),
            AdviceSample(
                name="823.edi",
                content=interchange(lockbox(), end="~", group="LB"),
                expected=ExpectedAdvices(
                    advices=3,
                    sums=[(f"{NAME}/D-5/B1", 100_00), (f"{NAME}/D-5/B2", 50_00)],
                    kinds={AdviceKind.DEPOSIT},
                ),
            ),
            AdviceSample(
                name="false.edi",
                content=interchange(remittance(total="4500.00")),
                expected=ExpectedAdvices(
                    advices=1,
                    sums=[(NAME, 4500_00)],
                    problems=frozenset({"x12.total-differs"}),
                    complete=False,
                ),
            ),
            AdviceSample(
                name="ctx.txt",
                content="\\".join(
                    segment_set("BPR*C*5*C*ACH*CTX", "RMR*IV*1**5", number="1")
                ).encode(),
                expected=ExpectedAdvices(advices=1, sums=[("1", 5_00)]),
            ),
        ]
