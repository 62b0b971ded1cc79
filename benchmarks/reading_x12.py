"""Reading an 820 of 100,000 open items to advices, beside a loop that splits and converts.

The interchange is as a large retailer sends it: payments of fifty invoices each, with gross, discount,
order and date of each invoice.
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

__all__ = ["ITEMS", "benchmarks", "x12_file"]

ITEMS: Final = 100_000
_ITEMS_EACH: Final = 50


@attrs.frozen
class Answer:
    """How many open items a side saw, and what is paid for them."""

    items: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Every value of every open item beside the least that is done by hand."""
    yield Benchmark(
        name="x12: open items to advices",
        size=ITEMS,
        ours=ours,
        peer_name="a loop that splits, Decimal and date",
        peer=plain_loop,
        limit=2.0,
        check=_check,
        runs=5,
    )


def ours() -> Answer:
    """What an application does: every advice as a value, its documents added up."""
    from receivables.receipts import PaymentAdvice  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.x12.reader import X12Reader  # noqa: PLC0415  # see above
    from receivables_plugins.x12.settings import X12Settings  # noqa: PLC0415  # see above

    count = total = 0
    with x12_file(ITEMS).open("rb") as stream:
        read = X12Reader(X12Settings()).read(stream, name="october.edi")
        for row in read:
            if type(row) is PaymentAdvice:
                for document in row.remittance.documents:
                    count += 1
                    total += document.amount_minor or 0
    assert read.report.complete
    return Answer(count, total)


def plain_loop() -> Answer:
    """What one writes by hand: segments split, three Decimals and a date of each open item."""
    count = total = 0
    text = x12_file(ITEMS).read_text(encoding="ascii")
    for segment in text.split("~"):
        elements = segment.strip().split("*")
        if elements[0] == "RMR":
            item = (elements[2], Decimal(elements[4]), Decimal(elements[5]), Decimal(elements[6]))
            count += 1
            total += int(item[1] * 100)
        elif elements[0] == "DTM":
            text = elements[2]
            _day = dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        elif elements[0] == "REF":
            _reference = (elements[1], elements[2])
    return Answer(count, total)


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer == Answer(ITEMS, sum(map(_paid_minor, range(ITEMS))))


def _paid_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


@functools.cache
def x12_file(items: int) -> Path:
    """An interchange of so many open items in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-x12-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{items}.edi"
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.writelines(f"{segment}~\n" for segment in _segments(items))
    return path


def _segments(items: int) -> Iterator[str]:
    yield (
        "ISA*00*          *00*          *ZZ*NORTHWIND      *ZZ*RIVERBANK      *261031*0915*:*00501"
        "*000000077*0*P*>"
    )
    yield "GS*RA*NORTHWIND*RIVERBANK*20261031*0915*5*X*005010"
    firsts = range(0, items, _ITEMS_EACH)
    for number, first in enumerate(firsts, start=1):
        indexes = range(first, min(first + _ITEMS_EACH, items))
        yield f"ST*820*{number:06}"
        yield f"BPR*C*{_decimal(sum(map(_paid_minor, indexes)))}*C*ACH*CTX************20261101"
        yield f"TRN*1*T{number:07}"
        yield f"N1*PR*NORTHWIND FOODS {number:05}*91*NW"
        yield "ENT*1"
        for index in indexes:
            paid = _paid_minor(index)
            yield f"RMR*IV*INV{index:07}*PI*{_decimal(paid)}*{_decimal(paid + 250)}*2.50"
            yield f"REF*PO*P{index:08}"
            yield f"DTM*003*2026{index % 12 + 1:02}{index % 28 + 1:02}"
        yield f"SE*{6 + 3 * len(indexes)}*{number:06}"
    yield f"GE*{len(firsts)}*5"
    yield "IEA*1*000000077"
