"""Orders of allocation: what is paid first, and what the law says about it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation import (
    COSTS_INTEREST_PRINCIPAL,
    ORDERS,
    AsStated,
    Criterion,
    Equals,
    RankedOrder,
    allocate_by,
    allocation_order,
)
from receivables.allocation.rules import proportional, share_within, to_step
from receivables.documents import ItemKind
from receivables.errors import (
    AdapterError,
    CurrencyMismatchError,
    DocumentError,
    PolicyError,
)
from receivables.money import money
from receivables.testing.builders import an_open_item

DAY = dt.date(2026, 10, 31)


def parts(order, amount, items):
    """What each item gets, by its name, the ones that get nothing left out."""
    chosen = allocation_order(order) if isinstance(order, str) else order
    found = chosen.parts(amount, items, as_of=DAY)
    return {item.item: part for item, part in zip(items, found, strict=True) if part}


@pytest.fixture
def three(debit):
    """Three invoices: the oldest due, the oldest issued, the smallest."""
    return [
        debit("due-first", 5000, days=-30, document_date=dt.date(2026, 9, 1)),
        debit("issued-first", 4000, days=-10, document_date=dt.date(2026, 7, 1)),
        debit("small", 1000, days=10, document_date=dt.date(2026, 10, 1)),
    ]


BY_NAME = {
    "oldest-due": {"due-first": 5000, "issued-first": 1000},
    "oldest-document": {"issued-first": 4000, "due-first": 2000},
    "smallest-first": {"small": 1000, "issued-first": 4000, "due-first": 1000},
    "largest-first": {"due-first": 5000, "issued-first": 1000},
    "proportional": {"due-first": 3000, "issued-first": 2400, "small": 600},
    "french-law": {"due-first": 5000, "issued-first": 1000},
    "as-stated": {"due-first": 5000, "issued-first": 1000},
}


def test_every_order_has_its_case():
    """No order is without an expectation."""
    assert set(ORDERS) == set(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_an_order_says_what_is_paid_first(name, three):
    """Sixty over three invoices, by each order of the library."""
    assert parts(name, 6000, three) == BY_NAME[name]


def test_an_unknown_order_is_refused():
    """A name that is none raises, and lists those there are."""
    with pytest.raises(PolicyError, match="oldest-due"):
        allocation_order("newest")


def test_an_order_of_a_plug_in_is_found_by_name():
    """What a plug-in brings is given as further orders."""
    mine = RankedOrder(criteria=[Criterion.LARGEST])

    assert allocation_order("mine", more={"mine": mine}) is mine


def test_the_law_pays_what_is_due_first(debit):
    """C. civ. 1342-10: a due debt comes before one that is not due, however old that one is."""
    items = [
        debit("not-due", 1000, days=5, document_date=dt.date(2020, 1, 1)),
        debit("due-today", 1000, days=0),
    ]

    assert parts("french-law", 1500, items) == {"due-today": 1000, "not-due": 500}


def test_the_law_asks_what_weighs_most_on_the_debtor(debit):
    """C. civ. 1342-10: among due debts the one the debtor has most interest to discharge."""
    items = [debit("old", 1000, days=-90), debit("secured", 1000, days=-10)]
    order = RankedOrder(
        criteria=ORDERS["french-law"].criteria, equals=Equals.PRO_RATA, burdens={"secured": 1}
    )

    assert parts(order, 1000, items) == {"secured": 1000}


def test_the_law_shares_among_equals(debit):
    """C. civ. 1342-10: all else equal, in proportion, and no cent is lost."""
    items = [debit("a", 1000), debit("b", 1000), debit("c", 1000)]

    assert parts("french-law", 1000, items) == {"a": 334, "b": 333, "c": 333}


def test_interest_comes_before_principal(debit):
    """C. civ. 1343-1: interest that is due is paid before what it accrued on."""
    items = [
        debit("F-1", 10000, days=-60),
        debit("ND-1", 300, days=-1, kind=ItemKind.DEBIT_NOTE, category="late-interest"),
    ]

    assert parts("french-law", 1000, items) == {"ND-1": 300, "F-1": 700}


def test_costs_come_before_interest_where_ranks_say_so(debit):
    """Ranks of categories are data: costs, interest, principal."""
    items = [
        debit("F-1", 10000, days=-60),
        debit("ND-1", 300, category="late-interest"),
        debit("ND-2", 4000, category="compensation"),
    ]
    order = RankedOrder(criteria=[Criterion.CATEGORY], ranks=COSTS_INTEREST_PRINCIPAL)

    assert parts(order, 4200, items) == {"ND-2": 4000, "ND-1": 200}


def test_interest_ranks_with_its_own_debt_where_that_is_known(debit):
    """Interest of the younger debt does not overtake the older debt."""
    items = [
        debit("old", 1000, days=-90),
        debit("young", 1000, days=-10),
        debit("interest", 100, days=-1, category="late-interest"),
    ]
    law = ORDERS["french-law"]
    order = RankedOrder(
        criteria=law.criteria,
        equals=law.equals,
        ranks=law.ranks,
        accessories={"interest": "young"},
    )

    assert parts(order, 1500, items) == {"old": 1000, "interest": 100, "young": 400}


def test_an_accessory_of_an_absent_debt_stands_alone(debit):
    """Interest on what is paid already is a debt of its own."""
    order = RankedOrder(criteria=[Criterion.DUE_DATE], accessories={"interest": "paid"})

    assert parts(order, 50, [debit("interest", 100)]) == {"interest": 50}


def test_what_the_payer_states_comes_first(three):
    """Stated parts are met, and what is left goes by the fallback."""
    order = AsStated(stated={"small": money("10.00", "EUR")}, fallback=ORDERS["oldest-due"])

    assert parts(order, 6000, three) == {"small": 1000, "due-first": 5000}


def test_more_stated_than_paid_goes_by_the_fallback(three):
    """Where the statements exceed the money, the fallback says which are met."""
    stated = {"small": money("10.00", "EUR"), "issued-first": money("40.00", "EUR")}
    order = AsStated(stated=stated, fallback=ORDERS["smallest-first"])

    assert parts(order, 2000, three) == {"small": 1000, "issued-first": 1000}


def test_a_stated_document_covers_its_installments(debit):
    """An amount for a document goes over its installments by due date."""
    items = [
        debit("F-1/2", 500, days=30, document="F-1"),
        debit("F-1/1", 500, days=0, document="F-1"),
        debit("F-0", 500, days=-90),
    ]
    order = AsStated(stated={"F-1": money("7.00", "EUR")})

    assert parts(order, 700, items) == {"F-1/1": 500, "F-1/2": 200}


def test_a_stated_debt_is_paid_interest_first(debit):
    """C. civ. 1343-1: the amount stated for a debt goes to its interest first."""
    items = [debit("F-1", 1000), debit("ND-1", 100, category="late-interest")]
    order = AsStated(stated={"F-1": money("10.00", "EUR")}, accessories={"ND-1": "F-1"})

    assert parts(order, 1000, items) == {"ND-1": 100, "F-1": 900}


STRANGE = {
    "a document that is not there": {"F-9": money("10.00", "EUR")},
    "another currency": {"small": money("10.00", "CAD")},
}


@pytest.mark.parametrize("why", STRANGE)
def test_a_statement_about_nothing_counts_for_nothing(why, three):
    """What cannot be met goes by the fallback."""
    order = AsStated(stated=STRANGE[why])

    assert parts(order, 5000, three) == {"due-first": 5000}


def test_a_negative_statement_is_refused():
    """Nobody states that an invoice gets less than nothing."""
    with pytest.raises(PolicyError, match="negative"):
        AsStated(stated={"F-1": money("-1.00", "EUR")})


def test_an_allocation_by_an_order_uses_the_oldest_credit_first(credit, three):
    """Credits are used by their age, and the last keeps its rest."""
    came_in = [credit("r-2", 9000, day=DAY), credit("r-1", 3000, day=dt.date(2026, 10, 1))]
    done = allocate_by("a-1", credits=came_in, debits=three[:1], order="oldest-due", as_of=DAY)

    assert {leg.item: leg.amount_minor for leg in done.legs} == {
        "due-first": 5000,
        "r-1": -3000,
        "r-2": -2000,
    }
    assert done.evidence == (("order", "oldest-due"),)


def test_nothing_to_allocate_is_no_allocation(credit, three):
    """Without debits, or without credits, there is nothing to do."""
    assert (
        allocate_by("a", credits=credit("r", 1), debits=[], order="proportional", as_of=DAY) is None
    )
    assert allocate_by("a", credits=[], debits=three, order="proportional", as_of=DAY) is None


def test_a_credit_among_the_debits_is_refused(credit, three):
    """An order is for debits alone."""
    with pytest.raises(DocumentError):
        allocate_by(
            "a-1", credits=credit("r", 1), debits=[credit("x", 5)], order="oldest-due", as_of=DAY
        )


def test_a_foreign_debit_is_refused(credit, debit):
    """An order never sums two currencies."""
    with pytest.raises(CurrencyMismatchError):
        allocate_by(
            "a-1",
            credits=credit("r", 1),
            debits=[debit("F-1", 5, currency="CAD")],
            order="oldest-due",
            as_of=DAY,
        )


class _Broken:
    def __init__(self, found):
        self.found = found

    def parts(self, amount_minor, items, *, as_of):
        return self.found


@pytest.mark.parametrize("found", [[], [60], [-1], [49], [51]])
def test_an_order_that_breaks_its_promise_is_named(found, credit, debit):
    """A plug-in that loses, makes or overspends money is at fault, and nothing is built."""
    with pytest.raises(AdapterError, match="add up to 50"):
        allocate_by(
            "a-1",
            credits=credit("r", 50),
            debits=[debit("F-1", 55)],
            order=_Broken(found),
            as_of=DAY,
        )


MINORS = st.lists(st.integers(1, 10**6), min_size=1, max_size=8)
CRITERIA = st.lists(st.sampled_from(Criterion), max_size=4)


@st.composite
def debts(draw):
    """Debits of every age, category and size, with an amount to spend and their shuffling."""
    items = [
        an_open_item(
            item=f"F-{place}",
            amount_minor=minor,
            category=draw(st.sampled_from(["", "late-interest", "compensation"])),
            due_date=draw(st.none() | st.dates(dt.date(2026, 9, 1), dt.date(2026, 12, 31))),
        )
        for place, minor in enumerate(draw(MINORS))
    ]
    amount = draw(st.integers(0, 2 * sum(item.open_minor for item in items)))
    return amount, items, draw(st.permutations(items))


@st.composite
def orders(draw):
    """Orders of the library, and any other of criteria, as stated or not."""
    names = [f"F-{place}" for place in range(8)]
    pairs = st.dictionaries(st.sampled_from(names), st.sampled_from(names), max_size=3)
    ranked = RankedOrder(
        criteria=draw(CRITERIA),
        equals=draw(st.sampled_from(Equals)),
        ranks=COSTS_INTEREST_PRINCIPAL,
        burdens=draw(st.dictionaries(st.sampled_from(names), st.integers(-2, 2), max_size=3)),
        accessories=draw(pairs),
    )
    amounts = st.builds(money, st.integers(0, 9999), st.just("EUR"))
    stated = AsStated(
        stated=draw(st.dictionaries(st.sampled_from(names), amounts, max_size=4)),
        fallback=ranked,
        accessories=draw(pairs),
    )
    return draw(st.sampled_from([*ORDERS.values(), ranked, stated]))


@given(debts(), orders())
def test_every_order_conserves(world, order):
    """Parts add up to the amount or to what is open, each is between nothing and what is open."""
    amount, items, _ = world
    found = order.parts(amount, items, as_of=DAY)

    assert min(amount, sum(item.open_minor for item in items)) == sum(found)
    assert all(0 <= part <= item.open_minor for part, item in zip(found, items, strict=True))


@given(debts(), orders())
def test_no_order_depends_on_the_order_given(world, order):
    """Each item gets the same, however the items are shuffled."""
    amount, items, shuffled = world

    assert parts(order, amount, items) == parts(order, amount, shuffled)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), max_size=8))
def test_proportional_conserves(amount, weights):
    """Nothing is lost, and no part is more than what it is a part of, nor off by more than one."""
    found = proportional(amount, weights)
    total = sum(weights)

    assert min(amount, total) == sum(found)
    assert all(0 <= part <= weight for part, weight in zip(found, weights, strict=True))
    if 0 < amount < total:
        assert all(
            abs(part * total - amount * weight) < total
            for part, weight in zip(found, weights, strict=True)
        )


@given(
    st.integers(0, 10**4),
    st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 500)), max_size=8),
)
def test_sharing_keeps_within_every_limit(amount, pairs):
    """Shares add up to the amount or to all limits, and none is above its own."""
    weights, limits = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found = share_within(amount, weights, limits=limits)

    assert min(amount, sum(limits)) == sum(found)
    assert all(0 <= share <= limit for share, limit in zip(found, limits, strict=True))


def test_cash_is_rounded_to_the_coin():
    """CAD 0.05: 1 and 2 down, 3 and 4 up, 6 and 7 down, 8 and 9 up (Budget 2012)."""
    assert [to_step(minor, 5) for minor in (101, 102, 103, 104, 105, 106, 107, 108, 109)] == [
        100,
        100,
        105,
        105,
        105,
        105,
        105,
        110,
        110,
    ]
