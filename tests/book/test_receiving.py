"""Statements and advices of a folder: each entry once, explained, and never applied twice."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from receivables.adapters import AdapterSpec, AdviceRecord
from receivables.cycle import run_cycle
from receivables.errors import PolicyError
from receivables.importing import import_records
from receivables.ledger import Ledger, ReceiptRecorded
from receivables.opening import open_folder, read_journal
from receivables.plugins import Plugins, load_plugins
from receivables.reading import Read, ReadNotes
from receivables.receipts import (
    AdviceBatch,
    AdviceKind,
    BankEntry,
    BankStatement,
    EntryDetail,
    Payer,
    PaymentAdvice,
    ReferredDocument,
    Remittance,
    Unused,
    receipts_from,
)
from receivables.receiving import Received, StatementFile, receive

AS_OF = dt.date(2026, 10, 31)
MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 3, 8, tzinfo=dt.UTC)


class _Tickets:
    """A reader of one advice per line: payer, amount in cents, document."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        return head.startswith(b"ticket ")

    def read(self, stream: Any, *, name: str) -> Read[AdviceRecord]:
        notes = ReadNotes(name)
        return Read(self._rows(stream, name), notes)

    def _rows(self, stream: Any, name: str) -> Iterator[AdviceRecord]:
        rows = 0
        for line in stream:
            _, payer, minor, document = line.decode().split()
            documents = [ReferredDocument(number=document, amount_minor=int(minor))]
            yield PaymentAdvice(
                kind=AdviceKind.REMITTANCE,
                batch=name,
                index=rows,
                amount_minor=int(minor),
                currency="EUR",
                payer=Payer(name=payer),
                remittance=Remittance(documents=documents),
            )
            rows += 1
        yield AdviceBatch(batch=name, currency="EUR", advices=rows)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The readers of the folder, and one of advices."""
    loaded = load_plugins()
    spec = AdapterSpec(name="tickets", summary="tickets", factory=lambda _settings: _Tickets())
    return attrs.evolve(loaded, adapters={**loaded.adapters, "advice-reader": {"tickets": spec}})


def entry(amount_minor: int = 10_000, **more: Any) -> BankEntry:
    facts = {"account": "DE89", "statement": "S-1", "index": 0, "currency": "EUR"}
    day = dt.date(2026, 10, 5)
    return BankEntry(**{**facts, "amount_minor": amount_minor, "booking_date": day, **more})


def statement(*entries: BankEntry, opening: int = 0, **more: Any) -> list[Any]:
    total = sum(one.amount_minor for one in entries)
    facts = {"account": "DE89", "statement": "S-1", "currency": "EUR", "entries": len(entries)}
    ends = {"opening_minor": opening, "closing_minor": opening + total, "credits_minor": total}
    return [*entries, BankStatement(**{**facts, **ends, "booked_entries": len(entries), **more})]


def received(*files: list[Any], ledger: Ledger | None = None, **more: Any) -> Received:
    named = [
        StatementFile(name=f"{number}.xml", records=records) for number, records in enumerate(files)
    ]
    return receive(named, ledger=ledger or Ledger(), creditor="MIRA", **more)


def recorded(found: Received, ledger: Ledger | None = None) -> Ledger:
    receipts = receipts_from(found.entries, creditor="MIRA")
    done = import_records(receipts, ledger=ledger or Ledger(), recorded_at=MOMENT)

    assert done.problems == ()
    return done.ledger


def test_files_are_followed_and_named() -> None:
    """The same statement in two files counts once, and the message names the second file."""
    found = received(statement(entry()), statement(entry()))

    assert len(found.entries) == len(found.statements) == 1
    assert [str(problem.place) for problem in found.problems] == ["1.xml: statement"]


def test_what_is_in_the_books_already_is_left_out() -> None:
    """Entries up to the day of a file are left out after they were followed."""
    late = entry(booking_date=dt.date(2026, 10, 6), index=1)
    files = [
        StatementFile(name="a", records=statement(entry(), late), after=dt.date(2026, 10, 5)),
        StatementFile(
            name="b", records=statement(entry(statement="S-2", text="x"), opening=20_000)
        ),
    ]

    found = receive(files, ledger=Ledger(), creditor="MIRA")

    assert [(one.statement, one.booking_date.day) for one in found.entries if one.booking_date] == [
        ("S-1", 6),
        ("S-2", 5),
    ]


def remittance(payer: str = "Ann", **more: Any) -> PaymentAdvice:
    said = Remittance(documents=[ReferredDocument(number="F-0001")])
    facts = {"kind": AdviceKind.REMITTANCE, "batch": "1", "index": 0, "currency": "EUR"}
    return PaymentAdvice(
        **{**facts, "amount_minor": 10_000, "payer": Payer(name=payer), "remittance": said, **more}
    )


def paid(payer: str = "Ann", **more: Any) -> BankEntry:
    return entry(details=[EntryDetail(payer=Payer(name=payer))], **more)


def test_advices_explain_entries() -> None:
    """What an advice says of a payment is what its receipt says."""
    found = received(statement(paid()), advices=[remittance()])

    (receipt,) = receipts_from(found.entries, creditor="MIRA")
    assert receipt.remittance.documents[0].number == "F-0001"
    assert found.unused == found.problems == ()


def test_an_advice_again_changes_nothing() -> None:
    """Read again with its statement, it makes the receipt that is on the ledger."""
    first = recorded(received(statement(paid()), advices=[remittance()]))

    again = recorded(received(statement(paid()), advices=[remittance()], ledger=first), first)

    assert len(again) == len(first) == 1


def test_an_advice_that_comes_late_makes_no_second_receipt() -> None:
    """What is recorded without it stays so, and the advice is listed."""
    first = recorded(received(statement(paid())))

    late = received(statement(paid()), advices=[remittance()], ledger=first)

    assert len(recorded(late, first)) == 1
    assert [each.reason for each in late.unused] == [Unused.NO_ENTRY]


def test_a_deposit_that_is_listed_late_stays_one_receipt() -> None:
    """The cheques of a deposit that is on the ledger whole are not recorded beside it."""
    cheques = [
        remittance(name, index=index, kind=AdviceKind.DEPOSIT, amount_minor=5_000)
        for index, name in enumerate(("Ann", "Bob"))
    ]
    first = recorded(received(statement(entry())))

    late = recorded(received(statement(entry()), advices=cheques, ledger=first), first)
    early = recorded(received(statement(entry()), advices=cheques))

    assert (len(late), len(early)) == (1, 2)


def test_advices_that_explain_nothing_are_said_once_for_each_file() -> None:
    """Rejections explain nothing by nature; the others are counted by their reason."""
    advices = [
        remittance("Bob"),
        remittance("Eve", index=1),
        remittance(index=2, kind=AdviceKind.REJECTION),
    ]

    found = received(statement(paid()), advices=advices)

    assert [problem.code for problem in found.problems] == ["advice.unused"]
    assert found.problems[0].message == "2 advices explain no entry of any statement"
    assert len(found.unused) == 3


ADVICES = """
[[advices]]
reader = "tickets"
files = ["*.txt"]
"""


@pytest.fixture
def advised(folder: Path) -> Path:
    """The folder, with an advice for the receipt of a payer whom nobody knows."""
    path = folder / "receivables.toml"
    path.write_text(path.read_text(encoding="utf-8") + ADVICES, encoding="utf-8")
    (folder / "advice.txt").write_text("ticket PERSONNE 5300 F-0004\n", encoding="utf-8")
    return folder


def test_a_folder_names_its_advices(advised: Path, plugins: Plugins) -> None:
    """Files below [[advices]] are read, and their documents stand in the receipts."""
    book = open_folder(advised, plugins=plugins)

    documents = {
        document.number
        for receipt in book.ledger.receipts().values()
        for document in receipt.remittance.documents
    }
    assert documents == {"F-0004"}
    assert book.advices == ()
    assert [report.source for report in book.reports][-1] == "advice.txt"


def test_advices_that_are_not_there_are_a_problem(advised: Path, plugins: Plugins) -> None:
    """A name that matches no file is said, as for every other file."""
    (advised / "advice.txt").unlink()

    assert [each.code for each in open_folder(advised, plugins=plugins).errors] == ["file.missing"]


def test_advices_need_a_reader(advised: Path, plugins: Plugins) -> None:
    """A reader that is not installed is the caller's mistake."""
    path = advised / "receivables.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("tickets", "none"), encoding="utf-8")

    with pytest.raises(PolicyError, match="advice-reader"):
        open_folder(advised, plugins=plugins)


