"""The cycle: from a folder to letters; again adds nothing; a fault writes nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from receivables.cycle import CycleResult, run_cycle
from receivables.errors import ConcurrencyError, PolicyError
from receivables.ledger import Ledger, PeriodClosed
from receivables.opening import open_folder, open_store, read_journal, read_settings
from receivables.plugins import Plugins, load_plugins

AS_OF = dt.date(2026, 10, 31)
MOMENT = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    """The installed plug-ins."""
    return load_plugins()


def run(folder: Path, plugins: Plugins, **options: object) -> CycleResult:
    out = folder.parent / "papers"
    return run_cycle(folder, **{"as_of": AS_OF, "out": out, "plugins": plugins, **options})


def contents(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def journal(folder: Path, plugins: Plugins) -> Ledger:
    return read_journal(folder, plugins=plugins)


def test_the_whole_cycle(folder: Path, plugins: Plugins) -> None:
    """What is owed, how old, what was paid by what and why, who is reminded: all of it is there."""
    result = run(folder, plugins)

    opens = {item.item: item.open_minor for item in result.book.open_items(as_of=AS_OF)}
    receipts = {key: value for key, value in opens.items() if key.startswith("receipt-")}
    assert result.is_done
    assert result.problems == ()
    assert "F-0001" not in opens
    assert (opens["F-0002"], opens["F-0005"], list(receipts.values())) == (25050, -2000, [-5300])
    assert [letter.locale for letter in result.letters] == ["fr-FR", "fr-CA"]
    assert result.aging is not None
    assert result.aging.totals["EUR"].total_minor == 25050 + 6000 - 2000 - 5300


def test_the_papers_say_why(folder: Path, plugins: Plugins) -> None:
    """The list of matches gives each receipt's reasons in the creditor's language."""
    run(folder, plugins)

    text = (folder.parent / "papers" / "matches.csv").read_bytes().decode("utf-8-sig")
    applied, unmatched = csv.DictReader(io.StringIO(text))
    assert applied["raisons"].startswith(
        "le libellé cite la pièce F-0001; le montant est le restant dû"
    )
    assert applied["règle"] == "F-0001 100.00"
    assert unmatched["raisons"] == "le payeur n’est pas connu"


def test_again_adds_nothing_and_writes_the_same(folder: Path, plugins: Plugins) -> None:
    """The second run adds no event, and its papers are the same to the byte."""
    first = run(folder, plugins)
    papers = contents(folder.parent / "papers")

    again = run(folder, plugins)

    assert first.added > 0
    assert again.added == 0
    assert papers == contents(folder.parent / "papers")
    assert [".eml"] * 2 == [Path(name).suffix for name in papers if name.startswith("letters/")]


def test_the_next_day_goes_on(folder: Path, plugins: Plugins) -> None:
    """A later day finds the journal, and reminds one level further only where days allow."""
    run(folder, plugins)

    later = run(folder, plugins, as_of=AS_OF + dt.timedelta(days=12))

    levels = {notice.customer: notice.level for notice in later.run.notices}
    assert levels == {"C-1": 2, "C-2": 2}


def test_papers_of_an_earlier_run_are_replaced(folder: Path, plugins: Plugins) -> None:
    """Letters of another day do not stay among the new ones; what is not ours stays."""
    run(folder, plugins)
    out = folder.parent / "papers"
    (out / "notes.txt").write_text("mine", encoding="utf-8")

    run(folder, plugins, as_of=AS_OF + dt.timedelta(days=1))

    assert not list((out / "letters").glob("*"))
    assert (out / "notes.txt").exists()


FAULTS: Mapping[str, tuple[str, str, str, str, int | None]] = {
    "a missing column": ("column.missing", "invoices.csv", "number;type", "numero;type", 1),
    "an impossible date": ("date.invalid", "invoices.csv", "2026-09-01", "2026-02-30", 3),
    "an unknown currency": ("currency.unknown", "invoices.csv", ";CAD", ";ZZZ", 4),
    "a duplicate number": ("document.duplicate", "invoices.csv", "F-0002", "F-0001", 3),
    "a tenth of a cent": ("amount.inexact", "invoices.csv", "250,50", "250,505", 3),
    "no amount": ("amount.invalid", "invoices.csv", "250,50", "a lot", 3),
    "an unknown type": ("document.type-unknown", "invoices.csv", "0002;FA", "0002;XX", 3),
    "a truncated statement": (
        "file.truncated",
        "october.xml",
        "</BkToCstmrStmt></Document>",
        "",
        0,
    ),
    "a document type in the XML": (
        "xml.forbidden",
        "october.xml",
        '<Document xmlns="urn:iso',
        '<!DOCTYPE x><Document xmlns="urn:iso',
        2,
    ),
    "an unknown currency in the bank": ("currency.unknown", "october.xml", 'EUR">53', 'ZZZ">53', 0),
    "a file that is not there": ("file.missing", "receivables.toml", "*.xml", "*.nothing", None),
    "a language without letters": (
        "letter.translation-missing",
        "customers.csv",
        "SARL;fr-FR",
        "SARL;de-DE",
        None,
    ),
}


@pytest.mark.parametrize("why", FAULTS)
def test_a_fault_is_named_and_nothing_is_written(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None], why: str
) -> None:
    """Each fault has a stable code and a place; the journal stays empty and no paper is made."""
    code, name, old, new, line = FAULTS[why]
    change(name, old, new)

    result = run(folder, plugins)

    found = [problem for problem in result.problems if problem.code == code]
    assert found, [str(problem) for problem in result.problems]
    if line:
        assert (found[0].place.source, found[0].place.line) == (name, line)
    assert not result.is_done
    assert len(journal(folder, plugins)) == 0
    assert not (folder.parent / "papers").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["company"]


def test_all_faults_are_reported_together(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None]
) -> None:
    """One run tells of every fault in every file."""
    change("invoices.csv", "2026-09-01", "2026-02-30")
    change("invoices.csv", ";CAD", ";ZZZ")
    change("october.xml", "</BkToCstmrStmt></Document>", "")

    codes = {problem.code for problem in run(folder, plugins).problems}

    assert {"date.invalid", "currency.unknown", "file.truncated"} <= codes


def test_an_incomplete_book_may_be_accepted(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None]
) -> None:
    """Whoever says so gets the papers of what was read; a letter that fails is not sent."""
    change("invoices.csv", "2026-08-15", "2026-02-30")
    change("customers.csv", "SARL;fr-FR", "SARL;de-DE")

    result = run(folder, plugins, accept_incomplete=True)

    assert result.is_done
    assert result.letters == ()
    assert journal(folder, plugins).notices() == ()
    assert {problem.code for problem in result.problems} == {
        "date.invalid",
        "letter.translation-missing",
    }


def returned_entry(folder: Path, **changes: str) -> str:
    """The first receipt of the statement, taken back by the bank."""
    text = (folder / "october.xml").read_text(encoding="utf-8")
    paid = text[text.index("<Ntry>") : text.index("</Ntry>")] + "</Ntry>"
    reason = "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf></TxDtls>"
    entry = paid.replace("CRDT", "DBIT").replace(">B1<", ">B9<").replace("</TxDtls>", reason)
    for old, new in changes.items():
        assert old in entry
        entry = entry.replace(old, new)
    return entry


def test_money_that_went_back_of_nobody_known_is_said(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None]
) -> None:
    """A return that leads to no receipt is named with its amount and reason, and changes nothing."""
    entry = returned_entry(folder, FR1420041010050500013M02606="DE75512108001245126199")
    change("october.xml", "</Stmt>", f"{entry}</Stmt>")
    change("october.xml", "1153.00", "1053.00")

    result = run(folder, plugins)

    (problem,) = result.problems
    assert (problem.code, problem.is_error) == ("receipt.returned", False)
    assert "100.00 EUR went back on 2026-10-05 (AM04)" in problem.message
    assert len(result.book.returns) == 1
    assert "F-0001" not in {item.item for item in result.book.open_items(as_of=AS_OF)}


def test_a_return_opens_what_the_receipt_had_paid(folder: Path, plugins: Plugins) -> None:
    """A direct debit that comes back a month later: the invoice is open again from that day on."""
    first = run(folder, plugins)
    text = (folder / "october.xml").read_text(encoding="utf-8")
    october = text[text.index("<Ntry>") : text.index("</Stmt>")]
    later = text.replace(october, returned_entry(folder).replace("2026-10-05", "2026-11-09"))
    later = later.replace(">S1<", ">S2<").replace("1000.00", "1153.00", 1)
    later = later.replace(
        "1153.00</Amt>\n<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31",
        "1053.00</Amt>\n<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31",
    )
    (folder / "november.xml").write_text(later, encoding="utf-8")

    second = run(folder, plugins, as_of=dt.date(2026, 11, 30))
    third = run(folder, plugins, as_of=dt.date(2026, 11, 30))

    def opens(result: CycleResult, day: dt.date) -> set[str]:
        return {item.item for item in result.book.open_items(as_of=day)}

    assert "F-0001" not in opens(first, AS_OF)
    assert not [each for each in second.problems if each.code == "receipt.returned"]
    assert "F-0001" in opens(second, dt.date(2026, 11, 9))
    assert "F-0001" not in opens(second, dt.date(2026, 11, 8))
    assert third.added == 0
    assert opens(second, AS_OF) == opens(first, AS_OF)


def test_a_closed_period_is_respected_by_the_next_cycle(folder: Path, plugins: Plugins) -> None:
    """What comes late into a closed month is a problem that names the next open day."""
    run(folder, plugins)
    store = open_store(folder, read_settings(folder, plugins=plugins), plugins)
    closed = PeriodClosed(
        event="closed:2026-10",
        effective_on=AS_OF,
        recorded_at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
        creditor="MIRA",
        through=AS_OF,
    )
    store.append([closed])
    store.close()
    with (folder / "invoices.csv").open("a", encoding="utf-8") as invoices:
        invoices.write("F-0099;FA;C-1;2026-10-30;2026-11-30;10,00;EUR\n")

    result = run(folder, plugins, as_of=dt.date(2026, 11, 30))

    (problem,) = [each for each in result.problems if each.code == "event.refused"]
    assert "must be 2026-11-01 or later" in problem.message
    assert not result.is_done


def test_a_wrong_identifier_is_a_warning(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None]
) -> None:
    """An IBAN that fails its check digits is named with its customer, and stops nothing."""
    change("customers.csv", "FR1420041010050500013M02606", "FR1520041010050500013M02606")

    result = run(folder, plugins)

    (problem,) = [each for each in result.problems if each.code == "identifier.invalid"]
    assert (problem.place.source, problem.is_error) == ("customer C-1", False)
    assert result.is_done


def test_a_changed_document_is_not_taken_over(
    folder: Path, plugins: Plugins, change: Callable[[str, str, str], None]
) -> None:
    """A total that changes between two exports stops the cycle; the journal keeps its word."""
    run(folder, plugins)
    before = journal(folder, plugins).events
    change("invoices.csv", "250,50", "250,51")

    result = run(folder, plugins)

    assert [problem.code for problem in result.problems] == ["event.refused"]
    assert journal(folder, plugins).events == before


def test_two_writers_cannot_both_win(folder: Path, plugins: Plugins) -> None:
    """A cycle that decided on an old journal is refused when somebody wrote meanwhile."""
    settings = read_settings(folder, plugins=plugins)
    book = open_folder(folder, plugins=plugins, recorded_at=MOMENT)
    run(folder, plugins)
    store = open_store(folder, settings, plugins)
    late = book.dun(as_of=AS_OF + dt.timedelta(days=1), recorded_at=MOMENT)
    events = book.record(*late.notices).ledger.since(book.ledger)
    try:
        with pytest.raises(ConcurrencyError):
            store.append(events, expected={each: 0 for event in events for each in event.accounts})
    finally:
        store.close()


def test_a_folder_without_settings_is_recognized(
    folder: Path, plugins: Plugins, tmp_path: Path
) -> None:
    """Statements alone are read by whoever recognizes them."""
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "statement").write_bytes((folder / "october.xml").read_bytes())

    book = open_folder(bare, plugins=plugins)

    assert len(book.statements) == 1
    assert len(book.open_items(as_of=AS_OF)) == 2


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_with_nothing_is_refused(tmp_path: Path, plugins: Plugins, name: str) -> None:
    """A missing folder, or one that nobody can read, is the caller's mistake."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(PolicyError, match="folder must"):
        open_folder(tmp_path / name, plugins=plugins)


