"""Reading Moneris files of a million rows, beside the bare parsers.

A bank reconciliation of Merchant Direct as CSV, and receipts of the older gateway as XML.  The
service is not measured: pages of twenty rows are bound by the connection.
"""

from __future__ import annotations

import atexit
import csv
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ROWS", "benchmarks", "export_file", "receipt_file"]

ROWS: Final = int(os.environ.get("RECEIVABLES_BENCHMARK_ROWS", "1000000"))


@attrs.frozen
class Answer:
    """How many rows a side saw, and what they come to in minor units where it knows."""

    rows: int
    sum_minor: int | None = None


def benchmarks() -> Iterable[Benchmark]:
    """Values beside the parser of the same format, which makes nothing of what it parses."""
    yield Benchmark(
        name="moneris-direct: an export to payouts",
        size=ROWS,
        ours=ours_direct,
        peer_name="csv.reader, bare",
        peer=bare_csv,
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name="moneris-receipts: receipts to movements",
        size=ROWS,
        ours=ours_receipts,
        peer_name="expat, bare",
        peer=bare_xml,
        check=_check,
        runs=3,
    )


def ours_direct() -> Answer:
    """Every deposit as a payout, added up."""
    from receivables_plugins.moneris.direct import (  # noqa: PLC0415  # measured when loaded
        MonerisDirectReader,
    )
    from receivables_plugins.moneris.settings import (  # noqa: PLC0415  # see above
        MonerisDirectSettings,
    )

    reader = MonerisDirectReader(MonerisDirectSettings())
    return _added(reader, export_file(), lambda row: row.amount_minor)


def ours_receipts() -> Answer:
    """Every approved receipt as a movement, added up."""
    from receivables_plugins.moneris.receipts import (  # noqa: PLC0415  # measured when loaded
        MonerisReceiptReader,
    )
    from receivables_plugins.moneris.settings import (  # noqa: PLC0415  # see above
        MonerisReceiptSettings,
    )

    reader = MonerisReceiptReader(MonerisReceiptSettings())
    return _added(reader, receipt_file(), lambda row: row.gross_minor)


def _added(reader: Any, path: Path, minor: Callable[[Any], int]) -> Answer:  # noqa: ANN401  # either
    count = total = 0
    with path.open("rb") as stream:
        read = reader.read(stream, name=path.name)
        for row in read:
            count += 1
            total += minor(row)
    assert read.report.complete
    return Answer(count, total)


def bare_csv() -> Answer:
    """The rows of the file, taken apart and thrown away."""
    with export_file().open(encoding="utf-8", newline="") as stream:
        return Answer(sum(1 for _ in csv.reader(stream)) - 1)


def bare_xml() -> Answer:
    """The receipts of the file, counted as they begin."""
    count = 0

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        count += name == "receipt"

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    with receipt_file().open("rb") as stream:
        parser.ParseFile(stream)
    return Answer(count)


def _check(ours: Answer, peer: Answer) -> None:
    assert ours.rows == peer.rows == ROWS
    assert ours.sum_minor == sum(map(_minor, range(ROWS)))


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="receivables-moneris-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def export_file() -> Path:
    """A bank reconciliation in a temporary folder, written once."""
    path = _folder() / "bank.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(_export())
    return path


def _export() -> Iterator[str]:
    yield "Date,Merchant Number,Payment Type,Amount,Currency,Description,Reference Number\n"
    for index in range(ROWS):
        day = f"2026{index % 12 + 1:02}{index % 28 + 1:02}"
        minor = _minor(index)
        yield f"{day},0012345678901,Deposit,{minor // 100}.{minor % 100:02},CAD,day,D-{index:08}\n"


@functools.cache
def receipt_file() -> Path:
    """Receipts in a temporary folder, written once."""
    path = _folder() / "receipts.xml"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(_receipts())
    return path


def _receipts() -> Iterator[str]:
    yield "<responses>\n"
    for index in range(ROWS):
        minor = _minor(index)
        yield (
            f"<response><receipt><ReceiptId>INV-{index:07}</ReceiptId>"
            f"<ReferenceNum>66002173001{index:07}</ReferenceNum><ResponseCode>027</ResponseCode>"
            "<ISO>01</ISO><AuthCode>123456</AuthCode><TransTime>10:11:12</TransTime>"
            f"<TransDate>2026-{index % 12 + 1:02}-{index % 28 + 1:02}</TransDate>"
            "<TransType>00</TransType><Complete>true</Complete><Message>APPROVED</Message>"
            f"<TransAmount>{minor // 100}.{minor % 100:02}</TransAmount><CardType>V</CardType>"
            f"<TransID>{index}-0_11</TransID><TimedOut>false</TimedOut></receipt></response>\n"
        )
    yield "</responses>\n"


def _minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1
