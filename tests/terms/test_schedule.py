"""Installments, discounts and documents: laws, and the conventions that are switches."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.days import Adjustment
from receivables.documents import CreditNote, DiscountOffer, Installment, Invoice, Line, Tax
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.money import Rounding, from_minor, money, to_minor
from receivables.terms import (
    Baseline,
    DiscountCost,
    InstallmentTerms,
    MissingBaseline,
    MonthEnd,
    Overrun,
    PaymentTerms,
    Residue,
    SettlementDiscount,
    Share,
    TaxBasis,
    ZeroLines,
    baseline_date,
    discount_costs,
    due_dates,
    parse_terms,
    schedule,
    with_terms,
)

from .worlds import BASES, CALENDAR, simple_terms, terms_in_parts

D = dt.date
DAY = D(2026, 3, 1)
TWO_TEN = parse_terms("2/10 net 30")

totals = st.integers(0, 2_000_000) | st.integers(0, 40) | st.integers(-200_000, 0)


def an_invoice(*, kind=Invoice, net="1000.00", tax="200.00", **given):
    """An invoice with one line and one tax, without a due date."""
    net, tax = money(net, "EUR"), money(tax, "EUR")
    taxes = [Tax(code="S", base=net, amount=tax)]
    values = {"document_date": DAY, "lines": [Line(description="x", net=net, taxes=taxes)]}
    return kind(number="F-1", creditor="MIRA", customer="C-1", **{**values, **given})


def part(share=Share.PERCENT_OF_TOTAL, percent=50, **given):
    """One installment of an agreement."""
    return InstallmentTerms(share=share, percent=percent, **given)


def amounts(total, terms, **given):
    """The amounts of a schedule in euros, as text."""
    parts = schedule(money(total, "EUR"), terms, baseline_date=DAY, **given)
    return [str(one.amount.amount) for one in parts]


@given(terms_in_parts(), totals, st.integers(0, 100), BASES)
def test_parts_add_up(terms, total, tax_share, base):
    """Under every convention the installments add up to the total, and none has the other sign."""
    tax = total * tax_share // 120
    parts = schedule(
        from_minor(total, "EUR"),
        terms,
        baseline_date=base,
        tax=from_minor(tax, "EUR"),
        calendar=CALENDAR,
    )
    minors = [to_minor(one.amount) for one in parts]

    assert total == sum(minors)
    assert all(minor * total >= 0 for minor in minors)
    assert all(one.due_date >= base for one in parts)


@given(terms_in_parts(), totals, BASES)
def test_a_negative_total_mirrors_a_positive_one(terms, total, base):
    """A total with the other sign has the same installments with the other sign."""
    terms = attrs.evolve(
        terms,
        discounts=(),
        installments=[
            line for line in terms.installments if line.share is not Share.PERCENT_OF_UNTAXED
        ],
    )
    plus, minus = (
        schedule(from_minor(sign * total, "EUR"), terms, baseline_date=base, calendar=CALENDAR)
        for sign in (1, -1)
    )

    assert [-to_minor(one.amount) for one in plus] == [to_minor(one.amount) for one in minus]
    assert [one.due_date for one in plus] == [one.due_date for one in minus]


@given(terms_in_parts() | simple_terms(), totals, st.integers(0, 100), BASES)
def test_discounts_are_less_than_what_they_are_taken_off(terms, total, tax_share, base):
    """An offer is positive, less than its installment, lowers no more tax than itself, and is once a day."""
    parts = schedule(
        from_minor(total, "EUR"),
        terms,
        baseline_date=base,
        tax=from_minor(total * tax_share // 120, "EUR"),
        calendar=CALENDAR,
    )

    for one in parts:
        days = [offer.until for offer in one.discounts]
        assert days == sorted(set(days))
        assert not (one.is_retention and one.discounts)
        for offer in one.discounts:
            assert 0 < to_minor(offer.amount) < to_minor(one.amount)
            assert 0 <= to_minor(offer.tax) <= to_minor(offer.amount)
            assert offer.until >= base


@given(st.integers(1, 10**9), st.decimals("0.01", "99.99", places=2), st.sampled_from(Rounding))
def test_a_discount_is_rounded_once(total, percent, rounding):
    """The amount of a step is its percentage of the total, rounded as the terms say."""
    terms = PaymentTerms(
        days=30, discounts=[SettlementDiscount(percent=percent, days=10)], rounding=rounding
    )
    (one,) = schedule(from_minor(total, "JPY"), terms, baseline_date=DAY)
    modes = {
        Rounding.HALF_EVEN: "ROUND_HALF_EVEN",
        Rounding.HALF_UP: "ROUND_HALF_UP",
        Rounding.UP: "ROUND_UP",
        Rounding.DOWN: "ROUND_DOWN",
    }
    expected = (total * percent / 100).quantize(Decimal(1), rounding=modes[rounding])

    found = [offer.amount.amount for offer in one.discounts]
    assert ([expected] if 0 < expected < total else []) == found


@given(st.integers(1, 10**6), st.integers(1, 24), st.sampled_from(Residue))
def test_equal_parts_differ_by_little(total, count, residue):
    """Equal parts are whole, and but for the one that takes the odd cents they are equal."""
    terms = PaymentTerms(
        installments=[InstallmentTerms(share=Share.WEIGHT, days=day) for day in range(count)],
        residue=residue,
        zero_lines=ZeroLines.KEEP,
    )
    parts = schedule(from_minor(total, "EUR"), terms, baseline_date=DAY)
    minors = [to_minor(one.amount) for one in parts]

    assert count == len(minors)
    if residue is Residue.LARGEST_REMAINDER:
        assert max(minors) - min(minors) <= 1
    assert max(minors) - min(minors) <= count


RESIDUES = [
    (Residue.LAST, ["33.33", "33.33", "33.34"]),
    (Residue.FIRST, ["33.34", "33.33", "33.33"]),
    (Residue.LARGEST_REMAINDER, ["33.34", "33.33", "33.33"]),
]


@pytest.mark.parametrize(("residue", "expected"), RESIDUES)
def test_the_odd_cent_goes_where_the_terms_say(residue, expected):
    """Equal thirds of a hundred leave a cent, and a switch says who has it."""
    terms = attrs.evolve(parse_terms("30/60/90"), residue=residue)

    assert expected == amounts("100.00", terms)


def test_the_remainder_takes_the_odd_cent_wherever_it_stands():
    """A remainder before a retention takes what rounding leaves, and the retention is exact."""
    retention = part(percent=5, days=365, is_retention=True)
    terms = PaymentTerms(installments=[InstallmentTerms(days=30), retention])
    parts = schedule(money("100.10", "EUR"), terms, baseline_date=DAY)

    assert [("95.09", False), ("5.01", True)] == [
        (str(one.amount.amount), one.is_retention) for one in parts
    ]


def test_tiny_amounts_never_turn_a_part_negative():
    """Rounded up eight times, five cents are five parts of a cent, and three that are dropped."""
    terms = PaymentTerms(
        installments=[InstallmentTerms(share=Share.WEIGHT, days=day) for day in range(8)]
    )

    assert ["0.01"] * 5 == amounts("0.05", terms)
    kept = attrs.evolve(terms, zero_lines=ZeroLines.KEEP)
    assert ["0.01"] * 5 + ["0.00"] * 3 == amounts("0.05", kept)


def test_a_fixed_part_takes_what_is_left_or_is_refused():
    """A fixed part beyond the total takes all of it, unless the terms refuse that."""
    fixed = InstallmentTerms(share=Share.FIXED, amount=money("500.00", "EUR"), days=10)
    terms = PaymentTerms(installments=[fixed, InstallmentTerms(days=30)])

    assert ["300.00"] == amounts("300.00", terms)
    assert ["-300.00"] == amounts("-300.00", terms)
    assert ["-500.00", "-100.00"] == amounts("-600.00", terms)
    with pytest.raises(DocumentError, match="at most what is left"):
        amounts("300.00", attrs.evolve(terms, overrun=Overrun.REFUSE))


def test_a_deposit_without_tax_leaves_all_tax_to_the_balance():
    """A percentage of the untaxed amount carries no tax, and the balance carries all of it."""
    deposit = part(Share.PERCENT_OF_UNTAXED, 30)
    terms = PaymentTerms(
        installments=[deposit, InstallmentTerms(days=30)],
        discounts=[SettlementDiscount(percent=10, days=10)],
    )
    parts = with_terms(an_invoice(), terms).installments

    assert ["300.00", "900.00"] == [str(one.amount.amount) for one in parts]
    assert [Decimal(0), Decimal(20)] == [one.discounts[0].tax.amount for one in parts]


def test_multiples_are_kept_and_the_rest_is_the_balance_s():
    """A part rounded to a multiple is one, whatever the rest of the amount is."""
    first = part(percent="33.33", round_to=Decimal(10))
    terms = PaymentTerms(installments=[first, InstallmentTerms(days=30)])

    assert ["330.00", "670.07"] == amounts("1000.07", terms)
    assert ["3.10"] == amounts("3.10", terms)


def test_a_total_of_nothing_is_one_part():
    """Nothing is divided into one part, due at once; terms with one due date keep it."""
    zero = money("0", "EUR")
    days = [schedule(zero, parse_terms(text), baseline_date=DAY) for text in ("30/60/90", "net 30")]

    assert [(Installment(DAY, zero),), (Installment(D(2026, 3, 31), zero),)] == days


DISCOUNTS = [
    (TaxBasis.INCLUDED, "24.00", "4.00"),
    (TaxBasis.EXCLUDED, "20.00", "0.00"),
    (TaxBasis.MIXED, "20.00", "0.00"),
]


@pytest.mark.parametrize(("basis", "amount", "tax"), DISCOUNTS)
def test_the_tax_basis_decides_what_a_discount_is_taken_of(basis, amount, tax):
    """With tax included the tax is lowered too, otherwise only what is before tax."""
    document = with_terms(an_invoice(), attrs.evolve(TWO_TEN, tax_basis=basis))

    offer = DiscountOffer(until=D(2026, 3, 11), amount=money(amount, "EUR"), tax=money(tax, "EUR"))
    assert (offer,) == document.installments[0].discounts


def test_terms_that_need_the_tax_must_know_it():
    """A document without lines does not say its tax, and terms that count without it are refused."""
    document = an_invoice(lines=(), total=money("1200.00", "EUR"))
    excluded = attrs.evolve(TWO_TEN, tax_basis=TaxBasis.EXCLUDED)

    offer = with_terms(document, TWO_TEN).installments[0].discounts[0]
    assert (money("24.00", "EUR"), money("0", "EUR")) == (offer.amount, offer.tax)
    with pytest.raises(DocumentError, match="tax must be given"):
        with_terms(document, excluded)


def test_steps_are_offered_by_their_days():
    """Each step is an offer of its own, the earliest first; of two on one day the larger counts."""
    terms = parse_terms("1/20, 3/5, 2/10, net 30")
    doubled = attrs.evolve(
        terms, discounts=[*terms.discounts, SettlementDiscount(percent=1, days=5)]
    )

    for one in (terms, doubled):
        (found,) = schedule(money("100.00", "EUR"), one, baseline_date=DAY)
        assert [(5, 3), (10, 2), (20, 1)] == [
            ((offer.until - DAY).days, int(offer.amount.amount)) for offer in found.discounts
        ]


def test_a_stated_due_date_is_not_touched():
    """A document that states its due date keeps it, its amounts and its own offers."""
    stated = an_invoice(due_date=D(2026, 3, 15))
    offered = with_terms(stated, TWO_TEN)

    assert stated == with_terms(stated, parse_terms("net 30"))
    assert D(2026, 3, 15) == offered.due_date == offered.installments[0].due_date
    assert [D(2026, 3, 11)] == [offer.until for offer in offered.installments[0].discounts]
    assert offered == with_terms(offered, parse_terms("5/2 net 60"))


def test_stated_installments_get_what_they_lack():
    """Installments without due dates keep their amounts, and get days one by one or all the same."""
    halves = [Installment(None, money("600.00", "EUR"))] * 2
    document = an_invoice(installments=halves)

    found = with_terms(document, parse_terms("50% 30, 50% 60"))
    assert [D(2026, 3, 31), D(2026, 4, 30)] == [one.due_date for one in found.installments]
    assert D(2026, 4, 30) == found.due_date
    same = with_terms(document, TWO_TEN)
    assert [D(2026, 3, 31)] * 2 == [one.due_date for one in same.installments]
    with pytest.raises(DocumentError, match="must be 3 as in its terms, got 2"):
        with_terms(document, parse_terms("30/60/90"))


def test_a_mix_of_stated_and_missing_days_is_completed():
    """Of several installments only those without a due date get one."""
    parts = [
        Installment(D(2026, 3, 5), money("600.00", "EUR")),
        Installment(None, money("600.00", "EUR")),
    ]
    found = with_terms(an_invoice(installments=parts), TWO_TEN)

    assert [D(2026, 3, 5), D(2026, 3, 31)] == [one.due_date for one in found.installments]


def test_a_credit_note_gets_no_discount():
    """What lowers a debt is due by the terms, and earns nothing by being early."""
    note = with_terms(an_invoice(kind=CreditNote), TWO_TEN)

    assert (D(2026, 3, 31), ()) == (note.due_date, note.installments[0].discounts)


def test_a_retention_has_its_mark_and_no_discount():
    """An installment that may be kept back is marked, and bears no discount."""
    terms = parse_terms("2/10, net 30, 5% retention 12 months")
    first, kept = with_terms(an_invoice(), terms).installments

    assert (True, ()) == (kept.is_retention, kept.discounts)
    assert money("22.80", "EUR") == first.discounts[0].amount


BASELINES = [
    (Baseline.DOCUMENT_DATE, DAY),
    (Baseline.POSTING_DATE, D(2026, 3, 2)),
    (Baseline.DELIVERY_DATE, D(2026, 2, 20)),
    (Baseline.RECEIVED_ON, D(2026, 3, 4)),
    (Baseline.LATER_OF_DOCUMENT_AND_DELIVERY, DAY),
    (Baseline.LATER_OF_RECEIVED_AND_DELIVERY, D(2026, 3, 4)),
]


@pytest.mark.parametrize(("baseline", "expected"), BASELINES)
def test_the_baseline_is_named(baseline, expected):
    """Terms count from the date that they name."""
    document = an_invoice(
        posting_date=D(2026, 3, 2), delivery_date=D(2026, 2, 20), received_on=D(2026, 3, 4)
    )
    terms = PaymentTerms(days=30, baseline=baseline)

    assert expected == baseline_date(document, terms)
    assert expected + dt.timedelta(days=30) == with_terms(document, terms).due_date


def test_a_missing_baseline_is_refused_or_replaced():
    """A document without the date that its terms count from is refused, unless the terms say what then."""
    terms = PaymentTerms(days=30, baseline=Baseline.DELIVERY_DATE)
    lenient = attrs.evolve(terms, missing_baseline=MissingBaseline.DOCUMENT_DATE)

    with pytest.raises(DocumentError, match="delivery-date of F-1 must be known"):
        with_terms(an_invoice(), terms)
    assert D(2026, 3, 31) == with_terms(an_invoice(), lenient).due_date


def test_terms_adjust_by_the_calendar_that_is_given():
    """Due dates move to business days, and terms that move need a calendar."""
    terms = PaymentTerms(days=30, adjustment=Adjustment.FOLLOWING)
    friday = D(2026, 4, 2)

    found = with_terms(an_invoice(document_date=friday), terms, calendar=CALENDAR)
    assert D(2026, 5, 4) == found.due_date
    assert D(2026, 5, 2) == with_terms(an_invoice(document_date=friday), terms.unadjusted).due_date
    with pytest.raises(PolicyError, match="calendar must be given"):
        with_terms(an_invoice(), terms)


def test_installments_share_what_they_leave_to_the_agreement():
    """Cut-off, payment days and adjustment of the agreement hold for its installments."""
    terms = PaymentTerms(
        cut_off=25,
        day=10,
        adjustment=Adjustment.FOLLOWING,
        installments=[part(days=30), part(days=60, day=20)],
    )

    days = due_dates(terms, baseline_date=D(2026, 3, 26), calendar=CALENDAR)
    assert (D(2026, 5, 11), D(2026, 6, 22)) == days


def test_sequential_installments_count_from_one_another():
    """Each installment counts from the due date of the one before it."""
    terms = parse_terms("50% 30 end of month, 50% 30, sequential")

    assert (D(2026, 3, 31), D(2026, 4, 30)) == due_dates(terms, baseline_date=DAY)


def test_amounts_of_another_currency_are_refused():
    """A fixed part in another currency is no part of the total."""
    terms = parse_terms("100.00 USD 10, rest 30")

    with pytest.raises(CurrencyMismatchError, match="currency must be EUR"):
        amounts("300.00", terms)
    with pytest.raises(PolicyError, match="round_to must be whole minor units of EUR"):
        amounts(
            "300.00",
            PaymentTerms(installments=[part(round_to=Decimal("0.001")), InstallmentTerms()]),
        )


def test_costs_need_days_to_be_gained():
    """A discount until the due date costs nothing a year, and days cannot be none."""
    assert () == discount_costs(parse_terms("2/30 net 30"), baseline_date=DAY)
    month_end = parse_terms("2% 10, 45 end of month")
    assert month_end.month_end is MonthEnd.AFTER_DAYS
    assert 50 == discount_costs(month_end, baseline_date=DAY)[0].days
    with pytest.raises(PolicyError, match="days must be more than 0"):
        DiscountCost(percent=Decimal(2), days=0)
