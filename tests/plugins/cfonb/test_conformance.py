"""The readers ``cfonb120`` and ``cfonb240`` keep the contracts of their hooks."""

from __future__ import annotations

import pytest

from receivables.receipts.advices import AdviceKind
from receivables.testing.advice_reader import AdviceReaderTests, AdviceSample, ExpectedAdvices
from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.cfonb import receivables_advice_readers, receivables_statement_readers

IBAN = "FR7630006000011234567890189"


class TestCfonb120(StatementReaderTests):
    """The checks that every statement reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def records(self, opening, movement, complement, closing):
        return (
            opening(100_00),
            movement(50_00, number="0000117", reference="REF-1"),
            complement("NPY", "SOCIÉTÉ DURAND"),
            complement("CPY", "FR7620041010050500013M02606"),
            complement("LCS", "RF18539007547034"),
            complement("RCN", "NOTPROVIDED"),
            movement(-20_00, code="B3", reason="04", label="PRLV IMPAYE"),
            closing(130_00),
        )

    @pytest.fixture
    def samples(self, file, records, opening, movement, closing):
        sums = ExpectedStatements(
            entries=2,
            closings=[(IBAN, 130_00)],
            sums=[(IBAN, 30_00)],
        )
        unbalanced = file(opening(), movement(1_00), closing(2_00))
        return [
            StatementSample(name="lines.txt", content=file(*records), expected=sums),
            StatementSample(name="run.txt", content=file(*records, end=""), expected=sums),
            StatementSample(
                name="unbalanced.txt",
                content=unbalanced,
                expected=ExpectedStatements(
                    entries=1,
                    closings=[(IBAN, 2_00)],
                    sums=[(IBAN, 1_00)],
                    problems=frozenset({"statement.unbalanced"}),
                    complete=False,
                ),
            ),
        ]


class TestCfonb240(AdviceReaderTests):
    """The checks that every advice reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_advice_readers()
        return spec

    @pytest.fixture
    def samples(self, file, header, advice, total):
        records = (
            header(),
            advice(12_34, at_153="FACTURE 117", at_215="151026", at_227="04"),
            advice(7_66, number=3, date="101026", at_215="151026", at_227="14"),
            total(20_00, number=4),
        )
        expected = ExpectedAdvices(
            advices=2,
            sums=[("2026-10-31/81", 20_00)],
            kinds=[AdviceKind.RETURN, AdviceKind.REJECTION],
        )
        return [
            AdviceSample(name="lines.txt", content=file(*records), expected=expected),
            AdviceSample(name="run.txt", content=file(*records, end=""), expected=expected),
            AdviceSample(
                name="short.txt",
                content=file(header(), advice(12_34, at_227="04"), total(20_00)),
                expected=ExpectedAdvices(
                    advices=1,
                    sums=[("2026-10-31/81", 12_34)],
                    problems=frozenset({"cfonb240.total-differs"}),
                    complete=False,
                ),
            ),
        ]
