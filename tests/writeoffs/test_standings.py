"""Where requests stand: who agreed, who may, and what the ledger shows of efforts."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.casework import WriteOffReason
from receivables.conduct import legal_deadlines
from receivables.errors import EventError
from receivables.ledger import DeliveryReported, DeliveryStatus
from receivables.parties import Channel
from receivables.testing.builders import a_notice, an_open_item, recorded
from receivables.writeoffs import (
    STANDARD,
    ApprovalLevel,
    EffortRule,
    WriteOffPolicy,
    WriteOffState,
    efforts,
    efforts_missing,
    propose_write_off,
    write_off_approved,
    write_off_refused,
    write_off_standing,
    write_off_standings,
    write_off_withdrawn,
)

from .worlds import (
    CUSTOMER,
    DAY,
    LENIENT,
    MIRA,
    agreed,
    asked,
    call,
    dispute,
    given_up,
    insolvency_ended,
    insolvent,
    invoice,
    ledger_of,
    money_in,
    promise,
    referred,
    request,
    returned,
)

TWO = WriteOffPolicy(
    levels=[ApprovalLevel(role="lead"), ApprovalLevel(role="director", above={"EUR": "50.00"})],
    people={"lead": ["Lee", "Dee"], "director": ["Dee"]},
)


def _standing(ledger, *, policy=TWO, as_of=DAY, known_at=None):
    return write_off_standing(ledger, MIRA, "W-1", as_of=as_of, known_at=known_at, policy=policy)


def _waiting(ledger, **given):
    return _standing(ledger, **given).waiting_for


def test_it_waits_for_every_level_that_speaks():
    """What is asked for decides who has to agree."""
    ledger, _ = asked(ledger_of(invoice()))

    assert ("lead", "director") == _waiting(ledger)
    assert _standing(ledger).state is WriteOffState.WAITING


def test_one_person_never_stands_for_two_roles():
    """Dee may take either role; with Lee as lead, Dee is the director, in whatever order."""
    ledger, what = asked(ledger_of(invoice()))

    first = agreed(ledger, what, by="Dee")
    both = agreed(first, what, by="Lee", minute=22)

    assert 1 == len(_waiting(first))
    assert WriteOffState.APPROVED is _standing(both).state
    assert {"Dee": "director", "Lee": "lead"} == {
        one.by: one.role for one in _standing(both).approvals
    }


@pytest.mark.parametrize(
    ("by", "why"),
    [("A.  ITO", "asked for it"), ("Nobody", "no role")],
)
def test_who_may_not_agree_counts_for_nothing(by, why):
    """Whoever asked, however the name is written, and whoever has no role."""
    ledger, what = asked(ledger_of(invoice()))

    standing = _standing(agreed(ledger, what, by=by))

    assert [why] == [one.ignored for one in standing.approvals]
    assert WriteOffState.WAITING is standing.state


@pytest.mark.parametrize(
    "by", ["Jose\u0301 Ito", "JOS\u00c9 ITO", "Jos\u00e9\u200b Ito", "Jos\u00e9\u00a0Ito"]
)
def test_no_other_way_of_writing_makes_another_person(by):
    """An accent that is put together, a sign of no width: the same eyes."""
    ledger, what = asked(ledger_of(invoice()), request(by="Jos\u00e9 Ito"))

    standing = _standing(agreed(ledger, what, by=by), policy=LENIENT)

    assert ["asked for it"] == [one.ignored for one in standing.approvals]


def test_a_request_of_nobody_needs_more_than_one_pair_of_eyes():
    """Without a name on the request nobody can show that they are another person."""
    ledger, what = asked(ledger_of(invoice()), request(by=""))

    assert ["nobody says who asked"] == [
        one.ignored for one in _standing(agreed(ledger, what), policy=LENIENT).approvals
    ]


def test_agreeing_twice_is_agreeing_once():
    """The same name for a level of two is one of them."""
    policy = WriteOffPolicy(levels=[ApprovalLevel(role="board", count=2)])
    ledger, what = asked(ledger_of(invoice()))
    ledger = agreed(agreed(ledger, what, by="Lee"), what, by="LEE", minute=22)

    standing = _standing(ledger, policy=policy)

    assert ("board",) == standing.waiting_for
    assert ["", "agreed before"] == [one.ignored for one in standing.approvals]


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (write_off_refused, WriteOffState.REFUSED),
        (write_off_withdrawn, WriteOffState.WITHDRAWN),
    ],
)
def test_a_refusal_ends_it(verb, state):
    """What is said afterwards counts for nothing."""
    ledger, what = asked(ledger_of(invoice()))
    said = verb(what, creditor=MIRA, by="Lee", on=DAY, recorded_at=recorded(21), reason="no")
    ledger = agreed(ledger.record(said), what, by="Dee", minute=22)

    standing = _standing(ledger)

    assert (state, (), "Lee") == (standing.state, standing.waiting_for, standing.decided_by)
    assert [f"{state.value} before"] == [one.ignored for one in standing.approvals]


def test_nothing_looks_ahead():
    """A day and a moment before the agreement know nothing of it, or of the request."""
    ledger, what = asked(ledger_of(invoice()), on=dt.date(2026, 12, 1))
    ledger = agreed(ledger, what, by="Lee", on=DAY)

    assert ("lead", "director") == _waiting(ledger, as_of=dt.date(2026, 12, 30))
    assert ("lead", "director") == _waiting(ledger, known_at=recorded(20))
    assert ("director",) == _waiting(ledger)
    assert () == write_off_standings(ledger, MIRA, as_of=dt.date(2026, 11, 30))
    assert _standing(ledger, as_of=dt.date(2026, 11, 30)) is None


def test_a_policy_that_asks_nobody_below_an_amount_agrees_by_itself():
    """Below the first level there is nobody to wait for."""
    policy = WriteOffPolicy(levels=[ApprovalLevel(role="lead", above={"EUR": "500.00"})])
    ledger, _ = asked(ledger_of(invoice()))

    assert WriteOffState.APPROVED is _standing(ledger, policy=policy).state


def test_what_was_booked_is_shown():
    """After the booking the standing says how much, currency by currency."""
    standing = _standing(given_up(ledger_of(invoice())), policy=LENIENT)

    assert WriteOffState.BOOKED is standing.state
    assert standing.requested() == standing.booked
    assert ["100.00"] == [str(amount.amount) for amount in standing.booked.values()]
    assert ["0.00"] == [str(amount.amount) for amount in standing.recovered.values()]
    assert ["0.00"] == [str(amount.amount) for amount in standing.reversed.values()]


def _kinds(*events, **given):
    ledger = ledger_of(invoice(), *events)
    return [one.kind.value for one in efforts(ledger, MIRA, CUSTOMER, as_of=DAY, **given)]


EFFORTS = [
    ([a_notice(stage="formal-notice")], ["formal-notice", "notice"]),
    ([a_notice(stage="registered-letter")], ["notice", "registered-letter"]),
    ([call()], ["call"]),
    ([call(outcome="not-connected")], []),
    ([call(direction="inbound")], []),
    ([call(channel="visit")], ["visit"]),
    ([call(channel="registered-post", outcome="sent")], ["registered-letter"]),
    ([call(channel="post", outcome="bounced")], ["returned-letter"]),
    ([call(channel="email", outcome="bounced")], []),
    ([call(channel="email", outcome="sent")], ["letter"]),
    ([promise()], ["promise-broken"]),
    ([promise(due=dt.date(2027, 1, 31))], []),
    ([referred()], ["referral"]),
    ([referred("court")], ["legal-claim", "referral"]),
    ([referred(), returned()], ["referral", "uncollectible"]),
    ([referred(), returned("recalled")], ["referral"]),
    ([insolvent("reorganization")], ["insolvency"]),
    ([insolvent()], ["insolvency", "liquidation"]),
    (
        [insolvent(claim_filed_on=dt.date(2026, 12, 1))],
        ["insolvency", "liquidation", "claim-filed"],
    ),
    ([insolvent(), insolvency_ended()], []),
    (
        [insolvent(), insolvency_ended(irrecoverable_on=dt.date(2026, 12, 5))],
        ["insolvency", "liquidation", "certificate"],
    ),
]


@pytest.mark.parametrize(("events", "kinds"), EFFORTS)
def test_efforts_are_read_from_the_ledger(events, kinds):
    """Each thing that was tried, or that happened, is one of the kinds."""
    assert kinds == _kinds(*events)


def test_the_proof_of_a_notice_makes_it_a_registered_letter():
    """What became of a notice on its way counts once it is known."""
    report = DeliveryReported(
        event="delivered",
        effective_on=dt.date(2026, 11, 3),
        recorded_at=recorded(8),
        creditor=MIRA,
        customer=CUSTOMER,
        delivery=a_notice().event,
        channel=Channel.REGISTERED_POST,
        status=DeliveryStatus.DELIVERED,
    )

    assert ["notice", "registered-letter"] == _kinds(a_notice(), report)


def test_efforts_about_other_items_do_not_count():
    """A call about one invoice is none for another; a call about nothing named is for all."""
    ledger = ledger_of(invoice(), invoice("FA-2"), call(items=["FA-1"]), call("K-2"))

    found = efforts(ledger, MIRA, CUSTOMER, items=["FA-2"], as_of=DAY)

    assert ["K-2"] == [one.reference for one in found]


def test_limitation_counts_once_every_item_is_barred():
    """The last day that the law gives has passed for all that is given up."""
    old = an_open_item(due_date=dt.date(2020, 1, 31))
    deadlines = legal_deadlines([old], jurisdiction="france")
    ledger = ledger_of(
        invoice(document_date=dt.date(2020, 1, 1), due_date=dt.date(2020, 1, 31)), invoice("FA-2")
    )

    def found(items):
        return efforts(ledger, MIRA, CUSTOMER, items=items, as_of=DAY, deadlines=deadlines)

    assert ["limitation FA-1"] == [one.text for one in found(["FA-1"])]
    assert () == found(["FA-1", "FA-2"])


def test_what_is_missing_is_named():
    """The standard policy wants three notices, a call, and half a year, unless nothing helps."""
    ledger = ledger_of(invoice(total="900.00"), a_notice(), money_in())
    _, what = asked(ledger, policy=STANDARD)

    def missing(*more):
        found = efforts_missing(
            ledger.record(*more), what, creditor=MIRA, as_of=DAY, policy=STANDARD
        )
        return [(one.what, one.needed, one.found) for one in found]

    unapplied = ("credits-applied", 0, 1)
    assert [("notice", 3, 1), ("call", 1, 0), ("days-past-due", 180, 62), unapplied] == missing()
    assert [unapplied] == missing(attrs.evolve(insolvent(on=DAY), recorded_at=recorded(30)))


@pytest.mark.parametrize(("channel", "kinds"), [("post", 2), ("email", 1)])
def test_only_a_letter_comes_back_from_an_address(channel, kinds):
    """An e-mail that bounces does not show that the customer has disappeared."""
    report = DeliveryReported(
        event="delivered",
        effective_on=dt.date(2026, 11, 3),
        recorded_at=recorded(8),
        creditor=MIRA,
        customer=CUSTOMER,
        delivery=a_notice().event,
        channel=Channel(channel),
        status=DeliveryStatus.BOUNCED,
    )

    assert ["notice", "returned-letter"][:kinds] == _kinds(a_notice(), report)


def test_each_item_needs_its_own_efforts():
    """Calls about one invoice give up no other that is asked for with it."""
    rule = EffortRule(name="called", needs={"call": 2})
    policy = WriteOffPolicy(efforts=[rule], credits_first=False)
    calls = [call("K-1", items=["FA-1"]), call("K-2", items=["FA-1"]), call("K-3")]
    ledger = ledger_of(invoice(), invoice("FA-2"), *calls)

    def missing(*items):
        what = request(parts=[(item, "100.00") for item in items])
        found = efforts_missing(ledger, what, creditor=MIRA, as_of=DAY, policy=policy)
        return [(one.what, one.needed, one.found) for one in found]

    assert [] == missing("FA-1")
    assert [("call", 2, 1)] == missing("FA-1", "FA-2") == missing("FA-2", "FA-1")


def test_a_proposal_takes_what_is_past_due_and_says_what_was_tried():
    """What is not due yet stays, unless the reason is the customer's."""
    later = dt.date(2027, 3, 31)
    ledger = ledger_of(invoice(), invoice("FA-2", due_date=later), call())

    usual, insolvency = (
        propose_write_off(
            ledger,
            write_off="W-1",
            creditor=MIRA,
            customer=CUSTOMER,
            reason=reason,
            as_of=DAY,
        )
        for reason in (WriteOffReason.UNECONOMIC, WriteOffReason.INSOLVENCY)
    )

    assert ("FA-1",) == usual.items
    assert ("FA-1", "FA-2") == insolvency.items
    assert ("call K-1",) == usual.efforts
    assert "standard 1" == usual.policy


