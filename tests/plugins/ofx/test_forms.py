"""The spellings of OFX in the wild, and what a statement says besides its transactions."""

from __future__ import annotations

import datetime as dt
import io
import random

import pytest

from receivables.receipts.model import BankStatement
from receivables_plugins.ofx import pieces
from receivables_plugins.ofx.reader import OfxReader


def _statements(collected):
    return [row for row in collected.rows if isinstance(row, BankStatement)]


def test_statement_has_its_identity_and_its_one_balance(statement, leaves, collected):
    """A statement is known by its account and its period; its ledger balance is the closing one."""
    available = "<AVAILBAL>\n<BALAMT>99.00\n<DTASOF>20261031\n</AVAILBAL>\n"
    balance = "<LEDGERBAL>\n<BALAMT>120.00\n<DTASOF>20261031\n</LEDGERBAL>\n"
    (found,) = _statements(collected(statement(leaves(), balance=balance + available)))

    assert (found.account, found.statement) == ("0123", "2026-10-01/2026-10-31")
    assert (found.opening_minor, found.closing_minor) == (None, 120_00)
    assert found.created_at == "2026-11-01"
    assert [(one.type, one.amount_minor, one.date) for one in found.balances] == [
        ("CLBD", 120_00, dt.date(2026, 10, 31)),
        ("CLAV", 99_00, dt.date(2026, 10, 31)),
    ]


def _closed(text):
    """Give each leaf its end tag, as XML has it."""
    lines = text.splitlines()
    return "\n".join(
        f"{line}</{line[1:].split('>')[0]}>" if line[:1] == "<" and line[-1:] != ">" else line
        for line in lines
    )


