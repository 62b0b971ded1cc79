"""Schedules with receipts and applications: what settles what, and on which day."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.allocation import SourceAllocation
from receivables.documents import CreditNote, DebitNote
from receivables.importing import import_records
from receivables.ledger import Ledger
from receivables.parties import Customer
from receivables.receipts import Receipt


def _paid(ebs, applications, *, invoice="0", receipt="0", **more):
    schedules = [ebs.schedule("1", "100.00", invoice), ebs.receipt("2", "-100.00", receipt)]
    return ebs.read_tables(ebs.tables(schedules, applications, **more))


def _settled(read):
    return [row for row in read.rows if isinstance(row, SourceAllocation)]


def test_a_receipt_and_what_it_pays_whole_are_one_group(ebs):
    """Items that settle each other whole on one day are settled together, by the receipt's name."""
    read = _paid(ebs, [ebs.application("1", "2", "1", "100.00")]).require_complete()
    (group,) = _settled(read)

    assert set(group.items) == {"F-1", "receipt-72"}
    assert (group.settled_on, group.label) == (dt.date(2026, 9, 20), "receipt R-2")
    assert ebs.left_open(read.rows) == {}


def test_past_days_are_as_they_were(ebs):
    """Each application counts from its GL_DATE on, so that a past day shows what was open then."""
    applications = [
        ebs.application("1", "2", "1", "30.00", GL_DATE="2026-09-21"),
        ebs.application("2", "2", "1", "50.00", GL_DATE="2026-10-02"),
    ]
    read = _paid(ebs, applications, invoice="20.00", receipt="-20.00").require_complete()

    assert ebs.left_open(read.rows, "2026-09-01") == {"F-1": 10000}
    assert ebs.left_open(read.rows, "2026-09-20") == {"F-1": 10000, "receipt-72": -10000}
    assert ebs.left_open(read.rows, "2026-09-30") == {"F-1": 7000, "receipt-72": -7000}
    assert ebs.left_open(read.rows) == {"F-1": 2000, "receipt-72": -2000}


@pytest.mark.parametrize("adjusted", [False, True])
def test_what_has_no_day_is_all_that_was_settled_so_far(ebs, adjusted):
    """Without the tables that give days, a later extract says of the whole what is new of it."""
    ledger = Ledger()
    for day, paid, cents in ((10, "30.00", 500), (20, "80.00", 800)):
        left = f"{100 - float(paid) - (cents / 100 if adjusted else 0):.2f}"
        more = {"AMOUNT_ADJUSTED": f"-{cents / 100:.2f}"} if adjusted else {}
        applied = [ebs.application("1", "2", "1", "30.00")]
        applied += [ebs.application("2", "2", "1", "50.00")] if day == 20 else []
        found = ebs.tables(
            [ebs.schedule("1", "100.00", left, **more)], applied if adjusted else None
        )
        read = ebs.read_tables(found, snapshot_date=f"2026-10-{day}").require_complete()
        noon = dt.datetime(2026, 10, day, 12, tzinfo=dt.UTC)
        imported = import_records(read.rows, ledger=ledger, recorded_at=noon)
        assert imported.problems == ()
        ledger = imported.ledger

    [left_on_10] = ledger.open_items(as_of=dt.date(2026, 10, 10))
    [left_on_20] = ledger.open_items(as_of=dt.date(2026, 10, 20))
    assert (left_on_10.open_minor, left_on_20.open_minor) == (
        (65_00, 12_00) if adjusted else (70_00, 20_00)
    )


def test_what_is_parked_stays_open(ebs):
    """Cash on account, not applied, not identified or held for a claim settles nothing."""
    rows = [
        ebs.application(str(place), "2", "-1", "25.00", STATUS=status)
        for place, status in enumerate(["UNAPP", "ACC", "UNID", "OTHER ACC"])
    ]
    read = _paid(ebs, rows, invoice="100.00", receipt="-100.00").require_complete()

    assert _settled(read) == []
    assert ebs.left_open(read.rows) == {"F-1": 10000, "receipt-72": -10000}


