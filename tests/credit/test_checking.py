"""Credit checks: each rule, what pushed a customer over, what would release it, what is reserved."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.casework import CreditReview, CreditSuspension, Insolvency, PromiseToPay
from receivables.casework.credit import CheckOutcome, CreditRule
from receivables.credit.checking import ReleaseKind
from receivables.credit.insurance import InsurancePolicy
from receivables.credit.model import Commitment
from receivables.credit.policies import credit_policy
from receivables.credit.recording import (
    credit_checked,
    credit_reviewed,
    credit_suspended,
    insolvency_reported,
    limit_ended,
)
from receivables.errors import DocumentError, MissingRateError
from receivables.ledger import Ledger
from receivables.money import from_minor, money
from receivables.promises import promise_made
from receivables.receipts import ReturnReason
from receivables.testing.builders import (
    a_notice,
    a_receipt,
    a_return,
    an_open_item,
    received,
    recorded,
)

from .check_worlds import (
    DAY,
    RATES,
    a_desk,
    a_limit,
    a_policy,
    an_order,
    contested,
    granted,
    owing,
)

LIMIT = a_policy({"limit": {"warn": 9_000, "hold": 10_000, "refuse": 12_000}})


def spoke(check, rule=None):
    """What a check says, in short: rule, outcome, figure, threshold, and what pushed it over."""
    return [
        (one.rule.value, one.outcome.value, one.figure, one.threshold, one.pushed_over)
        for one in check.findings
        if rule is None or one.rule.value == rule
    ]


def ways(check):
    """The releases of a check, in short."""
    return [
        (one.kind.value, one.outcome.value, one.amount_minor or one.days or one.on)
        for one in check.releases
    ]


@pytest.mark.parametrize(
    ("amount", "outcome"),
    [
        ("400.00", "allow"),
        ("400.01", "warn"),
        ("500.00", "warn"),
        ("500.01", "hold"),
        ("700.00", "hold"),
        ("700.01", "refuse"),
    ],
)
def test_a_limit_speaks_above_its_shares(amount, outcome):
    """What is exactly a share of the limit is still within it."""
    desk = a_desk(granted(a_limit("1000.00")), *owing("500.00", days=-10), policy=LIMIT)

    assert desk.check(an_order(amount=amount)).outcome.value == outcome


def test_the_request_pushes_a_customer_over_that_was_within_its_limit():
    """The finding names the request, the exposure with it, and the limit."""
    desk = a_desk(granted(a_limit("1000.00")), *owing("500.00", days=-10), policy=LIMIT)
    check = desk.check(an_order(amount="600.00"))

    assert spoke(check) == [("limit", "hold", 110_000, 100_000, "SO-9")]
    assert check.findings[0].references == ("L-1",)
    assert (check.before_minor, check.after_minor, check.free_minor) == (50_000, 110_000, -10_000)


def test_the_item_with_which_the_limit_was_passed_is_named():
    """Where the customer was over it before, it is the item that took it there, by date."""
    early, late = owing("800.00", days=20), owing("300.00", days=-10, first=7)
    desk = a_desk(granted(a_limit("1000.00")), *early, *late, policy=LIMIT)

    assert desk.check(an_order(amount="1.00")).findings[0].pushed_over == "F-7"
    assert desk.state("C-001")[0].pushed_over == "F-7"


def test_what_would_release_a_limit_is_exact():
    """Less of the order, a payment, a higher limit and a security, for each milder outcome."""
    desk = a_desk(granted(a_limit("1000.00")), *owing("500.00", days=-10), policy=LIMIT)

    assert ways(desk.check(an_order(amount="600.00"))) == [
        ("smaller-request", "allow", 20_000),
        ("payment", "allow", 20_000),
        ("limit-raise", "allow", 22_223),
        ("security", "allow", 22_223),
        ("smaller-request", "warn", 10_000),
        ("payment", "warn", 10_000),
        ("limit-raise", "warn", 10_000),
        ("security", "warn", 10_000),
    ]


def test_a_smaller_request_helps_nobody_who_is_over_the_limit_already():
    """Then only a payment or a higher limit does."""
    desk = a_desk(granted(a_limit("1000.00")), *owing("1100.00", days=-10), policy=LIMIT)
    kinds = {one.kind for one in desk.check(an_order(amount="10.00")).releases}

    assert kinds == {ReleaseKind.PAYMENT, ReleaseKind.LIMIT_RAISE, ReleaseKind.SECURITY}


def test_a_tolerance_comes_on_top_of_the_limit():
    """So many whole units of the limit's currency are tolerated above it."""
    policy = a_policy({"limit": {"hold": 10_000, "tolerance": {"EUR": 50}}})
    desk = a_desk(granted(a_limit("1000.00")), policy=policy)

    assert desk.check(an_order(amount="1050.00")).outcome is CheckOutcome.ALLOW
    assert spoke(desk.check(an_order(amount="1050.01"))) == [
        ("limit", "hold", 105_001, 105_000, "SO-9")
    ]