FORMS = {
    "SGML": lambda text: text,
    "leaves with end tags": _closed,
    "one line": lambda text: text.replace("\n", ""),
    "CR LF": lambda text: text.replace("\n", "\r\n"),
    "indented": lambda text: text.replace("\n<", "\n   \t<"),
    "no header": lambda text: text[text.index("<OFX>") :],
    "XML": lambda text: (
        '<?xml version="1.0"?><?OFX OFXHEADER="200"?>' + text[text.index("<OFX>") :]
    ),
    "blank lines and comments": lambda text: "\n\n<!-- x -->\n" + text.replace("\n", "\n\n"),
    "lower case": lambda text: text.lower(),
    "attributes": lambda text: text.replace("<MEMO>", '<MEMO lang="en">'),
    "no end of a transaction": lambda text: text.replace("</STMTTRN>", ""),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same(statement, leaves, entries, form):
    """However it is written, the same statement has the same entries."""
    text = statement(leaves(), leaves(trnamt="-2.50", fitid="F2")).decode()
    found = entries(FORMS[form](text).encode())

    assert [(one.amount_minor, one.bank_reference.upper()) for one in found] == [
        (1250, "F1"),
        (-250, "F2"),
    ]
    assert [one.text.upper() for one in found] == ["ANNA INV 1", "ANNA INV 1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_declared_charset_is_not_believed(statement, leaves, entries, encoding):
    """Text is read as the UTF-8 that it is, or as Windows-1252 where it is none."""
    (entry,) = entries(statement(leaves(memo="Zürich – São Paulo"), encoding=encoding))

    assert entry.text == "ANNA Zürich – São Paulo"


def test_declared_code_page_is_used_for_what_is_not_utf_8(statement, leaves, entries):
    """A file of another code page is read by it."""
    header = "OFXHEADER:100\nCHARSET:850\n\n"
    (entry,) = entries(statement(leaves(memo="Zürich"), header=header, encoding="cp850"))

    assert entry.text == "ANNA Zürich"


def test_several_statements_are_told_apart(statement, leaves, collected):
    """A file may have statements of several accounts, and several of one account and period."""
    one = statement(leaves()).decode()
    card = one[one.index("<STMTTRNRS>") : one.index("</OFX>")].replace("STMTRS>", "CCSTMTRS>")
    read = collected((one.replace("</OFX>", "") + card + "</OFX>").encode())

    assert [(found.statement, found.entries) for found in _statements(read)] == [
        ("2026-10-01/2026-10-31", 1),
        ("2026-10-01/2026-10-31#2", 1),
    ]


def test_places_are_lines_of_the_file(statement, leaves, entries):
    """Each entry knows the line that it begins on, and keeps its text."""
    content = statement(leaves(), leaves(fitid="F2"))
    lines = content.decode().split("\n")
    found = entries(content)

    assert [lines[one.source.line - 1] for one in found] == ["<STMTTRN>", "<STMTTRN>"]
    assert all(one.raw in content.decode() for one in found)


def test_chunks_cut_nothing(statement, leaves, entries, monkeypatch):
    """The same entries come, whatever pieces the bytes come in."""
    luck = random.Random(1)  # noqa: S311  # no secret
    content = statement(*[leaves(fitid=f"F{n}", memo="é" * luck.randrange(9)) for n in range(20)])
    whole = entries(content)
    for size in (1, 2, 3, 7, 64, 501):
        monkeypatch.setattr(pieces, "_CHUNK_BYTES", size)

        assert entries(content) == whole


REFUSALS = {
    "nothing": (lambda _: b"", ("file.format", None)),
    "another format": (lambda _: b"<Document>\n</Document>", ("file.format", None)),
    "no statement": (lambda _: b"<OFX></OFX>", ("file.empty", None)),
    "cut": (lambda text: text[:-30], ("file.truncated", None)),
    "currency unknown": (lambda text: text.replace(b"USD", b"XQX"), ("currency.unknown", "CURDEF")),
    "no currency": (lambda text: text.replace(b"USD", b""), ("currency.missing", "CURDEF")),
    "no account": (lambda text: text.replace(b"0123", b""), ("ofx.account-missing", "ACCTID")),
    "status": (lambda text: text.replace(b"INFO", b"ERROR"), ("ofx.status-error", "STATUS")),
    "balance": (lambda text: text.replace(b"120.00", b"a lot"), ("amount.invalid", "LEDGERBAL")),
    "date of the balance": (
        lambda text: text.replace(b"<DTASOF>20261031", b"<DTASOF>31/10/2026"),
        ("date.invalid", "LEDGERBAL"),
    ),
    "outside": (
        lambda text: text.replace(b"<STMTRS>", b"<SOMETHING>"),
        ("ofx.order", "STMTTRN"),
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_wrong_is_an_error(statement, leaves, collected, codes, what):
    """What is wrong is said with its code and its tag, and the read is not complete."""
    change, problem = REFUSALS[what]
    content = change(statement(leaves()))

    assert problem in codes(content)
    assert not collected(content).report.complete


@pytest.mark.parametrize("balance", ["", "<LEDGERBAL>\n<BALAMT> \n<DTASOF>\n</LEDGERBAL>\n"])
def test_missing_balance_is_no_error(statement, leaves, collected, balance):
    """Without a ledger balance nothing can be proved, which is a warning as with one."""
    read = collected(statement(leaves(), balance=balance))

    assert _statements(read)[0].closing_minor is None
    assert [one.code for one in read.report.problems] == ["statement.incomplete"]
    assert read.report.complete


def test_endless_transaction_is_given_up(monkeypatch):
    """A transaction without an end is given up at its bound, and not kept in memory."""
    monkeypatch.setattr(pieces, "_PIECE_MAX", 10_000)
    monkeypatch.setattr(pieces, "_CHUNK_BYTES", 1_000)
    content = b"<OFX><STMTRS><CURDEF>USD<STMTTRN><MEMO>" + b"x" * 50_000
    read = OfxReader().read(io.BytesIO(content), name="x").collect()

    assert next(one.code for one in read.report.errors) == "file.too-large"
