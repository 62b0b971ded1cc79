"""Settling with discounts, grace and tolerance: published matrices, limits, and money conserved.

The matrices are those of Microsoft's documentation of Business Central, *Work with Payment
Tolerances and Payment Discount Tolerances*, examples 1 and 2: grace of 5 days, tolerance of 5.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation import (
    AsStated,
    Circumstances,
    LateDiscount,
    ResidualKind,
    SettleReason,
    Sharing,
    Tolerance,
    TolerancePolicy,
    settle,
)
from receivables.documents import DiscountOffer
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.money import from_minor, money
from receivables.testing.builders import an_open_item

LAST = dt.date(2003, 1, 15)
"""The last day of the discount in the published matrices."""


def day(after):
    return LAST + dt.timedelta(days=after)


FIVE = Tolerance(amounts=[money("5.00", "EUR")])
POLICY = TolerancePolicy(under=FIVE, over=FIVE, grace_days=5, late_discount=LateDiscount.ASK)

WINDOWS = {
    "on/before discount date": [day(-10), day(0)],
    "within grace period": [day(1), day(5)],
    "after grace": [day(6), day(60)],
}
"""The days that each window of the worked cases has at its ends."""


def residuals(done, kind):
    """The residuals of a kind, in minor units by item."""
    return {one.item: one.amount_minor for one in done.allocation.residuals if one.kind is kind}


def small(done):
    return residuals(done, ResidualKind.SMALL_DIFFERENCE)


def discounts(done):
    return residuals(done, ResidualKind.SETTLEMENT_DISCOUNT)


def late_discount(done):
    """What was granted late, in minor units."""
    return sum(
        item.discount_minor for item in done.items if SettleReason.DISCOUNT_IN_GRACE in item.reasons
    )


def kind_of_tolerance(done):
    """What the worked cases call the kind of tolerance."""
    found = ["PaymentDiscountTolerance"] if late_discount(done) else []
    found += ["PaymentTolerance"] if small(done) else []
    return "+".join(found) or "None"


def minor(text):
    return int(Decimal(text) * 100)


def settled_case(case, paid_on, debit, credit):
    """What a worked case comes to on a day of its window."""
    given_ = case["inputs"]
    most = money(given_["max_tolerance"], "EUR")
    policy = TolerancePolicy(
        under=Tolerance(amounts=[most]),
        over=Tolerance(amounts=[most]),
        grace_days=given_["grace_days"],
        late_discount=LateDiscount.ASK,
    )
    allowed = given_["allow_late_discount"]
    invoice = debit("F-1", minor(given_["invoice"]), offers=[(LAST, minor(given_["discount"]))])
    return settle(
        "a-1",
        credits=[credit("r-1", minor(given_["payment"]), day=paid_on)],
        debits=[invoice],
        policy=policy,
        circumstances=Circumstances(late_discounts={} if allowed is None else {"F-1": allowed}),
    )


def as_expected(done):
    """What settling came to, in the words of the worked cases."""
    return {
        "tolerance_type": kind_of_tolerance(done),
        "closed": done.is_closed,
        "remaining_on_invoice": sum(item.open_minor for item in done.items),
        "remaining_on_payment": sum(done.unapplied_minor.values()),
        "discount_tolerance": late_discount(done),
        "payment_tolerance": sum(small(done).values()),
    }


def test_every_published_case_of_tolerance(oracle, debit, credit):
    """Each worked case, on the first and the last day of its window; each names its source."""
    for case in oracle("payment_tolerance.jsonl"):
        wanted = {
            key: minor(value) if isinstance(value, str) and key != "tolerance_type" else value
            for key, value in case["expected"].items()
        }
        for paid_on in WINDOWS[case["inputs"]["pay_window"]]:
            found = as_expected(settled_case(case, paid_on, debit, credit))

            assert wanted == found, (case["id"], paid_on, case["source"]["title"])


SINGLE = {
    # day after the discount's last, allowed, paid: late discount, difference, left on each side
    "1": (0, None, 985, (0, -5, 0, 0)),
    "2": (0, None, 980, (0, 0, 0, 0)),
    "3": (0, None, 975, (0, 5, 0, 0)),
    "4A": (1, True, 1005, (20, 0, 0, 25)),
    "5A": (5, True, 1000, (20, 0, 0, 20)),
    "6A": (1, True, 995, (20, 0, 0, 15)),
    "4B": (1, False, 1005, (0, -5, 0, 0)),
    "5B": (5, False, 1000, (0, 0, 0, 0)),
    "6B": (1, False, 995, (0, 5, 0, 0)),
    "7": (1, True, 985, (20, -5, 0, 0)),
    "8": (5, True, 980, (20, 0, 0, 0)),
    "9": (5, True, 975, (20, 5, 0, 0)),
    "10": (6, None, 1005, (0, -5, 0, 0)),
    "11": (6, None, 1000, (0, 0, 0, 0)),
    "12": (6, None, 995, (0, 5, 0, 0)),
    "13": (6, None, 985, (0, 0, 15, 0)),
    "14": (6, None, 980, (0, 0, 20, 0)),
    "15": (6, None, 975, (0, 0, 25, 0)),
}


@pytest.mark.parametrize("row", SINGLE)
def test_one_document_of_the_published_matrix(row, debit, credit):
    """Example 1: an invoice of 1,000 with a discount of 20."""
    after, allowed, paid, wanted = SINGLE[row]
    done = settle(
        "a-1",
        credits=[credit("r-1", paid * 100, day=day(after))],
        debits=[debit("F-1", 100000, offers=[(LAST, 2000)])],
        policy=POLICY,
        circumstances=Circumstances(late_discounts={} if allowed is None else {"F-1": allowed}),
    )
    (item,) = done.items

    assert tuple(figure * 100 for figure in wanted) == (
        late_discount(done),
        item.difference_minor,
        item.open_minor,
        done.unapplied_minor["r-1"],
    )


A, B, C, D = (True, True), (False, False), (True, False), (False, True)

TWO = {
    # day after the first discount's last, decisions, paid: discounts of both, difference of each
    "1": (0, B, 1920, (60, 30), -5),
    "2": (0, B, 1910, (60, 30), 0),
    "3": (0, B, 1900, (60, 30), 5),
    "4B": (1, B, 1980, (0, 30), -5),
    "5B": (2, B, 1970, (0, 30), 0),
    "6B": (1, B, 1960, (0, 30), 5),
    "7A": (1, A, 1920, (60, 30), -5),
    "8A": (2, A, 1910, (60, 30), 0),
    "9A": (1, A, 1900, (60, 30), 5),
    "10B": (3, B, 2010, (0, 0), -5),
    "11B": (5, B, 2000, (0, 0), 0),
    "12B": (3, B, 1990, (0, 0), 5),
    "13D": (3, D, 1980, (0, 30), -5),
    "14D": (5, D, 1970, (0, 30), 0),
    "15D": (3, D, 1960, (0, 30), 5),
    # The source prints D for the next three; their figures are those of C, the first one granted.
    "16": (3, C, 1950, (60, 0), -5),
    "17": (5, C, 1940, (60, 0), 0),
    "18": (3, C, 1930, (60, 0), 5),
    "19A": (3, A, 1920, (60, 30), -5),
    "20A": (5, A, 1910, (60, 30), 0),
    "21A": (3, A, 1900, (60, 30), 5),
    "22B": (6, B, 2010, (0, 0), -5),
    "23B": (7, B, 2000, (0, 0), 0),
    "24B": (6, B, 1990, (0, 0), 5),
    "25A": (6, A, 1980, (0, 30), -5),
    "26A": (7, A, 1970, (0, 30), 0),
    "27A": (6, A, 1960, (0, 30), 5),
    "28": (8, B, 2010, (0, 0), -5),
    "29": (8, B, 2000, (0, 0), 0),
    "30": (8, B, 1990, (0, 0), 5),
}


@pytest.mark.parametrize("sharing", Sharing)
@pytest.mark.parametrize("row", TWO)
def test_two_documents_of_the_published_matrix(row, sharing, debit, credit):
    """Example 2: two invoices of 1,000, discounts of 60 and 30, the second two days longer."""
    after, decided, paid, wanted, each = TWO[row]
    done = settle(
        "a-1",
        credits=[credit("r-1", paid * 100, day=day(after))],
        debits=[
            debit("F-1", 100000, offers=[(LAST, 6000)]),
            debit("F-2", 100000, offers=[(day(2), 3000)]),
        ],
        policy=attrs.evolve(POLICY, sharing=sharing),
        circumstances=Circumstances(late_discounts=dict(zip(("F-1", "F-2"), decided, strict=True))),
    )

    assert done.is_closed
    assert [figure * 100 for figure in wanted] == [item.discount_minor for item in done.items]
    assert [each * 100] * 2 == [item.difference_minor for item in done.items]


def pay(debits, amount, policy, **circumstances):
    """Settle with one receipt on the discount's last day."""
    receipt = an_open_item("r-1", amount_minor=-amount, document_date=LAST, due_date=LAST)
    known = {"paid_on": LAST, **circumstances}
    return settle(
        "a-1", credits=[receipt], debits=debits, policy=policy, circumstances=Circumstances(**known)
    )


