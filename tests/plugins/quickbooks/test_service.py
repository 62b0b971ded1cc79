"""The service reads a company whole, keeps its tokens to itself, and says what it cannot know."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receivables.adapters import LedgerQuery
from receivables.allocation import SourceAllocation
from receivables.documents import DebitNote, Invoice
from receivables.errors import PolicyError, ServiceError
from receivables.money import money
from receivables.receipts import Receipt
from receivables.testing.ledger_service import open_minor
from receivables.testing.services import Serving
from receivables.transports import Request

from .conftest import SECRETS, company, journal, payment, sale

NOW = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)


def rows_of(service, **query):
    """The items of a service, and the report."""
    read = service.items(LedgerQuery(**query)).collect()
    return read.rows, read.report


def settled_of(rows):
    """What is settled, by items: the day and the amount."""
    found = [row for row in rows if isinstance(row, SourceAllocation)]
    return {row.items: (row.settled_on.isoformat(), row.settled_minor) for row in found}


def test_part_of_an_invoice_is_settled_on_the_day_of_its_payment(service_of):
    """An invoice that is open in part comes whole, with what was paid and when."""
    rows, report = rows_of(service_of())
    invoice = next(row for row in rows if isinstance(row, Invoice) and row.number == "0043")

    assert report.complete
    assert invoice.total == money("300.00", "CAD")
    assert settled_of(rows)[("0043",)] == ("2026-09-15", 100_00)
    assert settled_of(rows)[("0046",)] == ("2026-09-20", 30_00)


def test_journal_lines_age_under_their_customer(service_of):
    """A journal line on the receivable account is a debit note of the customer that it names."""
    rows, _ = rows_of(service_of())
    [note] = [row for row in rows if isinstance(row, DebitNote)]

    assert (note.number, note.customer, note.references) == ("JournalEntry-160-0", "59", ("0042",))


def test_settled_items_are_groups_where_one_payment_settles_them_whole(make_fake, service_of):
    """A payment that settles documents whole, and is used up by them, makes one group with them."""
    rows = {
        **company(),
        "Invoice": [
            sale("1", "A", "2026-08-01", "60.00", "0"),
            sale("2", "B", "2026-08-02", "40.00", "0"),
        ],
        "Payment": [
            payment(
                "3", "2026-09-01", "100.00", "0", ("Invoice", "1", "60"), ("Invoice", "2", "40")
            )
        ],
    }
    found, _ = rows_of(
        service_of(make_fake(rows=rows), entities=["Invoice", "Payment"]),
        settled_since=dt.date(2026, 8, 1),
    )

    assert settled_of(found) == {("A", "B", "Payment-3"): ("2026-09-01", None)}


def test_prepayment_counts_from_the_day_of_its_invoice(make_fake, service_of):
    """A payment that came before its invoice was on account until the day of the invoice."""
    rows = {
        **company(),
        "Invoice": [sale("1", "A", "2026-09-10", "100.00", "0")],
        "Payment": [payment("3", "2026-09-01", "100.00", "0", ("Invoice", "1", "100.00"))],
    }
    service = service_of(make_fake(rows=rows), entities=["Invoice", "Payment"])
    before, _ = rows_of(service, as_of=dt.date(2026, 9, 5))
    after, _ = rows_of(service, as_of=dt.date(2026, 9, 10))

    assert [type(row) for row in before] == [Receipt]
    assert after == ()


def test_settlement_without_a_payment_has_the_day_of_the_last_change(make_fake, service_of):
    """Where nothing says when, the day of the last change is taken, and a warning says so."""
    rows = {**company(), "Invoice": [sale("1", "A", "2026-09-10", "100.00", "30.00")]}
    found, report = rows_of(service_of(make_fake(rows=rows), entities=["Invoice"]))

    assert settled_of(found) == {("A",): ("2026-10-20", 70_00)}
    assert [problem.code for problem in report.problems] == ["quickbooks.settlement-day"]
    assert report.complete


def test_same_number_twice_is_refused_until_told_to_go_by_identifiers(make_fake, service_of):
    """Two documents of one number are an error; by identifiers both are read."""
    rows = {
        **company(),
        "Invoice": [
            sale("1", "A", "2026-09-10", "10.00", "10.00"),
            sale("2", "A", "2026-09-11", "20.00", "20.00"),
        ],
    }
    _, refused = rows_of(service_of(make_fake(rows=rows), entities=["Invoice"]))
    found, report = rows_of(service_of(make_fake(rows=rows), entities=["Invoice"], numbers="id"))

    assert [problem.code for problem in refused.problems] == ["document.duplicate"]
    assert not refused.complete
    assert [(row.number, row.references) for row in found] == [
        ("Invoice-1", ("A",)),
        ("Invoice-2", ("A",)),
    ]
    assert report.complete


def test_links_to_a_journal_entry_go_to_the_lines_of_the_customer(make_fake, service_of):
    """A payment that names an entry and no line settles the lines of its own customer, in turn."""
    entry = journal(
        "9",
        "2026-08-01",
        ("84", "Debit", "30.00", "59"),
        ("84", "Debit", "50.00", "58"),
        ("35", "Credit", "80.00", None),
    )
    paid = payment("3", "2026-09-01", "50.00", "0", ("JournalEntry", "9", "50.00"))
    rows = {**company(), "JournalEntry": [entry], "Payment": [paid]}
    found, report = rows_of(service_of(make_fake(rows=rows), entities=["JournalEntry", "Payment"]))

    assert report.problems == ()
    assert [row.number for row in found] == ["JournalEntry-9-0"]


def test_a_card_number_is_masked_and_an_error(make_fake, service_of):
    """A card number in the reference of a payment is masked, and the read is not complete."""
    rows = {
        **company(),
        "Payment": [payment("3", "2026-09-01", "5", "5", PaymentRefNum="4111111111111111")],
    }
    found, report = rows_of(service_of(make_fake(rows=rows), entities=["Payment"]))

    assert [row.remittance.text for row in found] == [("************1111",)]
    assert [problem.code for problem in report.problems] == ["card.number"]
    assert "4111111111111111" not in str(report)


def test_customers_are_there_with_inactive_ones_and_their_groups(service_of):
    """Inactive customers come too; a sub-customer is of the payer group of the one at the top."""
    first, second = service_of().customers(LedgerQuery()).collect().rows

    assert (first.customer, first.country, first.terms) == ("58", "US", "net 30")
    assert first.contacts[0].email == "rebecca@sunset.example"
    assert (second.name, second.payer_group) == ("Ocean View", "Sunset Bakery")


@pytest.mark.parametrize("days", [2, 90])
def test_changed_customers_are_those_changed_since(make_fake, service_of, days):
    """Customers that were changed come from the record of changes, or by their last change."""
    rows = company()
    rows["Customer"][0]["MetaData"] = {"LastUpdatedTime": "2026-10-30T08:00:00-07:00"}
    rows["Customer"][1]["MetaData"] = {"LastUpdatedTime": "2026-01-02T08:00:00-07:00"}
    fake = make_fake(rows=rows)
    query = LedgerQuery(changed_since=NOW - dt.timedelta(days=days))
    read = service_of(fake).customers(query).collect()

    assert [row.customer for row in read.rows] == ["58"]
    assert any("/cdc?" in request.url for request in fake.requests) is (days == 2)


def test_changes_tell_of_deletions(make_fake, service_of):
    """What was deleted is among the changes, and is said to be."""
    fake = make_fake()
    service = service_of(fake)
    service.customers(LedgerQuery()).collect()
    token = next(request.header("Authorization") for request in reversed(fake.requests))
    body = b'{"Id": "130", "SyncToken": "0"}'
    url = f"{fake.url}/invoice?operation=delete"
    assert fake(Request("POST", url, headers={"Authorization": token}, body=body)).is_success
    [change] = service.changes(NOW - dt.timedelta(days=1), kinds=["Invoice"]).collect().rows

    assert (change.kind, change.identity, change.is_deleted) == ("Invoice", "130", True)


def test_changes_of_long_ago_are_refused(service_of):
    """Changes are kept for thirty days; a moment before, or one without a zone, is misuse."""
    for since in (NOW - dt.timedelta(days=31), dt.datetime(2026, 10, 30)):  # the lack is the point
        with pytest.raises(PolicyError, match="since must"):
            service_of().changes(since)


def test_full_answers_of_changes_are_asked_on(make_fake, service_of):
    """More changes than one answer holds come all the same, each once."""
    rows = company()
    rows["Invoice"] = [
        sale(
            str(number),
            f"N{number}",
            "2026-10-01",
            "1.00",
            "1.00",
            MetaData={
                "LastUpdatedTime": f"2026-10-30T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+00:00"
            },
        )
        for number in range(1, 2_501)
    ]
    service = service_of(make_fake(rows=rows))
    read = service.changes(NOW - dt.timedelta(days=2), kinds=["Invoice"]).collect()

    assert read.report.complete
    assert len({change.identity for change in read.rows}) == len(read.rows) == 2_500


def test_new_refresh_tokens_are_handed_back_and_never_shown(make_fake, company_case, service_of):
    """Each new refresh token goes to the hook, and is what the service asks with from then on."""
    kept = []
    fake = make_fake()
    service = service_of(fake, keep_refresh_token=kept.append)
    service.items(LedgerQuery()).collect()
    fake.expire()
    service.items(LedgerQuery()).collect()
    grants = [each.body.decode() for each in fake.requests if each.url.endswith("/bearer")]

    assert len(kept) == len(grants) == 2
    assert kept[0].reveal() in grants[1]
    assert service.newest_refresh_token == kept[-1]
    assert kept[-1].reveal() not in repr([service, kept, fake, vars(service)])


def test_busy_service_is_waited_for(make_fake, service_of):
    """A 429 with Retry-After is waited out, and the read is whole."""
    rows, report = rows_of(service_of(make_fake(requests_max=3)))

    assert report.complete
    assert rows == rows_of(service_of())[0]


def test_a_secret_that_is_wrong_is_a_refusal_without_the_secret(company_case):
    """Where no token is granted, the read says so and is empty."""
    bad = attrs.evolve(company_case, secrets={**SECRETS, "quickbooks-refresh-token": "wr0ng"})
    from receivables_plugins import quickbooks  # noqa: PLC0415  # beside what it builds

    [spec] = quickbooks.receivables_ledger_services()
    read = spec.build(bad.settings, runtime=bad.runtime()).items(LedgerQuery()).collect()

    assert [problem.code for problem in read.report.problems] == ["service.refused"]
    assert "wr0ng" not in str(read.report)


def test_rows_left_out_are_counted(make_fake, service_of):
    """Fewer rows than the service counts make a read incomplete, of customers too."""
    service = service_of(make_fake(Serving(truncates_at=1)))
    read = service.customers(LedgerQuery()).collect()

    assert [problem.code for problem in read.report.problems] == ["service.incomplete"]
    assert len(read.rows) == 1


def test_only_some_customers(service_of):
    """A question for some customers gives theirs alone."""
    rows, _ = rows_of(service_of(), customers=["59"])

    assert [row.number for row in rows] == ["JournalEntry-160-0"]


def test_control_totals_are_of_today(service_of):
    """Accounts say what they hold now; another day, and credit limits, are not to be had."""
    service = service_of()

    assert service.control_totals(as_of=NOW.date()) == [money("755.00", "CAD")]
    with pytest.raises(PolicyError, match="as_of must be today"):
        service.control_totals(as_of=dt.date(2026, 1, 1))
    with pytest.raises(PolicyError, match="keeps none"):
        service.credit(LedgerQuery())


def test_control_totals_that_do_not_come_are_raised(make_fake, service_of):
    """Totals are no read: a refusal is raised."""
    with pytest.raises(ServiceError):
        service_of(make_fake(Serving(fails_at=1))).control_totals()


@pytest.mark.parametrize(
    ("given_settings", "said"),
    [
        ({"realm": "../1"}, "realm"),
        ({"url": "http://example.org"}, "url"),
        ({"page_size": 1001}, "page_size"),
        ({"entities": ["Bill"]}, "entities"),
        ({"numbers": "name"}, "numbers"),
        ({"currency": "XXZ"}, "currency"),
    ],
)
def test_impossible_settings_are_refused(service_of, given_settings, said):
    """A setting that makes no sense is named."""
    with pytest.raises(PolicyError, match=said):
        service_of(**given_settings)


PAID = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40), st.integers(0, 59)), max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paid=PAID, day=st.integers(0, 70))
def test_what_is_open_is_what_was_issued_less_what_was_paid(make_fake, service_of, paid, day):
    """On any day, invoices less payments of the days up to it are open, however they are linked."""
    start = dt.date(2026, 7, 1)
    left = [100] * 4
    payments = []
    for place, (index, amount, after) in enumerate(paid):
        part = min(amount, left[index])
        left[index] -= part
        links = [("Invoice", str(index + 1), f"{part}.00")] if part else []
        on = (start + dt.timedelta(days=after)).isoformat()
        payments.append(payment(str(50 + place), on, f"{amount}.00", f"{amount - part}.00", *links))
    invoices = [
        sale(str(n + 1), f"N{n}", start.isoformat(), "100.00", f"{left[n]}.00") for n in range(4)
    ]
    rows = {**company(), "Invoice": invoices, "Payment": payments}
    service = service_of(make_fake(rows=rows), entities=["Invoice", "Payment"])
    on = start + dt.timedelta(days=day)
    found, report = rows_of(service, as_of=on)
    expected = 400_00 - sum(amount * 100 for _, amount, after in paid if after <= day)

    assert report.problems == ()
    assert open_minor(found, on=on) == ({"CAD": expected} if expected else {})
