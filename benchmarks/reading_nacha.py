"""Reading a NACHA file of 100,000 entries to advices, beside a loop that slices and converts.

The file is as a bank sends it to the account of a large creditor: corporate credits in batches of a
thousand, half of them with an addenda that names the invoice.
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

__all__ = ["ENTRIES", "benchmarks", "nacha_file"]

ENTRIES: Final = 100_000
_BATCH: Final = 1_000
_ROUTING: Final = "031300012"


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Every value of every entry beside the least that is done by hand, and beside `ach`."""
    yield Benchmark(
        name="nacha: entries to advices",
        size=ENTRIES,
        ours=ours,
        peer_name="a loop that slices, Decimal and date",
        peer=plain_loop,
        limit=2.0,
        check=_check,
        runs=5,
    )
    if importlib.util.find_spec("ach") is not None:
        yield Benchmark(
            name="nacha: entries to advices, side by side",
            size=ENTRIES,
            ours=ours,
            peer_name="ach 0.2, to dictionaries of texts",
            peer=of_ach,
            check=_check,
            runs=2,
        )


def of_ach() -> Answer:
    """What `ach` does: every field of every record as a text, the whole file in memory."""
    from ach.parser import Parser  # noqa: PLC0415  # a peer that may be missing

    batches = Parser(nacha_file(ENTRIES).read_text(encoding="ascii")).as_dict()["batches"]
    amounts = [
        int(entry["entry_detail"]["amount"]) for batch in batches for entry in batch["entries"]
    ]
    return Answer(len(amounts), sum(amounts))


def ours() -> Answer:
    """What an application does: every advice as a value, added up."""
    from receivables.receipts import PaymentAdvice  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.nacha.reader import NachaReader  # noqa: PLC0415  # see above

    count = total = 0
    with nacha_file(ENTRIES).open("rb") as stream:
        read = NachaReader().read(stream, name="october.ach")
        for row in read:
            if type(row) is PaymentAdvice:
                count += 1
                total += row.amount_minor
    assert read.report.complete
    return Answer(count, total)


def plain_loop() -> Answer:
    """What one writes by hand: slices, a Decimal and a date of each entry, its addenda's text."""
    count = total = 0
    day = None
    with nacha_file(ENTRIES).open(encoding="ascii") as stream:
        for line in stream:
            kind = line[0]
            if kind == "5":
                company = line[4:20].strip()
                date = line[69:75]
            elif kind == "6":
                day = dt.date(2000 + int(date[:2]), int(date[2:4]), int(date[4:]))
                amount = Decimal(line[29:39]) / 100
                _entry = (
                    company,
                    day,
                    line[1:3],
                    line[3:12],
                    line[12:29].strip(),
                    amount,
                    line[39:54].strip(),
                    line[54:76].strip(),
                    line[79:94],
                )
                count += 1
                total += int(amount * 100)
            elif kind == "7":
                _text = line[3:83].strip()
    return Answer(count, total)


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer == Answer(ENTRIES, sum(map(_amount_minor, range(ENTRIES))))


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


@functools.cache
def nacha_file(entries: int) -> Path:
    """A file of so many entries in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-nacha-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.ach"
    with path.open("w", encoding="ascii", newline="\n") as stream:
        stream.writelines(_records(entries))
    return path


def _records(entries: int) -> Iterator[str]:
    yield "101 0313000122313801042610310900A094101EXAMPLE BANK           EXAMPLE ORIGINATOR             \n"
    batches = range(0, entries, _BATCH)
    for number, first in enumerate(batches, start=1):
        yield from _batch(number, range(first, min(first + _BATCH, entries)))
    amount = sum(map(_amount_minor, range(entries)))
    count = entries + sum(1 for index in range(entries) if index % 2)
    yield (
        f"9{len(batches):06}{count // 10 + 1:06}{count:08}{_hash(entries)}{0:012}{amount:012}{'':39}\n"
    )


def _batch(number: int, indexes: range) -> Iterator[str]:
    company = f"CUSTOMER {number:07}"
    yield f"5220{company}{'':20}1234567890CCDPAYMENT         261031   103130001{number:07}\n"
    for index in indexes:
        yield (
            f"622{_ROUTING}{'123456789':17}{_amount_minor(index):010}{f'INV{index:07}':15}"
            f"{'EXAMPLE CREDITOR INC':22}  {index % 2}03130001{index % 10_000_000:07}\n"
        )
        if index % 2:
            text = f"Invoice {index:07} of October, thank you"
            yield f"705{text:80}0001{index % 10_000_000:07}\n"
    count = len(indexes) + sum(1 for index in indexes if index % 2)
    amount = sum(map(_amount_minor, indexes))
    yield (
        f"8220{count:06}{_hash(len(indexes))}{0:012}{amount:012}1234567890{'':25}03130001{number:07}\n"
    )


def _hash(entries: int) -> str:
    return f"{entries * int(_ROUTING[:8]) % 10**10:010}"
