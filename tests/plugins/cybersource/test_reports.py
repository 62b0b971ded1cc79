"""Reports as they come: every name of a heading, both signs, doubts told with their line."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from receivables.errors import PolicyError
from receivables.receipts.payouts import DisputeStage, MovementKind, Payout, ProcessorMovement
from receivables.testing.fakes.cybersource import CybersourceTransaction, batch_csv, batch_xml
from receivables_plugins import cybersource

(READER,) = cybersource.receivables_payout_readers()
DAY = dt.date(2026, 10, 5)
CARD = "4111111111111111"

_HEAD = "request_id,merchant_ref_number,currency,amount,ics_applications,status,transaction_date,batch_id\n"
_ROW = "7283640172000167905139,F-1,USD,10.00,ics_bill,,2026-10-05T10:00:00Z,17\n"

_OLD = """\
Payment Batch Detail Report,1.0,2003-05-01 to 2003-05-01,,,,,,,
batch_id,merchant_id,batch_date,request_id,merchant_ref_number,trans_ref_no,payment_method,currency,amount,transaction_type
123456,mira,2003-05-01,0004172180000167905139,A-1,5652882910,Visa,USD,100.00,ics_bill
123456,mira,2003-05-01,0004173790000167905139,A-2,5629152830,Visa,USD,-100.00,ics_credit
"""


def _codes(read):
    return [(one.code, one.place.line) for one in read.report.problems]


def test_an_older_report_is_read_by_its_older_names(read):
    """Headings of 2003 are known, and a refund with a minus is a refund as well."""
    rows = read(_OLD).rows

    assert [(row.movement, row.kind, row.gross_minor) for row in rows] == [
        ("0004172180000167905139", MovementKind.PAYMENT, 10000),
        ("0004173790000167905139", MovementKind.REFUND, -10000),
    ]
    assert {row.occurred_on for row in rows} == {dt.date(2003, 5, 1)}


def test_csv_and_xml_of_a_report_say_the_same():
    """The same transactions give equal movements, but for where they stand."""
    rows = [
        CybersourceTransaction(
            request=f"72836401720001679051{n}", reference="F", amount="1.00", day=DAY
        )
        for n in range(10, 15)
    ]
    reader = READER.build({})
    found = []
    for make in (batch_csv, batch_xml):
        content = make(rows, merchant="mira", day=DAY)
        assert reader.recognizes(content[:4096], name="x")
        found.append(
            [
                (row.movement, row.gross_minor, row.reference, row.occurred_on, row.text)
                for row in reader.read(io.BytesIO(content), name="x").collect().rows
            ]
        )

    assert found[0] == found[1]


def test_a_batch_is_no_deposit(read):
    """Movements of a batch are in no payout, and no payout comes of it."""
    rows = read(_OLD).rows

    assert {row.payout for row in rows} == {""}
    assert {type(row) for row in rows} == {ProcessorMovement}


def test_days_are_of_the_zone_of_the_settings(read):
    """A moment in UTC is the day before where the zone is behind."""
    text = _HEAD + _ROW.replace("T10:00", "T03:00")

    assert read(text).rows[0].occurred_on == DAY
    assert read(text, time_zone="America/Toronto").rows[0].occurred_on == dt.date(2026, 10, 4)


def test_a_moment_with_an_offset_is_taken_to_utc(read):
    """A local moment late in the evening is the next day in UTC."""
    text = _HEAD + _ROW.replace("T10:00:00Z", "T20:00:00-07:00")

    assert read(text).rows[0].occurred_on == dt.date(2026, 10, 6)


def test_amounts_have_the_decimals_of_their_currency(read):
    """Yen have none and dinars have three, and both come exact."""
    yen = _ROW.replace("USD,10.00", "JPY,1000")
    dinars = _ROW.replace("139,F-1", "140,F-2").replace("USD,10.00", "KWD,1.005")
    rows = read(_HEAD + yen + dinars).rows

    assert [row.gross_minor for row in rows] == [1000, 1005]


_REFUSED = [
    ("USD,10.00", "USD,10.005", "amount.inexact"),
    ("USD,10.00", "USD,ten", "amount.invalid"),
    ("USD,10.00", "USD,", "amount.invalid"),
    ("USD,10.00", "USD,1e3", "amount.invalid"),
    ("USD,10.00", "USD,-10.00", "amount.sign"),
    ("USD,10.00", "USD,99999999999999999999", "amount.limit"),
    ("USD,10.00", ",10.00", "currency.missing"),
    ("USD,10.00", "XYZ,10.00", "currency.unknown"),
    ("ics_bill", "ics_new_thing", "cybersource.application-unknown"),
    ("ics_bill", "", "cybersource.application-unknown"),
    ("ics_bill", '"ics_bill,ics_credit"', "cybersource.application-unknown"),
    ("2026-10-05T10:00:00Z", "05/06/2026", "date.invalid"),
    ("2026-10-05T10:00:00Z", "", "date.missing"),
    ("7283640172000167905139", "", "receipt.missing"),
    (",17", "", "row.length"),
    ("F-1", '"F-1', "file.truncated"),
    ("7283640172000167905139", CARD, "card.number"),
]


@pytest.mark.parametrize(("old", "new", "code"), _REFUSED)
def test_a_row_that_breaks_a_rule_is_left_out_and_told(read, old, new, code):
    """Nothing comes of the row, its line is named, and the others are read."""
    second = _ROW.replace("139,F-1", "140,F-2")
    collected = read(_HEAD + second + _ROW.replace(old, new))

    assert (code, 3) in _codes(collected)
    assert not collected.report.complete
    assert [row.movement for row in collected.rows] == ["7283640172000167905140"]
    assert CARD not in repr(collected)


def test_what_was_not_settled_moves_no_money(read):
    """A status of failure is a warning, and no movement."""
    collected = read(_HEAD + _ROW.replace("ics_bill,,", "ics_bill,Failed,"))

    assert collected.rows == ()
    assert _codes(collected) == [("cybersource.not-settled", 2)]
    assert collected.report.complete


def test_an_authorization_alone_moves_no_money(read):
    """A quoted list of applications without a capture gives nothing, without a word."""
    collected = read(_HEAD + _ROW.replace("ics_bill", '"ics_auth,ics_score"'))

    assert (collected.rows, _codes(collected)) == ((), [])


def test_the_same_row_again_is_left_out_and_another_is_refused(read):
    """A movement comes once; with other figures it is an error."""
    same = read(_HEAD + _ROW + _ROW)
    other = read(_HEAD + _ROW + _ROW.replace("10.00", "11.00"))

    assert [len(same.rows), len(other.rows)] == [1, 1]
    assert _codes(same) == _codes(other) == [("payout.duplicate", 3)]
    assert same.report.complete
    assert not other.report.complete


def test_settings_say_what_is_not_known(read):
    """An application and a heading of one's own are named in the settings."""
    text = _HEAD.replace("amount", "Total Paid") + _ROW.replace("ics_bill", "ics_new_thing")
    collected = read(
        text, columns={"amount": "Total Paid"}, applications={"ICS_New_Thing": "payment"}
    )

    assert [row.gross_minor for row in collected.rows] == [1000]


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"card-number": "x"}},
        {"events": {"x": "gift"}},
        {"time_zone": "Mars/Olympus"},
        {"date_format": "%B"},
        {"encoding": "none"},
        {"unknown": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    """A setting that is not possible is a policy error."""
    with pytest.raises(PolicyError):
        READER.build(wrong)


def test_an_event_that_is_not_known_is_told(read):
    """It is an error, because whether money moved is not known."""
    text = (
        "request_id,merchant_ref_number,event_type,event_date,merchant_currency_code,merchant_amount\n"
        "1,F-1,Second NSF,2026-10-05,USD,5.00\n"
    )
    collected = read(text)

    assert _codes(collected) == [("cybersource.event-unknown", 2)]
    assert read(text, events={"second nsf": "failed"}).rows[0].gross_minor == -500


def test_a_dispute_has_the_day_until_which_it_can_be_answered(read):
    """Deadline, stage and reason come as the report has them; a copy request is an inquiry."""
    text = (
        "Chargeback Detail Report,1.0,2026-10-05 to 2026-10-05\n"
        "CaseNumber,RequestID,MerchantReferenceNumber,ChargebackAmount,ChargebackCurrency,ChargebackTime,"
        "RespondByDate,CaseType,ChargebackReasonCode,FinancialImpact,FinancialImpactType\n"
        "0017,7,F-1,35.00,USD,2026-10-05,2026-10-25,Chargeback,10.4,Y,Debit\n"
        "0018,8,F-2,35.00,USD,2026-10-05,2026-10-26,Pre-Arbitration,10.4,N,\n"
    )
    rows = read(text).rows
    disputes = [row for row in rows if not isinstance(row, ProcessorMovement)]

    assert [(row.dispute, row.stage, row.respond_by) for row in disputes] == [
        ("0017", DisputeStage.CHARGEBACK, dt.date(2026, 10, 25)),
        ("0018", DisputeStage.PRE_ARBITRATION, dt.date(2026, 10, 26)),
    ]
    assert [row.gross_minor for row in rows if isinstance(row, ProcessorMovement)] == [-3500]


def test_a_summary_of_chargebacks_names_no_case(read):
    """It is recognized, and said to be a summary."""
    text = "Chargeback Summary Report,1.0,2026-10-05 to 2026-10-05\nmerchant_id,time,count,type\nmira,2026-10-05,3,x\n"
    collected = read(text)

    assert collected.rows == ()
    assert _codes(collected) == [("cybersource.summary", 3)]


_FUNDING = """\
RequestId,MerchantId,TransactionType,TransactionDate,Amount,CurrencyCode,TotalFee,FundingAmount,FundingCurrency,FundingDate
1,mira,ics_bill,2026-10-04,100.00,USD,3.00,97.00,USD,2026-10-06
2,mira,ics_bill,2026-10-04,50.00,CAD,1.00,35.00,USD,2026-10-06
"""


def test_what_was_paid_out_in_another_currency_is_of_that_currency(read):
    """Its gross is what was paid out, a fee in another currency is not taken off again."""
    rows = read(_FUNDING).rows
    payouts = [row for row in rows if isinstance(row, Payout)]

    assert [(row.amount_minor, row.currency, row.difference_minor) for row in payouts] == [
        (13200, "USD", 0)
    ]
    assert [row.gross_minor for row in rows[:2]] == [10000, 3500]


@pytest.mark.parametrize(("old", "new"), [("97.00", "97.01"), ("100.00", "x"), ("1,mira", ",mira")])
def test_a_payout_comes_whole_or_not_at_all(read, old, new):
    """A cent too much, or a row that cannot be read, and nothing of the payout comes."""
    collected = read(_FUNDING.replace(old, new, 1))

    assert collected.rows == ()
    assert "payout.unbalanced" in dict(_codes(collected))


_NET = """\
x,NetFundingReport,1.0,2026-10-05 to 2026-10-05
Type,FundedAmount,CurrencyCode,FundedCount
PURCHASES,100.00,USD,1
FEES,3.00,USD,1
Net Total,97.00,USD,
"""


def test_net_funding_is_proved_by_its_total(read):
    """With a total that differs there is no payout."""
    assert read(_NET).rows[0].amount_minor == 9700
    assert read(_NET.replace("97.00", "98.00")).rows == ()
    assert _codes(read(_NET.replace("FEES", "GIFTS")))[0] == ("cybersource.type-unknown", 4)


_NOT_OURS = [
    b"",
    b"hello",
    b"date,amount,currency\n2026-10-05,1.00,EUR\n",
    b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'/>",
    b"<Report Name='Sales'/>",
    b"Case Number,Respond By Date,Amount,Currency\n1,2026-10-05,1.00,CAD\n",
]


@pytest.mark.parametrize("content", _NOT_OURS)
def test_what_is_not_ours_is_not_recognized(read, content):
    """It is not recognized, and reading it is a problem."""
    assert not READER.build({}).recognizes(content, name="x.csv")
    assert not read(content).report.complete


def test_card_data_is_never_read(read):
    """Number, expiry and check value of a card stand in no record, whatever the column is called."""
    text = (
        _HEAD.strip()
        + ",card_number,expiration_month,card_verification\n"
        + _ROW.strip()
        + f",{CARD},12,987\n"
    )
    collected = read(text)

    assert _codes(collected) == [("card.number", 2)]
    assert len(collected.rows) == 1
    assert "987" not in repr(collected)


def test_expansions_are_refused(read):
    """A document type is refused before anything of it is read."""
    bomb = (
        b"<!DOCTYPE Report [<!ENTITY a 'b'>]><Report Name='PaymentBatchDetailReport'>&a;</Report>"
    )

    assert _codes(read(bomb)) == [("xml.forbidden", 1)]


def test_our_xml_is_as_the_public_schema_says(shared, read):
    """What the tests make is valid, so that what they prove holds for real reports."""
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(shared / "BatchDetailReport.xsd"))
    rows = [
        CybersourceTransaction(
            request="7283640172000167905139",
            reference="F-1",
            amount="10.00",
            day=DAY,
            applications="ics_auth,ics_bill",
            text="x",
        )
    ]
    content = batch_xml(rows, merchant="mira", day=DAY)

    schema.assertValid(etree.fromstring(content))
    spaced = batch_xml(rows, merchant="mira", day=DAY, namespace="https://example.org/pbdr")
    assert read(spaced).rows == read(content).rows