def test_an_amount_in_another_currency_counts_at_the_rate_of_the_day():
    """A request is set against the limit in the limit's currency."""
    desk = a_desk(granted(a_limit("1000.00")), policy=LIMIT, rates=RATES)
    check = desk.check(an_order(amount="200000", currency="JPY"))

    assert (check.currency, check.after_minor) == ("EUR", 122_496)
    smaller = check.releases_of("limit")[0]
    assert (smaller.kind, smaller.currency) == (ReleaseKind.SMALLER_REQUEST, "JPY")
    with pytest.raises(MissingRateError, match="JPY/EUR"):
        a_desk(granted(a_limit()), policy=LIMIT).check(an_order(amount="2", currency="JPY"))


def test_a_group_and_a_country_have_limits_of_their_own():
    """What the other members owe counts, for the group and for the country."""
    rules = {name: {"hold": 10_000} for name in ("limit", "group-limit", "country-limit")}
    desk = a_desk(
        granted(a_limit("900.00")),
        granted(a_limit("1000.00", name="L-2", group="Harfang")),
        granted(a_limit("1200.00", name="L-3", country="FR")),
        *owing("700.00", customer="C-002", days=-5),
        *owing("900.00", customer="C-003", days=-5, first=5),
        policy=a_policy(rules),
    )

    assert spoke(desk.check(an_order(amount="400.00"))) == [
        ("group-limit", "hold", 110_000, 100_000, "SO-9"),
        ("country-limit", "hold", 130_000, 120_000, "SO-9"),
    ]


def test_a_customer_cannot_pay_what_another_of_the_country_owes():
    """A payment is proposed for a country's limit only as far as it lowers the exposure."""
    policy = a_policy({"country-limit": {"hold": 10_000}})
    desk = a_desk(
        granted(a_limit("500.00", name="L-3", country="FR")),
        *owing("900.00", customer="C-003", days=-5),
        policy=policy,
    )
    kinds = [one.kind for one in desk.check(an_order(amount="10.00")).releases]

    assert kinds == [ReleaseKind.LIMIT_RAISE]


def test_what_nobody_else_bears_may_be_limited():
    """The uncovered part of the exposure is held above an amount."""
    insured = a_limit("1000.00", kind="insured", cover_bps=9_000)
    policy = a_policy({"cover": {"warn": {"EUR": 50}, "hold": {"*": 80}}})
    desk = a_desk(granted(insured), *owing("500.00", days=-5), policy=policy)
    check = desk.check(an_order(amount="500.00"))

    assert spoke(check) == [("cover", "hold", 10_000, 8_000, "")]
    assert ways(check) == [("payment", "allow", 50_000), ("payment", "warn", 20_000)]


