"""Alerts in the reader's language, and rules and groups that cannot be."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from receivables.aging import AgingScheme
from receivables.errors import PolicyError
from receivables.i18n import LANGUAGES, words
from receivables.ledger import Ledger
from receivables.measures import (
    AlertRule,
    GroupBy,
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
    alert_rules,
    alert_table,
    alerts,
    measures,
    roll_matrices,
)
from receivables.measures.rules import MISSING
from receivables.showing import show
from receivables.tables import as_text

FIRST, LAST = dt.date(2026, 8, 31), dt.date(2026, 9, 30)


def _series(measure, *values, currency="EUR"):
    """The measure on the two days."""
    return MeasureSeries(
        tables=[
            MeasureTable(
                as_of=day,
                policy=MeasurePolicy(),
                figures=[MeasureFigure(measure=measure, currency=currency, value=value)],
            )
            for day, value in zip((FIRST, LAST), values, strict=True)
        ]
    )


SAID = {
    "days": (
        _series(Measure.DSO, Fraction(40), Fraction(99, 2)),
        AlertRule(name="r", measure="dso", kind="rise", limit=5),
        "DSO (jours)\u00a0: 49,5, 9,5 de plus qu’au 31 août 2026",
    ),
    "a share": (
        _series(Measure.CEI, Fraction(1), Fraction(1, 3)),
        AlertRule(name="r", measure="cei", kind="below", limit=7_000),
        "33,3\u00a0%, en dessous de 70,0\u00a0%",
    ),
    "an index": (
        _series(Measure.HHI, Fraction(1, 8), Fraction(2, 3)),
        AlertRule(name="r", measure="hhi", kind="above", limit="0.25"),
        "0,667, au-dessus de 0,250",
    ),
    "an amount": (
        _series(Measure.UNAPPLIED_CASH, Fraction(0), Fraction(1_234_567), currency="KWD"),
        AlertRule(name="r", measure="unapplied-cash", kind="above", limit=1_000),
        "1\u202f234,567\u00a0KWD, au-dessus de 1,000\u00a0KWD",
    ),
}


@pytest.mark.parametrize(("series", "rule", "said"), SAID.values(), ids=SAID)
def test_an_alert_speaks_the_language_of_its_reader(series, rule, said):
    """The measure, the figures and the day of a sentence are written as the locale writes them."""
    table = alert_table(alerts(series, [rule]))

    assert said in show(table, "fr").text()
    assert rule.measure.value in as_text(table)


def test_every_reason_has_words():
    """Why a rule cannot be judged is said in every language."""
    codes = {*MISSING.values(), "no-figure", "no-value", "no-earlier-value", "no-variation"}
    codes |= {"no-receivables", "no-tax"}

    for language in LANGUAGES:
        for code in codes:
            assert words(language).text("table", code.replace("-", " "))


def test_the_index_of_concentration_has_three_decimals():
    """Between zero and one, one decimal would say nothing."""
    [table] = _series(Measure.HHI, Fraction(1, 3), Fraction(2, 3)).tables[1:]

    assert "0.667" in as_text(table.to_table())


REFUSED = {
    "a group": lambda: measures(Ledger(), as_of=LAST, by=["nonsense"]),
    "a group of rolls": lambda: roll_matrices(
        Ledger(), first=FIRST, last=LAST, scheme=AgingScheme(30), by=["nonsense"]
    ),
    "a measure": lambda: measures(Ledger(), as_of=LAST, measures=["nonsense"]),
    "a balance": lambda: MeasurePolicy(balance="nonsense"),
    "a kind of alert": lambda: AlertRule(name="r", measure="dso", kind="nonsense"),
    "a name that is no text": lambda: alert_rules(
        {"rules": [{"name": ["r"], "measure": "dso", "kind": "above"}]}
    ),
    "a group of a rule that is no text": lambda: AlertRule(
        name="r", measure="dso", kind="above", group={"customer": 5}
    ),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_an_unknown_name_is_misuse(make):
    """A name that means nothing is refused with a sentence, and not with what Python says."""
    with pytest.raises(PolicyError):
        make()


def test_the_customer_whom_nobody_knows_can_be_asked_for():
    """An empty text given for a group is that group, and not all of them."""
    figures = [
        MeasureFigure(measure=Measure.DSO, currency="EUR", customer=name, value=Fraction(days))
        for name, days in (("", 1), ("C-1", 2))
    ]
    table = MeasureTable(as_of=LAST, policy=MeasurePolicy(), by=[GroupBy.CUSTOMER], figures=figures)

    assert table.get(Measure.DSO, customer="").value == 1
    assert table.get(Measure.DSO, currency="", customer="C-1").value == 2