def test_an_activity_takes_off_the_receipt_alone(ebs):
    """A refund or a write-off of cash has no transaction on its other side."""
    rows = [ebs.application("1", "2", "-3", "40.00", STATUS="ACTIVITY")]
    read = _paid(ebs, rows, invoice="100.00", receipt="-60.00").require_complete()

    assert ebs.left_open(read.rows) == {"F-1": 10000, "receipt-72": -6000}


def test_a_status_that_is_unknown_is_said(ebs):
    """A status that nobody knows settles nothing, and makes the read incomplete."""
    rows = [ebs.application("1", "2", "1", "40.00", STATUS="MAGIC")]
    read = _paid(ebs, rows, invoice="100.00", receipt="-100.00")

    assert (ebs.codes(read), read.report.complete) == (["oracle.status-unknown"], False)


def test_a_reversal_takes_back_its_application(ebs):
    """A mirrored row leaves the invoice open, and says that it was not for some days."""
    rows = [
        ebs.application("1", "2", "1", "100.00", REVERSAL_GL_DATE="2026-10-01"),
        ebs.application("2", "2", "1", "-100.00", GL_DATE="2026-10-01"),
        ebs.application("3", "2", "1", "70.00", GL_DATE="2026-10-01"),
    ]
    read = _paid(ebs, rows, invoice="30.00", receipt="-30.00").require_complete()

    assert ebs.left_open(read.rows) == {"F-1": 3000, "receipt-72": -3000}
    assert ebs.codes(read) == ["oracle.reversed"]


def test_a_past_day_can_be_read_exactly(ebs):
    """As of a day, what came later is not there: neither reversals, nor applications, nor items."""
    rows = [
        ebs.application("1", "2", "1", "100.00", REVERSAL_GL_DATE="2026-10-01"),
        ebs.application("2", "2", "1", "-100.00", GL_DATE="2026-10-01"),
    ]
    found = ebs.tables(
        [
            ebs.schedule("1", "100.00"),
            ebs.receipt("2", "-100.00"),
            ebs.schedule("3", "5.00", GL_DATE="2026-10-01"),
        ],
        rows,
    )

    open_on = {
        day: ebs.left_open(ebs.read_tables(found, as_of=day).require_complete().rows)
        for day in ("2026-09-19", "2026-09-30", "2026-10-01")
    }
    assert open_on == {
        "2026-09-19": {"F-1": 10000},
        "2026-09-30": {},
        "2026-10-01": {"F-1": 10000, "receipt-72": -10000, "F-3": 500},
    }


@pytest.mark.parametrize("status", ["REV", "NSF", "STOP"])
def test_a_receipt_that_came_back_is_settled_on_its_day(ebs, status):
    """A receipt that was reversed counts until the day of its reversal, and no longer."""
    rows = [
        ebs.application("1", "2", "1", "100.00"),
        ebs.application("2", "2", "1", "-100.00", GL_DATE="2026-10-01"),
    ]
    receipts = [
        {
            "CASH_RECEIPT_ID": "72",
            "RECEIPT_NUMBER": "R-2",
            "AMOUNT": "100.00",
            "CURRENCY_CODE": "EUR",
            "STATUS": status,
            "RECEIPT_DATE": "2026-09-20",
            "REVERSAL_DATE": "2026-10-01",
        }
    ]
    read = _paid(ebs, rows, invoice="100.00", ar_cash_receipts_all=receipts).require_complete()

    assert sum(ebs.left_open(read.rows, "2026-09-30").values()) == 0
    assert ebs.left_open(read.rows) == {"F-1": 10000}


def test_mirrored_rows_alone_show_that_a_receipt_came_back(ebs):
    """Without the receipts themselves, all rows of a receipt that come to nothing tell it."""
    rows = [
        ebs.application("1", "2", "", "100.00", STATUS="UNAPP"),
        ebs.application("2", "2", "", "-100.00", STATUS="UNAPP", GL_DATE="2026-10-01"),
    ]
    read = _paid(ebs, rows, invoice="100.00", receipt="0").require_complete()

    assert ebs.left_open(read.rows, "2026-09-30") == {"F-1": 10000, "receipt-72": -10000}
    assert ebs.left_open(read.rows) == {"F-1": 10000}


