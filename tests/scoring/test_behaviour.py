"""Payment behaviour on a day: days beyond terms, shares, trends, cases, and what is not known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from receivables.allocation.model import Allocation, Leg, Residual, ResidualKind
from receivables.casework import DisputedPart
from receivables.currencies import ExchangeRates, QuotedRate, RateKind
from receivables.documents import ItemId
from receivables.errors import MissingRateError, PolicyError
from receivables.ledger import Ledger
from receivables.money import ExchangeRate, money
from receivables.receipts.model import ReturnReason
from receivables.scoring import (
    BEHAVIOUR_CHARACTERISTICS,
    BehaviourPolicy,
    DueBasis,
    PaymentExperience,
    behaviour,
    behaviour_columns,
    behaviour_from,
    behaviour_series,
)
from receivables.testing.builders import (
    a_credit_note,
    a_return,
    an_allocation,
    an_unallocation,
    issued,
    recorded,
)

from .behaviour_worlds import (
    AS_OF,
    MIRA,
    behaviour_of,
    day,
    decided,
    dispute,
    figures_of,
    invoice,
    ledger_of,
    noticed,
    paid,
    postponed,
    promise,
    settled,
)


def test_paying_on_the_due_day_is_exactly_80():
    """Whatever the amounts."""
    found = figures_of(settled("FA-1", late=0, minor=7), settled("FA-2", late=0, minor=10**9))

    assert (0, 80) == (found.paid_days_late, found.paydex())
    assert (0, 0) == (found.late_bps, found.largest_days_late)


def test_days_are_weighted_by_amounts():
    """A large payment on time outweighs a small one that is late."""
    found = figures_of(settled("FA-1", late=40, minor=1_000), settled("FA-2", late=0, minor=3_000))

    assert (1_000, 73) == (found.paid_days_late, found.paydex())
    assert (2_500, 40) == (found.late_bps, found.largest_days_late)
    assert (1, 4_000) == (found.payments, found.paid_minor)


def test_what_is_unpaid_and_overdue_counts_in_its_own_measure():
    """With its days so far; what is not due yet says nothing."""
    events = (settled("FA-1", late=0), invoice("FA-2", days=60), invoice("FA-3", days=-10))

    found = figures_of(*events)

    assert (0, 3_000) == (found.paid_days_late, found.with_open_days_late)
    assert (80, 50) == (found.paydex(), found.paydex_with_open())
    assert (20_000, 10_000, 5_000, 60) == (
        found.open_minor,
        found.overdue_minor,
        found.overdue_bps,
        found.oldest_overdue_days,
    )


def test_nothing_known_is_none_and_never_zero():
    """A customer that has an invoice and no payment has no delay."""
    found = behaviour_of(invoice("FA-1", days=-5))

    assert found.figures.paid_days_late is None
    assert found.figures.paydex() is None
    assert found.figures.paydex_with_open() is None
    assert (0, 0) == (found.figures.payments, found.figures.oldest_overdue_days)
    assert (None, None) == (found.first_payment_on, found.dunning_level)


def test_an_unknown_customer_has_no_characteristic():
    """Those that are asked for by name are there, and say so."""
    found = behaviour(ledger_of(settled()), MIRA, as_of=AS_OF, customers=["C-9", "C-1"])

    assert ["C-9", "C-1"] == list(found)
    assert {None} == set(found["C-9"].characteristics().values())
    assert [] == list(behaviour(Ledger(), MIRA, as_of=AS_OF))
    assert [] == list(behaviour(ledger_of(settled()), MIRA, as_of=AS_OF, customers=[]))


def test_a_quiet_customer_is_known_to_have_paid_nothing():
    """After the window there is nothing to weigh, and the counts are zero."""
    found = behaviour_of(settled(ago=900)).characteristics()

    assert (0, None, 0, 29) == (
        found["payments"],
        found["paid_days_late"],
        found["promises_broken"],
        found["months_since_last_payment"],
    )


def test_the_middle_and_the_spread_are_weighted():
    """Half of the amount came no later than the median, and half of it lies within the spread."""
    late = {"FA-1": (2, 5_000), "FA-2": (10, 2_000), "FA-3": (50, 3_000)}
    events = [settled(name, late=n, ago=20 + n, minor=minor) for name, (n, minor) in late.items()]

    found = figures_of(*events)

    assert (600, 400) == (found.median_days_late, found.spread_days_late)
    # The mean is 18 days: (256 * 5 + 64 * 2 + 1024 * 3) / 10 = 448, whose root is 21.17.
    assert (1_800, 2_117) == (found.paid_days_late, found.deviation_days_late)
    assert 3 == found.dated_payments


def test_one_payment_has_no_spread():
    """Its median is known, how far others lie from it is not."""
    found = figures_of(settled(late=5))

    assert (500, None, None) == (
        found.median_days_late,
        found.spread_days_late,
        found.deviation_days_late,
    )


def test_the_trend_is_the_last_months_against_those_before():
    """With enough payments in both; the slope says by how much a month."""
    before = [settled(f"B-{n}", late=n, ago=100 + 30 * n) for n in (1, 2, 3)]
    now = [settled(f"N-{n}", late=20, ago=10 * n + 5) for n in (0, 1, 2)]

    found = figures_of(*before, *now)

    assert (2_000, 200, 1_800) == (
        found.recent_days_late,
        found.before_days_late,
        found.trend_days_late,
    )
    assert (3, 3) == (found.recent_payments, found.before_payments)
    assert found.slope_days_late > 0
    assert figures_of(*before, *now[:2]).trend_days_late is None


def test_the_slope_is_days_per_month():
    """Two days later each month is a slope of two."""
    events = [settled(f"F-{n}", late=20 - 2 * n, ago=30 * n + 10) for n in range(6)]

    assert (200, 6) == (figures_of(*events).slope_days_late, figures_of(*events).months_paid)
    assert figures_of(events[0]).slope_days_late is None


def test_a_part_is_partial_and_the_whole_is_full():
    """Shares are by amount; the payment that settles the rest is not partial."""
    found = figures_of(
        invoice("FA-1", days=30),
        *paid("FA-1", days=31, minor=6_000),
        *paid("FA-1", days=20, minor=4_000),
        invoice("FA-2", days=30),
        *paid("FA-2", days=10, minor=5_000),
    )

    assert (7_333, 6_667) == (found.partial_bps, found.full_bps)
    assert (3, 15_000) == (found.payments, found.paid_minor)


def test_the_highest_balance_is_that_of_a_day_of_the_window():
    """What was owed before it counts while it is still owed."""
    events = (
        invoice("FA-1", days=500, minor=10_000),
        *paid("FA-1", days=200),
        settled("FA-2", ago=100, minor=4_000),
        invoice("FA-3", days=0, minor=3_000),
    )

    found = figures_of(*events)

    assert (10_000, 3_000, 3_000) == (
        found.highest_balance_minor,
        found.open_minor,
        found.used_bps,
    )
    assert 4_000 == figures_of(*events, policy=BehaviourPolicy(months=6)).highest_balance_minor


def test_what_was_undone_was_never_paid_from_that_day_on():
    """Before it, it was; the return counts by its reason."""
    bought, applied = paid("FA-1", days=20)
    back = an_unallocation(applied, effective_on=day(10))
    returned = a_return(
        bought.receipt.receipt,
        customer="C-1",
        effective_on=day(10),
        reason=ReturnReason.INSUFFICIENT_FUNDS,
    )
    ledger = ledger_of(invoice("FA-1"), bought, applied, back, returned)

    after = behaviour(ledger, MIRA, as_of=AS_OF)["C-1"]
    before = behaviour(ledger, MIRA, as_of=day(11))["C-1"]

    assert (0, 1) == (after.figures.payments, after.characteristics()["returned_for_funds"])
    assert {ReturnReason.INSUFFICIENT_FUNDS: 1} == after.returns
    assert (1_000, 0) == (before.figures.paid_days_late, before.returned_payments)


def test_money_counts_when_it_came_and_once_it_is_applied():
    """Until then the item is open, because nobody knew what was paid."""
    events = (invoice("FA-1", days=30), *paid("FA-1", days=25, applied=2))

    assert (500, 0) == (figures_of(*events).paid_days_late, figures_of(*events).overdue_minor)
    waiting = figures_of(*events, as_of=day(3))
    assert (None, 10_000) == (waiting.paid_days_late, waiting.overdue_minor)


def test_more_time_given_later_hides_a_delay_or_not():
    """By the policy: the latest due date, or the first one."""
    events = (invoice("FA-1", days=30), postponed("FA-1", to=10, days=20), *paid("FA-1", days=10))

    assert 0 == figures_of(*events).paid_days_late
    first = BehaviourPolicy(due=DueBasis.FIRST)
    assert 2_000 == figures_of(*events, policy=first).paid_days_late


def test_what_is_disputed_may_be_left_out():
    """By the policy; it is open all the same."""
    events = (invoice("FA-1", days=30), dispute("D-1", days=20, amount="60.00"))

    assert 10_000 == figures_of(*events).overdue_minor
    found = figures_of(*events, policy=BehaviourPolicy(leaves_out_disputed=True))
    assert (4_000, 10_000) == (found.overdue_minor, found.open_minor)


def test_days_of_grace_count_in_shares_and_not_in_days():
    """The averages are what they are."""
    found = figures_of(settled(late=3), policy=BehaviourPolicy(late_days=3))

    assert (300, 0) == (found.paid_days_late, found.late_bps)


def test_what_was_given_up_is_a_share():
    """Of what was paid or given up, by the item that it belongs to."""
    allocation = Allocation(
        allocation="a-9",
        creditor=MIRA,
        currency="EUR",
        legs=[Leg(ItemId("FA-1"), 10_000), Leg(ItemId("r-FA-1-30-6000"), -6_000)],
        residuals=[Residual(ResidualKind.WRITE_OFF, 4_000)],
    )
    receipt, applied = paid("FA-1", days=30, minor=6_000)
    applied = attrs.evolve(applied, allocation=allocation)

    found = figures_of(invoice("FA-1", days=30), receipt, applied)

    assert (4_000, 4_000, 6_000) == (
        found.written_off_minor,
        found.written_off_bps,
        found.paid_minor,
    )
    assert 0 == found.full_bps


def test_cases_are_counted_in_the_window():
    """Promises, disputes and notices, each on its own day."""
    found = behaviour_of(
        invoice("FA-1", days=60),
        promise("P-1", days=40, due=30),
        promise("P-2", days=20, due=-5),
        dispute("D-1", days=50, amount="10.00"),
        decided("D-1", outcome="invalid", days=40),
        noticed("FA-1", level=1, days=50),
        noticed("FA-1", level=2, days=30),
    )

    assert (2, 0, 1) == (found.promises_made, found.promises_kept, found.promises_broken)
    assert (1, 0, 1) == (found.disputes_opened, found.disputes_accepted, found.disputes_rejected)
    assert (2, 2) == (found.notices, found.dunning_level)


def test_cases_before_the_window_are_not_counted():
    """A month looks back a month."""
    events = (
        invoice("FA-1", days=90),
        promise("P-1", days=80, due=70),
        dispute("D-1", days=80),
        noticed("FA-1", level=1, days=80),
    )

    found = behaviour_of(*events, policy=BehaviourPolicy(months=1))

    assert (0, 0, 0, 0) == (
        found.promises_made,
        found.promises_broken,
        found.disputes_opened,
        found.notices,
    )
    assert found.dunning_level is None


def test_a_dispute_that_was_right_in_part_was_accepted():
    """The customer had a point."""
    part = DisputedPart(item="FA-1", amount=money("5.00", "EUR"))
    found = behaviour_of(
        invoice("FA-1"),
        dispute("D-1", days=20),
        decided("D-1", outcome="split", days=10, accepted=(part,)),
    )

    assert (1, 0) == (found.disputes_accepted, found.disputes_rejected)


def test_months_count_back_from_the_day():
    """Whole months since the first item and the payments, and those with something in them."""
    found = behaviour_of(settled("FA-1", ago=400), settled("FA-2", ago=70)).characteristics()

    assert (14, 13, 2, 2) == (
        found["months_since_first_item"],
        found["months_since_first_payment"],
        found["months_since_last_payment"],
        found["active_months"],
    )


def test_currencies_are_kept_apart_without_rates():
    """Each has its figures; there are no overall ones."""
    events = (settled("FA-1", late=10), settled("FA-2", late=30, currency="USD"))

    found = behaviour_of(*events)

    assert {"EUR": 1_000, "USD": 3_000} == {
        code: one.paid_days_late for code, one in found.by_currency.items()
    }
    assert found.figures is None
    assert (None, 3_000, 1) == (
        found.characteristics()["paid_days_late"],
        found.characteristics(currency="USD")["paid_days_late"],
        found.characteristics(currency="USD")["payments"],
    )
    assert 0 == found.characteristics(currency="JPY")["payments"]


def test_currencies_are_one_at_stated_rates():
    """Weights are exact, and amounts rounded once."""
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=AS_OF, source="ECB")
    events = (
        settled("FA-1", late=10, minor=10_000),
        settled("FA-2", late=30, minor=12_501, currency="USD"),
    )

    found = figures_of(*events, policy=BehaviourPolicy(currency="EUR"), rates=ExchangeRates([rate]))

    assert ("EUR", 20_001, 1) == (found.currency, found.paid_minor, found.payments)
    assert (2_000, 62) == (found.paid_days_late, found.paydex())
    with pytest.raises(MissingRateError, match="USD/EUR"):
        figures_of(*events, policy=BehaviourPolicy(currency="EUR"))


def test_currencies_are_one_at_closing_rates():
    """As exposures are: a table of closing rates alone is enough."""
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=AS_OF, source="ECB")
    rates = ExchangeRates([QuotedRate(rate, RateKind.CLOSING)])

    found = figures_of(
        *settled("FA-1", minor=12_500, currency="USD"),
        policy=BehaviourPolicy(currency="EUR"),
        rates=rates,
    )

    assert ("EUR", 10_000) == (found.currency, found.paid_minor)


def test_a_series_reads_the_ledger_once_and_says_the_same():
    """Each day as if it had been asked for alone, at one moment or at its own."""
    ledger = ledger_of(settled("FA-1", late=10, ago=80), settled("FA-2", late=30, ago=20))
    days = (day(90), day(60), AS_OF)

    found = dict(behaviour_series(ledger, MIRA, days=days))

    assert {each: behaviour(ledger, MIRA, as_of=each) for each in days} == found
    moments = dict.fromkeys(days, recorded(0))
    at = dict(behaviour_series(ledger, MIRA, days=days, known_at=moments))
    assert behaviour(ledger, MIRA, as_of=AS_OF, known_at=recorded(0)) == at[AS_OF]
    with pytest.raises(PolicyError, match="known_at must have a moment for every day"):
        dict(behaviour_series(ledger, MIRA, days=days, known_at={AS_OF: recorded(0)}))


def test_another_creditor_s_book_is_not_read():
    """One ledger may hold several."""
    assert {} == behaviour(ledger_of(settled(), noticed()), "OTHER", as_of=AS_OF)


def test_experiences_are_enough():
    """Without a ledger there are no cases, and the rest is the same."""
    sold = [
        PaymentExperience(
            customer="C-1",
            currency="EUR",
            amount_minor=10_000,
            since=day(60 + late),
            due_date=day(30 + late),
            paid_on=day(30),
        )
        for late in (0, 20)
    ]

    found = behaviour_from(sold, as_of=AS_OF)["C-1"]

    same = figures_of(settled("FA-1", late=0), settled("FA-2", late=20))
    assert same == found.figures
    with pytest.raises(PolicyError, match="amount_minor must be above zero, got 0"):
        attrs.evolve(sold[0], amount_minor=0)


def test_characteristics_are_a_stable_table():
    """Their names, in one order, with whole numbers or nothing; and the same as columns."""
    found = behaviour_of(settled(late=5), invoice("FA-2", days=3))

    values = found.characteristics()

    assert list(BEHAVIOUR_CHARACTERISTICS) == list(values)
    assert all(value is None or type(value) is int for value in values.values())
    columns = behaviour_columns([found])
    assert {"customer": ["C-1"], "as_of": [AS_OF], **{k: [v] for k, v in values.items()}} == columns
    assert all(one.name == name and one.meaning for name, one in BEHAVIOUR_CHARACTERISTICS.items())


REFUSED = [
    ({"months": 0}, "months must be a whole number from 1 to 1200, got 0"),
    ({"recent-months": True}, "recent_months must be a whole number"),
    ({"late-days": -1}, "late_days must be a whole number of 0 or more, got -1"),
    ({"due": "second"}, "due must be one of latest, first, got 'second'"),
    ({"currency": "XYZ"}, "XYZ"),
    ({"currency": 5}, "currency must be text, got 5"),
    ({"version": 2}, "version must be text, got 2"),
    ({"monhts": 3}, "keys of own must be among version, months"),
    ({"leaves-out-disputed": 1}, "leaves_out_disputed"),
    ([], "own must be a table"),
]


@pytest.mark.parametrize(("table", "words"), REFUSED)
def test_a_policy_that_cannot_be_is_refused(table, words):
    """The message names the table and the key."""
    with pytest.raises(PolicyError, match=words) as refusal:
        BehaviourPolicy.from_table(table, name="own")

    assert "own" in str(refusal.value)


def test_a_policy_is_a_table():
    """Words of a key may be joined by hyphens."""
    policy = BehaviourPolicy.from_table({"version": "2026-11", "recent-months": 6, "due": "first"})

    assert BehaviourPolicy(version="2026-11", recent_months=6, due=DueBasis.FIRST) == policy


def test_a_day_is_a_plain_date():
    """A moment is none."""
    with pytest.raises(PolicyError, match="as_of must be a date"):
        behaviour(Ledger(), MIRA, as_of=dt.datetime(2026, 10, 31, tzinfo=dt.UTC))


def test_the_first_days_of_the_calendar_are_no_trouble():
    """The window reaches back as far as there are days."""
    assert {} == behaviour(ledger_of(settled()), MIRA, as_of=dt.date(1, 2, 3))


def test_a_settlement_by_a_credit_note_is_no_payment():
    """Nothing came in."""
    note = issued(a_credit_note("AV-1", customer="C-1", total="100.00"))
    applied = an_allocation(
        {"FA-1": 10_000, "AV-1": -10_000}, customers=("C-1",), effective_on=day(5)
    )

    found = behaviour_of(invoice("FA-1"), note, applied)

    assert (0, 0, None) == (
        found.figures.payments,
        found.figures.open_minor,
        found.last_payment_on,
    )
