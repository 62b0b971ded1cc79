"""Stress: what fails, what is lost of it after cover, and that it is never more than there was."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework import Collateral, CreditLimit
from receivables.credit.concentration_columns import stress_loss
from receivables.credit.stress import (
    Cover,
    StressKind,
    StressPosition,
    StressScenario,
    cover_from_limits,
    load_scenarios,
    scenarios,
    stress,
    stress_positions,
)
from receivables.errors import DocumentError, PolicyError
from receivables.money import money
from receivables.testing.builders import TODAY, a_customer, an_open_item

from ..aging import worlds  # noqa: TID252  # one world of frames

_MINOR = st.integers(0, 100_000) | st.integers(0, 10**12)


def position(customer="C-1", exposure=100_000, **given):
    """What a customer owes."""
    return StressPosition(customer=customer, exposure_minor=exposure, **given)


BOOK = [
    position("C-1", 100_000, group="NORD", country="FR", segment="key", allowance_minor=5_000),
    position("C-2", 90_000, group="NORD", country="FR", cover=Cover(deposit_minor=100_000)),
    position(
        "C-3",
        60_000,
        country="ES",
        currencies=[("USD", 60_000)],
        cover=Cover(collateral_minor=10_000, insured_minor=40_000, insured_bps=9_000),
    ),
    position("C-4", 10_000, country="ES", ages=[(-5, 6_000), (65, 4_000)]),
]


def run(**scenario):
    """One scenario over the book."""
    (found,) = stress(BOOK, [StressScenario(**{"name": "a test", **scenario})], currency="EUR")
    return found


FAILS = [
    ({"kind": "top", "count": 1}, ["C-1"], 100_000),
    ({"kind": "top", "count": 2}, ["C-1", "C-2"], 100_000),
    ({"kind": "top", "count": 1, "by": "group"}, ["C-1", "C-2"], 100_000),
    ({"kind": "top", "count": 1, "by": "country", "loss_bps": 5_000}, ["C-1", "C-2"], 50_000),
    ({"kind": "named", "by": "country", "names": ["ES"]}, ["C-3", "C-4"], 14_000 + 10_000),
    ({"kind": "named", "names": ["C-4", "C-9"]}, ["C-4"], 10_000),
    ({"kind": "named", "by": "segment", "names": ["key"]}, ["C-1"], 100_000),
    ({"kind": "currency", "names": ["USD"], "loss_bps": 2_000}, ["C-3"], 12_000),
]


@pytest.mark.parametrize(("scenario", "customers", "lost"), FAILS)
def test_who_fails_and_what_is_lost(scenario, customers, lost):
    """The largest, by themselves or by group, country and segment; those named; a currency."""
    found = run(**scenario)

    assert customers == sorted(line.customer for line in found.lines)
    assert (lost, 260_000) == (found.loss_minor, found.total_minor)


def test_the_allowance_bears_its_part_and_deposits_are_cash():
    """What is lost beyond the allowance is charged; money that we hold does not fail to come in."""
    found = run(kind="top", count=2)

    assert (190_000, 90_000, 95_000) == (
        found.exposure_minor,
        found.covered_minor,
        found.charge_minor,
    )
    assert 100_000 == found.cash_minor
    assert "1000.00" == str(found.loss.amount)
    assert "a test" in str(found)


def test_a_delay_loses_nothing_and_costs_allowance():
    """Each age moves by the days, to the rate of its new age."""
    found = run(kind="delay", days=30, rates=[(1, 100), (61, 1_000), (91, 2_000)])

    assert (0, 260_000) == (found.loss_minor, found.cash_minor)
    # 6,000 not yet due become 1 to 30 days late: 1 %; 4,000 go from 10 % to 20 %.
    assert 60 + 400 == found.charge_minor


def test_the_scenarios_of_the_library_run():
    """Each has something to happen, and says where its figures are from."""
    found = stress(BOOK, scenarios(), currency="EUR")

    assert set(StressKind) - {StressKind.NAMED} == {one.scenario.kind for one in found}
    assert all(one.scenario.source for one in found)
    assert all(0 <= one.loss_minor <= one.exposure_minor <= one.total_minor for one in found)


REFUSED = [
    ({"kind": "top"}, "must say count"),
    ({"kind": "named", "names": []}, "must say names"),
    ({"kind": "named", "names": "ES"}, "given as a list"),
    ({"kind": "delay"}, "must say days"),
    ({"kind": "top", "count": 1, "loss_bps": 10_001}, "loss_bps must be"),
    ({"kind": "top", "count": 1, "by": "currency"}, "use kind currency"),
    ({"kind": "delay", "days": 1, "rates": [[31, 1], [1, 1]]}, "must rise by days"),
    ({"kind": "delay", "days": 1, "rates": [[31]]}, "pairs of days"),
    ({"kind": "delay", "days": -1}, "zero or more"),
]


@pytest.mark.parametrize(("fields", "said"), REFUSED)
def test_a_scenario_in_which_nothing_could_happen_is_refused(fields, said):
    """Each with the field that is missing or wrong."""
    with pytest.raises(PolicyError, match=said):
        StressScenario(name="x", **fields)


@pytest.mark.parametrize(
    "text",
    ["[[scenario]]\nname = 'x'\nkind = 'flood'", "scenario = 5", "[[scenario]]\nfoo = 1", "x"],
)
def test_a_file_of_scenarios_that_is_none_is_refused(text):
    """The message names the file."""
    with pytest.raises(PolicyError, match=r"own\.toml"):
        load_scenarios(text, name="own.toml")


def test_a_customer_comes_once():
    """Twice it would fail twice."""
    with pytest.raises(PolicyError, match="C-1 twice"):
        stress([position(), position()], scenarios(), currency="EUR")


def test_positions_come_from_open_items():
    """Net by customer, with group, country, ages of debits, cover and allowance."""
    items = [
        an_open_item("F-1", amount="600.00", customer="C-1", due_date=dt.date(2026, 9, 1)),
        an_open_item("F-2", amount="-100.00", customer="C-1"),
        an_open_item("F-3", amount="-5.00", customer="C-2"),
    ]

    (found,) = stress_positions(
        items,
        as_of=TODAY,
        currency="EUR",
        customers=[a_customer("C-1", country="CA", payer_group="G", segment="key")],
        covers={"C-1": Cover(deposit_minor=7)},
        allowances={"C-1": 9},
    )

    assert ("C-1", 50_000, "G", "CA", "key") == (
        found.customer,
        found.exposure_minor,
        found.group,
        found.country,
        found.segment,
    )
    assert (((60, 60_000),), (("EUR", 50_000),)) == (found.ages, found.currencies)
    assert (7, 9) == (found.cover.deposit_minor, found.allowance_minor)


def limit(name, amount="100.00", *, customer="C-1", **given):
    """A limit."""
    return CreditLimit(limit=name, amount=money(amount, "EUR"), customer=customer, **given)


def test_limits_cover_what_others_bear():
    """Own limits cover nothing; insured ones add up at the lowest part; a deposit is a deposit."""
    deposit = Collateral(kind="cash-deposit", value=money("30.00", "EUR"))
    deed = Collateral(kind="mortgage", value=money("80.00", "EUR"), haircut_bps=5_000)
    granted = [
        limit("own"),
        limit("insured", kind="insured", cover_bps=9_000),
        limit("extra", kind="discretionary", cover_bps=8_000),
        limit("parent", kind="guaranteed", cover_bps=5_000),
        limit("cash", kind="collateral", collateral=deposit),
        limit("deed", kind="collateral", collateral=deed),
        limit("over", kind="insured", until=dt.date(2026, 1, 1)),
        limit("country", customer="", country="FR", kind="insured"),
    ]

    assert {
        "C-1": Cover(
            deposit_minor=3_000,
            collateral_minor=5_000 + 4_000,
            insured_minor=20_000,
            insured_bps=8_000,
        )
    } == cover_from_limits(granted, on=TODAY, currency="EUR")
    with pytest.raises(PolicyError, match="must be in USD"):
        cover_from_limits(granted, on=TODAY, currency="USD")


def test_collateral_in_another_currency_is_no_cover_at_par():
    """A million yen are not ten thousand euros."""
    deed = Collateral(kind="mortgage", value=money("900000", "JPY"))

    with pytest.raises(PolicyError, match="must be in EUR"):
        cover_from_limits(
            [limit("deed", kind="collateral", collateral=deed)], on=TODAY, currency="EUR"
        )


def test_a_delay_never_costs_more_than_is_owed():
    """Ages are of debits, and credits take most of this customer's off."""
    owed = position("C-1", 1_000, ages=[(0, 10_000)])
    later = StressScenario(name="later", kind="delay", days=60, rates=[(30, 10_000)])

    (found,) = stress([owed], [later], currency="EUR")

    assert 1_000 == found.charge_minor


