"""What is read off a ledger: what may be asked for, what is held back, what is due."""

from __future__ import annotations

import attrs
import pytest

from receivables.casework import (
    DunningBlock,
    Holdback,
    HoldReason,
    PaymentPlan,
    PlanInstallment,
    Referral,
    ReferralEnd,
    ReferredItem,
)
from receivables.collection import (
    Barred,
    Deadline,
    WorkInputs,
    WorklistPolicy,
    WorkReasonKind,
    gather,
    worklist,
)
from receivables.ledger import (
    DeliveryReported,
    DeliveryStatus,
    DocumentIssued,
    DunningBlocked,
    PlanAccepted,
    PlanOffered,
    ReferralEnded,
    Referred,
)
from receivables.money import money
from receivables.parties import Channel, Contact
from receivables.testing.builders import (
    a_credit_note,
    a_customer,
    a_notice,
    a_receipt,
    an_open_item,
    issued,
    received,
    recorded,
)

from .worlds import (
    AS_OF,
    MIRA,
    day,
    dispute,
    invoice,
    ledger_of,
    note,
    paid,
    promise,
    request,
)


def gathered(*events, policy=None, **inputs):
    """The cases of a ledger of events, by customer."""
    found = gather(
        ledger_of(*events),
        MIRA,
        as_of=AS_OF,
        policy=policy or WorklistPolicy(),
        inputs=WorkInputs(**inputs),
    )
    return {case.customer: case for case in found}


def asked(case):
    """What may be asked for: currency, minor units, days."""
    return [(one.currency, one.amount_minor, one.oldest_days) for one in case.overdue]


def listed(*events, **given):
    """The kinds of reason of every line, by customer."""
    found = worklist(ledger_of(*events), MIRA, as_of=AS_OF, **given)
    return {line.customer: {reason.kind.value for reason in line.reasons} for line in found}


def case_event(kind, name, days, **fields):
    """An event of a case."""
    return kind(
        event=f"{kind.__name__}:{name}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        **fields,
    )


def test_what_is_past_due_is_asked_for():
    """What is due today is not past due, and what is due later is at stake within the week."""
    cases = gathered(
        invoice("FA-1", days=30),
        invoice("FA-2", days=1, total="50.00"),
        invoice("FA-3", days=0, total="7.00"),
        invoice("FA-4", days=-7, total="3.00"),
        invoice("FA-5", days=-8, total="1000.00"),
    )

    assert [("EUR", 15_000, 30)] == asked(cases["C-1"])
    assert ("FA-1", "FA-2") == cases["C-1"].overdue[0].items
    assert (("EUR", 1_000),) == cases["C-1"].stakes


def test_each_currency_has_its_own_amount():
    """Nothing is added across currencies."""
    cases = gathered(invoice("FA-1", days=3), invoice("FA-2", days=9, currency="USD", total="5.00"))

    assert [("EUR", 10_000, 3), ("USD", 500, 9)] == asked(cases["C-1"])


def test_credits_are_set_against_the_oldest():
    """The age is that of the oldest amount that credits leave."""
    cases = gathered(
        invoice("FA-1", days=30),
        invoice("FA-2", days=10, total="50.00"),
        issued(a_credit_note("AV-1", customer="C-1", total="90.00")),
        received(a_receipt(customer="C-1", amount="20.00")),
    )

    assert [("EUR", 4_000, 10)] == asked(cases["C-1"])
    assert ("FA-2",) == cases["C-1"].overdue[0].items


def test_credits_that_cover_everything_leave_nothing():
    """Such a customer is on no list."""
    assert {} == listed(
        invoice("FA-1", days=30), issued(a_credit_note("AV-1", customer="C-1", total="100.00"))
    )


def test_a_minimum_leaves_small_amounts_alone():
    """Below it nothing is asked for in that currency."""
    policy = WorklistPolicy(minimums={"EUR": 101})

    assert {} == listed(invoice("FA-1"), policy=policy)
    assert {"C-1"} == set(listed(invoice("FA-1", total="101.00"), policy=policy))


