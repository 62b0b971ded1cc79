"""The command: prints what the library says, and ends with the status that a script needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def receivables(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "receivables.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration of sixty invoices, to be copied by whoever changes it."""
    out = tmp_path_factory.mktemp("demonstration")
    receivables("demo", "--out", out, "--invoices", 60)
    return out


def test_the_demonstration_makes_every_paper(tmp_path: Path) -> None:
    """The demonstration leaves a company, three month-ends of papers, and a journal that verifies."""
    out = tmp_path / "demo"

    done = receivables("demo", "--out", out, "--invoices", 150)
    verified = receivables("verify", out / "company")

    papers = out / "papers"
    assert done.returncode == 0, done.stderr
    assert verified.returncode == 0
    assert {"aging.csv", "aging.html", "aging.xlsx", "matches.csv"} <= {
        path.name for path in papers.iterdir()
    }
    letters = sorted(path.suffix for path in (papers / "letters").iterdir())
    assert letters.count(".pdf") == letters.count(".eml") > 0
    assert "events were added" in done.stdout


def test_an_aging_writes_nothing(tmp_path: Path, demonstration: Path) -> None:
    """Looking is free: no journal is made, and what was not known yet is not shown."""
    shutil.copytree(demonstration, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "company"
    for path in folder.glob("receivables.db*"):
        path.unlink()

    shown = receivables("aging", folder, "--as-of", "2026-06-30")
    before = receivables(
        "aging", folder, "--as-of", "2026-06-30", "--known-at", "2024-01-01T00:00:00"
    )

    assert "total" in shown.stdout
    assert not re.search(r"\d…", shown.stdout)
    assert "Nothing is open" in before.stdout
    assert not list(folder.glob("receivables.db*"))


@pytest.mark.parametrize("writer", ["journal-csv", "fec", "beancount", "hledger"])
def test_the_journal_is_written_in_every_format(
    tmp_path: Path, demonstration: Path, writer: str
) -> None:
    """The journal of a month is a file; nothing is recorded, and no half of a file is left."""
    shutil.copytree(demonstration, tmp_path, dirs_exist_ok=True)
    folder, out = tmp_path / "company", tmp_path / "journal.txt"
    days = ("--first", "2026-06-01", "--last", "2026-06-30")

    done = receivables("journal", folder, *days, "--out", out, "--writer", writer)

    assert done.returncode == 0, done.stderr
    assert "entries are in" in done.stdout
    if writer == "fec":
        named = {row.split("\t")[7] for row in out.read_text(encoding="utf-8").splitlines()}
        assert any(" " in name for name in named)
    assert out.stat().st_size > 1_000
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_statements_are_written_in_the_customers_languages(
    tmp_path: Path, demonstration: Path
) -> None:
    """Every customer with an open item gets a statement, or the one that is asked for."""
    shutil.copytree(demonstration, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "company"

    done = receivables("statements", folder, "--as-of", "2026-06-30", "--out", tmp_path / "all")
    files = sorted(path.name for path in (tmp_path / "all").iterdir())
    one = receivables(
        *("statements", folder, "--as-of", "2026-10-31", "--since", "2026-01-01"),
        *("--out", tmp_path / "one", "--customer", "C-00001"),
    )

    assert done.returncode == one.returncode == 0, done.stderr + one.stderr
    assert f"{len(files) // 2} statements are in" in done.stdout
    assert {name.rpartition(".")[2] for name in files} == {"pdf", "eml"}


def test_the_adapters_are_listed_with_their_honesty() -> None:
    """Every adapter is named with what it can do and how it was verified."""
    listed = receivables("plugins")

    assert listed.returncode == 0
    for name in ("camt053", "csv", "fec", "typst", "eml", "excel", "html", "sql"):
        assert name in listed.stdout


def test_customer_records_are_looked_through(tmp_path: Path) -> None:
    """What records lack, which may be one customer and why, and what is wrong in them."""
    settings = (
        '[creditor]\ncreditor = "MIRA"\nname = "Mirabelle"\ncurrency = "EUR"\n'
        '[[ledger]]\nsource = "csv"\nfiles = ["customers.csv"]\nsettings = {record = "customers"}\n'
    )
    rows = (
        "customer,name,country,email\n"
        "C-1,Quincaillerie Tremblay inc.,CA,compta@tremblay.example\n"
        "C-2,QUINCAILLERIE TREMBLAY INC,CA,compta@tremblay.example\n"
        "C-3,Maison Roy,FR,not an address\n"
    )
    (tmp_path / "receivables.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(rows, encoding="utf-8")
    done = receivables("customers", tmp_path)

    assert done.returncode == 0, done.stderr
    assert "C-1      │ C-2" in done.stdout
    assert "Completeness" in done.stdout
    assert "contact.invalid" in done.stderr


WRONG = {
    "a folder that is not there": ("aging", "nowhere", "--as-of", "2026-06-30"),
    "a day that does not exist": ("aging", ".", "--as-of", "2026-02-30"),
    "a command that does not exist": ("dance",),
    "a cycle without a day": ("cycle", ".", "--out", "x"),
}


@pytest.mark.parametrize("why", WRONG)
def test_wrong_use_is_said_in_a_line(why: str) -> None:
    """Wrong use ends with a status other than 0, a sentence, and no traceback."""
    done = receivables(*WRONG[why])

    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    assert (done.stderr + done.stdout).strip()


def test_a_tampered_journal_is_found(tmp_path: Path, demonstration: Path) -> None:
    """A journal that was changed by hand ends the check with status 1."""
    import sqlite3  # noqa: PLC0415  # the tool of whoever tampers

    shutil.copytree(demonstration, tmp_path, dirs_exist_ok=True)
    journal = sqlite3.connect(tmp_path / "company" / "receivables.db")
    journal.execute("update events set body = replace(body, '2026', '2025') where seq = 3")
    journal.commit()
    journal.close()

    verified = receivables("verify", tmp_path / "company")

    assert verified.returncode == 1
    assert "journal.tampered" in verified.stderr


def test_texts_of_a_folder_are_checked(tmp_path):
    """What is missing for a locale is said, and is a fault."""
    settings = '[creditor]\ncreditor = "M"\nname = "M"\nlocale = "fr-FR"\n'
    (tmp_path / "receivables.toml").write_text(settings, encoding="utf-8")

    found = [receivables("texts", tmp_path, *more) for more in ((), ("--locale", "de"))]

    assert [one.returncode for one in found] == [0, 1]
    assert "letter formal-notice must have a text for de" in found[1].stderr