def test_nothing_is_tolerated_where_nothing_is_said(debit):
    """Without a policy's word, a missing cent stays open."""
    done = pay([debit("F-1", 10000)], 9999, TolerancePolicy())

    assert done.items[0].open_minor == 1
    assert done.items[0].reasons == (SettleReason.PAID_SHORT,)


def test_a_decision_is_asked_for(debit, credit):
    """A discount taken in grace waits for a decision, and is refused until there is one."""
    done = settle(
        "a-1",
        credits=[credit("r-1", 98000, day=day(3))],
        debits=[debit("F-1", 100000, offers=[(LAST, 2000)])],
        policy=POLICY,
    )

    assert done.to_decide == ("F-1",)
    assert done.items[0].open_minor == 2000


@pytest.mark.parametrize(
    ("late", "granted"), [(LateDiscount.REFUSE, 0), (LateDiscount.ASK, 0), (LateDiscount.GRANT, 20)]
)
def test_the_policy_decides_where_nobody_did(late, granted, debit):
    """Granted by the policy, or not at all; a case that was decided is not asked for."""
    policy = attrs.evolve(POLICY, late_discount=late)
    done = pay([debit("F-1", 1000, offers=[(day(-1), 20)])], 980, policy)

    assert late_discount(done) == granted


def test_the_longer_step_of_a_discount_is_kept_where_the_first_is_refused(debit):
    """3/10 and 2/30, paid in grace of the first: the second is still in time."""
    steps = [(day(-2), 3000), (day(18), 2000)]
    invoice = debit("F-1", 100000, offers=steps)

    refused = pay([invoice], 98000, POLICY)
    granted = pay([invoice], 97000, POLICY, late_discounts={"F-1": True})

    assert (discounts(refused), refused.is_closed) == ({"F-1": 2000}, True)
    assert (discounts(granted), granted.is_closed) == ({"F-1": 3000}, True)


