"""Requests of customers: waiting, overdue, answered."""

from __future__ import annotations

import pytest

from receivables.casework import CustomerRequest, RequestOutcome
from receivables.collection import (
    RequestPolicy,
    RequestState,
    open_requests,
    request_answered,
    request_standings,
)
from receivables.testing.builders import recorded

from .worlds import AS_OF, MIRA, day, ledger_of, request

STATES = [
    (0, {}, RequestState.WAITING, 0),
    (3, {}, RequestState.WAITING, 0),
    (4, {}, RequestState.OVERDUE, 1),
    (4, {"kind": "proof"}, RequestState.WAITING, 0),
    (4, {"answer_by": day(0)}, RequestState.WAITING, 0),
    (9, {"answer_by": day(7)}, RequestState.OVERDUE, 7),
]


def answered(name="R-1", *, days=0, outcome="done"):
    """The event of an answer so many days before the day."""
    return request_answered(
        CustomerRequest(request=name, customer="C-1", kind="duplicate"),
        outcome,
        creditor=MIRA,
        on=day(days),
        recorded_at=recorded(10),
    )


@pytest.mark.parametrize(("days", "fields", "state", "late"), STATES)
def test_a_request_waits_until_its_day(days, fields, state, late):
    """The day that it names itself comes before that of its kind."""
    (found,) = request_standings(ledger_of(request(days=days, **fields)), MIRA, as_of=AS_OF)

    assert (state, late, True) == (found.state, found.days_late, found.is_open)


def test_an_answer_ends_it():
    """The days late stop on the day of the answer."""
    ledger = ledger_of(request(days=10), answered(days=5, outcome="refused"))

    (found,) = request_standings(ledger, MIRA, as_of=AS_OF)

    assert (RequestState.ANSWERED, 2, day(5), RequestOutcome.REFUSED) == (
        found.state,
        found.days_late,
        found.answered_on,
        found.outcome,
    )
    assert () == open_requests(ledger, MIRA, as_of=AS_OF)
    assert 1 == len(open_requests(ledger, MIRA, as_of=day(6)))
    assert 1 == len(open_requests(ledger, MIRA, as_of=AS_OF, known_at=recorded(9)))
    assert () == request_standings(ledger, MIRA, as_of=day(11))


def test_what_is_due_first_comes_first():
    """By the day to answer, then by name."""
    ledger = ledger_of(
        request("R-1", days=1, kind="other"), request("R-3", days=2), request("R-2", days=2)
    )

    found = open_requests(ledger, MIRA, as_of=AS_OF)

    assert ["R-2", "R-3", "R-1"] == [one.request.request for one in found]


def test_a_policy_changes_the_day():
    """A duplicate may be due on the day itself."""
    policy = RequestPolicy(days={"duplicate": 0})

    (found,) = open_requests(ledger_of(request(days=1)), MIRA, as_of=AS_OF, policy=policy)

    assert (day(1), 1) == (found.answer_by, found.days_late)