def test_killed_at_any_moment_the_journal_is_before_or_after(
    folder: Path, plugins: Plugins
) -> None:
    """A cycle killed at a random moment leaves no event or all of them, and goes through after."""
    whole = len(run(folder, plugins).book.ledger)
    dice = random.Random(7)  # noqa: S311  # moments, not secrets
    command = [sys.executable, "-m", "receivables.cli", "cycle", str(folder)]
    options = ["--as-of", AS_OF.isoformat(), "--out", str(folder.parent / "papers")]
    seen = set()
    for _ in range(6):
        for path in folder.glob("receivables.db*"):
            path.unlink()
        process = subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(0.6, 3.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        count = len(journal(folder, plugins))
        seen.add(count)

        assert count in {0, whole}
    assert run(folder, plugins).is_done
    assert len(journal(folder, plugins)) == whole


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_the_command_is_a_thin_layer(folder: Path) -> None:
    """The command prints, writes and exits as the library decides."""
    out = folder.parent / "papers"
    command = [sys.executable, "-m", "receivables.cli"]
    options = ["--as-of", AS_OF.isoformat(), "--out", str(out)]

    first = subprocess.run(
        [*command, "cycle", str(folder), *options], capture_output=True, text=True, check=False
    )
    again = subprocess.run(
        [*command, "cycle", str(folder), *options], capture_output=True, text=True, check=False
    )
    verified = subprocess.run(
        [*command, "verify", str(folder)], capture_output=True, text=True, check=False
    )

    assert (first.returncode, again.returncode, verified.returncode) == (0, 0, 0), first.stderr
    assert "Nothing new" in again.stdout
    assert "verifies" in verified.stdout
    assert (out / "aging.csv").exists()
