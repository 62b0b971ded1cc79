"""Reading extracts of Oracle Receivables to values, beside ``csv.reader`` on the same files.

One file has open payment schedules, one a row; an archive has schedules of invoices and receipts with
an application for each pair, so that all of them are joined and checked.
"""

from __future__ import annotations

import atexit
import csv
import functools
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ITEMS", "archive_file", "benchmarks", "schedules_file"]

ITEMS: Final = 1_000_000

_SCHEDULES: Final = (
    "PAYMENT_SCHEDULE_ID,CLASS,STATUS,CUSTOMER_ID,CUSTOMER_TRX_ID,CASH_RECEIPT_ID,TRX_NUMBER,"
    "TRX_DATE,DUE_DATE,GL_DATE,GL_DATE_CLOSED,TERMS_SEQUENCE_NUMBER,INVOICE_CURRENCY_CODE,"
    "AMOUNT_DUE_ORIGINAL,AMOUNT_DUE_REMAINING,ORG_ID"
)
_APPLICATIONS: Final = (
    "RECEIVABLE_APPLICATION_ID,APPLICATION_TYPE,STATUS,GL_DATE,CASH_RECEIPT_ID,"
    "PAYMENT_SCHEDULE_ID,APPLIED_PAYMENT_SCHEDULE_ID,AMOUNT_APPLIED,DISPLAY"
)


@attrs.frozen
class Answer:
    """How many rows a side saw, and what they sum up to in minor units."""

    rows: int
    sum_minor: int


def benchmarks(items: int = ITEMS) -> Iterable[Benchmark]:
    """Typed values beside the bare parser of the format."""
    yield Benchmark(
        name="oracle: payment schedules to documents",
        size=items,
        ours=functools.partial(ours, items, joined=False),
        peer_name="csv.reader, amounts added up",
        peer=functools.partial(bare, items, joined=False),
        check=_check,
        runs=3,
    )
    yield Benchmark(
        name="oracle: schedules and applications joined",
        size=items,
        ours=functools.partial(ours, items, joined=True),
        peer_name="csv.reader on the unpacked members, amounts added up",
        peer=functools.partial(bare, items, joined=True),
        check=_check,
        runs=3,
    )


def ours(items: int, *, joined: bool) -> Answer:
    """What an application does: every document and receipt as a value, added up."""
    from receivables.allocation import SourceAllocation  # noqa: PLC0415  # measured when loaded
    from receivables.documents import Document  # noqa: PLC0415  # see above
    from receivables.money import to_minor  # noqa: PLC0415  # see above
    from receivables.receipts import Receipt  # noqa: PLC0415  # see above
    from receivables_plugins.oracle.settings import EbsSettings  # noqa: PLC0415  # see above
    from receivables_plugins.oracle.source import EbsSource  # noqa: PLC0415  # see above

    path = archive_file(items) if joined else schedules_file(items)
    count = total = 0
    with path.open("rb") as stream:
        read = EbsSource(EbsSettings(creditor="MIRA")).read(stream, name=path.name)
        for row in read:
            if isinstance(row, SourceAllocation):
                count += 1
            elif isinstance(row, Document):
                count += 1
                total += to_minor(row.total)
            elif isinstance(row, Receipt):
                count += 1
                total -= to_minor(row.amount)
    assert read.report.complete
    return Answer(count, total)


def bare(items: int, *, joined: bool) -> Answer:
    """The rows as lists of texts, and one amount of each."""
    if not joined:
        with schedules_file(items).open(encoding="utf-8", newline="") as lines:
            return Answer(*_added(lines, 13))
    with zipfile.ZipFile(archive_file(items)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    count, total = _added(io.StringIO(texts["schedules.csv"]), 13)
    more, _ = _added(io.StringIO(texts["applications.csv"]), 7)
    return Answer(count + more, total)


def _added(lines: Iterable[str], column: int) -> tuple[int, int]:
    rows = csv.reader(lines)
    next(rows)
    count = total = 0
    for row in rows:
        count += 1
        total += int(row[column].replace(".", ""))
    return count, total


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer, f"{ours} and {peer}"


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="receivables-oracle-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def schedules_file(items: int) -> Path:
    """Open invoices, one a row, written once."""
    path = _folder() / f"{items}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(_schedules(items, is_open=True))
    return path


@functools.cache
def archive_file(items: int) -> Path:
    """As many invoices and receipts together, each pair with the application that settles it."""
    path = _folder() / f"{items}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("schedules.csv", "".join(_pairs(items)))
        archive.writestr("applications.csv", "".join(_applications(items)))
    return path


def _units(index: int) -> str:
    minor = index * 7_919 % 1_000_000 + 100
    return f"{minor // 100}.{minor % 100:02}"


def _schedules(items: int, *, is_open: bool) -> Iterator[str]:
    yield f"{_SCHEDULES}\r\n"
    for index in range(items):
        amount = _units(index)
        month = index % 9 + 1
        status, left = ("OP", amount) if is_open else ("CL", "0")
        yield (
            f"{10_000_000 + index},INV,{status},{index % 5_000 + 1_000},{20_000_000 + index},,"
            f"F-{index:08},2026-{month:02}-03,2026-{month + 1:02}-03,2026-{month:02}-03,"
            f"4712-12-31,1,EUR,{amount},{left},204\r\n"
        )


def _pairs(items: int) -> Iterator[str]:
    yield from _schedules(items // 2, is_open=False)
    for index in range(items // 2):
        yield (
            f"{50_000_000 + index},PMT,CL,{index % 5_000 + 1_000},,{60_000_000 + index},"
            f"R-{index:08},2026-10-03,2026-10-03,2026-10-03,2026-10-05,1,EUR,-{_units(index)},0,204\r\n"
        )


def _applications(items: int) -> Iterator[str]:
    yield f"{_APPLICATIONS}\r\n"
    for index in range(items // 2):
        yield (
            f"{70_000_000 + index},CASH,APP,2026-10-05,{60_000_000 + index},{50_000_000 + index},"
            f"{10_000_000 + index},{_units(index)},Y\r\n"
        )
