"""The reader of OFX keeps the contract of statement readers."""

from __future__ import annotations

import pytest

from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.ofx import receivables_statement_readers

UNPROVED = frozenset({"statement.incomplete"})
"""What every statement has: there is no opening balance in OFX."""


class TestOfx(StatementReaderTests):
    """The checks that every statement reader passes, on statements of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def samples(self, statement, leaves):
        account = leaves() + "<BANKACCTTO>\n<BANKID>9\n<ACCTID>77\n</BANKACCTTO>\n"
        pending = statement(leaves(), leaves(trnamt="-5.00")).replace(
            b"</BANKTRANLIST>",
            b"</BANKTRANLIST>\n<BANKTRANLISTP>\n<STMTTRNP>\n"
            + leaves(trnamt="7.00").encode()
            + b"</STMTTRNP>\n</BANKTRANLISTP>",
        )
        return [
            StatementSample(
                name="plain.ofx",
                content=statement(account, leaves(trnamt="-2.50", memo="Zürich")),
                expected=ExpectedStatements(
                    entries=2,
                    closings=[("0123", 120_00)],
                    sums=[("0123", 10_00)],
                    problems=UNPROVED,
                ),
            ),
            StatementSample(
                name="pending.qfx",
                content=pending,
                expected=ExpectedStatements(
                    entries=3, closings=[("0123", 120_00)], sums=[("0123", 7_50)], problems=UNPROVED
                ),
            ),
            StatementSample(
                name="damaged.ofx",
                content=statement(leaves(trnamt="twelve"), leaves()),
                expected=ExpectedStatements(
                    entries=1,
                    closings=[("0123", 120_00)],
                    problems=UNPROVED | {"amount.invalid"},
                    complete=False,
                ),
            ),
        ]
