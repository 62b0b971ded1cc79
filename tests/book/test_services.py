"""Accounting systems in a folder: read over their interfaces, whole or not at all, again and again."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from receivables.allocation.model import SourceAllocation
from receivables.casework import DunningBlock
from receivables.cycle import run_cycle
from receivables.documents import DebitNote, Invoice, Line
from receivables.errors import IncompleteReadError, PolicyError
from receivables.ledger import DocumentIssued, DunningBlocked
from receivables.money import money
from receivables.opening import open_folder
from receivables.parties import Customer
from receivables.plugins import load_plugins
from receivables.transports import Response, Runtime, Secret

from .service_plugin import System

SETTINGS = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
locale = "fr-FR"
country = "FR"
currency = "EUR"
iban = "FR7699999000010000000421774"

[[services]]
service = "erp"
settings = { key = "erp-key" }

[letters]
renderers = ["text"]
reports = ["aging-csv"]
"""
NOW = dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC)
DAY = dt.date(2026, 10, 1)


def invoice(number="00042", amount="120.00"):
    """An invoice of C-1 that is late."""
    day = dt.date(2026, 8, 1)
    return Invoice(
        number=number, creditor="MIRA", customer="C-1", document_date=day, due_date=day,
        total=money(amount, "EUR"),
    )  # fmt: skip


@pytest.fixture
def system():
    """A system with one customer and two invoices."""
    return System(
        parties=[Customer(customer="C-1", name="Dupont", locale="fr-FR")],
        open=[invoice(), invoice("00043", "80.00")],
    )


@pytest.fixture
def plugins(system):
    """The journal, papers, and the system."""
    return load_plugins(only=("sql", "text", "reports"), extra={"erp": system})


@pytest.fixture
def company(tmp_path):
    """A folder with nothing but settings."""
    (tmp_path / "receivables.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def way():
    """The way to the system."""
    return Runtime(transport=lambda _request: Response(200), secret=lambda _name: Secret("s3cr3t"))


@pytest.fixture
def opened(company, plugins, way):
    """Open the folder some days later, on top of a ledger."""

    def opened(ledger=None, day=0, runtime=way, **more):
        moment = NOW + dt.timedelta(days=day)
        return open_folder(
            company, plugins=plugins, ledger=ledger, recorded_at=moment, runtime=runtime, **more
        )

    return opened


def test_what_is_read_whole_is_aged(opened, system):
    """Customers and items come in, and the adapter is told who the creditor is."""
    book = opened()

    assert book.errors == ()
    assert [item.document for item in book.open_items(as_of=DAY)] == ["00042", "00043"]
    assert book.customers["C-1"].name == "Dupont"
    assert (system.built[0].creditor, system.built[0].currency) == ("MIRA", "EUR")
    assert "s3cr3t" not in repr(book)


@pytest.mark.parametrize("broken", [{"fails": True}, {"declared": 3}, {"declared": 1}])
def test_what_is_not_read_whole_is_not_used(opened, system, broken):
    """A page that failed, or fewer or more rows than the system counts, stop every verb that counts."""
    for name, value in broken.items():
        setattr(system, name, value)
    book = opened()

    assert [one.code for one in book.errors] == ["service.incomplete"]
    for verb in (book.aging, book.losses):
        with pytest.raises(IncompleteReadError):
            verb(as_of=DAY)
    with pytest.raises(IncompleteReadError):
        book.dun(as_of=DAY, recorded_at=NOW)
    with pytest.raises(IncompleteReadError):
        book.journal()
    assert len(book.open_items(as_of=DAY)) == 2
    assert opened(accept_incomplete=True).aging(as_of=DAY)


def test_without_a_way_the_ledger_counts_and_it_is_said(opened, company, plugins):
    """Nothing is asked, a warning says so, and what was read before is still there."""
    first = opened()
    later = opened(first.ledger, day=1, runtime=None)

    assert [one.code for one in later.problems if one.code.startswith("service")] == [
        "service.unread"
    ]
    assert later.errors == ()
    assert len(later.open_items(as_of=DAY)) == 2
    with pytest.raises(PolicyError, match="runtime must be given to read erp"):
        run_cycle(company, as_of=DAY, out=company / "out", plugins=plugins)


def test_what_was_paid_meanwhile_is_settled(opened, system):
    """An item that is open no more is asked for, and settled; the other one stays."""
    first = opened()
    system.open = system.open[1:]
    paid = SourceAllocation(
        creditor="MIRA", customer="C-1", items=["00042"], settled_on=dt.date(2026, 10, 3)
    )
    system.settled = [paid]
    later = opened(first.ledger, day=5)

    assert system.asked[0].settled_since is None
    assert system.asked[1].settled_since == dt.date(2026, 9, 24)
    assert [item.document for item in later.open_items(as_of=dt.date(2026, 10, 6))] == ["00043"]
    assert opened(later.ledger, day=6).ledger.since(later.ledger) == ()


def test_what_was_paid_while_nobody_asked_is_settled(opened, system):
    """Recording something without the service does not hide what was settled before that."""
    first = opened()
    block = DunningBlocked(
        event="blocked",
        effective_on=dt.date(2026, 11, 20),
        recorded_at=NOW + dt.timedelta(days=50),
        creditor="MIRA",
        block=DunningBlock(block="B-1", customer="C-1", reason="legal-advice"),
    )
    unread = opened(first.ledger, day=50, runtime=None).record(block)
    system.open = system.open[1:]
    system.settled = [
        SourceAllocation(
            creditor="MIRA", customer="C-1", items=["00042"], settled_on=dt.date(2026, 10, 3)
        )
    ]
    later = opened(unread.ledger, day=51)

    assert [item.document for item in later.open_items(as_of=dt.date(2026, 11, 21))] == ["00043"]


def test_a_cycle_reads_records_and_stops_at_a_broken_read(company, plugins, system, way):
    """A whole read is recorded once; a broken one records nothing."""
    said = {"as_of": DAY, "out": company / "out", "plugins": plugins, "runtime": way}
    done = run_cycle(company, recorded_at=NOW, **said)
    again = run_cycle(company, recorded_at=NOW + dt.timedelta(hours=1), **said)
    system.fails = True
    system.open.append(invoice("00044"))
    broken = run_cycle(company, recorded_at=NOW + dt.timedelta(hours=2), **said)

    assert (done.is_done, done.added > 0) == (True, True)
    assert again.added == 0
    assert (broken.is_done, broken.added) == (False, 0)
    assert attrs.evolve(broken.book, problems=()).errors == ()


def test_our_own_documents_come_back_as_what_they_are(opened, system):
    """A debit note that was booked there is read there with less said of it, and counts once."""
    own = DebitNote(
        number="INT-1", creditor="MIRA", customer="C-1", document_date=DAY, due_date=DAY,
        total=money("12.00", "EUR"),
        lines=[Line(description="interest", net=money("12.00", "EUR"), category="late-interest")],
    )  # fmt: skip
    first = opened()
    kept = first.record(DocumentIssued.of(own, recorded_at=NOW))
    system.open.append(attrs.evolve(own, lines=(), due_date=dt.date(2026, 10, 2)))
    later = opened(kept.ledger, day=1)

    assert later.errors == ()
    assert later.ledger.since(kept.ledger) == ()
    dearer = DebitNote(
        number="INT-1", creditor="MIRA", customer="C-1", document_date=DAY, due_date=DAY,
        total=money("13.00", "EUR"),
    )  # fmt: skip
    system.open[-1] = dearer
    assert [one.code for one in opened(kept.ledger, day=1).errors] == ["event.refused"]