def test_a_discount_takes_its_tax_along(debit):
    """The residual of a discount says how much of it corrects the tax."""
    invoice = debit("F-1", 12000, offers=[(LAST, 240, {"tax": money("0.40", "EUR")})])
    (residual,) = pay([invoice], 11760, POLICY).allocation.residuals

    assert (residual.amount_minor, residual.tax_minor, residual.item) == (240, 40, "F-1")


def test_a_payer_who_took_no_discount_may_get_none(debit):
    """With the policy's switch, a payment in full is in full; without, the excess is the payer's."""
    invoice = debit("F-1", 100000, offers=[(LAST, 2000)])
    strict = attrs.evolve(POLICY, discount_if_paid_in_full=False)

    assert pay([invoice], 100000, strict).is_closed
    assert discounts(pay([invoice], 98000, strict)) == {"F-1": 2000}
    assert pay([invoice], 100000, POLICY).unapplied_minor == {"r-1": 2000}


LIMITS = {
    "the lower of amount and percentage": (
        Tolerance(amounts=[money("5.00", "EUR")], bps=100),
        20000,
        200,
    ),
    "a percentage alone": (Tolerance(bps=50), 30000, 150),
    "a percentage rounded down": (Tolerance(bps=50), 399, 1),
    "an amount alone": (Tolerance(amounts=[money("5.00", "EUR")]), 20000, 500),
    "another currency": (Tolerance(amounts=[money("5.00", "CAD")]), 20000, 0),
    "a total": (Tolerance(bps=100, totals=[money("1.00", "EUR")]), 20000, 100),
}


