"""The reader ``coda`` keeps the contract of statement readers."""

from __future__ import annotations

import pytest

from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.coda import receivables_statement_readers

IBAN = "BE68539007547034"


class TestCoda(StatementReaderTests):
    """The checks that every statement reader passes, on files of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def samples(self, whole, head, movement, statement):
        detail = movement(code="60150000")
        return [
            StatementSample(
                name="whole.cod",
                content=whole,
                expected=ExpectedStatements(
                    entries=4, closings=[(IBAN, 1357_50)], sums=[(IBAN, 357_50)]
                ),
            ),
            StatementSample(
                name="unbalanced.cod",
                content=statement(movement(99_00), credits=99_00),
                expected=ExpectedStatements(
                    entries=1,
                    closings=[(IBAN, 1100_00)],
                    problems={"statement.unbalanced"},
                    complete=False,
                ),
            ),
            StatementSample(
                name="separate.cod",
                content=statement(detail, head=head(application="00001")),
                expected=ExpectedStatements(entries=1, closings=[(IBAN, None)], sums=[(IBAN, 0)]),
            ),
        ]
