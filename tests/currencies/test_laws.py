"""Laws of currencies: relief conserves, inverses are exact, triangulation is a product."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables._arithmetic import mul_div
from receivables.currencies import (
    AppliedRate,
    ExchangeRates,
    relieved,
    revaluation,
    revalue,
    total,
)
from receivables.currencies.rules import converted, limbs
from receivables.errors import DocumentError, LimitError
from receivables.money import from_minor, to_minor

from .worlds import AS_OF, CURRENCIES, carried_items, directed, roundings, tables

_AMOUNTS = st.integers(-(10**12), 10**12)


@given(
    open_minor=_AMOUNTS.filter(bool),
    carried=_AMOUNTS,
    cuts=st.lists(st.integers(0, 10**12), max_size=8),
)
def test_relief_over_any_sequence_sums_to_the_carrying_amount(open_minor, carried, cuts):
    """Whatever the parts, their relief adds up to what was carried, and the last leaves nothing."""
    marks = sorted({0, abs(open_minor), *(cut % abs(open_minor) for cut in cuts)})
    sign = 1 if open_minor > 0 else -1
    left, left_carried = open_minor, carried
    for low, high in itertools.pairwise(marks):
        part = sign * (high - low)
        taken = relieved(left_carried, part, left)
        left, left_carried = left - part, left_carried - taken

        assert 0 <= abs(taken) <= abs(carried)

    assert (0, 0) == (left, left_carried)


@given(open_minor=_AMOUNTS.filter(bool), part=st.integers(1, 10**12), carried=_AMOUNTS)
def test_relief_mirrors(open_minor, part, carried):
    """A credit is relieved as the invoice that it mirrors."""
    part = part % abs(open_minor) + 1
    part = part if open_minor > 0 else -part

    assert relieved(carried, part, open_minor) == -relieved(-carried, -part, -open_minor)


@pytest.mark.parametrize(
    ("leg", "open_minor"), [(0, 100), (101, 100), (-1, 100), (1, -100), (1, 0), (0, 0)]
)
def test_what_is_no_part_is_not_relieved(leg, open_minor):
    """Nothing, too much, and the other sign are no parts of what is open."""
    with pytest.raises(DocumentError, match="leg_minor"):
        relieved(100, leg, open_minor)


@given(data=st.data(), codes=st.permutations(CURRENCIES))
def test_triangulation_is_the_product_of_fractions(data, codes):
    """Through a pivot, the rate is exactly one rate times the other."""
    base, pivot, quote, _ = codes
    first, second = data.draw(directed(base, pivot)), data.draw(directed(pivot, quote))
    table = ExchangeRates([first, second], pivot=pivot)

    cross = table.rate(base, quote, on=AS_OF)

    legs = AppliedRate.of(first, base=base).value * AppliedRate.of(second, base=pivot).value
    assert legs == cross.value
    assert table.rate(quote, base, on=AS_OF).value == 1 / cross.value
    assert (first, second) == cross.legs


@given(data=st.data(), minor=_AMOUNTS, rounding=roundings())
def test_a_conversion_is_rounded_once(data, minor, rounding):
    """A conversion is less than a minor unit from the exact fraction, and mirrors."""
    applied = AppliedRate.of(data.draw(directed("USD", "JPY")), base="USD")
    exact = minor * applied.value * Fraction(1, 100)
    try:
        found = applied.convert_minor(minor, rounding=rounding)
    except LimitError:
        return

    assert abs(found - exact) < 1
    assert found == -applied.convert_minor(-minor, rounding=rounding)


@given(
    amount=st.integers(-(10**15), 10**15),
    numerator=st.integers(1, 10**9),
    denominator=st.integers(1, 10**9) | st.integers(1, 20),
    rounding=roundings(),
)
def test_the_rule_rounds_as_mul_div_does(amount, numerator, denominator, rounding):
    """The rule over terms and the arithmetic of the library are one."""
    expected = mul_div(amount, numerator, denominator, rounding=rounding)

    assert expected == converted(amount, (numerator, denominator), rounding=rounding)


@given(amount=st.integers(-(10**15), 10**15), bits=st.integers(1, 60))
def test_the_digits_of_an_amount_make_it_up(amount, bits):
    """Whatever the size of a digit, the digits add up, and only the first is signed."""
    first, *rest = limbs(amount, bits, largest=10**15)
    value = first
    for digit in rest:
        value = value * 2**bits + digit

    assert amount == value
    assert all(0 <= digit < 2**bits for digit in rest)


@given(table=tables(), carried=_AMOUNTS)
def test_the_revaluation_of_nothing_is_nothing(table, carried):
    """Nothing open is worth nothing at any rate, and a rate that did not move changes nothing."""
    rate = table.rate("USD", "EUR", on=AS_OF)

    assert revalue(0, 0, rate) == 0
    assert revalue(0, carried, rate) == -carried


@given(table=tables(), world=carried_items(largest=10**6))
def test_a_revaluation_adds_up(table, world):
    """The totals of the currencies add up to the rows, and revaluing what was revalued is nothing."""
    items, carried = world
    try:
        found = revaluation(items, carrying=carried, rates=table, as_of=AS_OF, functional="EUR")
    except LimitError:
        return

    rows = sum(row.difference_minor for row in found.rows)
    assert rows == sum(one.difference_minor for one in found.totals.values())
    again = {**carried, **{row.item: row.revalued_minor for row in found.rows}}
    settled = revaluation(items, carrying=again, rates=table, as_of=AS_OF, functional="EUR")
    assert from_minor(0, "EUR") == settled.difference


@given(
    table=tables(),
    minors=st.lists(st.tuples(st.sampled_from(CURRENCIES), st.integers(-(10**6), 10**6))),
)
def test_a_total_is_the_sum_of_its_parts_in_any_order(table, minors):
    """The order of the amounts changes nothing, and the parts add up to the total."""
    amounts = [from_minor(minor, code) for code, minor in minors]
    try:
        there, back = (
            total(given_, in_currency="EUR", on=AS_OF, rates=table)
            for given_ in (amounts, amounts[::-1])
        )
    except LimitError:
        return

    assert there == back
    assert to_minor(there.total) == sum(to_minor(part.converted) for part in there.parts)
