"""Every customer with credit has a next review, and what happens brings it forward."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.casework import Insolvency
from receivables.casework.credit import CreditLimit, CreditReview, ExternalScore
from receivables.casework.financials import FinancialStatement
from receivables.credit.recording import (
    credit_reviewed,
    financials_received,
    financials_withdrawn,
    insolvency_ended,
    insolvency_reported,
    limit_ended,
    limit_granted,
    score_received,
    score_withdrawn,
)
from receivables.credit.reviewing import (
    ReviewPolicy,
    ReviewReasonKind,
    ReviewState,
    ReviewTriggered,
    review_calendar,
)
from receivables.credit.suspensions import review_triggers
from receivables.errors import PolicyError
from receivables.ledger import Ledger
from receivables.money import money
from receivables.testing.builders import a_receipt, a_return, received, recorded

AS_OF = dt.date(2026, 10, 31)
POLICY = ReviewPolicy(
    months={"A": 12, "C": 6, "*": 9}, sizes={"EUR": [(100_000, 6), (1_000_000, 3)]}
)


def day(days):
    """The day so many days before the day of the tests."""
    return AS_OF - dt.timedelta(days=days)


def _event(build, value, days, minute=0, **fields):
    return build(value, creditor="MIRA", on=day(days), recorded_at=recorded(minute), **fields)


def _limit(name="L-1", amount="5000.00", **fields):
    return CreditLimit(limit=name, customer="C-1", amount=money(amount, "EUR"), **fields)


def _review(name="R-1", risk_class="A", **fields):
    return CreditReview(review=name, customer="C-1", action="keep", risk_class=risk_class, **fields)


def _calendar(*events, **fields):
    fields = {"policy": POLICY, "as_of": AS_OF, "states": tuple(ReviewState), **fields}
    ledger = Ledger.replay(sorted(events, key=lambda event: event.recorded_at))
    return review_calendar(ledger, "MIRA", **fields)


def _next(*events, **fields):
    (due,) = _calendar(*events, **fields)
    return due.due_on, due.state.value, due.reasons[0].kind.value


@pytest.mark.parametrize(
    ("risk_class", "amount", "expected"),
    [
        ("A", "5000.00", dt.date(2027, 8, 1)),
        ("C", "5000.00", dt.date(2027, 2, 1)),
        ("B", "5000.00", dt.date(2027, 5, 1)),
        ("A", "100000.00", dt.date(2027, 2, 1)),
        ("A", "1000000.00", dt.date(2026, 11, 1)),
        ("C", "1000000.00", dt.date(2026, 11, 1)),
    ],
)
def test_interval_by_class_and_size(risk_class, amount, expected):
    """Months are counted from the last review; of class and size the shorter counts."""
    events = [
        _event(limit_granted, _limit(amount=amount), 400),
        _event(credit_reviewed, _review(risk_class=risk_class), 91, 1),
    ]

    assert (expected, "interval") == _next(*events)[::2]


def test_exposure_counts_where_it_is_more_than_the_limit():
    """Who owes a million is reviewed as who may."""
    events = [
        _event(limit_granted, _limit(), 400),
        _event(credit_reviewed, _review(), 91, 1),
    ]

    found = _next(*events, exposures={"C-1": money("1000000.00", "EUR")})

    assert (dt.date(2026, 11, 1), "coming", "interval") == found


def test_a_limit_without_a_review():
    """It is counted from the first limit; who owes without either is due at once."""
    granted = _event(limit_granted, _limit(), 200)
    owed = {"C-2": money("10.00", "EUR"), "C-3": money("0.00", "EUR")}

    (first, second) = _calendar(granted, exposures=owed)

    assert ("C-2", AS_OF, ReviewState.DUE) == (first.customer, first.due_on, first.state)
    assert ("C-1", dt.date(2027, 1, 14)) == (second.customer, second.due_on)
    assert ReviewReasonKind.NEVER_REVIEWED is second.reasons[0].kind
    lax = attrs.evolve(POLICY, reviews_without_limit=False)
    assert ["C-1"] == [one.customer for one in _calendar(granted, exposures=owed, policy=lax)]


def test_the_appointed_day_takes_the_place_of_the_interval():
    """The day that the last review named counts, and not the months."""
    review = _event(credit_reviewed, _review(next_on=day(-300)), 1)

    assert (day(-300), "later", "appointed") == _next(review)


@pytest.mark.parametrize(
    ("late", "state"),
    [(15, "overdue"), (14, "due"), (0, "due"), (-1, "coming"), (-30, "coming"), (-31, "later")],
)
def test_states(late, state):
    """Overdue after the days of grace, coming within those of the policy."""
    review = _event(credit_reviewed, _review(next_on=day(late)), 300)

    assert state == _next(review)[1]


def test_later_reviews_are_left_out_unless_asked_for():
    """A calendar holds what is overdue, due and coming."""
    review = _event(credit_reviewed, _review(next_on=day(-31)), 300)

    assert () == _calendar(
        review, states=(ReviewState.OVERDUE, ReviewState.DUE, ReviewState.COMING)
    )


def _statement(name, year):
    return FinancialStatement(
        financials=name, customer="C-1", currency="EUR", period_end=dt.date(year, 6, 30)
    )


def test_a_statement_that_grows_old():
    """Eighteen months after the last year there are figures of; a withdrawn one does not count."""
    review = _event(credit_reviewed, _review(), 10)
    events = [
        _event(financials_received, _statement("F-1", 2025), 20, 1),
        _event(financials_received, _statement("F-2", 2026), 15, 2),
        _event(financials_withdrawn, _statement("F-2", 2026), 5, 3),
    ]

    assert (dt.date(2026, 12, 30), "statement-old") == _next(review, *events)[::2]
    no_rule = attrs.evolve(POLICY, statement_months=None)
    assert "interval" == _next(review, *events, policy=no_rule)[2]


def test_a_review_has_seen_that_the_statement_is_old():
    """What was too old already when the review was held does not ask for another one."""
    old = _event(financials_received, _statement("F-1", 2020), 20)

    assert "interval" == _next(old, _event(credit_reviewed, _review(), 10, 1))[2]
    before = _event(credit_reviewed, _review(next_on=day(-300)), 1_900, 1)
    assert "statement-old" == _next(old, before)[2]


@pytest.mark.parametrize("kind", ["temporary", "insured", "own"])
def test_a_limit_that_ends(kind):
    """Thirty days before the last day of a limit, whatever it rests on, and still after it."""
    review = _event(credit_reviewed, _review(), 100)
    coming = _limit("T-1", kind=kind, until=day(-40))
    past = _limit("T-1", kind=kind, until=day(10))

    assert (day(-10), "coming", "limit-ends") == _next(review, _event(limit_granted, coming, 50, 1))
    assert (day(40), "overdue", "limit-ends") == _next(review, _event(limit_granted, past, 50, 1))
    later = _event(credit_reviewed, _review("R-2"), 5, 2)
    assert "interval" == _next(review, _event(limit_granted, past, 50, 1), later)[2]


def test_a_cover_that_is_renewed_does_not_end():
    """Another limit under the same insurance takes its place."""
    review = _event(credit_reviewed, _review(), 100)
    first = _limit("I-1", kind="insured", policy="EH", until=day(-40))
    second = _limit("I-2", kind="insured", policy="EH", since=day(-39))

    events = [_event(limit_granted, first, 50, 1), _event(limit_granted, second, 20, 2)]

    assert "interval" == _next(review, *events)[2]


def test_a_cover_that_is_taken_back():
    """An insurer's limit that ends before its day asks for a review the same day; our own does not."""
    review = _event(credit_reviewed, _review(), 100)
    insured, own = _limit("I-1", kind="insured"), _limit("L-1")

    events = [
        review,
        _event(limit_granted, insured, 50, 1),
        _event(limit_granted, own, 50, 2),
        _event(limit_ended, own, 20, 3),
        _event(limit_ended, insured, 10, 4, reason="withdrawn"),
    ]

    assert (day(10), "due", "limit-ended") == _next(*events)


