"""Reading a Cybersource batch report of a million transactions, beside the bare parsers.

The report is one of a day, as CSV and as XML.  The service is not measured: it gives the same report
over a connection, and the connection is what takes the time.
"""

from __future__ import annotations

import atexit
import csv
import datetime as dt
import functools
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ROWS", "benchmarks", "report_file"]

ROWS: Final = int(os.environ.get("RECEIVABLES_BENCHMARK_ROWS", "1000000"))
_DAY: Final = dt.date(2026, 10, 5)
_PIECE: Final = 10_000


@attrs.frozen
class Answer:
    """How many transactions a side saw, and what they come to in minor units where it knows."""

    rows: int
    sum_minor: int | None = None


def benchmarks() -> Iterable[Benchmark]:
    """Typed movements beside the parser of the same format, which makes nothing of what it parses."""
    for form, peer, bare in (("csv", "csv.reader", bare_csv), ("xml", "expat", bare_xml)):
        yield Benchmark(
            name=f"cybersource {form}: a report to movements",
            size=ROWS,
            ours=functools.partial(ours, form),
            peer_name=f"{peer}, bare",
            peer=bare,
            check=_check,
            runs=3,
        )


def ours(form: str) -> Answer:
    """What an application does: every movement as a value, added up."""
    from receivables_plugins.cybersource.reader import (  # noqa: PLC0415  # measured when loaded
        CybersourceReader,
    )
    from receivables_plugins.cybersource.settings import (  # noqa: PLC0415  # see above
        CybersourceReportSettings,
    )

    reader = CybersourceReader(CybersourceReportSettings())
    count = total = 0
    with report_file(form).open("rb") as stream:
        read = reader.read(stream, name=f"report.{form}")
        for row in read:
            count += 1
            total += row.gross_minor
    assert read.report.complete
    return Answer(count, total)


def bare_csv() -> Answer:
    """The rows of the file, taken apart and thrown away."""
    with report_file("csv").open(encoding="utf-8", newline="") as stream:
        return Answer(sum(1 for _ in csv.reader(stream)) - 2)


def bare_xml() -> Answer:
    """The requests of the file, counted as they begin."""
    count = 0

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        count += name == "Request"

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    with report_file("xml").open("rb") as stream:
        parser.ParseFile(stream)
    return Answer(count)


def _check(ours: Answer, peer: Answer) -> None:
    assert ours.rows == peer.rows == ROWS
    assert ours.sum_minor == sum(map(_minor, range(ROWS)))


@functools.cache
def report_file(form: str) -> Path:
    """The report in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-cybersource-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"report.{form}"
    with path.open("wb") as stream:
        stream.writelines(_pieces(form))
    return path


def _pieces(form: str) -> Iterator[bytes]:
    """The report in pieces, cut out of many small ones, so that it never stands in memory."""
    from receivables.testing.fakes.cybersource import (  # noqa: PLC0415  # needed to write it alone
        CybersourceTransaction,
        batch_csv,
        batch_xml,
    )

    make = {"csv": batch_csv, "xml": batch_xml}[form]
    empty = make([], merchant="mira", day=_DAY)
    end = empty.index(b"</Requests>") if form == "xml" else len(empty)
    yield empty[:end]
    for first in range(0, ROWS, _PIECE):
        rows = [
            CybersourceTransaction(
                request=f"7283640172{index:012}",
                reference=f"INV-{index:07}",
                amount=f"{_minor(index) // 100}.{_minor(index) % 100:02}",
                day=_DAY,
            )
            for index in range(first, min(first + _PIECE, ROWS))
        ]
        whole = make(rows, merchant="mira", day=_DAY)
        yield whole[end : len(whole) - (len(empty) - end)]
    yield empty[end:]


def _minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1
