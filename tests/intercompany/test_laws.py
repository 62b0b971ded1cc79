"""Laws: mirrored books add up to zero, agreements add up, netting conserves every unit of money."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import chart, journal
from receivables.allocation import ResidualKind
from receivables.intercompany import (
    HandOver,
    IntercompanyLine,
    NettingAgreement,
    agree,
    collected_for,
    intercompany_lines,
    lines_from_journal,
    net_payments,
    net_positions,
    propose_netting,
    undo_collected_for,
)
from receivables.ledger import Ledger
from receivables.money import ExchangeRate, from_minor
from receivables.testing.builders import a_receipt, an_open_item, received, recorded

AS_OF = dt.date(2026, 10, 31)
_ENTITIES = st.sampled_from(("A", "B", "C", "D"))
_DAYS = st.dates(dt.date(2026, 10, 25), dt.date(2026, 11, 5))


@st.composite
def _lines(draw, own, other):
    return [
        IntercompanyLine(
            creditor=own,
            counterparty=other,
            date=draw(_DAYS),
            amount_minor=draw(st.integers(-4, 4) | st.integers(-500, 500)),
            currency=draw(st.sampled_from(("EUR", "USD"))),
            reference=draw(st.sampled_from(("", "x-1", "x-2", "x-3"))),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]


@given(_lines("A", "B"), _lines("B", "A"))
def test_differences_add_up(ours, theirs):
    """Whatever the two books hold, the differences are what keeps them from zero."""
    agreement = agree(ours, theirs, creditor="A", counterparty="B", as_of=AS_OF)

    for currency in ("EUR", "USD"):
        lines = [*ours, *theirs]
        expected = sum(
            line.amount_minor for line in lines if line.currency == currency and line.date <= AS_OF
        )
        assert expected == sum(
            one.difference_minor for one in agreement.differences if one.currency == currency
        )


@given(st.lists(st.tuples(st.integers(1, 50_000), _ENTITIES), max_size=6), st.booleans())
def test_mirrored_books_add_up_to_zero(parts, undone):
    """Any number of hand-overs, undone or not, leaves the two books as mirrors of each other."""
    ledger = Ledger().record(received(a_receipt(amount="5000.00", customer="C-1")))
    done = []
    for place, (minor, owner) in enumerate(parts):
        found = HandOver(
            creditor="MIRA",
            receipt="r-1",
            owner=owner,
            effective_on=AS_OF,
            amount=from_minor(minor, "EUR"),
            reference=f"x-{place}",
        )
        ledger = ledger.record(*collected_for(ledger, found, recorded_at=recorded(30)).events)
        done.append(found)
    for found in done if undone else ():
        back = undo_collected_for(ledger, found, effective_on=AS_OF, recorded_at=recorded(40))
        ledger = ledger.record(*back.events)

    lines = intercompany_lines(ledger)
    positions = net_positions(lines, as_of=AS_OF)

    books = lines_from_journal(journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR"))
    posted = {each.creditor: each.amount_minor for each in net_positions(books, as_of=AS_OF)}

    assert sum(each.amount_minor for each in positions) == 0
    assert {each.creditor: each.amount_minor for each in positions} == posted
    for owner in {owner for _, owner in parts}:
        assert agree(lines, lines, creditor="MIRA", counterparty=owner, as_of=AS_OF).is_agreed
    if undone:
        assert {item.open_minor for item in ledger.open_items(as_of=AS_OF)} == {-500_000}


_ITEMS = st.lists(
    st.tuples(
        _ENTITIES, st.integers(-9_000, 9_000).filter(bool), st.sampled_from(("EUR", "USD", "JPY"))
    ),
    max_size=8,
)
_RATES = [
    ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.0837"), date=AS_OF),
    ExchangeRate(base="EUR", quote="JPY", rate=Decimal("163.21"), date=AS_OF),
]


@given(_ITEMS, st.sampled_from(("", "EUR")))
def test_netting_conserves_money(drawn, currency):
    """What the entities owe each other adds up to zero, and no item is settled beyond its amount."""
    items = [
        an_open_item(
            f"I-{place}", amount_minor=minor, currency=code, creditor=entity, due_date=AS_OF
        )
        for place, (entity, minor, code) in enumerate(drawn)
    ]
    agreement = NettingAgreement(
        name="N", entities="ABCD", first=AS_OF, currency=currency, rates=_RATES
    )
    legal = {(entity, "C-017"): "LEGAL" for entity in "ABCD"}

    proposal = propose_netting("n", items, agreement=agreement, counterparties=legal, as_of=AS_OF)

    by_item = {item.item: item for item in items}
    owed = {}
    for allocation in proposal.allocations:
        for residual in allocation.residuals:
            if residual.kind is ResidualKind.INTERCOMPANY:
                key = tuple(sorted((allocation.creditor, residual.counterparty)))
                code = allocation.currency_of(residual)
                owed[key, code] = owed.get((key, code), 0) + residual.amount_minor
        for leg in allocation.legs:
            assert abs(leg.amount_minor) <= abs(by_item[leg.item].open_minor)
            assert allocation.currency_of(leg) == by_item[leg.item].currency
    assert not any(owed.values())


@given(st.lists(st.tuples(_ENTITIES, _ENTITIES, st.integers(1, 10_000)), max_size=12))
def test_payments_settle_every_position(debts):
    """After the payments nobody owes anybody, and there are fewer of them than entities."""
    lines = [
        IntercompanyLine(
            creditor=own, counterparty=other, date=AS_OF, amount_minor=minor, currency="EUR"
        )
        for payer, payee, amount in debts
        if payer != payee
        for own, other, minor in ((payee, payer, amount), (payer, payee, -amount))
    ]
    positions = {each.creditor: each.amount_minor for each in net_positions(lines, as_of=AS_OF)}
    payments = net_payments(net_positions(lines, as_of=AS_OF))
    for payment in payments:
        positions[payment.payer] += payment.amount_minor
        positions[payment.payee] -= payment.amount_minor

    assert not any(positions.values())
    assert len(payments) < max(len(positions), 1)