def test_other_creditors_and_unknown_payers_stay_out():
    """A list is one creditor's, and a receipt without a payer is nobody's case."""
    other = invoice("FA-9", creditor="NORD")

    assert {} == listed(other, received(a_receipt(customer="", amount="5.00")))


HELD = [
    (dispute(amount="100.00"), []),
    (dispute(amount="30.00"), [("EUR", 7_000, 30)]),
    (promise(days=3, due=-2), []),
    (promise(days=3, due=-2, amount="60.00"), [("EUR", 4_000, 30)]),
    (promise(days=9, due=2), [("EUR", 10_000, 30)]),
    (
        case_event(
            DunningBlocked,
            "B-1",
            2,
            block=DunningBlock(block="B-1", customer="C-1", reason="insolvency"),
        ),
        [],
    ),
    (
        case_event(
            Referred,
            "X-1",
            2,
            referral=Referral(
                referral="X-1",
                customer="C-1",
                kind="agency",
                to="Agence du Port",
                items=[ReferredItem(item="FA-1", amount=money("100.00", "EUR"))],
            ),
        ),
        [],
    ),
]


@pytest.mark.parametrize(("event", "amounts"), HELD)
def test_what_is_held_back_is_not_asked_for(event, amounts):
    """A dispute holds its part, an open promise its amount, a block and a referral everything."""
    cases = gathered(invoice("FA-1"), event)

    assert amounts == asked(cases["C-1"])


def test_a_referral_that_ended_holds_nothing():
    """What came back is asked for again."""
    out = HELD[-1][0]
    back = case_event(
        ReferralEnded, "X-1", 1, customer="C-1", referral="X-1", end=ReferralEnd.RECALLED
    )

    assert [("EUR", 10_000, 30)] == asked(gathered(invoice("FA-1"), out, back)["C-1"])


def test_holds_from_elsewhere_count_too():
    """Whoever knows of another hold gives it."""
    hold = Holdback(
        creditor=MIRA, item="FA-1", reason=HoldReason.BLOCK, reference="B", amount_minor=2_500
    )

    assert [("EUR", 7_500, 30)] == asked(gathered(invoice("FA-1"), holdbacks=[hold])["C-1"])


def test_a_held_customer_stands_for_what_is_due():
    """A promise that is due today is a reason to call, though nothing is asked for."""
    assert {"C-1": {"promise-due"}} == listed(invoice("FA-1"), promise(days=3, due=0))


def test_a_broken_promise_lifts_the_line():
    """It is remembered for as long as the policy says."""
    events = (invoice("FA-1"), promise(days=9, due=2))

    assert {"C-1": {"amount", "age", "broken-promise"}} == listed(*events)
    assert {"C-1": {"amount", "age"}} == listed(*events, policy=WorklistPolicy(memory_days=0))


def test_a_kept_promise_is_no_reason():
    """The money was there."""
    cases = gathered(invoice("FA-1"), promise(days=9, due=2), paid("FA-1", days=4))

    assert {} == cases


def plan(days, *, accepted=True):
    """A plan of two installments, the first due so many days before the day."""
    value = PaymentPlan(
        plan="PL-1",
        customer="C-1",
        items=["FA-1"],
        installments=[
            PlanInstallment(due_on=day(days), principal=money("40.00", "EUR")),
            PlanInstallment(due_on=day(days - 60), principal=money("60.00", "EUR")),
        ],
    )
    offered = case_event(PlanOffered, "PL-1", 20, plan=value)
    if not accepted:
        return (offered,)
    return (offered, case_event(PlanAccepted, "PL-1", 19, customer="C-1", plan="PL-1"))


PLANS = [
    (plan(-3), {}, (("EUR", 4_000),)),
    (plan(2), {"installment-due"}, ()),
    (plan(9), {"amount", "age", "broken-promise"}, ()),
    (plan(9, accepted=False), {"amount", "age"}, ()),
]


