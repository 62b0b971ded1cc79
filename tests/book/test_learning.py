"""What is confirmed teaches, what is undone stays undone, and everything has a day and a source."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pytest

import receivables as ar
from receivables.allocation import Leg
from receivables.errors import EventError
from receivables.matching import Outcome

AS_OF = "2026-10-31"


def moment(minute: int) -> dt.datetime:
    return dt.datetime(2026, 11, 2, 9, minute, tzinfo=dt.UTC)


@pytest.fixture
def book(folder: Path) -> ar.Book:
    """The book of the small company, before anything was matched."""
    return ar.open(folder, plugins=["csv", "iso20022"], recorded_at=moment(0))


def test_a_confirmed_payer_is_known_afterwards(book: ar.Book) -> None:
    """Who a person says paid is known by account and by name, since when, and from whom."""
    (stranger,) = (each for each in book.match(as_of=AS_OF) if each.amount_minor == 5300)
    said = attrs.evolve(stranger, customer="C-1", parts=[Leg("F-0002", 5300)])

    taught = book.confirm([said], recorded_at=moment(1), by="A. Martin")
    facts = taught.facts(as_of=AS_OF)

    assert {fact.kind.value for fact in facts} == {"payer-account", "payer-name"}
    assert {fact.learned_on for fact in facts} == {dt.date(2026, 10, 6)}
    assert all(fact.source.startswith("A. Martin") for fact in facts)
    assert taught.facts(as_of="2026-10-05") == ()
    assert taught.facts(as_of=AS_OF, known_at=moment(0)) == ()


def test_a_fact_is_withdrawn_from_a_day_on(book: ar.Book) -> None:
    """What turned out wrong holds no more, and what was known before stays what was known."""
    (stranger,) = (each for each in book.match(as_of=AS_OF) if each.amount_minor == 5300)
    said = attrs.evolve(stranger, customer="C-1", parts=[Leg("F-0002", 5300)])
    taught = book.confirm([said], recorded_at=moment(1), by="A. Martin")
    fact, *_ = taught.facts(as_of=AS_OF)

    without = taught.withdraw(fact.fact, on=AS_OF, recorded_at=moment(2), reason="another firm")

    assert fact not in without.facts(as_of=AS_OF)
    assert fact in without.facts(as_of=AS_OF, known_at=moment(1))
    with pytest.raises(EventError, match="must get"):
        without.withdraw(fact.fact, on=AS_OF, recorded_at=moment(3))


def test_applying_by_itself_teaches_nothing(book: ar.Book) -> None:
    """Only a person teaches; nothing is learned in secret."""
    applied = book.apply_certain(as_of=AS_OF, recorded_at=moment(1))

    assert applied.book.facts(as_of=AS_OF) == ()


def test_what_a_person_undid_is_proposed_and_not_applied_again(book: ar.Book) -> None:
    """An undone match comes back as a proposal; a person may apply it under another name."""
    first = book.apply_certain(as_of=AS_OF, recorded_at=moment(1))
    (certain,) = first.proposals.certain
    (event,) = first.book.ledger.allocations_of("MIRA", certain.receipt)
    undone = first.book.record(
        first.book.ledger.unallocated(
            "MIRA",
            event.allocation.allocation,
            effective_on=dt.date(2026, 10, 31),
            recorded_at=moment(2),
        )
    )

    again = undone.apply_certain(as_of=AS_OF, recorded_at=moment(3))
    (proposal,) = (each for each in again.proposals if each.receipt == certain.receipt)
    confirmed = again.book.confirm([proposal], recorded_at=moment(4), by="A. Martin")
    (anew,) = confirmed.ledger.allocations_of("MIRA", certain.receipt)

    assert proposal.outcome is Outcome.PROPOSED
    assert again.book.ledger.allocations_of("MIRA", certain.receipt) == ()
    assert anew.allocation.allocation == f"match-{certain.receipt}-2"
