"""The ledger sources of QuickBooks, and the target that writes files, keep their contracts."""

from __future__ import annotations

from typing import ClassVar

import pytest

from receivables.outbox import PostingBatch
from receivables.testing.ledger_source import ExpectedLedger, LedgerSample, LedgerSourceTests
from receivables.testing.posting_target import PostingTargetTests
from receivables_plugins import quickbooks
from receivables_plugins.quickbooks.json_text import json_bytes

from .conftest import company
from .test_conformance import ACCOUNTS, RECORDS

SETTINGS = {"creditor": "MIRA", "currency": "CAD"}


def pages(rows):
    """Answers to queries, one a line."""
    return b"\n".join(json_bytes({"QueryResponse": {kind: rows[kind]}}) for kind in rows)


XML = b"""<?xml version="1.0"?>
<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><QueryResponse totalCount="1">
<Invoice domain="QBO"><Id>130</Id><DocNumber>0042</DocNumber><TxnDate>2026-08-01</TxnDate>
<CustomerRef name="Sunset Bakery">58</CustomerRef><TotalAmt>500.00</TotalAmt>
<Balance>500.00</Balance></Invoice></QueryResponse></IntuitResponse>"""

FAULT = b'{"Fault": {"Error": [{"Message": "Stale Object Error", "code": "5010"}]}}'


class TestObjects(LedgerSourceTests):
    """The conformance class, over saved answers in JSON and in XML."""

    @pytest.fixture
    def spec(self):
        return quickbooks.receivables_ledger_sources()[0]

    @pytest.fixture
    def samples(self):
        whole = ExpectedLedger(totals={"CAD": 785_00}, identities=["0042", "Payment-152", "58"])
        xml = ExpectedLedger(totals={"CAD": 500_00}, identities=["0042"])
        fault = ExpectedLedger(problems={"service.refused"}, complete=False)
        return [
            LedgerSample(
                name="answers.json", content=pages(company()), expected=whole, settings=SETTINGS
            ),
            LedgerSample(name="invoices.xml", content=XML, expected=xml, settings=SETTINGS),
            LedgerSample(name="fault.json", content=FAULT, expected=fault, settings=SETTINGS),
        ]


IIF = (
    "!ACCNT\tNAME\tACCNTTYPE\r\n"
    "ACCNT\tDebtors\tAR\r\n"
    "!CUST\tNAME\tBADDR1\tBADDR2\tPHONE1\tEMAIL\tTERMS\r\n"
    "CUST\tSunset Bakery\tSunset Bakery\t1040 East Drive\t\trebecca@sunset.example\tNet 30\r\n"
    "CUST\tSunset Bakery:Ocean View\tSunset Bakery\t\t\t\t\r\n"
    "!TRNS\tTRNSID\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\tDOCNUM\tMEMO\tTERMS\tDUEDATE\r\n"
    "!SPL\tSPLID\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\tDOCNUM\tMEMO\r\n"
    "!ENDTRNS\r\n"
    'TRNS\t1\tINVOICE\t8/1/2026\tDebtors\tSunset Bakery\t"1,500.00"\t0042\t\tNet 30\t8/31/2026\r\n'
    "SPL\t2\tINVOICE\t8/1/2026\tSales\t\t-1400.00\t\tcakes\r\n"
    "SPL\t3\tINVOICE\t8/1/2026\tTax\tMinister\t-100.00\t\t\r\n"
    "ENDTRNS\r\n"
    "TRNS\t4\tCREDIT MEMO\t8/9/26\tDebtors\tSunset Bakery:Ocean View\t-60.00\t007\t\t\t\r\n"
    "SPL\t5\tCREDIT MEMO\t8/9/26\tSales\t\t60.00\t\t\r\n"
    "ENDTRNS\r\n"
    "TRNS\t6\tPAYMENT\t9/15/2026\tUndeposited Funds\tSunset Bakery\t100.00\t8812\t\t\t\r\n"
    "SPL\t7\tPAYMENT\t9/15/2026\tDebtors\tSunset Bakery\t-100.00\t8812\t\r\n"
    "ENDTRNS\r\n"
    "TRNS\t8\tGENERAL JOURNAL\t9/30/2026\tDebtors\tSunset Bakery\t90.00\t0042\t\t\t\r\n"
    "SPL\t9\tGENERAL JOURNAL\t9/30/2026\tInterest\t\t-90.00\t\t\r\n"
    "ENDTRNS\r\n"
    "TRNS\t10\tBILL\t9/30/2026\tAccounts Payable\tMill\t-70.00\t\t\t\t\r\n"
    "SPL\t11\tBILL\t9/30/2026\tFlour\t\t70.00\t\t\r\n"
    "ENDTRNS\r\n"
)