def test_a_disputed_part_stays():
    """What the customer contests is not given up with the rest."""
    _, what = asked(ledger_of(invoice(), dispute()))

    assert ["70.00"] == [str(part.amount.amount) for part in what.parts]


HELD = [
    ({"held": {"dispute": "include"}}, "100.00"),
    ({"held": {"dispute": "leave"}}, "70.00"),
]


@pytest.mark.parametrize(("fields", "amount"), HELD)
def test_the_policy_says_what_becomes_of_a_disputed_part(fields, amount):
    """Included or left, as the house wants it."""
    policy = WriteOffPolicy(**fields)
    _, what = asked(ledger_of(invoice(), dispute()), policy=policy)

    assert [amount] == [str(part.amount.amount) for part in what.parts]


REFUSED = [
    ({"items": ["FA-9"]}, "must be open debits"),
    ({"items": ["r-1"]}, "must be open debits"),
    ({"amounts": {"FA-1": request().parts[0].amount * 2}}, "at most"),
    ({"customer": "C-999"}, "something open"),
    ({"policy": WriteOffPolicy(reasons=["fraud"])}, "must be one of fraud"),
    ({"policy": WriteOffPolicy(held={"dispute": "refuse"})}, "must not be held by a dispute"),
    ({"items": ["FA-2"]}, "all of it held by D-1"),
]


@pytest.mark.parametrize(("fields", "said"), REFUSED)
def test_what_cannot_be_given_up_is_refused(fields, said):
    """Each with a sentence that says why."""
    ledger = ledger_of(invoice(), invoice("FA-2"), dispute("FA-2", amount="100.00"), money_in())

    with pytest.raises(EventError, match=said):
        asked(ledger, **fields)


def test_a_decision_of_nobody_is_refused():
    """Whoever agrees has a name."""
    with pytest.raises(EventError, match="must be named"):
        write_off_approved(request(), creditor=MIRA, by=" ", on=DAY, recorded_at=recorded())