def test_every_element_of_the_public_schema_is_read_past(shared, read):
    """A request with everything that the schema allows gives the same movement."""
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(shared / "BatchDetailReport.xsd"))
    content = _FULL.encode()
    schema.assertValid(etree.fromstring(content))
    [row] = read(content).rows

    assert (row.gross_minor, row.currency, row.last4) == (1000, "USD", "1111")
    assert row.payer.name == "Ana Lovelace"
    assert "2029" not in repr(row)


_FULL = """\
<Report Name="PaymentBatchDetailReport_Full" Type="Custom" Version="1.0" OrganizationID="mira"
 ReportStartDate="2026-10-05T00:00:00-07:00" ReportEndDate="2026-10-06T00:00:00-07:00"><Requests>
<Request MerchantID="mira" MerchantReferenceNumber="F-1" RequestID="7283640172000167905139"
 RequestDate="2026-10-05T10:00:00Z" Source="SO" User="u">
<BillTo><FirstName>Ana</FirstName><LastName>Lovelace</LastName><Email>a@example.org</Email></BillTo>
<ShipTo><FirstName>Bob</FirstName></ShipTo>
<Shipping><Carrier/><Method/></Shipping>
<PaymentMethod><Card><CardType>Visa</CardType><ExpirationMonth>12</ExpirationMonth>
<ExpirationYear>2029</ExpirationYear><AccountSuffix>1111</AccountSuffix></Card></PaymentMethod>
<LineItems><LineItem Number="0"><UnitPrice>9.00</UnitPrice></LineItem></LineItems>
<ApplicationReplies><ApplicationReply Name="ics_bill"><RCode>1</RCode><RFlag>SOK</RFlag>
<RMsg>Request was processed successfully.</RMsg></ApplicationReply></ApplicationReplies>
<PaymentData><PaymentInfo><Amount>10.00</Amount><CurrencyCode>USD</CurrencyCode>
<PaymentProcessor>vdc</PaymentProcessor><PayerAuthenticationInfo/><GrandTotal>10.00</GrandTotal></PaymentInfo></PaymentData>
<BATCH><BatchID>17</BatchID><BatchDate>2026-10-05T20:00:00Z</BatchDate><Status>Transmitted</Status></BATCH>
</Request></Requests></Report>
"""