def test_the_oldest_item_speaks_from_its_days_on():
    """Items below the least amount do not count; those to be settled are named."""
    policy = a_policy({"oldest-item": {"warn": 15, "hold": 30, "minimum": {"EUR": 50}}})
    desk = a_desk(
        *owing("49.99", days=90),
        *owing("50.00", days=30, first=5),
        *owing("70.00", days=15, first=6),
        policy=policy,
    )
    check = desk.check(an_order())

    assert spoke(check) == [("oldest-item", "hold", 30, 30, "F-5")]
    assert [(one.references, one.amount_minor) for one in check.releases] == [
        (("F-5", "F-6"), 12_000),
        (("F-5",), 5_000),
    ]


def test_what_is_contested_is_past_due_only_where_the_policy_says_so():
    """Without the disputed part an item may be young enough."""
    (invoice,) = owing("100.00", days=40)
    dispute = contested(None, invoice.document)
    strict = a_policy({"oldest-item": {"hold": 30}})
    mild = attrs.evolve(strict, counts_disputed=False)

    assert a_desk(invoice, *dispute, policy=strict).check(an_order()).outcome is CheckOutcome.HOLD
    assert a_desk(invoice, *dispute, policy=mild).check(an_order()).outcome is CheckOutcome.ALLOW


def test_the_average_of_days_is_weighted_by_amount():
    """A payment on the oldest item, to the cent, brings the average below the figure."""
    policy = a_policy({"days-past-due": {"hold": 30}})
    desk = a_desk(*owing("100.00", days=60), *owing("100.00", days=10, first=5), policy=policy)
    check = desk.check(an_order())

    assert spoke(check) == [("days-past-due", "hold", 35, 30, "F-0")]
    assert [(one.references, one.amount_minor) for one in check.releases] == [(("F-0",), 3_334)]


def test_the_share_that_is_past_due_speaks_above_its_figure():
    """The finding names the item with which the share was passed."""
    policy = a_policy({"share-past-due": {"hold": 5_000, "minimum": {"*": 10}}})
    desk = a_desk(
        *owing("100.00", days=60),
        *owing("100.00", days=10, first=5),
        *owing("190.00", days=-10, first=6),
        policy=policy,
    )
    check = desk.check(an_order())

    assert spoke(check) == [("share-past-due", "hold", 5_129, 5_000, "F-5")]
    assert check.releases[0].amount_minor == 1_000


def test_the_dunning_level_of_an_open_item_speaks():
    """The level is that of the notices, as long as the item is open."""
    (invoice,) = owing("100.00", days=40)
    item = an_open_item(
        "F-0", customer="C-001", document_date=invoice.document.document_date, due_date=DAY
    )
    notice = a_notice([item], customer="C-001", effective_on=DAY)
    desk = a_desk(invoice, notice, policy=a_policy({"dunning-level": {"hold": 1}}))
    check = desk.check(an_order())

    assert spoke(check) == [("dunning-level", "hold", 1, 1, "F-0")]
    assert ways(check) == [("settlement", "allow", 10_000)]


def test_a_broken_promise_speaks_for_so_many_days():
    """It counts from the day on which it was broken, and is over on a day that is said."""
    promise = PromiseToPay(
        promise="P-1",
        customer="C-001",
        amount=money("50.00", "EUR"),
        due_on=DAY - dt.timedelta(days=5),
        items=["F-0"],
    )
    given = promise_made(
        promise, creditor="MIRA", on=DAY - dt.timedelta(days=9), recorded_at=recorded(2)
    )
    policy = a_policy({"broken-promise": {"hold": 1, "within-days": 5}})
    check = a_desk(*owing("100.00", days=40), given, policy=policy).check(an_order())

    assert spoke(check) == [("broken-promise", "hold", 1, 1, "P-1")]
    assert ways(check) == [("wait", "allow", DAY + dt.timedelta(days=1))]


