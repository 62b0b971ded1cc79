"""AR_PAYMENT_SCHEDULES_ALL by itself: what each class becomes, installments, what is open."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.documents import CreditNote, DebitNote, Document, Invoice
from receivables.errors import PolicyError
from receivables.money import money
from receivables.receipts import Receipt

SNAPSHOT = {"snapshot_date": "2026-10-31"}


@pytest.mark.parametrize(
    ("code", "original", "kind"),
    [
        ("INV", "10.00", Invoice),
        ("DM", "10.00", DebitNote),
        ("CB", "10.00", DebitNote),
        ("DEP", "10.00", Invoice),
        ("GUAR", "10.00", Invoice),
        ("BR", "10.00", Invoice),
        ("CM", "-10.00", CreditNote),
        ("PMT", "-10.00", Receipt),
    ],
)
def test_each_class_has_its_kind(ebs, code, original, kind):
    """A class becomes one kind of record, and its sign is that of the table."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", original, CLASS=code)]))
    (row,) = read.require_complete().rows

    assert type(row) is kind
    assert ebs.left_open(read.rows) == {
        ("receipt-1" if code == "PMT" else "F-1"): 1000 if original == "10.00" else -1000
    }


def test_an_unknown_class_is_never_guessed(ebs):
    """A class that nobody declared is an error, and the row is left out."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00", CLASS="ZZ")]))

    assert (read.rows, ebs.codes(read)) == ((), ["document.type-unknown"])
    assert read.report.problems[0].place.field == "AR_PAYMENT_SCHEDULES_ALL: CLASS"


def test_a_class_can_be_declared_or_left_out(ebs):
    """Settings say what a class is, where it is not as usual."""
    rows = [ebs.schedule("1", "10.00", CLASS="ZZ"), ebs.schedule("2", "5.00", CLASS="GUAR")]
    classes = {"ZZ": "debit-note", "GUAR": "skip"}
    (row,) = ebs.read_tables(ebs.tables(rows), classes=classes).require_complete().rows

    assert type(row) is DebitNote


def test_a_class_that_settings_do_not_know_keeps_its_name(ebs):
    """What our kinds do not tell apart is kept as a dimension."""
    (row,) = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00", CLASS="CB")])).rows

    assert row.dimensions == (("oracle-class", "CB"),)


@pytest.mark.parametrize(
    ("code", "original", "kind"), [("INV", "-10.00", CreditNote), ("CM", "10.00", DebitNote)]
)
def test_the_sign_says_more_than_the_class(ebs, code, original, kind):
    """A negative invoice is a credit, a positive credit memo is none; both are said."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", original, CLASS=code)]))

    assert type(read.rows[0]) is kind
    assert ebs.codes(read) == ["oracle.sign-reversed"]


def test_installments_make_one_document(ebs):
    """Rows of one transaction are its installments, by TERMS_SEQUENCE_NUMBER, in any order."""
    both = {"CUSTOMER_TRX_ID": "9", "TRX_NUMBER": "F-9"}
    rows = [
        ebs.schedule("2", "30.00", TERMS_SEQUENCE_NUMBER="2", DUE_DATE="2026-11-01", **both),
        ebs.schedule("1", "70.00", TERMS_SEQUENCE_NUMBER="1", **both),
    ]
    read = ebs.read_tables(ebs.tables(rows)).require_complete()
    (invoice,) = read.rows

    assert invoice.total == money("100.00", "EUR")
    assert [part.due_date.month for part in invoice.installments] == [10, 11]
    assert invoice.references == ("payment-schedule:1", "payment-schedule:2")
    assert ebs.left_open(read.rows) == {"F-9/1": 7000, "F-9/2": 3000}


def test_an_installment_keeps_its_place_where_others_are_closed(ebs):
    """An extract of open rows lacks the first installment; the second is called so all the same."""
    row = ebs.schedule("2", "30.00", TERMS_SEQUENCE_NUMBER="2", NUMBER_OF_DUE_DATES="3")
    read = ebs.read_tables(ebs.tables([row])).require_complete()

    assert ebs.left_open(read.rows) == {"F-2/2": 3000}
    assert ebs.codes(read) == ["oracle.installment-missing"]


@pytest.mark.parametrize(
    "other",
    [{"CUSTOMER_ID": "8"}, {"INVOICE_CURRENCY_CODE": "USD"}, {"AMOUNT_DUE_ORIGINAL": "-5.00"}],
)
def test_installments_must_agree(ebs, other):
    """Installments of two customers, currencies or signs are no document."""
    both = {"CUSTOMER_TRX_ID": "9", "TRX_NUMBER": "F-9"}
    second = ebs.schedule("2", "30.00", TERMS_SEQUENCE_NUMBER="2", **both) | other
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "70.00", **both), second]))

    assert (read.rows, ebs.codes(read)) == ((), ["document.unbalanced"])


