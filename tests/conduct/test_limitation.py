"""Until when a claim can be brought to court, what begins the period anew, and what does not."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.conduct import (
    Interruption,
    InterruptionKind,
    in_default_from,
    legal_deadlines,
    limitation,
    limitation_periods,
    load_periods,
)
from receivables.days import BusinessCalendar
from receivables.errors import PolicyError
from receivables.testing.builders import an_open_item

from .worlds import day

KNOWN = dt.date(2024, 3, 31)


def last(jurisdiction, *interruptions, known=KNOWN, **fields):
    """The last day of a claim, as text."""
    found = limitation(known, jurisdiction=jurisdiction, interruptions=interruptions, **fields)
    return str(found.last_day)


@pytest.mark.parametrize(
    ("jurisdiction", "debtor", "expected"),
    [
        ("france", "business", "2029-03-31"),
        ("france", "consumer", "2026-03-31"),
        ("quebec", "business", "2027-03-31"),
        ("canada-ontario", "business", "2026-03-31"),
        ("spain", "business", "2029-03-31"),
        ("spain", "consumer", "2027-03-31"),
        ("germany", "business", "2027-12-31"),
        ("uk", "consumer", "2030-03-31"),
        ("mexico", "business", "2034-03-31"),
        ("mexico", "consumer", "2025-03-31"),
    ],
)
def test_periods_of_some_places(jurisdiction, debtor, expected):
    """Years from date to date, in Germany from the end of the year."""
    assert expected == last(jurisdiction, debtor=debtor)


@pytest.mark.parametrize(
    ("jurisdiction", "kind", "expected"),
    [
        ("france", "registered-letter", "2029-03-31"),
        ("france", "reminder", "2029-03-31"),
        ("france", "acknowledgment", "2030-06-15"),
        ("france", "enforcement", "2030-06-15"),
        ("spain", "registered-letter", "2030-06-15"),
        ("germany", "registered-letter", "2027-12-31"),
        ("germany", "acknowledgment", "2028-06-15"),
        ("uk", "acknowledgment", "2031-06-15"),
        ("quebec", "acknowledgment", "2028-06-15"),
    ],
)
def test_what_begins_the_period_anew(jurisdiction, kind, expected):
    """C. civ. 2240 to 2244: a registered letter does not in France; C. civil 1973: it does in Spain."""
    happened = Interruption(kind=kind, on=dt.date(2025, 6, 15))

    assert expected == last(jurisdiction, happened)


@pytest.mark.parametrize(
    ("jurisdiction", "ended_on", "expected"),
    [
        ("france", None, "None"),
        ("france", dt.date(2025, 12, 31), "2030-12-31"),
        ("germany", dt.date(2025, 6, 25), "2028-01-10"),
    ],
)
def test_proceedings_hold_the_period(jurisdiction, ended_on, expected):
    """C. civ. 2242: anew once they end; BGB § 204: their time is not counted."""
    claim = Interruption(kind="court-claim", on=dt.date(2025, 6, 15), ended_on=ended_on)

    assert expected == last(jurisdiction, claim)


def test_what_comes_too_late_revives_nothing():
    """An acknowledgment after the last day is ignored, and said to be."""
    late = Interruption(kind="acknowledgment", on=dt.date(2026, 4, 1))

    found = limitation(KNOWN, jurisdiction="france", debtor="consumer", interruptions=[late])

    assert (dt.date(2026, 3, 31), (late,)) == (found.last_day, found.ignored)


def test_what_comes_before_the_period_begins_is_nothing():
    """BGB § 199: the period of a claim of March begins with the end of the year."""
    early = Interruption(kind="acknowledgment", on=dt.date(2024, 6, 15))

    assert "2027-12-31" == last("germany", early)


def test_quebec_moves_to_the_next_working_day():
    """CCQ 2879: not on a Saturday or a holiday."""
    easter = BusinessCalendar(holidays=[dt.date(2027, 3, 29)])

    found = last("quebec", known=dt.date(2024, 3, 27), calendar=easter)

    assert "2027-03-30" == found


@given(
    known=st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1)),
    offset=st.integers(0, 4_000),
    kind=st.sampled_from(InterruptionKind),
    period=st.sampled_from(limitation_periods()),
)
def test_an_interruption_never_shortens(known, offset, kind, period):
    """Whatever happens to a claim, its last day does not come earlier."""
    (debtor, *_) = sorted(period.debtors, key=lambda one: one.value)
    asked = {"jurisdiction": period.jurisdiction, "debtor": debtor}
    happened = Interruption(kind=kind, on=known + dt.timedelta(days=offset))

    plain = limitation(known, **asked)
    found = limitation(known, interruptions=[happened], **asked)

    assert found.last_day is None or plain.last_day <= found.last_day
    assert (happened,) == found.counted + found.ignored


def test_deadlines_of_items():
    """Debits by their due date or their own date, the earliest first; credits have none."""
    items = [
        an_open_item("F-2", due_date=dt.date(2026, 5, 1)),
        an_open_item("F-1", due_date=None, document_date=dt.date(2026, 4, 1)),
        an_open_item("F-3", due_date=dt.date(2025, 5, 1)),
        an_open_item("AV-1", amount="-10.00"),
    ]
    claim = Interruption(kind="court-claim", on=dt.date(2026, 5, 1))

    found = legal_deadlines(items, jurisdiction="france", interruptions={"F-3": [claim]})

    assert [("F-1", dt.date(2031, 4, 1)), ("F-2", dt.date(2031, 5, 1))] == [
        (one.item, one.day) for one in found
    ]
    assert {("limitation", "C. civ. 2224")} == {(one.what, one.article) for one in found}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"invoice_received": "2026-03-10"}, "2026-04-10"),
        ({"invoice_received": "2026-02-10"}, "2026-04-01"),
        ({"invoice_received": "2026-03-01", "is_consumer": True}, None),
        (
            {"invoice_received": "2026-03-01", "is_consumer": True, "was_warned": True},
            "2026-04-01",
        ),
        ({"calendar_due_date": True}, "2026-03-02"),
        ({"reminder_received": "2026-03-09", "invoice_received": "2026-03-01"}, "2026-03-09"),
        ({"reminder_received": "2026-02-20"}, None),
    ],
)
def test_the_first_day_of_default_in_germany(fields, expected):
    """BGB § 286: a reminder, the calendar, or thirty days, whichever comes first."""
    known = {key: day(one) if isinstance(one, str) else one for key, one in fields.items()}

    found = in_default_from(dt.date(2026, 3, 1), **known)

    assert expected == (found and found.isoformat())


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (lambda: last("texas"), "jurisdiction must be one of france, quebec"),
        (lambda: last("france", debtor="nobody"), "nobody"),
        (lambda: limitation("2024-03-31", jurisdiction="france"), "right_known must be a date"),
        (lambda: load_periods("[[period]]\nyears = 0", name="x.toml"), "x.toml must hold periods"),
        (lambda: load_periods("", name="x.toml"), "x.toml must hold periods"),
        (lambda: load_periods("[", name="x.toml"), "x.toml must be TOML"),
    ],
)
def test_impossible_questions_are_refused(question, words):
    """A place without a period, an unknown debtor, a file that holds something else."""
    with pytest.raises(ValueError, match=words):
        question()


def test_a_period_of_one_s_own():
    """Another law is another file."""
    (own,) = load_periods(
        '[[period]]\njurisdiction = "texas"\nyears = 4\narticle = "our lawyer"\n'
        'source = "our lawyer"\nstatus = "unverified"\n',
        name="own.toml",
    )

    assert "2028-03-31" == last("texas", periods=[own])
    with pytest.raises(PolicyError, match="must be one of texas"):
        last("france", periods=[own])
