"""The journal of a folder: by the chart of the settings, at the rates of its files."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from receivables.accounting import Role, chart, posting_rules
from receivables.book import Book
from receivables.errors import MissingRateError, PolicyError
from receivables.interest import InterestRun
from receivables.ledger import DocumentIssued
from receivables.opening import open_folder
from receivables.settings import parse_settings

RATES = """
previous-within-days = 7
[[rates]]
base = "EUR"
quote = "CAD"
date = 2026-08-14
rate = "1.5000"
source = "ECB"
"""

MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)

CREDITOR = '[creditor]\ncreditor = "MIRA"\nname = "Mirabelle"\n'


def test_the_journal_needs_a_rate_for_what_is_foreign(folder: Path) -> None:
    """An invoice in dollars without a rate is named; no neighbor stands in for the rate."""
    book = open_folder(folder)

    with pytest.raises(MissingRateError, match="F-0003"):
        book.journal()


def test_the_journal_of_a_folder(folder: Path, change: Callable[[str, str, str], None]) -> None:
    """Every event has its entry by the chart of the settings, and the accounts are the items'."""
    (folder / "rates.toml").write_text(RATES, encoding="utf-8")
    table = '\n[accounting]\nchart = "fr-pcg"\nrates = ["rates.toml"]\n\n[letters]'
    change("receivables.toml", "\n[letters]", table)
    book = open_folder(folder)

    whole = book.journal()
    august = book.journal(first="2026-08-01", last="2026-08-31")

    assert {entry.document for entry in august} == {"F-0001", "F-0003"}
    (dollars,) = [entry for entry in august if entry.document == "F-0003"]
    receivable = dollars.lines[0]
    assert (receivable.account.number, receivable.amount_minor) == ("411", 7_500)
    assert receivable.functional_minor == 5_000
    opens = book.open_items(as_of=dt.date(2026, 12, 31))
    for currency in ("EUR", "CAD"):
        items = sum(item.open_minor for item in opens if item.currency == currency)
        lines = sum(
            line.amount_minor
            for entry in whole
            for line in entry.lines
            if line.role.is_control and line.currency == currency
        )
        assert items == lines
    unidentified = [
        line for entry in whole for line in entry.lines if line.role is Role.UNIDENTIFIED
    ]
    assert {line.account.number for line in unidentified} <= {"471"}


def test_settings_of_the_accounts() -> None:
    """The chart, its variants and the currency of the books come from the settings."""
    text = CREDITOR + (
        '[accounting]\nchart = "fr-pcg"\nvariants = ["financial-exchange"]\n'
        'functional-currency = "USD"\n'
    )

    found = parse_settings(text).accounting
    usual = parse_settings(CREDITOR).accounting

    assert found.chart.account(Role.EXCHANGE_LOSS).number == "666"
    assert found.functional_currency == "USD"
    assert (usual.chart, usual.rules) == (chart("generic"), posting_rules("generic"))
    assert usual.functional_currency == "EUR"


@pytest.mark.parametrize(
    "line",
    [
        'chart = "no-such-chart"',
        'variants = ["no-such-variant"]',
        'functional-currency = "EURO"',
        'rates = "rates.toml"',
        'accounts = "411"',
    ],
)
def test_impossible_settings_of_the_accounts_are_refused(line: str) -> None:
    """A chart, a variant or a currency that does not exist is named."""
    with pytest.raises(PolicyError):
        parse_settings(f"{CREDITOR}[accounting]\n{line}\n")


def test_a_file_of_rates_that_is_not_there_is_a_problem(
    folder: Path, change: Callable[[str, str, str], None]
) -> None:
    """The pattern that matches nothing is named."""
    change("receivables.toml", "\n[letters]", '\n[accounting]\nrates = ["fx/*.toml"]\n\n[letters]')

    (problem,) = [each for each in open_folder(folder).problems if each.code == "file.missing"]

    assert "fx/*.toml" in problem.message


def test_late_interest_is_charged_once(
    folder: Path, change: Callable[[str, str, str], None]
) -> None:
    """Interest and compensation are debit notes of their own; a second run of the day has none."""
    table = '\n[interest]\njurisdiction = "fr-business"\npayable-days = 15\n\n[letters]'
    change("receivables.toml", "\n[letters]", table)
    book = open_folder(folder, recorded_at=MOMENT)
    numbers = (f"N-{number}" for number in itertools.count(1))

    def charge(book: Book) -> InterestRun:
        return book.late_interest(as_of="2026-10-31", number=lambda *_: next(numbers))

    run = charge(book)
    noted = book.record(*(DocumentIssued.of(note, recorded_at=MOMENT) for note in run.documents))

    charged = {(note.customer, note.lines[0].category) for note in run.documents}
    assert ("C-1", "late-interest") in charged
    assert ("C-1", "compensation") in charged
    assert {note.due_date for note in run.documents} == {dt.date(2026, 11, 15)}
    opens = noted.open_items(as_of="2026-10-31")
    assert {note.number for note in run.documents} <= {item.document for item in opens}
    assert charge(noted).documents == ()


def test_late_interest_needs_a_law(folder: Path) -> None:
    """Nothing is charged by a law that nobody named."""
    with pytest.raises(PolicyError, match=r"\[interest\]"):
        open_folder(folder).late_interest(as_of="2026-10-31", number=lambda *_: "N-1")


@pytest.mark.parametrize(
    "line", ['jurisdiction = "atlantis"', "payable-days = 15", 'jurisdiction = "eu"\nrate = "3"']
)
def test_impossible_settings_of_interest_are_refused(line: str) -> None:
    """A law that does not exist is named, and so is a key that means nothing."""
    with pytest.raises(PolicyError):
        parse_settings(f"{CREDITOR}[interest]\n{line}\n")


def test_a_calendar_of_the_settings_moves_due_dates(
    folder: Path, change: Callable[[str, str, str], None]
) -> None:
    """Terms that ask for a business day get it from the calendar that the settings name."""
    terms = (
        '\n[terms]\ndefault = { days = 30, adjustment = "following" }\ncalendar = "FR"\n\n[letters]'
    )
    change("receivables.toml", "\n[letters]", terms)
    change("invoices.csv", "2026-10-20;2026-11-20", "2026-10-02;")

    items = open_folder(folder).open_items(as_of="2026-12-31")

    # 1 November 2026 is All Saints' Day, and a Sunday.
    assert [each.due_date for each in items if each.item == "F-0004"] == [dt.date(2026, 11, 2)]


def test_a_calendar_that_nobody_has_is_refused(
    folder: Path, change: Callable[[str, str, str], None]
) -> None:
    """A calendar without its holidays would call every day a business day."""
    change("receivables.toml", "\n[letters]", '\n[terms]\ncalendar = "XX-YY"\n\n[letters]')

    with pytest.raises(PolicyError, match="XX-YY"):
        open_folder(folder)
