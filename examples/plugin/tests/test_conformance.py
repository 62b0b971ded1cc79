"""What every ledger source and every ledger service must do, asked of Acme's."""

from __future__ import annotations

import pytest
import receivables_acme
from receivables_acme.fake import FakeAcme

from receivables.testing import (
    ExpectedLedger,
    ExpectedService,
    LedgerSample,
    LedgerServiceTests,
    LedgerSourceTests,
    ServiceCase,
)

_EXPORT = b"""\
Doc;Account;Name;Kind;Dated;Due;Total;Open;Cur
00417;C-017;Quincaillerie Tremblay;IN;2026-09-30;2026-10-30;1200.00;700.00;CAD
00418;C-018;Maison Roy;IN;2026-10-02;2026-11-01;80.50;80.50;CAD
00419;C-017;Quincaillerie Tremblay;CR;2026-10-05;2026-10-05;20.00;20.00;CAD
"""
_ITEMS = [
    {
        "doc": f"{number:05}",
        "account": f"C-{number % 3:03}",
        "kind": "CR" if number % 5 == 0 else "IN",
        "dated": "2026-09-30",
        "due": "2026-10-30",
        "open": f"{number}.50",
        "currency": "CAD",
    }
    for number in range(1, 24)
]
_CUSTOMERS = [{"account": f"C-{number:03}", "name": f"Customer {number}"} for number in range(3)]


class TestExport(LedgerSourceTests):
    """The export, by the checks that every file of an ERP goes through."""

    @pytest.fixture
    def spec(self):
        """The descriptor, as the hook gives it."""
        (spec,) = receivables_acme.receivables_ledger_sources()
        return spec

    @pytest.fixture
    def samples(self):
        """A file, and what is known about it without reading it with the adapter."""
        expected = ExpectedLedger(
            totals={"CAD": 120_000 + 8_050 - 2_000}, identities=["00417", "C-017"]
        )
        settings = {"creditor": "MIRA", "snapshot_date": "2026-10-31"}
        return [
            LedgerSample(name="open.csv", content=_EXPORT, expected=expected, settings=settings)
        ]


class TestService(LedgerServiceTests):
    """The interface, by the checks that every service goes through."""

    @pytest.fixture
    def spec(self):
        """The descriptor, as the hook gives it."""
        (spec,) = receivables_acme.receivables_ledger_services()
        return spec

    @pytest.fixture
    def case(self):
        """A fake that serves, with a key that nobody may see."""
        tables = {"open-items": _ITEMS, "customers": _CUSTOMERS}
        return ServiceCase(
            settings={"creditor": "MIRA", "url": "https://acme.example/v1"},
            secrets={"acme-key": "k-9f31"},
            serve=lambda serving: FakeAcme(tables, serving, key="k-9f31"),
        )

    @pytest.fixture
    def expected(self):
        """What the fake holds, counted by hand."""
        signs = [-1 if number % 5 == 0 else 1 for number in range(1, 24)]
        owed = sum(
            sign * (number * 100 + 50) for sign, number in zip(signs, range(1, 24), strict=True)
        )
        return ExpectedService(open_minor={"CAD": owed}, identities=["00001"], customers=3)
