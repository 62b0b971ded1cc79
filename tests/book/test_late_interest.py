"""Interest through the door of a book: what bears none now, and nothing twice."""

from __future__ import annotations

import datetime as dt
import itertools

import attrs
import pytest

from receivables.book import Book
from receivables.casework import Dispute, DisputedPart
from receivables.disputes import dispute_opened
from receivables.interest import InterestPolicy, RateSeries, RateTable, jurisdiction
from receivables.ledger import DocumentIssued, Ledger
from receivables.money import money, to_minor
from receivables.promises import offer_plan, plan_accepted, plan_offered
from receivables.settings import parse_settings
from receivables.testing.builders import a_customer, an_invoice, recorded

_DUE, _DAY = dt.date(2026, 8, 1), dt.date(2026, 11, 2)
_MRO = RateSeries.stepwise("ecb.mro", {"2025-06-11": "2.15", "2026-06-17": "2.40"}, source="ECB")
_LAW = InterestPolicy(jurisdiction=jurisdiction("fr-business"), rates=RateTable([_MRO]))
_SAID = {"creditor": "MIRA", "on": _DAY, "recorded_at": recorded(1)}


@pytest.fixture
def book():
    """Two invoices of 1,000.00, both late: of a business and of a consumer."""
    customers = (a_customer("C-1"), a_customer("C-2", is_consumer=True))
    facts = {"document_date": dt.date(2026, 7, 1), "due_date": _DUE, "total": "1000.00"}
    issued = [
        DocumentIssued.of(
            an_invoice(f"F-{one.customer}", customer=one.customer, **facts), recorded_at=recorded()
        )
        for one in customers
    ]
    return Book(
        settings=parse_settings('creditor = {creditor = "MIRA", name = "Mirabelle"}'),
        customers={one.customer: one for one in customers},
        ledger=Ledger().record(*issued),
    )


def _charged(book, day=_DAY, law=_LAW):
    count = itertools.count(1)
    run = book.late_interest(as_of=day, number=lambda *_: f"N-{next(count)}", policy=law)
    return run, {line.item: to_minor(line.amount) for line in run.charges if line.interest}


def test_consumers_pay_by_the_law_of_consumers_alone(book):
    """A law between businesses gives no right against a consumer."""
    _, found = _charged(book)

    assert list(found) == ["F-C-1"]
    assert found["F-C-1"] == round(100_000 * 1240 * 93 / 10_000 / 365)


def test_contested_part_bears_nothing_for_now(book):
    """Half is disputed, half the interest is charged."""
    parts = [DisputedPart(item="F-C-1", amount=money("500.00", "EUR"))]
    case = Dispute(dispute="D-1", customer="C-1", reason="price", owner="sales", parts=parts)
    contested = book.record(dispute_opened(case, **_SAID))

    assert _charged(contested)[1]["F-C-1"] == round(50_000 * 1240 * 93 / 10_000 / 365)


def test_what_a_plan_covers_bears_the_interest_of_the_plan(book):
    """Nothing is charged beside what was agreed."""
    item = book.ledger.item("MIRA", "F-C-1", as_of=_DAY)
    plan = offer_plan(
        [item], plan="E-1", customer="C-1", as_of=_DAY, first_due_on=dt.date(2026, 12, 1)
    )
    planned = book.record(plan_offered(plan, **_SAID), plan_accepted(plan, **_SAID))

    assert _charged(planned)[1] == {}


def test_a_past_day_charges_nothing_again(book):
    """What was charged up to a later day is charged."""
    run, _ = _charged(book)
    issued = [DocumentIssued.of(note, recorded_at=recorded(2)) for note in run.documents]
    later = book.record(*issued)

    assert _charged(later, dt.date(2026, 10, 1))[0].documents == ()
    assert _charged(later)[0].documents == ()


def test_another_creditor_of_the_ledger_is_held_back_too(book):
    """A book over two creditors holds back what is disputed with either."""
    other = an_invoice("G-1", creditor="NORD", customer="C-1", due_date=_DUE, total="100.00")
    parts = [DisputedPart(item="G-1", amount=money("100.00", "EUR"))]
    case = Dispute(dispute="D-9", customer="C-1", reason="price", owner="sales", parts=parts)
    both = book.record(
        DocumentIssued.of(other, recorded_at=recorded()),
        dispute_opened(case, **{**_SAID, "creditor": "NORD"}),
    )
    run = both.dun(as_of=_DAY, recorded_at=recorded(3))

    assert "NORD" not in {notice.creditor for notice in run.notices}
    assert attrs.evolve(both, customers={}).dun(as_of=_DAY, recorded_at=recorded(3)).notices
