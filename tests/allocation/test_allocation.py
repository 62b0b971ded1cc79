"""Allocations: money is conserved, nothing is settled beyond what is open."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation import (
    Allocation,
    Leg,
    Residual,
    ResidualKind,
    allocate,
    allocate_oldest_first,
)
from receivables.allocation.rules import oldest_first
from receivables.documents import ItemKind, OpenItem
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import money
from receivables.testing.builders import an_open_item

D = dt.date


def debit(name: str, minor: int, day: int = 1) -> OpenItem:
    return an_open_item(
        item=name, kind=ItemKind.INVOICE, amount_minor=minor, due_date=D(2026, 1, day)
    )


def credit(name: str, minor: int) -> OpenItem:
    return an_open_item(item=name, kind=ItemKind.UNAPPLIED_CASH, amount_minor=-minor)


def legs(allocation: Allocation | None) -> dict[str, int]:
    assert allocation is not None
    return {leg.item: leg.amount_minor for leg in allocation.legs}


def test_many_credits_settle_many_debits() -> None:
    """Debits are settled whole; the last credit keeps its rest."""
    done = allocate(
        "a-1",
        credits=[credit("r-1", 70), credit("r-2", 100)],
        debits=[debit("F-1", 100), debit("F-2", 50)],
    )

    assert legs(done) == {"F-1": 100, "F-2": 50, "r-1": -70, "r-2": -80}


def test_a_part_may_be_named() -> None:
    """A debit may be settled in part, by a named amount."""
    done = allocate(
        "a-1", credits=[credit("r-1", 100)], debits={debit("F-1", 100): money("0.40", "EUR")}
    )

    assert legs(done) == {"F-1": 40, "r-1": -40}


def test_oldest_first_goes_by_due_date() -> None:
    """The oldest due date is served first, whatever the order given."""
    items = [debit("F-2", 50, day=2), debit("F-3", 50, day=3), debit("F-1", 50, day=1)]

    done = allocate_oldest_first("a-1", credit=credit("r-1", 80), debits=items)

    assert legs(done) == {"F-1": 50, "F-2": 30, "r-1": -80}


def test_nothing_to_settle_is_no_allocation() -> None:
    """Without debits there is nothing to allocate."""
    assert allocate_oldest_first("a-1", credit=credit("r-1", 80), debits=[]) is None


@given(
    amount=st.integers(0, 10**6),
    parts=st.lists(st.integers(0, 10**5), max_size=8),
)
def test_oldest_first_conserves(amount: int, parts: list[int]) -> None:
    """What is spent is never more than the amount, nor than any part, and nothing is left idle."""
    spent = oldest_first(amount, parts)

    assert min(amount, sum(parts)) == sum(spent)
    assert all(0 <= used <= part for used, part in zip(spent, parts, strict=True))


REFUSED = {
    "money appears": [Leg("F-1", 100), Leg("r-1", -90)],
    "no legs": [],
    "an item twice": [Leg("F-1", 50), Leg("F-1", 50), Leg("r-1", -100)],
}


@pytest.mark.parametrize("why", REFUSED)
def test_allocations_that_lose_money_are_refused(why: str) -> None:
    """The legs add up to the residuals, each item has one leg."""
    with pytest.raises(DocumentError):
        Allocation(allocation="a-1", creditor="MIRA", currency="EUR", legs=REFUSED[why])


def test_a_residual_says_what_settled_the_rest() -> None:
    """What no item settled is named by its type."""
    rest = Residual(ResidualKind.SETTLED_IN_SOURCE, 100)

    done = Allocation(
        allocation="a-1", creditor="MIRA", currency="EUR", legs=[Leg("F-1", 100)], residuals=[rest]
    )

    assert (rest,) == done.residuals


def test_a_leg_of_nothing_is_refused() -> None:
    """A leg that settles nothing is a mistake."""
    with pytest.raises(DocumentError, match="must not be zero"):
        Leg("F-1", 0)


def test_credits_must_cover() -> None:
    """Debits beyond the credits are refused, not settled in part by accident."""
    with pytest.raises(DocumentError, match="must cover"):
        allocate("a-1", credits=[credit("r-1", 50)], debits=[debit("F-1", 100)])


def test_more_than_open_is_refused() -> None:
    """A named part beyond what is open is refused."""
    with pytest.raises(DocumentError, match="at most"):
        allocate(
            "a-1", credits=[credit("r-1", 500)], debits={debit("F-1", 100): money("2.00", "EUR")}
        )


def test_currencies_are_not_mixed() -> None:
    """An allocation is in one currency; a foreign amount needs a rate first."""
    foreign = attrs.evolve(debit("F-1", 50), currency="CAD")

    with pytest.raises(CurrencyMismatchError):
        allocate("a-1", credits=[credit("r-1", 500)], debits=[foreign])
    with pytest.raises(CurrencyMismatchError):
        allocate(
            "a-1", credits=[credit("r-1", 500)], debits={debit("F-1", 50): money("0.10", "CAD")}
        )


@pytest.mark.parametrize(
    ("credits", "debits"),
    [([], [debit("F-1", 1)]), ([credit("r-1", 1)], []), ([debit("F-2", 1)], [debit("F-1", 1)])],
)
def test_both_sides_are_needed(credits: list[OpenItem], debits: list[OpenItem]) -> None:
    """An allocation has credits and debits, and each is what it is said to be."""
    with pytest.raises(DocumentError):
        allocate("a-1", credits=credits, debits=debits)


def test_a_credit_is_no_debit() -> None:
    """A credit note among the debits is refused."""
    with pytest.raises(DocumentError, match="must be a debit"):
        allocate("a-1", credits=[credit("r-1", 1)], debits={credit("r-2", 1): money("0.00", "EUR")})