@pytest.mark.parametrize(("events", "kinds", "stakes"), PLANS)
def test_a_plan_holds_back_while_it_is_kept(events, kinds, stakes):
    """An installment that is due stands on the list; a broken plan is a broken promise."""
    found = listed(invoice("FA-1"), events)

    assert ({"C-1": kinds} if kinds else {}) == found
    assert stakes == gathered(invoice("FA-1"), events)["C-1"].stakes


def test_a_dispute_that_is_late_stands_on_the_list():
    """Ten days to answer are usual; the route sees whose it is."""
    found = worklist(
        ledger_of(invoice("FA-1"), dispute(days=12)),
        MIRA,
        as_of=AS_OF,
        customers=[a_customer("C-1", owners={"technician": "t.ng"})],
    )

    (line,) = found.lines
    assert ({"dispute"}, "technician", "t.ng") == (
        {reason.kind.value for reason in line.reasons},
        line.role,
        line.person,
    )
    assert ("D-1", 10_000, "quality") == (
        line.leading.reference,
        line.leading.amount_minor,
        line.leading.text,
    )
    assert {} == listed(invoice("FA-1"), dispute(days=10))


def test_a_request_that_is_late_stands_on_the_list():
    """A customer that owes nothing waits for an answer all the same."""
    assert {"C-1": {"request"}} == listed(request(days=4))
    assert {} == listed(request(days=3))


def test_a_next_step_stands_on_its_day():
    """Not before, and not once it was taken."""
    step = note("K-1", days=5, next_action="ask for the cheque", next_on=day(1))

    assert {"C-1": {"next-action"}} == listed(step)
    assert {} == listed(step, note("K-2", days=1))
    assert {} == listed(note("K-1", days=5, next_action="ask", next_on=day(-1)))


def test_a_deadline_stands_in_time():
    """It comes from whoever knows the law, with the amount that is lost after it."""
    deadline = Deadline(
        customer="C-1", kind="insurer-declaration", on=day(-5), amount=money("100.00", "EUR")
    )

    found = worklist(ledger_of(), MIRA, as_of=AS_OF, deadlines=[deadline]).lines[0]

    assert ("insurer-declaration", 10_000, -5, 40) == (
        found.leading.text,
        found.leading.amount_minor,
        found.leading.days,
        found.points,
    )


def test_risk_and_limits_come_from_outside():
    """A limit counts what is open in its own currency, credits taken off."""
    limits = {"C-1": money("200.00", "EUR"), "C-2": money("0.00", "EUR")}
    cases = gathered(
        invoice("FA-1"),
        invoice("FA-2", customer="C-2"),
        invoice("FA-3", currency="USD"),
        invoice("FA-4", customer="C-3"),
        risks={"C-1": "high"},
        limits=limits,
    )

    assert ("high", 5_000) == (cases["C-1"].risk, cases["C-1"].limit_bps)
    assert [10_000, 0] == [cases[name].limit_bps for name in ("C-2", "C-3")]


def test_a_limit_of_nothing_is_used_by_something():
    """Who owes nothing in its currency uses none of it."""
    cases = gathered(invoice("FA-1", currency="USD"), limits={"C-1": money("0.00", "EUR")})

    assert 0 == cases["C-1"].limit_bps


def test_whether_a_customer_may_be_contacted_is_asked():
    """By a table, or by a function that knows the channel."""
    bar = Barred(reason="seven calls in seven days", again_on=day(-2))
    seen = []

    def allowed(customer, channel):
        seen.append((customer, channel))
        return bar

    by_table = worklist(ledger_of(invoice()), MIRA, as_of=AS_OF, allowed={"C-1": bar})
    by_asking = worklist(ledger_of(invoice()), MIRA, as_of=AS_OF, allowed=allowed)

    assert by_table == by_asking
    assert bar == by_table.lines[0].barred
    assert [("C-1", Channel.PHONE)] == seen


def delivery(status, days, *, channel=Channel.EMAIL, address=""):
    """What became of the notice of the tests."""
    return DeliveryReported(
        event=f"delivery:{status.value}:{days}",
        effective_on=day(days),
        recorded_at=recorded(9),
        creditor=MIRA,
        customer="C-1",
        delivery="notice:1",
        channel=channel,
        status=status,
        address=address,
    )