def test_leading_zeros_are_kept(ebs):
    """Identities are texts as they stand, in a file and in rows."""
    row = ebs.schedule("000010", "1.00", TRX_NUMBER="00042", CUSTOMER_ID="0007")
    for read in (ebs.read_tables(ebs.tables([row])), ebs.read_bytes(ebs.as_csv([row]))):
        (invoice,) = read.require_complete().rows

        assert (invoice.number, invoice.customer) == ("00042", "0007")
        assert invoice.references == ("payment-schedule:000010",)


def test_one_number_of_two_transactions(ebs):
    """The same TRX_NUMBER of two transactions goes to the older one; the other has both names."""
    rows = [
        ebs.schedule("2", "20.00", CUSTOMER_TRX_ID="12", TRX_NUMBER="F-1"),
        ebs.schedule("1", "10.00", CUSTOMER_TRX_ID="11", TRX_NUMBER="F-1"),
    ]
    read = ebs.read_tables(ebs.tables(rows)).require_complete()

    assert ebs.left_open(read.rows) == {"F-1~12": 2000, "F-1": 1000}
    assert ebs.codes(read) == ["oracle.number-repeated"]
    by_id = ebs.read_tables(ebs.tables(rows), numbers="id").require_complete()
    assert ebs.left_open(by_id.rows) == {"12": 2000, "11": 1000}
    assert by_id.report.problems == ()


def test_what_was_settled_has_the_day_of_closing(ebs):
    """A closed schedule was settled on its GL_DATE_CLOSED; the day of never is no day."""
    row = ebs.schedule("1", "10.00", "0", STATUS="CL", GL_DATE_CLOSED="2026-10-05")
    read = ebs.read_tables(ebs.tables([row])).require_complete()

    assert read.report.problems == ()
    assert read.rows[1].settled_on == dt.date(2026, 10, 5)


def test_a_part_was_settled_on_the_day_of_the_extract(ebs):
    """What a schedule lost before it was closed was lost by the day of the extract, and is said."""
    row = ebs.schedule("1", "10.00", "4.00")
    read = ebs.read_tables(ebs.tables([row]), **SNAPSHOT).require_complete()

    assert (read.rows[1].settled_minor, read.rows[1].settled_on) == (600, dt.date(2026, 10, 31))
    assert ebs.codes(read) == ["oracle.settled-day-unknown"]
    changed = ebs.read_tables(ebs.tables([row | {"LAST_UPDATE_DATE": "2026-10-07 11:05:00"}]))
    assert changed.rows[1].settled_on == dt.date(2026, 10, 7)


def test_a_part_without_any_day_is_refused(ebs):
    """Without a day of the extract nobody knows since when a part is settled."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00", "4.00")]))

    assert not read.report.complete
    assert ebs.codes(read) == ["settings.invalid"]


def test_more_can_be_open_than_there_was(ebs):
    """An adjustment upwards is a debit note beside its invoice, with the same due date."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00", "13.00")]), **SNAPSHOT)

    assert ebs.left_open(read.rows) == {"F-1": 1000, "F-1~schedule-1": 300}
    assert type(read.rows[1]) is DebitNote
    assert read.rows[1].due_date == dt.date(2026, 10, 1)


def test_less_than_nothing_can_be_open(ebs):
    """An invoice that was paid beyond its amount is settled, and the rest is a credit."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00", "-2.00")]), **SNAPSHOT)

    assert ebs.left_open(read.rows) == {"F-1~over-schedule-1": -200}
    assert "oracle.over-applied" in ebs.codes(read)


def test_a_receipt_that_is_not_confirmed_does_not_count(ebs):
    """Only confirmed receipts are in the balance of a customer."""
    row = ebs.receipt("1", "-10.00", RECEIPT_CONFIRMED_FLAG="N")
    read = ebs.read_tables(ebs.tables([row])).require_complete()

    assert (read.rows, ebs.codes(read)) == ((), ["oracle.receipt-unconfirmed"])


def test_a_dispute_is_said(ebs):
    """An amount in dispute is no record of a ledger, so that it is a warning with its amount."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00", AMOUNT_IN_DISPUTE="4.5")]))

    assert ebs.codes(read) == ["oracle.in-dispute"]
    assert "4.5 EUR of F-1" in read.report.problems[0].message


