"""Reading an extract of FSLEDG of a million rows to values, beside a bare loop over the csv module.

The file is as a Movex site writes it: a heading of fields with the prefix ``ES``, semicolons, days
as yyyymmdd; of four rows three are invoices and one is a payment of the first of them.  The ledger
service is not measured: what it takes is the time of M3 to answer.
"""

from __future__ import annotations

import atexit
import csv
import datetime as dt
import functools
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ROWS", "benchmarks", "extract_file"]

ROWS: Final = 1_000_000
_FIELDS: Final = (
    *("ESCONO", "ESDIVI", "ESPYNO", "ESCUNO", "ESCINO", "ESINYR", "ESTRCD", "ESRECO", "ESREDE"),
    *("ESIVDT", "ESDUDT", "ESACDT", "ESCUCD", "ESCUAM", "ESTEPY", "ESYEA4", "ESJRNO", "ESJSNO"),
)


@attrs.frozen
class Answer:
    """How many documents a side saw, and what is open of them in minor units."""

    documents: int
    open_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside the bare parser of the format, and beside what one writes by hand."""
    yield Benchmark(
        name="m3: rows of FSLEDG to documents, beside the bare parser",
        size=ROWS,
        ours=functools.partial(ours, ROWS),
        peer_name="csv.reader",
        peer=functools.partial(bare_parser, ROWS),
        runs=2,
    )
    yield Benchmark(
        name="m3: rows of FSLEDG to documents, beside a loop",
        size=ROWS,
        ours=functools.partial(ours, ROWS),
        peer_name="a plain loop: csv, Decimal, date, a dictionary",
        peer=functools.partial(plain_loop, ROWS),
        check=_check,
        runs=2,
    )


def ours(rows: int) -> Answer:
    """What an application does: every document, and what is settled of it."""
    from receivables.allocation import SourceAllocation  # noqa: PLC0415  # measured when loaded
    from receivables.documents import CreditNote, Document  # noqa: PLC0415  # see above
    from receivables.money import to_minor  # noqa: PLC0415  # see above
    from receivables_plugins.m3.extract import M3ExtractSource  # noqa: PLC0415  # see above
    from receivables_plugins.m3.settings import ExtractSettings  # noqa: PLC0415  # see above

    count = total = 0
    with extract_file(rows).open("rb") as stream:
        read = M3ExtractSource(ExtractSettings(creditor="MIRA")).read(stream, name="FSLEDG.csv")
        for row in read:
            if isinstance(row, Document):
                count += 1
                total += to_minor(row.total) * (-1 if isinstance(row, CreditNote) else 1)
            elif isinstance(row, SourceAllocation):
                total -= row.settled_minor or 0
    assert read.report.complete
    return Answer(count, total)


def bare_parser(rows: int) -> int:
    """The parser of the standard library alone, which makes nothing of the rows."""
    with extract_file(rows).open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream, delimiter=";"))


def plain_loop(rows: int) -> Answer:
    """What one writes by hand: a Decimal and four days of each row, summed by identity."""
    groups: dict[tuple[str, ...], Decimal] = {}
    days: tuple[object, ...] = ()
    with extract_file(rows).open(encoding="utf-8", newline="") as stream:
        source = csv.reader(stream, delimiter=";")
        next(source)
        for row in source:
            key = (row[1], row[2], row[4], row[5])
            days = tuple(_date(row[place]) for place in (8, 9, 10, 11))
            groups[key] = groups.get(key, Decimal(0)) + Decimal(row[13])
    assert len(days) == 4
    return Answer(len(groups), int(sum(groups.values()) * 100))


def _date(text: str) -> dt.date | None:
    if text == "0":
        return None
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer


@functools.cache
def extract_file(rows: int) -> Path:
    """A file of so many rows in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-m3-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{rows}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(";".join(_FIELDS) + "\r\n")
        stream.writelines(f"{row}\r\n" for row in _rows(rows))
    return path


def _rows(rows: int) -> Iterator[str]:
    for index in range(rows):
        is_payment = index % 4 == 3
        invoice = index - 3 if is_payment else index
        minor = invoice * 7_919 % 1_000_000 + 400
        amount = -minor // 4 if is_payment else minor
        day = f"202610{index % 28 + 1:02}" if is_payment else f"202608{index % 28 + 1:02}"
        payer = f"C-{invoice % 5_000:05}"
        sign = "-" if amount < 0 else ""
        yield (
            f"1;AAA;{payer};{payer};{invoice:09};2026;{20 if is_payment else 10};0;0;{day};20260930;"
            f"{day};EUR;{sign}{abs(amount) // 100}.{abs(amount) % 100:02};030;2026;{index // 100 + 1};"
            f"{index % 100 + 1}"
        )