@pytest.mark.parametrize(
    ("reason", "outcome"), [("insufficient-funds", "hold"), ("account-invalid", "allow")]
)
def test_a_returned_payment_speaks_by_its_reason(reason, outcome):
    """Missing money counts; an account number that was wrong does not."""
    came = received(a_receipt("r-1", customer="C-001", booking_date=DAY))
    back = a_return("r-1", customer="C-001", effective_on=DAY, reason=ReturnReason(reason))
    policy = a_policy({"returned-payment": {"hold": 1, "within-days": 30}})

    assert a_desk(came, back, policy=policy).check(an_order()).outcome.value == outcome


def reviewed(next_on, **fields):
    """The event of a review, long ago."""
    review = CreditReview(review="V-1", customer="C-001", action="keep", next_on=next_on, **fields)
    on = DAY - dt.timedelta(days=400)
    return credit_reviewed(review, creditor="MIRA", on=on, recorded_at=recorded())


def test_a_review_that_is_due_speaks_by_its_days():
    """Below zero it is still to come; who was never reviewed is said to be missing."""
    policy = a_policy({"review-expired": {"warn": -10, "hold": 1, "missing": "warn"}})
    coming = a_desk(reviewed(DAY + dt.timedelta(days=10)), policy=policy)
    over = a_desk(reviewed(DAY - dt.timedelta(days=1)), policy=policy)
    open_end = a_desk(reviewed(None), policy=policy)

    assert spoke(coming.check(an_order())) == [("review-expired", "warn", -10, -10, "V-1")]
    assert spoke(over.check(an_order())) == [("review-expired", "hold", 1, 1, "V-1")]
    assert spoke(open_end.check(an_order())) == []
    assert a_desk(policy=policy).check(an_order()).findings[0].note == "never reviewed"


def test_cover_that_ends_or_is_over_speaks():
    """An insured limit warns before its last day and holds after it, unless another one followed."""
    policy = a_policy({"insurance-lapsed": {"warn": -30, "hold": 1}})
    insured = a_limit(kind="insured", until=DAY + dt.timedelta(days=20))
    taken_back = limit_ended(insured, creditor="MIRA", on=DAY, recorded_at=recorded(1))
    own = granted(a_limit(name="L-2"), on=DAY, minute=2)
    coming = a_desk(granted(insured), policy=policy).check(an_order())
    over = a_desk(granted(insured), taken_back, policy=policy).check(an_order())

    assert spoke(coming) == [("insurance-lapsed", "warn", -20, -30, "L-1")]
    assert spoke(over) == [("insurance-lapsed", "hold", 1, 1, "L-1")]
    assert spoke(a_desk(granted(insured), taken_back, own, policy=policy).check(an_order())) == []


def test_countries_classes_proceedings_and_suspensions_speak_by_their_names():
    """Each name is judged by its list."""
    policy = a_policy(
        {
            "country": {"hold": ["FR"]},
            "risk-class": {"refuse": ["E"], "missing": "warn"},
            "insolvency": {"refuse": ["liquidation"]},
            "suspended": {"outcome": "hold"},
        }
    )
    proceedings = Insolvency(insolvency="I-1", customer="C-001", kind="liquidation", opened_on=DAY)
    stopped = CreditSuspension(suspension="S-1", customer="C-001", reason="fraud", by="J. Roy")
    desk = a_desk(
        insolvency_reported(proceedings, creditor="MIRA", on=DAY, recorded_at=recorded()),
        credit_suspended(stopped, creditor="MIRA", on=DAY, recorded_at=recorded()),
        policy=policy,
        risk_classes={"C-001": "E"},
    )
    check = desk.check(an_order())

    assert [(one.rule.value, one.outcome.value, one.note) for one in check.findings] == [
        ("country", "hold", "FR"),
        ("insolvency", "refuse", "liquidation"),
        ("suspended", "hold", "fraud"),
        ("risk-class", "refuse", "E"),
    ]
    assert {one.kind.value for one in check.releases} == {"override", "reinstatement", "review"}
    assert [one.rule.value for one in desk.check(an_order(customer="C-002")).findings] == [
        "risk-class"
    ]


