"""The exact search for subsets: right against brute force, honest about its budget."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.matching.searching import SearchOutcome, subsets_adding_up

SMALL = st.lists(st.integers(-40, 60), max_size=9)
TARGETS = st.integers(-60, 150).filter(bool)


def answers(amounts, target):
    """Every irreducible subset that adds up to the target, by looking at all of them."""
    places = [place for place, amount in enumerate(amounts) if amount]
    every = chain.from_iterable(combinations(places, size) for size in range(1, len(places) + 1))
    found = [set(one) for one in every if sum(amounts[place] for place in one) == target]
    return [one for one in found if not any(other < one for other in found)]


@given(SMALL, TARGETS)
def test_the_outcome_is_that_of_brute_force(amounts, target):
    """With budget enough, the search says what looking at every subset says."""
    expected = answers(amounts, target)

    search = subsets_adding_up(amounts, target, budget=10**6)

    assert (
        search.outcome
        is (SearchOutcome.NONE, SearchOutcome.UNIQUE, SearchOutcome.SEVERAL)[min(len(expected), 2)]
    )
    assert all(set(subset) in expected for subset in search.subsets)


@given(SMALL, TARGETS, st.integers(1, 60))
def test_a_small_budget_never_makes_a_wrong_claim(amounts, target, budget):
    """Whatever the budget, "none" and "unique" are proofs, and every subset adds up."""
    count = len(answers(amounts, target))

    search = subsets_adding_up(amounts, target, budget=budget)

    assert count == 0 or search.outcome is not SearchOutcome.NONE
    assert count == 1 or search.outcome is not SearchOutcome.UNIQUE
    assert count > 1 or search.outcome is not SearchOutcome.SEVERAL
    assert all(sum(amounts[place] for place in one) == target for one in search.subsets)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30), st.data())
def test_what_was_put_in_is_found(amounts, data):
    """A sum of some amounts is found, whatever else adds up as well."""
    chosen = data.draw(st.sets(st.sampled_from(range(len(amounts))), min_size=1))

    search = subsets_adding_up(amounts, sum(amounts[place] for place in chosen), budget=10**6)

    assert search.outcome in {SearchOutcome.UNIQUE, SearchOutcome.SEVERAL}
    if search.outcome is SearchOutcome.UNIQUE:
        assert set(search.subsets[0]) == chosen


def test_an_endless_search_gives_up():
    """Sixty even amounts never make an odd one, and no budget of this size proves it."""
    search = subsets_adding_up(
        [2 * (7**place % 9973) + 2**40 for place in range(60)], 2**45 + 1, budget=5000
    )

    assert search.outcome is SearchOutcome.GAVE_UP
    assert search.steps <= 5000 + 2**13


def test_an_invoice_and_its_own_credit_say_nothing_new():
    """A pair that cancels each other is no part of an answer."""
    search = subsets_adding_up([100, 250, -250, 75], 175)

    assert (search.outcome, search.subsets) == (SearchOutcome.UNIQUE, ((0, 3),))


@pytest.mark.parametrize(
    "wrong", [{"target": 0}, {"target": 5, "budget": 0}, {"target": 5, "most": 0}]
)
def test_misuse_is_refused(wrong):
    """A target of zero would be paid by nothing at all."""
    with pytest.raises(PolicyError, match="must"):
        subsets_adding_up([1, 2], **wrong)
