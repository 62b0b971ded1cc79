"""The close file: everything an auditor asks for, and the proof that nobody changed it."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from decimal import Decimal

import pytest

from receivables.accounting import chart, journal
from receivables.closing import (
    CHECKS,
    CloseCheck,
    ClosingPapers,
    GlPosting,
    close,
    close_file,
    examine,
    journal_head,
    tie_out,
)
from receivables.errors import PolicyError, TranslationMissingError
from receivables.intercompany import agree, intercompany_lines
from receivables.ledger import Ledger
from receivables.testing.builders import a_receipt, an_invoice, issued, received, recorded

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
AT = recorded(500)
CHECKED = [CHECKS[name] for name in ("receipts-applied", "tie-out", "document-numbers")]


def _closing(**fields):
    ledger = Ledger().record(
        issued(an_invoice("=FA-1", total="1234.50")), received(a_receipt(amount="10.00"))
    )
    posting = GlPosting(
        account="411",
        date=dt.date(2026, 9, 30),
        amount_minor=123_000,
        currency="EUR",
        document="=FA-1",
        customer="C-017",
    )
    known = {
        "ledger": ledger,
        "creditor": "MIRA",
        "first": FIRST,
        "last": LAST,
        "journal": journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR"),
        "tie_outs": [tie_out(ledger, [posting], creditor="MIRA", as_of=LAST)],
        "agreements": [
            agree(intercompany_lines(ledger), [], creditor="MIRA", counterparty="SUD", as_of=LAST)
        ],
        **fields,
    }
    papers = ClosingPapers(**known)
    open_ones = examine(papers, checks=CHECKED).open_findings
    reasons = [
        reason
        for one in open_ones
        for reason in one.explained(reason="<known>", by="A. Roy", at=AT)
    ]
    checklist = examine(papers, checks=CHECKED, explanations=reasons)
    return close(checklist, by="A. Roy", at=AT, reason="October")


@pytest.fixture(scope="module")
def archive():
    """The archive of a close with a receipt and two differences that were explained."""
    return zipfile.ZipFile(io.BytesIO(close_file(_closing())))


def _rows(archive, name):
    text = archive.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_holds_every_part(archive):
    """Checklist, roll-forward, items, aging, tie-out, journal, and the two manifests."""
    assert set(archive.namelist()) == {
        "SHA256SUMS",
        "aging.csv",
        "checklist.csv",
        "checklist.html",
        "close.json",
        "intercompany.csv",
        "journal.csv",
        "open-items.csv",
        "roll-forward.csv",
        "tie-out-differences.csv",
        "tie-out.csv",
    }


def test_the_sums_are_those_of_the_parts(archive):
    """`sha256sum --check` would pass: each line is the digest of a part."""
    sums = archive.read("SHA256SUMS").decode().splitlines()

    assert len(sums) == len(archive.namelist()) - 1
    for line in sums:
        digest, name = line.split("  ")
        assert digest == hashlib.sha256(archive.read(name)).hexdigest()


def test_the_manifest_names_the_head_of_the_journal(archive):
    """Who closed what and when, the event, the head, and every finding."""
    manifest = json.loads(archive.read("close.json"))
    head = journal_head(_closing().checklist.papers.ledger)

    assert manifest["journal"] == {"events": 2, "head": head.hash}
    assert (manifest["closed_by"], manifest["last"]) == ("A. Roy", "2026-10-31")
    assert manifest["findings"] == {
        "receipts-applied": "explained",
        "tie-out": "explained",
        "document-numbers": "ok",
    }


def test_the_same_close_gives_the_same_bytes():
    """No clock, no system and no order of a dictionary shows in the archive."""
    assert close_file(_closing()) == close_file(_closing())


def test_the_checklist_keeps_explanations(archive):
    """Each finding is a row with its amount in units, and who explained it when."""
    rows = _rows(archive, "checklist.csv")

    assert [(row["check"], row["status"], row["amount"]) for row in rows] == [
        ("receipts-applied", "explained", "-10.00"),
        ("tie-out", "explained", "-10.00"),
        ("tie-out", "explained", "4.50"),
        ("document-numbers", "ok", ""),
    ]
    assert rows[0]["explained_by"] == "A. Roy"


def test_amounts_are_in_units_of_their_currency(archive):
    """Cents are decimals in every table, and dates are ISO dates."""
    (forward,) = _rows(archive, "roll-forward.csv")
    items = _rows(archive, "open-items.csv")
    lines = _rows(archive, "journal.csv")

    assert (forward["opening"], forward["receipts"], forward["closing"]) == (
        "1234.50",
        "-10.00",
        "1224.50",
    )
    assert (forward["functional_currency"], forward["functional_closing"]) == ("EUR", "1224.50")
    assert [row["open"] for row in items] == ["1234.50", "-10.00"]
    assert {row["date"] for row in lines} == {"2026-10-15"}
    assert sum(Decimal(row["debit"]) - Decimal(row["credit"]) for row in lines) == 0


def test_no_cell_becomes_a_formula(archive):
    """A document that begins with an equals sign stays text in a spreadsheet."""
    assert {row["document"] for row in _rows(archive, "open-items.csv")} == {"'=FA-1", "r-1"}


@pytest.mark.parametrize(
    ("locale", "title", "amount"),
    [
        ("en", "All receipts are applied", "-10.00 EUR"),
        ("fr-FR", "Tous les encaissements sont affectés", "-10,00 EUR"),
        ("es-ES", "Todos los cobros están aplicados", "-10,00 EUR"),
    ],
)
def test_the_page_is_in_the_reader_s_language(locale, title, amount):
    """Titles, findings and amounts are those of the locale; what a person wrote is escaped."""
    content = close_file(_closing(), locale=locale)
    page = zipfile.ZipFile(io.BytesIO(content)).read("checklist.html").decode()

    assert title in page
    assert amount in page
    assert "&lt;known&gt;" in page
    assert "<known>" not in page


def test_parts_of_your_own_go_along():
    """Another file is hashed and listed like the rest."""
    content = close_file(_closing(), parts={"export/fec.txt": b"JournalCode|"})
    archive = zipfile.ZipFile(io.BytesIO(content))

    assert archive.read("export/fec.txt") == b"JournalCode|"
    assert b"export/fec.txt" in archive.read("SHA256SUMS")


@pytest.mark.parametrize(
    "name", ["../out", "/etc/x", "SHA256SUMS", "journal.csv", "", "a//b", "a b"]
)
def test_a_part_must_have_a_plain_name_of_its_own(name):
    """No name may leave the archive's folder or take another's place."""
    with pytest.raises(PolicyError, match="plain name of its own"):
        close_file(_closing(), parts={name: b""})


def test_a_language_without_words_is_refused():
    """There is no fallback to English, for the library's words or for a check of your own."""
    own = CloseCheck(check="own", titles={"en": "Own"}, examine=lambda papers: ())
    papers = ClosingPapers(ledger=Ledger(), creditor="MIRA", first=FIRST, last=LAST)
    closing = close(examine(papers, checks=[own]), by="A. Roy", at=AT)

    with pytest.raises(TranslationMissingError, match="locale must be one of"):
        close_file(closing, locale="de")
    with pytest.raises(TranslationMissingError, match="must have a title in fr"):
        close_file(closing, locale="fr")
