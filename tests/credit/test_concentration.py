"""Concentration: shares, HHI, Gini and the largest, on values and on every kind of frame."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.credit.concentration import (
    ConcentrationBy,
    concentration,
    concentration_of,
)
from receivables.credit.concentration_columns import concentration as in_columns
from receivables.currencies import ExchangeRates, QuotedRate, RateKind
from receivables.errors import DocumentError, LimitError, MissingRateError, PolicyError
from receivables.money import ExchangeRate
from receivables.parties import Address
from receivables.testing.builders import TODAY, a_customer, an_open_item

from ..aging.worlds import (  # noqa: TID252  # one world of frames
    AS_OF,
    KINDS,
    columns_of,
    frame_of,
    open_items,
    rows_of,
)

AMOUNTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(-10_000, 10**12))
CUSTOMERS = [
    a_customer("C-1", country="FR", payer_group="NORD", segment="key"),
    a_customer("C-2", country="FR", payer_group="NORD"),
    a_customer("C-3", country="ES"),
]


def item(name, amount, customer="C-1", currency="EUR"):
    """An open item."""
    return an_open_item(name, amount=amount, customer=customer, currency=currency)


ITEMS = [
    item("F-1", "600.00"),
    item("F-2", "-100.00"),
    item("F-3", "300.00", "C-2"),
    item("F-4", "200.00", "C-3"),
    item("F-5", "-900.00", "C-4"),
]


def of(by, **given):
    """The concentration of the items by something, in the one currency that there is."""
    (found,) = concentration(ITEMS, as_of=TODAY, by=by, customers=CUSTOMERS, **given)
    return found


BY = [
    ("customer", {"C-1": 50_000, "C-2": 30_000, "C-3": 20_000}),
    ("group", {"NORD": 80_000, "C-3": 20_000}),
    ("country", {"FR": 80_000, "ES": 20_000}),
    ("segment", {"key": 50_000, "": 50_000}),
]


@pytest.mark.parametrize(("by", "expected"), BY)
def test_amounts_are_added_by_holder(by, expected):
    """Credits count against their own customer, and nobody else's debts."""
    assert expected == {one.holder: one.amount_minor for one in of(by).holdings}


def test_the_figures_of_three():
    """Shares of 50, 30 and 20 percent, by hand."""
    found = of("customer")

    assert (3_800, Fraction(38, 100)) == (found.hhi, found.hhi_exact)
    assert (5_000, 8_000, 10_000) == (found.largest_bps, found.top_bps(2), found.top_bps(9))
    assert 2_000 == found.gini_bps
    assert Fraction(100, 38) == found.effective_number
    assert [500_000_000, 800_000_000, 1_000_000_000] == [
        one.cumulative_ppb for one in found.holdings
    ]
    assert "HHI 3800" in str(found)
    assert "1000.00" == str(found.total.amount)


def test_the_index_is_rounded_from_what_is_exact():
    """The squares of rounded shares would end below a half that is exact."""
    found = concentration_of({"C-1": 622, "C-2": 3, "C-3": 7}, currency="EUR")

    assert Fraction(19_375, 2) == found.hhi_exact * 10_000
    assert 9_688 == found.hhi


def test_a_country_is_that_of_the_address_where_none_is_stated():
    """However it is written, as for exposures."""
    abroad = [
        a_customer("C-1", country="", address=Address(country="es")),
        a_customer("C-2", country="ES"),
    ]
    items = [an_open_item(f"F-{n}", amount="10.00", customer=f"C-{n}") for n in (1, 2)]

    (found,) = concentration(items, as_of=TODAY, by="country", customers=abroad)

    assert {"ES": 2_000} == {one.holder: one.amount_minor for one in found.holdings}


@pytest.mark.parametrize("name", ["hhi-single", "hhi-negative"])
def test_the_edges_of_the_index(root, name):
    """One holder is 1, and a net credit makes no share above the whole."""
    path = root.parent / "shared" / "oracles" / "kpi.jsonl"
    if not path.exists():
        pytest.skip("shared oracles are not beside this checkout")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    case = next(row for row in rows if row["id"] == name)
    balances = enumerate(case["inputs"]["balances"])

    found = concentration_of({str(n): int(each) for n, each in balances}, currency="EUR")

    assert int(case["expected"].get("hhi_10000", 10_000)) == found.hhi
    assert 1 == found.hhi_exact


