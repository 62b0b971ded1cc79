"""The service ``sap`` and the source ``sap-cube`` keep their contracts."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.testing.ledger_service import ExpectedService, LedgerServiceTests
from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables_plugins import sap

OPEN = {"EUR": 100_00 + 100_00 - 30_00 - 40_00 - 500_00, "JPY": 1000}


class TestSap(LedgerServiceTests):
    """Version 2 of the protocol, with tokens."""

    @pytest.fixture
    def spec(self):
        return sap.receivables_ledger_services()[0]

    @pytest.fixture
    def case(self, oauth_case):
        return oauth_case

    @pytest.fixture
    def expected(self):
        return ExpectedService(
            open_minor=OPEN,
            open_on={
                dt.date(2026, 9, 9): {},
                dt.date(2026, 10, 19): {**OPEN, "EUR": OPEN["EUR"] + 250_00},
                dt.date(2026, 10, 20): OPEN,
            },
            identities=["0100000001-2026-001", "0000000017"],
            customers=2,
            limits_minor={"EUR": 5_000_00},
            problems={"sap.noted-item"},
        )


class TestSapV4(TestSap):
    """Version 4 of the protocol, with a password, which is not renewed."""

    @pytest.fixture
    def spec(self, changed):
        spec = sap.receivables_ledger_services()[0]
        return changed(spec, capabilities=spec.capabilities - {"renews-tokens"})

    @pytest.fixture
    def case(self, password_case):
        return password_case


class TestCubeSource(LedgerSourceTests):
    """Files of version 2, and a bare list of rows that lack what a feed may lack."""

    @pytest.fixture
    def spec(self):
        return next(spec for spec in sap.receivables_ledger_sources() if spec.name == "sap-cube")

    @pytest.fixture
    def samples(self, cube_file, as_json):
        whole = ExpectedLedger(
            totals=OPEN,
            identities=["0100000001-2026-001", "0000000017"],
            problems=frozenset({"sap.noted-item"}),
        )
        bare = [
            {
                "AccountingDocument": "0042",
                "PostingDate": "2026-09-10T00:00:00",
                "AmountInBalanceTransacCrcy": amount,
            }
            for amount in ("343.00", -16)
        ]
        half = ExpectedLedger(
            totals={"CAD": 327_00},
            problems=frozenset({"sap.kind-unsaid", "sap.items-unnumbered"}),
            identities=["0042"],
        )
        said = {"creditor": "CITY", "customer": "C-1", "currency": "CAD"}
        return [
            LedgerSample(name="cube.json", content=cube_file, expected=whole),
            LedgerSample(name="bare.json", content=as_json(bare), expected=half, settings=said),
        ]
