"""Terms, calendars and the worked cases, for the tests of payment terms."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest
from hypothesis import strategies as st

from receivables.days import Adjustment, BusinessCalendar
from receivables.money import Rounding, from_minor
from receivables.terms import (
    Baseline,
    Closure,
    InstallmentTerms,
    MonthEnd,
    NextDay,
    Overrun,
    PaymentTerms,
    Residue,
    SettlementDiscount,
    Share,
    TaxBasis,
    ZeroLines,
)

DAYS = st.dates(dt.date(2023, 1, 1), dt.date(2028, 12, 31))
_EDGES = [dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2023, 2, 28), dt.date(2023, 12, 31)]
BASES = DAYS | st.sampled_from(_EDGES)

CALENDAR = BusinessCalendar(
    holidays=[
        *(dt.date(year, 1, 1) for year in range(2022, 2036)),
        *(dt.date(year, 5, 1) for year in range(2022, 2036)),
        *(dt.date(year, 12, day) for year in range(2022, 2036) for day in (24, 25, 26, 31)),
    ]
)

_ADJUSTMENTS = st.sampled_from(Adjustment)
_PAYMENT_DAYS = st.lists(st.integers(1, 31), max_size=3)
_PERCENTS = st.decimals("0.01", "99.99", places=2)


def worked_cases(root, name):
    """The rows of a table of worked cases, by their names."""
    path = root.parent / "shared" / "oracles" / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip("shared oracles are not beside this checkout")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: row for row in rows}


@st.composite
def rule_fields(draw, *, adjusted=True, closed=False):
    """The fields of a due rule, contradictions left out."""
    month_end = draw(st.sampled_from(MonthEnd))
    after = month_end is MonthEnd.AFTER_DAYS
    before = month_end is MonthEnd.BEFORE_DAYS
    days = draw(_PAYMENT_DAYS)
    return {
        "cut_off": draw(st.none() | st.integers(1, 31)),
        "months": draw(st.sampled_from([0, 0, 0, 1, 2, 13])),
        "set_day": None if before else draw(st.none() | st.integers(1, 31)),
        "weeks": draw(st.sampled_from([0, 0, 0, 1, 6])),
        "days": draw(st.sampled_from([0, 10, 30, 31, 45, 60, 90, 365])),
        "month_end": month_end,
        "days_after": draw(st.sampled_from([0, 0, 5, 45])) if after else 0,
        "day": days,
        "next_day": draw(st.sampled_from(NextDay)) if days else NextDay.ON_OR_AFTER,
        "closures": draw(closures()) if closed else (),
        "adjustment": draw(_ADJUSTMENTS) if adjusted else Adjustment.NONE,
    }


@st.composite
def closures(draw):
    """Up to two closures, once or every year, some with a day that payments move to."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(DAYS)
        last = first + dt.timedelta(days=draw(st.integers(0, 60)))
        moved = draw(
            st.none() | st.integers(1, 30).map(lambda days, last=last: last + dt.timedelta(days))
        )
        found.append(
            Closure(first=first, last=last, moved_to=moved, every_year=draw(st.booleans()))
        )
    return found


@st.composite
def discounts(draw, *, closed=False, adjusted=True):
    """Up to three steps of a discount."""
    return [
        SettlementDiscount(
            percent=draw(_PERCENTS), **draw(rule_fields(closed=closed, adjusted=adjusted))
        )
        for _ in range(draw(st.integers(0, 3)))
    ]


@st.composite
def simple_terms(draw, *, closed=True, adjusted=True, plain=False):
    """Terms with one due date; plain ones keep to what has a text."""
    return PaymentTerms(
        **draw(rule_fields(closed=closed, adjusted=adjusted)),
        baseline=draw(st.sampled_from(Baseline)) if plain else Baseline.DOCUMENT_DATE,
        discounts=draw(discounts(adjusted=adjusted)),
        tax_basis=draw(st.sampled_from(TaxBasis)),
        rounding=Rounding.HALF_UP if plain else draw(st.sampled_from(Rounding)),
    )


@st.composite
def lines(draw, *, currency="EUR", plain=False):
    """Installments that make a whole."""
    stated = [draw(_line(currency=currency, plain=plain)) for _ in range(draw(st.integers(0, 3)))]
    covered = sum(
        (one.percent for one in stated if one.share is Share.PERCENT_OF_TOTAL), Decimal(0)
    )
    if covered > 100:
        stated = [one for one in stated if one.share is not Share.PERCENT_OF_TOTAL]
    if not plain and draw(st.booleans()):
        weights = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
        rest = [_weighted(draw, weight) for weight in weights]
    else:
        rest = [InstallmentTerms(**draw(rule_fields()), is_retention=draw(st.booleans()))]
    of_rest = [one for one in stated if one.share is Share.PERCENT_OF_REST]
    others = [one for one in stated if one.share is not Share.PERCENT_OF_REST]
    return [*of_rest, *draw(st.permutations([*others, *rest]))]


def _weighted(draw, weight):
    return InstallmentTerms(share=Share.WEIGHT, weight=weight, **draw(rule_fields()))


@st.composite
def _line(draw, *, currency, plain):
    share = draw(
        st.sampled_from(
            [Share.PERCENT_OF_TOTAL, Share.PERCENT_OF_REST, Share.PERCENT_OF_UNTAXED, Share.FIXED]
        )
    )
    is_fixed = share is Share.FIXED
    return InstallmentTerms(
        share=share,
        percent=None if is_fixed else draw(_PERCENTS),
        amount=from_minor(draw(st.integers(1, 50_000)), currency) if is_fixed else None,
        round_to=None
        if is_fixed or plain
        else draw(st.sampled_from([None, None, Decimal(1), Decimal(5)])),
        is_retention=draw(st.booleans()),
        **draw(rule_fields()),
    )


@st.composite
def terms_in_parts(draw, *, currency="EUR", plain=False):
    """Terms with installments, every convention drawn."""
    shared = {} if plain else draw(rule_fields(closed=True))
    kept = ("cut_off", "day", "next_day", "closures", "adjustment")
    terms = PaymentTerms(
        **{name: shared[name] for name in kept if name in shared},
        discounts=draw(discounts()),
        tax_basis=draw(st.sampled_from(TaxBasis)),
        installments=draw(lines(currency=currency, plain=plain)),
        sequential=draw(st.booleans()),
    )
    if plain:
        return terms
    return attrs.evolve(
        terms,
        residue=draw(st.sampled_from(Residue)),
        rounding=draw(st.sampled_from(Rounding)),
        zero_lines=draw(st.sampled_from(ZeroLines)),
        overrun=Overrun.CAP,
    )
