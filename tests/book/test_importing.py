"""Importing: records become events; what the ledger refuses is a problem with its place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from receivables.allocation import SourceAllocation
from receivables.documents import Invoice
from receivables.importing import Imported, import_records
from receivables.ledger import Allocated, DocumentIssued, Ledger
from receivables.money import money
from receivables.problems import Place
from receivables.terms import parse_terms
from receivables.testing.builders import a_customer, a_receipt, an_invoice, recorded

LATE = dt.date(2027, 12, 31)


def imported(*records: Any, ledger: Ledger | None = None, **options: Any) -> Imported:
    return import_records(records, ledger=ledger or Ledger(), recorded_at=recorded(), **options)


def opens(found: Imported) -> dict[str, int]:
    return {item.item: item.open_minor for item in found.ledger.open_items(as_of=LATE)}


def settled(*items: str, **fields: Any) -> SourceAllocation:
    names = {"creditor": "MIRA", "customer": "C-017", "settled_on": dt.date(2026, 11, 1)}
    return SourceAllocation(items=items, **{**names, **fields})


def test_documents_and_receipts_become_events() -> None:
    """Everything new is counted, everything known too, and a second time adds nothing."""
    records = [an_invoice("F-1"), a_receipt("r-1"), a_customer("C-017")]

    first = imported(*records)
    again = imported(*records, ledger=first.ledger)

    assert (first.added, first.known) == (2, 0)
    assert (again.added, again.known) == (0, 2)
    assert opens(first) == opens(again) == {"F-1": 10_000, "r-1": -10_000}
    assert set(first.customers) == {"C-017"}


def test_a_group_settles_its_items_whole() -> None:
    """What a source letters together is settled, and the second read knows it."""
    records = [an_invoice("F-1"), a_receipt("r-1"), settled("F-1", "r-1", label="AA")]

    first = imported(*records)
    again = imported(*records, ledger=first.ledger)

    assert opens(first) == {}
    assert (again.added, again.known, again.problems) == (0, 3, ())


def test_what_settled_the_rest_is_named() -> None:
    """A document settled by something that the source does not name has a residual."""
    found = imported(an_invoice("F-1"), settled("F-1"))

    (event,) = [event for event in found.ledger.events if isinstance(event, Allocated)]
    assert [residual.amount_minor for residual in event.allocation.residuals] == [10_000]


def test_a_part_may_be_settled_in_the_source() -> None:
    """An open-item list says what is left; the rest was settled."""
    found = imported(an_invoice("F-1"), settled("F-1", settled_minor=2_500))

    assert opens(found) == {"F-1": 7_500}


def test_settled_before_it_was_posted_counts_from_the_posting() -> None:
    """A clearing date before the document's own takes effect with the document."""
    invoice = an_invoice("F-1", document_date=dt.date(2026, 9, 30))

    found = imported(invoice, settled("F-1", settled_on=dt.date(2026, 9, 1)))

    assert opens(found) == {}


def test_refusals_are_problems_with_their_place() -> None:
    """A document that comes back changed is reported where it stands, and the rest goes on."""
    first = imported(an_invoice("F-1"))
    changed = an_invoice("F-1", total="101.00", source=Place("items.csv", line=7))

    found = imported(changed, an_invoice("F-2"), ledger=first.ledger)

    (problem,) = found.problems
    assert (problem.code, problem.place) == ("event.refused", Place("items.csv", line=7))
    assert found.added == 1


def test_a_group_with_an_unknown_item_is_a_problem() -> None:
    """A lettering that names what is not there settles nothing."""
    found = imported(an_invoice("F-1"), settled("F-1", "F-9"))

    assert [problem.code for problem in found.problems] == ["event.refused"]
    assert opens(found) == {"F-1": 10_000}


def test_due_dates_come_from_the_document_the_customer_or_the_default() -> None:
    """The nearest terms win; without any there is no due date."""
    start = dt.date(2026, 9, 30)
    own = an_invoice("F-1", terms="net 10", due_date=None)
    by_customer = an_invoice("F-2", due_date=None)
    by_default = an_invoice("F-3", customer="C-2", due_date=None)
    customer = a_customer("C-017", terms="net 20")

    def dues(**options: Any) -> list[dt.date | None]:
        found = imported(customer, own, by_customer, by_default, **options)
        events = [each for each in found.ledger.events if isinstance(each, DocumentIssued)]
        return [each.document.installments[0].due_date for each in events]

    days = [start + dt.timedelta(days=count) for count in (10, 20, 30)]
    assert dues(default_terms=parse_terms("net 30")) == days
    assert dues() == [*days[:2], None]