def test_a_country_is_named_in_any_case():
    """Countries are codes, in the positions and in the scenario."""
    stops = StressScenario(name="stops", kind="named", by="country", names=["es"])

    (found,) = stress(
        [position("C-1", 10, country="ES"), position("C-2", 20, country="Es")],
        [stops],
        currency="EUR",
    )

    assert 30 == found.loss_minor


@st.composite
def books(draw):
    """Positions with any cover."""
    count = draw(st.integers(1, 5))
    return [
        position(
            f"C-{n}",
            draw(_MINOR),
            country=draw(st.sampled_from(["FR", "ES"])),
            allowance_minor=draw(_MINOR),
            cover=Cover(
                deposit_minor=draw(_MINOR),
                collateral_minor=draw(_MINOR),
                insured_minor=draw(_MINOR),
                insured_bps=draw(st.integers(0, 10_000)),
            ),
        )
        for n in range(count)
    ]


@given(book=books(), count=st.integers(1, 6), bps=st.integers(0, 10_000))
def test_a_loss_is_never_above_the_exposure(book, count, bps):
    """Nor below zero, nor is more of it charged than lost; one more failing costs no less."""
    fewer, more = stress(
        book,
        [
            StressScenario(name="fewer", kind="top", count=count, loss_bps=bps),
            StressScenario(name="more", kind="top", count=count + 1, loss_bps=bps),
        ],
        currency="EUR",
    )

    for line in more.lines:
        assert 0 <= line.loss_minor <= line.exposure_minor - line.covered_minor
        assert 0 <= line.charge_minor <= line.loss_minor
    assert fewer.loss_minor <= more.loss_minor


