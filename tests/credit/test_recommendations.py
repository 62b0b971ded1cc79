"""What to do with a customer's credit follows from what is known, and says why."""

import datetime as dt

import attrs
import pytest

from receivables.casework import Insolvency
from receivables.casework.credit import CreditLimit, CreditReview, CreditSuspension, ReviewAction
from receivables.casework.financials import FinancialStatement
from receivables.credit.classes import STANDARD_CLASSES
from receivables.credit.limits import limit_stack, limits_in_force
from receivables.credit.model import Exposure
from receivables.credit.recommendations import (
    CreditCase,
    FailureSign,
    ReasonCode,
    RecommendationPolicy,
    case_from_ledger,
    recommend,
)
from receivables.credit.recommending import LimitFigures, recommend_limit
from receivables.credit.recording import (
    InsolvencyStanding,
    SuspensionStanding,
    credit_reviewed,
    credit_suspended,
    financials_received,
    financials_withdrawn,
    insolvency_reported,
    limit_granted,
)
from receivables.credit.reviewing import review_events
from receivables.errors import CurrencyMismatchError, EventError, PolicyError
from receivables.ledger import Ledger
from receivables.money import money
from receivables.receipts.model import ReturnReason
from receivables.scoring import PaymentBehaviour, PaymentFigures
from receivables.testing.builders import recorded

AS_OF = dt.date(2026, 10, 31)


def _limit(minor, risk_class="B"):
    """A recommended limit of so much: bureau's and asked for."""
    figures = LimitFigures(currency="EUR", bureau_minor=minor)
    return recommend_limit(figures, risk_class=risk_class)


def _case(limit=20_000_00, current=10_000_00, risk_class="B", **fields):
    return CreditCase(
        creditor="MIRA",
        customer="C-1",
        as_of=AS_OF,
        recommended=_limit(limit, risk_class),
        current_minor=current,
        **fields,
    )


def _behaviour(*, late=None, trend=None, oldest=None, broken=0, returned=0):
    figures = PaymentFigures(
        currency="EUR", paid_days_late=late, trend_days_late=trend, oldest_overdue_days=oldest
    )
    return PaymentBehaviour(
        creditor="MIRA",
        customer="C-1",
        as_of=AS_OF,
        known_since=dt.date(2024, 1, 1),
        by_currency={"EUR": figures},
        figures=figures,
        promises_broken=broken,
        returns={ReturnReason.INSUFFICIENT_FUNDS: returned},
    )


def _suspended(*, by="J. Roy", rule=""):
    suspension = CreditSuspension(
        suspension="S-1", customer="C-1", reason="manual", by=by, rule=rule
    )
    return SuspensionStanding(suspension=suspension, suspended_on=dt.date(2026, 10, 1))


def _insolvent():
    proceedings = Insolvency(
        insolvency="I-1", customer="C-1", kind="reorganization", opened_on=dt.date(2026, 10, 1)
    )
    return InsolvencyStanding(insolvency=proceedings, reported_on=dt.date(2026, 10, 2))


_DISTRESS = FailureSign(model="Altman Z″ (1995)", value="0.5", zone="distress")

CASES = [
    (_case(current=None), "grant", 20_000_00, "no-limit"),
    (_case(current=0), "grant", 20_000_00, "no-limit"),
    (_case(), "raise", 20_000_00, "above-present"),
    (_case(limit=10_900_00), "keep", 10_000_00, "near-present"),
    (_case(limit=9_100_00), "keep", 10_000_00, "near-present"),
    (_case(limit=9_000_00), "reduce", 9_000_00, "below-present"),
    (_case(limit=0), "reduce", 0, "below-present"),
    (_case(limit=0, current=None), "keep", 0, "nothing-left"),
    (_case(limit=None), "keep", 10_000_00, "figure-missing"),
    (_case(limit=None, current=None), "keep", 0, "figure-missing"),
    (_case(behaviour=_behaviour(late=1_501)), "keep", 10_000_00, "raise-barred"),
    (_case(behaviour=_behaviour(late=1_500)), "raise", 20_000_00, "above-present"),
    (_case(behaviour=_behaviour(trend=1_001)), "keep", 10_000_00, "raise-barred"),
    (_case(failures=[_DISTRESS]), "keep", 10_000_00, "raise-barred"),
    (_case(statement_on=dt.date(2025, 4, 30)), "keep", 10_000_00, "raise-barred"),
    (_case(statement_on=dt.date(2025, 5, 1)), "raise", 20_000_00, "above-present"),
    (_case(exposure_minor=10_000_01), "keep", 10_000_00, "raise-barred"),
    (
        _case(behaviour=_behaviour(late=1_501), failures=[_DISTRESS]),
        "reduce",
        7_500_00,
        "signs",
    ),
    (
        _case(limit=5_000_00, behaviour=_behaviour(late=1_501, broken=1)),
        "reduce",
        5_000_00,
        "below-present",
    ),
    (_case(behaviour=_behaviour(returned=2)), "suspend", 10_000_00, "returned-payments"),
    (_case(behaviour=_behaviour(broken=3)), "suspend", 10_000_00, "broken-promises"),
    (_case(behaviour=_behaviour(oldest=90)), "suspend", 10_000_00, "oldest-overdue"),
    (_case(insolvencies=[_insolvent()]), "suspend", 10_000_00, "insolvency"),
    (_case(insolvencies=[_insolvent()], current=None), "keep", 0, "insolvency"),
    (_case(risk_class="F"), "suspend", 10_000_00, "class-refused"),
    (_case(risk_class="F", current=None, exposure_minor=1), "suspend", 0, "class-refused"),
    (_case(suspensions=[_suspended()]), "keep", 10_000_00, "suspension"),
    (_case(suspensions=[_suspended(by="", rule="x 1")]), "reinstate", 10_000_00, "suspension-over"),
    (
        _case(limit=4_000_00, suspensions=[_suspended(by="", rule="x 1")]),
        "reinstate",
        4_000_00,
        "suspension-over",
    ),
    (
        _case(insolvencies=[_insolvent()], suspensions=[_suspended(by="", rule="x 1")]),
        "keep",
        10_000_00,
        "suspension",
    ),
    (
        _case(limit=None, suspensions=[_suspended(by="", rule="x 1")]),
        "keep",
        10_000_00,
        "suspension",
    ),
]


