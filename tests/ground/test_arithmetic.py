"""Integer arithmetic: one division that says its rounding, one split that loses nothing."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables._arithmetic import Rounding, mul_div, split
from receivables.errors import PolicyError

INTEGERS = st.integers(-(10**18), 10**18)

HALVES = [
    (5, Rounding.HALF_EVEN, 2),
    (15, Rounding.HALF_EVEN, 8),
    (-5, Rounding.HALF_EVEN, -2),
    (5, Rounding.HALF_UP, 3),
    (-5, Rounding.HALF_UP, -3),
    (5, Rounding.UP, 3),
    (-5, Rounding.UP, -3),
    (5, Rounding.DOWN, 2),
    (-5, Rounding.DOWN, -2),
]


def _rounded(exact, rounding):
    """The same rounding by exact fractions."""
    size = abs(exact)
    by_mode = {
        Rounding.HALF_EVEN: round(size),
        Rounding.HALF_UP: math.floor(size + Fraction(1, 2)),
        Rounding.UP: math.ceil(size),
        Rounding.DOWN: math.floor(size),
    }
    return by_mode[rounding] if exact >= 0 else -by_mode[rounding]


@pytest.mark.parametrize(("amount", "rounding", "half"), HALVES)
def test_a_half_is_rounded_as_said(amount, rounding, half):
    """Every mode mirrors negative amounts."""
    assert half == mul_div(amount, 1, 2, rounding=rounding)


@given(
    amount=INTEGERS,
    numerator=INTEGERS,
    denominator=st.integers(1, 10**12),
    rounding=st.sampled_from(Rounding),
)
def test_mul_div_is_exact_then_rounded_once(amount, numerator, denominator, rounding):
    """The product is never rounded before it is divided."""
    expected = _rounded(Fraction(amount * numerator, denominator), rounding)

    assert expected == mul_div(amount, numerator, denominator, rounding=rounding)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(denominator):
    """Nothing is divided by zero or by less."""
    with pytest.raises(PolicyError, match="denominator must be positive"):
        mul_div(1, 1, denominator, rounding=Rounding.DOWN)


WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@given(amount=INTEGERS, weights=WEIGHTS)
def test_split_conserves(amount, weights):
    """The parts add up to the amount, and each is less than a unit from its exact share."""
    parts = split(amount, weights)

    shares = [Fraction(amount * weight, sum(weights)) for weight in weights]
    assert amount == sum(parts)
    assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))


@given(amount=INTEGERS, weights=WEIGHTS)
def test_split_mirrors_negative_amounts(amount, weights):
    """A credit is split like the invoice that it corrects."""
    assert tuple(-part for part in split(amount, weights)) == split(-amount, weights)


@given(amount=INTEGERS, count=st.integers(1, 20))
def test_equal_weights_give_equal_parts(amount, count):
    """No part is more than a unit larger than another, and larger ones come first."""
    parts = [abs(part) for part in split(amount, [1] * count)]

    assert parts == sorted(parts, reverse=True)
    assert max(parts) - min(parts) <= 1


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (2, -1)])
def test_impossible_weights_are_refused(weights):
    """Weights are zero or more, and not all zero."""
    with pytest.raises(PolicyError, match="weights must be"):
        split(100, weights)
