"""The reader ``aeb43`` keeps the contract of statement readers."""

from __future__ import annotations

import pytest

from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.aeb43 import receivables_statement_readers

IBAN = "ES9121000418450200051332"


class TestAeb43(StatementReaderTests):
    """The checks that every statement reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def samples(self, whole, head, movement, foot, file):
        return [
            StatementSample(
                name="whole.n43",
                content=whole,
                expected=ExpectedStatements(
                    entries=4, closings=[(IBAN, 1325_50)], sums=[(IBAN, 325_50)]
                ),
            ),
            StatementSample(
                name="unbalanced.n43",
                content=file(head(opening=999_00), movement(), foot()),
                expected=ExpectedStatements(
                    entries=1,
                    closings=[(IBAN, 1100_00)],
                    problems={"statement.unbalanced"},
                    complete=False,
                ),
            ),
            StatementSample(
                name="dollars.n43",
                content=file(
                    head(currency="840"), movement(), foot(currency="840"), head="0021002610310"
                ),
                expected=ExpectedStatements(entries=1, closings=[(IBAN, 1100_00)]),
            ),
        ]
