"""The reader ``nacha`` keeps the contract of advice readers."""

from __future__ import annotations

import pytest

from receivables.receipts import AdviceKind
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables_plugins.nacha import receivables_advice_readers

NAME = "2610310915A/03130001000000"


class TestNacha(AdviceReaderTests):
    """The checks that every advice reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_advice_readers()
        return spec

    @pytest.fixture
    def samples(self, file, batch, entry, addenda, returned):
        remittance = r"RMR*IV*2001*PI*120\RMR*CM*77*PI*-20\NTE**THANK YOU" + "\\"
        payments = batch(
            entry(100_00, addenda=1), addenda(remittance), entry(50_00, id_="NOTPROVIDED", trace=2)
        )
        returns = batch(entry(30_00, code="26"), returned("R01"), number=2)
        changes = batch(entry(0, code="21"), returned("C01", type_="98", text="998877"), number=3)
        return [
            AdviceSample(
                name="all.ach",
                content=file(payments, returns, changes),
                expected=ExpectedAdvices(
                    advices=4,
                    sums=[(f"{NAME}1", 150_00), (f"{NAME}2", 30_00), (f"{NAME}3", 0)],
                    kinds={AdviceKind.REMITTANCE, AdviceKind.RETURN, AdviceKind.CHANGE},
                ),
            ),
            AdviceSample(
                name="false.ach",
                content=file(batch(entry(1_00), debits=5), debits=0),
                expected=ExpectedAdvices(
                    advices=1,
                    sums=[(f"{NAME}1", 1_00)],
                    problems=frozenset({"nacha.debits-differ"}),
                    complete=False,
                ),
            ),
            AdviceSample(
                name="one-line.ach",
                content=file(payments, end=""),
                expected=ExpectedAdvices(advices=2, sums=[(f"{NAME}1", 150_00)]),
            ),
        ]