def _frame(kind, book):
    cover = [one.cover for one in book]
    columns = {
        "customer": [one.customer for one in book],
        "exposure_minor": [one.exposure_minor for one in book],
        "deposit_minor": [one.deposit_minor for one in cover],
        "collateral_minor": [one.collateral_minor for one in cover],
        "insured_minor": [one.insured_minor for one in cover],
        "insured_bps": [one.insured_bps for one in cover],
    }
    worlds._TYPES.update(dict.fromkeys(list(columns)[1:], pa.int64()))
    return worlds.frame_of(kind, columns)


@pytest.mark.parametrize("kind", worlds.KINDS)
@settings(max_examples=4, deadline=None)
@given(book=books(), bps=st.integers(0, 10_000))
def test_columns_give_what_values_give(kind, book, bps):
    """Covered and lost are the same for every customer."""
    everyone = StressScenario(name="all", kind="top", count=9, loss_bps=bps)
    (found,) = stress(book, [everyone], currency="EUR")
    expected = {line.customer: (line.covered_minor, line.loss_minor) for line in found.lines}

    rows = worlds.rows_of(stress_loss(_frame(kind, book), loss_bps=bps))

    assert expected == {row[0]: (int(row[-2]), int(row[-1])) for row in rows if int(row[1])}


def test_a_frame_without_cover_loses_all():
    """Columns that are not there cover nothing."""
    worlds._TYPES.update(dict.fromkeys(("exposure_minor", "insured_minor"), pa.int64()))
    frame = worlds.frame_of("polars", {"exposure_minor": [5], "insured_minor": [3]})

    assert [(5, 3, 3, 2)] == worlds.rows_of(stress_loss(frame))


BAD = [
    ({"exposure_minor": [-1]}, {}, DocumentError, "zero or more"),
    ({"exposure_minor": [1], "insured_bps": [10_001]}, {}, DocumentError, "at most 10000"),
    ({"exposure_minor": [1]}, {"loss_bps": 10_001}, PolicyError, "loss_bps"),
    ({"deposit_minor": [1]}, {}, DocumentError, "must include exposure_minor"),
]


@pytest.mark.parametrize(("columns", "given_", "error", "said"), BAD)
def test_frames_that_cannot_be_reckoned_are_refused(columns, given_, error, said):
    """Below zero, above the whole, or nothing to lose."""
    worlds._TYPES.update(dict.fromkeys(columns, pa.int64()))

    with pytest.raises(error, match=said):
        stress_loss(worlds.frame_of("polars", columns), **given_)
