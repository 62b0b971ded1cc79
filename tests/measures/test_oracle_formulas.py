"""The calculators give what worked examples of others give, and refuse where those are traps."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from pathlib import Path

import pytest

from receivables.allowance.rates import product_of_rolls
from receivables.errors import PolicyError
from receivables.measures import (
    CeiSales,
    LatenessWay,
    cei,
    dso,
    dso_count_back,
    hhi,
    months_back,
    share_of_whole,
    turnover,
    turnover_days,
    weighted_days_late,
)

_FILE = Path(__file__).parents[2].parent / "shared" / "oracles" / "kpi.jsonl"


@pytest.fixture(scope="module")
def cases():
    """The worked examples by name."""
    if not _FILE.exists():
        pytest.skip("shared corpora are not beside this checkout")
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


def _shown(value, text):
    """An exact value with as many decimals as a text has, a half away from zero."""
    places = len(text.partition(".")[2])
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**places) == Fraction(text)


def _months(case):
    return [(int(sales), days) for sales, days in case["inputs"]["months_latest_first"]]


def test_simple_dso(cases):
    """Receivables over sales, times the days."""
    case = cases["dso-simple-divalto-simple"]
    inputs = case["inputs"]

    found = dso(int(inputs["ar"]), int(inputs["credit_sales"]), days=inputs["days"])

    assert _shown(found.value, case["expected"]["dso"])


def test_conventional_dso(cases):
    """A month of thirty days and the sales of the period before."""
    case = cases["oracle-conventional-dso"]
    inputs = case["inputs"]

    found = dso(int(inputs["ar"]), int(inputs["prior_period_sales"]), days=30)

    assert _shown(found.value, case["expected"]["dso"])


@pytest.mark.parametrize("name", ["snowday", "divalto", "exact-month", "zero-month"])
def test_count_back(cases, name):
    """Months are used up going back, each with its own days; months without sales add theirs."""
    case = cases[f"dso-countback-{name}"]

    found = dso_count_back(int(case["inputs"]["ar"]), _months(case))

    assert _shown(found.value, case["expected"]["dso"])


def test_count_back_of_a_short_history(cases):
    """A history that does not explain the receivables says so, and how far it goes."""
    case = cases["dso-countback-exhausted"]

    found = dso_count_back(int(case["inputs"]["ar"]), _months(case))

    assert (found.value, found.missing) == (None, "history-too-short")
    assert found.at_least == case["expected"]["min_days"]
    assert found.unexplained_minor == int(case["expected"]["unexplained_ar"])


def test_count_back_never_goes_forward(cases):
    """The sales of later months cannot explain what is owed on a day."""
    assert not cases["dso-direction-trap"]["expected"]["valid"]
    later = {dt.date(2026, month, 1): 1_000 for month in (6, 7, 8)}

    with pytest.raises(PolicyError, match="goes backwards"):
        months_back(later, as_of=dt.date(2026, 6, 1))


def test_cei_of_a_month_s_sales(cases):
    """Sales divided by the months of the period give one figure."""
    case = cases["cei-creditguru"]
    inputs = case["inputs"]

    found = cei(
        int(inputs["beginning_ar"]),
        int(inputs["credit_sales_total"]),
        ending_minor=int(inputs["ending_total"]),
        current_minor=int(inputs["ending_current"]),
        months=inputs["n_months"],
        sales=CeiSales.MONTHLY,
    )

    assert _shown(found.value * 100, case["expected"]["unrounded"])


def test_cei_of_the_period_s_sales(cases):
    """The sales of the whole period give another, on the same data too."""
    case, other = cases["cei-rex"], cases["cei-creditguru"]["inputs"]
    inputs = case["inputs"]

    found = cei(
        int(inputs["beginning_ar"]),
        int(inputs["credit_sales"]),
        ending_minor=int(inputs["ending_total"]),
        current_minor=int(inputs["ending_current"]),
    )
    same = cei(
        int(other["beginning_ar"]),
        int(other["credit_sales_total"]),
        ending_minor=int(other["ending_total"]),
        current_minor=int(other["ending_current"]),
    )

    assert _shown(found.value * 100, case["expected"]["unrounded"])
    assert _shown(same.value * 100, "79.6")


def test_roll_rates(cases):
    """A roll is a share, and the product of those downstream is what is lost in the end."""
    one, chain = cases["roll-30-60"], cases["roll-chain"]
    inputs = one["inputs"]
    rolls = [Fraction(text.split()[-1].rstrip("%")) / 100 for text in chain["inputs"]["rolls"]]

    found = share_of_whole(int(inputs["next_bucket_now"]), int(inputs["bucket_prev"]))
    lost = product_of_rolls(rolls)

    assert _shown(found.value * 100, one["expected"]["roll_pct"])
    assert all(map(_shown, [each * 100 for each in lost], chain["expected"]["lifetime_loss_pct"]))


def test_weighted_days_late(cases):
    """Three definitions give three numbers; with one weight for all it is the plain mean."""
    case = cases["wadl"]
    paid = [(int(one["amount"]), one["days_late"]) for one in case["inputs"]["paid_invoices"]]
    expected = case["expected"]
    ways = {
        LatenessWay.NET: "weighted_avg_days_late_net",
        LatenessWay.FLOORED: "weighted_avg_days_late_floor0",
        LatenessWay.LATE_ONLY: "weighted_among_late_only",
    }

    found = {way: weighted_days_late(paid, way=way).value for way in LatenessWay}
    mean = weighted_days_late([(1, days) for _, days in paid]).value

    assert all(_shown(found[way], expected[name]) for way, name in ways.items())
    assert _shown(mean, expected["simple_avg"])


def test_concentration(cases):
    """One holder is the whole, and a net credit balance makes no share above it."""
    single, negative = cases["hhi-single"], cases["hhi-negative"]

    found = hhi(map(int, single["inputs"]["balances"])).value

    assert found == Fraction(single["expected"]["hhi_0_1"])
    assert found * 10_000 == Fraction(single["expected"]["hhi_10000"])
    assert hhi(map(int, negative["inputs"]["balances"])).value == 1


def test_turnover(cases):
    """Sales over the mean balance, and the days of one turn."""
    case = cases["turnover"]
    numbers = [int(case["inputs"][name]) for name in ("credit_sales", "ar_begin", "ar_end")]

    assert _shown(turnover(*numbers).value, case["expected"]["turnover"])
    assert _shown(turnover_days(*numbers).value, case["expected"]["days"])


def test_shares_of_buckets(cases):
    """What is current, past due and over ninety days, of all of it."""
    case = cases["pct-current"]
    buckets = {name: int(value) for name, value in case["inputs"]["buckets"].items()}
    whole = sum(buckets.values())
    parts = {
        "current_pct": buckets["current"],
        "past_due_pct": whole - buckets["current"],
        "over90_pct": buckets["b90"],
    }

    found = {name: share_of_whole(part, whole).value * 100 for name, part in parts.items()}

    assert all(_shown(found[name], case["expected"][name]) for name in parts)


def test_every_case_is_known(cases):
    """A new worked example does not go unseen."""
    assert len(cases) == 17
