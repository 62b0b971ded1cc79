"""The commands `payouts` and `post`: what they print, write, send, refuse, and how they end."""

from __future__ import annotations

import sqlite3

import attrs
import pytest

from receivables.adapters import AdapterSpec
from receivables.casework import LineAnswer
from receivables.cli import main
from receivables.hookspecs import hookimpl
from receivables.outbox import Payload, PostingProposal, PostingResult
from receivables.plugins import load_plugins

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

[[statements]]
reader = "camt053"
files = ["*.xml"]

[[payouts]]
reader = "stripe"
files = ["stripe/*.csv"]

[[posting]]
target = "quickbooks-iif"
settings = { accounts = { stripe = "Stripe Clearing" } }

[[posting]]
target = "books"

[letters]
renderers = ["text"]
reports = ["aging-csv"]
"""
CUSTOMERS = "customer;name;locale;country\nC-1;ACME Ltd;fr-FR;FR\n"
DOCUMENTS = """number;customer;document-date;due-date;amount;currency
F-1;C-1;2026-09-01;2026-09-30;100.00;EUR
F-2;C-1;2026-09-01;2026-09-30;40.00;EUR
"""
REPORT = (
    "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,"
    "available_on_utc,currency,gross,fee,net,reporting_category,source_id,charge_id,"
    "customer_name,card_brand,card_last4,invoice_number,description\n"
    "po_1,2026-10-03 00:00:00,txn_1,2026-10-01 22:30:00,2026-10-03 00:00:00,eur,"
    "100.00,2.90,97.10,charge,ch_1,ch_1,ACME Ltd,visa,4242,F-1,Order 1\n"
)
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-31T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-10-31T20:00:00</CreDtTm>
<Acct><Id><IBAN>FR7699999000010000000421774</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1097.10</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">97.10</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-10-05</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>
<AddtlNtryInf>STRIPE PAYOUT po_1</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>
"""
OCTOBER = ("--first", "2026-10-01", "--last", "2026-10-31")
DAY = ("--as-of", "2026-10-31")


class Books:
    """Another system, as a plug-in: it books what it has a customer for, and can lose answers."""

    def __init__(self):
        self.booked = []
        self.loses = False

    def propose(self, batch):
        """The lines as a file."""
        content = "\n".join(line.line for line in batch.lines).encode()
        payload = Payload(name="lines.txt", media_type="text/plain", content=content)
        return PostingProposal(batch=batch, payloads=[payload])

    def post(self, batch):
        """Book every line."""
        self.booked += [line.line for line in batch.lines]
        return PostingResult.unknown(batch) if self.loses else self.status(batch)

    def status(self, batch):
        """What is booked."""
        answers = [
            LineAnswer(line=line.line, outcome="posted", reference=f"V-{1 + place}")
            if line.line in self.booked
            else LineAnswer(line=line.line, outcome="refused", message="never seen")
            for place, line in enumerate(batch.lines)
        ]
        return PostingResult(posting=batch.posting, answers=answers)

    @hookimpl
    def receivables_posting_targets(self):
        """Register the target."""
        abilities = {"journal", "receipts", "send", "status"}
        factory = lambda _settings, _runtime: self  # noqa: E731  # the shortest factory
        return [
            AdapterSpec(
                name="books",
                summary="books",
                factory=factory,
                connects=True,
                capabilities=abilities,
            )
        ]


