"""Statements of our own invention, in the spellings that banks have."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables.receipts.model import BankEntry
from receivables_plugins.ofx.reader import OfxReader

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
LEAVES = "<TRNTYPE>CREDIT\n<DTPOSTED>20261030\n<TRNAMT>12.50\n<FITID>F1\n<NAME>ANNA\n<MEMO>INV 1\n"


@pytest.fixture
def shared(root):
    """The files of others beside this checkout."""
    folder = Path(root).parent / "shared" / "corpora" / "bank"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder


@pytest.fixture
def leaves():
    """The leaves of a transaction, with some of them replaced; None leaves one away."""

    def write(**changes):
        said = dict(line[1:].split(">", 1) for line in LEAVES.splitlines()) | {
            name.upper(): value for name, value in changes.items()
        }
        return "".join(f"<{name}>{value}\n" for name, value in said.items() if value is not None)

    return write


@pytest.fixture
def statement():
    """Write a statement of transactions, each given by its leaves."""

    def write(
        *transactions,
        balance="<LEDGERBAL>\n<BALAMT>120.00\n<DTASOF>20261031\n</LEDGERBAL>\n",
        currency="USD",
        account="0123",
        period="<DTSTART>20261001\n<DTEND>20261031\n",
        kind="STMTRS",
        header=HEADER,
        encoding="utf-8",
    ):
        listed = "".join(f"<STMTTRN>\n{one}</STMTTRN>\n" for one in transactions)
        return (
            f"{header}<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
            f"<DTSERVER>20261101120000</SONRS></SIGNONMSGSRSV1>\n<STMTTRNRS>\n<{kind}>\n"
            f"<CURDEF>{currency}\n<BANKACCTFROM>\n<BANKID>1\n<ACCTID>{account}\n</BANKACCTFROM>\n"
            f"<BANKTRANLIST>\n{period}{listed}</BANKTRANLIST>\n{balance}</{kind}>\n</STMTTRNRS>\n</OFX>\n"
        ).encode(encoding)

    return write


@pytest.fixture
def collected():
    """Read bytes."""

    def read(content):
        return OfxReader().read(io.BytesIO(content), name="statement.ofx").collect()

    return read


@pytest.fixture
def entries(collected):
    """The entries of what is read."""

    def read(content):
        return [row for row in collected(content).rows if isinstance(row, BankEntry)]

    return read


@pytest.fixture
def codes(collected):
    """The problems of what is read but the one that every file has, as pairs of code and field."""

    def read(content):
        problems = collected(content).report.problems
        found = [(one.code, one.place.field) for one in problems]
        return [pair for pair in found if pair[0] != "statement.incomplete"]

    return read
