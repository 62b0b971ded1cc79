"""Messages made for the tests of the readers of ISO 20022, by a small writer of our own."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.iso20022 import receivables_advice_readers
from receivables_plugins.iso20022.reader import Camt053Reader

_MESSAGES = {
    "053": ("BkToCstmrStmt", "Stmt"),
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def _element(path, content="", **attributes):
    """Nested elements from a path, the last one with the content and the attributes."""
    *outer, last = path.split("/")
    said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    opened = "".join(f"<{name}>" for name in outer)
    closed = "".join(f"</{name}>" for name in reversed(outer))
    return f"{opened}<{last}{said}>{content}</{last}>{closed}"


def _balance(kind, amount, *, sign="CRDT", currency="EUR", date="2026-10-31"):
    return _element(
        "Bal",
        _element("Tp/CdOrPrtry/Cd", kind)
        + _element("Amt", amount, Ccy=currency)
        + _element("CdtDbtInd", sign)
        + _element("Dt/Dt", date),
    )


def _entry(
    amount="100.00",
    *,
    sign="CRDT",
    currency="EUR",
    status="BOOK",
    date="2026-10-05",
    details="",
    more="",
):
    return _element(
        "Ntry",
        _element("Amt", amount, Ccy=currency)
        + _element("CdtDbtInd", sign)
        + _element("Sts/Cd", status)
        + (_element("BookgDt/Dt", date) if date else "")
        + more
        + details,
    )


def _detail(*parts):
    return _element("NtryDtls/TxDtls", "".join(parts))


def _statement(*parts, balances=None, head="", iban="FR7630006000011234567890189", name="Stmt"):
    if balances is None:
        balances = _balance("OPBD", "0.00") + _balance("CLBD", "100.00")
    return _element(
        name,
        _element("Id", "2026-10")
        + head
        + _element("Acct", _element("Id/IBAN", iban) + _element("Ccy", "EUR"))
        + balances
        + "".join(parts),
    )


def _message(*statements, kind="053", version="08", head="", prolog='<?xml version="1.0"?>\n'):
    return (
        prolog
        + _element(
            "Document",
            _element(
                _MESSAGES[kind][0],
                _element("GrpHdr", _element("MsgId", "M-1") + head) + "".join(statements),
            ),
            xmlns=f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}",
        )
    ).encode()


class Drip(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a slow source does."""

    def __init__(self, content, size):
        self._content = content
        self._size = size
        self._at = 0

    def read(self, _size=-1):
        piece = self._content[self._at : self._at + self._size]
        self._at += self._size
        return piece


@pytest.fixture(scope="session")
def element():
    """Write nested elements."""
    return _element


@pytest.fixture(scope="session")
def balance():
    """Write a balance."""
    return _balance


@pytest.fixture(scope="session")
def entry():
    """Write an entry: a booked credit of 100.00 unless told otherwise."""
    return _entry


@pytest.fixture(scope="session")
def detail():
    """Write the transaction of an entry."""
    return _detail


@pytest.fixture(scope="session")
def statement():
    """Write a statement, with balances from 0.00 to 100.00 unless told otherwise."""
    return _statement


@pytest.fixture(scope="session")
def message():
    """Write the bytes of a message."""
    return _message


@pytest.fixture(scope="session")
def drip():
    """A stream that gives a few bytes at a time."""
    return Drip


@pytest.fixture(scope="session")
def read():
    """Read bytes, or a stream."""

    def run(content, name="october.xml"):
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        return Camt053Reader().read(stream, name=name).collect()

    return run


@pytest.fixture(scope="session")
def first(read, message, statement):
    """Read a message of one statement with these entries, and return the first entry."""

    def run(*entries):
        rows = read(message(statement(*entries))).rows
        return next(row for row in rows if isinstance(row, BankEntry))

    return run


@pytest.fixture(scope="session")
def statements():
    """The statements among the rows of a read."""

    def of(collected):
        return [row for row in collected.rows if isinstance(row, BankStatement)]

    return of


@pytest.fixture(scope="session")
def codes():
    """The codes of the problems of a read."""

    def of(collected):
        return [problem.code for problem in collected.report.problems]

    return of


@pytest.fixture(scope="session")
def shared(root):
    """The folder of bank files written by others, beside this checkout."""
    folder = root.parent / "shared" / "corpora" / "bank"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder


def _wrapped(name, *parts, message="pain.008.001.08", prolog='<?xml version="1.0"?>\n', header=""):
    """The bytes of a message by the name of its element."""
    body = _element(name, _element("GrpHdr", _element("MsgId", "MSG-1") + header) + "".join(parts))
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{message}"
    return (prolog + _element("Document", body, xmlns=namespace)).encode()


@pytest.fixture(scope="session")
def wrapped():
    """Write the bytes of a message that is an advice."""
    return _wrapped


@pytest.fixture(scope="session")
def advise():
    """Read bytes with the advice reader of this name; advices, batches and the report."""

    def run(name, content, **settings):
        spec = next(one for one in receivables_advice_readers() if one.name == name)
        return spec.build(settings).read(io.BytesIO(content), name="advice.xml").collect()

    return run
