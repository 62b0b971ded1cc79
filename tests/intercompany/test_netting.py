"""Netting: which items may be set off, what is proposed, and what positions remain."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.errors import DocumentError, PolicyError
from receivables.intercompany import (
    IntercompanyLine,
    NetPosition,
    NettingAgreement,
    NettingCondition,
    net_payments,
    net_positions,
    propose_netting,
)
from receivables.ledger import Ledger
from receivables.money import ExchangeRate
from receivables.testing.builders import a_credit_note, an_invoice, an_open_item, issued, recorded

AS_OF = dt.date(2026, 11, 30)
LEGAL = {("NORD", "C-1"): "HARFANG", ("SUD", "K-9"): "HARFANG", ("EST", "E-5"): "HARFANG"}


def _agreement(**fields):
    known = {
        "name": "N-2026",
        "entities": ["NORD", "SUD", "EST"],
        "first": dt.date(2026, 1, 1),
        **fields,
    }
    return NettingAgreement(**known)


def _owed(amount="100.00", item="F-1", **fields):
    return an_open_item(item, amount=amount, creditor="NORD", **{"customer": "C-1", **fields})


def _owing(amount="-60.00", item="AV-1", **fields):
    return an_open_item(item, amount=amount, creditor="SUD", **{"customer": "K-9", **fields})


def _proposal(*items, agreement=None, **options):
    return propose_netting(
        "n-1",
        items,
        agreement=agreement or _agreement(),
        counterparties=LEGAL,
        as_of=AS_OF,
        **options,
    )


def _residuals(allocation):
    return [
        (each.kind.value, each.amount_minor, each.currency, each.counterparty)
        for each in allocation.residuals
    ]


def test_the_smaller_side_is_set_off():
    """In each book an allocation settles its own item, and one entity owes the other."""
    nord, sud = _proposal(_owed(), _owing()).allocations

    assert [(leg.item, leg.amount_minor) for leg in nord.legs] == [("F-1", 6_000)]
    assert [(leg.item, leg.amount_minor) for leg in sud.legs] == [("AV-1", -6_000)]
    assert _residuals(nord) == [("intercompany", 6_000, "", "SUD")]
    assert _residuals(sud) == [("intercompany", -6_000, "", "NORD")]


def test_a_ledger_takes_what_is_proposed():
    """The allocations are such as the ledger records, and both items are lower by the same."""
    ledger = Ledger().record(
        issued(an_invoice("F-1", creditor="NORD", customer="C-1")),
        issued(a_credit_note("AV-1", creditor="SUD", customer="K-9", total="60.00"), minute=1),
    )
    proposal = _proposal(*ledger.open_items(as_of=AS_OF))
    for allocation in proposal.allocations:
        ledger = ledger.record(
            ledger.allocated(allocation, effective_on=AS_OF, recorded_at=recorded(40))
        )

    assert [(i.item, i.open_minor) for i in ledger.open_items(as_of=AS_OF)] == [("F-1", 4_000)]


def test_what_is_due_first_is_set_off_first():
    """Items are taken in the order of their due dates."""
    early, late = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
    nord, _ = _proposal(
        _owed("50.00", "F-2", due_date=late), _owed("50.00", "F-1", due_date=early), _owing()
    ).allocations

    assert [(leg.item, leg.amount_minor) for leg in nord.legs] == [("F-1", 5_000), ("F-2", 1_000)]


def test_three_entities_owe_each_other_in_pairs():
    """Residuals are pairs of entities, each mirrored in the other's book."""
    allocations = _proposal(
        _owed("100.00"),
        _owing("-60.00"),
        an_open_item("AV-2", amount="-40.00", creditor="EST", customer="E-5"),
    ).allocations

    found = {allocation.creditor: _residuals(allocation) for allocation in allocations}

    assert found["NORD"] == [("intercompany", 6_000, "", "SUD"), ("intercompany", 4_000, "", "EST")]
    assert found["SUD"] == [("intercompany", -6_000, "", "NORD")]
    assert found["EST"] == [("intercompany", -4_000, "", "NORD")]


def test_a_stated_rate_lets_currencies_be_netted():
    """A debit in dollars is settled by a credit in euros at the rate of the agreement."""
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=AS_OF)
    agreement = _agreement(currency="EUR", rates=[rate])

    nord, sud = _proposal(
        _owed("100.00", currency="USD"), _owing("-60.00"), agreement=agreement
    ).allocations

    assert [(leg.amount_minor, leg.currency) for leg in nord.legs] == [(7_500, "USD")]
    assert _residuals(nord) == [
        ("conversion", 7_500, "USD", ""),
        ("conversion", -6_000, "", ""),
        ("intercompany", 6_000, "", "SUD"),
    ]
    assert _residuals(sud) == [("intercompany", -6_000, "", "NORD")]


