"""The past gone through once says what a desk says that is built anew for each invoice."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework.credit import CreditRequestKind
from receivables.credit.checking import CreditDesk
from receivables.credit.simulating import CreditKnowledge, simulate
from receivables.documents import Invoice
from receivables.documents.objects import open_items
from receivables.ledger import DisputeOpened, DocumentIssued, Ledger, PromiseMade
from receivables.money import from_minor
from receivables.testing.builders import an_invoice, issued

from .check_worlds import (
    CUSTOMERS,
    DAY,
    NAMES,
    RATES,
    CreditRequest,
    commitments,
    pasts,
    policies,
    worlds,
)

SETTINGS = settings(max_examples=15, deadline=None)
FIRST, LAST = dt.date(1990, 1, 1), dt.date(2090, 1, 1)
_EARLIER = dt.datetime(2026, 10, 31, tzinfo=dt.UTC)


def _cut(events, invoice, known):
    """What was seen before an invoice, in the order of recording."""
    day, place = invoice.effective_on, events.index(invoice)
    seen = [(known.seen_on(event), index) for index, event in enumerate(events)]
    return Ledger.replay(
        event for event, when in zip(events, seen, strict=True) if when < (day, place)
    )


def _asked(document, on):
    dues = [item.due_date for item in open_items(document) if item.due_date is not None]
    return CreditRequest(
        request=document.number,
        customer=document.customer,
        amount=document.total,
        on=on,
        kind=CreditRequestKind.INVOICE,
        due_date=max(dues, default=None),
    )


@SETTINGS
@given(pasts(), policies(), st.sampled_from(CreditKnowledge))
def test_a_simulation_says_what_a_desk_says_of_what_was_seen_before(events, policy, known):
    """Each sale has the outcome and the rules of a desk over the ledger cut before the invoice."""
    ledger = Ledger.replay(events)
    found = simulate(
        ledger,
        "MIRA",
        policy,
        first=FIRST,
        last=LAST,
        known=known,
        customers=CUSTOMERS,
        rates=RATES,
    )
    by_number = {
        event.document.number: event for event in events if isinstance(event, DocumentIssued)
    }
    # Promises and disputes are seen as they stood at the end of the day.
    later = {
        event.effective_on for event in events if isinstance(event, DisputeOpened | PromiseMade)
    }
    for sale in found.sales:
        invoice = by_number[sale.number]
        if any(abs((day - sale.on).days) < 2 for day in later):
            continue
        desk = CreditDesk(
            _cut(events, invoice, known),
            "MIRA",
            as_of=sale.on,
            policy=policy,
            customers=CUSTOMERS,
            rates=RATES,
        )
        check = desk.check(_asked(invoice.document, sale.on))

        assert (sale.outcome, set(sale.rules)) == (
            check.outcome,
            {finding.rule for finding in check.findings},
        )


@settings(max_examples=20, deadline=None)
@given(
    worlds(currencies=("EUR", "USD")),
    policies(),
    commitments(),
    st.tuples(st.sampled_from(NAMES), st.integers(1, 90_000), st.sampled_from(["EUR", "USD"])),
    st.sampled_from(CreditKnowledge),
)
def test_a_sale_of_a_day_is_judged_as_a_desk_judges_it(events, policy, ordered, row, known):
    """With notices, promises, disputes, returns, reviews, proceedings and orders, the two agree."""
    customer, minor, code = row
    document = an_invoice(
        "F-99",
        total=from_minor(minor, code),
        customer=customer,
        document_date=DAY,
        due_date=DAY + dt.timedelta(days=30),
    )
    invoice = issued(document, minute=900)
    before = [attrs.evolve(event, recorded_at=_EARLIER) for event in events]
    found = simulate(
        Ledger.replay([*before, invoice]),
        "MIRA",
        policy,
        first=DAY,
        last=DAY,
        known=known,
        customers=CUSTOMERS,
        commitments=ordered,
        rates=RATES,
    )
    (sale,) = (one for one in found.sales if one.number == "F-99")
    desk = CreditDesk(
        Ledger.replay(before),
        "MIRA",
        as_of=DAY,
        policy=policy,
        customers=CUSTOMERS,
        commitments=ordered,
        rates=RATES,
    )
    check = desk.check(_asked(invoice.document, DAY))

    assert (sale.outcome, set(sale.rules)) == (
        check.outcome,
        {finding.rule for finding in check.findings},
    )


@SETTINGS
@given(pasts(), policies())
def test_every_invoice_is_checked_once(events, policy):
    """The sales of a simulation are the invoices of the period, in the order of their days."""
    ledger = Ledger.replay(events)
    found = simulate(
        ledger, "MIRA", policy, first=FIRST, last=LAST, customers=CUSTOMERS, rates=RATES
    )
    invoices = [
        event.document.number
        for event in events
        if isinstance(event, DocumentIssued)
        and isinstance(event.document, Invoice)
        and event.document.total.amount > 0
    ]

    assert sorted(sale.number for sale in found.sales) == sorted(invoices)
    assert [sale.on for sale in found.sales] == sorted(sale.on for sale in found.sales)
