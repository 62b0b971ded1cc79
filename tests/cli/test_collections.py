"""The commands of collections: what they record, what they print, and how they end."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from receivables.cli import main

SETTINGS = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
locale = "fr-FR"
country = "FR"
currency = "EUR"
iban = "FR7699999000010000000421774"

[[ledger]]
source = "csv"
files = ["customers.csv"]
settings = { record = "customers", delimiter = ";" }

[[ledger]]
source = "csv"
files = ["documents.csv"]
settings = { delimiter = ";", decimal = "." }

[letters]
renderers = ["text"]
reports = ["aging-csv"]

[dunning]
procedure = "france-business"

[interest]
jurisdiction = "fr-business"
"""

CUSTOMERS = """customer;name;locale;country;consumer;owners
C-1;Quincaillerie Dupont SARL;fr-FR;FR;no;collector:lea
C-2;Harfang [SAS];fr-FR;FR;no;
C-3;Jeanne Petit;fr-FR;FR;yes;
"""

DOCUMENTS = """number;customer;document-date;due-date;amount;currency
F-1;C-1;2026-08-01;2026-09-01;1000.00;EUR
F-2;C-1;2026-08-01;2026-09-02;250.50;EUR
F-3;C-2;2026-08-01;2026-09-01;500.00;EUR
F-4;C-3;2026-08-01;2026-09-01;75.00;EUR
"""

DAY = ("--as-of", "2026-09-10")
ON = ("--on", "2026-09-10")


