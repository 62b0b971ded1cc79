"""Credit insurance: what is insured, which days it sets, what it pays."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework import Insolvency
from receivables.casework.credit import LimitKind
from receivables.casework.losses import InsurerNoticeKind
from receivables.casework.referrals import ReferralKind
from receivables.collection import DeadlineKind
from receivables.credit.claiming import indemnity_steps, insurance_claim, overdue_notice
from receivables.credit.insurance import (
    CoverGap,
    InsurancePolicy,
    InsuranceStep,
    InsuredItem,
    StepState,
    cover_stopped,
    deadlines_of,
    discretionary_limit,
    insurance_deadlines,
    insured_items,
    worklist_deadlines,
)
from receivables.credit.recording import (
    insolvency_reported,
    insurer_notified,
    limit_ended,
    limit_granted,
)
from receivables.errors import CurrencyMismatchError, DocumentError, MissingRateError, PolicyError
from receivables.ledger import DueDateChanged, Ledger, Referred
from receivables.money import from_minor, money
from receivables.testing.builders import a_customer, an_invoice, an_open_item, issued, recorded

from .exposure_worlds import DAY, RATES, a_limit

TABLE = {
    "number": "EH-1",
    "insurer": "Assureur",
    "currency": "EUR",
    "insured-bps": 9_000,
    "extension-days": 60,
    "notify-days": 30,
    "claim-days": 150,
}
JUNE, AUGUST = dt.date(2026, 6, 30), dt.date(2026, 8, 31)


def a_policy(**given):
    return attrs.evolve(InsurancePolicy.from_table(TABLE), **given)


def an_insured_limit(amount_minor=100_000, **given):
    values = {"kind": "insured", "policy": "EH-1", "customer": "C-017", **given}
    return a_limit("AG-1", amount_minor, **values)


def a_book(*invoices, limit=None):
    """A ledger with an insured limit since January, and invoices by number, day, due date, total."""
    granted = limit_granted(
        limit or an_insured_limit(),
        creditor="MIRA",
        on=dt.date(2026, 1, 1),
        recorded_at=recorded(0),
    )
    return Ledger().record(
        granted,
        *(
            issued(an_invoice(number, document_date=day, due_date=due, total=total), minute=1)
            for number, day, due, total in invoices
        ),
    )


LATE = ("F-1", JUNE, AUGUST, "800.00")


def found_in(ledger, policy=None, **given):
    asked = {"as_of": DAY, **given}
    return insured_items(ledger, "MIRA", policy or a_policy(), **asked)


def days_in(ledger, policy=None, **given):
    asked = {"as_of": DAY, **given}
    return {
        one.step: one for one in insurance_deadlines(ledger, "MIRA", policy or a_policy(), **asked)
    }


def test_items_are_insured_in_the_order_of_their_documents():
    """Each by what the limit leaves after those before it."""
    ledger = a_book(LATE, ("F-2", dt.date(2026, 7, 1), DAY, "500.00"))

    found = found_in(ledger)

    assert [("F-1", 80_000), ("F-2", 20_000)] == [
        (one.item.item, one.insured_minor) for one in found
    ]


def test_a_limit_that_was_withdrawn_still_covers_what_was_delivered_before():
    """What counts is the limit of the day of the document."""
    limit = an_insured_limit()
    ledger = a_book(LATE, ("F-2", dt.date(2026, 9, 1), DAY, "50.00")).record(
        limit_ended(limit, creditor="MIRA", on=dt.date(2026, 8, 1), recorded_at=recorded(5))
    )

    found = {one.item.item: one.gap for one in found_in(ledger)}

    assert {"F-1": None, "F-2": CoverGap.NO_LIMIT} == found


GAPS = [
    (a_policy(excluded=["C-017"]), [], CoverGap.CUSTOMER),
    (a_policy(excluded_countries=["ca"]), [a_customer()], CoverGap.COUNTRY),
    (a_policy(since=dt.date(2026, 7, 1)), [], CoverGap.POLICY),
    (a_policy(terms_days=60), [], CoverGap.TERMS),
    (a_policy(terms_days=62), [], None),
]


@pytest.mark.parametrize(("policy", "customers", "gap"), GAPS)
def test_what_is_not_insured_says_why(policy, customers, gap):
    """The customer, its country, the dates of the policy, the terms."""
    (one,) = found_in(a_book(LATE), policy, customers=customers)

    assert (gap, gap is None) == (one.gap, one.is_insured)


def test_nothing_new_is_covered_beyond_the_extension():
    """What is delivered after the maximum extension of an overdue item is not insured."""
    late = ("F-1", dt.date(2026, 5, 1), JUNE, "100.00")
    before = ("F-2", dt.date(2026, 8, 29), DAY, "100.00")
    after = ("F-3", dt.date(2026, 8, 30), DAY, "100.00")

    found = {one.item.item: one.gap for one in found_in(a_book(late, before, after))}

    assert {"F-1": None, "F-2": None, "F-3": CoverGap.STOPPED} == found


def test_an_extension_counts_from_the_first_due_date():
    """More time that we gave does not move the days of the insurer."""
    ledger = a_book(LATE).record(
        DueDateChanged(
            event="due:F-1",
            effective_on=DAY,
            recorded_at=recorded(5),
            creditor="MIRA",
            customer="C-017",
            item="F-1",
            due_date=dt.date(2026, 12, 31),
        )
    )

    (one,) = found_in(ledger)

    assert (AUGUST, dt.date(2026, 12, 31)) == (one.original_due_date, one.item.due_date)
    assert dt.date(2026, 11, 29) == days_in(ledger)[InsuranceStep.NOTIFY].on


def test_an_item_in_another_currency_needs_a_rate():
    """The insurer reckons in the currency of its policy."""
    ledger = a_book().record(
        issued(
            an_invoice("F-1", document_date=JUNE, due_date=AUGUST, total=money("108.87", "USD")),
            minute=2,
        )
    )

    (one,) = found_in(ledger, rates=RATES)

    assert (10_000, 10_000) == (one.minor, one.insured_minor)
    with pytest.raises(MissingRateError, match="USD/EUR must be known"):
        found_in(ledger)


def test_each_day_says_its_rule():
    """The day on which cover stops, by when to tell, by when to claim."""
    found = days_in(a_book(LATE))

    assert [
        (InsuranceStep.COVER_STOPS, DAY, StepState.REACHED),
        (InsuranceStep.NOTIFY, dt.date(2026, 11, 29), StepState.TO_COME),
        (InsuranceStep.CLAIM, dt.date(2027, 3, 29), StepState.TO_COME),
    ] == [(step, one.on, one.state) for step, one in found.items()]
    assert "notify-days 30 from 2026-10-30 (EH-1 version 1)" == (
        found[InsuranceStep.NOTIFY].explanation
    )


def test_days_are_counted_from_what_the_policy_says():
    """From the due date, from the end of the extension, or from the notice."""
    policy = a_policy(notify_from="due-date", claim_from="notice", waiting_days=90)

    found = days_in(a_book(LATE), policy)

    notify_by = AUGUST + dt.timedelta(days=30)
    expected = {
        InsuranceStep.NOTIFY: notify_by,
        InsuranceStep.LOSS: notify_by + dt.timedelta(days=90),
        InsuranceStep.CLAIM: notify_by + dt.timedelta(days=150),
    }
    assert expected == {step: found[step].on for step in expected}
    assert StepState.MISSED is found[InsuranceStep.NOTIFY].state


def told(ledger, on, policy=None):
    notice = overdue_notice(
        found_in(ledger), policy or a_policy(), creditor="MIRA", customer="C-017", as_of=DAY
    ).told("N-1", by="J. Roy")
    return ledger.record(insurer_notified(notice, creditor="MIRA", on=on, recorded_at=recorded(8)))


@pytest.mark.parametrize(
    ("on", "state"),
    [(dt.date(2026, 11, 29), StepState.DONE), (dt.date(2026, 11, 30), StepState.DONE_LATE)],
)
def test_what_was_told_is_done(on, state):
    """In time on the last day, late on the next; before it was told it was not."""
    ledger = told(a_book(LATE), on)

    found = days_in(ledger, as_of=dt.date(2026, 12, 15))[InsuranceStep.NOTIFY]

    assert (state, on) == (found.state, found.done_on)
    assert StepState.TO_COME is days_in(ledger)[InsuranceStep.NOTIFY].state


def test_a_claim_that_was_filed_is_done():
    """A referral to the insurer, with the policy as its mandate, is the claim."""
    ledger = a_book(LATE)
    claim = insurance_claim(
        found_in(ledger), a_policy(), creditor="MIRA", customer="C-017", as_of=DAY
    )
    referred = Referred(
        event="referred:R-1",
        effective_on=DAY,
        recorded_at=recorded(9),
        creditor="MIRA",
        referral=claim.referral("R-1"),
    )

    found = days_in(ledger.record(referred))

    assert StepState.DONE is found[InsuranceStep.CLAIM].state
    assert (ReferralKind.INSURER, "EH-1") == (referred.referral.kind, referred.referral.mandate)


def test_an_insolvency_is_told_by_a_day_of_its_own():
    """Also of items that are not due yet."""
    case = Insolvency(
        insolvency="I-1", customer="C-017", kind="liquidation", opened_on=dt.date(2026, 10, 20)
    )
    ledger = a_book(("F-1", JUNE, dt.date(2026, 12, 31), "10.00")).record(
        insolvency_reported(case, creditor="MIRA", on=DAY, recorded_at=recorded(9))
    )

    found = days_in(ledger, a_policy(insolvency_days=15))

    assert {InsuranceStep.NOTIFY_INSOLVENCY: dt.date(2026, 11, 4)} == {
        step: one.on for step, one in found.items()
    }


def test_who_stopped_the_cover_is_named():
    """The customer and the item that was first beyond its extension."""
    deadlines = insurance_deadlines(a_book(LATE), "MIRA", a_policy(), as_of=DAY)

    assert {"C-017": ("F-1", DAY)} == {
        customer: (one.item, one.on) for customer, one in cover_stopped(deadlines).items()
    }
    assert {} == cover_stopped(insurance_deadlines(a_book(LATE), "MIRA", a_policy(), as_of=AUGUST))


def test_the_worklist_gets_what_is_to_be_done():
    """Items of one day stand together; what was done or only comes is not there."""
    ledger = a_book(LATE, ("F-2", JUNE, AUGUST, "50.00"))
    deadlines = insurance_deadlines(ledger, "MIRA", a_policy(waiting_days=10), as_of=DAY)

    found = worklist_deadlines(deadlines)

    assert [
        (DeadlineKind.INSURER_DECLARATION, dt.date(2026, 11, 29), ("F-1", "F-2")),
        (DeadlineKind.INSURER_DECLARATION, dt.date(2027, 3, 29), ("F-1", "F-2")),
    ] == [(one.kind, one.on, one.items) for one in found]
    assert money("850.00", "EUR") == found[0].amount


def test_the_notice_lists_all_that_is_overdue():
    """Insured items and others with the reason, as tables that say the same every time."""
    ledger = a_book(LATE, ("F-2", dt.date(2026, 7, 1), AUGUST, "500.00"))
    items = found_in(ledger)

    notice = overdue_notice(items, a_policy(), creditor="MIRA", customer="C-017", as_of=DAY)

    assert (130_000, 100_000, dt.date(2026, 11, 29)) == (
        notice.minor,
        notice.insured_minor,
        notice.notify_by,
    )
    assert len(notice.heading) == len(notice.rows[0])
    assert b"F-1,F-1,2026-06-30,2026-08-31,2026-08-31,61,EUR,800.00" in notice.files["items.csv"]
    assert InsurerNoticeKind.OVERDUE is notice.told("N-1").kind


def test_a_notice_needs_something_overdue():
    """Nothing is told of a customer that pays in time."""
    with pytest.raises(DocumentError, match="must be past due"):
        overdue_notice([], a_policy(), creditor="MIRA", customer="C-017", as_of=DAY)


def test_a_claim_needs_something_insured():
    """Nothing is claimed that nobody insures."""
    items = found_in(a_book(LATE), a_policy(excluded=["C-017"]))

    with pytest.raises(DocumentError, match="must be insured"):
        insurance_claim(items, a_policy(), creditor="MIRA", customer="C-017", as_of=DAY)
    with pytest.raises(DocumentError, match="about an insured item"):
        overdue_notice(items, a_policy(), creditor="MIRA", customer="C-017", as_of=DAY).told("N-1")


def euros(amount):
    return money(amount, "EUR")


STEPS = [
    ({}, [("loss", 120_000), ("insured-loss", 100_000), ("insured-part", 90_000)], 90_000),
    ({"minimum_retention": euros("400.00")}, [("minimum-retention", 80_000)], 80_000),
    ({"first_loss": euros("300.00")}, [("first-loss", 70_000)], 70_000),
    ({"maximum_indemnity": euros("500.00")}, [("maximum-indemnity", 40_000)], 40_000),
    (
        {"minimum_retention": euros("400.00"), "first_loss": euros("300.00")},
        [("minimum-retention", 80_000), ("first-loss", 60_000)],
        60_000,
    ),
]


@pytest.mark.parametrize(("policy", "steps", "indemnity"), STEPS)
def test_what_the_insurer_pays_is_reckoned_in_one_order(policy, steps, indemnity):
    """The limit, the insured part, the retention, the first loss, the most of the period."""
    found = indemnity_steps(
        a_policy(**policy),
        loss_minor=120_000,
        insured=[(100_000, 9_000)],
        first_loss_borne=euros("100.00"),
        indemnified=euros("100.00"),
    )

    named = {one.name: one.minor for one in found}
    assert dict(steps).items() <= named.items()
    assert indemnity == found[-1].minor


@pytest.mark.parametrize(("caps", "indemnity"), [("loss", 90_000), ("indemnity", 100_000)])
def test_the_limit_caps_the_loss_or_what_is_paid(caps, indemnity):
    """Nine tenths of the limit, or the limit itself: the contract says which."""
    ledger = a_book(("F-1", JUNE, AUGUST, "1200.00"))
    policy = a_policy(limit_caps=caps)

    claim = insurance_claim(
        found_in(ledger, policy), policy, creditor="MIRA", customer="C-017", as_of=DAY
    )

    assert (120_000, indemnity) == (claim.loss_minor, claim.indemnity_minor)
    assert claim.loss_minor == claim.indemnity_minor + claim.retained_minor
    assert f"indemnity,{indemnity // 100}.00".encode() in claim.files["claim.csv"]


def test_what_was_borne_is_in_the_policy_s_currency():
    """Dollars are no part of a first loss in euros."""
    with pytest.raises(CurrencyMismatchError, match="must be in EUR, got USD"):
        indemnity_steps(
            a_policy(first_loss=euros("300.00")),
            loss_minor=5,
            insured=[(5, 9_000)],
            first_loss_borne=money("1.00", "USD"),
        )


@settings(max_examples=25, deadline=None)
@given(
    opens=st.lists(st.integers(1, 90_000), min_size=1, max_size=4),
    limit=st.integers(0, 150_000),
    kept=st.integers(0, 60_000),
    first=st.integers(0, 60_000),
    bps=st.integers(1, 10_000),
)
def test_an_indemnity_is_never_more_than_the_insured_part(opens, limit, kept, first, bps):
    """It is zero or more, at most the insured part of the loss and of the limit, less what we keep."""
    policy = a_policy(
        insured_bps=bps,
        minimum_retention=from_minor(kept, "EUR"),
        first_loss=from_minor(first, "EUR"),
    )
    invoices = [
        (f"F-{index}", JUNE, AUGUST, from_minor(minor, "EUR")) for index, minor in enumerate(opens)
    ]
    ledger = a_book(*invoices, limit=an_insured_limit(limit))
    items = found_in(ledger, policy)
    insured = sum(one.insured_minor for one in items)

    assert min(sum(opens), limit) == insured
    if insured:
        claim = insurance_claim(items, policy, creditor="MIRA", customer="C-017", as_of=DAY)
        assert 0 <= claim.indemnity_minor <= min(claim.loss_minor, limit) * bps // 10_000
        assert claim.indemnity_minor <= max(0, claim.loss_minor - kept)


def test_a_discretionary_limit_needs_no_decision():
    """It is the policy's amount, at the policy's part, and stands like any other limit."""
    policy = a_policy(discretionary_amount=euros("100.00"), discretionary_bps=8_000)

    limit = discretionary_limit(policy, a_customer(), as_of=DAY)
    found = found_in(
        Ledger().record(issued(an_invoice("F-1", document_date=JUNE, due_date=AUGUST))),
        policy,
        limits=[limit],
    )

    assert (LimitKind.DISCRETIONARY, 8_000) == (limit.kind, limit.cover_bps)
    assert [10_000] == [one.insured_minor for one in found]


NONE_GIVEN = [
    {"policy": {"discretionary_amount": None}},
    {"policy": {"until": AUGUST}},
    {"policy": {"excluded": ["C-017"]}},
    {"policy": {"excluded_countries": ["CA"]}},
    {"oldest_days": 1},
    {"policy": {"discretionary_known_days": 90}, "known_since": AUGUST},
    {"policy": {"discretionary_known_days": 90}},
    {"limits": [an_insured_limit(0)]},
]


@pytest.mark.parametrize("given", NONE_GIVEN, ids=str)
def test_no_discretionary_limit_is_given(given):
    """None where the policy gives none, or the insurer has decided by name."""
    asked = dict(given)
    policy = a_policy(**{"discretionary_amount": euros("100.00"), **asked.pop("policy", {})})

    assert discretionary_limit(policy, a_customer(), as_of=DAY, **asked) is None


REFUSED = [
    ({"number": ""}, "must be named"),
    ({"insured-bps": 0}, "insured_bps must be a whole number from 1"),
    ({"insured-bps": "90"}, "insured_bps must be"),
    ({"extension-days": -1}, "extension_days must be"),
    ({"notify-days": 1.5}, "notify_days must be"),
    ({"currency": "XYZ"}, "currency must be"),
    ({"first-loss": "ten"}, "first-loss of insurance must be an amount"),
    ({"first-loss": 1.5}, "first-loss of insurance must be an amount"),
    ({"first-loss": "-1.00"}, "first_loss must be zero or more"),
    (
        {"first-loss": {"amount": "1.00", "currency": "USD"}},
        "first_loss must be zero or more in EUR",
    ),
    ({"notify-from": "notice"}, "notify_from must be"),
    ({"since": "soon"}, "since of insurance must be a day"),
    ({"since": "2026-12-01", "until": "2026-01-01"}, "until of policy EH-1"),
    ({"excluded": "C-1"}, "names must be a list"),
    ({"limit": 5}, "keys of insurance must be among"),
]


@pytest.mark.parametrize(("more", "said"), REFUSED, ids=[str(more) for more, _ in REFUSED])
def test_a_policy_that_cannot_be_is_refused(more, said):
    """Each refusal names what is wrong."""
    with pytest.raises(PolicyError, match=said):
        InsurancePolicy.from_table({**TABLE, **more})


def test_a_policy_from_a_table_is_a_value():
    """Days as dates or as text, amounts in the policy's currency."""
    more = {"since": dt.date(2026, 1, 1), "until": "2026-12-31", "first-loss": "300.00"}

    policies = [InsurancePolicy.from_table({**TABLE, **more}) for _ in range(2)]

    assert policies[0] == policies[1]
    assert (euros("300.00"), dt.date(2026, 12, 31)) == (policies[0].first_loss, policies[0].until)


def test_deadlines_of_items_known_otherwise():
    """What was done may come from elsewhere than the ledger."""
    item = an_open_item("F-1", due_date=AUGUST)
    one = InsuredItem(item=item, original_due_date=AUGUST, minor=10_000, insured_minor=10_000)

    found = deadlines_of([one], a_policy(), as_of=DAY, notified={item.item: DAY})

    assert StepState.DONE is {step.step: step.state for step in found}[InsuranceStep.NOTIFY]