def test_discounts_settle_the_invoice_alone(ebs):
    """An earned or unearned discount is taken off the invoice on top of the money."""
    rows = [
        ebs.application(
            "1", "2", "1", "97.00", EARNED_DISCOUNT_TAKEN="2.00", UNEARNED_DISCOUNT_TAKEN="1.00"
        )
    ]
    read = _paid(ebs, rows, receipt="-3.00").require_complete()

    assert ebs.left_open(read.rows) == {"receipt-72": -300}


def test_the_receipt_has_its_own_currency(ebs):
    """Across currencies, the receipt gives AMOUNT_APPLIED_FROM, and the invoice loses the amount."""
    schedules = [
        ebs.schedule("1", "100.00", "0"),
        ebs.receipt("2", "-110.00", "-1.13", INVOICE_CURRENCY_CODE="USD"),
    ]
    rows = [ebs.application("1", "2", "1", "100.00", AMOUNT_APPLIED_FROM="108.87")]
    read = ebs.read_tables(ebs.tables(schedules, rows)).require_complete()

    assert ebs.left_open(read.rows) == {"receipt-72": -113}
    without = ebs.read_tables(ebs.tables(schedules, [rows[0] | {"AMOUNT_APPLIED_FROM": ""}]))
    assert "oracle.cross-currency" in ebs.codes(without)


def test_a_credit_memo_settles_too(ebs):
    """An application of type CM is of a credit memo, found by its schedule or its transaction."""
    schedules = [ebs.schedule("1", "100.00", "60.00"), ebs.schedule("3", "-40.00", "0", CLASS="CM")]
    row = ebs.application("1", "3", "1", "40.00", APPLICATION_TYPE="CM", CASH_RECEIPT_ID="")
    header = [
        {"CUSTOMER_TRX_ID": "93", "TRX_NUMBER": "F-3", "PREVIOUS_CUSTOMER_TRX_ID": "91"},
        {"CUSTOMER_TRX_ID": "91", "TRX_NUMBER": "F-1", "PREVIOUS_CUSTOMER_TRX_ID": ""},
    ]
    header = [each | {"COMPLETE_FLAG": "Y"} for each in header]
    for columns in ({}, {"PAYMENT_SCHEDULE_ID": "", "CUSTOMER_TRX_ID": "93"}):
        found = ebs.tables(schedules, [row | columns], ra_customer_trx_all=header)
        read = ebs.read_tables(found).require_complete()
        (note,) = [each for each in read.rows if isinstance(each, CreditNote)]

        assert note.corrects == "F-1"
        assert ebs.left_open(read.rows) == {"F-1": 6000}


def test_a_receipt_can_take_a_credit_along(ebs):
    """A receipt of 50 pays an invoice of 150 with a credit memo of 100 on one day."""
    schedules = [
        ebs.schedule("1", "150.00", "0"),
        ebs.schedule("3", "-100.00", "0", CLASS="CM"),
        ebs.receipt("2", "-50.00", "0"),
    ]
    rows = [ebs.application("1", "2", "1", "150.00"), ebs.application("2", "2", "3", "-100.00")]
    read = ebs.read_tables(ebs.tables(schedules, rows)).require_complete()

    assert ebs.left_open(read.rows) == {}
    assert len(_settled(read)) == 1


def test_a_receipt_of_nothing_sets_off(ebs):
    """A receipt of zero is no receipt of ours; what it applies is settled all the same."""
    schedules = [
        ebs.schedule("1", "100.00", "0"),
        ebs.schedule("3", "-100.00", "0", CLASS="CM"),
        ebs.receipt("2", "0", "0"),
    ]
    rows = [ebs.application("1", "2", "1", "100.00"), ebs.application("2", "2", "3", "-100.00")]
    read = ebs.read_tables(ebs.tables(schedules, rows)).require_complete()

    assert [row for row in read.rows if isinstance(row, Receipt)] == []
    assert ebs.left_open(read.rows) == {}


def _adjustment(name, amount, on="2026-09-15", **columns):
    said = {"ADJUSTMENT_ID": name, "PAYMENT_SCHEDULE_ID": "1", "AMOUNT": amount, "STATUS": "A"}
    return said | {"GL_DATE": on} | columns