@pytest.mark.parametrize("columns", [{"STATUS": "CL"}, {"AMOUNT_DUE_REMAINING": "0"}])
def test_status_and_balance_must_go_together(ebs, columns):
    """A closed row with a balance, or an open one without, is odd."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00") | columns]), **SNAPSHOT)

    assert "oracle.status-differs" in ebs.codes(read)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"PAYMENT_SCHEDULE_ID": ""}, "document.missing"),
        ({"TRX_NUMBER": ""}, "document.missing"),
        ({"CUSTOMER_ID": ""}, "customer.missing"),
        ({"INVOICE_CURRENCY_CODE": ""}, "currency.missing"),
        ({"INVOICE_CURRENCY_CODE": "EURO"}, "currency.unknown"),
        ({"AMOUNT_DUE_ORIGINAL": "ten"}, "amount.invalid"),
        ({"AMOUNT_DUE_ORIGINAL": 10.0}, "amount.invalid"),
        ({"AMOUNT_DUE_ORIGINAL": "10.005"}, "amount.inexact"),
        ({"AMOUNT_DUE_ORIGINAL": "1e3"}, "amount.invalid"),
        ({"AMOUNT_DUE_ORIGINAL": "9" * 20}, "amount.limit"),
        ({"DUE_DATE": "2026-02-30"}, "date.invalid"),
        ({"DUE_DATE": "03/04/2026"}, "locale.ambiguous"),
        ({"GL_DATE": "", "TRX_DATE": ""}, "date.missing"),
        ({"TERMS_SEQUENCE_NUMBER": "first"}, "document.unbalanced"),
        ({"TERMS_SEQUENCE_NUMBER": "5000"}, "document.unbalanced"),
        ({"CUSTOMER_TRX_ID": 9.0e14}, "amount.invalid"),
        ({"CLASS": "PMT"}, "amount.sign"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(ebs, columns, code):
    """What is wrong with a row is said at its column, and nothing comes of the row."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00") | columns]))

    assert [row for row in read.rows if isinstance(row, Document)] == []
    assert ebs.codes(read) == [code]
    assert not read.report.complete


def test_a_schedule_stands_once(ebs):
    """The same payment schedule twice is refused, whatever the second row says."""
    read = ebs.read_tables(ebs.tables([ebs.schedule("1", "10.00")] * 2))

    assert ebs.left_open(read.rows) == {"F-1": 1000}
    assert ebs.codes(read) == ["document.duplicate"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01",
        "2026-10-01 00:00:00",
        "2026-10-01T23:59:59.000+00:00",
        "01-OCT-26",
        "01-Oct-2026",
        "01-OCT-2026 00:00:00",
        dt.date(2026, 10, 1),
        dt.datetime(2026, 10, 1, 23, 30),
        dt.datetime(2026, 10, 1, 23, 30, tzinfo=dt.UTC),
    ],
)
def test_days_are_business_days(ebs, text):
    """A day is the day that is written, in any form of the system, whatever time stands beside it."""
    (row,) = ebs.read_tables(ebs.tables([ebs.schedule("1", "1", DUE_DATE=text)])).rows

    assert row.due_date == dt.date(2026, 10, 1)


def test_other_forms_of_days_can_be_declared(ebs):
    """A format beside those of the system is declared."""
    row = ebs.schedule("1", "1", DUE_DATE="03/04/2026")
    (invoice,) = ebs.read_tables(ebs.tables([row]), date_format="%d/%m/%Y").rows

    assert invoice.due_date == dt.date(2026, 4, 3)


@pytest.mark.parametrize(
    ("currency", "text", "minor"), [("JPY", "1200", 1200), ("KWD", "1.234", 1234)]
)
def test_currencies_have_their_own_decimals(ebs, currency, text, minor):
    """Amounts are in units of their currency, with no, two or three decimals."""
    row = ebs.schedule("1", text, INVOICE_CURRENCY_CODE=currency)
    read = ebs.read_tables(ebs.tables([row])).require_complete()

    assert ebs.left_open(read.rows) == {"F-1": minor}


def test_the_rate_of_a_document_is_kept(ebs):
    """A document in another currency keeps the rate that it was booked at."""
    row = ebs.schedule("1", "10.00", EXCHANGE_RATE="1.0887", EXCHANGE_DATE="2026-09-01")
    row["INVOICE_CURRENCY_CODE"] = "USD"
    (invoice,) = ebs.read_tables(ebs.tables([row]), currency="EUR").rows

    assert str(invoice.exchange_rate.rate) == "1.0887"
    assert (invoice.exchange_rate.base, invoice.exchange_rate.quote) == ("USD", "EUR")


def test_operating_units_can_be_chosen(ebs):
    """Several operating units in one extract are said, and one of them can be chosen."""
    rows = [ebs.schedule("1", "10.00", ORG_ID="204"), ebs.schedule("2", "5.00", ORG_ID="911")]

    assert ebs.codes(ebs.read_tables(ebs.tables(rows))) == ["oracle.several-orgs"]
    chosen = ebs.read_tables(ebs.tables(rows), orgs=["911"])
    assert (ebs.left_open(chosen.rows), chosen.report.problems) == ({"F-2": 500}, ())


@pytest.mark.parametrize(
    "settings",
    [
        {"creditor": ""},
        {"creditor": "MIRA", "classes": {"ZZ": "bill"}},
        {"creditor": "MIRA", "decimal": "."} | {"grouping": "."},
        {"creditor": "MIRA", "delimiter": "#"},
        {"creditor": "MIRA", "encoding": "utf-99"},
        {"creditor": "MIRA", "date-format": "%b"},
        {"creditor": "MIRA", "numbers": "name"},
        {"creditor": "MIRA", "customers": "name"},
    ],
)
def test_impossible_settings_are_refused(ebs, settings):
    """A setting that cannot be is misuse, and raises."""
    with pytest.raises(PolicyError):
        ebs.spec.build(settings)
