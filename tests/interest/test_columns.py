"""Interest over data frames: what the door lets in, and what is left to the object shell."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from receivables.days import DayCount
from receivables.errors import (
    CurrencyMismatchError,
    DocumentError,
    LimitError,
    MissingRateError,
    PolicyError,
)
from receivables.interest import AgreedRate, InterestPolicy, jurisdiction
from receivables.interest.columns import interest

from .worlds import one_rate, policy

AS_OF = dt.date(2026, 10, 31)


def _frame(**columns):
    given = {
        "currency": ["EUR", "EUR"],
        "open_minor": [100_000, -20_000],
        "due_date": [AS_OF - dt.timedelta(days=73), AS_OF - dt.timedelta(days=73)],
    }
    return pl.DataFrame({**given, **columns})


def _rule(percents="10", **fields):
    return policy("es", agreed=percents, **fields)


def _minor(frame, rule=None, **fields):
    result = interest(frame, policy=rule or _rule(), as_of=AS_OF, **fields)
    return result["interest_minor"].to_list()


def test_debits_bear_interest_and_credits_do_not():
    """Interest and the fixed sum stand in columns of their own, beside all that came in."""
    result = interest(_frame(item=["F-1", "A-1"]), policy=_rule(), as_of=AS_OF)

    assert [("F-1", 2_000, 4_000), ("A-1", 0, 0)] == result.select(
        "item", "interest_minor", "compensation_minor"
    ).rows()


REFUSED = [
    (_frame().drop("due_date"), DocumentError, "must include due_date"),
    (_frame(open_minor=[1.0, 2.0]), DocumentError, "open_minor must hold whole minor units"),
    (_frame(due_date=[None, AS_OF]), DocumentError, "due_date must be known .* got none on 100000"),
    (_frame(item=["F-1", "A-1"], due_date=[None, AS_OF]), DocumentError, "got none on F-1"),
    (_frame(open_minor=[10**15 + 1, 0]), LimitError, "at most"),
    (_frame(interest_minor=[0, 0]), DocumentError, "must not be named .* got interest_minor"),
    (_frame(_interest_days=[0, 0]), DocumentError, "must not be named .* got _interest_days"),
]


@pytest.mark.parametrize(("frame", "error", "reason"), REFUSED)
def test_a_frame_that_cannot_be_reckoned_with_is_refused(frame, error, reason):
    """The door names the column, or the item, and what is wrong with it."""
    for one in (frame, frame.lazy()):
        with pytest.raises(error, match=reason):
            interest(one, policy=_rule(), as_of=AS_OF)


ELSEWHERE = [
    (policy("us-federal", one_rate("us.prompt-payment", "6")), "got us-federal; use interest_on"),
    (policy("ca-qc"), "got ca-qc; use interest_on"),
    (_rule(years_max=1), "got es; use interest_on"),
    (_rule(day_count=DayCount.THIRTY_E_360), "day_count must be one of actual days over columns"),
]


@pytest.mark.parametrize(("rule", "reason"), ELSEWHERE)
def test_what_is_no_straight_line_is_left_to_the_object_shell(rule, reason):
    """Interest on interest, notices, caps and months of thirty days are refused by name."""
    with pytest.raises(PolicyError, match=reason):
        interest(_frame(), policy=rule, as_of=AS_OF)


def test_a_missing_rate_is_an_error():
    """The oldest late item asks for the oldest rate."""
    rule = policy("eu", one_rate("ecb.mro", "2", since="2026-07-01"))

    with pytest.raises(MissingRateError, match=r"ecb.mro must have a rate on 2026-01-01"):
        _minor(_frame(due_date=[dt.date(2026, 6, 20), AS_OF]), rule)
    assert [2_000, 0] == _minor(_frame(), rule)


def test_rates_of_many_decimals_are_refused_where_they_do_not_fit():
    """Small amounts can bear any rate, the largest ones only rates of four decimals."""
    fine = InterestPolicy(jurisdiction=jurisdiction("es"), agreed=AgreedRate(percent="10.000001"))

    assert [2_000, 0] == _minor(_frame(), fine)
    with pytest.raises(LimitError, match="rates must have at most 4 decimals"):
        _minor(_frame(open_minor=[10**15, 0]), fine)


def test_the_largest_amounts_are_exact():
    """Sums that only a hundred bits could hold come out to the cent."""
    frame = _frame(open_minor=[10**15, 10**15 - 1], due_date=[dt.date(1996, 1, 1)] * 2)
    days = (AS_OF - dt.date(1996, 1, 1)).days

    expected = [(2 * amount * 10 * days + 36_500) // 73_000 for amount in (10**15, 10**15 - 1)]

    assert expected == _minor(frame)


def test_a_debt_in_another_currency_has_no_tier():
    """Tiers compare amounts; only what is late is asked."""
    rule = policy("uk", one_rate("boe.bank-rate", "4"))

    with pytest.raises(
        CurrencyMismatchError, match="currency must be GBP for the tiers of uk, got EUR"
    ):
        interest(_frame(), policy=rule, as_of=AS_OF)
    mixed = _frame(currency=["GBP", "EUR"])
    assert [7_000, 0] == interest(mixed, policy=rule, as_of=AS_OF)["compensation_minor"].to_list()
    with pytest.raises(DocumentError, match="must include currency"):
        interest(_frame().drop("currency"), policy=rule, as_of=AS_OF)


def test_a_retention_bears_none_where_the_law_says_so():
    """The kind of an item is asked for where it is there."""
    rule = policy("fr-public", one_rate("ecb.mro", "2"))
    frame = _frame(kind=["retention", "invoice"], open_minor=[100_000, 100_000])

    result = interest(frame, policy=rule, as_of=AS_OF)

    assert [(0, 0), (2_000, 4_000)] == [row[-2:] for row in result.rows()]


def test_nothing_late_needs_no_rate():
    """A frame of items that are not due asks for no rate at all, and neither does an empty one."""
    rule = policy("eu")

    assert [0, 0] == _minor(_frame(due_date=[AS_OF, AS_OF]), rule)
    assert [] == _minor(_frame().clear(), rule)


def test_a_trusted_lazy_frame_stays_lazy():
    """Who vouches for a frame is asked for the oldest due date only."""
    result = interest(_frame().lazy(), policy=_rule(), as_of=AS_OF, trusted=True)

    assert isinstance(result, pl.LazyFrame)
    assert [2_000, 0] == result.collect()["interest_minor"].to_list()


def test_midnights_are_days():
    """Due dates that an engine keeps as midnights, or with an hour, count as their day."""
    moments = [dt.datetime(2026, 8, 19, 23, 59), dt.datetime(2026, 8, 19)]

    assert [2_000, 0] == _minor(_frame(due_date=moments))