@pytest.mark.parametrize(("case", "action", "limit", "first"), CASES)
def test_what_is_recommended(case, action, limit, first):
    """The action, the limit and the reason that decided."""
    advice = recommend(case)

    assert (action, limit, first) == (
        advice.action.value,
        advice.limit_minor,
        advice.reasons[0].code.value,
    )


@pytest.mark.parametrize(("now", "before", "code"), [("C", "B", "worse"), ("B", "C", "better")])
def test_a_class_that_changed_is_said(now, before, code):
    """A class is compared with that of the last review, where the policy still has it."""
    case = _case(risk_class=now, previous_class=before)

    said = [one.code.value for one in recommend(case, classes=STANDARD_CLASSES).reasons]
    unsaid = [one.code.value for one in recommend(case).reasons]
    former = attrs.evolve(case, previous_class="Z")

    assert f"class-{code}" in said
    assert f"class-{code}" not in unsaid
    assert f"class-{code}" not in [
        one.code.value for one in recommend(former, classes=STANDARD_CLASSES).reasons
    ]


def test_good_signs_are_said_or_not():
    """What speaks for credit is said after what decided, unless the policy says otherwise."""
    case = _case(
        behaviour=_behaviour(late=-120, trend=-1_100),
        failures=[FailureSign(model="Z", value="3", zone="safe")],
    )

    said = {one.code for one in recommend(case).reasons}
    short = recommend(case, policy=RecommendationPolicy(shows_good_signs=False))

    assert {ReasonCode.PAYS_PROMPTLY, ReasonCode.IMPROVING, ReasonCode.FAILURE_SAFE} <= said
    assert [ReasonCode.ABOVE_PRESENT] == [one.code for one in short.reasons]


def test_no_reason_is_said_twice():
    """A sign that decided does not come again."""
    reasons = recommend(_case(behaviour=_behaviour(returned=2))).reasons

    assert len(reasons) == len(set(reasons))


def test_a_suspension_stops_terms():
    """Who is suspended pays in advance until it is over."""
    advice = recommend(_case(behaviour=_behaviour(returned=2)))

    assert ("prepayment", 0, True) == (
        advice.payment.value,
        advice.terms_days,
        advice.is_suspended,
    )


def test_rules_that_are_off_say_nothing():
    """A rule that is off neither suspends nor bars."""
    off = RecommendationPolicy.from_table(
        {
            "off": [
                *("suspend-oldest-days", "suspend-returned-payments", "suspend-broken-promises"),
                *("late-days", "trend-days", "statement-months", "cut-signs"),
            ],
            "suspend-for-insolvency": False,
        }
    )
    behaviour = _behaviour(late=9_900, trend=9_900, oldest=500)
    case = _case(behaviour=behaviour, statement_on=dt.date(2000, 1, 1))

    assert ReviewAction.RAISE is recommend(case, policy=off).action
    insolvent = attrs.evolve(case, insolvencies=[_insolvent()])
    assert ReviewAction.RAISE is recommend(insolvent, policy=off).action


