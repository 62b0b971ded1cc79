"""The readers and the service keep the contracts of payouts."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts.payouts import MovementKind
from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
from receivables.testing.payout_service import PayoutServiceTests
from receivables_plugins import moneris

_SUMMARY = b"""\
Sales Summary by Merchant
"Mira Ltd, 1 Bloor St"
Settlement Date,Merchant Number,Card Type,Purchase Count,Purchase Amount,Refund Count,Refund Amount,Net Total,Net Deposit
20261005,0012345678901,1,2,"1,234.50",1,34.50,"1,200.00","1,176.00"
20261005,0012345678901,10,1,100.00,0,0.00,100.00,100.00
20261006,0012345678901,2,1,50.00,0,,50.00,49.00
Total,,,,,,,"1,350.00","1,325.00"
"""

_RECONCILIATION = b"""\
Date,Merchant Number,Payment Type,Description,Amount (CAD),Amount (USD),Bank Account,Reference Number
2026-10-05,0012345678901,Deposit,Visa and Mastercard,"1,276.00",,***1234,D-0001
2026-10-05,0012345678901,Deposit,Visa,,80.00,***1234,D-0002
2026-10-31,0012345678901,Fee,service of October,45.20,,***1234,
2026-10-20,0012345678901,Chargeback,fraud,35.00,,***1234,CB-17
"""

_DISPUTES = b"""\
Case Number,Date,Type,Order ID,Amount,Currency,Respond By Date,Reason Code,Reason
121719004438,2026-10-05,Chargeback,F-0042,35.00,CAD,2026-10-25,10.4,card absent
121719004439,2026-10-06,Copy Request,F-0043,12.00,USD,2026-10-20,30,please send
"""

_RECEIPTS = b"""\
<?xml version="1.0"?>
<responses>
<response><receipt><ReceiptId>F-0042</ReceiptId><ReferenceNum>660021730010010120</ReferenceNum>
<ResponseCode>027</ResponseCode><ISO>01</ISO><AuthCode>123456</AuthCode>
<TransTime>10:11:12</TransTime><TransDate>2026-10-05</TransDate><TransType>00</TransType>
<Complete>true</Complete><Message>APPROVED * well done</Message><TransAmount>120.00</TransAmount>
<CardType>V</CardType><TransID>00012-0_11</TransID><TimedOut>false</TimedOut>
<BankTotals>null</BankTotals><Ticket>null</Ticket></receipt></response>
<response><receipt><ReceiptId>F-0043</ReceiptId><ReferenceNum>660021730010010130</ReferenceNum>
<ResponseCode>481</ResponseCode><TransDate>2026-10-05</TransDate><TransType>00</TransType>
<Complete>true</Complete><Message>DECLINED</Message><TransAmount>80.00</TransAmount>
<CardType>M</CardType><TransID>00013-0_11</TransID><TimedOut>false</TimedOut></receipt></response>
<response><receipt><ReceiptId>F-0042</ReceiptId><ReferenceNum>660021730010010140</ReferenceNum>
<ResponseCode>000</ResponseCode><TransDate>2026-10-05</TransDate><TransType>04</TransType>
<Complete>true</Complete><Message>APPROVED</Message><TransAmount>20.00</TransAmount>
<CardType>V</CardType><TransID>00014-0_11</TransID><TimedOut>false</TimedOut></receipt></response>
<response><receipt><ReceiptId>null</ReceiptId><BankTotals><ECR><term_id>66002173</term_id>
<closed>true</closed><Card><CardType>V</CardType>
<Purchase><Count>1</Count><Amount>12000</Amount></Purchase>
<Refund><Count>1</Count><Amount>2000</Amount></Refund>
<Correction><Count>0</Count><Amount>0</Amount></Correction></Card></ECR></BankTotals></receipt></response>
</responses>
"""


class TestMerchantDirect(PayoutReaderTests):
    """The exports, one of each kind."""

    @pytest.fixture
    def spec(self):
        return moneris.receivables_payout_readers()[0]

    @pytest.fixture
    def samples(self):
        summary = ExpectedPayouts(
            payouts={
                "0012345678901:2026-10-05:CAD": ("CAD", 127600),
                "0012345678901:2026-10-06:CAD": ("CAD", 4900),
            }
        )
        reconciliation = ExpectedPayouts(
            payouts={
                "D-0001": ("CAD", 127600),
                "D-0002": ("USD", 8000),
                "0012345678901:2026-10-31:CAD:fee:4520": ("CAD", -4520),
                "CB-17": ("CAD", -3500),
            },
            gross_minor={
                (MovementKind.FEE, "CAD"): -4520,
                (MovementKind.CHARGEBACK, "CAD"): -3500,
            },
        )
        disputes = ExpectedPayouts(disputes=2, identities=["121719004438", "F-0042"])
        return [
            PayoutSample(name="summary.csv", content=_SUMMARY, expected=summary),
            PayoutSample(
                name="bank.csv",
                content=_RECONCILIATION,
                expected=reconciliation,
                text=b"service of October",
            ),
            PayoutSample(
                name="disputes.csv", content=_DISPUTES, expected=disputes, text=b"card absent"
            ),
        ]


class TestReceipts(PayoutReaderTests):
    """The receipts of the older gateway."""

    @pytest.fixture
    def spec(self):
        return moneris.receivables_payout_readers()[1]

    @pytest.fixture
    def samples(self):
        expected = ExpectedPayouts(
            gross_minor={
                (MovementKind.PAYMENT, "CAD"): 12000,
                (MovementKind.REFUND, "CAD"): -2000,
            },
            identities=["00012-0_11", "F-0042"],
        )
        return [
            PayoutSample(
                name="receipts.xml", content=_RECEIPTS, expected=expected, text=b"well done"
            )
        ]


class TestService(PayoutServiceTests):
    """The Unified API with tokens."""

    @pytest.fixture
    def spec(self):
        (spec,) = moneris.receivables_payout_services()
        return spec

    @pytest.fixture
    def case(self, make_case):
        return make_case()

    @pytest.fixture
    def days(self):
        return dt.date(2026, 10, 5), dt.date(2026, 10, 6)

    @pytest.fixture
    def expected(self):
        return ExpectedPayouts(
            gross_minor={
                (MovementKind.PAYMENT, "CAD"): 20750,
                (MovementKind.PAYMENT, "USD"): 500,
                (MovementKind.REFUND, "CAD"): -2000,
            },
            disputes=1,
            identities=["pi01", "F-0042", "Ana"],
        )


class TestServiceNewestFirst(TestService):
    """The same where lists begin with what is newest, and the rate is limited."""

    @pytest.fixture
    def case(self, make_case):
        return make_case(fake={"newest_first": True, "rate": 7})
