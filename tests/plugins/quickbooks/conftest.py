"""A small company of QuickBooks Online, and a service case around it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from receivables.testing.fakes.quickbooks import FakeQuickBooks
from receivables.testing.services import ServiceCase
from receivables_plugins import quickbooks

SECRETS = {
    "quickbooks-client-id": "ABcl13ntId",
    "quickbooks-client-secret": "cl13ntS3cr3t",
    "quickbooks-refresh-token": "RT1-r3fr3sh",
}
CLIENT = "ABcl13ntId:cl13ntS3cr3t"
REALM = "4620816365"


def ref(value, name=None):
    """A reference as the interface writes it."""
    return {"value": value, **({"name": name} if name else {})}


def sale(identity, number, day, total, balance, **more):
    """An invoice or a credit memo."""
    return {
        "Id": identity,
        "SyncToken": "0",
        "DocNumber": number,
        "TxnDate": day,
        "CustomerRef": ref("58", "Sunset Bakery"),
        "CurrencyRef": ref("CAD", "Canadian Dollar"),
        "TotalAmt": Decimal(total),
        "Balance": Decimal(balance),
        "MetaData": {"LastUpdatedTime": "2026-10-20T08:00:00-07:00"},
        **more,
    }


def payment(identity, day, total, left, *settles, **more):
    """A payment; `settles` are kinds, identifiers and amounts."""
    lines = [
        {"Amount": Decimal(amount), "LinkedTxn": [{"TxnId": txn, "TxnType": kind}]}
        for kind, txn, amount in settles
    ]
    return {
        "Id": identity,
        "SyncToken": "0",
        "TxnDate": day,
        "CustomerRef": ref("58", "Sunset Bakery"),
        "CurrencyRef": ref("CAD"),
        "TotalAmt": Decimal(total),
        "UnappliedAmt": Decimal(left),
        "Line": lines,
        "MetaData": {"LastUpdatedTime": "2026-10-20T08:00:00-07:00"},
        **more,
    }


def journal(identity, day, *lines, **more):
    """A journal entry; `lines` are account, side, amount and customer."""
    return {
        "Id": identity,
        "SyncToken": "0",
        "TxnDate": day,
        "CurrencyRef": ref("CAD"),
        "Line": [
            {
                "Id": str(place),
                "Amount": Decimal(amount),
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": {
                    "PostingType": side,
                    "AccountRef": ref(account),
                    **(
                        {"Entity": {"Type": "Customer", "EntityRef": ref(customer)}}
                        if customer
                        else {}
                    ),
                },
            }
            for place, (account, side, amount, customer) in enumerate(lines)
        ],
        "MetaData": {"LastUpdatedTime": "2026-10-20T08:00:00-07:00"},
        **more,
    }


def company():
    """What the company holds: 1,000.00 of invoices open in part, a credit, a journal line, cash."""
    return {
        "Account": [
            {
                "Id": "84",
                "Name": "Accounts Receivable (A/R)",
                "AccountType": "Accounts Receivable",
                "CurrentBalance": Decimal("755.00"),
                "CurrencyRef": ref("CAD"),
            },
            {"Id": "35", "Name": "Chequing", "AccountType": "Bank", "CurrentBalance": "9"},
        ],
        "Term": [{"Id": "3", "Name": "Net 30", "DueDays": 30}],
        "Customer": [
            {
                "Id": "58",
                "DisplayName": "Sunset Bakery",
                "FullyQualifiedName": "Sunset Bakery",
                "BillAddr": {"Line1": "1040 East Tasman Drive", "City": "LA", "Country": "USA"},
                "PrimaryEmailAddr": {"Address": "rebecca@sunset.example"},
                "SalesTermRef": ref("3"),
                "Active": True,
            },
            {
                "Id": "59",
                "DisplayName": "Ocean View",
                "FullyQualifiedName": "Sunset Bakery:Ocean View",
                "Job": True,
                "ParentRef": ref("58"),
                "Active": False,
            },
        ],
        "Invoice": [
            sale("130", "0042", "2026-08-01", "500.00", "500.00", DueDate="2026-08-31"),
            sale("131", "0043", "2026-08-15", "300.00", "200.00", DueDate="2026-09-14"),
            sale("132", "0044", "2026-09-01", "150.00", "0", DueDate="2026-10-01"),
            sale("133", "0045", "2026-09-05", "0", "0", PrivateNote="Voided - by MD"),
            sale("134", "0046", "2026-09-20", "80.00", "50.00", Deposit=Decimal("30.00")),
        ],
        "CreditMemo": [
            sale("140", "C-9", "2026-09-10", "60.00", "35.00", RemainingCredit=Decimal("35.00")),
        ],
        "Payment": [
            payment("150", "2026-09-15", "100.00", "0", ("Invoice", "131", "100.00")),
            payment(
                "151",
                "2026-10-02",
                "125.00",
                "0",
                ("Invoice", "132", "150.00"),
                ("CreditMemo", "140", "25.00"),
            ),
            payment("152", "2026-10-05", "40.00", "40.00", PaymentRefNum="8812"),
        ],
        "JournalEntry": [
            journal(
                "160",
                "2026-09-30",
                ("84", "Debit", "90.00", "59"),
                ("35", "Credit", "90.00", None),
                DocNumber="0042",
            ),
        ],
        "Deposit": [
            {
                "Id": "170",
                "TxnDate": "2026-10-06",
                "CurrencyRef": ref("CAD"),
                "Line": [
                    {
                        "Id": "1",
                        "Amount": Decimal("10.00"),
                        "DetailType": "DepositLineDetail",
                        "DepositLineDetail": {
                            "AccountRef": ref("84"),
                            "Entity": {**ref("58"), "type": "CUSTOMER"},
                        },
                    }
                ],
            }
        ],
    }


@pytest.fixture
def make_fake():
    """Make a fake of the company, or of other rows."""

    def make(serving=None, rows=None, **more):
        given = () if serving is None else (serving,)
        return FakeQuickBooks(
            company() if rows is None else rows,
            *given,
            refresh_token=SECRETS["quickbooks-refresh-token"],
            client=CLIENT,
            **more,
        )

    return make


@pytest.fixture
def company_case(make_fake):
    """The company as a service."""
    return ServiceCase(
        settings={"creditor": "MIRA", "currency": "CAD", "realm": REALM},
        secrets=SECRETS,
        serve=make_fake,
    )


@pytest.fixture
def service_of(company_case):
    """The ledger service over a fake, with more settings."""

    def build(fake=None, **settings):
        [spec] = quickbooks.receivables_ledger_services()
        runtime = company_case.runtime(transport=fake)
        return spec.build({**company_case.settings, **settings}, runtime=runtime)

    return build


@pytest.fixture
def shared():
    """Published payloads of version 3, beside this checkout."""
    root = Path(__file__).parents[3].parent / "shared" / "corpora" / "erp" / "quickbooks"
    if not root.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return root