def test_advices_are_recognized_without_settings(
    folder: Path, plugins: Plugins, tmp_path: Path
) -> None:
    """A bare folder of a statement and an advice is read as it is."""
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "october.xml").write_bytes((folder / "october.xml").read_bytes())
    (bare / "advice").write_text("ticket NOBODY 1 F-1\n", encoding="utf-8")

    book = open_folder(bare, plugins=plugins)

    assert [each.advice.payer.name for each in book.advices] == ["NOBODY"]
    assert len(book.ledger.receipts()) == 2


def test_a_statement_that_does_not_balance_is_refused_unless_accepted(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None]
) -> None:
    """Nothing of it is recorded, until somebody says that it is to be used all the same."""
    change("october.xml", ">1153.00<", ">1154.00<")
    options: Any = {"as_of": AS_OF, "out": folder.parent / "papers", "plugins": plugins}

    refused = run_cycle(folder, **options)
    empty = len(read_journal(folder, plugins=plugins))
    accepted = run_cycle(folder, accept_incomplete=True, **options)

    assert [each.code for each in refused.problems] == ["statement.unbalanced"]
    assert (refused.is_done, empty) == (False, 0)
    assert accepted.is_done
    assert len(read_journal(folder, plugins=plugins).receipts()) == 2


def test_a_copy_of_a_statement_that_arrives_later_adds_nothing(
    folder: Path, plugins: Plugins
) -> None:
    """The same file under another name, a day later, is said and recorded once."""
    options: Any = {"out": folder.parent / "papers", "plugins": plugins}
    run_cycle(folder, as_of=AS_OF, recorded_at=MOMENT, **options)
    before = read_journal(folder, plugins=plugins).receipts()
    (folder / "again.xml").write_bytes((folder / "october.xml").read_bytes())

    result = run_cycle(folder, as_of=AS_OF, recorded_at=LATER, **options)

    assert [each.code for each in result.problems] == ["statement.duplicate"]
    assert read_journal(folder, plugins=plugins).receipts() == before


