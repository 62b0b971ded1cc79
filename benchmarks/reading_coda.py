"""Reading a CODA statement of 100,000 movements to values, beside a plain loop and febelfin-coda.

The file is as a Belgian bank sends it for the account of a creditor: received transfers, three
records each, half of them with a structured communication.
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

__all__ = ["ENTRIES", "benchmarks", "statement_file"]

ENTRIES: Final = 100_000
_STATEMENT_MAX: Final = 9_999
"""Movements of one statement, whose sequence number has four digits."""


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to in minor units."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside a loop by hand, and beside the library that reads such a file."""
    yield Benchmark(
        name="coda: statements to typed values",
        size=ENTRIES,
        ours=functools.partial(ours, ENTRIES),
        peer_name="a plain loop: slices, Decimal, date",
        peer=functools.partial(plain_loop, ENTRIES),
        limit=2.0,
        check=_check,
        runs=5,
    )
    if importlib.util.find_spec("coda") is not None:
        yield Benchmark(
            name="coda: the same, beside febelfin-coda",
            size=ENTRIES,
            ours=functools.partial(ours, ENTRIES),
            peer_name="febelfin-coda",
            peer=functools.partial(febelfin, ENTRIES),
            check=_check,
            runs=2,
        )


def ours(entries: int) -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.coda.reader import CodaReader  # noqa: PLC0415  # see above

    count = total = 0
    with statement_file(entries).open("rb") as stream:
        read = CodaReader().read(stream, name="statement.cod")
        for row in read:
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
    assert read.report.complete
    return Answer(count, total)


def plain_loop(entries: int) -> Answer:
    """What one writes by hand: slices, a Decimal and two dates of each movement, and its texts."""
    count = 0
    total = Decimal(0)
    movement: tuple[object, ...] = ()
    with statement_file(entries).open(encoding="cp1252") as lines:
        for line in lines:
            kind = line[:2]
            if kind == "21":
                amount = Decimal(line[32:47]) / 1000
                if line[31] == "1":
                    amount = -amount
                movement = (
                    line[2:6],
                    line[6:10],
                    line[10:31].strip(),
                    amount,
                    _date(line[47:53]),
                    line[53:61],
                    line[61],
                    line[62:115].strip(),
                    _date(line[115:121]),
                )
                count += 1
                total += amount
            elif kind == "22":
                movement = (
                    *movement,
                    line[10:63].strip(),
                    line[63:98].strip(),
                    line[98:109].strip(),
                )
            elif kind == "23":
                movement = (
                    *movement,
                    line[10:44].strip(),
                    line[47:82].strip(),
                    line[82:125].strip(),
                )
    assert len(movement) == 15
    return Answer(count, int(total * 100))


def _date(text: str) -> dt.date:
    return dt.date(2000 + int(text[4:]), int(text[2:4]), int(text[:2]))


def febelfin(entries: int) -> Answer:
    """The reader of Tryton, which keeps every movement in memory."""
    from coda import CODA  # noqa: PLC0415  # a peer that may be missing

    statements = CODA(str(statement_file(entries))).statements
    amounts = [move.amount for statement in statements for move in statement.moves]
    return Answer(len(amounts), int(sum(amounts, start=Decimal(0)) * 100))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer
    assert ours.sum_minor == sum(_amount_minor(index) for index in range(ours.entries))


@functools.cache
def statement_file(entries: int) -> Path:
    """A file of so many movements in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-coda-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.cod"
    with path.open("w", encoding="cp1252", newline="") as stream:
        stream.writelines(f"{record}\r\n" for record in _records(entries))
    return path


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _records(entries: int) -> Iterator[str]:
    account = f"{'BE68539007547034':<34}EUR"
    balance = 0
    for number, first in enumerate(range(0, entries, _STATEMENT_MAX), start=1):
        indexes = range(first, min(first + _STATEMENT_MAX, entries))
        credited = sum(map(_amount_minor, indexes))
        yield f"{'0000031102672505':<24}{number:010}{'BRASSERIE MIRABELLE SA':<26}{'KREDBEBB':<11}{'00' * 5}9 00000{'':<39}2"
        yield f"12{number:03}{account}0{balance * 10:015}301026{'BRASSERIE MIRABELLE SA':<26}{'':<35}{number:03}"
        for place, index in enumerate(indexes, start=1):
            yield from _movement(f"{place:04}0000", index)
        balance += credited
        yield f"8{number:03}{account}0{balance * 10:015}311026{'':<64}0"
        is_last = first + _STATEMENT_MAX >= entries
        records = 3 * len(indexes) + 2
        yield f"9{'':<15}{records:06}{0:015}{credited * 10:015}{'':<75}{2 if is_last else 1}"


def _movement(place: str, index: int) -> Iterator[str]:
    day = f"{index % 28 + 1:02}1026"
    if index % 2:
        said = f"1101{index % 10_000_000_000:010}{index % 97 or 97:02}"
    else:
        said = f"0FACTURE {index:07} MERCI"
    yield (
        f"21{place}{f'REF{index:010}':<21}0{_amount_minor(index) * 10:015}{day}00150000"
        f"{said:<54}{day}{1:03}01 0"
    )
    yield f"22{place}{'':<53}{f'E2E-{index:09}':<35}{'BBRUBEBB':<11}{'':<16}1 0"
    yield f"23{place}{f'BE{index % 97:02}{index:012}':<34}EUR{f'CLIENT {index % 5_000}':<35}{'':<43}0 0"
