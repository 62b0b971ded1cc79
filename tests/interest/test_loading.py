"""Jurisdictions and rates from the contents of files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.errors import MissingRateError, PolicyError
from receivables.interest import (
    Agreed,
    Compounding,
    Debtor,
    RateTable,
    SourceStatus,
    jurisdiction,
    jurisdictions,
    load_jurisdiction,
    load_rates,
)

LAW = """
name = "house"
currency = "EUR"
debtor = "consumer"
minimum = 2.50

[[margin]]
from = 2026-01-01
percent = 9
article = "our terms, section 7"
status = "verified"
"""

HEAD = "series,valid_from,valid_to,rate_percent,status,source\n"


def test_a_jurisdiction_is_read_from_toml():
    """Numbers may be numbers or text, and what is not said has its default."""
    law = load_jurisdiction(LAW, name="house.toml")

    assert (Debtor.CONSUMER, Agreed.ALLOWED) == (law.debtor, law.agreed)
    assert Compounding.NONE is law.compounding
    assert Decimal("2.50") == law.minimum
    assert Decimal(9) == law.margin_on(dt.date(2026, 1, 1)).percent


REFUSED = [
    ("name = ", "house.toml must be TOML"),
    (LAW + "\n[floors]\n", "keys of house.toml must be among .* got floors"),
    (LAW.replace('"EUR"', '"EURO"'), "house.toml must hold a jurisdiction, got currency must be"),
    (LAW.replace("percent = 9", 'percent = "nine"'), "got percent must be a number, got 'nine'"),
    (LAW.replace('status = "verified"', 'status = "sure"'), "got 'sure' is not a valid"),
    (LAW.replace("percent = 9\n", ""), "got .*percent"),
    (
        LAW.replace("from = 2026-01-01", 'from = "2026"'),
        "got valid_from must be a date, got '2026'",
    ),
    (LAW.replace("from = 2026-01-01\n", ""), "house.toml must hold a jurisdiction, got 'from'"),
    (LAW.replace("[[margin]]", "[margin]"), "house.toml must hold a jurisdiction"),
    ("is-frozen = 'yes'\n" + LAW, "is_frozen"),
    (LAW + "\n[[compensation]]\nfrom = 2026-01-01\ntiers = [{}]\n", "house.toml must hold"),
    (LAW + "\n[floor]\nseries = 'x'\n", "house.toml must hold a jurisdiction"),
    ("#" * 1_000_001, "at most 1000000 characters, got 1000001"),
]


@pytest.mark.parametrize(("contents", "reason"), REFUSED)
def test_what_is_no_jurisdiction_is_refused(contents, reason):
    """The file is named, and what is wrong with it."""
    with pytest.raises(PolicyError, match=reason):
        load_jurisdiction(contents, name="house.toml")


def test_the_packs_are_those_of_the_manual():
    """Each pack has the name of its file, and an unknown name lists them."""
    assert [
        "be",
        "ca-federal",
        "ca-qc",
        "de-business",
        "de-consumer",
        "es",
        "eu",
        "fr-business",
        "fr-contract",
        "fr-public",
        "uk",
        "us-federal",
    ] == list(jurisdictions())
    with pytest.raises(
        PolicyError, match=r"jurisdiction must be one of be, .*, us-federal, got 'fr'"
    ):
        jurisdiction("fr")


def test_rates_are_read_from_csv():
    """Rows may come in any order; an empty rate is a gap that says why."""
    text = HEAD + (
        "own,2026-07-01,2026-12-31,,not-found,not published yet\n"
        'own,2026-01-01,,4.25,verified,"the bank, page 2"\n'
        "\n"
        "other,2026-01-01,,1,derived,me\n"
    )

    series = load_rates(text, name="own.csv")

    assert ["other", "own"] == [one.name for one in series]
    table = RateTable(series)
    assert Decimal("4.25") == table.rate("own", on=dt.date(2026, 6, 30)).rate
    assert SourceStatus.DERIVED is table.rate("other", on=dt.date(2030, 1, 1)).status
    with pytest.raises(
        MissingRateError, match=r"none from 2026-07-01 to 2026-12-31 \(not published"
    ):
        table.rate("own", on=dt.date(2026, 8, 1))


REFUSED_RATES = [
    ("", "headings of own.csv must be series,valid_from.* got nothing"),
    ("a,b\n", "headings of own.csv must be .* got a,b"),
    (HEAD + "own,2026-01-01\n", "own.csv:2 must have 6 fields, got 2"),
    (HEAD + "own,01/01/2026,,4,verified,me\n", "own.csv:2 must hold a rate, got"),
    (HEAD + "own,2026-01-01,,four,verified,me\n", "own.csv:2 must hold a rate, got percent"),
    (HEAD + "own,2026-01-01,,4,certain,me\n", "own.csv:2 must hold a rate, got 'certain'"),
    (HEAD + "own,2026-01-01,,,verified,me\n", "own.csv:2 must hold a rate, got rate of own"),
    (HEAD + "own,2026-01-01,,4,verified,me\n" * 2, "rows of series own must follow each other"),
]


@pytest.mark.parametrize(("contents", "reason"), REFUSED_RATES)
def test_what_are_no_rates_is_refused(contents, reason):
    """The file and the line are named."""
    with pytest.raises(PolicyError, match=reason):
        load_rates(contents, name="own.csv")