@attrs.frozen(kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four late invoices of three customers, one of them a consumer."""
    path = tmp_path / "company"
    path.mkdir()
    (path / "receivables.toml").write_text(SETTINGS, encoding="utf-8")
    (path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (path / "documents.csv").write_text(DOCUMENTS, encoding="utf-8")
    return path


@pytest.fixture
def command(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process; ``{}`` stands for the folder."""

    def run(*arguments: object) -> Ended:
        words = [str(folder) if word == "{}" else str(word) for word in arguments]
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr()
        return Ended(status=ended.value.code or 0, out=said.out, err=said.err)

    return run


def events(folder: Path) -> list[str]:
    """The kinds of the events that the journal holds; nothing where there is no journal."""
    path = folder / "receivables.db"
    if not path.exists():
        return []
    journal = sqlite3.connect(path)
    try:
        return [kind for (kind,) in journal.execute("select kind from events order by seq")]
    finally:
        journal.close()


def edited(path: Path, *, semicolons: bool = False, **reasons: str) -> Path:
    """A worksheet with reasons by item, as a spreadsheet saves it."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    for row in rows:
        row["leave_out"] = reasons.get(row["item"].replace("-", "_"), "")
        if semicolons:
            row |= {name: row[name].replace(".", ",") for name in ("open", "held_back", "asked")}
    out = path.with_name("edited.csv")
    with out.open("w", encoding="cp1252" if semicolons else "utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";" if semicolons else ",")
        writer.writeheader()
        writer.writerows(rows)
    return out


def test_dun_proposes_and_records_nothing(command: Command, folder: Path) -> None:
    """Who would get which notice is said, names and all, and no journal is made."""
    done = command("dun", "{}", *DAY)

    assert (done.status, done.err) == (0, "")
    assert "3 notices as of 2026-09-10" in done.out
    assert "Harfang [SAS]" in done.out
    assert "1,250.50 EUR" in done.out
    assert "Left out: nothing." in done.out
    assert events(folder) == []


def test_dun_says_what_is_not_charged(command: Command, folder: Path) -> None:
    """A fee that a level asks for and a consumer does not pay is said before anything is sent."""
    path = folder / "receivables.toml"
    fee = """levels = [{ days-past-due = 5, letter = "reminder-1", fees = { EUR = "15.00" } }]"""
    said = path.read_text(encoding="utf-8").replace('procedure = "france-business"', fee)
    path.write_text(said, encoding="utf-8")

    done = command("dun", "{}", *DAY)

    assert done.status == 0
    assert "Not charged: dunning-fee, consumer, in 1 notices." in done.out
    assert "FEE-" in done.out


def test_a_run_is_released_once(command: Command, folder: Path) -> None:
    """The second release of a day says that there is nothing new."""
    first = command("dun", "{}", *DAY, "--release", "--by", "Lea")
    recorded = events(folder)
    second = command("dun", "{}", *DAY, "--release", "--by", "Lea")

    assert (first.status, second.status) == (0, 0)
    assert recorded.count("NoticeSent") == 3
    assert "7 events were added" in first.out
    assert "Nothing new" in second.out
    assert "3 not-yet" in second.out
    assert events(folder) == recorded


@pytest.mark.parametrize("semicolons", [False, True])
def test_a_worksheet_goes_out_and_comes_back(
    command: Command, folder: Path, tmp_path: Path, *, semicolons: bool
) -> None:
    """An item and a whole notice are left out, the rest is released, and the same sheet is known."""
    sheet = tmp_path / "run.csv"
    written = command("dun", "{}", *DAY, "--out", sheet)
    out = edited(sheet, semicolons=semicolons, F_2="réclamation", F_3="called")
    looked = command("dun", "{}", *DAY, "--review", out, "--by", "Lea")
    before = events(folder)

    done = command("dun", "{}", *DAY, "--review", out, "--by", "Lea", "--release")
    recorded = events(folder)
    again = command("dun", "{}", *DAY, "--review", out, "--by", "Lea", "--release")

    assert "The run is in" in written.out
    assert before == []
    assert "2 notices" in looked.out
    assert "1,000.00 EUR" in done.out
    assert "2 excluded" in done.out
    assert recorded.count("NoticeSent") == 2
    assert (again.status, "Nothing new" in again.out) == (0, True)
    assert events(folder) == recorded


def test_the_letters_of_a_release_come_with_the_cycle(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    """The cycle of the day writes what was released, and sends nothing that was left out."""
    sheet, papers = tmp_path / "run.csv", tmp_path / "papers"
    command("dun", "{}", *DAY, "--out", sheet)
    out = edited(sheet, F_3="called")
    command("dun", "{}", *DAY, "--review", out, "--by", "Lea", "--release")
    recorded = events(folder)

    done = command("cycle", "{}", *DAY, "--out", papers)
    letters = sorted(path.name for path in (papers / "letters").iterdir())

    assert done.status == 0
    assert "Letters of the day: 2 reminder-1" in done.out
    assert [name.split("_")[1] for name in letters] == ["C-1", "C-3"]
    assert events(folder) == recorded


def test_a_worksheet_of_other_books_is_refused(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    """An invoice came in meanwhile: what was looked at is not what would go out."""
    sheet = tmp_path / "run.csv"
    command("dun", "{}", *DAY, "--out", sheet)
    with (folder / "documents.csv").open("a", encoding="utf-8") as file:
        file.write("F-9;C-2;2026-08-01;2026-09-01;10.00;EUR\n")

    done = command("dun", "{}", *DAY, "--review", sheet, "--by", "Lea", "--release")

    assert done.status == 1
    assert "run.csv: error dunning.worksheet-invalid: fingerprint must be that of" in done.err
    assert "Nothing was recorded." in done.err
    assert events(folder) == []


def test_a_faulty_worksheet_records_nothing(command: Command, folder: Path, tmp_path: Path) -> None:
    """A worksheet without its column of reasons is named with its line."""
    sheet = tmp_path / "run.csv"
    command("dun", "{}", *DAY, "--out", sheet)
    text = sheet.read_text(encoding="utf-8-sig").replace("leave_out", "remarks")
    sheet.write_text(text, encoding="utf-8")

    done = command("dun", "{}", *DAY, "--review", sheet, "--by", "Lea", "--release")

    assert done.status == 1
    assert "run.csv:1: error dunning.worksheet-invalid" in done.err
    assert events(folder) == []


def test_a_letter_that_cannot_be_written_is_not_released(command: Command, folder: Path) -> None:
    """A customer whose language has no texts is named, and no notice of the run is recorded."""
    path = folder / "customers.csv"
    path.write_text(CUSTOMERS.replace("fr-FR;FR;yes", "de-DE;FR;yes"), encoding="utf-8")

    done = command("dun", "{}", *DAY, "--release", "--by", "Lea")

    assert done.status == 1
    assert "customer C-3: locale: error letter.translation-missing" in done.err
    assert events(folder) == []


def test_errors_in_the_data_record_nothing(command: Command, folder: Path) -> None:
    """An invoice that cannot be read stops every command, whether it looks or records."""
    (folder / "documents.csv").write_text(DOCUMENTS.replace("75.00", "lots"), encoding="utf-8")
    for words in (
        ("dun", "{}", *DAY),
        ("dun", "{}", *DAY, "--release", "--by", "Lea"),
        ("worklist", "{}", *DAY),
        ("warnings", "{}", *DAY),
        ("simulate", "{}", "--first", "2026-09-01", "--last", "2026-09-30"),
        ("promise", "add", "{}", "C-1", "5.00 EUR", "--due-on", "2026-09-20", *ON),
        ("dispute", "list", "{}", *DAY),
        ("refer", "{}", "C-1", "agency", "X", *DAY, "--out", folder / "file.zip", "--hand-over"),
    ):
        done = command(*words)

        assert done.status == 1, words
        assert "documents.csv:5: amount: error amount.invalid" in done.err
    assert events(folder) == []
    assert not (folder / "file.zip").exists()


def test_simulate_compares_two_procedures(command: Command, folder: Path) -> None:
    """What the procedure would have sent stands beside what another one would have."""
    done = command(
        *("simulate", "{}", "--first", "2026-09-01", "--last", "2026-10-31"),
        *("--procedure", "spain"),
    )

    assert done.status == 0
    assert {"now", "spain"} <= set(done.out.replace("│", " ").split())
    assert "formal-notice" in done.out
    assert events(folder) == []


def test_the_worklist_is_printed_and_written(command: Command, tmp_path: Path) -> None:
    """The most pressing stand first with the reasons; one person's lines are written in units."""
    out = tmp_path / "list.csv"
    shown = command("worklist", "{}", *DAY, "--top", 1)
    by_minute = command("worklist", "{}", *DAY, "--by", "cash-per-minute")
    written = command("worklist", "{}", *DAY, "--person", "lea", "--out", out)
    (row,) = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig")))

    assert (shown.status, by_minute.status, written.status) == (0, 0, 0)
    assert "3 customers to work on" in shown.out
    assert "Quincaillerie Dupont SARL" in shown.out
    assert "Jeanne Petit" not in shown.out
    assert "past due" in shown.out
    assert "Harfang [SAS]" in by_minute.out
    assert (row["customer"], row["person"], row["overdue"]) == ("C-1", "lea", "1250.50 EUR")


def test_warning_signs_are_printed(command: Command) -> None:
    """Who owes most of what is open is said with the figures."""
    done = command("warnings", "{}", *DAY)

    assert done.status == 0
    assert "concentration" in done.out
    assert "bps" in done.out


def test_promises_are_recorded_listed_and_withdrawn(command: Command, folder: Path) -> None:
    """A promise holds its item back until it is taken back; names are numbered."""
    made = command(
        *("promise", "add", "{}", "C-1", "1000.00 EUR", "--due-on", "2026-09-30", *ON),
        *("--item", "F-1", "--contact", "M. Dupont", "--by", "lea"),
    )
    held = command("dun", "{}", *DAY)
    listed = command("promise", "list", "{}", "--as-of", "2026-10-15")
    withdrawn = command("promise", "withdraw", "{}", "P-1", *ON, "--reason", "a misunderstanding")
    after = command("dun", "{}", *DAY)

    assert (made.status, listed.status, withdrawn.status) == (0, 0, 0)
    assert "1 promised" in held.out
    for word in ("P-1", "1,000.00 EUR", "2026-09-30", "broken"):
        assert word in listed.out
    assert "Left out: nothing." in after.out
    assert [kind for kind in events(folder) if "Promise" in kind] == [
        *("PromiseMade", "PromiseWithdrawn")
    ]


def test_disputes_are_opened_decided_and_credited(command: Command) -> None:
    """A part of an invoice is contested, split, and a credit note is due for what was accepted."""
    opened = command(
        *("dispute", "open", "{}", "F-1", "200.00 EUR", "--reason", "not-delivered", *ON),
        *("--reference", "R77", "--note", "two pallets"),
    )
    listed = command("dispute", "list", "{}", *DAY)
    held = command("dun", "{}", *DAY)
    decided = command(
        *("dispute", "decide", "{}", "D-1", "split", *ON, "--accept", "F-1=50.00 EUR"),
        *("--reason", "one pallet", "--by", "paul"),
    )
    credit = command("dispute", "credits", "{}", *DAY)
    gone = command("dispute", "list", "{}", *DAY)

    assert (opened.status, decided.status) == (0, 0)
    for word in ("D-1", "200.00 EUR", "not-delivered", "2026-09-20"):
        assert word in listed.out
    assert "200.00" in held.out
    assert "1,050.50 EUR" in held.out
    assert "50.00 EUR" in credit.out
    assert "D-1" not in gone.out


def test_contacts_are_logged_and_listed(command: Command) -> None:
    """What was said stands in the log with what comes next, brackets and all."""
    logged = command(
        *("contact", "add", "{}", "C-1", "--channel", "phone", "--outcome", "reached", *ON),
        *("--said", "will [bold]pay", "--reason", "will-pay", "--by", "lea", "--at", "14:05"),
        *("--next-action", "call", "--next-on", "2026-09-15", "--item", "F-1"),
    )
    listed = command("contact", "list", "{}", "C-1", *DAY)

    assert logged.status == 0
    for word in ("phone", "reached", "will-pay", "will [bold]pay", "2026-09-15"):
        assert word in listed.out


def test_requests_are_recorded_and_answered(command: Command) -> None:
    """A request waits with its day of answer until it is done."""
    added = command("request", "add", "{}", "C-2", "duplicate", *ON, "--item", "F-3")
    listed = command("request", "list", "{}", *DAY)
    answered = command("request", "answer", "{}", "R-1", *ON, "--by", "lea")
    gone = command("request", "list", "{}", *DAY)

    assert (added.status, answered.status) == (0, 0)
    for word in ("R-1", "Harfang [SAS]", "duplicate", "waiting"):
        assert word in listed.out
    assert "R-1" not in gone.out


def test_blocks_are_set_and_lifted(command: Command) -> None:
    """A blocked customer gets no notice until the block is lifted."""
    added = command(
        *("block", "add", "{}", "C-2", "payment-in-transit", *ON, "--until", "2026-09-30"),
    )
    listed = command("block", "list", "{}", *DAY)
    held = command("dun", "{}", *DAY)
    lifted = command("block", "lift", "{}", "B-1", *ON, "--reason", "no money came")
    after = command("block", "list", "{}", *DAY)

    assert (added.status, lifted.status) == (0, 0)
    for word in ("B-1", "Harfang [SAS]", "payment-in-transit", "2026-09-30"):
        assert word in listed.out
    assert "1 blocked" in held.out
    assert "Nothing is blocked." in after.out


def test_a_file_is_made_and_handed_over(command: Command, folder: Path, tmp_path: Path) -> None:
    """Without the flag a file is made; with it nobody else asks for its items any more."""
    words = ("refer", "{}", "C-1", "agency", "Recouvra", *DAY, "--item", "F-1")
    made = command(*words, "--out", tmp_path / "first.zip")
    before = events(folder)
    handed = command(*words, "--out", tmp_path / "second.zip", "--hand-over")
    again = command(*words, "--out", tmp_path / "third.zip", "--hand-over")
    listed = command("referrals", "{}", *DAY)
    held = command("dun", "{}", *DAY)

    assert (made.status, handed.status, again.status) == (0, 0, 0)
    assert before == []
    assert events(folder)[-1] == "Referred"
    assert "evidence-missing invoice" in made.out
    assert "Nothing new" in again.out
    contents = {path.read_bytes() for path in tmp_path.glob("*.zip")}
    assert len(contents) == 1
    assert zipfile.ZipFile(tmp_path / "first.zip").testzip() is None
    for word in ("C-1-2026-09-10", "Recouvra", "1,000.00 EUR", "out"):
        assert word in listed.out
    assert "1 referred" in held.out


def test_a_file_comes_back(command: Command, folder: Path, tmp_path: Path) -> None:
    """A file that is recalled is asked for again; money that is not there settles nothing."""
    command("refer", "{}", "C-1", "agency", "X", *DAY, "--out", tmp_path / "x.zip", "--hand-over")
    lost = command("recover", "{}", "C-1-2026-09-10", "R-9", *ON, "--fee", "1.00 EUR")
    back = command("recall", "{}", "C-1-2026-09-10", *ON, "--reason", "paid to us")
    listed = command("referrals", "{}", *DAY)

    assert (lost.status, back.status) == (2, 0)
    assert "item must be on the ledger of MIRA, got 'R-9'" in lost.err
    assert events(folder)[-1] == "ReferralEnded"
    assert "recalled" in listed.out


PROMISE = ("promise", "add", "{}", "C-1")
DUE = ("--due-on", "2026-09-30", *ON)
CONTACT = ("contact", "add", "{}", "C-1", *ON)
WRONG = {
    "an amount in words": ((*PROMISE, "12 euros", *DUE), "amount must look like '120.00 EUR'"),
    "an amount alone": ((*PROMISE, "12.00", *DUE), "amount must look like '120.00 EUR'"),
    "an amount with an exponent": ((*PROMISE, "1e3 EUR", *DUE), "got '1e3 EUR'"),
    "an amount that is no number": ((*PROMISE, "nan EUR", *DUE), "got 'nan EUR'"),
    "an amount with a comma": ((*PROMISE, "1,200 EUR", *DUE), "got '1,200 EUR'"),
    "an amount in other figures": ((*PROMISE, "١٢ EUR", *DUE), "amount must look like"),
    "a tenth of a cent": ((*PROMISE, "12.345 EUR", *DUE), "at most 2 decimals in EUR"),
    "nothing": ((*PROMISE, "0 EUR", *DUE), "amount must be above zero"),
    "a currency that is none": ((*PROMISE, "12.00 ZZZ", *DUE), "got 'ZZZ'"),
    "a customer whom nobody knows": (
        ("promise", "add", "{}", "C-9", "5.00 EUR", *DUE),
        "customer must be in the customer list, got 'C-9'",
    ),
    "an item that nobody knows": ((*PROMISE, "5.00 EUR", *DUE, "--item", "F-9"), "got 'F-9'"),
    "an item of another": (
        (*PROMISE, "5.00 EUR", *DUE, "--item", "F-3"),
        "customer of F-3 must be 'C-2'",
    ),
    "a promise of yesterday": (
        (*PROMISE, "5.00 EUR", "--due-on", "2026-09-01", *ON),
        "due_on of promise P-1 must be 2026-09-10 or later",
    ),
    "a promise that is none": (("promise", "withdraw", "{}", "P-9", *ON), "got 'P-9'"),
    "a reason that is none": (
        ("dispute", "open", "{}", "F-1", "5.00 EUR", "--reason", "mood", *ON),
        'Choose from: "price", "quantity"',
    ),
    "an owner that is none": (
        *[("dispute", "open", "{}", "F-1", "5.00 EUR", "--reason", "tax", "--owner", "me", *ON)],
        'Choose from: "sales", "technical"',
    ),
    "more than the invoice": (
        ("dispute", "open", "{}", "F-1", "5000.00 EUR", "--reason", "tax", *ON),
        "contested of F-1 must be at most",
    ),
    "an outcome that is none": (
        ("dispute", "decide", "{}", "D-1", "maybe", *ON),
        'Choose from: "valid", "invalid"',
    ),
    "a dispute that is none": (("dispute", "decide", "{}", "D-9", "valid", *ON), "dispute D-9"),
    "a part without an amount": (
        ("dispute", "decide", "{}", "D-1", "split", "--accept", "F-1", *ON),
        "amount must look like",
    ),
    "a channel that is none": (
        (*CONTACT, "--channel", "pigeon", "--outcome", "sent"),
        'Choose from: "email", "post", "phone"',
    ),
    "an outcome of nothing": (
        (*CONTACT, "--channel", "phone", "--outcome", "mood"),
        'Choose from: "reached"',
    ),
    "a reason not to pay that is none": (
        (*CONTACT, "--channel", "phone", "--outcome", "reached", "--reason", "mood"),
        'Choose from: "cannot-pay"',
    ),
    "a time that is none": (
        (*CONTACT, "--channel", "phone", "--outcome", "reached", "--at", "25:99"),
        "local_time must look like '14:05'",
    ),
    "the log of nobody": (("contact", "list", "{}", "C-9", *DAY), "got 'C-9'"),
    "a request for nothing": (
        ("request", "add", "{}", "C-1", "mood", *ON),
        'Choose from: "duplicate", "statement"',
    ),
    "a request that is none": (("request", "answer", "{}", "R-9", *ON), "got 'R-9'"),
    "a block for nothing": (
        ("block", "add", "{}", "C-1", "mood", *ON),
        'Choose from: "commercial"',
    ),
    "a block that is over": (
        ("block", "add", "{}", "C-1", "other", *ON, "--until", "2026-09-01"),
        "until must be 2026-09-10 or later",
    ),
    "a block that is none": (("block", "lift", "{}", "B-9", *ON), "got 'B-9'"),
    "an order that is none": (
        ("worklist", "{}", *DAY, "--by", "mood"),
        "by must be one of points, cash-per-minute",
    ),
    "no lines": (("worklist", "{}", *DAY, "--top", "0"), "top must be 1 or more"),
    "a list that is there": (
        ("worklist", "{}", *DAY, "--out", "{}/documents.csv"),
        "out must be a new file",
    ),
    "a procedure that is none": (
        ("simulate", "{}", "--first", "2026-09-01", "--last", "2026-09-30", "--procedure", "mood"),
        "procedure must be one of canada, france-business",
    ),
    "no days": (
        ("simulate", "{}", "--first", "2026-09-01", "--last", "2026-08-01"),
        "days must be one or more",
    ),
    "every no day": (
        ("simulate", "{}", "--first", "2026-09-01", "--last", "2026-09-30", "--every", "0"),
        "every must be 1 or more days",
    ),
    "a release of nobody": (("dun", "{}", *DAY, "--release"), "by must name who reviews"),
    "a worksheet that is not there": (
        ("dun", "{}", *DAY, "--review", "nowhere.csv", "--by", "Lea"),
        "review must be an existing file",
    ),
    "a worksheet as a picture": (("dun", "{}", *DAY, "--out", "run.png"), "ends in .csv"),
    "a day that is none": (("dun", "{}", "--as-of", "2026-02-30"), "2026-02-30"),
    "a folder that is not there": (("dun", "nowhere", *DAY), "folder must be an existing folder"),
    "a recipient that is none": (
        ("refer", "{}", "C-1", "mood", "X", *DAY, "--out", "x.zip"),
        'Choose from: "agency", "lawyer"',
    ),
    "a file of an unknown item": (
        *[("refer", "{}", "C-1", "agency", "X", *DAY, "--out", "x.zip", "--item", "F-9")],
        "got 'F-9'",
    ),
    "a file of another's item": (
        *[("refer", "{}", "C-1", "agency", "X", *DAY, "--out", "x.zip", "--item", "F-3")],
        "item must be open on the account of C-1",
    ),
    "a file as a picture": (
        ("refer", "{}", "C-1", "agency", "X", *DAY, "--out", "x.png"),
        "out must be a new file that ends in .zip",
    ),
}


@pytest.mark.parametrize("why", WRONG)
def test_wrong_use_is_said_in_a_line(command: Command, folder: Path, why: str) -> None:
    """Wrong use ends with status 2 and one line that says what there is; nothing is recorded."""
    words, said = WRONG[why]

    done = command(*(word.replace("{}/", f"{folder}/") for word in words))

    assert done.status == 2
    assert said in done.err
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert events(folder) == []
    assert not (folder / "x.zip").exists()


def test_the_program_ends_as_the_command_does(folder: Path, tmp_path: Path) -> None:
    """As a process it says the same: a cycle that waits, a release, a cycle that writes, a refusal."""
    settings = SETTINGS.replace("[dunning]\n", "[dunning]\ncycle-releases = false\n")
    (folder / "receivables.toml").write_text(settings, encoding="utf-8")
    papers = tmp_path / "papers"

    def program(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "receivables.cli", *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    waiting = program("cycle", folder, *DAY, "--out", papers)
    released = program("dun", folder, *DAY, "--release", "--by", "Lea")
    written = program("cycle", folder, *DAY, "--out", papers)
    wrong = program("block", "add", folder, "C-1", "mood", *ON)

    assert (waiting.returncode, released.returncode, written.returncode) == (0, 0, 0)
    assert "Letters of the day: none" in waiting.stdout
    assert "3 events were added" in released.stdout
    assert "Letters of the day: 3 reminder-1" in written.stdout
    assert len(json.loads((papers / "cycle.json").read_bytes())["files"]) == 5
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