def test_the_class_of_the_last_review_counts_where_no_other_is_given():
    """A review says the class too."""
    policy = a_policy({"risk-class": {"hold": ["D"]}})

    assert spoke(a_desk(reviewed(None, risk_class="D"), policy=policy).check(an_order()))


def test_terms_longer_than_the_policy_takes_speak():
    """By how many days they are too long is what would release them."""
    policy = a_policy({"terms": {"warn": 30, "hold": 60}})
    check = a_desk(policy=policy).check(an_order(due_date=DAY + dt.timedelta(days=75)))

    assert spoke(check) == [("terms", "hold", 75, 60, "SO-9")]
    assert ways(check) == [("shorter-terms", "allow", 45), ("shorter-terms", "warn", 15)]


def test_nobody_granted_anything():
    """A customer without a limit, known or not, is held, and the least limit is said."""
    policy = a_policy({"no-limit": {"outcome": "hold"}, "limit": {"hold": 10_000}})
    desk = a_desk(*owing("70.00", days=-5), policy=policy)

    for customer, least in (("C-001", 17_000), ("nobody", 10_000)):
        check = desk.check(an_order(customer=customer))
        assert (check.has_limit, [one.rule.value for one in check.findings]) == (
            False,
            ["no-limit"],
        )
        assert [(one.kind.value, one.amount_minor) for one in check.releases] == [
            ("limit-raise", least)
        ]


def test_a_limit_of_the_group_is_a_limit():
    """Who has no limit of its own and a group with one is not without."""
    policy = a_policy({"no-limit": {"outcome": "hold"}})
    desk = a_desk(granted(a_limit(group="Harfang")), policy=policy)

    assert desk.check(an_order()).outcome is CheckOutcome.ALLOW
    assert desk.check(an_order(customer="C-003")).outcome is CheckOutcome.HOLD


def test_a_segment_has_its_own_figures():
    """The segment of the customer chooses the terms."""
    policy = a_policy(
        {"oldest-item": {"hold": 30}},
        segments={
            "small": {"rules": {"oldest-item": {"hold": 5}}},
            "public": {"off": ["oldest-item"]},
        },
    )
    desk = a_desk(
        *(
            event
            for place, name in enumerate(["C-001", "C-002", "C-004"])
            for event in owing(
                "100.00", customer=name, days=40 if name == "C-004" else 10, first=place
            )
        ),
        policy=policy,
    )

    assert [desk.check(an_order(customer=f"C-00{n}")).outcome.value for n in (1, 2, 4)] == [
        "allow",
        "hold",
        "allow",
    ]


def an_order_book(amount="800.00", name="SO-7"):
    """A commitment of C-001."""
    return Commitment(commitment=name, customer="C-001", kind="orders", amount=money(amount, "EUR"))


def test_a_delivery_takes_the_place_of_its_order():
    """What was ordered does not count twice, and what is left of the order still does."""
    desk = a_desk(granted(a_limit("1000.00")), policy=LIMIT, commitments=[an_order_book()])
    asked = {"kind": "delivery", "releases": ["SO-7", "unheard-of"]}

    assert desk.check(an_order("BL-1", amount="800.00")).after_minor == 160_000
    assert desk.check(an_order("BL-1", amount="800.00", **asked)).after_minor == 80_000
    assert desk.check(an_order("BL-1", amount="300.00", **asked)).after_minor == 80_000
    assert desk.check(an_order("BL-1", amount="900.00", **asked)).after_minor == 90_000


def test_parts_of_an_order_are_delivered_one_after_the_other():
    """Two deliveries take the place of one order between them, and of no more."""
    desk = a_desk(granted(a_limit("1000.00")), policy=LIMIT, commitments=[an_order_book()])
    asked = {"kind": "delivery", "releases": ["SO-7"]}
    checks = desk.check_in_turn(
        [
            an_order("BL-1", amount="300.00", **asked),
            an_order("BL-2", amount="450.00", **asked),
            an_order("BL-3", amount="150.00", **asked),
        ]
    )

    assert [check.after_minor for check in checks] == [80_000, 80_000, 90_000]