def without_references(folder: Path) -> None:
    path = folder / "october.xml"
    text = path.read_text(encoding="utf-8")
    for reference in ("B1", "B2"):
        text = text.replace(f"<AcctSvcrRef>{reference}</AcctSvcrRef>", "")
    path.write_text(text, encoding="utf-8")


def test_without_references_the_place_in_the_file_does_not_matter(
    folder: Path, plugins: Plugins
) -> None:
    """Another file of the same days, in another order and under another name, adds nothing."""
    without_references(folder)
    options: Any = {"out": folder.parent / "papers", "plugins": plugins, "as_of": AS_OF}
    run_cycle(folder, recorded_at=MOMENT, **options)
    text = (folder / "october.xml").read_text(encoding="utf-8")
    start, end = text.index("<Ntry>"), text.rindex("</Ntry>") + len("</Ntry>")
    first, second = text[start:end].split("</Ntry>")[:2]
    turned = f"{text[:start]}{second}</Ntry>{first}</Ntry>{text[end:]}"
    (folder / "october.xml").write_text(turned.replace("<Id>S1<", "<Id>S9<"), encoding="utf-8")

    result = run_cycle(folder, recorded_at=LATER, **options)

    assert result.problems == ()
    assert len(read_journal(folder, plugins=plugins).receipts()) == 2


STEPS = ("read", "match", "dun", "letters", "report", "record")


@pytest.mark.parametrize("step", STEPS)
def test_stopped_at_any_step_nothing_is_lost_or_applied_twice(
    advised: Path, plugins: Plugins, step: str
) -> None:
    """Between reading and applying the journal stays empty; the next run records all, once."""

    def stop(at: str) -> None:
        if at == step:
            raise KeyboardInterrupt

    options: Any = {"as_of": AS_OF, "out": advised.parent / "papers", "plugins": plugins}
    with pytest.raises(KeyboardInterrupt):
        run_cycle(advised, progress=stop, **options)
    stopped = len(read_journal(advised, plugins=plugins))
    first = run_cycle(advised, **options)
    again = run_cycle(advised, **options)

    assert stopped == 0
    assert (first.added > 0, again.added) == (True, 0)
    events = read_journal(advised, plugins=plugins).events
    assert sum(isinstance(event, ReceiptRecorded) for event in events) == 2


_KILLED = """
import datetime as dt, os, signal, sys
from receivables.cycle import run_cycle

def killed(step):
    if step == "record":
        os.kill(os.getpid(), signal.SIGKILL)

run_cycle(sys.argv[1], as_of=dt.date(2026, 10, 31), out=sys.argv[2], progress=killed)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_killed_before_the_append_the_next_run_applies_everything_once(
    folder: Path, plugins: Plugins
) -> None:
    """A process that dies when all is read and matched leaves a journal that knows of nothing."""
    out = folder.parent / "papers"
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(folder), str(out)], check=False, capture_output=True
    )
    killed = len(read_journal(folder, plugins=plugins))

    result = run_cycle(folder, as_of=AS_OF, out=out, plugins=plugins)

    assert done.returncode == -signal.SIGKILL
    assert killed == 0
    assert result.added == len(read_journal(folder, plugins=plugins)) > 0
    assert run_cycle(folder, as_of=AS_OF, out=out, plugins=plugins).added == 0
