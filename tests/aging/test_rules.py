"""The rules of aging over Python values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.aging import AgingScheme, Credits
from receivables.aging.rules import bucket, credit_part, in_buckets, net_oldest_first

from .worlds import schemes

EDGES = [(-400, 0), (-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)]

NETTED = [
    ([10, 20, 30], 0, [10, 20, 30], 0),
    ([10, 20, 30], -30, [10, 20, 0], 0),
    ([10, 20, 30], -31, [10, 19, 0], 0),
    ([10, 20, 30], -60, [0, 0, 0], 0),
    ([10, 20, 30], -75, [0, 0, 0], -15),
    ([0, 0, 0], -5, [0, 0, 0], -5),
]


@pytest.mark.parametrize(("days", "index"), EDGES)
def test_an_upper_bound_belongs_to_its_bucket(days, index):
    """An item due on the day is not past due, and thirty days are in the bucket up to thirty."""
    assert index == bucket(days, scheme=AgingScheme(30, 60, 90))


@given(scheme=schemes(), days=st.integers(-200, 200))
def test_an_age_belongs_to_one_bucket(scheme, days):
    """The buckets leave no gap and do not overlap."""
    holds = in_buckets(days, scheme=scheme)

    assert 1 == sum(holds)
    assert scheme.bucket_count == len(holds)
    assert holds.index(True) == bucket(days, scheme=scheme)


@given(scheme=schemes(), days=st.integers(-200, 200))
def test_age_is_monotone(scheme, days):
    """A day more never leads to a younger bucket, and at most to the next one."""
    step = bucket(days + 1, scheme=scheme) - bucket(days, scheme=scheme)

    assert step in {0, 1}


@pytest.mark.parametrize(
    ("credits", "open_minor", "part"),
    [
        (Credits.APART, -5, -5),
        (Credits.APART, 5, 0),
        (Credits.NETTED, -5, -5),
        (Credits.IN_BUCKETS, -5, 0),
        (Credits.IN_BUCKETS, 5, 0),
    ],
)
def test_the_credit_part_stays_out_of_the_buckets(credits, open_minor, part):
    """Credits are apart unless the scheme puts them in the buckets."""
    assert part == credit_part(open_minor, scheme=AgingScheme(30, credits=credits))


@pytest.mark.parametrize(("buckets", "credits", "left", "rest"), NETTED)
def test_credits_net_the_oldest_bucket_first(buckets, credits, left, rest):
    """A credit lowers the last bucket first, and what no bucket takes stays a credit."""
    assert (left, rest) == net_oldest_first(buckets, credits)


@given(
    buckets=st.lists(st.integers(0, 10**12), min_size=1, max_size=6),
    credits=st.integers(-(10**13), 0),
)
def test_netting_conserves_money(buckets, credits):
    """Netting moves money, it makes none: the total stays, and nothing changes its sign."""
    left, rest = net_oldest_first(buckets, credits)

    assert sum(buckets) + credits == sum(left) + rest
    assert min(left) >= 0 >= rest
    assert rest == 0 or not any(left)