def test_an_order_that_was_reserved_is_released_by_its_invoice():
    """A request may take the place of one that was reserved before."""
    desk = a_desk(granted(a_limit("1000.00")), policy=LIMIT)
    order = an_order(amount="600.00")
    invoice = an_order("F-77", amount="600.00", kind="invoice", releases=["SO-9"])

    assert desk.reserve(order).check(invoice).after_minor == 60_000
    assert desk.reserve(order, invoice).check(an_order("SO-10")).before_minor == 60_000


def test_two_orders_of_the_same_minute_do_not_both_pass():
    """The room that one takes is not there for the other, whoever of the group asks."""
    rules = {"limit": {"hold": 10_000}, "group-limit": {"hold": 10_000}}
    desk = a_desk(
        granted(a_limit("1000.00")),
        granted(a_limit("1000.00", name="L-2", customer="C-002")),
        granted(a_limit("1000.00", name="L-3", group="Harfang")),
        policy=a_policy(rules),
    )
    one = an_order("SO-1", amount="600.00")
    other = an_order("SO-2", amount="600.00")
    sister = an_order("SO-3", amount="600.00", customer="C-002")

    assert [check.outcome.value for check in desk.check_in_turn([one, other])] == ["allow", "hold"]
    held = desk.check_in_turn([one, sister])[1]
    assert spoke(held) == [("group-limit", "hold", 120_000, 100_000, "SO-3")]
    assert desk.reserved == ()


def test_the_reserved_request_that_pushed_a_customer_over_is_named():
    """What was reserved counts after what is on the books."""
    desk = a_desk(granted(a_limit("1000.00")), policy=LIMIT)
    reserved = desk.reserve(an_order("SO-1", amount="800.00"), an_order("SO-2", amount="300.00"))

    assert reserved.check(an_order("SO-3")).findings[0].pushed_over == "SO-2"


def test_a_decision_is_ready_to_be_recorded():
    """It holds for the days of the policy, and somebody who is milder says why."""
    desk = a_desk(granted(a_limit("1000.00")), policy=attrs.evolve(LIMIT, valid_days=7))
    check = desk.check(an_order(amount="1100.00"))
    event = credit_checked(check.decision, creditor="MIRA", on=DAY, recorded_at=recorded(9))

    assert not check.passes
    assert (check.decision.decision, check.decision.policy) == ("SO-9:2026-10-31", "house 1")
    assert check.decision.until == DAY + dt.timedelta(days=7)
    assert event.event == "credit-checked:MIRA:SO-9:2026-10-31"
    assert check.decided("allow", by="N. Blanc", reason="paid by phone").is_override
    with pytest.raises(DocumentError, match="must say by whom and why"):
        check.decided("allow")


def test_a_request_of_an_earlier_day_is_refused():
    """A desk does not answer for a day before its own."""
    with pytest.raises(DocumentError, match="on of request SO-9 must be 2026-10-31 or later"):
        a_desk(policy=LIMIT).check(an_order(on=DAY - dt.timedelta(days=1)))


def test_another_policy_over_the_same_ledger():
    """A desk under another policy says what one built for it would say, weights included."""
    events = (granted(a_limit("1000.00")), *owing("900.00", days=40))
    desk = a_desk(*events, policy=credit_policy("standard"), commitments=[an_order_book("100.00")])
    for name in ("standard", "lenient", "strict"):
        policy = credit_policy(name)
        fresh = a_desk(*events, policy=policy, commitments=[an_order_book("100.00")])
        assert desk.under(policy).check(an_order()) == fresh.check(an_order())


def an_insurance(**fields):
    """A policy of credit insurance."""
    given = {"insured_bps": 9_000, "extension_days": 60, "notify_days": 30, "claim_days": 180}
    return InsurancePolicy(number="P-1", insurer="Coface", currency="EUR", **{**given, **fields})