@attrs.frozen(kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


@pytest.fixture
def company(tmp_path):
    """Two invoices, one of them paid by card, and the payout on the bank."""
    path = tmp_path / "company"
    (path / "stripe").mkdir(parents=True)
    (path / "secrets").mkdir()
    for name, text in {
        "receivables.toml": SETTINGS,
        "customers.csv": CUSTOMERS,
        "documents.csv": DOCUMENTS,
        "october.xml": STATEMENT,
        "stripe/october.csv": REPORT,
    }.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def books(monkeypatch):
    """The other system, among the plug-ins that the commands load."""
    other = Books()
    wanted = ("csv", "iso20022", "sql", "text", "reports", "stripe", "quickbooks")
    loaded = load_plugins(only=wanted, extra={"books": other})
    monkeypatch.setattr("receivables.plugins.load_plugins", lambda: loaded)
    return other


@pytest.fixture
def run(company, books, capsys):
    """Run a command in this process; ``{}`` stands for the folder."""

    def run(*arguments):
        words = [str(company) if word == "{}" else str(word) for word in arguments]
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr()
        return Ended(status=ended.value.code or 0, out=said.out, err=said.err)

    return run


@pytest.fixture
def paid(company, run):
    """The folder after a cycle, which has applied the payment by card."""
    done = run("cycle", "{}", *DAY, "--out", company / "out")
    assert done.status == 0
    return company


def kinds(company):
    """The kinds of the events that the journal holds."""
    path = company / "receivables.db"
    if not path.exists():
        return []
    journal = sqlite3.connect(path)
    try:
        return [kind for (kind,) in journal.execute("select kind from events order by seq")]
    finally:
        journal.close()


def test_payouts_are_printed_with_their_bank_lines(run, company):
    """Gross, fee and amount, and the day on the bank; nothing is recorded."""
    done = run("payouts", "{}", *DAY)

    assert done.status == 0
    for said in ("po_1", "100.00", "2.90", "97.10", "2026-10-05"):
        assert said in done.out
    assert kinds(company) == []


def test_a_payout_stays_on_the_bank_when_its_statement_is_gone(run, paid):
    """What was settled once is shown with its day from the journal."""
    (paid / "october.xml").write_text(
        STATEMENT.partition("<Ntry>")[0].replace("1097.10", "1000.00")
        + "</Stmt></BkToCstmrStmt></Document>",
        encoding="utf-8",
    )
    done = run("payouts", "{}", *DAY)

    assert "2026-10-05" in done.out
    assert "not yet" not in done.out
    assert "payout.unmatched" not in done.out + done.err


def test_a_dry_run_writes_what_a_person_brings_over(run, paid, tmp_path):
    """The receipt in gross is in the file, on the account of the processor; nothing is kept of it."""
    before = kinds(paid)
    done = run("post", "{}", "--target", "quickbooks-iif", *OCTOBER, "--out", tmp_path / "files")
    (written,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())

    assert done.status == 0
    assert "receipt:stripe:txn_1" in done.out
    assert b"100.00" in written.read_bytes()
    assert b"Stripe Clearing" in written.read_bytes()
    assert kinds(paid) == before


def test_the_journal_is_posted_with_the_payout(run, paid, tmp_path):
    """Entries of the ledger and the entry of the payout are lines of their own."""
    words = ("--target", "books", "--kinds", "journal", "--secrets", paid / "secrets")
    done = run("post", "{}", *words, *OCTOBER, "--out", tmp_path / "files")
    (written,) = (path for path in (tmp_path / "files").rglob("*") if path.is_file())

    assert done.status == 0
    assert b"entry:payout:MIRA:stripe:po_1" in written.read_bytes()


def test_what_is_sent_is_sent_once(run, paid, books):
    """The answers are printed and kept; a second run has nothing to send."""
    words = ("post", "{}", "--target", "books", *OCTOBER, "--secrets", paid / "secrets")
    done = run(*words, "--send", "--by", "J. Roy")
    again = run(*words, "--send")

    assert (done.status, again.status) == (0, 0)
    assert "V-1" in done.out
    assert books.booked == ["receipt:stripe:txn_1"]
    assert [kind for kind in kinds(paid) if kind.startswith("Posting")] == [
        "PostingSent",
        "PostingAnswered",
    ]


def test_a_lost_answer_is_asked_for(run, paid, books):
    """What is unknown ends with a status, is not sent again, and is found by asking."""
    words = ("post", "{}", "--target", "books", *OCTOBER, "--secrets", paid / "secrets")
    books.loses = True
    lost = run(*words, "--send")
    again = run(*words, "--send")
    november = ("--first", "2026-11-01", "--last", "2026-11-30", "--secrets", paid / "secrets")
    elsewhere = run("post", "{}", "--target", "books", *november, "--ask")
    asked = run(*words, "--ask")

    assert (lost.status, asked.status) == (1, 0)
    assert "run with --ask first" in again.err
    assert "1 lines without an answer are of other days or kinds" in elsewhere.err
    assert "V-1" in asked.out
    assert books.booked == ["receipt:stripe:txn_1"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "sap"), "target must be one of [[posting]]"),
        (("--target", "books", "--kinds", "letters"), "kinds must be among"),
        (("--target", "books"), "secrets must be given for books"),
        (("--target", "books", "--secrets", "{}/nowhere"), "secrets must be a folder"),
        (("--target", "quickbooks-iif", "--send"), "must have the ability 'send'"),
        (("--target", "quickbooks-iif", "--ask"), "must have the ability 'status'"),
        (("--target", "books", "--send", "--ask"), "one at a time"),
        (("--target", "books", "--last", "2026-09-30"), "last must be 2026-10-01 or later"),
    ],
)
def test_what_cannot_be_posted_is_refused(run, company, words, said):
    """Nothing is sent, nothing is kept, and the reason is said."""
    dates = ("--first", "2026-10-01", *(() if "--last" in words else ("--last", "2026-10-31")))
    done = run("post", "{}", *words, *dates)

    assert done.status not in {0, None}
    assert said in " ".join((done.out + done.err).split())
    assert kinds(company) == []


def test_errors_in_the_data_stop_it(run, company, books):
    """A payout that does not come to its amount is printed, and nothing is proposed or sent."""
    (company / "stripe" / "october.csv").write_text(
        REPORT.replace(",97.10,", ",96.10,"), encoding="utf-8"
    )
    words = ("post", "{}", "--target", "books", *OCTOBER, "--secrets", company / "secrets")
    for more in ((), ("--send",), ("--ask",)):
        done = run(*words, *more)
        assert done.status == 1
        assert "Nothing was proposed." in done.err
    assert run("payouts", "{}", *DAY).status == 1
    assert books.booked == []
    assert kinds(company) == []
