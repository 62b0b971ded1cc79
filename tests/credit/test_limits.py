"""Limits: which count on a day, in which order they are used, what they leave."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework.credit import Collateral, CreditLimit, LimitScope
from receivables.credit.insurance import InsurancePolicy
from receivables.credit.limits import (
    currencies_of,
    expiring,
    limit_history,
    limit_stack,
    limit_stacks,
    limits_in_force,
)
from receivables.credit.model import StackRule
from receivables.credit.recording import limit_ended, limit_granted
from receivables.errors import MissingRateError, PolicyError
from receivables.ledger import Ledger
from receivables.money import money
from receivables.testing.builders import recorded

from .exposure_worlds import DAY, RATES, a_limit, limits, owing

SETTINGS = settings(max_examples=30, deadline=None)
ONE_DAY = dt.timedelta(days=1)


def granted(*given):
    """A ledger on which limits were granted on their days, one after the other."""
    return Ledger().record(
        *(
            limit_granted(limit, creditor="MIRA", on=on, recorded_at=recorded(minute))
            for minute, (on, limit) in enumerate(given)
        )
    )


def names(found):
    return [limit.limit for limit in found]


def test_what_others_answer_for_is_used_first():
    """The order is insured, discretionary, guaranteed, collateral, own, temporary."""
    kinds = ("temporary", "own", "guaranteed", "discretionary", "insured")
    given = [a_limit(kind, 10_000, kind=kind) for kind in kinds]

    stack = limit_stack(owing(35_000), given, as_of=DAY)

    expected = [
        ("insured", 10_000),
        ("discretionary", 10_000),
        ("guaranteed", 10_000),
        ("own", 5_000),
        ("temporary", 0),
    ]
    assert expected == [(one.limit.limit, one.used_minor) for one in stack.limits]
    assert (50_000, 15_000, 0) == (stack.capacity_minor, stack.free_minor, stack.excess_minor)


def test_what_the_insurer_does_not_bear_is_our_own_risk():
    """Nine tenths of what is used of an insured limit is covered, and the rest is not."""
    stack = limit_stack(owing(10_005), [a_limit(kind="insured", cover_bps=9_000)], as_of=DAY)

    assert (9_004, 1_001) == (stack.covered_minor, stack.own_risk_minor)


def test_an_own_limit_may_be_the_most():
    """With the rule of totals, what others cover comes out of our own limit."""
    given = [a_limit("AG", 100_000, kind="insured"), a_limit("L", 50_000)]

    stack = limit_stack(owing(120_000), given, as_of=DAY, rule=StackRule.TOTAL)

    assert (50_000, 70_000, 100_000) == (
        stack.capacity_minor,
        stack.excess_minor,
        stack.covered_minor,
    )
    assert [("AG", 50_000, 50_000), ("L", 0, 0)] == [
        (one.limit.limit, one.amount_minor, one.used_minor) for one in stack.limits
    ]


def test_without_an_own_limit_a_total_allows_nothing():
    """Cover alone lets nobody owe where our own limit is the most."""
    stack = limit_stack(owing(5), [a_limit(kind="insured")], as_of=DAY, rule="total")

    assert (0, False) == (stack.capacity_minor, stack.has_limit)


def test_nobody_granted_anything():
    """Without a limit capacity is zero, and it is said that nobody decided so."""
    stack = limit_stack(owing(5), [], as_of=DAY)

    assert (0, 5, False) == (stack.capacity_minor, stack.excess_minor, stack.has_limit)


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (DAY + ONE_DAY, None, False),
        (None, DAY - ONE_DAY, False),
    ],
)
def test_a_limit_outside_its_dates_counts_for_nothing(since, until, counts):
    """The first and the last day count."""
    stack = limit_stack(owing(5), [a_limit(since=since, until=until)], as_of=DAY)

    assert (counts, 50_000 * counts) == (stack.has_limit, stack.capacity_minor)


def test_collateral_counts_after_haircut_and_better_ranks():
    """A second mortgage is worth its value less the haircut, less what the first may take."""
    deed = Collateral(
        kind="mortgage",
        value=money("1000.00", "EUR"),
        rank=2,
        prior=money("400.00", "EUR"),
        haircut_bps=3_000,
    )

    stack = limit_stack(owing(5), [a_limit(kind="collateral", collateral=deed)], as_of=DAY)

    assert 30_000 == stack.capacity_minor


def test_a_better_rank_of_unknown_size_leaves_nothing():
    """A second mortgage counts once it is said what the first may take."""
    deed = Collateral(kind="mortgage", value=money("1000.00", "EUR"), rank=2)

    assert 0 == deed.lending_minor
    assert 100_000 == attrs.evolve(deed, prior=money("0.00", "EUR")).lending_minor
    assert 100_000 == attrs.evolve(deed, rank=1).lending_minor


def test_a_limit_in_another_currency_is_rounded_down():
    """A limit never counts for more than it is."""
    stack = limit_stack(
        owing(5), [a_limit(amount_minor=1_000, currency="USD")], as_of=DAY, rates=RATES
    )

    assert 918 == stack.capacity_minor
    with pytest.raises(MissingRateError, match=f"USD/EUR must be known for {DAY}"):
        limit_stack(owing(5), [a_limit(currency="USD")], as_of=DAY)


def test_each_holder_has_its_own_limits():
    """Limits of groups stand against groups, and those of countries against countries."""
    given = [
        a_limit("L-1", customer="C-1"),
        a_limit("L-2", group="C-1"),
        a_limit("L-3", country="fr"),
    ]
    exposures = {
        "C-1": owing(5),
        "C-2": owing(5, holder="C-2"),
        "FR": owing(5, holder="FR", scope=LimitScope.COUNTRY),
    }

    stacks = limit_stacks(exposures, given, as_of=DAY)

    found = {name: [one.limit.limit for one in stack.limits] for name, stack in stacks.items()}
    assert {"C-1": ["L-1"], "C-2": [], "FR": ["L-3"]} == found


def test_a_limit_comes_once():
    """The same limit twice would count twice."""
    with pytest.raises(PolicyError, match="limits must come once each"):
        limit_stack(owing(5), [a_limit(), a_limit()], as_of=DAY)


def an_insurance(**given):
    values = {
        "number": "EH-1",
        "insurer": "Assureur",
        "currency": "EUR",
        "insured_bps": 9_000,
        "extension_days": 60,
        "notify_days": 30,
        "claim_days": 150,
        **given,
    }
    return InsurancePolicy(**values)


@pytest.mark.parametrize(
    ("policy", "covered"),
    [
        ({}, 9_000),
        ({"until": DAY - ONE_DAY}, 0),
        ({"excluded": ["C-1"]}, 0),
        ({"number": "EH-2"}, 10_000),
    ],
)
def test_an_insurance_says_what_its_limits_cover(policy, covered):
    """The insured part is the policy's; without the policy in force nothing is covered."""
    limit = a_limit(kind="insured", policy="EH-1")

    stack = limit_stack(owing(10_000), [limit], as_of=DAY, insurance=[an_insurance(**policy)])

    assert covered == stack.covered_minor