def test_adjustments_count_from_their_day(ebs):
    """A write-off takes off, a charge is a debit note beside; one that is not approved is nothing."""
    rows = [
        _adjustment("1", "-10.00"),
        _adjustment("2", "3.00", "2026-09-18"),
        _adjustment("3", "-50.00", STATUS="W"),
    ]
    applied = [ebs.application("1", "2", "1", "91.00")]
    read = _paid(
        ebs, applied, invoice="2.00", receipt="-9.00", ar_adjustments_all=rows
    ).require_complete()

    assert ebs.left_open(read.rows, "2026-09-19") == {"F-1": 9000, "F-1~adjustment-2": 300}
    assert ebs.left_open(read.rows) == {"F-1~adjustment-2": 200, "receipt-72": -900}
    assert [row.number for row in read.rows if isinstance(row, DebitNote)] == ["F-1~adjustment-2"]


def test_adjustments_without_their_table_have_no_day(ebs):
    """AMOUNT_ADJUSTED tells how much, and the day of the extract stands for the day."""
    schedules = [ebs.schedule("1", "100.00", "90.00", AMOUNT_ADJUSTED="-10.00")]
    read = ebs.read_tables(ebs.tables(schedules, []), snapshot_date="2026-10-31")

    assert ebs.left_open(read.require_complete().rows) == {"F-1": 9000}
    assert ebs.codes(read) == ["oracle.settled-day-unknown"]


def test_what_is_left_must_be_what_the_table_says(ebs):
    """A schedule whose applications do not come to its balance is named, with both amounts."""
    read = _paid(ebs, [ebs.application("1", "2", "1", "30.00")], invoice="60.00", receipt="-70.00")
    (problem,) = read.report.problems

    assert (problem.code, read.report.complete) == ("oracle.remaining-differs", False)
    assert "must leave 6000 minor units open, got 7000" in problem.message
    assert problem.place.line == 1


def test_an_application_stands_once(ebs):
    """A row that comes twice settles nothing twice."""
    rows = [ebs.application("1", "2", "1", "100.00")] * 2
    read = _paid(ebs, rows)

    assert ebs.left_open(read.rows) == {}
    assert ebs.codes(read) == ["document.duplicate"]


@pytest.mark.parametrize(
    "flag", [("schedule", "RECEIPT_CONFIRMED_FLAG"), ("application", "CONFIRMED_FLAG")]
)
def test_what_is_not_confirmed_settles_nothing(ebs, flag):
    """Neither a receipt that is not confirmed nor its applications count."""
    which, column = flag
    more = {column: "N"}
    schedules = [
        ebs.schedule("1", "100.00"),
        ebs.receipt("2", "-100.00", **(more if which == "schedule" else {})),
    ]
    row = ebs.application("1", "2", "1", "100.00") | (more if which == "application" else {})
    read = ebs.read_tables(ebs.tables(schedules, [row])).require_complete()

    assert ebs.left_open(read.rows)["F-1"] == 10000


def test_a_transaction_that_is_not_complete_is_left_out(ebs):
    """A transaction that is still being entered is owed by nobody."""
    header = [{"CUSTOMER_TRX_ID": "91", "TRX_NUMBER": "F-1", "COMPLETE_FLAG": "N"}]
    found = ebs.tables([ebs.schedule("1", "100.00")], [], ra_customer_trx_all=header)
    read = ebs.read_tables(found).require_complete()

    assert (read.rows, ebs.codes(read)) == ((), ["oracle.incomplete"])


def _cash(**columns):
    return {
        "CASH_RECEIPT_ID": "72",
        "RECEIPT_NUMBER": "R-2",
        "AMOUNT": "100.00",
        "CURRENCY_CODE": "EUR",
        "STATUS": "UNID",
        "TYPE": "CASH",
        "RECEIPT_DATE": "2026-09-20",
        "DEPOSIT_DATE": "2026-09-21",
    } | columns


