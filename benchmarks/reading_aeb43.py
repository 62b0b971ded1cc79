"""Reading an AEB43 file of 100,000 movements to values, beside a plain loop and other libraries.

The file is as a Spanish bank sends it for the account of a creditor: received transfers, each with a
reference and two records of text.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import importlib.util
import itertools
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
_ACCOUNT_MAX: Final = 50_000
_FEW: Final = 5_000
"""Movements for a peer that would need minutes for all."""


@attrs.frozen
class Answer:
    """How many entries a side saw, and what they sum up to in minor units."""

    entries: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside a loop by hand, and beside the libraries that read such a file."""
    yield Benchmark(
        name="aeb43: statement to typed values",
        size=ENTRIES,
        ours=functools.partial(ours, ENTRIES),
        peer_name="a plain loop: slices, Decimal, date",
        peer=functools.partial(plain_loop, ENTRIES),
        limit=2.0,
        check=_check,
        runs=5,
    )
    if importlib.util.find_spec("aeb43") is not None:
        yield Benchmark(
            name="aeb43: the same, beside aeb43",
            size=ENTRIES,
            ours=functools.partial(ours, ENTRIES),
            peer_name="aeb43",
            peer=functools.partial(tryton, ENTRIES),
            check=_check,
            runs=2,
        )
    if importlib.util.find_spec("csb43") is not None:
        yield Benchmark(
            name="aeb43: fewer movements, beside csb43",
            size=_FEW,
            ours=functools.partial(ours, _FEW),
            peer_name="csb43",
            peer=functools.partial(csb43, _FEW),
            check=_check,
            runs=2,
        )


def ours(entries: int) -> Answer:
    """What an application does: every entry and the statement as values, added up."""
    from receivables.receipts.model import BankEntry  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.aeb43.reader import Aeb43Reader  # noqa: PLC0415  # see above

    count = total = 0
    with statement_file(entries).open("rb") as stream:
        read = Aeb43Reader().read(stream, name="statement.n43")
        for row in read:
            if type(row) is BankEntry:
                count += 1
                total += row.amount_minor
    assert read.report.complete
    return Answer(count, total)


def plain_loop(entries: int) -> Answer:
    """What one writes by hand: slices, a Decimal and two dates of each movement, and its text."""
    count = 0
    total = Decimal(0)
    movement: tuple[object, ...] = ()
    with statement_file(entries).open(encoding="iso-8859-1") as lines:
        for line in lines:
            code = line[:2]
            if code == "22":
                amount = Decimal(line[28:42]) / 100
                if line[27] == "1":
                    amount = -amount
                movement = (
                    _date(line[10:16]),
                    _date(line[16:22]),
                    amount,
                    line[22:24],
                    line[24:27],
                    line[42:52].strip(),
                    line[52:64].strip(),
                    line[64:80].strip(),
                )
                count += 1
                total += amount
            elif code == "23":
                movement = (*movement, line[4:42].strip(), line[42:80].strip())
    return Answer(count, int(total * 100))


def _date(text: str) -> dt.date:
    return dt.date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))


def tryton(entries: int) -> Answer:
    """The reader of Tryton, which keeps every movement in memory."""
    from aeb43 import AEB43  # noqa: PLC0415  # a peer that may be missing

    accounts = AEB43(str(statement_file(entries)), encoding="iso-8859-1").accounts
    amounts = [one.amount for account in accounts for one in account.transactions]
    return Answer(len(amounts), int(sum(amounts, start=Decimal(0)) * 100))


def csb43(entries: int) -> Answer:
    """A reader that also writes, and checks each field."""
    from csb43.aeb43 import read_batch  # noqa: PLC0415  # a peer that may be missing

    with statement_file(entries).open("rb") as stream:
        accounts = read_batch(stream).accounts
    amounts = [one.amount for account in accounts for one in account.transactions]
    return Answer(len(amounts), int(sum(amounts, start=Decimal(0)) * 100))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer
    assert ours.sum_minor == sum(_amount_minor(index) for index in range(ours.entries))


@functools.cache
def statement_file(entries: int) -> Path:
    """A statement of so many movements in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-aeb43-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{entries}.n43"
    with path.open("w", encoding="iso-8859-1", newline="") as stream:
        stream.writelines(f"{record:<80}\r\n" for record in _records(entries))
    return path


def _amount_minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _records(entries: int) -> Iterator[str]:
    """Accounts of so many movements as record 33 can count, which has five digits for it."""
    count = 0
    for number, first in enumerate(range(0, entries, _ACCOUNT_MAX)):
        account = f"21000418{number:010}"
        indexes = range(first, min(first + _ACCOUNT_MAX, entries))
        total = sum(map(_amount_minor, indexes))
        yield f"11{account}2610012610312{0:014}9783{'MIRABELLE SL':<26}"
        yield from itertools.chain.from_iterable(map(_movement, indexes))
        yield f"33{account}{0:05}{0:014}{len(indexes):05}{total:014}2{total:014}978"
        count += 3 * len(indexes) + 2
    yield f"88{'9' * 18}{count:06}"


def _movement(index: int) -> Iterator[str]:
    day = f"2610{index % 28 + 1:02}"
    yield (
        f"22    0418{day}{day}040072{_amount_minor(index):014}{index:010}"
        f"{0:012}{f'PEDIDO{index % 977:06}':<16}"
    )
    yield f"2301{f'CLIENTE {index % 5_000} E HIJOS SL':<38}{f'FACTURA {index:07}':<38}"
    yield f"2302{'':<38}{index % 99_999_989:08}"