def test_a_score_that_is_valid_no_longer():
    """The last score of a source counts; an older one that ends, or one withdrawn, is no news."""
    review = _event(credit_reviewed, _review(), 100)

    def score(name, rated, until):
        return ExternalScore(
            score=name,
            customer="C-1",
            source="paydex",
            value="70",
            rated_on=day(rated),
            valid_until=day(until),
        )

    old, new = score("S-1", 90, -5), score("S-2", 60, -35)
    events = [_event(score_received, old, 90, 1), _event(score_received, new, 60, 2)]

    assert (day(-5), "score-ends") == _next(review, *events)[::2]
    assert (
        "interval"
        == _next(
            review,
            _event(score_received, new, 60, 2),
            _event(score_withdrawn, new, 50, 3),
        )[2]
    )


def test_proceedings_ask_for_a_review():
    """On the day that we learn of them, until they are over or a review was held."""
    opened = Insolvency(insolvency="I-1", customer="C-1", kind="liquidation", opened_on=day(30))
    review = _event(credit_reviewed, _review(), 100)
    reported = _event(insolvency_reported, opened, 20, 1)

    assert (day(20), "overdue", "insolvency") == _next(review, reported)
    assert "interval" == _next(review, reported, _event(insolvency_ended, opened, 10, 2))[2]
    later = _event(credit_reviewed, _review("R-2"), 20, 2)
    assert "interval" == _next(review, reported, later)[2]
    earlier = _event(credit_reviewed, _review("R-2"), 20, 0)
    assert "insolvency" == _next(earlier, reported)[2]


