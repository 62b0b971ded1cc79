"""Warning signs: the figures that speak, and those that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.collection import SignKind, SignUnit, WarningPolicy, warning_signs
from receivables.collection.signs import _UNITS, median_and_spread
from receivables.money import money
from receivables.testing.builders import a_credit_note, a_return, an_unallocation, issued

from .worlds import AS_OF, MIRA, day, invoice, ledger_of, paid, promise

ALONE = frozenset(SignKind) - {SignKind.CONCENTRATION}


def signs(*events, kind=None, policy=None, **given):
    """The signs of a ledger, concentration left out unless it is asked for."""
    found = warning_signs(
        ledger_of(*events), MIRA, **{"as_of": AS_OF, **given}, policy=policy or WarningPolicy()
    )
    wanted = ALONE if kind is None else {SignKind(kind)}
    return [sign for sign in found if sign.kind in wanted]


def history(delays, *, start=400, gap=30, prefix="H", totals=None, customer="C-1"):
    """Invoices due every `gap` days, each paid so many days late, in full unless totals say."""
    events = []
    for place, late in enumerate(delays):
        due = start - place * gap
        number = f"{prefix}-{place}"
        events.append(invoice(number, days=due, customer=customer))
        minor = (totals or {}).get(place, 10_000)
        amount = f"{minor // 100}.{minor % 100:02}"
        events += paid(number, days=due - late, amount=amount, minor=minor, customer=customer)
    return events


def test_a_steady_payer_gives_no_sign():
    """A year of payments two days late is a habit."""
    assert [] == signs(*history([2] * 13))


def test_a_trend_of_delays_is_weighted_by_amounts():
    """The last three months against the twelve before."""
    (sign,) = signs(*history([2] * 10 + [20, 20, 20], start=390), kind="delay-trend")

    assert (20, 2, 10, "EUR", 3, SignUnit.DAYS) == (
        sign.now,
        sign.before,
        sign.threshold,
        sign.currency,
        sign.count,
        sign.unit,
    )
    assert 3 == len(sign.references)
    assert [] == signs(*history([2] * 10 + [11, 11, 11], start=390), kind="delay-trend")


def test_a_large_payment_weighs_more():
    """Two small ones in time do not hide a large one that is late."""
    events = history([0] * 10, start=390)
    events += [invoice("G-1", days=60, total="900.00")]
    events += paid("G-1", days=40, amount="900.00", minor=90_000)
    events += history([0, 0], start=50, gap=10, prefix="K")

    (sign,) = signs(*events, kind="delay-trend")

    assert (16, 0) == (sign.now, sign.before)


def test_a_change_of_habit_is_measured_by_the_customer_s_own_spread():
    """Ten days more are news for one who is punctual, and none for one who is not."""
    punctual = history([1, 2, 1, 2, 1, 2, 14, 15, 14])
    erratic = history([1, 30, 2, 45, 5, 60, 20, 35, 30])

    (sign,) = signs(*punctual, kind="habit-change")

    assert (14, 1, 0, 10, 3) == (sign.now, sign.before, sign.spread, sign.threshold, sign.count)
    assert [] == signs(*erratic, kind="habit-change")
    assert [] == signs(*history([1, 1, 14, 15, 14]), kind="habit-change")


def test_what_is_not_paid_at_all_changes_a_habit():
    """An item that is open longer than usual counts with its days so far."""
    events = history([1] * 9)
    waiting = [invoice(f"W-{n}", days=40) for n in range(2)]

    (sign,) = signs(*events, *waiting, kind="habit-change")

    assert (40, ("W-0", "W-1")) == (sign.now, sign.references[-2:])
    assert [] == signs(*events, invoice("W-0", days=40), kind="habit-change")


def test_partial_payments_that_become_frequent_are_a_sign():
    """A share that has grown, and is large."""
    whole = history([0] * 10, start=390)
    partial = history([0, 0, 0], start=80, gap=20, prefix="P", totals={0: 6_000, 1: 6_000})

    (sign,) = signs(*whole, *partial, kind="partial-payments")

    assert (6_666, 0, 2_500, 2) == (sign.now, sign.before, sign.threshold, sign.count)
    often = history([0] * 13, start=390, totals=dict.fromkeys(range(13), 5_000))
    assert [] == signs(*often, kind="partial-payments")


def bounced(number, days):
    """A payment that went back so many days before the day."""
    money_in, applied = paid(number, days=days + 3)
    return (
        money_in,
        applied,
        an_unallocation(applied, effective_on=day(days)),
        a_return(
            money_in.receipt.receipt,
            customer="C-1",
            effective_on=day(days),
            event=f"returned:{number}",
        ),
    )


def test_a_payment_that_bounced_is_a_sign():
    """For as long as the months last."""
    events = (invoice("FA-1"), *bounced("FA-1", 10))

    (sign,) = signs(*events, kind="bounced-payments")

    assert (1, 1, ("r-FA-1-13-10000",)) == (sign.now, sign.threshold, sign.references)
    assert [] == signs(invoice("FA-1", days=150), *bounced("FA-1", 100), kind="bounced-payments")


def test_broken_promises_are_a_sign():
    """One that is open is none."""
    events = (invoice("FA-1"), promise("P-1", days=30, due=20), promise("P-2", days=3, due=-3))

    (sign,) = signs(*events, kind="broken-promises")

    assert (1, ("P-1",)) == (sign.now, sign.references)
    two = WarningPolicy(broken=2)
    assert [] == signs(*events, kind="broken-promises", policy=two)


LIMITS = [
    ("111.00", [9_009]),
    ("112.00", []),
    ("50.00", [20_000]),
    ("0.00", [10_000]),
]


@pytest.mark.parametrize(("limit", "shares"), LIMITS)
def test_a_limit_that_is_nearly_used_is_a_sign(limit, shares):
    """By what is open in its currency, credits taken off."""
    found = signs(
        invoice("FA-1", total="130.00"),
        invoice("FA-2", currency="USD"),
        issued(a_credit_note("AV-1", customer="C-1", total="30.00")),
        kind="limit-used",
        limits={"C-1": money(limit, "EUR"), "C-9": money("1.00", "EUR")},
    )

    assert shares == [sign.now for sign in found]


def test_the_first_time_late_is_news():
    """Open or paid, after a history of payments in time."""
    events = history([0, 1, 5, 0, 2], start=300)

    (sign,) = signs(*events, invoice("W-1", days=6), kind="first-time-late")

    assert (6, 5, 6, ("W-1",)) == (sign.now, sign.before, sign.threshold, sign.references)
    assert [] == signs(*events, invoice("W-1", days=5), kind="first-time-late")
    late_once = history([0, 6, 0, 0, 0], start=300)
    assert [] == signs(*late_once, invoice("W-1", days=6), kind="first-time-late")
    assert [] == signs(*events[:9], invoice("W-1", days=6), kind="first-time-late")


def test_a_large_part_of_what_is_open_is_a_concentration():
    """By currency, of those who owe something."""
    found = signs(
        invoice("FA-1", total="75.00"),
        invoice("FA-2", customer="C-2", total="25.00"),
        invoice("FA-3", customer="C-3", currency="USD"),
        issued(a_credit_note("AV-1", customer="C-4", total="90.00")),
        kind="concentration",
    )

    assert [("C-1", "EUR", 7_500), ("C-2", "EUR", 2_500), ("C-3", "USD", 10_000)] == [
        (sign.customer, sign.currency, sign.now) for sign in found
    ]


def test_a_sign_that_nobody_wants_is_off():
    """The others stay."""
    policy = WarningPolicy(off=["concentration"])

    assert [] == signs(invoice("FA-1"), kind="concentration", policy=policy)


def test_every_sign_has_its_unit():
    """None is left out."""
    assert set(SignKind) == set(_UNITS)


def test_signs_never_look_ahead():
    """What happens or is learned later changes nothing of an earlier day."""
    events = history([2] * 10 + [20, 20, 20], start=390)
    earlier = [event for event in events if event.effective_on <= day(60)]

    assert signs(*earlier, as_of=day(60)) == signs(*events, as_of=day(60))
    assert signs(*events) == signs(*events, known_at=max(one.recorded_at for one in events))


@given(values=st.lists(st.integers(-50, 90), min_size=1, max_size=12))
def test_the_median_is_in_the_middle(values):
    """Half are not above it, no more than half are, and the spread is within the values."""
    middle, spread = median_and_spread(values)

    assert min(values) <= middle <= max(values)
    assert 2 * sum(value <= middle for value in values) >= len(values)
    assert 2 * sum(value > middle for value in values) <= len(values)
    assert 0 <= spread <= max(values) - min(values)
