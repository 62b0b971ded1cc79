"""What the writer ``saft`` writes, and the way there and back."""

from __future__ import annotations

import datetime as dt
import io
import xml.etree.ElementTree as ET

import attrs
import pytest
from hypothesis import given, settings

from receivables.errors import DocumentError, PolicyError
from receivables.testing.journal_writer import journals, long_journal, sample_journal
from receivables.testing.ledger_source import balances
from receivables_plugins.saft import SaftSettings, SaftWriterSettings
from receivables_plugins.saft.source import SaftSource
from receivables_plugins.saft.writer import NAMESPACE, SaftWriter

_PERIOD = {"grouping_category": "RF-1167", "groupings": {"": "3000"}}
_INNER = {"": NAMESPACE}


def _root(journal, **given):
    writer = SaftWriter(SaftWriterSettings(**{**_PERIOD, **given}))
    return ET.fromstring(b"".join(writer.write(journal)))  # noqa: S314  # our own file


def _texts(root, path):
    return [each.text for each in root.iterfind(path, _INNER)]


@pytest.mark.parametrize("version", ["1.10", "1.30"])
def test_every_element_is_in_the_namespace(version):
    """The root and all below it are of the Norwegian namespace, and the version is said."""
    root = _root(sample_journal(), version=version)

    assert {each.tag.partition("}")[0] for each in root.iter()} == {f"{{{NAMESPACE}"}
    assert _texts(root, "Header/AuditFileVersion") == [version]


def test_totals_are_those_of_the_lines():
    """The number of transactions, and both sums, stand before the first journal."""
    root = _root(long_journal(3))
    ledger = root.find("GeneralLedgerEntries", _INNER)

    assert _texts(ledger, "NumberOfEntries") == ["3"]
    assert _texts(ledger, "TotalDebit") == _texts(ledger, "TotalCredit") == ["3.03"]


def test_entries_before_the_period_open_it():
    """They are in the opening balance of accounts and customers, and no transaction."""
    journal = long_journal(3)
    second = journal.entries[1].date
    root = _root(journal, start=second)

    assert len(root.findall(".//Transaction", _INNER)) == 2
    assert _texts(root, ".//Customer//OpeningDebitBalance") == ["1.00"]
    assert _texts(root, ".//Customer//ClosingDebitBalance") == ["3.03"]


@pytest.mark.parametrize("version", ["1.10", "1.30"])
def test_what_is_written_is_read_again(version):
    """The balances of customers come back, and every check of the reader holds."""
    journal = long_journal(200)
    given = {**_PERIOD, "version": version, "start": journal.entries[5].date}
    content = b"".join(SaftWriter(SaftWriterSettings(**given)).write(journal))
    # The plan of the samples is French.
    source = SaftSource(SaftSettings(creditor="MIRA", accounts=["411"], income_accounts=["7"]))
    read = source.read(io.BytesIO(content), name="a.xml").collect()

    assert read.report.complete
    assert balances(read.rows) == {"EUR": sum(100 + number for number in range(200))}


@pytest.mark.parametrize("version", ["1.10", "1.30"])
def test_amount_in_another_currency_goes_with_its_code(version):
    """The amount of the document stands beside that of the books."""
    root = _root(sample_journal(), version=version)

    assert "100.01" in _texts(root, ".//DebitAmount/CurrencyAmount")
    assert {"USD", "JPY", "KWD"} <= set(_texts(root, ".//CurrencyCode"))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"groupings": {"4": "1"}}, id="an account without a grouping"),
        pytest.param({"end": "2026-01-15"}, id="an entry after the end"),
        pytest.param({"end": "2101-01-01"}, id="a year that the schema forbids"),
    ],
)
def test_what_cannot_be_said_is_refused_before_the_first_piece(given):
    """A file that the schema forbids is not begun."""
    with pytest.raises(DocumentError):
        _root(sample_journal(), **given)


@pytest.mark.parametrize(
    "given",
    [
        {"version": "1.20"},
        {"groupings": {"1": "x"}, "grouping_category": ""},
        {"start": "2026-02-01", "end": "2026-01-01"},
        {"start": "1 February"},
    ],
)
def test_impossible_settings_are_refused(given):
    """The message names what must be given."""
    with pytest.raises(PolicyError):
        SaftWriterSettings(**{**_PERIOD, **given})


def test_journal_without_entries_needs_a_period():
    """Nothing else says what the file is of."""
    with pytest.raises(DocumentError, match="period"):
        _root(long_journal(0))


def test_customers_that_would_look_alike_stay_apart():
    """Identifiers too long for the schema are shortened, each in its own way."""
    entries = [
        attrs.evolve(
            entry,
            lines=[
                attrs.evolve(line, customer=f"{'x' * 40}{place}") if line.customer else line
                for line in entry.lines
            ],
        )
        for place, entry in enumerate(long_journal(2))
    ]
    found = _texts(_root(attrs.evolve(long_journal(0), entries=entries)), ".//Customer/CustomerID")

    assert len(set(found)) == 2
    assert max(map(len, found)) <= 35


@settings(max_examples=25, deadline=None)
@given(journals())
def test_any_journal_comes_back_to_the_unit(journal):
    """Each account has its balance in the books, whatever its texts and amounts are."""
    entries = [entry for entry in journal if 1970 <= entry.date.year <= 2100]
    journal = attrs.evolve(journal, entries=entries)
    root = _root(journal, start=None if entries else dt.date(2026, 1, 1))
    found = {}
    for line in root.iterfind(".//Transaction/Line", _INNER):
        for side, sign in (("DebitAmount", 1), ("CreditAmount", -1)):
            for text in _texts(line, f"{side}/Amount"):
                number = line.find("AccountID", _INNER).text
                found[number] = found.get(number, 0) + sign * int(text.replace(".", ""))
    expected: dict[str, int] = {}
    for (_, number), minor in journal.balances().items():
        expected[number] = expected.get(number, 0) + minor

    assert {key: value for key, value in found.items() if value} == {
        key: value for key, value in expected.items() if value
    }
