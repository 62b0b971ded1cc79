"""The source ``fec`` keeps the contract of ledger sources."""

from __future__ import annotations

import pytest

from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables_plugins import fec


class TestFec(LedgerSourceTests):
    """The conformance class, over exports of several programs."""

    @pytest.fixture
    def spec(self):
        return fec.receivables_ledger_sources()[0]

    @pytest.fixture
    def samples(self, export, sale, payment):
        lettered = {"EcritureLet": "AA", "DateLet": "20260211"}
        lines = [*sale(**lettered), *payment(**lettered), *sale("3", "0007", "20260301")]
        late = [*sale(), *payment(number="4", piece="B002", EcritureLet="AB")]
        settings = {"creditor": "MIRA"}
        whole = ExpectedLedger(totals={"EUR": 120_00}, identities=["0042", "F001", "0007"])
        other = ExpectedLedger(problems=frozenset({"lettering.unbalanced"}), totals={"EUR": 0})
        return [
            LedgerSample(name="fec.txt", content=export(*lines), expected=whole, settings=settings),
            LedgerSample(
                name="piped.txt",
                content=export(*late, delimiter="|", encoding="iso-8859-15"),
                expected=other,
                settings=settings,
            ),
            LedgerSample(
                name="half.txt",
                content=export(*lines[:-1]),
                expected=ExpectedLedger(
                    totals={"EUR": 120_00},
                    problems=frozenset({"entries.unbalanced"}),
                    complete=False,
                ),
                settings=settings,
            ),
        ]
