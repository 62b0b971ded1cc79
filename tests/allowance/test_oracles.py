"""Published figures, each with its source; what is known from memory alone is marked so."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from receivables.accounting import ManualEntries, chart
from receivables.aging import AgingScheme
from receivables.allocation import Residual, ResidualKind
from receivables.allowance import (
    AllowanceFacts,
    AllowanceStandard,
    ForwardLooking,
    GivenUp,
    LossAllowance,
    MovementGrain,
    allowance_entries,
    allowance_movement,
    booked_allowance,
    booked_doubtful,
    credit_impaired,
    doubtful_entries,
    ledger_allowance,
    loss_allowance,
    matrix,
    rates_of,
    specific_allowance_set,
)
from receivables.casework import SpecificAllowance
from receivables.documents import Line, Tax
from receivables.ledger import Ledger
from receivables.money import money
from receivables.testing.builders import an_invoice, issued, recorded

from .worlds import AS_OF, open_item, simple

_DAYS = (0, 15, 45, 75, 120)
"""One day past due in each bucket of 30, 60 and 90 days."""


def _measured(provision, amounts, days=_DAYS, currency="EUR"):
    """The allowance of each bucket of one customer, from amounts in minor units."""
    items = [
        open_item(f"F-{place}", days=late, open_minor=minor, currency=currency)
        for place, (minor, late) in enumerate(zip(amounts, days, strict=True))
    ]
    found = loss_allowance(items, matrix=provision, as_of=AS_OF)
    return [line.allowance_minor for line in found.lines], found.total_minor(currency)


def test_ifrs_9_illustrative_example_12():
    """Company M: 45, 120, 144, 165 and 106 thousand are 580 thousand (IFRS 9 IE74-IE77)."""
    amounts = [1_500_000_000, 750_000_000, 400_000_000, 250_000_000, 100_000_000]

    parts, total = _measured(matrix("ifrs9-ie12-example"), amounts)

    assert [4_500_000, 12_000_000, 14_400_000, 16_500_000, 10_600_000] == parts
    assert 58_000_000 == total


def test_ifrs_9_b5_5_35_names_rates_by_days():
    """1 % not past due, 2 % under 30 days, 3 % from 30 to 90, 20 % from 90 to 180 (B5.5.35)."""
    days = (0, 29, 30, 89, 90)

    parts, _ = _measured(matrix("ifrs9-b5535-example"), [10_000] * 5, days)

    # Two days share a bucket twice: 29 is one of "1-29", 30 and 89 of "30-89".
    assert [100, 200, 600, 2_000] == parts


def test_a_loss_rate_is_over_what_reached_the_bucket():
    """ifrscommunity.com (scribd 727588826): 2, 4, 8.6957, 25 and 100 %, and 27,567 in all.

    The rate is not rounded before it is used: 60,000 at 8.6957 % are 5,217.39, at 8.7 % 5,220.
    """
    rates = rates_of([100_000, 50_000, 23_000, 8_000, 2_000], lost=2_000)
    amounts = [30_000_000, 14_000_000, 6_000_000, 2_300_000, 500_000]

    parts, total = _measured(simple(*rates), amounts)

    assert Fraction(2, 23) == rates[2]
    assert [600_000, 560_000, 521_739, 575_000, 500_000] == parts
    assert 2_756_739 == total


def test_company_t_of_faqifrs():
    """faqifrs.com, step 6: 75, 165, 108 and 112.5 (the last row of the table is not known).

    In cents nothing has to be rounded; the page shows 112 for the last.
    """
    provision = simple("0.5 %", "2.2 %", "2.7 %", "4.5 %", "0")

    parts, _ = _measured(provision, [1_500_000, 750_000, 400_000, 250_000, 0])

    assert [7_500, 16_500, 10_800, 11_250] == parts


def test_cecl_example_5():
    """ASU 2016-13, Example 5: the adjustment leaves the current bucket alone; 21,035 in all.

    The historical rates are published (cohencpa.com); adjusted rates and amounts are from memory,
    and their arithmetic was verified.  The example counts in whole dollars, and adds up its lines:
    so does a currency without decimals here (in cents the total is 21,035.68).
    """
    provision = matrix("cecl-asu-example")
    amounts = [5_984_698, 8_272, 2_882, 842, 1_100]

    parts, total = _measured(provision, amounts, currency="JPY")

    assert [3, 88, 286, 638, 902] == [rate * 1_000 for rate in provision.rates()]
    assert [17_954, 728, 824, 537, 992] == parts
    assert 21_035 == total
    assert 2_103_568 == _measured(provision, [minor * 100 for minor in amounts])[1]
    assert not provision.is_verified


def test_cecl_without_the_exception_for_what_is_current():
    """usgaapbuddy applies the factor to the total: 1.1 times 0.3 % of the current bucket too."""
    provision = simple(
        "0.3 %",
        "8 %",
        "26 %",
        "58 %",
        "82 %",
        forward_looking=ForwardLooking(multiplier="1.10", justification="all of it"),
    )

    assert Fraction(33, 10_000) == provision.rate(0)


def _held(minor, day):
    """An allowance of so much in one pool."""
    found = loss_allowance(
        [open_item(open_minor=minor)],
        matrix=simple("1", "1", "1", "1", "1", standard=AllowanceStandard.CECL),
        as_of=day,
    )
    assert isinstance(found, LossAllowance)
    return found


def _gone(kind, minor):
    return GivenUp(
        kind=kind,
        creditor="MIRA",
        customer="C-1",
        item="F-9",
        currency="EUR",
        on=AS_OF,
        amount_minor=minor,
    )


def test_the_american_roll_forward():
    """Opening 1,000, charge 580, write-offs 300, recoveries 50: closing 1,330 (derived)."""
    given = [_gone(ResidualKind.WRITE_OFF, 30_000), _gone(ResidualKind.RECOVERY, 5_000)]

    moved = allowance_movement(
        _held(100_000, AS_OF), _held(133_000, AS_OF + dt.timedelta(days=1)), given=given
    )

    (row,) = moved.totals
    found = (row.opening_minor, row.charge_minor, row.use_minor, row.recoveries_minor)
    assert (100_000, 58_000, -30_000, 5_000) == found
    assert 133_000 == row.closing_minor


def test_a_write_off_against_the_allowance_changes_nothing_in_profit():
    """10,000 less 1,000 is 9,000 net; after a write-off of 400 still 9,000, and no charge (derived)."""
    moved = allowance_movement(
        _held(100_000, AS_OF),
        _held(60_000, AS_OF + dt.timedelta(days=1)),
        given=[_gone(ResidualKind.WRITE_OFF, 40_000)],
    )

    (row,) = moved.totals
    assert (0, 0, -40_000) == (row.charge_minor, row.release_minor, row.use_minor)
    assert 1_000_000 - 100_000 == (1_000_000 - 40_000) - row.closing_minor


@pytest.fixture
def french():
    """An invoice of 12,000 with its tax, of which 60 % are expected to be lost."""
    tax = Tax(code="S", base=money("10000.00", "EUR"), amount=money("2000.00", "EUR"))
    invoice = an_invoice(lines=[Line(description="x", net=money("10000.00", "EUR"), taxes=[tax])])
    judged = SpecificAllowance(
        specific="A-1", customer="C-017", rate_bps=6_000, reason="insolvency"
    )
    return Ledger().record(
        issued(invoice),
        specific_allowance_set(
            judged, creditor="MIRA", on=dt.date(2026, 11, 30), recorded_at=recorded(1)
        ),
    )


def _lines(entry):
    return [(line.account.number, line.amount_minor) for line in entry.lines]


def test_the_french_cycle_of_a_doubtful_claim(french):
    """PCG art. 1214-41 and 1214-49: 416 with the tax, 68174 to 491 without, 78174 when it is over."""
    day = dt.date(2026, 12, 31)
    by_hand = ManualEntries(chart=chart("fr-pcg"), creditor="MIRA", functional_currency="EUR")
    found = ledger_allowance(french, "MIRA", matrix=matrix("fr-pcg"), as_of=day)
    items = french.open_items(as_of=day)
    impaired = credit_impaired(french, "MIRA", as_of=day)

    (moved,) = doubtful_entries(items, impaired, by_hand=by_hand, on=day)
    (charged,) = allowance_entries(found, by_hand=by_hand)

    assert [("416", 1_200_000), ("411", -1_200_000)] == _lines(moved)
    assert [("68174", 600_000), ("491", -600_000)] == _lines(charged)

    journal = _journal(moved, charged)
    booked = booked_allowance(journal, as_of=day, grain=MovementGrain.CUSTOMER)
    after = loss_allowance([], matrix=matrix("fr-pcg"), as_of=dt.date(2027, 3, 31))
    (released,) = allowance_entries(after, by_hand=by_hand, booked=journal)

    assert {"C-017": 600_000} == booked
    assert [("491", 600_000), ("78174", -600_000)] == _lines(released)
    (back,) = doubtful_entries(
        [], [], by_hand=by_hand, on=after.as_of, booked=booked_doubtful(journal, as_of=day)
    )
    assert [("416", -1_200_000), ("411", 1_200_000)] == _lines(back)


def test_what_is_booked_already_is_not_booked_again(french):
    """The entries are the difference between what is needed and what the books hold."""
    day = dt.date(2026, 12, 31)
    by_hand = ManualEntries(chart=chart("fr-pcg"), creditor="MIRA", functional_currency="EUR")
    found = ledger_allowance(french, "MIRA", matrix=matrix("fr-pcg"), as_of=day)

    assert () == allowance_entries(found, by_hand=by_hand, booked={"C-017": 600_000})
    (more,) = allowance_entries(found, by_hand=by_hand, booked={"C-017": 450_000})
    assert [("68174", 150_000), ("491", -150_000)] == _lines(more)


def test_tax_recovered_on_a_write_off_is_no_use_of_the_allowance():
    """What the tax office gives back (CGI art. 272-1) is no loss: 12,000 with 2,000 of tax use 10,000."""
    lost = Residual(ResidualKind.WRITE_OFF, 1_200_000, tax_minor=200_000)
    given = GivenUp(
        kind=lost.kind,
        creditor="MIRA",
        customer="C-1",
        item="F-1",
        currency="EUR",
        on=AS_OF,
        amount_minor=lost.amount_minor,
        tax_minor=lost.tax_minor,
    )

    assert 1_000_000 == given.net_minor


def _journal(*entries):
    from receivables.accounting import Journal  # noqa: PLC0415  # for this helper alone

    return Journal(chart=chart("fr-pcg"), functional_currency="EUR", entries=entries)


def test_facts_may_name_a_specific_allowance_that_no_event_set():
    """A what-if needs no event."""
    judged = SpecificAllowance(specific="A-9", customer="C-1", rate_bps=5_000, reason="other")

    found = loss_allowance(
        [open_item()],
        matrix=simple(*["0"] * 5),
        as_of=AS_OF,
        facts=AllowanceFacts(specifics=[judged]),
    )

    assert [5_000] == [line.allowance_minor for line in found.lines]
    assert AgingScheme(30, 60, 90) == found.matrix.scheme