@pytest.mark.parametrize("why", LIMITS)
def test_a_limit_is_kept_to_the_cent(why, debit):
    """What is just within the limit is let go, and a cent more is not."""
    tolerance, amount, most = LIMITS[why]
    policy = TolerancePolicy(under=tolerance, over=tolerance)
    invoice = debit("F-1", amount)

    assert pay([invoice], amount - most, policy).is_closed
    assert pay([invoice], amount + most, policy).is_closed
    assert pay([invoice], amount - most - 1, policy).items[0].open_minor == most + 1
    assert pay([invoice], amount + most + 1, policy).unapplied_minor == {"r-1": most + 1}


def test_a_difference_is_shared_by_open_amount_within_each_limit(debit):
    """A large and a small document share by size; what the large one cannot bear the other takes."""
    two = [debit("F-1", 100000), debit("F-2", 1000)]

    assert small(pay(two, 100999, POLICY)) == {"F-1": 1}
    assert small(pay(two, 100890, POLICY)) == {"F-1": 109, "F-2": 1}
    assert small(pay(two, 100300, POLICY)) == {"F-1": 500, "F-2": 200}


def test_money_that_is_not_enough_goes_by_the_order(debit):
    """What gets all it needs keeps its discount; the next is paid in part and keeps none."""
    two = [
        debit("F-1", 10000, days=-1, offers=[(LAST, 200)]),
        debit("F-2", 10000, days=0, offers=[(LAST, 200)]),
        debit("F-3", 10000, days=1),
    ]
    done = pay(two, 12000, POLICY)

    assert [item.open_minor for item in done.items] == [0, 7800, 10000]
    assert discounts(done) == {"F-1": 200}
    assert [item.reasons[-1] for item in done.items] == [
        SettleReason.DISCOUNT_IN_TIME,
        SettleReason.PAID_SHORT,
        SettleReason.NOT_REACHED,
    ]


def test_a_stated_amount_is_tolerated_on_its_own(debit, credit):
    """Where the payer says what each invoice gets, each is judged by itself."""
    stated = {"F-1": money("995.00", "EUR"), "F-2": money("400.00", "EUR")}
    done = settle(
        "a-1",
        credits=[credit("r-1", 139500)],
        debits=[debit("F-1", 100000), debit("F-2", 100000)],
        policy=POLICY,
        order=AsStated(stated=stated),
    )

    assert small(done) == {"F-1": 500}
    assert [item.open_minor for item in done.items] == [0, 60000]


def test_a_named_bank_charge_is_borne_within_its_limit(debit):
    """What the bank says it took explains the shortfall first, then the tolerance."""
    policy = attrs.evolve(POLICY, bank_charges=[money("20.00", "EUR")])
    charge = money("15.00", "EUR")
    whole = pay([debit("F-1", 100000)], 98200, policy, bank_charges=charge)
    part = pay([debit("F-1", 100000)], 50000, policy, bank_charges=charge)

    assert whole.is_closed
    assert (residuals(whole, ResidualKind.BANK_CHARGE), small(whole)) == ({"": 1500}, {"F-1": 300})
    assert part.items[0].open_minor == 48500
    assert part.items[0].paid_minor == 51500


def test_a_charge_beyond_the_limit_is_not_borne(debit):
    """The customer still owes what the policy does not bear."""
    policy = attrs.evolve(POLICY, under=Tolerance(), bank_charges=[money("20.00", "EUR")])
    done = pay([debit("F-1", 100000)], 97000, policy, bank_charges=money("30.00", "EUR"))

    assert done.items[0].open_minor == 1000


