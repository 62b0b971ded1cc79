"""The rules of interest over values: exact, and within 64 bits all the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables._arithmetic import Rounding, mul_div
from receivables.errors import LimitError
from receivables.interest.rules import (
    DENOMINATOR_MAX,
    carry,
    check_denominators,
    divided,
    rest_of,
    rounded,
    tiered,
    whole_of,
)
from receivables.limits import AMOUNT_MINOR_MAX, INT64_MAX

DENOMINATORS = st.integers(1, DENOMINATOR_MAX)
ROUNDINGS = st.sampled_from(Rounding)


@given(amount=st.integers(0, AMOUNT_MINOR_MAX), data=st.data(), by=DENOMINATORS, rounding=ROUNDINGS)
def test_amount_times_weight_is_exact_and_small(amount, data, by, rounding):
    """The carried division is `mul_div`, and no intermediate value leaves 64 bits."""
    weight = data.draw(st.integers(0, 1_000 * by))
    parts, times = divided(amount, by), divided(weight, by)
    product = divided(rest_of(parts, times), by)

    whole = whole_of(parts, weight, times, product)
    total = whole + carry(whole, product.rest, by, rounding=rounding)

    assert mul_div(amount, weight, by, rounding=rounding) == total
    steps = [parts.whole * weight, parts.rest * times.whole, rest_of(parts, times), whole]
    assert max([*steps, 2 * product.rest]) <= INT64_MAX


@given(number=st.integers(0, 10**12), by=DENOMINATORS, rounding=ROUNDINGS)
def test_a_plain_division_is_rounded_like_mul_div(number, by, rounding):
    """Where the product fits, one division is enough."""
    assert mul_div(number, 1, by, rounding=rounding) == rounded(number, by, rounding=rounding)


@given(by=st.integers(1, 1_000), times=st.integers(0, 50), rounding=ROUNDINGS)
def test_halves_are_rounded_as_the_rounding_says(by, times, rounding):
    """A half goes up, to the even one, or away, as everywhere else."""
    number, denominator = (2 * times + 1) * by, 2 * by
    parts = divided(number, denominator)

    expected = mul_div(number, 1, denominator, rounding=rounding)

    assert expected == rounded(number, denominator, rounding=rounding)
    assert expected == parts.whole + carry(parts.whole, parts.rest, denominator, rounding=rounding)


@pytest.mark.parametrize(
    ("denominators", "weight_max", "reason"),
    [
        ([DENOMINATOR_MAX + 1], 1, "rates must have at most 4 decimals"),
        ([DENOMINATOR_MAX, DENOMINATOR_MAX], 1, "rates must have at most 4 decimals"),
        ([365], 365 * 3_000, "interest must fit in 64 bits, got up to 3001 times the amount"),
    ],
)
def test_what_could_leave_64_bits_is_refused(denominators, weight_max, reason):
    """Before anything is computed."""
    with pytest.raises(LimitError, match=reason):
        check_denominators(denominators, weight_max=weight_max)


@pytest.mark.parametrize(
    ("amount", "expected"), [(1, 40), (99_999, 40), (100_000, 70), (999_999, 70), (1_000_000, 100)]
)
def test_a_tier_begins_with_its_amount(amount, expected):
    """The bound belongs to the higher tier."""
    assert expected == tiered(amount, [(0, 40), (100_000, 70), (1_000_000, 100)])