NOTICE = a_notice(
    [an_open_item("FA-1", customer="C-1")],
    customer="C-1",
    event="notice:1",
    effective_on=day(20),
)
BOUNCED, DELIVERED = DeliveryStatus.BOUNCED, DeliveryStatus.DELIVERED
CHANNELS = [
    ((), Channel.EMAIL),
    ((delivery(BOUNCED, 3),), Channel.POST),
    ((delivery(BOUNCED, 3), delivery(DELIVERED, 1)), Channel.EMAIL),
    ((delivery(BOUNCED, 3, address="old@harfang.example.com"),), Channel.EMAIL),
    ((delivery(BOUNCED, 3, address="new@harfang.example.com"),), Channel.POST),
    ((note(wishes=["no-email"]),), Channel.POST),
    (
        (
            note(wishes=["no-email"], channel="email", outcome="bounced"),
            note("K-2", channel="post", outcome="bounced"),
        ),
        Channel.EMAIL,
    ),
]


@pytest.mark.parametrize(("events", "channel"), CHANNELS)
def test_the_first_channel_that_works_is_taken(events, channel):
    """Neither bad nor unwanted; an address that was mended since is good."""
    contact = Contact(name="desk", channel=Channel.EMAIL, email="new@harfang.example.com")
    cases = gathered(
        invoice("FA-1"),
        NOTICE,
        *events,
        policy=WorklistPolicy(channels=["email", "post"]),
        customers={"C-1": a_customer("C-1", contacts=[contact])},
    )

    assert channel is cases["C-1"].channel


def test_what_the_log_says_comes_along():
    """The last reason and the last contact, and what the master data know."""
    cases = gathered(
        invoice("FA-1"),
        note("K-1", days=9, reason="cannot-pay"),
        note("K-2", days=4),
        note("K-3", days=2, outcome="no-answer"),
        customers=[a_customer("C-1", segment="key", owners=[("collector", "j.roy")])],
    )

    found = cases["C-1"]
    assert ("cannot-pay", day(4), "key") == (
        found.last_reason.value,
        found.last_contact_on,
        found.segment,
    )


def test_nothing_of_later_days_is_seen():
    """Yesterday's list is the same tomorrow."""
    before = ledger_of(invoice("FA-1"))
    after = before.record(
        *paid("FA-1", days=-1),
        promise(days=-1, due=-5),
        dispute(days=-1),
        note(days=-1, next_action="x", next_on=day(0)),
        request(days=-1, answer_by=day(3)),
    )

    assert worklist(before, MIRA, as_of=AS_OF) == worklist(after, MIRA, as_of=AS_OF)


def test_nothing_of_later_moments_is_seen():
    """What was learned afterwards changes only what is known afterwards."""
    before = ledger_of(invoice("FA-1"))
    late = DocumentIssued.of(invoice("FA-2", days=40).document, recorded_at=recorded(30))
    after = before.record(late, attrs.evolve(NOTICE, recorded_at=recorded(31)))

    known = worklist(after, MIRA, as_of=AS_OF, known_at=recorded(20))

    assert worklist(before, MIRA, as_of=AS_OF) == known
    assert 40 == gather(after, MIRA, as_of=AS_OF)[0].oldest_days


def test_a_day_of_the_memory_is_inside_it():
    """A promise broken on the first day that is remembered counts."""
    events = (invoice("FA-1"), promise(days=20, due=11))

    assert 1 == gathered(*events, policy=WorklistPolicy(memory_days=10))["C-1"].broken_promises
    assert 0 == gathered(*events, policy=WorklistPolicy(memory_days=9))["C-1"].broken_promises


def test_reasons_of_the_whole_are_ranked():
    """The list is that of the cases, and says by which policy."""
    found = worklist(ledger_of(invoice("FA-1")), MIRA, as_of=AS_OF)

    assert (MIRA, "standard", "1", AS_OF) == (
        found.creditor,
        found.policy,
        found.version,
        found.as_of,
    )
    assert WorkReasonKind.AGE in {reason.kind for reason in found.lines[0].reasons}
