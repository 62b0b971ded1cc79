"""The reader and the service keep the contracts of payouts."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.receipts.payouts import MovementKind
from receivables.testing.fakes.cybersource import (
    CybersourceTransaction,
    batch_csv,
    batch_xml,
)
from receivables.testing.payout_reader import ExpectedPayouts, PayoutReaderTests, PayoutSample
from receivables.testing.payout_service import PayoutServiceTests
from receivables_plugins import cybersource

DAY = dt.date(2026, 10, 5)
NEXT = dt.date(2026, 10, 6)

_ROWS = [
    CybersourceTransaction(
        request="7283640172000167905139",
        reference="F-0042",
        amount="120.00",
        day=DAY,
        applications="ics_auth,ics_bill",
        text="thank you",
    ),
    CybersourceTransaction(
        request="7283640172000167905141",
        reference="F-0043",
        amount="20.00",
        day=DAY,
        applications="ics_credit",
    ),
    CybersourceTransaction(
        request="7283640172000167905142",
        reference="F-0044",
        amount="20000",
        currency="JPY",
        day=DAY,
    ),
]
_BATCH = ExpectedPayouts(
    gross_minor={
        (MovementKind.PAYMENT, "USD"): 12000,
        (MovementKind.REFUND, "USD"): -2000,
        (MovementKind.PAYMENT, "JPY"): 20000,
    },
    identities=["7283640172000167905139", "F-0042", "batch 10001"],
)

_EVENTS = b"""\
mira,PaymentEventsReport,Standard,1.0,2026-10-05 00:00:00 to 2026-10-06 00:00:00,,,,,,,,,
request_id,merchant_id,merchant_ref_number,payment_type,event_type,event_date,trans_ref_no,merchant_currency_code,merchant_amount,consumer_currency_code,consumer_amount,fee_currency_code,fee_amount,processor_message
0004223530000167904956,mira,F-0001,check,Payment,2026-10-05T08:00:00Z,58342,USD,100.00,USD,100.00,USD,1.00,
7004225530045163405877,mira,F-0002,check,Failed,2026-10-05T08:00:00Z,55247,USD,50.00,USD,50.00,,,no funds in it
4173905000419009050013,mira,F-0003,credit card,Refund,2026-10-05T08:00:00Z,54920,JPY,-11208,JPY,-11208,,,
4173905000419009050014,mira,F-0004,check,Correction,2026-10-05T08:00:00Z,54921,USD,1.00,USD,1.00,,,
"""

_CHARGEBACKS = b"""\
Chargeback Detail Report,1.0,2026-10-05 to 2026-10-05,,,,,,,,,
RequestId,TrackingNumber,MerchantReferenceNumber,NatureOfDispute,CBAmount,CurrencyCode,CBSign,CBAction,CBDate,CBReasonCode,ResponseDueDate,FeeAmount
7000000000000000000001,CB-00017,F-0001,Cardholder knows nothing of it,35.00,USD,-,Chargeback,2026-10-05,10.4,2026-10-25,15.00
7000000000000000000002,CB-00018,F-0002,copy,12.00,USD,,Retrieval request,2026-10-05,,2026-10-20,
7000000000000000000003,CB-00019,F-0003,none,8.00,USD,+,Chargeback reversal,2026-10-05,10.4,,
"""

_FUNDING = b"""\
mira,FundingDetailReport,Standard,1.0,2026-10-05 00:00:00 to 2026-10-06 00:00:00,,,,,,
RequestId,MerchantId,MerchantReferenceNumber,TransactionType,TransactionDate,Amount,CurrencyCode,TotalFee,FeeCurrency,FundingAmount,FundingCurrency
7283640172000167905139,mira,F-0042,ics_bill,2026-10-04T10:00:00Z,120.00,USD,3.48,USD,116.52,USD
7283640172000167905141,mira,F-0043,ics_credit,2026-10-04T11:00:00Z,20.00,USD,0.50,USD,-20.50,USD
7283640172000167905150,mira,F-0050,ics_bill,2026-10-04T11:00:00Z,50.00,CAD,1.00,CAD,48.00,CAD
"""

_NET = b"""\
mira,NetFundingReport,Standard,1.0,2026-10-05 00:00:00 to 2026-10-06 00:00:00,,,
Type,PaymentSubType,ConveyedCount,ConveyedAmount,SettledCount,FundedCount,FundedAmount,CurrencyCode
PURCHASES,VI,2,200.50,2,2,200.50,USD
REFUNDS,VI,1,20.00,1,1,20.00,USD
FEES,VI,,,,,5.78,USD
CHARGEBACKS,VI,1,35.00,1,1,35.00,USD
"""

_REQUESTS = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="https://api.cybersource.com/reporting/v3/trr" Name="TransactionRequestReport"
  Version="1.0" OrganizationID="mira" ReportStartDate="2026-10-05T00:00:00Z"
  ReportEndDate="2026-10-06T00:00:00Z"><Requests>
<Request MerchantReferenceNumber="F-0042" RequestID="7283640172000167905139"
  RequestDate="2026-10-05T23:59:59-07:00"><BillTo><FirstName>Ana</FirstName>
  <LastName>Lovelace</LastName></BillTo><ApplicationReplies>
  <ApplicationReply Name="ics_auth"><RCode>1</RCode></ApplicationReply>
  <ApplicationReply Name="ics_bill"><RCode>1</RCode></ApplicationReply></ApplicationReplies>
  <PaymentData><PaymentInfo><Amount>120.00</Amount><CurrencyCode>USD</CurrencyCode>
  </PaymentInfo></PaymentData></Request>
<Request MerchantReferenceNumber="F-0043" RequestID="7283640172000167905140"
  RequestDate="2026-10-05T10:00:00Z"><ApplicationReplies>
  <ApplicationReply Name="ics_bill"><RCode>0</RCode></ApplicationReply></ApplicationReplies>
  <PaymentData><PaymentInfo><Amount>80.00</Amount><CurrencyCode>USD</CurrencyCode>
  </PaymentInfo></PaymentData></Request>
<Request MerchantReferenceNumber="F-0042" RequestID="7283640172000167905149"
  RequestDate="2026-10-06T10:00:00Z"><ApplicationReplies>
  <ApplicationReply Name="ics_void"><RCode>1</RCode></ApplicationReply></ApplicationReplies>
  <PaymentData><PaymentInfo><Amount>120.00</Amount>
  <PaymentRequestID>7283640172000167905139</PaymentRequestID><CurrencyCode>USD</CurrencyCode>
  </PaymentInfo></PaymentData></Request>
</Requests></Report>
"""