@pytest.mark.parametrize(
    ("paid", "kinds"),
    [
        (99600, [ResidualKind.SMALL_DIFFERENCE]),
        (98500, [ResidualKind.BANK_CHARGE]),
        (97900, []),
    ],
)
def test_a_bank_charge_may_be_presumed(paid, kinds, debit):
    """Beyond the tolerance and within the limit of charges a shortfall is one; beyond, it is owed."""
    policy = attrs.evolve(POLICY, bank_charges=[money("20.00", "EUR")], presumes_bank_charges=True)
    done = pay([debit("F-1", 100000)], paid, policy)

    assert [one.kind for one in done.allocation.residuals] == kinds


def test_bank_charges_are_in_the_currency_of_the_documents(debit):
    """A charge in another currency needs a rate first."""
    with pytest.raises(CurrencyMismatchError):
        pay([debit("F-1", 100)], 90, POLICY, bank_charges=money("1.00", "CAD"))


@pytest.mark.parametrize(
    ("amount", "paid", "rounding"), [(1002, 1000, 2), (1003, 1005, -2), (1005, 1005, 0)]
)
def test_cash_is_rounded_to_the_smallest_coin(amount, paid, rounding, debit):
    """What the coins do not make is a residual of its own, and no tolerance."""
    policy = TolerancePolicy(smallest_coins=[money("0.05", "EUR")])
    done = pay([debit("F-1", amount)], paid, policy, in_cash=True)

    assert done.is_closed
    assert [one.amount_minor for one in done.allocation.residuals] == [rounding] * bool(rounding)


def test_a_transfer_is_not_rounded(debit):
    """Only cash knows coins."""
    policy = TolerancePolicy(smallest_coins=[money("0.05", "EUR")])

    assert not pay([debit("F-1", 1002)], 1000, policy).is_closed


def test_cash_in_part_is_not_rounded(debit):
    """A part payment is what it is."""
    policy = TolerancePolicy(smallest_coins=[money("0.05", "EUR")])
    done = pay([debit("F-1", 1003)], 1003, policy, in_cash=True)

    assert (done.is_closed, done.allocation.residuals) == (True, ())


def test_discounts_are_judged_by_the_last_receipt(debit, credit):
    """A payment is complete on the day of its last part; a credit note's day does not count."""
    came_in = [credit("r-1", 50000, day=day(-3)), credit("r-2", 48000, day=day(1))]
    invoice = debit("F-1", 100000, offers=[(LAST, 2000)])

    late = settle("a-1", credits=came_in, debits=[invoice], policy=POLICY)
    agreed = settle(
        "a-1",
        credits=came_in,
        debits=[invoice],
        policy=POLICY,
        circumstances=Circumstances(paid_on=LAST),
    )

    assert (late.is_closed, agreed.is_closed) == (False, True)


REFUSED = {
    "a percentage above the whole": lambda: Tolerance(bps=10001),
    "a negative percentage": lambda: Tolerance(bps=-1),
    "two amounts of a currency": lambda: Tolerance(
        amounts=[money("1.00", "EUR"), money("2.00", "EUR")]
    ),
    "a negative amount": lambda: Tolerance(totals=[money("-1.00", "EUR")]),
    "negative grace": lambda: TolerancePolicy(grace_days=-1),
    "a negative coin": lambda: TolerancePolicy(smallest_coins=[money("-0.05", "EUR")]),
    "a coin of nothing": lambda: TolerancePolicy(smallest_coins=[money("0.00", "EUR")]),
}


@pytest.mark.parametrize("why", REFUSED)
def test_an_impossible_policy_is_refused(why):
    """A policy that says something impossible raises when it is built."""
    with pytest.raises(PolicyError):
        REFUSED[why]()


def test_a_negative_charge_is_refused():
    """A bank that gives money is no charge."""
    with pytest.raises(DocumentError, match="bank_charges"):
        Circumstances(bank_charges=money("-1.00", "EUR"))


