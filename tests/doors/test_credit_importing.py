"""Credit information on its way into a ledger: once, from its own day, and never half."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from receivables.casework import CreditLimit, ExternalScore, FinancialStatement, Insolvency
from receivables.credit.limits import limits_in_force
from receivables.credit.model import Commitment
from receivables.credit_importing import CreditImported, import_credit
from receivables.ledger import Ledger
from receivables.money import money

MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
LATER = MOMENT + dt.timedelta(days=1)

LIMIT = CreditLimit(
    limit="L-1", customer="C-1", amount=money("500.00", "EUR"), since=dt.date(2026, 7, 1)
)
SCORE = ExternalScore(
    score="S-1",
    customer="C-1",
    source="creditsafe",
    value="72",
    points=72,
    rated_on=dt.date(2026, 9, 9),
)
STATEMENT = FinancialStatement(
    financials="B-1",
    customer="C-1",
    currency="EUR",
    period_end=dt.date(2025, 12, 31),
    total_assets=1000,
)
INSOLVENCY = Insolvency(
    insolvency="I-1", customer="C-2", kind="liquidation", opened_on=dt.date(2026, 10, 5)
)
ORDER = Commitment(commitment="SO-1", customer="C-1", kind="orders", amount=money("300.00", "EUR"))
RECORDS: tuple[Any, ...] = (LIMIT, SCORE, STATEMENT, INSOLVENCY, ORDER)


def imported(
    *records: Any, ledger: Ledger | None = None, at: dt.datetime = MOMENT
) -> CreditImported:  # records of any kind
    """The records in a ledger."""
    return import_credit(records, creditor="MIRA", ledger=ledger or Ledger(), recorded_at=at)


def test_each_kind_counts_from_its_own_day() -> None:
    """A limit counts from its first day, a score from when it was given, a statement from today."""
    done = imported(*RECORDS)
    days = {event.subject: event.effective_on for event in done.ledger.events}

    assert (done.added, done.known, done.problems) == (4, 0, ())
    assert days == {
        "limit": dt.date(2026, 7, 1),
        "score": dt.date(2026, 9, 9),
        "financials": MOMENT.date(),
        "insolvency": dt.date(2026, 10, 5),
    }


def test_commitments_stand_beside_the_ledger() -> None:
    """An order is no event: it is gone when its file no longer has it."""
    assert imported(ORDER).commitments == (ORDER,)
    assert imported(ORDER).ledger.events == ()


def test_what_was_read_before_changes_nothing() -> None:
    """The same files on another day add nothing, whatever their order."""
    first = imported(*RECORDS)
    second = imported(*reversed(RECORDS), ledger=first.ledger, at=LATER)

    assert (second.added, second.known, second.problems) == (0, 4, ())
    assert second.ledger.events == first.ledger.events


def test_a_file_may_say_a_thing_twice() -> None:
    """A record that comes twice counts once, and so does an order."""
    done = imported(*RECORDS, *RECORDS)

    assert (done.added, done.known, done.problems) == (4, 4, ())
    assert done.commitments == (ORDER,)


CHANGED = {
    "limit": attrs.evolve(LIMIT, amount=money("900.00", "EUR")),
    "score": attrs.evolve(SCORE, value="12", points=12),
    "financials": attrs.evolve(STATEMENT, total_assets=1),
    "insolvency": attrs.evolve(INSOLVENCY, kind="safeguard"),
    "order": attrs.evolve(ORDER, amount=money("900.00", "EUR")),
}


@pytest.mark.parametrize("record", CHANGED.values(), ids=CHANGED)
def test_something_else_under_a_known_name_is_a_problem(record: object) -> None:
    """What was recorded stays, the problem names whose it is, and the others go on."""
    done = imported(*RECORDS, record)
    (problem,) = done.problems

    assert (problem.code, problem.is_error) == ("event.refused", True)
    assert record.customer in str(problem)  # type: ignore[attr-defined]  # every record here has one
    assert (done.added, done.commitments) == (4, (ORDER,))


def test_a_limit_of_a_group_is_named_by_its_group() -> None:
    """A problem with a limit of nobody's own says which group it is for."""
    limit = CreditLimit(limit="L-2", group="HARFANG", amount=money("1.00", "EUR"))
    done = imported(limit, attrs.evolve(limit, amount=money("2.00", "EUR")))

    assert "HARFANG" in str(done.problems[0])


def test_a_limit_does_not_count_before_it_was_known() -> None:
    """A limit that was read today is not seen by whoever asks what was known yesterday."""
    ledger = imported(LIMIT).ledger
    day = dt.date(2026, 10, 31)

    assert limits_in_force(ledger, "MIRA", as_of=day) == (LIMIT,)
    assert limits_in_force(ledger, "MIRA", as_of=day, known_at=MOMENT - dt.timedelta(1)) == ()