def test_currencies_stay_apart_unless_one_is_said():
    """Dollars count in euros at the rate of the day."""
    items = [*ITEMS, item("F-9", "500.00", "C-5", "USD")]
    half = ExchangeRate(base="USD", quote="EUR", rate=Decimal("0.5"), date=TODAY, source="a test")
    rates = ExchangeRates([QuotedRate(half, RateKind.CLOSING)])

    apart = concentration(items, as_of=TODAY)
    (one,) = concentration(items, as_of=TODAY, currency="EUR", rates=rates)
    (by,) = concentration(items, as_of=TODAY, by="currency", currency="EUR", rates=rates)

    assert ["EUR", "USD"] == [found.currency for found in apart]
    assert 125_000 == one.total_minor
    assert {"EUR": 100_000, "USD": 25_000} == {
        each.holder: each.amount_minor for each in by.holdings
    }
    with pytest.raises(MissingRateError):
        concentration(items, as_of=TODAY, currency="EUR")
    with pytest.raises(PolicyError, match="must say in which one"):
        concentration(items, as_of=TODAY, by="currency")


def test_of_nothing_there_is_no_concentration():
    """Nobody owes anything: every figure is zero."""
    found = concentration_of({}, currency="EUR")

    assert (0, 0, 0, 0) == (found.hhi, found.gini_bps, found.largest_bps, found.effective_number)
    assert () == concentration([], as_of=TODAY)


@given(amounts=AMOUNTS)
def test_figures_stay_in_their_bounds(amounts):
    """No share and no index is above the whole, and the index is at least that of equal holders."""
    found = concentration_of(amounts, currency="EUR")
    count = len(found.holdings)

    assert all(0 <= one.share_ppb <= 10**9 for one in found.holdings)
    assert 0 <= found.gini_bps <= 10_000
    if count:
        assert Fraction(1, count) <= found.hhi_exact <= 1
        assert abs(found.hhi_exact * 10_000 - found.hhi) < 1
        assert 10**9 == found.holdings[-1].cumulative_ppb


@given(amounts=AMOUNTS, more=st.integers(1, 10**12))
def test_more_of_the_largest_is_more_concentrated(amounts, more):
    """What the largest owes more never lowers the index."""
    found = concentration_of(amounts, currency="EUR")
    if found.holdings:
        largest = found.holdings[0].holder
        grown = {**amounts, largest: amounts[largest] + more}

        assert concentration_of(grown, currency="EUR").hhi_exact >= found.hhi_exact


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=4, deadline=None)
@given(items=open_items())
def test_columns_give_what_values_give(kind, items):
    """The same holders, amounts and shares, in the same order."""
    small = [one for one in items if abs(one.open_minor) < 10**14]
    expected = [
        (one.holder, found.currency, one.amount_minor, one.share_ppb)
        for found in concentration(small, as_of=AS_OF)
        for one in found.holdings
    ]

    rows = rows_of(in_columns(frame_of(kind, columns_of(small))))

    assert expected == [(a, b, int(c), int(d)) for a, b, c, d in rows]


def test_any_column_may_hold():
    """Creditors, say; the columns of the result may not."""
    frame = frame_of("polars", columns_of([item("F-1", "1.00"), item("F-2", "2.00", "C-2")]))

    assert [("MIRA", "EUR", 300, 10**9)] == rows_of(in_columns(frame, by="creditor"))
    with pytest.raises(PolicyError, match="column of holders"):
        in_columns(frame, by="currency")
    with pytest.raises(DocumentError, match="must include land"):
        in_columns(frame, by="land")


def test_a_total_beyond_the_bound_is_refused():
    """Shares of it would leave 64 bits."""
    columns = columns_of([item(f"F-{n}", "9000000000000.00") for n in range(2)])

    with pytest.raises(LimitError, match="owed in EUR"):
        in_columns(frame_of("polars", columns))


def test_by_is_a_word_of_its_own():
    """The dimension is kept with the figures."""
    assert ConcentrationBy.COUNTRY is of("country").by
    assert dt.date(2026, 10, 31) == of("country").as_of
