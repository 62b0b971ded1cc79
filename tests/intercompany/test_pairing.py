"""Pairing lines by rules in their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from receivables.intercompany.pairing import PairingRule, pair

SAME = PairingRule("same", lambda line: line, lambda line: line)


def test_the_first_rule_that_fits_wins():
    """A surer rule takes its pairs before a weaker one may."""
    weak = PairingRule("parity", lambda line: line % 2, lambda line: line % 2)

    paired = pair([1, 3], [3, 5], rules=[SAME, weak])

    assert (("same", 3, 3), ("parity", 1, 5)) == paired.pairs


def test_a_line_is_in_one_pair_at_most():
    """Two equal lines need two counterparts."""
    paired = pair(["a", "a"], ["a"], rules=[SAME])

    assert (1, ("a",), ()) == (len(paired.pairs), paired.left, paired.right)


def test_a_rule_may_not_be_for_a_line():
    """A key of None pairs with nothing, not even with another None."""
    rule = PairingRule("never", lambda _line: None, lambda _line: None)

    assert pair([1], [1], rules=[rule]).pairs == ()


def test_a_pair_must_fit():
    """Where the first line of a key does not fit, the next one is tried."""
    near = PairingRule("near", lambda _: 0, lambda _: 0, lambda one, other: abs(one - other) < 2)

    paired = pair([10], [50, 11], rules=[near])

    assert (("near", 10, 11),) == paired.pairs
    assert (50,) == paired.right


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_no_line_is_lost_or_made(left, right):
    """Pairs and what is left over are the lines that were given."""
    paired = pair(left, right, rules=[SAME])

    assert sorted(left) == sorted([line for _, line, _ in paired.pairs] + list(paired.left))
    assert sorted(right) == sorted([line for _, _, line in paired.pairs] + list(paired.right))