def test_receipts_by_themselves_are_shown_as_not_applied(ebs):
    """The table of receipts alone has no applications, which is said; nobody knows their payers."""
    read = ebs.read_tables({"AR_CASH_RECEIPTS_ALL": [_cash()]}).require_complete()
    (receipt,) = read.rows

    assert (receipt.customer, receipt.value_date) == ("", dt.date(2026, 9, 21))
    assert ebs.codes(read) == ["oracle.table-alone"]


def test_miscellaneous_receipts_are_no_receivables(ebs):
    """Interest of a bank and the like are left out and counted."""
    read = ebs.read_tables({"AR_CASH_RECEIPTS_ALL": [_cash(TYPE="MISC")]})

    assert (read.rows, ebs.codes(read)) == ((), ["oracle.receipt-miscellaneous"])


def test_a_card_number_never_enters(ebs):
    """A comment that holds a card number is masked, and makes the read incomplete."""
    read = ebs.read_tables({"AR_CASH_RECEIPTS_ALL": [_cash(COMMENTS="card 4111111111111111")]})

    assert "4111111111111111" not in str(read)
    assert read.rows[0].remittance.text[-1] == "card ************1111"
    assert "card.number" in ebs.codes(read)


@pytest.mark.parametrize(
    "rows",
    [
        {"AR_RECEIVABLE_APPLICATIONS_ALL": []},
        {"RA_CUSTOMER_TRX_ALL": []},
        {"AR_ADJUSTMENTS_ALL": []},
        {"HZ_PARTIES": []},
    ],
)
def test_a_table_that_says_nothing_alone_is_refused(ebs, rows):
    """Tables without a balance of their own are no ledger."""
    read = ebs.read_tables(rows)

    assert (read.rows, ebs.codes(read), read.report.complete) == ((), ["oracle.table-alone"], False)


def test_customers_come_with_their_party(ebs):
    """A customer is an account, and its name and address are those of its party."""
    found = {
        "HZ_CUST_ACCOUNTS": [{"CUST_ACCOUNT_ID": 1007, "ACCOUNT_NUMBER": "0042", "PARTY_ID": 5}],
        "HZ_PARTIES": [
            {
                "PARTY_ID": "5",
                "PARTY_NAME": "Bräuhaus AG",
                "COUNTRY": "DE",
                "ADDRESS1": "Am Markt 1",
                "CITY": "Bamberg",
                "POSTAL_CODE": "96047",
                "EMAIL_ADDRESS": "ap@brau.example",
            }
        ],
    }
    (customer,) = ebs.read_tables(found).require_complete().rows

    assert (customer.customer, customer.name) == ("1007", "Bräuhaus AG")
    assert (customer.aliases, customer.address.city) == (("0042",), "Bamberg")
    assert customer.contacts[0].email == "ap@brau.example"


def test_customers_can_be_called_by_their_number(ebs):
    """With account numbers, customers and documents are called by them; one without is an error."""
    accounts = [{"CUST_ACCOUNT_ID": "1007", "ACCOUNT_NUMBER": "0042"}]
    rows = [ebs.schedule("1", "10.00"), ebs.schedule("2", "10.00", CUSTOMER_ID="8")]
    found = ebs.tables(rows, hz_cust_accounts=accounts)
    read = ebs.read_tables(found, customers="number")

    assert [type(row) for row in read.rows][:1] == [Customer]
    assert [row.customer for row in read.rows] == ["0042", "0042", "8"]
    assert (ebs.codes(read), read.report.complete) == (["customer.unknown"], False)


def test_the_ledger_takes_everything(ebs, story):
    """What is open on the ledger after importing is what the tables leave open."""
    records = ebs.read_tables(story).require_complete().rows
    padded = ebs.schedule("5", "9.00", TERMS_SEQUENCE_NUMBER="2", NUMBER_OF_DUE_DATES="2")
    records += ebs.read_tables(ebs.tables([padded])).rows
    now = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)
    imported = import_records(records, ledger=Ledger(), recorded_at=now)
    items = imported.ledger.open_items(as_of=dt.date(2026, 10, 31))

    assert imported.problems == ()
    assert {item.item: item.open_minor for item in items} == {
        "F-0011": 2000,
        "receipt-70021": -5000,
        "F-5/2": 900,
    }
    again = import_records(records, ledger=imported.ledger, recorded_at=now)
    assert again.added == 0
