"""A journal as an accounting export: valid to the letter of the article, and read back the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings

from receivables.accounting.model import Chart, GlAccount, Journal, JournalEntry, JournalLine, Role
from receivables.accounting.writing import one_line
from receivables.errors import DocumentError, PolicyError
from receivables.money import minor_of
from receivables.plugins import load_plugins
from receivables.testing.journal_writer import (
    HOSTILE_TEXTS,
    JournalWriterTests,
    journals,
    long_journal,
    sample_journal,
    two_creditors,
)
from receivables_plugins import fec
from receivables_plugins.fec import FecWriterSettings
from receivables_plugins.fec._lettering import letters
from receivables_plugins.fec.check import check_fec
from receivables_plugins.fec.layout import HEADINGS
from receivables_plugins.fec.writer import FecWriter

REMARKS = {"fec.amount"}
"""What the article allows and the tester points out: a line whose value in the books is zero."""


def _write(journal, **given):
    return b"".join(FecWriter(FecWriterSettings(**given)).write(journal))


def _rows(content, *, encoding="utf-8", separator="\t"):
    text = io.StringIO(content.decode(encoding), newline="")
    return list(csv.DictReader(text, delimiter=separator, quoting=csv.QUOTE_NONE))


def _balances(content, *, currency="EUR"):
    found = {}
    for row in _rows(content):
        debit, credit = (Decimal(row[side].replace(",", ".")) for side in ("Debit", "Credit"))
        key = ("MIRA", row["CompteNum"])
        found[key] = found.get(key, 0) + minor_of(debit - credit, currency)
    return found


class TestFecWriter(JournalWriterTests):
    """The conformance class, read back by the standard library."""

    @pytest.fixture
    def spec(self):
        return fec.receivables_journal_writers()[0]

    @pytest.fixture
    def read_back(self):
        return _balances


class TestFecWriterInLatin(TestFecWriter):
    """The same in the other character set, where texts lose letters and sums lose nothing."""

    @pytest.fixture
    def settings(self):
        return {"separator": "pipe", "encoding": "iso-8859-15"}

    @pytest.fixture
    def read_back(self):
        return lambda content: _balances(
            content.decode("iso-8859-15").replace("|", "\t").encode("utf-8")
        )

    @pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
    def test_hostile_text_changes_no_balance(self, writer, read_back, text):
        """Documents and customers are known by their number: a letter that would be lost is refused."""
        if _fits(text):
            super().test_hostile_text_changes_no_balance(writer, read_back, text)
        else:
            with pytest.raises(DocumentError, match="letters of iso-8859-15 only"):
                writer.write(sample_journal(texts=text))


def _fits(text):
    return one_line(text) == one_line(text).encode("iso-8859-15", "replace").decode("iso-8859-15")


def test_plugin_loads_through_the_door():
    """The plug-in brings its reader and its writer, each under the name of the file."""
    plugins = load_plugins(only=[], extra={"fec": fec})

    assert plugins.build("journal-writer", "fec").suffix == ".txt"
    assert "fec" in plugins.adapters["ledger-source"]


@settings(max_examples=40)
@given(journal=journals())
def test_any_journal_is_valid(journal):
    """Whatever balances becomes a file in which the check finds nothing but remarks."""
    content = _write(journal)
    moves = any(line.functional_minor for entry in journal for line in entry.lines)

    assert not moves or {problem.code for problem in check_fec(io.BytesIO(content))} <= REMARKS


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
@pytest.mark.parametrize("separator", ["tab", "pipe"])
def test_no_text_breaks_a_line(text, separator):
    """Neither separator and no line break gets into a field."""
    content = _write(sample_journal(texts=text), separator=separator)

    assert {problem.code for problem in check_fec(io.BytesIO(content))} <= REMARKS


def test_fields_are_those_of_the_article():
    """The first line has the eighteen names, and an invoice fills them."""
    (first, *_) = [row for row in _rows(_write(sample_journal())) if row["PieceRef"] == "F-1"]

    assert list(HEADINGS) == list(first)
    assert {
        "JournalCode": "VE",
        "JournalLib": "Ventes",
        "EcritureDate": "20260116",
        "CompteNum": "411",
        "CompteLib": "Clients",
        "CompAuxNum": "C-017",
        "CompAuxLib": "C-017",
        "PieceRef": "F-1",
        "PieceDate": "20260115",
        "EcritureLib": "DocumentIssued F-1",
        "Debit": "120,00",
        "Credit": "0,00",
        "EcritureLet": "",
        "DateLet": "",
        "ValidDate": "20260117",
        "Montantdevise": "",
        "Idevise": "",
    }.items() <= first.items()


def test_customers_are_named():
    """The name of a customer comes from the settings, without the separator."""
    rows = _rows(_write(sample_journal(), names={"C-017": "Quincaillerie | de l’Erdre"}))

    assert "Quincaillerie   de l’Erdre" in {row["CompAuxLib"] for row in rows}


def test_only_accounts_of_customers_have_customers():
    """Income and tax have no auxiliary account, whoever bought."""
    rows = _rows(_write(sample_journal()))

    assert {"411", "4111", "4191"} == {row["CompteNum"] for row in rows if row["CompAuxNum"]}


def test_entries_are_numbered_in_the_order_of_validation():
    """What was recorded late is numbered late, although it is dated early."""
    journal = sample_journal()
    late = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    first, *rest = journal
    journal = attrs.evolve(journal, entries=[attrs.evolve(first, recorded_at=late), *rest])
    rows = _rows(_write(journal))
    numbers = list(dict.fromkeys(int(row["EcritureNum"]) for row in rows))

    assert list(range(1, 9)) == numbers
    assert ("F-1", "20261201") == (rows[-1]["PieceRef"], rows[-1]["ValidDate"])


def test_opening_balances_come_first():
    """Entries that bring balances forward have the first numbers (VII 3°)."""
    *rest, last = sample_journal()
    opening = attrs.evolve(last, kind="opening")
    rows = _rows(_write(attrs.evolve(sample_journal(), entries=[*rest, opening])))

    assert ("AN", "1") == (rows[0]["JournalCode"], rows[0]["EcritureNum"])


def test_journal_of_a_kind_can_be_told():
    """The settings say which journal a kind of entry goes to, and what it is called."""
    rows = _rows(
        _write(sample_journal(), journals={"revaluation": "CH"}, journal_names={"CH": "Change"})
    )

    assert ("CH", "Change") in {(row["JournalCode"], row["JournalLib"]) for row in rows}


def test_foreign_amount_stands_beside_the_value():
    """A line in another currency has its amount with its sign, and its currency."""
    rows = _rows(_write(sample_journal()))
    foreign = {(row["Debit"], row["Montantdevise"], row["Idevise"]) for row in rows}

    assert {("92,37", "100,01", "USD"), ("6543,21", "1000000", "JPY")} <= foreign
    assert ("2,37", "", "") in foreign


def test_settled_items_are_lettered():
    """The lines of an item that came to zero, its exchange difference included, have one letter."""
    rows = _rows(_write(sample_journal()))
    lettered = [
        (row["PieceRef"], row["Debit"], row["Credit"], row["EcritureLet"], row["DateLet"])
        for row in rows
        if row["EcritureLet"]
    ]

    assert [
        ("F-2", "92,37", "0,00", "A", "20260119"),
        ("received:2", "0,00", "90,00", "B", "20260119"),
        ("allocated:2", "90,00", "0,00", "B", "20260119"),
        ("allocated:2", "0,00", "92,37", "A", "20260119"),
    ] == lettered


def test_lettering_can_be_left_out():
    """Without lettering both fields are blank."""
    rows = _rows(_write(sample_journal(), lettering=False))

    assert {("", "")} == {(row["EcritureLet"], row["DateLet"]) for row in rows}


@pytest.mark.parametrize(("count", "expected"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ")])
def test_letters_go_on_behind_z(count, expected):
    """After Z comes AA."""
    assert expected == letters(count)


def test_what_is_written_is_read_back(read):
    """The reader of the plug-in finds the balance of the receivables, and what settles what."""
    journal = sample_journal()
    rows = read(_write(journal)).require_complete().rows
    owed = sum(
        minor for (_, number), minor in journal.balances().items() if number.startswith("411")
    )
    settled = [set(row.items) for row in rows if type(row).__name__ == "SourceAllocation"]

    assert owed == sum(_signed(row) for row in rows)
    assert [{"F-2", "allocated:2~OD-4.2"}, {"received:2~BQ-3", "allocated:2"}] == settled


def _signed(row):
    if type(row).__name__ == "Receipt":
        return -minor_of(row.amount.amount, "EUR")
    if type(row).__name__ in {"Invoice", "DebitNote", "CreditNote"}:
        sign = -1 if type(row).__name__ == "CreditNote" else 1
        return sign * minor_of(row.total.amount, "EUR")
    return 0


def _journal(*accounts, customers=("C-1", "C-1"), day=dt.date(2026, 1, 31), roles=None):
    role = roles or Role.RECEIVABLE
    lines = [
        JournalLine(
            account=GlAccount(number, "Name"),
            role=role,
            amount_minor=minor,
            currency="EUR",
            functional_minor=minor,
            customer=customer,
        )
        for number, customer, minor in zip(accounts, customers, (100, -100), strict=True)
    ]
    entry = JournalEntry(
        entry="e-1", creditor="MIRA", date=day, kind="test", functional_currency="EUR", lines=lines
    )
    chart = Chart(name="none", version="1", accounts={})
    return Journal(chart=chart, functional_currency="EUR", entries=[entry])


def test_short_account_is_filled_up():
    """An account of fewer than three figures gets zeros on the right, as many as are asked for."""
    short = _journal("53", "411")

    assert {"530", "411"} == {row["CompteNum"] for row in _rows(_write(short))}
    assert {"53000000", "41100000"} == {
        row["CompteNum"] for row in _rows(_write(short, account_length=8))
    }


def _other_currency():
    (entry,) = _journal("411", "512")
    other = attrs.evolve(entry, entry="e-2", functional_currency="USD")
    return attrs.evolve(_journal("411", "512"), entries=[entry, other])


REFUSED = [
    # what the file cannot say, with the settings, and the reason
    (two_creditors, {}, "one creditor"),
    (_other_currency, {}, "one functional currency"),
    (lambda: _journal("AR", "512"), {}, "three figures"),
    (lambda: _journal("5", "50"), {}, "differ"),
    (lambda: _journal("411", "411", customers=("A|1", "A 1")), {}, "customers must differ"),
    (lambda: _journal("411", "411", customers=("\t", "\t")), {}, "a letter or a figure"),
    (
        lambda: _journal("411", "411", customers=("客", "客")),
        {"encoding": "iso-8859-15"},
        "letters",
    ),
    (lambda: _journal("411", "512"), {"closing": "2025-12-31"}, "by 2025-12-31"),
]


@pytest.mark.parametrize(("make", "given", "reason"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_the_file_cannot_say_is_refused(make, given, reason):
    """A journal that would not come back is refused when writing is asked for."""
    with pytest.raises(DocumentError, match=reason):
        FecWriter(FecWriterSettings(**given)).write(make())


def test_one_creditor_of_several_can_be_chosen():
    """The settings say whose entries are written."""
    assert 3 == len(_rows(_write(two_creditors(), creditor="NORD")))


def test_labels_lose_only_what_the_character_set_lacks():
    """A label in ISO 8859-15 keeps its accents, and gets a question mark where there is no way."""
    (entry,) = long_journal(1)
    journal = attrs.evolve(long_journal(0), entries=[attrs.evolve(entry, text="Œuvre ĉ 客 €")])
    rows = _rows(_write(journal, encoding="iso-8859-15"), encoding="iso-8859-15")

    assert {"Œuvre c ? €"} == {row["EcritureLib"] for row in rows}


def test_file_is_named_after_the_year():
    """SIREN and closing day make the name (IX)."""
    writer = FecWriter(FecWriterSettings(siren="732829320", closing="2026-12-31"))

    assert "732829320FEC20261231.txt" == writer.file_name


@pytest.mark.parametrize("given", [{}, {"closing": "2026-12-31"}])
def test_file_without_siren_or_closing_has_no_name(given):
    """A name cannot be made up."""
    with pytest.raises(PolicyError, match=r"siren|closing"):
        _ = FecWriter(FecWriterSettings(**given)).file_name


@pytest.mark.parametrize(
    "given",
    [
        {"separator": ";"},
        {"encoding": "utf-16"},
        {"journals": {"x": "V|E"}},
        {"account_length": 2},
        {"lettering": "no"},
        {"siren": "12"},
        {"closing": "31/12/2026"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_impossible_setting_is_refused(given):
    """A value that the article does not allow is refused by its name."""
    with pytest.raises(PolicyError, match=next(iter(given)).replace("_", " ")):
        FecWriterSettings(**given)
