"""Reading an OFX statement of 100,000 transactions to values, beside a plain loop over its tags.

The file is SGML as banks write it: a leaf on each line, without end tags.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import importlib.util
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ENTRIES", "benchmarks"]

ENTRIES: Final = 100_000
_PEER_ENTRIES: Final = 2_000
_LEAF: Final = re.compile(r"<(\w+)>([^<\r\n]*)")


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Every value of each entry beside what a loop written by hand takes of it, and libraries."""
    yield Benchmark(
        name="ofx: statement to typed values",
        size=ENTRIES,
        ours=functools.partial(ours, ENTRIES),
        peer_name="a plain loop that splits and converts",
        peer=functools.partial(plain_loop, ENTRIES),
        limit=2.0,
        check=_check,
        runs=5,
    )
    peers = {
        "ofxtools": ("ofxtools (to typed models)", ofxtools),
        "ofxparse": ("ofxparse", ofxparse),
    }
    for module, (name, peer) in peers.items():
        if importlib.util.find_spec(module):
            yield Benchmark(
                name=f"ofx: beside the library {module}",
                size=_PEER_ENTRIES,
                ours=functools.partial(ours, _PEER_ENTRIES),
                peer_name=name,
                peer=functools.partial(peer, _PEER_ENTRIES),
                check=_check,
                runs=3,
            )


def ours(entries: int) -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.ofx.reader import OfxReader  # noqa: PLC0415  # see above

    count = total = 0
    with statement_file(entries).open("rb") as stream:
        read = OfxReader().read(stream, name="statement.ofx")
        for row in read:
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
        assert read.report.complete, read.report.problems[:3]
    return Answer(count, total)


def plain_loop(entries: int) -> Answer:
    """What one writes by hand for one bank: the whole file, split, its leaves, two conversions."""
    text = statement_file(entries).read_text(encoding="utf-8")
    count, total = 0, Decimal(0)
    for block in text.split("<STMTTRN>")[1:]:
        leaves = dict(_LEAF.findall(block))
        amount, *_ = _converted(leaves)
        count += 1
        total += amount
    return Answer(count, int(total * 100))


def _converted(leaves: dict[str, str]) -> tuple[Decimal, dt.date, str, str, str]:
    day = leaves["DTPOSTED"]
    date = dt.date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    return Decimal(leaves["TRNAMT"]), date, leaves["FITID"], leaves["NAME"], leaves["MEMO"]


def ofxtools(entries: int) -> Answer:
    """The same by ofxtools."""
    from ofxtools.Parser import OFXTree  # noqa: PLC0415  # a peer

    tree = OFXTree()
    with statement_file(entries).open("rb") as stream:
        tree.parse(stream)
    (statement,) = tree.convert().statements
    amounts = [one.trnamt for one in statement.banktranlist]
    return Answer(len(amounts), int(sum(amounts) * 100))


def ofxparse(entries: int) -> Answer:
    """The same by ofxparse."""
    from ofxparse import OfxParser  # noqa: PLC0415  # a peer

    with statement_file(entries).open("rb") as stream:
        parsed = OfxParser.parse(stream)
    amounts = [one.amount for one in parsed.account.statement.transactions]
    return Answer(len(amounts), int(sum(amounts) * 100))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer, f"{ours} against {peer}"
    assert ours.sum_minor == sum(_amount_minor(index) for index in range(ours.entries))


@functools.cache
def statement_file(entries: int) -> Path:
    """A statement of so many transactions in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-ofx-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.ofx"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(_pieces(entries))
    return path


def _pieces(entries: int) -> Iterator[str]:
    yield (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\n"
        "COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS>"
        "<CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261031180000<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>\n"
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS>\n<STMTRS>\n"
        "<CURDEF>USD\n<BANKACCTFROM>\n<BANKID>121000248\n<ACCTID>0123456789\n<ACCTTYPE>CHECKING\n"
        "</BANKACCTFROM>\n<BANKTRANLIST>\n<DTSTART>20261001\n<DTEND>20261031\n"
    )
    for index in range(entries):
        minor = _amount_minor(index)
        sign = "-" if minor < 0 else ""
        yield (
            f"<STMTTRN>\n<TRNTYPE>{'CREDIT' if minor > 0 else 'DEBIT'}\n"
            f"<DTPOSTED>202610{index % 28 + 1:02}120000[-5:EST]\n"
            f"<TRNAMT>{sign}{abs(minor) // 100}.{abs(minor) % 100:02}\n<FITID>2026{index:09}\n"
            f"<NAME>CUSTOMER {index * 31 % 5000} INC\n<MEMO>Invoice {index:07} and thanks\n</STMTTRN>\n"
        )
    yield (
        "</BANKTRANLIST>\n<LEDGERBAL>\n<BALAMT>1000.00\n<DTASOF>20261031\n</LEDGERBAL>\n"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )


def _amount_minor(index: int) -> int:
    minor = index * 7_919 % 1_000_000 + 1
    return minor if index % 10 else -minor
