"""Reading a BAI2 report of 100,000 transactions to values, beside a plain loop over its lines.

Each transaction has a value date, both references, and a text that goes on in a continuation.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import importlib.util
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
_PEER_ENTRIES: Final = 10_000


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Every value of each entry beside what a loop written by hand takes of it, and a library."""
    yield Benchmark(
        name="bai2: report to typed values",
        size=ENTRIES,
        ours=functools.partial(ours, ENTRIES),
        peer_name="a plain loop that splits and converts",
        peer=functools.partial(plain_loop, ENTRIES),
        limit=2.0,
        check=_check,
        runs=5,
    )
    if importlib.util.find_spec("bai2"):
        yield Benchmark(
            name="bai2: beside the library bai2",
            size=_PEER_ENTRIES,
            ours=functools.partial(ours, _PEER_ENTRIES),
            peer_name="bai2 (Ministry of Justice)",
            peer=functools.partial(library, _PEER_ENTRIES),
            check=_check,
            runs=3,
        )


def ours(entries: int) -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.bai2.reader import Bai2Reader  # noqa: PLC0415  # see above

    count = total = 0
    with report_file(entries).open("rb") as stream:
        read = Bai2Reader().read(stream, name="report.bai")
        for row in read:
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
        assert read.report.complete, read.report.problems[:3]
    return Answer(count, total)


def plain_loop(entries: int) -> Answer:
    """What one writes by hand for one bank: split, convert, keep nothing."""
    count, total = 0, Decimal(0)
    row: list[str] = []
    text = ""
    with report_file(entries).open(encoding="utf-8") as stream:
        for line in stream:
            code, _, body = line.rstrip("\n").partition(",")
            if code == "88" and row:
                text += body
                continue
            if row:
                total += _converted(row, text)[0]
                count += 1
                row = []
            if code == "16":
                row = body.split(",", 7)
                text = row[7]
    return Answer(count, int(total * 100))


def _converted(row: list[str], text: str) -> tuple[Decimal, dt.date, str, str, str]:
    amount = Decimal(row[1]) / 100
    if int(row[0]) >= 400:
        amount = -amount
    day = row[3]
    date = dt.date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    return amount, date, row[5], row[6], text


def library(entries: int) -> Answer:
    """The same by the library bai2, with its control totals checked."""
    from bai2 import bai2  # noqa: PLC0415  # a peer

    with report_file(entries).open(encoding="utf-8") as stream:
        parsed = bai2.parse_from_file(stream)
    signs = {"credit": 1, "debit": -1}
    amounts = [
        signs[one.type_code.transaction.value] * one.amount
        for group in parsed.children
        for account in group.children
        for one in account.children
    ]
    return Answer(len(amounts), sum(amounts))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer, f"{ours} against {peer}"
    assert ours.sum_minor == sum(_amount_minor(index) for index in range(ours.entries))


@functools.cache
def report_file(entries: int) -> Path:
    """A report of so many transactions in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-bai2-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.bai"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(_lines(entries))
    return path


def _lines(entries: int) -> Iterator[str]:
    closing = sum(_amount_minor(index) for index in range(entries))
    control = closing + sum(
        2 * abs(_amount_minor(index)) for index in range(entries) if _amount_minor(index) < 0
    )
    control += closing
    yield "01,122099999,123456789,261031,0200,1,,,2/\n02,031001234,122099999,1,261030,2359,USD,2/\n"
    yield f"03,0123456789,USD,010,0,,,015,{closing},,/\n"
    for index in range(entries):
        minor = _amount_minor(index)
        yield (
            f"16,{195 if minor > 0 else 495},{abs(minor)},V,2610{index % 28 + 1:02},,"
            f"GI{index:012},E2E-{index:09},Incoming Wire From: Customer {index * 31 % 5000} Inc\n"
            f"88, Invoice {index:07} and thanks\n"
        )
    records = 2 * entries + 2
    yield f"49,{control},{records}/\n98,{control},1,{records + 2}/\n99,{control},1,{records + 4}/\n"


def _amount_minor(index: int) -> int:
    minor = index * 7_919 % 1_000_000 + 1
    return minor if index % 10 else -minor