REFUSED = [
    ({"raise-from-bps": -1}, "raise_from_bps must be 0 to 10000"),
    ({"cut-bps": 10_001}, "cut_bps"),
    ({"cut-signs": 0}, "cut_signs must be 1 to"),
    ({"late-days": "15"}, "late_days"),
    ({"suspend-for-insolvency": 1}, "true or false"),
    ({"off": ["cut-bps"]}, "off of house must be among"),
    ({"off": "late-days"}, "off of house must be a list"),
    ({"late": 3}, "keys of house must be among"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_policies_that_cannot_be_are_refused(table, words):
    """The message names what is wrong."""
    with pytest.raises(PolicyError, match=words):
        RecommendationPolicy.from_table(table, name="house")


def test_a_review_keeps_what_was_recommended():
    """The review has the recommendation, and whoever decides otherwise says so."""
    rating = STANDARD_CLASSES.rate({"points": 612})
    advice = recommend(_case(rating=rating))

    review = advice.to_review(by="J. Roy", next_on=dt.date(2027, 4, 30))
    other = advice.to_review(by="J. Roy", reason="new owner", action="keep", limit=money(1, "EUR"))

    assert (ReviewAction.RAISE, "B", 612, "points", advice.limit) == (
        review.action,
        review.risk_class,
        review.score,
        review.scorecard,
        review.limit,
    )
    assert "above-present, cap" == review.reason
    assert (ReviewAction.KEEP, advice.limit) == (other.action, other.recommended)
    with pytest.raises(PolicyError, match="by whom and why"):
        advice.to_review(action="keep")
    with pytest.raises(CurrencyMismatchError):
        advice.to_review(limit=money(1, "USD"), by="J. Roy", reason="x")


def _made(advice, review, **fields):
    return [
        event.event
        for event in review_events(advice, review, on=AS_OF, recorded_at=recorded(), **fields)
    ]


def test_events_of_a_review():
    """A raise grants, a suspension suspends, a reinstatement lifts, and what stays needs no event."""
    standing = _suspended(by="", rule="x 1")
    raised, kept = recommend(_case()), recommend(_case(limit=10_000_00))
    stopped = recommend(_case(insolvencies=[_insolvent()]))
    back = recommend(_case(suspensions=[standing]))
    review = "credit-reviewed:MIRA:C-1:2026-10-31"

    assert [review, "limit-granted:MIRA:C-1:2026-10-31"] == _made(raised, raised.to_review())
    assert [review] == _made(kept, kept.to_review())
    assert [review, "credit-suspended:MIRA:S-1"] == _made(
        stopped, stopped.to_review(), suspension=standing.suspension
    )
    assert [review, "credit-reinstated:MIRA:S-1"] == _made(
        back, back.to_review(), suspended=[standing.suspension]
    )
    with pytest.raises(EventError, match="suspension of C-1 must be given"):
        _made(stopped, stopped.to_review())
    with pytest.raises(EventError, match="review must be of C-1"):
        _made(raised, CreditReview(review="R", customer="C-2", action="keep"))


def _ledger(*events):
    return Ledger.replay(sorted(events, key=lambda event: event.recorded_at))


def _event(build, value, days, minute):
    on = AS_OF - dt.timedelta(days=days)
    return build(value, creditor="MIRA", on=on, recorded_at=recorded(minute))


def _statement(name, year):
    return FinancialStatement(
        financials=name, customer="C-1", currency="EUR", period_end=dt.date(year, 12, 31)
    )


def _exposure(currency="EUR"):
    return Exposure(creditor="MIRA", holder="C-1", currency=currency, as_of=AS_OF, components=())


def test_case_of_a_ledger():
    """Limits, suspensions, proceedings, the last class and the last statement are those of the day."""
    limit = CreditLimit(limit="L-1", customer="C-1", amount=money("10000.00", "EUR"))
    review = CreditReview(review="R-1", customer="C-1", action="keep", risk_class="C")
    ledger = _ledger(
        _event(limit_granted, limit, 300, 0),
        _event(credit_reviewed, review, 200, 1),
        _event(credit_suspended, _suspended().suspension, 20, 2),
        _event(insolvency_reported, _insolvent().insolvency, 5, 3),
        _event(financials_received, _statement("F-1", 2024), 100, 4),
        _event(financials_received, _statement("F-2", 2025), 90, 5),
        _event(financials_withdrawn, _statement("F-2", 2025), 80, 6),
        _event(credit_reviewed, attrs.evolve(review, review="R-2", risk_class="F"), -1, 7),
    )

    stack = limit_stack(_exposure(), limits_in_force(ledger, "MIRA", as_of=AS_OF), as_of=AS_OF)

    case = case_from_ledger(
        ledger, _limit(1), creditor="MIRA", customer="C-1", as_of=AS_OF, stack=stack
    )

    assert ("C", ["S-1"], ["I-1"], dt.date(2024, 12, 31), 10_000_00) == (
        case.previous_class,
        [one.suspension.suspension for one in case.suspensions],
        [one.insolvency.insolvency for one in case.insolvencies],
        case.statement_on,
        case.current_minor,
    )


def test_a_case_without_a_stack_has_no_limit():
    """Without a stack nobody says what was granted; one in another currency says something else."""
    ledger = _ledger()

    case = case_from_ledger(ledger, _limit(1), creditor="MIRA", customer="C-1", as_of=AS_OF)

    assert (None, 0, "") == (case.current_minor, case.exposure_minor, case.previous_class)
    with pytest.raises(CurrencyMismatchError, match="stack must be in EUR"):
        case_from_ledger(
            ledger,
            _limit(1),
            creditor="MIRA",
            customer="C-1",
            as_of=AS_OF,
            stack=limit_stack(_exposure("USD"), (), as_of=AS_OF),
        )
