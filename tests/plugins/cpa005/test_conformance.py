"""The reader ``cpa005`` keeps the contract of advice readers."""

from __future__ import annotations

import pytest

from receivables.receipts import AdviceKind
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.cpa005 import receivables_advice_readers

NAME = "5550001112/0001/2026-10-31"


class TestCpa005(AdviceReaderTests):
    """The checks that every advice reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_advice_readers()
        return spec

    @pytest.fixture
    def samples(self, file, segment):
        debits = ["D", *(segment(cents) for cents in range(100, 107))]
        returns = ["J", segment(50_00, type_="901", stored="450")]
        placeholder = ["C", segment(7_00, reference="NOTPROVIDED")]
        return [
            AdviceSample(
                name="all.aft",
                content=file(debits[:7], ["D", debits[7]], returns, placeholder),
                expected=ExpectedAdvices(
                    advices=9,
                    sums=[(NAME, 7_21 + 50_00 + 7_00)],
                    kinds={AdviceKind.COLLECTION, AdviceKind.RETURN, AdviceKind.REMITTANCE},
                ),
            ),
            AdviceSample(
                name="false.aft",
                content=file(debits[:7], DJ=(5, 7)),
                expected=ExpectedAdvices(
                    advices=6,
                    sums=[(NAME, 6_15)],
                    problems=frozenset({"cpa005.total-differs", "cpa005.count-differs"}),
                    complete=False,
                ),
            ),
            AdviceSample(
                name="one-line.aft",
                content=file(returns, end=""),
                expected=ExpectedAdvices(advices=1, sums=[(NAME, 50_00)]),
            ),
        ]