def test_cover_lasts_no_longer_than_its_insurance():
    """A limit without an end is over when the policy that it belongs to is."""
    policy = a_policy({"insurance-lapsed": {"hold": 1}})
    desk = a_desk(
        granted(a_limit(kind="insured", policy="P-1")),
        policy=policy,
        insurance=[an_insurance(until=DAY - dt.timedelta(days=3))],
    )

    assert spoke(desk.check(an_order())) == [("insurance-lapsed", "hold", 3, 1, "L-1")]


def test_terms_longer_than_the_insurer_takes_speak():
    """What the insurer takes is in its policy, and counts while the customer is insured."""
    insured = granted(a_limit(kind="insured", policy="P-1"))
    policy = a_policy({"terms": {"hold": 120, "insured": "warn"}})
    insurance = [an_insurance(terms_days=60)]
    order = an_order(due_date=DAY + dt.timedelta(days=75))
    check = a_desk(insured, policy=policy, insurance=insurance).check(order)

    assert spoke(check) == [("terms", "warn", 75, 60, "SO-9")]
    assert ways(check) == [("shorter-terms", "allow", 15)]
    assert spoke(a_desk(policy=policy, insurance=insurance).check(order)) == []


def test_a_desk_shows_what_it_sets_against_what():
    """Exposure and limits of a customer in full, for whoever wants to see them."""
    insured = a_limit("500.00", kind="insured", policy="P-1")
    desk = a_desk(
        granted(insured),
        granted(a_limit("1000.00", name="L-2")),
        *owing("900.00", days=40),
        policy=LIMIT,
        insurance=[an_insurance(until=DAY)],
    )

    assert desk.exposure("C-001").total_minor == 90_000
    assert desk.limits("C-001").capacity_minor == 150_000
    assert desk.exposure("nobody").total_minor == 0
    assert repr(desk) == "<CreditDesk of MIRA on 2026-10-31 under house 1>"
    assert (desk.creditor, desk.as_of, desk.known_at) == ("MIRA", DAY, None)
    assert "C-001" in desk.customers
    assert isinstance(desk.ledger, Ledger)


def test_unapplied_money_makes_room():
    """Money on account lowers the exposure, below zero too where it came in advance."""
    paid = received(a_receipt("r-1", amount="500.00", customer="C-001", booking_date=DAY))
    desk = a_desk(granted(a_limit("100.00")), paid, policy=LIMIT)

    assert desk.check(an_order(amount="590.00")).after_minor == 9_000


def test_a_payment_on_items_is_proposed_where_money_on_account_does_not_count():
    """With a weight of zero for unapplied cash the payment is one of what is owed."""
    policy = attrs.evolve(
        LIMIT, exposure=attrs.evolve(LIMIT.exposure, weights={"unapplied-cash": 0})
    )
    desk = a_desk(granted(a_limit("1000.00")), *owing("950.00", days=-5), policy=policy)
    small = desk.check(an_order(amount="100.00"))
    large = desk.check(an_order(amount="2500.00"))

    assert ("payment", "warn", 5_000) in ways(small)
    assert all(one.kind is not ReleaseKind.PAYMENT for one in large.releases)


def test_nothing_is_looked_at_by_an_empty_policy():
    """A policy without rules allows everything."""
    check = a_desk(*owing("900.00", days=400), policy=a_policy({})).check(an_order())

    assert (check.outcome, check.findings, check.releases) == (CheckOutcome.ALLOW, (), ())


def test_a_release_without_money_has_no_amount():
    """Its amount is None where it is about something else."""
    policy = a_policy({"terms": {"hold": 60}})
    check = a_desk(policy=policy).check(an_order(due_date=DAY + dt.timedelta(days=75)))

    assert check.releases[0].amount is None
    assert check.releases_of(CreditRule.TERMS) == check.releases
    assert from_minor(100, "EUR") == money("1.00", "EUR")
