"""Alerts: rules over a series speak when they should, say with what they compared, and never guess."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import PolicyError
from receivables.measures import (
    AlertRule,
    AlertState,
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
    alert_rules,
    alert_table,
    alerts,
    load_alert_rules,
    standard_alert_rules,
)

from .worlds import LAWS


def series(*values, measure="dso", receivables=None, currency="EUR", missing="no-sales", **group):
    """A series of one measure of one group, month by month; None is a missing value."""
    return MeasureSeries(
        tables=[
            MeasureTable(
                as_of=dt.date(2025 + place // 12, place % 12 + 1, 28),
                policy=MeasurePolicy(),
                by=list(group),
                figures=[
                    _figure(measure, value, currency, group, missing),
                    *(
                        [_figure("receivables", receivables, currency, group, "")]
                        if receivables is not None
                        else []
                    ),
                ],
            )
            for place, value in enumerate(values)
        ]
    )


def _figure(measure, value, currency, group, missing):
    return MeasureFigure(
        measure=Measure(measure),
        currency=currency,
        value=None if value is None else Fraction(value),
        missing=missing if value is None else "",
        **group,
    )


def rule(kind, limit=0, *, measure="dso", **given_):
    """A rule of a kind."""
    return AlertRule(name="r", measure=measure, kind=kind, limit=limit, **given_)


RAISED = {
    "above": (rule("above", 45), (46,), 45),
    "below in basis points": (rule("below", 7_000, measure="cei"), ("0.69",), Fraction("0.7")),
    "a rise of days": (rule("rise", 5, periods=2), (40, 44, 45), 40),
    "a rise of basis points": (
        rule("rise", 250, measure="over-90-share"),
        ("0.10", "0.125"),
        Fraction("0.10"),
    ),
    "a relative rise": (rule("rise", 1_000, is_relative=True), (40, 44), 40),
    "a fall": (rule("fall", 5), (40, 34), 40),
    "worse three times": (rule("worsening", periods=3), (39, 40, 41, 42), 39),
    "less of what is good": (
        rule("worsening", measure="cei", periods=2),
        ("0.9", "0.8", "0.7"),
        Fraction("0.9"),
    ),
    "worse by steps": (rule("worsening", 2, periods=2), (40, 42, 44), 40),
    "unusual": (rule("unusual", 2, periods=4), (40, 42, 40, 42, 45), 41),
}


@pytest.mark.parametrize(("one", "values", "compared"), RAISED.values(), ids=RAISED)
def test_raised(one, values, compared):
    """A rule speaks of the last value, and says what it was compared with."""
    [found] = alerts(series(*values, measure=one.measure.value), [one])

    assert found.is_raised
    assert (Fraction(values[-1]), compared) == (found.value, found.compared_to)
    assert one.measure.value in str(found.sentence)


SILENT = {
    "at the limit": (rule("above", 45), (45,)),
    "a smaller rise": (rule("rise", 5, periods=2), (40, 41, "44.99")),
    "a fall is no rise": (rule("rise"), (40, 30)),
    "no move is no rise": (rule("rise"), (40, 40)),
    "worse twice only": (rule("worsening", periods=3), (42, 40, 41, 42)),
    "a step too small": (rule("worsening", 2, periods=2), (40, 42, 43)),
    "better is not unusual": (rule("unusual", 2, periods=4), (40, 42, 40, 42, 20)),
    "usual": (rule("unusual", 2, periods=4), (40, 42, 40, 42, 43)),
    "never moved": (rule("unusual", 2, periods=3), (40, 40, 40, 40)),
}


@pytest.mark.parametrize(("one", "values"), SILENT.values(), ids=SILENT)
def test_silent(one, values):
    """A rule that finds nothing says nothing."""
    assert alerts(series(*values, measure=one.measure.value), [one]) == ()


NOT_JUDGED = {
    "no value today": (rule("above", 45), (40, None), "no-sales"),
    "no value then": (rule("rise", 5), (None, 40), "no-earlier-value"),
    "a short series": (rule("rise", 5, periods=3), (40, 41), "no-earlier-value"),
    "a gap on the way": (rule("worsening", periods=2), (40, None, 42), "no-earlier-value"),
    "a gap in what is usual": (
        rule("unusual", 2, periods=3),
        (40, None, 41, 42),
        "no-earlier-value",
    ),
    "relative to nothing": (rule("rise", 5, is_relative=True), (0, 40), "no-earlier-value"),
    "from what never moved": (rule("unusual", 2, periods=3), (40, 40, 40, 41), "no-variation"),
    "another measure": (rule("above", 1, measure="hhi"), (40,), "no-figure"),
    "another group": (rule("above", 1, group={"currency": "USD"}), (40,), "no-figure"),
    "a minimum of nothing known": (
        rule("above", 1, minimums_minor={"EUR": 1}),
        (40,),
        "no-receivables",
    ),
}


@pytest.mark.parametrize(("one", "values", "code"), NOT_JUDGED.values(), ids=NOT_JUDGED)
def test_not_judged(one, values, code):
    """A missing value is never silence, and never an alert: the rule says that it cannot be judged."""
    [found] = alerts(series(*values), [one])

    assert (AlertState.NOT_JUDGED, code) == (found.state, found.missing)
    assert "cannot be judged" in str(found)


def test_small_accounts_do_not_shout():
    """Below the minimum of its currency a group is passed over; from it on it is not."""
    one = rule("above", 45, minimums_minor={"EUR": 100_000}, group={"customer": "C-1"})

    for held, expected in ((99_999, 0), (100_000, 1)):
        assert expected == len(alerts(series(60, receivables=held, customer="C-1"), [one]))
    assert "C-1, EUR: dso is 60.0 days" in str(
        alerts(series(60, receivables=100_000, customer="C-1"), [one])[0]
    )


def test_a_measure_that_one_group_lacks_is_said_of_it():
    """Where some groups were measured and one was not, the rule says so of that one."""
    tables = (
        series(60, currency="EUR").tables[0],
        series(5, measure="hhi", currency="USD").tables[0],
    )
    both = MeasureTable(
        as_of=tables[0].as_of,
        policy=MeasurePolicy(),
        figures=[*tables[0].figures, *tables[1].figures],
    )

    found = alerts(MeasureSeries(tables=[both]), [rule("above", 45)])

    assert [("EUR", ""), ("USD", "no-figure")] == [(one.currency, one.missing) for one in found]


@LAWS
@given(
    st.lists(st.none() | st.integers(0, 90), min_size=1, max_size=15),
    st.permutations(standard_alert_rules()),
)
def test_alerts_are_deterministic(values, rules):
    """The same series and rules give the same alerts, whatever the order of the rules."""
    one = series(*values)

    found = alerts(one, rules)

    assert found == alerts(one, rules)
    assert {str(each) for each in alerts(one, standard_alert_rules())} == {
        str(each) for each in found
    }
    last = values[-1]
    assert last is not None or not any(each.is_raised for each in found)


def test_rules_are_data():
    """Rules come from TOML with hyphens or underscores; the standard ones come with the library."""
    [one] = load_alert_rules(
        """
        name = "house"
        version = "2026-11"
        [[rules]]
        name = "slow"
        measure = "dso"
        kind = "rise"
        limit = "4.5"
        periods = 3
        severity = "critical"
        is-relative = true
        group = { currency = "EUR" }
        minimums-minor = { EUR = 5_000_00 }
        """
    )

    assert (Fraction(9, 2), 3, 500_000) == (one.limit, one.periods, one.minimums_minor["EUR"])
    assert len(standard_alert_rules()) == len({each.name for each in standard_alert_rules()})


def test_a_table():
    """Alerts make a table of severity, rule, group and sentence, with what an amount is shown in."""
    one = rule("above", 100_00, measure="unapplied-cash")

    table = alert_table(alerts(series(123_45, measure="unapplied-cash"), [one]))

    assert "unapplied-cash is 123.45 EUR, above 100.00 EUR" in str(table)


REFUSED = {
    "a float": {"rules": [{"name": "a", "measure": "dso", "kind": "above", "limit": 1.5}]},
    "an exponent": {"rules": [{"name": "a", "measure": "dso", "kind": "above", "limit": "1e9"}]},
    "no such measure": {"rules": [{"name": "a", "measure": "speed", "kind": "above"}]},
    "no such kind": {"rules": [{"name": "a", "measure": "dso", "kind": "sideways"}]},
    "no name": {"rules": [{"measure": "dso", "kind": "above"}]},
    "an empty name": {"rules": [{"name": "", "measure": "dso", "kind": "above"}]},
    "a change below zero": {
        "rules": [{"name": "a", "measure": "dso", "kind": "rise", "limit": -1}]
    },
    "usual is nothing": {
        "rules": [{"name": "a", "measure": "dso", "kind": "unusual", "periods": 9}]
    },
    "a short history": {
        "rules": [{"name": "a", "measure": "dso", "kind": "unusual", "limit": 2, "periods": 2}]
    },
    "no periods": {"rules": [{"name": "a", "measure": "dso", "kind": "rise", "periods": 0}]},
    "a relative level": {
        "rules": [{"name": "a", "measure": "dso", "kind": "above", "is-relative": True}]
    },
    "no such group": {
        "rules": [{"name": "a", "measure": "dso", "kind": "above", "group": {"town": "X"}}]
    },
    "a group of numbers": {"rules": [{"name": "a", "measure": "dso", "kind": "above", "group": 3}]},
    "no such currency": {
        "rules": [{"name": "a", "measure": "dso", "kind": "above", "minimums-minor": {"EURO": 1}}]
    },
    "an unknown key": {
        "rules": [{"name": "a", "measure": "dso", "kind": "above", "colour": "red"}]
    },
    "an unknown table": {"rule": []},
    "rules as a text": {"rules": "dso"},
    "a rule as a text": {"rules": ["dso"]},
}


@pytest.mark.parametrize("table", REFUSED.values(), ids=REFUSED)
def test_refused_rules(table):
    """A table of rules that cannot be is refused, by its name."""
    with pytest.raises(PolicyError):
        alert_rules(table, name="house.toml")


def test_refused_questions():
    """Two rules of one name, a series of no days and a text that is no TOML are refused."""
    for question in (
        lambda: alerts(series(40), [rule("above"), rule("below")]),
        lambda: alerts(MeasureSeries(tables=[]), []),
        lambda: load_alert_rules("rules = ["),
    ):
        with pytest.raises(PolicyError):
            question()
