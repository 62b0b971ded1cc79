"""Which records are to be looked through again."""

import datetime as dt

import attrs
import pytest

from receivables.customers import (
    CustomerReviewed,
    RecordReviewPolicy,
    RecordReviewReason,
    record_reviews_due,
)
from receivables.errors import PolicyError


@pytest.fixture
def reviewed(register, at):
    """The register with a review on a day."""

    def _reviewed(day, other=None):
        entry = CustomerReviewed(customer="C-017", on=day, by="A. Ito", at=at(10))
        return (other or register).record(entry)

    return _reviewed


def _due(register, day, **values):
    return [(one.due_on, one.reasons) for one in record_reviews_due(register, as_of=day, **values)]


def test_a_record_that_nobody_looked_at_is_due_after_its_first_days(register):
    """The first year passes, then somebody has to look."""
    assert _due(register, dt.date(2026, 12, 31)) == []
    assert _due(register, dt.date(2027, 1, 1)) == [
        (dt.date(2027, 1, 1), (RecordReviewReason.NEVER_REVIEWED,))
    ]


@pytest.mark.parametrize(
    ("risk", "day"), [("high", (2027, 5, 30)), ("low", (2028, 11, 30)), ("?", (2028, 11, 30))]
)
def test_how_often_depends_on_the_risk(reviewed, risk, day):
    """A riskier customer is looked at more often; a class that is not known counts as any other."""
    register = reviewed(dt.date(2026, 11, 30))
    due = dt.date(*day)

    assert _due(register, due - dt.timedelta(days=1), risks={"C-017": risk}) == []
    assert _due(register, due, risks={"C-017": risk}) == [(due, (RecordReviewReason.AGE,))]


def test_a_change_that_matters_asks_for_a_review(register, reviewed, norte, propose, at):
    """Thirty days after an address changed, somebody looks through the record."""
    register = reviewed(dt.date(2026, 11, 30), None)
    moved = attrs.evolve(norte, address=attrs.evolve(norte.address, city="Getxo"))
    register = propose(register, moved, minute=11)
    register = register.approve("P-1", by="L. Roy", at=at(12)).approve(
        "P-1", by="A. Ito", at=at(13)
    )

    assert _due(register, dt.date(2026, 12, 31)) == [
        (dt.date(2026, 12, 31), (RecordReviewReason.CHANGE,))
    ]


def test_an_incomplete_record_is_due_at_once(reviewed):
    """Below a score nobody waits for the years to pass."""
    register = reviewed(dt.date(2026, 11, 30))
    day = dt.date(2026, 12, 1)
    policy = RecordReviewPolicy(score_min=101)

    assert _due(register, day, policy=policy) == [(day, (RecordReviewReason.INCOMPLETE,))]


def test_a_review_that_was_not_known_yet_does_not_count(reviewed, at):
    """As known before it was recorded, a record was still due."""
    register = reviewed(dt.date(2026, 11, 30))
    found = record_reviews_due(register, as_of=dt.date(2027, 1, 1), known_at=at(9))

    assert [one.last_review for one in found] == [None]


@pytest.mark.parametrize(
    "table", [{"months": {"high": 0}}, {"first-days": -1}, {"changes": "name"}, {"x": 1}], ids=str
)
def test_policies_are_refused(table):
    """Months are whole and more than none."""
    with pytest.raises(PolicyError):
        RecordReviewPolicy.from_table(table)
