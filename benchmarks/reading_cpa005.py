"""Reading a Standard 005 file of 100,000 debits to advices, beside a loop that slices and converts.

The file is as a Canadian creditor has it back: records of six segments, each a collection.
"""

from __future__ import annotations

import atexit
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

__all__ = ["ENTRIES", "benchmarks", "cpa005_file"]

ENTRIES: Final = 100_000
_EACH: Final = 6
_HEAD: Final = "55500011120001"


@attrs.frozen
class Answer:
    """How many transactions a side saw, and what they sum up to."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Every value of every segment beside the least that is done by hand."""
    yield Benchmark(
        name="cpa005: segments to advices",
        size=ENTRIES,
        ours=ours,
        peer_name="a loop that slices, Decimal and date",
        peer=plain_loop,
        limit=2.0,
        check=_check,
        runs=5,
    )


def ours() -> Answer:
    """What an application does: every advice as a value, added up."""
    from receivables.receipts import PaymentAdvice  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.cpa005.reader import Cpa005Reader  # noqa: PLC0415  # see above
    from receivables_plugins.cpa005.settings import Cpa005Settings  # noqa: PLC0415  # see above

    count = total = 0
    with cpa005_file(ENTRIES).open("rb") as stream:
        read = Cpa005Reader(Cpa005Settings()).read(stream, name="october.aft")
        for row in read:
            if type(row) is PaymentAdvice:
                count += 1
                total += row.amount_minor
    assert read.report.complete
    return Answer(count, total)


def plain_loop() -> Answer:
    """What one writes by hand: slices, a Decimal and a date of each segment."""
    count = total = 0
    with cpa005_file(ENTRIES).open(encoding="ascii") as stream:
        for line in stream:
            if line[0] != "D":
                continue
            for start in range(24, 1464, 240):
                one = line[start : start + 240]
                if not one.strip():
                    continue
                amount = Decimal(one[3:13]) / 100
                first = dt.date(2000 + int(one[14:16]), 1, 1)
                _entry = (
                    one[:3],
                    amount,
                    first + dt.timedelta(days=int(one[16:19]) - 1),
                    one[19:28],
                    one[28:40].strip(),
                    one[40:62].strip(),
                    one[62:65],
                    one[65:80].strip(),
                    one[80:110].strip(),
                    one[110:140].strip(),
                    one[140:150],
                    one[150:169].strip(),
                    one[190:205].strip(),
                    one[205:227].strip(),
                    one[229:240],
                )
                count += 1
                total += int(amount * 100)
    return Answer(count, total)


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer == Answer(ENTRIES, sum(map(_amount_minor, range(ENTRIES))))


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


@functools.cache
def cpa005_file(entries: int) -> Path:
    """A file of so many debits in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-cpa005-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.aft"
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.writelines(f"{record:1464}\n" for record in _records(entries))
    return path


def _records(entries: int) -> Iterator[str]:
    yield f"A{1:09}{_HEAD}02630400320{'':20}CAD"
    firsts = range(0, entries, _EACH)
    for number, first in enumerate(firsts, start=2):
        segments = map(_segment, range(first, min(first + _EACH, entries)))
        yield f"D{number:09}{_HEAD}{''.join(segments)}"
    total = sum(map(_amount_minor, range(entries)))
    yield f"Z{len(firsts) + 2:09}{_HEAD}{total:014}{entries:08}{'0' * 66}"


def _segment(index: int) -> str:
    return (
        f"450{_amount_minor(index):010}026{index % 365 + 1:03}000412345{index % 9_999_999:<12}"
        f"{index:022}000{'MAPLE':15}{f'CUSTOMER {index % 5000}':30}{'MAPLE GOODS INC':30}5550001112"
        f"{f'INV{index:07}':19}000399999{'1122334':12}{'':15}{'':22}  {'0' * 11}"
    )