_LOST = {
    "an application that is none": "9,mira,ics_new,2026-10-04,50.00,USD,1.00,49.00,USD,2026-10-06",
    "a row too short": "9,mira,ics_bill",
    "a card number for a name": f"{CARD},mira,ics_bill,2026-10-04,5.00,USD,1.00,4.00,USD,2026-10-06",
    "no such currency": "9,mira,ics_bill,2026-10-04,50.00,USD,1.00,49.00,XXQ,2026-10-06",
    "no such day": "9,mira,ics_bill,2026-10-04,50.00,USD,1.00,49.00,USD,2026-13-06",
    "the end of the file": '9,mira,ics_bill,2026-10-04,50.00,USD,1.00,"49',
}


@pytest.mark.parametrize("row", _LOST.values(), ids=_LOST)
def test_a_payout_without_one_of_its_rows_does_not_come(read, row):
    """What a row that was lost would have added is known to nobody, so that nothing is paid out."""
    collected = read(f"{_FUNDING}{row}\n")

    assert collected.rows == ()
    assert "payout.unbalanced" in dict(_codes(collected))


def test_a_refused_row_holds_back_its_own_payout_only(read):
    """Of a row that says its day and its currency it is known which payout it is of."""
    other = "9,mira,ics_new,2026-10-04,50.00,USD,1.00,49.00,USD,2026-10-07\n"
    masked = f"8,{CARD[:8]} {CARD[8:]},ics_bill,2026-10-04,1.00,USD,0.00,1.00,USD,2026-10-08\n"
    collected = read(_FUNDING + other)

    assert [row.amount_minor for row in collected.rows if isinstance(row, Payout)] == [13200]
    assert [row for row in read(_FUNDING + masked).rows if isinstance(row, Payout)] == []


