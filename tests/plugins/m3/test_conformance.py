"""The adapters of M3 in the conformance kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from receivables.accounting.model import GlAccount, JournalEntry, JournalLine, Role
from receivables.adapters import AdapterSpec
from receivables.money import money
from receivables.outbox import AppliedPart, PostingBatch, ReceiptPosting
from receivables.testing.ledger_service import ExpectedService, LedgerServiceTests
from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables.testing.posting_target import PostingTargetTests
from receivables.testing.services import ServiceCase
from receivables_plugins import m3 as plugin

_LAYOUT = [
    {"holds": "account", "start": 1, "length": 10},
    {"holds": "side", "start": 11, "length": 1, "value": "D/K"},
    {"holds": "amount", "start": 12, "length": 15, "align": "right", "form": "unsigned"},
    {"holds": "currency", "start": 27, "length": 3},
    {"holds": "date", "start": 30, "length": 8},
    {"holds": "text", "start": 38, "length": 20, "cut": True},
]


class TestCloud(LedgerServiceTests):
    """The service with tokens, over v2."""

    @pytest.fixture
    def spec(self) -> AdapterSpec[Any]:
        """The service."""
        [found] = plugin.receivables_ledger_services()
        return found

    @pytest.fixture
    def case(self, m3: SimpleNamespace) -> ServiceCase:
        """The cloud."""
        found: ServiceCase = m3.cloud_case()
        return found

    @pytest.fixture
    def expected(self, m3: SimpleNamespace) -> ExpectedService:
        """What the rows come to, added up by hand."""
        return ExpectedService(
            open_minor=m3.OPEN_NOW,
            open_on={
                dt.date(2026, 8, 10): {"EUR": 1200_00 + 500_00 + 300_00 + 200_00, "JPY": 12000},
                dt.date(2026, 9, 19): {
                    "EUR": 1200_00 + 300_00 - 80_00 + 300_00 + 100_00,
                    "JPY": 12000,
                },
                dt.date(2026, 9, 20): {"EUR": 1200_00 + 300_00 - 80_00 + 100_00, "JPY": 12000},
                dt.date(2026, 12, 31): m3.OPEN_NOW,
            },
            identities=["000100-2026", "0042", "AAA-D'ARC-PA-77-2026-20"],
            customers=3,
            limits_minor={"EUR": 15000_00 + 5000_00 + 2000_00},
        )


class TestCloudOverV1(TestCloud):
    """The service with tokens, over v1."""

    @pytest.fixture
    def case(self, m3: SimpleNamespace) -> ServiceCase:
        """The cloud, in the older form."""
        found: ServiceCase = m3.cloud_case(api="v1")
        return found


class TestSite(TestCloud):
    """The service on premises, with a password and tokens against forged requests."""

    @pytest.fixture
    def spec(self) -> AdapterSpec[Any]:
        """The service, without what a password cannot do."""
        [found] = plugin.receivables_ledger_services()

        return attrs.evolve(found, capabilities=found.capabilities - {"renews-tokens"})

    @pytest.fixture
    def case(self, m3: SimpleNamespace) -> ServiceCase:
        """A machine room."""
        found: ServiceCase = m3.site_case()
        return found


class TestExtract(LedgerSourceTests):
    """The extracts."""

    @pytest.fixture
    def spec(self) -> AdapterSpec[Any]:
        """The source."""
        [found] = plugin.receivables_ledger_sources()
        return found

    @pytest.fixture
    def samples(self, m3: SimpleNamespace) -> Sequence[LedgerSample]:
        """The rows as a file of FSLEDG, and the customers as one of OCUSMA."""
        settings = {"creditor": "MIRA"}
        totals = {"EUR": 1200_00 + 500_00 - 80_00 + 300_00 - 90_00 + 200_00, "JPY": 12000}
        return [
            LedgerSample(
                name="FSLEDG.csv",
                content=_table("ES", m3.LEDGER),
                settings=settings,
                expected=ExpectedLedger(totals=totals, identities=["000100-2026", "0042"]),
            ),
            LedgerSample(
                name="OCUSMA.csv",
                content=_table("OK", m3.CUSTOMERS),
                settings=settings,
                expected=ExpectedLedger(identities=["0042"]),
            ),
        ]


def _table(prefix: str, rows: list[dict[str, str]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [";".join(prefix + name for name in names)]
    lines += [";".join(row.get(name, "") for name in names) for row in rows]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _entry(name: str, amount_minor: int) -> JournalEntry:
    bank, customers = GlAccount("512000", "Banques"), GlAccount("411000", "Clients")
    lines = [
        JournalLine(
            account=account,
            role=role,
            amount_minor=sign * amount_minor,
            currency="EUR",
            functional_minor=sign * amount_minor,
        )
        for account, role, sign in [(bank, Role.BANK, 1), (customers, Role.RECEIVABLE, -1)]
    ]
    return JournalEntry(
        entry=name,
        creditor="MIRA",
        date=dt.date(2026, 10, 5),
        kind="Allocated",
        functional_currency="EUR",
        lines=lines,
        text="Encaissement",
    )


def _receipt(name: str, customer: str = "C-017", **more: Any) -> ReceiptPosting:
    usual: dict[str, Any] = {
        "receipt": name,
        "customer": customer,
        "amount": money("120.00", "EUR"),
        "booking_date": dt.date(2026, 10, 5),
        "applications": [AppliedPart(document="000100-2026", amount_minor=12000)],
    }
    return ReceiptPosting(**(usual | more))


def _batch(*records: Any) -> PostingBatch:
    return PostingBatch.of(records, creditor="MIRA", target="m3")


_POSTING = {
    "company": "1",
    "payment_type": "10",
    "receipt_table": "XARPBL",
    "receipt_prefix": "XA",
    "journal_interface": "RECEIVABLES",
    "journal_layout": _LAYOUT,
    "keeps_batches": True,
}


class TestPosting(PostingTargetTests):
    """Receipts and journal entries into the cloud."""

    @pytest.fixture
    def spec(self) -> AdapterSpec[Any]:
        """The target."""
        [found] = plugin.receivables_posting_targets()
        return found

    @pytest.fixture
    def case(self, m3: SimpleNamespace) -> ServiceCase:
        """The cloud."""
        return ServiceCase(
            settings={"ionapi": "m3-ionapi", **_POSTING},
            secrets=m3.CLOUD_SECRETS,
            serve=m3.cloud,
        )

    @pytest.fixture
    def batch(self) -> PostingBatch:
        """A receipt and an entry."""
        return _batch(_receipt("R-1"), _entry("J-1", 500_00))

    @pytest.fixture
    def booked(self) -> Callable[[Any], int]:
        """Rows of receipts, and journals with both of their rows."""
        return lambda fake: (
            sum(len(each.rows) for each in fake.receipts.values())
            + len([each for each in fake.journals.values() if len(each.rows) == 2])
        )

    @pytest.fixture
    def refused(self) -> tuple[PostingBatch, frozenset[str]]:
        """A receipt of a customer that M3 does not have, among others."""
        batch = _batch(_receipt("R-1"), _receipt("R-2", "NOBODY"), _receipt("R-3"), _entry("J", 5))
        return batch, frozenset({"receipt:R-2"})


class TestPostingOnPremises(TestPosting):
    """The same, over v1 with tokens against forged requests."""

    @pytest.fixture
    def case(self, m3: SimpleNamespace) -> ServiceCase:
        """A machine room."""
        site = {key: value for key, value in m3.SITE.items() if key not in {"creditor", "currency"}}
        return ServiceCase(settings={**site, **_POSTING}, secrets=m3.SITE_SECRETS, serve=m3.site)
