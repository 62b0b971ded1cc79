"""Payments, refunds and a runtime for the tests of the Moneris adapters."""

from __future__ import annotations

import io

import pytest

from receivables.testing.fakes.moneris import FakeMoneris, moneris_payment, moneris_refund
from receivables.testing.services import ServiceCase
from receivables_plugins import moneris

DIRECT, RECEIPTS = moneris.receivables_payout_readers()
SECRETS = {"moneris-client-id": "client-0123456789", "moneris-client-secret": "s3cr3t-of-moneris"}
CASE = {
    "case": "121719004438",
    "record": 1,
    "amount": "35.00",
    "opened-on": "2026-10-05",
    "respond-by": "2026-10-25",
    "reference": "F-0042",
}


def payments():
    """Payments around two days in Toronto, captured or not."""
    return [
        moneris_payment(
            "pi01", minor=12000, created="2026-10-05T14:00:00.000Z", invoice="F-0042", holder="Ana"
        ),
        moneris_payment("pi02", minor=8050, created="2026-10-05T15:00:00.000Z", invoice="F-0043"),
        moneris_payment("pi03", minor=999, created="2026-10-05T16:00:00.000Z", status="DECLINED"),
        moneris_payment("pi04", minor=500, created="2026-10-06T04:00:00.000Z", currency="USD"),
        moneris_payment("pi05", minor=700, created="2026-10-07T03:59:59.999Z"),
        moneris_payment("pi06", minor=1, created="2026-10-07T04:00:00.000Z"),
    ]


def refunds():
    """One refund that succeeded, and one that did not."""
    return [
        moneris_refund("ri01", of="pi01", minor=2000, created="2026-10-06T14:00:00.000Z"),
        moneris_refund(
            "ri02", of="pi02", minor=100, created="2026-10-06T15:00:00.000Z", status="DECLINED"
        ),
    ]


@pytest.fixture
def make_case():
    """A service case with more settings, or with a fake of another kind."""

    def make(*, fake=None, secrets=None, **settings):
        secrets = SECRETS if secrets is None else secrets

        def serve(serving):
            options = {
                "refunds": refunds(),
                "client_id": SECRETS["moneris-client-id"],
                "client_secret": SECRETS["moneris-client-secret"],
                "disputes": {"121719004438/1": {"imageUploadAllowed": True, "documents": []}},
                **(fake or {}),
            }
            rows = options.pop("payments", payments())
            return FakeMoneris(rows, serving, **options)

        chosen = {
            "merchant": "0123456789101",
            "url": "https://api.sb.moneris.io",
            "cases": [CASE],
            **settings,
        }
        return ServiceCase(settings=chosen, secrets=secrets, serve=serve)

    return make


@pytest.fixture(scope="session")
def read_direct():
    """Read an export of Merchant Direct with some settings."""

    def of(content, **settings):
        raw = content.encode() if isinstance(content, str) else content
        return DIRECT.build(settings).read(io.BytesIO(raw), name="export.csv").collect()

    return of


@pytest.fixture(scope="session")
def read_receipts():
    """Read receipts of the older gateway with some settings."""

    def of(content, **settings):
        raw = content.encode() if isinstance(content, str) else content
        return RECEIPTS.build(settings).read(io.BytesIO(raw), name="receipts.xml").collect()

    return of
