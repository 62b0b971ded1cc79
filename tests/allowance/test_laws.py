"""Laws of allowances: zero for zero, never more than what is open, more for more, each item once."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.aging import AgingScheme, Credits, Undated
from receivables.allowance import (
    AllowanceFacts,
    Discounting,
    ForwardLooking,
    LineKind,
    ProvisionMatrix,
    loss_allowance,
)
from receivables.errors import DocumentError
from receivables.testing.strategies import open_items_lists

from .worlds import AS_OF, facts_for, matrices, open_item, open_items

LAWS = settings(max_examples=20, deadline=None)
DATED = open_items(undated=False)


def _measured(items, matrix, facts=None):
    try:
        return loss_allowance(items, matrix=matrix, as_of=AS_OF, facts=facts)
    except DocumentError:
        # A scheme may refuse items without a due date; what it refuses has no allowance.
        return None


@LAWS
@given(items=open_items(), data=st.data())
def test_zero_rates_give_zero(items, data):
    """Whatever is adjusted, discounted and rounded: no expected loss is no allowance."""
    matrix = data.draw(matrices())
    zero = [Fraction(0)] * matrix.scheme.bucket_count
    none = attrs.evolve(matrix, segments={"": zero}, covered_rate=0)
    facts = attrs.evolve(data.draw(facts_for(items)), specifics=())

    found = _measured(items, none, facts)

    assert found is None or all(line.allowance_minor == 0 for line in found.lines)


@LAWS
@given(items=open_items(), data=st.data())
def test_an_allowance_is_never_more_than_what_is_open(items, data):
    """Line by line, and so in all: rounding and multipliers included."""
    found = _measured(items, data.draw(matrices()), data.draw(facts_for(items)))

    for line in found.lines if found else ():
        assert 0 <= line.allowance_minor <= max(line.base_minor, 0) <= max(line.gross_minor, 0)


@LAWS
@given(items=open_items(), data=st.data())
def test_lines_add_up_to_what_is_open(items, data):
    """Everything open is in a line, credits included."""
    found = _measured(items, data.draw(matrices()), data.draw(facts_for(items)))
    if found is None:
        return
    expected = Counter()
    for item in items:
        expected[item.creditor, item.customer, item.currency] += item.open_minor
    actual = Counter()
    for line in found.lines:
        actual[line.creditor, line.customer, line.currency] += line.gross_minor

    assert {key: minor for key, minor in expected.items() if minor} == {
        key: minor for key, minor in actual.items() if minor
    }


@LAWS
@given(items=open_items(), data=st.data())
def test_every_item_is_in_one_place(items, data):
    """In one pool, or in one specific allowance, and never in both."""
    found = _measured(items, data.draw(matrices()), data.draw(facts_for(items)))
    if found is None:
        return

    assert sorted((one.creditor, one.item) for one in found.items) == sorted(
        (item.creditor, item.item) for item in items if not item.is_settled
    )
    assert all((one.kind is LineKind.SPECIFIC) == bool(one.specific) for one in found.items)


@LAWS
@given(items=DATED, data=st.data())
def test_higher_rates_never_give_less(items, data):
    """Raise one rate, and no line goes down."""
    matrix = data.draw(matrices())
    facts = data.draw(facts_for(items))
    place = data.draw(st.integers(0, matrix.scheme.bucket_count - 1))
    raised = [
        attrs.evolve(
            one,
            rates=[
                rate + (1 - rate) / Fraction(3) if index == place else rate
                for index, rate in enumerate(one.rates)
            ],
        )
        for one in matrix.segments
    ]

    low = _measured(items, matrix, facts).lines
    high = _measured(items, attrs.evolve(matrix, segments=raised), facts).lines

    assert all(
        before.allowance_minor <= after.allowance_minor
        for before, after in zip(low, high, strict=True)
    )


@LAWS
@given(items=DATED, data=st.data())
def test_splitting_an_item_changes_nothing(items, data):
    """Two halves of one age are what the whole was: a line is rounded, an item is not."""
    matrix = data.draw(matrices())
    first, *rest = items
    part = data.draw(st.integers(min(first.open_minor, 0), max(first.open_minor, 0)))
    halves = [
        attrs.evolve(first, item=f"{first.item}/{name}", open_minor=minor)
        for name, minor in (("a", part), ("b", first.open_minor - part))
    ]

    whole, split = _measured(items, matrix), _measured([*halves, *rest], matrix)

    assert [line.allowance_minor for line in whole.lines] == [
        line.allowance_minor for line in split.lines
    ]


@LAWS
@given(items=DATED, data=st.data(), luck=st.randoms())
def test_the_order_of_the_items_changes_nothing(items, data, luck):
    """The same items in another order give the same allowance, items behind it included."""
    matrix, facts = data.draw(matrices()), data.draw(facts_for(items))
    shuffled = list(items)
    luck.shuffle(shuffled)

    assert _measured(items, matrix, facts) == _measured(shuffled, matrix, facts)


@LAWS
@given(items=open_items_lists(), more=st.integers(1, 10**9))
def test_another_customer_s_credit_lowers_nothing(items, more):
    """A credit balance of one customer is nobody else's."""
    matrix = ProvisionMatrix(
        name="x",
        version="1",
        scheme=AgingScheme(30, credits=Credits.NETTED, undated=Undated.DOCUMENT_DATE),
        segments={"": ["1 %", "10 %", "50 %"]},
    )
    credit = open_item("K-1", open_minor=-more, customer="nobody else")

    before, after = _measured(items, matrix), _measured([*items, credit], matrix)

    assert before.lines == tuple(line for line in after.lines if line.customer != "nobody else")


@given(
    rate=st.integers(0, 10_000).map(lambda bps: Fraction(bps, 10_000)),
    eir_bps=st.integers(0, 5_000),
    days=st.integers(0, 900),
    multiplier=st.integers(0, 300),
)
def test_an_applied_rate_stays_between_nothing_and_all(rate, eir_bps, days, multiplier):
    """Times a multiplier, with its time value, cut at 100 %."""
    matrix = ProvisionMatrix(
        name="x",
        version="1",
        scheme=AgingScheme(0),
        segments={"": [rate, rate]},
        forward_looking=ForwardLooking(multiplier=f"{multiplier} %", justification="drawn"),
        discounting=Discounting(eir_bps=eir_bps, days=[days, days]),
    )

    applied = matrix.rate(1)

    assert 0 <= applied <= 1
    assert (applied == 0) == (rate * multiplier == 0)


def test_a_specific_allowance_of_an_item_wins_over_that_of_its_customer():
    """And the last given of two that are alike."""
    from receivables.casework import SpecificAllowance  # noqa: PLC0415  # for this test alone

    def judged(name, bps, items=()):
        return SpecificAllowance(
            specific=name, customer="C-1", rate_bps=bps, reason="other", items=items
        )

    specifics = [judged("A-1", 2_000), judged("A-2", 7_000, ["F-1"]), judged("A-3", 3_000)]
    matrix = ProvisionMatrix(
        name="x", version="1", scheme=AgingScheme(30), segments={"": ["0", "0", "0"]}
    )

    found = loss_allowance(
        [open_item("F-1"), open_item("F-2")],
        matrix=matrix,
        as_of=AS_OF,
        facts=AllowanceFacts(specifics=specifics),
    )

    assert {"F-1": "A-2", "F-2": "A-3"} == {one.item: one.specific for one in found.items}
    assert [7_000, 3_000] == [line.allowance_minor for line in found.lines]
