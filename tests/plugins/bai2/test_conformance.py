"""The reader of BAI2 keeps the contract of statement readers."""

from __future__ import annotations

import pytest

from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.bai2 import receivables_statement_readers

ACCOUNT = "0123456789"


class TestBai2(StatementReaderTests):
    """The checks that every statement reader passes, on reports of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def samples(self, report):
        kinds = report(
            "16,195,10000,V,261031,,BANK-1,E2E-1,Invoice \n88,4711\n88,DBNM: Anna AG\n88,DACT: 77",
            "16,115,5000,Z,,,LOCKBOX 68751/",
            "16,116,3000,Z,,,/",
            "16,116,2000,Z,,,/",
            "16,555,3000,Z,BANK-2,,RETURNED NSF/",
        )
        return [
            StatementSample(
                name="kinds.bai",
                content=kinds,
                expected=ExpectedStatements(
                    entries=3, closings=[(ACCOUNT, 120_00)], sums=[(ACCOUNT, 120_00)]
                ),
            ),
            StatementSample(
                name="unbalanced.bai",
                content=report("16,175,100,Z,,,/"),
                expected=ExpectedStatements(
                    entries=1,
                    closings=[(ACCOUNT, 120_00)],
                    problems=frozenset({"statement.unbalanced"}),
                    complete=False,
                ),
            ),
            StatementSample(
                name="unproved.bai",
                content=report("16,175,100,Z,,,/", summary="040,100,,/", amounts=100),
                expected=ExpectedStatements(
                    entries=1,
                    closings=[(ACCOUNT, None)],
                    problems=frozenset({"statement.incomplete"}),
                ),
            ),
        ]