def test_net_funding_without_a_total_must_be_whole(read):
    """A row too short is a payout too small, unless a total says what it must come to."""
    without = "".join(_NET.splitlines(keepends=True)[:4])

    assert read(without).rows[0].amount_minor == 9700
    assert read(f"{without}REFUNDS,1\n").rows == ()
    assert read(f"{_NET}REFUNDS,1\n").rows[0].amount_minor == 9700


def test_a_card_number_across_two_names_is_masked():
    """Half of it in the first name and half in the last is a card number as well."""
    content = (
        b'<Report Name="TransactionRequestReport" OrganizationID="mira"><Requests>'
        b'<Request RequestID="7283640172000167905139" RequestDate="2026-10-05T10:00:00Z">'
        b"<BillTo><FirstName>4111 1111</FirstName><LastName>1111 1111</LastName></BillTo>"
        b'<ApplicationReplies><ApplicationReply Name="ics_bill"><RCode>1</RCode>'
        b"</ApplicationReply></ApplicationReplies><PaymentData><Amount>1.00</Amount>"
        b"<CurrencyCode>USD</CurrencyCode></PaymentData></Request></Requests></Report>"
    )
    collected = READER.build({}).read(io.BytesIO(content), name="a.xml").collect()

    assert collected.rows[0].payer.name == "************1111"
    assert [code for code, _ in _codes(collected)] == ["card.number"]


def test_a_merchant_that_is_a_card_number_is_masked(read):
    """What a report says of itself is looked at as its rows are."""
    collected = read(_NET.replace("x,Net", f"{CARD},Net", 1))

    assert collected.rows[0].merchant == "************1111"
    assert CARD not in repr(collected)