class TestIif(LedgerSourceTests):
    """The conformance class, over a file of Desktop."""

    @pytest.fixture
    def spec(self):
        return quickbooks.receivables_ledger_sources()[1]

    @pytest.fixture
    def samples(self):
        whole = ExpectedLedger(
            totals={"CAD": 1430_00}, identities=["0042", "007", "PAYMENT-6", "GENERAL-JOURNAL-8-1"]
        )
        off = IIF.replace("-1400.00", "-1400.01")
        unbalanced = ExpectedLedger(
            totals={"CAD": -70_00}, problems={"quickbooks.unbalanced"}, complete=False
        )
        return [
            LedgerSample(name="a.iif", content=IIF.encode(), expected=whole, settings=SETTINGS),
            LedgerSample(
                name="b.iif", content=off.encode(), expected=unbalanced, settings=SETTINGS
            ),
        ]


AGING = """Mirabelle Ltd,,,,,,,
A/R Aging Detail,,,,,,,
"As of October 31, 2026",,,,,,,
,,,,,,,
,Date,Transaction type,Num,Customer full name,Due date,Amount,Open balance
31 - 60 days past due,,,,,,,
,08/01/2026,Invoice,0042,Sunset Bakery,08/31/2026,"1,500.00","1,500.00"
,08/15/2026,Invoice,0043,Sunset Bakery:Ocean View,09/14/2026,300.00,200.00
,08/15/2026,Credit Memo,C-9,Sunset Bakery,08/15/2026,-60.00,-35.00
Total for 31 - 60 days past due,,,,,,"$1,740.00","$1,665.00"
1 - 30 days past due,,,,,,,
,10/05/2026,Payment,8812,Sunset Bakery,10/05/2026,-100.00,-40.00
,09/30/2026,Journal Entry,0042,Sunset Bakery,09/30/2026,90.00,90.00
Total for 1 - 30 days past due,,,,,,-$10.00,$50.00
TOTAL,,,,,,"$1,730.00","$1,715.00"

"Saturday, October 31, 2026 09:00 AM GMT-04:00 - Accrual Basis",,,,,,,
"""

OPEN_INVOICES = """"","","Type","Date","Num","P. O. #","Terms","Due Date","Aging","Open Balance"
"Sunset Bakery","","","","","","","","",""
"","Ocean View","","","","","","","",""
"","","Invoice","08/25/2026","0043","","Net 30","09/14/2026","47","200.00"
"","Total Ocean View","","","","","","","","200.00"
"","Sunset Bakery - Other","","","","","","","",""
"","","Invoice","08/31/2026","0042","","","","","1500.00"
"","Total Sunset Bakery - Other","","","","","","","","1500.00"
"Total Sunset Bakery","","","","","","","","","1700.00"
"TOTAL","","","","","","","","","1700.00"
"""


class TestReport(LedgerSourceTests):
    """The conformance class, over reports of Online and of Desktop."""

    @pytest.fixture
    def spec(self):
        return quickbooks.receivables_ledger_sources()[2]

    @pytest.fixture
    def samples(self):
        settings = {**SETTINGS, "date-format": "%m/%d/%Y"}
        aging = ExpectedLedger(totals={"CAD": 1730_00}, identities=["0042", "C-9"])
        invoices = ExpectedLedger(
            totals={"CAD": 1700_00}, identities=["0042", "Sunset Bakery:Ocean View"]
        )
        off = ExpectedLedger(
            totals={"CAD": 1700_00}, problems={"quickbooks.total-differs"}, complete=False
        )
        wrong = OPEN_INVOICES.replace("1700.00", "1700.01")
        return [
            LedgerSample(name="a.csv", content=AGING.encode(), expected=aging, settings=settings),
            LedgerSample(
                name="b.csv", content=OPEN_INVOICES.encode(), expected=invoices, settings=settings
            ),
            LedgerSample(name="c.csv", content=wrong.encode(), expected=off, settings=settings),
        ]


class TestIifTarget(PostingTargetTests):
    """The conformance class, over a target that writes files."""

    settings: ClassVar = {
        "accounts": {"411000": "Accounts Receivable", "512000": "Chequing"},
        "income-accounts": {"": "Sales"},
    }

    @pytest.fixture
    def spec(self):
        return quickbooks.receivables_posting_targets()[1]

    @pytest.fixture
    def batch(self):
        return PostingBatch.of(RECORDS, creditor="MIRA", target="quickbooks-iif")

    @pytest.fixture
    def booked(self):
        return lambda _: 0

    @pytest.fixture
    def refused(self, batch):
        return batch, frozenset()


def test_accounts_are_those_of_the_chart():
    """The accounts that the targets are tried with are the ones of the entry."""
    assert set(ACCOUNTS) == set(TestIifTarget.settings["accounts"])