def _sample(name, content, *, text=b"", **expected):
    return PayoutSample(name=name, content=content, text=text, expected=ExpectedPayouts(**expected))


class TestReports(PayoutReaderTests):
    """The reader, over a report of each kind."""

    @pytest.fixture
    def spec(self):
        (spec,) = cybersource.receivables_payout_readers()
        return spec

    @pytest.fixture
    def samples(self):
        payment, refund = MovementKind.PAYMENT, MovementKind.REFUND
        return [
            PayoutSample(
                name="PaymentBatchDetailReport.csv",
                content=batch_csv(_ROWS, merchant="mira", day=DAY),
                expected=_BATCH,
                text=b"thank you",
            ),
            PayoutSample(
                name="PaymentBatchDetailReport.xml",
                content=batch_xml(_ROWS, merchant="mira", day=DAY),
                expected=_BATCH,
                text=b"thank you",
            ),
            _sample(
                "PaymentEventsReport.csv",
                _EVENTS,
                gross_minor={
                    (payment, "USD"): 10000,
                    (MovementKind.FAILED, "USD"): -5000,
                    (refund, "JPY"): -11208,
                },
                fees_minor={"USD": 100},
                identities=["0004223530000167904956"],
                text=b"no funds in it",
            ),
            _sample(
                "ChargebackDetailReport.csv",
                _CHARGEBACKS,
                gross_minor={
                    (MovementKind.CHARGEBACK, "USD"): -3500,
                    (MovementKind.CHARGEBACK_REVERSAL, "USD"): 800,
                },
                fees_minor={"USD": 1500},
                disputes=3,
                identities=["CB-00017", "7000000000000000000001"],
                text=b"Cardholder knows nothing of it",
            ),
            _sample(
                "FundingDetailReport.csv",
                _FUNDING,
                payouts={
                    "funding:mira:2026-10-05:USD": ("USD", 9602),
                },
                gross_minor={(payment, "USD"): 12000, (refund, "USD"): -2000},
                fees_minor={"USD": 398},
                problems={"payout.unbalanced"},
                complete=False,
            ),
            _sample(
                "NetFundingReport.csv",
                _NET,
                payouts={"net:mira:2026-10-05:USD": ("USD", 13972)},
            ),
            _sample(
                "TransactionRequestReport.xml",
                _REQUESTS,
                gross_minor={(payment, "USD"): 12000, (MovementKind.FAILED, "USD"): -12000},
                identities=["7283640172000167905139", "Ana Lovelace"],
                text=b"Lovelace",
            ),
        ]


class _Service(PayoutServiceTests):
    @pytest.fixture
    def spec(self):
        (spec,) = cybersource.receivables_payout_services()
        return spec

    @pytest.fixture
    def days(self):
        return DAY, NEXT


_MOVED = {
    (MovementKind.PAYMENT, "USD"): 30049,
    (MovementKind.REFUND, "USD"): -2000,
}


class TestReportsOverTheService(_Service):
    """The daily report in CSV, without payouts."""

    @pytest.fixture
    def case(self, make_case):
        return make_case()

    @pytest.fixture
    def expected(self):
        return ExpectedPayouts(gross_minor=_MOVED, disputes=2, identities=["F-0042"])


class TestXmlOverTheService(TestReportsOverTheService):
    """The daily report in XML, which is not ready at once."""

    @pytest.fixture
    def case(self, make_case):
        return make_case(fake={"pending": {DAY: 2}}, report_format="xml")


class TestDetailsOverTheService(_Service):
    """Purchase and refund details, with the fees of each transaction."""

    @pytest.fixture
    def case(self, make_case):
        return make_case(route="details")

    @pytest.fixture
    def expected(self):
        return ExpectedPayouts(gross_minor=_MOVED, fees_minor={"USD": 578}, disputes=2)


class TestFundingOverTheService(_Service):
    """Details with net fundings: a day is a payout, with its chargebacks and the rest of its fees."""

    @pytest.fixture
    def case(self, make_case):
        fees = {(DAY, "USD"): "1.00"}
        return make_case(route="details", funded=True, fake={"fees": fees})

    @pytest.fixture
    def expected(self):
        return ExpectedPayouts(
            payouts={
                "net:mira:2026-10-05:USD": ("USD", 13872),
                "net:mira:2026-10-06:USD": ("USD", 9999),
            },
            gross_minor={
                **_MOVED,
                (MovementKind.CHARGEBACK, "USD"): -3500,
                (MovementKind.FEE, "USD"): -100,
            },
            fees_minor={"USD": 578},
            disputes=2,
        )