def test_without_a_currency_each_is_netted_by_itself():
    """No sum is made across currencies."""
    assert _proposal(_owed(currency="USD"), _owing()).allocations == ()


EXCLUSIONS = {
    "no agreement": ({"agreement": None}, {}, "agreement"),
    "not in force": ({}, {"last": dt.date(2026, 10, 31)}, "agreement"),
    "another entity": ({}, {"entities": ["SUD"]}, "agreement"),
    "another counterparty": ({}, {"counterparties": ["EFFRAIE"]}, "agreement"),
    "no rate": ({}, {"currency": "USD"}, "currency"),
    "not due": ({"due_date": dt.date(2026, 12, 1)}, {}, "due"),
    "without a due date": ({"due_date": None}, {}, "due"),
    "unknown legal entity": ({"customer": "C-2"}, {}, "same-counterparty"),
}


@pytest.mark.parametrize("case", EXCLUSIONS)
def test_each_condition_leaves_an_item_out_and_says_so(case):
    """What does not meet a condition is not netted, and is named with the condition."""
    fields, terms, condition = EXCLUSIONS[case]
    item = {name: value for name, value in fields.items() if name != "agreement"}
    agreement = None if "agreement" in fields else _agreement(**terms)

    proposal = propose_netting(
        "n-1", [_owed(**item)], agreement=agreement, counterparties=LEGAL, as_of=AS_OF
    )

    assert [(one.item, one.condition.value) for one in proposal.excluded] == [("F-1", condition)]
    assert proposal.allocations == ()


def test_what_is_disputed_is_left_out():
    """A disputed item is not liquid."""
    proposal = _proposal(_owed(), _owing(), disputed=[("NORD", "F-1")])

    assert [one.condition for one in proposal.excluded] == [NettingCondition.UNDISPUTED]


def test_parties_may_waive_the_due_date():
    """An agreement may net what is not due yet."""
    agreement = _agreement(waived=[NettingCondition.DUE])
    proposal = _proposal(_owed(due_date=dt.date(2027, 1, 1)), _owing(), agreement=agreement)

    assert len(proposal.allocations) == 2


def test_no_agreement_waives_the_counterparty():
    """Netting what different persons owe is no matter of waiving."""
    with pytest.raises(PolicyError, match="same-counterparty"):
        _agreement(waived=[NettingCondition.SAME_COUNTERPARTY])


@pytest.mark.parametrize(
    ("enforceable", "net", "expected"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_presentation_needs_both_conditions_of_ias_32_42(enforceable, net, expected):
    """A right to set off is not enough, nor is the intention to settle net (IAS 32.42 (a), (b))."""
    agreement = _agreement(is_enforceable=enforceable, settles_net=net)

    proposal = _proposal(_owed(), _owing(), agreement=agreement)

    assert proposal.may_present_net is expected
    assert len(proposal.allocations) == 2


def _line(own, other, minor, currency="EUR", day=dt.date(2026, 11, 1)):
    return IntercompanyLine(
        creditor=own, counterparty=other, date=day, amount_minor=minor, currency=currency
    )


def _both(own, other, minor, currency="EUR"):
    return [_line(own, other, minor, currency), _line(other, own, -minor, currency)]


def test_a_round_of_debts_is_settled_by_few_payments():
    """A owes B 100, B owes C 80, C owes A 30: two payments settle all three."""
    lines = [*_both("B", "A", 100), *_both("C", "B", 80), *_both("A", "C", 30)]
    positions = net_positions(lines, as_of=AS_OF)

    assert [(each.creditor, each.amount_minor) for each in positions] == [
        ("A", -70),
        ("B", 20),
        ("C", 50),
    ]
    assert [(each.payer, each.payee, each.amount_minor) for each in net_payments(positions)] == [
        ("A", "C", 50),
        ("A", "B", 20),
    ]


def test_positions_stay_apart_by_currency():
    """Each currency adds up to zero by itself."""
    lines = [*_both("A", "B", 5), *_both("B", "A", 7, "USD")]

    assert [
        (each.currency, each.creditor, each.amount_minor)
        for each in net_positions(lines, as_of=AS_OF)
    ] == [("EUR", "A", 5), ("EUR", "B", -5), ("USD", "A", -7), ("USD", "B", 7)]


def test_books_that_do_not_agree_have_no_position():
    """Before netting, the books must be agreed."""
    with pytest.raises(DocumentError, match="agree the books first"):
        net_positions([_line("A", "B", 5)], as_of=AS_OF)


def test_nothing_is_paid_where_all_is_even():
    """Positions of zero need no payment."""
    assert net_payments([NetPosition(creditor="A", currency="EUR", amount_minor=0)]) == ()
