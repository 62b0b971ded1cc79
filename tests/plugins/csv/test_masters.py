"""Rows become customers and receipts."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.parties import Address, Channel, Contact, Customer, Identifier


def test_customer_says_what_the_row_says(read):
    """Lists in a cell are parted at their separators."""
    head = (
        "customer;name;locale;country;address;postal-code;city;region;contact;email;phone;ibans;"
        "aliases;payer-group;terms;identifiers"
    )
    row = (
        "0017;Quincaillerie Tremblay;fr-CA;CA;12 rue A|bureau 3;H2X 1Y4;Montréal;QC;Anne;a@b.ca;1;"
        "FR76,DE89;QT|Tremblay inc.;Groupe;net 30;ca.bn:123026635 lei:5493001KJTIIGC8Y1R12"
    )
    (customer,) = read(f"{head}\n{row}\n", record="customers").rows

    assert customer == Customer(
        customer="0017",
        name="Quincaillerie Tremblay",
        locale="fr-CA",
        country="CA",
        address=Address(
            lines=("12 rue A", "bureau 3"),
            postal_code="H2X 1Y4",
            city="Montréal",
            region="QC",
            country="CA",
        ),
        contacts=[Contact(name="Anne", channel=Channel.EMAIL, email="a@b.ca", phone="1")],
        identifiers=[
            Identifier("ca.bn", "123026635"),
            Identifier("lei", "5493001KJTIIGC8Y1R12"),
        ],
        ibans=["FR76", "DE89"],
        aliases=["QT", "Tremblay inc."],
        payer_group="Groupe",
        terms="net 30",
    )


def test_customer_may_have_a_name_alone(read):
    """Fields without a column, and empty cells, are left as they are by default."""
    (customer,) = read("customer,name\n1,\n", record="customers").rows

    assert customer == Customer(customer="1", name="1")


def test_customer_says_who_looks_after_it(read):
    """What collection asks for: the segment, a consumer or not, the place, who does what."""
    head = "customer;name;segment;consumer;time-zone;owners"
    row = "1;Ann;small;Yes;America/Montreal;collector:j.roy|salesperson: m.diaz"
    (customer,) = read(f"{head}\n{row}\n", record="customers").rows

    assert customer == Customer(
        customer="1",
        name="Ann",
        segment="small",
        is_consumer=True,
        time_zone="America/Montreal",
        owners={"collector": "j.roy", "salesperson": "m.diaz"},
    )


@pytest.mark.parametrize("row", ["1,Ann,maybe,", "1,Ann,,j.roy", "1,Ann,,collector:"])
def test_customer_with_an_odd_owner_is_refused(row, read, problems):
    """Neither yes nor no, or a name without what it is, is noted."""
    found = read(f"customer,name,consumer,owners\n{row}\n", record="customers")

    assert problems(found) == [("customer.invalid", 2, "customer")]


BAD_CUSTOMERS = {
    "no identifier of it": (",Ann,,", "customer.missing"),
    "second row": ("1,Ann,,", "customer.duplicate"),
    "no locale": ("2,Ann,french,", "customer.invalid"),
    "identifier without a scheme": ("2,Ann,,123026635", "customer.invalid"),
    "identifier without a value": ("2,Ann,,ca.bn:", "customer.invalid"),
    "impossible scheme": ("2,Ann,,CA-BN:1", "customer.invalid"),
}


@pytest.mark.parametrize("case", BAD_CUSTOMERS)
def test_bad_customer_is_refused(case, read, problems):
    """A customer whose details break a rule is noted, and the others are read."""
    row, code = BAD_CUSTOMERS[case]
    found = read(f"customer,name,locale,identifiers\n1,Bob,,\n{row}\n", record="customers")

    assert problems(found) == [(code, 3, "customer")]
    assert [one.customer for one in found.rows] == ["1"]


RECEIPTS = (
    "receipt,customer,booking-date,value-date,amount,currency,payer-name,payer-account,text\n"
)


def test_receipt_says_what_the_row_says(read):
    """A receipt has its payer, its text and both days; its customer may be unknown."""
    row = "0001,,2026-10-05,2026-10-06,80.00,CAD,Tremblay,FR76,F-1 merci\n"
    (receipt,) = read(RECEIPTS + row, record="receipts").rows

    assert (receipt.receipt, receipt.customer, str(receipt.amount.amount)) == ("0001", "", "80.00")
    assert receipt.booking_date == dt.date(2026, 10, 5)
    assert receipt.value_date == dt.date(2026, 10, 6)
    assert (receipt.payer.name, receipt.payer.account) == ("Tremblay", "FR76")
    assert receipt.remittance.text == ("F-1 merci",)


BAD_RECEIPTS = {
    "no identity": (",2026-10-05,80,EUR", "receipt.missing", "receipt"),
    "money that went out": ("2,2026-10-05,-80,EUR", "amount.sign", "amount"),
    "no money": ("2,2026-10-05,0,EUR", "amount.sign", "amount"),
    "no day": ("2,,80,EUR", "date.missing", "booking-date"),
    "second row": ("1,2026-10-05,80,EUR", "receipt.duplicate", "receipt"),
    "unknown currency": ("2,2026-10-05,80,XXX", "currency.unknown", "currency"),
}


@pytest.mark.parametrize("case", BAD_RECEIPTS)
def test_bad_receipt_is_refused(case, read, problems):
    """A row that is no receipt is noted with its place, and the others are read."""
    row, code, field = BAD_RECEIPTS[case]
    text = f"receipt,booking-date,amount,currency\n1,2026-10-05,80,EUR\n{row}\n"
    found = read(text, record="receipts")

    assert problems(found) == [(code, 3, field)]
    assert [one.receipt for one in found.rows] == ["1"]
