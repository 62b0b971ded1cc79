"""Ranking: reasons with their points, and an order that is one."""

from __future__ import annotations

import pytest

from receivables.casework import NonPaymentReason
from receivables.collection import (
    STANDARD,
    Barred,
    CashTable,
    DueMatter,
    RankBy,
    WorklistPolicy,
    WorkReasonKind,
    expected_minor,
    rank,
    reasons_of,
)
from receivables.errors import PolicyError

from .worlds import AS_OF, case, day, owing


def _kinds(found):
    return [(reason.kind.value, reason.points) for reason in found]


def _matter(kind, days, **given):
    return DueMatter(kind=WorkReasonKind(kind), on=day(days), **given)


MATTERS = [
    ("deadline", -61, None),
    ("deadline", -60, 10),
    ("deadline", -7, 40),
    ("deadline", 0, 60),
    ("deadline", 500, 60),
    ("promise-due", -1, None),
    ("promise-due", 0, 12),
    ("installment-due", 1, 15),
    ("next-action", 0, 15),
    ("request", 0, None),
    ("request", 1, 8),
    ("dispute", 15, 15),
]


@pytest.mark.parametrize(("kind", "days", "points"), MATTERS)
def test_a_matter_gives_points_by_its_day(kind, days, points):
    """What is not due yet gives none, unless its scale looks ahead."""
    found = reasons_of(case(overdue=(), matters=(_matter(kind, days),)), as_of=AS_OF)

    assert ([] if points is None else [(kind, points)]) == _kinds(found)


def test_the_most_pressing_matter_of_a_kind_speaks():
    """It is named, and the others that are due are counted."""
    matters = (
        _matter("request", 2, reference="R-2", text="proof"),
        _matter("request", 9, reference="R-1", text="duplicate"),
        _matter("request", -5, reference="R-3"),
    )

    (reason,) = reasons_of(case(overdue=(), matters=matters), as_of=AS_OF)

    assert ("R-1", "duplicate", 9, 2, 15) == (
        reason.reference,
        reason.text,
        reason.days,
        reason.count,
        reason.points,
    )


def test_an_amount_counts_in_the_currency_that_gives_most():
    """Amounts of different currencies are not added."""
    overdue = (owing(20_000, 5), owing(600_000, 3, currency="JPY"))

    found = {reason.kind: reason for reason in reasons_of(case(overdue=overdue), as_of=AS_OF)}

    assert ("JPY", 40) == (
        found[WorkReasonKind.AMOUNT].currency,
        found[WorkReasonKind.AMOUNT].points,
    )
    assert 5 == found[WorkReasonKind.AGE].days


def test_what_aggravates_puts_nobody_on_the_list():
    """Risk, broken promises and a used limit need something to be done."""
    worse = {"risk": "high", "broken_promises": 2, "limit_bps": 12_000}

    assert () == rank([case(overdue=(), **worse)], as_of=AS_OF).lines
    assert [("broken-promise", 25), ("risk", 20), ("age", 15), ("limit", 12), ("amount", 8)] == (
        _kinds(rank([case(**worse)], as_of=AS_OF).lines[0].reasons)
    )


def test_the_leading_reason_of_a_route_is_one_of_its_own():
    """A broken promise weighs most here, and the route asks about the dispute."""
    one = case(overdue=(), broken_promises=3, matters=(_matter("dispute", 3),))
    policy = WorklistPolicy(routes=[], default_role="clerk")

    (line,) = rank([one], policy=policy, as_of=AS_OF).lines

    assert (WorkReasonKind.BROKEN_PROMISE, "clerk") == (line.leading.kind, line.role)


def test_a_line_goes_to_the_owner_of_its_role():
    """Then to whom the policy names for the role, then to nobody."""
    policy = WorklistPolicy(people={"collector": "pool"})
    owned = case("C-1", owners=(("salesperson", "m.diaz"), ("collector", "j.roy")))

    found = rank([owned, case("C-2")], policy=policy, as_of=AS_OF)

    assert ["j.roy", "pool"] == [line.person for line in found]
    assert "" == rank([case()], as_of=AS_OF).lines[0].person


def test_equals_go_to_the_one_contacted_least_recently():
    """Then to the older amount, then by name: nobody is last for its name alone."""
    cases = [
        case("C-1", last_contact_on=day(1)),
        case("C-2", last_contact_on=day(20)),
        case("C-3"),
        case("C-4", overdue=(owing(120_000, 46),)),
        case("C-5"),
    ]

    found = rank(cases, as_of=AS_OF)

    assert ["C-4", "C-3", "C-5", "C-2", "C-1"] == [line.customer for line in found]
    assert [1, 2, 3, 4, 5] == [line.place for line in found]


BARS = [
    (Barred(reason="quiet week", again_on=day(-3)), False),
    (Barred(reason="lawyer"), False),
    (Barred(reason="quiet week", again_on=day(0)), True),
    (None, True),
]


@pytest.mark.parametrize(("barred", "allowed"), BARS)
def test_a_bar_holds_until_its_day(barred, allowed):
    """A customer that may not be contacted keeps its place on the list."""
    (line,) = rank([case(barred=barred)], as_of=AS_OF).lines

    assert allowed is line.may_contact


def test_by_cash_a_minute_counts_what_it_brings():
    """A large amount with a poor chance and a long talk may bring less than a small one."""
    cases = [
        case("C-1", overdue=(owing(300_000, 45),), last_reason=NonPaymentReason.CANNOT_PAY),
        case("C-2", overdue=(owing(100_000, 5),), last_reason=NonPaymentReason.WILL_PAY),
    ]

    by_points = rank(cases, as_of=AS_OF)
    by_cash = rank(cases, as_of=AS_OF, by="cash-per-minute")

    assert ["C-1", "C-2"] == [line.customer for line in by_points]
    assert [("C-2", 7_500), ("C-1", 1_800)] == [
        (line.customer, line.gain_per_minute) for line in by_cash
    ]
    assert RankBy.CASH_PER_MINUTE is by_cash.by


def test_promised_money_that_is_due_counts_for_cash():
    """A call on the day of a promise secures it; one weeks before brings nothing."""
    due = {"currency": "EUR", "amount_minor": 10_000}
    today, later = (_matter("promise-due", days, **due) for days in (0, -5))

    assert {"EUR": 5_000} == expected_minor(case(overdue=(), matters=(today, later)), as_of=AS_OF)


def test_several_currencies_need_their_worth():
    """Cash of two currencies compares by the table, and not at par."""
    cases = [
        case("C-1", overdue=(owing(100_000, 1),)),
        case("C-2", overdue=(owing(120_000, 1, currency="JPY"),)),
    ]
    table = CashTable(worth_ppm={"EUR": 1_000_000, "JPY": 6_000})

    with pytest.raises(PolicyError, match=r"worth_ppm must name every currency.*EUR, JPY"):
        rank(cases, as_of=AS_OF, by="cash-per-minute")
    found = rank(cases, policy=WorklistPolicy(cash=table), as_of=AS_OF, by="cash-per-minute")
    assert [("C-1", 5_000), ("C-2", 3_600)] == [
        (line.customer, line.gain_per_minute) for line in found
    ]


def test_an_unknown_ranking_is_refused():
    """The rankings are named."""
    with pytest.raises(PolicyError, match="by must be one of points, cash-per-minute, got 'luck'"):
        rank([], policy=STANDARD, as_of=AS_OF, by="luck")


def test_a_day_is_a_date():
    """Text is no day here."""
    with pytest.raises(PolicyError, match="as_of must be a date"):
        rank([], as_of="2026-10-31")
