"""Transactions, reports and a runtime for the tests of the Cybersource adapters."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest

from receivables.testing.fakes.cybersource import (
    CybersourceCase,
    CybersourceTransaction,
    FakeCybersource,
)
from receivables.testing.services import ServiceCase
from receivables_plugins import cybersource

(READER,) = cybersource.receivables_payout_readers()
(SERVICE,) = cybersource.receivables_payout_services()

DAY = dt.date(2026, 10, 5)
SECRETS = {
    "cybersource-key-id": "key-1234567890",
    "cybersource-shared-secret": "c2hhcmVkLXNlY3JldA==",
}
SETTINGS = {"organization": "mira", "url": "https://apitest.cybersource.com"}


def transactions():
    """Two purchases and a refund on a day, one purchase in yen on the next."""
    return [
        CybersourceTransaction(
            request="7283640172000167905139",
            reference="F-0042",
            amount="120.00",
            fee="3.48",
            day=DAY,
            applications="ics_auth,ics_bill",
        ),
        CybersourceTransaction(
            request="7283640172000167905140",
            reference="F-0043",
            amount="80.50",
            fee="2.30",
            day=DAY,
        ),
        CybersourceTransaction(
            request="7283640172000167905141",
            reference="F-0042",
            amount="20.00",
            day=DAY,
            applications="ics_credit",
        ),
        CybersourceTransaction(
            request="7283640172000167905142",
            reference="F-0044",
            amount="99.99",
            day=DAY + dt.timedelta(days=1),
        ),
    ]


def cases():
    """One chargeback that took money, and an inquiry that did not."""
    return [
        CybersourceCase(
            case="CB-00017",
            request="7000000000000000000001",
            reference="F-0001",
            amount="35.00",
            day=DAY,
            due=DAY + dt.timedelta(days=20),
        ),
        CybersourceCase(
            case="CB-00018",
            request="7000000000000000000002",
            reference="F-0002",
            amount="12.00",
            day=DAY + dt.timedelta(days=1),
            action="Retrieval request",
            sign="",
        ),
    ]


@pytest.fixture
def make_case():
    """A service case with more settings, or with a fake of another kind."""

    def make(*, fake=None, **settings):
        def serve(serving):
            options = {
                "cases": cases(),
                "key_id": SECRETS["cybersource-key-id"],
                "shared_secret": SECRETS["cybersource-shared-secret"],
                **(fake or {}),
            }
            rows = options.pop("transactions", transactions())
            return FakeCybersource(rows, serving, **options)

        return ServiceCase(settings={**SETTINGS, **settings}, secrets=SECRETS, serve=serve)

    return make


@pytest.fixture(scope="session")
def read():
    """Read the bytes of a report with some settings."""

    def of(content, **settings):
        raw = content.encode() if isinstance(content, str) else content
        return READER.build(settings).read(io.BytesIO(raw), name="report").collect()

    return of


@pytest.fixture(scope="session")
def shared():
    """The folder of schemas beside this checkout."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "erp" / "cybersource"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder
