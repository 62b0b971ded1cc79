"""Short payments with a reason, items that end without money, conversions, what is left over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.allocation import (
    Disposition,
    DispositionPolicy,
    Percent,
    Residual,
    ResidualKind,
    charge,
    convert,
    deduct,
    dispose,
    explain,
    refund,
    retain,
    withhold,
    write_off,
)
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.money import ExchangeRate, Rounding, from_minor, money
from receivables.testing.builders import an_open_item

DAY = dt.date(2026, 10, 31)
RATE = ExchangeRate(
    base="EUR", quote="USD", rate=Decimal("1.0887"), date=dt.date(2026, 10, 30), source="ECB"
)


def legs(done):
    return {leg.item: leg.amount_minor for leg in done.legs}


def test_a_withholding_is_a_percentage_of_its_base(debit, credit):
    """15 % of 1,000 net kept back for the tax office, against a certificate."""
    done = withhold(
        "a-1",
        debit=debit("F-1", 120000),
        credits=[credit("r-1", 105000)],
        amount=Percent(base=money("1000.00", "EUR"), bps=1500),
        certificate="2026/114",
        authority="MA",
    )
    (residual,) = done.residuals

    assert legs(done) == {"F-1": 120000, "r-1": -105000}
    assert (residual.amount_minor, residual.reason, residual.counterparty, residual.item) == (
        15000,
        "2026/114",
        "MA",
        "F-1",
    )


def test_a_withholding_needs_its_certificate(debit):
    """Without a certificate there is nothing to set against our own tax."""
    with pytest.raises(DocumentError, match="certificate"):
        withhold("a-1", debit=debit("F-1", 100), amount=money("0.10", "EUR"), certificate="")


def test_a_certificate_may_come_after_the_money(debit):
    """Without credits only what was kept back is settled."""
    done = withhold(
        "a-1", debit=debit("F-1", 15000), amount=money("150.00", "EUR"), certificate="2026/114"
    )

    assert legs(done) == {"F-1": 15000}


def test_a_retention_stays_owed_until_its_day(debit, credit):
    """5 % kept until the work is accepted opens an item with that due date."""
    done = retain(
        "a-1",
        debit=debit("F-1", 10000),
        credits=[credit("r-1", 9500)],
        amount=Percent(base=money("100.00", "EUR"), bps=500),
        due_date=dt.date(2027, 10, 31),
    )
    ((_, residual),) = done.owed

    assert (residual.kind, residual.amount_minor, residual.due_date) == (
        ResidualKind.RETENTION,
        500,
        dt.date(2027, 10, 31),
    )


def test_a_deduction_stays_owed_with_its_reason(debit, credit):
    """What the payer claims is an item of its own."""
    done = deduct(
        "a-1",
        debit=debit("F-1", 10000),
        credits=[credit("r-1", 8800)],
        amount=money("12.00", "EUR"),
        reason="damaged",
    )
    ((_, residual),) = done.owed

    assert (residual.amount_minor, residual.reason, residual.item) == (1200, "damaged", "F-1")


def test_a_charge_is_settled_without_money(debit, credit):
    """What a bank took is named with the bank."""
    done = charge(
        "a-1",
        debit=debit("F-1", 10000),
        credits=[credit("r-1", 9985)],
        amount=money("0.15", "EUR"),
        bank="BANKFRPP",
    )

    assert [(one.kind, one.counterparty) for one in done.residuals] == [
        (ResidualKind.BANK_CHARGE, "BANKFRPP")
    ]
    assert legs(done)["F-1"] == 10000


def test_several_things_kept_of_several_debits(debit, credit):
    """A head office pays two invoices less a discount of one and a claim on the other."""
    done = explain(
        "a-1",
        debits=[debit("F-2", 5000, days=1), debit("F-1", 10000)],
        credits=[credit("r-2", 9999, day=DAY), credit("r-1", 4000, day=dt.date(2026, 10, 1))],
        residuals=[
            Residual(ResidualKind.SETTLEMENT_DISCOUNT, 200, item="F-1"),
            Residual(ResidualKind.DEDUCTION, 1000, item="F-2", reason="late"),
        ],
    )

    assert legs(done) == {"F-1": 10000, "F-2": 5000, "r-1": -4000, "r-2": -9800}


KEPT_WRONGLY = {
    "more than is open": [Residual(ResidualKind.BANK_CHARGE, 101, item="F-1")],
    "of another document": [Residual(ResidualKind.BANK_CHARGE, 1, item="F-2")],
    "of no document": [Residual(ResidualKind.BANK_CHARGE, 1)],
    "less than nothing": [Residual(ResidualKind.SMALL_DIFFERENCE, -1, item="F-1")],
    "nothing": [],
    "twice, too much together": [
        Residual(ResidualKind.BANK_CHARGE, 60, item="F-1"),
        Residual(ResidualKind.WITHHOLDING_TAX, 60, item="F-1"),
    ],
}


@pytest.mark.parametrize("why", KEPT_WRONGLY)
def test_what_was_kept_fits_the_debits(why, debit):
    """A residual that belongs to nothing, or takes more than is open, is refused."""
    with pytest.raises(DocumentError):
        explain("a-1", debits=[debit("F-1", 100)], residuals=KEPT_WRONGLY[why])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_write_off_ends_an_item(sign):
    """A debit that is given up is a loss, a credit income; the tax has the same sign."""
    item = an_open_item("X-1", amount_minor=sign * 12000)
    done = write_off("a-1", item, reason="insolvent", tax=money("20.00", "EUR"))
    (residual,) = done.residuals

    assert legs(done) == {"X-1": sign * 12000}
    assert (residual.amount_minor, residual.tax_minor) == (sign * 12000, sign * 2000)


def test_a_part_may_be_written_off(debit):
    """What is not given up stays open."""
    done = write_off("a-1", debit("F-1", 10000), reason="settled", amount=money("40.00", "EUR"))

    assert legs(done) == {"F-1": 4000}


def test_a_refund_goes_to_an_account(credit):
    """What is sent back is named with the account it goes to."""
    done = refund("a-1", credit=credit("r-1", 2500), amount=money("10.00", "EUR"), account="FR76")
    (residual,) = done.residuals

    assert legs(done) == {"r-1": -1000}
    assert (residual.kind, residual.counterparty) == (ResidualKind.REFUND, "FR76")


def test_a_debit_is_not_refunded(debit):
    """Only what we owe the customer goes back."""
    with pytest.raises(DocumentError, match="credit"):
        refund("a-1", credit=debit("F-1", 100))


AMOUNTS_REFUSED = {
    "more than is open": (money("1.01", "EUR"), DocumentError),
    "nothing": (money("0.00", "EUR"), DocumentError),
    "less than nothing": (money("-0.01", "EUR"), DocumentError),
    "another currency": (money("1.00", "CAD"), CurrencyMismatchError),
}


@pytest.mark.parametrize("why", AMOUNTS_REFUSED)
def test_an_amount_fits_its_item(why, credit, debit):
    """No verb takes more than is open, nor another currency."""
    amount, error = AMOUNTS_REFUSED[why]

    with pytest.raises(error):
        refund("a-1", credit=credit("r-1", 100), amount=amount)
    with pytest.raises(error):
        charge("a-1", debit=debit("F-1", 100), amount=amount)


@pytest.mark.parametrize("bps", [0, 10001])
def test_a_percentage_is_more_than_nothing_and_no_more_than_all(bps):
    """Percentages outside of 0 to 100 are a mistake."""
    with pytest.raises(PolicyError):
        Percent(base=money("1.00", "EUR"), bps=bps)


def test_a_conversion_settles_the_smaller_side_whole(debit, credit):
    """USD 100.00 at 1.0887 are worth EUR 91.85; of EUR 50.00 they need USD 54.44."""
    dollars = credit("r-1", 10000, currency="USD")

    small = convert("a-1", credit=dollars, debit=debit("F-1", 20000), rate=RATE)
    large = convert("a-1", credit=dollars, debit=debit("F-1", 5000), rate=RATE)

    assert legs(small) == {"F-1": 9185, "r-1": -10000}
    assert legs(large) == {"F-1": 5000, "r-1": -5444}
    assert small.evidence == (("exchange-rate", "1 EUR = 1.0887 USD on 2026-10-30 ECB"),)


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [
        (("50.00", "USD"), {"F-1": 4593, "r-1": -5000}),
        (("50.00", "EUR"), {"F-1": 5000, "r-1": -5444}),
    ],
)
def test_a_conversion_of_a_stated_amount(amount, wanted, debit, credit):
    """The amount is in either currency, and the other side follows."""
    done = convert(
        "a-1",
        credit=credit("r-1", 10000, currency="USD"),
        debit=debit("F-1", 20000),
        rate=RATE,
        amount=money(*amount),
    )

    assert wanted == legs(done)


CONVERSIONS_REFUSED = {
    "one currency": ({"currency": "EUR"}, {}, CurrencyMismatchError),
    "a rate of others": ({"currency": "CAD"}, {}, CurrencyMismatchError),
    "another creditor": ({"currency": "USD", "creditor": "NORD"}, {}, CurrencyMismatchError),
    "an amount in a third currency": (
        {"currency": "USD"},
        {"amount": money("1.00", "CAD")},
        CurrencyMismatchError,
    ),
    "more than came in": ({"currency": "USD"}, {"amount": money("101.00", "USD")}, DocumentError),
    "more than is owed": ({"currency": "USD"}, {"amount": money("201.00", "EUR")}, DocumentError),
    "nothing": ({"currency": "USD"}, {"amount": money("0.00", "EUR")}, DocumentError),
}


@pytest.mark.parametrize("why", CONVERSIONS_REFUSED)
def test_a_conversion_that_cannot_be_is_refused(why, debit, credit):
    """Another rate, another creditor, more than there is."""
    fields, more, error = CONVERSIONS_REFUSED[why]

    with pytest.raises(error):
        convert(
            "a-1",
            credit=credit("r-1", 10000, **fields),
            debit=debit("F-1", 20000),
            rate=RATE,
            **more,
        )


@given(
    paid=st.integers(1, 10**9),
    owed=st.integers(1, 10**9),
    pair=st.sampled_from([("EUR", "USD"), ("EUR", "JPY"), ("KWD", "EUR"), ("JPY", "KWD")]),
    flip=st.booleans(),
    rate=st.decimals("0.01", "200", places=4),
)
def test_a_conversion_is_exact_on_both_sides(paid, owed, pair, flip, rate):
    """One side is settled whole, each currency adds up to its residual, none is overdrawn."""
    base, quote = pair
    said = ExchangeRate(base=base, quote=quote, rate=rate, date=DAY)
    ours, theirs = (quote, base) if flip else (base, quote)
    debit = an_open_item("F-1", amount_minor=owed, currency=ours)
    credit = an_open_item("r-1", amount_minor=-paid, currency=theirs)
    worth = said.convert(from_minor(paid, theirs), rounding=Rounding.HALF_UP)
    back = said.convert(from_minor(owed, ours), rounding=Rounding.HALF_UP)
    if worth.amount == 0 or (worth > debit.open_amount and back.amount == 0):
        with pytest.raises(DocumentError, match="worth something"):
            convert("a-1", credit=credit, debit=debit, rate=said)
        return
    done = convert("a-1", credit=credit, debit=debit, rate=said)
    taken = legs(done)

    assert taken["F-1"] == owed or taken["r-1"] == -paid
    assert 0 < taken["F-1"] <= owed
    assert 0 < -taken["r-1"] <= paid
    for currency in done.currencies:
        kept = [one for one in done.residuals if done.currency_of(one) == currency]
        assert [one.kind for one in kept] == [ResidualKind.CONVERSION]
        assert kept[0].amount_minor == sum(
            leg.amount_minor for leg in done.legs if done.currency_of(leg) == currency
        )


POLICY = DispositionPolicy(
    write_off_to=[money("2.00", "EUR")],
    refund_from=[money("10.00", "EUR")],
    refund_to=[money("500.00", "EUR")],
    hold_days=30,
)
CHOICES = {
    "goes to what is owed": (100, 0, {"owes": True}, Disposition.APPLY),
    "too small to send back": (200, 0, {}, Disposition.WRITE_OFF),
    "a cent more is held": (201, 90, {}, Disposition.HOLD),
    "just worth sending, too early": (1000, 29, {}, Disposition.HOLD),
    "just worth sending": (1000, 30, {}, Disposition.REFUND),
    "too much without a person": (50001, 90, {}, Disposition.HOLD),
    "an advance waits for its order": (
        100000,
        90,
        {"is_advance": True, "owes": True},
        Disposition.HOLD,
    ),
}


@pytest.mark.parametrize("why", CHOICES)
def test_a_policy_disposes_of_what_is_left(why, credit):
    """Applied, written off, held, sent back: by amount, by age, by what is owed."""
    minor, age, known, wanted = CHOICES[why]
    item = credit("r-1", minor, day=DAY - dt.timedelta(days=age))

    assert wanted is POLICY.choose(item, as_of=DAY, **known)


def test_an_advance_goes_to_what_is_owed_where_the_policy_says_so(credit):
    """The switch lets an advance pay whatever is owed."""
    policy = attrs.evolve(POLICY, applies_advances=True)

    chosen = policy.choose(credit("r-1", 100), as_of=DAY, owes=True, is_advance=True)

    assert chosen is Disposition.APPLY


@pytest.mark.parametrize(
    ("minor", "wanted"),
    [(150, {"r-1": -150}), (300, None), (2500, {"r-1": -2500})],
)
def test_a_disposition_becomes_an_allocation(minor, wanted, credit):
    """What is written off or sent back is taken off; what is held stays."""
    item = credit("r-1", minor, day=DAY - dt.timedelta(days=60))
    done = dispose("a-1", credit=item, policy=POLICY, as_of=DAY)

    assert wanted == (None if done is None else legs(done))


def test_a_credit_is_applied_by_an_order(credit, debit):
    """What is owed is paid by the order that is given."""
    done = dispose(
        "a-1",
        credit=credit("r-1", 100),
        policy=POLICY,
        as_of=DAY,
        debits=[debit("F-1", 300), debit("F-2", 100)],
        order="proportional",
    )

    assert legs(done) == {"F-1": 75, "F-2": 25, "r-1": -100}


def test_a_debit_is_not_disposed_of(debit):
    """Only what is left of a credit is disposed of."""
    with pytest.raises(DocumentError):
        POLICY.choose(debit("F-1", 100), as_of=DAY)


def test_a_policy_does_not_hold_for_less_than_nothing():
    """Days of holding are days."""
    with pytest.raises(PolicyError):
        DispositionPolicy(hold_days=-1)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 100)), min_size=1, max_size=5),
    st.lists(st.integers(1, 10**6), max_size=3),
)
def test_explaining_conserves(pairs, came_in):
    """What was kept, what was paid and what stays open are all that was open."""
    debits = [an_open_item(f"F-{place}", amount_minor=one) for place, (one, _) in enumerate(pairs)]
    kept = [
        Residual(ResidualKind.BANK_CHARGE, size * share // 100, item=f"F-{place}")
        for place, (size, share) in enumerate(pairs)
        if size * share // 100
    ]
    if not kept:
        return
    credits_ = [an_open_item(f"r-{place}", amount_minor=-one) for place, one in enumerate(came_in)]
    done = explain("a-1", debits=debits, credits=credits_, residuals=kept)
    taken = legs(done)
    needed = sum(size for size, _ in pairs) - sum(one.amount_minor for one in kept)

    assert all(0 <= taken.get(one.item, 0) <= one.open_minor for one in debits)
    assert -sum(taken.get(one.item, 0) for one in credits_) == min(needed, sum(came_in))


def test_money_is_the_money_of_its_currency():
    """A percentage is rounded in its currency's minor unit: yen have none."""
    assert Percent(base=money(333, "JPY"), bps=5000).amount == from_minor(167, "JPY")