def test_a_later_own_limit_takes_the_place_of_the_first():
    """From its own first day on, and not before."""
    ledger = granted(
        (dt.date(2026, 1, 1), a_limit("L-1")),
        (dt.date(2026, 3, 1), a_limit("L-2", since=dt.date(2026, 6, 1))),
    )

    found = [
        names(limits_in_force(ledger, "MIRA", as_of=dt.date(2026, month, 1))) for month in (2, 4, 6)
    ]

    assert [["L-1"], ["L-1"], ["L-2"]] == found


def test_a_country_is_the_same_in_any_case():
    """A new limit of a country takes the place of the first, however its code is written."""
    first, second = (
        CreditLimit(limit=name, amount=money("1.00", "EUR"), country=country)
        for name, country in (("L-1", "FR"), ("L-2", "fr"))
    )
    ledger = granted((dt.date(2026, 1, 1), first), (dt.date(2026, 3, 1), second))

    assert ["L-2"] == names(limits_in_force(ledger, "MIRA", as_of=DAY))


def test_what_was_replaced_does_not_come_back():
    """An own limit that ends leaves none, not the one before it."""
    ledger = granted(
        (dt.date(2026, 1, 1), a_limit("L-1")),
        (dt.date(2026, 3, 1), a_limit("L-2", until=dt.date(2026, 5, 31))),
    )

    assert () == limits_in_force(ledger, "MIRA", as_of=dt.date(2026, 6, 1))


def test_insured_limits_are_replaced_within_one_insurance():
    """A decision of the same insurer replaces its own, not that of another one."""
    ledger = granted(
        (DAY, a_limit("A-1", kind="insured", policy="EH-1")),
        (DAY, a_limit("B-1", kind="insured", policy="CF-1")),
        (DAY, a_limit("A-2", kind="insured", policy="EH-1")),
    )

    assert ["A-2", "B-1"] == names(limits_in_force(ledger, "MIRA", as_of=DAY))


