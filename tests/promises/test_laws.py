"""Laws of promises and plans, over whole histories."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from receivables.casework import PromiseToPay
from receivables.days import DayCount
from receivables.ledger import Ledger, PlanAccepted, PlanOffered
from receivables.ledger.model import ReceiptReturned
from receivables.money import to_minor
from receivables.promises import (
    PlanState,
    PromiseState,
    holdbacks,
    judge,
    kept_rates,
    offer_plan,
    promise_made,
    standings,
)
from receivables.testing import strategies
from receivables.testing.builders import (
    CREDITOR,
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)

from .worlds import (
    day,
    days_around,
    histories_with_promises,
    novembers,
    planned_stories,
    policies,
    promised_stories,
)

_DECIDED_BY_TIME = (PromiseState.PARTLY_KEPT, PromiseState.BROKEN)


@given(promised_stories(), policies(), novembers())
def test_a_kept_promise_needs_the_money(ledger, policy, as_of):
    """Enough came in by the last day, and the evidence adds up to it."""
    for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy):
        promised = to_minor(one.promise.amount)
        assert one.paid_minor == sum(each.amount_minor for each in one.evidence)
        assert all(each.paid_on <= one.last_day for each in one.evidence)
        if one.state is not PromiseState.WITHDRAWN:
            assert one.paid_minor + one.missing_minor == promised
            enough = promised - policy.tolerated_minor(one.promise.amount)
            assert (one.state is PromiseState.KEPT) == (one.paid_minor >= max(enough, 1))


@given(promised_stories(), policies(), novembers())
def test_a_promise_is_broken_only_after_its_last_day(ledger, policy, as_of):
    """Until the tolerance is over it is open or kept; afterwards it is open no more."""
    for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy):
        if one.state in _DECIDED_BY_TIME:
            assert as_of > one.last_day
            assert one.decided_on > one.last_day
        if one.state is PromiseState.OPEN:
            assert as_of <= one.last_day
            assert one.decided_on is None


@given(promised_stories(), policies(), novembers(), st.integers(1, 20))
def test_what_is_broken_is_mended_by_money_in_time_alone(ledger, policy, as_of, later):
    """A later day makes a broken promise better only with money that had come in by its last day.

    Such money was there, and unapplied, unidentified or another promise's; nothing that came in
    after the last day counts, whenever it is asked.
    """
    asked_on = as_of + dt.timedelta(days=later)
    before = {
        one.promise.promise: one for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy)
    }
    after = judge(ledger, CREDITOR, as_of=asked_on, policy=policy)

    for one in after:
        earlier = before.get(one.promise.promise)
        if earlier is not None and earlier.state in _DECIDED_BY_TIME:
            assert one.state is not PromiseState.OPEN
            if one.paid_minor > earlier.paid_minor:
                assert all(each.paid_on <= earlier.last_day for each in one.evidence)


@given(promised_stories(), policies(), novembers())
def test_one_cent_keeps_one_promise(ledger, policy, as_of):
    """What promises take of a receipt is never more than came in with it and stayed."""
    judged = judge(ledger, CREDITOR, as_of=as_of, policy=policy)
    taken = Counter()
    for one in judged:
        for each in one.evidence:
            taken[each.source, one.promise.amount.currency.code] += each.amount_minor

    back = Counter()
    receipts = ledger.receipts()
    for event in ledger.events:
        if isinstance(event, ReceiptReturned) and event.effective_on <= as_of:
            receipt = receipts[event.creditor, event.receipt]
            back[event.receipt] += to_minor(event.amount or receipt.amount)
    for (source, currency), minor in taken.items():
        receipt = receipts.get((CREDITOR, source))
        if receipt is not None and receipt.currency == currency:
            assert minor <= to_minor(receipt.amount) - back[source]


@given(promised_stories(), policies(), novembers())
def test_what_keeps_a_promise_is_there(ledger, policy, as_of):
    """Evidence on an item is at most what is settled of it, and unapplied at most what is unapplied."""
    on_items, unapplied = Counter(), Counter()
    for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy):
        for each in one.evidence:
            on_items[each.item] += each.amount_minor
            unapplied[each.source] += 0 if each.item else each.amount_minor

    for name, minor in on_items.items():
        item = ledger.item(CREDITOR, name, as_of=as_of) if name else None
        assert item is None or minor <= item.amount_minor - item.open_minor
    for name, minor in unapplied.items():
        assert not minor or minor <= -ledger.item(CREDITOR, name, as_of=as_of).open_minor


@given(promised_stories(), planned_stories(), policies(), novembers())
def test_a_replay_says_the_same(promised, planned, policy, as_of):
    """Judging twice, and judging a replayed ledger, gives equal answers."""
    again = Ledger.replay(promised.events)
    planned_again = Ledger.replay(planned.events)

    assert judge(promised, CREDITOR, as_of=as_of, policy=policy) == judge(
        again, CREDITOR, as_of=as_of, policy=policy
    )
    assert standings(planned, CREDITOR, as_of=as_of) == standings(
        planned_again, CREDITOR, as_of=as_of
    )


@given(promised_stories(), policies(), novembers())
def test_what_is_recorded_later_changes_nothing_known_before(ledger, policy, as_of):
    """A ledger that ends at a moment answers as a longer one asked for that moment."""
    if not ledger.events:
        return
    moment = ledger.events[len(ledger) // 2].recorded_at
    shorter = Ledger.replay(one for one in ledger.events if one.recorded_at <= moment)

    assert judge(shorter, CREDITOR, as_of=as_of, policy=policy) == judge(
        ledger, CREDITOR, as_of=as_of, known_at=moment, policy=policy
    )


@given(histories_with_promises(), policies(), days_around())
def test_any_history_can_be_judged(ledger, policy, as_of):
    """Whatever became of documents and receipts, what is paid and what is missing is the promise."""
    for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy):
        if one.state is not PromiseState.WITHDRAWN:
            assert one.paid_minor + one.missing_minor == to_minor(one.promise.amount)
            assert one.paid_minor >= 0
    assert holdbacks(ledger, CREDITOR, as_of=as_of, policy=policy) is not None


@given(st.data())
def test_the_order_of_one_day_does_not_matter(data):
    """Promises and allocations of one day may be recorded in any order."""
    start = [issued(an_invoice(f"F-{place}", total="100.00")) for place in (1, 2)]
    start += [
        received(a_receipt(f"r-{place}", amount="60.00", booking_date=day(3)))
        for place in (1, 2, 3)
    ]
    given_on = data.draw(st.sampled_from([day(2), day(3)]))
    promises = [
        PromiseToPay(
            promise=f"P-{place}",
            customer="C-017",
            amount=data.draw(strategies.monies(minimum=1, maximum=15_000, currency="EUR")),
            due_on=day(data.draw(st.integers(3, 6))),
            items=data.draw(st.sampled_from([(), ("F-1",), ("F-2", "F-1")])),
        )
        for place in (1, 2, 3)
    ]
    moment = recorded(5)
    same_day = [
        *(
            promise_made(one, creditor=CREDITOR, on=given_on, recorded_at=moment)
            for one in promises
        ),
        *(
            an_allocation(
                {item: minor, receipt: -minor},
                allocation=f"a-{receipt}",
                effective_on=day(3),
                minute=5,
            )
            for receipt, item, minor in (
                ("r-1", "F-1", 6_000),
                ("r-2", "F-1", 3_000),
                ("r-3", "F-2", 5_000),
            )
        ),
    ]
    expected = Ledger().record(*start, *same_day)
    shuffled = Ledger().record(*start, *data.draw(st.permutations(same_day)))

    assert judge(expected, CREDITOR, as_of=day(5)) == judge(shuffled, CREDITOR, as_of=day(5))


@given(promised_stories(), policies(), novembers())
def test_rates_count_every_promise_once(ledger, policy, as_of):
    """By customer or by collector, the counts add up to the promises."""
    judged = judge(ledger, CREDITOR, as_of=as_of, policy=policy)

    for rates in (kept_rates(judged), kept_rates(judged, by_collector=True)):
        assert len(judged) == sum(one.decided + one.open + one.withdrawn for one in rates)
        for one in rates:
            assert one.paid_minor <= one.promised_minor


@given(promised_stories(), policies(), novembers())
def test_a_promise_never_holds_back_more_than_is_open(ledger, policy, as_of):
    """What is held of an item is at most what is open of it, and of a promise what it lacks."""
    found = holdbacks(ledger, CREDITOR, as_of=as_of, policy=policy)
    by_item, by_promise = Counter(), Counter()
    for one in found:
        by_item[one.item] += one.amount_minor
        by_promise[one.reference] += one.amount_minor

    for item, minor in by_item.items():
        assert minor <= ledger.item(CREDITOR, item, as_of=as_of).open_minor
    for one in judge(ledger, CREDITOR, as_of=as_of, policy=policy):
        assert by_promise[one.promise.promise] <= one.missing_minor


@given(planned_stories(), novembers())
def test_the_totals_of_a_plan_are_preserved(ledger, as_of):
    """In every currency the principal is what was open, and paid and remaining make up the plan."""
    for one in standings(ledger, CREDITOR, as_of=as_of):
        offer = ledger.get(f"plan-offered:{CREDITOR}:{one.plan.plan}")
        owed, agreed, reduced = Counter(), Counter(), Counter()
        known = {"as_of": one.offered_on, "known_at": offer.recorded_at}
        for name in one.plan.items:
            item = ledger.item(CREDITOR, name, **known)
            owed[item.currency] += item.open_minor
        for each in one.plan.installments:
            agreed[each.principal.currency.code] += to_minor(each.amount)
        for each in one.installments:
            reduced[each.currency] += each.reduced_minor
            assert 0 <= each.paid_minor <= each.due_minor <= each.agreed_minor
        assert dict(owed) == dict(one.plan.principal_minor)
        for currency, minor in one.planned_minor.items():
            assert minor == one.paid_minor[currency] + one.remaining_minor[currency]
            assert agreed[currency] == minor + reduced[currency]


@given(planned_stories(), novembers())
def test_a_plan_asks_for_no_more_than_is_open(ledger, as_of):
    """Where only one plan has the items and no interest, what remains of it is at most what is open."""
    found = standings(ledger, CREDITOR, as_of=as_of)
    times = Counter(item for one in found for item in one.plan.items)
    for one in found:
        alone = all(times[item] == 1 for item in one.plan.items)
        if one.accepted_on is None or one.plan.rate_bps or not alone:
            continue
        owed = Counter()
        for name in one.plan.items:
            item = ledger.item(CREDITOR, name, as_of=as_of)
            owed[item.currency] += item.open_minor
        for currency, minor in one.remaining_minor.items():
            assert minor <= owed[currency]


@given(planned_stories(), novembers(), st.integers(1, 20))
def test_a_broken_plan_stays_broken(ledger, as_of, later):
    """Money of a later day does not mend it; what had come in by then, and was applied late, may."""
    after = {
        one.plan.plan: one
        for one in standings(ledger, CREDITOR, as_of=as_of + dt.timedelta(days=later))
    }
    for one in standings(ledger, CREDITOR, as_of=as_of):
        if one.state is PlanState.BROKEN and after[one.plan.plan].state is not PlanState.BROKEN:
            in_time = [
                each for each in after[one.plan.plan].installments if each.paid_on is not None
            ]
            assert any(each.paid_on < one.broken_since for each in in_time)


@given(planned_stories(), novembers())
def test_a_plan_changes_no_item(ledger, as_of):
    """The open items are the same with the plans and without them, on any day."""
    without = Ledger.replay(
        one for one in ledger.events if not isinstance(one, PlanOffered | PlanAccepted)
    )

    assert without.open_items(as_of=as_of) == ledger.open_items(as_of=as_of)


@given(planned_stories(), novembers())
def test_installments_are_paid_in_their_order(ledger, as_of):
    """No installment has money while one before it, in its currency, lacks some."""
    for one in standings(ledger, CREDITOR, as_of=as_of):
        lacking = set()
        for each in one.installments:
            assert not (each.paid_minor and each.currency in lacking)
            if each.missing_minor:
                lacking.add(each.currency)


@given(
    strategies.open_items_lists(max_size=5),
    st.integers(1, 24),
    st.integers(0, 3_000),
    st.integers(0, 90),
)
def test_interest_is_that_of_the_balance(items, count, rate_bps, wait):
    """Each installment bears the interest of what is left, within half a unit."""
    owed = [one for one in items if one.open_minor > 0]
    if not owed:
        return
    covered = [one for one in owed if one.customer == owed[0].customer]
    as_of = dt.date(2026, 3, 1)
    plan = offer_plan(
        covered,
        plan="PP-1",
        customer=covered[0].customer,
        as_of=as_of,
        installments=count,
        first_due_on=as_of + dt.timedelta(days=wait),
        rate_bps=rate_bps,
    )
    balance, since = dict(plan.principal_minor), dict.fromkeys(plan.principal_minor, as_of)
    for one in plan.installments:
        code = one.principal.currency.code
        year = DayCount.ACT_365F.fraction(since[code], one.due_on)
        exact = Fraction(balance[code] * rate_bps, 10_000) * year
        assert abs(to_minor(one.interest) - exact) <= Fraction(1, 2)
        balance[code] -= to_minor(one.principal)
        since[code] = one.due_on
    assert not any(balance.values())