def test_what_others_saw_counts_since_the_last_review():
    """A trigger after the review counts, one before it or after the day does not."""
    review = _event(credit_reviewed, _review(), 100)
    triggers = [
        ReviewTriggered(customer="C-1", kind="returned-payment", on=day(7), reference="R-9"),
        ReviewTriggered(customer="C-1", kind="broken-promise", on=day(101)),
        ReviewTriggered(customer="C-1", kind="limit-exceeded", on=day(-1)),
        ReviewTriggered(customer="C-4", kind="rumour", on=day(3)),
    ]

    (first, second) = _calendar(review, triggers=triggers)

    assert ("C-1", day(7), ["returned-payment", "interval"]) == (
        first.customer,
        first.due_on,
        [one.kind.value for one in first.reasons],
    )
    assert ("C-4", ReviewReasonKind.OTHER) == (second.customer, second.reasons[0].kind)
    deaf = attrs.evolve(POLICY, triggers=["broken-promise"])
    assert ["C-1"] == [one.customer for one in _calendar(review, triggers=triggers, policy=deaf)]


def test_a_returned_payment_of_the_ledger_asks_for_a_review():
    """What the ledger says of returned payments comes in as a trigger."""
    receipt = a_receipt("R-9", customer="C-1", booking_date=day(20))
    ledger = Ledger.replay(
        [
            _event(credit_reviewed, _review(), 100),
            received(receipt),
            a_return("R-9", customer="C-1", effective_on=day(7)),
        ]
    )

    triggers = review_triggers(ledger, "MIRA", as_of=AS_OF)
    (due,) = review_calendar(ledger, "MIRA", as_of=AS_OF, triggers=triggers)

    assert (day(7), ReviewReasonKind.RETURNED_PAYMENT) == (due.due_on, due.reasons[0].kind)


def test_nothing_looks_ahead():
    """A review of tomorrow, or one recorded later, changes nothing of today."""
    events = [
        _event(limit_granted, _limit(), 400),
        _event(credit_reviewed, _review("R-2"), -1, 5),
        _event(credit_reviewed, _review("R-3"), 3, 9),
    ]

    asked = {"known_at": recorded(8)}

    assert "never-reviewed" == _next(*events, **asked)[2]
    assert "interval" == _next(*events)[2]


@given(days=st.integers(0, 2_000), more=st.integers(0, 2_000))
def test_a_later_review_is_never_due_earlier(days, more):
    """The longer ago the review, the sooner the next."""
    later = _next(_event(credit_reviewed, _review(), days))[0]
    earlier = _next(_event(credit_reviewed, _review(), days + more))[0]

    assert earlier <= later


def test_class_that_is_given_counts():
    """A class of today takes the place of that of the last review."""
    review = _event(credit_reviewed, _review(), 91)

    (due,) = _calendar(review, classes={"C-1": "C"})

    assert ("C", dt.date(2027, 2, 1)) == (due.risk_class, due.due_on)


def test_a_policy_without_an_interval_has_only_what_happens():
    """A class without months is reviewed when something happens."""
    review = _event(credit_reviewed, _review(), 91)

    assert () == _calendar(review, policy=ReviewPolicy(months={"Z": 12}))


REFUSED = [
    ({"months": {"A": 0}}, "months of A must be 1 to 120"),
    ({"months": {"A": 1.5}}, "months of A"),
    ({"sizes": {"EUR": [[100, 6], [50, 3]]}}, "sizes of EUR must rise"),
    ({"sizes": {"EUR": [[50, 3], [100, 6]]}}, "sizes of EUR must rise"),
    ({"sizes": {"EURO": [[50, 3]]}}, "EURO"),
    ({"sizes": {"EUR": [[50]]}}, "house must hold a policy"),
    ({"grace-days": -1}, "grace_days must be 0 to 999"),
    ({"statement-months": 0}, "statement_months must be 1 to 120"),
    ({"triggers": ["interval"]}, "triggers must be things that happen, got interval"),
    ({"triggers": ["rumour"]}, "triggers must be among"),
    ({"triggers": "insolvency"}, "triggers must be a list"),
    ({"monhts": {}}, "keys of house must be among"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_policies_that_cannot_be_are_refused(table, words):
    """The message names what is wrong."""
    with pytest.raises(PolicyError, match=words):
        ReviewPolicy.from_table(table, name="house")