@pytest.mark.parametrize("kind", ["temporary", "guaranteed"])
def test_temporary_limits_and_guarantees_add_up(kind):
    """A second guarantee comes beside the first."""
    ledger = granted((DAY, a_limit("L-1", kind=kind)), (DAY, a_limit("L-2", kind=kind)))

    assert ["L-1", "L-2"] == names(limits_in_force(ledger, "MIRA", as_of=DAY))


def test_a_limit_that_was_ended_counts_no_more():
    """From the day of its end on; on the day before it did, and history keeps it."""
    ledger = granted((dt.date(2026, 1, 1), a_limit("L-1")))
    ledger = ledger.record(
        limit_ended(a_limit("L-1"), creditor="MIRA", on=DAY, recorded_at=recorded(9))
    )

    before = limits_in_force(ledger, "MIRA", as_of=DAY - ONE_DAY)
    (spell,) = limit_history(ledger, "MIRA", as_of=DAY)

    assert (["L-1"], ()) == (names(before), limits_in_force(ledger, "MIRA", as_of=DAY))
    assert (dt.date(2026, 1, 1), DAY - ONE_DAY) == (spell.first, spell.last)
    assert ["L-1"] == names(limits_in_force(ledger, "MIRA", as_of=DAY, known_at=recorded(5)))


def test_the_currency_of_a_holder_is_that_of_its_own_limit():
    """The own limit goes before an insured one."""
    given = [a_limit("A", kind="insured", currency="USD"), a_limit("L", currency="JPY")]

    assert {"C-1": "JPY"} == dict(currencies_of(given))


@pytest.mark.parametrize(("within", "found"), [(0, []), (29, []), (30, ["T"]), (61, ["T", "U"])])
def test_limits_that_end_soon(within, found):
    """The first to end comes first; the last day counts."""
    given = [
        a_limit("U", until=DAY + dt.timedelta(days=61)),
        a_limit("T", kind="temporary", until=DAY + dt.timedelta(days=30)),
        a_limit("L"),
        a_limit("P", until=DAY - ONE_DAY),
    ]

    assert found == names(expiring(given, as_of=DAY, within_days=within))


def test_days_below_zero_are_refused():
    """Nothing ends within less than no days."""
    with pytest.raises(PolicyError, match="within_days must be zero or more"):
        expiring([], as_of=DAY, within_days=-1)


STACKS = st.integers(0, 4).flatmap(
    lambda count: st.tuples(*(limits(f"L-{index}") for index in range(count)))
)
AMOUNTS = st.integers(-20_000, 200_000)
RULES = st.sampled_from(StackRule)
MONEY = st.sampled_from(["EUR", "USD", "JPY"])


@SETTINGS
@given(given_limits=STACKS, minor=AMOUNTS, rule=RULES, currency=MONEY)
def test_a_stack_loses_nothing(given_limits, minor, rule, currency):
    """Used and free make each limit; what is used and the excess make the exposure."""
    exposure = owing(minor, currency=currency)

    stack = limit_stack(exposure, given_limits, as_of=DAY, rule=rule, rates=RATES)

    for one in stack.limits:
        assert 0 <= one.used_minor <= one.amount_minor
        assert one.amount_minor == one.used_minor + one.free_minor
        assert one.amount_minor == 0 or one.limit.in_force(DAY)
    used = sum(one.used_minor for one in stack.limits)
    assert exposure.total_minor == used + stack.excess_minor
    assert used == stack.used_minor
    assert 0 <= stack.covered_minor <= exposure.total_minor
    assert stack.capacity_minor == sum(one.amount_minor for one in stack.limits)


@SETTINGS
@given(given_limits=STACKS, more=limits("L-new"), minor=AMOUNTS, rule=RULES)
def test_one_more_limit_never_lowers_capacity(given_limits, more, minor, rule):
    """Whatever it rests on, and whatever its dates are."""
    exposure = owing(minor)

    before = limit_stack(exposure, given_limits, as_of=DAY, rule=rule, rates=RATES)
    after = limit_stack(exposure, [*given_limits, more], as_of=DAY, rule=rule, rates=RATES)

    assert before.capacity_minor <= after.capacity_minor


@SETTINGS
@given(given_limits=STACKS, order=st.randoms(use_true_random=False), minor=AMOUNTS)
def test_the_order_of_limits_does_not_matter(given_limits, order, minor):
    """A stack is sorted by itself."""
    shuffled = list(given_limits)
    order.shuffle(shuffled)

    stacks = [
        limit_stack(owing(minor), some, as_of=DAY, rates=RATES) for some in (given_limits, shuffled)
    ]

    assert stacks[0] == stacks[1]