def test_the_customer_that_says_more_is_kept() -> None:
    """A bare name from a document list does not replace an address."""
    full = a_customer("C-017")
    bare = type(full)(customer="C-017", name="X")

    assert imported(full, bare).customers["C-017"] == full
    assert imported(bare, full).customers["C-017"] == full


def test_terms_give_installments_and_discounts() -> None:
    """Terms of a customer become what the items say: parts, days, and what may be kept."""
    customer = a_customer("C-017", terms="2/10 net 30")
    undated = an_invoice("F-1", due_date=None)
    dated = an_invoice("F-2", due_date=dt.date(2026, 12, 24))

    found = imported(customer, undated, dated)

    first, second = found.ledger.open_items(as_of=LATE)
    assert first.due_date == first.document_date + dt.timedelta(days=30)
    assert second.due_date == dt.date(2026, 12, 24)
    for item in (first, second):
        (offer,) = item.discounts
        assert offer.until == item.document_date + dt.timedelta(days=10)


def test_terms_that_cannot_be_understood_are_a_problem() -> None:
    """The document is recorded as it stands, and its terms are named with their place."""
    found = imported(
        a_customer("C-017", terms="when the moon is full"), an_invoice("F-1", due_date=None)
    )

    (problem,) = found.problems
    assert (problem.code, problem.is_error) == ("terms.invalid", True)
    assert "moon" in problem.message
    assert [item.due_date for item in found.ledger.open_items(as_of=LATE)] == [None]


def _part(minor, day, label=""):
    """What a list says is settled of an invoice."""
    return SourceAllocation(
        creditor="MIRA",
        customer="C-017",
        items=["F-1"],
        settled_on=dt.date(2026, 10, day),
        settled_minor=minor,
        label=label,
    )


def _open_minor(*lists):
    """What is open of an invoice of 500.00 after some lists were read one after the other."""
    invoice = Invoice(
        number="F-1",
        creditor="MIRA",
        customer="C-017",
        document_date=dt.date(2026, 9, 30),
        total=money("500.00", "EUR"),
    )
    ledger, problems = Ledger(), []
    for minute, rows in enumerate(lists):
        moment = dt.datetime(2026, 10, 20, 9, minute, tzinfo=dt.UTC)
        done = import_records([invoice, *rows], ledger=ledger, recorded_at=moment)
        ledger, problems = done.ledger, [*problems, *(one.code for one in done.problems)]
    (item,) = ledger.open_items(as_of=dt.date(2026, 12, 31)) or (None,)
    return (item.open_minor if item else 0), problems


def test_what_lists_say_is_settled_is_settled_so_far():
    """A later list says the whole again, and only what is new of it is settled."""
    first, second = [_part(20_000, 5)], [_part(25_000, 12)]

    assert _open_minor(first, second) == (25_000, [])
    assert _open_minor(first, second, second, first) == (25_000, [])
    assert _open_minor(first, [_part(50_000, 19)]) == (0, [])


def test_parts_with_names_add_up():
    """Each payment that the source has a name for is a part of its own, read once."""
    parts = [_part(20_000, 5, "P-1"), _part(5_000, 12, "P-2")]

    assert _open_minor(parts[:1], parts, parts) == (25_000, [])


def test_a_list_that_takes_a_settlement_back_is_a_problem():
    """Less settled than before is nothing that an import may do by itself."""
    assert _open_minor([_part(20_000, 5)], [_part(15_000, 12)]) == (30_000, ["event.refused"])


def test_a_part_that_grew_is_one_part():
    """A payment that pays more than before has paid its new amount, not both."""
    first, later = [_part(3_000, 5, "P-1")], [_part(7_000, 5, "P-1"), _part(1_000, 6, "P-2")]

    assert _open_minor(first, later, later) == (42_000, [])
    assert _open_minor(later, first) == (42_000, ["event.refused"])