AMOUNTS = st.lists(st.integers(100, 10**6), min_size=1, max_size=5)


@st.composite
def policies(draw):
    """Policies with limits of every kind."""

    def tolerance():
        return Tolerance(
            amounts=draw(st.sampled_from([[], [from_minor(500, "EUR")]])),
            bps=draw(st.none() | st.integers(0, 300)),
            totals=draw(st.sampled_from([[], [from_minor(700, "EUR")]])),
        )

    return TolerancePolicy(
        under=tolerance(),
        over=tolerance(),
        grace_days=draw(st.integers(0, 3)),
        late_discount=draw(st.sampled_from(LateDiscount)),
        discount_if_paid_in_full=draw(st.booleans()),
        sharing=draw(st.sampled_from(Sharing)),
        bank_charges=draw(st.sampled_from([[], [from_minor(1500, "EUR")]])),
        presumes_bank_charges=draw(st.booleans()),
        smallest_coins=draw(st.sampled_from([[], [from_minor(5, "EUR")]])),
    )


@st.composite
def payments(draw):
    """Documents with discounts, and receipts of about what they need."""
    amounts = draw(AMOUNTS)
    items = []
    for place, amount in enumerate(amounts):
        offer = DiscountOffer(
            until=day(draw(st.integers(-3, 3))),
            amount=from_minor(draw(st.integers(1, amount // 10)), "EUR"),
        )
        offers = draw(st.sampled_from([(), (offer,)]))
        items.append(an_open_item(f"F-{place}", amount_minor=amount, discounts=offers))
    total = sum(amounts)
    near = st.integers(max(1, total * 9 // 10), total + 2000)
    parts = draw(st.lists(near | st.integers(1, total), min_size=1, max_size=2))
    receipts = [
        an_open_item(f"r-{place}", amount_minor=-part, document_date=LAST, due_date=LAST)
        for place, part in enumerate(parts)
    ]
    charge = draw(st.none() | st.integers(0, 2000))
    known = Circumstances(
        paid_on=LAST,
        in_cash=draw(st.booleans()),
        bank_charges=None if charge is None else from_minor(charge, "EUR"),
    )
    return items, receipts, known


@given(payments(), policies())
def test_settling_conserves_and_keeps_its_limits(payment, policy):
    """Nothing is lost on either side, and nothing is let go beyond any limit."""
    debits, receipts, known = payment
    done = settle("a-1", credits=receipts, debits=debits, policy=policy, circumstances=known)
    taken = {leg.item: leg.amount_minor for leg in done.allocation.legs}
    items = {item.item: item for item in done.items}

    for debit in debits:
        one = items[debit.item]
        tolerance = policy.under if one.difference_minor > 0 else policy.over
        most = tolerance.of(amount_minor=debit.amount_minor, currency="EUR")

        assert taken.get(debit.item, 0) == debit.open_minor - one.open_minor
        assert debit.open_minor == (
            one.paid_minor + one.discount_minor + one.difference_minor + one.open_minor
        )
        assert abs(one.difference_minor) <= most
        assert 0 <= one.open_minor <= debit.open_minor
    for receipt in receipts:
        left = done.unapplied_minor[receipt.item]

        assert taken.get(receipt.item, 0) == receipt.open_minor + left
        assert 0 <= left <= -receipt.open_minor
    assert sum(residuals(done, ResidualKind.BANK_CHARGE).values()) <= policy.bank_charge("EUR")
    for tolerance, sign in ((policy.under, 1), (policy.over, -1)):
        let_go = sum(max(sign * one.difference_minor, 0) for one in done.items)
        assert let_go <= (let_go if tolerance.total("EUR") is None else tolerance.total("EUR"))


@given(payments(), policies())
def test_settling_does_not_depend_on_the_order_given(payment, policy):
    """Documents and receipts come out the same, whatever the order in which they are given."""
    debits, receipts, known = payment
    forth = settle("a-1", credits=receipts, debits=debits, policy=policy, circumstances=known)
    back = settle(
        "a-1", credits=receipts[::-1], debits=debits[::-1], policy=policy, circumstances=known
    )

    assert forth == back
