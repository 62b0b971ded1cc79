"""A message is recognized and read by its content, whatever wraps or names it."""

from __future__ import annotations

import attrs
import pytest

from receivables.receipts.model import BankEntry
from receivables_plugins.iso20022.reader import Camt053Reader

FORMS = {
    "version 02": lambda content: content.replace(b"001.08", b"001.02"),
    "version 14": lambda content: content.replace(b"001.08", b"001.14"),
    "no namespace": lambda content: content.replace(
        b' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', b""
    ),
    "a prefix": lambda content: (
        content.replace(b"</", b"</c:")
        .replace(b"<", b"<c:")
        .replace(b"<c:/c:", b"</c:")
        .replace(b"<c:?", b"<?")
        .replace(b"xmlns=", b"xmlns:c=")
    ),
    "an envelope": lambda content: (
        content.replace(b"<Document", b"<Msg><AppHdr><Id>A</Id></AppHdr><Document") + b"</Msg>"
    ),
    "the message alone": lambda content: (
        content.replace(b"<Document ", b"<BkToCstmrStmt ")
        .replace(b"<BkToCstmrStmt>", b"", 1)
        .replace(b"</Document>", b"")
    ),
    "comments": lambda content: content.replace(b"<Amt", b"<!-- <Amt>9</Amt> --><Amt"),
    "CDATA": lambda content: content.replace(b">100.00<", b"><![CDATA[100.00]]><"),
    "character references": lambda content: content.replace(b">100.00<", b">1&#48;0.00<"),
    "blanks around texts": lambda content: content.replace(b">100.00<", b">\n 100.00\t<"),
    "unknown elements": lambda content: content.replace(
        b"<Ntry>", b"<Ntry><Own><Amt>9</Amt><Ntry><Amt>1</Amt></Ntry></Own>"
    ),
    "foreign schema location": lambda content: content.replace(
        b" xmlns=", b' schemaLocation="x file:///C:/x.xsd" xmlns='
    ),
}


@pytest.fixture(scope="module")
def content(message, statement, entry, detail, element, balance):
    """A message with four entries of the same shape, each of one transaction."""
    each = entry(details=detail(element("RmtInf/Ustrd", "A &amp; B")))
    balances = balance("OPBD", "0.00") + balance("CLBD", "400.00")
    return message(statement(each * 4, balances=balances))


def _without_raw(rows):
    return [attrs.evolve(row, raw="") if isinstance(row, BankEntry) else row for row in rows]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records(form, content, read):
    """Versions, namespaces, prefixes, wraps, comments and the like change no figure."""
    changed = FORMS[form](content)
    collected = read(changed)

    assert _without_raw(read(content).rows) == _without_raw(collected.rows)
    assert collected.report.complete
    assert collected.rows[0].details[0].remittance.text == ("A & B",)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_recognized(form, content):
    """The head of each form is recognized, whatever the file is called."""
    assert Camt053Reader().recognizes(FORMS[form](content)[:4096], name="download.txt")


@pytest.mark.parametrize("size", [1, 7, 64])
def test_chunks_may_end_anywhere(size, content, read, drip):
    """A stream that gives few bytes at a time gives the same records."""
    assert read(content).rows == read(drip(content, size)).rows


RECOGNIZED = {
    "utf-16": "<Document><BkToCstmrStmt>".encode("utf-16"),
    "a header before the document": b"<AppHdr><MsgDefIdr>camt.054.001.08</MsgDefIdr></AppHdr>",
    "first version": b"<BkToCstmrAcctRptV01>",
    "cut in its namespace": b"<D xmlns='urn:iso:std:iso:20022:tech:xsd:camt.052.001",
}

NOT_RECOGNIZED = {
    "nothing": b"",
    "another message": b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08">',
    "a request for a statement": b"<AcctRptgReq><ReqdMsgNmId>camt.053.001.08</ReqdMsgNmId>",
    "text about it": b"BkToCstmrStmt is the element of camt.053.001.08",
    "MT940": b":20:STARTUMSE\n:25:10020030/1234567",
}


@pytest.mark.parametrize("name", RECOGNIZED)
def test_recognized(name):
    """A head is enough that has the element, the namespace or the identifier of the message."""
    assert Camt053Reader().recognizes(RECOGNIZED[name], name="x")


@pytest.mark.parametrize("name", NOT_RECOGNIZED)
def test_not_recognized(name):
    """The name of the message in passing is not the message."""
    assert not Camt053Reader().recognizes(NOT_RECOGNIZED[name], name="statement.camt053.xml")
