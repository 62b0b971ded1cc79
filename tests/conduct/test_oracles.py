"""Every published or derived case about conduct comes out as it stands beside the checkout."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.allocation import allocation_order
from receivables.conduct import (
    ConductPolicy,
    check,
    in_default_from,
    limitation,
    undisputed,
    validation_period,
)
from receivables.days import BusinessCalendar
from receivables.testing.builders import an_open_item

from .worlds import AGREED, a_quebecer, an_american, calls, day, logged, planned, spoke

_WEEK = {"Mon": 2, "Tue": 3, "Wed": 4, "Thu": 5, "Fri": 6, "Sat": 7, "Sun": 8, "holiday": 4}
"""A day of November 2026 for each day of the week; the holiday is a Wednesday."""

_TESTED = {
    "regf-8-in-7-violation",
    "regf-prior-consent",
    "regf-callback-monday",
    "regf-consent-consumed",
    "regf-busy-signal",
    "regf-voicemail",
    "regf-allocation-disputed",
    "fr-allocation-tie-prorata",
    "fr-allocation-interest-first",
    "de-default-30d",
}
_FAMILIES = ("regf-hours-", "qc-hours-", "regf-validation-", "fr-prescription-")


def _ask(contact, history=()):
    return check(contact, history=history, customer=an_american(), facts=AGREED)


def test_each_case_has_its_test(cases):
    """No case stands beside the checkout that is not asked here."""
    assert [] == [one for one in cases if one not in _TESTED and not one.startswith(_FAMILIES)]


def test_the_eighth_call_in_seven_days(cases):
    """Comment 14(b)(2)(ii)-1.i: eight calls from Wednesday to Tuesday are presumed too many."""
    case = cases["regf-8-in-7-violation"]
    *before, last = case["inputs"]["calls"]

    found = _ask(planned(last), calls(before))

    assert (False, True) == (found.allowed, found.is_presumed_violation)
    assert "us.seven-in-seven" in spoke(found)
    (seen,) = [one for one in found.proof.evidence if one.rule == "us.seven-in-seven"]
    assert case["expected"]["count"] == len(seen.counted) + 1


def test_calls_with_prior_consent(cases):
    """Comment 14(b)(3)(i)-3.iii: what is called with consent, from its own day on, is not counted."""
    case = cases["regf-prior-consent"]
    given = day(case["inputs"]["consent"])
    asked = logged(
        given,
        "K-consent",
        channel="email",
        direction="inbound",
        outcome="delivered",
        wishes=["call-back"],
        consent_until=given + dt.timedelta(days=30),
    )
    first, last = map(day, case["inputs"]["calls_between"])
    days = [first, first, first, first + dt.timedelta(days=1), last, last, last, last]
    assert case["inputs"]["n"] == len(days)
    history = [asked, *calls(days)]

    found = _ask(planned(case["expected"]["consent_window_end"]), history)
    (seen,) = [one for one in found.proof.evidence if one.rule == "us.seven-in-seven"]
    assert (True, case["expected"]["counted"]) == (found.allowed, len(seen.counted))
    assert day(case["expected"]["consent_window_end"]) == seen.consent_until

    after = day(case["expected"]["first_counted_day"])
    later = _ask(planned(after + dt.timedelta(days=1)), [*history, logged(after, "K-after")])
    (seen,) = [one for one in later.proof.evidence if one.rule == "us.seven-in-seven"]
    assert ["K-after"] == [one.contact for one in seen.counted]


def test_a_call_back_that_was_asked_for(cases):
    """Comment 14(b)(3)(i)-3.i: who says on Friday to call on Monday may be called on Monday."""
    case = cases["regf-callback-monday"]
    friday = logged(
        case["inputs"]["conversation"],
        outcome="reached",
        wishes=["call-back"],
        consent_until=day(case["inputs"]["call"]),
    )

    found = _ask(planned(case["inputs"]["call"]), [friday])

    assert case["expected"]["allowed"] is found.allowed


def test_a_consent_is_used_up_by_its_conversation(cases):
    """Comment 14(b)(3)(i)-3.ii: after the conversation a new consent is needed."""
    case = cases["regf-consent-consumed"]
    friday = logged(
        "2026-04-03",
        "K-1",
        outcome="reached",
        wishes=["call-back"],
        consent_until=dt.date(2026, 4, 9),
    )
    monday = logged(case["inputs"]["conversation"], "K-2", outcome="reached")

    found = _ask(planned(case["inputs"]["call"]), [friday, monday])

    assert case["expected"]["presumed"] == "violation"
    assert (True, ["us.after-conversation"]) == (found.is_presumed_violation, spoke(found))


@pytest.mark.parametrize(
    ("name", "outcome"), [("regf-busy-signal", "not-connected"), ("regf-voicemail", "no-answer")]
)
def test_what_counts_as_a_call(name, outcome, cases):
    """14(b)(3)(ii): a number that was not reached is no call; a voicemail without words is one."""
    history = calls(["2026-04-06"] * 7, outcome=outcome)

    found = _ask(planned("2026-04-07"), history)

    assert cases[name]["expected"]["counts"] is not found.allowed


@pytest.mark.parametrize("channel", ["phone", "text-message", "email"])
def test_the_hours_of_regulation_f(channel, cases):
    """1006.6(b)(1)(i): from 8:00 to 21:00, both included, whatever the channel."""
    for name, case in cases.items():
        if name.startswith("regf-hours-"):
            at = planned("2026-04-07", channel=channel, local_time=case["inputs"]["local_time"])
            assert case["expected"]["convenient"] is _ask(at).allowed, name


def test_the_hours_of_quebec(cases):
    """R-2.2, s. 34(4): from 8:00 to 20:00, neither on Sundays nor on holidays."""
    holiday = dt.date(2026, 11, 4)
    for name, case in cases.items():
        if not name.startswith("qc-hours-"):
            continue
        weekday = case["inputs"]["day"]
        calendar = BusinessCalendar(holidays=[holiday] if weekday == "holiday" else [])
        at = planned(dt.date(2026, 11, _WEEK[weekday]), local_time=case["inputs"]["local_time"])

        found = check(
            at,
            history=(),
            customer=a_quebecer(),
            facts=AGREED,
            policy=ConductPolicy(calendar=calendar),
        )

        assert case["expected"]["allowed"] is found.allowed, name


def test_validation_periods(cases):
    """1006.34(b)(5): receipt five business days after sending, and thirty days more."""
    for name, case in cases.items():
        if name.startswith("regf-validation-"):
            calendar = BusinessCalendar(holidays=list(map(day, case["inputs"]["holidays"])))
            found = validation_period(day(case["inputs"]["sent"]), calendar=calendar)
            expected = case["expected"]
            assert day(expected["earliest_assumed_receipt"]) == found.assumed_receipt, name
            assert day(expected["validation_end"]) == found.end, name


def test_prescription_in_france(cases):
    """C. civ. 2224 and C. conso. L218-2, counted from date to date."""
    debtors = {"professional": "business", "consumer": "consumer"}
    for name, case in cases.items():
        if name.startswith("fr-prescription-"):
            found = limitation(
                day(case["inputs"]["right_known"]),
                jurisdiction="france",
                debtor=debtors[case["inputs"]["debtor"]],
            )
            assert day(case["expected"]["prescribed_after"]) == found.last_day, name
            assert not found.is_barred(as_of=found.last_day)
            assert found.is_barred(as_of=found.last_day + dt.timedelta(days=1))


def test_default_after_thirty_days(cases):
    """BGB § 286 (3): not paid within thirty days of due date and invoice."""
    inputs = cases["de-default-30d"]["inputs"]
    due = day(inputs["due_and_invoice_received"])

    found = in_default_from(
        due, invoice_received=due, calendar_due_date=inputs["calendar_due_date"]
    )

    assert day(cases["de-default-30d"]["expected"]["in_default_from"]) == found


def test_equal_debts_share_a_payment(cases):
    """C. civ. 1342-10: all else equal, in proportion."""
    case = cases["fr-allocation-tie-prorata"]
    items = [
        an_open_item(one["id"], amount=one["amount"], due_date=day(one["due"]))
        for one in case["inputs"]["debts"]
    ]

    parts = _parts("french-law", case["inputs"]["payment"], items)

    expected = case["expected"]["allocated"]
    assert [_minor(expected[item.item]) for item in items] == parts


def test_interest_before_principal(cases):
    """C. civ. 1343-1: a part payment pays interest first; the fee's place is not said."""
    case = cases["fr-allocation-interest-first"]
    due = dt.date(2026, 4, 1)
    amounts = {
        "goods": case["inputs"]["principal"],
        "late-interest": case["inputs"]["accrued_interest"],
        "compensation": case["inputs"]["fixed_fee"],
    }
    items = [
        an_open_item(f"F-{category}", amount=amount, due_date=due, category=category)
        for category, amount in amounts.items()
    ]

    goods, interest, fee = _parts("french-law", case["inputs"]["payment"], items)

    assert _minor(case["expected"]["interest"]) == interest
    assert _minor(case["expected"]["remaining_to_fee_or_principal"]) == goods + fee


def test_no_payment_for_what_is_disputed(cases):
    """12 CFR 1006.30(c)(1): one payment for several debts goes to none that is disputed."""
    case = cases["regf-allocation-disputed"]
    debts = case["inputs"]["debts"]
    items = [an_open_item(one["id"], amount="50.00") for one in debts]
    disputed = [one["id"] for one in debts if one["disputed"]]

    payable = undisputed(items, disputed=disputed)
    parts = dict(
        zip(
            [item.item for item in payable],
            _parts("oldest-due", case["inputs"]["payment"], payable),
            strict=True,
        )
    )

    expected = {one: _minor(amount) for one, amount in case["expected"]["allocated"].items()}
    assert expected == {item.item: parts.get(item.item, 0) for item in items}


def _minor(amount):
    return int(Decimal(amount) * 100)


def _parts(order, payment, items):
    return list(allocation_order(order).parts(_minor(payment), items, as_of=dt.date(2026, 10, 31)))
