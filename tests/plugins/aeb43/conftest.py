"""Files made for the tests of the reader ``aeb43``, by a small writer of our own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry, BankStatement
from receivables_plugins.aeb43.reader import Aeb43Reader
from receivables_plugins.aeb43.settings import Aeb43Settings

_CORPORA = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"


def _head(
    *, account="21000418", number="0200051332", sign="2", opening=1000_00, currency="978", rest=""
):
    return (
        f"11{account}{number}261001261031{sign}{opening:014}{currency}3{'MIRABELLE SL':<26}{rest}"
    )


def _movement(  # the fields of a record, each by its name
    amount=100_00,
    *,
    sign="2",
    day="261005",
    value="261005",
    common="04",
    own="007",
    document="0000000000",
    first="000000000000",
    second="",
):
    return f"22    0418{day}{value}{common}{own}{sign}{amount:014}{document}{first:<12}{second:<16}"


def _text(text, number=1):
    return f"23{number:02}{text:<76}"


def _foot(  # the fields of a record, each by its name
    *,
    account="21000418",
    number="0200051332",
    debits=0,
    debited=0,
    credits=1,
    credited=100_00,
    sign="2",
    closing=1100_00,
    currency="978",
):
    return (
        f"33{account}{number}{debits:05}{debited:014}{credits:05}{credited:014}"
        f"{sign}{closing:014}{currency}"
    )


def _file(*records, count=None, head="", end="\r\n", is_closed=True):
    """The records as a file, each filled up to 80 characters, and record 88."""
    lines = [*((head,) if head else ()), *records]
    if is_closed:
        lines.append(f"88{'9' * 18}{len(records) if count is None else count:06}")
    return "".join(f"{line:<80}{end}" for line in lines).encode("iso-8859-1")


@pytest.fixture(scope="session")
def head():
    """A record 11: 1,000.00 euros on 1 October 2026."""
    return _head


@pytest.fixture(scope="session")
def movement():
    """A record 22: a transfer of 100.00 received on 5 October 2026."""
    return _movement


@pytest.fixture(scope="session")
def text():
    """A record 23."""
    return _text


@pytest.fixture(scope="session")
def foot():
    """A record 33: one credit of 100.00, and 1,100.00 at the end."""
    return _foot


@pytest.fixture(scope="session")
def file():
    """A file of records."""
    return _file


@pytest.fixture(scope="session")
def read():
    """Read bytes with the reader."""

    def read_bytes(content, **settings):
        reader = Aeb43Reader(Aeb43Settings(**settings))
        return reader.read(io.BytesIO(content), name="october.n43").collect()

    return read_bytes


@pytest.fixture(scope="session")
def one(head, foot, file, read):
    """The entry, or None, of a file with one movement, whatever record 33 says of it."""

    def read_one(*records, **settings):
        rows = read(file(head(), *records, foot()), **settings).rows
        return next((row for row in rows if isinstance(row, BankEntry)), None)

    return read_one


@pytest.fixture(scope="session")
def statements():
    """The statements among the rows of a read."""
    return lambda collected: [row for row in collected.rows if isinstance(row, BankStatement)]


@pytest.fixture(scope="session")
def whole(head, movement, text, foot, file):
    """A file with a transfer, a direct debit, a return and a cheque."""
    return file(
        head(),
        movement(document="0000004711", second="PEDIDO 2026-117"),
        text("CLIENTE UNO SL                        FACTURA 2026-117"),
        movement(250_00, common="06", own="112"),
        text("ABONO REMESA ADEUDOS SEPA"),
        movement(40_00, sign="1", common="14", own="120"),
        text("DEVOLUCION RECIBO 4712 MOTIVO AM04"),
        movement(15_50, common="01", own="010"),
        text("INGRESO CHEQUE"),
        foot(debits=1, debited=40_00, credits=3, credited=365_50, closing=1325_50),
    )


@pytest.fixture(scope="session")
def shared():
    """The files of banks and of other libraries that are beside this checkout."""
    if not _CORPORA.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return _CORPORA
