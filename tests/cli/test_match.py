"""The command `match`: looking records nothing, a sheet is read once, and errors stop everything."""

from __future__ import annotations

import csv
import io
import sqlite3
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

SETTINGS = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
locale = "fr-FR"
currency = "EUR"
iban = "FR7699999000010000000421774"

[[ledger]]
source = "csv"
files = ["customers.csv"]
settings = { record = "customers", columns = { customer = "code", name = "name" } }

[[ledger]]
source = "csv"
files = ["invoices.csv"]
settings = { decimal = "." }

[[statements]]
reader = "camt053"
files = ["*.xml"]
"""

CUSTOMERS = """code,name
C-1,Quincaillerie Dupont SARL
C-2,Les Luthiers Tremblay
"""

INVOICES = """number,customer,document-date,due-date,amount,currency
F-2026-0001,C-1,2026-08-01,2026-08-31,100.00,EUR
F-2026-0002,C-1,2026-09-01,2026-10-01,250.50,EUR
F-2026-0003,C-2,2026-09-01,2026-10-01,80.00,EUR
"""

ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-10-05</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>
<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""

STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-31T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-10-31T20:00:00</CreDtTm>
<Acct><Id><IBAN>FR7699999000010000000421774</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">153.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
{entries}</Stmt></BkToCstmrStmt></Document>
"""

ENTRIES = ENTRY.format(
    amount="100.00", reference="B1", name="QUINCAILLERIE DUPONT", text="F-2026-0001"
) + ENTRY.format(amount="53.00", reference="B2", name="MONSIEUR PERSONNE", text="MERCI")

AS_OF = ("--as-of", "2026-10-31")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three invoices, one receipt that is certain and one that nobody understands."""
    path = tmp_path / "company"
    path.mkdir()
    (path / "receivables.toml").write_text(SETTINGS, encoding="utf-8")
    (path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (path / "invoices.csv").write_text(INVOICES, encoding="utf-8")
    (path / "october.xml").write_text(STATEMENT.format(entries=ENTRIES), encoding="utf-8")
    return path


def match(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command on a folder, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "receivables.cli", "match", str(folder), *AS_OF]
        + [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        check=False,
    )


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


def decide(path: Path, **changes: object) -> None:
    """Edit the first row of a workbook as a person does."""
    workbook = openpyxl.load_workbook(path)
    shown = workbook.worksheets[0]
    at = {cell.value: cell.column for cell in shown[1]}
    for heading, value in changes.items():
        shown.cell(2, at[heading], value)
    workbook.save(path)


def test_looking_records_nothing(folder: Path) -> None:
    """What would be applied and what needs a person is said, and no journal is made."""
    done = match(folder)

    assert done.returncode == 0, done.stderr
    assert "would be applied" in done.stdout
    assert "1 receipts need a person" in done.stdout
    assert "MONSIEUR PERSONNE" in done.stdout
    assert "the payer is not known" in done.stdout
    assert "53.00 EUR" in done.stdout
    assert events(folder) == []


def test_what_is_certain_is_recorded_once(folder: Path) -> None:
    """The flag records what is certain; a second run adds nothing, and says so."""
    first = match(folder, "--apply")
    recorded = events(folder)
    second = match(folder, "--apply")

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert recorded.count("Allocated") == 1
    assert f"{len(recorded)} events were added" in first.stdout
    assert "Nothing new" in second.stdout
    assert recorded == events(folder)


def test_a_sheet_goes_out_and_comes_back(folder: Path, tmp_path: Path) -> None:
    """A workbook that a person has edited is recorded with what it teaches, and once."""
    out = tmp_path / "review.xlsx"
    written = match(folder, "--apply", "--out", out)
    workbook = CalamineWorkbook.from_path(str(out))
    heads, row = workbook.get_sheet_by_index(0).to_python()
    decide(out, décision="lettrer", client="C-2", pièce="F-2026-0003", règle=53)

    done = match(folder, "--review", out, "--by", "A. Martin")
    recorded = events(folder)
    again = match(folder, "--review", out, "--by", "A. Martin")

    assert "1 receipts are in" in written.stdout
    assert dict(zip(heads, row, strict=True))["montant"] == 53.0
    assert done.returncode == 0, done.stderr
    assert "1 decisions taken" in done.stdout
    assert "Nothing needs a person" in done.stdout
    assert recorded[-3:] == ["ReceiptIdentified", "Allocated", "FactLearned"]
    assert "0 decisions taken, 1 known already" in again.stdout
    assert "Nothing new" in again.stdout
    assert recorded == events(folder)


def test_a_table_goes_out_and_comes_back(folder: Path, tmp_path: Path) -> None:
    """Separated values do the same, and what was certain may be recorded with them."""
    out = tmp_path / "review.csv"
    match(folder, "--out", out)
    text = out.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    rows[0] |= {"décision": "lettrer", "client": "C-2"}
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)

    done = match(folder, "--review", out, "--by", "A. Martin", "--apply")

    assert done.returncode == 0, done.stderr
    assert {"Allocated", "ReceiptIdentified", "FactLearned"} <= set(events(folder))


def test_a_fault_in_the_sheet_records_nothing(folder: Path, tmp_path: Path) -> None:
    """A row with a fault is said with its place, and only asked for is the rest applied."""
    out = tmp_path / "review.xlsx"
    match(folder, "--out", out)
    decide(out, décision="lettrer", pièce="F-2026-9999")

    refused = match(folder, "--review", out, "--by", "A. Martin")
    before = events(folder)
    taken = match(folder, "--review", out, "--by", "A. Martin", "--apply", "--accept-incomplete")

    assert refused.returncode == 1
    assert "review.xlsx:2: pièce: error review.item-unknown" in refused.stderr
    assert "Nothing was recorded" in refused.stderr
    assert before == []
    assert taken.returncode == 0, taken.stderr
    assert events(folder).count("Allocated") == 1


def test_errors_in_the_data_record_nothing(folder: Path) -> None:
    """An invoice that cannot be read stops the command, unless that is accepted."""
    path = folder / "invoices.csv"
    path.write_text(INVOICES.replace("80.00", "eighty"), encoding="utf-8")

    refused = match(folder, "--apply")
    before = events(folder)
    accepted = match(folder, "--apply", "--accept-incomplete")

    assert refused.returncode == 1
    assert "amount.invalid" in refused.stderr
    assert before == []
    assert accepted.returncode == 0
    assert "Allocated" in events(folder)


WRONG = {
    "a sheet without a name": ("--review", "{folder}/invoices.csv"),
    "a sheet that is not there": ("--review", "nowhere.xlsx", "--by", "A. Martin"),
    "an ending that is no worksheet": ("--out", "review.pdf"),
    "a file that is there": ("--out", "{folder}/invoices.csv"),
}


@pytest.mark.parametrize("why", WRONG)
def test_wrong_use_records_nothing(folder: Path, why: str) -> None:
    """Wrong use ends with status 2 and one line, and an edited sheet is never written over."""
    arguments = [argument.format(folder=folder) for argument in WRONG[why]]

    done = match(folder, "--apply", *arguments)

    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert events(folder) == []
    assert (folder / "invoices.csv").read_text(encoding="utf-8") == INVOICES
