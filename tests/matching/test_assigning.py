"""Assignment over a batch: nobody takes what another has, and the best total wins."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from receivables.matching.assigning import Option, assign

OPEN = {1: 100, 2: 50, 3: -30}
OPTIONS = st.builds(
    Option,
    odds=st.integers(1, 10**6),
    takes=st.dictionaries(st.sampled_from([1, 2, 3]), st.integers(1, 100), min_size=1).map(
        lambda takes: tuple(
            (place, -minor if place == 3 else minor) for place, minor in takes.items()
        )
    ),
)
WISHES = st.lists(st.lists(OPTIONS, max_size=3), min_size=1, max_size=4)


def fits(chosen):
    """Whether options take no more of an item than is open."""
    taken = dict.fromkeys(OPEN, 0)
    for option in filter(None, chosen):
        for place, minor in option.takes:
            taken[place] += minor
    return all(abs(minor) <= abs(OPEN[place]) for place, minor in taken.items())


def weight(chosen):
    """The product of the odds."""
    total = 1
    for option in filter(None, chosen):
        total *= option.odds
    return total


@given(WISHES)
def test_the_best_total_wins(wishes):
    """Of every way to give each receipt an option or none, the heaviest that fits is taken."""
    found = assign(wishes, OPEN)
    chosen = [
        None if one.option is None else options[one.option]
        for one, options in zip(found, wishes, strict=True)
    ]

    best = max(weight(way) for way in product(*[[*each, None] for each in wishes]) if fits(way))

    assert fits(chosen)
    assert weight(chosen) == best


@given(WISHES)
def test_shares_are_those_of_all_ways(wishes):
    """The share of an option is the weight of the ways that have it over the weight of all."""
    ways = [way for way in product(*[[*each, None] for each in wishes]) if fits(way)]
    total = sum(weight(way) for way in ways)

    for at, (one, options) in enumerate(zip(assign(wishes, OPEN), wishes, strict=True)):
        for share, option in zip(one.shares, options, strict=True):
            having = sum(weight(way) for way in ways if way[at] is option)
            assert share == having * 1_000_000 // total or options.count(option) > 1


def test_too_many_ways_are_not_weighed():
    """Beyond the budget there is no answer, rather than a guess."""
    wishes = [[Option(2, ((1, 1),))] * 4] * 8

    assert assign(wishes, OPEN, budget=1000) is None
