"""The reader ``camt053`` keeps the contract of statement readers."""

from __future__ import annotations

import pytest

from receivables.testing.statement_reader import (
    ExpectedStatements,
    StatementReaderTests,
    StatementSample,
)
from receivables_plugins.iso20022 import receivables_statement_readers

IBAN = "FR7630006000011234567890189"


class TestCamt053(StatementReaderTests):
    """The checks that every statement reader passes, on messages of our own."""

    @pytest.fixture
    def spec(self):
        (spec,) = receivables_statement_readers()
        return spec

    @pytest.fixture
    def samples(self, statement_of_all_kinds, message, statement, entry):
        unbalanced = message(statement(entry("99.00")))
        report = message(statement(entry(status="PDNG"), name="Rpt", balances=""), kind="052")
        return [
            StatementSample(
                name="all.xml",
                content=statement_of_all_kinds,
                expected=ExpectedStatements(
                    entries=4, closings=[(IBAN, 130_00)], sums=[(IBAN, 30_00)]
                ),
            ),
            StatementSample(
                name="unbalanced.xml",
                content=unbalanced,
                expected=ExpectedStatements(
                    entries=1,
                    closings=[(IBAN, 100_00)],
                    sums=[(IBAN, 99_00)],
                    problems=frozenset({"statement.unbalanced"}),
                    complete=False,
                ),
            ),
            StatementSample(
                name="report.xml",
                content=report,
                expected=ExpectedStatements(entries=1, closings=[(IBAN, None)], sums=[(IBAN, 0)]),
            ),
        ]

    @pytest.fixture
    def statement_of_all_kinds(self, message, statement, entry, detail, element, balance):
        payer = element(
            "RltdPties",
            element("Dbtr/Pty/Nm", "Müller & Söhne".replace("&", "&amp;"))
            + element("DbtrAcct/Id/IBAN", "DE89370400440532013000"),
        )
        structured = element("RmtInf/Strd/CdtrRefInf/Ref", "RF18539007547034")
        batch = "".join(
            element("NtryDtls/TxDtls", element("Amt", amount, Ccy="EUR") + payer)
            for amount in ("20.00", "30.00")
        )
        returned = detail(element("RtrInf/Rsn/Cd", "AM04"))
        return message(
            statement(
                entry("20.00", details=detail(payer, structured)),
                entry("50.00", details=batch),
                entry("40.00", sign="DBIT", details=returned),
                entry("7.00", status="PDNG"),
                head=element("StmtPgntn", element("PgNb", "1") + element("LastPgInd", "true")),
                balances=balance("OPBD", "100.00") + balance("CLBD", "130.00"),
            )
        )


class _Skipping(StatementReaderTests):
    """A plug-in that declares returns, and skips what asks for them."""

    @pytest.mark.skip(reason="the point of this class")
    def test_returns_have_a_reason(self):
        """Ask for nothing."""


def test_a_declared_ability_cannot_be_skipped():
    """Conformance fails where a test of a declared ability is replaced or skipped."""
    (spec,) = receivables_statement_readers()

    with pytest.raises(AssertionError):
        _Skipping().test_every_declared_ability_is_tested(spec)
